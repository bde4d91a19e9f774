"""The time of a resource: `Accept-Datetime` leads to a release, and what a release answers says when it was.

RFC 7089 (Memento), pattern 1.1, https://www.rfc-editor.org/rfc/rfc7089#section-4.1.1: a resource is its own TimeGate.
Below `/v/{version}/` nothing changes any more (RFC 8246, https://www.rfc-editor.org/rfc/rfc8246).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import MalformedRequest, Problem, problem_json
from api.links import normalise
from api.releases import Release
from api.versions.mementos import Memento, Resource, at, mementos, read_moment

__all__ = ["TimeGate", "describe_moments", "resource_of", "states"]

FOREVER = "public, max-age=31536000, immutable"
_SAFE = "/:@!$'()*,;=~+"
# What is there where a release says something of it.
_THING = re.compile(
    r"/(?:(?:data/)?(?P<graph>graph/[^.]+)|(?:id|page|data)/(?P<thing>[^/]+/[^/.]+)|np/(?P<statement>[^/.]+)"
    r"|(?P<term>(?:def|scheme)/[^.]+))(?:\.[^/]*)?"
)
# What has a state in every release; not what tells of the server, nor what is of one release by its own name.
_DOCUMENT = re.compile(
    r"/(?:|(?:def|dataset|shapes)(?:\.[^/]*)?|def/[^/]+/|scheme|profile(?:/.*)?|context\.jsonld|list/.+|query(?:/.*)?"
    r"|sparql|articles|quality|search|explore|why|about"
    r"|api/(?:queries(?:/.*)?|why|search|suggest|paths|neighbourhood|shared))"
)
# Of the documents, those of which the timegate is told with every answer; elsewhere it answers who asks.
_TOLD = re.compile(r"/(?:(?:def|dataset)(?:\.[^/]*)?|def/[^/]+/|scheme)")
# What is of one release by its own name, and lasts without having other states.
_FIXED = re.compile(r"/np/[^/]+/[^/]+")
_MOMENTS = {
    "302": ("Led", "Accept-Datetime was sent: Location leads to the release of then (RFC 7089)."),
    "304": ("Known", "The caller has it already."),
}
_QUESTION = re.compile(r"/(?:api/queries|query)/([^/.]+).*")
_LIST = re.compile(r"/list/(.+)")
_CANONICAL = re.compile(r'<([^<>]*)>(; rel="canonical")')
_LASTING = frozenset({200, 203, 206, 301, 303})


class TimeGate:
    """Wraps the application of a release."""

    def __init__(self, app: ASGIApp, release: Release) -> None:
        self._app = app
        self._release = release
        self._mount = f"/v/{release.version}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead to the release of the moment that is asked for; else answer, and tell of time."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        root = scope.get("root_path", "")
        tail = scope["path"].removeprefix(root)
        if root.endswith(self._mount):
            send = _Telling(scope, send, self._release, root.removesuffix(self._mount)).send
        else:
            asked = Headers(scope=scope).get("accept-datetime")
            listed = states(scope["app"], tail) if asked is not None or _is_told(tail) else ()
            if listed and asked is not None:
                answer = _led(scope, self._release, resource_of(scope, root, listed), asked)
                await answer(scope, receive, send)
                return
            if listed:
                send = _Original(resource_of(scope, root, listed), send).send
        await self._app(scope, receive, send)


def resource_of(scope: Scope, root: str, listed: tuple[Memento, ...], tail: str = "") -> Resource:
    """The resource that a request names, below `root`; `tail` where it is not the one of the request's own path."""
    headers = Headers(scope=scope)
    origin = f"{scope['scheme']}://{headers.get('host', '')}" if headers.get("host") else ""
    path = quote(tail or scope["path"].removeprefix(scope.get("root_path", "")), safe=_SAFE)
    query = scope["query_string"].decode("latin-1")
    return Resource(origin, root, path + (f"?{query}" if query else ""), listed)


def states(app: FastAPI, tail: str) -> tuple[Memento, ...]:
    """The releases in which there is something at a path; none where it is no resource, or has no states in time."""
    release: Release = app.state.release
    found = _THING.fullmatch(normalise(tail))
    if found:
        return mementos(release, release.base + _tail(found))
    return mementos(release) if _DOCUMENT.fullmatch(tail) and _is_there(app, tail) else ()


def _tail(found: re.Match[str]) -> str:
    """The part after the base of the IRI that a path is about."""
    if found["thing"]:
        return f"id/{found['thing']}"
    return f"id/statement/{found['statement']}" if found["statement"] else found["graph"] or found["term"]


def _is_there(app: FastAPI, tail: str) -> bool:
    """Whether there is such a question or list: every release is asked and shown by the present program."""
    if found := _QUESTION.fullmatch(tail):
        return app.state.catalogue.get(found[1]) is not None
    listed = _LIST.fullmatch(tail)
    return listed is None or listed[1] in {each["kind"] for each in app.state.release.labels}


def _is_told(tail: str) -> bool:
    return bool(_TOLD.fullmatch(tail) or _THING.fullmatch(tail))


def describe_moments(app: FastAPI) -> None:
    """Have the OpenAPI document say which operations have states in time, and name a version that there is."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        kept = document["components"]["responses"]
        kept |= {name: {"description": text} for name, text in _MOMENTS.values()}
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if method == "get" and (_THING.fullmatch(path) or _DOCUMENT.fullmatch(path)):
                    for status, (name, _) in _MOMENTS.items():
                        operation["responses"].setdefault(status, {"$ref": f"#/components/responses/{name}"})
                _give_version(operation, app.version)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _give_version(operation: dict[str, Any], version: str) -> None:
    """The release that is served, as an example of a version."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "version" and parameter["in"] == "path":
            parameter.setdefault("example", version)


def _led(scope: Scope, release: Release, resource: Resource, asked: str) -> Response:
    """302 to the memento (section 4.5.1), or 400 for a moment that cannot be read (section 4.5.3)."""
    moment, told = read_moment(asked), {"Vary": "accept-datetime", "Link": ", ".join(resource.links())}
    if moment is None:
        return _unreadable(scope, release, asked, told)
    headers = {
        **told,
        "Location": resource.address(at(resource.mementos, moment)),
        "Cache-Control": "no-cache",
        "Access-Control-Allow-Origin": "*",
    }
    return Response(status_code=302, headers=headers)


def _unreadable(scope: Scope, release: Release, asked: str, told: Mapping[str, str]) -> Response:
    error = MalformedRequest(
        f"Accept-Datetime: {asked[:80]!r} is no date of HTTP.", hint='Write "Tue, 20 Mar 2001 20:35:00 GMT".'
    )
    kind = f"{release.base}problem/{error.type}"
    problem = Problem(kind, error.title, error.status, error.detail, scope["path"], error.hint, told)
    return problem_json(Request(scope), problem)


class _Original:
    """Tells with an answer where its earlier states are."""

    def __init__(self, resource: Resource, send: Send) -> None:
        self._resource = resource
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            if message["status"] in (*_LASTING, 304):
                headers.add_vary_header("accept-datetime")
                _link(headers, self._resource.links())
        await self._send(message)


class _Telling:
    """Tells with an answer of a release that it lasts, when it was, and where the latest one is."""

    def __init__(self, scope: Scope, send: Send, release: Release, root: str) -> None:
        self._scope = scope
        self._send = send
        self._release = release
        self._root = root

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in (*_LASTING, 304):
            self._tell(MutableHeaders(raw=message["headers"]), message["status"])
        await self._send(message)

    def _tell(self, headers: MutableHeaders, status: int) -> None:
        tail = self._scope["path"].removeprefix(self._scope["root_path"])
        is_timed = bool(_THING.fullmatch(tail) or _DOCUMENT.fullmatch(tail))
        if is_timed:
            self._tell_time(headers, states(self._scope["app"], tail))
        elif not _FIXED.fullmatch(tail):
            return
        # without a tag it was not the same for everybody, and what was capped depends on the settings
        lasting = "etag" in headers or status in (301, 303)
        if lasting and "x-kip-truncated" not in headers and headers.get("cache-control") == "no-cache":
            headers["Cache-Control"] = FOREVER

    def _tell_time(self, headers: MutableHeaders, listed: tuple[Memento, ...]) -> None:
        resource = resource_of(self._scope, self._root, listed)
        here = next((each for each in listed if each.version == self._release.version), None)
        if here is not None:
            headers["Memento-Datetime"] = here.date
        self._name_latest(headers, resource)
        _link(headers, resource.links(here) if listed else [])

    def _name_latest(self, headers: MutableHeaders, resource: Resource) -> None:
        """One canonical address: that of the latest release (RFC 6596); and the same as its version (RFC 5829)."""
        mount = self._scope["root_path"]
        given = headers.get("link", "")
        if _CANONICAL.search(given):
            headers["link"] = _CANONICAL.sub(
                lambda found: f"<{self._root}{found[1].removeprefix(mount)}>{found[2]}", given
            )
        else:
            _link(headers, [f'<{resource.original}>; rel="canonical"'])
        _link(headers, [f'<{resource.original}>; rel="latest-version"', f'<{self._root}/v/>; rel="version-history"'])


def _link(headers: MutableHeaders, values: list[str]) -> None:
    """Add values of Link to those that there are."""
    given = headers.get("link")
    if values:
        headers["link"] = ", ".join([*([given] if given else []), *values])
