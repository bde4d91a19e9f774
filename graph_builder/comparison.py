"""Compares two releases entity by entity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import DefaultGraph, RdfFormat, parse

from graph_builder.errors import ReleaseError

__all__ = ["Change", "compare", "subjects_of"]


@dataclass(frozen=True, slots=True)
class Change:
    """What differs about one subject: the lines "predicate object" that only one of the releases has."""

    subject: str
    kind: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


def subjects_of(release: Path) -> Mapping[str, frozenset[str]]:
    """The triples of a release's default graph by subject, as N-Triples text. Raises ReleaseError."""
    path = release / "dataset.nq"
    if not path.is_file():
        raise ReleaseError(f"{release}: no release (no dataset.nq); name a folder below build/releases")
    found: defaultdict[str, set[str]] = defaultdict(set)
    for quad in parse(path=str(path), format=RdfFormat.N_QUADS):
        if quad.graph_name == DefaultGraph():
            found[str(quad.subject)].add(f"{quad.predicate} {quad.object}")
    return {subject: frozenset(lines) for subject, lines in found.items()}


def compare(old: Path, new: Path) -> Iterator[Change]:
    """The changes from one release to another, in the order of subjects; kind is added, removed or changed."""
    before, after = subjects_of(old), subjects_of(new)
    for subject in sorted(before.keys() | after.keys()):
        was, now = before.get(subject, frozenset()), after.get(subject, frozenset())
        if was != now:
            kind = "changed" if was and now else "added" if now else "removed"
            yield Change(subject, kind, tuple(sorted(now - was)), tuple(sorted(was - now)))
