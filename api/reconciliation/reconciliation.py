"""Which things the cells of a column mean: candidates with scores, by name, type and what else is known of them.

Reconciliation Service API 0.2, section 4, https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
A candidate matches for certain where it alone, of the types that are asked, bears the text as its name or another name,
and nothing that was said of it is otherwise.
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import fuzz

from api.naming.contractions import Contractions
from api.naming.entities import Entity, EntityIndex, fold
from api.naming.entity_types import EntityTypes
from api.naming.search import Hit, SearchIndex
from api.reconciliation.extension import Extender, Property
from api.reconciliation.questionnaires import Constraint, Question
from api.wording.display import Language

__all__ = ["RECONCILED", "Candidate", "Reconciler", "described", "named"]

Json = dict[str, Any]
Cells = Mapping[str, Mapping[str, Sequence[Json]]]
# What is no entry of a table: terms, and what the house says of its own sources.
_APART = frozenset({"def", "scheme", "query", "curation", "issue", "remark", "tenure", "source", "claim"})
RECONCILED = ("kip:Organization", "kip:Ministry", "kip:Program", "kip:Policy", "kip:Person", "scheme:sector")
"""The types that suit most columns."""
_CERTAIN = frozenset({"exact", "hanja"})
# A candidate has to be so good to be listed, and so good that no contraction is looked for.
_LEAST, _GOOD = 0.35, 0.6
_LOOKED_AT = 25
# What is known beside the name weighs so much.
_BESIDE = 0.3
_OTHER_TYPE = 0.6
# A contraction that the index of names does not know is less certain than any that it does.
_CONTRACTED = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that a text may mean; `how` says how its name came to match, `beside` how well each constraint fits."""

    entity: Entity
    name: str
    lang: str
    how: str
    score: float
    dates: Mapping[str, str | None]
    snippet: str = ""
    typed: bool = True
    beside: tuple[tuple[str, float], ...] = ()

    @property
    def total(self) -> float:
        """The score from 0 to 100."""
        fits = [fit for _, fit in self.beside]
        named = self.score if not fits else (1 - _BESIDE) * self.score + _BESIDE * sum(fits) / len(fits)
        return round(100 * named * (1 if self.typed else _OTHER_TYPE), 1)

    @property
    def fits(self) -> bool:
        """Whether nothing that was said of it is otherwise."""
        return self.typed and all(fit == 1 for _, fit in self.beside)


class Reconciler:
    """Finds candidates in one release."""

    def __init__(self, search: SearchIndex, entities: EntityIndex, types: EntityTypes, extender: Extender) -> None:
        self.types = types
        self.extender = extender
        self._search = search
        self._entities = entities
        self._kinds = sorted({each.kind for each in entities.of_kinds(())} - _APART)
        bodies = entities.of_kinds({"org"})
        self._contractions = Contractions(
            (name, each.iri) for each in bodies for name in (*each.label.values(), *each.alt)
        )

    async def answer(self, questions: Sequence[Question], language: Language | None) -> dict[str, Json]:
        """The results of a batch, by the keys of its questions; names in the language of the text without another."""
        found = [await to_thread(self.candidates, each) for each in questions]
        cells = await self._cells(questions, found)
        return {
            question.key: {"result": self._results(question, candidates, cells, language)}
            for question, candidates in zip(questions, found, strict=True)
        }

    def candidates(self, question: Question) -> list[Candidate]:
        """The candidates by name and type, best first; many more than are asked for."""
        hits = self._hits(question) if question.text else []
        best = {hit.iri: self._typed(self._candidate(hit), question) for hit in hits if hit.score >= _LEAST}
        if not any(each.typed and each.score > _GOOD for each in best.values()):
            contracted = (self._typed(each, question) for each in self._contracted(question))
            best = {each.entity.iri: each for each in contracted} | best
        kept = [each for each in best.values() if each.typed or question.strict == "should"]
        return sorted(kept, key=_rank)[:_LOOKED_AT]

    def _hits(self, question: Question) -> list[Hit]:
        wanted = self.types.wanted(question.types)
        found: list[Hit] = []
        if not question.types or question.strict == "should":
            found += self._search.search(question.text, self._kinds, _LOOKED_AT)
        if wanted.classes:
            found += self._search.search(question.text, (), _LOOKED_AT, classes=wanted.classes)
        if wanted.kinds:
            found += self._search.search(question.text, wanted.kinds, _LOOKED_AT)
        return found

    def _candidate(self, hit: Hit) -> Candidate:
        entity = self._entities.get(hit.iri) or Entity(hit.iri, hit.kind, hit.label, (), hit.cls)
        return Candidate(
            entity, hit.matched.name, hit.matched.lang, hit.matched.how, hit.score, hit.dates or {}, hit.snippet
        )

    def _contracted(self, question: Question) -> Iterable[Candidate]:
        for iri, share in self._contractions.find(question.text):
            entity = self._entities.get(iri)
            if entity is not None:
                name = entity.label.get("ko", entity.slug)
                yield Candidate(entity, name, "ko", "contraction", _CONTRACTED + share / 10, {})

    def _typed(self, candidate: Candidate, question: Question) -> Candidate:
        """The candidate with whether it has the types that are asked."""
        asked = {each.iri for each in question.types}
        having = {each.iri for each in self.types_of(candidate.entity)}
        return replace(
            candidate, typed=asked <= having if question.strict == "all" else not asked or bool(asked & having)
        )

    def suggested(self, start: str, limit: int, skipped: int) -> list[Entity]:
        """The things whose names begin with a text."""
        hits = self._search.search(start, self._kinds, limit, skipped)
        return [self._candidate(hit).entity for hit in hits]

    def types_of(self, entity: Entity) -> list[Entity]:
        """The types of a thing, its own before those above."""
        return self.types.of(entity.cls, entity.kind)

    async def _cells(self, questions: Sequence[Question], found: Sequence[Sequence[Candidate]]) -> Cells:
        """The values that the constraints of a batch are compared with."""
        things: dict[str, Entity] = {}
        properties: dict[str, Property] = {}
        for question, candidates in zip(questions, found, strict=True):
            asked = {each.property.id: each.property for each in question.constraints if each.property}
            properties |= asked
            things |= {each.entity.iri: each.entity for each in candidates} if asked else {}
        return await self.extender.cells(list(things.values()), list(properties.values()), "ko") if things else {}

    def _results(
        self, question: Question, candidates: Sequence[Candidate], cells: Cells, language: Language | None
    ) -> list[Json]:
        beside = [replace(each, beside=tuple(self._compared(each, question.constraints, cells))) for each in candidates]
        ranked = sorted(beside, key=_rank)
        certain = _certain(ranked)
        return [self._result(each, question.text, each is certain, language) for each in ranked[: question.limit]]

    def _compared(
        self, candidate: Candidate, constraints: Iterable[Constraint], cells: Cells
    ) -> Iterable[tuple[str, float]]:
        for each in constraints:
            if each.property is None:
                yield "asOf", float(all(_holds(candidate.dates, day) for day in each.values))
                continue
            there = cells.get(candidate.entity.iri, {}).get(each.property.id, ())
            fits = (self._fit(asked, cell) for asked in each.values for cell in there)
            yield each.property.id, round(max(fits, default=0.0), 3)

    def _fit(self, asked: str, cell: Json) -> float:
        """How well a value that was said fits a value that is there, from 0 to 1."""
        if "id" in cell:
            entity = self._entities.find(cell["id"])[0]
            names = {fold(text) for text in (entity.iri, entity.curie, *entity.label.values(), *entity.alt)}
            return max((_alike(fold(asked), name) for name in names), default=0.0)
        if "date" in cell:
            return float(cell["date"][:10].startswith(asked.strip()))
        (value,) = cell.values()
        if isinstance(value, str):
            return _alike(fold(asked), fold(value))
        return float(_number(asked) == value)

    def _result(self, candidate: Candidate, text: str, match: bool, language: Language | None) -> Json:
        entity, types = candidate.entity, self.types_of(candidate.entity)
        chosen: Language = language or ("en" if candidate.lang == "en" else "ko")
        features: list[Json] = [
            {"id": "name_similarity", "value": round(fuzz.ratio(fold(text), fold(candidate.name)), 1)},
            {"id": "name_score", "value": round(100 * candidate.score, 1)},
            {"id": "name_exact", "value": candidate.how in _CERTAIN},
            {"id": "type_match", "value": candidate.typed},
            *({"id": f"property_{name}", "value": round(100 * fit, 1)} for name, fit in candidate.beside),
        ]
        return {
            "id": entity.curie,
            "name": named(entity, chosen),
            "description": described(entity, types, chosen, candidate.dates),
            "score": candidate.total,
            "match": match,
            "type": [{"id": each.curie, "name": named(each, chosen)} for each in types],
            "features": features,
        }


def named(entity: Entity, language: Language) -> str:
    """The name of a thing in a language, else in the other, else the end of its IRI."""
    return entity.label.get(language) or next(iter(entity.label.values()), entity.slug)


def described(
    entity: Entity, types: Sequence[Entity], language: Language, dates: Mapping[str, str | None] | None = None
) -> str:
    """What tells a thing from its namesakes: its type, its name in the other language, its days."""
    other = entity.label.get("en" if language == "ko" else "ko", "")
    days = "..".join(day or "" for day in (dates or {}).values())
    return " · ".join(filter(None, (*(named(each, language) for each in types[:1]), other, days)))


def _rank(candidate: Candidate) -> tuple[float, str]:
    return -candidate.total, candidate.entity.curie


def _certain(ranked: Sequence[Candidate]) -> Candidate | None:
    """The one candidate that matches for certain, where there is one."""
    bearing = [each for each in ranked if each.how in _CERTAIN and each.fits]
    return bearing[0] if len(bearing) == 1 and bearing[0] is ranked[0] else None


def _holds(dates: Mapping[str, str | None], day: str) -> bool:
    """Whether a thing was there on a day, as far as its first and last day are known."""
    first, last = dates.get("from") or "", dates.get("to") or ""
    return (not first or first[: len(day)] <= day[: len(first)]) and (not last or day[: len(last)] <= last[: len(day)])


def _alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    ratio = fuzz.ratio(one, other) / 100
    return ratio if ratio > 0.8 else 0.0


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None
