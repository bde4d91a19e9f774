"""Tables in JSON made of the engine's TSV are those that the engine writes, byte for byte."""

from __future__ import annotations

import tracemalloc
from typing import IO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, QuerySolutions, Store

from api.engine.jobs import Job
from api.engine.lexer import read_query
from api.engine.stores.embedded import Evaluator
from api.engine.stores.tables import JsonTable, Overflow, Terms, Unwritable

XSD = "http://www.w3.org/2001/XMLSchema#"
TABLES = [
    "SELECT ?x ?y { VALUES (?x ?y) { (1 UNDEF) (UNDEF 2) (UNDEF UNDEF) (3 4) } }",
    "SELECT ?x { VALUES ?x { UNDEF UNDEF } }",
    "SELECT ?x { VALUES ?x { 1 UNDEF } }",
    "SELECT ?x ?y {} LIMIT 0",
    'SELECT ("a" AS ?x) ("b"@ko-Hang AS ?y) ("c"@ar--rtl AS ?z) (<http://e.org/가> AS ?i) {}',
    *(
        f'SELECT ("{text}"^^<{XSD}{name}> AS ?x) (-?x AS ?y) {{}}'
        for name in ("integer", "decimal", "double", "boolean", "date", "int", "string")
        for text in ("1", "-01", "+1.50", ".5", "1e3", "-1E-300", "INF", "NaN", "true", "0", "")
    ),
    'SELECT ("x"^^<http://e.org/own> AS ?a) ("<" AS ?b) (">" AS ?c) ("@en" AS ?d) ("\\"^^<a>" AS ?e) {}',
    'SELECT ("\\\\" AS ?a) ("\\"@en" AS ?b) ("_:b" AS ?c) ("true" AS ?d) ("1" AS ?e) ("\\\\t\\t" AS ?f) {}',
]


def written(results: QuerySolutions, step: int = 0, terms: Terms | None = None, limit: int = 1 << 20) -> bytes:
    """The table of some solutions, taken in pieces of so many bytes."""
    table = JsonTable(Terms(1 << 20) if terms is None else terms, [each.value for each in results.variables], limit)
    if not step:
        results.serialize(cast(IO[bytes], table), QueryResultsFormat.TSV)
        return table.body()
    tsv = results.serialize(format=QueryResultsFormat.TSV)
    assert tsv is not None
    for start in range(0, len(tsv), step):
        table.write(tsv[start : start + step])
    return table.body()


def both(store: Store, query: str, step: int = 0) -> tuple[bytes, bytes | None]:
    ours, theirs = store.query(query), store.query(query)
    assert isinstance(ours, QuerySolutions) and isinstance(theirs, QuerySolutions)
    return written(ours, step), theirs.serialize(format=QueryResultsFormat.JSON)


@pytest.mark.parametrize("step", [0, 1, 7])
@pytest.mark.parametrize("query", TABLES)
def test_a_table_is_written_as_the_engine_writes_it(query: str, step: int) -> None:
    ours, theirs = both(Store(), query, step)
    assert ours == theirs


@given(st.lists(st.text(), min_size=1, max_size=5), st.sampled_from(["", "ko", "en-GB"]))
def test_no_text_is_written_otherwise(texts: list[str], language: str) -> None:
    store = Store()
    for number, text in enumerate(texts):
        term = Literal(text, language=language) if language else Literal(text)
        store.add(Quad(NamedNode(f"http://e.org/{number}"), NamedNode("http://e.org/p"), term))
    ours, theirs = both(store, "SELECT ?s ?o { ?s ?p ?o }")
    assert ours == theirs


def test_what_this_writer_does_not_know_is_written_by_the_engine() -> None:
    query = "SELECT (<<( <http://e.org/a> <http://e.org/b> 1 )>> AS ?x) {}"
    results = Store().query(query)
    assert isinstance(results, QuerySolutions)
    with pytest.raises(Unwritable):
        written(results)
    for text in (query, "SELECT * {}"):
        read = read_query(text)
        job = Job(read.text, read.kind, "JSON", 10, 1 << 20, 1.0, read.row_cap, read.own_limit)
        expected = Store().query(text)
        assert isinstance(expected, QuerySolutions)
        outcome = Evaluator(Store(), "http://e.org/", {}).answer(job)
        assert (outcome.fault, outcome.body) == ("", expected.serialize(format=QueryResultsFormat.JSON))


def test_a_table_that_grows_too_large_says_how_many_rows_had_room() -> None:
    results = Store().query(f"SELECT ?x {{ VALUES ?x {{ {' '.join(map(str, range(10_000)))} }} }}")
    assert isinstance(results, QuerySolutions)
    with pytest.raises(Overflow) as overflow:
        written(results, limit=100_000)
    assert 500 < overflow.value.rows < 2000


def test_what_is_remembered_for_many_columns_is_bounded_too() -> None:
    names, terms = [f"v{n}" for n in range(600)], Terms(1_000_000)
    tracemalloc.start()
    try:
        table = JsonTable(terms, names, 1 << 30)
        for row in range(100):
            table.write(b"\t".join(b'"%d %d"' % (row, n) for n in range(600)) + b"\n")
            table.ready()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 4_000_000


def test_only_so_many_terms_are_remembered() -> None:
    terms = Terms(100_000)
    for start in range(0, 10_000, 1000):
        results = Store().query(f"SELECT ?x {{ VALUES ?x {{ {' '.join(map(str, range(start, start + 1000)))} }} }}")
        assert isinstance(results, QuerySolutions)
        assert b'"value":"%d"' % start in written(results, terms=terms)
        assert sum(len(cell) + len(text) for cell, text in terms.items()) < 100_000
    assert terms
