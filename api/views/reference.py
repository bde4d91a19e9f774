"""The reference of the HTTP interface as a page, read off the OpenAPI document; no script and no third party needed.

OpenAPI 3.1, https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from api.views.pages import Page

__all__ = ["Answer", "Operation", "Parameter", "ReferencePage", "Section", "read_sections"]

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the path or in the query; `type` is that of its schema, `example` what to try."""

    name: str
    place: str
    required: bool
    type: str
    meaning: str
    example: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What may come back: a status, what it means, and the media types."""

    status: str
    meaning: str
    media_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path; `example` is a path to try, "" where none can be made."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    bodies: tuple[str, ...]
    answers: tuple[Answer, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Section:
    """The operations of one tag."""

    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class ReferencePage(Page):
    """All operations."""

    template: ClassVar[str] = "reference.html"
    sections: tuple[Section, ...]


def read_sections(document: Json) -> tuple[Section, ...]:
    """The operations of an OpenAPI document by their first tag, in its order."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, each in methods.items():
            found.setdefault(next(iter(each.get("tags", ())), ""), []).append(_operation(path, method, each))
    return tuple(Section(name, tuple(operations)) for name, operations in found.items())


def _operation(path: str, method: str, each: Json) -> Operation:
    parameters = tuple(map(_parameter, each.get("parameters", ())))
    return Operation(
        each["operationId"],
        method.upper(),
        path,
        each.get("summary", ""),
        each.get("description", ""),
        parameters,
        tuple(each.get("requestBody", {}).get("content", ())),
        tuple(_answer(status, answer) for status, answer in sorted(each["responses"].items())),
        _example(path, parameters) if method == "get" else "",
    )


def _parameter(each: Json) -> Parameter:
    schema = each.get("schema", {})
    given = each.get("example", next(iter(schema.get("examples", ())), None))
    example = () if given is None else tuple(map(str, given)) if isinstance(given, list) else (str(given),)
    return Parameter(
        each["name"],
        each["in"],
        bool(each.get("required")),
        _type(schema),
        each.get("description") or schema.get("description", ""),
        example,
    )


def _type(schema: Json) -> str:
    """The type as one reads it.

    >>> _type({"type": "array", "items": {"type": "string", "format": "iri"}}), _type({"enum": ["csv", "tsv"]})
    ('iri …', 'csv | tsv')
    """
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"{_type(schema.get('items', {}))} …"
    return str(schema.get("format") or schema.get("type", "string"))


def _answer(status: str, answer: Json) -> Answer:
    return Answer(status, answer.get("description", ""), tuple(answer.get("content", ())))


def _example(path: str, parameters: Iterable[Parameter]) -> str:
    """A path to try: every parameter that has an example has it.

    >>> _example("/id/{kind}", [Parameter("kind", "path", True, "string", "", ("org",))])
    '/id/org'
    """
    asked: list[tuple[str, str]] = []
    for each in parameters:
        if each.place == "path" and each.example:
            path = path.replace(f"{{{each.name}}}", quote(each.example[0]))
        elif each.place == "query":
            asked += [(each.name, value) for value in each.example]
        if each.required and not each.example:
            return ""
    return path + (f"?{urlencode(asked)}" if asked else "")
