"""The W3C's tests of the SPARQL 1.1 Protocol against a real server: queries answered, updates refused.

https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

import httpx
import pytest

from tests.conformance.judging import check_case
from tests.conformance.suites import SUITES, Case, cases, marked, needs_suites

pytestmark = needs_suites

KNOWN_FAILURES: dict[str, str] = {}
"""IRIs of query tests that fail, each with the reason; one that passes has to be taken out."""

_CASES = cases()
_QUERIES = [case for case in _CASES if not case.updates]
_UPDATES = [case for case in _CASES if case.updates]


def test_all_tests_of_the_suite_are_collected() -> None:
    assert SUITES.is_dir()
    assert len(_QUERIES) >= 20
    assert len(_UPDATES) >= 14
    assert {case.iri for case in _CASES} >= KNOWN_FAILURES.keys()


@pytest.mark.parametrize("case", [marked(case, KNOWN_FAILURES) for case in _QUERIES])
def test_a_query_is_answered_as_the_protocol_says(protocol_server: httpx.Client, case: Case) -> None:
    for answer in check_case(protocol_server, "/sparql", case):
        if answer.status_code >= 400:
            assert answer.json()["status"] == answer.status_code, "it says why"


@pytest.mark.parametrize("case", [marked(case, {}) for case in _UPDATES])
def test_an_update_is_refused_and_changes_nothing(protocol_server: httpx.Client, case: Case) -> None:
    before = _everything(protocol_server)
    first = case.exchanges[0]
    target = "/sparql" + first.target.removeprefix("/sparql/")
    answer = protocol_server.request(first.method, target, headers=dict(first.headers), content=first.body or None)
    assert answer.status_code in (403, 415), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert _everything(protocol_server) == before
    assert len(before) >= 3


def _everything(client: httpx.Client) -> set[str]:
    query = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    answer = client.get("/sparql", params={"query": query, "format": "csv"})
    assert answer.status_code == 200
    return set(answer.text.splitlines()[1:])
