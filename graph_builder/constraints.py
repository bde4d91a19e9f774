"""Evaluates SPARQL-based constraints (SHACL, section 5: https://www.w3.org/TR/shacl/#sparql-constraints) in Oxigraph.

pySHACL hands them to rdflib's engine, which needs minutes where Oxigraph needs milliseconds; what plain SHACL says
stays with pySHACL. A constraint stands on a node shape with targets of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox
import rdflib
from rdflib.namespace import RDF, SH

from graph_builder.errors import RuleError

__all__ = ["TARGETS", "Constraint", "Finding", "constraints_of", "findings", "without_sparql"]

_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")
TARGETS = {
    SH.targetNode: "VALUES ?this {{ {0} }}",
    SH.targetClass: "?this rdf:type/rdfs:subClassOf* {0} .",
    SH.targetSubjectsOf: "?this {0} ?object .",
    SH.targetObjectsOf: "?subject {0} ?this .",
}
_HEADER = (
    "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\nPREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
)
Term = ox.NamedNode | ox.BlankNode | ox.Literal


@dataclass(frozen=True, slots=True)
class Constraint:
    """A SPARQL-based constraint of a node shape, ready to run."""

    shape: rdflib.URIRef
    node: rdflib.term.Node
    targets: tuple[str, ...]
    query: str
    messages: tuple[rdflib.Literal, ...]
    severity: rdflib.term.Node


@dataclass(frozen=True, slots=True)
class Finding:
    """One solution of a constraint's query: a result of validation."""

    constraint: Constraint
    focus: Term
    value: Term
    path: Term | None
    messages: tuple[rdflib.Literal, ...]


def constraints_of(shapes: rdflib.Graph) -> Iterator[Constraint]:
    """The SPARQL-based constraints of all active node shapes, in the order of their shapes.

    Raises RuleError for one that stands on a shape without a name or without targets.
    """
    for shape, node in sorted(shapes.subject_objects(SH.sparql)):
        if (shape, SH.deactivated, rdflib.Literal(True)) in shapes:
            continue
        targets = tuple(_targets(shapes, shape))
        if not isinstance(shape, rdflib.URIRef) or not targets:
            raise RuleError(f"{shape}: a SPARQL constraint needs a named node shape with a target")
        yield Constraint(
            shape,
            node,
            targets,
            _prefixes(shapes, node) + str(shapes.value(node, SH.select)),
            tuple(sorted(text for text in shapes.objects(node, SH.message) if isinstance(text, rdflib.Literal))),
            shapes.value(shape, SH.severity) or SH.Violation,
        )


def _targets(shapes: rdflib.Graph, shape: rdflib.term.Node) -> Iterator[str]:
    for predicate, pattern in TARGETS.items():
        for target in sorted(target.n3() for target in shapes.objects(shape, predicate)):
            yield pattern.format(target)


def _prefixes(shapes: rdflib.Graph, node: rdflib.term.Node) -> str:
    declared = {
        str(shapes.value(each, SH.prefix)): str(shapes.value(each, SH.namespace))
        for ontology in shapes.objects(node, SH.prefixes)
        for each in shapes.objects(ontology, SH.declare)
    }
    return "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in sorted(declared.items()))


def without_sparql(shapes: rdflib.Graph) -> rdflib.Graph:
    """The shapes without their SPARQL-based constraints."""
    plain = rdflib.Graph(bind_namespaces="none")
    nodes = set(shapes.objects(None, SH.sparql))
    for triple in shapes:
        if triple[1] != SH.sparql and not (triple[0] in nodes and triple[1] in (SH.select, RDF.type)):
            plain.add(triple)
    return plain


def findings(store: ox.Store, constraint: Constraint) -> Iterator[Finding]:
    """What a constraint finds in the default graph of a store. Raises RuleError for a query that is no SELECT."""
    for focus in _focus_nodes(store, constraint):
        try:
            solutions = store.query(constraint.query, substitutions={ox.Variable("this"): focus})
        except SyntaxError as error:
            raise RuleError(f"{constraint.shape}: {error}") from error
        if not isinstance(solutions, ox.QuerySolutions):
            raise RuleError(f"{constraint.shape}: not a SELECT query")
        names = [variable.value for variable in solutions.variables]
        for solution in solutions:
            yield _finding(constraint, focus, dict(zip(names, solution, strict=True)))


def _focus_nodes(store: ox.Store, constraint: Constraint) -> list[Term]:
    union = " UNION ".join(f"{{ {target} }}" for target in constraint.targets)
    solutions = store.query(f"{_HEADER}SELECT DISTINCT ?this WHERE {{ {union} }}")
    assert isinstance(solutions, ox.QuerySolutions)
    return sorted((row["this"] for row in solutions), key=str)


def _finding(constraint: Constraint, focus: Term, row: Mapping[str, Term | None]) -> Finding:
    bound = {"this": focus, **{name: term for name, term in row.items() if term is not None}}
    messages = tuple(rdflib.Literal(_filled(str(text), bound), lang=text.language) for text in constraint.messages)
    return Finding(constraint, focus, bound.get("value", focus), bound.get("path"), messages)


def _filled(text: str, bound: Mapping[str, Term]) -> str:
    return _PLACEHOLDER.sub(lambda found: bound[found[1]].value if found[1] in bound else found[0], text)
