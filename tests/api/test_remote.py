"""A server over an engine that is not its own: fenced in, limited and told of like the others."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.engine.jobs import StoreSource
from api.engine.stores import open_store
from api.engine.stores.connection import Endpoint
from api.transfer.loading import Loader
from graph_builder.errors import ReleaseError
from graph_builder.prefixes import DEFAULT_BASE
from tests.api.conftest import CROSS_PRODUCT, serving
from tests.canary import canary
from tests.engines import RemoteEngine, free_port, oxigraph, virtuoso

KCCI = "SELECT ?name { <id/org/kcci> rdfs:label ?name }"


def load(engine: RemoteEngine, release: Path) -> None:
    """Bring the release there, whatever was there."""
    endpoint = Endpoint(engine.url, engine.user, engine.password)
    with closing(Loader(release, endpoint, "", lambda *_: None)) as loader:
        assert loader.load().right


def ask(client: httpx.Client, query: str, **more: str | list[str]) -> httpx.Response:
    """The answer to a query, as CSV where it is a table."""
    return client.get("/sparql", params={"query": query, **more}, headers={"Accept": "text/csv, text/turtle;q=0.9"})


@pytest.fixture(scope="module")
def remote_server(oxigraph_engine: RemoteEngine, small_release: Path) -> Iterator[httpx.Client]:
    load(oxigraph_engine, small_release)
    environment = oxigraph_engine.environment | {"KIP_WORKERS": "2", "KIP_QUERY_SECONDS": "2"}
    with serving(small_release, KIP_STORE="remote", **environment) as client:
        yield client


def test_queries_pages_and_descriptions_come_from_the_engine(remote_server: httpx.Client) -> None:
    assert "대한상공회의소" in ask(remote_server, KCCI).text.splitlines()
    described = remote_server.get("/data/org/kcci.ttl", follow_redirects=True)
    assert (described.status_code, "대한상공회의소" in described.text) == (200, True)
    page = remote_server.get("/page/org/kcci", headers={"Accept": "text/html"})
    assert (page.status_code, "대한상공회의소" in page.text) == (200, True)


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ("SELECT ?s { ?s ?p", 400, "query-syntax"),
        ("SELECT ?s { ?s none:p ?o }", 400, "query-syntax"),
        ("SELECT ?s { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 403, "query-refused"),
        ('SELECT (<bif:http_get>("http://127.0.0.1:1/") AS ?x) {}', 500, "query-failed"),
        ("SELECT ?s { ?s <java:org.example.Fetch> ?o }", 403, "query-refused"),
        ("CLEAR ALL", 403, "query-refused"),
        (CROSS_PRODUCT, 504, "query-timeout"),
    ],
)
def test_what_is_not_answered_is_told_as_by_the_other_stores(
    remote_server: httpx.Client, server: httpx.Client, query: str, status: int, kind: str
) -> None:
    answer = ask(remote_server, query)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind)
    if kind in ("query-syntax", "query-failed"):
        assert answer.json()["detail"] == ask(server, query).json()["detail"]
    assert ask(remote_server, KCCI).status_code == 200


@pytest.mark.slow
def test_every_ready_made_question_has_the_rows_that_the_memory_has(release: Path) -> None:
    generous = {"KIP_WORKERS": "2", "KIP_CLIENT_SECONDS": "0"}
    with oxigraph() as engine:
        load(engine, release)
        remote = {"KIP_STORE": "remote", **engine.environment}
        with serving(release, **generous) as here, serving(release, **generous, **remote) as there:
            questions = here.get("/api/queries").json()["queries"]
            answers = {question["id"]: [_rows(client, question) for client in (here, there)] for question in questions}
    assert len(answers) >= 60
    assert [name for name, (ours, theirs) in answers.items() if ours != theirs] == []


def _rows(client: httpx.Client, question: dict[str, Any]) -> list[str]:
    """The rows of a question's example; what has no order has none here."""
    answer = client.get(
        f"/api/queries/{question['id']}", params=question.get("example") or {}, headers={"Accept": "text/csv"}
    )
    assert answer.status_code == 200, answer.text
    return sorted(answer.text.splitlines())


@pytest.mark.slow
def test_an_engine_that_cuts_answers_is_not_served(small_release: Path, tmp_path: Path) -> None:
    with virtuoso(tmp_path, rows=1000) as engine:
        load(engine, small_release)
        source = StoreSource("remote", str(small_release), DEFAULT_BASE, {}, 64, engine.url)
        with pytest.raises(ReleaseError, match="cuts answers at 1000 rows: set ResultSetMaxRows"):
            open_store(source)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "must be the http or https URL"),
        ("http://127.0.0.1:1/query", "it cannot be reached"),
        ("{server}", "holds no release that was loaded to its end"),
    ],
)
def test_what_is_no_engine_with_the_release_is_told(
    server: httpx.Client, small_release: Path, url: str, message: str
) -> None:
    given = url.format(server=server.base_url.join("/sparql"))
    with pytest.raises(ReleaseError, match=message):
        open_store(StoreSource("remote", str(small_release), DEFAULT_BASE, {}, 64, given))


@pytest.mark.slow
def test_nothing_that_is_sent_makes_virtuoso_fetch_a_url(virtuoso_engine: RemoteEngine, small_release: Path) -> None:
    load(virtuoso_engine, small_release)
    with canary() as (url, heard):
        attempt = httpx.get(
            virtuoso_engine.url, params={"query": f'SELECT (bif:http_get("{url}") AS ?x) {{}}'}, timeout=10
        )
        assert (attempt.status_code, len(heard)) != (200, 0), "the engine itself does fetch"
        before = len(heard)
        with serving(small_release, KIP_STORE="remote", KIP_WORKERS="1", **virtuoso_engine.environment) as client:
            statuses = [ask(client, query).status_code for query in _baits(url)]
            assert ask(client, KCCI, **{"default-graph-uri": url}).text.splitlines() == ["name"]
            assert "대한상공회의소" in ask(client, KCCI).text
        assert len(heard) == before
    assert statuses == [500, 500, 500, 200, 400, 400, 200, 403, 403, 200]


def _baits(url: str) -> list[str]:
    return [
        f'SELECT (<bif:http_get>("{url}") AS ?x) {{}}',
        f'PREFIX bif: <bif:> SELECT (bif:http_get("{url}") AS ?x) {{}}',
        f'SELECT ?s {{ ?s ?p ?o FILTER(<sql:http_get>("{url}")) }}',
        f"SELECT ?s FROM <{url}> {{ ?s ?p ?o }}",
        f'SELECT ?s FROM <{url}> OPTION (get:soft "replace") {{ ?s ?p ?o }}',
        f'DEFINE get:soft "replace" SELECT ?s FROM <{url}> {{ ?s ?p ?o }}',
        f"SELECT ?s {{ GRAPH <{url}> {{ ?s ?p ?o }} }}",
        f"SELECT ?s {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        f"LOAD <{url}>",
        f"DESCRIBE <{url}>",
    ]


@contextmanager
def _started_again(folder: Path, port: int) -> Iterator[RemoteEngine]:
    with oxigraph(folder, port) as engine:
        yield engine


@pytest.mark.slow
def test_an_engine_that_is_away_is_503_until_it_is_back(small_release: Path, tmp_path: Path) -> None:
    port = free_port()
    with oxigraph(tmp_path, port) as first:
        load(first, small_release)
        with serving(small_release, KIP_STORE="remote", KIP_WORKERS="1", **first.environment) as client:
            assert ask(client, KCCI).status_code == 200
            os.kill(first.process, signal.SIGKILL)
            away = ask(client, KCCI.replace("?name", "?n"))
            assert (away.status_code, away.headers["retry-after"].isdigit()) == (503, True)
            assert str(port) not in away.text
            with _started_again(tmp_path, port):
                assert "대한상공회의소" in ask(client, KCCI.replace("?name", "?m")).text


def test_a_connector_that_ends_is_started_again(remote_server: httpx.Client) -> None:
    for process in _connectors():
        os.kill(process, signal.SIGKILL)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        answer = ask(remote_server, KCCI.replace("?name", f"?n{time.monotonic_ns()}"))
        if answer.status_code == 200 and "대한상공회의소" in answer.text:
            return
        time.sleep(0.2)
    raise AssertionError(answer.text)


def _connectors() -> list[int]:
    """The processes of this test that open connections."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"api.engine.connector" in words and _descends(int(folder.name)):
                found.append(int(folder.name))
    assert found
    return found


def _descends(process: int) -> bool:
    while process > 1:
        if process == os.getpid():
            return True
        try:
            process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return False
    return False
