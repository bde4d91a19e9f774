"""No answer is XML that no parser reads; who asks for one is told which formats can hold it."""

from __future__ import annotations

import time
from xml.parsers import expat

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from api.engine.stores.xml import NotXml, check_text, checked
from tests.api.test_sparql import problem

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TEXTS = ["a\\u0001b", "\\u0000", "\\u001F", "\\uFFFE", "a\\uFFFFb"]
_NAMES = ["http://e.org/", "http://e.org/1", "http://e.org/a#", "http://e.org/a?b=", "http://www.w3.org/2000/xmlns/a"]
_NAMES += [f"{_RDF}{name}" for name in ("Description", "li", "about")]


def is_xml(body: bytes) -> bool:
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(body, True)
    except expat.ExpatError:
        return False
    return True


def asked(server: httpx.Client, query: str, name: str) -> httpx.Response:
    return server.get("/sparql", params={"query": query, "format": name})


def held(server: httpx.Client, query: str, name: str, others: set[str]) -> None:
    """Refused in the one format, with the others, which hold it."""
    document = problem(asked(server, query, name), 406, "not-acceptable")
    assert {each["format"] for each in document["alternatives"]} == others
    assert {asked(server, query, each).status_code for each in others} == {200}


@pytest.mark.parametrize("text", _TEXTS)
def test_a_text_that_xml_cannot_hold_is_refused_as_xml(server: httpx.Client, text: str) -> None:
    held(server, f'SELECT ("{text}" AS ?x) {{}}', "xml", {"json", "csv", "tsv"})
    query = f'CONSTRUCT {{ <http://e.org/s> <http://e.org/p> "{text}" }} {{}}'
    held(server, query, "rdfxml", {"turtle", "jsonld", "ntriples", "trig", "nquads", "n3"})


@pytest.mark.parametrize("name", _NAMES)
def test_a_predicate_that_is_no_element_is_refused_as_rdf_xml(server: httpx.Client, name: str) -> None:
    query = f"CONSTRUCT {{ <http://e.org/s> <http://e.org/p> 1 ; <{name}> 2 }} {{}}"
    held(server, query, "rdfxml", {"turtle", "jsonld", "ntriples", "trig", "nquads", "n3"})
    document = asked(server, query, "rdfxml").json()
    assert f"<{name}>" in document["detail"]


def test_what_xml_can_hold_is_written(server: httpx.Client) -> None:
    for query, name in (
        ('SELECT ("\\t\\n\\r\\u007F\\uFFFD한글\\U0001F600" AS ?x) {}', "xml"),
        (f'CONSTRUCT {{ <x:s> <{_RDF}_1> "\\t\\r\\n" ; <http://e.org/1가> "<&>" ; <urn:a:b-1.> 1 }} {{}}', "rdfxml"),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "rdfxml"),
    ):
        answer = asked(server, query, name)
        assert (answer.status_code, is_xml(answer.content)) == (200, True)


@given(st.text(max_size=12))
@example("\ud7ff\ue000\ufffd")
@example("\x7f\x85\u2028")
@example("\ufffe")
@example("\x0b")
def test_exactly_those_texts_are_refused_that_no_parser_reads(text: str) -> None:
    body = f"<a>{text.replace('&', '').replace('<', '').replace(']', '')}</a>".encode("utf-8", "ignore")
    try:
        check_text(body)
    except NotXml:
        assert not is_xml(body)
    else:
        assert is_xml(body)


@given(st.text(alphabet="ab1-._:/?=é×·\u0300가", max_size=8))
def test_no_predicate_is_let_through_that_no_parser_reads(tail: str) -> None:
    triple = Triple(NamedNode("x:s"), NamedNode(f"http://e.org/{tail}"), Literal("v"))
    prefixes = {"e": "http://e.org/", "a": "http://e.org/a/"}
    body = serialize([triple], format=RdfFormat.RDF_XML, prefixes=prefixes)
    try:
        assert list(checked([triple])) == [triple]
    except NotXml:
        assert not is_xml(body or b"")
    else:
        assert is_xml(body or b"")


def test_a_long_predicate_takes_no_longer_than_its_length() -> None:
    for tail in ("a" * 100_000, "a/" * 50_000, "é" * 100_000 + "/"):
        began = time.process_time()
        try:
            list(checked([Triple(NamedNode("x:s"), NamedNode(f"http://e.org/{tail}"), Literal("v"))]))
        except NotXml:
            assert tail.endswith("/")
        assert time.process_time() - began < 5
