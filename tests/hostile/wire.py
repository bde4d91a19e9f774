"""HTTP as bytes on a socket: what a well-behaved client would never send, and what comes back (RFC 9112).

https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

__all__ = ["Address", "Said", "dribbled", "exchange", "form", "get", "post", "sparql"]

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: status 0 where the connection was closed without one; `whole` is False where it broke off."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = True
    head: bytes = b""

    @property
    def problem(self) -> dict[str, Any]:
        """The problem document."""
        assert self.headers.get("content-type", "").startswith("application/problem+json"), (self.status, self.headers)
        document: dict[str, Any] = json.loads(self.body)
        return document

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of an answer in JSON."""
        found: list[dict[str, Any]] = json.loads(self.body)["results"]["bindings"]
        return found


def get(target: str, *fields: str, method: str = "GET", close: bool = True) -> bytes:
    """A request without a body; the target is sent as it is."""
    host = [] if any(field.startswith("Host:") for field in fields) else ["Host: e.org"]
    lines = [f"{method} {target} HTTP/1.1", *host, *fields, *(["Connection: close"] if close else [])]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")


def post(target: str, body: bytes, content_type: str, *fields: str) -> bytes:
    """A request with a body and its length."""
    return get(target, f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *fields, method="POST") + body


def form(target: str, **parameters: str) -> bytes:
    """A form."""
    return post(target, urlencode(parameters).encode(), "application/x-www-form-urlencoded")


def sparql(query: str, *fields: str, **parameters: str) -> bytes:
    """A query by GET."""
    return get(f"/sparql?{urlencode({'query': query, **parameters}, quote_via=quote)}", *fields)


def exchange(address: Address, *pieces: bytes, pause: float = 0.0, seconds: float = 30.0) -> list[Said]:
    """Send the pieces on one connection and read until it is closed: every answer that came."""
    with socket.create_connection(address, timeout=seconds) as connection:
        with contextlib.suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
        return list(_answers(_all(connection), b"".join(pieces)[:5] == b"HEAD ")) or [Said()]


def dribbled(address: Address, first: bytes, rest: Iterable[bytes], pause: float) -> list[Said]:
    """Send the first piece, then the others with pauses, until the other end has had enough."""
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(first)
        with contextlib.suppress(OSError):
            for piece in rest:
                connection.sendall(piece)
                time.sleep(pause)
        return list(_answers(_all(connection), False)) or [Said()]


def _all(connection: socket.socket) -> bytes:
    pieces = []
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(1 << 18):
            pieces.append(piece)
    return b"".join(pieces)


def _answers(received: bytes, headless: bool) -> Iterator[Said]:
    while received:
        head, mark, rest = received.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        if not mark or not first.startswith(b"HTTP/1.1 "):
            yield Said(-1, {}, received, False)
            return
        pairs = (line.partition(b":") for line in lines)
        headers = {name.decode("latin-1").lower(): value.strip().decode("latin-1") for name, _, value in pairs}
        status = int(first.split()[1])
        body, received, whole = _body(rest, headers, headless or status in (100, 204, 304))
        if status != 100:
            yield Said(status, headers, body, whole, head)


def _body(rest: bytes, headers: Mapping[str, str], none: bool) -> tuple[bytes, bytes, bool]:
    """The body, what follows it, and whether it is whole."""
    if none:
        return b"", rest, True
    if "chunked" in headers.get("transfer-encoding", ""):
        return _chunks(rest)
    length = int(headers["content-length"])
    return rest[:length], rest[length:], len(rest) >= length


def _chunks(rest: bytes) -> tuple[bytes, bytes, bool]:
    body = b""
    while True:
        size, mark, rest = rest.partition(b"\r\n")
        if not mark:
            return body, b"", False
        length = int(size, 16)
        body, rest = body + rest[:length], rest[length + 2 :]
        if not length:
            return body, rest, True
