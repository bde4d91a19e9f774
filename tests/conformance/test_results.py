"""The W3C's tests of result formats through our engine: the answer is compared by value with the published one.

CSV and TSV, https://www.w3.org/TR/sparql11-results-csv-tsv/; JSON, https://www.w3.org/TR/sparql11-results-json/
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import httpx
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions
from pyoxigraph import parse_query_results as read_results

from tests.conformance.suites import ResultCase, marked, needs_suites, result_cases

pytestmark = needs_suites

KNOWN_FAILURES = {
    "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/csv-tsv-res/manifest#tsv03": (
        "the engine keeps a number of a type derived from xsd:integer by its value, and writes it as xsd:integer"
    )
}
"""IRIs of tests that fail, each with the reason; one that passes has to be taken out."""

Row = tuple[str, ...]
_CASES = [case for suite in ("csv-tsv-res", "json-res") for case in result_cases(suite)]
_NUMBERS = {f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("integer", "decimal", "double")}
_FORMATS = {".csv": "text/csv", ".tsv": "text/tab-separated-values", ".srj": "application/sparql-results+json"}


def test_all_tests_of_the_suites_are_collected() -> None:
    assert len([case for case in _CASES if case.result.suffix in (".csv", ".tsv")]) >= 6
    assert len([case for case in _CASES if case.result.suffix == ".srj"]) >= 4
    assert {case.iri for case in _CASES} >= KNOWN_FAILURES.keys()


@pytest.mark.parametrize("case", [marked(case, KNOWN_FAILURES) for case in _CASES])
def test_the_answer_is_the_published_one(result_servers: dict[Path, httpx.Client], case: ResultCase) -> None:
    query, media_type = case.query.read_text("utf-8"), _FORMATS[case.result.suffix]
    answer = result_servers[case.data].get("/sparql", params={"query": query}, headers={"Accept": media_type})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == media_type
    ours, published = (
        _read(body, case.result.suffix, "ORDER BY" in query) for body in (answer.content, case.result.read_bytes())
    )
    assert ours == published


def test_a_value_that_differs_is_seen() -> None:
    assert _answer("1.0", "decimal") == _answer("1.00", "decimal")
    assert _answer("1", "decimal") != _answer("1", "integer")
    assert _answer("1", "decimal") != _answer("2", "decimal")
    assert _answer("a", "string") != _answer("b", "string")


def _answer(value: str, datatype: str) -> bool | list[Row]:
    literal = f'{{"type":"literal","value":"{value}","datatype":"http://www.w3.org/2001/XMLSchema#{datatype}"}}'
    document = f'{{"head":{{"vars":["x"]}},"results":{{"bindings":[{{"x":{literal}}}]}}}}'
    return _read(document.encode(), ".srj")


def _read(body: bytes, suffix: str, in_order: bool = True) -> bool | list[Row]:
    """The truth value, or the columns and the rows by column: neither standard says in which order `*` gives them.

    Where the query has no ORDER BY, the order of the rows means nothing either.
    """
    if suffix == ".csv":
        names, *lines = csv.reader(io.StringIO(body.decode("utf-8")))
        return _table(names, lines, in_order)
    results = read_results(body, QueryResultsFormat.from_media_type(_FORMATS[suffix]) or QueryResultsFormat.JSON)
    if isinstance(results, QueryBoolean):
        return bool(results)
    assert isinstance(results, QuerySolutions)
    names = [variable.value for variable in results.variables]
    return _table(names, [[_written(row[name]) for name in names] for row in results], in_order)


def _table(names: Sequence[str], rows: Iterable[Sequence[str]], in_order: bool) -> list[Row]:
    """Labels of blank nodes mean nothing: all of them become one, which these small answers can afford."""
    columns = sorted(range(len(names)), key=lambda index: names[index])
    written = [tuple(_plain(row[index]) for index in columns) for row in rows]
    return [tuple(sorted(names)), *(written if in_order else sorted(written))]


def _written(term: object) -> str:
    if isinstance(term, BlankNode):
        return "_:blank"
    if isinstance(term, NamedNode):
        return f"<{term.value}>"
    if not isinstance(term, Literal):
        return ""
    kind = term.datatype.value
    value = str(float(term.value)) if kind in _NUMBERS else term.value
    return f'"{value}"@{term.language or ""}^^{kind}'


def _plain(cell: str) -> str:
    if cell.startswith("_:"):
        return "_:blank"
    try:
        return str(float(cell))
    except ValueError:
        return cell
