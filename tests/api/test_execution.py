"""The executor over a real pool: what routes and pages call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from api.engine.execution import Dataset, Executor
from api.engine.jobs import StoreSource
from api.engine.results import Term
from api.engine.workers import Pool
from api.errors import MalformedRequest, QuerySyntaxError, ResourceExceeded
from api.limits import Limits
from api.transport.formats import by_name, of_kind

Result = TypeVar("Result")
Using = Callable[[Callable[[Executor], Awaitable[Result]]], Result]
KIP = {"kip": "https://w3id.org/kip/def/", "org": "https://w3id.org/kip/id/org/"}
RDFS = "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"
JSON, CSV = of_kind("table")[0], of_kind("table")[2]
TURTLE = of_kind("graph")[0]


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def using(loop: asyncio.Runner, small_release: Path) -> Iterator[Using[object]]:
    """Runs a function of the executor to its end."""
    pool = Pool(StoreSource("memory", str(small_release), "https://w3id.org/kip/", KIP, 512), 2)
    loop.run(pool.start())
    executor = Executor(pool, Limits())

    async def awaited(work: Callable[[Executor], Awaitable[object]]) -> object:
        return await work(executor)

    yield lambda work: loop.run(awaited(work))
    loop.run(pool.stop())


def test_a_table_has_terms_with_language_and_datatype(using: Using[object]) -> None:
    async def work(executor: Executor) -> None:
        query = (
            f"{RDFS} SELECT ?s ?l ?n ?none {{ ?s rdfs:label ?l ; kip:position ?n OPTIONAL {{ ?s kip:none ?none }} }}"
        )
        table = await executor.table(query)
        assert table.columns == ("s", "l", "n", "none")
        assert table.rows == (
            {
                "s": Term("iri", "https://w3id.org/kip/id/program/smart-factory-rollout"),
                "l": Term("literal", "스마트공장 보급", "ko"),
                "n": Term("literal", "3", "", "http://www.w3.org/2001/XMLSchema#integer"),
            },
        )
        assert not table.truncated

    using(work)


def test_a_table_above_the_row_limit_says_so(using: Using[object]) -> None:
    async def work(executor: Executor) -> None:
        table = await executor.table("SELECT ?s { ?s kip:position ?n } ORDER BY ?n", Limits(rows=5))
        assert (len(table.rows), table.truncated) == (5, True)
        whole = await executor.table("SELECT ?s { ?s kip:position ?n } LIMIT 5", Limits(rows=5))
        assert (len(whole.rows), whole.truncated) == (5, False)

    using(work)


def test_several_tables_come_in_the_order_of_their_queries(using: Using[object]) -> None:
    async def work(executor: Executor) -> None:
        tables = await executor.tables([f"SELECT (COUNT(*) AS ?n) {{ ?s kip:position {number} }}" for number in (3, 4)])
        assert [table.rows[0]["n"].value for table in tables] == ["2", "1"]

    using(work)


def test_ask_is_a_truth_value(using: Using[object]) -> None:
    async def work(executor: Executor) -> None:
        assert await executor.ask("ASK { org:kcci a kip:Organization }") is True
        assert await executor.ask("ASK { org:kcci a kip:Program }") is False

    using(work)


def test_a_graph_is_whole_or_refused(using: Using[object]) -> None:
    async def work(executor: Executor) -> None:
        body = await executor.graph("DESCRIBE org:kcci", TURTLE)
        assert len(list(parse(body, format=RdfFormat.TURTLE))) == 3
        with pytest.raises(ResourceExceeded):
            await executor.graph("CONSTRUCT WHERE { ?s kip:position ?o }", TURTLE, Limits(rows=10))

    using(work)


def test_a_large_answer_comes_in_pieces_that_make_up_its_size(using: Using[object]) -> None:
    async def work(executor: Executor) -> None:
        answer = await executor.answer("SELECT * { ?s kip:position ?o }", JSON)
        pieces = [piece async for piece in answer.body]
        assert not answer.headers.get("X-KIP-Truncated")
        assert sum(map(len, pieces)) == answer.size > 256 * 1024
        assert len(pieces) == -(-answer.size // (256 * 1024))

    using(work)


def test_a_format_that_cannot_hold_the_answer_is_refused(using: Using[object]) -> None:
    async def work(executor: Executor) -> None:
        with pytest.raises(MalformedRequest):
            await executor.answer("DESCRIBE org:kcci", CSV)
        with pytest.raises(MalformedRequest):
            await executor.answer("ASK {}", TURTLE)

    using(work)


def test_a_dataset_may_name_graphs_that_do_not_exist(using: Using[object]) -> None:
    async def work(executor: Executor) -> None:
        dataset = Dataset(default=("http://e.org/none", "http://e.org/nowhere"))
        answer = await executor.answer("ASK { ?s ?p ?o }", JSON, dataset=dataset)
        assert answer.whole() == b'{"head":{},"boolean":false}'

    using(work)


def test_the_place_of_a_syntax_error_is_that_of_the_query_as_it_was_sent(using: Using[object]) -> None:
    async def work(executor: Executor) -> None:
        with pytest.raises(QuerySyntaxError) as caught:
            await executor.table("SELECT ?s {\n ?s ?p ")
        assert caught.value.members["line"] == 2

    using(work)


def test_iris_of_a_query_are_resolved_against_the_base(using: Using[object]) -> None:
    async def work(executor: Executor) -> None:
        row = by_name("nt")
        assert row is not None
        body = await executor.graph("CONSTRUCT { <id/org/kcci> a <def/X> } {}", row)
        triple = next(iter(parse(body, format=RdfFormat.N_TRIPLES)))
        assert triple.subject == NamedNode("https://w3id.org/kip/id/org/kcci")

    using(work)
