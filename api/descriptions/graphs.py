"""The named graphs of a release: what each holds, how much, and where it comes from.

VoID (https://www.w3.org/TR/void/) and SPARQL service description
(https://www.w3.org/TR/sparql11-service-description/#sd-Graph).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from api.descriptions.neighbourhood import Name
from api.engine.prologue import PREFIXED, ordered
from api.links import Links
from api.releases import Release
from api.transport.formats import Format
from graph_builder.prefixes import PrefixMap

__all__ = ["NamedGraph", "content_of", "described", "graphs_of", "in_graph", "named_graph"]

_ARTICLE, _RULE = "article/", "inferred/"
_HOLDS: Mapping[str, tuple[Name, Name]] = {
    "vocab": (Name("어휘", "Vocabulary"), Name("온톨로지와 분류 체계", "The ontology and the concept schemes")),
    "meta": (
        Name("데이터셋", "Data set"),
        Name("데이터셋의 제목, 발행처, 이용 조건, 범위", "Title, publisher, licence and coverage of the data set"),
    ),
    "context": (
        Name("기사 밖 출처", "Sources outside the articles"),
        Name(
            "어느 기사에도 없고 기사 밖 출처에만 있는 것", "What no article states, only sources outside the articles"
        ),
    ),
    "queries": (
        Name("준비된 질문", "Ready-made questions"),
        Name("질문마다 제목, 조건과 SPARQL", "The title, the parameters and the SPARQL of each question"),
    ),
    "inferred": (
        Name("추론", "Inferred"),
        Name("규칙에 따라 추론한 모든 것", "Everything that follows by the rules and is not stated"),
    ),
}
_READ = Name("이 기사에서 읽은 것", "What was read from this article")
_DCT = "http://purl.org/dc/terms/"
_VOID = "http://rdfs.org/ns/void#"
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
_KINDS = ("http://www.w3.org/ns/sparql-service-description#Graph", f"{_VOID}Dataset")
_DERIVED = NamedNode("http://www.w3.org/ns/prov#wasDerivedFrom")


@dataclass(frozen=True, slots=True)
class NamedGraph:
    """A named graph: its IRI, the number of its triples, its name and what it holds.

    `article` is the IRI of the article that it was read from, `rule` the name of the rule that it follows by; each is
    "" where there is none.
    """

    iri: str
    triples: int
    name: Name
    holds: Name
    article: str = ""
    rule: str = ""


def graphs_of(release: Release) -> Mapping[str, int]:
    """The named graphs of a release with the numbers of their triples; the manifest has the default graph as ""."""
    return {iri: int(triples) for iri, triples in dict(release.manifest.get("graphs") or {}).items() if iri}


def named_graph(
    iri: str, triples: int, links: Links, names: Mapping[str, Name], rules: Mapping[str, Name]
) -> NamedGraph:
    """The graph with what is known of it: `names` are those of things by IRI, `rules` what each rule means."""
    name = links.tail(iri).removeprefix("graph/")
    if name.startswith(_ARTICLE):
        article = links.iri(f"id/{name}")
        return NamedGraph(iri, triples, names.get(article) or Name(name, name), _READ, article)
    if name.startswith(_RULE):
        rule = name.removeprefix(_RULE)
        inferred = _HOLDS["inferred"][0]
        title = Name(f"{inferred.ko}: {rule}", f"{inferred.en}: {rule}")
        return NamedGraph(iri, triples, title, rules.get(rule, Name()), rule=rule)
    title, holds = _HOLDS.get(name, (Name(name, name), Name()))
    return NamedGraph(iri, triples, title, holds)


def content_of(links: Links, iri: str) -> str:
    """The IRI of the document that holds the triples of a graph.

    >>> content_of(Links("https://w3id.org/kip/"), "https://w3id.org/kip/graph/meta")
    'https://w3id.org/kip/data/graph/meta'
    """
    return links.iri(f"data/{links.tail(iri)}")


def described(graph: NamedGraph, links: Links, formats: Iterable[Format]) -> Iterator[Triple]:
    """The graph as data, with the documents that hold its triples."""
    node = NamedNode(graph.iri)
    yield from (Triple(node, _TYPE, NamedNode(kind)) for kind in _KINDS)
    for predicate, text in (("title", graph.name), ("description", graph.holds)):
        for language in ("ko", "en"):
            if said := getattr(text, language):
                yield Triple(node, NamedNode(_DCT + predicate), Literal(said, language=language))
    yield Triple(node, NamedNode(f"{_VOID}triples"), Literal(str(graph.triples), datatype=_INTEGER))
    yield Triple(node, NamedNode(f"{_DCT}isPartOf"), NamedNode(links.iri("dataset")))
    if graph.article:
        yield Triple(node, _DERIVED, NamedNode(graph.article))
    if graph.rule:
        yield Triple(node, NamedNode(f"{_DCT}isPartOf"), NamedNode(links.iri("graph/inferred")))
    documents = {NamedNode(f"{content_of(links, graph.iri)}.{row.suffix}"): row.media_type for row in formats}
    yield from (Triple(node, NamedNode(f"{_DCT}hasFormat"), each) for each in documents)
    for document, media_type in documents.items():
        yield Triple(document, NamedNode(f"{_DCT}format"), Literal(media_type))


def in_graph(body: bytes, iri: str, row: Format, names: PrefixMap) -> bytes:
    """N-Triples as quads of a graph, in a format that has named graphs."""
    graph, triples = NamedNode(iri), (quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES))
    quads = (Quad(each.subject, each.predicate, each.object, graph) for each in triples)
    written = serialize(quads, format=RdfFormat.from_extension(row.suffix), prefixes=dict(names.prefixes)) or b""
    return ordered(written, sparing=True) if row.engine in PREFIXED else written
