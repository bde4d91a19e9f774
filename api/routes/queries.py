"""The canned queries over HTTP: the catalogue, one operation for each query, its answer in every table format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.dependencies import Served, links_of, sent_parameters, served
from api.descriptions.bibliography import cited
from api.descriptions.citations import places_behind, works_of
from api.engine.execution import TRUNCATED
from api.engine.streaming import while_connected
from api.questions.answers import document_of, evidence_of
from api.questions.catalogue import RESERVED, Catalogue, Query
from api.questions.coverage import note_on_nothing
from api.questions.cursors import Cursor, Page, Slice, read_cursor, read_page, scope_of
from api.questions.exports import export
from api.questions.operations import CATALOGUE_SCHEMA, parameters_of, responses_of
from api.questions.parameters import Fault, Values, read_values, unprocessable
from api.questions.tabular import About, Head, Sheet
from api.responses import data
from api.routes.answering import answered
from api.transport.formats import ANSWERS, CITATIONS, RECORDS, Format, by_name
from api.transport.negotiation import choose
from api.wording.display import LANGUAGES, Language
from api.wording.strings import choose_language

__all__ = ["Asked", "ask", "kept_file", "queries_router"]

_DEFAULT_ROWS, _MOST_ROWS = 1000, 10_000
_JSON = RECORDS
# Formats with words in them, and those that are opened as a file.
_WORDED, _FILES = frozenset({"json", "xlsx", "parquet"}), frozenset({"xlsx", "parquet"})
_OFFERED = (*ANSWERS, *CITATIONS)
_CITED = frozenset(row.name for row in CITATIONS)
_SWITCH = {"": False, "false": False, "0": False, "true": True, "1": True}


def queries_router(catalogue: Catalogue) -> APIRouter:
    """The routes of the catalogue; each query is an operation of its own in OpenAPI."""
    router = APIRouter(prefix="/api/queries", tags=["queries"])

    listed = {"content": {_JSON.media_type: {"schema": CATALOGUE_SCHEMA}}}

    @router.get("", summary="The catalogue of canned queries", response_class=Response, responses={200: listed})
    async def list_queries(request: Request) -> Response:
        """Every query with its titles, typed parameters, result columns and an example."""
        return data(request, orjson.dumps({"queries": [query.as_json() for query in catalogue]}), _JSON)

    for query in catalogue:
        _add(router, query)

    @router.api_route("/{name}", methods=["GET", "HEAD"], include_in_schema=False)
    async def run_named(name: str, request: Request) -> Response:
        query, suffix = _named(catalogue, name)
        return await _run(request, query, suffix)

    return router


def _add(router: APIRouter, query: Query) -> None:
    async def run(request: Request) -> Response:
        return await _run(request, query)

    header = query.header
    router.add_api_route(
        f"/{query.id}",
        run,
        operation_id=query.id,
        summary=f"{header.title.en} · {header.title.ko}",
        description=f"{header.question.en} {header.description.en}\n\n{header.question.ko} {header.description.ko}",
        response_class=Response,
        responses=responses_of(query),
        openapi_extra={"parameters": parameters_of(query, _DEFAULT_ROWS, _MOST_ROWS)},
    )


def _named(catalogue: Catalogue, name: str) -> tuple[Query, str]:
    """The query of a path, and the suffix of a format or "". Raises NotFound with the nearest ids."""
    stem, _, suffix = name.rpartition(".")
    if stem and by_name(suffix, _OFFERED) is not None:
        return catalogue.named(stem), suffix
    return catalogue.named(name), ""


async def _run(request: Request, query: Query, suffix: str = "") -> Response:
    now = served(request)
    asked = ask(request, query, now)
    fmt = choose(request.headers.get("accept"), _OFFERED, suffix or _format_named(asked.given))
    asked = replace(asked, evidence=asked.evidence or fmt.name in _CITED)
    if fmt.engine and not (asked.paged or asked.evidence):
        bookmark = _bookmark(request, now.release.version)
        return await answered(request, query.bound(asked.values), fmt, {"Link": bookmark}, house=True)
    found = await while_connected(request, _found(query, asked, fmt, now))
    links = _Pages(request, query, asked, found.part, now.release.version)
    if fmt.name == _JSON.name:
        body = await _document(query, asked, found, links, now)
    elif fmt.name in _CITED:
        body = await _cited(fmt, found, now)
    else:
        body = await export(fmt, _sheet(query, asked, found, links, now))
    location = "" if suffix else _path(request, f"{query.id}.{fmt.suffix}", _last(asked.given, "cursor") or None)
    kept = [*links.values(), _bookmark(request, now.release.version)]
    answer = data(request, body, fmt, kept, location)
    answer.headers.update(_told(query, asked, fmt, found.part))
    answer.headers["Vary"] = "Accept, Accept-Language"
    return answer


async def kept_file(
    request: Request, query: Query, values: Values, fmt: Format, address: str, given: Mapping[str, Sequence[str]]
) -> Response:
    """The whole answer as a file that gives `address` for its own, in the language of the reader."""
    now = served(request)
    language = choose_language(request.query_params.get("lang"), request.headers.get("accept-language"))
    asked = Asked(values, Page(_at_most(_MOST_ROWS, now)), False, False, language, given)
    found = await while_connected(request, _found(query, asked, fmt, now))
    sheet = _sheet(query, asked, found, _Pages(request, query, asked, found.part, now.release.version), now)
    body = await export(fmt, replace(sheet, about=replace(sheet.about, url=address, next="")))
    answer = data(request, body, fmt, [f'<{address}>; rel="bookmark"'])
    answer.headers.update(_told(query, asked, fmt, found.part))
    answer.headers["Vary"] = "Accept, Accept-Language"
    return answer


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller wants of a query: the values of its parameters, which rows, with or without evidence, in words of
    which language; `given` is what was sent.
    """

    values: Values
    page: Page
    paged: bool
    evidence: bool
    language: Language
    given: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Found:
    """The rows of a page, and the evidence of each where it was asked for."""

    part: Slice
    evidence: Sequence[Sequence[dict[str, Any]]] | None


def ask(request: Request, query: Query, now: Served) -> Asked:
    """What the caller wants. Raises UnprocessableValue with everything that is wrong."""
    given = sent_parameters(request)
    own = {name: texts for name, texts in given.items() if name not in RESERVED}
    values, faults = read_values(query.header.parameters, own, now.entities)
    evidence = _evidence_wanted(given, faults)
    paged = "limit" in given or "cursor" in given
    language = choose_language(_language(given, faults), request.headers.get("accept-language"))
    page = _page(given, query, values, now, faults)
    if faults:
        raise unprocessable(faults)
    return Asked(values, page, paged, evidence, language, given)


async def _found(query: Query, asked: Asked, fmt: Format, now: Served) -> _Found:
    # a file that is kept has all rows, a page of JSON is looked at
    whole = replace(asked.page, limit=_at_most(_MOST_ROWS, now)) if fmt.name != _JSON.name else asked.page
    part = await read_page(now.executor, query.bound(asked.values), asked.page if asked.paged else whole)
    if not asked.evidence:
        return _Found(part, None)
    return _Found(part, await evidence_of(query, part.rows, now.catalogue, now.executor, now.entities))


async def _document(query: Query, asked: Asked, found: _Found, links: _Pages, now: Served) -> bytes:
    document = document_of(query, asked.values, found.part, now.release.version, now.entities, asked.language)
    if not found.part.rows:
        parameters, queries = query.header.parameters, now.describer.queries
        document["note"] = await note_on_nothing(parameters, asked.values, now.executor, queries, now.entities)
    return orjson.dumps(document | {"next": links.next or None, "evidence": found.evidence})


async def _cited(fmt: Format, found: _Found, now: Served) -> bytes:
    """The works behind the rows."""
    places = places_behind(found.evidence or ())
    return cited(await works_of(places, now.executor, now.describer.queries, now.entities), fmt)


def _sheet(query: Query, asked: Asked, found: _Found, links: _Pages, now: Served) -> Sheet:
    base = links_of(links.request).base
    own = [(name, text) for name, texts in asked.given.items() if name not in RESERVED for text in texts]
    table = f"{base}api/queries/{query.id}"
    about = About(
        query,
        {name: ", ".join(term.value for term in terms) for name, terms in asked.values.items()},
        now.release.version,
        str(now.release.manifest.get("issued", "")),
        f"{table}?{urlencode(own)}" if own else table,
        f"{table}.csv?{urlencode(own)}" if own else f"{table}.csv",
        truncated=found.part.more,
        next=links.next,
    )
    own_heads = tuple(map(Head.of, query.header.columns))
    return Sheet(own_heads, found.part.rows, about, now.entities, asked.language, found.evidence)


@dataclass(frozen=True, slots=True)
class _Pages:
    """Where the other pages of an answer are (RFC 8288, section 3.3)."""

    request: Request
    query: Query
    asked: Asked
    part: Slice
    version: str

    @property
    def next(self) -> str:
        """The path of the next page, "" after the last."""
        return self._at(self.part.next(self.version, self._scope))

    @property
    def previous(self) -> str:
        """The path of the page before, "" before the first."""
        return self._at(self.part.previous(self.version, self._scope))

    def values(self) -> list[str]:
        """The values of Link."""
        beyond = bool(self.next or self.previous or self.asked.page.cursor)
        first = _path(self.request, self._name, None) if beyond else ""
        named = (("first", first), ("prev", self.previous), ("next", self.next))
        return [f'<{path}>; rel="{name}"' for name, path in named if path]

    @property
    def _scope(self) -> str:
        return scope_of(self.query.id, self.asked.values)

    @property
    def _name(self) -> str:
        return self.request.url.path.rpartition("/")[2]

    def _at(self, cursor: Cursor | None) -> str:
        return _path(self.request, self._name, str(cursor)) if cursor else ""


def _bookmark(request: Request, version: str) -> str:
    """The value of Link for the address that always has this answer, whatever release is served later (RFC 8288)."""
    links, query = links_of(request), request.scope["query_string"].decode("latin-1")
    tail = request.scope["path"].removeprefix(links.root).lstrip("/")
    path = links.unversioned(version).path(f"v/{version}/{tail}")
    return f'<{path}{"?" + query if query else ""}>; rel="bookmark"'


def _told(query: Query, asked: Asked, fmt: Format, part: Slice) -> dict[str, str]:
    """What the headers tell beside the body: a cap, the language of names, and under which name a file is kept."""
    told = {TRUNCATED: "rows"} if part.more else {}
    if fmt.name in _WORDED:
        told["Content-Language"] = asked.language
    if fmt.name in _FILES:
        told["Content-Disposition"] = f'attachment; filename="{query.id}.{fmt.suffix}"'
    return told


def _last(given: Mapping[str, Sequence[str]], name: str) -> str:
    return given[name][-1].strip() if given.get(name) else ""


def _format_named(given: Mapping[str, Sequence[str]]) -> str:
    """The format that a parameter names: `cite` one for works, `format` any. Raises UnprocessableValue."""
    cite = _last(given, "cite")
    if cite and by_name(cite, CITATIONS) is None:
        names = tuple(row.name for row in CITATIONS)
        raise unprocessable([Fault("cite", f"one of {', '.join(names)}", cite, names=names)])
    return cite or _last(given, "format")


def _page(given: Mapping[str, Sequence[str]], query: Query, values: Values, now: Served, faults: list[Fault]) -> Page:
    limit, said = _last(given, "limit"), _last(given, "cursor")
    if limit and not (limit.isascii() and limit.isdigit() and len(limit) < 9 and 1 <= int(limit) <= _MOST_ROWS):
        faults.append(Fault("limit", f"a whole number from 1 to {_MOST_ROWS}", limit))
        limit = ""
    cursor = read_cursor(said, scope_of(query.id, values), now.release.version, faults) if said else None
    return Page(_at_most(int(limit or _DEFAULT_ROWS), now), cursor)


def _at_most(rows: int, now: Served) -> int:
    """So many rows, or as many as an answer may have beside the cursor's own and the one after."""
    return max(1, min(rows, now.executor.limits.rows - 2))


def _language(given: Mapping[str, Sequence[str]], faults: list[Fault]) -> str:
    said = _last(given, "lang")
    if said and said not in LANGUAGES:
        faults.append(Fault("lang", f"one of {', '.join(LANGUAGES)}", said, names=LANGUAGES))
    return said


def _evidence_wanted(given: Mapping[str, Sequence[str]], faults: list[Fault]) -> bool:
    said = _last(given, "evidence").lower()
    if said not in _SWITCH:
        faults.append(Fault("evidence", "true or false", said, names=("true", "false")))
    return _SWITCH.get(said, False)


def _path(request: Request, name: str, cursor: str | None) -> str:
    suffixed = "." in name
    dropped = ("cursor", "format", "cite") if suffixed else ("cursor",)
    kept = [(key, value) for key, value in request.query_params.multi_items() if key not in dropped]
    query = urlencode([*kept, *([("cursor", cursor)] if cursor else [])])
    return links_of(request).canned(name) + (f"?{query}" if query else "")
