"""Each statement as a nanopublication, in one file (https://nanopub.net/guidelines/working_draft/).

Head, assertion, provenance and publication info are named graphs below an IRI that names the release, so that what was
published under it never changes. The query that says what they hold is the one that the server asks for a single one.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple, serialize

from graph_builder.prefixes import PrefixMap, rebase
from graph_builder.terms import in_graph

__all__ = ["NANOPUBLICATIONS", "nanopublications"]

NANOPUBLICATIONS = "nanopubs.trig.gz"
_VERSION = "VALUES ?version { UNDEF }"
_PREFIXES = {"np": "http://www.nanopub.org/nschema#"}


def nanopublications(query: Path, triples: Iterable[Triple], version: str, prefixes: PrefixMap) -> bytes:
    """All nanopublications of a graph as TriG, packed; the same graph gives the same bytes."""
    text = rebase(query.read_text(encoding="utf-8"), prefixes.base)
    # all of them are put in order below
    text = text.replace(_VERSION, f'VALUES ?version {{ "{version}" }}').rpartition("ORDER BY")[0]
    store = Store()
    store.bulk_extend(in_graph(triple) for triple in triples)
    quads = sorted(set(_quads(store, text)), key=lambda quad: (str(quad.graph_name), str(quad)))
    names = {**prefixes.prefixes, **_PREFIXES}
    written = serialize(quads, format=RdfFormat.TRIG, prefixes=names)
    assert written is not None, "there is a result where there is no output"
    return gzip.compress(written, mtime=0)


def _quads(store: Store, query: str) -> Iterator[Quad]:
    rows = store.query(query)
    assert isinstance(rows, QuerySolutions), "a SELECT query has solutions"
    for row in rows:
        subject, predicate, graph = row["s"], row["p"], row["graph"]
        if isinstance(subject, NamedNode) and isinstance(predicate, NamedNode) and isinstance(graph, NamedNode):
            yield Quad(subject, predicate, row["o"], graph)
