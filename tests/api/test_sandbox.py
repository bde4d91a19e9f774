"""What a process can no longer do once it is in the sandbox; each check in a process of its own."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from api.engine import sandbox
from graph_builder.project import CHECKOUT

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() not in ("x86_64", "aarch64"),
    reason="system calls are filtered on Linux, on x86_64 and aarch64",
)


def inside(statement: str, before: str = "sandbox.deny_system_calls()") -> subprocess.CompletedProcess[str]:
    program = (
        f"import os, socket, threading\nfrom api.engine import sandbox\n{before}\n{statement}\n"
        "print('done')\nos._exit(0)"
    )
    command = [sys.executable, "-c", program.replace("print('done')", "print('done', flush=True)")]
    return subprocess.run(command, cwd=CHECKOUT.root, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "statement",
    [
        "socket.socket()",
        "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()",
        "open('left-by-a-test', 'w')",
        "open('README.md', 'r+')",
        "os.open('left-by-a-test', os.O_RDONLY | os.O_CREAT)",
        "os.unlink('left-by-a-test')",
        "os.rename('left-by-a-test', 'left')",
        "os.mkdir('left-by-a-test')",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.kill(os.getppid(), 0)",
        "os.chmod('README.md', 0o644)",
        "os.symlink('a', 'left-by-a-test')",
        "os.pidfd_open(os.getpid())",
    ],
)
def test_a_call_is_refused(statement: str) -> None:
    done = inside(statement)
    assert "done" not in done.stdout
    assert "PermissionError" in done.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "assert open('pyproject.toml').read()",
        "os.write(os.memfd_create('answer'), b'x')",
        "thread = threading.Thread(target=lambda: None); thread.start(); thread.join()",
        "bytearray(50_000_000)",
    ],
)
def test_what_a_query_needs_is_allowed(statement: str) -> None:
    done = inside(statement)
    assert done.stdout == "done\n", done.stderr


def test_memory_is_bounded_above_what_is_in_use() -> None:
    bound = "sandbox.limit_memory(100_000_000)"
    assert inside("bytearray(50_000_000)", bound).stdout == "done\n"
    assert "MemoryError" in inside("bytearray(150_000_000)", bound).stderr


def test_processor_time_is_bounded() -> None:
    done = inside("while True: pass", "sandbox.allow_seconds(0)")
    assert done.returncode == -24, "SIGXCPU"


def test_a_child_ends_with_its_parent() -> None:
    program = """
import os, sys, time
from api.engine import sandbox
reader, writer = os.pipe()
child = os.fork()
if child == 0:
    sandbox.die_with_parent()
    os.write(writer, b"x")
    time.sleep(60)
os.read(reader, 1)
print(child, flush=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT.root, capture_output=True, text=True, timeout=30, check=True
    )
    assert int(done.stdout) > 0


def test_the_memory_of_this_process_is_known() -> None:
    assert sandbox.memory_in_use() > 10_000_000
    assert sandbox.peak_memory() > 1_000_000
