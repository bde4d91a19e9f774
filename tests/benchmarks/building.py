"""Benchmarks of building: facts to quads, inference, and whole builds in processes of their own.

`python -m tests.benchmarks.building ours|rdflib FOLDER` makes one build and prints its seconds and its peak memory.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from pyoxigraph import DefaultGraph, Quad, Triple

from graph_builder.inference import infer, read_rules
from graph_builder.mapping import map_document
from graph_builder.pipeline import Curated, Graph, curate, graph_of, validated
from graph_builder.prefixes import PrefixMap, prefix_map
from graph_builder.project import CHECKOUT, Project
from graph_builder.provenance import quads_of
from graph_builder.serialization import sorted_nquads
from graph_builder.terms import OWL, RDF, RDFS
from graph_builder.validation import ValidationFailed, to_rdflib
from tests.benchmarks import peers, synthesis
from tests.benchmarks.report import Row
from tests.benchmarks.timing import Sample, peak_memory, seconds_by_turns, turns

__all__ = ["build_rows", "claimed", "curated_of", "infer_rows", "mapping_rows", "schema_of", "validation_rows"]

_MEGA = 1e6
_SCHEMA = (OWL, RDF, RDFS + "subClassOf", RDFS + "subPropertyOf", RDFS + "domain", RDFS + "range")


def curated_of(root: Path, articles: int, seed: int) -> Curated:
    """Synthetic documents with the names that they use; written below an empty folder. Faultless, or it raises."""
    curated, faults = curate(synthesis.project(root, articles, seed), prefix_map())
    if faults:
        raise faults[0]
    return curated


def claimed(curated: Curated) -> Iterator[Quad]:
    """The quads of all documents, some more than once."""
    for document in curated.documents:
        yield from quads_of(document, list(map_document(document, curated.names, [])), curated.names)


def schema_of(curated: Curated) -> list[Triple]:
    """The triples of the vocabulary from which something may follow: no labels, no definitions."""
    return [each for each in curated.names.vocabulary.triples if each.predicate.value.startswith(_SCHEMA)]


def mapping_rows(articles: int, rounds: int, seed: int) -> list[Row]:
    """Facts to quads to N-Quads."""
    with tempfile.TemporaryDirectory() as folder:
        curated = curated_of(Path(folder), articles, seed)
    quads = len(set(claimed(curated)))
    taken = seconds_by_turns(
        rounds,
        {
            "ours": lambda: sorted_nquads(claimed(curated)),
            "rdflib": lambda: peers.nquads_of(peers.quads_with_rdflib(curated)),
        },
    )
    ours, peer = (taken[name].per(quads / 1000) for name in ("ours", "rdflib"))
    what = f"facts to N-Quads, {articles} articles, {quads:,} quads"
    return [Row(what, "thousand quads per processor s", ours, "rdflib Dataset", peer, more_is_better=True)]


def infer_rows(articles: int, rounds: int, seed: int) -> list[Row]:
    """Inference by the rules against all of OWL 2 RL, over the same triples."""
    prefixes = prefix_map()
    with tempfile.TemporaryDirectory() as folder:
        curated = curated_of(Path(folder), articles, seed)
    asserted = {quad.triple for quad in claimed(curated) if isinstance(quad.graph_name, DefaultGraph)}
    triples = list(asserted.union(schema_of(curated)))
    rules = read_rules(CHECKOUT.rules, prefixes)
    graphs = [to_rdflib(triples) for _ in range(rounds)]
    waiting = iter(graphs)
    taken = seconds_by_turns(
        rounds,
        {"ours": lambda: infer(triples, rules), "owlrl": lambda: peers.close_with_owlrl(next(waiting))},
    )
    found, closed = infer(triples, rules), graphs[0]
    both = sum(triple in closed for triple in to_rdflib(found))
    counts = f"we found {len(found):,}, owlrl {len(closed) - len(triples):,}, both {both:,}"
    what = f"inference, {articles} articles, {len(triples):,} triples; {counts}"
    return [Row(what, "processor s", taken["ours"], "owlrl OWLRL_Semantics", taken["owlrl"])]


def build_rows(articles: int, rounds: int, seed: int) -> list[Row]:
    """Whole builds, files to N-Quads, each in a process of its own: seconds and peak memory."""
    seconds: dict[str, list[float]] = {name: [] for name in _BUILDERS}
    memory: dict[str, list[float]] = {name: [] for name in _BUILDERS}
    with tempfile.TemporaryDirectory() as folder:
        synthesis.project(Path(folder), articles, seed)
        for _ in turns(rounds):
            for name in _BUILDERS:
                found = _build_apart(name, Path(folder))
                seconds[name].append(found["seconds"])
                memory[name].append(found["peak"] / _MEGA)
    rows = []
    for what, unit, values in (("whole build", "processor s", seconds), ("peak memory of the build", "MB", memory)):
        ours, peer = (Sample(tuple(values[name])) for name in ("ours", "rdflib"))
        rows.append(Row(f"{what}, {articles} articles", unit, ours, "rdflib", peer))
    return rows


def _build_apart(name: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", __name__, name, str(folder)]
    done = subprocess.run(command, cwd=CHECKOUT.root, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _build(project: Project, prefixes: PrefixMap) -> bytes:
    curated, faults = curate(project, prefixes)
    return sorted_nquads(graph_of(curated, faults, project).quads)


_BUILDERS: dict[str, Callable[[Project, PrefixMap], bytes]] = {"ours": _build, "rdflib": peers.build_with_rdflib}


def validation_rows(articles: int, seed: int) -> list[Row]:
    """Validation of a whole graph against the shapes; there is nothing to compare it with."""
    prefixes = prefix_map()
    with tempfile.TemporaryDirectory() as folder:
        project = synthesis.project(Path(folder), articles, seed)
        curated, faults = curate(project, prefixes)
        graph = graph_of(curated, faults, project)
        taken = seconds_by_turns(1, {"ours": lambda: _validate(graph, curated, project)})
    return [Row(f"validation, {articles} articles, {len(graph.triples):,} triples", "processor s", taken["ours"])]


def _validate(graph: Graph, curated: Curated, project: Project) -> None:
    """Violations are no matter here: what they cost is."""
    with suppress(ValidationFailed):
        validated(graph, curated, project)


def main(arguments: list[str]) -> None:
    """One build, timed without its imports."""
    name, folder = arguments
    prefixes = prefix_map()
    gc.collect()
    started = time.process_time()
    _BUILDERS[name](Project(Path(folder)), prefixes)
    print(json.dumps({"seconds": time.process_time() - started, "peak": peak_memory()}))


if __name__ == "__main__":
    main(sys.argv[1:])
