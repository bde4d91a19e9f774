"""Typed parameters of canned queries, bound as RDF terms (SPARQL 1.1 Query 10, https://www.w3.org/TR/sparql11-query/#inline-data)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pyoxigraph import NamedNode
from rapidfuzz import process

from api.errors import UnprocessableValue
from api.naming.entities import Entity, EntityIndex
from api.questions.datatypes import DATATYPES, Datatype, NoSuchValue, Term, Text
from api.wording.display import LANGUAGES

__all__ = [
    "ANY",
    "SCALARS",
    "SPAN",
    "Fault",
    "Parameter",
    "Text",
    "Values",
    "bind",
    "missing",
    "places",
    "read_values",
    "spell",
    "unprocessable",
]

ANY = "entity"
SPAN = ("from", "to")
"""What parameters for the first and the last day of a span of time are called."""
LONGEST = 500
SCALARS = frozenset(DATATYPES)

Values = Mapping[str, tuple[Term, ...]]
"""The terms of each place, by the name of its variable."""
_PLACE = re.compile(r"VALUES \?(\w+) \{ UNDEF \}")
_ESCAPE = re.compile(r"(\\\\)([uU])|\\.")


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1)]


class Parameter(BaseModel):
    """What a caller may say: `type` is one of the datatypes, or the kinds of entity that are accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(pattern="^[a-z][A-Za-z0-9]*$")
    type: Names
    required: bool = False
    many: bool = False
    default: str | tuple[str, ...] | None = None
    description: Text

    @property
    def datatype(self) -> Datatype | None:
        """How a value is read that is no entity, or None where it is one."""
        return DATATYPES.get(self.type[0])

    @property
    def scalar(self) -> str | None:
        """The name of the datatype, or None where the value is an entity."""
        return self.datatype.name if self.datatype else None

    @property
    def places(self) -> tuple[str, ...]:
        """The variables that it binds: the one of its name, or for a range one for each end."""
        return tuple(self.name + part for part in (self.datatype.parts if self.datatype else ("",)))

    @property
    def defaults(self) -> tuple[str, ...]:
        """What stands where a caller says nothing."""
        return (self.default,) if isinstance(self.default, str) else self.default or ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of entity that are accepted; none means any."""
        return () if self.scalar or ANY in self.type else self.type

    def json_schema(self) -> dict[str, Any]:
        """The values that are taken, in JSON Schema."""
        one = dict(self.datatype.schema) if self.datatype else {"type": "string", "maxLength": LONGEST}
        whole: dict[str, Any] = {"type": "array", "items": one} if self.many else one
        if not self.defaults:
            return whole
        return whole | {"default": list(self.defaults) if self.many else self.defaults[0]}

    def sent(self, texts: Sequence[str]) -> Any:
        """Texts as JSON has the values: numbers as numbers, several in a list.

        >>> Parameter(name="n", type="year", description=Text(ko="해", en="year")).sent(["2020"])
        2020
        """
        numeric = self.datatype is not None and self.datatype.schema["type"] in ("integer", "number")
        values = [json.loads(text) if numeric else text for text in texts]
        return values if self.many else values[0]

    def explained(self) -> Text:
        """What the parameter means and how its value is written."""
        if self.datatype:
            return Text(
                ko=f"{self.description.ko} ({self.datatype.written.ko})",
                en=f"{self.description.en} ({self.datatype.written.en})",
            )
        kinds = ", ".join(self.kinds)
        return Text(
            ko=f"{self.description.ko} ({kinds or '모든 종류'}: 이름, 식별자 또는 IRI)",
            en=f"{self.description.en} ({kinds or 'anything'}: a name, a CURIE, a slug or an IRI)",
        )

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
    """What is wrong with one parameter, in English and where it is known in Korean, and what comes nearest."""

    parameter: str
    message: str
    value: str = ""
    nearest: tuple[Entity, ...] = ()
    names: tuple[str, ...] = field(default=())
    korean: str = ""

    def said(self, language: str) -> str:
        """What is wrong, in a language."""
        return self.korean if language == "ko" and self.korean else self.message

    def as_json(self) -> dict[str, Any]:
        """The fault as a problem document shows it."""
        nearest: list[Any] = [entity.as_json() for entity in self.nearest] or list(self.names)
        return {
            "parameter": self.parameter,
            "value": self.value,
            "message": self.message,
            "said": {language: self.said(language) for language in LANGUAGES},
            "nearest": nearest,
        }


def unprocessable(faults: Sequence[Fault]) -> UnprocessableValue:
    """All faults of a request in one problem, with what may have been meant by the first."""
    first = faults[0]
    names = [f"{each.curie} ({each.label.get('ko', each.slug)})" for each in first.nearest] or list(first.names)
    return UnprocessableValue(
        "; ".join(f"{fault.parameter}: {fault.message}" for fault in faults),
        hint=f"Nearest: {', '.join(names)}" if names else "",
        faults=[fault.as_json() for fault in faults],
    )


def missing(parameter: str) -> Fault:
    """The fault of a required parameter without a value; there is nothing that any name could come near."""
    return Fault(parameter, "this parameter is required", korean="꼭 있어야 한다")


def spell(term: Term) -> str:
    r"""The term in SPARQL; an escaped backslash never stands before a `u`, which some engines decode before they parse.

    >>> from pyoxigraph import Literal
    >>> spell(Literal("\\u0022"))
    '"\\\\\\u00750022"'
    """
    return _ESCAPE.sub(lambda found: found[1] + f"\\u{ord(found[2]):04X}" if found[1] else found[0], str(term))


def bind(sparql: str, values: Values) -> str:
    """The query with each `VALUES ?name { UNDEF }` of a parameter that has values filled in.

    >>> from pyoxigraph import Literal
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
    """The terms that the caller's strings mean, and everything that is wrong with them.

    The two ends of a range may also be said apart, under the names of their places.
    """
    faults = _unknown(parameters, given)
    values: dict[str, tuple[Term, ...]] = {}
    for parameter in parameters:
        texts = _said(given.get(parameter.name, ())) or _ends(parameter, given) or list(parameter.defaults)
        terms, wrong = _read(parameter, texts, index)
        faults += [*wrong, *_said_twice(parameter, given)]
        values |= terms
    return values, [*faults, *_reversed(parameters, values)]


def _said(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if text.strip()]


def _ends(parameter: Parameter, given: Mapping[str, Sequence[str]]) -> list[str]:
    """A range whose ends are said apart, as it is written in one."""
    if len(parameter.places) == 1:
        return []
    first, last = ([text.strip() for text in _said(given.get(place, ()))] for place in parameter.places)
    return ["..".join((" ".join(first), " ".join(last)))] if first or last else []


def _said_twice(parameter: Parameter, given: Mapping[str, Sequence[str]]) -> list[Fault]:
    if _said(given.get(parameter.name, ())) and _ends(parameter, given):
        ends = " and ".join(parameter.places)
        return [Fault(parameter.name, f"say {parameter.name}, or {ends}, not both", korean="한 가지 방법으로만 쓴다")]
    return []


def _reversed(parameters: Sequence[Parameter], values: Values) -> list[Fault]:
    """Two days of which the last is before the first; a range of years is one value and looks after itself."""
    dated = {parameter.name for parameter in parameters if parameter.scalar == "date"}
    first, last = (values.get(name, ()) if name in dated else () for name in SPAN)
    if not (first and last and first[0].value > last[0].value):
        return []
    start, end = first[0].value, last[0].value
    korean = f"시작하는 날({start})보다 앞선 날이다"
    return [Fault(SPAN[1], f"{end} is before {start}", value=end, korean=korean)]


def _unknown(parameters: Sequence[Parameter], given: Mapping[str, Sequence[str]]) -> list[Fault]:
    known = list(dict.fromkeys(name for each in parameters for name in (each.name, *each.places)))
    return [
        Fault(name, "there is no such parameter", names=_nearest_names(name, known), korean="그런 조건은 없다")
        for name in given
        if name not in known
    ]


def _nearest_names(name: str, known: Sequence[str]) -> tuple[str, ...]:
    return tuple(match for match, _, _ in process.extract(name[:LONGEST], known, limit=3)) or tuple(known)


def _read(parameter: Parameter, texts: Sequence[str], index: EntityIndex) -> tuple[Values, list[Fault]]:
    if not texts and parameter.required:
        return {}, [missing(parameter.name)]
    if len(texts) > 1 and not parameter.many:
        value = ", ".join(texts)[:LONGEST]
        return {}, [Fault(parameter.name, "this parameter takes one value", value, korean="값은 하나만 쓴다")]
    read = [_terms(parameter, text, index) for text in texts]
    faults = [each for each in read if isinstance(each, Fault)]
    return _by_place(parameter, [each for each in read if not isinstance(each, Fault)]), faults


def _by_place(parameter: Parameter, read: Iterable[Mapping[str, Term]]) -> Values:
    found: dict[str, dict[Term, None]] = {}
    for part, term in ((part, term) for terms in read for part, term in terms.items()):
        found.setdefault(parameter.name + part, {})[term] = None
    return {place: tuple(terms) for place, terms in found.items()}


def _terms(parameter: Parameter, text: str, index: EntityIndex) -> Mapping[str, Term] | Fault:
    if len(text) > LONGEST:
        message, korean = f"a value has at most {LONGEST} characters", f"값은 {LONGEST}자까지 쓴다"
        return Fault(parameter.name, message, value=text[:LONGEST], korean=korean)
    if parameter.datatype:
        return _scalar(parameter.name, text, parameter.datatype)
    return _entity(parameter, text, index)


def _scalar(name: str, text: str, datatype: Datatype) -> Mapping[str, Term] | Fault:
    try:
        return datatype.read(text.strip())
    except NoSuchValue as error:
        return Fault(name, error.said.en, value=text, korean=error.said.ko)
    except ValueError:
        return Fault(name, datatype.written.en, value=text, korean=datatype.written.ko)


def _entity(parameter: Parameter, text: str, index: EntityIndex) -> Mapping[str, Term] | Fault:
    found = index.find(text, parameter.kinds)
    if len(found) == 1:
        return {"": NamedNode(found[0].iri)}
    if found:
        message, korean = (
            "more than one thing bears this name; give its CURIE",
            "이름이 같은 것이 여럿이니 식별자로 쓴다",
        )
        return Fault(parameter.name, message, text, tuple(found), korean=korean)
    wanted = " or ".join(parameter.kinds) or "thing"
    nearest = tuple(index.nearest(text, parameter.kinds))
    return Fault(parameter.name, f"no {wanted} of this name", text, nearest, korean="이런 이름이 없다")
