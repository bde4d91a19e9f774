"""Describes each canned query as an operation of OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html).

Parameters and columns are those of its header; every answer in JSON keeps to the schema that stands here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.errors import PROBLEM_JSON
from api.questions.catalogue import Column, Query
from api.questions.parameters import Parameter
from api.transport.formats import ANSWERS, CITATIONS, RECORDS
from api.wording.display import LANGUAGES

__all__ = ["CATALOGUE_SCHEMA", "parameters_of", "responses_of"]

Json = dict[str, Any]
_STRING: Json = {"type": "string"}
_TEXT: Json = {"type": "object", "required": list(LANGUAGES), "properties": dict.fromkeys(LANGUAGES, _STRING)}
_PROBLEM_SCHEMA: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "hint": {"type": "string"},
    },
}
_FAULT: Json = {
    "type": "object",
    "required": ["parameter", "value", "message", "nearest"],
    "properties": {
        "parameter": {"type": "string"},
        "value": {"type": "string"},
        "message": {"type": "string"},
        "nearest": {"type": "array"},
    },
}
_FAULTS = {"faults": {"type": "array", "items": _FAULT}}
_FAULTY = {**_PROBLEM_SCHEMA, "properties": {**_PROBLEM_SCHEMA["properties"], **_FAULTS}}
# in full where a caller can mend something, for there is one for each query
_PROBLEM: Json = {"type": "object", "required": _PROBLEM_SCHEMA["required"]}
_REFUSALS: Mapping[int, tuple[str, Json]] = {
    406: ("No acceptable format; `alternatives` lists what there is", _PROBLEM),
    422: ("A parameter is unknown, missing or wrong; `faults` lists all, each with the nearest values", _FAULTY),
    503: ("The server is busy; `Retry-After` says when to come again", _PROBLEM),
    504: ("The deadline passed", _PROBLEM),
    507: ("The memory or size limit was reached", _PROBLEM),
}
# What the value of a cell is in JSON; anything else is a string.
_VALUES: Mapping[str, Json] = {
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "year": {"type": ["integer", "string"]},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}
CATALOGUE_SCHEMA: Json = {
    "type": "object",
    "required": ["queries"],
    "properties": {
        "queries": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "title", "question", "parameters", "columns", "example", "view", "href", "sparql"],
                "properties": {
                    "id": {"type": "string"},
                    "title": _TEXT,
                    "question": _TEXT,
                    "parameters": {"type": "array", "items": {"type": "object"}},
                    "columns": {"type": "array", "items": {"type": "object"}},
                    "example": {"type": "object"},
                    "view": {"type": "string"},
                    "href": {"type": "string"},
                    "sparql": {"type": "string"},
                },
            },
        }
    },
}


def parameters_of(query: Query, default_rows: int, most_rows: int) -> list[Json]:
    """The parameters of the operation: the query's own, and those that every query has."""
    return [*(_own(each, query) for each in query.header.parameters), *_shared(default_rows, most_rows)]


def _own(parameter: Parameter, query: Query) -> Json:
    text, example = parameter.explained(), query.example.get(parameter.name)
    ends = "" if len(parameter.places) == 1 else f"; or its ends as {' and '.join(parameter.places)}"
    shown: Json = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": f"{text.en}{ends} · {text.ko}",
        "allowEmptyValue": True,
        "schema": parameter.json_schema(),
    }
    return shown | ({"example": parameter.sent(example)} if example else {})


def _shared(default_rows: int, most_rows: int) -> Iterable[Json]:
    rows = {"type": "integer", "minimum": 1, "maximum": most_rows, "default": default_rows}
    described: Mapping[str, tuple[str, Json]] = {
        "limit": ("At most so many rows", rows),
        "cursor": ("Where to go on, from `next`", {"type": "string"}),
        "evidence": (
            "List for each row the places in articles and the other sources that it rests on",
            {"type": "boolean", "default": False},
        ),
        "format": (
            "Format of the answer, instead of the Accept header",
            {"type": "string", "enum": [row.name for row in (*ANSWERS, *CITATIONS)]},
        ),
        "cite": (
            "The articles and other sources behind the answer, as reference managers read them",
            {"type": "string", "enum": [row.name for row in CITATIONS]},
        ),
        "lang": (
            "Language of headings and names, instead of the Accept-Language header",
            {"type": "string", "enum": list(LANGUAGES)},
        ),
        "bom": (
            "true or false: a byte-order mark before CSV; else for readers of Korean, by `lang` or Accept-Language",
            {"type": "string"},
        ),
    }
    for name, (meaning, schema) in described.items():
        yield {"name": name, "in": "query", "description": meaning, "schema": schema}


def responses_of(query: Query) -> dict[int | str, Json]:
    """What the operation answers, by status: the answer in each format, and the refusals."""
    content = {row.media_type: {"schema": _written(row.media_type)} for row in (*ANSWERS, *CITATIONS)}
    content[RECORDS.media_type] = {"schema": _document(query)}
    columns = ", ".join(column.name for column in query.header.columns)
    answer: Json = {"description": f"Rows of {columns}", "content": content}
    return {200: answer, **{status: _refusal(*each) for status, each in _REFUSALS.items()}}


def _written(media_type: str) -> Json:
    """What a body of a media type is: a text, or what JSON says."""
    return {"type": ["object", "array"]} if media_type.endswith("json") else _STRING


def _refusal(meaning: str, schema: Json) -> Json:
    return {"description": meaning, "content": {PROBLEM_JSON: {"schema": schema}}}


def _document(query: Query) -> Json:
    columns = query.header.columns
    row = {
        "type": "object",
        "required": [column.name for column in columns],
        "properties": {column.name: _cell(column) for column in columns},
    }
    properties: Json = {
        "query": {"const": query.id},
        "parameters": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "object"}}},
        "release": {"type": "string"},
        "columns": {"type": "array", "items": {"type": "object"}},
        "rows": {"type": "array", "items": row},
        "truncated": {"type": "boolean"},
        "next": {"type": ["string", "null"]},
        "evidence": {"type": ["array", "null"], "items": {"type": "array", "items": {"type": "object"}}},
    }
    return {"type": "object", "required": list(properties), "properties": properties}


def _cell(column: Column) -> Json:
    """A cell: null where nothing is known, else a value with its type and its names."""
    value = _STRING if column.many else _VALUES.get(column.type[0], _STRING)
    unit = f" ({column.unit})" if column.unit else ""
    return {
        "type": ["object", "null"],
        "description": f"{column.label.en}{unit} · {column.label.ko}",
        "required": ["value", "type", "label"],
        "properties": {"value": value},
    }
