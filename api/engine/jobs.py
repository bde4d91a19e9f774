"""What the server and a worker say to each other: one datagram with a job, one with its outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Literal

import orjson

__all__ = [
    "DATAGRAM",
    "INLINE",
    "MAX_JOB_BYTES",
    "Fault",
    "Job",
    "Outcome",
    "StoreSource",
    "pack_job",
    "pack_outcome",
    "read_job",
    "read_outcome",
]

# Answers up to this size travel in the datagram; a larger one as the descriptor of a file in memory.
INLINE = 64 * 1024
DATAGRAM = 208 * 1024
MAX_JOB_BYTES = DATAGRAM - 1024

Cap = Literal["", "rows", "bytes"]
Fault = Literal["", "syntax", "evaluation", "memory", "too-large", "not-xml", "refused", "timeout", "unreachable"]


@dataclass(frozen=True, slots=True)
class StoreSource:
    """Which store a zygote opens: its kind, the release's folder, and what every query takes for granted.

    A remote one has an endpoint, which may want to know who asks.
    """

    kind: str
    path: str
    base: str
    prefixes: dict[str, str]
    memory_mb: int
    remote_url: str = ""
    remote_user: str = ""
    remote_password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Job:
    """A query with what its answer may be.

    `row_cap` is the span of the text that a LIMIT replaces, None for no cap; `own_limit` the LIMIT that stood there.
    `default` and `named` are the graphs of the dataset, both None for that of the store; `prefixes` are those that the
    query uses, of which the store declares what it knows.
    """

    query: str
    kind: str
    engine: str
    rows: int
    bytes: int
    seconds: float
    row_cap: tuple[int, int] | None = None
    own_limit: int | None = None
    default: Sequence[str] | None = None
    named: Sequence[str] | None = None
    prefixes: Sequence[str] = ()

    def capped(self, rows: int) -> str:
        """The query with at most so many rows."""
        if self.row_cap is None:
            return self.query
        start, end = self.row_cap
        return f"{self.query[:start]}\nLIMIT {rows}\n{self.query[end:]}"


_JOB_FIELDS = tuple(field.name for field in fields(Job))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: a fault and its message, or a body, whole or cut by a cap, of `total` rows.

    A body may be in a file in memory instead, of which a worker has the `descriptor`.
    """

    fault: Fault = ""
    message: str = ""
    truncated: Cap = ""
    size: int = 0
    total: int = 0
    retire: bool = False
    body: bytes = b""
    descriptor: int = -1


def pack_job(job: Job) -> bytes:
    """The datagram of a job."""
    return orjson.dumps([getattr(job, name) for name in _JOB_FIELDS])


def read_job(datagram: bytes) -> Job:
    """The job in a datagram."""
    job = Job(*orjson.loads(datagram))
    span = None if job.row_cap is None else (job.row_cap[0], job.row_cap[1])
    return replace(job, row_cap=span)


def pack_outcome(outcome: Outcome) -> bytes:
    """The datagram of an outcome; a large body is left out and passed beside it."""
    head = orjson.dumps(
        [outcome.fault, outcome.message, outcome.truncated, outcome.size, outcome.total, outcome.retire]
    )
    return len(head).to_bytes(4, "big") + head + (outcome.body if outcome.size <= INLINE else b"")


def read_outcome(datagram: bytes) -> Outcome:
    """The outcome in a datagram."""
    end = 4 + int.from_bytes(datagram[:4], "big")
    fault, message, truncated, size, total, retire = orjson.loads(datagram[4:end])
    return Outcome(fault, message, truncated, size, total, retire, datagram[end:])
