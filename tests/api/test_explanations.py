"""Which pattern emptied a query: taken apart as it is written, asked for piece by piece in the workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.reasoning.explanations import MOST_BYTES
from api.reasoning.patterns import Unreadable, read_where
from graph_builder.project import CHECKOUT
from tests.api.conftest import CROSS_PRODUCT, serving
from tests.api.sample import write_release

Json = dict[str, Any]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(write_release(tmp_path_factory.mktemp("sample")), KIP_WORKERS="2") as opened:
        yield opened


def explain(client: httpx.Client, query: str) -> Json:
    answer = client.get("/api/explain", params={"query": query})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    document: Json = answer.json()
    return document


def emptied(document: Json) -> str:
    assert document["empty"] is True
    return str(document["patterns"][document["emptied"]]["text"])


READ = [
    ("SELECT * { ?s a ?c ; ?p 1.5 , 'x'@en . }", ["?s a ?c .", "?s ?p 1.5 .", "?s ?p 'x'@en ."]),
    ("ASK { ?s kip:a/^kip:b|(kip:c)+ -1e3 . ?s !kip:d true }", ["?s kip:a/^kip:b|(kip:c)+ -1e3 .", "?s !kip:d true ."]),
    ("SELECT * { ?s kip:x 'a'^^xsd:date ; kip:y [ a ?c ] }", ["?s kip:x 'a'^^xsd:date .", "?s kip:y [ a ?c ] ."]),
    ("SELECT * { FILTER NOT EXISTS { ?s ?p ?o } VALUES (?a ?b) { (1 2) } BIND(1 AS ?x) }", None),
    ("SELECT * { { ?s ?p ?o } UNION { ?o ?p ?s } OPTIONAL { ?s ?q ?r } GRAPH ?g { ?s ?p ?o } }", None),
]


@pytest.mark.parametrize(("query", "texts"), READ)
def test_a_where_clause_is_taken_apart_as_it_is_written(query: str, texts: list[str] | None) -> None:
    elements = read_where(query).elements
    if texts is None:
        assert all(element.text in query for element in elements)
        assert [element.start for element in elements] == [query.index(element.text) for element in elements]
    else:
        assert [element.text for element in elements] == texts


def test_every_query_and_rule_of_the_project_can_be_taken_apart() -> None:
    paths = [*CHECKOUT.queries.rglob("*.rq"), *CHECKOUT.rules.glob("*.rq")]
    assert len(paths) > 30
    assert all(read_where(path.read_text("utf-8")).elements for path in paths)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "SELECT",
        "SELECT * {",
        "SELECT * { ?s ?p }",
        "SELECT * { ?s",
        "PREFIX",
        "ASK { FILTER",
        "ASK { GRAPH",
        "ASK { ( ",
    ],
)
def test_what_is_no_query_is_told_and_read_to_its_end(query: str) -> None:
    with pytest.raises(Unreadable):
        read_where(query)


def test_the_first_pattern_with_which_nothing_is_left_is_named(client: httpx.Client) -> None:
    query = (
        "SELECT * {\n  ?x a kip:Program ;\n    kip:hasSector ?s .\n  ?s skos:broader sector:foundry ; rdfs:label ?n }"
    )
    document = explain(client, query)
    assert emptied(document) == "?s skos:broader sector:foundry ."
    told = {each["text"]: (each["alone"], each["together"]) for each in document["patterns"]}
    assert told == {
        "?x a kip:Program .": (True, True),
        "?x kip:hasSector ?s .": (True, True),
        "?s skos:broader sector:foundry .": (False, False),
        "?s rdfs:label ?n .": (True, None),
    }
    assert [(each["line"], each["column"]) for each in document["patterns"]][:3] == [(2, 3), (3, 5), (4, 3)]
    assert set(document["note"]) == {"ko", "en"}


def test_patterns_that_match_alone_but_not_together_name_what_they_share(client: httpx.Client) -> None:
    document = explain(client, "SELECT * { ?x a kip:Program . ?x kip:eventDate ?d }")
    assert emptied(document) == "?x kip:eventDate ?d ."
    assert document["patterns"][1]["alone"] is True
    assert document["hints"] == [
        {"kind": "variables", "ko": "함께 쓰는 변수: ?x", "en": "Variables that they share: ?x"}
    ]


HINTS = [
    ('SELECT * { ?s rdfs:label "반도체" }', "literal", '"반도체"@ko'),
    ("SELECT * { ?s kip:eventDate '2020-10-28' }", "literal", '"2020-10-28"^^<http://www.w3.org/2001/XMLSchema#date>'),
    ("SELECT * { ?x kip:hasSector sector:foundri }", "unknown-iri", "sector:foundri"),
    ("SELECT * { ?x sector:foundry ?y }", "no-property", "sector:foundry"),
    ("SELECT * { ?x ?p kip:hasSectr }", "unknown-iri", "kip:hasSectr"),
    ("PREFIX kip: <http://e.org/> SELECT * { ?x a kip:Program }", "prefix", "https://w3id.org/kip/def/"),
]


@pytest.mark.parametrize(("query", "kind", "said"), HINTS)
def test_what_may_have_been_meant_is_said(client: httpx.Client, query: str, kind: str, said: str) -> None:
    hints = {each["kind"]: each for each in explain(client, query)["hints"]}
    assert said in hints[kind]["ko"]
    assert said in hints[kind]["en"]


def test_a_korean_hint_has_the_particle_that_fits(client: httpx.Client) -> None:
    (vowel,) = explain(client, "SELECT * { ?x ?p kip:nope }")["hints"]
    (consonant,) = explain(client, "SELECT * { ?x ?p sector:없음 }")["hints"]
    assert (vowel["ko"], consonant["ko"]) == ("kip:nope는 이 그래프에 없다.", "sector:없음은 이 그래프에 없다.")


def test_an_unknown_iri_comes_with_the_nearest_of_its_kind(client: httpx.Client) -> None:
    hints = explain(client, "SELECT * { ?x kip:hasSector sector:foundri }")["hints"]
    assert hints[0]["nearest"][0]["curie"] == "sector:foundry"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("SELECT * { FILTER(?x = 5) ?x a kip:Program }", "FILTER(?x = 5)"),
        ("SELECT * { ?x a kip:Program MINUS { ?x rdfs:label ?name } }", "MINUS { ?x rdfs:label ?name }"),
        (
            "SELECT * { ?x a kip:Program { ?x kip:a ?y } UNION { ?x kip:b ?y } }",
            "{ ?x kip:a ?y } UNION { ?x kip:b ?y }",
        ),
        ("SELECT * { { ?x a kip:Program . ?x kip:eventDate ?y } }", "?x kip:eventDate ?y ."),
        ("SELECT * { GRAPH ?g { ?x a kip:Program } }", "?x a kip:Program ."),
    ],
)
def test_conditions_and_groups_are_told_apart(client: httpx.Client, query: str, text: str) -> None:
    assert emptied(explain(client, query)) == text


def test_a_query_with_an_answer_is_not_explained_away(client: httpx.Client) -> None:
    document = explain(client, "SELECT * { ?x a kip:Program }")
    assert (document["empty"], document["emptied"], document["hints"]) == (False, None, [])
    after = explain(client, "SELECT * { ?x a kip:Program } LIMIT 0")
    assert (after["empty"], after["emptied"]) == (True, None)
    assert "LIMIT" in after["note"]["en"]


def test_what_takes_too_long_is_not_guessed(client: httpx.Client) -> None:
    document = explain(client, f"{CROSS_PRODUCT[:-1]} FILTER(?a = 1 && ?d = 2) }}")
    assert document["empty"] in (None, True)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT * { ?x a }", 400),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", 403),
        ("SELECT * { SERVICE <http://e.org/> { ?s ?p ?o } }", 403),
        ("SELECT * { ?s ?p ?o } #" + "x" * MOST_BYTES, 413),
        ("SELECT * { " + "?s ?p ?o . " * 61 + "FILTER(false) }", 422),
        ("SELECT * { " + "{" * 400 + "}" * 400 + " }", 400),
    ],
)
def test_what_cannot_be_explained_is_refused(client: httpx.Client, query: str, status: int) -> None:
    answer = client.post("/api/explain", data={"query": query})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    if status == 413:
        assert answer.json()["limit"] == {"name": "explain-bytes", "value": MOST_BYTES, "unit": "B", "setting": None}


@pytest.mark.parametrize(
    "accept",
    ["application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values"],
)
def test_a_table_without_rows_links_its_explanation(client: httpx.Client, accept: str) -> None:
    headers = {"Accept": accept}
    empty = client.get("/sparql", params={"query": 'SELECT ?s { ?s rdfs:label "반도체" }'}, headers=headers)
    path = empty.headers["link"].partition(">")[0].lstrip("<")
    assert empty.headers["link"].endswith('; rel="help"')
    assert client.get(path).json()["hints"][0]["kind"] == "literal"
    full = client.get("/sparql", params={"query": 'SELECT ?s { ?s rdfs:label "반도체"@ko }'}, headers=headers)
    assert "link" not in full.headers
