"""The peers that build and infer: the same work done with rdflib and owlrl (https://owl-rl.readthedocs.io/)."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from importlib import import_module

from rdflib import Dataset, Graph, URIRef
from rdflib.term import Node

from graph_builder.identifiers import graph_iri
from graph_builder.inference import Rule, read_rules
from graph_builder.pipeline import Curated, curate
from graph_builder.prefixes import PrefixMap
from graph_builder.project import Project
from tests.benchmarks.rdflib_mapping import add_document

__all__ = ["build_with_rdflib", "close_with_owlrl", "infer_with_rdflib", "nquads_of", "quads_with_rdflib"]


def quads_with_rdflib(curated: Curated) -> Dataset:
    """The quads of all documents in an rdflib dataset."""
    dataset = Dataset()
    for document in curated.documents:
        add_document(document, curated.names, dataset)
    return dataset


def nquads_of(dataset: Dataset) -> bytes:
    """Sorted N-Quads, written by rdflib."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's own serializer uses what rdflib deprecates
        text = dataset.serialize(format="nquads")
    return "".join(sorted(line for line in text.splitlines(keepends=True) if line.strip())).encode()


def infer_with_rdflib(graph: Graph, rules: Sequence[Rule]) -> Graph:
    """What follows from a graph by the project's own rules; it is added to the graph too."""
    inferred = Graph(bind_namespaces="none")
    while True:
        before = len(graph)
        for rule in rules:
            for triple in _constructed(graph, rule):
                if triple not in graph:
                    graph.add(triple)
                    inferred.add(triple)
        if len(graph) == before:
            return inferred


def _constructed(graph: Graph, rule: Rule) -> set[tuple[Node, Node, Node]]:
    found = graph.query(rule.query).graph
    assert found is not None  # a CONSTRUCT query has one
    return set(found)


def build_with_rdflib(project: Project, prefixes: PrefixMap) -> bytes:
    """Files to sorted N-Quads: read by the builder's reader, then mapped, inferred and written with rdflib."""
    curated, _ = curate(project, prefixes)
    dataset = quads_with_rdflib(curated)
    vocabulary = Graph(bind_namespaces="none")
    for path in project.vocabulary_files():
        vocabulary.parse(path, format="turtle")
    meta = Graph(bind_namespaces="none").parse(project.data / "dataset.ttl", format="turtle")
    default = dataset.default_graph
    _extend(default, vocabulary)
    inferred = infer_with_rdflib(default, read_rules(project.rules, prefixes))
    _extend(default, meta)
    for name, triples in (("vocab", vocabulary), ("meta", meta), ("inferred", inferred)):
        _extend(dataset.graph(URIRef(graph_iri(prefixes.base, name))), triples)
    return nquads_of(dataset)


def _extend(graph: Graph, triples: Iterable[tuple[Node, Node, Node]]) -> None:
    for triple in triples:
        graph.add(triple)


def close_with_owlrl(graph: Graph) -> Graph:
    """A graph, closed in place under all rules of OWL 2 RL."""
    owlrl = import_module("owlrl")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return graph
