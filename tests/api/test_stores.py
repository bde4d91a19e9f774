"""The contract of stores, the same for each kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.jobs import INLINE, Job, Outcome, StoreSource, pack_job, pack_outcome, read_job, read_outcome
from api.results import read_boolean, read_table
from api.stores import KINDS, Store, open_store
from graph_builder.errors import ReleaseError

TABLE = Job("SELECT ?s { ?s kip:position ?o }", "table", "JSON", 10_000, 1 << 24, 10, (32, 32), prefixes=("kip",))
ASK = replace(TABLE, query="ASK { GRAPH ?g { ?s ?p ?o } }", kind="boolean", row_cap=None)
GRAPHS = tuple(f"https://w3id.org/kip/graph/article/{name}" for name in "ab")


@pytest.fixture(scope="module", params=KINDS)
def store(request: pytest.FixtureRequest, small_release: Path) -> Iterator[Store]:
    prefixes = {"kip": "https://w3id.org/kip/def/", "unused": "http://e.org/"}
    opened = open_store(StoreSource(request.param, str(small_release), "https://w3id.org/kip/", prefixes, 512))
    opened.prepare()
    yield opened
    opened.close()


def test_a_table_is_whole(store: Store) -> None:
    outcome = store.answer(TABLE)
    assert (outcome.fault, outcome.truncated, outcome.total) == ("", "", 0)
    assert len(read_table(outcome.body).rows) == 3001
    assert outcome.size == len(outcome.body) > INLINE


def test_a_capped_table_counts_what_there_is(store: Store) -> None:
    outcome = store.answer(replace(TABLE, rows=10))
    assert (outcome.truncated, outcome.total, len(read_table(outcome.body).rows)) == ("rows", 3001, 10)


def test_a_table_with_as_many_rows_as_the_cap_is_whole(store: Store) -> None:
    assert store.answer(replace(TABLE, rows=3001)).truncated == ""


@pytest.mark.parametrize("engine", ["JSON", "XML", "CSV", "TSV"])
def test_a_table_that_is_too_large_is_cut_between_rows(store: Store, engine: str) -> None:
    outcome = store.answer(replace(TABLE, engine=engine, bytes=20_000))
    assert (outcome.truncated, outcome.total) == ("bytes", 3001)
    assert 10_000 < outcome.size <= 20_000
    assert outcome.body.rstrip().endswith({"JSON": b"}", "XML": b">", "TSV": b">"}.get(engine, b""))


def test_a_row_that_is_too_large_is_a_fault(store: Store) -> None:
    assert store.answer(replace(TABLE, bytes=20)).fault == "too-large"


def test_named_graphs_are_there_unless_the_dataset_leaves_them_out(store: Store) -> None:
    assert read_boolean(store.answer(ASK).body) is True
    assert read_boolean(store.answer(replace(ASK, default=GRAPHS, named=())).body) is False
    assert read_boolean(store.answer(replace(ASK, default=GRAPHS, named=GRAPHS[:1])).body) is True


def test_several_default_graphs_are_a_set_of_triples(store: Store) -> None:
    query = "SELECT ?o { <https://w3id.org/kip/id/org/kcci> ?p ?o }"
    outcome = store.answer(replace(TABLE, query=query, row_cap=(len(query), len(query)), default=GRAPHS))
    assert len(read_table(outcome.body).rows) == 1


@pytest.mark.parametrize(
    ("query", "fault"), [("SELECT ?s { ?s", "syntax"), ("SELECT ?s { ?s none:p ?o }", "syntax"), ("ASK {} LIMIT 1", "")]
)
def test_faults_of_a_query_are_outcomes(store: Store, query: str, fault: str) -> None:
    assert store.answer(replace(ASK, query=query)).fault == fault


def test_an_unknown_kind_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    for kind in ("cloud", *KINDS):
        with pytest.raises(ReleaseError):
            open_store(StoreSource(kind, str(tmp_path), "https://e.org/", {}, 64)).prepare()


def test_jobs_and_outcomes_travel_unchanged() -> None:
    job = replace(TABLE, query="SELECT ?산업 {}", default=["http://e.org/"], named=[], prefixes=["kip"], own_limit=5)
    assert read_job(pack_job(job)) == job
    outcome = Outcome("", "", "rows", 6, 12, True, "산업".encode())
    assert read_outcome(pack_outcome(outcome)) == outcome
    large = Outcome(size=INLINE + 1, body=b"x" * (INLINE + 1))
    assert read_outcome(pack_outcome(large)) == replace(large, body=b"")
