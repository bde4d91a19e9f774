"""Servers that the clients of other people ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import serving, written_release
from tests.engines import RemoteEngine, oxigraph


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The SPARQL endpoint of a server over the small release."""
    release: Path = written_release(tmp_path_factory.mktemp("clients"))
    with serving(release, KIP_WORKERS="2") as client:
        yield str(client.base_url.join("/sparql"))


@pytest.fixture(scope="session")
def other_engine() -> Iterator[RemoteEngine]:
    """Another engine, with nothing in it."""
    with oxigraph() as engine:
        yield engine
