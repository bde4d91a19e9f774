"""Runs the benchmarks: `python -m tests.benchmarks [--quick] [--only NAME] [--articles N] [--seed N]`.

The table goes to standard output, progress to standard error, and the same figures to build/bench.json.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from graph_builder.project import CHECKOUT
from tests.benchmarks import building, relating, searching, serving
from tests.benchmarks.report import Report, Row, machine, versions
from tests.benchmarks.synthesis import SEED

__all__ = ["main"]

_NOTES = (
    "the articles are synthetic, made from the seed; both sides take the same documents, names and triples",
    "facts to N-Quads: the peer checks nothing, ours also checks each name, number and qualifier; "
    "both come to the same graph",
    "whole build: read, map, infer, write; the peer reads with our reader, then maps, runs the same rules to "
    "a fix-point and writes with rdflib; validation stands apart",
    "inference: ours runs the rules that the ontology needs and those of the domain, owlrl all of OWL 2 RL "
    "(equality and reflexive triples too); the vocabulary without labels and definitions",
    "HTTP: rdflib-endpoint with one plain graph and no access log, oxigraph serve in memory without a time limit; "
    "ours evaluates in sandboxed workers",
    "processor time, of all processes of a server too: what a busy machine disturbs least; the work in one process "
    "(mapping, build, inference, validation) is given in processor time alone",
    "each new: every query has another text, so that no answer is given again; the same again: ours keeps answers as "
    "long as the release is served, the peers evaluate each time",
    "the client is one process: where its share of a processor nears 100 %, the peer could be faster than shown",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is done: articles and rounds of each benchmark, and for how many seconds a server is asked at a time."""

    mapping: tuple[int, int] = (200, 3)
    build: tuple[int, int] = (16, 3)
    infer: tuple[int, int] = (3, 3)
    validation: int = 4
    serving: tuple[int, int] = (60, 3)
    seconds: float = 1.0
    searching: int = 5
    relating: tuple[int, int] = (3, 60)


_FULL = Plan()
_QUICK = Plan((20, 2), (2, 1), (1, 1), 0, (20, 2), 0.3, relating=(1, 10))


def _benchmarks(plan: Plan, seed: int) -> dict[str, Callable[[], list[Row]]]:
    return {
        "mapping": lambda: building.mapping_rows(*plan.mapping, seed),
        "build": lambda: building.build_rows(*plan.build, seed),
        "validation": lambda: building.validation_rows(plan.validation, seed) if plan.validation else [],
        "inference": lambda: building.infer_rows(*plan.infer, seed),
        "searching": lambda: searching.searching_rows(plan.searching),
        "relating": lambda: relating.relating_rows(*plan.relating, seed),
        "serving": lambda: serving.serving_rows(*plan.serving, plan.seconds, seed),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all benchmarks, or one; 0 when they ran."""
    options = _options(arguments)
    plan = _QUICK if options.quick else _FULL
    if options.articles:
        plan = replace(plan, mapping=(options.articles, plan.mapping[1]), serving=(options.articles, plan.serving[1]))
    logging.disable(logging.WARNING)
    setting = {"machine": machine(), "versions": versions(), "seed": options.seed, "plan": asdict(plan)}
    rows: list[Row] = []
    started = time.perf_counter()
    for name, run in _benchmarks(plan, options.seed).items():
        if options.only in (None, name):
            print(f"{name} (after {time.perf_counter() - started:.0f} s)", file=sys.stderr, flush=True)
            rows += run()
    setting["duration"] = f"{time.perf_counter() - started:.0f} s"
    report = Report(setting, _NOTES, rows)
    print(report.markdown(), end="")
    _keep(report)
    return 0


def _keep(report: Report) -> None:
    CHECKOUT.build.mkdir(exist_ok=True)
    text = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
    (CHECKOUT.build / "bench.json").write_text(text + "\n", "utf-8")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="less of everything")
    parser.add_argument("--only", choices=list(_benchmarks(_FULL, SEED)), metavar="NAME", help="one benchmark")
    parser.add_argument("--articles", type=_positive, help="articles to map and to serve")
    parser.add_argument("--seed", type=int, default=SEED, help="seed of the synthetic articles")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of articles")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
