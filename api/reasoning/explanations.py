"""Explains why a query of the caller's has no rows: which pattern emptied it, and what may have been meant.

The WHERE clause is taken apart (`patterns`) and its growing parts are asked for in the workers, each an ASK under the
limits of any query, until one has no solution. SPARQL 1.1, section 18.2 (https://www.w3.org/TR/sparql11-query/).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.engine.execution import Executor
from api.engine.results import Table, Term, read_boolean, read_table
from api.errors import QuerySyntaxError, QueryTooLong, RequestError, UnprocessableValue
from api.limits import Limits, told
from api.naming.entities import EntityIndex
from api.reasoning.patterns import Element, Triple, Unreadable, WhereClause, read_where
from api.transport.formats import FORMATS
from api.wording.display import LANGUAGES
from api.wording.particles import Word

__all__ = ["MOST_BYTES", "MOST_PATTERNS", "Explainer"]

Json = dict[str, Any]
MOST_BYTES, MOST_PATTERNS = 16_384, 60
# For one question, and for all of them.
_SECONDS, _SECONDS_IN_ALL = 2.0, 10.0
_JSON, _NTRIPLES = (next(row for row in FORMATS if row.name == name) for name in ("json", "ntriples"))
# An IRI or a prefixed name.
_NAMED = re.compile(r"<[^<>]*>|[^?$\[(\"'\d+_-][^\s\"']*:[^\s\"']*|:[^\s\"']*")
_VARIABLE = re.compile(r"[?$](\w+)")
# They never take a solution away.
_HARMLESS = frozenset({"optional", "bind"})
_PLACES: Mapping[str, str] = {"subject": "{} ?p ?o .", "path": "?s {} ?o .", "object": "?s ?p {} ."}
_NEVER = {"subject": "no-subject", "path": "no-property", "object": "no-object"}
_NOTES: Mapping[str, tuple[str, str]] = {
    "rows": ("이 질의에는 답이 있다.", "This query has an answer."),
    "after": (
        "WHERE 절에는 답이 있다. 그 뒤의 HAVING, LIMIT, OFFSET, VALUES가 비웠다.",
        "The WHERE clause has solutions; HAVING, LIMIT, OFFSET or VALUES after it left none.",
    ),
    "alone": (
        "이 패턴에 맞는 것이 그래프에 하나도 없다.",
        "Nothing in the graph matches this pattern, even alone.",
    ),
    "together": (
        "이 패턴은 따로는 맞지만 앞의 패턴과 함께 맞는 것이 없다.",
        "This pattern matches alone, but not together with those before it.",
    ),
    "part": (
        "앞의 패턴에 이 부분을 더하면 남는 것이 없다.",
        "With this part nothing is left of what stands before it.",
    ),
    "filter": ("이 조건을 지나는 것이 없다.", "Nothing passes this condition."),
    "unknown": ("시간이나 자원의 한도 안에서 알 수 없었다.", "It could not be found out within the limits."),
}
_HINTS: Mapping[str, tuple[str, str]] = {
    "unknown-iri": ("{0:은} 이 그래프에 없다.", "{0} is not in this graph."),
    "no-subject": ("{0:은} 주어로 쓰이지 않는다.", "{0} is never a subject."),
    "no-property": ("{0:은} 속성으로 쓰이지 않는다.", "{0} is never a property."),
    "no-object": ("{0:은} 값으로 쓰이지 않는다.", "{0} is never a value."),
    "prefix": ("이 릴리스에서 접두어 {0}:의 뜻은 <{1}>이다.", "In this release {0}: is <{1}>."),
    "literal": ("이 값은 {0}처럼 쓰여 있다.", "The value is written {0}."),
    "variables": ("함께 쓰는 변수: {0}", "Variables that they share: {0}"),
}


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece that is asked for: alone within the groups that hold it, or with all that stands before it."""

    element: Element
    before: str = ""
    opening: str = ""
    closing: str = ""

    @property
    def alone(self) -> str:
        return f"{self.opening}\n{self.element.text}\n{self.closing}"

    @property
    def together(self) -> str:
        return f"{self.before}\n{self.element.text}\n{self.closing}"


@dataclass(slots=True)
class _Found:
    """What was found out of one piece: whether it matches alone, and with those before it; None where unknown."""

    part: _Part
    alone: bool | None = None
    together: bool | None = None

    @property
    def verdict(self) -> str:
        if self.part.element.kind == "triple":
            return "alone" if self.alone is False else "together"
        return "filter" if self.part.element.kind == "filter" else "part"


@dataclass(frozen=True, slots=True)
class _Inquiry:
    """Asks for parts of one query until the time is over."""

    executor: Executor
    where: WhereClause
    deadline: float

    async def ask(self, group: str) -> bool | None:
        """Whether the group has a solution; None where that is not known."""
        table = await self.table("SELECT *", group, 1)
        return None if table is None else bool(table.rows)

    async def table(self, form: str, group: str, rows: int) -> Table | None:
        """The first solutions of the group; None where they are not known."""
        if time.monotonic() > self.deadline:
            return None
        sparql = f"{self.where.prologue}\n{form} {self.where.dataset} WHERE {{ {group}\n}} LIMIT {rows:d}"
        try:
            return await _table(self.executor, sparql, self.executor.limits.within(_SECONDS))
        except RequestError:
            return None


@dataclass(frozen=True)
class Explainer:
    """Explains queries on one release; `prefixes` are those that need no declaration."""

    executor: Executor
    index: EntityIndex
    prefixes: Mapping[str, str] = field(default_factory=dict)

    async def explain(self, query: str) -> Json:
        """What emptied the query, as a document.

        Raises what `Executor.read` raises, QuerySyntaxError, QueryTooLong, and UnprocessableValue where the query
        cannot be taken apart.
        """
        if len(query.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            raise QueryTooLong(
                f"A query that is explained may have {MOST_BYTES} bytes.", limit=told("explain-bytes", MOST_BYTES, "B")
            )
        form = (await self.executor.read(query)).form
        answered = await self._answered(query, form)
        where, found = _taken_apart(query)
        inquiry = _Inquiry(self.executor, where, time.monotonic() + _SECONDS_IN_ALL)
        emptied = None if answered else await _first_empty(inquiry, found)
        verdict = "rows" if answered else _verdict(emptied, found, answered)
        return {
            "query": query,
            "form": form,
            "empty": None if answered is None and emptied is None else not answered,
            "patterns": [_shown(each, query) for each in found],
            "emptied": found.index(emptied) if emptied else None,
            "note": _said(_NOTES[verdict]),
            "hints": await self._hints(inquiry, emptied) if emptied else [],
        }

    async def _answered(self, query: str, form: str) -> bool | None:
        """Whether the query as it stands has an answer; None where that is not known. Raises QuerySyntaxError."""
        limits = self.executor.limits.within(_SECONDS, 1)
        try:
            if form == "SELECT":
                return bool((await _table(self.executor, query, limits)).rows)
            answer = await self.executor.answer(query, _JSON if form == "ASK" else _NTRIPLES, limits, house=False)
            return read_boolean(answer.whole()) if form == "ASK" else answer.size > 0
        except QuerySyntaxError:
            raise
        except RequestError:
            return None

    async def _hints(self, inquiry: _Inquiry, emptied: _Found) -> list[Json]:
        triple = emptied.part.element.triple
        if triple is None:
            return []
        hints = list(self._prefix_hints(triple, inquiry.where))
        if emptied.alone is False:
            return hints + [hint for place in _PLACES for hint in await self._of(place, triple, inquiry)]
        shared = sorted(set(_VARIABLE.findall(str(triple))) & set(_VARIABLE.findall(emptied.part.before)))
        return [*hints, _hint("variables", ", ".join(f"?{name}" for name in shared))]

    def _prefix_hints(self, triple: Triple, where: WhereClause) -> Iterator[Json]:
        used = {each.partition(":")[0] for each in (triple.subject, *triple.steps, triple.object) if ":" in each}
        for name, iri in where.prefixes:
            if name in used and self.prefixes.get(name, iri) != iri:
                yield _hint("prefix", name, self.prefixes[name])

    async def _of(self, place: str, triple: Triple, inquiry: _Inquiry) -> list[Json]:
        """What is odd about one constant of a pattern that nothing matches."""
        written = "".join(triple.steps[:1]) if place == "path" and len(triple.steps) < 2 else getattr(triple, place)
        if written[:1] in "\"'":
            return await _literal_hints(triple, inquiry) if written else []
        if not _NAMED.fullmatch(written) or await inquiry.ask(_PLACES[place].format(written)) is not False:
            return []
        if await inquiry.ask(" UNION ".join(f"{{ {each.format(written)} }}" for each in _PLACES.values())):
            return [_hint(_NEVER[place], written)]
        return [_hint("unknown-iri", written) | {"nearest": self._nearest(written)}]

    def _nearest(self, written: str) -> list[Json]:
        """The things of the kind that a prefix says, or of any kind, whose names come near."""
        kind = {"kip": "def"}.get(prefix := written.partition(":")[0], prefix)
        name = re.split(r"[/#:]", written.strip("<>"))[-1]
        near = self.index.nearest(name, {kind}, 3) or self.index.nearest(name, limit=3) if name else []
        return [entity.as_json() for entity in near]


async def _table(executor: Executor, sparql: str, limits: Limits) -> Table:
    # the caller's words: they wait, and are charged, like any query of the caller's
    answer = await executor.answer(sparql, _JSON, limits, house=False)
    return read_table(answer.whole(), bool(answer.truncated))


def _taken_apart(query: str) -> tuple[WhereClause, list[_Found]]:
    try:
        where = read_where(query)
    except Unreadable as fault:
        raise UnprocessableValue(f"The patterns of the query cannot be told apart: {fault}.") from fault
    found = [_Found(part) for part in _parts(where.elements, _Part(Element("group", "", 0)))]
    if len(found) > MOST_PATTERNS:
        raise UnprocessableValue(f"The query has {len(found)} patterns; {MOST_PATTERNS} are explained.")
    return where, found


def _parts(elements: Sequence[Element], within: _Part) -> Iterator[_Part]:
    """The pieces in the order in which they are joined: a group's conditions hold for all of it, so they come last."""
    before = within.before
    for element in sorted(elements, key=lambda each: each.kind == "filter"):
        if element.kind in ("group", "graph") and element.inner:
            opening, closing = f"{within.opening}\n{element.opening}", f"}}\n{within.closing}"
            yield from _parts(element.inner, _Part(element, f"{before}\n{element.opening}", opening, closing))
        else:
            yield _Part(element, before, within.opening, within.closing)
        before += f"\n{element.text}"


async def _first_empty(inquiry: _Inquiry, found: Sequence[_Found]) -> _Found | None:
    """The first piece with which nothing is left; every triple pattern is asked for alone too."""
    emptied = None
    for each in found:
        if each.part.element.kind == "triple":
            each.alone = await inquiry.ask(each.part.alone)
        if emptied is None and each.part.element.kind not in _HARMLESS:
            each.together = False if each.alone is False else await inquiry.ask(each.part.together)
            emptied = each if each.together is False else None
    return emptied


def _verdict(emptied: _Found | None, found: Sequence[_Found], answered: bool | None) -> str:
    if emptied is not None:
        return emptied.verdict
    asked = [each for each in found if each.part.element.kind not in _HARMLESS]
    return "after" if answered is False and all(each.together for each in asked) else "unknown"


async def _literal_hints(triple: Triple, inquiry: _Inquiry) -> list[Json]:
    """The same text as it is written in the graph, with its language tag or datatype."""
    path = triple.path if triple.steps else "?aProperty"
    group = f"?aSubject {path} ?aValue FILTER(STR(?aValue) = STR({triple.object}))"
    table = await inquiry.table("SELECT DISTINCT ?aValue", group, 3)
    written = [_written(row["aValue"]) for row in (table.rows if table else ()) if "aValue" in row]
    return [_hint("literal", ", ".join(written))] if written else []


def _written(term: Term) -> str:
    tail = f"@{term.lang}" if term.lang else f"^^<{term.datatype}>" if term.datatype else ""
    return f"<{term.value}>" if term.kind == "iri" else f'"{term.value}"{tail}'


def _shown(found: _Found, query: str) -> Json:
    element = found.part.element
    line, column = query.count("\n", 0, element.start) + 1, element.start - query.rfind("\n", 0, element.start)
    place = {"line": line, "column": column}
    return {"kind": element.kind, "text": element.text, **place, "alone": found.alone, "together": found.together}


def _hint(kind: str, *values: str) -> Json:
    return {"kind": kind, **_said(_HINTS[kind], *values)}


def _said(words: tuple[str, str], *values: str) -> Json:
    said = [Word(value, value.strip("<>")) for value in values]
    return {language: text.format(*said) for language, text in zip(LANGUAGES, words, strict=True)}
