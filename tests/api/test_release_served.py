"""The checkout's own release, served: what every reader opens first is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from tests.api.conftest import serving
from tests.api.markup import read_html
from tests.api.site import BROWSER

pytestmark = pytest.mark.slow
PAGES = ("/", "/query", "/docs", "/about", "/quality", "/articles", "/def", "/shapes", "/list/program")


@pytest.fixture(scope="module")
def client(release: Path) -> Iterator[httpx.Client]:
    with serving(release, KIP_WORKERS="2") as opened:
        yield opened


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_answered_whole(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"Accept": BROWSER})
    assert answer.status_code == 200
    read_html(answer.text)


def test_the_endpoint_describes_every_graph_of_the_release(client: httpx.Client) -> None:
    answer = client.get("/sparql")
    assert answer.status_code == 200, answer.text
    triples = list(parse(answer.content, format=RdfFormat.TURTLE))
    named = {str(each.object) for each in triples if each.predicate.value.endswith("service-description#name")}
    query = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    rows = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    assert named == {f"<{row['g']['value']}>" for row in rows}
    assert len(named) >= 9
