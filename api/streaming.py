"""Sending an answer of the executor over HTTP, whole or broken off, but never cut and called complete.

RFC 9110, section 8.6 (Content-Length), https://www.rfc-editor.org/rfc/rfc9110#section-8.6
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from fastapi import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.errors import CallerGone
from api.execution import Answer

__all__ = ["AnswerResponse", "while_connected"]

_Result = TypeVar("_Result")
# Most queries are over before it is worth while to watch whether the caller is still there.
_PATIENCE_SECONDS = 0.05
_STALL_SECONDS = 30.0


class AnswerResponse(Response):
    """An answer with its length; who takes nothing of it for half a minute is cut off, by a broken connection."""

    def __init__(self, answer: Answer, headers: Mapping[str, str]) -> None:
        sized = {**answer.headers, **headers, "Content-Length": str(answer.size)}
        super().__init__(b"", 200, sized, media_type=answer.fmt.content_type)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the headers and, unless only they were asked for, the body."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if scope["method"] != "HEAD":
                await self._send_body(send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._answer.close()

    async def _send_body(self, send: Send) -> None:
        async for chunk in self._answer.body:
            async with asyncio.timeout(_STALL_SECONDS):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def while_connected(request: Request, work: Coroutine[Any, Any, _Result]) -> _Result:
    """The result of some work, which is cancelled when the caller goes away: CallerGone. Read the body before."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
        if not task.done():
            await _until_done_or_gone(request, task)
        return await task
    finally:
        task.cancel()


async def _until_done_or_gone(request: Request, task: asyncio.Future[Any]) -> None:
    watch: asyncio.Future[Any] = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        watch.cancel()
    if not task.done():
        raise CallerGone("The caller closed the connection.")


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
