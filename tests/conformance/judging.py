"""Whether an answer is the one that a test of the W3C's suites wants: the same judgement for any server.

SPARQL 1.1 Protocol, https://www.w3.org/TR/sparql11-protocol/; result formats, https://www.w3.org/TR/sparql11-results-csv-tsv/
and https://www.w3.org/TR/sparql11-results-json/
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import httpx
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from tests.conformance.suites import Case, Exchange, ResultCase

__all__ = ["RESULT_SUITES", "check_case", "check_result", "read_answer"]

RESULT_SUITES = ("csv-tsv-res", "json-res")

Row = tuple[str, ...]
_NUMBERS = {f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("integer", "decimal", "double")}
_MEDIA_TYPES = {".csv": "text/csv", ".tsv": "text/tab-separated-values", ".srj": "application/sparql-results+json"}


def check_case(client: httpx.Client, endpoint: str, case: Case) -> list[httpx.Response]:
    """The answers to a protocol test's requests. Raises AssertionError where one is not what it must be."""
    return [_check_exchange(_send(client, endpoint, exchange), exchange) for exchange in case.exchanges]


def check_result(client: httpx.Client, endpoint: str, case: ResultCase) -> None:
    """Ask the query of a result test. Raises AssertionError where the answer is not the published one."""
    query, media_type = case.query.read_text("utf-8"), _MEDIA_TYPES[case.result.suffix]
    answer = client.get(endpoint, params={"query": query}, headers={"Accept": media_type})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == media_type
    ours, published = (
        read_answer(body, case.result.suffix, "ORDER BY" in query)
        for body in (answer.content, case.result.read_bytes())
    )
    assert ours == published


def _send(client: httpx.Client, endpoint: str, exchange: Exchange) -> httpx.Response:
    target = endpoint + exchange.target.removeprefix("/sparql/")
    return client.request(exchange.method, target, headers=dict(exchange.headers), content=exchange.body or None)


def _check_exchange(answer: httpx.Response, exchange: Exchange) -> httpx.Response:
    assert answer.status_code // 100 in exchange.statuses, answer.text
    if exchange.kind:
        _check_kind(answer, exchange)
    return answer


def _check_kind(answer: httpx.Response, exchange: Exchange) -> None:
    media_type = answer.headers["content-type"]
    if exchange.kind == "RDF":
        kind = RdfFormat.from_media_type(media_type)
        assert kind is not None, media_type
        list(parse(answer.content, format=kind))
        return
    results = QueryResultsFormat.from_media_type(media_type)
    assert results is not None, media_type
    read = parse_query_results(answer.content, results)
    assert isinstance(read, QueryBoolean if exchange.kind == "boolean" else QuerySolutions)
    if exchange.truth is not None:
        assert isinstance(read, QueryBoolean)
        assert bool(read) is exchange.truth


def read_answer(body: bytes, suffix: str, in_order: bool = True) -> bool | list[Row]:
    """The truth value, or the columns and the rows by column: neither standard says in which order `*` gives them.

    Where the query has no ORDER BY, the order of the rows means nothing either.
    """
    if suffix == ".csv":
        names, *lines = csv.reader(io.StringIO(body.decode("utf-8")))
        return _table(names, lines, in_order)
    results = parse_query_results(
        body, QueryResultsFormat.from_media_type(_MEDIA_TYPES[suffix]) or QueryResultsFormat.JSON
    )
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
