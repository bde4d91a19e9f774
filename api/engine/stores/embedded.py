"""Evaluating a job on Oxigraph and serialising its answer within the job's caps.

The engine serialises an answer four to five times faster than Python could, but knows no cap. So the text of a SELECT
query is given a LIMIT, and what is written is collected here; an answer that grows too large is asked for again with
fewer rows. An answer is complete before its first byte leaves, so that it can say whether it is whole; one that is not
says how many rows there are, so all of them are evaluated: a query that never ends is never answered in part.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import IO, Any, Protocol, cast

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    serialize,
)
from pyoxigraph import Store as Engine

from api.engine.jobs import INLINE, Cap, Job, Outcome
from api.engine.prologue import PREFIXED, ordered
from api.engine.stores.scribe import Scribe
from api.engine.stores.tables import JsonTable, Overflow, Terms, Unwritable
from api.engine.stores.xml import XML, NotXml, check_text, checked

__all__ = ["TERMS", "Evaluator", "Queryable"]

_ATTEMPTS = 6
# Bytes of terms that a worker remembers.
TERMS = 8 * 1024 * 1024
_WARMING_ROWS, _MOST_BYTES = 20_000, 1 << 30
# A mark that stands between any two rows; text inside a literal may hold it too, so a count is never too low.
_ROW_MARKS = {"JSON": b"},{", "XML": b"<result>", "CSV": b"\n", "TSV": b"\n"}


class _Collector:
    """A file that keeps what is written, up to a limit."""

    def __init__(self, limit: int, mark: bytes) -> None:
        self.limit = limit
        self.mark = mark
        self.size = 0
        self.chunks: list[bytes] = []
        self.descriptor = -1

    def write(self, chunk: bytes) -> int:
        self.size += len(chunk)
        if self.size > self.limit:
            raise Overflow(self.rows())
        self.chunks.append(chunk)
        return len(chunk)

    def flush(self) -> None:
        """Nothing is held back."""

    def keep(self, body: bytes) -> None:
        """This, instead of what was written."""
        self.chunks, self.size = [body], len(body)

    def body(self) -> bytes:
        return b"".join(self.chunks)

    def forget(self) -> None:
        """Close the file that holds what was written, where there is one."""
        if self.descriptor >= 0:
            os.close(self.descriptor)

    def rows(self) -> int:
        """How many rows were written, at most."""
        return self.body().count(self.mark) + 1


class Queryable(Protocol):
    """What evaluates a query: the embedded engine, or what stands for another."""

    @property
    def query(self) -> Callable[..., Any]:
        """Gives the solutions, the truth value or the triples, which may be evaluated as they are read."""


class Evaluator:
    """Answers jobs on one engine; relative IRIs are resolved against `base`, `prefixes` need no declaration.

    Large tables are written by the `scribe`, where there is one.
    """

    def __init__(self, engine: Queryable, base: str, prefixes: Mapping[str, str], scribe: Scribe | None = None) -> None:
        self.terms = Terms(TERMS)
        self.scribe = scribe
        self._engine = engine
        self._base = base
        self._prefixes = dict(prefixes)

    def warm(self) -> None:
        """Meet terms before anybody asks for them: what is forked from here shares how they are written."""
        results = self._engine.query(f"SELECT * {{ ?s ?p ?o }} LIMIT {_WARMING_ROWS}")
        with suppress(Unwritable):
            results.serialize(cast(IO[bytes], self._table(results, _MOST_BYTES)), QueryResultsFormat.TSV)

    def close(self) -> None:
        """End what helps."""
        if self.scribe is not None:
            self.scribe.close()

    def answer(self, job: Job) -> Outcome:
        """The outcome of a job; what the engine raises becomes a fault."""
        try:
            return self._attempt(job)
        except SyntaxError as error:
            return Outcome("syntax", self._message(job) or str(error))
        except MemoryError:
            return Outcome("memory")
        except NotXml as error:
            return Outcome("not-xml", str(error))
        except (OSError, ValueError, RuntimeError) as error:
            return Outcome("evaluation", str(error))

    def _message(self, job: Job) -> str:
        """What the engine says of the query as it was sent, without our LIMIT."""
        try:
            self._engine.query(job.query, base_iri=self._base, prefixes=self._declared(job))
        except SyntaxError as error:
            return str(error)
        return ""

    def _attempt(self, job: Job) -> Outcome:
        engine, options = self._dataset(job)
        rows = job.rows if job.own_limit is None else min(job.rows, job.own_limit)
        cause: Cap = "rows"
        for _ in range(_ATTEMPTS):
            collector = _Collector(job.bytes, _ROW_MARKS.get(job.engine, b"\n"))
            try:
                total = self._write(engine, job, options, rows, collector)
            except Overflow as overflow:
                rows, cause = max(1, int(overflow.rows * 0.9)), "bytes"
                continue
            except Exception:
                collector.forget()
                raise
            size, body, descriptor = collector.size, collector.body(), collector.descriptor
            if job.engine in XML:
                check_text(body)
            return Outcome("", "", cause if total else "", size, total, body=body, descriptor=descriptor)
        return Outcome("too-large")

    def _write(self, engine: Queryable, job: Job, options: dict[str, Any], rows: int, out: _Collector) -> int:
        """Write at most so many rows; 0 where these are all, else how many there are."""
        results = engine.query(job.capped(rows), **options)
        if not isinstance(results, QueryBoolean | QuerySolutions):
            return self._write_graph(results, job.engine, rows, out)
        written = self._write_results(results, job, out, lambda: engine.query(job.capped(rows), **options))
        if isinstance(results, QueryBoolean) or rows == job.own_limit or written < rows:
            return 0
        total = self._total(engine, job, options)
        return total if total > rows else 0

    def _write_results(
        self, results: QueryBoolean | QuerySolutions, job: Job, out: _Collector, again: Callable[[], Any]
    ) -> int:
        """Write a table or a truth value; how many rows it has, at most. `again` evaluates it once more."""
        if job.engine == "JSON" and isinstance(results, QuerySolutions):
            try:
                return self._write_json(results, out)
            except Unwritable:
                results = again()
        results.serialize(cast(IO[bytes], out), getattr(QueryResultsFormat, job.engine))
        return out.rows()

    def _write_json(self, results: QuerySolutions, out: _Collector) -> int:
        """Write a table as JSON, and say how many rows it has. Raises Unwritable."""
        table = self._table(results, out.limit)
        if self.scribe is None:
            results.serialize(cast(IO[bytes], table), QueryResultsFormat.TSV)
        else:
            with self.scribe.helping(table) as relay:
                results.serialize(cast(IO[bytes], relay), QueryResultsFormat.TSV)
                if file := relay.finish():
                    out.descriptor, out.size = file.descriptor, file.size
                    return file.rows
        out.keep(table.body())
        return table.rows

    def _table(self, results: QuerySolutions, limit: int) -> JsonTable:
        return JsonTable(self.terms, [variable.value for variable in results.variables], limit)

    def _total(self, engine: Queryable, job: Job, options: dict[str, Any]) -> int:
        """How many rows the whole query has."""
        return _count(engine.query(job.query, **options))

    def _write_graph(self, triples: Iterator[Triple], name: str, rows: int, out: _Collector) -> int:
        prefixes = self._prefixes if name in PREFIXED else None
        written = islice(triples, rows)
        named = checked(written) if name in XML else written
        serialize(named, cast(IO[bytes], out), getattr(RdfFormat, name), prefixes=prefixes)
        if name in PREFIXED:
            out.keep(ordered(out.body(), sparing=out.size <= INLINE))
        rest = _count(triples)
        return rows + rest if rest else 0

    def _dataset(self, job: Job) -> tuple[Queryable, dict[str, Any]]:
        """The engine and the options that give the job's dataset.

        The engine joins several default graphs as a multiset; a triple that stands in two of them would count twice.
        So they are merged into a scratch store first.
        """
        options: dict[str, Any] = {"base_iri": self._base, "prefixes": self._declared(job)}
        if job.default is None and job.named is None:
            return self._engine, options
        default = [NamedNode(iri) for iri in job.default or ()]
        named = [NamedNode(iri) for iri in job.named or ()]
        if len(default) < 2:
            return self._engine, {**options, "default_graph": default, "named_graphs": named}
        scratch = Engine()
        scratch.bulk_extend(_merged(self._engine, default, named))
        return scratch, {**options, "default_graph": DefaultGraph(), "named_graphs": named}

    def _declared(self, job: Job) -> dict[str, str]:
        """The prefixes that the query uses: to declare all of them would cost more than a small query."""
        return {name: self._prefixes[name] for name in job.prefixes if name in self._prefixes}


def _count(results: Iterable[Any]) -> int:
    return sum(1 for _ in results)


def _merged(engine: Any, default: list[NamedNode], named: list[NamedNode]) -> Iterable[Quad]:
    for graph in default:
        for quad in engine.quads_for_pattern(None, None, None, graph):
            yield Quad(quad.subject, quad.predicate, quad.object, DefaultGraph())
    for graph in named:
        yield from engine.quads_for_pattern(None, None, None, graph)
