"""The W3C's tests of result formats through our engine: the answer is compared by value with the published one.

CSV and TSV, https://www.w3.org/TR/sparql11-results-csv-tsv/; JSON, https://www.w3.org/TR/sparql11-results-json/
"""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.conformance.judging import RESULT_SUITES, check_result, read_answer
from tests.conformance.suites import ResultCase, marked, needs_suites, result_cases

pytestmark = needs_suites

KNOWN_FAILURES = {
    "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/csv-tsv-res/manifest#tsv03": (
        "the engine keeps a number of a type derived from xsd:integer by its value, and writes it as xsd:integer"
    )
}
"""IRIs of tests that fail, each with the reason; one that passes has to be taken out."""

_CASES = [case for suite in RESULT_SUITES for case in result_cases(suite)]


def test_all_tests_of_the_suites_are_collected() -> None:
    assert len([case for case in _CASES if case.result.suffix in (".csv", ".tsv")]) >= 6
    assert len([case for case in _CASES if case.result.suffix == ".srj"]) >= 4
    assert {case.iri for case in _CASES} >= KNOWN_FAILURES.keys()


@pytest.mark.parametrize("case", [marked(case, KNOWN_FAILURES) for case in _CASES])
def test_the_answer_is_the_published_one(result_servers: dict[Path, httpx.Client], case: ResultCase) -> None:
    check_result(result_servers[case.data], "/sparql", case)


def test_a_value_that_differs_is_seen() -> None:
    assert _answer("1.0", "decimal") == _answer("1.00", "decimal")
    assert _answer("1", "decimal") != _answer("1", "integer")
    assert _answer("1", "decimal") != _answer("2", "decimal")
    assert _answer("a", "string") != _answer("b", "string")


def _answer(value: str, datatype: str) -> bool | list[tuple[str, ...]]:
    literal = f'{{"type":"literal","value":"{value}","datatype":"http://www.w3.org/2001/XMLSchema#{datatype}"}}'
    document = f'{{"head":{{"vars":["x"]}},"results":{{"bindings":[{{"x":{literal}}}]}}}}'
    return read_answer(document.encode(), ".srj")
