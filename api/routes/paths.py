"""How things are related, over HTTP: paths, neighbourhoods and what is shared as JSON and CSV, and a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.dependencies import Served, frame_of, languages_of, links_of, served
from api.descriptions.neighbourhood import Name
from api.engine.streaming import while_connected
from api.errors import UnprocessableValue
from api.questions.parameters import Parameter
from api.relations.exploration import Explorer
from api.relations.inquiries import ASKED, RANGES, Given, read_switch
from api.relations.relationships import COLUMNS, neighbourhood, paths, rows_of, shared
from api.relations.schemas import document_schema
from api.responses import alternates, data, html
from api.transport.formats import RECORDS, Format, by_name
from api.transport.negotiation import choose
from api.views.pages import ExplorePage
from api.wording.display import LANGUAGES
from api.wording.strings import say

__all__ = ["FORMATS", "router"]

router = APIRouter(tags=["relationships"])

_CSV = by_name("csv")
assert _CSV is not None
FORMATS: tuple[Format, ...] = (RECORDS, _CSV)
_Document = dict[str, Any]
_Find = Callable[[Served, Explorer, Given, bool], Awaitable[_Document]]
_EXAMPLES: Mapping[str, Any] = {
    "from": "신한은행",
    "to": "스마트공장",
    "of": "org:shinhan-bank",
    "a": "org:motie-2013",
    "b": "org:mss-2017",
    "kinds": ["program", "measure", "policy"],
    "without": ["event", "kip:hasInstrument"],
    "asOf": "2020-06-01",
}


def _openapi(question: str, evidence: bool) -> dict[str, Any]:
    shown = [_parameter(each) for each in ASKED[question]]
    switch = {
        "name": "evidence",
        "in": "query",
        "description": "List for each link the places in articles and the other sources that it rests on",
        "schema": {"type": "boolean", "default": evidence},
    }
    fmt = {
        "name": "format",
        "in": "query",
        "description": "Format of the answer, instead of the Accept header",
        "schema": {"type": "string", "enum": [row.name for row in FORMATS]},
    }
    return {"parameters": [*shown, switch, fmt]}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = parameter.json_schema()
    if parameter.name in RANGES:
        least, most, usual = RANGES[parameter.name]
        schema = {"type": "integer", "minimum": least, "maximum": most, "default": usual}
    shown = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": f"{parameter.explained().en} · {parameter.explained().ko}",
        "schema": schema,
    }
    return shown | ({"example": _EXAMPLES[parameter.name]} if parameter.name in _EXAMPLES else {})


def _responses(question: str, description: str) -> dict[int | str, dict[str, Any]]:
    problem = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
    content = {
        RECORDS.media_type: {"schema": document_schema(question)},
        FORMATS[1].media_type: {"schema": {"type": "string"}},
    }
    return {
        200: {"description": description, "content": content},
        406: {"description": "No acceptable format", **problem},
        422: {"description": "A parameter is unknown, missing or wrong; nearest matches are listed", **problem},
        503: {"description": "Every worker is taken, or the network is not open yet", **problem},
        504: {"description": "The deadline passed", **problem},
    }


@router.get(
    "/api/paths",
    summary="How two things are related · 두 항목을 잇는 경로",
    response_class=Response,
    responses=_responses("paths", "Paths, lightest first: their steps with evidence, and each told in a sentence"),
    openapi_extra=_openapi("paths", True),
)
async def related(request: Request) -> Response:
    """The lightest paths over typed links between two things; common hubs cost more, telling links less."""
    return await _answered(request, paths, "paths", evidence=True)


@router.get(
    "/api/neighbourhood",
    summary="What is near a thing · 이웃한 항목",
    response_class=Response,
    responses=_responses("neighbourhood", "Neighbours, nearest first, each with its lightest path"),
    openapi_extra=_openapi("neighbourhood", False),
)
async def near(request: Request) -> Response:
    """The things that are so many links away, with the way to each."""
    return await _answered(request, neighbourhood, "neighbours", evidence=False)


@router.get(
    "/api/shared",
    summary="What two things share · 두 항목이 함께 이어진 것",
    response_class=Response,
    responses=_responses("shared", "Things that both are linked with, what says most first"),
    openapi_extra=_openapi("shared", True),
)
async def common(request: Request) -> Response:
    """Who and what two things are both linked with, and how."""
    return await _answered(request, shared, "shared", evidence=True)


@router.get("/explore", response_class=Response, include_in_schema=False)
async def explore(request: Request) -> Response:
    """Two names in, the ways between them out; with one name, what is near it."""
    given = _given(request, "lang", "format")
    asked = {name: [text.strip() for text in texts if text.strip()] for name, texts in given.items()}
    asked = {name: texts for name, texts in asked.items() if texts}
    try:
        found = await while_connected(request, _explored(request, asked))
        faults: tuple[Mapping[str, Any], ...] = ()
    except UnprocessableValue as error:
        found, faults = {}, tuple(error.members["faults"])
    frame = frame_of(request)
    title = Name(*(say("explore", language) for language in LANGUAGES))
    typed = {name: ", ".join(texts) for name, texts in asked.items()}
    data_path = _data_path(request, asked)
    page = ExplorePage(title, typed, faults, found, data_path, FORMATS)
    return html(request, page, frame, alternates({}, languages=languages_of(frame)), 422 if faults else 200)


async def _explored(request: Request, asked: Given) -> _Document:
    if not asked.get("from"):
        return {}
    here, explorer = served(request), request.app.state.explorer
    if asked.get("to"):
        found = await paths(here, explorer, asked)
        both = {"a": [found["from"]["iri"]], "b": [found["to"]["iri"]]}
        kept = {name: asked[name] for name in ("kinds", "without", "asOf") if name in asked}
        return {**found, "shared": (await shared(here, explorer, {**both, **kept}, False))["shared"]}
    rest = {name: texts for name, texts in asked.items() if name not in ("from", "k", "length")}
    return await neighbourhood(here, explorer, {"of": asked["from"], **rest}, True)


def _data_path(request: Request, asked: Given) -> str:
    """The path of the same answer as data."""
    links = links_of(request)
    if asked.get("from") and asked.get("to"):
        return f"{links.path('api/paths')}?{urlencode(asked, doseq=True)}"
    rest = {name: texts for name, texts in asked.items() if name not in ("from", "to", "k", "length")}
    query = urlencode({"of": asked.get("from", ()), **rest, "evidence": "true"}, doseq=True)
    return f"{links.path('api/neighbourhood')}?{query}"


async def _answered(request: Request, find: _Find, key: str, *, evidence: bool) -> Response:
    given = _given(request, "evidence", "format")
    fmt = choose(request.headers.get("accept"), FORMATS, request.query_params.get("format"))
    wanted = read_switch("evidence", request.query_params.get("evidence", "").strip(), evidence)
    document = await while_connected(request, find(served(request), request.app.state.explorer, given, wanted))
    body = orjson.dumps(document) if fmt.name == RECORDS.name else _csv_of(document[key])
    return data(request, body, fmt, vary="Accept")


def _given(request: Request, *apart: str) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name not in apart:
            given.setdefault(name, []).extend(value.split(",") if name in ("kinds", "without") else [value])
    return {name: [text for text in texts if text.strip()] for name, texts in given.items()}


def _csv_of(found: list[_Document]) -> bytes:
    """A row for each place of evidence of each step, with the mark by which Korean spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows_of(found))
    return out.getvalue().encode("utf-8-sig")
