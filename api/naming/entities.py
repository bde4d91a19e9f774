"""The names of a release: from an IRI, CURIE, slug or a Korean or English name to the entity, and the nearest ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz, process

__all__ = ["Entity", "EntityIndex", "fold"]

_BLANK = re.compile(r"\s+")
# A letter or two of a short name may be wrong; below it stand names that merely share letters, as nepes does with Nope.
_CLOSE_ENOUGH = 70.0
# Nothing has a longer name, and comparing takes the longer the longer the text.
_LONGEST_NAME = 200
# Terms and schemes share names with things; they are meant only by IRI or CURIE.
_VOCABULARY = frozenset({"def", "scheme"})


def fold(text: str) -> str:
    """The text in normal form C, without white space and without case.

    >>> fold(" 산업 통상부 "), fold("AI Factory")
    ('산업통상부', 'aifactory')
    """
    return _BLANK.sub("", unicodedata.normalize("NFC", text)).casefold()


def _letters(text: str) -> str:
    # Hangul syllables taken apart, so that one wrong letter is not a whole wrong syllable
    return unicodedata.normalize("NFD", fold(text))


def _local(name: str) -> str:
    return name.rpartition("/")[2].rpartition(":")[2] if ":" in name else name


@dataclass(frozen=True, slots=True)
class Entity:
    """A named thing or concept; `kind` is the prefix of its CURIE."""

    iri: str
    kind: str
    label: Mapping[str, str] = field(default_factory=dict, hash=False)
    alt: tuple[str, ...] = ()
    cls: str = ""

    @property
    def slug(self) -> str:
        """The last part of the IRI."""
        return self.iri.rpartition("/")[2]

    @property
    def curie(self) -> str:
        """Kind and slug; terms of the ontology have the prefix kip."""
        return f"{'kip' if self.kind == 'def' else self.kind}:{self.slug}"

    def as_json(self) -> dict[str, Any]:
        """The entity as error documents and forms show it."""
        return {"iri": self.iri, "curie": self.curie, "label": dict(self.label)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Entity:
        """One record of `labels.json`."""
        alt = [name for names in record.get("alt", {}).values() for name in names]
        return cls(record["iri"], record["kind"], record["label"], tuple(alt), record.get("class") or "")


class EntityIndex:
    """Every name of every entity of one release, and the names of terms of other vocabularies, which nobody looks for.

    >>> index = EntityIndex([Entity("http://e.org/id/org/mss-2017", "org", {"ko": "중소벤처기업부"}, ("중기부",))])
    >>> [entity.curie for entity in index.find("중기부", {"org"})]
    ['org:mss-2017']
    """

    def __init__(self, entities: Iterable[Entity], terms: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._terms = terms or {}
        self._by_iri = {entity.iri: entity for entity in entities}
        self._tiers: tuple[dict[str, list[Entity]], ...] = ({}, {}, {}, {})
        for entity in self._by_iri.values():
            for tier, names in zip(self._tiers, _names(entity), strict=True):
                for name in {fold(name) for name in names}:
                    tier.setdefault(name, []).append(entity)
        self._letters: dict[str, dict[tuple[str, str], str]] = {}
        for entity in self._by_iri.values():
            of_kind = self._letters.setdefault(entity.kind, {})
            of_kind.update({(entity.iri, text): _letters(text) for text in _spellings(entity)})

    @classmethod
    def from_records(
        cls, records: Iterable[Mapping[str, Any]], terms: Mapping[str, Mapping[str, str]] | None = None
    ) -> EntityIndex:
        """The index of the records of `labels.json`, and of `terms.json`."""
        return cls((Entity.from_record(record) for record in records), terms)

    def __len__(self) -> int:
        return len(self._by_iri)

    def get(self, iri: str) -> Entity | None:
        """The entity of an IRI."""
        return self._by_iri.get(iri)

    def label(self, iri: str) -> Mapping[str, str]:
        """The names of an entity, or of a term of another vocabulary, by language.

        >>> EntityIndex([], {"http://qudt.org/vocab/unit/GigaW": {"en": "gigawatt"}}).label("http://qudt.org/vocab/unit/GigaW")
        {'en': 'gigawatt'}
        """
        entity = self._by_iri.get(iri)
        return entity.label if entity else self._terms.get(iri, {})

    def of_kinds(self, kinds: Collection[str]) -> Iterator[Entity]:
        """The entities of some kinds; of all but the vocabulary where `kinds` is empty."""
        return (entity for entity in self._by_iri.values() if _is_of(entity.kind, kinds))

    def find(self, name: str, kinds: Collection[str] = ()) -> list[Entity]:
        """The entities that the name means: by IRI or CURIE, else by slug, else by label, else by another name.

        More than one where the name is ambiguous, none where nothing bears it.
        """
        exact = self._by_iri.get(unicodedata.normalize("NFC", name.strip()))
        if exact is not None:
            return [exact] if not kinds or exact.kind in kinds else []
        curies, *tiers = self._tiers
        named = [entity for entity in curies.get(fold(name), ()) if not kinds or entity.kind in kinds]
        for tier in tiers:
            named = named or [entity for entity in tier.get(fold(name), ()) if _is_of(entity.kind, kinds)]
        return named

    def nearest(self, name: str, kinds: Collection[str] = (), limit: int = 5) -> list[Entity]:
        """The entities whose names look most like `name`, best first; none for what is longer than any name."""
        local = _local(name)
        if len(local) > _LONGEST_NAME:
            return []
        names: dict[tuple[str, str], str] = {}
        for kind, of_kind in self._letters.items():
            if _is_of(kind, kinds):
                names |= of_kind
        ranked = process.extract(_letters(local), names, scorer=fuzz.ratio, limit=limit * 6, score_cutoff=_CLOSE_ENOUGH)
        iris = dict.fromkeys(key[0] for _, _, key in ranked)
        return [self._by_iri[iri] for iri in list(iris)[:limit]]


def _is_of(kind: str, kinds: Collection[str]) -> bool:
    return kind in kinds if kinds else kind not in _VOCABULARY


def _names(entity: Entity) -> tuple[Collection[str], ...]:
    return {entity.curie}, {entity.slug}, entity.label.values(), entity.alt


def _spellings(entity: Entity) -> set[str]:
    return {entity.slug, *entity.label.values(), *entity.alt}
