"""The stores: one protocol, one module for each kind, and the one place that chooses.

To add a store, write its module and add its row to `_OPENERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Protocol

from api.engine.jobs import Job, Outcome, StoreSource
from api.engine.stores import disk, memory, remote
from graph_builder.errors import ReleaseError

__all__ = ["KINDS", "RELATIONSHIPS", "Store", "StoreOpener", "open_store"]


class Store(Protocol):
    """A release that answers queries, read-only; it lives in a worker process, never in the server's."""

    @property
    def companion(self) -> int:
        """The process without which no worker can answer; 0 where there is none."""

    def prepare(self) -> None:
        """What a worker does after it was forked and before it is sandboxed."""

    def answer(self, job: Job) -> Outcome:
        """The outcome of a job; faults of the query are outcomes too, not exceptions."""

    def close(self) -> None:
        """Give back what the store holds."""


StoreOpener = Callable[[StoreSource], Store]
_OPENERS: dict[str, StoreOpener] = {"memory": memory.open_store, "disk": disk.open_store, "remote": remote.open_store}

KINDS = tuple(_OPENERS)
RELATIONSHIPS = "relationships"


def open_store(source: StoreSource) -> Store:
    """The store of a kind. Raises ReleaseError where it cannot be opened."""
    if source.kind == RELATIONSHIPS:
        # NetworkX takes a while to import, and the stores for queries do without
        return import_module("api.relations.store").open_store(source)  # type: ignore[no-any-return]
    opener = _OPENERS.get(source.kind)
    if opener is None:
        raise ReleaseError(f"there is no store {source.kind!r}; there is {', '.join(_OPENERS)}")
    return opener(source)
