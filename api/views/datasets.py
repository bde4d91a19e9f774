"""What a release says of itself, read from its `dataset.ttl`: DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/) and VoID."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from api.descriptions.dumps import Dump
from api.descriptions.neighbourhood import Name
from api.transport.formats import Format
from api.views.pages import Page
from graph_builder.prefixes import PrefixMap

__all__ = ["DatasetPage", "Linkset", "Outline", "outline", "read_description"]

_FIGURES = ("triples", "entities", "classes", "properties", "distinctSubjects", "distinctObjects")


@dataclass(frozen=True, slots=True)
class Linkset:
    """How many triples of a property link to another data set."""

    target: str
    property: str
    triples: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The description in short; `figures` are the totals of VoID by the name of their property."""

    title: Name
    text: Name
    licence: str
    figures: tuple[tuple[str, int], ...]
    linksets: tuple[Linkset, ...]


@dataclass(frozen=True, slots=True)
class DatasetPage(Page):
    """The data set: what it holds, where it is asked, and its files."""

    template: ClassVar[str] = "dataset.html"
    iri: str
    outline: Outline
    dumps: tuple[Dump, ...]
    formats: tuple[Format, ...]


@lru_cache(maxsize=2)
def read_description(path: Path) -> tuple[Triple, ...]:
    """The triples of the description of a release, which never changes. Raises OSError where it has none."""
    return tuple(quad.triple for quad in parse(path.read_bytes(), format=RdfFormat.TURTLE))


def outline(triples: Iterable[Triple], dataset: str, names: PrefixMap) -> Outline:
    """What the page says of the data set with this IRI."""
    facts = _Facts(_indexed(triples), names)
    figures = ((name, facts.number(dataset, f"void:{name}")) for name in _FIGURES)
    return Outline(
        facts.name(dataset, "dct:title"),
        facts.name(dataset, "dct:description"),
        facts.one(dataset, "dct:license"),
        tuple((name, total) for name, total in figures if total),
        tuple(sorted(map(facts.linkset, facts.all(dataset, "void:subset")), key=lambda each: -each.triples)),
    )


_Index = Mapping[tuple[str, str], list[NamedNode | Literal]]


def _indexed(triples: Iterable[Triple]) -> _Index:
    """The objects of each named subject and predicate."""
    index: defaultdict[tuple[str, str], list[NamedNode | Literal]] = defaultdict(list)
    for subject, predicate, value in triples:
        if isinstance(subject, NamedNode) and isinstance(value, NamedNode | Literal):
            index[subject.value, predicate.value].append(value)
    return index


@dataclass(frozen=True, slots=True)
class _Facts:
    """Asks a small graph."""

    index: _Index
    names: PrefixMap

    def objects(self, subject: str, predicate: str) -> list[NamedNode | Literal]:
        return self.index.get((subject, self.names.expand(predicate)), [])

    def all(self, subject: str, predicate: str) -> list[str]:
        return sorted(each.value for each in self.objects(subject, predicate))

    def one(self, subject: str, predicate: str) -> str:
        return next(iter(self.all(subject, predicate)), "")

    def number(self, subject: str, predicate: str) -> int:
        return int(self.one(subject, predicate) or 0)

    def name(self, subject: str, predicate: str) -> Name:
        texts = [each for each in self.objects(subject, predicate) if isinstance(each, Literal)]
        by_language = {each.language or "": each.value for each in texts}
        return Name(by_language.get("ko", ""), by_language.get("en", ""))

    def linkset(self, iri: str) -> Linkset:
        target = self.one(self.one(iri, "void:objectsTarget"), "dct:title")
        predicate = self.one(iri, "void:linkPredicate")
        return Linkset(target, self.names.shrink(predicate) or predicate, self.number(iri, "void:triples"))
