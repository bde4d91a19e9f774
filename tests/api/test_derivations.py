"""Why a row is in an answer and a triple in the graph: statements with their places, rules with their premises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store, serialize

from api.engine.results import Term
from api.reasoning.derivations import Fact, read_rules
from graph_builder.inference import derive
from graph_builder.inference import read_rules as rules_of
from graph_builder.labels import label_index
from graph_builder.project import CHECKOUT
from graph_builder.terms import in_graph
from graph_builder.vocabulary import read_vocabulary
from tests.api.conftest import serving
from tests.api.markup import find, links, read_html, text
from tests.api.sample import A0, A1, sample, write_release

BASE = "https://w3id.org/kip/"
Json = dict[str, Any]


def write_inferred(folder: Path) -> Path:
    """The sample with the ontology and all that follows, each triple in the graphs of its rules."""
    write_release(folder)
    graph = sample()
    graph.say("target:sf-2022", "rdf:type", "kip:Target")
    vocabulary = read_vocabulary(CHECKOUT.vocabulary_files(), graph.names, CHECKOUT.root).triples
    asserted = {quad.triple for quad in graph.quads} | set(vocabulary)
    rules = rules_of(CHECKOUT.rules, graph.names)
    quads = {in_graph(triple) for triple in asserted} | graph.quads
    for name, triples in derive(asserted, rules).items():
        for place in ("inferred", f"inferred/{name}"):
            quads |= {in_graph(triple, NamedNode(f"{BASE}graph/{place}")) for triple in triples}
        quads |= {in_graph(triple) for triple in triples}
    quads |= {in_graph(triple, NamedNode(f"{BASE}graph/vocab")) for triple in vocabulary}
    serialize(quads, folder / "dataset.nq", RdfFormat.N_QUADS)
    store = Store(folder / "store")
    store.clear()
    store.extend(quads)
    store.flush()
    labels = label_index([quad.triple for quad in quads if quad.graph_name == DefaultGraph()], graph.names)
    (folder / "labels.json").write_bytes(orjson.dumps(labels))
    (folder / "rules.json").write_bytes(orjson.dumps([asdict(rule) for rule in rules]))
    return folder


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_inferred(tmp_path_factory.mktemp("inferred"))


@pytest.fixture(scope="module")
def client(release: Path) -> Iterator[httpx.Client]:
    with serving(release, KIP_WORKERS="2") as opened:
        yield opened


def why(client: httpx.Client, subject: str, predicate: str, value: str) -> Json:
    answer = client.get("/api/why", params={"subject": subject, "predicate": predicate, "object": value})
    assert answer.status_code == 200, answer.text
    document: Json = answer.json()
    return document


def said(fact: Json) -> tuple[str, ...]:
    return tuple(str(fact[part].get("curie", fact[part]["value"])) for part in ("subject", "predicate", "object"))


def test_a_stated_fact_leads_to_its_statement_and_its_place(client: httpx.Client) -> None:
    fact = why(client, "measure:open-foundry", "kip:hasSector", "sector:foundry")
    assert (fact["origin"], fact["inferred"]) == ("stated", [])
    (statement,) = fact["stated"]
    assert statement["kind"] == "statement"
    assert said(statement) == ("measure:open-foundry", "kip:hasSector", "sector:foundry")
    assert [each["curie"] for each in statement["claim"]] == ["claim:plan"]
    (entry,) = statement["evidence"]
    assert (entry["source"]["curie"], entry["start"], entry["end"]) == (A0, 100, 104)
    assert (entry["spanHash"], entry["date"]) == ("ab" * 32, "2020-05-07")


def test_a_part_of_a_node_leads_to_the_evidence_of_the_node(client: httpx.Client) -> None:
    fact = why(client, "target:sf-2022", "kip:deadline", "2022-12-31")
    (node,) = fact["stated"]
    assert (node["kind"], node["subject"], node["node"]["curie"]) == ("node", None, "target:sf-2022")
    assert node["evidence"]


def test_an_inferred_fact_leads_through_rules_to_what_is_stated(client: httpx.Client) -> None:
    fact = why(client, "org:motie-2013", "kip:involvedIn", "program:industrial-dx")
    assert (fact["origin"], fact["stated"], fact["truncated"]) == ("inferred", [], False)
    (way,) = fact["inferred"]
    assert way["rule"] == "12-inverse"
    assert (way["meaning"]["ko"][:4], way["meaning"]["en"][:10]) == ("역속성은", "An inverse")
    premises = {said(each): each for each in way["premises"]}
    axiom = premises[("kip:involvesOrganization", "http://www.w3.org/2002/07/owl#inverseOf", "kip:involvedIn")]
    assert axiom["origin"] == "vocabulary"
    step = premises[("program:industrial-dx", "kip:involvesOrganization", "org:motie-2013")]
    ground = [each for each in step["inferred"][0]["premises"] if each["origin"] == "stated"]
    assert [said(each) for each in ground] == [("program:industrial-dx", "kip:leadMinistry", "org:motie-2013")]
    assert ground[0]["stated"][0]["evidence"]


def test_a_rule_of_the_domain_shows_the_values_that_it_compared(client: httpx.Client) -> None:
    fact = why(client, "target:sf-2022", "kip:revisionType", "revision-type:accelerated")
    (way,) = fact["inferred"]
    assert way["rule"] == "30-revision-type"
    found = {said(each)[:2] for each in way["premises"]}
    assert {("target:sf-2022", "kip:deadline"), ("target:sf-2025", "kip:deadline")} <= found
    assert all(each["origin"] in ("stated", "vocabulary") for each in way["premises"])


def _facts(fact: Json) -> Iterator[Json]:
    yield fact
    for way in fact["inferred"]:
        for premise in way["premises"]:
            yield from _facts(premise)


@pytest.mark.parametrize("predicate", ["kip:coversSector", "kip:involvedIn", "kip:hasPart", "rdf:type"])
def test_every_proof_ends_in_what_is_not_inferred(client: httpx.Client, predicate: str) -> None:
    query = f"SELECT ?s ?o {{ GRAPH graph:inferred {{ ?s {predicate} ?o }} }} ORDER BY ?s ?o LIMIT 8"
    rows = client.get("/sparql", params={"query": query, "format": "json"}).json()["results"]["bindings"]
    assert rows
    for row in rows:
        proof = why(client, row["s"]["value"], predicate, row["o"]["value"])
        leaves = [each for each in _facts(proof) if not each["inferred"] and not each["again"]]
        assert {each["origin"] for each in leaves} <= {"stated", "vocabulary", "register"}
        assert not [
            each for each in _facts(proof) if each["inferred"] and not all(w["premises"] for w in each["inferred"])
        ]


def test_a_fact_is_never_a_premise_of_itself(client: httpx.Client) -> None:
    proof = why(client, "org:motie-2013", "kip:involvedIn", "program:industrial-dx")
    inferred = [said(each) for each in _facts(proof) if each["inferred"]]
    assert len(inferred) == len(set(inferred))


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"subject": "program:industrial-dx", "predicate": "kip:hasSector", "object": "sector:foundry"}, 404),
        ({"subject": "program:nothing-like-it", "predicate": "kip:hasSector", "object": "x"}, 404),
        ({"subject": "산업 디지털 전한", "predicate": "kip:hasSector", "object": "x"}, 422),
        ({"predicate": "kip:hasSector", "object": "x"}, 422),
        ({"subject": "program:industrial-dx> ?p ?o", "predicate": "kip:hasSector", "object": "x"}, 422),
        ({"subject": "program:industrial-dx", "predicate": "kip:hasSector", "object": '" } #'}, 404),
    ],
)
def test_what_is_not_in_the_graph_is_said_to_be_missing(client: httpx.Client, asked: Json, status: int) -> None:
    answer = client.get("/api/why", params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def row_of(client: httpx.Client, query: str, **asked: str) -> tuple[Json, Json]:
    """The first row of an answer, and why it is there."""
    document = client.get(f"/api/queries/{query}", params=asked).json()
    answer = client.get(f"/api/queries/{query}/why", params={**asked, "row": document["keys"][0]})
    assert answer.status_code == 200, answer.text
    return document, answer.json()


def test_a_row_leads_to_the_statements_and_spans_that_made_it(client: httpx.Client) -> None:
    document, reason = row_of(client, "involvement-of-organisation", organisation="신한은행")
    assert reason["row"] == document["rows"][0]
    assert (reason["key"], reason["parameters"]) == (document["keys"][0], document["parameters"])
    (node,) = reason["statements"]
    assert node["node"]["value"] == f"{BASE}id/commitment/dx-loan"
    entry = node["evidence"][0]
    assert (entry["source"]["curie"], entry["end"], entry["outlet"]["ko"]) == (A1, 950, "전자신문")


def test_every_row_of_every_example_has_a_reason(client: httpx.Client) -> None:
    listed = client.get("/api/queries").json()["queries"]
    seen = 0
    for query in listed:
        document = client.get(query["href"], params=query["example"])
        if document.status_code != 200 or not document.json()["rows"]:
            continue
        key = document.json()["keys"][-1]
        reason = client.get(f"{query['href']}/why", params={**query["example"], "row": key})
        assert reason.status_code == 200, (query["id"], reason.text)
        assert reason.json()["statements"], query["id"]
        seen += 1
    assert seen >= 10


def test_an_inferred_fact_that_a_query_asks_for_is_told_with_its_row(client: httpx.Client) -> None:
    document, _ = row_of(client, "targets-of-programme", programme="program:smart-factory-rollout")
    asked = {"programme": "program:smart-factory-rollout", "row": document["keys"][1]}
    reason = client.get("/api/queries/targets-of-programme/why", params=asked).json()
    rules = {way["rule"] for fact in reason["inferred"] for way in fact["inferred"]}
    assert "30-revision-type" in rules


@pytest.mark.parametrize("asked", [{}, {"row": ""}])
def test_a_row_that_is_not_named_is_422(client: httpx.Client, asked: dict[str, str]) -> None:
    answer = client.get("/api/queries/source-issues/why", params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [each["parameter"] for each in answer.json()["faults"]] == ["row"]


@pytest.mark.parametrize("key", ["0" * 16, "x' OR '1"])
def test_an_unknown_row_is_404(client: httpx.Client, key: str) -> None:
    answer = client.get("/api/queries/source-issues/why", params={"row": key})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_pages_say_why_in_both_languages(client: httpx.Client, language: str) -> None:
    document = client.get("/api/queries/source-issues").json()
    page = client.get("/query/source-issues/why", params={"row": document["keys"][0], "lang": language})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    root = read_html(page.text)
    assert root.get("lang") == language
    assert find(root, "ul", cls="evidence")
    assert any(link.startswith("/query/source-issues") for link in links(root).values())
    asked = {"subject": "org:motie-2013", "predicate": "kip:involvedIn", "object": "program:industrial-dx"}
    fact = read_html(client.get("/why", params={**asked, "lang": language}).text)
    meaning = {"ko": "역속성은 같은 사실을", "en": "An inverse says the same"}[language]
    assert f"12-inverse: {meaning}" in text(fact)
    assert find(fact, "li", data_origin="stated")
    explained = read_html(
        client.get("/explain", params={"query": 'ASK { ?s rdfs:label "반도체" }', "lang": language}).text
    )
    assert '"반도체"@ko' in text(explained)
    assert find(explained, "tr", cls="emptied")


def test_a_rule_fits_only_what_its_template_says(release: Path) -> None:
    rules = {rule.name: rule for rule in read_rules(release)}
    assert len(rules) >= 8
    known = {"kip": f"{BASE}def/", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}
    person, kind = Term("iri", "urn:p"), Term("iri", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    fits = Fact(person, kind, Term("iri", f"{BASE}def/Official"))
    assert rules["20-official"].bindings(fits, known) == {"person": person}
    assert rules["20-official"].bindings(Fact(person, kind, Term("iri", "urn:other")), known) is None


def test_a_meaning_of_an_older_release_is_english(tmp_path: Path) -> None:
    rule = {"name": "10-copy", "meaning": "It is copied.", "query": "CONSTRUCT { ?a ?p ?b } WHERE { ?a ?p ?b }"}
    (tmp_path / "rules.json").write_bytes(orjson.dumps([rule]))
    assert [each.meaning for each in read_rules(tmp_path)] == [{"en": "It is copied."}]


def test_a_release_without_rules_still_says_what_is_stated(tmp_path: Path) -> None:
    assert read_rules(tmp_path) == ()
