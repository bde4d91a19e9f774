"""What can be said: the classes, properties and concepts of the ontology, read from its Turtle files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from graph_builder.errors import SyntaxFault, Where
from graph_builder.prefixes import PrefixMap, rebase
from graph_builder.terms import OWL, RDF, RDFS, SCHEMA, SKOS, XSD

__all__ = ["Property", "Range", "Vocabulary", "read_turtle", "read_vocabulary"]


class Range(Enum):
    """How the value of a property is written in the data files."""

    REFERENCE = "the CURIE of a thing or concept"
    NUMBER = "a number: {number: 30000, text: 3만개, bound: exact, unit: NUM}"
    PERIOD = "a period: {start: 2027, end: 2034}"
    DATE = "a date: YYYY, YYYY-H1, YYYY-Q1, YYYY-MM or YYYY-MM-DD"
    YEAR = "a year: YYYY"
    INTEGER = "a whole number"
    DECIMAL = "a decimal number"
    BOOLEAN = "true or false"
    TEXT = "text by language: {ko: ..., en: ...}"
    STRING = "a plain string"
    IRI = "an http or https IRI"


_BY_DATATYPE = {
    XSD + "date": Range.DATE,
    XSD + "gYear": Range.YEAR,
    XSD + "integer": Range.INTEGER,
    XSD + "nonNegativeInteger": Range.INTEGER,
    XSD + "decimal": Range.DECIMAL,
    XSD + "boolean": Range.BOOLEAN,
    XSD + "string": Range.STRING,
    XSD + "anyURI": Range.STRING,
    RDF + "langString": Range.TEXT,
}
_PLAIN_LITERALS = {
    RDFS + "label": Range.TEXT,
    SKOS + "altLabel": Range.TEXT,
    SKOS + "note": Range.TEXT,
    SKOS + "notation": Range.STRING,
    "http://purl.org/dc/terms/identifier": Range.STRING,
    SCHEMA + "url": Range.IRI,
    SCHEMA + "sameAs": Range.IRI,
    "http://xmlns.com/foaf/0.1/homepage": Range.IRI,
}
_SHORT_NAMES = {"label": "rdfs:label", "altLabel": "skos:altLabel", "note": "skos:note"}


@dataclass(frozen=True, slots=True)
class Property:
    """A property as the mapping needs it."""

    iri: str
    range: Range
    requires_statement: bool = False
    precision: str | None = None
    expands_to_first: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """The ontology and its concept schemes; `triples` are all that its files say."""

    prefixes: PrefixMap
    triples: frozenset[Triple]

    @cached_property
    def _objects(self) -> Mapping[tuple[str, str], list[str]]:
        index: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for triple in self.triples:
            if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal):
                index[triple.subject.value, triple.predicate.value].append(triple.object.value)
        return {key: sorted(values) for key, values in index.items()}

    def objects(self, subject: str, predicate: str) -> list[str]:
        """The values of a predicate of a named subject, sorted."""
        return self._objects.get((subject, predicate), [])

    @cached_property
    def iris(self) -> frozenset[str]:
        """Every IRI that the vocabulary describes."""
        return frozenset(subject for subject, _ in self._objects)

    def _kip(self, name: str) -> str:
        return self.prefixes.expand(f"kip:{name}")

    def _instances(self, *types: str) -> list[str]:
        return sorted({s for (s, p), values in self._objects.items() if p == RDF + "type" and set(types) & set(values)})

    @cached_property
    def classes(self) -> Mapping[str, str]:
        """The local name of each class of the ontology -> its IRI."""
        return self._local(self._instances(OWL + "Class"))

    @cached_property
    def concepts(self) -> frozenset[str]:
        """The IRIs of all concepts of the schemes, and of the schemes."""
        return frozenset(self._instances(SKOS + "Concept", SKOS + "ConceptScheme"))

    @cached_property
    def properties(self) -> Mapping[str, Property]:
        """The name of each property as data files write it -> the property."""
        kinds = [OWL + "ObjectProperty", OWL + "DatatypeProperty"]
        named = {name: self._property(iri) for name, iri in self._local(self._instances(*kinds)).items()}
        others = {*self._instances(*kinds, OWL + "AnnotationProperty"), *_PLAIN_LITERALS}
        external = [iri for iri in others if not iri.startswith(self._kip(""))]
        curies = {self.prefixes.shrink(iri): self._property(iri) for iri in external}
        short = {name: self._property(self.prefixes.expand(curie)) for name, curie in _SHORT_NAMES.items()}
        return named | {curie: row for curie, row in curies.items() if curie} | short

    def _local(self, iris: Iterable[str]) -> dict[str, str]:
        namespace = self._kip("")
        return {iri.removeprefix(namespace): iri for iri in iris if iri.startswith(namespace)}

    def _property(self, iri: str) -> Property:
        precision = self.objects(iri, self._kip("precisionProperty"))
        return Property(
            iri,
            self._range(iri),
            "true" in self.objects(iri, self._kip("requiresStatement")),
            precision[0] if precision else None,
            "first" in self.objects(iri, self._kip("expandsTo")),
        )

    def _range(self, iri: str) -> Range:
        if iri in _PLAIN_LITERALS:
            return _PLAIN_LITERALS[iri]
        ranges = self.objects(iri, SCHEMA + "rangeIncludes")
        if any(self.is_a(each, self._kip("StatedValue")) for each in ranges):
            return Range.NUMBER
        if self._kip("Period") in ranges:
            return Range.PERIOD
        return next((_BY_DATATYPE[each] for each in ranges if each in _BY_DATATYPE), Range.REFERENCE)

    def superclasses(self, iri: str) -> list[str]:
        """The class and all its named superclasses, nearest first."""
        found = [iri]
        for each in found:
            found += [up for up in self.objects(each, RDFS + "subClassOf") if up not in found]
        return found

    def is_a(self, iri: str, ancestor: str) -> bool:
        """Whether a class is `ancestor` or one of its subclasses."""
        return ancestor in self.superclasses(iri)

    def kind(self, class_iri: str) -> str | None:
        """The path segment of the IRIs of a class: `kip:iriKind` of it or of its nearest superclass."""
        kinds = (self.objects(each, self._kip("iriKind")) for each in self.superclasses(class_iri))
        return next((values[0] for values in kinds if values), None)


def read_turtle(path: Path, base: str, name: str) -> list[Triple]:
    """The triples of a Turtle file under the base. Raises SyntaxFault with the parser's line and column."""
    try:
        text = rebase(path.read_text(encoding="utf-8"), base)
        return [quad.triple for quad in parse(text, format=RdfFormat.TURTLE)]
    except UnicodeDecodeError as error:
        raise SyntaxFault(Where(name), f"not UTF-8 at byte {error.start}", "save the file as UTF-8") from error
    except SyntaxError as error:
        raise SyntaxFault(Where(name, error.lineno or 1, error.offset or 1), f"not Turtle: {error.msg}") from error


def read_vocabulary(files: Iterable[Path], prefixes: PrefixMap, root: Path) -> Vocabulary:
    """The vocabulary of Turtle files. Raises SyntaxFault."""
    triples: set[Triple] = set()
    for path in files:
        triples.update(read_turtle(path, prefixes.base, path.absolute().relative_to(root).as_posix()))
    return Vocabulary(prefixes, frozenset(triples))
