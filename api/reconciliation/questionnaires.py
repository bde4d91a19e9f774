"""Reading a batch of reconciliation queries: every fault is told with the query and the member that has it.

Reconciliation Service API 0.2, section 4.1, https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from api.errors import MalformedRequest, QueryTooLong, UnprocessableValue
from api.limits import told
from api.naming.entities import Entity
from api.naming.entity_types import EntityTypes
from api.naming.matching import LONGEST
from api.reconciliation.extension import MOST_CELLS, MOST_IDS, Extender, Property

__all__ = ["AS_OF", "BATCH", "Constraint", "Extension", "Question", "read_extension", "read_questions"]

BATCH, MOST_CANDIDATES, MOST_CONSTRAINTS, MOST_VALUES = 50, 25, 10, 20
AS_OF = "asOf"
_USUAL = 5
_MEMBERS = frozenset({"query", "type", "limit", "properties", "type_strict"})
_STRICT = ("any", "should", "all")
_DAY = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


@dataclass(frozen=True, slots=True)
class Constraint:
    """What is said of the thing beside its name; without a property, a day on which it was there."""

    property: Property | None
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A query of a batch."""

    key: str
    text: str
    types: tuple[Entity, ...] = ()
    strict: str = "any"
    limit: int = _USUAL
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """Which cells are asked for; `settings` are those of each property."""

    ids: tuple[str, ...]
    properties: tuple[tuple[Property, Mapping[str, Any]], ...]


def read_questions(text: str, types: EntityTypes, extender: Extender) -> list[Question]:
    """The batch in a JSON document. Raises MalformedRequest, QueryTooLong and UnprocessableValue."""
    batch = _document(text, "queries")
    if len(batch) > BATCH:
        raise QueryTooLong(
            f"A batch has at most {BATCH} queries; this one has {len(batch)}.",
            hint=f"Send {BATCH} at a time, as `batchSize` of the manifest says.",
            limit=told("reconcile-batch", BATCH, "queries"),
        )
    return [_question(key, said, types, extender) for key, said in batch.items()]


def read_extension(text: str, extender: Extender) -> Extension:
    """What an extend request asks for. Raises MalformedRequest, QueryTooLong and UnprocessableValue."""
    said = _document(text, "extend")
    ids, properties = said.get("ids"), said.get("properties")
    if not isinstance(ids, list) or not _texts(ids) or not isinstance(properties, list):
        raise MalformedRequest("extend: `ids` is a list of identifiers, `properties` a list of objects with `id`.")
    asked = tuple(_wanted(each, extender) for each in properties)
    if len(ids) > MOST_IDS or len(ids) * len(asked) > MOST_CELLS:
        raise QueryTooLong(
            f"extend: at most {MOST_IDS} things and {MOST_CELLS} cells at a time.",
            limit=told("reconcile-extend", MOST_IDS, "things"),
        )
    return Extension(tuple(ids), asked)


def _wanted(said: Any, extender: Extender) -> tuple[Property, Mapping[str, Any]]:
    if not isinstance(said, dict) or not isinstance(said.get("id"), str):
        raise MalformedRequest("extend: each of `properties` is an object with `id`.")
    settings = said.get("settings") or {}
    if not isinstance(settings, dict):
        raise MalformedRequest(f"extend: `settings` of {said['id']} is an object.")
    return extender.property(said["id"]), settings


def _document(text: str, name: str) -> dict[str, Any]:
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedRequest(f"{name} is no JSON: {error}.") from error
    if not isinstance(said, dict):
        raise MalformedRequest(f"{name} is a JSON object.", hint='For example {"q0": {"query": "산업통상부"}}')
    return said


def _question(key: str, said: Any, types: EntityTypes, extender: Extender) -> Question:
    if not isinstance(said, dict):
        raise MalformedRequest(f"{key}: a query is an object.")
    if unknown := sorted(said.keys() - _MEMBERS):
        raise UnprocessableValue(f"{key}: there is no member {unknown[0]!r}.", nearest=sorted(_MEMBERS))
    strict = said.get("type_strict", "any")
    if strict not in _STRICT:
        raise UnprocessableValue(f"{key}: type_strict is one of {', '.join(_STRICT)}.", nearest=list(_STRICT))
    return Question(
        key,
        _text(key, said),
        tuple(_type(key, each, types) for each in _several(said.get("type", []))),
        strict,
        _limit(key, said.get("limit", _USUAL)),
        tuple(_constraint(key, each, extender) for each in _listed(key, said.get("properties", []))),
    )


def _text(key: str, said: Mapping[str, Any]) -> str:
    text = said.get("query", "")
    if not isinstance(text, str) or not (text.strip() or said.get("properties")):
        raise MalformedRequest(f"{key}: `query` is a text that is not empty.")
    if len(text) > LONGEST:
        raise QueryTooLong(
            f"{key}: at most {LONGEST} characters are read; these are {len(text)}.",
            limit=told("reconcile-query", LONGEST, "characters"),
        )
    return text.strip()


def _type(key: str, said: Any, types: EntityTypes) -> Entity:
    found = types.find(said) if isinstance(said, str) else None
    if found is None:
        nearest = [each.curie for each in types.nearest(str(said)[:LONGEST])]
        hint = f"Nearest: {', '.join(nearest)}" if nearest else ""
        raise UnprocessableValue(f"{key}: there is no type {said!r}.", hint=hint, nearest=nearest)
    return found


def _limit(key: str, said: Any) -> int:
    if isinstance(said, bool) or not isinstance(said, int | float) or not said >= 1:
        raise UnprocessableValue(f"{key}: limit is a number from 1 on, not {said!r}.")
    return int(min(said, MOST_CANDIDATES))


def _listed(key: str, said: Any) -> list[Any]:
    if not isinstance(said, list) or len(said) > MOST_CONSTRAINTS:
        raise UnprocessableValue(f"{key}: properties is a list of at most {MOST_CONSTRAINTS} objects.")
    return said


def _constraint(key: str, said: Any, extender: Extender) -> Constraint:
    if not isinstance(said, dict) or not isinstance(said.get("pid"), str) or "v" not in said:
        raise MalformedRequest(f"{key}: each of `properties` has a `pid` and a `v`.")
    values = tuple(_value(key, each) for each in _several(said["v"]))
    if len(values) > MOST_VALUES:
        raise UnprocessableValue(f"{key}: a property has at most {MOST_VALUES} values.")
    if said["pid"] != AS_OF:
        return Constraint(extender.property(said["pid"]), values)
    if wrong := [each for each in values if not _DAY.fullmatch(each)]:
        raise UnprocessableValue(f"{key}: {AS_OF} is a day, a month or a year, as 2020-06-01, not {wrong[0]!r}.")
    return Constraint(None, values)


def _value(key: str, said: Any) -> str:
    if isinstance(said, dict):
        said = said.get("id")
    if isinstance(said, bool):
        return str(said).lower()
    if not isinstance(said, str | int | float) or len(str(said)) > LONGEST:
        raise UnprocessableValue(f"{key}: a value is a text, a number, true, false or an object with `id`.")
    return str(said)


def _several(said: Any) -> Iterable[Any]:
    return said if isinstance(said, list) else [said]


def _texts(said: list[Any]) -> bool:
    return all(isinstance(each, str) for each in said)
