"""`kip load`: brings a release into another engine, and holds what arrived against the release.

Chunks go through the Graph Store Protocol; each that arrived is marked in a graph of the engine itself, so that a load
that was interrupted goes on where it was, from whatever machine. In the end every triple is read back through the
SPARQL endpoint, counted and summed up; only then is the release marked as whole, and a remote store opens it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from api.engine.stores.connection import Endpoint
from api.engine.stores.engine import Engine, RemoteFault
from api.engine.stores.marks import Marks, Places, digest_of
from api.releases import open_release
from api.transfer.chunks import Line, Release, canonical, checksum
from api.transfer.graph_store import ConnectionLost, GraphStore, RemoteUnusable
from graph_builder.errors import KnowledgeGraphError

__all__ = ["GraphReport", "Loader", "Report", "graph_store_of"]

_CHUNK = 2000
_BATCH = 500
_EXAMPLES = 3
_GRAPH_STORES = {"Virtuoso": "/sparql-graph-crud-auth", "Oxigraph": "/store"}
_COUNT = "SELECT (COUNT(*) AS ?total) { GRAPH <%s> { ?s ?p ?o } }"
_GRAPHS = 'SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } FILTER(STRSTARTS(STR(?g), "%sgraph/")) }'
_TRIPLES = "SELECT ?s ?p ?o { GRAPH <%s> { VALUES ?s { %s } ?s ?p ?o } }"

Progress = Callable[[str, int, int], None]
"""Told what is done, how much of it, and of how much."""


@dataclass(slots=True)
class GraphReport:
    """A graph of the release and what the engine has of it."""

    graph: str
    triples: int = 0
    found: int = 0
    checksum: int = 0
    checksum_found: int = 0
    rewritten: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """Whether both hold the same values."""
        return (self.triples, self.checksum) == (self.found, self.checksum_found) and not self.differences

    def differ(self, sign: str, triples: set[str]) -> None:
        """Keep some of the triples that one side lacks."""
        room = max(0, _EXAMPLES - sum(line.startswith(sign) for line in self.differences))
        self.differences += [f"{sign} {triple}" for triple in sorted(triples)[:room]]

    def document(self) -> dict[str, Any]:
        """The report as JSON has it."""
        sums = {"checksum": f"{self.checksum:032x}", "checksum_found": f"{self.checksum_found:032x}"}
        names = ("graph", "triples", "found", "rewritten", "differences", "right")
        return {name: getattr(self, name) for name in names} | sums


@dataclass(frozen=True, slots=True)
class Report:
    """What a load found: the graphs, how many triples were there before, and whether all is right."""

    version: str
    engine: str
    resumed: int
    graphs: tuple[GraphReport, ...]

    @property
    def right(self) -> bool:
        """Whether the engine holds the release."""
        return all(graph.right for graph in self.graphs)


class Loader:
    """A release on its way to an engine: its SPARQL endpoint to read, its graph store to write."""

    def __init__(
        self,
        release: Path,
        endpoint: Endpoint,
        store: str,
        progress: Progress,
        chunk: int = _CHUNK,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        opened = open_release(release)
        self._version = opened.version
        self._release = Release(opened.path, opened.base)
        self._sizes: dict[str, int] = {**opened.manifest["graphs"]}
        self._total = sum(self._sizes.values())
        self._places = Places(opened.base)
        self._base = opened.base
        self._digest = digest_of(opened.path)
        self._engine = Engine(endpoint, endpoint.dial)
        self._url = endpoint.url
        self._progress = progress
        self._chunk = chunk
        try:
            self._ask("ASK {}", "ASK")
            url = store or graph_store_of(self._engine.name, endpoint.url)
            self._store = GraphStore(Endpoint(url, endpoint.user, endpoint.password).checked(), wait)
        except KnowledgeGraphError:
            self._engine.close()
            raise

    def close(self) -> None:
        """End the connections."""
        self._engine.close()
        self._store.close()

    def load(self, anew: bool = False) -> Report:
        """Bring what is not there yet, and verify all. Raises RemoteUnusable, RemoteRefused, ConnectionLost."""
        marks = self._marks()
        if anew or marks.digest != self._digest:
            self._clear()
            marks = Marks(self._version, self._digest)
            self._store.add(self._places.marks, Marks.begun(self._places.marks, self._version, self._digest))
        resumed = self._bring(marks)
        return self._mark(self.verify(resumed))

    def verify(self, resumed: int = 0) -> Report:
        """Hold every triple of the engine against the release; changes nothing."""
        reports = {graph: GraphReport(graph, size, self._count(graph)) for graph, size in self._sizes.items()}
        done = 0
        for graph, lines in self._release.batches(_BATCH):
            self._compare(reports[graph], lines)
            done += len(lines)
            self._progress("verified", done, self._total)
        return Report(self._version, self._engine.name, resumed, tuple(reports.values()))

    def _bring(self, marks: Marks) -> int:
        done = resumed = 0
        for chunk in self._release.chunks(self._chunk):
            if chunk.name in marks.chunks:
                resumed += chunk.triples
            else:
                self._store.add(self._places.of(chunk.graph), chunk.text)
                self._store.add(self._places.marks, Marks.arrived(self._places.marks, chunk.name))
            done += chunk.triples
            self._progress("loaded", done, self._total)
        return resumed

    def _mark(self, report: Report) -> Report:
        if report.right:
            self._store.add(self._places.marks, Marks.whole(self._places.marks, self._digest))
        return report

    def _clear(self) -> None:
        """Remove what another release left; the marks first, so that nothing half removed counts as whole."""
        self._store.remove(self._places.marks)
        found = {row["g"].value for row in self._ask(_GRAPHS % self._base, "SELECT")}
        for graph in sorted(found | {self._places.of(graph) for graph in self._sizes}):
            self._store.remove(graph)

    def _marks(self) -> Marks:
        rows = self._ask(Marks.QUERY.format(graph=self._places.marks), "SELECT")
        return Marks.read((row["property"].value, row["value"].value) for row in rows)

    def _count(self, graph: str) -> int:
        return int(self._ask(_COUNT % self._places.of(graph), "SELECT")[0]["total"].value)

    def _compare(self, report: GraphReport, lines: list[Line]) -> None:
        expected = _written(lines)
        subjects = " ".join(dict.fromkeys(line[0] for line in lines))
        rows = self._ask(_TRIPLES % (self._places.of(report.graph), subjects), "SELECT")
        found = _written((str(row["s"]), str(row["p"]), row["o"]) for row in rows)
        wanted, there = set(expected.values()), set(found.values())
        report.checksum = (report.checksum + checksum(wanted)) % 2**128
        report.checksum_found = (report.checksum_found + checksum(there)) % 2**128
        report.rewritten += sum(1 for line, value in expected.items() if line not in found and value in there)
        report.differ("-", wanted - there)
        report.differ("+", there - wanted)

    def _ask(self, text: str, form: str) -> list[Any]:
        try:
            answer = self._engine.ask(text, form)
            rows = [answer] if form == "ASK" else list(answer)
            if 0 < self._engine.most_rows <= len(rows):
                raise RemoteUnusable(
                    f"{self._url} cuts answers at {self._engine.most_rows} rows, so what arrived cannot be verified: "
                    f"set ResultSetMaxRows in the part [SPARQL] of virtuoso.ini to 100000"
                )
            return rows
        except RemoteFault as error:
            if error.fault == "unreachable":
                raise RemoteUnusable(f"{self._url}: {error}; see that the engine runs, and the URL") from error
            raise RemoteUnusable(f"{self._url} does not answer as a SPARQL endpoint does: {error}") from error
        except (OSError, SyntaxError) as error:
            raise ConnectionLost(f"{self._url} broke off: {error}") from error


def graph_store_of(engine: str, url: str) -> str:
    """Where an engine takes graphs, by its name. Raises RemoteUnusable where that is not known."""
    if engine not in _GRAPH_STORES:
        raise RemoteUnusable(f"{url}: where this engine takes graphs is not known; name it with --graph-store")
    return urljoin(url, _GRAPH_STORES[engine])


def _written(lines: Iterable[Line]) -> dict[str, str]:
    """Triples as they are spelled, with what they say."""
    return {f"{s} {p} {thing}": f"{s} {p} {canonical(thing)}" for s, p, thing in lines}
