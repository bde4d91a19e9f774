"""The pool of worker processes that evaluate queries, with deadlines, limits and replacement.

The server never evaluates a query itself: the engine has no deadline, no cancel and no memory limit, and some queries
end its process. A worker does one job at a time; what overstays or dies is killed and replaced, while a spare worker
already takes the next job.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import deque
from typing import Any

from api.engine.admission import Gate, Turn
from api.engine.faults import busy, cause_of_end, fault, lost, timeout
from api.engine.jobs import MAX_JOB_BYTES, Job, StoreSource, pack_job
from api.engine.processes import DeadlinePassed, NeverBegun, Reply, Worker, WorkerLost, Zygote
from api.errors import QueryTooLong
from api.limits import told
from graph_builder.errors import ReleaseError

__all__ = ["Pool"]

_log = logging.getLogger("api.engine.workers")
_QUEUE = 16
_OPENING_SECONDS = 900.0
_MOST_TRIES = 3
_LONGEST_PAUSE = 5.0
_NO_STORE = (
    "the process that opens the store ended; what it said stands above. Where memory is short, set KIP_STORE=disk, "
    "else build the release again"
)


class Pool:
    """`size` jobs at one time and `reserved` more of the house, one spare worker, a bounded and fair queue.

    `start` and `stop` frame the life of a release.
    """

    def __init__(self, source: StoreSource, size: int, reserved: int = 0, queue: int = _QUEUE) -> None:
        self.gate = Gate(size, reserved, queue)
        self.replaced = 0
        self._source = source
        self._most = size + reserved + 1
        self._names = itertools.count(1)
        self._zygote: Zygote | None = None
        self._opened: asyncio.Future[None] | None = None
        self._workers: dict[int, Worker] = {}
        self._idle: deque[Worker] = deque()
        self._waiters: deque[asyncio.Future[Worker]] = deque()
        self._misstarts = 0
        self._stopping = False
        self._leaving = False
        self._revival: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether the store is open, a worker lives and nobody has said that the server is about to end."""
        return bool(self._workers) and not self._stopping and not self._leaving

    @property
    def processes(self) -> tuple[int, ...]:
        """The process numbers of the workers."""
        return tuple(worker.process for worker in self._workers.values())

    async def start(self) -> None:
        """Open the store and wait for the first worker. Raises ReleaseError where the store cannot be opened."""
        await self._open()
        self._offer(await self._take_worker(_OPENING_SECONDS))

    def leave(self) -> None:
        """Go on with what there is, but be ready no longer."""
        self._leaving = True

    async def stop(self) -> None:
        """End every process of the pool."""
        self._stopping = True
        if self._revival is not None:
            self._revival.cancel()
        self._close_workers()
        if self._zygote is not None:
            await self._zygote.close()
            self._zygote = None

    async def run(self, job: Job, turn: Turn | None = None) -> Reply:
        """The reply to a job; cancelling kills the query. The turn is told how long it took.

        Raises ServerBusy, QueryTimeout, ResourceExceeded, QuerySyntaxError, QueryFailed, QueryTooLong.
        """
        datagram = pack_job(job)
        if len(datagram) > MAX_JOB_BYTES:
            limit = told("job-bytes", MAX_JOB_BYTES, "B")
            detail = f"The query and the graphs it names have {len(datagram)} bytes; {MAX_JOB_BYTES} is the limit."
            raise QueryTooLong(detail, hint="Name fewer graphs.", limit=limit)
        turn = turn or Turn()
        await self.gate.enter(turn, job.seconds)
        began = time.perf_counter()
        try:
            reply = await self._run(datagram, job)
        finally:
            turn.seconds = time.perf_counter() - began
            self.gate.leave(turn)
        if reply.outcome.fault:
            raise fault(reply.outcome, job, self._source)
        return reply

    async def _run(self, datagram: bytes, job: Job) -> Reply:
        for _ in range(_MOST_TRIES):
            worker = await self._take_worker(job.seconds)
            keep = False
            try:
                reply = await worker.do(datagram, job.seconds)
                keep = not reply.outcome.retire
                return reply
            except NeverBegun:
                continue
            except DeadlinePassed:
                raise timeout(job) from None
            except WorkerLost as end:
                raise lost(end.code, job, self._source, end.words) from None
            finally:
                if keep:
                    self._misstarts = 0
                    self._offer(worker)
                else:
                    self._replace(worker)
        raise busy("The workers are being replaced.", job.seconds)

    async def _take_worker(self, seconds: float) -> Worker:
        if self._idle:
            return self._idle.pop()
        waiter: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(waiter)
        except TimeoutError:
            self._forsake(waiter)
            raise busy("No worker could be started in time.", seconds) from None
        except asyncio.CancelledError:
            self._forsake(waiter)
            raise

    def _forsake(self, waiter: asyncio.Future[Worker]) -> None:
        """Pass on the worker that came for somebody who is gone."""
        if waiter.done():
            self._offer(waiter.result())
        else:
            waiter.cancel()

    def _offer(self, worker: Worker) -> None:
        """Give a worker to the first who waits, or to nobody yet."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(worker)
                return
        self._idle.append(worker)

    def _replace(self, worker: Worker) -> None:
        """End a worker and start another; after a pause where workers keep dying before their first job."""
        if self._workers.pop(worker.name, None) is None:
            return
        if worker in self._idle:
            self._idle.remove(worker)
        worker.close()
        if self._stopping:
            return
        self.replaced += 1
        self._misstarts = 0 if worker.used else self._misstarts + 1
        pause = min(0.05 * 2**self._misstarts, _LONGEST_PAUSE) if self._misstarts else 0.0
        asyncio.get_running_loop().call_later(pause, self._start_worker)

    def _start_worker(self) -> None:
        if self._zygote is None or self._stopping:
            return
        try:
            self._zygote.start_worker(next(self._names))
        except OSError as error:
            _log.error("no worker can be started now: %s", error.strerror)
            self._start_later()

    def _start_later(self) -> None:
        asyncio.get_running_loop().call_later(_LONGEST_PAUSE / 5, self._start_worker)

    async def _open(self) -> None:
        self._opened = asyncio.get_running_loop().create_future()
        self._zygote = Zygote(self._source, self._on_message)
        try:
            async with asyncio.timeout(_OPENING_SECONDS):
                await self._opened
        except BaseException:
            await self._zygote.close()
            self._zygote = None
            raise
        for _ in range(self._most):
            self._start_worker()

    def _on_message(self, message: dict[str, Any] | None, descriptors: list[int]) -> None:
        if message is None:
            self._on_zygote_end()
        elif "started" in message and self._zygote is not None:
            self._on_worker_start(self._zygote, message["started"], message["process"], descriptors)
        elif "ended" in message:
            self._on_worker_end(message["ended"], message["code"], message["words"])
        elif self._opened is not None and not self._opened.done():
            if "failed" in message:
                self._opened.set_exception(ReleaseError(message["failed"]))
            else:
                self._opened.set_result(None)

    def _on_worker_start(self, zygote: Zygote, name: int, process: int, descriptors: list[int]) -> None:
        channel = zygote.channel(name)
        if not descriptors:
            # this process has no file descriptor left; the worker ends as its channel does
            channel.close()
            self._start_later()
            return
        self._workers[name] = worker = Worker(name, channel, descriptors[0], process)
        self._offer(worker)

    def _on_worker_end(self, name: int, code: int, words: str) -> None:
        worker = self._workers.get(name)
        if worker is None:
            return
        worker.ended(code, words)
        if worker in self._idle:
            _log.warning("a worker ended while it was idle (%s)", cause_of_end(code))
            self._replace(worker)

    def _on_zygote_end(self) -> None:
        if self._opened is not None and not self._opened.done():
            self._opened.set_exception(ReleaseError(_NO_STORE))
        elif not self._stopping:
            _log.error("the process that starts workers ended; it is started again")
            self._close_workers()
            self._revival = asyncio.create_task(self._revive())

    async def _revive(self) -> None:
        pause = 0.1
        while not self._stopping:
            try:
                if self._zygote is not None:
                    await self._zygote.close()
                await self._open()
                return
            except (ReleaseError, TimeoutError, OSError) as error:
                _log.error("the store cannot be opened: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)

    def _close_workers(self) -> None:
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()
        self._idle.clear()
