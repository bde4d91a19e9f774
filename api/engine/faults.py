"""What became of a query that was not answered, as the error that its caller sees."""

from __future__ import annotations

import itertools
import math
import re
import signal
from typing import Any

from api.engine.jobs import Job, Outcome, StoreSource
from api.engine.lexer import tokens
from api.engine.stores.xml import XML
from api.errors import (
    NotAcceptable,
    QueryFailed,
    QueryRefused,
    QuerySyntaxError,
    QueryTimeout,
    RequestError,
    ResourceExceeded,
    ServerBusy,
)
from api.limits import told
from api.transport.formats import of_kind
from api.transport.negotiation import unacceptable

__all__ = ["busy", "cause_of_end", "fault", "lost", "timeout"]

_PLACE = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_LONGEST_EXPECTATION = 100
_CONTEXT = 24
_SORT = "Sort by datatype first, as ORDER BY DATATYPE(?x) ?x, or as text: ORDER BY STR(?x)."
_NARROW = "Add a LIMIT, name a class or a property, or ask for fewer things at once."


def busy(detail: str, seconds: float, **members: Any) -> ServerBusy:
    """No worker now; by `seconds` from now the queries of this moment are over."""
    wait = max(1, math.ceil(seconds))
    headers = {"Retry-After": str(wait)}
    return ServerBusy(detail, hint=f"Try again in {wait} s.", headers=headers, retry_after=wait, **members)


def timeout(job: Job) -> QueryTimeout:
    """The deadline passed."""
    detail = f"The query did not end within {job.seconds:g} s, the limit of this server or of the request."
    return QueryTimeout(detail, hint=_NARROW, limit=told("query-seconds", job.seconds, "s", "KIP_QUERY_SECONDS"))


def lost(code: int | None, job: Job, source: StoreSource, words: str = "") -> RequestError:
    """The worker ended: the engine aborts where it is refused memory; the limit of processor time is a signal too.

    It aborts as well where it notices while sorting that numbers, dates and texts among one another have no order:
    `words` are what it printed. Who kills it otherwise is the operator, or the kernel where the machine has no memory
    left: no fault of the query.
    """
    if code == -signal.SIGABRT and "total order" in words:
        detail = "The values to be sorted are of several datatypes, between which the engine finds no order."
        return QueryFailed(detail, hint=_SORT)
    if code == -signal.SIGABRT and (not words or "alloc" in words):
        return _memory(source)
    if code in (-signal.SIGKILL, -signal.SIGTERM, None):
        return busy("The process that evaluated the query was ended from outside; the server goes on.", 1)
    if code == -signal.SIGXCPU:
        return timeout(job)
    detail = f"The process that evaluated the query ended ({cause_of_end(code)}); the server goes on."
    return QueryFailed(detail, hint="The query may be too deep for the engine: write it flatter, or in parts.")


def cause_of_end(code: int | None) -> str:
    """The signal or the exit status by which a process ended.

    >>> cause_of_end(-11), cause_of_end(70)
    ('SIGSEGV', 'exit status 70')
    """
    if code is None:
        return "for an unknown reason"
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"


def fault(outcome: Outcome, job: Job, source: StoreSource) -> RequestError:
    """The fault that a worker reports."""
    if outcome.fault == "syntax":
        return _syntax(outcome.message, job, source)
    if outcome.fault == "memory":
        return _memory(source)
    if outcome.fault == "not-xml":
        return _not_xml(outcome.message, job)
    if outcome.fault == "refused":
        return QueryRefused(outcome.message, hint="Write it in the query language's own terms, as SPARQL 1.1 has them.")
    if outcome.fault == "timeout":
        return timeout(job)
    if outcome.fault == "unreachable":
        return busy("The engine behind this server does not answer.", 5)
    if outcome.fault == "too-large":
        detail = f"A single row is larger than the {job.bytes} bytes that an answer may have."
        return ResourceExceeded(detail, hint=_NARROW, limit=told("result-bytes", job.bytes, "B", "KIP_RESULT_MB"))
    return QueryFailed(f"The engine could not evaluate the query: {outcome.message}")


def _not_xml(reason: str, job: Job) -> NotAcceptable:
    """An answer that XML cannot hold, and the formats that can."""
    rows = of_kind("graph" if job.kind == "graph" else "table")
    asked = next(row.label for row in rows if row.engine == job.engine)
    return unacceptable(f"{asked} cannot hold this answer: {reason}", [row for row in rows if row.engine not in XML])


def _memory(source: StoreSource) -> ResourceExceeded:
    detail = f"The query needs more than {source.memory_mb} MiB of memory, the limit of this server."
    limit = told("query-memory", source.memory_mb, "MiB", "KIP_QUERY_MEMORY_MB")
    return ResourceExceeded(detail, hint=_NARROW, limit=limit)


def _syntax(message: str, job: Job, source: StoreSource) -> QuerySyntaxError:
    """The engine's message with its place as numbers; a long list of what it expected is left out."""
    hint = _undeclared(job.query, source)
    found = _PLACE.match(message)
    if found is None:
        return QuerySyntaxError(message, hint=hint)
    line, column = int(found[1]), int(found[2])
    before = (job.query.splitlines() or [""])[line - 1 : line]
    near = "".join(before)[max(0, column - _CONTEXT) : column]
    expected = f"; {found[3]}" if len(found[3]) <= _LONGEST_EXPECTATION else ""
    detail = f"The query cannot be read on at line {line}, column {column}, after {near!r}{expected}."
    return QuerySyntaxError(detail, hint=hint, line=line, column=column)


def _undeclared(query: str, source: StoreSource) -> str:
    """A hint about prefixes that neither the query nor the server declares."""
    read = tokens(query)
    names = {token.text.partition(":")[0] for token in read if token.kind == "name"}
    pairs = itertools.pairwise(read)
    declared = {following.text[:-1] for word, following in pairs if word.text.upper() == "PREFIX"}
    unknown = sorted(names - declared - set(source.prefixes))
    return f"No prefix {', '.join(map(repr, unknown))} is declared." if unknown else ""
