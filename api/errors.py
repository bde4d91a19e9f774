"""The refusals and failures that a caller sees, as problem documents (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457).

RequestError; LimitReached where a star stands
├── MovedPermanently       301  the thing is known under another identifier
├── MalformedRequest       400  a parameter is missing, given twice or unreadable
├── QuerySyntaxError       400  the query does not parse
├── QueryTooComplex *      400  brackets nest deeper than the engine's stack allows
├── QueryRefused           403  SERVICE, LOAD and updates
├── OriginRefused          403  an agent calls from a page of another origin
├── NotFound               404  nothing has this identifier
├── NotAcceptable          406  no representation that the caller accepts
├── Gone                   410  the identifier was retired, and nothing took its place
├── PreconditionFailed     412  not the representation that If-Match or If-Unmodified-Since expects
├── QueryTooLong *         413  more text than is read
├── UnsupportedMediaType   415  a body that is no query
├── Misdirected            421  an agent calls under a name that is not this server's
├── UnprocessableValue     422  a parameter's value is of the wrong kind or unknown
├── ShareSpent *           429  the client has used up its share of the engine for now
├── CallerGone             499  the caller closed the connection; for the log only
├── QueryFailed            500  the engine could not evaluate the query, or its process ended
├── ServerBusy             503  every worker is taken and the queue is full
├── LinkNotKept            503  no permanent link can be made now
├── ReleaseUnavailable     503  an older release cannot be opened
├── SearchUnavailable      503  the release was built without an index of names
├── QueryTimeout *         504  the deadline passed
└── ResourceExceeded *     507  the memory or the result limit was reached
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import orjson
from fastapi import Request
from starlette.responses import Response

from graph_builder.errors import KnowledgeGraphError

__all__ = [
    "PROBLEM_JSON",
    "CallerGone",
    "Gone",
    "LimitReached",
    "LinkNotKept",
    "MalformedRequest",
    "Misdirected",
    "MovedPermanently",
    "NotAcceptable",
    "NotFound",
    "OriginRefused",
    "PreconditionFailed",
    "Problem",
    "ProblemRenderer",
    "QueryFailed",
    "QueryRefused",
    "QuerySyntaxError",
    "QueryTimeout",
    "QueryTooComplex",
    "QueryTooLong",
    "ReleaseUnavailable",
    "RequestError",
    "ResourceExceeded",
    "SearchUnavailable",
    "ServerBusy",
    "ShareSpent",
    "UnprocessableValue",
    "UnsupportedMediaType",
    "problem_json",
]

PROBLEM_JSON = "application/problem+json"


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


class LimitReached(RequestError):
    """More was asked than is given; `limit` says which limit it was, as `api.limits.told` writes it."""

    def __init__(
        self,
        detail: str,
        *,
        limit: Mapping[str, Any],
        hint: str = "",
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail, hint=hint, headers=headers, limit=limit, **members)


class QueryTooComplex(LimitReached):
    """Brackets nest deeper than the engine's stack allows."""

    type = "query-too-complex"
    title = "The query nests too deeply"


class QueryRefused(RequestError):
    """The query asks for what this server never does: other endpoints, loading, updates."""

    status = 403
    type = "query-refused"
    title = "The query is refused"


class OriginRefused(RequestError):
    """An agent calls from a page of an origin that may not."""

    status = 403
    type = "origin-refused"
    title = "Pages of this origin may not call"


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


class MovedPermanently(RequestError):
    """The thing is known under another identifier, to which the header Location leads."""

    status = 301
    type = "moved-permanently"
    title = "Known under another identifier"


class Gone(RequestError):
    """The identifier was retired, and nothing took its place; `reason` says why in both languages."""

    status = 410
    type = "gone"
    title = "This identifier was retired"


class PreconditionFailed(RequestError):
    """The representation is not the one that a condition of the request expects; `tag` is its own."""

    status = 412
    type = "precondition-failed"
    title = "A condition of the request does not hold"


class QueryTooLong(LimitReached):
    """The query is longer than is read."""

    status = 413
    type = "query-too-long"
    title = "The query is too long"


class UnsupportedMediaType(RequestError):
    """The body is no query."""

    status = 415
    type = "unsupported-media-type"
    title = "The body is no query"


class Misdirected(RequestError):
    """An agent calls under a name that is not this server's."""

    status = 421
    type = "misdirected"
    title = "The server is not called by this name"


class UnprocessableValue(RequestError):
    """A parameter's value is of the wrong kind or unknown; `nearest` may list what was meant."""

    status = 422
    type = "unprocessable-value"
    title = "A value cannot be used"


class ShareSpent(LimitReached):
    """The client has used up its share of the engine for now; `Retry-After` says when it has some again."""

    status = 429
    type = "share-spent"
    title = "Your share of the engine is used up"


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


class LinkNotKept(RequestError):
    """No permanent link can be made: the folder cannot be written, or none is kept."""

    status = 503
    type = "link-not-kept"
    title = "The link cannot be kept"


class ReleaseUnavailable(RequestError):
    """An older release cannot be opened; the latest one is not concerned."""

    status = 503
    type = "release-unavailable"
    title = "The release cannot be opened"


class SearchUnavailable(RequestError):
    """The release was built without an index of names."""

    status = 503
    type = "search-unavailable"
    title = "The release has no index of names"


class QueryTimeout(LimitReached):
    """The deadline passed before the answer was complete."""

    status = 504
    type = "query-timeout"
    title = "The query took too long"


class ResourceExceeded(LimitReached):
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
