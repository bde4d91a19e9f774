"""What the endpoint says of itself (SPARQL 1.1 Service Description, https://www.w3.org/TR/sparql11-service-description/)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from api.engine.prologue import ordered
from api.transport.formats import FORMATS, Format

__all__ = ["service_description"]

_SD = "http://www.w3.org/ns/sparql-service-description#"
_VOID = "http://rdfs.org/ns/void#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
_TYPE = NamedNode(f"{_RDF}type")
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_DCT = "http://purl.org/dc/terms/"
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
# What follows from the data was put into the graph by the build; the engine adds nothing.
_SIMPLE = "http://www.w3.org/ns/entailment/Simple"
_PREFIXES = {
    "sd": _SD,
    "void": _VOID,
    "rdf": _RDF,
    "rdfs": _RDFS,
    "dct": _DCT,
    "formats": "http://www.w3.org/ns/formats/",
}


def service_description(endpoint: str, manifest: Mapping[str, Any], fmt: Format) -> bytes:
    """The description of the endpoint at an IRI, over the dataset that a release's manifest counts."""
    body = serialize(_triples(NamedNode(endpoint), manifest), format=getattr(RdfFormat, fmt.engine), prefixes=_PREFIXES)
    assert body is not None, "there is a result where there is no output"
    return ordered(body, sparing=False)


def _triples(endpoint: NamedNode, manifest: Mapping[str, Any]) -> Iterator[Triple]:
    service, dataset, graph = BlankNode("service"), BlankNode("dataset"), BlankNode("default")
    yield Triple(service, _TYPE, _sd("Service"))
    yield Triple(service, _sd("endpoint"), endpoint)
    yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    yield Triple(service, _sd("defaultEntailmentRegime"), NamedNode(_SIMPLE))
    yield Triple(service, NamedNode(f"{_DCT}license"), NamedNode(_LICENCE))
    for language, title in (("ko", "SPARQL 1.1 접점"), ("en", "SPARQL 1.1 endpoint")):
        yield Triple(service, NamedNode(f"{_DCT}title"), Literal(title, language=language))
    for row in FORMATS:
        yield Triple(service, _sd("resultFormat"), NamedNode(row.iri))
    yield Triple(service, _sd("defaultDataset"), dataset)
    yield Triple(dataset, _TYPE, _sd("Dataset"))
    yield Triple(dataset, _sd("defaultGraph"), graph)
    if "base" in manifest:  # partitions by class and property, examples and files stand there
        yield Triple(dataset, NamedNode(f"{_RDFS}seeAlso"), NamedNode(f"{manifest['base']}dataset"))
    yield Triple(graph, _TYPE, _sd("Graph"))
    if "triples" in manifest:
        yield Triple(graph, NamedNode(f"{_VOID}triples"), Literal(str(manifest["triples"]), datatype=_INTEGER))
    # The manifest counts the default graph too, under the empty name.
    graphs = {iri: triples for iri, triples in dict(manifest.get("graphs") or {}).items() if iri}
    for number, (iri, triples) in enumerate(sorted(graphs.items())):
        named, content = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        yield Triple(dataset, _sd("namedGraph"), named)
        yield Triple(named, _TYPE, _sd("NamedGraph"))
        yield Triple(named, _sd("name"), NamedNode(iri))
        yield Triple(named, _sd("graph"), content)
        yield Triple(content, NamedNode(f"{_VOID}triples"), Literal(str(triples), datatype=_INTEGER))


def _sd(name: str) -> NamedNode:
    return NamedNode(_SD + name)
