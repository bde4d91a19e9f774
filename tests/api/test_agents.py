"""The tools over the Model Context Protocol, called by the SDK's own client on a server of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI
from mcp import Client
from mcp_types import CallToolResult

from api.limits import Limits
from api.relations.exploration import Explorer
from tests.api.conftest import serving
from tests.api.site import site

Json = dict[str, Any]
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def opened(release: Path) -> Iterator[httpx.Client]:
    with serving(release, KIP_WORKERS="2", KIP_QUERY_SECONDS="5") as client:
        yield client


def _with(opened: httpx.Client, talk: Callable[[Client], Awaitable[Any]], mode: str = "auto") -> Any:
    async def run() -> Any:
        async with Client(f"{opened.base_url}mcp", mode=mode) as client:
            return await talk(client)

    return asyncio.run(run())


def _called(opened: httpx.Client, name: str, arguments: Json, mode: str = "auto") -> CallToolResult:
    async def call(client: Client) -> CallToolResult:
        found = await client.call_tool(name, arguments)
        assert isinstance(found, CallToolResult)
        return found

    result: CallToolResult = _with(opened, call, mode)
    return result


def _answer(result: CallToolResult) -> Json:
    """The structured content, which the text says too."""
    (block,) = result.content
    assert block.type == "text" and orjson.loads(block.text) == result.structured_content
    found: Json = result.structured_content
    return found


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_client_lists_a_tool_for_each_query(opened: httpx.Client, mode: str) -> None:
    listed = _with(opened, lambda client: client.list_tools(), mode).tools
    queries = {each["id"].replace("-", "_") for each in opened.get("/api/queries").json()["queries"]}
    assert {tool.name for tool in listed} == queries | {"search", "describe", "paths", "schema", "run_sparql"}
    assert all(tool.annotations.read_only_hint for tool in listed)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize(
    ("name", "arguments", "holds"),
    [
        ("search", {"text": "산자부"}, lambda found: found["hits"][0]["curie"] == "org:mocie-1998"),
        ("describe", {"thing": "program:smart-factory-rollout"}, lambda found: found["facts"][0]["property"]),
        ("paths", {"from": "신한은행", "to": "스마트공장"}, lambda found: found["paths"][0]["steps"][0]["evidence"]),
        ("schema", {}, lambda found: len(found["classes"]) > 40),
        (
            "targets_of_programme",
            {"programme": "스마트공장 보급 사업"},
            lambda found: found["evidence"][0][0]["outlet"],
        ),
        ("run_sparql", {"query": "ASK { ?s a kip:Program }"}, lambda found: found["boolean"] is True),
        (
            "run_sparql",
            {"query": "SELECT ?s { ?s a kip:Program }", "rows": 3},
            lambda found: found["truncated"] == "rows",
        ),
        (
            "run_sparql",
            {"query": "DESCRIBE org:kiat"},
            lambda found: "org/kiat" in found["turtle"] or "org:kiat" in found["turtle"],
        ),
    ],
)
def test_each_kind_of_tool_answers(
    opened: httpx.Client, mode: str, name: str, arguments: Json, holds: Callable[[Json], Any]
) -> None:
    result = _called(opened, name, arguments, mode)
    assert not result.is_error, result.content
    assert holds(_answer(result))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "arguments", "kind", "said"),
    [
        ("nix", {}, "not-found", "nearest"),
        ("search", {}, "unprocessable-value", "text"),
        ("describe", {"thing": "신한은헹"}, "unprocessable-value", "org:shinhan-bank"),
        ("targets_of_programme", {"programme": '" } INSERT'}, "unprocessable-value", "programme"),
        ("run_sparql", {"query": "SELECT * { ?s ?p"}, "query-syntax", "line"),
        ("run_sparql", {"query": "SELECT * { SERVICE <http://e.org/> { ?s ?p ?o } }"}, "query-refused", "SERVICE"),
        ("run_sparql", {"query": "INSERT DATA { <urn:a> <urn:b> <urn:c> }"}, "query-refused", "detail"),
        ("run_sparql", {"query": CROSS, "seconds": 0.5}, "query-timeout", "query-seconds"),
        ("run_sparql", {"query": "SELECT * { ?s ?p ?o } #" + "a" * 200_000}, "query-too-long", "query-bytes"),
    ],
)
def test_an_error_of_a_tool_says_what_and_how_to_mend(
    opened: httpx.Client, name: str, arguments: Json, kind: str, said: str
) -> None:
    result = _called(opened, name, arguments)
    assert result.is_error and _answer(result)["type"] == kind and said in result.content[0].text  # type: ignore[union-attr]


@pytest.mark.slow
def test_two_clients_are_answered_at_once(opened: httpx.Client) -> None:
    async def both() -> list[Any]:
        address = f"{opened.base_url}mcp"
        async with Client(address) as one, Client(address, mode="legacy") as other:
            calls = [
                each.call_tool("search", {"text": text}) for each in (one, other) for text in ("중기부", "KIAT") * 4
            ]
            return list(await asyncio.gather(*calls))

    found = [result.structured_content["hits"][0]["curie"] for result in asyncio.run(both())]
    assert found == ["org:mss-2017", "org:kiat"] * 8


@pytest.mark.slow
def test_the_engine_is_charged_to_whoever_calls(release: Path) -> None:
    with serving(release, KIP_WORKERS="2", KIP_CLIENT_ERRORS="1") as client:
        for _ in range(2):
            _called(client, "run_sparql", {"query": CROSS, "seconds": 0.3})
        refused = _called(client, "run_sparql", {"query": "ASK { ?s ?p ?o }"})
        assert refused.is_error and _answer(refused)["type"] == "share-spent"
        assert client.get("/sparql", params={"query": "ASK { ?s ?p 1 }"}).status_code == 429


@pytest.fixture(scope="module")
def app() -> FastAPI:
    made = site()
    made.state.explorer = Explorer(None, Limits())  # type: ignore[arg-type]
    return made


def _posted(app: FastAPI, message: object, **headers: str) -> httpx.Response:
    usual = {
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        "Host": "localhost:80",
    }
    content = message if isinstance(message, bytes) else orjson.dumps(message)

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return await client.post("/mcp", content=content, headers=usual | headers)

    # what answers is made in the loop of the first request
    app.state.agents = None
    return asyncio.run(send())


def test_a_message_is_answered_without_a_session(app: FastAPI) -> None:
    answer = _posted(app, INITIALIZE)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    assert "mcp-session-id" not in answer.headers
    assert answer.json()["result"]["serverInfo"]["name"] == "kip"
    assert _posted(app, {"jsonrpc": "2.0", "method": "notifications/initialized"}).status_code == 202


def test_only_under_its_own_names_and_from_its_own_pages(app: FastAPI) -> None:
    for given, status, kind in (
        ({"Host": "evil.example"}, 421, "misdirected"),
        ({"Origin": "http://evil.example"}, 403, "origin-refused"),
    ):
        answer = _posted(app, INITIALIZE, **given)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert answer.json()["type"].endswith(f"/problem/{kind}") and "KIP_AGENT_HOSTS" in answer.json()["hint"]
    assert _posted(app, INITIALIZE, Host="127.0.0.1:8000", Origin="http://localhost:9999").status_code == 200


def test_what_is_no_message_is_refused(app: FastAPI) -> None:
    assert _posted(app, b"{").status_code == 400
    assert _posted(app, []).status_code == 400
    assert _posted(app, INITIALIZE, **{"Content-Type": "text/plain"}).status_code in (400, 415)
    too_long = _posted(app, b" " * 500_000)
    assert too_long.status_code == 413 and too_long.json()["limit"]["name"] == "request-bytes"
    assert "/mcp" in app.openapi()["paths"]


def test_there_are_no_streams_to_open(app: FastAPI) -> None:
    async def ask(method: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return await client.request(method, "/mcp", headers={"Accept": "text/event-stream"})

    for method in ("GET", "DELETE"):
        answer = asyncio.run(ask(method))
        assert answer.status_code == 405 and "POST" in answer.headers["allow"]


def test_the_kit_is_imported_only_when_an_agent_comes() -> None:
    code = "import sys, api.app; sys.exit(any(name.partition('.')[0] == 'mcp' for name in sys.modules))"

    async def run() -> int:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
        return await process.wait()

    assert asyncio.run(run()) == 0
