"""Benchmarks of serving: the same queries to each server in turn, over the same data, in the same run."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from graph_builder.labels import label_index
from graph_builder.pipeline import curate, graph_of
from graph_builder.prefixes import prefix_map
from graph_builder.release import publish
from tests.benchmarks import client, synthesis
from tests.benchmarks.client import Burst
from tests.benchmarks.report import Row
from tests.benchmarks.servers import Server, servers
from tests.benchmarks.timing import Sample, family, peak_memory, processor_time, shared_memory

__all__ = ["Workload", "release_of", "serving_rows"]

_ROWS = 10_000
_MANY_ROWS = f"SELECT ?s ?p ?o WHERE {{ ?s ?p ?o }} LIMIT {_ROWS}"
_LOOKUPS = 4000
_MEGA = 1e6


@dataclass(frozen=True, slots=True)
class Workload:
    """Queries that are sent over so many connections at once; each has `rows` solutions, where that is known."""

    name: str
    queries: Sequence[str]
    connections: int
    rows: int | None = None


def release_of(folder: Path, articles: int, seed: int) -> tuple[Path, list[str]]:
    """A release of synthetic articles below an empty folder, without validation, and the IRIs of its things."""
    prefixes = prefix_map()
    (folder / "project").mkdir()
    project = synthesis.project(folder / "project", articles, seed)
    curated, faults = curate(project, prefixes)
    graph = graph_of(curated, faults, project)
    labels = label_index(graph.triples, prefixes)
    documents = {"labels.json": json.dumps(labels, ensure_ascii=False).encode()}
    return (
        publish(folder / "releases", "synthetic", graph.quads, documents, {}, prefixes),
        sorted(curated.names.register),
    )


def _lookups(things: Sequence[str], seed: int) -> list[str]:
    """Different texts each, so that nobody answers from a cache."""
    chosen = Random(seed).choices(things, k=_LOOKUPS)
    return [f"SELECT ?p ?o WHERE {{ <{iri}> ?p ?o }} # {number}" for number, iri in enumerate(chosen)]


def _workloads(things: Sequence[str], seed: int) -> list[Workload]:
    lookups = _lookups(things, seed)
    many = [f"{_MANY_ROWS} # {number}" for number in range(_LOOKUPS)]
    return [
        Workload("small lookup, each new, 1 connection", lookups, 1),
        Workload("small lookup, each new, 8 connections", lookups, 8),
        Workload("small lookup, the same again, 8 connections", lookups[:1], 8),
        Workload(f"{_ROWS:,} rows, each new, 1 connection", many, 1, _ROWS),
        Workload(f"{_ROWS:,} rows, the same again, 1 connection", [_MANY_ROWS], 1, _ROWS),
    ]


def serving_rows(articles: int, rounds: int, seconds: float, seed: int) -> list[Row]:
    """Requests in a second, and the memory of each server after all of them."""
    with tempfile.TemporaryDirectory() as folder:
        release, things = release_of(Path(folder), articles, seed)
        triples = release / "default.nt"
        triples.write_bytes(gzip.decompress((release / "kip.nt.gz").read_bytes()))
        with servers(release, triples) as running:
            workloads = _workloads(things, seed)
            _check(running, workloads)
            rows = [row for workload in workloads for row in _compared(workload, running, rounds, seconds)]
            return [*rows, *_memory_rows(running, articles)]


def _check(running: Sequence[Server], workloads: Sequence[Workload]) -> None:
    """Raises AssertionError unless all servers give the same number of solutions to a first query of each kind."""
    for workload in workloads:
        counts = {server.name: len(server.rows(workload.queries[0])) for server in running}
        if len(set(counts.values())) != 1 or workload.rows not in (None, counts["ours"]):
            raise AssertionError(f"{workload.name}: {counts}")


def _compared(workload: Workload, running: Sequence[Server], rounds: int, seconds: float) -> list[Row]:
    bursts: dict[str, list[Burst]] = {server.name: [] for server in running}
    costs: dict[str, list[float]] = {server.name: [] for server in running}
    requests = {server.name: [client.get(server.endpoint, query) for query in workload.queries] for server in running}
    sent = dict.fromkeys(bursts, 0)
    for _ in range(rounds):
        for server in running:
            each = requests[server.name]
            before = processor_time(family(server.process))
            done = _burst(server, each, workload, seconds, sent[server.name])
            sent[server.name] += done.answers
            bursts[server.name].append(done)
            costs[server.name].append(1000 * (processor_time(family(server.process)) - before) / done.answers)
    rates = {name: Sample(tuple(each.rate for each in found)) for name, found in bursts.items()}
    unit = "answers/s" if workload.rows else "requests/s"
    spent = {name: Sample(tuple(values)) for name, values in costs.items()}
    peers = [name for name in rates if name != "ours"]
    rows = [Row(workload.name, unit, rates["ours"], name, rates[name], True) for name in peers]
    cost = f"processor time per answer: {workload.name}"
    rows += [Row(cost, "ms", spent["ours"], name, spent[name]) for name in peers]
    fastest = max(rates, key=lambda name: rates[name].median)
    shares = Sample(tuple(100 * each.processor / each.seconds for each in bursts[fastest]))
    return [*rows, Row(f"processor share of the client itself, asking {fastest}: {workload.name}", "%", shares)]


def _burst(server: Server, requests: Sequence[bytes], workload: Workload, seconds: float, start: int) -> Burst:
    try:
        return client.burst(server.endpoint, requests, workload.connections, seconds, start)
    except OSError as error:
        raise ConnectionError(f"{server.name}, {workload.name}: {error}") from error


def _memory_rows(running: Sequence[Server], articles: int) -> list[Row]:
    peaks, held = {}, {}
    for server in running:
        processes = family(server.process)
        peaks[server.name] = Sample((max(peak_memory(each) for each in processes) / _MEGA,))
        held[server.name] = Sample((shared_memory(processes) / _MEGA,))
    kinds = (("peak memory of the server's largest process", peaks), ("memory of all the server's processes", held))
    return [
        Row(f"{what}, {articles} articles", "MB", values["ours"], name, values[name])
        for what, values in kinds
        for name in values
        if name != "ours"
    ]
