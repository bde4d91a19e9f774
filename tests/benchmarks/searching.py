"""Benchmark of the search: the queries of its test sets, one after the other, on the release that is built."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles

from api.naming.search import SearchIndex
from graph_builder.project import CHECKOUT
from tests.benchmarks.report import Row
from tests.benchmarks.timing import Sample

__all__ = ["searching_rows"]

QUERIES = Path(__file__).parent.parent / "content" / "search"


def searching_rows(rounds: int) -> list[Row]:
    """Processor time of a search: median, 95th percentile and slowest of all queries; none without a release."""
    if not (CHECKOUT.build / "current" / "search.sqlite").is_file():
        return []
    index = SearchIndex.open(CHECKOUT.build / "current")
    queries = [query for name in ("queries.tsv", "independent.tsv") for query in _queries(QUERIES / name)]
    times = [sorted(_milliseconds(index, query) for query in queries) for _ in range(rounds)]
    measures: dict[str, Callable[[Sequence[float]], float]] = {
        "median": median,
        "95th percentile": lambda each: quantiles(each, n=20)[-1],
        "slowest": max,
    }
    return [
        Row(
            f"search by name, {name} of {len(queries)} queries",
            "ms of processor time",
            Sample(tuple(take(each) for each in times)),
        )
        for name, take in measures.items()
    ]


def _queries(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["query"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def _milliseconds(index: SearchIndex, query: str) -> float:
    started = time.thread_time()
    index.search(query)
    return (time.thread_time() - started) * 1000
