"""The index of names that a release carries, so that a server knows each entity's names without a query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from graph_builder.identifiers import identify
from graph_builder.prefixes import PrefixMap
from graph_builder.terms import RDF, RDFS, SKOS

__all__ = ["label_index", "term_names"]

_ALT = SKOS + "altLabel"
_SUB_CLASS = RDFS + "subClassOf"


def label_index(triples: Iterable[Triple], prefixes: PrefixMap) -> list[dict[str, Any]]:
    """One entry for each named thing, concept and term: iri, kind, class, label and alt by language; sorted by IRI."""
    labels: defaultdict[str, dict[str, str]] = defaultdict(dict)
    alts: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    types: defaultdict[str, set[str]] = defaultdict(set)
    above: defaultdict[str, set[str]] = defaultdict(set)
    for triple in triples:
        if not isinstance(triple.subject, NamedNode):
            continue
        subject, predicate, value = triple.subject.value, triple.predicate.value, triple.object
        if isinstance(value, Literal) and value.language:
            if predicate == RDFS + "label":
                labels[subject][value.language] = min(value.value, labels[subject].get(value.language, value.value))
            elif predicate == _ALT:
                alts[subject][value.language].add(value.value)
        elif isinstance(value, NamedNode) and predicate == RDF + "type":
            types[subject].add(value.value)
        elif isinstance(value, NamedNode) and predicate == _SUB_CLASS and subject != value.value:
            above[subject].add(value.value)
    return [
        {
            "iri": iri,
            "kind": _kind(iri, prefixes),
            "class": _most_specific(types[iri], above, prefixes.expand("kip:")),
            "label": dict(sorted(labels[iri].items())),
            "alt": {language: sorted(names) for language, names in sorted(alts[iri].items())},
        }
        for iri in sorted(labels)
        if iri.startswith(prefixes.base)
    ]


def term_names(triples: Iterable[Triple], prefixes: PrefixMap) -> dict[str, dict[str, str]]:
    """What properties, classes, units and currencies of other vocabularies are called, by IRI and language."""
    names: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for triple in triples:
        subject, value = triple.subject, triple.object
        if triple.predicate.value != RDFS + "label" or not isinstance(subject, NamedNode):
            continue
        if isinstance(value, Literal) and value.language and not subject.value.startswith(prefixes.base):
            names[subject.value][value.language] = value.value
    return dict(names)


def _kind(iri: str, prefixes: PrefixMap) -> str:
    found = identify(prefixes.base, iri)
    return found.kind if found else "def" if iri.startswith(prefixes.expand("kip:")) else "scheme"


def _most_specific(types: set[str], above: dict[str, set[str]], namespace: str) -> str:
    """The class of this ontology that is no superclass of another one, or the first type."""
    own = {each for each in types if each.startswith(namespace)} or types
    general = {up for each in own for up in above.get(each, ())}
    return min(own - general or own or {""})
