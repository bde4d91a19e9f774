"""One statement as a nanopublication, in a format that has named graphs (https://nanopub.net/guidelines/working_draft/)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, serialize

from api.engine.prologue import PREFIXED, ordered
from api.engine.results import Term
from api.transport.formats import Format, of_kind
from graph_builder.prefixes import PrefixMap

__all__ = ["DATASETS", "published"]

DATASETS: tuple[Format, ...] = tuple(
    sorted(
        (row for row in of_kind("graph") if row.name in ("trig", "nquads", "jsonld")),
        key=lambda row: row.name != "trig",
    )
)
"""The formats that can write a nanopublication, TriG first."""
_PREFIXES = {"np": "http://www.nanopub.org/nschema#"}


def published(rows: Iterable[Mapping[str, Term]], row: Format, names: PrefixMap, iri: str) -> bytes:
    """The rows ?graph ?s ?p ?o of a nanopublication in a format; `iri` is its own."""
    quads = [
        Quad(NamedNode(each["s"].value), NamedNode(each["p"].value), _node(each["o"]), NamedNode(each["graph"].value))
        for each in rows
    ]
    prefixes = {"this": f"{iri}#", **_PREFIXES, **names.prefixes}
    body = serialize(quads, format=RdfFormat.from_extension(row.suffix), prefixes=prefixes) or b""
    return ordered(body, sparing=True) if row.engine in PREFIXED else body


def _node(term: Term) -> NamedNode | BlankNode | Literal:
    if term.kind == "iri":
        return NamedNode(term.value)
    if term.kind == "bnode":
        return BlankNode(term.value)
    if term.lang:
        return Literal(term.value, language=term.lang)
    return Literal(term.value, datatype=NamedNode(term.datatype)) if term.datatype else Literal(term.value)
