"""Answers as the engine writes them, with validators: the same release gives the same solutions.

RFC 9110, sections 8.8 and 13.2, https://www.rfc-editor.org/rfc/rfc9110#section-13.2
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response

from api.engine.execution import Answer, Dataset, Executor
from api.engine.streaming import AnswerResponse, while_connected
from api.limits import Limits
from api.releases import Release
from api.responses import last_modified
from api.transport.conditions import is_known
from api.transport.formats import Format

__all__ = ["answered", "is_declined", "was_answered", "weak_tag"]

_ALWAYS = {"Vary": "Accept", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}


async def answered(
    request: Request, sparql: str, fmt: Format, headers: Mapping[str, str] | None = None, *, house: bool
) -> Response:
    """The answer to a query for a GET, or 304 where the caller has it; `house` as the executor's."""
    executor: Executor = request.app.state.executor
    release: Release = request.app.state.release
    given = {**_ALWAYS, **(headers or {})}
    read = await executor.read(sparql)
    if read.repeatable:
        given["ETag"] = weak_tag(release.version, read.text, Dataset(), fmt, executor.limits)
        given |= last_modified(release, release.version)
        if was_answered(request.headers, given["ETag"]):
            return Response(status_code=304, headers=given)
    answer = await while_connected(request, executor.answer(sparql, fmt, house=house))
    if "ETag" in given and is_declined(request.headers, given["ETag"], answer, given.get("Last-Modified", "")):
        return Response(status_code=304, headers=given)
    return AnswerResponse(answer, given)


def weak_tag(version: str, query: str, dataset: Dataset, fmt: Format, limits: Limits) -> str:
    """A weak validator: the same solutions, though not always in the same order."""
    parts = (version, query, dataset, fmt.media_type, limits)
    return f'W/"{hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()}"'


def is_declined(headers: Mapping[str, str], tag: str, answer: Answer, modified: str = "") -> bool:
    """Whether the caller has the answer already, which is given back then. Raises PreconditionFailed."""
    wanted = False
    try:
        wanted = not is_known(headers, tag, modified)
    finally:
        if not wanted:
            answer.close()
    return not wanted


def was_answered(headers: Mapping[str, str], tag: str) -> bool:
    """Whether the caller has the very answer, so that it need not be made; other conditions are those of an answer.

    Conditions count only where there would be one (RFC 9110, section 13.2.1), and a tag is given with an answer only.
    """
    others = ("if-match", "if-unmodified-since")
    if any(name in headers for name in others) or headers.get("if-none-match", "*").strip() == "*":
        return False
    return is_known(headers, tag)
