"""The page of a named graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from api.descriptions.graphs import NamedGraph
from api.transport.formats import Format
from api.views.pages import Page

__all__ = ["GraphPage"]


@dataclass(frozen=True, slots=True)
class GraphPage(Page):
    """A named graph: what it holds, its triples in each format, and the file that has all graphs.

    `content` is the IRI of the document with the triples, `dump` the path of the file, "" where there is none.
    """

    template: ClassVar[str] = "graph.html"
    graph: NamedGraph
    content: str
    dump: str
    formats: tuple[Format, ...]
