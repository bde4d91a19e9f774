"""The pages of questions: the prepared ones with their forms, and an editor for SPARQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.dependencies import Served, frame_of, languages_of, links_of, served
from api.descriptions.bibliography import Bibliography
from api.descriptions.citations import places_behind, works_of
from api.descriptions.neighbourhood import Name
from api.engine.streaming import while_connected
from api.questions.answers import document_of, evidence_of
from api.questions.catalogue import Query
from api.questions.charts import chart_of
from api.questions.coverage import note_on_nothing
from api.questions.cursors import Cursor, count_rows, read_cursor, read_page, scope_of
from api.questions.cursors import Page as Cut
from api.questions.forms import controls, filled_in
from api.questions.parameters import Fault, Values, read_values
from api.questions.samples import samples
from api.questions.tabular import heading
from api.responses import alternates, html
from api.transport.formats import ANSWERS, CITATIONS, of_kind
from api.views.answers import AnswerPage, Shown
from api.views.editor import EditorPage, run
from api.views.pages import Page
from api.wording.display import LANGUAGES, Language
from api.wording.strings import say

__all__ = ["cursor_of", "router", "shown_rows"]

router = APIRouter(tags=["pages"], include_in_schema=False)

_SHOWN = 200
_EXAMPLE = """SELECT ?program ?label ?sector WHERE {
  ?program a kip:Program ; rdfs:label ?label ; kip:hasSector ?sector .
  FILTER(LANG(?label) = "%s")
}
ORDER BY ?program
LIMIT 50
"""


@router.get("/query", response_class=Response)
async def edit(request: Request) -> Response:
    """The prepared questions, and the editor, with an example of the catalogue or a query and its answer."""
    here = served(request)
    chosen, text = request.query_params.get("example", ""), request.query_params.get("query", "")
    outcome = None
    if text.strip():
        outcome = await while_connected(request, run(text, here.executor, here.entities, here.prefixes))
    elif chosen:
        text = _example(request, here.catalogue.named(chosen))
    title = Name(*(say("nav-queries", language) for language in LANGUAGES))
    shown = text or _prologue(here) + _EXAMPLE % frame_of(request).language
    page = EditorPage(title, tuple(here.catalogue), shown, chosen, outcome, of_kind("table"))
    return _page(request, page, outcome.status if outcome else 200)


@router.get("/query/{name}", response_class=Response)
async def question(request: Request, name: str) -> Response:
    """The form of one question, and its answer."""
    return await _answer(request, served(request).catalogue.named(name))


def _example(request: Request, query: Query) -> str:
    """The text of a prepared query, with the values that came along as far as they mean something."""
    sent = [(name, value) for name, value in request.query_params.multi_items() if name not in ("example", "lang")]
    known = served(request).entities
    values, _ = read_values(query.header.parameters, filled_in(query, sent, known), known)
    return query.bound(values)


async def _answer(request: Request, query: Query) -> Response:
    """The form of a query, and its answer once the required parameters are given."""
    here, language = served(request), frame_of(request).language
    sent = [(name, value) for name, value in request.query_params.multi_items() if name not in ("lang", "cursor")]
    given = filled_in(query, sent, here.entities)
    values, faults = read_values(query.header.parameters, given, here.entities)
    asked = bool(given) or not any(parameter.required for parameter in query.header.parameters)
    cursor = cursor_of(request, here, query, values, faults)
    wrong = faults if asked else []
    shown = await shown_rows(here, query, values, cursor, language) if asked and not faults else None
    known = {parameter.name for parameter in query.header.parameters}
    page = AnswerPage(
        Name(query.header.title.ko, query.header.title.en),
        query,
        controls(query, given, values, wrong, here.entities, language),
        {name: tuple(texts) for name, texts in given.items()},
        tuple(fault for fault in wrong if fault.parameter not in known),
        shown,
        samples(_address(request, query), query.example if wrong else given or query.example),
        ANSWERS,
        await _bibliography(request, query, given, shown) if shown else None,
    )
    return _page(request, page, 422 if wrong else 200)


def cursor_of(request: Request, here: Served, query: Query, values: Values, faults: list[Fault]) -> Cursor | None:
    """Where the page begins that is asked for."""
    said = request.query_params.get("cursor", "")
    return read_cursor(said, scope_of(query.id, values), here.release.version, faults) if said else None


async def _bibliography(request: Request, query: Query, given: Mapping[str, list[str]], shown: Shown) -> Bibliography:
    """The works behind the rows that are shown, and where those behind all rows are."""
    here, links = served(request), links_of(request)
    places = places_behind(shown.answer["evidence"])
    works = await works_of(places, here.executor, here.describer.queries, here.entities)
    sent, frame = {name: tuple(texts) for name, texts in given.items()}, frame_of(request)
    paths = {row.name: frame.go(links.canned(f"{query.id}.{row.suffix}", sent)) for row in CITATIONS}
    return Bibliography(tuple(works), paths)


def _address(request: Request, query: Query) -> str:
    """Where programs ask the query, as whoever reads the page reaches this server."""
    return f"{request.url.scheme}://{request.url.netloc}{links_of(request).canned(query.id)}"


async def shown_rows(here: Served, query: Query, values: Values, cursor: Cursor | None, language: Language) -> Shown:
    """Some rows of the answer, with the evidence of each."""
    version, scope = here.release.version, scope_of(query.id, values)
    part = await read_page(here.executor, query.bound(values), Cut(_SHOWN, cursor))
    document = document_of(query, values, part, version, here.entities)
    if not part.rows:
        asked, queries = query.header.parameters, here.describer.queries
        document["note"] = await note_on_nothing(asked, values, here.executor, queries, here.entities)
    document["columns"] = _headed(query, document, language)
    document["evidence"] = await evidence_of(query, part.rows, here.catalogue, here.executor, here.entities)
    return Shown(
        document,
        chart_of(query, document["rows"], language),
        part.before,
        await count_rows(here.executor, query, values) if part.more or part.before else len(part.rows),
        str(part.previous(version, scope) or ""),
        str(part.next(version, scope) or ""),
    )


def _headed(query: Query, document: Mapping[str, Any], language: Language) -> list[dict[str, Any]]:
    """The columns that have anything in them for who reads this language, each with its heading."""
    names = {each.name for each in query.header.columns}
    read = {each.name for each in query.header.columns if each.language in (None, language)}
    found = {name for row in document["rows"] for name, cell in row.items() if cell}
    return [
        each | {"heading": heading(each["label"], each["unit"], names, language)}
        for each in document["columns"]
        if each["name"] in read & found
    ]


def _prologue(here: Served) -> str:
    names = here.prefixes.prefixes
    return "".join(f"PREFIX {name}: <{names[name]}>\n" for name in ("kip", "rdfs") if name in names)


def _page(request: Request, page: Page, status: int) -> Response:
    frame = frame_of(request)
    return html(request, page, frame, alternates({}, languages=languages_of(frame)), status)
