"""The SPARQL endpoint (SPARQL 1.1 Protocol, https://www.w3.org/TR/sparql11-protocol/), query operation only."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.dependencies import frame_of, links_of
from api.descriptions.service_description import service_description
from api.engine.execution import TOTAL, TRUNCATED, Answer, Executor
from api.engine.protocol import QUERY, ProtocolRequest, read_request
from api.engine.streaming import AnswerResponse, while_connected
from api.errors import PROBLEM_JSON, MalformedRequest, NotAcceptable
from api.responses import data, see_other, wants_page
from api.routes.answering import is_declined, was_answered, weak_tag
from api.transport.formats import FORMATS, Format, Kind, of_kind
from api.transport.forms import FORM
from api.transport.negotiation import choose, read_accept

__all__ = ["router"]

_PATH = "/sparql"
_METHODS = ("GET", "HEAD", "OPTIONS", "POST")
_ALLOW = ", ".join(_METHODS)
_OTHERS = ["PUT", "DELETE", "PATCH"]
_GRAPHS = of_kind("graph")
# The media types that say RDF and nothing else.
_RDF = {name for row in _GRAPHS for name in row.media_types} - {"application/json", "text/json", "text/plain"}
_RDF -= {"application/xml", "text/xml"}


class _DirectRoute(APIRoute):
    """A route whose endpoint takes the request as it is: the parameters are the protocol's, read in one place."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return handler


def _parameter(name: str, meaning: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": meaning, "required": False, "schema": schema}


_IRIS = {"type": "array", "items": {"type": "string", "format": "iri"}}
_OPTIONS = [
    _parameter("default-graph-uri", "Graphs that make up the default graph, merged as a set.", _IRIS),
    _parameter("named-graph-uri", "Graphs that GRAPH can name.", _IRIS),
    _parameter("format", "A format by name; wins over Accept.", {"type": "string", "enum": [f.name for f in FORMATS]}),
    _parameter("timeout", "Seconds, shorter than the server's deadline.", {"type": "number", "exclusiveMinimum": 0}),
    _parameter("maxrows", "Rows or triples, fewer than the server gives.", {"type": "integer", "minimum": 1}),
]
_MARK = _parameter(
    "bom", "true or false: a byte-order mark before CSV; else for readers of Korean.", {"type": "string"}
)
_QUERY = _parameter("query", "A SPARQL 1.1 query, percent-encoded once.", {"type": "string"})
_QUERY["example"] = "SELECT ?program ?name { ?program a kip:Program ; rdfs:label ?name } LIMIT 10"
_FORM_SCHEMA = {
    "type": "object",
    "required": ["query"],
    "properties": {option["name"]: option["schema"] for option in (_QUERY, *_OPTIONS)},
}
_WRITTEN = {row.media_type: {"type": ["object", "array"]} for row in FORMATS if row.media_type.endswith("json")}
_PROBLEM = {"content": {PROBLEM_JSON: {"schema": {"type": "object"}}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer.",
        "content": {row.media_type: {"schema": _WRITTEN.get(row.media_type, {"type": "string"})} for row in FORMATS},
        "headers": {
            TRUNCATED: {"description": "What was capped: rows or bytes.", "schema": {"type": "string"}},
            TOTAL: {"description": "How many rows or triples there are.", "schema": {"type": "integer"}},
        },
    },
    400: {"description": "No query, or one that does not parse.", **_PROBLEM},
    403: {"description": "SERVICE, LOAD or an update.", **_PROBLEM},
    406: {"description": "No such format for this form of query.", **_PROBLEM},
    429: {"description": "The client's share of the engine is used up.", **_PROBLEM},
    503: {"description": "Every worker is taken.", **_PROBLEM},
    504: {"description": "The deadline passed.", **_PROBLEM},
    507: {"description": "The memory or size limit was reached.", **_PROBLEM},
}

# A table without rows is little longer than its head.
_LONGEST_HEAD, _LONGEST_LINKED = 4096, 2000
_NO_ROWS = re.compile(rb'"bindings":\[\]\}\}\s*$|<results></results>')

router = APIRouter(route_class=_DirectRoute, tags=["sparql"])


@router.get(
    _PATH,
    summary="Query",
    responses={**_RESPONSES, 303: {"description": "Without a query, a browser is led to the editor."}},
    openapi_extra={"parameters": [_QUERY, *_OPTIONS, _MARK]},
)
async def query(request: Request) -> Response:
    """The answer to a SPARQL query; without one, the service description, or for a browser 303 to the editor."""
    return await _respond(request)


@router.post(
    _PATH,
    summary="Query by POST",
    responses={
        **_RESPONSES,
        413: {"description": "Too long.", **_PROBLEM},
        415: {"description": "No query.", **_PROBLEM},
    },
    openapi_extra={
        "parameters": [*_OPTIONS, _MARK],
        "requestBody": {
            "required": True,
            "content": {FORM: {"schema": _FORM_SCHEMA}, QUERY: {"schema": {"type": "string"}}},
        },
    },
)
async def query_by_post(request: Request) -> Response:
    """The answer to a SPARQL query in a form or as the body itself."""
    return await _respond(request)


@router.api_route(_PATH, methods=["OPTIONS"], include_in_schema=False)
async def options(_: Request) -> Response:
    """The methods and the bodies that there are."""
    return Response(status_code=204, headers={"Allow": _ALLOW, "Accept-Post": f"{FORM}, {QUERY}"})


@router.api_route(_PATH, methods=_OTHERS, include_in_schema=False)
async def not_allowed(_: Request) -> Response:
    """405 with the methods that there are."""
    raise HTTPException(405, headers={"Allow": _ALLOW})


async def _respond(request: Request) -> Response:
    asked = await read_request(request)
    if asked.query is None:
        return _describe(request, asked)
    executor: Executor = request.app.state.executor
    read = await executor.read(asked.query)
    fmt = _format(request.headers.get("accept"), read.kind, asked.format_name)
    limits = executor.limits.within(asked.seconds, asked.rows)
    headers = {"Vary": "Accept", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if read.repeatable and request.method != "POST":
        headers["ETag"] = weak_tag(request.app.state.release.version, read.text, asked.dataset, fmt, limits)
        if was_answered(request.headers, headers["ETag"]):
            return Response(status_code=304, headers=headers)
    work = executor.answer(asked.query, fmt, limits, asked.dataset, house=False)
    answer = await while_connected(request, work)
    if "ETag" in headers and is_declined(request.headers, headers["ETag"], answer):
        return Response(status_code=304, headers=headers)
    if _is_empty(answer):
        headers["Link"] = _explained(request, asked)
    return AnswerResponse(answer, headers)


def _is_empty(answer: Answer) -> bool:
    """Whether a table has no rows."""
    if answer.size > _LONGEST_HEAD or "table" not in answer.fmt.kinds:
        return False
    body = answer.whole()
    return body.count(b"\n") <= 1 if answer.fmt.name in ("csv", "tsv") else _NO_ROWS.search(body) is not None


def _explained(request: Request, asked: ProtocolRequest) -> str:
    """The link to what emptied the query (RFC 8288); a long query has to be sent there again."""
    query = {"query": asked.query} if asked.query and len(asked.query) <= _LONGEST_LINKED else None
    return f'<{links_of(request).path("api/explain", query)}>; rel="help"'


@lru_cache(maxsize=1024)
def _format(accept: str | None, kind: Kind, name: str) -> Format:
    return choose(accept, of_kind(kind), name)


def _describe(request: Request, asked: ProtocolRequest) -> Response:
    """What a request without a query is for: the editor, the service description, or a problem for who forgot it."""
    if request.method != "POST" and not asked.format_name and wants_page(request, _GRAPHS):
        frame = frame_of(request)
        return see_other(frame.go(frame.links.form()))
    fmt = _description_format(request, asked.format_name)
    if fmt is None:
        raise MalformedRequest(
            "There is no query.",
            hint=f"Send one as ?query=, in a form, or as a body of {QUERY}; ask for text/turtle to read what there is.",
        )
    endpoint = str(request.url.replace(query=""))
    body = service_description(endpoint, request.app.state.release.manifest, fmt)
    return data(request, body, fmt, location=links_of(request).path("sparql", {"format": fmt.name}))


def _description_format(request: Request, name: str) -> Format | None:
    """The RDF format that is asked for, by name or as the only thing asked of the endpoint; None where it is not."""
    accept = request.headers.get("accept", "")
    if name:
        return choose(accept, _GRAPHS, name)
    named = any(f"{item.type}/{item.subtype}" in _RDF and item.quality > 0 for item in read_accept(accept))
    if not named and (request.scope["query_string"] or request.method == "POST"):
        return None
    try:
        return choose(accept, _GRAPHS)
    except NotAcceptable:
        return None
