"""What holds for every request, over real connections."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from http.client import HTTPConnection, IncompleteRead
from json import loads

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.responses import StreamingResponse

from api.cli import listen
from api.engine.connections import JoiningProtocol
from api.transport.handlers import install_handlers


def _application() -> FastAPI:
    app = FastAPI()
    install_handlers(app, "https://e.org/")

    @app.get("/works")
    async def works() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/fails")
    async def fails() -> None:
        raise LookupError("the secret of the house")

    @app.get("/breaks")
    async def breaks() -> StreamingResponse:
        async def body() -> AsyncIterator[bytes]:
            yield b"the first half"
            await asyncio.sleep(0.01)
            raise LookupError("the second half")

        return StreamingResponse(body())

    return app


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server in a thread."""
    server = uvicorn.Server(uvicorn.Config(_application(), http=JoiningProtocol, lifespan="off", log_level="critical"))
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(30)
    assert not thread.is_alive()


def test_a_connection_goes_on_after_an_unexpected_error(port: int, caplog: pytest.LogCaptureFixture) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.connect()
    first = connection.sock
    with caplog.at_level(logging.ERROR, "api"):
        for _ in range(3):
            connection.request("GET", "/fails")
            failed = connection.getresponse()
            problem = loads(failed.read())
            assert (failed.status, failed.headers["content-type"]) == (500, "application/problem+json")
            assert problem["type"] == "https://e.org/problem/unexpected"
            assert problem["id"] in caplog.text
            connection.request("GET", "/works")
            answer = connection.getresponse()
            assert (answer.status, loads(answer.read())) == (200, {"status": "ok"})
    assert connection.sock is first, "it was never opened again"
    assert "the secret of the house" in caplog.text, "the log has the trace"
    connection.close()


def test_an_answer_that_has_begun_is_broken_off_and_not_called_complete(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/breaks")
    answer = connection.getresponse()
    with pytest.raises(IncompleteRead) as broken:
        answer.read()
    assert broken.value.partial == b"the first half"
    connection.close()


@pytest.mark.parametrize(("path", "status"), [("/works", 200), ("/fails", 500), ("/nothing", 404)])
def test_head_has_the_status_and_the_length_of_get_and_leaves_the_connection_in_step(
    port: int, path: str, status: int
) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    heads = []
    for method in ("HEAD", "GET", "HEAD"):
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == status
        assert (body == b"") is (method == "HEAD")
        heads.append(answer.headers["content-length"])
    assert len(set(heads)) == 1
    connection.close()


def test_a_method_that_there_is_not_is_told_the_others_in_order(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("DELETE", "/works")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert loads(answer.read())["status"] == 405
    connection.close()
