"""The rules find what owlrl, an independent reasoner, finds by all of OWL 2 RL: on the whole graph, triple for triple.

Left out of the comparison is what says nothing of the things of this graph: the differences that `trivial` names.
The reasoner is spared the triples whose property no axiom mentions, and its own findings that a thing is the same as
itself and an owl:Thing; no rule of OWL 2 RL makes anything but such findings of them. https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import owlrl  # type: ignore[import-untyped]
import pytest
import rdflib
from pyoxigraph import DefaultGraph, NamedNode, QueryTriples, RdfFormat, Store, Triple, parse
from rdflib.namespace import OWL, RDF, RDFS

from graph_builder.inference import Rule, read_rules
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.terms import SKOS, in_graph
from graph_builder.validation import to_rdflib

RULES = read_rules(CHECKOUT.rules, prefix_map())
# The files of rules are numbered: below 30 they carry out OWL axioms, from 30 on they say what OWL cannot.
OF_OWL = [rule for rule in RULES if rule.name < "30"]
OF_THE_DOMAIN = [rule for rule in RULES if rule.name >= "30"]
BETWEEN_PROPERTIES = (OWL.inverseOf, RDFS.subPropertyOf, OWL.equivalentProperty, OWL.propertyDisjointWith)
BETWEEN_TERMS = {RDF.type, RDF.first, RDF.rest, RDFS.subClassOf, RDFS.domain, RDFS.range, *BETWEEN_PROPERTIES}
REFLEXIVE = {OWL.sameAs, OWL.equivalentClass, OWL.equivalentProperty}

Facts = set[Triple]
Node = rdflib.term.Node
Found = tuple[Node, Node, Node]


@dataclass(frozen=True)
class Closure:
    """What stands in the graph without inference, what the rules add to it, and what the reasoner adds."""

    asserted: Facts
    by_rules: Facts
    by_reasoner: set[Found]


class Reasoner(owlrl.OWLRL_Semantics):  # type: ignore[misc]
    """OWL 2 RL without what would take half of the time and find nothing."""

    def rules(self, t: Found, cycle_num: int) -> None:
        if not (t[1] == RDF.type and t[2] == OWL.Thing):
            super().rules(t, cycle_num)

    def _equality(self, triple: Found, cycle_num: int) -> None:
        if triple[1] in (OWL.sameAs, OWL.differentFrom):
            super()._equality(triple, cycle_num)


@pytest.fixture(scope="module")
def closure(release: Path) -> Closure:
    quads = list(parse(path=str(release / "dataset.nq"), format=RdfFormat.N_QUADS))
    graph = {quad.triple for quad in quads if isinstance(quad.graph_name, DefaultGraph)}
    inferred = {quad.triple for quad in quads if str(quad.graph_name).endswith("/graph/inferred>")}
    asserted = graph - inferred
    given = to_rdflib(asserted | constructed(OF_THE_DOMAIN, graph))
    known = set(given)
    relevant = rdflib.Graph(bind_namespaces="none")
    properties = mentioned(given)
    for triple in given:
        if triple[1] in properties:
            relevant.add(triple)
    Reasoner(relevant, axioms=False, daxioms=False, rdfs=False).closure()
    return Closure(asserted, inferred, {triple for triple in set(relevant) - known if not trivial(triple)})


def mentioned(graph: rdflib.Graph) -> set[Node]:
    """The properties of which some axiom speaks, and those in which axioms are written."""
    found: set[Node] = {property for property in graph.predicates() if str(property).startswith(str(OWL))}
    found |= BETWEEN_TERMS | set(graph.objects(None, OWL.onProperty)) | set(graph.subjects(OWL.propertyChainAxiom))
    for chain in graph.objects(None, OWL.propertyChainAxiom):
        found |= set(graph.items(chain))
    for relation in BETWEEN_PROPERTIES:
        for subject, _, value in graph.triples((None, relation, None)):
            found |= {subject, value}
    axiomatic = {kind for kind in graph.objects(None, RDF.type) if str(kind).endswith("Property")}
    declared = {OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}
    return found | {each for kind in axiomatic - declared for each in graph.subjects(RDF.type, kind)}


def constructed(rules: list[Rule], graph: Facts) -> Facts:
    """What rules find at once in a graph."""
    store = Store()
    store.bulk_extend(in_graph(triple) for triple in graph)
    found: Facts = set()
    for rule in rules:
        results = store.query(rule.query)
        assert isinstance(results, QueryTriples)
        found |= set(results)
    return found


def trivial(triple: Found) -> bool:
    """Whether the rules leave this out on purpose.

    A literal as a subject is no RDF. Everything is the same as itself, its own subclass, and an owl:Thing. Which class
    or property is below which through others is asked with a path (`rdfs:subClassOf*`). Datatypes, built-in annotation
    properties and owl:Thing itself are no things of this graph, and a class without a name is asked by nobody.
    """
    subject, predicate, value = triple
    if isinstance(subject, rdflib.Literal):
        return True
    if predicate in REFLEXIVE:
        return subject == value
    if predicate in (RDFS.subClassOf, RDFS.subPropertyOf):
        return True
    if predicate == RDF.type:
        built_in = str(subject).startswith((str(OWL), str(RDF), str(RDFS), str(rdflib.XSD)))
        return value == OWL.Thing or isinstance(value, rdflib.BNode) or built_in
    return False


def differences(closure: Closure, by_rules: Facts) -> tuple[Counter[str], Counter[str]]:
    """How often each property is in a triple that only the reasoner found, and in one that only the rules found."""
    of_the_domain = constructed(OF_THE_DOMAIN, closure.asserted | by_rules)
    found = set(to_rdflib(by_rules - of_the_domain))
    counts = [
        Counter(str(triple[1]) for triple in only)
        for only in (closure.by_reasoner - found, found - closure.by_reasoner)
    ]
    return counts[0], counts[1]


@pytest.mark.slow
def test_rules_and_reasoner_find_the_same(closure: Closure) -> None:
    assert min(len(closure.by_rules), len(closure.by_reasoner)) > 5_000
    assert differences(closure, closure.by_rules) == (Counter(), Counter())


@pytest.fixture(scope="module")
def by_rule(closure: Closure) -> dict[str, Facts]:
    """What each rule finds, without what is asserted."""
    whole = closure.asserted | closure.by_rules
    return {rule.name: constructed([rule], whole) - closure.asserted for rule in RULES}


@pytest.mark.slow
@pytest.mark.parametrize("rule", OF_OWL, ids=lambda rule: rule.name)
def test_the_reasoner_finds_what_one_rule_alone_finds(rule: Rule, closure: Closure, by_rule: dict[str, Facts]) -> None:
    others = set().union(*(found for name, found in by_rule.items() if name != rule.name))
    alone = by_rule[rule.name] - others
    assert alone
    only_by_reasoner, only_by_rules = differences(closure, closure.by_rules - alone)
    assert (only_by_reasoner.total(), only_by_rules) == (len(alone), Counter())


@pytest.mark.slow
def test_what_does_not_follow_is_noticed(closure: Closure) -> None:
    broader = NamedNode(SKOS + "broader")
    narrower = NamedNode(SKOS + "narrower")
    upwards = next(triple for triple in closure.asserted if triple.predicate == broader)
    assert isinstance(upwards.object, NamedNode)
    wrong = {Triple(upwards.object, broader, upwards.subject), Triple(upwards.subject, narrower, upwards.object)}
    assert differences(closure, closure.by_rules | wrong) == (Counter(), Counter({broader.value: 1, narrower.value: 1}))
