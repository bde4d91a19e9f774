"""Who gets in where there is not room for all: the house beside callers, clients in turn, none beyond its share."""

from __future__ import annotations

import asyncio
import select
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api.engine.admission import Gate, Turn
from api.engine.ledger import Ledger
from api.errors import ServerBusy, ShareSpent
from api.settings import Settings
from api.transport.exchanges import Evaluation
from tests.api.conftest import CROSS_PRODUCT, figures, serving, until
from tests.api.test_connections import connected
from tests.api.test_workers import ENDLESS


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 20))


async def entered(gate: Gate, client: str, order: list[str], house: bool = False) -> Turn:
    turn = Turn(client, house)
    await gate.enter(turn, 10)
    order.append(client)
    return turn


async def standing(gate: Gate, order: list[str], names: str, house: bool = False) -> list[asyncio.Task[Turn]]:
    """Callers who stand before the gate, in this order; each is the client of its first letter."""
    tasks = []
    for name in names.split():
        tasks.append(asyncio.create_task(entered(gate, name[0], order, house)))
        await asyncio.sleep(0)
    return tasks


async def leave_in_turn(gate: Gate, tasks: list[asyncio.Task[Turn]]) -> None:
    left = list(tasks)
    while left:
        done, _ = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            left.remove(task)
            gate.leave(task.result())


def test_clients_take_turns() -> None:
    async def work() -> None:
        gate, order = Gate(1, 0, 10), list[str]()
        first = await entered(gate, "a", order)
        tasks = await standing(gate, order, "a1 a2 a3 b1 c1 b2")
        assert (gate.waiting, gate.busy) == (6, 1)
        gate.leave(first)
        await leave_in_turn(gate, tasks)
        assert "".join(order) == "aabcaba"
        assert (gate.waiting, gate.busy) == (0, 0)

    run(work())


def test_the_house_has_places_of_its_own_and_its_turn_at_the_others() -> None:
    async def work() -> None:
        gate, order = Gate(1, 1, 10), list[str]()
        caller = await entered(gate, "a", order)
        waiting = await standing(gate, order, "a1 a2")
        house = await entered(gate, "H", order, house=True)
        more = await standing(gate, order, "I J", house=True)
        assert order == ["a", "H"]
        gate.leave(house)
        await asyncio.sleep(0)
        gate.leave(caller)
        await leave_in_turn(gate, [*waiting, *more])
        assert order[:3] == ["a", "H", "I"]
        assert sorted(order[3:]) == ["J", "a", "a"]

    run(work())


def test_what_callers_wrote_never_takes_a_reserved_place() -> None:
    async def work() -> None:
        gate = Gate(1, 3, 0)
        await entered(gate, "a", [])
        with pytest.raises(ServerBusy) as caught:
            await entered(gate, "b", [])
        limit = {"name": "queue", "value": 0, "unit": "queries", "setting": "KIP_QUEUE"}
        assert caught.value.members["limit"] == limit
        for _ in range(3):
            await entered(gate, "b", [], house=True)
        with pytest.raises(ServerBusy):
            await entered(gate, "b", [], house=True)

    run(work())


def test_who_has_most_in_the_queue_gives_way_to_a_newcomer() -> None:
    async def work() -> None:
        gate, order = Gate(1, 0, 2), list[str]()
        first = await entered(gate, "a", order)
        crowd = await standing(gate, order, "a1 a2")
        (newcomer,) = await standing(gate, order, "b1")
        with pytest.raises(ServerBusy):
            await crowd[1]
        gate.leave(first)
        await leave_in_turn(gate, [crowd[0], newcomer])
        assert order == ["a", "a", "b"]

    run(work())


@pytest.mark.parametrize("when", ["before", "with", "after"])
def test_who_gives_up_leaves_no_gap(when: str) -> None:
    async def work() -> None:
        gate, order = Gate(1, 0, 5), list[str]()
        first = await entered(gate, "a", order)
        tasks = await standing(gate, order, "b c")
        if when == "before":
            tasks[0].cancel()
            await asyncio.sleep(0)
        gate.leave(first)
        if when == "after":
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert tasks[0].done()
            gate.leave(tasks[0].result())
        else:
            tasks[0].cancel()
        gate.leave(await tasks[1])
        assert (gate.waiting, gate.busy) == (0, 0)
        gate.leave(await entered(gate, "d", order))

    run(work())


def test_who_waits_in_vain_is_told_when_to_come_again() -> None:
    async def work() -> None:
        gate = Gate(1, 0, 5)
        await entered(gate, "a", [])
        with pytest.raises(ServerBusy) as caught:
            await gate.enter(Turn("b"), 0.05)
        assert caught.value.headers["Retry-After"] == "1"
        assert caught.value.members["limit"]["setting"] == "KIP_WORKERS"
        assert gate.waiting == 0

    run(work())


class Clock:
    time = 50.0

    def __call__(self) -> float:
        return self.time


def spent(outcome: str, seconds: float) -> Evaluation:
    return Evaluation("ASK {}", "ASK", outcome, seconds, 0.0)


def test_a_share_that_is_used_up_comes_back_with_time() -> None:
    clock = Clock()
    ledger = Ledger(Settings(client_seconds=30, client_errors=0), clock)
    ledger.record("a", False, spent("ok", 31))
    with pytest.raises(ShareSpent) as caught:
        ledger.admit("a", False)
    wait = int(caught.value.headers["Retry-After"])
    assert caught.value.members["limit"]["name"] == "client-seconds"
    ledger.admit("b", False)
    ledger.admit("a", True)
    clock.time += wait
    ledger.admit("a", False)


def test_only_errors_that_use_up_a_worker_are_charged_and_cached_answers_cost_nothing() -> None:
    ledger = Ledger(Settings(client_seconds=30, client_errors=2), Clock())
    for outcome in ("query-syntax", "server-busy", "ok", "cached", "caller-gone") * 50:
        ledger.record("a", False, spent(outcome, 0))
    ledger.admit("a", False)
    for _ in range(3):
        ledger.record("a", False, spent("query-timeout", 0))
    with pytest.raises(ShareSpent) as caught:
        ledger.admit("a", False)
    assert caught.value.members["limit"]["setting"] == "KIP_CLIENT_ERRORS"


@pytest.fixture(scope="module")
def mean(small_release: Path) -> Iterator[httpx.Client]:
    """A client of a server that gives little to each, and believes a proxy on this machine."""
    share = {"KIP_CLIENT_SECONDS": "1", "KIP_CLIENT_ERRORS": "0", "KIP_PROXIES": "127.0.0.1"}
    with serving(small_release, KIP_WORKERS="1", KIP_QUERY_SECONDS="1.5", **share) as client:
        yield client


def test_a_client_that_used_up_its_share_is_refused_and_nobody_else(mean: httpx.Client) -> None:
    def ask(query: str, client: str) -> httpx.Response:
        return mean.get("/sparql", params={"query": query}, headers={"X-Forwarded-For": f"192.0.2.9, {client}"})

    greedy, other = "203.0.113.5", "203.0.113.6"
    known = "SELECT * { ?s kip:position 8 }"
    assert ask(known, greedy).status_code == 200
    ended = ask(ENDLESS, greedy)
    assert (ended.status_code, ended.json()["limit"]["name"]) == (504, "query-seconds")
    refused = ask("ASK { ?s ?p 11 }", greedy)
    document = refused.json()
    assert refused.status_code == document["status"] == 429
    assert document["limit"] == {
        "name": "client-seconds",
        "value": 1,
        "unit": "s",
        "setting": "KIP_CLIENT_SECONDS",
    }
    assert int(refused.headers["retry-after"]) == document["retry_after"] > 1
    assert refused.headers["ratelimit-policy"] == '"seconds";q=1;w=300'
    assert refused.headers["ratelimit"].startswith('"seconds";r=0;t=')
    assert ask(known, greedy).status_code == 200, "what is in the cache costs nothing"
    answer = ask("ASK { ?s ?p 12 }", other)
    assert answer.status_code == 200
    assert "ratelimit" not in answer.headers
    page = mean.get("/api/queries/list-articles", headers={"X-Forwarded-For": greedy})
    assert page.status_code == 200, "questions of the house are charged apart"
    assert figures(mean)["kip_refusals_total[client-seconds]"] == 1


def test_a_caller_cannot_name_itself_where_no_proxy_is_believed(small_release: Path) -> None:
    share = {"KIP_CLIENT_SECONDS": "1", "KIP_QUERY_SECONDS": "1.5"}
    with serving(small_release, KIP_WORKERS="1", **share) as client:
        statuses = [
            client.get("/sparql", params={"query": query}, headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
            for number, query in enumerate((ENDLESS, "ASK { ?s ?p 3 }"))
        ]
    assert statuses == [504, 429]


def test_ready_made_questions_and_pages_are_answered_while_somebody_floods_with_cross_products(
    small_release: Path,
) -> None:
    with (
        serving(small_release, KIP_WORKERS="1", KIP_QUERY_SECONDS="50", KIP_CACHE_MB="0") as client,
        ExitStack() as stack,
    ):
        crowd = [stack.enter_context(connected(client)) for _ in range(12)]
        for each in crowd:
            each.sendall(f"GET /sparql?query={quote(CROSS_PRODUCT)} HTTP/1.1\r\nHost: e.org\r\n\r\n".encode())
        until(lambda: figures(client)["kip_queue_length"] == 11)
        for path in ("/api/queries/list-articles", "/articles", "/api/queries/list-articles.csv", "/healthz"):
            assert client.get(path).status_code == 200
        assert figures(client)["kip_queue_length"] == 11, "none of the flood was over yet"
        assert not select.select(crowd, [], [], 0)[0]


def test_a_caller_may_ask_for_less_time_by_a_preference_and_for_fewer_rows(server: httpx.Client) -> None:
    answer = server.get("/sparql", params={"query": ENDLESS}, headers={"Prefer": "respond-async, wait=1"})
    assert (answer.status_code, answer.json()["limit"]["value"]) == (504, 1)
    assert answer.headers["preference-applied"] == "wait=1"
    query = "SELECT * { ?s kip:position ?o }"
    answer = server.get("/sparql", params={"query": query, "maxrows": "3"})
    assert (len(answer.json()["results"]["bindings"]), answer.headers["x-kip-truncated"]) == (3, "rows")
    answer = server.get("/sparql", params={"query": query, "maxrows": "999999"})
    assert len(answer.json()["results"]["bindings"]) == 2000, "never more than the server gives"
    assert server.get("/sparql", params={"query": query, "maxrows": "0"}).status_code == 400
