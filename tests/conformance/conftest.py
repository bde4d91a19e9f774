"""Releases with the data of the test suites, and servers over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import orjson
import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from graph_builder.prefixes import DEFAULT_BASE, prefix_map
from tests.api.conftest import serving
from tests.conformance.judging import RESULT_SUITES
from tests.conformance.suites import graph_data, result_cases

__all__ = ["protocol_quads", "quads_of", "served", "write_release"]


def quads_of(path: Path, graph: str = "") -> Iterator[Quad]:
    """The quads of a file, in a graph or in the default graph."""
    for quad in parse(path=path, base_iri=path.as_uri()):
        yield Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph)) if graph else quad


def protocol_quads() -> Iterator[Quad]:
    """The named graphs that the protocol tests ask; nothing is in the default graph."""
    for iri, path in graph_data().items():
        yield from quads_of(path, iri)


def write_release(folder: Path, quads: Iterable[Quad]) -> Path:
    """The folder, made a release of these quads."""
    serialize(quads, output=folder / "dataset.nq", format=RdfFormat.N_QUADS)
    manifest = {"version": "w3c", "base": DEFAULT_BASE, "prefixes": dict(prefix_map().prefixes)}
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest))
    return folder


@contextmanager
def served(folder: Path, quads: Iterable[Quad]) -> Iterator[httpx.Client]:
    """A client of a server over a release of these quads."""
    with serving(write_release(folder, quads), KIP_WORKERS="1") as client:
        yield client


@pytest.fixture(scope="session")
def protocol_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server with the named graphs that the protocol tests ask, and nothing in the default graph."""
    quads = list(protocol_quads())
    assert len({quad.graph_name for quad in quads}) == 3
    with served(tmp_path_factory.mktemp("protocol"), quads) as client:
        yield client


@pytest.fixture(scope="session")
def result_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Path, httpx.Client]]:
    """A server for each file of data that the result tests ask, started when the first test needs it."""
    files = {case.data for suite in RESULT_SUITES for case in result_cases(suite)}
    with ExitStack() as stack:
        yield {
            path: stack.enter_context(served(tmp_path_factory.mktemp(path.stem), quads_of(path)))
            for path in sorted(files)
        }
