"""The same graph is the same bytes, whichever process writes it."""

from __future__ import annotations

import random
from pathlib import Path

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

from api.engine.prologue import PREFIXED, ordered
from api.transport.formats import of_kind
from tests.api.conftest import serving

NAMES = {name: f"http://{name or 'none'}.org/" for name in ("e", "f", "", "g-h", "unused", "i")}
GRAPH = [
    Triple(NamedNode("http://e.org/s"), NamedNode("http://f.org/p"), Literal("i:not\n@prefix i: <http://x/> .\n")),
    Triple(NamedNode("http://e.org/s"), NamedNode("http://f.org/p"), NamedNode("http://none.org/o")),
    Triple(NamedNode("http://e.org/s"), NamedNode("http://f.org/q"), NamedNode("http://g-h.org/o")),
]


def written(name: str, order: list[str], sparing: bool) -> bytes:
    prefixes = {each: NAMES[each] for each in order}
    return ordered(serialize(GRAPH, format=getattr(RdfFormat, name), prefixes=prefixes) or b"", sparing)


@pytest.mark.parametrize("sparing", [True, False])
@pytest.mark.parametrize("name", sorted(PREFIXED))
def test_prefixes_stand_in_one_order_and_the_graph_stays_what_it_is(name: str, sparing: bool) -> None:
    orders = [random.Random(seed).sample(list(NAMES), len(NAMES)) for seed in range(20)]
    assert len({written(name, order, sparing) for order in orders}) == 1
    body = written(name, orders[0], sparing)
    assert {quad.triple for quad in parse(body, format=getattr(RdfFormat, name))} == set(GRAPH)
    if name != "RDF_XML":
        assert (b"@prefix unused:" in body) is not sparing


def test_a_document_without_prefixes_stays_what_it_is() -> None:
    for name in ("N_TRIPLES", "TURTLE"):
        body = serialize(GRAPH, format=getattr(RdfFormat, name)) or b""
        assert ordered(body, sparing=True) == body


@pytest.mark.slow
def test_every_server_gives_a_description_the_same_validator(small_release: Path, server: httpx.Client) -> None:
    queries = ["DESCRIBE org:shinhan-bank", "CONSTRUCT WHERE { ?s kip:position ?o }"]
    asked = [(query, row.media_type) for query in queries for row in of_kind("graph")]

    def answers(client: httpx.Client) -> list[bytes]:
        return [client.get("/sparql", params={"query": q}, headers={"Accept": a}).content for q, a in asked]

    first = answers(server)
    assert all(answers(server) == first for _ in range(3))
    with serving(small_release, KIP_WORKERS="2", KIP_RESULT_ROWS="2000") as other:
        assert answers(other) == first
