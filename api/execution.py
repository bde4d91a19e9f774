"""The one corridor that every query takes: refused or bounded, evaluated in a worker, answered with its limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from api.cache import AnswerCache
from api.errors import MalformedRequest, ResourceExceeded
from api.formats import FORMATS, Format
from api.jobs import INLINE, Job
from api.lexer import QueryText, read_query
from api.limits import Limits
from api.processes import Reply
from api.results import Table, read_boolean, read_table

__all__ = ["TOTAL", "TRUNCATED", "Answer", "Dataset", "Executor", "Runner"]

# Longer queries are read in a thread, where they cannot hold up the event loop.
_LONG = 4096
TRUNCATED = "X-KIP-Truncated"
TOTAL = "X-KIP-Total"
_JSON = next(row for row in FORMATS if row.name == "json")


@dataclass(frozen=True, slots=True)
class Dataset:
    """The RDF dataset of a protocol request (SPARQL 1.1 Protocol, section 2.1.4); both empty: the default dataset."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(slots=True)
class Answer:
    """A complete answer; read it once.

    `headers` tell of a cap (X-KIP-Truncated: rows or bytes; X-KIP-Total: how many rows or triples there are) and of
    the time; `size` is the length of the body.
    """

    fmt: Format
    headers: Mapping[str, str]
    truncated: str
    _reply: Reply

    @property
    def size(self) -> int:
        """The length of the body in bytes."""
        return self._reply.outcome.size

    @property
    def small(self) -> bool:
        """Whether the body is sent in one piece."""
        return self.size <= INLINE

    @property
    def body(self) -> AsyncIterator[bytes]:
        """The body in pieces."""
        return self._reply.body()

    def whole(self) -> bytes:
        """The body at once."""
        return self._reply.whole()

    def close(self) -> None:
        """Give back the body unread."""
        self._reply.close()


class Runner(Protocol):
    """What evaluates jobs; the worker pool, or a double of it."""

    async def run(self, job: Job) -> Reply:
        """The reply to a job. Raises the RequestErrors that its faults are."""


class Executor:
    """Evaluates queries in the worker pool; taken from `request.app.state.executor`."""

    def __init__(self, runner: Runner, limits: Limits, cache: AnswerCache | None = None) -> None:
        self.limits = limits
        self._runner = runner
        self._cache = AnswerCache(0) if cache is None else cache

    async def read(self, query: str) -> QueryText:
        """The query's form and what bounding it needs. Raises what `read_query` raises."""
        return read_query(query) if len(query) <= _LONG else await asyncio.to_thread(read_query, query)

    async def answer(
        self, query: str, fmt: Format, limits: Limits | None = None, dataset: Dataset | None = None
    ) -> Answer:
        """The answer in a format that fits the query's form. Every refusal is raised before the first byte.

        Raises QuerySyntaxError, QueryRefused, QueryTooComplex, QueryTooLong, QueryFailed, ServerBusy, QueryTimeout,
        ResourceExceeded; MalformedRequest where the format cannot write such an answer.
        """
        started = time.perf_counter()
        read = await self.read(query)
        if read.kind not in fmt.kinds:
            raise MalformedRequest(f"{fmt.label} cannot hold the answer of {read.form}, a {read.kind}.")
        reply = await self._reply(_job(read, fmt, limits or self.limits, dataset or Dataset()), read.repeatable)
        spent = (time.perf_counter() - started) * 1000
        headers = {"Server-Timing": f"query;dur={spent:.1f}"}
        if reply.outcome.truncated:
            headers |= {TRUNCATED: reply.outcome.truncated, TOTAL: str(reply.outcome.total)}
        return Answer(fmt, headers, reply.outcome.truncated, reply)

    async def _reply(self, job: Job, repeatable: bool) -> Reply:
        if not repeatable:
            return await self._runner.run(job)
        return self._cache.find(job) or self._cache.keep(job, await self._runner.run(job))

    async def table(self, query: str, limits: Limits | None = None) -> Table:
        """The solutions of a SELECT query as terms."""
        answer = await self.answer(query, _JSON, limits)
        return read_table(answer.whole(), bool(answer.truncated))

    async def tables(self, queries: Sequence[str], limits: Limits | None = None) -> list[Table]:
        """The solutions of several SELECT queries, evaluated at one time as far as there are workers."""
        return list(await asyncio.gather(*(self.table(query, limits) for query in queries)))

    async def ask(self, query: str, limits: Limits | None = None) -> bool:
        """The truth value of an ASK query."""
        return read_boolean((await self.answer(query, _JSON, limits)).whole())

    async def graph(self, query: str, fmt: Format, limits: Limits | None = None) -> bytes:
        """The whole graph of a CONSTRUCT or DESCRIBE query, serialised. Raises ResourceExceeded rather than cut it."""
        answer = await self.answer(query, fmt, limits)
        body = answer.whole()
        if answer.truncated:
            raise ResourceExceeded(
                f"The description is larger than an answer may be (its {answer.truncated} were cut)."
            )
        return body


def _job(read: QueryText, fmt: Format, limits: Limits, dataset: Dataset) -> Job:
    given = bool(dataset.default or dataset.named)
    table = read.kind == "table"
    return Job(
        read.text,
        read.kind,
        fmt.engine,
        limits.rows,
        limits.bytes,
        limits.seconds,
        read.row_cap if table else None,
        read.own_limit if table else None,
        dataset.default if given else None,
        dataset.named if given else None,
        read.prefixes,
    )
