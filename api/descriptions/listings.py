"""The lists behind the pages: articles, things of a kind, statements of an article, versions of a target, terms."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.descriptions.description import Describer, Issue, read_issue
from api.descriptions.neighbourhood import DateValue, Name, Neighbourhood, Row, StatedValue, Thing, Value
from api.questions.page_queries import iris

__all__ = [
    "ArticleRow",
    "ConceptRow",
    "Listings",
    "Quality",
    "SchemeRow",
    "StatedRow",
    "TermRow",
    "ThingRow",
    "Version",
]

_SECTIONS = {"owl#Class": "class", "ObjectProperty": "object", "DatatypeProperty": "data", "AnnotationProperty": "note"}


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article as the list shows it; `stated` counts its statements, `reported` says that the day is an event's."""

    thing: Thing
    number: str
    day: str
    reported: bool
    outlet: Name
    address: str
    stated: int


@dataclass(frozen=True, slots=True)
class ThingRow:
    """A thing as the list of its kind shows it."""

    thing: Thing
    cls: Thing | None
    facts: int


@dataclass(frozen=True, slots=True)
class StatedRow:
    """A statement of an article, or a thing that is declared there (then `property` and `value` are None)."""

    start: int
    end: int
    subject: Thing
    property: Thing | None
    value: Value | None
    cls: Thing | None
    claim: Thing | None


@dataclass(frozen=True, slots=True)
class Version:
    """One of the targets of a programme or an indicator, and how it relates to an earlier one."""

    thing: Thing
    value: StatedValue | None
    deadline: DateValue | None
    day: str
    event: Thing | None
    kind: Thing | None
    relation: Thing | None
    earlier: Thing | None

    @property
    def change(self) -> str:
        """The words for how it relates to the earlier one, where no kind of change is stated."""
        return "restated" if self.relation and self.relation.iri.endswith("/restates") else "revised"


@dataclass(frozen=True, slots=True)
class Quality:
    """What is wrong in the sources, and what conflicts."""

    issues: tuple[tuple[Issue, tuple[Thing, ...]], ...]
    conflicts: tuple[tuple[Thing, Thing], ...]


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term of the ontology; `section` is class, object, data or note."""

    thing: Thing
    section: str
    definition: Name
    parents: tuple[Thing, ...]
    domains: tuple[Thing, ...]
    ranges: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class SchemeRow:
    """A concept scheme and the number of its concepts."""

    thing: Thing
    definition: Name
    concepts: int


@dataclass(frozen=True, slots=True)
class ConceptRow:
    """A concept in its place in the hierarchy; `depth` is 0 at the top."""

    thing: Thing
    definition: Name
    depth: int
    broader: tuple[Thing, ...]


@dataclass(frozen=True)
class Listings:
    """Answers the pages' questions about many things, in few queries each."""

    describer: Describer

    async def articles(self) -> tuple[ArticleRow, ...]:
        """Every article, the newest first."""
        around = await self.describer.table("articles")
        rows = (_article(around, iri) for iri in around.every("kip:articleNumber"))
        return tuple(sorted(rows, key=lambda row: (row.day, row.number), reverse=True))

    async def things(self, wanted: Sequence[str]) -> tuple[ThingRow, ...]:
        """A batch of things with their classes and numbers of facts, in the order given."""
        if not wanted:
            return ()
        query = self.describer.queries.bound("list", this=iris(*wanted))
        table, named = await asyncio.gather(self.describer.executor.table(query), self.describer.names(wanted))
        totals = {row["this"].value: int(row["total"].value) for row in table.rows}
        return tuple(ThingRow(named.thing(iri), named.cls(iri), totals.get(iri, 0)) for iri in wanted)

    async def stated(self, article: str, limit: int, offset: int) -> tuple[tuple[StatedRow, ...], int]:
        """A page of what an article states, in the order of its text, and how much there is in all."""
        queries, executor = self.describer.queries, self.describer.executor
        query = queries.bound("stated", this=iris(article))
        counted, page = await executor.tables([queries.counted(query), queries.slice(query, limit, offset)])
        mentioned = {term.value for row in page.rows for term in row.values() if term.kind == "iri"}
        around = await self.describer.table("values", this=iris(*sorted(mentioned)))
        return tuple(_stated(around, row) for row in page.rows), int(counted.rows[0]["total"].value)

    async def versions(self, iri: str) -> tuple[Version, ...]:
        """The versions of a target, or the targets of a programme or an indicator, the earliest first."""
        table = await self.describer.executor.table(self.describer.queries.bound("revisions", this=iris(iri)))
        if not table.rows:
            return ()
        mentioned = {term.value for row in table.rows for term in row.values() if term.kind == "iri"}
        mentioned.add(self.describer.prefixes.expand("kip:deadline"))  # which property carries its precision
        around = await self.describer.table("values", this=iris(*sorted(mentioned)))
        first = {row["target"].value: row for row in reversed(table.rows)}
        return tuple(
            sorted((_version(around, row) for row in first.values()), key=lambda each: (each.day, each.thing.iri))
        )

    async def quality(self) -> Quality:
        """Every source issue and every conflict."""
        around = await self.describer.table("issues")
        issues = ((read_issue(around, iri), around.things(iri, "kip:issueOn")) for iri in around.every("kip:issueType"))
        conflicts = (
            (around.thing(iri), other)
            for iri in around.every("kip:conflictsWith")
            for other in around.things(iri, "kip:conflictsWith")
        )
        return Quality(tuple(issues), tuple(conflicts))

    async def terms(self) -> tuple[TermRow, ...]:
        """Every term of the ontology, classes first, by name."""
        around = await self.describer.table("vocabulary")
        rows = (_term(around, iri) for iri in around.every("rdf:type"))
        order = list(_SECTIONS.values())
        return tuple(sorted(rows, key=lambda row: (order.index(row.section), row.thing.curie)))

    async def schemes(self) -> tuple[SchemeRow, ...]:
        """Every concept scheme."""
        around = await self.describer.table("schemes")
        return tuple(
            SchemeRow(
                around.thing(iri), around.texts(iri, "skos:definition"), int(around.one(iri, "void:entities") or 0)
            )
            for iri in around.all()
        )

    async def scheme(self, iri: str) -> tuple[SchemeRow, tuple[ConceptRow, ...]] | None:
        """A concept scheme and its concepts as a tree in reading order; None where there is no such scheme."""
        around = await self.describer.table("scheme", this=iris(iri))
        if not around.has(iri):
            return None
        rows = tuple(_tree(around))
        return SchemeRow(
            around.thing(iri), around.texts(iri, "skos:definition"), len({row.thing.iri for row in rows})
        ), rows


def _article(around: Neighbourhood, iri: str) -> ArticleRow:
    return ArticleRow(
        around.thing(iri),
        around.one(iri, "kip:articleNumber"),
        around.day(iri),
        around.reported(iri),
        around.outlet(iri),
        around.one(iri, "schema:url"),
        int(around.one(iri, "void:entities") or 0),
    )


def _stated(around: Neighbourhood, row: Row) -> StatedRow:
    carrier = row["carrier"].value
    subject, property_, value = (row.get(name) for name in ("subject", "property", "value"))
    return StatedRow(
        int(row["start"].value),
        int(row["end"].value),
        around.thing(subject.value if subject else carrier),
        around.thing(property_.value) if property_ else None,
        around.value("", property_.value, value) if property_ and value else _own_value(around, carrier),
        None if subject else around.cls(carrier),
        around.thing(row["claim"].value) if "claim" in row else None,
    )


def _own_value(around: Neighbourhood, iri: str) -> Value | None:
    value = around.one(iri, "kip:value")
    return around.stated(value) if value else None


def _version(around: Neighbourhood, row: Row) -> Version:
    iri = row["target"].value
    deadline = next(
        (around.value(iri, around.expand("kip:deadline"), term) for term in around.objects(iri, "kip:deadline")), None
    )
    value = _own_value(around, iri)
    event, kind, relation, earlier = (
        around.thing(row[name].value) if name in row else None for name in ("event", "kind", "relation", "earlier")
    )
    return Version(
        around.thing(iri),
        value if isinstance(value, StatedValue) else None,
        deadline if isinstance(deadline, DateValue) else None,
        row["day"].value if "day" in row else "",
        event,
        kind,
        relation,
        earlier,
    )


def _term(around: Neighbourhood, iri: str) -> TermRow:
    types = " ".join(term.value for term in around.objects(iri, "rdf:type"))
    section = next((section for end, section in _SECTIONS.items() if end in types), "note")
    parents = around.things(iri, "rdfs:subClassOf") + around.things(iri, "rdfs:subPropertyOf")
    domains, ranges = (around.things(iri, f"schema:{name}Includes") for name in ("domain", "range"))
    return TermRow(around.thing(iri), section, around.texts(iri, "skos:definition"), parents, domains, ranges)


def _tree(around: Neighbourhood) -> Iterator[ConceptRow]:
    concepts = around.every("skos:inScheme")
    tops = [iri for iri in concepts if not any(around.has(term.value) for term in around.objects(iri, "skos:broader"))]
    for top in tops:
        yield from _branch(around, top, ())


def _branch(around: Neighbourhood, iri: str, above: tuple[str, ...]) -> Iterator[ConceptRow]:
    broader = around.things(iri, "skos:broader")
    yield ConceptRow(around.thing(iri), around.texts(iri, "skos:definition"), len(above), broader)
    for narrower in around.subjects("skos:broader", iri):
        if narrower not in (*above, iri):
            yield from _branch(around, narrower, (*above, iri))
