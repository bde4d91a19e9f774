"""Whether the server lives and is ready, and how it answers for what does not exist."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families

from api.routes import health
from api.transport.handlers import install_handlers
from tests.api.conftest import figures, serving, until
from tests.api.test_connections import connected
from tests.api.test_workers import ENDLESS


def test_the_server_lives(server: httpx.Client) -> None:
    answer = server.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_server_is_ready_with_its_release_and_workers(server: httpx.Client) -> None:
    document = server.get("/readyz").json()
    assert document["status"] == "ready"
    assert document["release"] == "test-1"
    assert document["workers"] >= 1


def test_the_figures_tell_what_was_asked_and_what_became_of_it(server: httpx.Client) -> None:
    before = figures(server)
    for query in ("ASK { ?s ?p 4001 }", "ASK { ?s ?p 4001 }", "ASK { ?s ?p }"):
        server.get("/sparql", params={"query": query})
    server.head("/healthz")
    server.get("/id/org/none-of-that-name", headers={"Accept": "text/turtle"})
    server.get("/such/paths/are/without/number")
    after = figures(server)

    def more(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert more("kip_requests_total[GET][/sparql][200]") == 2
    assert more("kip_requests_total[GET][/sparql][400]") == 1
    assert more("kip_requests_total[GET][other][404]") == 1
    assert more("kip_requests_total[HEAD][/healthz][200]") == 1
    assert more("kip_cache_hits_total") == 1
    assert more("kip_query_seconds_count[query-syntax]") == 1
    assert more("kip_response_bytes_total") > 100
    assert not any("none-of-that-name" in name or "number" in name for name in after)
    assert after["kip_release_info[test-1]"] == 1
    assert after["kip_workers[alive]"] >= 3
    assert (after["kip_workers[busy]"], after["kip_queue_length"]) == (0, 0)
    assert after["kip_cache_answers"] >= 1


def test_a_scraper_gets_the_format_that_it_accepts(server: httpx.Client) -> None:
    plain = server.get("/metrics")
    assert plain.headers["content-type"].startswith("text/plain; version=")
    openmetrics = server.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert openmetrics.headers["content-type"].startswith("application/openmetrics-text")
    assert openmetrics.text.endswith("# EOF\n")
    families = {family.name for family in openmetrics_families(openmetrics.text)}  # type: ignore[no-untyped-call]
    assert {"kip_requests", "kip_query_seconds", "kip_refusals", "kip_workers"} <= families


def test_liveness_needs_no_worker_even_where_all_are_taken(small_release: Path) -> None:
    with serving(small_release, KIP_WORKERS="1", KIP_RESERVED="0", KIP_QUEUE="0", KIP_QUERY_SECONDS="30") as client:
        with connected(client) as caller:
            caller.sendall(f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\r\nHost: e.org\r\n\r\n".encode())
            until(lambda: figures(client)["kip_workers[busy]"] == 1)
            assert client.get("/healthz").status_code == 200
            assert client.get("/readyz").status_code == 200
            refused = client.get("/sparql", params={"query": "ASK { ?s ?p 1 }"})
        assert refused.status_code == 503
        assert refused.json()["limit"] == {"name": "queue", "value": 0, "unit": "queries", "setting": "KIP_QUEUE"}
        assert int(refused.headers["retry-after"]) == refused.json()["retry_after"] >= 1


class _NoWorkers:
    ready = False
    processes = ()


def _application() -> FastAPI:
    app = FastAPI()
    app.state.pool = _NoWorkers()
    app.include_router(health.router)
    install_handlers(app, "https://e.org/")

    @app.get("/fails")
    async def fails() -> None:
        raise LookupError("the secret of the house")

    @app.get("/counts")
    async def counts(number: int) -> int:
        return number

    return app


def ask(path: str, method: str = "GET") -> httpx.Response:
    """A request to the application in this process; what it raises after the answer is left to the server's log."""

    async def sent() -> httpx.Response:
        transport = httpx.ASGITransport(_application(), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path)

    return asyncio.run(sent())


def test_a_server_without_workers_lives_but_is_not_ready() -> None:
    assert ask("/healthz").status_code == 200
    answer = ask("/readyz")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["type"] == "https://e.org/problem/server-busy"


def test_an_unexpected_error_is_told_by_an_identifier_only(caplog: pytest.LogCaptureFixture) -> None:
    answer = ask("/fails")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert answer.json()["id"] in caplog.text
    assert "secret" in caplog.text


def test_parameters_of_the_wrong_type_are_named() -> None:
    answer = ask("/counts?number=many")
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["where"] == ["query", "number"]


def test_what_does_not_exist_is_a_problem_document_too() -> None:
    answer = ask("/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == "/nothing"
    wrong = ask("/healthz", "POST")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
