"""Pictures that need no script: SVG with a title and a description, coloured by the style sheet.

SVG 2, section 5.8 (https://www.w3.org/TR/SVG2/struct.html#DescriptionAndTitleElements).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from api.wording.display import Language
from api.wording.strings import say

__all__ = ["SIZE", "Drawing", "fitted", "in_units", "width_of"]

SIZE = 13
"""Of letters, in the units of the drawing; the style sheet has the same."""


def width_of(text: str, size: float = SIZE) -> float:
    """About how wide a text is: Hangul and Hanja are square, other letters a good half as wide.

    >>> width_of("정책") > width_of("ab")
    True
    """
    return sum(size if unicodedata.east_asian_width(each) in "WF" else size * 0.56 for each in text)


def fitted(text: str, room: float, size: float = SIZE) -> str:
    """The text, shortened where it needs more room.

    >>> fitted("스마트공장 보급", 60)
    '스마트공…'
    """
    if width_of(text, size) <= room:
        return text
    while text and width_of(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def in_units(said: str, units: Iterable[str], language: Language) -> str:
    """What a picture holds, with the units of what it measures, as far as there are any.

    >>> in_units("막대 2개", ["원", ""], "ko"), in_units("막대 2개", [""], "ko")
    ('막대 2개, 단위: 원', '막대 2개')
    """
    named = ", ".join(filter(None, units))
    return f"{said}, {say('chart-units', language, units=named)}" if named else said


class Drawing:
    """A picture of a size; what is drawn later lies above. `tip` is what a mark says when it is pointed at."""

    def __init__(self, width: float, height: float, title: str, description: str) -> None:
        box = {"viewBox": f"0 0 {width:g} {height:g}", "width": f"{width:g}", "height": f"{height:g}"}
        names = {"role": "img", "aria-labelledby": "chart-title", "aria-describedby": "chart-description"}
        self._root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **box, **names})
        SubElement(self._root, "title", {"id": "chart-title"}).text = title
        SubElement(self._root, "desc", {"id": "chart-description"}).text = description

    def markup(self) -> Markup:
        """The picture as HTML takes it; every text in it is escaped."""
        return Markup(tostring(self._root, encoding="unicode"))

    def text(self, x: float, y: float, words: str, cls: str = "", anchor: str = "start", tip: str = "") -> None:
        """Words that begin, have their middle or end at a point on their base line."""
        given = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}
        mark = self._mark("text", given, cls, "")
        mark.text = words
        if tip and tip != words:
            SubElement(mark, "title").text = tip

    def box(self, x: float, y: float, width: float, height: float, cls: str, tip: str = "", round_: float = 2) -> None:
        """A rectangle."""
        size = {"width": f"{max(width, 1):.1f}", "height": f"{height:.1f}", "rx": f"{round_:g}"}
        self._mark("rect", {"x": f"{x:.1f}", "y": f"{y:.1f}", **size}, cls, tip)

    def dot(self, x: float, y: float, radius: float, cls: str, tip: str = "") -> None:
        """A circle."""
        self._mark("circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": f"{radius:g}"}, cls, tip)

    def line(self, x1: float, y1: float, x2: float, y2: float, cls: str = "axis") -> None:
        """A straight line."""
        ends = {"x1": f"{x1:.1f}", "y1": f"{y1:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}"}
        self._mark("line", ends, cls, "")

    def path(self, course: str, cls: str, tip: str = "") -> None:
        """A path of SVG's own commands."""
        self._mark("path", {"d": course}, cls, tip)

    def _mark(self, tag: str, attributes: dict[str, str], cls: str, tip: str) -> Element:
        mark = SubElement(self._root, tag, attributes | ({"class": cls} if cls else {}))
        if tip:
            SubElement(mark, "title").text = tip
        return mark
