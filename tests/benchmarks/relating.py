"""Benchmark of paths: usual pairs of things and the worst ones, hub to hub, over HTTP on the release that is built."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from random import Random
from statistics import median, quantiles
from urllib.parse import urlencode
from urllib.request import urlopen

import orjson

from api.engine.jobs import Job, StoreSource
from api.engine.stores import RELATIONSHIPS, open_store
from graph_builder.project import CHECKOUT
from tests.benchmarks.report import Row
from tests.benchmarks.servers import our_server
from tests.benchmarks.timing import Sample, turns

__all__ = ["relating_rows"]

Pair = tuple[str, str]
_HUBS = 12
_MEASURES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "median": median,
    "95th percentile": lambda each: quantiles(each, n=20)[-1],
    "slowest": max,
}


def relating_rows(rounds: int, pairs: int, seed: int) -> list[Row]:
    """Milliseconds of five paths between any two things, and of ten as long as may be between hubs, with evidence.

    The server keeps no answer. None without a release.
    """
    if not (CHECKOUT.build / "current" / "dataset.nq").is_file():
        return []
    things = _things()
    random = Random(seed)
    usual = [[_pair(random.sample(things, 2)) for _ in range(pairs)] for _ in range(rounds)]
    worst = [list(combinations(things[:_HUBS], 2))[:pairs] for _ in range(rounds)]
    with our_server(CHECKOUT.build / "current", KIP_CACHE_MB="0", KIP_LOG="off") as server:
        address = server.endpoint.removesuffix("/sparql")
        _milliseconds(address, usual[0][0], 1, 1)
        return [
            *_rows("5 paths of at most 4 links", [_timed(address, usual[at], 5, 4) for at in turns(rounds)]),
            *_rows(
                "10 paths of at most 6 links between hubs", [_timed(address, worst[at], 10, 6) for at in turns(rounds)]
            ),
        ]


def _rows(what: str, times: Sequence[Sequence[float]]) -> list[Row]:
    return [
        Row(f"{what}, {name} of {len(times[0])} pairs", "ms", Sample(tuple(take(each) for each in times)))
        for name, take in _MEASURES.items()
    ]


def _timed(address: str, pairs: Sequence[Pair], wanted: int, longest: int) -> list[float]:
    return [_milliseconds(address, pair, wanted, longest) for pair in pairs]


def _milliseconds(address: str, pair: Pair, wanted: int, longest: int) -> float:
    query = urlencode({"from": pair[0], "to": pair[1], "k": wanted, "length": longest})
    started = time.perf_counter()
    with urlopen(f"{address}/api/paths?{query}", timeout=120) as answer:
        found = json.load(answer)
    assert isinstance(found["paths"], list)
    return (time.perf_counter() - started) * 1000


def _things() -> list[str]:
    """Everything that is linked, the things with the most links first."""
    folder = CHECKOUT.build / "current"
    manifest = json.loads((folder / "manifest.json").read_bytes())
    source = StoreSource(RELATIONSHIPS, str(folder.resolve()), manifest["base"], manifest["prefixes"], 1024)
    named = [record["iri"] for record in json.loads((folder / "labels.json").read_bytes())]
    question = orjson.dumps({"ask": "foremost", "things": named}).decode()
    outcome = open_store(source).answer(Job(question, "network", "JSON", 1, 1 << 24, 60.0))
    things: list[str] = orjson.loads(outcome.body)["things"]
    return things


def _pair(two: Sequence[str]) -> Pair:
    return two[0], two[1]
