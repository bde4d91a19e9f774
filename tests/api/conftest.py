"""A small release and servers over it: real processes on free ports, ended by their numbers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pyoxigraph import RdfFormat, Store

from api.engine.jobs import Outcome
from graph_builder.prefixes import DEFAULT_BASE, prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.search_index import search_index
from tests.engines import RemoteEngine, oxigraph, virtuoso

FIXTURE = Path(__file__).parent.parent / "fixtures" / "serving.nq"
# Enough of them that three patterns without a join have no end.
FILLERS = 3000
CROSS_PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def _lines() -> list[str]:
    fillers = (
        f"<{DEFAULT_BASE}id/value/filler-{number:04}> <{DEFAULT_BASE}def/position> "
        f'"{number}"^^<http://www.w3.org/2001/XMLSchema#integer> .'
        for number in range(FILLERS)
    )
    return [*FIXTURE.read_text("utf-8").splitlines(), *fillers]


@pytest.fixture(scope="session")
def small_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release with a dozen facts and some thousands of fillers, in memory and on disk."""
    return written_release(tmp_path_factory.mktemp("release"))


def written_release(folder: Path, more: Sequence[str] = ()) -> Path:
    """A folder with the small release, and more lines of N-Quads for the default graph."""
    lines = sorted([*_lines(), *more])
    (folder / "dataset.nq").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    store = Store(str(folder / "store"))
    store.bulk_load(path=str(folder / "dataset.nq"), format=RdfFormat.N_QUADS)
    store.flush()
    graphs = {"": len(lines) - 4, **{f"{DEFAULT_BASE}graph/article/{name}": 2 for name in "ab"}}
    manifest = {
        "version": "test-1",
        "base": DEFAULT_BASE,
        "quads": len(lines),
        "triples": len(lines) - 4,
        "graphs": graphs,
        "prefixes": dict(prefix_map(DEFAULT_BASE).prefixes),
    }
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest))
    (folder / "labels.json").write_bytes(orjson.dumps([]))
    (folder / "search.sqlite").write_bytes(search_index([], [], prefix_map(DEFAULT_BASE)))
    return folder


UNTRACED: Mapping[str, str] = {"COVERAGE_PROCESS_CONFIG": ""}
"""The variable with which a server is as quick as users have it, for the price that its lines do not count."""


@contextmanager
def running(release: Path, *arguments: str, **settings: str) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """A client of a server of its own, and its process, which ends with the block; KIP_LOG=json is there to be read.

    A variable of the environment that is set to "" is left out.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KIP_")} | settings
    process = subprocess.Popen(
        [sys.executable, "-m", "api", "serve", "--port", "0", "--release", str(release), *arguments],
        cwd=CHECKOUT.root,
        env={name: value for name, value in environment.items() if value},
        stdout=subprocess.PIPE if settings.get("KIP_LOG") == "json" else None,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        with httpx.Client(base_url=_address(process.stderr.readline()), timeout=60) as client:
            wait_until_ready(client)
            yield client, process
    finally:
        process.terminate()
        process.communicate(timeout=30)


@contextmanager
def serving(release: Path, *arguments: str, **settings: str) -> Iterator[httpx.Client]:
    """A client of a server of its own, which ends with the block."""
    with running(release, *arguments, **settings) as (client, _):
        yield client


def _address(line: str) -> str:
    found = re.search(r"http://\S+", line)
    assert found, f"the server said {line!r}"
    return found.group()


def figures(client: httpx.Client) -> dict[str, float]:
    """What the server counts now, by the names that Prometheus reads."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    samples = (sample for family in families for sample in family.samples)
    return {
        each.name + "".join(f"[{value}]" for _, value in sorted(each.labels.items())): each.value for each in samples
    }


def body_of(outcome: Outcome) -> bytes:
    """The body of what a store answered; a file is read and closed."""
    if outcome.descriptor < 0:
        return outcome.body
    with os.fdopen(outcome.descriptor, "rb") as file:
        file.seek(0)
        return file.read()


def until(happens: Callable[[], bool], seconds: float = 60.0) -> None:
    """Return when something is so; it fails where that does not come."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def wait_until_ready(client: httpx.Client) -> None:
    """Return when queries are answered; the listening socket is there before, and holds the request."""
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.text


@pytest.fixture(scope="session")
def server(small_release: Path) -> Iterator[httpx.Client]:
    """A client of a server with the memory store and the usual limits, but few rows."""
    with serving(small_release, KIP_WORKERS="2", KIP_RESULT_ROWS="2000") as client:
        yield client


@pytest.fixture(scope="session")
def strict_server(small_release: Path) -> Iterator[httpx.Client]:
    """A client of a server with a short deadline, little memory and small answers."""
    limits: Mapping[str, str] = {
        "KIP_WORKERS": "2",
        "KIP_QUERY_SECONDS": "2",
        "KIP_QUERY_MEMORY_MB": "200",
        "KIP_RESULT_MB": "1",
    }
    with serving(small_release, **limits) as client:
        yield client


@pytest.fixture(scope="session")
def virtuoso_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteEngine]:
    """Virtuoso, which takes some seconds to start; every test loads what it needs."""
    with virtuoso(tmp_path_factory.mktemp("virtuoso")) as engine:
        yield engine


@pytest.fixture(scope="session")
def oxigraph_engine() -> Iterator[RemoteEngine]:
    """The Oxigraph server; every test loads what it needs."""
    with oxigraph() as engine:
        yield engine
