"""Reads the W3C's SPARQL 1.1 test suites where they lie beside the checkout; they are not part of the project.

Manifests: https://www.w3.org/2001/sw/DataAccess/tests/README and, for the protocol,
https://www.w3.org/2009/sparql/docs/tests/README.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from _pytest.mark import ParameterSet
from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from graph_builder.project import CHECKOUT

__all__ = [
    "SUITES",
    "Case",
    "Exchange",
    "ResultCase",
    "cases",
    "graph_data",
    "marked",
    "needs_suites",
    "result_cases",
    "service_tests",
]

SUITES = CHECKOUT.root.parent / "shared" / "w3c" / "sparql" / "sparql11"
needs_suites = pytest.mark.skipif(
    not SUITES.is_dir(), reason="the W3C test suites are not part of the project; they lie in ../shared where they are"
)

_MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
_QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
_UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
_HT = Namespace("http://www.w3.org/2011/http#")
_CNT = Namespace("http://www.w3.org/2011/content#")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and what its answer must be: one of the classes of status, perhaps a kind of body, a truth value."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    statuses: frozenset[int]
    kind: str
    truth: bool | None


@dataclass(frozen=True, slots=True)
class Case:
    """A protocol test: its IRI and the requests that are sent one after the other."""

    iri: str
    exchanges: tuple[Exchange, ...]

    @property
    def updates(self) -> bool:
        """Whether it tests the update operation."""
        return "update" in local(self.iri)


@dataclass(frozen=True, slots=True)
class ResultCase:
    """A test of a result format: a query over a file of data, and a file with its answer."""

    iri: str
    query: Path
    data: Path
    result: Path


def local(iri: str) -> str:
    """The part of a test's IRI after the number sign."""
    return iri.rpartition("#")[2]


@lru_cache(maxsize=8)
def _manifest(suite: str) -> Graph:
    path = SUITES / suite / "manifest.ttl"
    return Graph().parse(path, format="turtle", publicID=path.as_uri())


def _entries(suite: str) -> Iterator[Node]:
    graph = _manifest(suite)
    for head in graph.objects(None, _MF.entries):
        yield from Collection(graph, head)


def marked(case: Case | ResultCase, known: Mapping[str, str]) -> ParameterSet:
    """The case as a parameter; a known failure has to fail, for it is to be taken out when it passes."""
    reason = known.get(case.iri)
    marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
    return pytest.param(case, id=local(case.iri), marks=marks)


def cases() -> list[Case]:
    """Every protocol test, in the order of the manifest; none where the suites are absent."""
    return [_case(_manifest("protocol"), each) for each in _entries("protocol")] if SUITES.is_dir() else []


def graph_data() -> dict[str, Path]:
    """The named graphs that protocol tests ask, each with the file of its data."""
    graph = _manifest("protocol")
    return {
        str(graph.value(each, RDFS.label)): _path(graph.value(each, _UT.graph))
        for each in graph.objects(None, _UT.graphData)
    }


def result_cases(suite: str) -> list[ResultCase]:
    """The tests of a result format."""
    return [_result_case(_manifest(suite), each) for each in _entries(suite)] if SUITES.is_dir() else []


def service_tests() -> list[str]:
    """The names of the service description tests; what they ask stands in their titles only."""
    return [local(str(each)) for each in _entries("service-description")] if SUITES.is_dir() else []


def _case(graph: Graph, test: Node) -> Case:
    action = graph.value(test, _MF.action)
    (requests,) = graph.objects(action, _HT.requests)
    return Case(str(test), tuple(_exchange(graph, each) for each in Collection(graph, requests)))


def _exchange(graph: Graph, request: Node) -> Exchange:
    response = graph.value(request, _HT.resp)
    truth = graph.value(response, _MF.expectedBoolean)
    return Exchange(
        str(graph.value(request, _HT.methodName)),
        str(graph.value(request, _HT.absolutePath)),
        tuple(_headers(graph, request)),
        _body(graph, graph.value(request, _HT.body)),
        frozenset(int(local(str(each))[10]) for each in graph.objects(response, _MF.expectedStatus)),
        str(graph.value(response, _MF.expectedFormat) or ""),
        bool(truth.toPython()) if isinstance(truth, Literal) else None,
    )


def _headers(graph: Graph, request: Node) -> Iterator[tuple[str, str]]:
    head = graph.value(request, _HT.headers)
    for each in Collection(graph, head) if head is not None else ():
        yield str(graph.value(each, _HT.fieldName)), str(graph.value(each, _HT.fieldValue))


def _body(graph: Graph, body: Node | None) -> bytes:
    if body is None:
        return b""
    return str(graph.value(body, _CNT.chars)).encode(str(graph.value(body, _CNT.characterEncoding)))


def _result_case(graph: Graph, test: Node) -> ResultCase:
    assert graph.value(test, RDF.type) is not None, test
    action = graph.value(test, _MF.action)
    files = (graph.value(action, _QT.query), graph.value(action, _QT.data), graph.value(test, _MF.result))
    return ResultCase(str(test), *map(_path, files))


def _path(iri: Node | None) -> Path:
    assert isinstance(iri, URIRef), iri
    return Path(unquote(urlsplit(iri).path))
