"""The contract of stores, the same for each kind; `python -m tests.api.test_stores` writes the matrix of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from api.engine.jobs import INLINE, Job, Outcome, StoreSource, pack_job, pack_outcome, read_job, read_outcome
from api.engine.lexer import read_query
from api.engine.results import read_boolean, read_table
from api.engine.stores import KINDS, Store, open_store
from api.engine.stores.connection import Endpoint
from api.transfer.loading import Loader
from graph_builder.errors import ReleaseError
from graph_builder.prefixes import DEFAULT_BASE, prefix_map
from tests.api.conftest import FIXTURE, body_of, written_release
from tests.api.contract import CANNOT, CASES, README, STORES, Case, matrix
from tests.engines import RemoteEngine

FILLERS = 3000
TABLE = Job("SELECT ?s { ?s kip:position ?o }", "table", "JSON", 10_000, 1 << 24, 10, (32, 32), prefixes=("kip",))
ASK = replace(TABLE, query="ASK { GRAPH ?g { ?s ?p ?o } }", kind="boolean", row_cap=None)
GRAPH = replace(
    TABLE, query="CONSTRUCT { ?s kip:position ?o } WHERE { ?s kip:position ?o }", kind="graph", row_cap=None
)
GRAPHS = tuple(f"https://w3id.org/kip/graph/article/{name}" for name in "ab")
PREFIXES = dict(prefix_map(DEFAULT_BASE).prefixes)
_BEGIN, _END = "<!-- matrix -->\n", "<!-- end of the matrix -->\n"


@pytest.fixture(scope="module")
def contract_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small release, and a term of every kind."""
    lines = (FIXTURE.with_name("contract.nq")).read_text("utf-8").splitlines()
    return written_release(tmp_path_factory.mktemp("contract"), lines)


@pytest.fixture(scope="module", params=STORES)
def store(request: pytest.FixtureRequest, contract_release: Path) -> Iterator[Store]:
    kind, _, name = request.param.partition(" ")
    source = StoreSource(kind, str(contract_release), DEFAULT_BASE, PREFIXES, 512)
    if not name:
        yield from _opened(source)
        return
    engine: RemoteEngine = request.getfixturevalue(f"{name}_engine")
    _load(engine, contract_release)
    yield from _opened(replace(source, remote_url=engine.url, remote_user=engine.user, remote_password=engine.password))


def _opened(source: StoreSource) -> Iterator[Store]:
    opened = open_store(source)
    opened.prepare()
    yield opened
    opened.close()


def _load(engine: RemoteEngine, release: Path) -> None:
    endpoint = Endpoint(engine.url, engine.user, engine.password)
    with closing(Loader(release, endpoint, "", lambda *_: None)) as loader:
        assert loader.load().right


@pytest.fixture(autouse=True)
def known(request: pytest.FixtureRequest) -> None:
    """What a store is known not to do must fail."""
    if "store" in request.fixturenames:
        case = request.node.callspec.params.get("case")
        row = case.name if case else _row(request.node.originalname)
        if reason := CANNOT.get((request.node.callspec.params["store"], row)):
            request.node.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def _row(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ").replace("limit", "LIMIT").replace("ask", "ASK")


def _rows() -> list[str]:
    """The promises in order: the tests that take a store, then the cases."""
    text = Path(__file__).read_text("utf-8")
    names = re.findall(r"^def (test_\w+)\(\s*store: Store", text, re.MULTILINE)
    return [*(_row(name) for name in names if name != _CASES), *(case.name for case in CASES)]


def _job(query: str, kind: str = "table", engine: str = "TSV") -> Job:
    read = read_query(query)
    cap = read.row_cap if kind == "table" else None
    own = read.own_limit if kind == "table" else None
    return replace(TABLE, query=query, kind=kind, engine=engine, row_cap=cap, own_limit=own, prefixes=read.prefixes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_query_has_the_rows_of_its_case(store: Store, case: Case) -> None:
    outcome = store.answer(_job(case.query))
    assert (outcome.fault, outcome.message) == ("", "")
    assert sorted(outcome.body.decode().splitlines()[1:]) == sorted(case.rows)


_CASES = "test_a_query_has_the_rows_of_its_case"


def test_a_table_is_whole(store: Store) -> None:
    outcome = store.answer(TABLE)
    assert (outcome.fault, outcome.truncated, outcome.total) == ("", "", 0)
    body = body_of(outcome)
    assert len(read_table(body).rows) == FILLERS + 1
    assert outcome.size == len(body) > INLINE


def test_a_capped_table_counts_what_there_is(store: Store) -> None:
    outcome = store.answer(replace(TABLE, rows=10))
    assert (outcome.truncated, outcome.total, len(read_table(outcome.body).rows)) == ("rows", FILLERS + 1, 10)


def test_a_table_with_as_many_rows_as_the_cap_is_whole(store: Store) -> None:
    assert store.answer(replace(TABLE, rows=FILLERS + 1)).truncated == ""


def test_a_sorted_table_is_whole(store: Store) -> None:
    outcome = store.answer(replace(_job("SELECT ?o { ?s kip:position ?o } ORDER BY ?o"), rows=100_000))
    assert (outcome.fault, outcome.truncated) == ("", "")
    assert [int(line) for line in outcome.body.splitlines()[1:4]] == [0, 1, 2]


def test_a_limit_of_the_query_is_no_cap(store: Store) -> None:
    outcome = store.answer(_job("SELECT ?s { ?s kip:position ?o } LIMIT 7"))
    assert (outcome.truncated, len(outcome.body.splitlines())) == ("", 8)


@pytest.mark.parametrize("engine", ["JSON", "XML", "CSV", "TSV"])
def test_a_table_that_is_too_large_is_cut_between_rows(store: Store, engine: str) -> None:
    outcome = store.answer(replace(TABLE, engine=engine, bytes=20_000))
    assert (outcome.truncated, outcome.total) == ("bytes", FILLERS + 1)
    assert 10_000 < outcome.size <= 20_000
    assert outcome.body.rstrip().endswith({"JSON": b"}", "XML": b">", "TSV": b">"}.get(engine, b""))


def test_a_row_that_is_too_large_is_a_fault(store: Store) -> None:
    assert store.answer(replace(TABLE, bytes=20)).fault == "too-large"


@pytest.mark.parametrize("engine", ["TURTLE", "N_TRIPLES", "RDF_XML", "JSON_LD", "TRIG", "N_QUADS", "N3"])
def test_a_graph_is_written_in_every_format(store: Store, engine: str) -> None:
    outcome = store.answer(replace(GRAPH, engine=engine))
    assert (outcome.fault, outcome.truncated) == ("", "")
    assert sum(1 for _ in parse(outcome.body, format=getattr(RdfFormat, engine))) == FILLERS + 1


def test_a_capped_graph_counts_what_there_is(store: Store) -> None:
    outcome = store.answer(replace(GRAPH, engine="N_TRIPLES", rows=10))
    assert (outcome.truncated, outcome.total, len(outcome.body.splitlines())) == ("rows", FILLERS + 1, 10)


def test_a_template_makes_new_blank_nodes(store: Store) -> None:
    query = "CONSTRUCT { _:x kip:part ?o } WHERE { <id/case/b> kip:part ?o }"
    outcome = store.answer(_job(query, "graph", "N_TRIPLES"))
    assert re.fullmatch(rb"_:\S+ <https://w3id.org/kip/def/part> <https://w3id.org/kip/id/case/c> \.\n", outcome.body)


def test_a_description_has_what_is_said_of_a_thing(store: Store) -> None:
    outcome = store.answer(_job("DESCRIBE <id/org/shinhan-bank>", "graph", "N_TRIPLES"))
    assert b'"\xec\x8b\xa0\xed\x95\x9c\xec\x9d\x80\xed\x96\x89"@ko' in outcome.body


@pytest.mark.parametrize("engine", ["JSON", "XML", "CSV", "TSV"])
def test_an_ask_is_answered_in_every_format(store: Store, engine: str) -> None:
    bodies = [
        store.answer(replace(ASK, query=query, engine=engine)).body for query in ("ASK {}", "ASK { FILTER(false) }")
    ]
    assert [b"true" in bodies[0], b"false" in bodies[1]] == [True, True]


def test_named_graphs_are_there_unless_the_dataset_leaves_them_out(store: Store) -> None:
    assert read_boolean(store.answer(ASK).body) is True
    assert read_boolean(store.answer(replace(ASK, default=GRAPHS, named=())).body) is False
    assert read_boolean(store.answer(replace(ASK, default=GRAPHS, named=GRAPHS[:1])).body) is True


def test_several_default_graphs_are_a_set_of_triples(store: Store) -> None:
    query = "SELECT ?o { <https://w3id.org/kip/id/org/kcci> ?p ?o }"
    outcome = store.answer(replace(_job(query, engine="JSON"), default=GRAPHS))
    assert len(read_table(outcome.body).rows) == 1


def test_the_dataset_of_the_request_wins_over_from(store: Store) -> None:
    query = "SELECT ?o FROM <graph/article/a> { <id/org/only-in-b> rdfs:label ?o }"
    assert len(store.answer(replace(_job(query), default=GRAPHS[1:], named=())).body.splitlines()) == 2


def test_other_graphs_of_the_engine_are_out_of_reach(store: Store) -> None:
    query = "ASK { GRAPH <graph/load> { ?s ?p ?o } }"
    job = replace(_job(query, "boolean", "JSON"), default=GRAPHS, named=("https://w3id.org/kip/graph/load",))
    assert read_boolean(store.answer(job).body) is False


@pytest.mark.parametrize("query", ["SELECT ?s { ?s", "SELECT ?s { ?s none:p ?o }"])
def test_what_does_not_parse_is_told_alike(store: Store, query: str) -> None:
    outcome = store.answer(replace(ASK, query=query))
    assert (outcome.fault, outcome.message.startswith("error at 1:")) == ("syntax", True)


def test_ask_takes_a_limit(store: Store) -> None:
    assert store.answer(replace(ASK, query="ASK {} LIMIT 1")).fault == ""


def test_the_matrix_in_the_readme_is_that_of_the_contract() -> None:
    assert {row for _, row in CANNOT} <= {*_rows()}
    assert README.read_text("utf-8").split(_BEGIN)[1].split(_END)[0] == matrix(_rows()), (
        "python -m tests.api.test_stores"
    )


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


def main() -> None:
    """Write the matrix into the README."""
    text = README.read_text("utf-8")
    before, after = text.split(_BEGIN)[0], text.split(_END)[1]
    README.write_text(f"{before}{_BEGIN}{matrix(_rows())}{_END}{after}", "utf-8")


if __name__ == "__main__":
    main()
