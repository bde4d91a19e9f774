"""A release in another engine, behind any SPARQL 1.1 endpoint; `kip load` brings it there.

A query is parsed by the embedded engine first, so that what does not parse is told alike for every store, then sent in
the form of `dialect`. The deadline, the caps and the formats are those of the other stores: a worker is killed at its
deadline (the engine may go on), and the answer is written anew from what was parsed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from pyoxigraph import Store as Embedded

from api.engine.connector import Connector, Dial
from api.engine.jobs import Job, Outcome, StoreSource
from api.engine.stores.connection import Endpoint
from api.engine.stores.dialect import Refused, RemoteQuery, read_remote
from api.engine.stores.embedded import Evaluator, Queryable
from api.engine.stores.marks import Marks, Places, digest_of
from graph_builder.errors import ReleaseError

if TYPE_CHECKING:
    from api.engine.stores.engine import Engine

__all__ = ["RemoteStore", "open_store"]

_MOST_ROWS = 100_000
# Virtuoso's MaxSortedTopRows.
_SORTED = re.compile(r"SR353.* Only ([0-9]+) are allowed")


class RemoteStore:
    """Asks the endpoint; each worker on a connection of its own, which the connector opens."""

    def __init__(self, source: StoreSource, endpoint: Endpoint, graphs: tuple[str, ...], engine: str) -> None:
        self._source = source
        self._endpoint = endpoint
        self._graphs = graphs
        self._engine = engine
        self._connector = Connector(endpoint.address)
        self.companion = self._connector.process
        self._evaluator: RemoteEvaluator | None = None

    def prepare(self) -> None:
        """Subscribe to connections, as long as sockets may be made."""
        engine = _engine(self._endpoint, self._connector.subscribe())
        engine.name = self._engine
        self._evaluator = RemoteEvaluator(engine, self._source.base, self._source.prefixes, self._graphs)

    def answer(self, job: Job) -> Outcome:
        """The outcome of a job."""
        assert self._evaluator is not None, "prepare() comes first"
        return self._evaluator.answer(job)

    def close(self) -> None:
        """End the connection and what opens others."""
        if self._evaluator is not None:
            self._evaluator.close()
        self._connector.close()


def open_store(source: StoreSource) -> RemoteStore:
    """The release in the engine behind the endpoint. Raises ReleaseError where the engine does not hold it."""
    endpoint = Endpoint(source.remote_url, source.remote_user, source.remote_password).checked()
    manifest = _manifest(source)
    engine = _engine(endpoint, endpoint.dial)
    with closing(engine):
        _check(engine, source, str(manifest["version"]))
        _check_rows(engine, source, min(manifest["triples"], _MOST_ROWS))
    return RemoteStore(source, endpoint, tuple(name for name in manifest["graphs"] if name), engine.name)


def _engine(endpoint: Endpoint, dial: Dial) -> Engine:
    from api.engine.stores.engine import Engine  # what it needs of RDFLib, the other stores do without

    return Engine(endpoint, dial)


def _manifest(source: StoreSource) -> dict[str, Any]:
    path = Path(source.path) / "manifest.json"
    try:
        manifest: dict[str, Any] = orjson.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}; build the release again") from error
    return manifest


def _check(engine: Engine, source: StoreSource, version: str) -> None:
    """Refuse an engine that holds another release, or not all of this one."""
    from api.engine.stores.engine import RemoteFault

    graph = Places(source.base).marks
    try:
        solutions = engine.ask(Marks.QUERY.format(graph=graph), "SELECT", (graph,), (graph,))
        marks = Marks.read((row["property"].value, row["value"].value) for row in solutions)
    except (RemoteFault, OSError, SyntaxError) as error:
        raise ReleaseError(f"{source.remote_url}: {error}; see that the engine runs, and KIP_REMOTE_URL") from error
    if not marks.verified or marks.digest != digest_of(Path(source.path)):
        held = f"holds {marks.version}" if marks.verified else "holds no release that was loaded to its end"
        raise ReleaseError(f"{source.remote_url} {held}, not {version}: run 'kip load {source.remote_url}'")


def _check_rows(engine: Engine, source: StoreSource, rows: int) -> None:
    """Refuse a Virtuoso that cuts answers, of graphs without a word."""
    if engine.name != "Virtuoso":
        return
    places = Places(source.base)
    engine.ask(f"SELECT (1 AS ?one) {{ ?s ?p ?o }} LIMIT {rows}", "SELECT", (places.default,), (places.nothing,))
    if 0 < engine.most_rows < rows:
        raise ReleaseError(
            f"{source.remote_url} cuts answers at {engine.most_rows} rows: set ResultSetMaxRows, in the part [SPARQL] "
            f"of its virtuoso.ini, to {_MOST_ROWS} or more, and start it again"
        )


class RemoteEvaluator(Evaluator):
    """Answers jobs on a remote engine."""

    def __init__(self, engine: Engine, base: str, prefixes: Mapping[str, str], graphs: tuple[str, ...]) -> None:
        self._remote = _Asked(engine, base, prefixes, graphs)
        super().__init__(self._remote, base, prefixes)

    def answer(self, job: Job) -> Outcome:
        """The outcome of a job; what the engine refuses becomes a fault."""
        from api.engine.stores.engine import RemoteFault

        try:
            return super().answer(job)
        except Refused as error:
            return Outcome("refused", str(error))
        except RemoteFault as error:
            return Outcome(error.fault, error.message)

    def close(self) -> None:
        """End the connection."""
        self._remote.close()

    def _message(self, job: Job) -> str:
        """What the embedded engine says of the query as it was sent."""
        try:
            self._remote.parse(job.query, job)
        except SyntaxError as error:
            return str(error)
        return ""

    def _dataset(self, job: Job) -> tuple[Queryable, dict[str, Any]]:
        return self._remote, {"job": job}

    def _write(self, engine: Queryable, job: Job, options: dict[str, Any], rows: int, out: Any) -> int:
        """Mind that the engine may have cut the answer by itself, or sorts so many rows only."""
        from api.engine.stores.engine import RemoteFault

        try:
            total = super()._write(engine, job, options, rows, out)
        except RemoteFault as error:
            sorted_at_most = _SORTED.search(error.message)
            if sorted_at_most is None or int(sorted_at_most[1]) >= rows:
                raise
            total = super()._write(engine, job, options, int(sorted_at_most[1]), out)
        cut = self._remote.most_rows
        return total or (counted if cut and (counted := self._remote.count(job)) > cut else 0)

    def _total(self, engine: Queryable, job: Job, options: dict[str, Any]) -> int:
        return self._remote.count(job)


class _Asked:
    """A remote engine in the place of the embedded one."""

    def __init__(self, engine: Engine, base: str, prefixes: Mapping[str, str], graphs: tuple[str, ...]) -> None:
        self._engine = engine
        self._base = base
        self._prefixes = prefixes
        self._graphs = graphs
        self._places = Places(base)
        self._parser = Embedded()

    def parse(self, text: str, job: Job) -> None:
        """Raises SyntaxError for what is not SPARQL; over no data, evaluating costs nothing."""
        declared = {name: self._prefixes[name] for name in job.prefixes if name in self._prefixes}
        self._parser.query(text, base_iri=self._base, prefixes=declared)

    @property
    def most_rows(self) -> int:
        """How many rows the engine gave at the most, by what it says; 0 where it cut nothing."""
        return self._engine.most_rows

    def query(self, query: str, **options: Any) -> Any:
        """The answer to a query of the job in the options."""
        job: Job = options["job"]
        return self._ask(self._read(query, job), job)

    def count(self, job: Job) -> int:
        """How many solutions the whole query has."""
        read = self._read(job.query, job)
        row = next(self._engine.ask(read.count, "SELECT", *self._graphs_of(read, job), job.seconds))
        return int(row["total"].value)

    def close(self) -> None:
        """End the connection."""
        self._engine.close()

    def _read(self, text: str, job: Job) -> RemoteQuery:
        self.parse(text, job)
        return read_remote(text, job, self._base, self._prefixes)

    def _ask(self, read: RemoteQuery, job: Job) -> Any:
        return self._engine.ask(read.text, read.form, *self._graphs_of(read, job), job.seconds)

    def _graphs_of(self, read: RemoteQuery, job: Job) -> tuple[list[str], list[str]]:
        """The protocol's dataset; its parameters win over FROM, and a graph that the release has not is empty."""
        default, named = (job.default, job.named) if _given(job) else (read.default, read.named)
        if default is None and named is None:
            return [self._places.default], [*self._graphs]
        known = set(self._graphs)
        nothing = [self._places.nothing]
        return [g for g in default or () if g in known] or nothing, [g for g in named or () if g in known] or nothing


def _given(job: Job) -> bool:
    return job.default is not None or job.named is not None
