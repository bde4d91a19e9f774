"""The types that things have: the classes of the ontology with what stands above and below each, and concept schemes.

RDF Schema 1.1, section 3.4 (subClassOf), https://www.w3.org/TR/rdf-schema/#ch_subclassof
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from api.naming.entities import Entity, EntityIndex, fold

__all__ = ["EntityTypes", "Wanted"]

_TERMS, _SCHEMES = frozenset({"def"}), frozenset({"scheme"})
_CLASS = "http://www.w3.org/2002/07/owl#Class"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What has one of some types: things of these classes, asserted as IRIs, and things of these kinds."""

    classes: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()


class EntityTypes:
    """The classes and schemes of a release; `above` has the direct superclasses of each class.

    >>> body, ministry = (Entity(f"http://e.org/def/{name}", "def", {}, (), _CLASS) for name in ("Body", "Ministry"))
    >>> types = EntityTypes(EntityIndex([body, ministry]), {ministry.iri: (body.iri,)})
    >>> [each.slug for each in types.of(ministry.iri, "org")], len(types.wanted([body]).classes)
    (['Ministry', 'Body'], 2)
    """

    def __init__(self, entities: EntityIndex, above: Mapping[str, Iterable[str]]) -> None:
        self._entities = entities
        self._classes = {each.iri: each for each in entities.of_kinds(_TERMS) if each.cls == _CLASS}
        self._schemes = {each.slug: each for each in entities.of_kinds(_SCHEMES)}
        self._above = {
            iri: tuple(each for each in above.get(iri, ()) if each in self._classes) for iri in self._classes
        }

    def __iter__(self) -> Iterator[Entity]:
        yield from sorted((*self._classes.values(), *self._schemes.values()), key=lambda each: each.curie)

    def find(self, name: str) -> Entity | None:
        """The type of this IRI or CURIE, or the class of this local name."""
        found = self._entities.find(name if ":" in name else f"kip:{name}", _TERMS | _SCHEMES)
        return next((each for each in found if each.iri in self._classes or each.slug in self._schemes), None)

    def nearest(self, name: str) -> list[Entity]:
        """The types whose names look most like this one."""
        nearest = self._entities.nearest(name, _TERMS | _SCHEMES, 10)
        return [each for each in nearest if each.iri in self._classes or each.kind == "scheme"][:5]

    def named(self, start: str) -> Iterator[Entity]:
        """The types whose names begin with a text, then those that have it somewhere else."""
        wanted = fold(start)
        spelled = [(each, [fold(text) for text in (*each.label.values(), each.curie, each.slug)]) for each in self]
        first = [each for each, names in spelled if any(name.startswith(wanted) for name in names)]
        yield from first
        yield from (each for each, names in spelled if each not in first and any(wanted in name for name in names))

    def of(self, cls: str, kind: str) -> list[Entity]:
        """The types of a thing of this class and kind: its class and all above it, and the scheme of a concept."""
        classes = [self._classes[iri] for iri in self._climbed(cls) if iri in self._classes]
        return classes + ([self._schemes[kind]] if kind in self._schemes else [])

    def direct(self, type_: Entity) -> list[Entity]:
        """The types right above one."""
        return [self._classes[iri] for iri in self._above.get(type_.iri, ())]

    def wanted(self, types: Iterable[Entity]) -> Wanted:
        """What has at least one of the types."""
        asked = list(types)
        tops = {each.iri for each in asked if each.iri in self._classes}
        below = {iri for iri in self._classes if tops & set(self._climbed(iri))}
        return Wanted(frozenset(below), frozenset(each.slug for each in asked if each.kind == "scheme"))

    def _climbed(self, cls: str) -> dict[str, None]:
        """The class and all above it, the nearest first."""
        found = dict.fromkeys([cls])
        waiting = [cls]
        while waiting:
            above = [iri for iri in self._above.get(waiting.pop(0), ()) if iri not in found]
            found |= dict.fromkeys(above)
            waiting += above
        return found
