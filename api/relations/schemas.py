"""The documents about relationships in JSON Schema 2020-12 (https://json-schema.org/draft/2020-12/json-schema-core)."""

from __future__ import annotations

from typing import Any

from api.questions.parameters import ANY
from api.relations.inquiries import ASKED, RANGES
from api.wording.display import LANGUAGES

__all__ = ["document_schema"]

Schema = dict[str, Any]


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_TEXT: Schema = {"type": "string"}
_IRI: Schema = {"type": "string", "format": "iri"}
_DAY: Schema = {"type": ["string", "null"], "format": "date"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_NUMBER: Schema = {"type": ["integer", "null"], "minimum": 0}
_LABEL: Schema = {"type": "object", "properties": dict.fromkeys(LANGUAGES, _TEXT), "additionalProperties": False}
_ENTITY = _object(iri=_IRI, curie=_TEXT, kind={"type": ["string", "null"]}, label=_LABEL)
_ASKED = _object(**_ENTITY["properties"], asked=_TEXT, others=_list(_ENTITY))
_LINK = _object(
    property=_object(iri=_IRI, curie=_TEXT, label=_LABEL),
    direction={"type": "string", "enum": ["forward", "backward"]},
    via=_or_null(_ENTITY),
    statement=_or_null(_IRI),
    inferred={"type": "boolean"},
    rule={"type": ["string", "null"]},
    since=_DAY,
    until=_DAY,
)
_EVIDENCE = _object(
    source=_IRI,
    label=_or_null(_LABEL),
    outlet=_or_null(_LABEL),
    date={"type": ["string", "null"]},
    reported={"type": "boolean", "description": "Whether the date is that of an event, as the article prints none"},
    start=_NUMBER,
    end=_NUMBER,
    spanHash={"type": ["string", "null"]},
    url={"type": ["string", "null"]},
)


def _step() -> Schema:
    step = _object(**{"from": _ENTITY}, **_LINK["properties"], to=_ENTITY, also=_list(_LINK))
    step["properties"]["evidence"] = _list(_EVIDENCE)
    return step


_PATH: Schema = {
    "length": _COUNT,
    "weight": {"type": "number"},
    "steps": _list(_step()),
    "sentence": _object(**dict.fromkeys(LANGUAGES, _TEXT)),
}
_FOUND = {
    "paths": ("paths", _object(**_PATH)),
    "neighbourhood": ("neighbours", _object(thing=_ENTITY, **_PATH)),
    "shared": ("shared", _object(thing=_ENTITY, **_PATH)),
}


def document_schema(question: str) -> Schema:
    """The schema of the answer to a question: what was asked as it was read, what was found, and what was searched."""
    things = {each.name: _ASKED for each in ASKED[question] if each.type == (ANY,)}
    numbers = {
        each.name: {"type": "integer", "minimum": RANGES[each.name][0], "maximum": RANGES[each.name][1]}
        for each in ASKED[question]
        if each.name in RANGES
    }
    bounds = {"kinds": _list(_TEXT), "without": _list(_TEXT), "asOf": _DAY, "release": _TEXT}
    name, found = _FOUND[question]
    closing = {"searched": _object(nodes=_COUNT, links=_COUNT), "truncated": {"type": "boolean"}}
    return _object(**things, **numbers, **bounds, **{name: _list(found)}, **closing)
