"""What holds for every request: an error becomes a problem document, HEAD is answered wherever GET is, OPTIONS always.

OpenAPI lists under every operation what any request may meet.

RFC 9457 (problem documents), https://www.rfc-editor.org/rfc/rfc9457; RFC 9110, sections 9.3.2 (HEAD) and 9.3.7
(OPTIONS), https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2
"""

from __future__ import annotations

import logging
import secrets
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import (
    PROBLEM_JSON,
    CallerGone,
    Problem,
    ProblemRenderer,
    RequestError,
    UnprocessableValue,
    problem_json,
)
from api.transport.conditions import without_range
from api.transport.exchanges import CURRENT

__all__ = ["install_handlers", "refusal"]

_TITLES = {404: "Nothing here", 405: "Method not allowed"}
_log = logging.getLogger("api")
# The answer to a wrong path that FastAPI would give.
_FRAMEWORKS = "HTTPValidationError"
# What any request may meet, whatever its operation is; a status that an operation explains itself is left as it is.
_ANYWHERE = {
    400: ("Malformed", "The request, or the query in it, cannot be read."),
    412: ("NotAsExpected", "A condition of the request (If-Match, If-Unmodified-Since) does not hold."),
    413: ("TooLong", "The request is longer than is read."),
    415: ("NoQuery", "The body is of a media type that is not read."),
    422: ("Unprocessable", "A value cannot be used; what is wrong with it is told."),
    429: ("ShareSpent", "The caller's share of the engine is used up; Retry-After says when there is some again."),
    500: ("Failed", "The engine could not evaluate a query, or something unexpected happened."),
    503: (
        "Busy",
        "Every worker is taken, or the release lacks what is asked of; Retry-After may say when to come again.",
    ),
    504: ("TimedOut", "A query did not end within the deadline."),
    507: ("Exceeded", "The limit of memory or size was reached."),
}


def install_handlers(app: FastAPI, base: str, render: ProblemRenderer = problem_json) -> None:
    """Answer every error of `app` with what `render` makes of a problem whose type is an IRI below `base`.

    And answer HEAD as GET.
    """
    app.state.problem_renderer = render

    async def on_request_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestError)
        return refusal(request, error, base)

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        problem = _of_http_error(request, error)
        if request.method == "OPTIONS" and problem.status == 405:
            return Response(status_code=204, headers=problem.headers)
        return _rendered(request, problem)

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return refusal(request, _invalid(error), base)

    async def on_disconnect(request: Request, _: Exception) -> Response:
        return refusal(request, CallerGone("The caller closed the connection."), base)

    app.add_exception_handler(ClientDisconnect, on_disconnect)
    app.add_exception_handler(RequestError, on_request_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_middleware(_LastResort, base=base)
    app.add_middleware(_HeadAsGet)
    _describe(app)


def _describe(app: FastAPI) -> None:
    """Have the OpenAPI document say in one place what every operation may answer."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        schema = {"type": "object", "required": ["type", "title", "status", "detail"]}
        content = {PROBLEM_JSON: {"schema": schema}}
        kept = document.setdefault("components", {}).setdefault("responses", {})
        kept |= {name: {"description": text, "content": content} for name, text in _ANYWHERE.values()}
        for operation in (each for path in document["paths"].values() for each in path.values()):
            responses = operation["responses"]
            if _FRAMEWORKS in str(responses.get("422", "")):
                del responses["422"]
            for status, said in responses.items():
                if status[0] in "45" and "$ref" not in said:
                    said.setdefault("content", content)
            for status, (name, _) in _ANYWHERE.items():
                responses.setdefault(str(status), {"$ref": f"#/components/responses/{name}"})
        return document

    app.openapi = openapi  # type: ignore[method-assign]


class _LastResort:
    """Answers what nobody expected; the connection goes on, as a handler of the framework's would not let it.

    Where a part of the answer has left already, the connection is broken instead.
    """

    def __init__(self, app: ASGIApp, base: str) -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            request = Request(scope, receive)
            await _rendered(request, _of_unexpected(request, error, self._base))(scope, receive, send)
        finally:
            _note_route(scope)


def _note_route(scope: Scope) -> None:
    """Tell the exchange where the request went: only here is the scope the one that the router has written to."""
    exchange, path = CURRENT.get(), getattr(scope.get("route"), "path", None)
    if exchange is not None and isinstance(path, str):
        exchange.route = path


class _HeadAsGet:
    """Answers HEAD with the headers of GET; a range is of GET only (RFC 9110, section 14.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**without_range(scope), "method": "GET"}, receive, without_body)


def refusal(request: Request, error: RequestError, base: str) -> Response:
    """The answer to a request that reaches no route."""
    return _rendered(request, _of_request_error(request, error, base))


def _rendered(request: Request, problem: Problem) -> Response:
    render: ProblemRenderer = request.app.state.problem_renderer
    return render(request, problem)


def _of_request_error(request: Request, error: RequestError, base: str) -> Problem:
    exchange = CURRENT.get()
    if exchange is not None and isinstance(limit := error.members.get("limit"), dict):
        exchange.limit = limit["name"]
    return Problem(
        f"{base}problem/{error.type}",
        error.title,
        error.status,
        error.detail,
        request.url.path,
        error.hint,
        error.headers,
        error.members,
    )


def _of_http_error(request: Request, error: HTTPException) -> Problem:
    title = _TITLES.get(error.status_code, error.detail)
    detail = f"{request.method} {request.url.path}: {error.detail}"
    headers = dict(error.headers or {})
    if error.status_code == 405:
        # Files are mounted, and what serves them names no methods; a path may have a route for each method.
        methods = [headers.get("Allow", "GET"), *_methods_here(request)]
        headers["Allow"] = _allowed(", ".join(methods))
    return Problem("about:blank", title, error.status_code, detail, request.url.path, "", headers)


def _methods_here(request: Request) -> set[str]:
    """The methods of all routes of the path."""
    routers = (getattr(each, "original_router", None) for each in request.app.routes)
    routes = [route for router in routers if router is not None for route in router.routes]
    here = (route for route in routes if route.matches(request.scope)[0] == Match.PARTIAL)
    return {method for route in here for method in getattr(route, "methods", None) or ()}


def _allowed(methods: str) -> str:
    """The methods of a route in a fixed order, with the HEAD that comes with GET, and OPTIONS.

    >>> _allowed("POST, GET")
    'GET, HEAD, OPTIONS, POST'
    """
    names = {each.strip() for each in methods.split(",")}
    return ", ".join(sorted(names | {"OPTIONS"} | ({"HEAD"} if "GET" in names else set())))


def _invalid(error: RequestValidationError) -> UnprocessableValue:
    faults = [{"where": [str(part) for part in fault["loc"]], "what": fault["msg"]} for fault in error.errors()]
    detail = "; ".join(f"{'.'.join(fault['where'])}: {fault['what']}" for fault in faults)
    return UnprocessableValue(detail, faults=faults)


def _of_unexpected(request: Request, error: Exception, base: str) -> Problem:
    """The caller gets an identifier only; the log has the rest under the same identifier."""
    exchange = CURRENT.get()
    identifier = exchange.identifier if exchange else secrets.token_hex(8)
    _log.error("unexpected error %s at %s %s", identifier, request.method, request.url.path, exc_info=error)
    detail = f"An unexpected error; the log of the server has it as {identifier}."
    return Problem(
        f"{base}problem/unexpected", "Unexpected error", 500, detail, request.url.path, members={"id": identifier}
    )
