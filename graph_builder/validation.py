"""Validates a graph against shapes (SHACL, https://www.w3.org/TR/shacl/) with pySHACL and Oxigraph."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import rdflib
from pyshacl import validate as pyshacl_validate
from rdflib.namespace import RDF, SH

from graph_builder.constraints import TARGETS, constraints_of, findings, without_sparql
from graph_builder.errors import KnowledgeGraphError, Where
from graph_builder.facts import Register
from graph_builder.prefixes import PrefixMap
from graph_builder.terms import in_graph
from graph_builder.vocabulary import read_turtle

__all__ = ["Report", "ValidationFailed", "Violation", "hoisted", "read_shapes", "to_rdflib", "validate"]

_REFERENCES = (SH.node, SH["not"], SH.qualifiedValueShape, RDF.first)


@dataclass(frozen=True, slots=True)
class Violation:
    """One validation result; `where` is the place that declares the focus node or else the value, where it is known."""

    focus: str
    shape: str
    severity: str
    messages: Mapping[str, str]
    path: str | None = None
    value: str | None = None
    where: Where | None = None

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        message = self.messages.get("en") or next(iter(self.messages.values()), "no message")
        details = [f"{name} {part}" for name, part in (("path", self.path), ("value", self.value)) if part]
        return f"{place}{self.severity}: {self.focus}: {message} [{', '.join([f'shape {self.shape}', *details])}]"


class ValidationFailed(KnowledgeGraphError):
    """The graph breaks shapes; `violations` lists each result."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("\n".join(map(str, violations)))


@dataclass(frozen=True, slots=True)
class Report:
    """All results of a validation, and the report as triples."""

    results: tuple[Violation, ...]
    triples: frozenset[ox.Triple]

    @property
    def violations(self) -> tuple[Violation, ...]:
        """The results that refuse the graph; warnings and notes do not."""
        return tuple(result for result in self.results if result.severity == "Violation")

    def counts(self) -> dict[str, int]:
        """The number of results by severity."""
        names = [result.severity for result in self.results]
        return {name: names.count(name) for name in sorted(set(names))}


def read_shapes(files: Iterable[Path], prefixes: PrefixMap, root: Path) -> rdflib.Graph:
    """The shapes of Turtle files as one graph. Raises SyntaxFault."""
    return to_rdflib(
        triple
        for path in files
        for triple in read_turtle(path, prefixes.base, path.absolute().relative_to(root).as_posix())
    )


def to_rdflib(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    """The same triples as an rdflib graph."""
    graph = rdflib.Graph(bind_namespaces="none")
    for triple in triples:
        graph.add(_triple(triple))
    return graph


def _triple(triple: ox.Triple) -> tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]:
    return _term(triple.subject), _term(triple.predicate), _term(triple.object)


@cache
def _term(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> rdflib.term.Node:
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        plain = term.datatype.value == "http://www.w3.org/2001/XMLSchema#string"
        return rdflib.Literal(term.value, datatype=None if plain else term.datatype.value)
    raise TypeError(f"a triple as a term: {term}")


def validate(
    triples: Collection[ox.Triple], shapes: rdflib.Graph, prefixes: PrefixMap, register: Register | None = None
) -> Report:
    """The report of a validation, its results sorted. The graph is taken as it is: nothing is inferred here.

    Raises RuleError where a SPARQL constraint cannot be run.
    """
    plain = hoisted(without_sparql(shapes))
    _, report, _ = pyshacl_validate(to_rdflib(triples), shacl_graph=plain, inference="none", do_owl_imports=False)
    assert isinstance(report, rdflib.Graph)
    _add_findings(report, triples, shapes)
    results = [_violation(report, node, shapes, prefixes, register or {}) for node in report.subjects(SH.focusNode)]
    text = report.serialize(format="nt", encoding="utf-8")
    reported = frozenset(quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES))
    return Report(tuple(sorted(results, key=lambda result: (result.severity, str(result)))), reported)


def hoisted(shapes: rdflib.Graph) -> rdflib.Graph:
    """The shapes with each property shape given the targets of its node shape, where that says the same.

    pySHACL evaluates a property shape below a node shape once for each focus node, but one with targets of its own once
    for all; the results are the same.
    """
    flat = rdflib.Graph(bind_namespaces="none")
    flat += shapes
    referred = {node for predicate in _REFERENCES for node in shapes.objects(None, predicate)}
    for shape, part in shapes.subject_objects(SH.property):
        targets = [(name, target) for name in TARGETS for target in shapes.objects(shape, name)]
        if targets and shape not in referred and (shape, SH.deactivated, None) not in shapes:
            flat.remove((shape, SH.property, part))
            for name, target in targets:
                flat.add((part, name, target))
    return flat


def _add_findings(report: rdflib.Graph, triples: Iterable[ox.Triple], shapes: rdflib.Graph) -> None:
    """Adds the results of the SPARQL constraints to a validation report (SHACL, section 5.3.2)."""
    store = ox.Store()
    store.bulk_extend(in_graph(triple) for triple in triples)
    summary = next(report.subjects(RDF.type, SH.ValidationReport))
    found = [each for constraint in constraints_of(shapes) for each in findings(store, constraint)]
    if found:
        report.set((summary, SH.conforms, rdflib.Literal(False)))
    for finding in found:
        result = rdflib.BNode()
        constraint = finding.constraint
        report.add((summary, SH.result, result))
        for predicate, term in (
            (RDF.type, SH.ValidationResult),
            (SH.focusNode, _term(finding.focus)),
            (SH.value, _term(finding.value)),
            (SH.sourceShape, constraint.shape),
            (SH.sourceConstraint, constraint.node),
            (SH.sourceConstraintComponent, SH.SPARQLConstraintComponent),
            (SH.resultSeverity, constraint.severity),
            *((SH.resultMessage, message) for message in finding.messages),
            *(((SH.resultPath, _term(finding.path)),) if finding.path is not None else ()),
        ):
            report.add((result, predicate, term))


def _violation(
    report: rdflib.Graph, node: rdflib.term.Node, shapes: rdflib.Graph, prefixes: PrefixMap, register: Register
) -> Violation:
    def name(predicate: rdflib.URIRef) -> str | None:
        term = report.value(node, predicate)
        return None if term is None or isinstance(term, rdflib.BNode) else prefixes.shrink(str(term)) or str(term)

    focus = str(report.value(node, SH.focusNode))
    thing = register.get(focus) or register.get(str(report.value(node, SH.value)))
    return Violation(
        prefixes.shrink(focus) or focus,
        _owner(report.value(node, SH.sourceShape), shapes, prefixes),
        (name(SH.resultSeverity) or "").removeprefix("sh:"),
        {getattr(text, "language", None) or "": str(text) for text in report.objects(node, SH.resultMessage)},
        name(SH.resultPath),
        name(SH.value),
        thing.where if thing else None,
    )


def _owner(shape: rdflib.term.Node | None, shapes: rdflib.Graph, prefixes: PrefixMap) -> str:
    """The named shape that a nameless property shape belongs to."""
    while isinstance(shape, rdflib.BNode):
        shape = next(shapes.subjects(None, shape), None)
    return prefixes.shrink(str(shape)) or str(shape)
