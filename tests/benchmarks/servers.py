"""Real servers over the same data: ours, rdflib-endpoint and `oxigraph serve`, on free ports of 127.0.0.1.

`python -m tests.benchmarks.servers FILE PORT` is rdflib-endpoint (https://github.com/vemonet/rdflib-endpoint), quicker
than its own command serves it: no access log, and for a file of N-Triples one graph instead of a union of graphs.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from graph_builder.project import CHECKOUT

__all__ = ["Server", "our_server", "oxigraph_server", "rdflib_server", "servers"]

_PATIENCE = 120.0
_READY = "SELECT * WHERE { ?s ?p ?o } LIMIT 1"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its name, the number of its process and its SPARQL endpoint."""

    name: str
    process: int
    endpoint: str

    def rows(self, query: str) -> list[dict[str, dict[str, str]]]:
        """The solutions of a SELECT query, read as the JSON that they claim to be."""
        request = Request(
            f"{self.endpoint}?{urlencode({'query': query})}", headers={"Accept": "application/sparql-results+json"}
        )
        with urlopen(request, timeout=_PATIENCE) as answer:
            rows: list[dict[str, dict[str, str]]] = json.load(answer)["results"]["bindings"]
        return rows


@contextmanager
def servers(release: Path, triples: Path) -> Iterator[list[Server]]:
    """All three, ended in the end: ours over a release, the peers over its quads and over the triples in a file."""
    with ExitStack() as stack:
        started = [
            stack.enter_context(our_server(release)),
            stack.enter_context(rdflib_server(triples)),
            stack.enter_context(oxigraph_server(release / "dataset.nq")),
        ]
        for server in started:
            if len(server.rows(_READY)) != 1:
                raise RuntimeError(f"{server.name} serves nothing")
        yield started


@contextmanager
def our_server(release: Path, **settings: str) -> Iterator[Server]:
    """Ours, over a release, with settings of the environment."""
    port = _free_port()
    command = [sys.executable, "-m", "kip", "serve", "--host", "127.0.0.1", "--port", str(port)]
    with _running([*command, "--release", str(release)], settings) as process:
        yield _ready(Server("ours", process.pid, f"http://127.0.0.1:{port}/sparql"), process)


@contextmanager
def rdflib_server(data: Path) -> Iterator[Server]:
    """rdflib-endpoint, over a file of N-Triples or N-Quads."""
    port = _free_port()
    with _running([sys.executable, "-m", __name__, str(data), str(port)]) as process:
        yield _ready(Server("rdflib-endpoint", process.pid, f"http://127.0.0.1:{port}/"), process)


@contextmanager
def oxigraph_server(quads: Path) -> Iterator[Server]:
    """Oxigraph's own server with its store in memory, as ours has it."""
    port = _free_port()
    beside = Path(sys.executable).parent
    program = shutil.which("oxigraph", path=f"{beside}{os.pathsep}{os.environ.get('PATH', '')}")
    if program is None:
        raise FileNotFoundError("the program oxigraph; it comes with the extra 'bench'")
    with _running([program, "serve", "--bind", f"127.0.0.1:{port}"]) as process:
        base = f"http://127.0.0.1:{port}"
        _wait(base, process)
        load = Request(f"{base}/store", quads.read_bytes(), {"Content-Type": "application/n-quads"}, method="POST")
        urlopen(load, timeout=_PATIENCE).close()
        yield _ready(Server("oxigraph serve", process.pid, f"{base}/query"), process)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def _running(command: Sequence[str], settings: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command,
        cwd=CHECKOUT.root,
        env={**os.environ, **(settings or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until the server takes connections. Raises RuntimeError where it ended, TimeoutError where it does not."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            urlopen(url, timeout=_PATIENCE).close()
            return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer")


def _ready(server: Server, process: subprocess.Popen[bytes]) -> Server:
    _wait(f"{server.endpoint}?{urlencode({'query': _READY})}", process)
    return server


def main(arguments: list[str]) -> None:
    """Serve a file of N-Triples or N-Quads with rdflib-endpoint."""
    import uvicorn
    from rdflib import Dataset, Graph

    quads = arguments[0].endswith(".nq")
    graph = (Dataset() if quads else Graph(bind_namespaces="none")).parse(
        arguments[0], format="nquads" if quads else "nt"
    )
    endpoint = import_module("rdflib_endpoint").SparqlEndpoint(graph=graph)
    uvicorn.run(endpoint, host="127.0.0.1", port=int(arguments[1]), log_level="warning")


if __name__ == "__main__":
    main(sys.argv[1:])
