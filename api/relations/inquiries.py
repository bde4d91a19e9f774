"""What may be asked of relationships, and how it is read: things by name, numbers in their ranges, what to leave out.

A thing may be called by its IRI, CURIE, slug or any of its names. A text that is nobody's whole name, but begins words
of some names, means the thing with the most links among them; the answer says so and lists the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from api.naming.entities import Entity, EntityIndex, fold
from api.questions.datatypes import Text
from api.questions.parameters import ANY, Fault, Parameter, Values, read_values, unprocessable
from api.relations.exploration import Explorer
from api.releases import Release
from graph_builder.prefixes import PrefixMap

__all__ = [
    "ASKED",
    "RANGES",
    "SWITCHES",
    "Asked",
    "Given",
    "Known",
    "Meant",
    "read_switch",
]

Given = Mapping[str, Sequence[str]]
_SHORTEST, _OTHERS = 2, 6
SWITCHES = {"true": True, "1": True, "false": False, "0": False}
RANGES: Mapping[str, tuple[int, int, int]] = {
    "k": (1, 10, 5),
    "length": (1, 6, 4),
    "depth": (1, 3, 1),
    "limit": (1, 200, 50),
}
"""Least, greatest and usual value of each number."""


class Known(Protocol):
    """What is known of the release that is asked about."""

    @property
    def release(self) -> Release:
        """The release."""

    @property
    def entities(self) -> EntityIndex:
        """The names of everything."""

    @property
    def prefixes(self) -> PrefixMap:
        """The prefixes of the release."""


def _text(ko: str, en: str) -> Text:
    return Text(ko=ko, en=en)


def _thing(name: str, ko: str, en: str) -> Parameter:
    return Parameter(name=name, type=(ANY,), required=True, description=_text(ko, en))


def _number(name: str, ko: str, en: str) -> Parameter:
    return Parameter(name=name, type=("integer",), default=str(RANGES[name][2]), description=_text(ko, en))


_RESTRICTIONS = (
    Parameter(
        name="kinds",
        type=("text",),
        many=True,
        description=_text(
            "지나갈 수 있는 것의 종류(없으면 모두)", "Kinds of thing that may be passed; all if none is given"
        ),
    ),
    Parameter(
        name="without",
        type=("text",),
        many=True,
        description=_text(
            "지나가지 않을 것, 그 종류 또는 속성", "Things, kinds of thing or properties that are not passed"
        ),
    ),
    Parameter(
        name="asOf",
        type=("date",),
        description=_text(
            "이날에 성립하는 재직과 이날까지 열린 행사만 지난다",
            "Pass only tenures that hold on this day, and events up to it",
        ),
    ),
)
ASKED: Mapping[str, tuple[Parameter, ...]] = {
    "paths": (
        _thing("from", "어디에서", "Where paths begin"),
        _thing("to", "어디까지", "Where paths end"),
        _number("k", "경로의 수", "How many paths"),
        _number("length", "한 경로에 있을 수 있는 연결의 수", "How many links a path may have"),
        *_RESTRICTIONS,
    ),
    "neighbourhood": (
        _thing("of", "무엇의 이웃", "The thing in the middle"),
        _number("depth", "몇 단계까지", "How many links away"),
        _number("limit", "이웃의 수", "How many neighbours"),
        *_RESTRICTIONS,
    ),
    "shared": (
        _thing("a", "한쪽", "One thing"),
        _thing("b", "다른 쪽", "The other thing"),
        _number("limit", "함께 이어진 것의 수", "How many things that both are linked with"),
        *_RESTRICTIONS,
    ),
}
"""The parameters of each question, beside `evidence` and `format`."""


def read_switch(name: str, text: str, usual: bool) -> bool:
    """The truth value of a parameter. Raises UnprocessableValue."""
    if not text:
        return usual
    if text.lower() not in SWITCHES:
        raise unprocessable([Fault(name, "true or false", text, names=("true", "false"), korean="true 또는 false")])
    return SWITCHES[text.lower()]


@dataclass(frozen=True, slots=True)
class Meant:
    """A thing that a caller means by a text; `others` begin with the same words, where it is nobody's whole name."""

    iri: str
    text: str
    others: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was read."""

    things: Mapping[str, Meant]
    numbers: Mapping[str, int]
    kinds: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    day: str = ""

    @classmethod
    async def read(cls, question: str, known: Known, explorer: Explorer, given: Given) -> Asked:
        """Read what a caller says. Raises UnprocessableValue with everything that is wrong, and as `Explorer.ask`."""
        held = (await explorer.ask({"ask": "kinds"}))["kinds"]
        values, faults = read_values([_as_text(each) for each in ASKED[question]], given, known.entities)
        numbers, outside = _numbers(question, values)
        kinds, no_kinds = _kinds(_texts(values, "kinds"), held)
        without, unknown = _without(_texts(values, "without"), held, known)
        reader = _ThingReader(known, explorer, held)
        names = [each.name for each in ASKED[question] if each.type == (ANY,)]
        things = {name: await reader.read(name, text) for name in names for text in _texts(values, name)}
        wrong = [each for each in things.values() if isinstance(each, Fault)]
        if found := [*faults, *wrong, *outside, *no_kinds, *unknown]:
            raise unprocessable(found)
        meant = {name: each for name, each in things.items() if isinstance(each, Meant)}
        return cls(meant, numbers, kinds, without, next(iter(_texts(values, "asOf")), ""))

    def iri(self, name: str) -> str:
        """The IRI of a thing."""
        return self.things[name].iri

    def question(self, ask: str) -> dict[str, Any]:
        """What every question to the network has."""
        return {"ask": ask, "kinds": sorted(self.kinds), "without": sorted(self.without), "day": self.day}

    def bounds(self) -> dict[str, Any]:
        """What bounded the search, as the answer repeats it."""
        return {**self.numbers, "kinds": list(self.kinds), "without": list(self.without), "asOf": self.day or None}


def _as_text(parameter: Parameter) -> Parameter:
    # things are read here and not there, for only some may be meant
    return parameter.model_copy(update={"type": ("text",)}) if parameter.type == (ANY,) else parameter


def _texts(values: Values, name: str) -> list[str]:
    return [term.value for term in values.get(name, ())]


@dataclass(frozen=True, slots=True)
class _ThingReader:
    """Reads names of things that the network holds."""

    known: Known
    explorer: Explorer
    held: Collection[str]

    async def read(self, name: str, text: str) -> Meant | Fault:
        """What a text means, or what is wrong with it."""
        index = self.known.entities
        found = index.find(text, self.held)
        if len(found) == 1:
            return Meant(found[0].iri, text)
        if found:
            message = "more than one thing bears this name; give its CURIE"
            return Fault(name, message, text, tuple(found), korean="이름이 같은 것이 여럿이니 식별자로 쓴다")
        return await self._begun(text) or self._no_thing(name, text)

    async def _begun(self, text: str) -> Meant | None:
        """The most linked thing in whose names words begin with the text."""
        begun = [each for each in self.known.entities.of_kinds(self.held) if _begins(each, fold(text))]
        if not begun:
            return None
        ranked = (await self.explorer.ask({"ask": "foremost", "things": [each.iri for each in begun]}))["things"]
        entities = [entity for iri in ranked if (entity := self.known.entities.get(iri)) is not None]
        return Meant(entities[0].iri, text, tuple(entities[1:_OTHERS])) if entities else None

    def _no_thing(self, name: str, text: str) -> Fault:
        if others := self.known.entities.find(text):
            kind = others[0].kind
            return Fault(name, f"no path passes a {kind}", text, korean=f"{kind} 종류는 이어 보지 않는다")
        nearest = tuple(self.known.entities.nearest(text, self.held))
        return Fault(name, "no thing of this name", text, nearest, korean="이런 이름이 없다")


def _begins(entity: Entity, begun: str) -> bool:
    if len(begun) < _SHORTEST:
        return False
    names = [name.split() for name in (*entity.label.values(), *entity.alt)]
    return any(fold("".join(words[at:])).startswith(begun) for words in names for at in range(len(words)))


def _kinds(wanted: Sequence[str], held: Sequence[str]) -> tuple[tuple[str, ...], list[Fault]]:
    message, korean = "no kind of thing that paths pass", "그런 종류는 없다"
    faults = [Fault("kinds", message, each, names=tuple(held), korean=korean) for each in wanted if each not in held]
    return tuple(wanted), faults


def _without(texts: Iterable[str], held: Sequence[str], known: Known) -> tuple[tuple[str, ...], list[Fault]]:
    """Kinds, and the IRIs of things and of properties; where a name is that of several, all of them."""
    found: list[str] = []
    faults: list[Fault] = []
    for text in texts:
        meant = [text] if text in held else [each.iri for each in known.entities.find(text)] or _property(text, known)
        found += meant
        if not meant:
            nearest = tuple(known.entities.nearest(text, held))
            faults.append(Fault("without", "no thing, kind or property", text, nearest, korean="그런 것이 없다"))
    return tuple(found), faults


def _property(text: str, known: Known) -> list[str]:
    """The IRI of a property of another vocabulary, given by its CURIE."""
    prefix, colon, local = text.partition(":")
    namespace = known.prefixes.prefixes.get(prefix, "")
    foreign = bool(namespace) and not namespace.startswith(known.release.base)
    return [namespace + local] if colon and local and foreign else []


def _numbers(question: str, values: Values) -> tuple[dict[str, int], list[Fault]]:
    numbers: dict[str, int] = {}
    faults: list[Fault] = []
    for name in (each.name for each in ASKED[question] if each.name in RANGES and each.name in values):
        least, most, _ = RANGES[name]
        numbers[name] = int(values[name][0].value)
        if not least <= numbers[name] <= most:
            message, korean = f"a whole number from {least} to {most}", f"{least}에서 {most}까지의 정수"
            faults.append(Fault(name, message, str(numbers[name]), korean=korean))
    return numbers, faults
