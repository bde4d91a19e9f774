"""A release on disk: each worker opens the store directory read-only for itself."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import Store as Engine

from api.jobs import Job, Outcome, StoreSource
from api.stores.embedded import Evaluator
from graph_builder.errors import ReleaseError

__all__ = ["DiskStore", "open_store"]


class DiskStore:
    """Oxigraph's RocksDB store; opened after the fork, because its threads would not survive one."""

    def __init__(self, source: StoreSource) -> None:
        self._source = source
        self._evaluator: Evaluator | None = None

    def prepare(self) -> None:
        """Open the directory. Raises ReleaseError."""
        path = str(Path(self._source.path) / "store")
        try:
            engine = Engine.read_only(path)
        except (OSError, ValueError) as error:
            raise ReleaseError(f"{path} cannot be opened: {error}; build the release again") from error
        self._evaluator = Evaluator(engine, self._source.base, self._source.prefixes)

    def answer(self, job: Job) -> Outcome:
        """The outcome of a job."""
        assert self._evaluator is not None, "prepare() comes first"
        return self._evaluator.answer(job)

    def close(self) -> None:
        """Let go of the directory."""
        self._evaluator = None


def open_store(source: StoreSource) -> DiskStore:
    """The store directory of a release. Raises ReleaseError where there is none."""
    path = Path(source.path) / "store"
    if not (path / "CURRENT").is_file():
        raise ReleaseError(f"{path} is no store directory; build the release again, or set KIP_STORE=memory")
    return DiskStore(source)
