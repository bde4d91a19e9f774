"""How much a graph holds of what, and what it links to (VoID, https://www.w3.org/TR/void/)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Literal, NamedNode, Triple

from graph_builder.identifiers import digest
from graph_builder.prefixes import PrefixMap
from graph_builder.terms import TYPE, XSD

__all__ = ["Census", "number"]

# Namespaces outside the vocabulary that things and concepts are matched with, and the name of each data set.
_LINKED = {"wikidata": ("wd:", "Wikidata"), "ksic": ("ksic:", "KSIC")}
_MATCHES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
# One thing of each of these classes shows what a resource looks like: the one of which most is said.
_SHOWN = ("Article", "Organization", "Person", "Policy", "Program", "Target")


def number(value: int, datatype: str = "integer") -> Literal:
    """A count as a literal."""
    return Literal(str(value), datatype=NamedNode(XSD + datatype))


@dataclass(frozen=True)
class Census:
    """The counts of a graph, as statements about a data set; every node that they need has an IRI below `dataset`."""

    dataset: NamedNode
    graph: Collection[Triple]
    prefixes: PrefixMap

    def statements(self) -> Iterator[Triple]:
        """All statements; the same graph gives the same ones, in no particular order."""
        yield from self._totals()
        yield from self._examples()
        for vocabulary in self._vocabularies():
            yield self._of(self.dataset, "void:vocabulary", NamedNode(vocabulary))
        for class_, members in self._members.items():
            yield from self._class_partition(class_, len(members))
        for property_, triples in self._by_property.items():
            yield from self._property_partition(property_, triples)
        for (target, predicate), total in self._links().items():
            yield from self._linkset(target, predicate, total)

    def node(self, curie: str) -> NamedNode:
        """The node of a CURIE."""
        return NamedNode(self.prefixes.expand(curie))

    def part(self, name: str) -> NamedNode:
        """The node of a part of the data set."""
        return NamedNode(f"{self.dataset.value}#{name}")

    def _of(self, subject: NamedNode, predicate: str, value: NamedNode | Literal) -> Triple:
        return Triple(subject, self.node(predicate), value)

    @cached_property
    def _by_property(self) -> dict[NamedNode, list[Triple]]:
        found: defaultdict[NamedNode, list[Triple]] = defaultdict(list)
        for triple in self.graph:
            found[triple.predicate].append(triple)
        return dict(found)

    @cached_property
    def _members(self) -> dict[NamedNode, set[object]]:
        found: defaultdict[NamedNode, set[object]] = defaultdict(set)
        for triple in self._by_property.get(TYPE, ()):
            if isinstance(triple.object, NamedNode):
                found[triple.object].add(triple.subject)
        return dict(found)

    @cached_property
    def _mentions(self) -> Counter[str]:
        """How many triples each thing of ours is the subject of."""
        subjects = (triple.subject for triple in self.graph)
        named = (each.value for each in subjects if isinstance(each, NamedNode))
        return Counter(iri for iri in named if iri.startswith(self.prefixes.base))

    def _totals(self) -> Iterator[Triple]:
        totals = {
            "void:triples": len(self.graph),
            "void:entities": len(self._mentions),
            "void:classes": len(self._members),
            "void:properties": len(self._by_property),
            "void:distinctSubjects": len({triple.subject for triple in self.graph}),
            "void:distinctObjects": len({triple.object for triple in self.graph}),
        }
        yield self._of(self.dataset, "rdf:type", self.node("void:Dataset"))
        yield self._of(self.dataset, "void:uriSpace", Literal(self.prefixes.base))
        for predicate, total in totals.items():
            yield self._of(self.dataset, predicate, number(total))

    def _examples(self) -> Iterator[Triple]:
        for name in _SHOWN:
            members = self._members.get(self.node(f"kip:{name}"), set())
            named = [each.value for each in members if isinstance(each, NamedNode)]
            if named:
                most = min(named, key=lambda iri: (-self._mentions[iri], iri))
                yield self._of(self.dataset, "void:exampleResource", NamedNode(most))

    def _vocabularies(self) -> set[str]:
        """The namespaces of the classes and properties in use."""
        curies = (self.prefixes.shrink(term.value) for term in (*self._members, *self._by_property))
        return {self.prefixes.expand(curie.partition(":")[0] + ":") for curie in curies if curie}

    def _name(self, term: NamedNode) -> str:
        """A term in the fragment of an IRI."""
        return (self.prefixes.shrink(term.value) or digest(term.value)).replace(":", "-")

    def _class_partition(self, class_: NamedNode, total: int) -> Iterator[Triple]:
        part = self.part(f"class-{self._name(class_)}")
        yield self._of(self.dataset, "void:classPartition", part)
        yield self._of(part, "void:class", class_)
        yield self._of(part, "void:entities", number(total))

    def _property_partition(self, property_: NamedNode, triples: Collection[Triple]) -> Iterator[Triple]:
        part = self.part(f"property-{self._name(property_)}")
        yield self._of(self.dataset, "void:propertyPartition", part)
        yield self._of(part, "void:property", property_)
        yield self._of(part, "void:triples", number(len(triples)))
        yield self._of(part, "void:distinctSubjects", number(len({triple.subject for triple in triples})))
        yield self._of(part, "void:distinctObjects", number(len({triple.object for triple in triples})))

    def _links(self) -> Counter[tuple[str, str]]:
        """How many triples link something with each data set, by the matching property."""
        matches = [(name, triple) for name in _MATCHES for triple in self._matching(name)]
        return Counter(
            (target, name)
            for name, triple in matches
            for target, (namespace, _) in _LINKED.items()
            if self._leads_to(triple, self.prefixes.expand(namespace))
        )

    def _matching(self, name: str) -> Collection[Triple]:
        return self._by_property.get(self.node(f"skos:{name}"), ())

    @staticmethod
    def _leads_to(triple: Triple, namespace: str) -> bool:
        into = isinstance(triple.object, NamedNode) and triple.object.value.startswith(namespace)
        return into and not (isinstance(triple.subject, NamedNode) and triple.subject.value.startswith(namespace))

    def _linkset(self, target: str, predicate: str, total: int) -> Iterator[Triple]:
        part, other = self.part(f"links-{target}-{predicate}"), self.part(target)
        namespace, title = _LINKED[target]
        yield self._of(self.dataset, "void:subset", part)
        yield self._of(part, "rdf:type", self.node("void:Linkset"))
        yield self._of(part, "void:linkPredicate", self.node(f"skos:{predicate}"))
        yield self._of(part, "void:subjectsTarget", self.dataset)
        yield self._of(part, "void:objectsTarget", other)
        yield self._of(part, "void:triples", number(total))
        yield self._of(other, "rdf:type", self.node("void:Dataset"))
        yield self._of(other, "void:uriSpace", Literal(self.prefixes.expand(namespace)))
        yield self._of(other, "dct:title", Literal(title, language="en"))
