"""The namespaces that the code itself writes, and quads made of triples."""

from __future__ import annotations

from pyoxigraph import DefaultGraph, NamedNode, Quad, Triple

__all__ = ["ALT_LABEL", "DEFAULT", "LABEL", "OA", "OWL", "RDF", "RDFS", "SCHEMA", "SKOS", "TYPE", "XSD", "in_graph"]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
OA = "http://www.w3.org/ns/oa#"
SCHEMA = "https://schema.org/"

TYPE = NamedNode(RDF + "type")
LABEL = NamedNode(RDFS + "label")
ALT_LABEL = NamedNode(SKOS + "altLabel")
DEFAULT = DefaultGraph()


def in_graph(triple: Triple, graph: NamedNode | DefaultGraph = DEFAULT) -> Quad:
    """The quad of a triple in a graph."""
    return Quad(triple.subject, triple.predicate, triple.object, graph)
