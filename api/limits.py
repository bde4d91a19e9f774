"""What one query and one body may use: time, memory, rows and bytes; and how a limit is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request

from api.errors import QueryTooLong
from api.settings import Settings

__all__ = ["MAX_DEPTH", "MAX_QUERY_BYTES", "MAX_REQUEST_BYTES", "Limits", "body_of", "told"]

# The engine's stack overflows at some two thousand nested groups (4.4 kB of brackets).
MAX_DEPTH = 200
# A query travels to its worker in one datagram, which Linux bounds at about 200 kB.
MAX_QUERY_BYTES = 128 * 1024
# A percent-encoded byte takes three.
MAX_REQUEST_BYTES = 3 * MAX_QUERY_BYTES + 16 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a query: `seconds` of wall clock, `memory_mb` above the store, `rows` and `bytes` of the answer."""

    seconds: float = 10.0
    memory_mb: int = 1024
    rows: int = 100_000
    bytes: int = 64 * 1024 * 1024

    @classmethod
    def from_settings(cls, settings: Settings) -> Limits:
        """The limits that the settings give."""
        return cls(settings.query_seconds, settings.query_memory_mb, settings.result_rows, settings.result_mb << 20)

    def within(self, seconds: float | None = None, rows: int | None = None) -> Limits:
        """The same limits, tightened by what a caller asks; nobody can loosen them.

        >>> Limits(seconds=10).within(seconds=2).seconds, Limits(seconds=10).within(seconds=60).seconds
        (2, 10)
        """
        return replace(
            self,
            seconds=self.seconds if seconds is None else min(self.seconds, seconds),
            rows=self.rows if rows is None else min(self.rows, rows),
        )


def told(name: str, value: float, unit: str, setting: str = "") -> dict[str, Any]:
    """A limit as the member `limit` of a problem document has it; `setting` is null for what no setting changes.

    >>> told("query-seconds", 10, "s", "KIP_QUERY_SECONDS")
    {'name': 'query-seconds', 'value': 10, 'unit': 's', 'setting': 'KIP_QUERY_SECONDS'}
    """
    return {"name": name, "value": value, "unit": unit, "setting": setting or None}


async def body_of(request: Request, what: str) -> bytes:
    """The body of a request, which is called `what`. Raises QueryTooLong as soon as it is longer than is read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_REQUEST_BYTES:
            limit = told("request-bytes", MAX_REQUEST_BYTES, "B")
            raise QueryTooLong(f"{what} has at most {MAX_REQUEST_BYTES} bytes.", limit=limit)
    return bytes(body)
