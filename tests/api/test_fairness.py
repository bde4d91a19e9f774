"""Accounts and queues: nobody gets more than a share, nobody waits for somebody's crowd, and memory is bounded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.engine.fairness import Accounts, FairQueue, Policy, client_of

QUOTA, WINDOW = 30.0, 60.0
SECONDS = Policy("seconds", QUOTA, WINDOW, "s", "KIP_CLIENT_SECONDS")
ERRORS = Policy("errors", 5, WINDOW, "queries", "KIP_CLIENT_ERRORS")
CLIENTS = st.sampled_from("abc")


@dataclass
class Clock:
    time: float = 1000.0

    def __call__(self) -> float:
        return self.time


def accounts(most: int = 100, *policies: Policy) -> tuple[Accounts, Clock]:
    clock = Clock()
    return Accounts(policies or (SECONDS, ERRORS), clock, most), clock


STEPS = st.lists(st.tuples(CLIENTS, st.floats(0, 12), st.floats(0, 40)), max_size=60)


@given(STEPS)
def test_nobody_uses_more_than_the_quota_and_what_a_window_earns(steps: list[tuple[str, float, float]]) -> None:
    book, clock = accounts()
    used: Counter[str] = Counter()
    began = clock.time
    for client, cost, pause in steps:
        clock.time += pause
        if book.refusal(client) is None:
            used[client] += cost  # type: ignore[assignment]
            book.spend(client, seconds=cost)
        # what was under way when the account ran out is at most one query here
        allowed = QUOTA + (clock.time - began) * QUOTA / WINDOW + 12
        assert used[client] <= allowed + 1e-6


@given(STEPS)
def test_who_waits_as_long_as_told_may_go_on_and_not_before(steps: list[tuple[str, float, float]]) -> None:
    book, clock = accounts()
    for client, cost, pause in steps:
        clock.time += pause
        book.spend(client, seconds=cost, errors=cost // 8)
        refused = book.refusal(client)
        if refused is None:
            continue
        policy, wait = refused
        now = clock.time
        clock.time = now + wait * 1.0001
        assert book.refusal(client) is None
        clock.time = now + (wait - policy.window / policy.quota) * 0.999
        assert wait <= policy.window / policy.quota or book.refusal(client) is not None
        clock.time = now


@given(STEPS)
def test_what_one_client_uses_costs_no_other(steps: list[tuple[str, float, float]]) -> None:
    together, clock = accounts()
    alone, other = accounts()
    for client, cost, pause in steps:
        clock.time += pause
        other.time += pause
        together.spend(client, seconds=cost)
        if client == "a":
            alone.spend(client, seconds=cost)
        assert together.refusal("a") == alone.refusal("a")


@given(st.lists(st.integers(0, 500), max_size=200))
def test_no_more_accounts_are_kept_than_may_be(clients: list[int]) -> None:
    book, _ = accounts(20)
    for client in clients:
        book.spend(str(client), seconds=1)
        assert len(book) <= 20
    assert [policy.name for policy, _ in book.standing(str(clients[-1]))] == ["seconds"] if clients else True


def test_errors_are_counted_apart_and_the_longer_wait_is_told() -> None:
    book, _ = accounts()
    book.spend("a", errors=7, seconds=31)
    refused = book.refusal("a")
    assert refused is not None
    policy, wait = refused
    assert policy == ERRORS
    assert wait == pytest.approx((2 + 1) * WINDOW / 5)


def test_a_quota_of_nought_bounds_nothing() -> None:
    book, _ = accounts(10, Policy("seconds", 0, WINDOW, "s", ""))
    book.spend("a", seconds=1e9)
    assert (book.refusal("a"), len(book)) == (None, 0)


def test_lines_are_served_in_turn() -> None:
    queue: FairQueue[str] = FairQueue(10)
    for name in ("a1", "a2", "a3", "b1", "c1", "b2"):
        assert queue.join(name[0], name) is None
    assert [queue.take() for _ in range(7)] == ["a1", "b1", "c1", "a2", "b2", "a3", None]


def test_who_has_most_gives_way_where_the_queue_is_full() -> None:
    queue: FairQueue[str] = FairQueue(3)
    for name in ("a1", "a2", "a3"):
        assert queue.join("a", name) is None
    assert queue.join("a", "a4") == "a4"
    assert queue.join("b", "b1") == "a3"
    assert queue.join("c", "c1") == "a2"
    assert queue.join("d", "d1") == "d1", "all lines are as short, so it is the newcomer"
    assert len(queue) == 3


OPERATIONS = st.lists(st.tuples(st.sampled_from(["join", "join", "take", "leave"]), CLIENTS), max_size=80)


@given(OPERATIONS, st.integers(0, 6))
def test_a_queue_loses_nothing_and_keeps_the_order_of_each_line(
    operations: list[tuple[str, str]], capacity: int
) -> None:
    queue: FairQueue[tuple[str, int]] = FairQueue(capacity)
    waiting: list[tuple[str, int]] = []
    for number, (operation, client) in enumerate(operations):
        if operation == "join":
            waiting.append((client, number))
            dropped = queue.join(client, (client, number))
            if dropped is not None:
                assert len(waiting) == capacity + 1
                waiting.remove(dropped)
        elif operation == "take":
            taken = queue.take()
            assert (taken is None) == (not waiting)
            if taken is not None:
                assert taken == next(each for each in waiting if each[0] == taken[0])
                waiting.remove(taken)
        elif mine := [each for each in waiting if each[0] == client]:
            assert queue.leave(client, mine[-1])
            assert not queue.leave(client, mine[-1])
            waiting.remove(mine[-1])
        assert len(queue) == len(waiting) <= capacity


@given(st.lists(st.integers(1, 9), min_size=2, max_size=6))
def test_one_more_client_makes_nobody_wait_more_than_one_turn_longer(lengths: list[int]) -> None:
    queue: FairQueue[tuple[int, int]] = FairQueue(100)
    for client, length in enumerate(lengths):
        for number in range(length):
            queue.join(str(client), (client, number))
    order = [queue.take() for _ in range(sum(lengths))]
    for client in range(len(lengths)):
        assert order.index((client, 0)) < len(lengths)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_a_client_is_what_one_customer_gets(one: str, other: str, same: bool) -> None:
    assert (client_of(one) == client_of(other)) is same


def test_an_address_that_is_none_is_kept_short() -> None:
    assert len(client_of("x" * 100_000)) <= 64
