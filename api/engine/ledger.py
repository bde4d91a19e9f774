"""The books that go on while releases come and go: what each client has used of the engine, and what is counted."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.engine.admission import Turn
from api.engine.fairness import Accounts, Policy
from api.errors import CallerGone, RequestError, ShareSpent
from api.limits import told
from api.settings import Settings
from api.transport.exchanges import CURRENT, Evaluation
from api.transport.metrics import Metrics

__all__ = ["COSTLY", "Ledger"]

_WINDOW = 300.0
# What ended a query that used a worker up; other errors cost the engine next to nothing.
COSTLY = frozenset({"query-timeout", "resource-exceeded", "query-failed"})


class Ledger:
    """Charges queries to clients and counts them; without settings nothing is bounded."""

    def __init__(self, settings: Settings | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.metrics = Metrics()
        self.accounts = Accounts(_policies(settings) if settings else (), clock)

    def admit(self, client: str, house: bool) -> None:
        """Let a query in, or not. Raises ShareSpent.

        What the house wrote has an account of its own: who wrote a cross product can still read the pages.
        """
        refused = self.accounts.refusal(_account(client, house))
        if refused is not None:
            raise _spent(*refused)

    @contextmanager
    def recording(self, query: str, form: str, turn: Turn) -> Iterator[None]:
        """Charge and count a query that is evaluated, however that ends."""
        outcome = CallerGone.type
        try:
            yield
            outcome = "ok"
        except RequestError as error:
            outcome = error.type
            raise
        finally:
            self.record(turn.client, turn.house, Evaluation(query, form, outcome, turn.seconds, turn.waited))

    def record(self, client: str, house: bool, evaluation: Evaluation) -> None:
        """Charge and count a query."""
        error = float(evaluation.outcome in COSTLY)
        self.accounts.spend(_account(client, house), seconds=evaluation.seconds, errors=error)
        self.metrics.evaluated(evaluation.outcome, evaluation.seconds)
        exchange = CURRENT.get()
        if exchange is not None:
            exchange.note(evaluation)

    def headers(self, client: str) -> list[tuple[bytes, bytes]]:
        """What a client is told of its account once half of it is used (draft-ietf-httpapi-ratelimit-headers-10)."""
        standing = self.accounts.standing(_account(client, False))
        if not any(left * 2 < policy.quota for policy, left in standing):
            return []
        policies = ", ".join(f'"{each.name}";q={each.quota:g};w={each.window:g}' for each, _ in standing)
        lefts = ", ".join(
            f'"{each.name}";r={max(0, math.floor(left))};t={math.ceil((each.quota - left) * each.window / each.quota)}'
            for each, left in standing
        )
        return [(b"ratelimit-policy", policies.encode()), (b"ratelimit", lefts.encode())]


def _policies(settings: Settings) -> tuple[Policy, ...]:
    return (
        Policy("seconds", settings.client_seconds, _WINDOW, "s", "KIP_CLIENT_SECONDS"),
        Policy("errors", settings.client_errors, _WINDOW, "queries", "KIP_CLIENT_ERRORS"),
    )


def _account(client: str, house: bool) -> str:
    return f"house {client}" if house else client


def _spent(policy: Policy, wait: float) -> ShareSpent:
    seconds = max(1, math.ceil(wait))
    what = "seconds of the engine" if policy.name == "seconds" else "queries that a limit ended"
    return ShareSpent(
        f"Your address has used its {policy.quota:g} {what} of {policy.window / 60:g} minutes.",
        hint=f"Try again in {seconds} s, with narrower queries; or take the whole dataset from /dataset and ask that.",
        headers={"Retry-After": str(seconds)},
        retry_after=seconds,
        limit=told(f"client-{policy.name}", policy.quota, policy.unit, policy.setting),
    )
