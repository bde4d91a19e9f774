"""A release on disk: each worker opens the store directory read-only for itself."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
from pyoxigraph import Store as Engine

from api.engine.jobs import Job, Outcome, StoreSource
from api.engine.stores.embedded import TERMS, Evaluator
from api.engine.stores.scribe import Scribe
from api.engine.stores.tables import Terms
from graph_builder.errors import ReleaseError

__all__ = ["DiskStore", "open_store"]


class DiskStore:
    """Oxigraph's RocksDB store; opened after the fork, because its threads would not survive one."""

    companion = 0

    def __init__(self, source: StoreSource) -> None:
        self._source = source
        self._evaluator: Evaluator | None = None

    def prepare(self) -> None:
        """Start a scribe and open the directory. Raises ReleaseError."""
        scribe = Scribe.start(Terms(TERMS), self._source.memory_mb << 20)
        path = str(Path(self._source.path) / "store")
        try:
            engine = Engine.read_only(path)
        except (OSError, ValueError) as error:
            scribe.close()
            raise ReleaseError(f"{path} cannot be opened: {error}; build the release again") from error
        self._evaluator = Evaluator(engine, self._source.base, self._source.prefixes, scribe)

    def answer(self, job: Job) -> Outcome:
        """The outcome of a job."""
        assert self._evaluator is not None, "prepare() comes first"
        return self._evaluator.answer(job)

    def close(self) -> None:
        """End the scribe and let go of the directory."""
        if self._evaluator is not None:
            self._evaluator.close()
        self._evaluator = None


def open_store(source: StoreSource) -> DiskStore:
    """The store directory of a release. Raises ReleaseError where there is none."""
    path = Path(source.path) / "store"
    if not (path / "CURRENT").is_file():
        raise ReleaseError(f"{path} is no store directory; build the release again, or set KIP_STORE=memory")
    _verify(path, Path(source.path) / "manifest.json")
    return DiskStore(source)


def _verify(path: Path, manifest: Path) -> None:
    """Count the quads in a process of its own, whose threads and crashes are not ours. Raises ReleaseError."""
    receiving, telling = os.pipe()
    process = os.fork()
    if process == 0:
        _count(path, telling)
    os.close(telling)
    with os.fdopen(receiving, "rb") as said:
        found = said.read()
    os.waitpid(process, 0)
    expected = _quads(manifest)
    if not found.isdigit() or (expected is not None and int(found) != expected):
        what = (
            f"{int(found)} of {expected} quads" if found.isdigit() else "no quads: " + found.decode("utf-8", "replace")
        )
        raise ReleaseError(f"{path} is damaged and gives {what}; build the release again, or set KIP_STORE=memory")


def _count(path: Path, telling: int) -> None:
    """Say how many quads there are, or why nobody knows; never returns."""
    try:
        said = str(len(Engine.read_only(str(path)))).encode()
    except Exception as error:
        said = f"{type(error).__name__}: {error}".encode()[:2000]
    os.write(telling, said)
    os._exit(0)


def _quads(manifest: Path) -> int | None:
    try:
        return int(orjson.loads(manifest.read_bytes())["quads"])
    except (OSError, ValueError, KeyError):
        return None
