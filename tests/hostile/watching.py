"""Watches a server from a process of its own: how soon `/healthz` answers, and how much memory all its processes have.

A question is due every 20 ms, whether those before were answered or not; what is late counts from when it was due, so
that a server that stands still for a second is late fifty times, not once.
"""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

__all__ = ["Health", "Watch", "memory_of", "percentile", "processes_of", "watching"]

_EVERY = 0.02
_CALLERS = 10
_MEMORY_EVERY = 0.1
_ASKED = b"GET /healthz HTTP/1.1\r\nHost: e.org\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Health:
    """What was seen in a span of time: latencies in seconds, and the most memory in bytes."""

    latencies: tuple[float, ...]
    memory: int

    @property
    def p99(self) -> float:
        """The 99th percentile of the latencies; 0 where there are none."""
        return percentile(self.latencies, 0.99)


class Watch:
    """What a watching process writes down."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    def during(self, began: float, ended: float) -> Health:
        """What was due between two moments of the monotonic clock."""
        wait_until = time.monotonic() + 5
        while not (rows := self._rows()) or (rows[-1][0] < ended and time.monotonic() < wait_until):
            time.sleep(_EVERY)
        seen = [row for row in rows if began <= row[0] <= ended]
        return Health(tuple(row[1] for row in seen), max((row[2] for row in seen), default=0))

    def _rows(self) -> list[tuple[float, float, int]]:
        lines = self._notes.read_text().split("\n")[:-1]
        return sorted((float(due), float(late), int(memory)) for due, late, memory in map(str.split, lines))


@contextmanager
def watching(address: tuple[str, int], process: int, notes: Path) -> Iterator[Watch]:
    """Watch a server as long as the block lasts."""
    notes.touch()
    command = [sys.executable, "-m", "tests.hostile.watching", address[0], str(address[1]), str(process), str(notes)]
    watcher = subprocess.Popen(command)
    try:
        yield Watch(notes)
    finally:
        watcher.terminate()
        watcher.wait(10)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of them does not exceed.

    >>> percentile([1, 2, 3, 4], 0.5), percentile([], 0.5)
    (2, 0.0)
    """
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 1000) // 1000) - 1)] if ordered else 0.0


def processes_of(process: int) -> list[int]:
    """A process and those that it started."""
    found = [process]
    try:
        for thread in Path(f"/proc/{process}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += processes_of(int(child))
    except OSError:
        pass
    return found


def memory_of(process: int) -> int:
    """The resident memory of a process in bytes, shared pages included; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{process}/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


class _Watcher:
    """Callers in turn, each with a connection of its own, so that nobody waits for the answer to another."""

    def __init__(self, address: tuple[str, int], process: int, file: TextIO) -> None:
        self._address = address
        self._process = process
        self._file = file
        self._memory = 0
        self._began = time.monotonic()

    def run(self) -> None:
        """Ask until the parent ends or the server does."""
        callers = [threading.Thread(target=self._call, args=(turn,), daemon=True) for turn in range(_CALLERS)]
        for caller in callers:
            caller.start()
        while os.getppid() > 1 and all(caller.is_alive() for caller in callers):
            self._memory = sum(map(memory_of, processes_of(self._process)))
            time.sleep(_MEMORY_EVERY)

    def _call(self, turn: int) -> None:
        with socket.create_connection(self._address, timeout=30) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for due in itertools.count(self._began + turn * _EVERY, _CALLERS * _EVERY):
                time.sleep(max(0.0, due - time.monotonic()))
                connection.sendall(_ASKED)
                if not connection.recv(65536).startswith(b"HTTP/1.1 200 "):
                    return
                self._file.write(f"{due:.6f} {time.monotonic() - due:.6f} {self._memory}\n")


if __name__ == "__main__":
    with Path(sys.argv[4]).open("a", buffering=1) as notes:
        _Watcher((sys.argv[1], int(sys.argv[2])), int(sys.argv[3]), notes).run()
