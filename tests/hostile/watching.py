"""Watches a server from a process of its own: how soon `/healthz` answers, and how much memory all its processes have.

A question is due every 20 ms, whether the one before was answered or not; what is late counts from when it was due, so
that a server that stands still for a second is late fifty times, not once.
"""

from __future__ import annotations

import bisect
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Health", "Watch", "memory_of", "percentile", "processes_of", "watching"]

_EVERY = 0.02
_MEMORY_EVERY = 5
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
        first = bisect.bisect_left(rows, (began, 0.0, 0))
        last = bisect.bisect_right(rows, (ended, float("inf"), 0))
        seen = rows[first:last]
        return Health(tuple(row[1] for row in seen), max((row[2] for row in seen), default=0))

    def _rows(self) -> list[tuple[float, float, int]]:
        lines = self._notes.read_text().split("\n")[:-1]
        return [(float(due), float(late), int(memory)) for due, late, memory in map(str.split, lines)]


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


def _watch(address: tuple[str, int], process: int, notes: Path) -> None:
    memory, count = 0, 0
    due = time.monotonic()
    with notes.open("a", buffering=1) as file, socket.create_connection(address, timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while os.getppid() > 1:
            connection.sendall(_ASKED)
            answer = connection.recv(65536)
            if not answer.startswith(b"HTTP/1.1 200 "):
                return
            if count % _MEMORY_EVERY == 0:
                memory = sum(map(memory_of, processes_of(process)))
            file.write(f"{due:.6f} {time.monotonic() - due:.6f} {memory}\n")
            count += 1
            due += _EVERY
            time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    _watch((sys.argv[1], int(sys.argv[2])), int(sys.argv[3]), Path(sys.argv[4]))
