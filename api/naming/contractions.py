"""How newspapers shorten the names of bodies: some syllables in their order, as in 신보 for 신용보증기금."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from api.naming.entities import fold

__all__ = ["Contractions", "cover"]

_Thing = TypeVar("_Thing")
# What stands before the name proper, and is often left out.
_LEADING = ("한국", "대한", "국립", "대통령직속", "민관합동", "국회", "주식회사")
_SHORTEST, _LONGEST = 2, 7
# A name of which less is left is not known by it.
_LEAST = 0.15


def cover(short: str, name: str) -> float:
    """How much of a name a contraction keeps; 0 where it is none.

    >>> cover("신보", "신용보증기금"), cover("보신", "신용보증기금")
    (0.3333333333333333, 0.0)
    """
    rest = iter(name)
    kept = name.startswith(short[:1]) and all(syllable in rest for syllable in short)
    return len(short) / len(name) if kept and len(short) < len(name) else 0.0


class Contractions(Generic[_Thing]):
    """Names with what bears them, found by their contractions.

    >>> Contractions([("한국전력공사", "kepco"), ("신용보증기금", "kodit")]).find("한전")
    [('kepco', 0.3333333333333333)]
    """

    def __init__(self, names: Iterable[tuple[str, _Thing]]) -> None:
        self._by_first: dict[str, list[tuple[str, _Thing]]] = {}
        for name, thing in names:
            for spelling in _spellings(fold(name)):
                self._by_first.setdefault(spelling[0], []).append((spelling, thing))

    def find(self, text: str) -> list[tuple[_Thing, float]]:
        """What a text may be short for, that of which it keeps most first."""
        short = fold(text)
        if not (_SHORTEST <= len(short) <= _LONGEST and any("가" <= letter <= "힣" for letter in short)):
            return []
        best: dict[_Thing, float] = {}
        for name, thing in self._by_first.get(short[0], ()):
            best[thing] = max(best.get(thing, 0.0), cover(short, name))
        found = [(thing, share) for thing, share in best.items() if share >= _LEAST]
        return sorted(found, key=lambda pair: -pair[1])


def _spellings(name: str) -> Iterator[str]:
    """The name, and what is left of it without what stands before."""
    if name:
        yield name
    yield from (name[len(lead) :] for lead in _LEADING if name.startswith(lead) and len(name) > len(lead) + 1)
