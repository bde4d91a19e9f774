"""The JSON-LD context that the ontology gives, and graphs compacted with it (https://www.w3.org/TR/json-ld11/).

A term is the local name of a class or property of ours, or a CURIE; identifiers stay whole IRIs, so that they can be
followed. Texts in languages are language maps, dates and numbers plain values; a value that does not fit the term's
coercion is written out, so that expanding gives exactly the graph that was compacted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from api.engine.results import Term
from graph_builder.prefixes import PrefixMap

__all__ = ["TAIL", "Context", "TermDefinition"]

TAIL = "context.jsonld"
"""Where the context stands below the base."""
_XSD = "http://www.w3.org/2001/XMLSchema#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TYPE = _RDF + "type"
_STRING = _XSD + "string"
_LANGUAGE, _IRI = "@language", "@id"
_KEYWORDS = {"id": "@id", "type": "@type", "graph": "@graph", "included": "@included"}
_SHORT = {
    "label": "rdfs:label",
    "prefLabel": "skos:prefLabel",
    "altLabel": "skos:altLabel",
    "definition": "skos:definition",
    "note": "skos:note",
}
# What a statement is made of (RDF 1.1 Semantics, appendix D.1) is no term of the ontology.
_STATEMENT = {"subject": "rdf:subject", "predicate": "rdf:predicate", "object": "rdf:object"}


@dataclass(frozen=True, slots=True)
class TermDefinition:
    """A term: its name in JSON, its IRI, and to what its values are coerced: a datatype, `@id`, `@language` or ""."""

    name: str
    iri: str
    coerced: str = ""

    def as_json(self, curie: str) -> str | dict[str, str]:
        """The definition; the IRI as a CURIE."""
        if not self.coerced:
            return curie
        return {"@id": curie, "@container" if self.coerced == _LANGUAGE else "@type": self.coerced}


class Context:
    """The context of one release."""

    def __init__(self, rows: Iterable[Mapping[str, Term]], names: PrefixMap) -> None:
        self._names = names
        facts: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for row in rows:
            facts[row["s"].value][row["p"].value].add(row["o"].value)
        found = [self._define(iri, about) for iri, about in sorted(facts.items())]
        short = {**{name: (curie, _LANGUAGE) for name, curie in _SHORT.items()}}
        short |= {name: (curie, "" if name == "object" else _IRI) for name, curie in _STATEMENT.items()}
        extra = [TermDefinition(name, names.expand(curie), coerced) for name, (curie, coerced) in short.items()]
        taken = {each.iri for each in extra}
        self.terms = {each.iri: each for each in [*extra, *(each for each in found if each and each.iri not in taken)]}

    def _define(self, iri: str, about: Mapping[str, set[str]]) -> TermDefinition | None:
        kip = self._names.expand("kip:")
        name = iri.removeprefix(kip) if iri.startswith(kip) else self._names.shrink(iri)
        kinds = {each.rpartition("#")[2] for each in about[_TYPE]}
        if not name or name in {*_SHORT, *_STATEMENT, *_KEYWORDS}:
            return None
        if "Class" in kinds:
            return TermDefinition(name, iri)
        ranges = about[self._names.expand("schema:rangeIncludes")]
        return TermDefinition(name, iri, _IRI if "ObjectProperty" in kinds else self._coercion(ranges))

    @staticmethod
    def _coercion(ranges: set[str]) -> str:
        if ranges == {_RDF + "langString"}:
            return _LANGUAGE
        only = next(iter(ranges)) if len(ranges) == 1 else ""
        return only if only.startswith(_XSD) and only != _STRING else ""

    @cached_property
    def document(self) -> dict[str, Any]:
        """The context as a JSON-LD document."""
        names = {each.name: each for each in self.terms.values()}
        curies = {each.iri: self._names.shrink(each.iri) or each.iri for each in self.terms.values()}
        used = {curie.partition(":")[0] for curie in curies.values()} - set(names) - {"http", "https"}
        prefixes = {prefix: self._names.prefixes[prefix] for prefix in sorted({*used, "xsd"})}
        terms = {name: self._definition(names[name], curies, prefixes) for name in sorted(names)}
        return {"@context": {"@version": 1.1, **_KEYWORDS, **prefixes, **terms}}

    def _definition(
        self, each: TermDefinition, curies: Mapping[str, str], prefixes: Mapping[str, str]
    ) -> str | dict[str, str]:
        curie = curies[each.iri]
        written = each.as_json(curie if curie.partition(":")[0] in prefixes and curie != each.name else each.iri)
        if isinstance(written, dict) and written.get("@type", "").startswith(_XSD):
            written["@type"] = "xsd:" + written["@type"].removeprefix(_XSD)
        return written

    def compacted(self, triples: Iterable[Triple], about: str, href: str) -> dict[str, Any]:
        """The graph as one document: the thing that it is about, and what else is described included in it.

        `href` is the address of the context.
        """
        nodes: dict[str, dict[str, Any]] = {}
        for triple in triples:
            key = _identifier(triple.subject)
            self._add(nodes.setdefault(key, {"id": key}), triple.predicate.value, triple.object)
        first = nodes.pop(about, {"id": about})
        rest = [_tidy(node) for node in nodes.values()]
        return {"@context": href, **_tidy(first), **({"included": rest} if rest else {})}

    def _add(self, node: dict[str, Any], predicate: str, value: Any) -> None:
        if predicate == _TYPE and isinstance(value, NamedNode):
            node.setdefault("type", []).append(self._vocabulary_name(value.value))
            return
        term = self.terms.get(predicate)
        if term is not None and term.coerced == _LANGUAGE:
            if isinstance(value, Literal) and value.language:
                node.setdefault(term.name, {}).setdefault(value.language, []).append(value.value)
                return
            term = None  # a language map holds nothing else
        name, coerced = (term.name, term.coerced) if term else (predicate, "")
        node.setdefault(name, []).append(_written(value, coerced))

    def _vocabulary_name(self, iri: str) -> str:
        term = self.terms.get(iri)
        return term.name if term else iri


def _identifier(node: Any) -> str:
    return f"_:{node.value}" if isinstance(node, BlankNode) else str(node.value)


def _written(value: Any, coerced: str) -> Any:
    """A value under a term that coerces to a datatype, to `@id`, or not at all."""
    if not isinstance(value, Literal):
        return _identifier(value) if coerced == _IRI else {"@id": _identifier(value)}
    if value.language:
        return {"@value": value.value, "@language": value.language}
    datatype = value.datatype.value
    if datatype == (coerced or _STRING):
        return _plain(value.value, datatype)
    return {"@value": value.value, **({} if datatype == _STRING else {"@type": datatype})}


def _plain(text: str, datatype: str) -> str | int | bool:
    """The JSON value of a literal where it says the same, else its text."""
    if datatype == _XSD + "boolean" and text in ("true", "false"):
        return text == "true"
    if datatype == _XSD + "integer" and len(text) < 16 and text.lstrip("-").isdigit() and str(int(text)) == text:
        return int(text)
    return text


def _tidy(node: dict[str, Any]) -> dict[str, Any]:
    """The node with single values out of their lists."""

    def one(value: Any) -> Any:
        return value[0] if isinstance(value, list) and len(value) == 1 else value

    return {
        key: {tag: one(texts) for tag, texts in value.items()} if isinstance(value, dict) else one(value)
        for key, value in node.items()
    }
