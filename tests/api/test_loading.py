"""Loading a release into other engines: progress, resuming, verifying, and what is told when something is wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.request import Request, urlopen

import orjson
import pytest
from pyoxigraph import Literal, NamedNode

import kip
from api.engine.jobs import StoreSource
from api.engine.stores import open_store
from api.engine.stores.connection import Endpoint
from api.transfer.chunks import Release, canonical, checksum
from api.transfer.graph_store import ConnectionLost, GraphStore, RemoteRefused, RemoteUnusable
from api.transfer.loading import Loader, Report
from graph_builder.errors import ReleaseError
from graph_builder.prefixes import DEFAULT_BASE
from tests.api.conftest import FIXTURE, written_release
from tests.engines import RemoteEngine, free_port, oxigraph

XSD = "http://www.w3.org/2001/XMLSchema#"
GRAPH_A = f"{DEFAULT_BASE}graph/article/a"


def silent(what: str, done: int, total: int) -> None:
    """Nobody is told."""


@contextmanager
def loader(engine: RemoteEngine, release: Path, progress: Callable[[str, int, int], None] = silent) -> Iterator[Loader]:
    endpoint = Endpoint(engine.url, engine.user, engine.password)
    with closing(Loader(release, endpoint, "", progress, chunk=500, wait=lambda seconds: None)) as made:
        yield made


def load(engine: RemoteEngine, release: Path) -> Report:
    with loader(engine, release) as made:
        return made.load()


@pytest.fixture(scope="module")
def engine() -> Iterator[RemoteEngine]:
    with oxigraph() as running:
        yield running


@pytest.fixture(scope="module")
def typed_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = FIXTURE.with_name("contract.nq").read_text("utf-8").splitlines()
    return written_release(tmp_path_factory.mktemp("typed"), lines)


def update(engine: RemoteEngine, text: str) -> None:
    """Change what the engine holds behind the back of the loader."""
    url = engine.url.replace("/query", "/update")
    urlopen(Request(url, text.encode(), {"Content-Type": "application/sparql-update"}), timeout=10).close()


def opened(engine: RemoteEngine, release: Path) -> None:
    source = StoreSource("remote", str(release), DEFAULT_BASE, {}, 512, engine.url, engine.user, engine.password)
    open_store(source).close()


def test_a_load_is_whole_and_the_next_one_finds_all_there(engine: RemoteEngine, small_release: Path) -> None:
    report = load(engine, small_release)
    assert (report.right, report.engine, report.resumed) == (True, "Oxigraph", 0)
    assert sum(graph.found for graph in report.graphs) == sum(graph.triples for graph in report.graphs) == 3013
    assert load(engine, small_release).resumed == 3013
    opened(engine, small_release)


def test_an_interrupted_load_goes_on_where_it_was(engine: RemoteEngine, small_release: Path) -> None:
    told: list[int] = []

    def interrupt(what: str, done: int, total: int) -> None:
        told.append(done)
        if done >= 1500:
            raise KeyboardInterrupt

    with loader(engine, small_release, interrupt) as first, pytest.raises(KeyboardInterrupt):
        first.load(anew=True)
    assert told == [500, 1000, 1500]
    with pytest.raises(ReleaseError, match="holds no release that was loaded to its end"):
        opened(engine, small_release)
    report = load(engine, small_release)
    assert (report.resumed, report.right) == (1500, True)
    opened(engine, small_release)


def test_an_engine_that_ends_in_the_middle_is_gone_on_with(small_release: Path, tmp_path: Path) -> None:
    port = free_port()
    with (
        oxigraph(tmp_path, port) as first,
        loader(first, small_release, _end_at(first.process)) as made,
        pytest.raises(ConnectionLost),
    ):
        made.load()
    with oxigraph(tmp_path, port) as second:
        report = load(second, small_release)
    assert report.right
    assert report.resumed in (1000, 1500)


def _end_at(process: int) -> Callable[[str, int, int], None]:
    def progress(what: str, done: int, total: int) -> None:
        if done == 1000:
            import os
            import signal

            os.kill(process, signal.SIGKILL)

    return progress


@pytest.mark.parametrize(
    ("change", "differences"),
    [
        ("DELETE DATA { GRAPH <%s> { %s } }", ["-"]),
        ("INSERT DATA { GRAPH <%s> { <http://e.org/new> <http://e.org/p> 1 } }", []),
        ("DELETE DATA { GRAPH <%s> { %s } } ; INSERT DATA { GRAPH <%s> { %s } }", ["-", "+"]),
    ],
)
def test_what_was_tampered_with_is_found(
    engine: RemoteEngine, small_release: Path, change: str, differences: list[str]
) -> None:
    load(engine, small_release)
    triple = f"<{DEFAULT_BASE}id/program/smart-factory-rollout> <{DEFAULT_BASE}def/position> {{}} "
    values = [GRAPH_A, triple.format(3), GRAPH_A, triple.format(4)]
    update(engine, change % tuple(values[: change.count("%s")]))
    with loader(engine, small_release) as made:
        report = made.verify()
    wrong = [graph for graph in report.graphs if not graph.right]
    assert [graph.graph for graph in wrong] == [GRAPH_A]
    assert [line[0] for line in wrong[0].differences] == differences
    with loader(engine, small_release) as made:
        assert made.load(anew=True).right


def test_another_release_takes_the_place_of_the_first(
    engine: RemoteEngine, small_release: Path, tmp_path: Path
) -> None:
    load(engine, small_release)
    other = written_release(tmp_path, [f'<{DEFAULT_BASE}id/case/x> <{DEFAULT_BASE}def/text> "x" .'])
    kept = [line for line in (other / "dataset.nq").read_text("utf-8").splitlines() if "article/b>" not in line]
    (other / "dataset.nq").write_text("".join(f"{line}\n" for line in kept), "utf-8")
    manifest = orjson.loads((other / "manifest.json").read_bytes())
    del manifest["graphs"][f"{DEFAULT_BASE}graph/article/b"]
    (other / "manifest.json").write_bytes(orjson.dumps(manifest))
    assert load(engine, other).right
    with pytest.raises(ReleaseError, match="holds test-1, not test-1: run 'kip load"):
        opened(engine, small_release)
    query = f"ASK {{ GRAPH <{DEFAULT_BASE}graph/article/b> {{ ?s ?p ?o }} }}"
    request = Request(engine.url, query.encode(), {"Content-Type": "application/sparql-query"})
    with urlopen(request, timeout=10) as answer:
        assert b"false" in answer.read()


def test_virtuoso_holds_the_same_values(virtuoso_engine: RemoteEngine, typed_release: Path) -> None:
    report = load(virtuoso_engine, typed_release)
    assert (report.engine, report.right) == ("Virtuoso", True)
    assert sum(graph.rewritten for graph in report.graphs) == 3, "an integer, a decimal, a double"
    assert load(virtuoso_engine, typed_release).resumed == sum(graph.triples for graph in report.graphs)


def test_who_may_not_write_is_told_without_the_password(virtuoso_engine: RemoteEngine, typed_release: Path) -> None:
    stranger = replace(virtuoso_engine, password="secret")
    with loader(stranger, typed_release) as made, pytest.raises(RemoteUnusable) as refusal:
        made.load(anew=True)
    assert "set KIP_REMOTE_USER and KIP_REMOTE_PASSWORD" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_the_command_tells_what_it_found(
    engine: RemoteEngine, small_release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["load", engine.url, "--release", str(small_release), "--json"]
    assert kip.main([*command, "--anew"]) == 0
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert (report["right"], report["triples"], report["engine"]) == (True, 3013, "Oxigraph")
    assert all(
        len(graph["checksum"]) == 32 and graph["checksum"] == graph["checksum_found"] for graph in report["graphs"]
    )
    assert "loaded 3,013 of 3,013 triples" in told.err
    update(engine, f"CLEAR GRAPH <{GRAPH_A}>")
    assert kip.main([*command[:-1], "--verify"]) == 1
    told = capsys.readouterr()
    assert f"WRONG\t0\t{'0' * 32}\t{GRAPH_A}\n\texpected 2 triples" in told.out
    assert "--anew removes what is there and loads all" in told.err


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://127.0.0.1:1/query", "cannot be reached"),
        ("ftp://127.0.0.1/query", "must be the http or https URL"),
        ("http://u:p@127.0.0.1/query", "a user and a password are given as"),
        ("{engine}/elsewhere", "does not answer as a SPARQL endpoint does"),
        ("{engine}/query --graph-store {engine}/query", "takes no N-Triples, so it is no graph store"),
        ("{engine}/query --release /nowhere", "no release in /nowhere"),
    ],
)
def test_wrong_use_is_told(
    engine: RemoteEngine, small_release: Path, url: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = url.replace("{engine}", engine.url.removesuffix("/query")).split()
    assert kip.main(["load", "--release", str(small_release), "--anew", *given]) == 2
    assert message in capsys.readouterr().err


class _Refusing(BaseHTTPRequestHandler):
    """A graph store that answers with what is in its list, then takes everything."""

    answers: ClassVar[list[tuple[int, str]]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, text = self.answers.pop(0) if self.answers else (204, "")
        if status == 0:
            self.connection.close()
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def refusing() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/store"
        server.shutdown()


@pytest.mark.parametrize(
    ("answers", "error", "message"),
    [
        ([(503, ""), (0, ""), (429, "")], None, ""),
        ([(500, "IO error: No space left on device")], RemoteRefused, "the disk of the engine is full"),
        ([(507, "")], RemoteRefused, "the disk of the engine is full"),
        ([(500, "what is this?")], RemoteRefused, "answers 500: what is this?"),
        ([(403, "")], RemoteUnusable, "may not write there"),
        ([(404, "")], RemoteUnusable, "nothing is there"),
        ([(301, "")], RemoteRefused, "answers 301"),
        ([(503, "busy")] * 9, RemoteRefused, "answers 503: busy"),
    ],
)
def test_what_the_engine_refuses_is_told(
    refusing: str, answers: list[tuple[int, str]], error: type[Exception] | None, message: str
) -> None:
    _Refusing.answers[:] = answers
    with closing(GraphStore(Endpoint(refusing), wait=lambda seconds: None)) as store:
        if error is None:
            store.add("http://e.org/g", "")
            return
        with pytest.raises(error, match=message):
            store.add("http://e.org/g", "")


def test_chunks_are_the_same_each_time_and_hold_every_quad(typed_release: Path) -> None:
    release = Release(typed_release, DEFAULT_BASE)
    first, second = (list(release.chunks(500)) for _ in range(2))
    assert [chunk.name for chunk in first] == [chunk.name for chunk in second]
    assert sum(chunk.triples for chunk in first) == len((typed_release / "dataset.nq").read_bytes().splitlines())
    assert len({chunk.name for chunk in first}) == len(first)
    assert not any("_:" in chunk.text for chunk in first), "a blank node could not be shared"


def test_all_triples_of_a_subject_are_in_one_batch(typed_release: Path) -> None:
    batches = list(Release(typed_release, DEFAULT_BASE).batches(7))
    seen = [(graph, subject) for graph, lines in batches for subject in {line[0] for line in lines}]
    assert len(seen) == len(set(seen)) > 3000


@pytest.mark.parametrize(
    ("texts", "datatype"),
    [
        (("1.50", "1.5", "+01.5"), "decimal"),
        (("3", "03"), "integer"),
        (("true", "1"), "boolean"),
        (("1E3", "1000.0"), "double"),
    ],
)
def test_spellings_of_one_value_are_one(texts: tuple[str, ...], datatype: str) -> None:
    assert len({canonical(Literal(text, datatype=NamedNode(XSD + datatype))) for text in texts}) == 1


def test_other_values_are_others() -> None:
    terms: list[Literal | NamedNode] = [
        Literal("3"),
        Literal(3),
        Literal(3.5),
        Literal("3", language="ko"),
        Literal("03"),
        NamedNode("http://e.org/3"),
    ]
    assert len({canonical(term) for term in terms}) == len(terms)
    assert canonical(Literal("a", language="en-GB")) == canonical(Literal("a", language="en-gb"))


def test_a_checksum_does_not_depend_on_the_order() -> None:
    assert checksum(["a", "b", "c"]) == checksum(["c", "a", "b"]) == (checksum(["a"]) + checksum(["b", "c"])) % 2**128
    assert checksum(["a", "b"]) != checksum(["a", "c"])
