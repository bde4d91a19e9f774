"""A complete OWL 2 DL reasoner (Konclude) finds ontology and graph consistent, and in them what the rules found."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Triple, parse, serialize

from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.terms import OWL, TYPE
from graph_builder.vocabulary import read_vocabulary

PREFIXES = prefix_map()
HEADER = "@prefix : <urn:> .\n" + "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.prefixes.items())
NAME = f"{{{OWL}}}"
SECONDS = 120

Reasoner = Callable[[str, Iterable[Triple]], str]


@pytest.fixture(scope="module")
def reason(tmp_path_factory: pytest.TempPathFactory) -> Reasoner:
    """Runs a command of the reasoner over triples; the result is what it writes, or else what it says."""
    program = shutil.which("Konclude")
    if program is None:
        pytest.skip("the OWL reasoner Konclude is not installed (Debian and Ubuntu: apt-get install konclude)")
    folder = tmp_path_factory.mktemp("reasoner")

    def run(command: str, triples: Iterable[Triple]) -> str:
        given, written = folder / "given.nt", folder / "written.xml"
        written.unlink(missing_ok=True)
        serialize(triples, str(given), format=RdfFormat.N_TRIPLES)
        # With the one thread that it takes by default, Konclude waits for itself for ever.
        line = [program, command, "-w", "2", "-i", str(given)]
        line += [] if command == "consistency" else ["-o", str(written)]
        done = subprocess.run(line, capture_output=True, text=True, timeout=SECONDS, check=True)
        return done.stdout if command == "consistency" else written.read_text(encoding="utf-8")

    return run


@pytest.fixture(scope="module")
def vocabulary() -> frozenset[Triple]:
    return read_vocabulary(CHECKOUT.vocabulary_files(), PREFIXES, CHECKOUT.root).triples


@pytest.fixture(scope="module")
def graph(release: Path) -> list[Triple]:
    quads = parse(path=str(release / "dataset.nq"), format=RdfFormat.N_QUADS)
    return [quad.triple for quad in quads if isinstance(quad.graph_name, DefaultGraph)]


def triples(turtle: str) -> list[Triple]:
    return [quad.triple for quad in parse(HEADER + turtle, format=RdfFormat.TURTLE)]


def consistent(reason: Reasoner, given: Iterable[Triple]) -> bool:
    said = reason("consistency", given)
    verdicts = [verdict for verdict in (" is consistent.", " is inconsistent.") if verdict in said]
    assert len(verdicts) == 1, said
    return verdicts == [" is consistent."]


def unsatisfiable(reason: Reasoner, given: Iterable[Triple]) -> set[str]:
    """The classes that the reasoner finds to be the empty one."""
    hierarchy = ElementTree.fromstring(reason("classification", given))
    groups = [{each.get("IRI", "") for each in group} for group in hierarchy.iter(f"{NAME}EquivalentClasses")]
    return next((group - {OWL + "Nothing"} for group in groups if OWL + "Nothing" in group), set())


def test_every_class_can_have_members(reason: Reasoner, vocabulary: frozenset[Triple]) -> None:
    assert unsatisfiable(reason, vocabulary) == set()


def test_a_class_that_can_have_no_members_is_noticed(reason: Reasoner, vocabulary: frozenset[Triple]) -> None:
    wrong = triples("kip:Strategy rdfs:subClassOf kip:Program .")
    assert unsatisfiable(reason, [*vocabulary, *wrong]) == {PREFIXES.expand("kip:Strategy")}


def test_the_graph_is_consistent(reason: Reasoner, graph: list[Triple]) -> None:
    assert len(graph) > 20_000
    assert consistent(reason, graph)


def test_an_alliance_that_is_also_a_programme_makes_the_graph_inconsistent(
    reason: Reasoner, graph: list[Triple]
) -> None:
    alliance = triples("org:max-alliance a kip:Alliance .")
    assert alliance[0] in graph
    assert not consistent(reason, [*graph, *triples("org:max-alliance a kip:Program .")])


def test_the_reasoner_finds_the_types_that_the_rules_found(reason: Reasoner, graph: list[Triple]) -> None:
    classes = {
        triple.subject for triple in graph if triple.predicate == TYPE and triple.object == NamedNode(OWL + "Class")
    }
    typed = {
        (triple.subject.value, triple.object.value)
        for triple in graph
        if triple.predicate == TYPE
        and isinstance(triple.object, NamedNode)
        and triple.object in classes
        and isinstance(triple.subject, NamedNode)
    }
    found = {
        (fact.findall(f"{NAME}NamedIndividual")[0].get("IRI"), fact.findall(f"{NAME}Class")[0].get("IRI"))
        for fact in ElementTree.fromstring(reason("realization", graph)).iter(f"{NAME}ClassAssertion")
    }
    found = {(thing, kind) for thing, kind in found if kind != OWL + "Thing"}
    assert len(typed) > 5_000
    assert (found - typed, typed - found) == (set(), set())


DISJOINT = {
    "top kinds": ":a a kip:Alliance , kip:Program .",
    "kinds of policy elements": ":a a kip:Strategy , kip:Measure .",
    "kinds of concepts": ":a a kip:Sector , kip:Technology .",
    "kinds of values": ":a a kip:MonetaryAmount , kip:QuantityValue .",
}


@pytest.mark.parametrize("facts", DISJOINT.values(), ids=DISJOINT)
def test_a_thing_of_two_disjoint_kinds_is_inconsistent(
    facts: str, reason: Reasoner, vocabulary: frozenset[Triple]
) -> None:
    assert not consistent(reason, [*vocabulary, *triples(facts)])


# name, facts, and a triple that follows, or that must not
FOLLOWS = [
    ("inverse", ":a kip:targetOf :b .", ":b kip:hasTarget :a", True),
    ("symmetry", ":a kip:conflictsWith :b .", ":b kip:conflictsWith :a", True),
    ("super-property", ":a kip:hasSector :b .", ":a kip:coversSector :b", True),
    ("transitivity", ":a kip:directPartOf :b . :b kip:directPartOf :c .", ":c kip:hasPart :a", True),
    ("sectors from parts", ":a kip:hasSector :s ; kip:directPartOf :b .", ":b kip:coversSector :s", True),
    ("sectors from means", ":a kip:hasSector :s ; kip:implements :b .", ":b kip:coversSector :s", True),
    ("broader sectors", ":a kip:hasSector :s . :s skos:broader :t .", ":a kip:coversSector :t", True),
    ("sectors never downwards", ":b kip:hasSector :s . :a kip:directPartOf :b .", ":a kip:coversSector :s", False),
    ("no narrower sectors", ":a kip:hasSector :t . :s skos:broader :t .", ":a kip:coversSector :s", False),
    ("providers", ":c kip:commitmentOf :a ; kip:provider :o .", ":o kip:involvedIn :a", True),
    ("posts", ":t kip:post :p ; w3org:member :x .", ":x kip:everHeldPost :p", True),
    ("service", ":t kip:post :p ; w3org:member :x . :p w3org:postIn :o .", ":x kip:everServedIn :o", True),
    ("membership", ":t kip:post :p . :p w3org:postIn :o .", ":t w3org:organization :o", True),
    ("a succession has one direction", ":a kip:directSuccessor :b .", ":b kip:hasSuccessor :a", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "triple", "follows"), [case[1:] for case in FOLLOWS], ids=[case[0] for case in FOLLOWS]
)
def test_a_triple_follows_from_the_ontology_just_where_it_is_meant_to(
    facts: str, triple: str, follows: bool, reason: Reasoner, vocabulary: frozenset[Triple]
) -> None:
    subject, predicate, value = triple.split()
    denied = f"""{subject} a [ a owl:Class ; owl:complementOf
        [ a owl:Restriction ; owl:onProperty {predicate} ; owl:hasValue {value} ] ] ."""
    assert consistent(reason, [*vocabulary, *triples(facts)])
    assert consistent(reason, [*vocabulary, *triples(facts + denied)]) is not follows
