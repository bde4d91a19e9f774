"""Other people's SPARQL engines as processes of their own on free ports of 127.0.0.1, ended by their numbers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

__all__ = ["RemoteEngine", "free_port", "oxigraph", "program", "running", "virtuoso"]

_PATIENCE = 60.0
_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
ServerThreads = 20
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
CheckpointInterval = 0
DefaultHost = 127.0.0.1:{http}
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 10
MaxKeepAlives = 10
KeepAliveTimeout = 10
[SPARQL]
ResultSetMaxRows = {rows}
"""


@dataclass(frozen=True, slots=True)
class RemoteEngine:
    """A running engine: where it is asked, who may write, and its process."""

    name: str
    url: str
    user: str = ""
    password: str = ""
    process: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which it is asked and loaded."""
        return {"KIP_REMOTE_URL": self.url, "KIP_REMOTE_USER": self.user, "KIP_REMOTE_PASSWORD": self.password}


def program(name: str, package: str) -> str:
    """The path of a program; skips where it is missing, with the package that has it."""
    beside = Path(sys.executable).parent
    found = shutil.which(name, path=f"{beside}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        pytest.skip(f"the program {name} is missing; {package} has it, and the set-up of the tests installs it as root")
    return found


@contextmanager
def oxigraph(folder: Path | None = None, port: int = 0) -> Iterator[RemoteEngine]:
    """`oxigraph serve`, empty and in memory, or with its store in a folder."""
    port = port or free_port()
    command = [program("oxigraph", "the package oxigraph"), "serve", "--bind", f"127.0.0.1:{port}"]
    with running([*command, *(["--location", str(folder)] if folder else [])], f"http://127.0.0.1:{port}/") as process:
        yield RemoteEngine("oxigraph", f"http://127.0.0.1:{port}/query", process=process)


@contextmanager
def virtuoso(folder: Path, rows: int = 200_000) -> Iterator[RemoteEngine]:
    """Virtuoso 7, empty, with its files in a folder; it answers so many rows at the most."""
    path = program("virtuoso-t", "Debian's virtuoso-opensource-7-bin")
    sql, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(_INI.format(sql=sql, http=http, rows=rows), "utf-8")
    url = f"http://127.0.0.1:{http}/sparql"
    with running([path, "+foreground", "+configfile", "virtuoso.ini"], url, folder) as process:
        yield RemoteEngine("virtuoso", url, "dba", "dba", process)


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str], url: str, folder: Path | None = None) -> Iterator[int]:
    """A server that answers at a URL; ended with the block."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet) as process:
        try:
            _wait(url, process)
            yield process.pid
        finally:
            process.kill()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, f"{process.args!r} ended with {process.returncode}"
        try:
            urlopen(url, timeout=2).close()  # one that came too early may never be answered
            return
        except HTTPError as error:
            error.close()
            return
        except (URLError, OSError):
            time.sleep(0.05)
    raise TimeoutError(f"{url} does not answer")
