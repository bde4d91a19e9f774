"""Python's clients: SPARQLWrapper and RDFLib's store, and federated queries that come to us from other engines."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import orjson
import pytest
from pyoxigraph import QuerySolutions, Store
from rdflib import Graph, Literal, URIRef, Variable
from rdflib.compare import to_isomorphic
from rdflib.namespace import RDFS
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.query import Result
from SPARQLWrapper import CSV, GET, JSON, JSONLD, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from tests.clients.questions import ALWAYS, ASK, CONSTRUCT, NAMES, NEVER, SELECT
from tests.engines import RemoteEngine

EXPECTED = to_isomorphic(Graph().parse(data=ALWAYS, format="turtle"))
KCCI = URIRef("https://w3id.org/kip/id/org/kcci")


@pytest.fixture(params=[(GET, ""), (POST, "urlencoded"), (POST, POSTDIRECTLY)], ids=["get", "form", "direct"])
def wrapper(endpoint: str, request: pytest.FixtureRequest) -> SPARQLWrapper:
    made = SPARQLWrapper(endpoint)
    method, how = request.param
    made.setMethod(method)
    if how:
        made.setRequestMethod(how)
    return made


def _answer(wrapper: SPARQLWrapper, query: str, returned: str) -> object:
    wrapper.setQuery(query)
    wrapper.setReturnFormat(returned)
    return wrapper.query().convert()


def _names(result: Result) -> set[str]:
    return {str(row[Variable("name")]) for row in result.bindings}


def test_sparqlwrapper_reads_a_table_in_every_format(wrapper: SPARQLWrapper) -> None:
    table = _answer(wrapper, SELECT, JSON)
    assert isinstance(table, dict)
    assert {row["name"]["value"] for row in table["results"]["bindings"]} == NAMES
    document = _answer(wrapper, SELECT, XML)
    assert {node.firstChild.data for node in document.getElementsByTagName("literal")} == NAMES  # type: ignore[attr-defined]
    csv, tsv = (_answer(wrapper, SELECT, each) for each in (CSV, TSV))
    assert isinstance(csv, bytes) and isinstance(tsv, bytes)
    assert set(csv.decode().split("\r\n")) == {"name", "", *NAMES}
    assert '"대한상공회의소"@ko' in tsv.decode().splitlines()


def test_sparqlwrapper_reads_truth_values(wrapper: SPARQLWrapper) -> None:
    answers = [_answer(wrapper, query, JSON) for query in (ASK, NEVER)]
    assert [answer["boolean"] for answer in answers if isinstance(answer, dict)] == [True, False]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
@pytest.mark.parametrize("returned", [TURTLE, RDFXML, JSONLD, XML])
def test_sparqlwrapper_reads_a_graph(wrapper: SPARQLWrapper, returned: str) -> None:
    answer = _answer(wrapper, CONSTRUCT, returned)
    graph = Graph().parse(data=answer, format="turtle") if isinstance(answer, bytes) else answer
    assert isinstance(graph, Graph)
    assert set(graph) == set(EXPECTED)


def test_sparqlwrapper_is_told_what_does_not_parse(wrapper: SPARQLWrapper) -> None:
    with pytest.raises(QueryBadFormed, match="query-syntax"):
        _answer(wrapper, "SELECT ?s WHERE { ?s ?p", JSON)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rdflib_sees_the_endpoint_as_a_graph(endpoint: str, method: str) -> None:
    graph = Graph(SPARQLStore(endpoint, method=method))
    assert {str(name) for name in graph.objects(KCCI, RDFS.label)} == NAMES
    assert (KCCI, RDFS.label, Literal("대한상공회의소", lang="ko")) in graph
    assert _names(graph.query(SELECT)) == NAMES
    assert [graph.query(query).askAnswer for query in (ASK, NEVER)] == [True, False]
    assert set(graph.query(CONSTRUCT)) == set(EXPECTED)


FEDERATED = "SELECT ?name {{ VALUES ?thing {{ <{thing}> }} SERVICE <{endpoint}> {{ ?thing <{label}> ?name }} }}"


def _by_rdflib(query: str, engine: RemoteEngine) -> set[str]:
    return _names(Graph().query(query))


def _by_pyoxigraph(query: str, engine: RemoteEngine) -> set[str]:
    solutions = Store().query(query)
    assert isinstance(solutions, QuerySolutions)
    return {row["name"].value for row in solutions}


def _by_oxigraph(query: str, engine: RemoteEngine) -> set[str]:
    request = Request(
        f"{engine.url}?{urlencode({'query': query})}", headers={"Accept": "application/sparql-results+json"}
    )
    with urlopen(request, timeout=30) as answer:
        return {row["name"]["value"] for row in orjson.loads(answer.read())["results"]["bindings"]}


@pytest.mark.parametrize("ask", [_by_rdflib, _by_pyoxigraph, _by_oxigraph])
def test_another_engine_asks_us_in_a_federated_query(
    endpoint: str, other_engine: RemoteEngine, ask: Callable[[str, RemoteEngine], set[str]]
) -> None:
    assert ask(FEDERATED.format(thing=KCCI, endpoint=endpoint, label=RDFS.label), other_engine) == NAMES
