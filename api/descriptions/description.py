"""Describes a thing: its facts with their evidence, what its sources get wrong, and what is linked with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from api.descriptions.neighbourhood import Evidence, Name, Neighbourhood, Row, TextValue, Thing, Value
from api.engine.execution import Executor
from api.engine.results import Term
from api.questions.page_queries import PageQueries, iris
from api.wording.display import HIDDEN, Language, place_of
from graph_builder.prefixes import PrefixMap

__all__ = ["Claim", "Describer", "Description", "Fact", "FactGroup", "Issue", "RelatedGroup", "read_issue"]

Key = tuple[str, str, bool]  # direction, property, inferred
SMALL = 50
LARGEST_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Claim:
    """How a source says it: plan or reported fact, whose words, how sure the curator is of the reading."""

    type: Thing | None
    by: tuple[Thing, ...]
    confidence: str
    rank: Thing | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of a property with what supports it: its statement, or the thing's own evidence."""

    value: Value
    evidence: tuple[Evidence, ...]
    claim: Claim | None
    statement: str

    @property
    def outside(self) -> bool:
        """Whether no article supports it, only sources outside the articles."""
        return bool(self.evidence) and all(item.outside for item in self.evidence)


def _is_plain(fact: Fact) -> bool:
    return isinstance(fact.value, TextValue) and bool(fact.value.language) and not fact.statement


@dataclass(frozen=True, slots=True)
class FactGroup:
    """The facts of one property."""

    property: Thing
    facts: tuple[Fact, ...]

    def shown(self, language: Language) -> tuple[Fact, ...]:
        """The facts without the plain texts of the other language, where there is one in the reader's."""
        own = tuple(
            fact for fact in self.facts if isinstance(fact.value, TextValue) and fact.value.language == language
        )
        return own or self.facts if all(map(_is_plain, self.facts)) else self.facts


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that a source gets wrong, as printed and as proposed."""

    thing: Thing
    type: Thing | None
    printed: Name
    proposed: Name
    proposed_value: str
    basis: Name
    confidence: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class RelatedGroup:
    """Things linked by one property, "out" from the thing or "in" to it; `things` may be only the first of them."""

    direction: str
    property: Thing
    inverse: Thing | None
    inferred: bool
    total: int
    things: tuple[tuple[Thing, Thing | None], ...]


@dataclass(frozen=True, slots=True)
class Description:
    """Everything that the page of a thing says about it."""

    thing: Thing
    classes: tuple[Thing, ...]
    other_names: tuple[TextValue, ...]
    groups: tuple[FactGroup, ...]
    issues: tuple[Issue, ...]
    evidence: tuple[Evidence, ...]
    claim: Claim | None

    @property
    def facts(self) -> int:
        """The number of facts."""
        return sum(len(group.facts) for group in self.groups)


@dataclass(frozen=True)
class Describer:
    """Answers the pages' questions about things, in few queries each."""

    executor: Executor
    queries: PageQueries
    prefixes: PrefixMap

    async def table(self, name: str, **values: Sequence[NamedNode | Literal]) -> Neighbourhood:
        """The rows ?s ?p ?o of a page query as a neighbourhood."""
        table = await self.executor.table(self.queries.bound(name, **values))
        return Neighbourhood(table.rows, self.prefixes)

    async def describe(self, iri: str) -> Description | None:
        """The description of a thing, or None where nothing is said of it."""
        around = await self.table("resource", this=iris(iri))
        return _Reader(around, iri).description() if around.predicates(iri) else None

    async def names(self, wanted: Iterable[str]) -> Neighbourhood:
        """The names and classes of a batch of IRIs."""
        batch = sorted(set(wanted))[:LARGEST_BATCH]
        return await self.table("labels", this=iris(*batch)) if batch else Neighbourhood((), self.prefixes)

    async def related(self, iri: str) -> tuple[RelatedGroup, ...]:
        """What is linked with a thing, grouped; the things of a large group are left to `linked`."""
        query = self.queries.bound("related", this=iris(iri))
        counted = await self.executor.table(self.queries.counted(query, "direction", "property", "inferred"))
        totals = {_key(row): int(row["total"].value) for row in counted.rows}
        small = sorted({property_ for (_, property_, _), total in totals.items() if total <= SMALL})
        members = await self._members(iri, small)
        named = await self.names([*(key[1] for key in totals), *(other for _, other in members)])
        groups = (_group(key, total, members, named) for key, total in sorted(totals.items()))
        return tuple(sorted(groups, key=lambda group: (group.inferred, group.direction == "out", group.property.curie)))

    async def linked(
        self, iri: str, direction: str, property_: str, limit: int, offset: int
    ) -> tuple[RelatedGroup, ...]:
        """One page of a group, however large; empty where there is no such group."""
        query = self.queries.bound("related", this=iris(iri), property=iris(property_), direction=(Literal(direction),))
        counted, page = await self.executor.tables(
            [
                self.queries.counted(query, "direction", "property", "inferred"),
                self.queries.slice(query, limit, offset),
            ]
        )
        members = [(_key(row), row["other"].value) for row in page.rows]
        named = await self.names([property_, *(other for _, other in members)])
        totals = {_key(row): int(row["total"].value) for row in counted.rows}
        return tuple(_group(key, total, members, named, limit) for key, total in sorted(totals.items()))

    async def _members(self, iri: str, properties: Sequence[str]) -> list[tuple[Key, str]]:
        if not properties:
            return []
        query = self.queries.bound("related", this=iris(iri), property=iris(*properties))
        table = await self.executor.table(self.queries.slice(query, LARGEST_BATCH))
        return [(_key(row), row["other"].value) for row in table.rows]


def _key(row: Row) -> Key:
    return row["direction"].value, row["property"].value, row["inferred"].value == "true"


def _group(
    key: Key, total: int, members: Sequence[tuple[Key, str]], named: Neighbourhood, most: int = SMALL
) -> RelatedGroup:
    direction, property_, inferred = key
    inverses = named.things(property_, "owl:inverseOf")
    things = [(named.thing(other), named.cls(other)) for other_key, other in members if other_key == key]
    return RelatedGroup(direction, named.thing(property_), _first(inverses), inferred, total, tuple(things[:most]))


def _first(things: Sequence[Thing]) -> Thing | None:
    return things[0] if things else None


class _Reader:
    """Reads a description off the triples around a thing."""

    def __init__(self, around: Neighbourhood, iri: str) -> None:
        self._around = around
        self._iri = iri
        self._statements = {self._key_of(statement): statement for statement in around.subjects("rdf:subject", iri)}
        self._own = around.evidence(iri)
        self._claim = self._claim_of(iri)

    def description(self) -> Description:
        around, iri = self._around, self._iri
        other = tuple(TextValue(term.value, term.lang or "") for term in around.objects(iri, "skos:altLabel"))
        classes = around.classes(iri)
        return Description(around.thing(iri), classes, other, self._groups(), self._issues(), self._own, self._claim)

    def _key_of(self, statement: str) -> tuple[str, Term | None]:
        return self._around.one(statement, "rdf:predicate"), _first_term(self._around.objects(statement, "rdf:object"))

    def _groups(self) -> tuple[FactGroup, ...]:
        around = self._around
        hidden = {around.expand(name) for name in HIDDEN} | self._precisions()
        # an article that prints no day comes with those of the events in it, which are no facts about the article
        hidden |= {around.expand("kip:eventDate")} if around.thing(self._iri).curie.startswith("article:") else set()
        shown = (around.thing(iri) for iri in around.predicates(self._iri) if iri not in hidden)
        return tuple(
            FactGroup(each, self._facts(each.iri)) for each in sorted(shown, key=lambda each: place_of(each.curie))
        )

    def _precisions(self) -> set[str]:
        carriers = (self._around.one(iri, "kip:precisionProperty") for iri in self._around.predicates(self._iri))
        return {carrier for carrier in carriers if carrier}

    def _facts(self, property_: str) -> tuple[Fact, ...]:
        return tuple(self._fact(property_, term) for term in self._around.objects(self._iri, property_))

    def _fact(self, property_: str, term: Term) -> Fact:
        value = self._around.value(self._iri, property_, term)
        statement = self._statements.get((property_, term), "")
        if not statement:
            return Fact(value, self._own, None, "")
        return Fact(value, self._around.evidence(statement), self._claim_of(statement), statement)

    def _claim_of(self, iri: str) -> Claim | None:
        around = self._around
        type_, rank = _first(around.things(iri, "kip:claimType")), _first(around.things(iri, "kip:rank"))
        by, confidence = around.things(iri, "kip:attributedTo"), around.one(iri, "kip:confidence")
        unusual = rank if rank and not rank.iri.endswith("/normal") else None
        return Claim(type_, by, confidence, unusual) if type_ or by or confidence or unusual else None

    def _issues(self) -> tuple[Issue, ...]:
        return tuple(read_issue(self._around, iri) for iri in self._around.subjects("kip:issueOn", self._iri))


def read_issue(around: Neighbourhood, iri: str) -> Issue:
    """A source issue read off the triples around it."""
    return Issue(
        around.thing(iri),
        _first(around.things(iri, "kip:issueType")),
        around.texts(iri, "kip:issueText"),
        around.texts(iri, "kip:proposedReading"),
        around.one(iri, "kip:proposedValue"),
        around.texts(iri, "kip:issueBasis"),
        around.one(iri, "kip:confidence"),
        around.evidence(iri),
    )


def _first_term(terms: Sequence[Term]) -> Term | None:
    return terms[0] if terms else None
