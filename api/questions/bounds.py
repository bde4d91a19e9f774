"""What can be said of a sum whose summands are about, at least or at most so much.

The rule is that of the queries which add amounts (queries/README.md, "Sums of money").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.wording.display import Language
from api.wording.strings import say

__all__ = ["Bound", "worded"]

_AT_LEAST, _AT_MOST, _ABOUT = "bound-at-least", "bound-at-most", "bound-about"
_MEANS: Mapping[str, str] = {
    "about": _ABOUT,
    "between": _ABOUT,
    "at-least": _AT_LEAST,
    "more-than": _AT_LEAST,
    "plus": _AT_LEAST,
    "at-most": _AT_MOST,
    "less-than": _AT_MOST,
}


@dataclass(frozen=True, slots=True)
class Bound:
    """How exact a number is: the code of the scheme of bounds, and its name in the language of the reader."""

    code: str
    name: str


def worded(number: str, bounds: Iterable[Bound], language: Language) -> str:
    """A sum with the bound that follows from those of its summands; empty where nothing can be said.

    >>> worded("3", [Bound("about", "약"), Bound("exact", "정확")], "ko"), worded("3", [], "ko")
    ('3 (약)', '3')
    >>> worded("3", [Bound("at-least", "이상"), Bound("at-most", "이하")], "ko")
    ''
    """
    told = {each for each in bounds if each.code in _MEANS}
    means = {_MEANS[each.code] for each in told}
    if {_AT_LEAST, _AT_MOST} <= means:
        return ""
    if len(told) < 2:
        return f"{number} ({told.pop().name})" if told else number
    strongest = next(each for each in (_AT_LEAST, _AT_MOST, _ABOUT) if each in means)
    return f"{number} ({say(strongest, language)})"
