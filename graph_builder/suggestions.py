"""Nearest valid names for a name that is wrong."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

__all__ = ["did_you_mean", "nearest"]


def nearest(name: str, known: Iterable[str], limit: int = 3, cutoff: float = 60) -> list[str]:
    """The known names most like `name`, best first; ties in alphabetical order.

    >>> nearest("hasSectr", ["hasTarget", "hasSector", "value"])
    ['hasSector']
    """
    found = process.extract(name, sorted(known), scorer=fuzz.ratio, limit=limit, score_cutoff=cutoff)
    return [match for match, _, _ in found]


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest valid names, and what else to do.

    >>> did_you_mean("hasSectr", ["hasTarget", "hasSector"])
    "did you mean 'hasSector'?"
    """
    names = nearest(name, known)
    if not names:
        return otherwise or "see data/README.md"
    question = f"did you mean {' or '.join(map(repr, names))}?"
    return f"{question} Otherwise {otherwise}" if otherwise else question
