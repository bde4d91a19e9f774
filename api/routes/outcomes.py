"""What the operations on things, vocabulary and data set answer, as OpenAPI describes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.descriptions.representations import HTML
from api.errors import PROBLEM_JSON
from api.routes.wishes import GRAPHS
from api.transport.formats import Format

__all__ = ["Outcomes", "redirect", "represented"]

Outcomes = dict[int | str, dict[str, Any]]
_REFUSALS = {
    301: "Known under another identifier: Location leads there.",
    400: "A parameter cannot be read.",
    404: "Nothing has this identifier; the nearest names are listed.",
    406: "No acceptable representation; the alternatives are listed.",
    410: "The identifier was retired, and nothing took its place.",
}
_HEADERS = {
    "ETag": "Strong; another one for each format, profile and language.",
    "Link": "The other representations, and the other parts of a large one.",
    "Vary": "What chose the representation.",
}


def _content(media_types: Iterable[str]) -> dict[str, Any]:
    return {media_type: {"schema": {}} for media_type in media_types}


def _refusals(statuses: Iterable[int]) -> Outcomes:
    content = _content((PROBLEM_JSON, HTML))
    return {status: {"description": _REFUSALS[status], "content": content} for status in statuses}


def represented(*refusals: int, page: bool = True, formats: Iterable[Format] = GRAPHS) -> Outcomes:
    """A representation in one of the formats, or the page; 304 for who has it; and these refusals."""
    types = [HTML] if page else []
    types += [name for row in formats for name in row.media_types]
    headers = {name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()}
    return {
        200: {"description": "The representation.", "headers": headers, "content": _content(types)},
        304: {"description": "The caller has it already."},
        **_refusals(refusals),
    }


def redirect(*refusals: int) -> Outcomes:
    """303 to the document, and these refusals."""
    header = {"Location": {"description": "The document.", "schema": {"type": "string"}}}
    return {303: {"description": "What is said of it stands there.", "headers": header}, **_refusals(refusals)}
