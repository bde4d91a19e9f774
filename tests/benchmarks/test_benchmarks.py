"""The benchmarks measure what they say: the same data for the same seed, the same graph from both sides, a table."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, RdfFormat, parse

from graph_builder.inference import infer, read_rules
from graph_builder.pipeline import Curated, check
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.serialization import sorted_nquads
from graph_builder.validation import to_rdflib
from tests.benchmarks import client, peers, synthesis
from tests.benchmarks.__main__ import main
from tests.benchmarks.building import claimed, curated_of, schema_of
from tests.benchmarks.report import Report, Row, machine, versions
from tests.benchmarks.timing import (
    Sample,
    family,
    peak_memory,
    processor_time,
    seconds_by_turns,
    shared_memory,
    turns,
)

ARTICLES = 4


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory) -> Curated:
    return curated_of(tmp_path_factory.mktemp("synthetic"), ARTICLES, synthesis.SEED)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert synthesis.files(ARTICLES, 1) == synthesis.files(ARTICLES, 1)
    assert synthesis.files(ARTICLES, 1) != synthesis.files(ARTICLES, 2)


def test_a_synthetic_project_is_without_fault(tmp_path: Path) -> None:
    documents = check(synthesis.project(tmp_path, ARTICLES), prefix_map()).documents
    assert len([document for document in documents if document.snapshot]) == ARTICLES


def test_a_synthetic_article_has_ninety_quads_or_more(curated: Curated) -> None:
    assert len(set(claimed(curated))) >= 90 * ARTICLES


def test_the_peer_comes_to_the_same_quads(curated: Curated) -> None:
    theirs = set(parse(peers.nquads_of(peers.quads_with_rdflib(curated)), format=RdfFormat.N_QUADS))
    assert set(parse(sorted_nquads(claimed(curated)), format=RdfFormat.N_QUADS)) == theirs


def test_the_peer_infers_the_same_triples(curated: Curated) -> None:
    rules = read_rules(CHECKOUT.rules, prefix_map())
    asserted = {quad.triple for quad in claimed(curated) if isinstance(quad.graph_name, DefaultGraph)}
    some = [*asserted, *schema_of(curated)]
    chosen = [rule for rule in rules if rule.name[:2] in ("12", "30", "31")]
    ours = to_rdflib(infer(some, chosen))
    assert len(ours) > 0
    assert set(peers.infer_with_rdflib(to_rdflib(some), chosen)) == set(ours)


def test_the_table_tells_medians_extremes_and_the_ratio() -> None:
    rows = [
        Row("building", "s", Sample((1.0, 2.0, 3.0)), "other", Sample((10.0, 9.0, 8.0))),
        Row("asking", "requests/s", Sample((1500.0,)), "other", Sample((3000.0,)), more_is_better=True),
        Row("alone", "MB", Sample((12.345,))),
    ]
    lines = Report({"seed": 1, "machine": {"processors": "2"}}, ["a note"], rows).markdown().splitlines()
    assert lines[2:5] == [
        "| building, s | 2.00 (1.00 to 3.00) | 9.00 (8.00 to 10.0) other | 4.50 × |",
        "| asking, requests/s | 1,500 | 3,000 other | 0.500 × |",
        "| alone, MB | 12.3 | – | – |",
    ]
    assert {"- seed: 1", "- machine: processors 2", "- a note"} <= set(lines)


def test_the_report_is_json_with_every_round() -> None:
    report = Report({"seed": 1}, [], [Row("building", "s", Sample((1.0, 3.0)), "other", Sample((4.0,)))])
    row = json.loads(json.dumps(report.as_json()))["rows"][0]
    assert (row["ours"]["values"], row["ours_median"], row["ratio"]) == ([1.0, 3.0], 2.0, 2.0)


def test_versions_and_the_machine_are_named() -> None:
    assert versions()["pyoxigraph"] != "absent"
    assert int(machine()["processors"]) > 0


def test_rounds_take_turns() -> None:
    order: list[str] = []
    taken = seconds_by_turns(2, {"a": lambda: order.append("a"), "b": lambda: order.append("b")})
    assert order == ["a", "b", "a", "b"]
    assert len(taken["a"].values) == 2
    assert Sample((2.0, 4.0)).per(8) == Sample((4.0, 2.0))


def test_no_round_begins_late_but_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.benchmarks.timing.PATIENCE", 0.0)
    assert list(turns(3)) == [0]


def test_memory_is_read_of_the_processes_that_live() -> None:
    own = family(int(Path("/proc/self").readlink().name))
    assert peak_memory() > 1_000_000
    assert shared_memory(own[:1]) > 1_000_000
    assert 0 < processor_time(own[:1]) < 100_000


BODY = b'{"results":{"bindings":[]}}'
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
EMPTY = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"


def _answering(listener: socket.socket, answer: bytes) -> None:
    """Answers each request with the same bytes, cut in two, until the client goes."""
    connection, _ = listener.accept()
    with connection:
        while connection.recv(65536):
            connection.sendall(answer[: len(answer) // 2])
            connection.sendall(answer[len(answer) // 2 :])


@pytest.mark.parametrize("answer", [WHOLE, CHUNKED, EMPTY], ids=["length", "chunked", "empty"])
def test_the_client_finds_the_end_of_an_answer(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answering, args=(listener, answer))
        thread.start()
        endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}/sparql"
        done = client.burst(endpoint, [client.get(endpoint, "ASK {}")], 1, 0.05)
        thread.join()
    assert done.answers > 1
    assert done.bytes == done.answers * len(answer)


def test_the_client_counts_no_error_as_an_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answering, args=(listener, WHOLE.replace(b"200 OK", b"503 Busy")))
        thread.start()
        endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}/sparql"
        with pytest.raises(ConnectionError, match="503"):
            client.burst(endpoint, [client.get(endpoint, "ASK {}")], 1, 0.05)
        thread.join()


def test_a_wrong_number_of_articles_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--articles", "0"])
    assert "no number of articles" in capsys.readouterr().err
