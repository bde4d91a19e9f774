"""Reading queries before the engine does: forms, caps, and what is refused whatever it hides behind."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from api.engine.jobs import Job
from api.engine.lexer import read_query, tokens
from api.errors import QueryRefused, QuerySyntaxError, QueryTooComplex, QueryTooLong, RequestError
from api.limits import MAX_DEPTH, MAX_QUERY_BYTES

HARMLESS = [
    "SELECT * { ?s SERVICE:p1 ?o }",
    "PREFIX service: <http://e.org/service#> SELECT ?SERVICE { GRAPH service:g { ?SERVICE service:load 'SERVICE' } }",
    "SELECT ?x { ?x ?y <http://e.org/service#INSERT> } # SERVICE <http://e.org/> { }",
    "SELECT $service { $service ?p '''SERVICE <x> { ''' , \"it's a SERVICE\", 'SERVICE \\' <x> {' }",
    "SELECT ?x { _:SERVICE ?p 'a'@service ; <http://e.org/p#SERVICE> ?x . ?x ?y ?z }",
    "ASK { FILTER(?a<?b && ?c>?d) }",
    "DESCRIBE <http://e.org/SERVICE>",
    "SELECT (1 AS ?delete) (2 AS ?insert) {}",
    "SELECT ?x { ?x ex:delete ex:load, ex:drop.where }",
]
HIDDEN = [
    "SELECT * { SERVICE <http://e.org/> { ?s ?p ?o } }",
    "SELECT * { service silent ?x { ?s ?p ?o } }",
    "SELECT * { ?x <http://e.org/p> trueSERVICE<http://e.org/>{} }",
    "SELECT * { ?x <http://e.org/p> 1SERVICE<http://e.org/>{} }",
    "SELECT * { ?x <http://e.org/p> 'a'@en.SERVICE<http://e.org/>{} }",
    "SELECT * { {}SERVICE:x { ?s ?p ?o } }",
    "SELECT * { {}SERVICEex:x#comment\n{ ?s ?p ?o } }",
    "SELECT * { ?x ?y ?a FILTER(?a<?b)SERVICE#>\n?x{ ?s ?p ?o } }",
    "SELECT * { \\u0053ERVICE <http://e.org/> { ?s ?p ?o } }",
    "SELECT * { \\U00000053ERVICE <http://e.org/> { ?s ?p ?o } }",
    "SELECT * { 'a\\u0027 . SERVICE <http://e.org/> { ?s ?p ?o } # ' }",
    "SELECT * { # '''\n SERVICE <http://e.org/> { ?s ?p ?o } # '''\n }",
    "SELECT * { ?s ?p 'a' . SERVICE <http://e.org/> { ?s ?p 'b' } }",
]
UPDATES = [
    "INSERT DATA { <http://e.org/a> <http://e.org/b> 1 }",
    "DELETE WHERE { ?s ?p ?o }",
    "DELETEWHERE{?s ?p ?o}",
    "PREFIX a: <http://e.org/> INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "LOAD <http://e.org/>",
    "CLEAR ALL",
    "DROP GRAPH <http://e.org/>",
    "CREATE GRAPH <http://e.org/>",
    "ADD <http://e.org/a> TO <http://e.org/b>",
    "MOVE <http://e.org/a> TO <http://e.org/b>",
    "COPY <http://e.org/a> TO <http://e.org/b>",
    "SELECT * { ?s ?p ?o } ; DELETE WHERE { ?s ?p ?o }",
]


@pytest.mark.parametrize("query", HARMLESS)
def test_words_in_names_strings_and_comments_are_harmless(query: str) -> None:
    assert read_query(query).text == query


@pytest.mark.parametrize("query", HIDDEN)
def test_service_is_found_wherever_it_hides(query: str) -> None:
    with pytest.raises(QueryRefused) as caught:
        read_query(query)
    assert "SERVICE" in caught.value.detail


@pytest.mark.parametrize("query", UPDATES)
def test_updates_are_refused(query: str) -> None:
    with pytest.raises(QueryRefused) as caught:
        read_query(query)
    assert "Updates" in caught.value.detail


@pytest.mark.parametrize(
    ("query", "form", "kind"),
    [
        ("SELECT * {}", "SELECT", "table"),
        ("select distinct * {}", "SELECT", "table"),
        ("SELECT*{}", "SELECT", "table"),
        ("SELECTDISTINCT?x{}", "SELECT", "table"),
        ("#ASK\nBASE <http://e.org/> PREFIX ask: <describe> PREFIX : <select>\n ASK {}", "ASK", "boolean"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { SELECT * { ?s ?p ?o } }", "CONSTRUCT", "graph"),
        ("describe ?x { ?x a ?y }", "DESCRIBE", "graph"),
    ],
)
def test_the_form_is_the_first_word_after_the_prologue(query: str, form: str, kind: str) -> None:
    read = read_query(query)
    assert (read.form, read.kind) == (form, kind)


@pytest.mark.parametrize("query", ["", "   # nothing", "PREFIX a: <http://e.org/>", "{ ?s ?p ?o }", "WHERE {}", "안녕"])
def test_what_has_no_form_is_no_query(query: str) -> None:
    with pytest.raises(QuerySyntaxError):
        read_query(query)


@pytest.mark.parametrize("query", ["ASK { ?s ?p 'open }", 'ASK { ?s ?p "open\n" }', "ASK { ?s ?p '''open'' }"])
def test_a_string_that_is_not_closed_is_told_with_its_place(query: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        read_query(query)
    assert (caught.value.members["line"], caught.value.members["column"]) == (1, 13)


def test_the_nesting_is_bounded() -> None:
    deep = "ASK " + "{" * MAX_DEPTH + "}" * MAX_DEPTH
    assert read_query(deep).form == "ASK"
    for opening, closing in ("{}", "()", "[]"):
        with pytest.raises(QueryTooComplex):
            read_query("ASK {" + opening * MAX_DEPTH + closing * MAX_DEPTH + "}")
    assert read_query("ASK { ?s ?p '" + "{" * 1000 + "' } # " + "(" * 1000).form == "ASK"


def test_the_length_is_bounded_in_bytes() -> None:
    with pytest.raises(QueryTooLong):
        read_query("ASK {} # " + "산" * (MAX_QUERY_BYTES // 3))


@pytest.mark.parametrize(
    "text",
    [
        *("a1" * 60000, "\\'''" * 30000, '"' + '\\"' * 60000, "?a<service#>" * 10000, ":service" * 10000, "<a" * 60000),
        *("a:" + "." * 120000, "a." * 60000, "'''" * 40001, "#\n" * 60000, "산" * 40000, "a-" * 60000 + ":"),
    ],
    ids=lambda text: str(text)[:6],
)
def test_no_text_takes_long_to_read(text: str) -> None:
    began = time.process_time()
    with pytest.raises(RequestError):
        read_query(text)
    assert time.process_time() - began < 5


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    read = tokens(text)
    assert all(text.startswith(token.text, token.start) for token in read)
    try:
        read_query(text)
    except RequestError as error:
        assert error.status in (400, 403)


PIECES = ["SELECT", "ASK", "*", "?x", "{", "}", "(", ")", "<http://e.org/a>", "a:b", ":", "'s'", '"t"@ko', "# c\n", "1"]
PIECES += [
    ".",
    ";",
    "LIMIT",
    "OFFSET",
    "VALUES",
    "ORDER BY",
    "UNION",
    "FILTER",
    "<",
    ">",
    "true",
    "_:b",
    "\\u0041",
    " ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25), st.sampled_from(["", " ", "\n"]))
def test_what_the_engine_reads_after_a_service_keyword_is_refused(pieces: list[str], glue: str) -> None:
    """A clause that the engine understands is refused, whatever stands before it."""
    before = glue.join(pieces) + glue
    if before and (before[-1].isalnum() or before[-1] == ":"):
        before += " "  # else the keyword would be the end of a name
    query = f"SELECT * {{ {before}SERVICE <http://127.0.0.1:9/> {{ ?s ?p ?o }} }}"
    try:
        Store().query(query)
    except SyntaxError:
        return
    if query.count("#") and "SERVICE" not in "\n".join(line.partition("#")[0] for line in query.splitlines()):
        return
    with pytest.raises(QueryRefused):
        read_query(query)


STORE = Store()
STORE.extend(
    Quad(NamedNode(f"http://e.org/{number}"), NamedNode("http://e.org/p"), Literal(number)) for number in range(9)
)
HEADS = [
    "SELECT ?s WHERE { ?s ?p ?o }",
    "PREFIX limit: <http://e.org/> SELECT ?s { ?s limit:p ?limit FILTER(?limit<99) }",
]
HEADS += ["SELECT ?s { { SELECT * { ?s ?p ?o } LIMIT 8 } }", "SELECT (MAX(?s) AS ?s1) ?s { ?s ?p ?o } GROUP BY ?s"]
TAILS = ["", "ORDER BY ?s", "ORDER BY DESC(?s) OFFSET 1", "# LIMIT 1", "VALUES ?s { <http://e.org/1> UNDEF }"]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("own", ["", "LIMIT 7", "limit\t7", "LIMIT7", "LIMIT#\n7"])
@pytest.mark.parametrize("cap", [0, 3, 100])
def test_a_cap_is_put_where_the_engine_reads_it(head: str, tail: str, own: str, cap: int) -> None:
    query = f"{head} {own} {tail}" if tail.startswith(("VALUES", "#")) else f"{head} {tail} {own}"
    read = read_query(query)
    assert read.own_limit == (7 if own else None)
    job = Job(query, "table", "JSON", cap, 1, 1.0, read.row_cap, read.own_limit)
    whole, capped, lifted = (_rows(text) for text in (query, job.capped(cap), job.capped(100)))
    assert len(capped) == min(cap, len(lifted))
    assert len(whole) == min(read.own_limit or 100, len(lifted))


def _rows(query: str) -> list[object]:
    answer = STORE.query(query)
    assert isinstance(answer, QuerySolutions)
    return list(answer)


def test_queries_that_answer_differently_each_time_are_known() -> None:
    assert read_query("SELECT ?now ?rand { ?now ex:now 'NOW()' }").repeatable
    for call in ("NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()"):
        assert not read_query(f"SELECT ({call} AS ?x) {{}}").repeatable
