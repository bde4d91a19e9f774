"""The one corridor that every query takes: refused or bounded, evaluated in a worker, answered with its limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from api.engine.admission import Turn
from api.engine.cache import AnswerCache
from api.engine.jobs import INLINE, Job
from api.engine.ledger import Ledger
from api.engine.lexer import QueryText, read_query
from api.engine.processes import Reply
from api.engine.results import Table, read_boolean, read_table
from api.errors import MalformedRequest, ResourceExceeded
from api.limits import Limits, told
from api.transport.exchanges import CURRENT, Evaluation
from api.transport.formats import FORMATS, Format

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
    def body(self) -> AsyncIterator[bytes | memoryview]:
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

    async def run(self, job: Job, turn: Turn) -> Reply:
        """The reply to a job; tells the turn how long it took. Raises the RequestErrors that its faults are."""


class Executor:
    """Evaluates queries in the worker pool, and charges them; taken from `request.app.state.executor`."""

    def __init__(
        self, runner: Runner, limits: Limits, cache: AnswerCache | None = None, ledger: Ledger | None = None
    ) -> None:
        self.limits = limits
        self.cache = AnswerCache(0) if cache is None else cache
        self._runner = runner
        self._ledger = Ledger() if ledger is None else ledger

    async def read(self, query: str) -> QueryText:
        """The query's form and what bounding it needs. Raises what `read_query` raises."""
        return read_query(query) if len(query) <= _LONG else await asyncio.to_thread(read_query, query)

    async def answer(
        self,
        query: str,
        fmt: Format,
        limits: Limits | None = None,
        dataset: Dataset | None = None,
        *,
        house: bool = True,
    ) -> Answer:
        """The answer in a format that fits the query's form. Every refusal is raised before the first byte.

        `house` is False for what a caller wrote: it waits behind such queries, and is charged to another account.
        Raises QuerySyntaxError, QueryRefused, QueryTooComplex, QueryTooLong, QueryFailed, ServerBusy, QueryTimeout,
        ResourceExceeded, ShareSpent; MalformedRequest where the format cannot write such an answer.
        """
        started = time.perf_counter()
        read = await self.read(query)
        if read.kind not in fmt.kinds:
            raise MalformedRequest(f"{fmt.label} cannot hold the answer of {read.form}, a {read.kind}.")
        exchange = CURRENT.get()
        asked = limits or self.limits
        if exchange is not None and exchange.wait:
            asked = asked.within(exchange.wait)
        reply = await self._reply(_job(read, fmt, asked, dataset or Dataset()), read, house)
        spent = (time.perf_counter() - started) * 1000
        headers = {"Server-Timing": f"query;dur={spent:.1f}"}
        if reply.outcome.truncated:
            headers |= {TRUNCATED: reply.outcome.truncated, TOTAL: str(reply.outcome.total)}
        return Answer(fmt, headers, reply.outcome.truncated, reply)

    async def _reply(self, job: Job, read: QueryText, house: bool) -> Reply:
        kept = self.cache.find(job) if read.repeatable else None
        exchange = CURRENT.get()
        client = exchange.client if exchange else ""
        if kept is not None:
            self._ledger.record(client, house, Evaluation(job.query, read.form, "cached", 0.0, 0.0))
            return kept
        self._ledger.admit(client, house)
        turn = Turn(client, house)
        with self._ledger.recording(job.query, read.form, turn):
            reply = await self._runner.run(job, turn)
        return self.cache.keep(job, reply) if read.repeatable else reply

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

    async def part(self, query: str, fmt: Format, triples: int) -> tuple[bytes, int]:
        """At most so many triples of a graph, serialised, and how many there are; 0 where these are all."""
        answer = await self.answer(query, fmt, replace(self.limits, rows=min(triples, self.limits.rows)))
        if answer.truncated == "bytes":
            raise ResourceExceeded(
                "The part is larger than an answer may be.",
                hint="Ask for less with ?limit=.",
                limit=told(*self._cap(answer.truncated, self.limits)),
            )
        return answer.whole(), int(answer.headers.get(TOTAL, 0))

    async def graph(self, query: str, fmt: Format, limits: Limits | None = None) -> bytes:
        """The whole graph of a CONSTRUCT or DESCRIBE query, serialised. Raises ResourceExceeded rather than cut it."""
        answer = await self.answer(query, fmt, limits)
        body = answer.whole()
        if answer.truncated:
            raise ResourceExceeded(
                f"The description is larger than an answer may be (its {answer.truncated} were cut).",
                hint="Take the whole dataset from /dataset, or ask /sparql for a part of it.",
                limit=told(*self._cap(answer.truncated, limits or self.limits)),
            )
        return body

    @staticmethod
    def _cap(truncated: str, limits: Limits) -> tuple[str, float, str, str]:
        if truncated == "rows":
            return "result-rows", limits.rows, "rows", "KIP_RESULT_ROWS"
        return "result-bytes", limits.bytes, "B", "KIP_RESULT_MB"


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
