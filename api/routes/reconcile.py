"""Reconciliation Service API 0.2: which things the cells of a column mean, and more columns for them.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from html import escape
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.dependencies import Served, frame_of, links_of, served
from api.descriptions.neighbourhood import Name
from api.engine.ledger import Ledger
from api.engine.streaming import while_connected
from api.errors import (
    PROBLEM_JSON,
    MalformedRequest,
    NotFound,
    QueryTimeout,
    UnprocessableValue,
    UnsupportedMediaType,
)
from api.limits import body_of, told
from api.naming.entities import Entity
from api.naming.matching import LONGEST
from api.reconciliation.extension import Property
from api.reconciliation.previews import HEIGHT, WIDTH, PreviewPage
from api.reconciliation.questionnaires import BATCH, Extension, read_extension, read_questions
from api.reconciliation.reconciliation import RECONCILED, Reconciler, described, named
from api.responses import see_other
from api.transport.exchanges import CURRENT, Evaluation
from api.transport.forms import FORM, read_fields
from api.views.pages import render
from api.wording.display import LANGUAGES, Language

__all__ = ["router"]

router = APIRouter(prefix="/reconcile", tags=["reconciliation"])

Json = dict[str, Any]
_Result = TypeVar("_Result")
What = Annotated[str, Path(description="entity, property or type", examples=["entity"])]
_SUGGESTED = 10
# A name of a function, or of one within an object: nothing that a script could be written with.
_CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,63}(?:\.[A-Za-z_$][\w$]{0,63}){0,3}", re.ASCII)
_FRAMED = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *"
_JSON = {"content": {"application/json": {"schema": {"type": "object"}}}}
# A script where `callback` names a function.
_CALLED = {"content": {**_JSON["content"], "text/javascript": {"schema": {"type": "string"}}}}
_PROBLEM = {"content": {PROBLEM_JSON: {"schema": {"type": "object"}}}}
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"description": "No JSON, or a query that is none", **_PROBLEM},
    413: {"description": "Too many queries, or too long a text; `limit` says which", **_PROBLEM},
    422: {"description": "A type, property or value is unknown; the nearest are listed", **_PROBLEM},
    503: {"description": "The release has no index of names", **_PROBLEM},
}


def _parameter(name: str, meaning: str, example: str = "", required: bool = False) -> Json:
    shown = {"name": name, "in": "query", "required": required, "description": meaning, "schema": {"type": "string"}}
    return shown | ({"example": example} if example else {})


_QUERIES = _parameter(
    "queries",
    f"A JSON object with up to {BATCH} reconciliation queries; without it, the manifest · 대조할 값(JSON)",
    '{"q0": {"query": "산업통상부", "type": "kip:Ministry"}}',
)
_EXTEND = _parameter("extend", "A JSON object with `ids` and `properties`: more columns · 열 추가(JSON)")
_LANG = {
    **_parameter("lang", "Language of names; else that of the text that matched"),
    "schema": {"enum": list(LANGUAGES)},
}
_CALL = _parameter("callback", "Name of a function: the answer is a script that calls it (JSONP)")
_PREFIX = _parameter("prefix", "What was typed", "산업통상", required=True)
_CURSOR = {**_parameter("cursor", "How many to skip"), "schema": {"type": "integer", "minimum": 0}}
_ID = _parameter("id", "A CURIE or an IRI", "org:motir-2025", required=True)


@router.get(
    "",
    summary="What cells of a table mean: the manifest, or the answer to a batch · 표의 값 대조",
    response_class=Response,
    responses={200: {"description": "The manifest, results or cells", **_CALLED}, **_REFUSED},
    openapi_extra={"parameters": [_QUERIES, _EXTEND, _LANG, _CALL]},
)
async def reconcile(request: Request) -> Response:
    """The manifest of the service; with `queries` the candidates of each, with `extend` the cells of things."""
    return await _answered(request, dict(request.query_params))


@router.post(
    "",
    summary="The answer to a batch that is sent as a form · 표의 값 대조(POST)",
    response_class=Response,
    responses={200: {"description": "Results or cells", **_JSON}, **_REFUSED},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "properties": {name: {"type": "string"} for name in ("queries", "extend")},
                    }
                }
            },
        }
    },
)
async def reconcile_by_post(request: Request) -> Response:
    """The candidates of each of `queries`, or the cells that `extend` asks for."""
    return await _answered(request, {**dict(request.query_params), **await _form(request)})


async def _answered(request: Request, given: Mapping[str, str]) -> Response:
    here = served(request)
    reconciler = await here.reconciler()
    language = _language(given)
    if "queries" in given:
        questions = read_questions(given["queries"], reconciler.types, reconciler.extender)
        work = _charged(request, "reconcile", lambda: reconciler.answer(questions, language))
        return _json(await while_connected(request, work), given)
    if "extend" in given:
        asked = read_extension(given["extend"], reconciler.extender)
        return _json(await _extended(request, here, reconciler, asked, language or "ko"), given)
    if request.method == "POST" or given.keys() - {"callback", "lang"}:
        raise MalformedRequest(
            "There is neither `queries` nor `extend`.", hint='Send queries={"q0": {"query": "..."}}.'
        )
    return _json(_manifest(request, reconciler), given)


async def _charged(request: Request, form: str, work: Callable[[], Awaitable[_Result]]) -> _Result:
    """The result of work in this process, charged to the client as an evaluation is. Raises ShareSpent."""
    ledger: Ledger = getattr(request.app.state, "ledger", None) or Ledger()
    exchange = CURRENT.get()
    client = exchange.client if exchange else ""
    ledger.admit(client, False)
    seconds = served(request).executor.limits.within(exchange.wait if exchange else None).seconds
    began, outcome = time.perf_counter(), "ok"
    try:
        async with asyncio.timeout(seconds):
            return await work()
    except TimeoutError:
        outcome = QueryTimeout.type
        limit = told("query-seconds", seconds, "s", "KIP_QUERY_SECONDS")
        detail = f"The batch did not end within {seconds:g} s."
        raise QueryTimeout(detail, hint="Send fewer queries at a time.", limit=limit) from None
    finally:
        ledger.record(client, False, Evaluation("", form, outcome, time.perf_counter() - began, 0.0))


def _manifest(request: Request, reconciler: Reconciler) -> Json:
    root = _root(request)
    base = request.app.state.release.base
    types = (found for each in RECONCILED if (found := reconciler.types.find(each)))
    suggested = {
        name: {
            "service_url": root,
            "service_path": f"/reconcile/suggest/{name}",
            "flyout_service_url": root,
            "flyout_service_path": f"/reconcile/flyout/{name}?id=${{id}}",
        }
        for name in ("entity", "property", "type")
    }
    return {
        "versions": ["0.2"],
        "name": "KIP 한국 산업정책 지식그래프 (Korean industrial policy)",
        "identifierSpace": base,
        "schemaSpace": f"{base}def/",
        "documentation": f"{root}/about#tables",
        "serviceVersion": request.app.version,
        "batchSize": BATCH,
        "defaultTypes": [{"id": each.curie, "name": named(each, "ko")} for each in types],
        "view": {"url": f"{root}/reconcile/view?id={{{{id}}}}"},
        "preview": {"url": f"{root}/reconcile/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
        "suggest": suggested,
        "extend": {
            "propose_properties": {"service_url": root, "service_path": "/reconcile/properties"},
            "property_settings": _SETTINGS,
        },
    }


_SETTINGS: list[Json] = [
    {
        "name": "limit",
        "label": "개수 제한 (Limit)",
        "type": "number",
        "default": 0,
        "help_text": "한 항목에 넣을 값의 최대 개수, 0이면 모두 (most values of a cell, 0 for all)",
    },
    {
        "name": "content",
        "label": "내용 (Content)",
        "type": "select",
        "default": "id",
        "help_text": "다른 항목을 가리키는 값의 표시 (how values that are things are given)",
        "choices": [{"value": "id", "name": "항목 (thing)"}, {"value": "name", "name": "이름 (name only)"}],
    },
]


async def _extended(
    request: Request, here: Served, reconciler: Reconciler, asked: Extension, language: Language
) -> Json:
    things = {name: _entity(here, name) for name in dict.fromkeys(asked.ids)}
    known = {each.iri: each for each in things.values() if each is not None}
    properties = [each for each, _ in asked.properties]
    cells = await while_connected(request, reconciler.extender.cells(list(known.values()), properties, language))
    rows = {
        name: {
            each.id: _set(cells[entity.iri][each.id], settings) if entity is not None else []
            for each, settings in asked.properties
        }
        for name, entity in things.items()
    }
    return {"meta": [each.as_json(language) for each in properties], "rows": rows}


def _set(cells: list[Json], settings: Mapping[str, Any]) -> list[Json]:
    """The cells as the settings of their property want them."""
    most = settings.get("limit") or 0
    if isinstance(most, str):
        most = int(most) if most.isascii() and most.isdigit() and len(most) < 9 else 0
    if settings.get("content") == "name":
        cells = [{"str": cell["name"]} if "id" in cell else cell for cell in cells]
    return cells[: int(most)] if most > 0 else cells


@router.get(
    "/properties",
    name="reconcile_properties",
    summary="Columns that things of a type have · 열 제안",
    response_class=Response,
    responses={200: {"description": "Properties, the most common first", **_JSON}, **_REFUSED},
    openapi_extra={"parameters": [_parameter("type", "A type", "kip:Program"), _parameter("limit", "At most so many")]},
)
async def properties(request: Request) -> Response:
    """The properties that can be asked of things of a type, those of which most is known first."""
    reconciler, given = await served(request).reconciler(), request.query_params
    wanted = given.get("type", "")
    found = reconciler.types.find(wanted) if wanted else None
    if wanted and found is None:
        nearest = [each.curie for each in reconciler.types.nearest(wanted[:LONGEST])]
        raise UnprocessableValue(f"There is no type {wanted[:LONGEST]!r}.", nearest=nearest)
    limit = _natural(given.get("limit", ""), "limit", 200)
    listed = await reconciler.extender.proposed(found.iri if found else "", limit)
    language = _language(given) or "ko"
    shown: Json = {"properties": [each.as_json(language) for each in listed], "limit": limit}
    return _json(shown | ({"type": found.curie} if found else {}), given)


@router.get(
    "/suggest/{what}",
    name="reconcile_suggestions",
    operation_id="suggest_for_cells",
    summary="Things, properties or types whose names begin so · 이름 제안",
    response_class=Response,
    responses={
        200: {"description": "Suggestions", **_CALLED},
        404: {"description": "No such list", **_PROBLEM},
        **_REFUSED,
    },
    openapi_extra={"parameters": [_PREFIX, _CURSOR, _LANG, _CALL]},
)
async def suggest(what: What, request: Request) -> Response:
    """What a name that is being typed may become."""
    reconciler, given = await served(request).reconciler(), request.query_params
    prefix, skipped = _prefix(given), _natural(given.get("cursor", "0"), "cursor", 0)
    language = _language(given) or "ko"
    if what == "entity":
        found = [_suggested(each, reconciler, language) for each in reconciler.suggested(prefix, _SUGGESTED, skipped)]
    elif what == "property":
        found = [each.as_json(language) for each in reconciler.extender.named(prefix)][skipped : skipped + _SUGGESTED]
    elif what == "type":
        types = list(reconciler.types.named(prefix))[skipped : skipped + _SUGGESTED]
        found = [_type(each, reconciler, language) for each in types]
    else:
        raise NotFound(f"There are no suggestions of {what!r}.", nearest=["entity", "property", "type"])
    return _json({"result": found}, given)


def _suggested(entity: Entity, reconciler: Reconciler, language: Language) -> Json:
    types = reconciler.types_of(entity)
    return {
        "id": entity.curie,
        "name": named(entity, language),
        "description": described(entity, types, language),
        "notable": [{"id": each.curie, "name": named(each, language)} for each in types],
    }


def _type(type_: Entity, reconciler: Reconciler, language: Language) -> Json:
    broader = [{"id": each.curie, "name": named(each, language)} for each in reconciler.types.direct(type_)]
    other = type_.label.get("en" if language == "ko" else "ko", "")
    shown: Json = {"id": type_.curie, "name": named(type_, language), "description": other}
    return shown | ({"broader": broader} if broader else {})


@router.get(
    "/flyout/{what}",
    name="reconcile_flyout",
    summary="A few words about a thing, property or type · 짧은 설명",
    response_class=Response,
    responses={200: {"description": "HTML in JSON", **_CALLED}, 404: {"description": "Unknown", **_PROBLEM}},
    openapi_extra={"parameters": [_ID, _CALL]},
)
async def flyout(what: What, request: Request) -> Response:
    """The names and the type of what a list suggests, as a piece of HTML."""
    here, given = served(request), request.query_params
    reconciler, identifier = await here.reconciler(), given.get("id", "")[:LONGEST]
    about: Entity | Property | None = _entity(here, identifier)
    if what == "property" and about is None:
        about = reconciler.extender.property(identifier)
    if about is None:
        raise NotFound(f"Nothing has the identifier {identifier!r}.")
    names = about.name if isinstance(about, Property) else about.label
    shown = " · ".join(names[tag] for tag in LANGUAGES if names.get(tag))
    types = [named(each, "ko") for each in reconciler.types_of(about)[:1]] if isinstance(about, Entity) else []
    text = "".join(f"<p>{escape(each, quote=False)}</p>" for each in (shown, " · ".join([*types, identifier])))
    return _json({"id": identifier, "html": text}, given)


@router.get(
    "/preview",
    name="reconcile_preview",
    summary="A thing in a small frame · 미리 보기",
    response_class=Response,
    responses={
        200: {"description": "A page", "content": {"text/html": {}}},
        404: {"description": "Unknown", **_PROBLEM},
    },
    openapi_extra={"parameters": [_ID]},
)
async def preview(request: Request) -> Response:
    """A thing in brief, to be shown beside a cell by whatever page."""
    here = served(request)
    entity = _named(request, here)
    frame, reconciler = frame_of(request), await here.reconciler()
    hits = here.search.search(next(iter(entity.label.values()), entity.slug), (entity.kind,), _SUGGESTED)
    found = next((hit for hit in hits if hit.iri == entity.iri), None)
    dates = "..".join(day or "" for day in found.dates.values()) if found and found.dates else ""
    note = found.snippet if found else ""
    page = PreviewPage(
        Name(entity.label.get("ko", ""), entity.label.get("en", "")),
        entity.curie,
        tuple(Name(each.label.get("ko", ""), each.label.get("en", "")) for each in reconciler.types_of(entity)[:2]),
        entity.alt,
        dates,
        Name(note, note),
        _origin(request) + links_of(request).page(entity.iri),
    )
    headers = {"Content-Security-Policy": _FRAMED, "Content-Language": frame.language, "Vary": "Accept-Language"}
    return Response(render(page, frame), 200, headers, "text/html; charset=utf-8")


@router.get(
    "/view",
    name="reconcile_view",
    summary="The page of an identifier · 항목의 쪽",
    response_class=Response,
    status_code=303,
    responses={303: {"description": "Where the page is"}, 404: {"description": "Unknown", **_PROBLEM}},
    openapi_extra={"parameters": [_ID]},
)
async def view(request: Request) -> Response:
    """303 to the page of a thing."""
    return see_other(links_of(request).page(_named(request, served(request)).iri), vary="")


def _named(request: Request, here: Served) -> Entity:
    identifier = request.query_params.get("id", "")[:LONGEST]
    entity = _entity(here, identifier)
    if entity is None:
        nearest = [each.as_json() for each in here.entities.nearest(identifier)] if identifier else []
        raise NotFound(f"Nothing has the identifier {identifier!r}.", nearest=nearest)
    return entity


def _entity(here: Served, identifier: str) -> Entity | None:
    """The thing of an IRI or CURIE, and of nothing else."""
    found = here.entities.find(identifier) if ":" in identifier and len(identifier) <= LONGEST else []
    return found[0] if len(found) == 1 and identifier in (found[0].iri, found[0].curie) else None


def _prefix(given: Mapping[str, str]) -> str:
    prefix = given.get("prefix", "").strip()
    if not prefix:
        raise MalformedRequest("prefix: what was typed is missing.", hint="For example ?prefix=산업통상")
    return prefix[:LONGEST]


def _natural(text: str, name: str, usual: int) -> int:
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise UnprocessableValue(f"{name}: a whole number, not {text[:LONGEST]!r}.")
    return int(text)


def _language(given: Mapping[str, str]) -> Language | None:
    wanted = given.get("lang", "")
    if not wanted:
        return None
    for language in LANGUAGES:
        if wanted == language:
            return language
    raise UnprocessableValue(f"lang: {wanted[:LONGEST]!r} is none of {', '.join(LANGUAGES)}.", nearest=list(LANGUAGES))


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form, decoded once."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM:
        raise UnsupportedMediaType(f"A batch is sent as {FORM}.", accepted=[FORM])
    return dict(read_fields(await body_of(request, "A form")))


def _json(document: Json, given: Mapping[str, str]) -> Response:
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
    body = orjson.dumps(document)
    if "callback" not in given:
        return Response(body, 200, headers, "application/json")
    if not _CALLBACK.fullmatch(given["callback"]):
        raise UnprocessableValue("callback: the name of a function, as `jsonp_1`.")
    return Response(b"/**/" + given["callback"].encode() + b"(" + body + b");", 200, headers, "text/javascript")


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _root(request: Request) -> str:
    """Where the server is, as the caller sees it."""
    return _origin(request) + str(request.scope.get("root_path", ""))
