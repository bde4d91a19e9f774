"""The refusals and failures that a caller sees, as problem documents (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457).

RequestError
├── MalformedRequest       400  a parameter is missing, given twice or unreadable
├── QuerySyntaxError       400  the query does not parse
├── QueryTooComplex        400  brackets nest deeper than the engine's stack allows
├── QueryRefused           403  SERVICE, LOAD and updates
├── NotFound               404  nothing has this identifier
├── NotAcceptable          406  no representation that the caller accepts
├── QueryTooLong           413  more text than is read
├── UnsupportedMediaType   415  a body that is no query
├── UnprocessableValue     422  a parameter's value is of the wrong kind or unknown
├── QueryFailed            500  the engine could not evaluate the query, or its process ended
├── ServerBusy             503  every worker is taken and the queue is full
├── QueryTimeout           504  the deadline passed
└── ResourceExceeded       507  the memory or the result limit was reached
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from graph_builder.errors import KnowledgeGraphError

__all__ = [
    "PROBLEM_JSON",
    "CallerGone",
    "MalformedRequest",
    "NotAcceptable",
    "NotFound",
    "Problem",
    "ProblemRenderer",
    "QueryFailed",
    "QueryRefused",
    "QuerySyntaxError",
    "QueryTimeout",
    "QueryTooComplex",
    "QueryTooLong",
    "RequestError",
    "ResourceExceeded",
    "ServerBusy",
    "UnprocessableValue",
    "UnsupportedMediaType",
    "install_handlers",
    "problem_json",
]

PROBLEM_JSON = "application/problem+json"
_TITLES = {404: "Nothing here", 405: "Method not allowed"}
_log = logging.getLogger("api")


class RequestError(KnowledgeGraphError):
    """A request that cannot be answered; `detail` says why, `hint` what to do, `members` what a program may read."""

    status: ClassVar[int] = 400
    type: ClassVar[str] = "request-error"
    title: ClassVar[str] = "The request cannot be answered"

    def __init__(
        self, detail: str, *, hint: str = "", headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.headers = dict(headers or {})
        self.members = members


class MalformedRequest(RequestError):
    """A parameter is missing, given twice or unreadable."""

    type = "malformed-request"
    title = "The request is malformed"


class QuerySyntaxError(RequestError):
    """The query does not parse; `line` and `column` count from 1."""

    type = "query-syntax"
    title = "The query does not parse"


class QueryTooComplex(RequestError):
    """Brackets nest deeper than the engine's stack allows."""

    type = "query-too-complex"
    title = "The query nests too deeply"


class QueryRefused(RequestError):
    """The query asks for what this server never does: other endpoints, loading, updates."""

    status = 403
    type = "query-refused"
    title = "The query is refused"


class NotFound(RequestError):
    """Nothing has this identifier."""

    status = 404
    type = "not-found"
    title = "Nothing has this identifier"


class NotAcceptable(RequestError):
    """There is no representation that the caller accepts; `alternatives` lists what there is."""

    status = 406
    type = "not-acceptable"
    title = "No acceptable representation"


class QueryTooLong(RequestError):
    """The query is longer than is read."""

    status = 413
    type = "query-too-long"
    title = "The query is too long"


class UnsupportedMediaType(RequestError):
    """The body is no query."""

    status = 415
    type = "unsupported-media-type"
    title = "The body is no query"


class UnprocessableValue(RequestError):
    """A parameter's value is of the wrong kind or unknown; `nearest` may list what was meant."""

    status = 422
    type = "unprocessable-value"
    title = "A value cannot be used"


class CallerGone(RequestError):
    """The caller closed the connection before the answer; the status is for the log only."""

    status = 499
    type = "caller-gone"
    title = "The caller is gone"


class QueryFailed(RequestError):
    """The engine could not evaluate the query, or the process that evaluated it ended."""

    status = 500
    type = "query-failed"
    title = "The query failed"


class ServerBusy(RequestError):
    """Every worker is taken and the queue is full, or the store is still opening."""

    status = 503
    type = "server-busy"
    title = "The server is busy"


class QueryTimeout(RequestError):
    """The deadline passed before the answer was complete."""

    status = 504
    type = "query-timeout"
    title = "The query took too long"


class ResourceExceeded(RequestError):
    """The memory limit or the size limit of an answer was reached."""

    status = 507
    type = "resource-exceeded"
    title = "The query needs more than it may use"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a problem document says: its members are the same for every error of the server."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    hint: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The members as JSON has them, without the hint where there is none."""
        fixed = {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": self.instance,
        }
        return {**fixed, **({"hint": self.hint} if self.hint else {}), **self.members}


ProblemRenderer = Callable[[Request, Problem], Response]


def problem_json(request: Request, problem: Problem) -> Response:
    """The problem as `application/problem+json`, whatever the request accepts."""
    body = orjson.dumps(problem.document(), option=orjson.OPT_INDENT_2, default=str)
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(body, problem.status, headers, media_type=PROBLEM_JSON)


def install_handlers(app: FastAPI, base: str) -> None:
    """Answer every error of `app` with a problem document whose type is an IRI below `base`.

    `app.state.problem_renderer` turns the problem into a response; whoever has pages may replace it.
    """
    app.state.problem_renderer = problem_json

    def respond(request: Request, problem: Problem) -> Response:
        render: ProblemRenderer = request.app.state.problem_renderer
        return render(request, problem)

    async def on_request_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestError)
        return respond(request, _of_request_error(request, error, base))

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return respond(request, _of_http_error(request, error))

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return respond(request, _of_request_error(request, _invalid(error), base))

    async def on_unexpected(request: Request, error: Exception) -> Response:
        return respond(request, _of_unexpected(request, error, base))

    app.add_exception_handler(RequestError, on_request_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Exception, on_unexpected)


def _of_request_error(request: Request, error: RequestError, base: str) -> Problem:
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
    return Problem("about:blank", title, error.status_code, detail, request.url.path, "", dict(error.headers or {}))


def _invalid(error: RequestValidationError) -> UnprocessableValue:
    faults = [{"where": [str(part) for part in fault["loc"]], "what": fault["msg"]} for fault in error.errors()]
    detail = "; ".join(f"{'.'.join(fault['where'])}: {fault['what']}" for fault in faults)
    return UnprocessableValue(detail, faults=faults)


def _of_unexpected(request: Request, error: Exception, base: str) -> Problem:
    """The caller gets an identifier only; the log has the rest under the same identifier."""
    identifier = secrets.token_hex(8)
    _log.error("unexpected error %s at %s %s: %r", identifier, request.method, request.url.path, error)
    detail = f"An unexpected error; the log of the server has it as {identifier}."
    return Problem(
        f"{base}problem/unexpected", "Unexpected error", 500, detail, request.url.path, members={"id": identifier}
    )
