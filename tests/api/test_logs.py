"""The log has a line for each request, and in it nobody's words, nobody's address and no line that is not its own."""

from __future__ import annotations

import io
import json
import logging
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from api.transport.exchanges import Evaluation, Exchange
from api.transport.logs import JsonFormatter, Line, RequestLog, chosen, network_of
from tests.api.conftest import running

SECRET = "SELECT * { ?s kip:position ?position FILTER(STR(?s) = 'the secret of the caller') }"


def line(path: str = "/sparql", query: str = SECRET) -> Line:
    exchange = Exchange("abc", "192.0.2.77")
    exchange.note(Evaluation(query, "SELECT", "ok", 0.25, 0.5))
    return Line(1_700_000_000.0, exchange, "GET", path, "/sparql", 200, 0.75, 42, "test-1")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def logged(kind: str, stream: io.StringIO, *lines: Line, texts: bool = False) -> str:
    log = RequestLog(kind, texts, stream)  # type: ignore[arg-type]
    for each in lines:
        log.add(each)
    log.close()
    return stream.getvalue()


def test_a_line_of_json_tells_what_became_of_the_request() -> None:
    told = json.loads(logged("json", io.StringIO(), line()))
    assert told == {
        "time": "2023-11-14T22:13:20.000Z",
        "id": "abc",
        "client": "192.0.2.0/24",
        "method": "GET",
        "path": "/sparql",
        "route": "/sparql",
        "status": 200,
        "ms": 750.0,
        "bytes": 42,
        "release": "test-1",
        "queries": 1,
        "engine_ms": 250.0,
        "evaluated": [
            {
                "query": told["evaluated"][0]["query"],
                "form": "SELECT",
                "outcome": "ok",
                "ms": 250.0,
                "waited_ms": 500.0,
            }
        ],
    }
    other = json.loads(logged("json", io.StringIO(), line(query="ASK {}")))
    assert len(told["evaluated"][0]["query"]) == 12
    assert other["evaluated"][0]["query"] != told["evaluated"][0]["query"]


@pytest.mark.parametrize("kind", ["json", "text"])
def test_the_words_of_a_query_are_logged_only_where_that_is_wanted(kind: str) -> None:
    assert "secret" not in logged(kind, io.StringIO(), line())
    assert "the secret of the caller" in logged(kind, io.StringIO(), line(), texts=True)


@pytest.mark.parametrize("kind", ["json", "text"])
@pytest.mark.parametrize("path", ["/a\nb", "/a\r\n{}", "/\x1b[2J", "/\u2028", "/\ud800"])
def test_a_caller_cannot_write_lines_of_its_own(kind: str, path: str) -> None:
    if kind == "json" and path == "/\ud800":
        pytest.skip("a path is decoded UTF-8, and has no lone surrogates")
    written = logged(kind, io.StringIO(), line(path))
    assert written.count("\n") == 1
    assert "\r" not in written
    assert "\x1b" not in written


def test_a_terminal_gets_text_and_all_else_json() -> None:
    assert chosen("auto", Terminal()) == "text"
    assert chosen("auto", io.StringIO()) == "json"
    assert chosen("json", Terminal()) == "json"
    text = logged("auto", Terminal(), line())
    assert text == "22:13:20 GET /sparql 200  750 ms, 42 B\n"
    assert logged("off", io.StringIO(), line()) == ""


def test_a_reader_who_has_stopped_reading_holds_up_nobody() -> None:
    dropped: list[int] = []
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "w") as stream:
            log = RequestLog("json", stream=stream, dropped=dropped.append)
            for _ in range(60_000):
                log.add(line())
            log.close(0.1)
            assert sum(dropped) > 10_000
            drain = threading.Thread(target=_drain, args=(reading,))
            drain.start()
            time.sleep(0.5)
    finally:
        drain.join(10)


def _drain(descriptor: int) -> None:
    while os.read(descriptor, 1 << 20):
        pass
    os.close(descriptor)


@pytest.mark.parametrize(
    ("client", "network"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::/64", "2001:db8:1::/48"), ("", ""), ("unix:", "")],
)
def test_an_address_is_cut_to_its_network(client: str, network: str) -> None:
    assert network_of(client) == network


def test_what_the_server_says_of_itself_is_json_too() -> None:
    try:
        raise LookupError("nothing\nthere")
    except LookupError as error:
        record = logging.LogRecord("api", logging.ERROR, "", 1, "it %s", ("failed",), (LookupError, error, None))
    told = json.loads(JsonFormatter().format(record))
    assert (told["level"], told["message"]) == ("error", "it failed")
    assert "nothing\nthere" in told["trace"]


def lines_of(small_release: Path, **settings: str) -> list[dict[str, Any]]:
    with running(small_release, KIP_WORKERS="1", KIP_LOG="json", **settings) as (client, process):
        answer = client.get("/sparql", params={"query": SECRET}, headers={"X-Test": "other secret"})
        assert answer.status_code == 200
        client.get("/nothing/at/all")
        client.get("/sparql", params={"query": "SELECT * { ?s ?p 'open secret }"})
        assert process.stdout is not None
        process.terminate()
        written = process.stdout.read()
    told = [json.loads(each) for each in written.splitlines()]
    assert told[1]["id"] == answer.headers["x-request-id"]
    return told


def test_the_server_writes_one_line_for_each_request(small_release: Path) -> None:
    ready, asked, missing, wrong = lines_of(small_release)
    assert [each["path"] for each in (ready, asked, missing)] == ["/readyz", "/sparql", "/nothing/at/all"]
    assert (missing["status"], missing["route"]) == (404, "other")
    assert wrong["status"] == 400
    assert "secret" not in json.dumps([ready, asked, missing, wrong])
    assert asked["client"] == "127.0.0.0/24"


def test_the_texts_are_there_where_they_are_wanted(small_release: Path) -> None:
    (evaluated,) = lines_of(small_release, KIP_LOG_QUERIES="true")[1]["evaluated"]
    assert evaluated["text"] == SECRET
