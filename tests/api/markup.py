"""Reads HTML into a tree and refuses what is not well nested."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, TreeBuilder

__all__ = ["find", "links", "read_html", "rows", "text"]

_VOID = frozenset({"meta", "link", "input", "br", "img", "hr"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tree = TreeBuilder()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        self.tree.start(tag, {name: value or "" for name, value in attrs})
        if tag in _VOID:
            self.tree.end(tag)
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]} at {self.getpos()}"
        self.open.pop()
        self.tree.end(tag)

    def handle_data(self, data: str) -> None:
        if self.open:
            self.tree.data(data)


def read_html(body: str) -> Element:
    """The root of a document. Raises AssertionError where it is not well nested."""
    assert body.startswith("<!DOCTYPE html>")
    reader = _Reader()
    reader.feed(body)
    reader.close()
    assert not reader.open, f"never closed: {reader.open}"
    return reader.tree.close()


def text(element: Element | None) -> str:
    """All text of an element, blanks made one."""
    assert element is not None
    return " ".join("".join(element.itertext()).split())


def find(element: Element, tag: str, **attributes: str) -> list[Element]:
    """Every element below with this tag and these attributes; `cls` is one of its classes, `data_x` is data-x."""
    wanted = {name.replace("_", "-"): value for name, value in attributes.items() if name != "cls"}
    cls = attributes.get("cls")
    return [
        each
        for each in element.iter(tag)
        if all(each.get(name) == value for name, value in wanted.items())
        and (not cls or cls in each.get("class", "").split())
    ]


def links(element: Element) -> dict[str, str]:
    """The text of each link with its target."""
    return {text(each): each.get("href", "") for each in element.iter("a")}


def rows(element: Element) -> Iterator[list[str]]:
    """The cells of each row of the tables below, as text."""
    for row in element.iter("tr"):
        yield [text(cell) for cell in row if cell.tag in ("th", "td")]
