"""The SPARQL endpoint over HTTP, as clients use it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from api.transport.formats import FORMATS, Format, of_kind
from tests.api.conftest import CROSS_PRODUCT
from tests.api.markup import find, read_html
from tests.api.site import BROWSER

BASE = "https://w3id.org/kip/"
NAMES = "SELECT ?name { <https://w3id.org/kip/id/org/shinhan-bank> rdfs:label ?name }"
HANGUL = "SELECT ?same { <https://w3id.org/kip/id/org/신한은행> owl:sameAs ?same }"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DIRECT = {"Content-Type": "application/sparql-query"}
LABEL = Quad(
    NamedNode(f"{BASE}id/org/shinhan-bank"),
    NamedNode("http://www.w3.org/2000/01/rdf-schema#label"),
    Literal("신한은행", language="ko"),
    DefaultGraph(),
)


def by_get(client: httpx.Client, query: str, **parameters: str) -> httpx.Response:
    return client.get("/sparql", params={"query": query, **parameters})


def by_form(client: httpx.Client, query: str, **parameters: str) -> httpx.Response:
    return client.post("/sparql", data={"query": query, **parameters})


def by_body(client: httpx.Client, query: str, **parameters: str) -> httpx.Response:
    return client.post("/sparql", content=query.encode(), headers=DIRECT, params=parameters)


Ask = Callable[..., httpx.Response]
every_way = pytest.mark.parametrize("ask", [by_get, by_form, by_body])


def values(answer: httpx.Response, name: str) -> list[str]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/sparql-results+json"
    return [row[name]["value"] for row in answer.json()["results"]["bindings"] if name in row]


def problem(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["type"] == f"{BASE}problem/{kind}"
    assert document["instance"] == "/sparql"
    assert document["detail"]
    assert document["title"]
    return document


@every_way
def test_an_iri_in_hangul_is_decoded_once_whichever_way_it_comes(server: httpx.Client, ask: Ask) -> None:
    assert values(ask(server, HANGUL), "same") == [f"{BASE}id/org/shinhan-bank"]


@every_way
def test_a_percent_sign_of_the_query_stays_what_it_is(server: httpx.Client, ask: Ask) -> None:
    assert values(ask(server, "SELECT ('%EC%82%B0+x' AS ?text) {}"), "text") == ["%EC%82%B0+x"]


def test_prefixes_of_the_release_need_no_declaration_but_may_be_declared_otherwise(server: httpx.Client) -> None:
    query = "PREFIX org: <http://e.org/> SELECT (STR(org:x) AS ?mine) (STR(kip:Program) AS ?ours) {}"
    answer = by_get(server, query)
    assert values(answer, "mine") == ["http://e.org/x"]
    assert values(answer, "ours") == [f"{BASE}def/Program"]


@pytest.mark.parametrize("row", of_kind("table"), ids=lambda row: row.name)
def test_a_table_is_what_its_label_says(server: httpx.Client, row: Format) -> None:
    answer = server.get("/sparql", params={"query": NAMES}, headers={"Accept": row.media_type})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == row.content_type
    assert READERS[row.name](answer.content) == ["신한은행"]
    assert int(answer.headers["content-length"]) == len(answer.content)


def _read_json_or_tsv(body: bytes, form: QueryResultsFormat) -> list[str]:
    rows = parse_query_results(body, form)
    assert isinstance(rows, QuerySolutions)
    return [row["name"].value for row in rows]


def _read_xml(body: bytes) -> list[str]:
    space = "{http://www.w3.org/2005/sparql-results#}"
    return [str(literal.text) for literal in ElementTree.fromstring(body).iter(f"{space}literal")]


def _read_csv(body: bytes) -> list[str]:
    return [row["name"] for row in csv.DictReader(io.StringIO(body.decode("utf-8")))]


READERS: dict[str, Callable[[bytes], list[str]]] = {
    "json": lambda body: _read_json_or_tsv(body, QueryResultsFormat.JSON),
    "tsv": lambda body: _read_json_or_tsv(body, QueryResultsFormat.TSV),
    "xml": _read_xml,
    "csv": _read_csv,
}


@pytest.mark.parametrize("name", ["JSON", "XML"])
def test_ask_answers_a_boolean_in_the_formats_that_the_standard_defines_for_it(server: httpx.Client, name: str) -> None:
    form = getattr(QueryResultsFormat, name)
    for query, truth in (("ASK { org:kcci a kip:Organization }", True), ("ASK { org:kcci a kip:Program }", False)):
        answer = server.get("/sparql", params={"query": query}, headers={"Accept": form.media_type})
        read = parse_query_results(answer.content, form)
        assert isinstance(read, QueryBoolean)
        assert bool(read) is truth


@pytest.mark.parametrize("query", ["CONSTRUCT WHERE { org:shinhan-bank ?p ?o }", "DESCRIBE org:shinhan-bank"])
@pytest.mark.parametrize("row", of_kind("graph"), ids=lambda row: row.name)
def test_a_graph_can_be_read_back_in_the_format_of_its_label(server: httpx.Client, row: Format, query: str) -> None:
    answer = server.get("/sparql", params={"query": query}, headers={"Accept": row.media_type})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == row.content_type
    quads = set(parse(answer.content, format=getattr(RdfFormat, row.engine)))
    assert LABEL in quads
    assert len(quads) == 2


def test_turtle_declares_the_prefixes_that_it_uses_and_no_others(server: httpx.Client) -> None:
    text = by_get(server, "CONSTRUCT WHERE { org:shinhan-bank rdfs:label ?o }").text
    assert text.count("@prefix") == 2
    assert "org:shinhan-bank" in text


def test_format_wins_over_accept_and_knows_names_suffixes_and_what_wrappers_send(server: httpx.Client) -> None:
    for name, expected in [("csv", "text/csv"), ("srx", "application/sparql-results+xml"), ("text/csv", "text/csv")]:
        answer = server.get("/sparql", params={"query": NAMES, "format": name}, headers={"Accept": "text/turtle"})
        assert answer.headers["content-type"].startswith(expected)
    graph = server.get("/sparql", params={"query": "DESCRIBE org:kcci", "output": "json"})
    assert graph.headers["content-type"] == "application/ld+json"


def test_who_accepts_json_in_general_is_answered_with_that_label(server: httpx.Client) -> None:
    answer = server.get("/sparql", params={"query": NAMES}, headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["results"]["bindings"]


@pytest.mark.parametrize("accept", ["image/png", "text/turtle", "application/sparql-results+json;q=0, image/png"])
def test_what_no_format_fits_is_refused_with_the_alternatives(server: httpx.Client, accept: str) -> None:
    answer = server.get("/sparql", params={"query": NAMES}, headers={"Accept": accept})
    document = problem(answer, 406, "not-acceptable")
    assert [each["media_type"] for each in document["alternatives"]] == [row.media_type for row in of_kind("table")]
    assert "Accept" in answer.headers["vary"]


def test_an_unknown_format_name_is_refused_with_the_alternatives(server: httpx.Client) -> None:
    assert problem(by_get(server, NAMES, format="banana"), 406, "not-acceptable")["alternatives"]


@every_way
def test_the_default_graph_is_the_one_of_the_store_not_the_union(server: httpx.Client, ask: Ask) -> None:
    assert values(ask(server, "SELECT ?s { ?s rdfs:label 'b, \"quoted\"'@en }"), "s") == []
    assert values(ask(server, "SELECT ?s { GRAPH ?g { ?s rdfs:label 'b, \"quoted\"'@en } }"), "s")


@every_way
def test_the_dataset_of_the_request_replaces_that_of_the_store(server: httpx.Client, ask: Ask) -> None:
    query = "SELECT ?s ?o { ?s rdfs:label ?o }"
    graph = f"{BASE}graph/article/a"
    assert values(ask(server, query, **{"default-graph-uri": graph}), "s") == [f"{BASE}id/org/kcci"]
    assert values(ask(server, query, **{"named-graph-uri": graph}), "s") == []
    named = ask(server, "SELECT ?g { GRAPH ?g { ?s rdfs:label ?o } }", **{"named-graph-uri": graph})
    assert values(named, "g") == [graph]
    only_default = ask(server, "SELECT ?g { GRAPH ?g { ?s ?p ?o } }", **{"default-graph-uri": graph})
    assert values(only_default, "g") == []


def test_a_triple_that_stands_in_two_default_graphs_counts_once(server: httpx.Client) -> None:
    graphs = [f"{BASE}graph/article/{name}" for name in "ab"]
    parameters = {"query": "SELECT ?o { org:kcci rdfs:label ?o }", "default-graph-uri": graphs}
    assert values(server.get("/sparql", params=parameters), "o") == ["대한상공회의소"]


def test_the_dataset_of_the_request_wins_over_from(server: httpx.Client) -> None:
    query = f"SELECT ?s FROM <{BASE}graph/article/b> {{ ?s rdfs:label ?o }}"
    assert len(values(by_get(server, query), "s")) == 2
    answer = by_get(server, query, **{"default-graph-uri": f"{BASE}graph/article/a"})
    assert values(answer, "s") == [f"{BASE}id/org/kcci"]


@pytest.mark.parametrize("iri", ["relative", "http://e.org/a b", "", "http://e.org/<x>"])
def test_a_graph_name_that_is_no_absolute_iri_is_refused(server: httpx.Client, iri: str) -> None:
    problem(by_get(server, NAMES, **{"default-graph-uri": iri}), 400, "malformed-request")


def test_head_sends_the_headers_of_get_and_no_body(server: httpx.Client) -> None:
    got = server.get("/sparql", params={"query": NAMES})
    head = server.head("/sparql", params={"query": NAMES})
    assert head.status_code == 200
    assert head.content == b""
    for name in ("content-type", "content-length", "etag", "vary"):
        assert head.headers[name] == got.headers[name]
    assert server.get("/healthz").status_code == 200, "the connection is still in step"


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/api/queries", "/query", "/sparql"])
def test_head_is_answered_wherever_get_is(server: httpx.Client, path: str) -> None:
    head, got = server.head(path), server.get(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-length"] == got.headers["content-length"] == str(len(got.content))


def test_options_name_the_methods_and_other_methods_are_refused_with_them(server: httpx.Client) -> None:
    options = server.options("/sparql")
    assert options.status_code == 204
    assert options.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    for method in ("PUT", "DELETE", "PATCH"):
        refused = server.request(method, "/sparql")
        assert refused.status_code == 405
        assert refused.headers["allow"] == "GET, HEAD, OPTIONS, POST"
        assert refused.headers["content-type"] == "application/problem+json"


def test_pages_of_any_origin_may_read_and_see_the_headers(server: httpx.Client) -> None:
    origin = {"Origin": "https://elsewhere.example"}
    answer = server.get("/sparql", params={"query": NAMES}, headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "X-KIP-Truncated" in answer.headers["access-control-expose-headers"]
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    preflight = server.options("/sparql", headers={**origin, **asked})
    assert preflight.status_code == 200
    assert "POST" in preflight.headers["access-control-allow-methods"]


def test_a_request_without_a_query_is_told_how_to_send_one(server: httpx.Client) -> None:
    results = {"Accept": "application/sparql-results+json"}
    answers = [
        server.get("/sparql", headers=results),
        server.get("/sparql", params={"default-graph-uri": "http://e.org/"}),
        server.post("/sparql", content=b"", headers=FORM),
    ]
    for answer in answers:
        assert "query" in problem(answer, 400, "malformed-request")["hint"]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_browser_without_a_query_is_led_to_the_editor_in_its_language(server: httpx.Client, language: str) -> None:
    browser = {"Accept": BROWSER, "Accept-Language": language}
    answer = server.get("/sparql", headers=browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/query")
    assert "Accept" in answer.headers["vary"]
    editor = server.get(answer.headers["location"], headers=browser)
    assert editor.headers["content-language"] == language
    assert len(find(read_html(editor.text), "textarea", name="query")) == 1
    chosen = server.get("/sparql", params={"lang": language}, headers={"Accept": BROWSER})
    assert chosen.headers["location"] == f"/query?lang={language}"


def test_whoever_looks_at_the_endpoint_without_a_wish_reads_the_service_description(server: httpx.Client) -> None:
    answer = server.get("/sparql")
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    assert answer.headers["content-location"] == "/sparql?format=turtle"
    assert list(parse(answer.content, format=RdfFormat.TURTLE))
    assert server.get("/sparql", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("name", ["turtle", "jsonld", "rdfxml", "ntriples"])
def test_who_asks_for_rdf_without_a_query_reads_the_service_description(server: httpx.Client, name: str) -> None:
    row = next(row for row in FORMATS if row.name == name)
    answer = server.get("/sparql", headers={"Accept": row.media_type})
    assert answer.headers["content-type"] == row.content_type
    triples = list(parse(answer.content, format=getattr(RdfFormat, row.engine)))
    described = "http://www.w3.org/ns/sparql-service-description#"
    formats = {str(each.object) for each in triples if each.predicate == NamedNode(f"{described}resultFormat")}
    assert formats == {f"<{each.iri}>" for each in FORMATS}
    endpoints = [each.object for each in triples if each.predicate == NamedNode(f"{described}endpoint")]
    assert endpoints == [NamedNode(str(server.base_url).rstrip("/") + "/sparql")]
    named = {str(each.object) for each in triples if each.predicate == NamedNode(f"{described}name")}
    assert named == {f"<{BASE}graph/article/{name}>" for name in "ab"}
    said = {each.predicate.value: each.object for each in triples}
    assert said[f"{described}defaultEntailmentRegime"] == NamedNode("http://www.w3.org/ns/entailment/Simple")
    assert said["http://purl.org/dc/terms/license"] == NamedNode("https://creativecommons.org/licenses/by/4.0/")
    assert said["http://www.w3.org/2000/01/rdf-schema#seeAlso"] == NamedNode(f"{BASE}dataset")


def test_a_query_given_twice_is_refused(server: httpx.Client) -> None:
    twice = server.get("/sparql", params=[("query", NAMES), ("query", NAMES)])
    problem(twice, 400, "malformed-request")
    both = server.post("/sparql", params={"query": NAMES}, content=NAMES.encode(), headers=DIRECT)
    problem(both, 400, "malformed-request")


@pytest.mark.parametrize("encoded", ["query=%FF%FE", "query=SELECT%20%ED%95"])
def test_a_query_that_is_not_utf_8_is_refused(server: httpx.Client, encoded: str) -> None:
    problem(server.get(f"/sparql?{encoded}"), 400, "malformed-request")
    problem(server.post("/sparql", content=encoded.encode(), headers=FORM), 400, "malformed-request")


def test_bodies_that_are_no_query_are_refused(server: httpx.Client) -> None:
    for content_type in ("text/plain", "application/json", "multipart/form-data; boundary=x", ""):
        headers = {"Content-Type": content_type} if content_type else {}
        answer = server.post("/sparql", content=NAMES.encode(), headers=headers)
        problem(answer, 415, "unsupported-media-type")
    latin = server.post(
        "/sparql", content=NAMES.encode(), headers={"Content-Type": f"{DIRECT['Content-Type']}; charset=latin1"}
    )
    problem(latin, 415, "unsupported-media-type")
    utf8 = {"Content-Type": 'application/sparql-query; charset="UTF-8"'}
    assert values(server.post("/sparql", content=HANGUL.encode(), headers=utf8), "same")


UPDATE = "INSERT DATA { <http://e.org/a> <http://e.org/b> <http://e.org/c> }"


def test_updates_are_refused_whichever_way_they_come(server: httpx.Client) -> None:
    answers = [
        server.get("/sparql", params={"update": UPDATE}),
        server.post("/sparql", data={"update": UPDATE}),
        server.post("/sparql", content=UPDATE.encode(), headers={"Content-Type": "application/sparql-update"}),
        by_get(server, UPDATE),
        by_body(server, "LOAD <http://127.0.0.1:9/>"),
    ]
    for answer in answers:
        problem(answer, 403, "query-refused")
    assert server.get("/sparql", params={"query": "ASK { <http://e.org/a> ?p ?o }"}).json()["boolean"] is False


@every_way
def test_other_endpoints_are_refused(server: httpx.Client, ask: Ask) -> None:
    query = "SELECT * {\n  SERVICE <http://127.0.0.1:9/> { ?s ?p ?o }\n}"
    document = problem(ask(server, query), 403, "query-refused")
    assert (document["line"], document["column"]) == (2, 3)


def test_a_query_that_does_not_parse_is_told_where(server: httpx.Client) -> None:
    document = problem(by_get(server, "SELECT ?s {\n  ?s ?p\n}"), 400, "query-syntax")
    assert document["line"] == 3
    assert "column" in document


def test_an_undeclared_prefix_is_named(server: httpx.Client) -> None:
    assert "'nowhere'" in problem(by_get(server, "ASK { ?s nowhere:p ?o }"), 400, "query-syntax")["hint"]


def test_rows_above_the_cap_are_cut_and_counted(server: httpx.Client) -> None:
    answer = by_get(server, "SELECT ?s { ?s kip:position ?o }")
    assert len(values(answer, "s")) == 2000
    assert answer.headers["x-kip-truncated"] == "rows"
    assert answer.headers["x-kip-total"] == "3001"
    graph = server.get("/sparql", params={"query": "CONSTRUCT WHERE { ?s kip:position ?o }"})
    assert len(list(parse(graph.content, format=RdfFormat.TURTLE))) == 2000
    assert graph.headers["x-kip-truncated"] == "rows"
    assert graph.headers["x-kip-total"] == "3001"


@pytest.mark.parametrize("limit", [1, 1999, 2000])
def test_a_limit_within_the_cap_is_an_answer_that_is_whole(server: httpx.Client, limit: int) -> None:
    answer = by_get(server, f"SELECT ?s {{ ?s kip:position ?o }} LIMIT {limit}")
    assert len(values(answer, "s")) == limit
    assert "x-kip-truncated" not in answer.headers


def test_a_limit_of_the_query_above_the_cap_counts_up_to_itself(server: httpx.Client) -> None:
    answer = by_get(server, "SELECT ?s { ?s kip:position ?o } LIMIT 2500")
    assert len(values(answer, "s")) == 2000
    assert answer.headers["x-kip-total"] == "2500"


def test_an_answer_that_is_known_is_not_sent_again(server: httpx.Client) -> None:
    tag = by_get(server, NAMES).headers["etag"]
    again = server.get("/sparql", params={"query": NAMES}, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.content == b""
    other = server.get("/sparql", params={"query": NAMES}, headers={"If-None-Match": tag, "Accept": "text/csv"})
    assert other.status_code == 200


def test_the_tag_of_an_answer_is_compared_weakly(server: httpx.Client) -> None:
    tag = by_get(server, NAMES).headers["etag"]
    for sent in (tag.removeprefix("W/"), f'"a,b" , {tag}', "*"):
        again = server.get("/sparql", params={"query": NAMES}, headers={"If-None-Match": sent})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    for sent in ('"other"', tag[:-1], ""):
        assert server.get("/sparql", params={"query": NAMES}, headers={"If-None-Match": sent}).status_code == 200


def test_conditions_count_only_where_there_is_an_answer(server: httpx.Client, strict_server: httpx.Client) -> None:
    for sent in ({"If-None-Match": "*"}, {"If-Match": '"a"'}, {"If-None-Match": '"a", W/"b"'}):
        for query, status in (("ASK {", 400), ("SELECT * { SERVICE <http://e.org/> {} }", 403), (CROSS_PRODUCT, 504)):
            client = strict_server if status == 504 else server
            assert client.get("/sparql", params={"query": query}, headers=sent).status_code in (status, 507)


def test_who_expects_another_answer_is_told_so(server: httpx.Client) -> None:
    for sent in ('"a"', by_get(server, NAMES).headers["etag"]):
        for more in ({}, {"If-None-Match": "*"}):
            refused = server.get("/sparql", params={"query": NAMES}, headers={"If-Match": sent, **more})
            assert "weak" in problem(refused, 412, "precondition-failed")["detail"]
    for _ in range(4):
        assert server.get("/sparql", params={"query": NAMES}, headers={"If-Match": "*"}).status_code == 200


def test_answers_that_change_have_no_validator(server: httpx.Client) -> None:
    assert "etag" not in by_get(server, "SELECT (NOW() AS ?now) {}").headers


@pytest.mark.parametrize("value", ["0", "-1", "soon", "1e9"])
def test_a_deadline_that_is_no_number_of_seconds_is_refused(server: httpx.Client, value: str) -> None:
    problem(by_get(server, NAMES, timeout=value), 400, "malformed-request")


def test_a_query_that_is_too_long_or_too_deep_is_refused(server: httpx.Client) -> None:
    def of_graphs(count: int, length: int) -> httpx.Response:
        graphs = [f"https://e.org/{number:0{length}}" for number in range(count)]
        return server.post("/sparql", data={"query": NAMES, "default-graph-uri": graphs})

    for answer, status, kind, limit in (
        (by_body(server, "#" * 200_000), 413, "query-too-long", "query-bytes"),
        (by_body(server, "#" * 600_000), 413, "query-too-long", "request-bytes"),
        (of_graphs(999, 300), 413, "query-too-long", "job-bytes"),
        (of_graphs(1000, 3), 413, "query-too-long", "request-fields"),
        (by_body(server, "ASK {" + "{" * 2205 + "}" * 2205 + "}"), 400, "query-too-complex", "query-depth"),
    ):
        assert problem(answer, status, kind)["limit"]["name"] == limit


def test_the_parameters_and_the_formats_are_in_openapi(server: httpx.Client) -> None:
    paths = server.get("/openapi.json").json()["paths"]["/sparql"]
    assert set(paths) == {"get", "post"}
    assert {each["name"] for each in paths["get"]["parameters"]} >= {"query", "default-graph-uri", "format"}
    assert set(paths["get"]["responses"]["200"]["content"]) >= {row.media_type for row in FORMATS}
    assert set(paths["post"]["requestBody"]["content"]) == {FORM["Content-Type"], DIRECT["Content-Type"]}
