"""Columns for matched things: which properties there are, and their values as a spreadsheet has them.

Reconciliation Service API 0.2, section 6 (data extension), https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.descriptions.description import Describer
from api.engine.results import Term
from api.errors import UnprocessableValue
from api.naming.entities import Entity, EntityIndex, fold
from api.questions.page_queries import iris
from api.wording.display import LANGUAGES, Language

__all__ = ["MOST_CELLS", "MOST_IDS", "PARTS", "Extender", "Property"]

Json = dict[str, Any]
Row = Mapping[str, Term]
MOST_IDS, MOST_CELLS = 200, 4000
PARTS = {
    "printed": ("원문 표기", "as printed"),
    "unit": ("단위·통화", "unit or currency"),
    "bound": ("이상·이하", "bound"),
    "lower": ("하한", "lower bound"),
    "upper": ("상한", "upper bound"),
    "start": ("시작", "start"),
    "end": ("끝", "end"),
}
"""What can be asked of a printed number or of a period, with names in Korean and English."""
_OF_NUMBERS = ("printed", "unit", "bound", "lower", "upper")
_NAMES = {
    "iri": ("IRI", "IRI"),
    "label@ko": ("이름(한국어)", "Name (Korean)"),
    "label@en": ("이름(영어)", "Name (English)"),
    "alternatives": ("다른 이름", "Other names"),
    "type": ("유형", "Type"),
}
_INTERNAL = frozenset({"kip:evidence", "kip:hasIssue", "kip:rank", "kip:precisionProperty", "kip:curationDate"})
_PROPERTY_KINDS = frozenset({"def"})
_XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True, slots=True)
class Property:
    """A column: a name of the thing, or a property of the ontology and perhaps a part of its values."""

    id: str
    name: Mapping[str, str]
    iri: str = ""
    part: str = ""

    def as_json(self, language: Language) -> Json:
        """The property as proposals and suggestions list it."""
        return {"id": self.id, "name": self.name[language]}


class Extender:
    """Finds properties and reads the cells of things."""

    def __init__(self, describer: Describer, entities: EntityIndex) -> None:
        self._describer = describer
        self._entities = entities
        self._own = {key: Property(key, dict(zip(LANGUAGES, named, strict=True))) for key, named in _NAMES.items()}

    def property(self, identifier: str) -> Property:
        """The property of an identifier. Raises UnprocessableValue with the nearest ones."""
        if identifier in self._own:
            return self._own[identifier]
        named, _, part = identifier.partition("/") if "://" not in identifier else (identifier, "", "")
        found = self._entities.find(named if ":" in named else f"kip:{named}", _PROPERTY_KINDS)
        if len(found) != 1 or (part and part not in PARTS) or not found[0].cls.endswith("Property"):
            nearest = [each.curie for each in self._entities.nearest(named, _PROPERTY_KINDS)]
            hint = f"Nearest: {', '.join(nearest)}" if nearest else "/reconcile/properties lists all."
            raise UnprocessableValue(f"There is no property {identifier!r}.", hint=hint, nearest=nearest)
        return _property(found[0], part)

    def named(self, start: str) -> Iterator[Property]:
        """The properties whose names have a text in them, those that begin with it first."""
        wanted = fold(start)
        known = [*self._own.values(), *map(_property, self._properties())]
        known.sort(key=lambda each: not any(fold(name).startswith(wanted) for name in (*each.name.values(), each.id)))
        return (each for each in known if any(wanted in fold(name) for name in (*each.name.values(), each.id)))

    async def proposed(self, cls: str, limit: int) -> list[Property]:
        """The properties that things of a class have, the most common first; without a class, every one."""
        if not cls:
            return [*self._own.values(), *map(_property, self._properties())][:limit]
        table = await self._describer.executor.table(
            self._describer.queries.bound("properties-of", **{"class": iris(cls)})
        )
        found = list(self._own.values())
        for row in table.rows:
            entity = self._entities.get(row["property"].value)
            if entity is not None and entity.kind == "def" and entity.curie not in _INTERNAL:
                parts = _OF_NUMBERS if int(row["numbers"].value) else ()
                found += [_property(entity, part) for part in ("", *parts)]
        return found[:limit]

    async def cells(
        self, things: Sequence[Entity], properties: Sequence[Property], language: Language
    ) -> dict[str, dict[str, list[Json]]]:
        """The values of each property of each thing, by the IRI of the thing and the identifier of the property."""
        asked = sorted({each.iri for each in properties if each.iri})
        rows = await self._rows([thing.iri for thing in things], asked) if asked and things else {}
        return {
            thing.iri: {each.id: list(self._values(thing, each, rows, language)) for each in properties}
            for thing in things
        }

    async def _rows(self, things: Sequence[str], properties: Sequence[str]) -> dict[tuple[str, str], list[Row]]:
        query = self._describer.queries.bound("cells", this=iris(*things), property=iris(*properties))
        found: dict[tuple[str, str], list[Row]] = {}
        for row in (await self._describer.executor.table(query)).rows:
            found.setdefault((row["s"].value, row["p"].value), []).append(row)
        return found

    def _values(
        self, thing: Entity, asked: Property, rows: Mapping[tuple[str, str], list[Row]], language: Language
    ) -> Iterable[Json]:
        if asked.iri:
            cells = (self._cell(row, asked.part, language) for row in rows.get((thing.iri, asked.iri), ()))
            distinct = {repr(cell): cell for cell in cells if cell}
            return [distinct[key] for key in sorted(distinct)]
        if asked.id.startswith("label@"):
            return _texts([thing.label.get(asked.id[6:], "")])
        if asked.id == "type":
            found = self._entities.get(thing.cls)
            return [_reference(found, language)] if found else []
        return _texts([thing.iri] if asked.id == "iri" else thing.alt)

    def _cell(self, row: Row, part: str, language: Language) -> Json | None:
        if part:
            return self._part(row, part, language)
        term = row["o"]
        if term.kind == "literal":
            return _literal(term)
        if "number" in row:
            return {"float": float(row["number"].value)}
        if "printed" in row:
            return {"str": row["printed"].value}
        entity = self._entities.get(term.value)
        return _reference(entity, language) if entity else {"str": _span(row) or term.value}

    def _part(self, row: Row, part: str, language: Language) -> Json | None:
        term = row.get({"lower": "lower", "upper": "upper"}.get(part, part))
        if term is None:
            return None
        if part in ("lower", "upper"):
            return {"float": float(term.value)}
        if term.kind == "literal":
            return _literal(term)
        entity = self._entities.get(term.value)
        return _reference(entity, language) if entity else {"str": term.value.rpartition("/")[2]}

    def _properties(self) -> list[Entity]:
        terms = self._entities.of_kinds(_PROPERTY_KINDS)
        found = [each for each in terms if each.cls.endswith(("ObjectProperty", "DatatypeProperty"))]
        return sorted((each for each in found if each.curie not in _INTERNAL), key=lambda each: each.curie)


def _property(entity: Entity, part: str = "") -> Property:
    names: dict[str, str] = {tag: entity.label.get(tag) or entity.slug for tag in LANGUAGES}
    if part:
        names = {tag: f"{names[tag]}: {said}" for tag, said in zip(LANGUAGES, PARTS[part], strict=True)}
    return Property(f"{entity.curie}/{part}" if part else entity.curie, names, entity.iri, part)


def _reference(entity: Entity, language: Language) -> Json:
    return {"id": entity.curie, "name": entity.label.get(language) or next(iter(entity.label.values()), entity.slug)}


def _texts(texts: Iterable[str]) -> list[Json]:
    return [{"str": text} for text in texts if text]


def _span(row: Row) -> str:
    ends = [row[name].value if name in row else "" for name in ("start", "end")]
    return "..".join(ends) if any(ends) else ""


def _literal(term: Term) -> Json:
    """A literal by its datatype; the schema of the standard knows days only with a time."""
    match term.datatype.removeprefix(_XSD):
        case "date":
            return {"date": f"{term.value}T00:00:00Z"}
        case "integer" | "nonNegativeInteger":
            return {"int": int(term.value)}
        case "decimal" | "double":
            return {"float": float(term.value)}
        case _:
            return {"str": term.value}
