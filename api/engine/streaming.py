"""Sending an answer of the executor over HTTP, whole or broken off, but never cut and called complete.

RFC 9110, section 8.6 (Content-Length), https://www.rfc-editor.org/rfc/rfc9110#section-8.6
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import TypeVar

from fastapi import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.engine.execution import Answer
from api.errors import CallerGone
from api.transport.callers import BODILESS, Watch
from api.transport.exchanges import CURRENT

__all__ = ["AnswerResponse", "while_connected"]

_Result = TypeVar("_Result")


class AnswerResponse(Response):
    """An answer with its length; it is complete before its first byte is sent, and no worker waits for its reader."""

    def __init__(self, answer: Answer, headers: Mapping[str, str]) -> None:
        sized = {**answer.headers, **headers, "Content-Length": str(answer.size)}
        super().__init__(b"", 200, sized, media_type=answer.fmt.content_type)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the headers and, unless only they were asked for, the body."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if scope["method"] != "HEAD" and not self._answer.small:
                await self._send_in_pieces(send)
            await send({"type": "http.response.body", "body": self._answer.whole() if self._answer.small else b""})
        finally:
            self._answer.close()

    async def _send_in_pieces(self, send: Send) -> None:
        async for piece in self._answer.body:
            await send({"type": "http.response.body", "body": piece, "more_body": True})


async def while_connected(request: Request, work: Awaitable[_Result]) -> _Result:
    """The result of some work, which is cancelled when the caller goes away: CallerGone. Read the body before.

    Whoever sends no body is watched already, for whatever is done (`api.engine.accounting`).
    """
    if request.method in BODILESS and CURRENT.get() is not None:
        return await work
    watch = Watch(request.receive)
    try:
        return await work
    except asyncio.CancelledError:
        if not watch.fired:
            raise
        watch.task.uncancel()
        raise CallerGone("The caller closed the connection.") from None
    finally:
        watch.stop()
