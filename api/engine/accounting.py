"""The outermost layer of the application: every request is an exchange that is charged, counted, logged and guarded.

It also ends the work for a caller who has gone: a GET has no body, so that whatever arrives after it is the end.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.engine.fairness import client_of
from api.engine.ledger import Ledger
from api.transport.callers import BODILESS, Watch
from api.transport.exchanges import CURRENT, Exchange, preferred_wait
from api.transport.logs import Line, RequestLog
from api.transport.security import Header, completed

__all__ = ["Accounting", "identifier"]

_GONE = 499
# Identifiers of this start of the server, and of no other.
_STARTED = secrets.token_hex(4)
_NUMBERS = itertools.count(1)


class Accounting:
    """Wraps an application; `always` are the headers that every answer has, `release` the version that it serves."""

    def __init__(
        self, app: ASGIApp, ledger: Ledger, log: RequestLog | None, release: str, always: tuple[Header, ...]
    ) -> None:
        self._app = app
        self._ledger = ledger
        self._log = log
        self._release = release
        self._always = (*always, (b"x-kip-release", release.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and close its exchange however it ends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _exchange(scope)
        answer = _Answer(self._completed(exchange, send))
        token = CURRENT.set(exchange)
        scope.setdefault("state", {})["exchange"] = exchange
        watch = Watch(receive, lambda: answer.complete) if scope["method"] in BODILESS else None
        try:
            await self._app(scope, receive, answer.send)
        except asyncio.CancelledError:
            answer.error = "caller-gone" if watch is not None and watch.fired else "stopped"
            if watch is None or not watch.fired:
                raise
            watch.task.uncancel()
        except BaseException:
            answer.error = "broken"
            raise
        finally:
            if watch is not None:
                watch.stop()
            CURRENT.reset(token)
            self._close(scope, exchange, answer)

    def _completed(self, exchange: Exchange, send: Send) -> Send:
        identified = (*self._always, (b"x-request-id", exchange.identifier.encode()))
        if exchange.wait:
            identified = (*identified, (b"preference-applied", f"wait={exchange.wait:g}".encode()))

        async def completing(message: Message) -> None:
            if message["type"] == "http.response.start":
                standing = self._ledger.headers(exchange.client)
                message["headers"] = completed(message["headers"], (*identified, *standing))
            await send(message)

        return completing

    def _close(self, scope: Scope, exchange: Exchange, answer: _Answer) -> None:
        spent = time.perf_counter() - answer.began
        route = exchange.route
        status = _GONE if answer.error == "caller-gone" and not answer.status else answer.status
        self._ledger.metrics.answered(scope["method"], route, status, spent, answer.size)
        if exchange.limit:
            self._ledger.metrics.refused(exchange.limit)
        if self._log is not None:
            path, error = scope["path"], answer.error
            at = time.time() - spent
            size, release = answer.size, self._release
            self._log.add(Line(at, exchange, scope["method"], path, route, status, spent, size, release, error))


class _Answer:
    """What has been sent of an answer."""

    def __init__(self, send: Send) -> None:
        self.status = 0
        self.size = 0
        self.error = ""
        self.complete = False
        self.began = time.perf_counter()
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.size += len(message.get("body", b""))
            self.complete = not message.get("more_body", False)
        await self._send(message)


def identifier() -> str:
    """The identifier of a new request, which no other has."""
    return f"{_STARTED}{next(_NUMBERS) & 0xFFFFFFFF:08x}"


def _exchange(scope: Scope) -> Exchange:
    client = scope.get("client")
    wait = preferred_wait(value for name, value in scope["headers"] if name == b"prefer")
    return Exchange(identifier(), client_of(client[0]) if client else "", wait)
