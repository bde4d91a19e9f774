"""The grammar of OWL 2 RL (https://www.w3.org/TR/owl2-profiles/#OWL_2_RL), and what in a graph of axioms is not in it.

Axioms are read from RDF (https://www.w3.org/TR/owl2-mapping-to-rdf/); what is no axiom of the profile, in place or in
kind, is a fault. The restrictions of OWL 2 DL on properties (https://www.w3.org/TR/owl2-syntax/#Global_Restrictions_on_Axioms_in_OWL_2_DL)
are held too, so that any reasoner can take the graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

__all__ = ["faults"]

# Class expressions, section 4.2.3: for each place the constructors that may stand there, and what their operands are.
OPERANDS = {
    "sub": {
        OWL.intersectionOf: "sub list",
        OWL.unionOf: "sub list",
        OWL.oneOf: "individuals",
        OWL.someValuesFrom: "sub or thing",
        OWL.hasValue: "individual",
    },
    "super": {
        OWL.intersectionOf: "super list",
        OWL.complementOf: "sub",
        OWL.allValuesFrom: "super",
        OWL.hasValue: "individual",
        OWL.maxCardinality: "at most one",
        OWL.maxQualifiedCardinality: "at most one",
    },
    "equivalent": {OWL.intersectionOf: "equivalent list", OWL.hasValue: "individual"},
}
CONSTRUCTORS = {
    *(constructor for allowed in OPERANDS.values() for constructor in allowed),
    *(OWL.disjointUnionOf, OWL.hasSelf, OWL.onDatatype, OWL.withRestrictions, OWL.datatypeComplementOf),
    *(OWL.cardinality, OWL.minCardinality, OWL.qualifiedCardinality, OWL.minQualifiedCardinality),
}
# Class axioms, section 4.2.5: the places of subject and object.
CLASS_AXIOMS = {
    RDFS.subClassOf: ("sub", "super"),
    OWL.equivalentClass: ("equivalent", "equivalent"),
    OWL.disjointWith: ("sub", "sub"),
    RDFS.domain: (None, "super"),
    RDFS.range: (None, "super"),
}
PROPERTY_AXIOMS = {RDFS.subPropertyOf, OWL.inverseOf, OWL.equivalentProperty, OWL.propertyDisjointWith}
KINDS = {OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}
# Of simple properties only may these be said.
OF_SIMPLE = {OWL.FunctionalProperty, OWL.InverseFunctionalProperty, OWL.IrreflexiveProperty, OWL.AsymmetricProperty}
TYPES = {
    *(OWL.Ontology, OWL.Class, OWL.Restriction, OWL.NamedIndividual, *KINDS, *OF_SIMPLE),
    *(OWL.SymmetricProperty, OWL.TransitiveProperty, OWL.AllDisjointClasses, OWL.AllDisjointProperties),
    *(OWL.AllDifferent, OWL.NegativePropertyAssertion),
}
PREDICATES = {
    *(RDF.type, RDF.first, RDF.rest, *CLASS_AXIOMS, *PROPERTY_AXIOMS, *CONSTRUCTORS),
    *(OWL.propertyChainAxiom, OWL.members, OWL.onProperty, OWL.onClass, OWL.hasKey, OWL.sameAs, OWL.differentFrom),
    *(RDFS.label, RDFS.comment, RDFS.seeAlso, RDFS.isDefinedBy),
    *(OWL.versionIRI, OWL.versionInfo, OWL.deprecated, OWL.priorVersion, OWL.imports),
}
# Section 4.2.1; xsd:date and xsd:gYear are no datatypes of OWL 2 at all.
DATATYPES = {
    *(RDF.PlainLiteral, RDF.XMLLiteral, RDFS.Literal, XSD.decimal, XSD.integer, XSD.nonNegativeInteger),
    *(XSD.nonPositiveInteger, XSD.positiveInteger, XSD.negativeInteger, XSD.long, XSD.int, XSD.short, XSD.byte),
    *(XSD.unsignedLong, XSD.unsignedInt, XSD.unsignedShort, XSD.unsignedByte, XSD.float, XSD.double, XSD.string),
    *(XSD.normalizedString, XSD.token, XSD.language, XSD.Name, XSD.NCName, XSD.NMTOKEN, XSD.boolean),
    *(XSD.hexBinary, XSD.base64Binary, XSD.anyURI, XSD.dateTime, XSD.dateTimeStamp),
}
RESERVED = (str(OWL), str(RDFS), str(RDF), str(XSD))


def faults(graph: Graph) -> set[str]:
    """Every axiom, expression and use of a property that the profile or OWL 2 DL does not have, in words."""
    return {*_vocabulary(graph), *_classes(graph), *_properties(graph), *_order(graph)}


def _vocabulary(graph: Graph) -> Iterator[str]:
    """Terms of OWL and RDFS that are none of the profile."""
    for predicate in set(graph.predicates()) - PREDICATES:
        if str(predicate).startswith(RESERVED):
            yield f"{_name(predicate)} is no predicate of the profile"
    for kind in set(graph.objects(None, RDF.type)) - TYPES:
        if str(kind).startswith(RESERVED):
            yield f"{_name(kind)} is no type of the profile"


def _classes(graph: Graph) -> Iterator[str]:
    """Class expressions in the wrong place."""
    for predicate, places in CLASS_AXIOMS.items():
        for subject, value in graph.subject_objects(predicate):
            for node, place in zip((subject, value), places, strict=True):
                if place:
                    yield from _expression(graph, node, place)
    for axiom in graph.subjects(RDF.type, OWL.AllDisjointClasses):
        for members in graph.objects(axiom, OWL.members):
            for each in graph.items(members):
                yield from _expression(graph, each, "sub")
    for constructor in CONSTRUCTORS:
        for node in graph.subjects(constructor):
            if isinstance(node, URIRef):
                yield f"{_name(constructor)} makes the named class {_name(node)} up"


def _expression(graph: Graph, node: Node, place: str) -> Iterator[str]:
    if isinstance(node, URIRef):
        if node == OWL.Thing or not (node in DATATYPES or (node, RDF.type, OWL.Class) in graph):
            yield f"{_name(node)} is no class for the {place} side"
        return
    used = {constructor for constructor in CONSTRUCTORS if (node, constructor, None) in graph}
    if len(used) != 1:
        yield f"an expression on the {place} side has {len(used)} constructors"
    for constructor in used:
        if constructor in OPERANDS[place]:
            for operand in graph.objects(node, constructor):
                yield from _operand(graph, node, operand, OPERANDS[place][constructor])
        else:
            yield f"{_name(constructor)} on the {place} side"


def _operand(graph: Graph, node: Node, operand: Node, form: str) -> Iterator[str]:
    place, _, many = form.partition(" ")
    if form == "at most one":
        if not isinstance(operand, Literal) or operand.toPython() not in (0, 1):
            yield f"at most {operand}"
        for filler in set(graph.objects(node, OWL.onClass)) - {OWL.Thing}:
            yield from _expression(graph, filler, "sub")
    elif many == "list":
        for each in graph.items(operand):
            yield from _expression(graph, each, place)
    elif place in OPERANDS and not (many == "or thing" and operand == OWL.Thing):
        yield from _expression(graph, operand, place)


def _properties(graph: Graph) -> Iterator[str]:
    """Properties of no kind or of two, and composite ones where OWL 2 DL wants a simple one."""
    kinds = {each: KINDS & set(graph.objects(each, RDF.type)) for each in {*graph.predicates(), *_in_axioms(graph)}}
    for each, found in kinds.items():
        if len(found) != 1 and not str(each).startswith(RESERVED):
            yield f"{_name(each)} is a property of {len(found)} kinds"
    for first, second in ((OWL.ObjectProperty, OWL.DatatypeProperty), (OWL.Class, RDFS.Datatype)):
        for each in set(graph.subjects(RDF.type, first)) & set(graph.subjects(RDF.type, second)):
            yield f"{_name(each)} is both {_name(first)} and {_name(second)}"
    composite = _composite(graph)
    for each in _simple_only(graph) & composite:
        yield f"{_name(each)} must be simple"


def _in_axioms(graph: Graph) -> set[Node]:
    found: set[Node] = set(graph.objects(None, OWL.onProperty)) | set(graph.subjects(OWL.propertyChainAxiom))
    for relation in PROPERTY_AXIOMS:
        found |= set(graph.subjects(relation)) | set(graph.objects(None, relation))
    return found | {link for _, links in _chains(graph) for link in links}


def _chains(graph: Graph) -> list[tuple[Node, list[Node]]]:
    return [(whole, list(graph.items(chain))) for whole, chain in graph.subject_objects(OWL.propertyChainAxiom)]


def _composite(graph: Graph) -> set[Node]:
    """Transitive properties, those with chains, and what lies above or inverse to one."""
    found = {*graph.subjects(RDF.type, OWL.TransitiveProperty), *graph.subjects(OWL.propertyChainAxiom)}
    while True:
        more = {above for each in found for above in graph.objects(each, RDFS.subPropertyOf)}
        more |= {other for each in found for other in graph.objects(each, OWL.inverseOf)}
        more |= {other for each in found for other in graph.subjects(OWL.inverseOf, each)}
        if more <= found:
            return found
        found |= more


def _simple_only(graph: Graph) -> set[Node]:
    found = {each for kind in OF_SIMPLE for each in graph.subjects(RDF.type, kind)}
    found |= set(graph.subjects(OWL.propertyDisjointWith)) | set(graph.objects(None, OWL.propertyDisjointWith))
    for axiom in graph.subjects(RDF.type, OWL.AllDisjointProperties):
        found |= {each for members in graph.objects(axiom, OWL.members) for each in graph.items(members)}
    for constructor in (OWL.maxCardinality, OWL.maxQualifiedCardinality):
        found |= {each for node in graph.subjects(constructor) for each in graph.objects(node, OWL.onProperty)}
    return found


def _order(graph: Graph) -> Iterator[str]:
    """Chains that no strict order of the properties admits: a property may be in its own chain at one end only."""
    same = {
        each: frozenset({each, *graph.objects(each, OWL.inverseOf), *graph.subjects(OWL.inverseOf, each)})
        for each in _in_axioms(graph)
    }
    below: defaultdict[frozenset[Node], set[frozenset[Node]]] = defaultdict(set)
    for lower, upper in graph.subject_objects(RDFS.subPropertyOf):
        below[same[upper]].add(same[lower])
    for whole, links in _chains(graph):
        if links == [whole, whole]:
            continue
        rest = links[1:] if links[0] == whole else links[:-1] if links[-1] == whole else links
        below[same[whole]] |= {same[link] for link in rest}
    try:
        TopologicalSorter(below).prepare()
    except CycleError as error:
        yield f"no strict order of {', '.join(sorted({_name(each) for group in error.args[1] for each in group}))}"


def _name(term: Node) -> str:
    return "an expression" if isinstance(term, BNode) else str(term).rpartition("/")[2].rpartition("#")[2]
