"""Releases come and go while queries run, and the server stops: every answer is whole and of the release it names."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import socket
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import httpx
import orjson
import pytest
from fastapi import FastAPI

from api.hosting import Host
from api.settings import Settings
from tests.api.conftest import figures, running, until
from tests.api.test_workers import ENDLESS

MARKED = "SELECT ?row ?mark { ?row <http://e.org/mark> ?mark }"
ONE = "SELECT ?mark { <http://e.org/row/7> <http://e.org/mark> ?mark }"
ROWS = 2000


def marked(small_release: Path, folder: Path, version: str) -> Path:
    """A release in which every row says the version."""
    shutil.copytree(small_release, folder, ignore=shutil.ignore_patterns("store"))
    rows = (f'<http://e.org/row/{number}> <http://e.org/mark> "{version}" .\n' for number in range(ROWS))
    (folder / "dataset.nq").write_text("".join(rows))
    manifest = orjson.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_bytes(orjson.dumps({**manifest, "version": version}))
    return folder


def point(link: Path, release: Path) -> None:
    """Switch a link in one step, as the builder does."""
    beside = link.with_name(".beside")
    beside.symlink_to(release)
    beside.replace(link)


@pytest.fixture(scope="module")
def releases(small_release: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("marked")
    return marked(small_release, folder / "one", "one"), marked(small_release, folder / "two", "two")


def is_of_the_release_it_names(answer: httpx.Response, rows: int) -> None:
    assert answer.status_code == 200
    bindings = answer.json()["results"]["bindings"]
    assert len(bindings) == rows
    assert {row["mark"]["value"] for row in bindings} == {answer.headers["x-kip-release"]}


def test_what_is_served_no_more_leaves_the_memory(releases: tuple[Path, Path], tmp_path: Path) -> None:
    link = tmp_path / "current"
    point(link, releases[0])

    async def switched() -> tuple[str, FastAPI | None]:
        host = Host(Settings(release=link, workers=1))
        async with host.living():
            before = weakref.ref(host._current.app)
            point(link, releases[1])
            assert await host.switch()
            end = time.monotonic() + 60
            while before() is not None and time.monotonic() < end:
                await asyncio.sleep(0.05)
            return host.version, before()

    try:
        assert asyncio.run(switched()) == ("two", None)
    finally:
        gc.unfreeze()


@pytest.mark.slow
def test_every_answer_is_whole_and_of_the_release_it_names_while_releases_are_switched(
    releases: tuple[Path, Path], tmp_path: Path
) -> None:
    link = tmp_path / "current"
    point(link, releases[0])
    over = threading.Event()
    seen: list[str] = []
    faults: list[Exception] = []

    def ask(address: httpx.URL, query: str, rows: int) -> None:
        tag = tag_of = ""
        with httpx.Client(base_url=address, timeout=60) as client:
            while not over.is_set():
                try:
                    # at times the validator of before, which must not confirm an answer of another release
                    headers = {"If-None-Match": tag} if len(seen) % 3 == 0 and tag else {}
                    answer = client.get("/sparql", params={"query": query}, headers=headers)
                    version = answer.headers["x-kip-release"]
                    if answer.status_code == 304:
                        assert version == tag_of
                    else:
                        is_of_the_release_it_names(answer, rows)
                        tag, tag_of = answer.headers["etag"], version
                    seen.append(version)
                except (AssertionError, httpx.HTTPError) as error:
                    faults.append(error)
                    return

    with running(link, KIP_WORKERS="2", KIP_WATCH_SECONDS="1", KIP_CACHE_MB="1") as (client, process):
        work = [(client.base_url, MARKED, ROWS), (client.base_url, ONE, 1), (client.base_url, ONE, 1)]
        threads = [threading.Thread(target=ask, args=each) for each in work]
        for thread in threads:
            thread.start()
        for release, expected in ((releases[1], "two"), (releases[0], "one"), (releases[1], "two")):
            point(link, release)
            process.send_signal(signal.SIGHUP)
            until(lambda expected=expected: client.get("/readyz").json()["release"] == expected)  # type: ignore[misc]
        over.set()
        for thread in threads:
            thread.join(60)
        until(lambda: figures(client)["kip_workers[alive]"] == 4)
        assert figures(client)["kip_release_info[two]"] == 1
        assert "kip_release_info[one]" not in figures(client)
    assert not faults
    assert set(seen) == {"one", "two"}


def test_the_folder_is_watched_and_a_release_that_cannot_be_served_changes_nothing(
    releases: tuple[Path, Path], tmp_path: Path
) -> None:
    link = tmp_path / "current"
    point(link, releases[0])
    broken = shutil.copytree(releases[1], tmp_path / "broken")
    (broken / "dataset.nq").write_text("this is no quad\n")
    with running(link, KIP_WORKERS="1", KIP_WATCH_SECONDS="1") as (client, process):
        point(link, broken)
        assert process.stderr is not None
        until(lambda: "cannot be served" in process.stderr.readline())  # type: ignore[union-attr]
        assert client.get("/readyz").json()["release"] == "one"
        is_of_the_release_it_names(client.get("/sparql", params={"query": ONE}), 1)
        point(link, releases[1])
        until(lambda: client.get("/readyz").json()["release"] == "two")
        is_of_the_release_it_names(client.get("/sparql", params={"query": ONE}), 1)


def test_a_query_that_runs_while_the_release_is_switched_is_answered_by_the_old_one(
    releases: tuple[Path, Path], tmp_path: Path
) -> None:
    link = tmp_path / "current"
    point(link, releases[0])
    answers: list[httpx.Response] = []
    with running(link, KIP_WORKERS="1", KIP_QUERY_SECONDS="4") as (client, process):
        address = f"{client.base_url}sparql"
        asking = threading.Thread(
            target=lambda: answers.append(httpx.get(address, params={"query": ENDLESS}, timeout=30))
        )
        asking.start()
        until(lambda: figures(client)["kip_workers[busy]"] == 1)
        point(link, releases[1])
        process.send_signal(signal.SIGHUP)
        until(lambda: client.get("/readyz").json()["release"] == "two")
        is_of_the_release_it_names(client.get("/sparql", params={"query": ONE}), 1)
        asking.join(30)
    assert (answers[0].status_code, answers[0].headers["x-kip-release"]) == (504, "one")


def stopped(stop: Callable[[], None], host: str, port: int) -> None:
    """Stop a server and wait until nobody listens any more."""
    stop()

    def refused() -> bool:
        try:
            socket.create_connection((host, port), timeout=5).close()
        except OSError:
            return True
        return False

    until(refused)


def test_a_server_that_is_stopped_gives_the_answers_that_are_under_way_and_takes_no_more(small_release: Path) -> None:
    answers: list[httpx.Response] = []
    with running(small_release, KIP_WORKERS="1", KIP_QUERY_SECONDS="5") as (client, process):
        host, port = str(client.base_url.host), int(client.base_url.port or 0)
        asking = threading.Thread(
            target=lambda: answers.append(
                httpx.get(f"http://{host}:{port}/sparql", params={"query": ENDLESS}, timeout=30)
            )
        )
        asking.start()
        until(lambda: figures(client)["kip_workers[busy]"] == 1)
        stopped(process.terminate, host, port)
        assert not answers, "the query still runs"
        asking.join(30)
        assert process.wait(60) == 0
    assert answers[0].json()["limit"]["name"] == "query-seconds"


HUGE = "SELECT ?a ?b { ?a kip:position ?x . ?b kip:position ?y } LIMIT 100000"


def begun(host: str, port: int, query: str) -> socket.socket:
    """A caller who has asked and read the first bytes of the answer."""
    caller = socket.socket()
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    caller.connect((host, port))
    asked = httpx.Request("GET", f"http://{host}:{port}/sparql", params={"query": query})
    caller.sendall(b"GET " + asked.url.raw_path + b" HTTP/1.1\r\nHost: " + host.encode() + b"\r\n\r\n")
    caller.settimeout(30)
    return caller


def length_of(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))


def test_an_answer_that_a_stop_cuts_is_not_called_whole(small_release: Path) -> None:
    with running(small_release, KIP_WORKERS="1", KIP_STOP_SECONDS="1") as (client, process):
        host, port = str(client.base_url.host), int(client.base_url.port or 0)
        with begun(host, port, HUGE) as caller:
            head, _, body = caller.recv(4096).partition(b"\r\n\r\n")
            stopped(process.terminate, host, port)
            process.wait(60)
            received = len(body)
            try:
                while piece := caller.recv(1 << 20):
                    received += len(piece)
            except ConnectionError:
                pass
    assert head.startswith(b"HTTP/1.1 200 ")
    assert 0 < received < length_of(head)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_without_work_stops_at_once(small_release: Path, number: signal.Signals) -> None:
    with running(small_release, KIP_WORKERS="1", KIP_STOP_SECONDS="60") as (client, process):
        assert client.get("/healthz").status_code == 200
        os.kill(process.pid, number)
        assert process.wait(50) == 0, "it has not waited for callers whom there are none of"
