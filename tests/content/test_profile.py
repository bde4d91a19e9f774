"""The ontology is written in OWL 2 RL, and what the profile does not have would be noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib
from pyoxigraph import DefaultGraph, Literal, RdfFormat, parse
from rdflib.namespace import OWL, RDF
from rdflib.term import Node

from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.terms import OWL as OWL_IRI
from graph_builder.terms import RDF as RDF_IRI
from graph_builder.terms import RDFS as RDFS_IRI
from graph_builder.validation import to_rdflib
from graph_builder.vocabulary import read_vocabulary
from tests.content.profile import DATATYPES, faults

PREFIXES = prefix_map()
HEADER = "@prefix : <urn:x/> .\n" + "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.prefixes.items())
DECLARED = """
:A a owl:Class . :B a owl:Class . :C a owl:Class . :p a owl:ObjectProperty . :q a owl:ObjectProperty .
:r a owl:ObjectProperty . :t a owl:ObjectProperty , owl:TransitiveProperty . :d a owl:DatatypeProperty .
:below a owl:ObjectProperty ; rdfs:subPropertyOf :t . :above a owl:ObjectProperty . :t rdfs:subPropertyOf :above .
:other a owl:ObjectProperty ; owl:inverseOf :t .
"""


def graph_of(turtle: str) -> rdflib.Graph:
    return to_rdflib(quad.triple for quad in parse(HEADER + turtle, format=RdfFormat.TURTLE))


@pytest.fixture(scope="module")
def vocabulary() -> rdflib.Graph:
    return to_rdflib(read_vocabulary(CHECKOUT.vocabulary_files(), PREFIXES, CHECKOUT.root).triples)


def test_the_ontology_is_in_the_profile(vocabulary: rdflib.Graph) -> None:
    assert faults(vocabulary) == set()


def test_no_axiom_names_a_datatype(vocabulary: rdflib.Graph) -> None:
    named = {
        each for triple in vocabulary if str(triple[1]).startswith((RDFS_IRI, OWL_IRI, RDF_IRI)) for each in triple
    }
    assert named & (DATATYPES | {rdflib.XSD.date, rdflib.XSD.gYear}) == set()


def above(expression: str) -> str:
    return f":A rdfs:subClassOf {expression} ."


def below(expression: str) -> str:
    return f"{expression} rdfs:subClassOf :B ."


def restriction(rest: str, on: str = ":p") -> str:
    return f"[ a owl:Restriction ; owl:onProperty {on} ; {rest} ]"


ALLOWED = {
    "some values below": below(restriction("owl:someValuesFrom :A")),
    "some values of anything below": below(restriction("owl:someValuesFrom owl:Thing")),
    "a union below": below("[ a owl:Class ; owl:unionOf ( :A :C ) ]"),
    "all values above": above(restriction("owl:allValuesFrom :B")),
    "a complement above": above("[ a owl:Class ; owl:complementOf :B ]"),
    "at most one above": above(restriction("owl:maxCardinality 1")),
    "a value on both sides": f":A owl:equivalentClass {restriction('owl:hasValue :x')} .",
    "a chain that ends in its own property": ":p owl:propertyChainAxiom ( :q :p ) .",
    "a chain that begins with its own property": ":p owl:propertyChainAxiom ( :p :q ) .",
    "a chain that is transitivity": ":p owl:propertyChainAxiom ( :p :p ) .",
    "a functional property": ":p a owl:FunctionalProperty .",
    "a simple property below a composite one": ":below a owl:IrreflexiveProperty .",
    "a domain": ":p rdfs:domain :A ; rdfs:range :B .",
}
NOT_ALLOWED = {
    "owl:Thing above": (":A rdfs:subClassOf owl:Thing .", "Thing is no class for the super side"),
    "owl:Thing below": ("owl:Thing rdfs:subClassOf :A .", "Thing is no class for the sub side"),
    "an undeclared class": (":A rdfs:subClassOf :Undeclared .", "Undeclared is no class for the super side"),
    "some values above": (above(restriction('owl:someValuesFrom :B')), "someValuesFrom on the super side"),
    "a union above": (above("[ a owl:Class ; owl:unionOf ( :B :C ) ]"), "unionOf on the super side"),
    "a list of individuals above": (above("[ a owl:Class ; owl:oneOf ( :x ) ]"), "oneOf on the super side"),
    "all values below": (below(restriction('owl:allValuesFrom :A')), "allValuesFrom on the sub side"),
    "a complement below": (below("[ a owl:Class ; owl:complementOf :A ]"), "complementOf on the sub side"),
    "a count below": (below(restriction('owl:maxCardinality 1')), "maxCardinality on the sub side"),
    "at most two": (above(restriction('owl:maxCardinality 2')), "at most 2"),
    "at least one": (above(restriction('owl:minCardinality 1')), "minCardinality on the super side"),
    "exactly one": (above(restriction('owl:cardinality 1')), "cardinality on the super side"),
    "itself": (above(restriction('owl:hasSelf true')), "hasSelf on the super side"),
    "deep inside": (
        above(f"[ a owl:Class ; owl:intersectionOf ( :B {restriction('owl:someValuesFrom :C')} ) ]"),
        "someValuesFrom on the super side",
    ),
    "some values as equivalent": (
        f":A owl:equivalentClass {restriction('owl:someValuesFrom :B')} .",
        "someValuesFrom on the equivalent side",
    ),
    "a union as a domain": (":p rdfs:domain [ a owl:Class ; owl:unionOf ( :A :B ) ] .", "unionOf on the super side"),
    "a disjoint complement": (
        "[] a owl:AllDisjointClasses ; owl:members ( :A [ a owl:Class ; owl:complementOf :B ] ) .",
        "complementOf on the sub side",
    ),
    "a class made up of others": (":A owl:intersectionOf ( :B :C ) .", "intersectionOf makes the named class A up"),
    "a disjoint union": (":A owl:disjointUnionOf ( :B :C ) .", "disjointUnionOf makes the named class A up"),
    "a reflexive property": (":p a owl:ReflexiveProperty .", "ReflexiveProperty is no type of the profile"),
    "a term unknown to OWL": (":p owl:chain :q .", "chain is no predicate of the profile"),
    "a range of dates": (":d rdfs:range xsd:date .", "date is no class for the super side"),
    "a property of no kind": (":x :unknown :y .", "unknown is a property of 0 kinds"),
    "a chain with a property of no kind": (":p owl:propertyChainAxiom ( :q :u ) .", "u is a property of 0 kinds"),
    "a property of two kinds": (":p a owl:DatatypeProperty .", "p is both ObjectProperty and DatatypeProperty"),
    "a transitive property that is irreflexive": (":t a owl:IrreflexiveProperty .", "t must be simple"),
    "a transitive property that is asymmetric": (":t a owl:AsymmetricProperty .", "t must be simple"),
    "functional above a transitive property": (":above a owl:FunctionalProperty .", "above must be simple"),
    "disjoint inverse of a transitive property": (":other owl:propertyDisjointWith :p .", "other must be simple"),
    "a count of a transitive property": (above(restriction('owl:maxCardinality 1', ':t')), "t must be simple"),
    "a count of a property with a chain": (
        f":p owl:propertyChainAxiom ( :q :r ) . :A rdfs:subClassOf {restriction('owl:maxCardinality 1')} .",
        "p must be simple",
    ),
    "a chain around its own property": (":p owl:propertyChainAxiom ( :q :p :r ) .", "no strict order of p"),
    "chains that define each other": (
        ":p owl:propertyChainAxiom ( :q :r ) . :q owl:propertyChainAxiom ( :p :r ) .",
        "no strict order of p, q",
    ),
}  # fmt: skip


@pytest.mark.parametrize("axiom", ALLOWED.values(), ids=ALLOWED)
def test_what_the_profile_has_is_no_fault(axiom: str) -> None:
    assert faults(graph_of(DECLARED + axiom)) == set()


@pytest.mark.parametrize(("axiom", "fault"), NOT_ALLOWED.values(), ids=NOT_ALLOWED)
def test_what_the_profile_does_not_have_is_a_fault(axiom: str, fault: str) -> None:
    assert fault in faults(graph_of(DECLARED + axiom))


def test_each_property_of_the_graph_has_its_kind_of_value(vocabulary: rdflib.Graph, release: Path) -> None:
    wanted: dict[Node, set[bool]] = {
        OWL.ObjectProperty: {False},
        OWL.DatatypeProperty: {True},
        OWL.AnnotationProperty: {True, False},
    }
    quads = list(parse(path=str(release / "dataset.nq"), format=RdfFormat.N_QUADS))
    # The description of the data set is DCAT, and none of the ontology.
    described = {quad.triple for quad in quads if str(quad.graph_name).endswith("/graph/meta>")}
    used: dict[str, set[bool]] = {}
    for quad in quads:
        if isinstance(quad.graph_name, DefaultGraph) and quad.triple not in described:
            used.setdefault(quad.predicate.value, set()).add(isinstance(quad.object, Literal))
    own = {name: forms for name, forms in used.items() if not name.startswith((RDF_IRI, RDFS_IRI, OWL_IRI))}
    kinds = {
        name: [kind for kind in vocabulary.objects(rdflib.URIRef(name), RDF.type) if kind in wanted] for name in own
    }
    assert len(own) > 100
    assert {
        name: forms for name, forms in own.items() if len(kinds[name]) != 1 or not forms <= wanted[kinds[name][0]]
    } == {}
