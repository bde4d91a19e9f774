"""The command that serves: its messages, its exit status, its end."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from api.cli import listen
from graph_builder.prefixes import DEFAULT_BASE
from graph_builder.project import CHECKOUT
from tests.api.conftest import serving


def serve(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command, run to its end; it ends only where it cannot serve."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KIP_")}
    return subprocess.run(
        [sys.executable, "-m", "api", "serve", *arguments],
        cwd=CHECKOUT.root,
        env={**environment, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_port_that_is_taken_is_named_with_what_to_do(small_release: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = serve("--port", str(port), "--release", str(small_release))
    assert done.returncode == 2
    assert re.search(rf"port {port} .* is taken: .*--port", said(done))


def test_small_answers_do_not_wait_for_acknowledgements() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_head_and_body_of_a_small_answer_come_in_one_piece(small_release: Path) -> None:
    with serving(small_release, KIP_WORKERS="1") as client:
        address = (client.base_url.host, client.base_url.port)
        with socket.create_connection(address, timeout=30) as connection:
            for _ in range(3):
                connection.sendall(b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: e.org\r\n\r\n")
                head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200 ")
                assert json.loads(body)["boolean"] is True


FAST = ("uvloop", "httptools")


def test_the_fast_event_loop_and_parser_are_used(small_release: Path) -> None:
    with serving(small_release, KIP_WORKERS="1") as client:
        assert _loaded_by_server(client) == set(FAST)


def test_it_serves_without_the_fast_event_loop_and_parser_too(small_release: Path, tmp_path: Path) -> None:
    for name in FAST:
        (tmp_path / f"{name}.py").write_text(f"raise ImportError('{name} is not here')")
    with serving(small_release, KIP_WORKERS="1", PYTHONPATH=str(tmp_path)) as client:
        assert _loaded_by_server(client) == set()
        assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True


def _loaded_by_server(client: httpx.Client) -> set[str]:
    """Which of the fast modules the process that listens has in its memory (proc_pid_maps(5))."""
    port = f":{client.base_url.port:04X} "
    lines = Path("/proc/net/tcp").read_text().splitlines()
    socket_name = next(f"socket:[{line.split()[9]}]" for line in lines if port in line and " 0A " in line)
    for process in _descendants(os.getpid()):
        links = [os.readlink(each) for each in Path(f"/proc/{process}/fd").iterdir()]
        if socket_name in links:
            maps = Path(f"/proc/{process}/maps").read_text()
            return {name for name in FAST if f"/{name}/" in maps}
    raise AssertionError(f"nobody listens at {client.base_url}")


def test_a_release_that_is_missing_is_named_with_what_to_do(tmp_path: Path) -> None:
    done = serve("--port", "0", KIP_RELEASE=str(tmp_path / "none"))
    assert done.returncode == 2
    assert f"no release in {tmp_path / 'none'}" in said(done)
    assert "make build" in done.stderr


@pytest.mark.parametrize("manifest", [b"", b"[]", b"{}", b'{"version": "1", "base": "https://e.org/"}'])
def test_a_damaged_manifest_is_the_fault_of_the_data(tmp_path: Path, manifest: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(manifest)
    done = serve("--port", "0", "--release", str(tmp_path))
    assert done.returncode == 1
    assert "build the release again" in said(done)


def test_a_damaged_dataset_is_the_fault_of_the_data(small_release: Path, tmp_path: Path) -> None:
    release = shutil.copytree(small_release, tmp_path / "release")
    (release / "dataset.nq").write_text("<http://e.org/a> .\n")
    done = serve("--port", "0", "--release", str(release))
    assert done.returncode == 1
    assert "dataset.nq cannot be loaded" in said(done)


def test_a_release_for_another_base_is_refused_with_both_ways_out(small_release: Path) -> None:
    done = serve("--port", "0", "--release", str(small_release), KIP_BASE="https://e.org/")
    assert done.returncode == 1
    assert f"start with KIP_BASE={DEFAULT_BASE}" in said(done)
    assert "build the release again with KIP_BASE=https://e.org/" in done.stderr


def test_an_address_of_another_machine_is_refused_with_what_to_do(small_release: Path) -> None:
    done = serve("--host", "192.0.2.1", "--port", "0", "--release", str(small_release))
    assert done.returncode == 2
    assert re.search(r"192\.0\.2\.1:0 cannot be listened on \(.+\): .*--host", said(done))


def test_a_store_that_is_not_there_is_told_with_what_to_do(small_release: Path, tmp_path: Path) -> None:
    release = shutil.copytree(small_release, tmp_path / "release", ignore=shutil.ignore_patterns("store"))
    done = serve("--port", "0", "--release", str(release), KIP_STORE="disk")
    assert done.returncode == 1
    assert re.search("build the release again, or set KIP_STORE=memory", said(done))


@pytest.mark.parametrize(
    ("settings", "arguments"),
    [({"KIP_PORT": "many"}, ()), ({}, ("--port", "70000")), ({"KIP_STORE": "remote"}, ()), ({}, ("--nonsense",))],
)
def test_wrong_use_is_told(small_release: Path, settings: dict[str, str], arguments: tuple[str, ...]) -> None:
    done = serve("--release", str(small_release), *arguments, **settings)
    assert done.returncode == 2
    assert any(word in said(done) for word in ("KIP_PORT", "70000", "KIP_STORE", "--nonsense"))


def test_a_release_on_disk_is_served(small_release: Path) -> None:
    with serving(small_release, KIP_STORE="disk", KIP_WORKERS="1") as client:
        answer = client.get("/sparql", params={"query": "ASK { org:kcci a kip:Organization }"})
        assert answer.json()["boolean"] is True


def test_the_release_stays_the_same_when_its_link_is_switched(small_release: Path, tmp_path: Path) -> None:
    link = tmp_path / "current"
    link.symlink_to(small_release)
    with serving(link, KIP_WORKERS="1") as client:
        link.unlink()
        assert client.get("/readyz").json()["release"] == "test-1"
        assert client.get("/sparql", params={"query": "ASK { org:kcci ?p ?o }"}).json()["boolean"] is True


@pytest.mark.slow
def test_the_server_takes_its_processes_along(small_release: Path) -> None:
    """Also where it is killed and cannot tidy up."""
    for how in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        server = subprocess.Popen(
            [sys.executable, "-m", "api", "serve", "--port", "0", "--release", str(small_release)],
            cwd=CHECKOUT.root,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert server.stderr is not None
        address = re.search(r"http://\S+", server.stderr.readline())
        assert address
        assert httpx.get(f"{address.group()}readyz", timeout=30).status_code == 200
        children = _descendants(server.pid)
        assert len(children) >= 2
        server.send_signal(how)
        _, rest = server.communicate(timeout=30)
        assert "Traceback" not in rest
        deadline = time.monotonic() + 60
        while any(Path(f"/proc/{process}").exists() for process in children):
            assert time.monotonic() < deadline, f"left after {how.name}"
            time.sleep(0.02)


def _descendants(process: int) -> set[int]:
    """The processes that a process started, and those that they started."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    found = {process}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {process}
