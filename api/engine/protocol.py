"""Reading a request of the SPARQL 1.1 Protocol, query operation (https://www.w3.org/TR/sparql11-protocol/#query-operation).

A query is decoded exactly once, from the bytes of the URL, of the form or of the body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import Request

from api.engine.execution import Dataset
from api.errors import MalformedRequest, QueryRefused, UnsupportedMediaType
from api.limits import body_of
from api.transport.forms import FORM, read_fields

__all__ = ["QUERY", "UPDATE", "ProtocolRequest", "read_request"]

QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
_FORMAT_NAMES = ("format", "output", "results")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
# RFC 3987, as far as the engine's terms need it: a scheme, then nothing that ends an IRI in a query.
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")
_SECONDS = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")
_COUNT = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class ProtocolRequest:
    """What a request asks: `query` is None where there is none; `seconds` and `rows` may be less than the server's."""

    query: str | None
    dataset: Dataset
    format_name: str
    seconds: float | None
    rows: int | None = None


async def read_request(request: Request) -> ProtocolRequest:
    """The operation of a GET, HEAD or POST request.

    Raises MalformedRequest, UnsupportedMediaType, QueryTooLong, and QueryRefused for an update.
    """
    fields = read_fields(request.scope["query_string"])
    if request.method == "POST":
        fields += await _body_fields(request)
    if any(name == "update" for name, _ in fields):
        raise _no_updates()
    query = _single(fields, "query")
    dataset = Dataset(_graphs(fields, "default-graph-uri"), _graphs(fields, "named-graph-uri"))
    named = [value for wanted in _FORMAT_NAMES for name, value in fields if name == wanted and value]
    return ProtocolRequest(query, dataset, named[0] if named else "", _seconds(fields), _rows(fields))


async def _body_fields(request: Request) -> list[tuple[str, str]]:
    content_type = request.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == UPDATE:
        raise _no_updates()
    if media_type not in (FORM, QUERY):
        said = f"The body is {media_type}" if media_type else "The body has no Content-Type"
        raise UnsupportedMediaType(f"{said}; a query is {FORM} or {QUERY}.", accepted=[FORM, QUERY])
    charset = _CHARSET.search(content_type)
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType(f"The body is in {charset[1]}; it must be in UTF-8.")
    body = await body_of(request, "A request")
    return read_fields(body) if media_type == FORM else [("query", _decoded(body))]


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedRequest(f"The query is not UTF-8: {error}.") from error


def _single(fields: list[tuple[str, str]], wanted: str) -> str | None:
    values = [value for name, value in fields if name == wanted]
    if len(values) > 1:
        raise MalformedRequest(f"The parameter {wanted} is given {len(values)} times.")
    return values[0] if values else None


def _graphs(fields: list[tuple[str, str]], wanted: str) -> tuple[str, ...]:
    values = dict.fromkeys(value for name, value in fields if name == wanted)
    for value in values:
        if not _IRI.fullmatch(value):
            raise MalformedRequest(f"{wanted}={value!r} is no absolute IRI.")
    return tuple(values)


def _seconds(fields: list[tuple[str, str]]) -> float | None:
    value = _single(fields, "timeout")
    if value is None or value == "":
        return None
    if not _SECONDS.fullmatch(value) or float(value) <= 0:
        raise MalformedRequest(f"timeout={value!r} is no number of seconds above 0.")
    return float(value)


def _rows(fields: list[tuple[str, str]]) -> int | None:
    value = _single(fields, "maxrows")
    if value is None or value == "":
        return None
    if not _COUNT.fullmatch(value) or int(value) == 0:
        raise MalformedRequest(f"maxrows={value!r} is no whole number above 0.")
    return int(value)


def _no_updates() -> QueryRefused:
    return QueryRefused(
        "Updates cannot be sent here.", hint="This endpoint only answers queries; the data changes by release."
    )
