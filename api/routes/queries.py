"""The canned queries over HTTP: the catalogue, one operation for each query, its answer in every table format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.answers import Cursor, Page, answer_json, evidence_of, note_on_nothing
from api.catalogue import RESERVED, Catalogue, Query
from api.dependencies import Served, links_of, served
from api.errors import NotFound, UnprocessableValue
from api.execution import Executor
from api.formats import Format, by_name, of_kind
from api.negotiation import choose
from api.parameters import Fault, Parameter, Values, read_values
from api.responses import data
from api.streaming import AnswerResponse, while_connected

__all__ = ["ANSWERS", "DEFAULT_ROWS", "MOST_ROWS", "queries_router"]

DEFAULT_ROWS, MOST_ROWS = 1000, 10_000
_JSON = Format("json", "JSON with names", "application/json", "json", ("table",), "", "")
# Our own JSON first: what `json` means for /sparql has its full name here.
ANSWERS: tuple[Format, ...] = (
    _JSON,
    *(replace(row, name="sparql-json", accepts=()) if row.name == "json" else row for row in of_kind("table")),
)
_SWITCH = {"": False, "false": False, "0": False, "true": True, "1": True}


def queries_router(catalogue: Catalogue) -> APIRouter:
    """The routes of the catalogue; each query is an operation of its own in OpenAPI."""
    router = APIRouter(prefix="/api/queries", tags=["queries"])

    @router.get("", summary="The catalogue of canned queries")
    async def list_queries(request: Request) -> Response:
        """Every query with its titles, typed parameters, result columns and an example."""
        return data(request, orjson.dumps({"queries": [query.as_json() for query in catalogue]}), _JSON)

    for query in catalogue:
        _add(router, query, catalogue)

    @router.api_route("/{name}", methods=["GET", "HEAD"], include_in_schema=False)
    async def run_named(name: str, request: Request) -> Response:
        query, suffix = _named(catalogue, name)
        return await _run(request, query, catalogue, suffix)

    return router


def _add(router: APIRouter, query: Query, catalogue: Catalogue) -> None:
    async def run(request: Request) -> Response:
        return await _run(request, query, catalogue)

    header = query.header
    router.add_api_route(
        f"/{query.id}",
        run,
        operation_id=query.id,
        summary=f"{header.title.en} · {header.title.ko}",
        description=f"{header.question.en} {header.description.en}\n\n{header.question.ko} {header.description.ko}",
        response_class=Response,
        responses=_responses(query),
        openapi_extra={"parameters": [_openapi(each, query) for each in header.parameters] + _PAGING},
    )


def _responses(query: Query) -> dict[int | str, dict[str, Any]]:
    content = {row.media_type: {"schema": {"type": "object" if row is _JSON else "string"}} for row in ANSWERS}
    columns = ", ".join(column.name for column in query.header.columns)
    problem = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
    return {
        200: {"description": f"Rows of {columns}", "content": content},
        406: {"description": "No acceptable format", **problem},
        422: {"description": "A parameter is unknown, missing or wrong; nearest matches are listed", **problem},
    }


_SCHEMAS: Mapping[str, dict[str, Any]] = {
    "date": {"type": "string", "format": "date"},
    "year": {"type": "integer", "minimum": 1900, "maximum": 2099},
    "integer": {"type": "integer"},
    "iri": {"type": "string", "format": "iri"},
}
_PAGING: list[dict[str, Any]] = [
    {
        "name": "limit",
        "in": "query",
        "description": "At most so many rows",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": DEFAULT_ROWS},
    },
    {"name": "cursor", "in": "query", "description": "Where to go on, from `next`", "schema": {"type": "string"}},
    {
        "name": "evidence",
        "in": "query",
        "description": "List for each row the places in articles and the other sources that it rests on (JSON only)",
        "schema": {"type": "boolean", "default": False},
    },
    {
        "name": "format",
        "in": "query",
        "description": "Format of the answer, instead of the Accept header",
        "schema": {"type": "string", "enum": [row.name for row in ANSWERS]},
    },
]


def _openapi(parameter: Parameter, query: Query) -> dict[str, Any]:
    one = dict(_SCHEMAS.get(parameter.scalar or "", {"type": "string"}))
    if parameter.default is not None:
        one["default"] = parameter.default
    accepted = "" if parameter.scalar else f" ({', '.join(parameter.kinds) or 'anything'}: IRI, CURIE, slug or name)"
    example = query.example.get(parameter.name, ())
    shown: dict[str, Any] = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": f"{parameter.description.en}{accepted} · {parameter.description.ko}",
        "schema": {"type": "array", "items": one} if parameter.many else one,
    }
    return shown | ({"example": list(example) if parameter.many else example[0]} if example else {})


def _named(catalogue: Catalogue, name: str) -> tuple[Query, str]:
    """The query of a path, and the suffix of a format or "". Raises NotFound with the nearest ids."""
    stem, _, suffix = name.rpartition(".")
    if (query := catalogue.get(name)) is not None:
        return query, ""
    if (query := catalogue.get(stem)) is not None and by_name(suffix, ANSWERS) is not None:
        return query, suffix
    nearest = catalogue.nearest(stem or name)
    raise NotFound(f"There is no query {name!r}.", hint=f"Nearest: {', '.join(nearest)}", nearest=nearest)


async def _run(request: Request, query: Query, catalogue: Catalogue, suffix: str = "") -> Response:
    now = served(request)
    given = _given(request)
    fmt = choose(request.headers.get("accept"), ANSWERS, suffix or _last(given, "format"))
    asked = _ask(query, given, now)
    if fmt.name != _JSON.name:
        page = asked.page if asked.paged else None
        return await _table(request, now.executor, query.bound(asked.values), fmt, page)
    table = await while_connected(request, now.executor.table(asked.page.of(query.bound(asked.values))))
    document, after = answer_json(query, asked.values, table, asked.page, now.release.version, now.entities)
    rows = table.rows[: asked.page.limit]
    if asked.evidence:
        document["evidence"] = await evidence_of(query, rows, catalogue, now.executor, now.entities)
    if not rows:
        document["note"] = await note_on_nothing(catalogue, now.executor)
    document["next"] = path = _path(request, query.id, str(after)) if after else None
    links = [f'<{path}>; rel="next"'] if path else []
    location = "" if suffix else _path(request, f"{query.id}.json", _last(given, "cursor") or None)
    return data(request, orjson.dumps(document), _JSON, links, location)


@dataclass(frozen=True, slots=True)
class _Asked:
    values: Values
    page: Page
    paged: bool
    evidence: bool


def _ask(query: Query, given: Mapping[str, Sequence[str]], now: Served) -> _Asked:
    """What the caller wants. Raises UnprocessableValue with everything that is wrong."""
    own = {name: texts for name, texts in given.items() if name not in RESERVED}
    values, faults = read_values(query.header.parameters, own, now.entities)
    page, wrong = _page(given, now.release.version)
    evidence = _evidence_wanted(given, wrong)
    if faults or wrong:
        raise _unprocessable([*faults, *wrong])
    return _Asked(values, page, "limit" in given or "cursor" in given, evidence)


def _given(request: Request) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        given.setdefault(name, []).append(value)
    return given


def _last(given: Mapping[str, Sequence[str]], name: str) -> str:
    return given[name][-1].strip() if given.get(name) else ""


def _page(given: Mapping[str, Sequence[str]], version: str) -> tuple[Page, list[Fault]]:
    limit, cursor = _last(given, "limit"), _last(given, "cursor")
    faults = []
    if limit and not (limit.isascii() and limit.isdigit() and len(limit) < 9 and 1 <= int(limit) <= MOST_ROWS):
        faults.append(Fault("limit", f"a whole number from 1 to {MOST_ROWS}", limit))
    try:
        place = Cursor.read(cursor) if cursor else Cursor(version)
    except ValueError:
        place = Cursor("")
    if place.version != version:
        faults.append(Fault("cursor", "take the cursor from `next` of an answer of this release", cursor))
    return Page(int(limit) if limit and not faults else DEFAULT_ROWS, place.offset), faults


def _evidence_wanted(given: Mapping[str, Sequence[str]], faults: list[Fault]) -> bool:
    said = _last(given, "evidence").lower()
    if said not in _SWITCH:
        faults.append(Fault("evidence", "true or false", said, names=("true", "false")))
    return _SWITCH.get(said, False)


def _unprocessable(faults: Sequence[Fault]) -> UnprocessableValue:
    detail = "; ".join(f"{fault.parameter}: {fault.message}" for fault in faults)
    return UnprocessableValue(detail, hint=_hint(faults[0]), faults=[fault.as_json() for fault in faults])


def _hint(fault: Fault) -> str:
    nearest = [f"{each.curie} ({each.label.get('ko', each.slug)})" for each in fault.nearest] or list(fault.names)
    return f"Nearest: {', '.join(nearest)}" if nearest else ""


async def _table(request: Request, executor: Executor, sparql: str, fmt: Format, page: Page | None) -> Response:
    # a cap and not a LIMIT, so that the headers tell what is left out
    limits = executor.limits.within(rows=page.limit) if page else None
    bounded = f"{sparql}\nOFFSET {page.offset:d}" if page else sparql
    answer = await while_connected(request, executor.answer(bounded, fmt, limits))
    return AnswerResponse(answer, {"Vary": "Accept", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})


def _path(request: Request, name: str, cursor: str | None) -> str:
    kept = [(key, value) for key, value in request.query_params.multi_items() if key not in ("cursor", "format")]
    query = urlencode([*kept, *([("cursor", cursor)] if cursor else [])])
    return links_of(request).canned(name) + (f"?{query}" if query else "")
