"""Describes the canned queries in the graph, so that a tool which knows only RDF finds them and can run them.

A `sh:SPARQLSelectExecutable` has its text in `sh:select` (SHACL, section 5.2.1,
https://www.w3.org/TR/shacl/#sparql-prefixes); the data set declares the prefixes of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from graph_builder.errors import Where
from graph_builder.identifiers import entity_iri
from graph_builder.prefixes import PrefixMap
from graph_builder.query_files import CatalogueError, QueryFile, query_files, read_query_file

__all__ = ["Executables", "read_executables"]

KIND = "query"
_TEXTS = {"title": "rdfs:label", "question": "rdfs:comment", "description": "dct:description"}
_LANGUAGES = ("ko", "en")


@dataclass(frozen=True, slots=True)
class Executables:
    """The canned queries as the graph describes them."""

    queries: Sequence[QueryFile]
    prefixes: PrefixMap

    def statements(self) -> Iterator[Triple]:
        """What is said of each query, and the prefixes that the data set declares for them."""
        for query in self.queries:
            yield from self._query(query)
        used = {name: iri for query in self.queries for name, iri in query.prefixes.items()}
        for name, iri in sorted(used.items()):
            yield from self._declaration(name, iri)

    def listed(self) -> Iterator[Triple]:
        """Each query as a part of the data set."""
        for query in self.queries:
            yield Triple(self._dataset, self._node("dct:hasPart"), self._iri(query))

    @property
    def _dataset(self) -> NamedNode:
        return NamedNode(f"{self.prefixes.base}dataset")

    def _iri(self, query: QueryFile) -> NamedNode:
        return NamedNode(entity_iri(self.prefixes.base, KIND, query.id))

    def _node(self, curie: str) -> NamedNode:
        return NamedNode(self.prefixes.expand(curie))

    def _query(self, query: QueryFile) -> Iterator[Triple]:
        base = self.prefixes.base
        said: list[tuple[str, NamedNode | Literal]] = [
            ("rdf:type", self._node("sh:SPARQLExecutable")),
            ("rdf:type", self._node("sh:SPARQLSelectExecutable")),
            ("sh:select", Literal(query.body)),
            ("sh:prefixes", self._dataset),
            ("schema:target", NamedNode(f"{base}sparql")),
            ("rdfs:seeAlso", NamedNode(f"{base}query/{query.id}")),
        ]
        said += [("schema:keywords", Literal(tag)) for tag in _tags(query)]
        for key, predicate in _TEXTS.items():
            said += [(predicate, Literal(_text(query, key, each), language=each)) for each in _LANGUAGES]
        for predicate, value in said:
            yield Triple(self._iri(query), self._node(predicate), value)

    def _declaration(self, name: str, iri: str) -> Iterator[Triple]:
        node = NamedNode(f"{self._dataset.value}#prefix-{name}")
        yield Triple(self._dataset, self._node("sh:declare"), node)
        yield Triple(node, self._node("rdf:type"), self._node("sh:PrefixDeclaration"))
        yield Triple(node, self._node("sh:prefix"), Literal(name))
        yield Triple(node, self._node("sh:namespace"), Literal(iri, datatype=self._node("xsd:anyURI")))


def read_executables(folder: Path, prefixes: PrefixMap) -> Executables:
    """The canned queries of a folder. Raises CatalogueError."""
    return Executables([read_query_file(path, prefixes) for path in query_files(folder)], prefixes)


def _text(query: QueryFile, key: str, language: str) -> str:
    """A text of the header. Raises CatalogueError where it is not there."""
    texts = query.header.get(key) if isinstance(query.header, dict) else None
    text = texts.get(language) if isinstance(texts, dict) else None
    if isinstance(text, str) and text:
        return text
    raise CatalogueError(Where(f"{query.id}.rq"), f"the header has no {key} in {language}")


def _tags(query: QueryFile) -> list[str]:
    tags: Any = query.header.get("tags") if isinstance(query.header, dict) else None
    return [str(tag) for tag in tags] if isinstance(tags, list) else []
