"""The log: one line for each request, JSON for programs or text for a terminal, without the words of anybody's query.

Lines are made and written in a thread of their own, so that neither a slow disk nor a reader who has stopped reading
holds up an answer: what does not fit is dropped and counted. Addresses are cut to their network.
"""

from __future__ import annotations

import ipaddress
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TextIO

import orjson

from api.settings import LogKind
from api.transport.exchanges import Exchange, fingerprint

__all__ = ["JsonFormatter", "Line", "Repeat", "RequestLog", "chosen", "network_of"]

_MOST_LINES = 20_000
_PAUSE_SECONDS = 0.2
_IPV4_BITS, _IPV6_BITS = 24, 48


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What is known of a request when its answer has been sent, or has failed to be; `at` is in seconds since 1970."""

    at: float
    exchange: Exchange
    method: str
    path: str
    route: str
    status: int
    seconds: float
    size: int
    release: str
    error: str = ""

    def record(self, texts: bool) -> dict[str, Any]:
        """The members of the JSON line; `texts` adds those of the queries."""
        asked = self.exchange
        record: dict[str, Any] = {
            "time": _time(self.at),
            "id": asked.identifier,
            "client": network_of(asked.client),
            "method": self.method,
            "path": self.path,
            "route": self.route,
            "status": self.status,
            "ms": round(self.seconds * 1000, 1),
            "bytes": self.size,
            "release": self.release,
        }
        if self.error:
            record["error"] = self.error
        if asked.limit:
            record["limit"] = asked.limit
        if asked.queries:
            record |= {"queries": asked.queries, "engine_ms": round(asked.seconds * 1000, 1)}
            record["evaluated"] = [_evaluated(each, texts) for each in asked.evaluations]
        return record

    def text(self, texts: bool) -> str:
        """The line for people."""
        asked = self.exchange
        what = f"{_time(self.at)[11:19]} {self.method} {_printable(self.path)} {self.status}"
        queries = f", {asked.queries} queries" if asked.queries > 1 else ""
        told = f"{what}  {self.seconds * 1000:.0f} ms, {self.size} B{queries}{f', {self.error}' if self.error else ''}"
        shown = [f"    {_printable(each.query)}" for each in asked.evaluations] if texts else []
        return "\n".join([told, *shown])


class Repeat(NamedTuple):
    """The line of a request whose answer was given before: where it differs from that of the `first`."""

    at: float
    identifier: str
    client: str
    seconds: float
    first: Line

    def record(self, texts: bool) -> dict[str, Any]:
        """The members of the JSON line."""
        own = {"time": _time(self.at), "id": self.identifier, "client": network_of(self.client)}
        return {**_record(self.first, texts), **own, "ms": round(self.seconds * 1000, 1)}

    def text(self, texts: bool) -> str:
        """The line for people."""
        return replace(self.first, at=self.at, seconds=self.seconds).text(texts)


@lru_cache(maxsize=256)
def _record(line: Line, texts: bool) -> dict[str, Any]:
    return line.record(texts)


def _evaluated(each: Any, texts: bool) -> dict[str, Any]:
    shown = {
        "query": fingerprint(each.query),
        "form": each.form,
        "outcome": each.outcome,
        "ms": round(each.seconds * 1000, 1),
        "waited_ms": round(each.waited * 1000, 1),
    }
    return shown | ({"text": each.query} if texts else {})


@lru_cache(maxsize=4096)
def network_of(client: str) -> str:
    """The network of a client, so that the log names nobody.

    >>> network_of("192.0.2.77"), network_of("2001:db8:1:2::/64")
    ('192.0.2.0/24', '2001:db8:1::/48')
    """
    try:
        network = ipaddress.ip_network(client)
    except ValueError:
        return ""
    bits = _IPV4_BITS if network.version == 4 else _IPV6_BITS
    return str(network.supernet(new_prefix=bits)) if network.prefixlen > bits else str(network)


def chosen(kind: LogKind, stream: TextIO) -> LogKind:
    """The kind of log: where it is left to us, text on a terminal and JSON elsewhere."""
    if kind != "auto":
        return kind
    return "text" if stream.isatty() else "json"


class RequestLog:
    """Writes a line for each request to a stream."""

    def __init__(
        self,
        kind: LogKind,
        texts: bool = False,
        stream: TextIO | None = None,
        dropped: Callable[[int], None] | None = None,
    ) -> None:
        self._stream = stream or sys.stdout
        self._kind = chosen(kind, self._stream)
        self._texts = texts
        self._dropped = dropped or (lambda _: None)
        self._lines: deque[Line | Repeat] = deque()
        self._over = threading.Event()
        self._writer: threading.Thread | None = None

    def add(self, line: Line | Repeat) -> None:
        """Take a line; it is written soon."""
        if self._kind == "off":
            return
        if len(self._lines) >= _MOST_LINES:
            self._dropped(1)
            return
        self._lines.append(line)
        if self._writer is None:
            self._start()

    def close(self, seconds: float = 1.0) -> None:
        """Write what is left, if that takes no longer than so."""
        self._over.set()
        if self._writer is not None:
            self._writer.join(seconds)

    def _start(self) -> None:
        # A daemon: a reader who has stopped reading must not keep the server from ending.
        self._writer = threading.Thread(target=self._write, name="kip-log", daemon=True)
        self._writer.start()

    def _write(self) -> None:
        while True:
            over = self._over.wait(_PAUSE_SECONDS)
            taken = [self._lines.popleft() for _ in range(len(self._lines))]
            try:
                self._stream.write("".join(f"{self._shown(line)}\n" for line in taken))
                self._stream.flush()
            except (OSError, ValueError):  # the reader has gone, or the stream is closed
                self._dropped(len(taken))
            if over:
                return

    def _shown(self, line: Line | Repeat) -> str:
        if self._kind == "text":
            return line.text(self._texts)
        return orjson.dumps(line.record(self._texts), default=str).decode()


class JsonFormatter(logging.Formatter):
    """Messages of the server itself, as JSON lines too."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, with the trace where there is one."""
        told: Mapping[str, Any] = {
            "time": _time(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        trace = {"trace": self.formatException(record.exc_info)} if record.exc_info else {}
        return orjson.dumps({**told, **trace}, default=str).decode()


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _printable(text: str) -> str:
    """The text without what moves a cursor or starts a line."""
    return "".join(each if each.isprintable() else " " for each in text)[:500]
