"""One statement as a nanopublication over HTTP: each body parsed as what its header claims."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from pyoxigraph import NamedNode, RdfFormat, parse

from tests.api.site import get, site

BASE = "https://w3id.org/kip/"
THIS = "np/test-1/1111111111111111"


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


def test_the_key_leads_to_the_release_that_is_served(app: FastAPI) -> None:
    answer = get(app, "/np/1111111111111111", "application/trig")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{THIS}")


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        (f"/{THIS}", "*/*", "application/trig"),
        (f"/{THIS}", "application/n-quads", "application/n-quads"),
        (f"/{THIS}.trig", "*/*", "application/trig"),
        (f"/{THIS}.nq", "*/*", "application/n-quads"),
        (f"/{THIS}.jsonld", "*/*", "application/ld+json"),
        (f"/{THIS}?format=nquads", "text/html", "application/n-quads"),
    ],
)
def test_it_is_head_assertion_provenance_and_info(app: FastAPI, path: str, accept: str, media_type: str) -> None:
    answer = get(app, path, accept)
    assert answer.headers["content-type"] == media_type
    kind = RdfFormat.from_media_type(media_type)
    assert kind is not None
    quads = set(parse(answer.content, format=kind))
    graphs = {str(quad.graph_name.value) for quad in quads}
    assert {f"{BASE}{THIS}#{name}" for name in ("Head", "assertion", "provenance")} <= graphs
    (fact,) = [quad for quad in quads if quad.graph_name == NamedNode(f"{BASE}{THIS}#assertion")]
    assert fact.subject == NamedNode(f"{BASE}id/program/smart-factory-rollout")
    assert fact.object == NamedNode(f"{BASE}scheme/sector/manufacturing")
    assert any(quad.subject == NamedNode(f"{BASE}{THIS}#assertion") for quad in quads)
    assert f'<{BASE}{THIS}>; rel="describes"' in answer.headers["link"]
    assert get(app, path, accept, If_None_Match=answer.headers["etag"]).status_code == 304


@pytest.mark.parametrize(
    "path", ["/np/other/1111111111111111", "/np/test-1/0000000000000000", "/np/test-1/a%3E%20%7B%7D", "/np/test-1/%20"]
)
def test_what_is_not_published_is_404(app: FastAPI, path: str) -> None:
    assert get(app, path, "application/trig").status_code == 404


def test_a_format_without_named_graphs_is_refused(app: FastAPI) -> None:
    answer = get(app, f"/{THIS}", "text/turtle")
    assert answer.status_code == 406
    assert {each["format"] for each in answer.json()["alternatives"]} == {"trig", "nquads", "jsonld"}
