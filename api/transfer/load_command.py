"""The command `kip load`: its options, its progress and what it reports."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.engine.stores.connection import Endpoint
from api.releases import ReleaseMissing
from api.transfer.graph_store import ConnectionLost, RemoteRefused, RemoteUnusable
from graph_builder.errors import KnowledgeGraphError
from graph_builder.project import CHECKOUT

if TYPE_CHECKING:
    from api.transfer.loading import GraphReport, Loader, Report

__all__ = ["add_load_command"]

DONE, AT_FAULT, WRONG_USE = 0, 1, 2
_WIDTH = 30
_ABOUT = """
The same command goes on where an interrupted one was. KIP_REMOTE_USER and KIP_REMOTE_PASSWORD say who writes.
Exit status 0 = the engine holds the release, 1 = it does not, 2 = wrong URL, user or release.
"""


def add_load_command(commands: Any) -> None:
    """Add the command to the sub-parsers of a command line."""
    summary = "Load a release into another SPARQL engine, and verify what arrived."
    parser = commands.add_parser("load", help=summary, description=summary, epilog=_ABOUT)
    parser.add_argument("url", metavar="URL", help="the SPARQL endpoint of the engine, as http://127.0.0.1:7878/query")
    parser.add_argument("--release", type=Path, default=CHECKOUT.build / "current", metavar="DIR", help="the release")
    parser.add_argument(
        "--graph-store",
        default="",
        metavar="URL",
        help="where the engine takes graphs (known of Oxigraph and Virtuoso)",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--anew", action="store_true", help="remove what is there, and load all")
    how.add_argument("--verify", action="store_true", help="load nothing, only hold what is there against the release")
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.set_defaults(handler=_load)


def _load(options: argparse.Namespace) -> int:
    try:
        with closing(_loader(options, os.environ)) as loader:
            report = loader.verify() if options.verify else loader.load(options.anew)
    except (RemoteUnusable, ReleaseMissing) as error:
        return _fail(str(error), WRONG_USE)
    except (RemoteRefused, ConnectionLost) as error:
        return _fail(f"{error}\nThe same command goes on from here.", AT_FAULT)
    except KnowledgeGraphError as error:
        return _fail(str(error), WRONG_USE)
    except KeyboardInterrupt:
        return _fail("Interrupted. The same command goes on from here.", 130)
    print(json.dumps(_document(report), ensure_ascii=False, indent=1) if options.json else "\n".join(_lines(report)))
    if not report.right:
        return _fail("The engine does not hold the release. --anew removes what is there and loads all.", AT_FAULT)
    return DONE


def _loader(options: argparse.Namespace, environment: Mapping[str, str]) -> Loader:
    from api.transfer.loading import Loader  # serving does without what it imports

    user, password = (environment.get(f"KIP_REMOTE_{name}", "") for name in ("USER", "PASSWORD"))
    return Loader(options.release, Endpoint(options.url, user, password).checked(), options.graph_store, _Progress())


class _Progress:
    """A bar that is rewritten on a terminal, a line for each tenth elsewhere; both on standard error."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._told: tuple[str, int] = ("", -1)

    def __call__(self, what: str, done: int, total: int) -> None:
        """Tell how much is done."""
        share = done * (100 if sys.stderr.isatty() else 10) // total if total else 0
        if (what, share) == self._told:
            return
        first = what != self._told[0]
        self._told = (what, share)
        seconds = time.monotonic() - self._started
        text = f"{what} {done:,} of {total:,} triples, {seconds:.0f} s"
        if sys.stderr.isatty():
            filled = _WIDTH * done // total if total else 0
            end = "\n" if done == total else ""
            text = f"{'' if first else chr(13)}\033[K[{'#' * filled}{'.' * (_WIDTH - filled)}] {text}{end}"
            print(text, end="", file=sys.stderr, flush=True)
        else:
            print(text, file=sys.stderr, flush=True)


def _document(report: Report) -> dict[str, Any]:
    graphs = [graph.document() for graph in report.graphs]
    head = {"release": report.version, "engine": report.engine, "right": report.right, "resumed": report.resumed}
    return {**head, "triples": sum(graph.triples for graph in report.graphs), "graphs": graphs}


def _lines(report: Report) -> list[str]:
    rewritten = sum(graph.rewritten for graph in report.graphs)
    found = sum(graph.found for graph in report.graphs)
    lines = [line for graph in report.graphs for line in _of_graph(graph)]
    lines += [f"{rewritten} literals are spelled otherwise there, with the same values"] if rewritten else []
    lines += [f"{report.resumed} triples were there from before"] if report.resumed else []
    verdict = f"{report.engine} {'holds' if report.right else 'does not hold'} release {report.version}"
    return [*lines, f"{verdict}: {found} triples in {len(report.graphs)} graphs"]


def _of_graph(graph: GraphReport) -> list[str]:
    name = graph.graph or "(default graph)"
    told = f"{'right' if graph.right else 'WRONG'}\t{graph.found}\t{graph.checksum_found:032x}\t{name}"
    if graph.right:
        return [told]
    wanted = f"\texpected {graph.triples} triples with the checksum {graph.checksum:032x}"
    return [told, wanted, *(f"\t{line[:300]}" for line in graph.differences)]


def _fail(message: str, status: int) -> int:
    print(f"kip load: {message}", file=sys.stderr)
    return status
