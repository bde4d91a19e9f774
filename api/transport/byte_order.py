"""A byte-order mark before CSV for whoever opens it in a spreadsheet, which takes it for another encoding otherwise.

It is put there on request (`?bom=true`) and, unless `?bom=false` says otherwise, for readers of Korean (`?lang=ko`, or
Accept-Language), as browsers are and programs are not. The mark is U+FEFF in UTF-8 (RFC 3629, section 6,
https://www.rfc-editor.org/rfc/rfc3629#section-6); an answer with it has an ETag of its own.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.wording.strings import choose_language

__all__ = ["ByteOrderMark", "is_marked"]

MARK = b"\xef\xbb\xbf"
_KOREAN = re.compile(r"(?:^|,)\s*ko\b", re.IGNORECASE)
_TAGGED = frozenset({b"if-none-match", b"if-match"})
_YES, _NO = frozenset({"true", "1"}), frozenset({"false", "0"})


def is_marked(parameter: str, language: str, accept_language: str) -> bool:
    """Whether CSV begins with the mark; `language` is the one that the address names.

    >>> is_marked("", "", "ko-KR,ko;q=0.9,en;q=0.8"), is_marked("", "", "en, ko;q=0.5"), is_marked("", "ko", "")
    (True, False, True)
    >>> is_marked("true", "", ""), is_marked("false", "ko", "ko")
    (True, False)
    """
    if parameter.lower() in _YES | _NO:
        return parameter.lower() in _YES
    return language == "ko" or _likes_korean(accept_language)


def _likes_korean(accept_language: str) -> bool:
    return _KOREAN.search(accept_language) is not None and choose_language(None, accept_language) == "ko"


class ByteOrderMark:
    """Puts the mark before CSV, whichever route it comes from."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the routes do, CSV with the mark where it is wanted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        marking = _Marking(scope, send)
        await self._app({**scope, "headers": marking.as_inside(scope["headers"])}, receive, marking.send)


class _Marking:
    """Passes an answer on, and changes it where it is CSV.

    The routes know nothing of the mark, so the tag of CSV ends differently outside: a tag of the one kind never stands
    for an answer of the other.
    """

    def __init__(self, scope: Scope, send: Send) -> None:
        given = parse_qs(scope["query_string"].decode("latin-1"))
        parameter, language = (given.get(name, [""])[-1] for name in ("bom", "lang"))
        self._asked = Headers(scope=scope)
        self._negotiated = parameter.lower() not in _YES | _NO and language != "ko"
        self._wanted = is_marked(parameter, language, self._asked.get("accept-language", ""))
        self._ending = '-bom"' if self._wanted else '-csv"'
        self._bodiless = scope["method"] == "HEAD"
        self._send = send
        self._before = b""

    def as_inside(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The headers of the request with the tags that the routes know."""
        ending = self._ending.encode()
        return [(name, value.replace(ending, b'"') if name in _TAGGED else value) for name, value in headers]

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self._begin(message["status"], MutableHeaders(raw=message["headers"]))
        elif message["type"] == "http.response.body" and self._before:
            message = {**message, "body": self._before + message.get("body", b"")}
            self._before = b""
        await self._send(message)

    def _begin(self, status: int, headers: MutableHeaders) -> None:
        tag = headers.get("etag", "")
        tagged = tag[:-1] + self._ending if tag.endswith('"') else tag
        if status == 304 and tagged.removeprefix("W/") in self._asked.get("if-none-match", ""):
            headers["etag"] = tagged
        elif status != 200 or not headers.get("content-type", "").startswith("text/csv"):
            return
        elif tag:
            headers["etag"] = tagged
        if self._negotiated:
            headers.add_vary_header("Accept-Language")
        if status == 200 and self._wanted:
            self._mark(headers)

    def _mark(self, headers: MutableHeaders) -> None:
        if "content-length" in headers:
            headers["content-length"] = str(int(headers["content-length"]) + len(MARK))
        self._before = b"" if self._bodiless else MARK
