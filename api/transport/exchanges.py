"""One request with its answer, as it is accounted for: who asks, and what was evaluated to answer.

The exchange of the running task is in a context variable (https://docs.python.org/3/library/contextvars.html), so that
the executor can charge it without every route passing it on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache

__all__ = ["CURRENT", "Evaluation", "Exchange", "fingerprint", "preferred_wait"]

_MOST_KEPT = 20
_WAIT = re.compile(rb"(?:^|[,;])\s*wait\s*=\s*\"?([0-9]{1,6})\"?\s*(?=$|[,;])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A query and what became of it: `outcome` is ok, cached, or the type of the error; `seconds` are the engine's."""

    query: str
    form: str
    outcome: str
    seconds: float
    waited: float


@dataclass(slots=True)
class Exchange:
    """A request: its identifier and client, the template of its route, the limit that it met, the queries for it.

    What is at no route has one name, lest there be names without end.
    """

    identifier: str
    client: str
    wait: float | None = None
    route: str = "other"
    limit: str = ""
    queries: int = 0
    seconds: float = 0.0
    evaluations: list[Evaluation] = field(default_factory=list)

    def note(self, evaluation: Evaluation) -> None:
        """Add a query; of many only the first are kept."""
        self.queries += 1
        self.seconds += evaluation.seconds
        if len(self.evaluations) < _MOST_KEPT:
            self.evaluations.append(evaluation)


CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


@lru_cache(maxsize=256)
def fingerprint(query: str) -> str:
    """A name for a query that says nothing of what it asks.

    >>> fingerprint("ASK {}")
    '1df8943bb9ea'
    """
    return hashlib.blake2b(query.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def preferred_wait(values: Iterable[bytes]) -> float | None:
    """The seconds of `Prefer: wait` (RFC 7240, section 4.3, https://www.rfc-editor.org/rfc/rfc7240#section-4.3).

    >>> preferred_wait([b"respond-async, wait=5"]), preferred_wait([b"wait=soon"])
    (5.0, None)
    """
    for value in values:
        found = _WAIT.search(value)
        if found is not None and int(found[1]) > 0:
            return float(found[1])
    return None
