"""Whether the server lives and is ready, and how it answers for what does not exist."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from api.handlers import install_handlers
from api.routes import health


def test_the_server_lives(server: httpx.Client) -> None:
    answer = server.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_server_is_ready_with_its_release_and_workers(server: httpx.Client) -> None:
    document = server.get("/readyz").json()
    assert document["status"] == "ready"
    assert document["release"] == "test-1"
    assert document["workers"] >= 1


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
