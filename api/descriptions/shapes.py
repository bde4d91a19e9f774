"""The shapes that the data was validated with, as one graph and as a table (SHACL, https://www.w3.org/TR/shacl/)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse, serialize

from api.engine.prologue import PREFIXED, ordered
from api.transport.formats import Format
from graph_builder.prefixes import PrefixMap, rebase

__all__ = ["ShapeOutline", "outline", "read_shapes", "written"]

_TARGETS = ("sh:targetClass", "sh:targetSubjectsOf", "sh:targetObjectsOf")


@dataclass(frozen=True, slots=True)
class ShapeOutline:
    """A node shape by IRIs: what it applies to, and the properties that it checks."""

    shape: str
    targets: tuple[str, ...]
    paths: tuple[str, ...]


@lru_cache(maxsize=2)
def read_shapes(base: str, folder: Path) -> tuple[Triple, ...]:
    """The triples of all Turtle files of a folder, read once, with their blank nodes kept apart."""
    texts = (rebase(path.read_text(encoding="utf-8"), base) for path in sorted(folder.glob("*.ttl")))
    quads = (quad for text in texts for quad in parse(text, format=RdfFormat.TURTLE, rename_blank_nodes=True))
    return tuple(quad.triple for quad in quads)


def written(triples: Iterable[Triple], row: Format, prefixes: PrefixMap) -> bytes:
    """The graph in a format."""
    known = RdfFormat.from_extension(row.suffix) or RdfFormat.TURTLE
    body = serialize(triples, format=known, prefixes=dict(prefixes.prefixes)) or b""
    return ordered(body, sparing=True) if row.engine in PREFIXED else body


def outline(triples: Iterable[Triple], prefixes: PrefixMap) -> tuple[ShapeOutline, ...]:
    """Every node shape that has an IRI, in the order of their IRIs."""
    index: dict[NamedNode | BlankNode, dict[str, list[NamedNode | BlankNode]]] = {}
    for subject, predicate, value in triples:
        if isinstance(subject, NamedNode | BlankNode) and isinstance(value, NamedNode | BlankNode):
            index.setdefault(subject, {}).setdefault(predicate.value, []).append(value)
    kind, node_shape = prefixes.expand("rdf:type"), prefixes.expand("sh:NodeShape")
    shapes = [s for s, links in index.items() if any(each.value == node_shape for each in links.get(kind, ()))]
    property_, path = prefixes.expand("sh:property"), prefixes.expand("sh:path")

    def iris(links: dict[str, list[NamedNode | BlankNode]], *names: str) -> tuple[str, ...]:
        return tuple(
            sorted({each.value for name in names for each in links.get(name, ()) if isinstance(each, NamedNode)})
        )

    return tuple(
        ShapeOutline(
            shape.value,
            iris(index[shape], *map(prefixes.expand, _TARGETS)),
            tuple(
                dict.fromkeys(
                    iri for each in index[shape].get(property_, ()) for iri in iris(index.get(each, {}), path)
                )
            ),
        )
        for shape in sorted(shapes, key=lambda each: each.value)
        if isinstance(shape, NamedNode)
    )
