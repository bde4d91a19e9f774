"""What breaks by itself or is broken: no wrong answer, no half answer marked as whole, no lost release."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from graph_builder.errors import ReleaseError
from graph_builder.project import CHECKOUT
from graph_builder.release import current
from tests.api.conftest import FILLERS, UNTRACED, figures, running, until
from tests.api.test_serve import said, serve
from tests.hostile.watching import processes_of

SMALL, LARGE = 40, FILLERS
_QUESTIONS = {
    SMALL: f"SELECT ?s ?n {{ ?s kip:position ?n FILTER(?n >= {FILLERS - SMALL}) }}",
    LARGE: "SELECT ?s ?n { ?s kip:position ?n FILTER(STRSTARTS(STR(?s), 'https://w3id.org/kip/id/value/filler-')) }",
}


class Callers:
    """Some who ask all the time, and hold every answer against what is known."""

    def __init__(self, address: httpx.URL, count: int = 4) -> None:
        self.statuses: Counter[int] = Counter()
        self.faults: list[str] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(address, number)) for number in range(count)]

    def __enter__(self) -> Callers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)

    def _ask(self, address: httpx.URL, number: int) -> None:
        rows = (SMALL, LARGE)[number % 2]
        with httpx.Client(base_url=address, timeout=30) as client:
            turn = 0
            while not self._over.is_set():
                turn += 1
                # another comment each time, so that nothing comes from the answers that are kept
                query = f"{_QUESTIONS[rows]} # {number} {turn}"
                try:
                    self._judge(client.get("/sparql", params={"query": query}), rows)
                except httpx.HTTPError as error:
                    self.faults.append(repr(error))

    def _judge(self, answer: httpx.Response, rows: int) -> None:
        self.statuses[answer.status_code] += 1
        if answer.status_code == 200:
            found = {row["n"]["value"] for row in answer.json()["results"]["bindings"]}
            if len(found) != rows:
                self.faults.append(f"{len(found)} rows of {rows}")
        elif answer.status_code < 500 or answer.json()["status"] != answer.status_code:
            self.faults.append(answer.text[:200])


def workers_of(server: int) -> list[int]:
    """The processes that evaluate queries."""
    return [each for zygote in processes_of(server)[1:] for each in processes_of(zygote)[1:]]


def test_workers_that_are_killed_at_any_moment_leave_no_wrong_answer(small_release: Path) -> None:
    chance = random.Random(7)
    with running(small_release, **UNTRACED, KIP_WORKERS="2", KIP_CLIENT_ERRORS="0") as (client, process):
        with Callers(client.base_url) as callers:
            # 40 times at least, and until enough callers had an answer in between, however slow the machine
            turn, deadline = 0, time.monotonic() + 120
            while turn < 40 or (callers.statuses[200] <= 20 and time.monotonic() < deadline):
                turn += 1
                time.sleep(chance.uniform(0.01, 0.1))
                with contextlib.suppress(ProcessLookupError, IndexError):
                    os.kill(chance.choice(workers_of(process.pid)), signal.SIGKILL)
        assert not callers.faults
        assert callers.statuses[200] > 20
        assert callers.statuses.keys() <= {200, 503}
        until(lambda: figures(client)["kip_workers[alive]"] == 4)


def test_a_zygote_that_is_killed_leaves_no_wrong_answer(small_release: Path) -> None:
    with running(small_release, **UNTRACED, KIP_WORKERS="1", KIP_CLIENT_ERRORS="0") as (client, process):
        with Callers(client.base_url, 2) as callers:
            for _ in range(2):
                time.sleep(0.3)
                before = processes_of(process.pid)[1:]
                for each in before:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(each, signal.SIGKILL)
                until(lambda before=before: bool(set(workers_of(process.pid)) - set(before)))  # type: ignore[misc]
                until(lambda: client.get("/readyz").status_code == 200)
            known = callers.statuses[200]
            until(lambda: callers.statuses[200] > known)
        assert not callers.faults
        assert callers.statuses.keys() <= {200, 503}


def test_a_server_without_file_descriptors_goes_on_when_it_has_some_again(small_release: Path) -> None:
    with running(small_release, **UNTRACED, KIP_WORKERS="1", KIP_RESERVED="0", KIP_CACHE_MB="0") as (client, process):
        address = (str(client.base_url.host), int(client.base_url.port or 0))
        hard = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)[1]
        taken = len(list(Path(f"/proc/{process.pid}/fd").iterdir()))
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (taken + 8, hard))
        with contextlib.ExitStack() as stack:
            for _ in range(40):
                stack.enter_context(socket.create_connection(address, timeout=30))
            time.sleep(0.5)
            # this one was there before; its answer needs a descriptor of its own
            for _ in range(3):
                try:
                    answer = client.get("/sparql", params={"query": _QUESTIONS[LARGE]})
                except httpx.HTTPError:
                    continue
                if answer.status_code == 200:
                    assert len(answer.json()["results"]["bindings"]) == LARGE
                else:
                    assert answer.json()["status"] == answer.status_code >= 500
        until(lambda: _answers(address))


def _answers(address: tuple[str, int]) -> bool:
    try:
        answer = httpx.get(f"http://{address[0]}:{address[1]}/sparql", params={"query": _QUESTIONS[LARGE]}, timeout=30)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and len(answer.json()["results"]["bindings"]) == LARGE


def test_a_server_that_is_killed_in_the_middle_of_queries_leaves_no_process(small_release: Path) -> None:
    with running(small_release, **UNTRACED, KIP_WORKERS="2") as (client, process):
        query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        asking = threading.Thread(target=_ask_in_vain, args=(f"{client.base_url}sparql", query))
        asking.start()
        until(lambda: figures(client)["kip_workers[busy]"] == 1)
        children = processes_of(process.pid)[1:]
        process.kill()
        asking.join(30)
        until(lambda: not any(_lives(child) for child in children))


def _ask_in_vain(address: str, query: str) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(address, params={"query": query}, timeout=30)


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def described(release: Path) -> Path:
    """The release with a manifest that has the hash of each file."""
    manifest = orjson.loads((release / "manifest.json").read_bytes())
    names = ("dataset.nq", "labels.json", "search.sqlite")
    contents = {name: (release / name).read_bytes() for name in names}
    files = {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in contents.items()}
    (release / "manifest.json").write_bytes(orjson.dumps({**manifest, "files": files}))
    return release


@pytest.fixture
def copied(small_release: Path, tmp_path: Path) -> Path:
    return described(shutil.copytree(small_release, tmp_path / "release"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["dataset.nq", "labels.json", "search.sqlite"])
@pytest.mark.parametrize("damage", [cut, flip, Path.unlink])
def test_a_damaged_file_is_named_with_what_to_do(copied: Path, name: str, damage: Callable[[Path], None]) -> None:
    damage(copied / name)
    done = serve("--port", "0", "--release", str(copied))
    assert done.returncode == 1
    assert re.search(rf"/{re.escape(name)} (is damaged|cannot be read).*; build the release again", said(done))


@pytest.mark.parametrize("damage", [cut, Path.unlink])
def test_a_truncated_store_is_named_with_what_to_do(copied: Path, damage: Callable[[Path], None]) -> None:
    for part in (copied / "store").glob("*.sst"):
        damage(part)
    done = serve("--port", "0", "--release", str(copied), KIP_STORE="disk")
    assert done.returncode == 1
    assert re.search(r"/store is damaged .*; build the release again, or set KIP_STORE=memory", said(done), re.DOTALL)


def test_a_release_that_is_damaged_beside_the_served_one_changes_nothing(copied: Path, tmp_path: Path) -> None:
    link = tmp_path / "current"
    link.symlink_to(copied)
    with running(link, **UNTRACED, KIP_WORKERS="1", KIP_WATCH_SECONDS="1") as (client, process):
        other = shutil.copytree(copied, tmp_path / "other")
        flip(other / "dataset.nq")
        (tmp_path / "beside").symlink_to(other)
        (tmp_path / "beside").replace(link)
        assert process.stderr is not None
        until(lambda: "dataset.nq is damaged" in process.stderr.readline())  # type: ignore[union-attr]
        answer = client.get("/sparql", params={"query": _QUESTIONS[LARGE]})
        assert len(answer.json()["results"]["bindings"]) == LARGE


PUBLISH = """
import sys
from pathlib import Path
from pyoxigraph import Literal, NamedNode, Quad
from graph_builder.errors import ReleaseError
from graph_builder.prefixes import prefix_map
from graph_builder.release import publish
folder, version = Path(sys.argv[1]), sys.argv[2]
node = NamedNode("http://e.org/")
quads = [Quad(node, node, Literal(f"{version} {number}")) for number in range(4000)]
try:
    print(publish(folder, version, quads, {"more.txt": b"-" * 1_000_000}, {}, prefix_map()))
except ReleaseError as error:
    sys.exit(str(error))
"""


def publishing(folder: Path, version: str) -> subprocess.Popen[str]:
    """A process that writes a release of some thousand quads and switches it in."""
    command = [sys.executable, "-c", PUBLISH, str(folder), version]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=CHECKOUT.root)


def published(folder: Path, version: str) -> tuple[int, str]:
    """Its exit status, and what it said."""
    process = publishing(folder, version)
    told = "".join(process.communicate(timeout=300))
    return process.returncode, told.strip()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Makes a file system of so many KiB, or another size of it."""
    place = tmp_path / "disk"
    place.mkdir()

    def mounted(kibibytes: int) -> Path:
        how = "remount," if place.is_mount() else ""
        command = ["mount", "-t", "tmpfs", "-o", f"{how}size={kibibytes}k", "tmpfs", str(place)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
        return place

    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small file system")
    yield mounted
    if place.is_mount():
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
def test_a_disk_that_fills_at_any_moment_of_a_build_keeps_the_release_before(
    tiny_disk: Callable[[int], Path],
) -> None:
    folder = tiny_disk(65_536) / "releases"
    assert published(folder, "one") == (0, str(folder / "one"))
    used = shutil.disk_usage(folder).used // 1024
    for share in (0, 0.2, 0.5, 0.7, 0.9):
        tiny_disk(used + int(used * share) + 8)
        status, told = published(folder, "two")
        assert status == 1, (share, told)
        assert "the disk is full" in told
        assert "The former release is untouched" in told
        assert current(folder.parent) == folder / "one"
        assert [path.name for path in folder.iterdir()] == ["one"]
    tiny_disk(65_536)
    assert published(folder, "two") == (0, str(folder / "two"))
    assert current(folder.parent) == folder / "two"


def test_builds_at_once_all_end_right(tmp_path: Path) -> None:
    folder = tmp_path / "build" / "releases"
    several = [publishing(folder, version) for version in ("one", "one", "two")]
    told = [each.communicate(timeout=300) for each in several]
    assert [each.returncode for each in several] == [0, 0, 0], told
    assert [Path(line.strip()).name for line, _ in told] == ["one", "one", "two"]
    assert current(folder.parent).name in ("one", "two")
    assert sorted(path.name for path in folder.iterdir()) == ["one", "two"]


def test_a_build_that_is_killed_leaves_no_release_and_does_not_stop_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "build" / "releases"
    killed = publishing(folder, "one")
    until(lambda: folder.is_dir() and any(folder.iterdir()))
    killed.kill()
    killed.communicate()
    if not (folder / "one").exists():
        with pytest.raises(ReleaseError):
            current(folder.parent)
    assert published(folder, "one") == (0, str(folder / "one"))
    assert current(folder.parent) == folder / "one"
