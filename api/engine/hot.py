"""The way of an answer that was given before: from memory to the connection, past the framework.

What is served does not change within a release, so the bytes of a GET request decide its answer. One of `/sparql` that
came from the cache is kept with its headers as it left; the connection (`api.engine.connections`) offers what arrives,
and the same bytes again get the same answer. Its contract is that of `api.routes.sparql`. Belongs to one release, like
the application that it stands in front of.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.engine.accounting import identifier
from api.engine.jobs import INLINE
from api.engine.ledger import Ledger
from api.transport.exchanges import Exchange
from api.transport.logs import Line, Repeat, RequestLog
from api.transport.security import Header

__all__ = ["HotAnswers"]

_PATH = "/sparql"
# These differ from answer to answer.
_OWN = frozenset((b"x-request-id", b"server-timing", b"ratelimit", b"ratelimit-policy", b"date"))
_TIMING = (b"server-timing", b"query;dur=0.0")
# What an entry takes beside its texts.
_ENTRY = 2048

Key = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class _Hot:
    """An answer, ready to leave: the lines of its head, its body, and what the log says of it."""

    head: bytes
    body: bytes
    line: Line
    client: str
    weight: int


class HotAnswers:
    """Wraps the application of a release; keeps up to `capacity` bytes, what was not asked for longest goes first."""

    def __init__(self, app: ASGIApp, capacity: int, ledger: Ledger, log: RequestLog | None, release: str) -> None:
        self.size = 0
        self._app = app
        self._capacity = capacity
        self._ledger = ledger
        self._log = log
        self._release = release
        self._kept: OrderedDict[Key, _Hot] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def again(self, key: Key, client: str) -> bytes | None:
        """The answer to the same request, without status line and date; None where it is not kept."""
        hot = self._kept.get(key)
        if hot is None:
            return None
        began = time.perf_counter()
        self._kept.move_to_end(key)
        # Behind a proxy the request itself tells who asks.
        client = hot.client if key[0] else client
        named = identifier()
        lines = [b"x-request-id: %b\r\n" % named.encode()]
        lines += [b"%b: %b\r\n" % header for header in self._ledger.headers(client)]
        self._count(hot, named, client, time.perf_counter() - began)
        return b"".join((hot.head, *lines, b"\r\n", hot.body))

    def _count(self, hot: _Hot, named: str, client: str, spent: float) -> None:
        metrics = self._ledger.metrics
        metrics.evaluated("cached", 0.0)
        metrics.answered("GET", _PATH, 200, spent, hot.line.size)
        if self._log is not None:
            self._log.add(Repeat(time.time() - spent, named, client, spent, hot.line))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the answer given, and keep it where it came whole from the cache."""
        key: Key | None = scope.get("state", {}).get("arrived")
        if key is None or scope["path"] != _PATH:
            await self._app(scope, receive, send)
            return
        passing = _Passing(send)
        await self._app(scope, receive, passing.send)
        exchange = scope["state"].get("exchange")
        # Whoever asks something but once takes no room.
        if passing.whole and exchange is not None and [each.outcome for each in exchange.evaluations] == ["cached"]:
            self._keep(key, exchange, passing)

    def _keep(self, key: Key, exchange: Exchange, passing: _Passing) -> None:
        headers = [*(header for header in passing.headers if header[0].lower() not in _OWN), _TIMING]
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        weight = _ENTRY + len(key[1]) + len(head) + len(passing.body)
        if key in self._kept or weight > self._capacity:
            return
        line = Line(0.0, exchange, "GET", _PATH, _PATH, 200, 0.0, len(passing.body), self._release)
        self._kept[key] = _Hot(head, passing.body, line, exchange.client, weight)
        self.size += weight
        while self.size > self._capacity:
            self.size -= self._kept.popitem(last=False)[1].weight


class _Passing:
    """Passes an answer on and holds it, where it is whole in one small piece."""

    def __init__(self, send: Send) -> None:
        self.headers: list[Header] = []
        self.body = b""
        self.whole = False
        self._status = 0
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self.headers = message["status"], message["headers"]
        else:
            self.body = message.get("body", b"")
            self.whole = self._status == 200 and not message.get("more_body", False) and 0 < len(self.body) <= INLINE
        await self._send(message)
