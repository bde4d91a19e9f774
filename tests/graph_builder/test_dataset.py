"""The description of a release: parsed as the Turtle that it is, and held against the graph and the files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse

from graph_builder.pipeline import build
from graph_builder.prefixes import PrefixMap
from graph_builder.serialization import DUMPS
from graph_builder.terms import TYPE
from tests.graph_builder.conftest import REGISTER, SmallProject

MATCHES = """facts:
- about: org:gana
  skos:exactMatch: {is: wd:Q483855, from: source:other}
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory, prefixes: PrefixMap) -> Path:
    small = SmallProject(tmp_path_factory.mktemp("project"))
    small.write("entities/things.yaml", REGISTER)
    small.write("context/matches.yaml", MATCHES)
    small.article()
    return build(small.project, prefixes)


@pytest.fixture(scope="module")
def described(release: Path) -> Store:
    store = Store()
    store.load(path=str(release / "dataset.ttl"), format=RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def quads(release: Path) -> list[Quad]:
    """The default graph of the release, term for term."""
    return [quad for quad in parse(path=str(release / "dataset.nq")) if quad.graph_name == DefaultGraph()]


@pytest.fixture(scope="module")
def graph(quads: list[Quad]) -> Store:
    """The default graph of the release, to be asked."""
    store = Store()
    store.extend(quads)
    return store


def rows(store: Store, query: str, prefixes: PrefixMap) -> list[tuple[str, ...]]:
    found = store.query(query, prefixes={"dataset": f"{prefixes.base}dataset#", **prefixes.prefixes})
    assert isinstance(found, QuerySolutions)
    return [tuple(term.value if term else "" for term in row) for row in found]


def test_the_totals_are_those_of_the_default_graph(
    described: Store, graph: Store, quads: list[Quad], prefixes: PrefixMap
) -> None:
    found = rows(
        described,
        f"""SELECT ?triples ?classes ?properties ?subjects ?objects ?space {{
          <{prefixes.base}dataset> a void:Dataset, dcat:Dataset ; void:triples ?triples ; void:classes ?classes ;
            void:properties ?properties ; void:distinctSubjects ?subjects ; void:distinctObjects ?objects ;
            void:uriSpace ?space }}""",
        prefixes,
    )
    # the engine takes numbers of different datatypes for one term, so the terms are counted here
    classes = {quad.object for quad in quads if quad.predicate == TYPE}
    parts = (quads, classes, *({quad[at] for quad in quads} for at in (1, 0, 2)))
    assert found == [(*(str(len(part)) for part in parts), prefixes.base)]
    entities = rows(
        graph,
        f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), '{prefixes.base}')) }}",
        prefixes,
    )
    assert rows(described, f"SELECT ?n {{ <{prefixes.base}dataset> void:entities ?n }}", prefixes) == entities


def test_each_class_and_property_has_its_counts(described: Store, graph: Store, prefixes: PrefixMap) -> None:
    classes = rows(described, "SELECT ?c ?n { ?d void:classPartition [ void:class ?c ; void:entities ?n ] }", prefixes)
    counted = rows(graph, "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c FILTER(isIRI(?c)) } GROUP BY ?c", prefixes)
    assert len(classes) > 30 and sorted(classes) == sorted(counted)
    properties = rows(
        described,
        """SELECT ?p ?n ?s ?o { ?d void:propertyPartition
          [ void:property ?p ; void:triples ?n ; void:distinctSubjects ?s ; void:distinctObjects ?o ] }""",
        prefixes,
    )
    counted = rows(
        graph,
        """SELECT ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?ss) (COUNT(DISTINCT ?o) AS ?os)
          { ?s ?p ?o } GROUP BY ?p""",
        prefixes,
    )
    assert len(properties) > 50 and sorted(properties) == sorted(counted)


def test_the_vocabularies_and_examples_are_in_the_graph(described: Store, graph: Store, prefixes: PrefixMap) -> None:
    vocabularies = {row[0] for row in rows(described, "SELECT ?v { ?d void:vocabulary ?v }", prefixes)}
    assert {prefixes.expand("kip:"), prefixes.expand("skos:"), prefixes.expand("prov:")} <= vocabularies
    assert vocabularies <= set(prefixes.prefixes.values())
    examples = {row[0] for row in rows(described, "SELECT ?e { ?d void:exampleResource ?e }", prefixes)}
    assert {prefixes.expand(curie) for curie in ("article:small", "program:factories", "org:gana")} <= examples
    assert all(next(graph.quads_for_pattern(NamedNode(each), TYPE, None), None) for each in examples)


def test_the_links_are_counted_by_target_and_property(described: Store, graph: Store, prefixes: PrefixMap) -> None:
    found = rows(
        described,
        """SELECT ?space ?p ?n { ?d void:subset ?l . ?l a void:Linkset ; void:linkPredicate ?p ; void:triples ?n ;
          void:subjectsTarget ?d ; void:objectsTarget/void:uriSpace ?space }""",
        prefixes,
    )
    assert (prefixes.expand("wd:"), prefixes.expand("skos:exactMatch"), "1") in found
    ksic = prefixes.expand("ksic:")
    counted = rows(
        graph,
        f"""SELECT ?p (COUNT(*) AS ?n) {{ ?s ?p ?o
          FILTER(STRSTARTS(STR(?o), "{ksic}") && !STRSTARTS(STR(?s), "{ksic}") && CONTAINS(STR(?p), "Match")) }}
          GROUP BY ?p""",
        prefixes,
    )
    assert counted and sorted((ksic, *row) for row in counted) == sorted(row for row in found if row[0] == ksic)


def test_each_dump_has_its_size_hash_and_type(described: Store, release: Path, prefixes: PrefixMap) -> None:
    found = rows(
        described,
        """SELECT ?url ?type ?size ?hash ?compressed { ?d dcat:distribution ?f ; dct:license ?licence ;
            void:dataDump ?url .
          ?f a dcat:Distribution ; dcat:downloadURL ?url ; dcat:mediaType ?type ; dcat:byteSize ?size ;
            dct:license ?licence ; spdx:checksum ?sum .
          ?sum spdx:algorithm spdx:checksumAlgorithm_sha256 ; spdx:checksumValue ?hash
          OPTIONAL { ?f dcat:compressFormat ?compressed } }""",
        prefixes,
    )
    by_name = {Path(url).name: rest for url, *rest in found}
    assert set(by_name) == {"dataset.nq", *DUMPS}
    for url, *_ in found:
        assert url.startswith(f"{prefixes.base}dumps/{release.name}/")
    for name, (_, size, sha256, compressed) in by_name.items():
        data = (release / name).read_bytes()
        assert (int(size), sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert compressed.endswith("/application/gzip") == name.endswith(".gz")
    assert by_name["kip.rdf.gz"][0].endswith("/media-types/application/rdf+xml")
    assert by_name["dataset.nq"][0].endswith("/media-types/application/n-quads")


def test_the_build_names_its_texts_and_the_outcome(described: Store, release: Path, prefixes: PrefixMap) -> None:
    manifest = json.loads((release / "manifest.json").read_text("utf-8"))
    found = rows(
        described,
        """SELECT ?version ?hash ?conforms { ?d dcat:version ?version ; prov:wasGeneratedBy ?build .
          ?build a prov:Activity ; prov:used/kip:sha256 ?hash ; prov:generated ?report .
          ?report a sh:ValidationReport ; sh:conforms ?conforms }""",
        prefixes,
    )
    assert found == [(release.name, manifest["sources"][0]["sha256"], "true")]


def test_the_service_and_what_the_curators_say_stand_in_it(described: Store, prefixes: PrefixMap) -> None:
    found = rows(
        described,
        """SELECT ?endpoint ?start ?end (COUNT(DISTINCT ?title) AS ?titles) {
          ?service a dcat:DataService ; dcat:servesDataset ?d ; dcat:endpointURL ?endpoint .
          ?d dct:title ?title ; void:sparqlEndpoint ?endpoint ;
            dct:temporal [ dcat:startDate ?start ; dcat:endDate ?end ]
        } GROUP BY ?endpoint ?start ?end""",
        prefixes,
    )
    assert found == [(f"{prefixes.base}sparql", "2017", "2026", "2")]


def test_every_node_has_a_name_and_every_line_stands_once(described: Store, release: Path) -> None:
    assert not [q for q in described if isinstance(q.subject, BlankNode) or isinstance(q.object, BlankNode)]
    assert len(list(parse(path=str(release / "dataset.ttl")))) == len(described)
    assert "dataset.ttl" in json.loads((release / "manifest.json").read_text("utf-8"))["files"]


def test_another_base_gives_other_addresses(small: SmallProject) -> None:
    from graph_builder.prefixes import prefix_map

    release = build(small.project, prefix_map("http://example.org/kip/"))
    text = (release / "dataset.ttl").read_text("utf-8")
    assert f"<http://example.org/kip/dumps/{release.name}/kip.ttl>" in text and "w3id.org/kip" not in text


def test_formats_and_standards_are_named(described: Store, prefixes: PrefixMap) -> None:
    features = {row[0] for row in rows(described, "SELECT ?f { ?d a dcat:Dataset ; void:feature ?f }", prefixes)}
    assert {f"http://www.w3.org/ns/formats/{name}" for name in ("Turtle", "JSON-LD", "RDF_XML")} <= features
    found = rows(described, "SELECT ?t ?s { ?f a dcat:Distribution ; dct:title ?t ; dct:conformsTo ?s }", prefixes)
    standards = {row[0]: row[1] for row in found}
    assert standards["kip.turtle12.gz"] == "https://www.w3.org/TR/rdf12-turtle/"
