"""Nanopublications and RDF 1.2: each file read as what it is, and held against the graph that it was made of."""

from __future__ import annotations

import gzip
from collections import defaultdict

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from graph_builder.nanopublications import nanopublications
from graph_builder.prefixes import PrefixMap
from graph_builder.project import CHECKOUT
from graph_builder.serialization import REIFIED, dump, reified

NP = "http://www.nanopub.org/nschema#"
GRAPH = """
statement:1 a kip:Statement ; rdf:subject target:t ; rdf:predicate kip:value ; rdf:object value:v ;
  kip:evidence evidence:e ; kip:claimType claim:plan ; kip:curationStatus curation:curated .
statement:2 a kip:Statement ; rdf:subject program:p ; rdf:predicate rdfs:label ; rdf:object "이름"@ko ;
  kip:evidence evidence:e .
statement:broken a kip:Statement ; rdf:subject program:p ; rdf:predicate rdfs:label .
target:t kip:value value:v .
program:p rdfs:label "이름"@ko .
value:v kip:statedText "3만개"@ko ; kip:numericValue 30000 .
evidence:e a kip:Evidence ; oa:hasSource snapshot:s ; oa:hasSelector selector:x .
selector:x oa:start 1 ; oa:end 4 .
snapshot:s kip:snapshotOf article:a ; kip:sha256 "ab" .
<https://w3id.org/kip/dataset> a dcat:Dataset ; dct:issued "2026-11-22"^^xsd:date ;
  dct:license <https://creativecommons.org/licenses/by/4.0/> ; dct:publisher <https://w3id.org/kip/dataset#authors> .
"""


@pytest.fixture(scope="module")
def triples(prefixes: PrefixMap) -> list[Triple]:
    header = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in prefixes.prefixes.items())
    return [quad.triple for quad in parse(header + GRAPH, format=RdfFormat.TURTLE)]


@pytest.fixture(scope="module")
def packed(triples: list[Triple], prefixes: PrefixMap) -> bytes:
    return nanopublications(CHECKOUT.nanopublication, triples, "2026-11-22-abc", prefixes)


@pytest.fixture(scope="module")
def graphs(packed: bytes) -> dict[str, set[Triple]]:
    found: defaultdict[str, set[Triple]] = defaultdict(set)
    for quad in parse(gzip.decompress(packed), format=RdfFormat.TRIG):
        assert isinstance(quad.graph_name, NamedNode), "nothing stands outside the four graphs"
        found[quad.graph_name.value].add(quad.triple)
    return dict(found)


def node(prefixes: PrefixMap, curie: str) -> NamedNode:
    return NamedNode(prefixes.expand(curie))


def test_each_statement_is_one_of_four_graphs(graphs: dict[str, set[Triple]], prefixes: PrefixMap) -> None:
    for key in ("1", "2"):
        this = f"{prefixes.base}np/2026-11-22-abc/{key}"
        parts = {name for name in graphs if name.startswith(f"{this}#")}
        assert parts == {f"{this}#{name}" for name in ("Head", "assertion", "provenance", "pubinfo")}
        head = {(each.subject, each.predicate.value, each.object) for each in graphs[f"{this}#Head"]}
        assert (NamedNode(this), NP + "hasAssertion", NamedNode(f"{this}#assertion")) in head
        assert (NamedNode(this), NP + "hasProvenance", NamedNode(f"{this}#provenance")) in head
        assert (NamedNode(this), NP + "hasPublicationInfo", NamedNode(f"{this}#pubinfo")) in head
        assert len(head) == 4
        assert any(each.subject == NamedNode(f"{this}#assertion") for each in graphs[f"{this}#provenance"])
        assert {each.subject for each in graphs[f"{this}#pubinfo"]} == {NamedNode(this)}


def test_the_assertion_is_the_fact_and_the_provenance_its_place(
    graphs: dict[str, set[Triple]], prefixes: PrefixMap
) -> None:
    this = f"{prefixes.base}np/2026-11-22-abc/"
    fact = Triple(node(prefixes, "target:t"), node(prefixes, "kip:value"), node(prefixes, "value:v"))
    assert fact in graphs[f"{this}1#assertion"]
    assert {each.subject for each in graphs[f"{this}1#assertion"]} == {fact.subject, fact.object}
    label = Triple(node(prefixes, "program:p"), node(prefixes, "rdfs:label"), Literal("이름", language="ko"))
    assert graphs[f"{this}2#assertion"] == {label}
    said = {prefixes.shrink(each.predicate.value) for each in graphs[f"{this}1#provenance"]}
    assert {"kip:evidence", "kip:claimType", "oa:hasSelector", "oa:start", "oa:end", "kip:sha256"} <= said
    assert not said & {"rdf:subject", "kip:curationStatus"}
    info = {prefixes.shrink(each.predicate.value) for each in graphs[f"{this}1#pubinfo"]}
    assert info == {"dct:created", "dct:creator", "dct:license", "dct:isPartOf", "dct:source", "dcat:version"}


def test_what_is_no_whole_statement_is_published_without_a_fact(graphs: dict[str, set[Triple]]) -> None:
    assert not any("/broken#assertion" in name for name in graphs)


def test_the_same_graph_gives_the_same_bytes(packed: bytes, triples: list[Triple], prefixes: PrefixMap) -> None:
    again = nanopublications(CHECKOUT.nanopublication, reversed(triples), "2026-11-22-abc", prefixes)
    assert again == packed


def test_rdf_1_2_says_the_same_with_reifiers(triples: list[Triple], prefixes: PrefixMap) -> None:
    packed = gzip.decompress(dump(REIFIED, triples, prefixes))
    found = {quad.triple for quad in parse(packed, format=RdfFormat.TURTLE)}
    reifies = node(prefixes, "rdf:reifies")
    fact = Triple(node(prefixes, "target:t"), node(prefixes, "kip:value"), node(prefixes, "value:v"))
    assert Triple(node(prefixes, "statement:1"), reifies, fact) in found
    assert fact in found, "asserted as well"
    assert Triple(node(prefixes, "statement:1"), node(prefixes, "kip:claimType"), node(prefixes, "claim:plan")) in found
    parts = [node(prefixes, f"rdf:{name}") for name in ("subject", "predicate", "object")]
    assert {each.subject for each in found if each.predicate in parts} == {node(prefixes, "statement:broken")}
    assert set(unreified(found, parts, reifies)) == set(triples)


def unreified(triples: set[Triple], parts: list[NamedNode], reifies: NamedNode) -> list[Triple]:
    kept = [each for each in triples if each.predicate != reifies]
    terms = [(each.subject, each.object) for each in triples if each.predicate == reifies]
    for subject, term in terms:
        assert isinstance(term, Triple)
        kept += [Triple(subject, part, value) for part, value in zip(parts, term, strict=True)]
    return kept


def test_a_node_with_two_objects_is_no_reifier(prefixes: PrefixMap) -> None:
    subject, value = node(prefixes, "statement:1"), node(prefixes, "org:a")
    parts = [node(prefixes, f"rdf:{name}") for name in ("subject", "predicate", "object")]
    twice = [*(Triple(subject, part, value) for part in parts), Triple(subject, parts[2], node(prefixes, "org:b"))]
    assert list(reified(twice)) == twice
