"""The named graphs at their own IRIs: each body parsed as what its header claims."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from api.descriptions.nanopublications import DATASETS
from api.transport.formats import Format, of_kind
from tests.api.markup import find, read_html, text
from tests.api.site import BROWSER, FIXTURE, get, site

VOCAB = NamedNode("https://w3id.org/kip/graph/vocab")
INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
TRIPLES = NamedNode("http://rdfs.org/ns/void#triples")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


@pytest.fixture(scope="module")
def held() -> set[Quad]:
    """The quads of the graph."""
    store = Store()
    store.load(path=FIXTURE, format=RdfFormat.TRIG)
    return set(store.quads_for_pattern(None, None, None, VOCAB))


def read(body: bytes, content_type: str) -> list[Quad]:
    kind = RdfFormat.from_media_type(content_type.partition(";")[0])
    assert kind is not None
    return list(parse(body, format=kind))


@pytest.mark.parametrize("row", of_kind("graph"), ids=lambda row: row.name)
def test_a_graph_is_described_in_each_format(app: FastAPI, row: Format, held: set[Quad]) -> None:
    answer = get(app, "/graph/vocab", row.media_type)
    assert (answer.status_code, answer.headers["content-type"]) == (200, row.content_type)
    assert answer.headers["content-location"] == f"/graph/vocab.{row.suffix}"
    assert f'<{VOCAB.value}>; rel="describes"' in answer.headers["link"]
    said = read(answer.content, row.media_type)
    (count,) = [quad.object for quad in said if (quad.subject, quad.predicate) == (VOCAB, TRIPLES)]
    assert count == Literal(str(len(held)), datatype=INTEGER)
    assert get(app, f"/graph/vocab.{row.suffix}", "*/*").content == answer.content


@pytest.mark.parametrize("row", of_kind("graph"), ids=lambda row: row.name)
def test_its_triples_come_in_each_format_and_as_quads_where_it_has_named_graphs(
    app: FastAPI, row: Format, held: set[Quad]
) -> None:
    answer = get(app, f"/data/graph/vocab.{row.suffix}", "*/*")
    assert (answer.status_code, answer.headers["content-type"]) == (200, row.content_type)
    found = read(answer.content, row.media_type)
    assert {quad.triple for quad in found} == {quad.triple for quad in held}
    if row.name in {each.name for each in DATASETS}:
        assert {quad.graph_name for quad in found} == {VOCAB}
    assert '</graph/vocab>; rel="describedby"' in answer.headers["link"]
    assert get(app, f"/data/graph/vocab.{row.suffix}", If_None_Match=answer.headers["etag"]).status_code == 304


@pytest.mark.parametrize("row", DATASETS, ids=lambda row: row.name)
def test_many_triples_come_in_parts_that_overlap_nowhere(app: FastAPI, row: Format, held: set[Quad]) -> None:
    path, found, seen = f"/data/graph/vocab.{row.suffix}?limit=7", list[Quad](), 0
    while path:
        answer = get(app, path, "*/*")
        part = read(answer.content, row.media_type)
        assert answer.status_code == 200 and 0 < len(part) <= 7
        found, seen = found + part, seen + 1
        links = {rel: href for href, _, rel in (each.partition(">; ") for each in answer.headers["link"].split(", <"))}
        path = links.get('rel="next"', "").lstrip("<")
    assert seen == -(-len(held) // 7)
    assert len(found) == len(set(found)) and set(found) == held
    beyond = get(app, f"/data/graph/vocab.{row.suffix}?limit=7&page={seen + 1}", "*/*")
    assert beyond.status_code == 404


def test_a_browser_gets_a_page_that_leads_to_the_triples(app: FastAPI, held: set[Quad]) -> None:
    answer = get(app, "/graph/vocab?lang=en", BROWSER)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    root = read_html(answer.text)
    assert "The ontology and the concept schemes" in text(root)
    assert str(len(held)) in [text(each) for each in find(root, "dd")]
    hrefs = {each.get("href") for each in find(root, "a")}
    assert {f"/data/graph/vocab.{row.suffix}" for row in of_kind("graph")} <= hrefs


@pytest.mark.parametrize("path", ["/graph/nope", "/graph/", "/data/graph/nope.ttl", "/graph/article/nope"])
def test_a_graph_that_the_release_has_not_is_404_with_those_that_it_has(app: FastAPI, path: str) -> None:
    answer = get(app, path, "text/turtle")
    assert (answer.status_code, VOCAB.value in answer.json()["nearest"]) == (404, True)


def test_what_no_graph_is_written_in_is_406(app: FastAPI) -> None:
    assert get(app, "/data/graph/vocab", "text/html").status_code == 406
    assert get(app, "/graph/vocab", "image/png").status_code == 406
