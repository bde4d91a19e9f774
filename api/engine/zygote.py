"""The process that opens the store and forks the workers: `python -m api.engine.zygote FD`.

`api.engine.workers` starts it. It is a program of its own, not a fork of the server: the server has threads and an
event loop when it starts its pool, and a fork of such a process inherits locks that nobody will release. Here nothing
runs but the main thread, so forking is sound, takes some milliseconds, and shares the memory of the store with every
worker.

It reads one datagram for each worker to start, with the worker's end of a socket pair, and answers with the worker's
process descriptor (pidfd, so that a signal can never hit a process that took over a number). How a worker ended is
told by a datagram too.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from api.engine import sandbox
from api.engine.jobs import DATAGRAM, INLINE, Job, Outcome, StoreSource, pack_outcome, read_job
from api.engine.stores import Store, open_store
from api.engine.stores.scribe import ScribeLost
from graph_builder.errors import KnowledgeGraphError

__all__ = ["main", "serve_jobs"]

# Deep queries need a deep stack; the main thread's may grow as far as the limit that held when the program started.
_STACK = 256 * 1024 * 1024
_MOST_JOBS = 2000
_LONGEST_WORDS = 2048
# The server goes first, so that it can say what the workers do however busy they are.
_NICE = 5


def main(arguments: list[str]) -> int:
    """Open the store that the first datagram names, then fork a worker for every further one until the server ends."""
    _with_deep_stack(arguments)
    control = socket.socket(fileno=int(arguments[0]))
    first = control.recv(DATAGRAM)
    if not first:
        return 0
    source = StoreSource(**orjson.loads(first))
    try:
        store = open_store(source)
    except KnowledgeGraphError as error:
        _tell(control, {"failed": str(error)})
        return 1
    # In a container the server is process 1, which would keep the scribes of dead workers as zombies.
    sandbox.adopt_orphans()
    _tell(control, {"ready": True})
    return _Nursery(control, store, source).run()


class _Nursery:
    """The running workers by process number, and how they come and go."""

    def __init__(self, control: socket.socket, store: Store, source: StoreSource) -> None:
        self._control = control
        self._store = store
        self._source = source
        self._names: dict[int, int] = {}
        self._words: dict[int, int] = {}

    def run(self) -> int:
        """Fork on request until the other end closes."""
        signal.signal(signal.SIGCHLD, self._reap)
        while True:
            try:
                message, descriptors, _, _ = socket.recv_fds(self._control, DATAGRAM, 1)
            except ConnectionResetError:
                return 0
            if not message:
                return 0
            self._fork(orjson.loads(message)["start"], descriptors[0])

    def _fork(self, name: int, channel: int) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        words = os.memfd_create("words")
        process = os.fork()
        if process == 0:
            self._become_worker(channel, words)
        self._names[process], self._words[process] = name, words
        os.close(channel)
        descriptor = os.pidfd_open(process)
        _tell(self._control, {"started": name, "process": process}, descriptor)
        os.close(descriptor)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

    def _become_worker(self, channel: int, words: int) -> None:
        """Never returns: whatever happens in a worker ends the worker."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        try:
            self._control.close()
            os.nice(_NICE)
            sandbox.die_with_parent()
            _silence(words)
            self._store.prepare()
            sandbox.limit_memory(self._source.memory_mb << 20)
            sandbox.deny_system_calls()
            serve_jobs(socket.socket(fileno=channel), self._store.answer, self._source.memory_mb << 19)
        except ScribeLost as lost:
            if lost.code < 0:  # the same end, so that the server tells the cause
                signal.raise_signal(-lost.code)
        finally:
            os._exit(70)

    def _reap(self, *_: Any) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                self._bury(*ended)

    def _bury(self, process: int, status: int) -> None:
        if process == self._store.companion:
            os._exit(1)  # the server starts the whole again
        if process in self._names:
            name, last = self._names.pop(process), _last_words(self._words.pop(process))
            _tell(self._control, {"ended": name, "code": os.waitstatus_to_exitcode(status), "words": last})


def serve_jobs(channel: socket.socket, answer: Callable[[Job], Outcome], tired_at: int) -> None:
    """Answer the jobs that arrive on a channel, one at a time, until it closes or the worker is worn out.

    A worker asks to be replaced when it ever held `tired_at` bytes more than at its start, or has answered many jobs.
    """
    fresh = sandbox.peak_memory()
    for count in range(1, _MOST_JOBS + 1):
        datagram = channel.recv(DATAGRAM)
        if not datagram:
            return
        job = read_job(datagram)
        sandbox.allow_seconds(job.seconds)
        outcome = answer(job)
        retire = count == _MOST_JOBS or sandbox.peak_memory() > fresh + tired_at
        _send(channel, outcome, retire)


def _send(channel: socket.socket, outcome: Outcome, retire: bool) -> None:
    datagram = pack_outcome(replace(outcome, message=outcome.message[:4096], retire=retire))
    descriptor = outcome.descriptor
    if descriptor < 0 and outcome.size <= INLINE:
        channel.send(datagram)
        return
    if descriptor < 0:
        descriptor = os.memfd_create("answer")
        with open(descriptor, "wb", closefd=False) as file:
            file.write(outcome.body)
    socket.send_fds(channel, [datagram], [descriptor])
    os.close(descriptor)


def _tell(control: socket.socket, message: dict[str, Any], *descriptors: int) -> None:
    """Where the server has gone, nobody is told: the loop sees the closed end by itself."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        socket.send_fds(control, [orjson.dumps(message)], list(descriptors))


def _silence(words: int) -> None:
    """What an engine prints when it dies belongs in no log: the server tells how a worker ended, and reads it there."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor, target in ((0, null), (1, null), (2, words)):
        os.dup2(target, descriptor)
    os.close(null)
    os.close(words)


def _last_words(descriptor: int) -> str:
    """What a worker printed at its end, as far as it tells the cause."""
    try:
        return os.pread(descriptor, _LONGEST_WORDS, 0).decode("utf-8", "replace")
    finally:
        os.close(descriptor)


def _with_deep_stack(arguments: list[str]) -> None:
    """Start this program again where its stack may not grow far enough and the limit can be raised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = _STACK if hard == resource.RLIM_INFINITY else min(_STACK, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))
    os.set_inheritable(int(arguments[0]), True)
    os.execv(sys.executable, [sys.executable, "-m", "api.engine.zygote", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
