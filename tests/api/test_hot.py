"""The same request again is answered from memory: with the same answer, in its turn, counted, while it holds."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from api.engine.hot import HotAnswers
from api.engine.ledger import Ledger
from api.transport.exchanges import Evaluation, Exchange
from tests.api.conftest import figures, running, serving, until
from tests.api.test_hosting import ONE, marked, point

QUERY = "SELECT ?o { ?s kip:position ?o } ORDER BY ?o LIMIT 3"
OWN = {"date", "x-request-id", "server-timing"}


def request(client: httpx.Client, query: str = QUERY, **headers: str) -> bytes:
    """A request as it goes over the wire."""
    asked = client.build_request("GET", "/sparql", params={"query": query})
    lines = [f"{name}: {value}" for name, value in {"Host": asked.url.host, **headers}.items()]
    return b"GET " + asked.url.raw_path + b" HTTP/1.1\r\n" + "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


class Caller:
    """One connection; reads one answer at a time."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._read = connection.makefile("rb")

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        status = int(self._read.readline().split()[1])
        headers = {}
        while (line := self._read.readline()) != b"\r\n":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return status, headers, self._read.read(int(headers["content-length"]))

    def ask(self, data: bytes) -> tuple[int, dict[str, str], bytes]:
        self.send(data)
        return self.answer()


@contextmanager
def calling(client: httpx.Client) -> Iterator[Caller]:
    with socket.create_connection((client.base_url.host, client.base_url.port or 0), timeout=30) as connection:
        yield Caller(connection)


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "text/tab-separated-values"])
def test_the_same_again_has_the_same_bytes_and_headers_and_an_identifier_of_its_own(
    server: httpx.Client, accept: str
) -> None:
    asked = request(server, QUERY, Accept=accept)
    with calling(server) as caller:
        answers = [caller.ask(asked) for _ in range(5)]
    assert {status for status, _, _ in answers} == {200}
    assert len({body for _, _, body in answers}) == 1
    assert (
        len({tuple((name, value) for name, value in sorted(head.items()) if name not in OWN) for _, head, _ in answers})
        == 1
    )
    assert [head.keys() for _, head, _ in answers].count(answers[0][1].keys()) == 5
    assert len({head["x-request-id"] for _, head, _ in answers}) == 5
    assert answers[-1][1]["server-timing"] == "query;dur=0.0"


def test_what_is_answered_from_memory_is_counted_and_logged_like_the_rest(small_release: Path) -> None:
    with running(small_release, KIP_LOG="json", KIP_WORKERS="1") as (client, process):
        with calling(client) as caller:
            told = [caller.ask(request(client))[1]["x-request-id"] for _ in range(4)]
        found = figures(client)
        assert found["kip_cache_hits_total"] == 3
        assert found["kip_requests_total[GET][/sparql][200]"] == 4
        assert found["kip_request_seconds_count[/sparql]"] == 4
        assert process.stdout is not None
        process.terminate()
        lines = [line for line in process.stdout if '"/sparql"' in line]
    assert [identifier in line for identifier, line in zip(told, lines, strict=True)] == [True] * 4
    assert [line.count('"outcome":"cached"') for line in lines] == [0, 1, 1, 1]


def test_another_release_is_never_answered_with_what_was_ready_before(small_release: Path, tmp_path: Path) -> None:
    folders = {version: marked(small_release, tmp_path / version, version) for version in ("one", "two")}
    link = tmp_path / "current"
    point(link, folders["one"])
    with running(link, KIP_WORKERS="1") as (client, process):
        asked = request(client, ONE)
        with calling(client) as caller:
            assert all(b'"one"' in caller.ask(asked)[2] for _ in range(4))
        point(link, folders["two"])
        process.send_signal(signal.SIGHUP)
        until(lambda: client.get("/readyz").json()["release"] == "two")
        with calling(client) as caller:
            for _ in range(4):
                _, headers, body = caller.ask(asked)
                assert headers["x-kip-release"] == "two"
                assert b'"two"' in body


def test_a_body_that_looks_like_a_request_is_a_body(server: httpx.Client) -> None:
    asked = request(server)
    head = b"POST /sparql HTTP/1.1\r\nHost: h\r\nContent-Type: application/sparql-query\r\nContent-Length: %d\r\n\r\n"
    with calling(server) as caller:
        for _ in range(3):
            assert caller.ask(asked)[0] == 200
        caller.send(head % len(asked))
        time.sleep(0.2)
        assert caller.ask(asked)[0] == 400, "it is no query"
        assert caller.ask(asked)[0] == 200


def test_the_value_of_a_header_that_looks_like_a_request_is_a_value(server: httpx.Client) -> None:
    asked = request(server)
    with calling(server) as caller:
        for _ in range(3):
            assert caller.ask(asked)[0] == 200
        caller.send(asked + b"GET /nowhere HTTP/1.1\r\nX-Way: ")
        assert caller.answer()[0] == 200
        time.sleep(0.2)
        assert caller.ask(asked)[0] == 404


def test_answers_come_in_the_order_of_the_requests(server: httpx.Client) -> None:
    asked, bodies = request(server), []
    with calling(server) as caller:
        expected = [caller.ask(asked)[2] for _ in range(3)][-1]
        for number in range(5):
            caller.send(request(server, f"ASK {{}} # in order {number}"))
            caller.send(asked)
            bodies += [caller.answer()[2], caller.answer()[2]]
        caller.send(asked * 3)
        assert [caller.answer()[2] for _ in range(3)] == [expected] * 3
    assert bodies[1::2] == [expected] * 5
    assert all(b"boolean" in body for body in bodies[::2])


@pytest.mark.slow
def test_a_connection_that_asks_the_same_for_longer_than_an_idle_one_lives_is_not_closed(small_release: Path) -> None:
    with serving(small_release, KIP_WORKERS="1") as client, calling(client) as caller:
        asked = request(client)
        end = time.monotonic() + 6
        while time.monotonic() < end:
            assert caller.ask(asked)[0] == 200
            time.sleep(0.3)


CACHED = Evaluation(QUERY, "SELECT", "cached", 0.0, 0.0)
NEW = Evaluation(QUERY, "SELECT", "ok", 0.1, 0.0)


def given(
    hot_of: dict[str, int | bytes], evaluations: list[Evaluation], keys: list[bytes], capacity: int = 1 << 20
) -> HotAnswers:
    """What is ready after an application has answered requests."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["exchange"] = Exchange("id", "192.0.2.1", None, "/sparql", "", 1, 0.0, evaluations)
        headers = [(b"content-type", b"text/csv"), (b"x-request-id", b"id")]
        await send({"type": "http.response.start", "status": hot_of.get("status", 200), "headers": headers})
        await send({"type": "http.response.body", "body": hot_of.get("body", b"a\r\n")})

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_: Message) -> None:
        pass

    hot = HotAnswers(app, capacity, Ledger(), None, "test")

    async def all_of_them() -> None:
        for key in keys:
            scope = {"type": "http", "method": "GET", "path": "/sparql", "state": {"arrived": ("", key)}}
            await hot(scope, receive, send)
            assert hot.size <= capacity

    asyncio.run(all_of_them())
    return hot


def test_only_what_came_from_the_cache_whole_and_well_is_ready() -> None:
    assert given({}, [CACHED], [b"key"]).again(("", b"key"), "192.0.2.9") is not None
    assert len(given({}, [NEW], [b"key"])) == 0
    assert len(given({}, [], [b"key"])) == 0
    assert len(given({"status": 304}, [CACHED], [b"key"])) == 0
    assert len(given({"body": b"x" * 100_000}, [CACHED], [b"key"])) == 0
    assert given({}, [CACHED], [b"key"]).again(("192.0.2.1", b"key"), "192.0.2.1") is None


def test_many_requests_take_no_more_room_than_there_is_and_none_without_room() -> None:
    keys = [b"key %d" % number for number in range(200)]
    hot = given({}, [CACHED], keys, 20_000)
    assert 0 < len(hot) < 20
    assert hot.again(("", keys[-1]), "") is not None
    assert hot.again(("", keys[0]), "") is None
    assert len(given({}, [CACHED], keys, 0)) == 0


def test_a_long_request_is_not_kept(server: httpx.Client) -> None:
    long = request(server, f"{QUERY} #{'x' * 9000}")
    with calling(server) as caller:
        before = figures(server)["kip_cache_bytes"]
        first = caller.ask(long)
        kept = figures(server)["kip_cache_bytes"]
        assert [caller.ask(long)[2] for _ in range(3)] == [first[2]] * 3
    assert kept > before, "the answer itself is kept"
    assert figures(server)["kip_cache_bytes"] == kept
