"""A release in memory: loaded once, before the workers are forked, and shared by them copy-on-write."""

from __future__ import annotations

import gc
from pathlib import Path

from pyoxigraph import RdfFormat
from pyoxigraph import Store as Engine

from api.engine.jobs import Job, Outcome, StoreSource
from api.engine.stores.embedded import Evaluator
from api.engine.stores.scribe import Scribe
from graph_builder.errors import ReleaseError

__all__ = ["MemoryStore", "loaded", "open_store"]


class MemoryStore:
    """Oxigraph's in-memory store."""

    companion = 0

    def __init__(self, engine: Engine, source: StoreSource) -> None:
        self._memory = source.memory_mb << 20
        self._evaluator = Evaluator(engine, source.base, source.prefixes)
        self._evaluator.warm()

    def prepare(self) -> None:
        """Start a scribe. (Python's collector leaves the memory alone, so that it stays shared.)"""
        gc.freeze()
        self._evaluator.scribe = Scribe.start(self._evaluator.terms, self._memory)

    def answer(self, job: Job) -> Outcome:
        """The outcome of a job."""
        return self._evaluator.answer(job)

    def close(self) -> None:
        """End the scribe; the memory goes with the process."""
        self._evaluator.close()


def open_store(source: StoreSource) -> MemoryStore:
    """The release in memory. Raises ReleaseError."""
    return MemoryStore(loaded(source), source)


def loaded(source: StoreSource) -> Engine:
    """An engine with the release's `dataset.nq`. Raises ReleaseError."""
    engine = Engine()
    path = Path(source.path) / "dataset.nq"
    try:
        engine.bulk_load(path=str(path), format=RdfFormat.N_QUADS)
    except (OSError, SyntaxError, ValueError) as error:
        raise ReleaseError(f"{path} cannot be loaded: {error}; build the release again") from error
    return engine
