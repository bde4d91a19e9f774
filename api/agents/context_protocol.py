"""The tools over the Model Context Protocol, with its official SDK: streamable HTTP, no sessions, JSON answers.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
It takes a second to import, so it is imported when the first agent comes.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as ListedTool
from starlette.types import Receive, Scope, Send

from api.agents.arguments import Arguments
from api.agents.tools import Tool, Toolbox, as_text
from api.errors import RequestError
from api.transport.exchanges import CURRENT

__all__ = ["Agents"]

_log = logging.getLogger("api.agents.context_protocol")
_INSTRUCTIONS = (
    "Facts about Korean industrial policy, read from newspaper articles, with the places that state them. Find things "
    "with search, read them with describe, prefer a ready-made question to run_sparql, and cite the evidence: outlet, "
    "date and address. Things may be given by name, CURIE (org:mss-2017) or IRI. Nothing found does not mean that it "
    "never was; the note says what is covered."
)
_ANSWER = {"type": "object"}
_READING = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


class Agents:
    """Answers the requests of agents; `hosts` are the names under which the server may be called, "*" for any."""

    def __init__(self, toolbox: Toolbox, version: str, hosts: Sequence[str], most_bytes: int) -> None:
        self._toolbox = toolbox
        self._listed = [_listed(tool) for tool in toolbox]
        self._schemas = {tool.name: tool.schema for tool in toolbox}
        self._security = _security(hosts)
        self._most_bytes = most_bytes
        self._server: Server[Any] = Server(
            "kip",
            version=version,
            title="KIP 한국 산업정책 지식그래프",
            instructions=_INSTRUCTIONS,
            get_tool_input_schema=self._schemas.get,
            on_list_tools=self._list,
            on_call_tool=self._call,
        )
        # It opens a span for each message, which nobody here collects.
        self._server.middleware.clear()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, in the caller's own task: what it costs is charged to the caller."""
        manager = StreamableHTTPSessionManager(
            self._server,
            json_response=True,
            stateless=True,
            security_settings=self._security,
            max_request_body_size=self._most_bytes,
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    async def _list(self, _: Any, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=self._listed, ttl_ms=60_000, cache_scope="public")

    async def _call(self, _: Any, asked: CallToolRequestParams) -> CallToolResult:
        try:
            answer = await self._toolbox.find(asked.name).run(Arguments(asked.arguments or {}))
            return CallToolResult(content=[TextContent(text=as_text(answer))], structured_content=answer)
        except RequestError as error:
            return _refused(error)
        except Exception as error:
            return _unexpected(asked.name, error)


def _listed(tool: Tool) -> ListedTool:
    return ListedTool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.schema,
        output_schema=_ANSWER,
        annotations=_READING,
    )


def _refused(error: RequestError) -> CallToolResult:
    """An error of the tool, which a model can read and mend: the members of the problem document."""
    exchange = CURRENT.get()
    if exchange is not None and isinstance(limit := error.members.get("limit"), dict):
        exchange.limit = limit["name"]
    problem = {"type": error.type, "title": error.title, "status": error.status, "detail": error.detail}
    problem |= ({"hint": error.hint} if error.hint else {}) | error.members
    return CallToolResult(content=[TextContent(text=as_text(problem))], structured_content=problem, is_error=True)


def _unexpected(name: str, error: Exception) -> CallToolResult:
    """The caller gets an identifier only; the log has the rest under the same identifier."""
    exchange = CURRENT.get()
    identifier = exchange.identifier if exchange else secrets.token_hex(8)
    _log.error("unexpected error %s in the tool %s", identifier, name[:100], exc_info=error)
    problem = {"type": "unexpected", "status": 500, "detail": f"The log of the server has it as {identifier}."}
    return CallToolResult(content=[TextContent(text=as_text(problem))], structured_content=problem, is_error=True)


def _security(hosts: Sequence[str]) -> TransportSecuritySettings:
    """Against pages that have a name of theirs point to this address (DNS rebinding)."""
    if "*" in hosts:
        return TransportSecuritySettings(enable_dns_rebinding_protection=False)
    named = [f"{host}{port}" for host in hosts for port in ("", ":*")]
    origins = [f"{scheme}://{host}" for scheme in ("http", "https") for host in named]
    return TransportSecuritySettings(allowed_hosts=named, allowed_origins=origins)
