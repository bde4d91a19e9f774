"""The processes of the pool as the server sees them: workers with the jobs they are at, and the zygote.

Everything runs on the event loop and never blocks it. Descriptors travel beside datagrams (SCM_RIGHTS, unix(7)).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from api.engine.jobs import DATAGRAM, Outcome, StoreSource, read_outcome

__all__ = ["DeadlinePassed", "NeverBegun", "Reply", "Worker", "WorkerLost", "Zygote"]

_CHUNK = 256 * 1024
# What is in memory anyway is sent in larger pieces.
_LARGE_CHUNK = 1024 * 1024
_BUFFER = 1024 * 1024
_GRACE_SECONDS = 1.0
_PACKAGE = Path(__file__).resolve().parent.parent


class DeadlinePassed(Exception):
    """The deadline came before the reply; the worker was killed."""


class WorkerLost(Exception):
    """A worker ended at its job; `code` is as in `os.waitstatus_to_exitcode`, None where nobody knows.

    `words` are what it printed at its end.
    """

    def __init__(self, code: int | None = None, words: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.words = words


class NeverBegun(Exception):
    """A worker was gone before it was given the job."""


class Reply:
    """The outcome of a job with its body, at hand or in a file in memory that is closed after reading."""

    def __init__(self, outcome: Outcome, descriptor: int | None = None) -> None:
        self.outcome = outcome
        self._descriptor = descriptor

    async def body(self) -> AsyncIterator[bytes | memoryview]:
        """The body in pieces; from a file once only, and shorter than its size only if the worker meddled with it."""
        if self._descriptor is None:
            view = memoryview(self.outcome.body)
            for offset in range(0, self.outcome.size, _LARGE_CHUNK):
                yield view[offset : offset + _LARGE_CHUNK]
            return
        try:
            for offset in range(0, self.outcome.size, _CHUNK):
                yield os.pread(self._descriptor, min(_CHUNK, self.outcome.size - offset), offset)
        finally:
            self.close()

    def whole(self) -> bytes:
        """The body at once; from a file once only."""
        if self._descriptor is None:
            return self.outcome.body
        try:
            return os.pread(self._descriptor, self.outcome.size, 0)
        finally:
            self.close()

    def close(self) -> None:
        """Give back the file, read or not."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __del__(self) -> None:
        self.close()


class Worker:
    """One worker process: the channel to it, its process descriptor and the reply that is awaited."""

    def __init__(self, name: int, channel: socket.socket, descriptor: int, process: int) -> None:
        self.name = name
        self.process = process
        self.used = False
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[tuple[int, str]] = self._loop.create_future()
        self._channel = channel
        self._descriptor = descriptor
        self._reply: asyncio.Future[Reply] | None = None
        self._loop.add_reader(channel.fileno(), self._read)

    async def do(self, job: bytes, seconds: float) -> Reply:
        """The reply to a job; cancelling kills the process. Raises DeadlinePassed, WorkerLost, NeverBegun."""
        self._reply = self._loop.create_future()
        timer = self._loop.call_later(seconds, self._overdue)
        try:
            self._send(job)
            self.used = True
            return await self._reply
        except WorkerLost:
            raise WorkerLost(*await self._end()) from None
        except asyncio.CancelledError:
            self.kill()
            raise
        finally:
            timer.cancel()
            self._reply = None

    def kill(self) -> None:
        """End the process, whatever it is at."""
        if self._descriptor >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def ended(self, code: int, words: str) -> None:
        """Told by the zygote when the process is no more."""
        if not self._ended.done():
            self._ended.set_result((code, words))

    def close(self) -> None:
        """End the process and let go of it."""
        if self._descriptor < 0:
            return
        self.kill()
        self._loop.remove_reader(self._channel.fileno())
        self._channel.close()
        os.close(self._descriptor)
        self._descriptor = -1
        self._settle(WorkerLost())

    async def _end(self) -> tuple[int | None, str]:
        try:
            return await asyncio.wait_for(asyncio.shield(self._ended), _GRACE_SECONDS)
        except TimeoutError:
            return None, ""

    def _send(self, job: bytes) -> None:
        try:
            self._channel.send(job)
        except OSError as error:
            raise NeverBegun from error

    def _read(self) -> None:
        try:
            datagram, descriptors, _, _ = socket.recv_fds(self._channel, DATAGRAM, 1)
        except BlockingIOError:
            return
        except OSError:
            datagram, descriptors = b"", []
        outcome = read_outcome(datagram) if datagram else None
        # where this process has no file descriptor left, the file that travels beside the datagram is lost
        if outcome is not None and (descriptors or outcome.size == len(outcome.body)):
            self._settle(Reply(outcome, descriptors[0] if descriptors else None))
        else:
            self._loop.remove_reader(self._channel.fileno())
            self._settle(WorkerLost())

    def _overdue(self) -> None:
        self.kill()
        self._settle(DeadlinePassed())

    def _settle(self, result: Reply | Exception) -> None:
        if self._reply is None or self._reply.done():
            return
        if isinstance(result, Exception):
            self._reply.set_exception(result)
        else:
            self._reply.set_result(result)


class Zygote:
    """The process that opens the store and forks workers; `tell` gets each of its messages, None at its end."""

    def __init__(self, source: StoreSource, tell: Callable[[dict[str, Any] | None, list[int]], None]) -> None:
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._channels: dict[int, socket.socket] = {}
        self._control, theirs = _pair()
        with theirs:
            # A session of its own: an interrupt at the terminal is for the server, which then ends the others.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "api.engine.zygote", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": _search_path()},
                start_new_session=True,
            )
        self._loop.add_reader(self._control.fileno(), self._read)
        self._control.send(orjson.dumps(asdict(source)))

    def start_worker(self, name: int) -> None:
        """Ask for one more worker; a message tells when it is there."""
        ours, theirs = _pair()
        with theirs:
            try:
                socket.send_fds(self._control, [orjson.dumps({"start": name})], [theirs.fileno()])
            except OSError:
                ours.close()
                return
        self._channels[name] = ours

    def channel(self, name: int) -> socket.socket:
        """The server's end of the channel to a worker that was started."""
        return self._channels.pop(name)

    async def close(self) -> None:
        """End the process and wait for it; the workers that are left end with it."""
        self._loop.remove_reader(self._control.fileno())
        self._control.close()
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()
        await asyncio.to_thread(self._wait)

    def _wait(self) -> None:
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        try:
            datagram, descriptors, _, _ = socket.recv_fds(self._control, DATAGRAM, 1)
        except BlockingIOError:
            return
        except OSError:
            datagram, descriptors = b"", []
        if not datagram:
            self._loop.remove_reader(self._control.fileno())
        self._tell(orjson.loads(datagram) if datagram else None, descriptors)


def _pair() -> tuple[socket.socket, socket.socket]:
    """Two ends that keep datagrams apart; ours does not block."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
    ours.setblocking(False)
    return ours, theirs


def _search_path() -> str:
    """PYTHONPATH with which the zygote finds this very package, installed or not."""
    return os.pathsep.join(filter(None, [str(_PACKAGE.parent), os.environ.get("PYTHONPATH", "")]))
