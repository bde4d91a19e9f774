"""The form of a canned query: for each parameter the control that suits its type, filled in as it was sent.

HTML, section 4.10 (https://html.spec.whatwg.org/multipage/forms.html): every control works without a script.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from api.naming.entities import Entity, EntityIndex
from api.questions.catalogue import Query
from api.questions.parameters import Fault, Parameter, Values
from api.wording.display import Language

__all__ = ["Control", "Option", "controls", "filled_in"]

# A menu shows all that there is; suggestions are looked through by typing; longer lists are asked of /api/suggest.
MENU, SUGGESTED = 80, 150


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a menu, or one suggestion."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """How a parameter is asked for: a menu, names with suggestions, years with two boxes, else a box of an HTML type.

    `sent` has what was typed for each place of the parameter.
    """

    parameter: Parameter
    kind: Literal["menu", "names", "years", "box"]
    sent: Mapping[str, str]
    options: tuple[Option, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def text(self) -> str:
        """What was typed in the one box."""
        return self.sent.get(self.parameter.name, "")

    @property
    def suggests(self) -> bool:
        """Whether names are asked of the server while one is typed, as they are too many to be listed."""
        return self.kind == "names" and not self.options

    @property
    def type(self) -> str:
        """The type of an HTML input."""
        return "text" if self.written or self.parameter.datatype is None else self.parameter.datatype.control

    @property
    def attributes(self) -> Mapping[str, str]:
        """Further attributes of an HTML input."""
        datatype = self.parameter.datatype
        return datatype.attributes if datatype and (self.kind == "years" or not self.written) else {}

    @property
    def written(self) -> bool:
        """Whether a box takes any text: names, several values, or a range in one."""
        return self.kind != "box" or self.parameter.many or len(self.parameter.places) > 1


def filled_in(query: Query, sent: Sequence[tuple[str, str]], index: EntityIndex) -> dict[str, list[str]]:
    """The values that a form was sent with; a box that takes several has commas between them."""
    several = {parameter.name: parameter for parameter in query.header.parameters if parameter.many}
    given: dict[str, list[str]] = {}
    for name, value in sent:
        texts = _parted(value, several[name], index) if name in several else [value.strip()]
        if any(texts):
            given.setdefault(name, []).extend(text for text in texts if text)
    return given


def _parted(value: str, parameter: Parameter, index: EntityIndex) -> list[str]:
    # a name may have a comma itself
    whole = not parameter.datatype and index.find(value, parameter.kinds)
    return [value.strip()] if whole else [part.strip() for part in value.split(",")]


def controls(
    query: Query,
    given: Mapping[str, Sequence[str]],
    values: Values,
    faults: Sequence[Fault],
    index: EntityIndex,
    language: Language,
) -> tuple[Control, ...]:
    """The controls of a query's form in the order of its parameters."""
    return tuple(_control(each, given, values, faults, index, language) for each in query.header.parameters)


def _control(
    parameter: Parameter,
    given: Mapping[str, Sequence[str]],
    values: Values,
    faults: Sequence[Fault],
    index: EntityIndex,
    language: Language,
) -> Control:
    own = tuple(fault for fault in faults if fault.parameter == parameter.name)
    sent = {name: ", ".join(given.get(name, ())) for name in (parameter.name, *parameter.places)}
    if parameter.datatype and parameter.datatype.control == "years":
        read = {place: values[place][0].value for place in parameter.places if place in values}
        # a range that cannot be read stays to be seen, in one box
        kind: Literal["box", "years"] = "box" if sent[parameter.name] and not read else "years"
        return Control(parameter, kind, sent | read, (), own)
    if parameter.datatype:
        return Control(parameter, "box", sent, (), own)
    known = sorted(index.of_kinds(parameter.kinds), key=lambda each: (each.label.get(language, "~"), each.iri))
    if known and len(known) <= MENU and all("/scheme/" in each.iri for each in known):
        return Control(parameter, "menu", sent, _menu(parameter, known, given, values, language), own)
    options = _suggestions(known, language) if len(known) <= SUGGESTED else ()
    return Control(parameter, "names", sent, options, own)


def _menu(
    parameter: Parameter,
    known: Sequence[Entity],
    given: Mapping[str, Sequence[str]],
    values: Values,
    language: Language,
) -> tuple[Option, ...]:
    chosen = {term.value for term in values.get(parameter.name, ())}
    options = [Option(each.curie, _label(each, language), each.iri in chosen) for each in known]
    # what cannot be read stays to be seen beside its fault
    strange = () if chosen else given.get(parameter.name, ())
    return (*(Option(text, text, True) for text in strange), *options)


def _suggestions(known: Sequence[Entity], language: Language) -> tuple[Option, ...]:
    total = Counter(_label(each, language) for each in known)
    named = ((each, _label(each, language)) for each in known)
    return tuple(Option(label if total[label] == 1 else each.curie, label) for each, label in named)


def _label(entity: Entity, language: Language) -> str:
    return entity.label.get(language) or entity.label.get("ko") or entity.curie
