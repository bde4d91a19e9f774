"""The W3C's tests of the service description, which are told in words only.

SPARQL 1.1 Service Description, https://www.w3.org/TR/sparql11-service-description/
"""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from rdflib import RDF, Graph, Literal, Namespace, URIRef

from tests.conformance.suites import needs_suites, service_tests

pytestmark = needs_suites

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
# The properties of the schema that we use, with the class of what has them.
_SCHEMA = {
    SD.endpoint: SD.Service,
    SD.supportedLanguage: SD.Service,
    SD.resultFormat: SD.Service,
    SD.defaultDataset: SD.Service,
    SD.defaultEntailmentRegime: SD.Service,
    SD.defaultGraph: SD.Dataset,
    SD.namedGraph: SD.Dataset,
    SD.name: SD.NamedGraph,
    SD.graph: SD.NamedGraph,
}


def _described(client: httpx.Client) -> Graph:
    answer = client.get("/sparql")
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    return Graph().parse(data=answer.content, format="turtle")


def _returns_rdf(client: httpx.Client) -> None:
    assert len(_described(client)) >= 10


def _has_endpoint_triple(client: httpx.Client) -> None:
    graph = _described(client)
    (service,) = graph.subjects(RDF.type, SD.Service)
    assert list(graph.objects(service, SD.endpoint)) == [URIRef(f"{str(client.base_url).rstrip('/')}/sparql")]


def _conforms_to_schema(client: httpx.Client) -> None:
    graph = _described(client)
    used = {URIRef(str(predicate)) for predicate in graph.predicates() if str(predicate).startswith(str(SD))}
    assert used and used <= _SCHEMA.keys()
    for predicate in used:
        for subject, value in graph.subject_objects(predicate):
            assert (subject, RDF.type, _SCHEMA[predicate]) in graph, predicate
            assert not isinstance(value, Literal), predicate


_TESTS: dict[str, Callable[[httpx.Client], None]] = {
    "returns-rdf": _returns_rdf,
    "has-endpoint-triple": _has_endpoint_triple,
    "conforms-to-schema": _conforms_to_schema,
}


def test_all_tests_of_the_suite_are_written_out() -> None:
    assert set(service_tests()) == set(_TESTS)


@pytest.mark.parametrize("name", _TESTS)
def test_the_endpoint_describes_itself(protocol_server: httpx.Client, name: str) -> None:
    _TESTS[name](protocol_server)
