"""Where agents call tools: the Model Context Protocol, streamable HTTP.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
"""

from __future__ import annotations

import asyncio
import importlib
from typing import Protocol

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from api.agents.tools import Toolbox
from api.dependencies import Served, served
from api.engine.streaming import while_connected
from api.errors import PROBLEM_JSON, Misdirected, NotAcceptable, OriginRefused, RequestError, UnsupportedMediaType
from api.limits import MAX_REQUEST_BYTES, body_of
from api.settings import Settings

__all__ = ["router"]

router = APIRouter(tags=["agents"])
_PROBLEM = {"content": {PROBLEM_JSON: {"schema": {"type": "object"}}}}
_HINT = "KIP_AGENT_HOSTS has the names under which the server may be called."
_CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "search", "arguments": {"text": "산업부"}},
}


class _Agents(Protocol):
    """What answers agents; a class of `api.agents.context_protocol`, which is imported late."""

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""


class _Written:
    """A response that was written into memory, so that whoever is gone before it begins ends the work."""

    def __init__(self) -> None:
        self.status = 500
        self._headers: list[tuple[bytes, bytes]] = []
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        """Take a part of it."""
        if message["type"] == "http.response.start":
            self.status, self._headers = message["status"], list(message["headers"])
        else:
            self._body += message.get("body", b"")

    def response(self) -> Response:
        """All of it."""
        response = Response(bytes(self._body), self.status)
        response.raw_headers = self._headers
        return response


@router.post(
    "/mcp",
    summary="Tools for agents (Model Context Protocol) · 에이전트용 도구",
    response_class=Response,
    responses={
        200: {"description": "A JSON-RPC response", "content": {"application/json": {"schema": {"type": "object"}}}},
        202: {"description": "A notification was taken"},
        400: {"description": "A JSON-RPC error", "content": {"application/json": {"schema": {"type": "object"}}}},
        403: {"description": "Called from a page of another origin", **_PROBLEM},
        406: {"description": "JSON is not accepted", **_PROBLEM},
        413: {"description": "Longer than is read", **_PROBLEM},
        421: {"description": "Called under a name that is not this server's; see `KIP_AGENT_HOSTS`", **_PROBLEM},
    },
    openapi_extra={
        "parameters": [
            {"name": "Accept", "in": "header", "schema": {"const": "application/json, text/event-stream"}},
            {"name": "MCP-Protocol-Version", "in": "header", "schema": {"type": "string"}},
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}, "example": _CALL}},
        },
    },
)
async def mcp(request: Request) -> Response:
    """One JSON-RPC message, answered by itself: there are no sessions and no streams to open."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("A message is application/json.", accepted=["application/json"])
    # read before anything watches whether the caller is still there
    body = await body_of(request, "A message")
    agents, written = await _agents(request), _Written()
    await while_connected(request, agents.answer(request.scope, _again(body, request.receive), written.send))
    if refusal := _refusal(request, written.status):
        raise refusal
    return written.response()


def _refusal(request: Request, status: int) -> RequestError | None:
    """What the kit refuses with a line of text, in the words of this server."""
    host, origin = (request.headers.get(name, "")[:200] for name in ("host", "origin"))
    if status == 403:
        return OriginRefused(f"Pages of {origin!r} may not call the tools.", hint=_HINT)
    if status == 406:
        rows = [{"format": "json", "media_type": "application/json"}]
        return NotAcceptable("The answer to a message is application/json.", alternatives=rows)
    return Misdirected(f"The tools are not called by the name {host!r}.", hint=_HINT) if status == 421 else None


def _again(body: bytes, receive: Receive) -> Receive:
    """What receives a body that was read, then whatever comes."""
    read = False

    async def replay() -> Message:
        nonlocal read
        if read:
            return await receive()
        read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _agents(request: Request) -> _Agents:
    """What answers the agents of an application; made for the first of them."""
    app: FastAPI = request.app
    made: asyncio.Task[_Agents] | None = getattr(app.state, "agents", None)
    if made is None or (made.done() and (made.cancelled() or made.exception() is not None)):
        app.state.agents = made = asyncio.create_task(_made(app, served(request)))
    return await asyncio.shield(made)


async def _made(app: FastAPI, here: Served) -> _Agents:
    module = await asyncio.to_thread(importlib.import_module, "api.agents.context_protocol")
    settings: Settings = getattr(app.state, "settings", None) or Settings()
    toolbox = Toolbox(here, app.state.explorer)
    hosts = [each.strip() for each in settings.agent_hosts.split(",") if each.strip()]
    agents: _Agents = module.Agents(toolbox, app.state.release.version, hosts, MAX_REQUEST_BYTES)
    return agents
