"""What is sent to a remote engine: the query in plain SPARQL, without what makes an engine fetch something."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyoxigraph import Store

from api.engine.jobs import Job
from api.engine.lexer import read_query
from api.engine.stores.dialect import Refused, RemoteQuery, read_remote

BASE = "https://w3id.org/kip/"
PREFIXES = {"kip": f"{BASE}def/", "xsd": "http://www.w3.org/2001/XMLSchema#"}
JOB = Job("", "table", "JSON", 10, 1 << 20, 10)


def sent(query: str) -> RemoteQuery:
    """The query as it is sent; it parses as what it was."""
    read = read_remote(query, replace(JOB, prefixes=read_query(query).prefixes), BASE, PREFIXES)
    Store().query(read.text)
    return read


@pytest.mark.parametrize(
    "query",
    [
        'SELECT (<bif:http_get>("http://e.org/") AS ?x) {}',
        'PREFIX b: <bif:> SELECT (b:http_get("http://e.org/") AS ?x) {}',
        'PREFIX b: <b> SELECT (b:if("http://e.org/") AS ?x) {}',
        'BASE <bif:x> SELECT (<http_get>("http://e.org/") AS ?x) {}',
        "SELECT ?s { ?s ?p ?o FILTER<sql:f>(?o) }",
        "SELECT ?s { ?s ?p ?o FILTER <http://e.org/f>(?o) }",
        "SELECT ?s { ?s ?p ?o } ORDER BY <http://e.org/f>(?o)",
        "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING <http://e.org/f>(?o)",
        "SELECT ?s { ?s ?p ?o BIND(1 + <http://e.org/f> (?o) AS ?x) }",
        "SELECT (<http://e.org/f>(DISTINCT ?s) AS ?x) { ?s ?p ?o }",
        "SELECT ?s { ?s <java:org.example.F> ?o }",
        "SELECT ?s { ?s <file:///etc/passwd> ?o }",
        'SELECT ?s { ?s ?p ?o FILTER(<\\u0062if:http_get>("http://e.org/")) }',
        'PREFIX b: <\\u0062if:> SELECT ?s { ?s b:contains "x" }',
        'SELECT ?s { ?s ?p "x\\u0022 } #" }',
    ],
)
def test_what_may_do_more_elsewhere_is_refused(query: str) -> None:
    with pytest.raises(Refused):
        read_remote(query, replace(JOB, prefixes=("kip",)), BASE, PREFIXES)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s { ?s kip:parts (1 2) ; <http://e.org/q> (3) , [ <http://e.org/r> ( 4 ) ] }",
        "SELECT ?s { ?s kip:part/(kip:a|^kip:b)* ?o . ?s !(kip:a|<http://e.org/b>) ?o }",
        'SELECT (xsd:integer("1") AS ?n) { FILTER(xsd:boolean("true")) FILTER(?n IN (kip:a, <http://e.org/b>)) }',
        "SELECT ?s { ?s a <mailto:a@e.org> , <urn:x:y> , <relative/one> }",
        'SELECT ?s { ?s ?p "SERVICE <http://e.org/> { } # no comment", """a "quoted" \\\\ text""" }',
        "SELECT*{?s?p?o}LIMIT 5",
        "SELECT ?s WHERE { VALUES (?s ?o) { (kip:a 1) (kip:b 2) } FILTER EXISTS { ?s ?p ?o } } VALUES ?o { 1 }",
    ],
)
def test_what_is_plain_is_sent_as_it_is(query: str) -> None:
    assert sent(query).body.replace(" ", "") == query.replace(" ", "")


def test_comments_stay_here() -> None:
    query = "SELECT ?s # one\n{ ?s ?p '#' # <http://e.org/>\r\n}#end"
    assert sent(query).body == "SELECT ?s { ?s ?p '#' }"


def test_from_leaves_the_text() -> None:
    query = (
        "PREFIX g: <http://e.org/> SELECT ?s FROM <graph/a>FROM NAMED g:b FROM NAMED <http://e.org/c> { ?s ?p 'FROM' }"
    )
    read = sent(query)
    assert (read.default, read.named) == ((f"{BASE}graph/a",), ("http://e.org/b", "http://e.org/c"))
    assert "graph/a" not in read.text
    assert "e.org/c" not in read.text
    assert "'FROM'" in read.text
    assert (sent("ASK {}").default, sent("ASK {}").named) == (None, None)


def test_the_number_of_solutions_is_a_query() -> None:
    read = sent("PREFIX e: <http://e.org/> SELECT DISTINCT ?x { VALUES ?x { e:a e:a e:b 4 } } LIMIT 2 # so many")
    solutions = Store().query(read.count)
    assert [int(row["total"].value) for row in solutions] == [2]  # type: ignore[union-attr]


def test_only_the_prefixes_that_are_used_are_declared() -> None:
    assert "PREFIX kip:" in sent("ASK { ?s kip:a ?o }").prologue
    assert "PREFIX" not in sent("ASK { ?s ?p ?o }").prologue
