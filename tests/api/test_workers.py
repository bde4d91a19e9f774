"""What queries cannot do to the server: stay, grow, fall, crowd out others."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api.engine.execution import Executor
from api.engine.jobs import Outcome, StoreSource, pack_outcome
from api.engine.processes import Worker, WorkerLost
from api.engine.workers import Pool
from api.errors import QueryFailed, QueryTimeout, RequestError, ResourceExceeded, ServerBusy
from api.limits import Limits
from graph_builder.errors import ReleaseError
from tests.api.conftest import CROSS_PRODUCT, FILLERS, serving
from tests.hostile.watching import processes_of

# The condition needs all three, so that no engine can push it down.
ENDLESS = "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STRLEN(STR(?a)) + STRLEN(STR(?d)) + STRLEN(STR(?g)) < 0) }"


def growing(steps: int) -> str:
    """A query whose value is of sixteen characters, doubled so many times."""
    doubling = " ".join(f"BIND(CONCAT(?x{step}, ?x{step}) AS ?x{step + 1})" for step in range(steps))
    return f"SELECT ?x{steps} {{ BIND('0123456789abcdef' AS ?x0) {doubling} }}"


def pool_of(release: Path, size: int = 1, memory_mb: int = 256, kind: str = "memory") -> Pool:
    return Pool(StoreSource(kind, str(release), "http://e.org/", {"kip": "https://w3id.org/kip/def/"}, memory_mb), size)


def run(pool: Pool, work: Coroutine[Any, Any, None]) -> None:
    """Start the pool, do the work, stop the pool."""

    async def framed() -> None:
        try:
            await pool.start()
            await asyncio.wait_for(work, 60)
        finally:
            await pool.stop()

    asyncio.run(framed())


def alive(process: int) -> bool:
    """Whether a process runs; one that was killed may still be listed."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def until(happens: Any) -> None:
    async with asyncio.timeout(60):
        while not happens():
            await asyncio.sleep(0.02)


def test_a_cross_product_ends_at_the_deadline_while_the_server_stays_awake(strict_server: httpx.Client) -> None:
    answers: list[httpx.Response] = []

    def ask() -> None:
        answers.append(httpx.get(f"{strict_server.base_url}sparql", params={"query": CROSS_PRODUCT}, timeout=60))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    meanwhile = 0
    while all(thread.is_alive() for thread in threads):
        assert strict_server.get("/healthz").json() == {"status": "ok"}
        meanwhile += not answers
    assert meanwhile > 3
    for thread in threads:
        thread.join()
    for answer in answers:
        assert answer.status_code == 504
        document = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        limit = {"name": "query-seconds", "value": 2, "unit": "s", "setting": "KIP_QUERY_SECONDS"}
        assert document["limit"] == limit
        assert "LIMIT" in document["hint"]
    assert strict_server.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True


def test_a_caller_may_ask_for_a_shorter_deadline_but_not_for_a_longer_one(strict_server: httpx.Client) -> None:
    for asked, given in (("0.3", 0.3), ("60", 2)):
        answer = strict_server.get("/sparql", params={"query": ENDLESS, "timeout": asked})
        assert (answer.status_code, answer.json()["limit"]["value"]) == (504, given)


def test_a_query_that_grows_is_ended_by_the_memory_limit(strict_server: httpx.Client) -> None:
    answer = strict_server.get("/sparql", params={"query": growing(30)})
    limit = {"name": "query-memory", "value": 200, "unit": "MiB", "setting": "KIP_QUERY_MEMORY_MB"}
    assert (answer.status_code, answer.json()["limit"]) == (507, limit)
    assert strict_server.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True


def test_an_answer_above_the_byte_cap_is_cut_between_rows(strict_server: httpx.Client) -> None:
    columns = " ".join(f"(?s AS ?s{number})" for number in range(8))
    answer = strict_server.get("/sparql", params={"query": f"SELECT ?s {columns} {{ ?s kip:position ?o }}"})
    rows = answer.json()["results"]["bindings"]
    assert len(answer.content) <= 1024 * 1024
    assert 500 < len(rows) < FILLERS
    assert answer.headers["x-kip-truncated"] == "bytes"
    assert answer.headers["x-kip-total"] == str(FILLERS + 1)


def test_a_row_above_the_byte_cap_is_refused(strict_server: httpx.Client) -> None:
    answer = strict_server.get("/sparql", params={"query": growing(17)})
    assert (answer.status_code, answer.json()["limit"]["value"]) == (507, 1024 * 1024)


def test_a_caller_who_goes_away_takes_the_query_along(small_release: Path) -> None:
    with serving(small_release, KIP_WORKERS="1", KIP_QUERY_SECONDS="50") as client:
        host, port = str(client.base_url.host), int(client.base_url.port or 80)
        with socket.create_connection((host, port)) as caller:
            caller.sendall(f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            time.sleep(1)
        answer = client.get("/sparql", params={"query": "ASK {}"}, timeout=20)
        assert answer.json()["boolean"] is True


def test_a_full_queue_is_told_when_to_come_again(small_release: Path) -> None:
    pool = pool_of(small_release)
    executor = Executor(pool, Limits(seconds=1))

    async def work() -> None:
        results = await asyncio.gather(*(executor.ask(ENDLESS) for _ in range(25)), return_exceptions=True)
        busy = [error for error in results if isinstance(error, ServerBusy)]
        assert sum(isinstance(error, QueryTimeout) for error in results) >= 1
        assert len(busy) >= 8
        assert {error.headers["Retry-After"] for error in busy} == {"1"}
        assert {error.members["limit"]["name"] for error in busy} <= {"queue", "workers"}
        assert sum(error.members["limit"]["setting"] == "KIP_QUEUE" for error in busy) == 25 - 1 - 16
        assert await executor.ask("ASK {}")

    run(pool, work())


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (signal.SIGSEGV, QueryFailed),
        (signal.SIGABRT, ResourceExceeded),
        (signal.SIGXCPU, QueryTimeout),
        (signal.SIGKILL, ServerBusy),
    ],
)
def test_a_worker_that_dies_is_told_and_replaced(
    small_release: Path, number: signal.Signals, expected: type[RequestError]
) -> None:
    pool = pool_of(small_release)
    executor = Executor(pool, Limits(seconds=30))

    async def work() -> None:
        await until(lambda: len(pool.processes) == 2)
        before = set(pool.processes)
        asked = asyncio.create_task(executor.ask(ENDLESS))
        await asyncio.sleep(0.3)
        for process in before:
            os.kill(process, number)
        with pytest.raises(expected):
            await asked
        await until(lambda: len(pool.processes) == 2 and not before & set(pool.processes))
        assert await executor.ask("ASK {}")

    run(pool, work())


def test_workers_that_are_killed_at_any_moment_lose_no_answer_but_their_own(small_release: Path) -> None:
    """Every answer is right or a refusal that says to come again, and in the end all is as before."""
    pool = pool_of(small_release, size=2)
    executor = Executor(pool, Limits(seconds=20))
    refused: list[RequestError] = []

    async def ask(number: int) -> None:
        for turn in range(20):
            position = 100 + number * 20 + turn
            try:
                table = await executor.table(f"SELECT ?s {{ ?s kip:position {position} }}")
                assert [row["s"].value.rpartition("-")[2] for row in table.rows] == [f"{position:04}"]
            except RequestError as error:
                refused.append(error)

    async def kill(asking: asyncio.Future[Any]) -> None:
        for turn in range(1000):
            if turn >= 7 and pool.replaced >= 3:
                break
            await asyncio.sleep(0.01 * (1 + turn % 5))
            for process in pool.processes[: 1 + turn % 2]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        await asking

    async def work() -> None:
        asking = asyncio.gather(*map(ask, range(6)))
        await asyncio.gather(asking, kill(asking))
        assert {(type(error), error.headers["Retry-After"].isdigit()) for error in refused} <= {(ServerBusy, True)}
        await until(lambda: len(pool.processes) == 3 and all(map(alive, pool.processes)))
        assert pool.replaced >= 3
        assert (pool.gate.busy, pool.gate.waiting) == (0, 0)
        assert await executor.ask("ASK { ?s kip:position 7 }")

    run(pool, work())


def test_a_cancelled_query_leaves_no_process_at_it(small_release: Path) -> None:
    pool = pool_of(small_release)
    executor = Executor(pool, Limits(seconds=30))

    async def work() -> None:
        await until(lambda: len(pool.processes) == 2)
        before = set(pool.processes)
        asked = asyncio.create_task(executor.ask(ENDLESS))
        await asyncio.sleep(0.3)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await until(lambda: len(pool.processes) == 2)
        gone = before - set(pool.processes)
        assert len(gone) == 1
        await until(lambda: not Path(f"/proc/{gone.pop()}").exists() if gone else True)

    run(pool, work())


def test_the_zygote_is_started_again_when_it_dies(small_release: Path) -> None:
    pool = pool_of(small_release)
    executor = Executor(pool, Limits(seconds=5))

    async def work() -> None:
        zygote = int(Path(f"/proc/{pool.processes[0]}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(zygote, signal.SIGKILL)
        await until(lambda: not pool.ready)
        await until(lambda: pool.ready)
        assert await executor.ask("ASK { ?s kip:position 7 }")

    run(pool, work())


def test_a_pool_that_is_about_to_end_answers_but_is_not_ready(small_release: Path) -> None:
    pool = pool_of(small_release)
    executor = Executor(pool, Limits(seconds=20))

    async def work() -> None:
        before = pool.ready
        pool.leave()
        assert (before, pool.ready) == (True, False)
        assert await executor.ask("ASK { ?s kip:position 7 }")

    run(pool, work())


def test_no_process_is_left_when_the_pool_stops(small_release: Path) -> None:
    pool = pool_of(small_release, size=2)
    seen: set[int] = set()

    async def work() -> None:
        await until(lambda: len(pool.processes) == 3)
        seen.update(pool.processes)

    run(pool, work())
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{process}").exists() for process in seen):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert not pool.ready


def test_an_answer_whose_file_was_lost_on_the_way_is_no_answer() -> None:
    async def work() -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        process = subprocess.Popen(["sleep", "60"])
        worker = Worker(1, ours, os.pidfd_open(process.pid), process.pid)
        worker.ended(70, "")
        theirs.send(pack_outcome(Outcome(size=100, descriptor=9)))
        try:
            with pytest.raises(WorkerLost):
                await worker.do(b"a job", 20.0)
        finally:
            worker.close()
            theirs.close()
            process.wait()

    asyncio.run(work())


def test_what_wrote_for_a_worker_is_no_zombie_when_that_was_killed(small_release: Path) -> None:
    """In a container the server is process 1, and inherits what others leave behind; so does this process here."""
    library = ctypes.CDLL(None)
    pool = pool_of(small_release)

    async def work() -> None:
        await until(lambda: len(pool.processes) == 2)
        workers = set(pool.processes)
        await until(lambda: all(set(processes_of(worker)) - {worker} for worker in workers))
        scribes = set().union(*map(processes_of, workers)) - workers
        assert len(scribes) == 2
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        await until(lambda: not any(Path(f"/proc/{scribe}").exists() for scribe in scribes))
        await until(lambda: len(pool.processes) == 2)
        assert await Executor(pool, Limits(seconds=20)).ask("ASK {}")

    assert library.prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER
    try:
        run(pool, work())
    finally:
        library.prctl(36, 0, 0, 0, 0)


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_a_store_that_cannot_be_opened_is_told_at_the_start(tmp_path: Path, kind: str) -> None:
    (tmp_path / "dataset.nq").write_text("this is no quad\n")

    async def start() -> None:
        pool = pool_of(tmp_path, kind=kind)
        try:
            await pool.start()
        finally:
            await pool.stop()

    with pytest.raises(ReleaseError, match="build the release again"):
        asyncio.run(start())


def test_workers_of_the_disk_store_share_one_directory(small_release: Path) -> None:
    pool = pool_of(small_release, size=3, kind="disk")
    executor = Executor(pool, Limits(seconds=20))

    async def work() -> None:
        asked = (executor.table(f"SELECT ?s {{ ?s kip:position {number} }}") for number in range(12))
        assert [len(table.rows) for table in await asyncio.gather(*asked)] == [1, 1, 1, 2, *[1] * 8]

    run(pool, work())
