"""The corridor of questions about relationships: a pool of workers of their own, which hold the network of a release.

It stands beside the one of queries, so that neither waits for the other. It is opened a while after the server, or by
the first question, because opening takes a second and many servers are never asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from api.engine.admission import Turn
from api.engine.cache import AnswerCache
from api.engine.faults import busy
from api.engine.jobs import Job
from api.engine.ledger import Ledger
from api.engine.processes import Reply
from api.limits import Limits
from api.transport.exchanges import CURRENT
from graph_builder.errors import ReleaseError

__all__ = ["Explorer", "Searcher"]

_log = logging.getLogger("api.relations.exploration")
_PAUSE = 2.0
_OPENING_SECONDS = 60.0


class Searcher(Protocol):
    """What answers jobs about a network; a pool of workers, or a double of it."""

    async def start(self) -> None:
        """Open the network. Raises ReleaseError."""

    async def stop(self) -> None:
        """End every process."""

    async def run(self, job: Job, turn: Turn) -> Reply:
        """The reply to a job. Raises the RequestErrors that its faults are."""


class Explorer:
    """Asks about relationships within the limits of a query; taken from `request.app.state.explorer`."""

    def __init__(self, searcher: Searcher, limits: Limits, cache_bytes: int = 0, ledger: Ledger | None = None) -> None:
        self._searcher = searcher
        self._limits = limits
        self._cache = AnswerCache(cache_bytes)
        self._ledger = Ledger() if ledger is None else ledger
        self._opening: asyncio.Task[None] | None = None
        self._later: asyncio.TimerHandle | None = None

    def open_later(self) -> None:
        """Open the network when the server has had time for what is more urgent."""
        self._later = asyncio.get_running_loop().call_later(_PAUSE, self._open)

    async def open(self) -> None:
        """Wait until the network is open. Raises ServerBusy where it cannot be opened, or not in time."""
        try:
            async with asyncio.timeout(_OPENING_SECONDS):
                await asyncio.shield(self._open())
        except (TimeoutError, ReleaseError):
            raise busy("The network of relationships is not open yet.", self._limits.seconds) from None

    async def stop(self) -> None:
        """End every process."""
        if self._later is not None:
            self._later.cancel()
        if self._opening is not None:
            self._opening.cancel()
            with contextlib.suppress(asyncio.CancelledError, ReleaseError):
                await self._opening
        await self._searcher.stop()

    async def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a question, as the network's store writes it.

        Raises ServerBusy, QueryTimeout, ResourceExceeded, QueryFailed, ShareSpent.
        """
        text = orjson.dumps(question, option=orjson.OPT_SORT_KEYS).decode()
        exchange = CURRENT.get()
        limits = self._limits.within(exchange.wait if exchange else None)
        job = Job(text, "network", "JSON", limits.rows, limits.bytes, limits.seconds)
        reply = self._cache.find(job) or self._cache.keep(
            job, await self._reply(job, exchange.client if exchange else "")
        )
        answer: dict[str, Any] = orjson.loads(reply.whole())
        return answer

    async def _reply(self, job: Job, client: str) -> Reply:
        self._ledger.admit(client, True)
        await self.open()
        turn = Turn(client, True)
        with self._ledger.recording(job.query, job.kind, turn):
            return await self._searcher.run(job, turn)

    def _open(self) -> asyncio.Task[None]:
        if self._opening is None or (self._opening.done() and not _succeeded(self._opening)):
            self._opening = asyncio.create_task(self._searcher.start())
            self._opening.add_done_callback(_tell)
        return self._opening


def _succeeded(task: asyncio.Task[None]) -> bool:
    return not task.cancelled() and task.exception() is None


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("the network of relationships cannot be opened: %s", error)
