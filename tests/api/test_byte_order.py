"""The byte-order mark before CSV: for whom it is, and that caches tell both kinds of answer apart."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.transport.byte_order import ByteOrderMark

MARK = b"\xef\xbb\xbf"
QUERY = "SELECT ('산업' AS ?x) {}"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers CSV or JSON with a tag, whole or in pieces."""
    headers = dict(scope["headers"])
    media = "application/json" if scope["path"] == "/json" else "text/csv; charset=utf-8"
    given = {"ETag": 'W/"x"', "Vary": "Accept"}
    if b'"x"' in headers.get(b"if-none-match", b""):
        await Response(status_code=304, headers=given)(scope, receive, send)
        return
    pieces = [b"a,b\r\n", b"1,2\r\n"]
    if scope["path"] == "/pieces":
        await StreamingResponse(iter(pieces), headers=given, media_type=media)(scope, receive, send)
        return
    body = b"" if scope["method"] == "HEAD" else b"".join(pieces)
    answer = Response(body, headers={**given, "Content-Length": "10"}, media_type=media)
    await answer(scope, receive, send)


def ask(path: str, method: str = "GET", **headers: str) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(ByteOrderMark(application))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return asyncio.run(once())


@pytest.mark.parametrize(
    ("query", "language", "marked"),
    [
        ("", None, False),
        ("", "ko", True),
        ("", "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", True),
        ("", "en-US,en;q=0.9,ko;q=0.8", False),
        ("", "fr", False),
        ("", "ko;q=0, en", False),
        ("", "*", False),
        ("?bom=true", None, True),
        ("?bom=1", "en", True),
        ("?bom=false", "ko", False),
        ("?bom=perhaps", "ko", True),
        ("?lang=ko", "en", True),
        ("?lang=ko&bom=false", "ko", False),
        ("?lang=en", "en", False),
    ],
)
@pytest.mark.parametrize("path", ["/csv", "/pieces"])
def test_the_mark_is_there_on_request_and_for_readers_of_korean(
    path: str, query: str, language: str | None, marked: bool
) -> None:
    answer = ask(path + query, **({"Accept_Language": language} if language else {"Accept_Language": ""}))
    assert answer.content == (MARK if marked else b"") + b"a,b\r\n1,2\r\n"
    assert int(answer.headers.get("content-length", len(answer.content))) == len(answer.content)
    named = query in ("?bom=true", "?bom=1", "?bom=false", "?lang=ko", "?lang=ko&bom=false")
    assert ("Accept-Language" in answer.headers["vary"]) == (not named)


def test_a_tag_of_one_kind_never_stands_for_the_other() -> None:
    plain, marked = ask("/csv").headers["etag"], ask("/csv?bom=true").headers["etag"]
    assert plain != marked
    assert ask("/csv", If_None_Match=plain).status_code == 304
    assert ask("/csv", If_None_Match=plain).headers["etag"] == plain
    assert ask("/csv?bom=true", If_None_Match=f'"z", {marked}').status_code == 304
    assert ask("/csv?bom=true", If_None_Match=marked).headers["etag"] == marked
    assert ask("/csv?bom=true", If_None_Match=plain).content.startswith(MARK)
    assert ask("/csv", If_None_Match=marked).content == b"a,b\r\n1,2\r\n"


def test_nothing_else_is_marked() -> None:
    answer = ask("/json?bom=true", Accept_Language="ko")
    assert not answer.content.startswith(MARK) and answer.headers["etag"] == 'W/"x"'
    assert ask("/json", Accept_Language="ko", If_None_Match='W/"x"').headers["etag"] == 'W/"x"'


def test_head_tells_the_length_and_sends_nothing() -> None:
    answer = ask("/csv?bom=true", "HEAD")
    assert (answer.headers["content-length"], answer.content) == ("13", b"")


@pytest.mark.parametrize("path", ["/sparql", "/api/queries/list-articles"])
def test_the_server_marks_csv_wherever_it_comes_from(server: httpx.Client, path: str) -> None:
    parameters = {"query": QUERY} if path == "/sparql" else {}
    plain = server.get(path, params=parameters, headers={"Accept": "text/csv"})
    marked = server.get(path, params=parameters, headers={"Accept": "text/csv", "Accept-Language": "ko"})
    asked = server.get(path, params={**parameters, "bom": "true"}, headers={"Accept": "text/csv"})
    assert plain.status_code == 200 and plain.headers["content-type"].startswith("text/csv")
    assert marked.content == asked.content == MARK + plain.content
    assert marked.content.decode("utf-8-sig") == plain.text
    assert "Accept-Language" in plain.headers["vary"] and "Accept-Language" in marked.headers["vary"]
