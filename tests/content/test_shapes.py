"""Every shape lets its sound graph pass and finds exactly the declared fault in each faulty one.

A fixture is `<Shape>.valid.ttl`, `<Shape>.invalid.ttl` or `<Shape>.<case>.invalid.ttl`; a faulty one lists in lines
`# expect: shape component` all results that it must get, and no others.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from rdflib.namespace import OWL, RDF, SH

from graph_builder.inference import infer, read_rules
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.serialization import canonical
from graph_builder.validation import Report, read_shapes, validate
from graph_builder.vocabulary import Vocabulary, read_vocabulary

FIXTURES = CHECKOUT.root / "tests" / "fixtures" / "shapes"
LINT = CHECKOUT.shapes / "ontology.ttl"
PREFIXES = prefix_map("https://w3id.org/kip/")
VALID = sorted(FIXTURES.glob("*.valid.ttl"))
INVALID = sorted(FIXTURES.glob("*.invalid.ttl"))
# What the shapes read of the vocabulary; names and definitions are left to the lint.
FRAME = (
    *("rdf:type", "rdf:first", "rdf:rest", "rdfs:subClassOf", "rdfs:subPropertyOf", "skos:inScheme", "skos:broader"),
    *("owl:inverseOf", "owl:propertyChainAxiom", "owl:members", "owl:disjointWith", "schema:domainIncludes"),
    *("kip:requiresStatement", "kip:valueScheme", "kip:precisionProperty"),
)

Found = set[tuple[str, str]]


@cache
def shapes(lint: bool) -> rdflib.Graph:
    """The shapes about the vocabulary, or those about the data."""
    files = [LINT] if lint else [path for path in sorted(CHECKOUT.shapes.glob("*.ttl")) if path != LINT]
    return read_shapes(files, PREFIXES, CHECKOUT.root)


def names(graph: rdflib.Graph) -> set[str]:
    """The local names of the node shapes of a graph."""
    return {str(shape).rpartition("/")[2] for shape in graph.subjects(RDF.type, SH.NodeShape)}


@cache
def vocabulary() -> Vocabulary:
    return read_vocabulary(CHECKOUT.vocabulary_files(), PREFIXES, CHECKOUT.root)


@cache
def frame() -> frozenset[Triple]:
    kept = {PREFIXES.expand(curie) for curie in FRAME}
    return frozenset(triple for triple in canonical(vocabulary().triples) if triple.predicate.value in kept)


def shape_of(path: Path) -> str:
    return path.name.split(".")[0]


@cache
def targets() -> dict[Path, set[str]]:
    """The classes and properties by which the shapes of each file choose their focus nodes; named nodes count as ""."""
    kinds = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
    chosen: dict[Path, set[str]] = {}
    for path in sorted(CHECKOUT.shapes.glob("*.ttl")):
        graph = read_shapes([path], PREFIXES, CHECKOUT.root)
        chosen[path] = {str(term) for kind in kinds for term in graph.objects(None, kind)}
        chosen[path] |= {""} if path.stem == "Prefixes" or (None, SH.targetNode, None) in graph else set()
    return chosen


def touching(triples: set[Triple]) -> list[Path]:
    """The files of shapes that have a focus node in a graph; the others could say nothing and only cost time."""
    used = {""} | {triple.predicate.value for triple in triples | frame()}
    used |= {getattr(triple.object, "value", "") for triple in triples if triple.predicate.value == str(RDF.type)}
    return [path for path, chosen in targets().items() if chosen & used and path != LINT]


def report_on(path: Path) -> Report:
    """The report on a fixture: by all data shapes on it and on what follows from it, or by the lint alone."""
    triples = {quad.triple for quad in parse(path=str(path), format=RdfFormat.TURTLE)}
    if shape_of(path) in names(shapes(True)):
        return validate(triples, shapes(True), PREFIXES)
    own = triples | (infer(triples | frame(), read_rules(CHECKOUT.rules, PREFIXES)) - frame())
    return validate(own | frame(), read_shapes(touching(own), PREFIXES, CHECKOUT.root), PREFIXES)


def found(report: Report) -> Found:
    """The shape and the constraint component of every result."""
    parts: dict[str, dict[str, str]] = {}
    for triple in report.triples:
        name = triple.predicate.value.removeprefix(str(SH))
        if name in ("sourceShape", "sourceConstraintComponent"):
            iri = getattr(triple.object, "value", "")
            parts.setdefault(str(triple.subject), {})[name] = PREFIXES.shrink(iri) or iri
    return {(part["sourceShape"], part["sourceConstraintComponent"]) for part in parts.values()}


def expected(path: Path) -> Found:
    lines = re.findall(r"^# expect: (\S+) (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {(shape, component) for shape, component in lines}


def subjects(predicate: str, *values: str) -> set[str]:
    """The subjects in the namespace of the ontology that have one of the values."""
    return {
        triple.subject.value
        for triple in vocabulary().triples
        if triple.predicate.value == predicate
        and isinstance(triple.subject, NamedNode)
        and triple.subject.value.startswith(PREFIXES.expand("kip:"))
        and getattr(triple.object, "value", "") in values
    }


def properties() -> set[str]:
    return subjects(str(RDF.type), str(OWL.ObjectProperty), str(OWL.DatatypeProperty))


def written_by_rules() -> set[str]:
    return subjects(PREFIXES.expand("kip:derived"), "true")


def test_every_shape_has_a_sound_and_a_faulty_fixture() -> None:
    shaped = names(shapes(True)) | names(shapes(False))
    assert len(shaped) >= 100
    assert {shape_of(path) for path in VALID} == shaped
    assert {shape_of(path) for path in INVALID} == shaped


def test_every_file_of_shapes_is_named_for_a_shape_in_it() -> None:
    for path in CHECKOUT.shapes.glob("*.ttl"):
        if path.stem not in ("Groups", "Prefixes", LINT.stem):
            assert path.stem in names(read_shapes([path], PREFIXES, CHECKOUT.root)), path.name


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name.removesuffix(".ttl"))
def test_a_sound_graph_conforms(path: Path) -> None:
    assert [str(result) for result in report_on(path).results] == []


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.name.removesuffix(".ttl"))
def test_a_faulty_graph_fails_for_its_own_reason_alone(path: Path) -> None:
    wanted = expected(path)
    assert any(shape.removeprefix("shape:").split("-")[0] == shape_of(path) for shape, _ in wanted)
    assert found(report_on(path)) == wanted


def test_every_class_has_a_shape_of_its_own() -> None:
    for iri in vocabulary().classes.values():
        if iri.startswith(PREFIXES.expand("kip:")):
            name = iri.rpartition("/")[2]
            target = (rdflib.URIRef(PREFIXES.expand(f"shape:{name}")), SH.targetClass, rdflib.URIRef(iri))
            assert target in shapes(False), f"write shapes/{name}.ttl and its two fixtures"


def test_every_property_that_a_curator_writes_has_a_property_shape() -> None:
    paths = {str(path) for path in shapes(False).objects(None, SH.path)}
    for iri in sorted(properties() - written_by_rules()):
        assert iri in paths, f"add a property shape for {PREFIXES.shrink(iri)} to the shapes of its domain"


@pytest.mark.parametrize("lint", [True, False], ids=["lint", "data"])
def test_every_constraint_speaks_korean_and_english(lint: bool) -> None:
    graph = shapes(lint)
    speaking = {*graph.subjects(SH.path, None), *graph.subjects(SH.select, None)}
    named = {node for node in speaking if isinstance(node, rdflib.URIRef)}
    assert len(named) >= 20
    for node in named:
        languages = sorted(getattr(text, "language", "") or "" for text in graph.objects(node, SH.message))
        assert languages == ["en", "ko"], node


def test_the_vocabulary_passes_its_lint() -> None:
    assert [str(result) for result in validate(vocabulary().triples, shapes(True), PREFIXES).results] == []
