"""Typed parameters of canned queries, bound as RDF terms (SPARQL 1.1 Query 10, https://www.w3.org/TR/sparql11-query/#inline-data)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pyoxigraph import Literal, NamedNode
from rapidfuzz import process

from api.entities import Entity, EntityIndex

__all__ = ["ANY", "SCALARS", "Fault", "Parameter", "Text", "Values", "bind", "places", "read_values", "spell"]

XSD = "http://www.w3.org/2001/XMLSchema#"
ANY = "entity"
LONGEST = 500

Term = NamedNode | Literal
Values = Mapping[str, tuple[Term, ...]]
_PLACE = re.compile(r"VALUES \?(\w+) \{ UNDEF \}")
_ESCAPE = re.compile(r"(\\\\)([uU])|\\.")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_DAY = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")


class Text(BaseModel):
    """A text in Korean and English."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    ko: str = Field(min_length=1)
    en: str = Field(min_length=1)


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1)]


class Parameter(BaseModel):
    """What a caller may say: `type` is date, year, integer, iri, text, or the kinds of entity that are accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(pattern="^[a-z][A-Za-z0-9]*$")
    type: Names
    required: bool = False
    many: bool = False
    default: str | None = None
    description: Text

    @property
    def scalar(self) -> str | None:
        """The name of the datatype, or None where the value is an entity."""
        return self.type[0] if self.type[0] in SCALARS else None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of entity that are accepted; none means any."""
        return () if self.scalar or ANY in self.type else self.type

    def as_json(self) -> dict[str, Any]:
        """The parameter as the catalogue lists it."""
        return {
            "name": self.name,
            "type": self.type[0] if len(self.type) == 1 else ANY,
            "kinds": list(self.kinds),
            "required": self.required,
            "many": self.many,
            "default": self.default,
            "description": self.description.model_dump(),
        }


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one parameter, and what comes nearest."""

    parameter: str
    message: str
    value: str = ""
    nearest: tuple[Entity, ...] = ()
    names: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The fault as a problem document shows it."""
        nearest: list[Any] = [entity.as_json() for entity in self.nearest] or list(self.names)
        return {"parameter": self.parameter, "value": self.value, "message": self.message, "nearest": nearest}


def _date(value: str) -> Literal:
    if not _DAY.fullmatch(value):
        raise ValueError("a date is written YYYY-MM-DD")
    return Literal(date.fromisoformat(value).isoformat(), datatype=NamedNode(XSD + "date"))


def _year(value: str) -> Literal:
    if not _YEAR.fullmatch(value):
        raise ValueError("a year has four digits, 1900 to 2099")
    return Literal(value, datatype=NamedNode(XSD + "integer"))


def _integer(value: str) -> Literal:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise ValueError("an integer has digits only, at most 18")
    return Literal(str(int(value)), datatype=NamedNode(XSD + "integer"))


def _iri(value: str) -> NamedNode:
    if not re.match(r"https?://|urn:", value):
        raise ValueError("an IRI is absolute: it begins with http://, https:// or urn:")
    return NamedNode(value)


def _text(value: str) -> Literal:
    return Literal(unicodedata.normalize("NFC", value))


SCALARS: Mapping[str, Callable[[str], Term]] = {
    "date": _date,
    "year": _year,
    "integer": _integer,
    "iri": _iri,
    "text": _text,
}


def spell(term: Term) -> str:
    r"""The term in SPARQL; an escaped backslash never stands before a `u`, which some engines decode before they parse.

    >>> spell(Literal("\\u0022"))
    '"\\\\\\u00750022"'
    """
    return _ESCAPE.sub(lambda found: found[1] + f"\\u{ord(found[2]):04X}" if found[1] else found[0], str(term))


def bind(sparql: str, values: Values) -> str:
    """The query with each `VALUES ?name { UNDEF }` of a parameter that has values filled in.

    >>> bind("SELECT * { VALUES ?n { UNDEF } ?s ?p ?n }", {"n": (Literal("a"), Literal("b"))})
    'SELECT * { VALUES ?n { "a" "b" } ?s ?p ?n }'
    """

    def fill(place: re.Match[str]) -> str:
        terms = values.get(place[1], ())
        return f"VALUES ?{place[1]} {{ {' '.join(map(spell, terms))} }}" if terms else place[0]

    return _PLACE.sub(fill, sparql)


def places(sparql: str) -> set[str]:
    """The names of the variables that have a place for a value."""
    return set(_PLACE.findall(sparql))


def read_values(
    parameters: Sequence[Parameter], given: Mapping[str, Sequence[str]], index: EntityIndex
) -> tuple[Values, list[Fault]]:
    """The terms that the caller's strings mean, and everything that is wrong with them."""
    faults = _unknown(parameters, given)
    values: dict[str, tuple[Term, ...]] = {}
    for parameter in parameters:
        texts = [text for text in given.get(parameter.name, ()) if text.strip()] or _default(parameter)
        terms, wrong = _read(parameter, texts, index)
        faults += wrong
        if terms:
            values[parameter.name] = terms
    return values, faults


def _default(parameter: Parameter) -> list[str]:
    return [parameter.default] if parameter.default is not None else []


def _unknown(parameters: Sequence[Parameter], given: Mapping[str, Sequence[str]]) -> list[Fault]:
    known = [parameter.name for parameter in parameters]
    return [
        Fault(name, "there is no such parameter", names=_nearest_names(name, known))
        for name in given
        if name not in known
    ]


def _nearest_names(name: str, known: Sequence[str]) -> tuple[str, ...]:
    return tuple(match for match, _, _ in process.extract(name, known, limit=3)) or tuple(known)


def _read(parameter: Parameter, texts: Sequence[str], index: EntityIndex) -> tuple[tuple[Term, ...], list[Fault]]:
    if not texts and parameter.required:
        return (), [Fault(parameter.name, "this parameter is required", nearest=_examples(parameter, index))]
    if len(texts) > 1 and not parameter.many:
        return (), [Fault(parameter.name, "this parameter takes one value", value=", ".join(texts)[:LONGEST])]
    read = [_term(parameter, text, index) for text in texts]
    faults = [term for term in read if isinstance(term, Fault)]
    return tuple(dict.fromkeys(term for term in read if not isinstance(term, Fault))), faults


def _examples(parameter: Parameter, index: EntityIndex) -> tuple[Entity, ...]:
    entities = [] if parameter.scalar else sorted(index.of_kinds(parameter.kinds), key=lambda entity: entity.iri)
    return tuple(entities[:5])


def _term(parameter: Parameter, text: str, index: EntityIndex) -> Term | Fault:
    if len(text) > LONGEST:
        return Fault(parameter.name, f"a value has at most {LONGEST} characters", value=text[:LONGEST])
    if parameter.scalar:
        return _scalar(parameter, text)
    return _entity(parameter, text, index)


def _scalar(parameter: Parameter, text: str) -> Term | Fault:
    try:
        return SCALARS[parameter.type[0]](text.strip())
    except ValueError as error:
        return Fault(parameter.name, str(error), value=text)


def _entity(parameter: Parameter, text: str, index: EntityIndex) -> NamedNode | Fault:
    found = index.find(text, parameter.kinds)
    if len(found) == 1:
        return NamedNode(found[0].iri)
    if found:
        return Fault(parameter.name, "more than one thing bears this name; give its CURIE", text, tuple(found))
    wanted = " or ".join(parameter.kinds) or "thing"
    return Fault(parameter.name, f"no {wanted} of this name", text, tuple(index.nearest(text, parameter.kinds)))
