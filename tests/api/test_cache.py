"""Answers are given again without a worker, as long as there is room and the query gives the same again."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import httpx
import pytest

from api.engine.admission import Turn
from api.engine.cache import AnswerCache
from api.engine.execution import Dataset, Executor
from api.engine.jobs import INLINE, Job, Outcome
from api.engine.processes import Reply
from api.errors import QueryTimeout
from api.limits import Limits, told
from api.transport.formats import by_name, of_kind

JSON = of_kind("table")[0]
QUERY = "SELECT * { ?s ?p ?o }"


class Answering:
    """Answers every job with the same bytes, in a file in memory where they are many; counts the jobs."""

    def __init__(self, body: bytes = b"{}") -> None:
        self.body = body
        self.jobs: list[Job] = []

    async def run(self, job: Job, turn: Turn) -> Reply:
        self.jobs.append(job)
        outcome = Outcome(size=len(self.body), truncated="rows", total=7)
        if len(self.body) <= INLINE:
            return Reply(replace(outcome, body=self.body))
        descriptor = os.memfd_create("answer")
        os.write(descriptor, self.body)
        return Reply(outcome, descriptor)


def bodies(runner: Answering, queries: list[str], capacity: int = 1 << 20, limits: Limits | None = None) -> list[bytes]:
    executor = Executor(runner, Limits(), AnswerCache(capacity))

    async def asked() -> list[bytes]:
        answers = [await executor.answer(query, JSON, limits) for query in queries]
        assert all(answer.headers["X-KIP-Total"] == "7" for answer in answers)
        return [b"".join([piece async for piece in answer.body]) for answer in answers]

    return asyncio.run(asked())


@pytest.mark.parametrize("size", [2, INLINE, 100_000])
def test_the_same_again_is_answered_with_the_same_bytes_and_without_a_worker(size: int) -> None:
    runner = Answering(os.urandom(size))
    assert bodies(runner, [QUERY] * 3) == [runner.body] * 3
    assert len(runner.jobs) == 1


def test_what_changes_from_time_to_time_is_asked_each_time() -> None:
    runner = Answering()
    bodies(runner, ["SELECT (NOW() AS ?now) {}", "SELECT (RAND() AS ?x) {}"] * 2)
    assert len(runner.jobs) == 4


def test_another_format_dataset_or_limit_is_another_answer_but_another_deadline_is_not() -> None:
    runner = Answering()
    executor = Executor(runner, Limits(), AnswerCache(1 << 20))
    csv = by_name("csv")
    assert csv is not None
    graphs = (
        Dataset(("http://e.org/a",)),
        Dataset((), ("http://e.org/a",)),
        Dataset(("http://e.org/a", "http://e.org/b")),
    )

    async def ask() -> None:
        for _ in range(2):
            for fmt in (JSON, csv):
                await executor.answer(QUERY, fmt)
            for dataset in graphs:
                await executor.answer(QUERY, JSON, None, dataset)
            await executor.answer(QUERY, JSON, executor.limits.within(rows=5))
            await executor.answer(QUERY, JSON, executor.limits.within(seconds=1))

    asyncio.run(ask())
    assert len(runner.jobs) == 2 + len(graphs) + 1


def test_what_was_not_asked_for_longest_goes_when_the_room_is_full() -> None:
    runner = Answering(b"x" * 10_000)
    queries = [f"{QUERY} # {number}" for number in range(20)]
    cache = AnswerCache(100_000)
    executor = Executor(runner, Limits(), cache)

    async def ask(query: str) -> None:
        await executor.answer(query, JSON)
        assert cache.size <= 100_000

    async def all_of_them() -> None:
        for query in queries:
            await ask(query)
            await ask(queries[0])

    asyncio.run(all_of_them())
    assert len(runner.jobs) == len(queries), "the first one was asked for all the time, and stayed"
    assert 1 < len(cache) < len(queries)
    asyncio.run(ask(queries[1]))
    assert len(runner.jobs) == len(queries) + 1


def test_an_answer_that_takes_much_of_the_room_is_not_kept_and_none_is_where_there_is_no_room() -> None:
    for capacity in (0, 100_000):
        runner = Answering(b"x" * 20_000)
        assert bodies(runner, [QUERY] * 2, capacity) == [runner.body] * 2
        assert len(runner.jobs) == 2


def test_two_that_ask_the_same_at_one_time_are_counted_once() -> None:
    runner, cache = Answering(b"x" * 1000), AnswerCache(1 << 20)
    executor = Executor(runner, Limits(), cache)

    async def ask() -> None:
        await asyncio.gather(*(executor.answer(QUERY, JSON) for _ in range(5)))
        await executor.answer("SELECT * {}", JSON)

    asyncio.run(ask())
    assert len(cache) == 2
    assert cache.size < 2 * (1000 + 2048)


def test_a_failure_is_not_kept() -> None:
    class Failing(Answering):
        async def run(self, job: Job, turn: Turn) -> Reply:
            self.jobs.append(job)
            raise QueryTimeout("too slow", limit=told("query-seconds", job.seconds, "s"))

    runner = Failing()
    executor = Executor(runner, Limits(), AnswerCache(1 << 20))
    for _ in range(2):
        with pytest.raises(QueryTimeout):
            asyncio.run(executor.answer(QUERY, JSON))
    assert len(runner.jobs) == 2


def test_the_server_gives_a_large_answer_again_whole(server: httpx.Client) -> None:
    query = {"query": "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 1900"}
    first, again = (server.get("/sparql", params=query) for _ in range(2))
    assert len(first.content) > 2 * INLINE
    assert again.content == first.content
    assert len(again.json()["results"]["bindings"]) == 1900
