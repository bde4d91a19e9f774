"""The one corridor that every query takes: refused or bounded, evaluated in a worker, answered with its limits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from api.formats import Format
from api.limits import Limits
from api.results import Table

__all__ = ["Answer", "Dataset", "Executor"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """The RDF dataset of a protocol request (SPARQL 1.1 Protocol, section 2.1.4); both empty: the default dataset."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(slots=True)
class Answer:
    """A complete answer: `headers` tell of a cap (X-KIP-Truncated) and the time, `size` is the length of the body."""

    fmt: Format
    headers: Mapping[str, str]
    size: int
    truncated: str
    body: AsyncIterator[bytes]


class Executor:
    """Evaluates queries in the worker pool; taken from `request.app.state.executor`."""

    async def answer(
        self, query: str, fmt: Format, limits: Limits | None = None, dataset: Dataset | None = None
    ) -> Answer:
        """The answer in a format that fits the query's form. Every refusal is raised before the first byte.

        Raises QuerySyntaxError, QueryRefused, QueryTooComplex, QueryTooLong, QueryFailed, ServerBusy, QueryTimeout,
        ResourceExceeded.
        """
        raise NotImplementedError

    async def table(self, query: str, limits: Limits | None = None) -> Table:
        """The solutions of a SELECT query as terms."""
        raise NotImplementedError

    async def ask(self, query: str, limits: Limits | None = None) -> bool:
        """The truth value of an ASK query."""
        raise NotImplementedError

    async def graph(self, query: str, fmt: Format, limits: Limits | None = None) -> bytes:
        """The graph of a CONSTRUCT or DESCRIBE query, serialised."""
        raise NotImplementedError

    async def tables(self, queries: Sequence[str]) -> list[Table]:
        """Several SELECT queries, evaluated at one time as far as there are workers."""
        raise NotImplementedError
