"""The process beside a worker writes large tables as the engine would, and is free for the next whatever happens."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, QuerySolutions, Store

from api.engine.jobs import INLINE, Job, Outcome
from api.engine.lexer import read_query
from api.engine.results import read_table
from api.engine.stores.embedded import Evaluator
from api.engine.stores.scribe import Scribe, ScribeLost
from api.engine.stores.tables import JsonTable, Overflow, Terms
from tests.api.conftest import body_of

ROWS = 5000
LARGE = "SELECT * { ?s ?p ?o } ORDER BY ?s"
OPTIONAL = "SELECT ?s ?none ?o { ?s ?p ?o OPTIONAL { ?s <http://e.org/q> ?none } } ORDER BY ?s"
UNBOUND = "SELECT ?a ?b ?c ?d ?e ?f ?g ?h ?i ?j ?k ?l ?m ?n { ?s ?p ?o }"
TRIPLE_TERM = "SELECT ?s (<<( ?s ?p ?o )>> AS ?t) { ?s ?p ?o } ORDER BY ?s"


@pytest.fixture(scope="module")
def store() -> Store:
    engine = Store()
    text = "스마트공장 \t\n\"'\\\x01 3만개"
    engine.bulk_extend(
        Quad(NamedNode(f"http://e.org/{n}"), NamedNode("http://e.org/p"), Literal(f"{text} {n}", language="ko"))
        for n in range(ROWS)
    )
    return engine


@pytest.fixture
def evaluator(store: Store) -> Iterator[Evaluator]:
    made = Evaluator(store, "http://e.org/", {})
    made.scribe = Scribe.start(made.terms, 256 << 20)
    yield made
    made.close()


def asked(evaluator: Evaluator, query: str, most: int = 1 << 26) -> Outcome:
    read = read_query(query)
    return evaluator.answer(Job(read.text, read.kind, "JSON", ROWS, most, 10.0, read.row_cap, read.own_limit))


def expected(store: Store, query: str) -> bytes | None:
    results = store.query(query)
    assert isinstance(results, QuerySolutions)
    return results.serialize(format=QueryResultsFormat.JSON)


def scribe_of(evaluator: Evaluator) -> int:
    """The process of the scribe."""
    assert evaluator.scribe is not None
    return evaluator.scribe.process


@pytest.mark.parametrize("query", [LARGE, OPTIONAL, UNBOUND])
def test_a_large_table_is_what_the_engine_writes(evaluator: Evaluator, store: Store, query: str) -> None:
    for _ in range(2):
        outcome = asked(evaluator, query)
        assert (outcome.fault, outcome.truncated) == ("", "")
        assert outcome.descriptor >= 0
        assert outcome.size == os.fstat(outcome.descriptor).st_size
        assert body_of(outcome) == expected(store, query)


def test_a_small_table_stays_with_the_worker(evaluator: Evaluator, store: Store) -> None:
    outcome = asked(evaluator, f"{LARGE} LIMIT 10")
    assert (outcome.descriptor, outcome.size) == (-1, len(outcome.body))
    assert outcome.body == expected(store, f"{LARGE} LIMIT 10")


@pytest.mark.parametrize("more", [0, 1, 100_000])
def test_a_table_that_ends_with_a_piece_is_whole(evaluator: Evaluator, more: int) -> None:
    assert evaluator.scribe is not None
    rows = b"?x\n" + b'"x"\n' * 20_000
    table = JsonTable(Terms(1 << 20), ["x"], 1 << 24)
    with evaluator.scribe.helping(table) as relay:
        relay.write(rows)
        relay.write(b'"y"\n' * more)
        file = relay.finish()
    assert file is not None
    assert file.rows == 20_000 + more
    with os.fdopen(file.descriptor, "rb") as body:
        body.seek(0)
        assert len(read_table(body.read()).rows) == file.rows


def test_what_has_no_room_is_cut_at_a_row(evaluator: Evaluator, store: Store) -> None:
    outcome = asked(evaluator, LARGE, 4 * INLINE)
    body = body_of(outcome)
    assert outcome.truncated == "bytes"
    assert len(body) <= 4 * INLINE
    rows = body.count(b'"s":{')
    assert 100 < rows < ROWS == outcome.total
    assert body == expected(store, f"{LARGE} LIMIT {rows}")
    assert body_of(asked(evaluator, LARGE)) == expected(store, LARGE)


def test_what_the_scribe_does_not_know_the_engine_writes(evaluator: Evaluator, store: Store) -> None:
    outcome = asked(evaluator, TRIPLE_TERM)
    assert (outcome.fault, outcome.descriptor) == ("", -1)
    assert outcome.body == expected(store, TRIPLE_TERM)
    assert body_of(asked(evaluator, LARGE)) == expected(store, LARGE)


def test_a_table_that_breaks_off_leaves_the_scribe_free(evaluator: Evaluator, store: Store) -> None:
    assert evaluator.scribe is not None
    before = len(os.listdir("/proc/self/fd"))
    table = JsonTable(Terms(1 << 20), ["s", "p", "o"], 1 << 20)
    with pytest.raises(MemoryError), evaluator.scribe.helping(table) as relay:
        relay.write(b"?s\t?p\t?o\n" + b"<http://e.org/a>\t<http://e.org/b>\t1\n" * 4000)
        raise MemoryError
    assert len(os.listdir("/proc/self/fd")) == before
    assert body_of(asked(evaluator, LARGE)) == expected(store, LARGE)


def test_a_table_that_has_no_room_is_told_before_its_end(evaluator: Evaluator, store: Store) -> None:
    assert evaluator.scribe is not None
    row = b'"%b"\n' % (b"x" * 1000)
    with pytest.raises(Overflow), evaluator.scribe.helping(JsonTable(Terms(0), ["x"], 1 << 20)) as relay:
        for _ in range(100_000):
            relay.write(row)
    assert body_of(asked(evaluator, LARGE)) == expected(store, LARGE)


def test_a_scribe_without_memory_ends_as_the_engine_does(evaluator: Evaluator) -> None:
    assert evaluator.scribe is not None
    with pytest.raises(ScribeLost) as lost, evaluator.scribe.helping(JsonTable(Terms(0), ["x"], 1 << 30)) as relay:
        relay.write(b'?x\n"%b"\n' % (b"x" * (200 << 20)))
        relay.finish()
    assert lost.value.code == -signal.SIGABRT


def test_an_answer_that_was_not_taken_is_never_that_of_the_next_table(
    evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(socket, "recv_fds", refused)
    with pytest.raises(ScribeLost):
        asked(evaluator, LARGE)
    monkeypatch.undo()
    with pytest.raises(ScribeLost):
        asked(evaluator, OPTIONAL)


def test_a_table_whose_rows_cannot_be_counted_leaves_no_file(evaluator: Evaluator, store: Store) -> None:
    class Failing:
        def query(self, text: str, **options: object) -> object:
            if "LIMIT" not in text:
                raise RuntimeError("no more")
            return store.query(text)

    before = len(os.listdir("/proc/self/fd"))
    assert asked(Evaluator(Failing(), "http://e.org/", {}, evaluator.scribe), LARGE).fault == "evaluation"
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_worker_ends_with_its_scribe(evaluator: Evaluator) -> None:
    os.kill(scribe_of(evaluator), signal.SIGKILL)
    with pytest.raises(ScribeLost) as lost:
        asked(evaluator, LARGE)
    assert lost.value.code == -signal.SIGKILL


def test_a_scribe_is_sandboxed(evaluator: Evaluator) -> None:
    body_of(asked(evaluator, LARGE))
    process = Path(f"/proc/{scribe_of(evaluator)}")
    assert "Seccomp:\t2" in (process / "status").read_text()
    assert "Max address space     unlimited" not in (process / "limits").read_text()
    # its channel, and what every process has
    assert len(os.listdir(process / "fd")) == 4
