"""Why a row is in an answer and a triple in the graph, as JSON and as pages; and what emptied a query, as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Path, Request
from pyoxigraph import Literal, NamedNode
from starlette.responses import Response

from api.dependencies import Served, frame_of, languages_of, links_of, served
from api.descriptions.neighbourhood import Name
from api.engine.lexer import tokens
from api.engine.results import Term
from api.engine.streaming import while_connected
from api.errors import PROBLEM_JSON, NotFound
from api.questions.answers import document_of, nodes_of
from api.questions.catalogue import Query
from api.questions.cursors import Slice, key_of
from api.questions.parameters import Fault, missing, unprocessable
from api.questions.tabular import label_of
from api.reasoning.derivations import MOST_NODES, Fact
from api.responses import alternates, data, html
from api.routes.explanations import explanation_of
from api.routes.queries import Asked, ask
from api.transport.formats import RECORDS
from api.views.pages import Page
from api.views.reasons import ExplanationPage, FactPage, WhyPage
from api.wording.display import LANGUAGES
from api.wording.strings import say

__all__ = ["router"]

router = APIRouter(tags=["explanations"])
Json = dict[str, Any]
_MOST_THINGS = 40
QueryName = Annotated[str, Path(description="The query.", examples=["targets-of-programme"])]
_PROBLEM: dict[str, Any] = {"content": {PROBLEM_JSON: {"schema": {"type": "object"}}}}
_ANSWER: dict[str, Any] = {"content": {RECORDS.media_type: {"schema": {"type": "object"}}}}


def _parameter(name: str, meaning: str, example: str = "") -> Json:
    shown = {"name": name, "in": "query", "required": True, "description": meaning, "schema": {"type": "string"}}
    return shown | ({"example": example} if example else {})


_TRIPLE = [
    _parameter("subject", "IRI, CURIE or name of the subject", "program:industrial-dx"),
    _parameter("predicate", "IRI or CURIE of the property", "kip:coversSector"),
    _parameter("object", "IRI, CURIE or name of the value, or the text of a literal", "sector:manufacturing"),
]
_ROW = [_parameter("row", "The key of the row, from `keys` of the answer")]


@router.get(
    "/api/why",
    summary="Why a triple is in the graph",
    responses={
        200: {"description": "Where it is stated, or the rules and premises that it follows from.", **_ANSWER},
        404: {"description": "It is not in the graph.", **_PROBLEM},
        422: {"description": "A term is missing or unknown.", **_PROBLEM},
    },
    openapi_extra={"parameters": _TRIPLE},
)
async def why_fact(request: Request) -> Response:
    """The statements with their evidence, or the inference with its premises down to what is stated."""
    return data(request, orjson.dumps(await _fact(request)), RECORDS)


@router.get(
    "/api/queries/{name}/why",
    summary="Why a row is in an answer",
    responses={
        200: {"description": "The statements and places that the row rests on, and what was inferred.", **_ANSWER},
        404: {"description": "There is no such query or row.", **_PROBLEM},
        422: {"description": "A parameter is unknown, missing or wrong.", **_PROBLEM},
    },
    openapi_extra={"parameters": _ROW},
)
async def why_row(request: Request, name: QueryName) -> Response:
    """Asked with the parameters of the query, and the key of a row of its answer."""
    document, _ = await _row(request, name)
    return data(request, orjson.dumps(document), RECORDS, vary="Accept-Language")


@router.get("/why", response_class=Response, include_in_schema=False)
async def fact_page(request: Request) -> Response:
    """Why a triple is in the graph."""
    return _page(request, FactPage(_title("why-fact"), await _fact(request), _same(request, "api/why")))


@router.get("/query/{name}/why", response_class=Response, include_in_schema=False)
async def row_page(request: Request, name: str) -> Response:
    """Why a row is in an answer."""
    document, query = await _row(request, name)
    title = Name(*(f"{say('why', each)}: {label_of(query.header.title.model_dump(), each)}" for each in LANGUAGES))
    back, json = _same(request, f"query/{name}", without="row"), _same(request, f"api/queries/{name}/why")
    parts = (document["columns"], document["row"], document["statements"], document["inferred"])
    return _page(request, WhyPage(title, *parts, back, json))


@router.get("/explain", response_class=Response, include_in_schema=False)
async def explanation_page(request: Request) -> Response:
    """What emptied a query."""
    explanation = await explanation_of(request, "Send one as ?query=.")
    return _page(request, ExplanationPage(_title("explain"), explanation, _same(request, "api/explain")))


async def _row(request: Request, name: str) -> tuple[Json, Query]:
    now = served(request)
    query = now.catalogue.named(name)
    asked = ask(request, query, now)
    key = asked.given.get("row", [""])[-1]
    if not key:
        raise unprocessable([missing("row")])
    table = await while_connected(request, now.executor.table(query.bound(asked.values)))
    row = next((each for each in table.rows if key_of(each) == key), None)
    if row is None:
        hint = "Take the key from `keys` of an answer of this release, and send its parameters too."
        raise NotFound(f"The answer has no row {key!r}.", hint=hint)
    return await while_connected(request, _why(query, asked, row, now)), query


async def _why(query: Query, asked: Asked, row: Mapping[str, Term], now: Served) -> Json:
    document = document_of(query, asked.values, Slice((row,)), now.release.version, now.entities, asked.language)
    nodes = list(dict.fromkeys(nodes_of(query, row)))[:MOST_NODES]
    things = list(dict.fromkeys([*_things(query, row), *_asked_for(asked)]))[:_MOST_THINGS]
    shown = {name: document[name] for name in ("query", "parameters", "release", "language", "columns")}
    return {
        **shown,
        "key": document["keys"][0],
        "row": document["rows"][0],
        "statements": await now.justifier.statements(nodes),
        "inferred": await now.justifier.inferred_between(things, _properties(query, row, now)),
    }


def _things(query: Query, row: Mapping[str, Term]) -> list[str]:
    many = {column.name for column in query.header.columns if column.many}
    held = ((term, name in many) for name, term in row.items())
    return [iri for term, several in held if several or term.kind == "iri" for iri in term.value.split()]


def _asked_for(asked: Asked) -> list[str]:
    return [term.value for terms in asked.values.values() for term in terms if isinstance(term, NamedNode)]


def _properties(query: Query, row: Mapping[str, Term], now: Served) -> frozenset[str]:
    """The IRIs that the query or the row names: among them are the properties that the row was found by."""
    names = {token.text for token in tokens(query.sparql) if token.kind == "name"}
    known = now.prefixes.prefixes
    parted = ((known.get(prefix), local) for prefix, _, local in (name.partition(":") for name in names))
    return frozenset({space + local for space, local in parted if space is not None} | set(_things(query, row)))


async def _fact(request: Request) -> Json:
    now = served(request)
    given = request.query_params
    subject, predicate = (_named(now, name, given.get(name, "")) for name in ("subject", "predicate"))
    for term in await _objects(now, subject, predicate, given.get("object", "")):
        found = await while_connected(request, now.justifier.fact(Fact(_iri(subject), _iri(predicate), term)))
        if found:
            return found
    raise NotFound(
        f"The graph does not hold {subject} {predicate} {given.get('object', '')!r}.",
        hint="Nothing says so: it may still be true. Ask facts-about-entity for what there is.",
    )


def _iri(value: str) -> Term:
    return Term("iri", value)


def _named(now: Served, name: str, text: str) -> str:
    """The IRI that a caller means. Raises UnprocessableValue with the nearest names."""
    if iri := _known(now, text):
        return iri
    if not text.strip():
        raise unprocessable([missing(name)])
    nearest = tuple(now.entities.nearest(text))
    raise unprocessable(
        [Fault(name, "this is no IRI, CURIE or name", text[:500], nearest, korean="IRI, 식별자나 이름이 아니다")]
    )


def _known(now: Served, text: str) -> str:
    said = text.strip()
    if len(said) > 500:
        return ""
    found = now.entities.find(said) if said else []
    if len(found) == 1:
        return found[0].iri
    prefix, colon, local = said.partition(":")
    if colon and prefix in now.release.prefixes and not local.startswith("//"):
        said = now.release.prefixes[prefix] + local
    try:
        return NamedNode(said).value if "://" in said or said.startswith("urn:") else ""
    except ValueError:
        return ""


async def _objects(now: Served, subject: str, predicate: str, text: str) -> list[Term]:
    """What the value may be: the thing of this name, or a literal of this text that the subject has."""
    thing = _known(now, text)
    things = [_iri(thing)] if thing else []
    if len(text) > 500:
        return things
    bound = now.describer.queries.bound(
        "values-of", subject=(NamedNode(subject),), predicate=(NamedNode(predicate),), text=(Literal(text),)
    )
    return [*things, *(row["object"] for row in (await now.executor.table(bound)).rows)]


def _same(request: Request, tail: str, without: str = "") -> str:
    """Another path with the parameters of this request."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in ("lang", without)]
    return links_of(request).path(tail) + (f"?{urlencode(kept)}" if kept else "")


def _page(request: Request, page: Page) -> Response:
    frame = frame_of(request)
    return html(request, page, frame, alternates({}, languages=languages_of(frame)))


def _title(key: str) -> Name:
    return Name(*(say(key, language) for language in LANGUAGES))
