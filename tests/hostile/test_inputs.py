"""Whatever is sent: a right status, a whole answer or a problem document, and a server that stays awake."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from tests.hostile.inputs import COSTLY, INPUTS, Input
from tests.hostile.trial import HEALTH_SECONDS, Trial
from tests.hostile.watching import percentile
from tests.hostile.wire import Said, exchange, sparql

# Fewer say nothing of one in a hundred.
_ENOUGH = 100
# What no answer has in it: a trace of the code, a file of the machine.
_LEAKED = re.compile(rb"Traceback \(most recent|File \"/|root:[^:]*:0:0:|PATH=/")
_OURS = re.compile(r"(/(?![/\\])|https://w3id\.org/kip/|https?://e\.org[/:?]).*")


@pytest.fixture(scope="module")
def began(tried: Trial) -> Iterator[float]:
    """When the first input was sent."""
    assert tried.target.address
    yield time.monotonic()


@pytest.fixture(scope="module")
def total(tried: Trial) -> int:
    """How many triples there are."""
    answer = exchange(tried.target.address, sparql("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"))[0]
    return int(answer.rows[0]["n"]["value"])


def test_there_are_as_many_inputs_as_there_were() -> None:
    assert len(INPUTS) >= 70
    assert len({each.name for each in INPUTS}) == len(INPUTS)


@pytest.mark.parametrize("hostile", INPUTS, ids=str)
def test_it_is_answered_rightly_and_others_do_not_notice(tried: Trial, began: float, hostile: Input) -> None:
    assert began
    result = tried.of(hostile)
    assert result.said
    assert result.statuses.keys() <= hostile.right, [each for each in result.said if each.status not in hostile.right]
    for said in result.said:
        keeps_its_promises(said)
    assert not tried.heard, "something was fetched"
    assert exchange(tried.target.address, sparql("ASK {}"))[0].status == 200


def keeps_its_promises(said: Said) -> None:
    """What every answer owes, whatever was asked."""
    assert said.whole or said.status == 0
    assert not _LEAKED.search(said.body), said.body[:2000]
    assert "x-injected" not in said.headers, said.head
    assert _OURS.fullmatch(said.headers.get("location", "/")), said.headers["location"]
    if said.status >= 400:
        document = said.problem
        assert document["status"] == said.status
        assert document["title"]


def test_a_sort_of_everything_is_whole_or_no_answer(tried: Trial, total: int) -> None:
    """The engine notices only sometimes that values of several datatypes have no order among one another."""
    for order in ("?o", "DESC(?o)", "STR(?o)", "DATATYPE(?o) ?o"):
        said = exchange(tried.target.address, sparql(f"SELECT ?o {{ ?s ?p ?o }} ORDER BY {order}"))[0]
        if said.status == 200:
            assert len(said.rows) == total
        else:
            assert (said.status, "ORDER BY STR(?x)" in said.problem["hint"]) == (500, True)


def test_every_refusal_of_what_costs_too_much_names_its_limit(tried: Trial) -> None:
    limits = set()
    for hostile in COSTLY[:5]:
        document = hostile.send(tried.target)[0].problem
        limits.add(document["limit"]["name"])
        assert document["hint"]
    assert limits <= {"query-seconds", "query-memory"}


def test_health_is_quick_all_the_time(tried: Trial, began: float) -> None:
    """99 of 100 answers of all that were due since the first input."""
    latencies = tried.watch.during(began, time.monotonic()).latencies
    assert len(latencies) >= _ENOUGH
    assert percentile(latencies, 0.99) <= HEALTH_SECONDS, sorted(latencies)[-10:]
