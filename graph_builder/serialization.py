"""Writes graphs in a canonical order: the same quads give the same bytes.

N-Quads sorted by line (https://www.w3.org/TR/rdf-canon/ for blank nodes), and dumps of the default graph.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator

from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, Triple, serialize

from graph_builder.prefixes import PrefixMap
from graph_builder.terms import RDF, in_graph

__all__ = ["DUMPS", "REIFIED", "canonical", "dump", "reified", "sorted_nquads", "turtle"]

DUMPS = {
    "kip.ttl": RdfFormat.TURTLE,
    "kip.jsonld": RdfFormat.JSON_LD,
    "kip.nt.gz": RdfFormat.N_TRIPLES,
    "kip.rdf.gz": RdfFormat.RDF_XML,
    "kip.turtle12.gz": RdfFormat.TURTLE,
}
REIFIED = "kip.turtle12.gz"
"""The dump in which statements are the reifiers of RDF 1.2 (https://www.w3.org/TR/rdf12-concepts/#section-reifiers)."""
_PARTS = tuple(NamedNode(RDF + name) for name in ("subject", "predicate", "object"))
_REIFIES = NamedNode(RDF + "reifies")


def canonical(triples: Iterable[Triple]) -> set[Triple]:
    """The triples with the blank-node labels that RDFC-1.0 gives them."""
    dataset = Dataset(in_graph(triple) for triple in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {quad.triple for quad in dataset}


def sorted_nquads(quads: Iterable[Quad]) -> bytes:
    """N-Quads in the order of their bytes, each once."""
    text = serialize(quads, format=RdfFormat.N_QUADS)
    assert text is not None
    return b"".join(sorted(set(text.splitlines(keepends=True))))


def dump(name: str, triples: Iterable[Triple], prefixes: PrefixMap) -> bytes:
    """The bytes of a dump of `DUMPS`; `triples` in canonical order."""
    given = reified(triples) if name == REIFIED else triples
    text = serialize(given, format=DUMPS[name], prefixes=dict(prefixes.prefixes))
    assert text is not None
    return _gzipped(text) if name.endswith(".gz") else text


def reified(triples: Iterable[Triple]) -> Iterator[Triple]:
    """The triples with one `rdf:reifies` and its triple term in the place of subject, predicate and object.

    A node that lacks any of the three, or has one twice, is no statement and stays as it is.
    """
    ordered = list(triples)
    parts: dict[object, list[Triple]] = {}
    for triple in ordered:
        if triple.predicate in _PARTS:
            parts.setdefault(triple.subject, []).append(triple)
    whole = {node: _term(found) for node, found in parts.items()}
    for triple in ordered:
        term = whole.get(triple.subject) if triple.predicate in _PARTS else None
        if term is None:
            yield triple
        elif triple.predicate == _PARTS[0]:
            yield Triple(triple.subject, _REIFIES, term)


def _term(found: list[Triple]) -> Triple | None:
    by_part = {triple.predicate: triple.object for triple in found}
    values = [by_part.get(part) for part in _PARTS]
    subject, predicate, value = values
    if len(found) != len(_PARTS) or value is None:
        return None
    if not isinstance(subject, NamedNode) or not isinstance(predicate, NamedNode):
        return None
    return Triple(subject, predicate, value)


def turtle(triples: Iterable[Triple], prefixes: PrefixMap, names: Iterable[str]) -> bytes:
    """The triples as Turtle, each once and in a fixed order, with the prefixes of these names; no blank nodes."""
    shown = {name: prefixes.prefixes[name] for name in sorted(names)}
    text = serialize(sorted(set(triples), key=str), format=RdfFormat.TURTLE, prefixes=shown)
    assert text is not None
    return text


def _gzipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", filename="", mtime=0) as archive:
        archive.write(data)
    return buffer.getvalue()
