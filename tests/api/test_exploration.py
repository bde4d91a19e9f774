"""The corridor of questions about relationships: opened once, bounded as queries are, and killed where it overstays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest
from pyoxigraph import RdfFormat, parse

from api.engine.admission import Turn
from api.engine.jobs import Job, Outcome, StoreSource
from api.engine.processes import Reply
from api.engine.stores import KINDS, RELATIONSHIPS, open_store
from api.engine.workers import Pool
from api.errors import QueryFailed, QueryTimeout, ResourceExceeded, ServerBusy
from api.limits import Limits
from api.relations.exploration import Explorer
from api.settings import StoreKind
from graph_builder.errors import ReleaseError
from graph_builder.prefixes import DEFAULT_BASE, prefix_map
from graph_builder.project import CHECKOUT

OPEN = {"kinds": [], "without": [], "day": ""}
CROWD = 16


class Double:
    """Answers every question with its own text; `refusals` says how often it cannot be opened."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.started = 0
        self.stopped = False
        self.jobs: list[Job] = []

    async def start(self) -> None:
        self.started += 1
        await asyncio.sleep(0.01)
        if self.started <= self.refusals:
            raise ReleaseError("no release")

    async def stop(self) -> None:
        self.stopped = True

    async def run(self, job: Job, turn: Turn) -> Reply:
        self.jobs.append(job)
        return Reply(Outcome(size=len(job.query), body=job.query.encode()))


def test_questions_at_one_time_open_the_network_once() -> None:
    async def ask() -> tuple[Double, list[Any]]:
        double = Double()
        explorer = Explorer(double, Limits())
        answers = await asyncio.gather(*(explorer.ask({"ask": "kinds", "n": number}) for number in range(3)))
        await explorer.stop()
        return double, answers

    double, answers = asyncio.run(ask())
    assert double.started == 1
    assert double.stopped
    assert [answer["n"] for answer in answers] == [0, 1, 2]


def test_a_network_that_cannot_be_opened_is_tried_again_by_the_next_question() -> None:
    async def ask() -> Any:
        explorer = Explorer(Double(refusals=1), Limits())
        with pytest.raises(ServerBusy) as refusal:
            await explorer.ask({"ask": "kinds"})
        assert int(refusal.value.headers["Retry-After"]) >= 1
        return await explorer.ask({"ask": "kinds"})

    assert asyncio.run(ask()) == {"ask": "kinds"}


def test_a_question_that_was_answered_is_not_searched_again() -> None:
    async def ask() -> list[Job]:
        double = Double()
        explorer = Explorer(double, Limits(), 1 << 20)
        for question in ({"ask": "paths", "n": 1}, {"n": 1, "ask": "paths"}, {"ask": "paths", "n": 2}):
            await explorer.ask(question)
        return double.jobs

    assert len(asyncio.run(ask())) == 2


def test_the_limits_are_those_of_a_query() -> None:
    async def ask() -> Job:
        double = Double()
        await Explorer(double, Limits(seconds=3, bytes=5000)).ask({"ask": "kinds"})
        return double.jobs[0]

    job = asyncio.run(ask())
    assert (job.seconds, job.bytes) == (3, 5000)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> StoreSource:
    """A release in which every body is a member of every other one: more paths than can be counted."""
    folder = tmp_path_factory.mktemp("crowd")
    ontology = [
        f"{quad.subject} {quad.predicate} {quad.object} ."
        for file in sorted(CHECKOUT.ontology.glob("*.ttl"))
        for quad in parse(path=file, format=RdfFormat.TURTLE)
    ]
    (folder / "dataset.nq").write_text("\n".join([*ontology, *_crowd()]) + "\n", "utf-8")
    return StoreSource(RELATIONSHIPS, str(folder), DEFAULT_BASE, dict(prefix_map().prefixes), 512)


def _crowd() -> Iterator[str]:
    bodies = [f"<{DEFAULT_BASE}id/org/b{number:02}>" for number in range(CROWD)]
    for body in bodies:
        yield f"{body} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{DEFAULT_BASE}def/Organization> ."
        yield f'{body} <http://www.w3.org/2000/01/rdf-schema#label> "body"@en .'
    for one, other in combinations(bodies, 2):
        yield f"{one} <{DEFAULT_BASE}def/memberOf> {other} ."


def question(wanted: int, longest: int) -> dict[str, Any]:
    ends = {name: f"{DEFAULT_BASE}id/org/b{number:02}" for name, number in (("source", 0), ("target", 1))}
    return {"ask": "paths", **OPEN, **ends, "wanted": wanted, "longest": longest}


class Living:
    """A pool with one real worker, in an event loop that goes on between the tests."""

    def __init__(self, source: StoreSource) -> None:
        self.runner = asyncio.Runner()
        self.pool = Pool(source, 1)
        self.runner.run(self.pool.start())

    def use(self, limits: Limits, use: Callable[[Explorer], Coroutine[Any, Any, Any]]) -> Any:
        """The result of a use of an explorer."""
        return self.runner.run(use(Explorer(Open(self.pool), limits)))

    def close(self) -> None:
        """End every process."""
        self.runner.run(self.pool.stop())
        self.runner.close()


@pytest.fixture(scope="module")
def living(crowd: StoreSource) -> Iterator[Living]:
    opened = Living(crowd)
    yield opened
    opened.close()


class Open:
    """A pool that is open already."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def start(self) -> None:
        """Nothing is left to do."""

    async def stop(self) -> None:
        """It goes on for the next test."""

    async def run(self, job: Job, turn: Turn) -> Reply:
        return await self._pool.run(job, turn)


def test_a_search_without_end_is_killed_at_its_deadline_and_the_next_one_answered(living: Living) -> None:
    async def use(explorer: Explorer) -> Any:
        with pytest.raises(QueryTimeout):
            await explorer.ask(question(10**9, CROWD))

    living.use(Limits(seconds=1), use)
    found = living.use(Limits(), lambda explorer: explorer.ask(question(3, 2)))
    assert [len(path["nodes"]) for path in found["paths"]] == [2, 3, 3]


def test_a_search_whose_caller_is_gone_gives_its_worker_back(living: Living) -> None:
    async def use(explorer: Explorer) -> Any:
        endless = asyncio.create_task(explorer.ask(question(10**9, CROWD)))
        await asyncio.sleep(0.2)
        endless.cancel()
        with pytest.raises(asyncio.CancelledError):
            await endless
        return await explorer.ask(question(1, 1))

    assert len(living.use(Limits(seconds=60), use)["paths"]) == 1


def test_an_answer_that_is_too_large_is_refused_whole(living: Living) -> None:
    with pytest.raises(ResourceExceeded):
        living.use(Limits(bytes=1000), lambda explorer: explorer.ask(question(100, 3)))


def test_a_question_that_makes_no_sense_fails_and_ends_nothing(living: Living) -> None:
    with pytest.raises(QueryFailed):
        living.use(Limits(), lambda explorer: explorer.ask({"ask": "paths", **OPEN, "hops": 3}))
    assert living.use(Limits(), lambda explorer: explorer.ask({"ask": "kinds"})) == {"kinds": ["org"]}


def test_a_release_that_cannot_be_read_is_said_to_be_damaged(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="build the release again"):
        open_store(StoreSource(RELATIONSHIPS, str(tmp_path), DEFAULT_BASE, {}, 64))


def test_a_setting_may_choose_each_store_but_not_the_network() -> None:
    assert get_args(StoreKind) == KINDS
    assert RELATIONSHIPS not in KINDS


def test_the_network_is_written_as_json(crowd: StoreSource) -> None:
    outcome = open_store(crowd).answer(Job(orjson.dumps(question(1, 1)).decode(), "network", "JSON", 1, 10_000, 1.0))
    document = orjson.loads(outcome.body)
    assert document["paths"][0]["links"][0][0]["property"] == f"{DEFAULT_BASE}def/memberOf"
    assert set(document["properties"]) == {f"{DEFAULT_BASE}def/memberOf"}
