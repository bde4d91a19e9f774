"""A client of HTTP/1.1 (RFC 9112) that costs little: ready-made requests over connections that stay open.

It knows only as much as it needs to find the end of an answer: Content-Length, and the last chunk of a chunked body.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import urlencode, urlsplit

__all__ = ["Burst", "burst", "get"]

_CHUNK = 1 << 20
_LAST = b"\r\n0\r\n\r\n"
_PATIENCE = 60.0


def get(endpoint: str, query: str) -> bytes:
    """The request that sends a SPARQL query to an endpoint."""
    parts = urlsplit(endpoint)
    target = f"{parts.path or '/'}?{urlencode({'query': query})}"
    lines = (f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", "Accept: application/sparql-results+json", "", "")
    return "\r\n".join(lines).encode()


@dataclass(frozen=True, slots=True)
class Burst:
    """What came of sending requests for a while; `processor` are the seconds that the client itself computed."""

    answers: int
    bytes: int
    seconds: float
    processor: float

    @property
    def rate(self) -> float:
        """Answers in a second."""
        return self.answers / self.seconds


class _Connection:
    """One connection with the answer that comes in on it."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=_PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = b""
        self._left = 0
        self._tail = b""

    def send(self, request: bytes) -> None:
        self._head, self._left, self._tail = b"", -1, b""
        self.socket.sendall(request)

    def receive(self) -> tuple[int, bool]:
        """How many bytes came, and whether the answer is whole. Raises ConnectionError for no 200."""
        data = self.socket.recv(_CHUNK)
        if not data:
            raise ConnectionError("the server closed the connection")
        return len(data), self._whole(data)

    def _whole(self, data: bytes) -> bool:
        if self._left < 0 and not self._tail:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return False
            data = self._head[end + 2 :]
            self._begin(self._head[:end])
            if self._left >= 0:
                data = data[2:]
        if self._left >= 0:
            self._left -= len(data)
            return self._left <= 0
        self._tail = (self._tail + data)[-len(_LAST) :]
        return self._tail == _LAST

    def _begin(self, head: bytes) -> None:
        status, _, fields = head.partition(b"\r\n")
        if b" 200 " not in status + b" ":
            raise ConnectionError(f"the server answered {status.decode('latin-1')}")
        for field in fields.lower().split(b"\r\n"):
            if field.startswith(b"content-length:"):
                self._left = int(field[15:])


def burst(endpoint: str, requests: Sequence[bytes], connections: int, seconds: float, start: int = 0) -> Burst:
    """Sends requests in turn, from `start` on, over so many connections at once for so long."""
    parts = urlsplit(endpoint)
    assert parts.hostname and parts.port
    opened = [_Connection(parts.hostname, parts.port) for _ in range(connections)]
    try:
        return _exchange(opened, islice(cycle(requests), start % len(requests), None), seconds)
    finally:
        for each in opened:
            each.socket.close()


def _exchange(opened: Sequence[_Connection], requests: Iterator[bytes], seconds: float) -> Burst:
    answers = size = 0
    poller = select.epoll()
    by_number = {each.socket.fileno(): each for each in opened}
    started, computed = time.perf_counter(), time.process_time()
    end = started + seconds
    for number, each in by_number.items():
        poller.register(number, select.EPOLLIN)
        each.send(next(requests))
    busy = len(by_number)
    while busy:
        ready = poller.poll(_PATIENCE)
        if not ready:
            raise TimeoutError("the server does not answer")
        for number, _ in ready:
            received, whole = by_number[number].receive()
            size += received
            answers += whole
            if whole and time.perf_counter() < end:
                by_number[number].send(next(requests))
            elif whole:
                busy -= 1
    poller.close()
    return Burst(answers, size, time.perf_counter() - started, time.process_time() - computed)
