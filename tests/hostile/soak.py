"""`python -m tests.hostile.soak --minutes N`: a long, mixed and bounded load on a server of its own.

Good callers ask what has a known answer, which is learnt once before the load begins and by another engine where it is
SPARQL; hostile ones send the inputs of the table. It ends by itself.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import orjson
from pyoxigraph import QuerySolutions, RdfFormat, Store

from graph_builder.project import CHECKOUT
from tests.api.conftest import running
from tests.canary import canary
from tests.hostile.inputs import INPUTS, Target
from tests.hostile.watching import memory_of, percentile, processes_of, watching

_SLOW = ("drop by drop", "who do not read", "two hundred", "three hundred", "5 MB")
_LISTS = ("list-articles", "conflicts", "sectors-with-policies", "money-by-sector", "targets-due")


@dataclass
class Tally:
    """What came of the load; several threads write to it."""

    good: Counter[int] = field(default_factory=Counter)
    hostile: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, where: Counter[int], statuses: Sequence[int], wrong: str = "") -> None:
        """Add answers of one kind, and what was wrong with them."""
        with self.lock:
            where.update(statuses)
            if wrong:
                self.wrong.append(wrong)
                print(f"WRONG {wrong[:300]}", flush=True)


@dataclass(frozen=True)
class Known:
    """A request with a known answer."""

    path: str
    parameters: Mapping[str, str]
    read: Callable[[httpx.Response], object]
    answer: object


def bindings(answer: httpx.Response) -> object:
    """The solutions of an answer in JSON, in any order."""
    rows = answer.json()["results"]["bindings"]
    return sorted(sorted((name, value["value"]) for name, value in row.items()) for row in rows)


def rows(answer: httpx.Response) -> object:
    """The rows of a ready-made question."""
    return answer.json()["rows"]


def queries_over(release: Path) -> list[Known]:
    """Lookups, counts and joins, answered by an engine of our own."""
    store = Store()
    store.bulk_load(path=str(release / "dataset.nq"), format=RdfFormat.N_QUADS)
    prefixes = dict(orjson.loads((release / "manifest.json").read_bytes())["prefixes"])
    things = _column(store, "SELECT DISTINCT (STR(?s) AS ?iri) { ?s a kip:Program } ORDER BY ?iri", prefixes)
    texts = [f"SELECT ?p ?o {{ <{thing}> ?p ?o FILTER(!ISBLANK(?o)) }}" for thing in things[:40]]
    texts += [f"SELECT (COUNT(*) AS ?n) {{ ?s ?p <{thing}> }}" for thing in things[:40]]
    texts += ["SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "SELECT ?c (COUNT(?s) AS ?n) { ?s a ?c } GROUP BY ?c"]
    texts += ["SELECT ?s ?l { ?s a kip:Organization ; rdfs:label ?l }"]
    return [Known("/sparql", {"query": text}, bindings, _solved(store, text, prefixes)) for text in texts]


def _column(store: Store, query: str, prefixes: Mapping[str, str]) -> list[str]:
    found = store.query(query, prefixes=dict(prefixes))
    assert isinstance(found, QuerySolutions)
    return [row[0].value for row in found]


def _solved(store: Store, query: str, prefixes: Mapping[str, str]) -> object:
    found = store.query(query, prefixes=dict(prefixes))
    assert isinstance(found, QuerySolutions)
    names = [variable.value for variable in found.variables]
    return sorted(sorted((name, term.value) for name, term in zip(names, row, strict=True) if term) for row in found)


def questions_of(client: httpx.Client) -> list[Known]:
    """Ready-made questions, whose answers are learnt before the load."""
    made = [(f"/api/queries/{name}", {"limit": "20"}) for name in _LISTS]
    learnt = ((path, given, client.get(path, params=given)) for path, given in made)
    return [Known(path, given, rows, rows(answer)) for path, given, answer in learnt if answer.status_code == 200]


def ask_well(address: httpx.URL, known: Sequence[Known], tally: Tally, over: threading.Event, pause: float) -> None:
    """Ask what is known, again and again."""
    chance = random.Random(threading.get_ident())
    with httpx.Client(base_url=address, timeout=60) as client:
        while not over.wait(pause):
            each = chance.choice(known)
            try:
                answer = client.get(each.path, params=each.parameters)
            except httpx.HTTPError as error:
                tally.count(tally.good, [0], f"{each.path} {dict(each.parameters)}: {error!r}")
                continue
            right = answer.status_code in (429, 503, 504) or (
                answer.status_code == 200 and each.read(answer) == each.answer
            )
            wrong = "" if right else f"{answer.status_code} {each.path} {dict(each.parameters)}"
            tally.count(tally.good, [answer.status_code], wrong)


def ask_badly(target: Target, tally: Tally, over: threading.Event, pause: float) -> None:
    """Send the hostile inputs in turn; those that keep a connection for long only now and then."""
    for turn, hostile in enumerate(itertools.cycle(INPUTS)):
        if over.wait(pause):
            return
        if any(word in hostile.name for word in _SLOW) and turn // len(INPUTS) % 5:
            continue
        try:
            statuses = [said.status for said in hostile.send(target)]
        except OSError as error:
            tally.count(tally.hostile, [0], f"{hostile.name}: {error!r}")
            continue
        # others share the workers here, so that a place in the queue may be refused too
        strange = set(statuses) - hostile.right - {429, 503, 504}
        tally.count(tally.hostile, statuses, f"{hostile.name}: {strange}" if strange else "")


def memory_by_process(server: int) -> str:
    """The resident memory of each process of a server."""
    return ", ".join(f"{memory_of(each) / 2**20:.0f}" for each in processes_of(server)) + " MiB"


def main(minutes: float, pause: float, release: Path) -> int:
    """Run the load; 1 where an answer was wrong, the listener heard something or health was slow."""
    tally, over = Tally(), threading.Event()
    known = queries_over(release)
    settings = {"KIP_WORKERS": "2", "KIP_QUERY_SECONDS": "2", "KIP_QUERY_MEMORY_MB": "256", "KIP_REQUEST_SECONDS": "2"}
    settings |= {"KIP_CLIENT_SECONDS": "0", "KIP_CLIENT_ERRORS": "0", "KIP_STALL_SECONDS": "5", "KIP_LOG": "off"}
    with (
        running(release, **settings) as (client, process),
        canary() as (url, heard),
        tempfile.TemporaryDirectory() as folder,
    ):
        address = (str(client.base_url.host), int(client.base_url.port or 0))
        known += questions_of(client)
        with watching(address, process.pid, Path(folder) / "notes") as watch:
            asking = (client.base_url, known, tally, over, pause / 4)
            threads = [threading.Thread(target=ask_well, args=asking) for _ in range(2)]
            threads += [threading.Thread(target=ask_badly, args=(Target(address, url), tally, over, pause))]
            print(f"{len(known)} known answers; {minutes:g} minutes; memory at start: {memory_by_process(process.pid)}")
            began = time.monotonic()
            for thread in threads:
                thread.start()
            _report_until(began + minutes * 60, tally, process.pid)
            over.set()
            for thread in threads:
                thread.join(90)
            time.sleep(3)
            health = watch.during(began, time.monotonic() - 3)
        print(f"memory at end: {memory_by_process(process.pid)}; most of all together: {health.memory / 2**20:.0f} MiB")
    p99 = percentile(health.latencies, 0.99)
    print(f"good answers by status: {dict(sorted(tally.good.items()))}")
    print(f"hostile answers by status: {dict(sorted(tally.hostile.items()))}")
    print(f"health: {len(health.latencies)} questions, p50 {percentile(health.latencies, 0.5) * 1000:.1f} ms, ", end="")
    print(f"p99 {p99 * 1000:.0f} ms, p99.9 {percentile(health.latencies, 0.999) * 1000:.0f} ms")
    print(f"connections to the listener: {len(heard)}; wrong answers: {len(tally.wrong)}")
    return 1 if tally.wrong or heard or p99 > 0.25 else 0


def _report_until(end: float, tally: Tally, server: int) -> None:
    """A line each minute."""
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(60.0, left))
        counts = f"{sum(tally.good.values())} good, {sum(tally.hostile.values())} hostile, {len(tally.wrong)} wrong"
        print(f"{counts}; {memory_by_process(server)}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between hostile requests of one caller")
    parser.add_argument("--release", type=Path, default=CHECKOUT.build / "current")
    options = parser.parse_args()
    sys.exit(main(options.minutes, options.pause, options.release))
