"""Writes graphs in a canonical order: the same quads give the same bytes.

N-Quads sorted by line (https://www.w3.org/TR/rdf-canon/ for blank nodes), and dumps of the default graph.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable

from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Triple, serialize

from graph_builder.prefixes import PrefixMap
from graph_builder.terms import in_graph

__all__ = ["DUMPS", "canonical", "dump", "sorted_nquads", "turtle"]

DUMPS = {
    "kip.ttl": RdfFormat.TURTLE,
    "kip.jsonld": RdfFormat.JSON_LD,
    "kip.nt.gz": RdfFormat.N_TRIPLES,
    "kip.rdf.gz": RdfFormat.RDF_XML,
}


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
    text = serialize(triples, format=DUMPS[name], prefixes=dict(prefixes.prefixes))
    assert text is not None
    return _gzipped(text) if name.endswith(".gz") else text


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
