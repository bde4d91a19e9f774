"""Search by name over HTTP: ranked hits that say why they were found, and suggestions while a name is typed."""

from __future__ import annotations

import base64
from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.dependencies import Served, links_of, served
from api.errors import MalformedRequest, UnprocessableValue
from api.links import Links
from api.naming.matching import HOWS, LONGEST
from api.naming.search import Hit
from api.responses import data
from api.transport.formats import RECORDS
from api.transport.negotiation import choose
from api.wording.display import LANGUAGES

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["search"])

_FOUND, _SUGGESTED, _MOST = 10, 8, 100


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a caller asks for; `classes` are IRIs."""

    text: str
    kinds: tuple[str, ...]
    classes: tuple[str, ...]
    lang: str
    limit: int
    offset: int


def _parameter(name: str, description: str, schema: dict[str, Any], example: Any = None) -> dict[str, Any]:
    shown = {"name": name, "in": "query", "required": name == "q", "description": description, "schema": schema}
    return shown | ({"example": example} if example else {})


def _limit(default: int) -> dict[str, Any]:
    return _parameter(
        "limit", "At most so many hits", {"type": "integer", "minimum": 1, "maximum": _MOST, "default": default}
    )


_Q = _parameter(
    "q",
    "A name in Hangul, initials (초성), Hanja, Latin letters, or a number or a day as newspapers print it · "
    "한글, 초성, 한자, 로마자로 쓴 이름 또는 신문이 쓰는 수나 날짜",
    {"type": "string", "minLength": 1, "maxLength": LONGEST},
    "스마트공장",
)
_KIND = _parameter(
    "kind",
    "Only things of these kinds: prefixes of CURIEs, with commas between them · 종류(쉼표로 구분)",
    {"type": "string"},
    "org",
)
_CLASS = _parameter(
    "class", "Only things of this class of the ontology: name, CURIE or IRI · 클래스", {"type": "string"}
)
_LANG = _parameter("lang", "Only names in this language · 이름의 언어", {"type": "string", "enum": list(LANGUAGES)})
_CURSOR = _parameter("cursor", "Where to go on, from `next`", {"type": "string"})

_NAME = {"type": "object", "properties": {tag: {"type": "string"} for tag in LANGUAGES}, "additionalProperties": False}
_MATCHED = {
    "type": "object",
    "required": ["name", "lang", "how"],
    "properties": {
        "name": {"type": "string"},
        "lang": {"type": ["string", "null"]},
        "how": {"type": "string", "enum": list(HOWS)},
    },
}
_SUGGESTION = {
    "type": "object",
    "required": ["iri", "curie", "kind", "label", "matched"],
    "properties": {
        "iri": {"type": "string", "format": "iri"},
        "curie": {"type": "string"},
        "kind": {"type": "string"},
        "label": _NAME,
        "matched": _MATCHED,
    },
}
_DAY = {"type": ["string", "null"], "pattern": "^[0-9]{4}(-[0-9]{2}){0,2}$"}
_HIT: dict[str, Any] = {
    "type": "object",
    "required": ["iri", "curie", "kind", "class", "label", "matched", "score", "href"],
    "properties": {
        **_SUGGESTION["properties"],  # type: ignore[dict-item]
        "class": {"type": "string", "format": "iri"},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "dates": {"type": "object", "properties": {"from": _DAY, "to": _DAY}, "required": ["from", "to"]},
        "snippet": {"type": "string"},
        "href": {"type": "string"},
    },
}
_ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["query", "release", "total", "kinds", "hits", "next"],
    "properties": {
        "query": {"type": "string"},
        "release": {"type": "string"},
        "total": {"type": "integer", "minimum": 0},
        "kinds": {"type": "object", "additionalProperties": {"type": "integer"}},
        "hits": {"type": "array", "items": _HIT},
        "next": {"type": ["string", "null"]},
    },
}
_SUGGESTED_ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["query", "release", "suggestions"],
    "properties": {
        "query": {"type": "string"},
        "release": {"type": "string"},
        "suggestions": {"type": "array", "items": _SUGGESTION},
    },
}


def _responses(description: str, schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    problem = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
    return {
        200: {"description": description, "content": {RECORDS.media_type: {"schema": schema}}},
        400: {"description": "`q` is missing or given twice", **problem},
        406: {"description": "The answer is JSON, which the request does not accept", **problem},
        422: {"description": "A parameter is unknown or wrong; what there is, is listed", **problem},
        503: {"description": "The release has no index of names", **problem},
    }


@router.get(
    "/search",
    summary="Things by name, ranked, with the reason · 이름으로 찾기",
    response_class=Response,
    responses=_responses("Hits, best first: which name matched, how, and how well", _ANSWER),
    openapi_extra={"parameters": [_Q, _KIND, _CLASS, _LANG, _limit(_FOUND), _CURSOR]},
)
async def search(request: Request) -> Response:
    """Hits for a name in any spelling: NFC or NFD, spaced or not, with particles, misspelt; or for a number or a day.

    `how` is `number` for both, with the amount or the day as the name that matched.
    """
    here, links = served(request), links_of(request)
    wanted = _wanted(request, here, _FOUND, ("kind", "class", "lang", "limit", "cursor"))
    found = await to_thread(
        here.search.search,
        wanted.text,
        wanted.kinds,
        wanted.limit,
        wanted.offset,
        classes=wanted.classes,
        lang=wanted.lang,
    )
    after = wanted.offset + len(found)
    path = _next(request, links, _cursor(after, here.release.version)) if len(found) and after < found.total else None
    document = {
        "query": wanted.text,
        "release": here.release.version,
        "total": found.total,
        "kinds": found.kinds,
        "hits": [{**hit.as_json(), "href": links.page(hit.iri)} for hit in found],
        "next": path,
    }
    return data(request, orjson.dumps(document), RECORDS, [f'<{path}>; rel="next"'] if path else [])


@router.get(
    "/suggest",
    summary="Names that a text may become · 자동 완성",
    response_class=Response,
    responses=_responses("Things whose names begin so, or come near", _SUGGESTED_ANSWER),
    openapi_extra={"parameters": [_Q, _KIND, _limit(_SUGGESTED)]},
)
async def suggest(request: Request) -> Response:
    """Completions for a name that is still being typed, also in the middle of a syllable."""
    here = served(request)
    wanted = _wanted(request, here, _SUGGESTED, ("kind", "limit"))
    found = await to_thread(here.search.suggest, wanted.text, wanted.kinds, wanted.limit)
    document = {
        "query": wanted.text,
        "release": here.release.version,
        "suggestions": [_suggestion(hit) for hit in found],
    }
    return data(request, orjson.dumps(document), RECORDS)


def _suggestion(hit: Hit) -> dict[str, Any]:
    shown = hit.as_json()
    return {name: shown[name] for name in _SUGGESTION["required"]}


def _wanted(request: Request, here: Served, limit: int, known: tuple[str, ...]) -> _Wanted:
    """What the request asks for. Raises NotAcceptable, MalformedRequest and UnprocessableValue."""
    choose(request.headers.get("accept"), (RECORDS,))
    given = dict(request.query_params)
    text = _text(request.query_params.getlist("q"))
    if unknown := sorted(given.keys() - {"q", *known}):
        raise UnprocessableValue(f"{unknown[0]}: there is no such parameter.", hint=f"There is q, {', '.join(known)}.")
    return _Wanted(
        text,
        _kinds(given.get("kind", ""), here),
        _classes(given.get("class", ""), here),
        _language(given.get("lang", "")),
        _natural(given.get("limit", ""), limit),
        _offset(given.get("cursor", ""), here.release.version),
    )


def _text(given: list[str]) -> str:
    if len(given) != 1 or not given[0].strip():
        raise MalformedRequest("q: give a name or a number once.", hint="For example ?q=스마트공장")
    if len(given[0]) > LONGEST:
        raise UnprocessableValue(f"q: at most {LONGEST} characters are read; these are {len(given[0])}.")
    return given[0].strip()


def _kinds(given: str, here: Served) -> tuple[str, ...]:
    asked = tuple(each.strip() for each in given.split(",") if each.strip())
    there = {str(record["kind"]) for record in here.release.labels}
    if unknown := [each for each in asked if each not in there]:
        hint = f"There is {', '.join(sorted(there))}."
        raise UnprocessableValue(f"kind: there is no kind {unknown[0]!r}.", hint=hint, nearest=sorted(there))
    return asked


def _classes(given: str, here: Served) -> tuple[str, ...]:
    """The IRIs of the classes that are meant: by IRI, CURIE or local name."""
    asked = [each.strip() for each in given.split(",") if each.strip()]
    return tuple(_class(each, here) for each in asked)


def _class(asked: str, here: Served) -> str:
    found = here.entities.find(asked if ":" in asked else f"kip:{asked}", {"def"})
    if not found:
        nearest = [entity.as_json() for entity in here.entities.nearest(asked, {"def"})]
        raise UnprocessableValue(f"class: there is no class {asked!r}.", nearest=nearest)
    return found[0].iri


def _language(given: str) -> str:
    if given and given not in LANGUAGES:
        raise UnprocessableValue(f"lang: {given!r} is none of {', '.join(LANGUAGES)}.", nearest=list(LANGUAGES))
    return given


def _natural(given: str, default: int) -> int:
    if not given:
        return default
    if given.isascii() and given.isdigit() and len(given) < 9 and 1 <= int(given) <= _MOST:
        return int(given)
    raise UnprocessableValue(f"limit: a whole number from 1 to {_MOST}, not {given!r}.")


def _cursor(offset: int, version: str) -> str:
    """A place in the ranked hits of one release, which never change."""
    return base64.urlsafe_b64encode(f"{offset}@{version}".encode()).decode().rstrip("=")


def _offset(given: str, version: str) -> int:
    """The offset that `_cursor` wrote, 0 without one."""
    if not given:
        return 0
    try:
        offset, _, said = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode().partition("@")
    except ValueError:
        offset, said = "", ""
    if said != version or not (offset.isascii() and offset.isdigit() and len(offset) < 10):
        raise UnprocessableValue("cursor: take it from `next` of an answer of this release.")
    return int(offset)


def _next(request: Request, links: Links, cursor: str) -> str:
    kept: Mapping[str, str] = {name: value for name, value in request.query_params.items() if name != "cursor"}
    return f"{links.path('api/search')}?{urlencode({**kept, 'cursor': cursor})}"
