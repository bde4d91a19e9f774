"""Where sources disagree both values stay, with rank and reason; and the money adds up."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Store

from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from tests.content.test_competency_questions import Row, answer

PREFIXES = prefix_map()


@pytest.fixture(scope="module")
def store(release: Path) -> Store:
    """The graph of the release."""
    return Store.read_only(str(release / "store"))


def canned(store: Store, name: str) -> list[Row]:
    """All rows of a canned query, with CURIEs for the IRIs that a cell joins."""
    rows = answer(store, (CHECKOUT.queries / f"{name}.rq").read_text("utf-8"))
    return [tuple(" ".join(PREFIXES.shrink(part) or part for part in cell.split(" ")) for cell in row) for row in rows]


CONFLICTS = [
    ("tenure:sung-yun-mo-motie-minister", "kip:startDate", "2018-09-21", "rank:preferred"),
    ("tenure:sung-yun-mo-motie-minister", "kip:startDate", "2018-09-27", "rank:normal"),
    ("tenure:sung-yun-mo-motie-minister", "kip:endDate", "2021-05-06", "rank:preferred"),
    ("tenure:sung-yun-mo-motie-minister", "kip:endDate", "2021-05-05", "rank:deprecated"),
    ("tenure:paik-un-gyu-motie-minister", "kip:startDate", "2017-07-21", "rank:preferred"),
    ("tenure:paik-un-gyu-motie-minister", "kip:startDate", "2017-07-22", "rank:normal"),
    ("program:smart-factory-rollout", "kip:value", "1만개", "rank:normal"),
    ("program:smart-factory-rollout", "kip:value", "2만개", "rank:normal"),
    ("program:smart-factory-rollout", "kip:value", "19,799", "rank:preferred"),
    ("program:smart-factory-rollout", "kip:value", "1만9500개(잠정)", "rank:deprecated"),
    ("policy:hydrogen-economy-roadmap", "kip:value", "수출 7GW 포함", "rank:preferred"),
    ("policy:hydrogen-economy-roadmap", "kip:value", "내수 7GW", "rank:normal"),
    ("program:ai-factory org:hd-hyundai-mipo", "kip:value", "12.5%", "rank:preferred"),
    ("program:ai-factory org:hd-hyundai-heavy-industries", "kip:value", "12.5%", "rank:deprecated"),
]


@pytest.mark.parametrize("conflict", CONFLICTS, ids=[f"{row[0]} {row[2]}" for row in CONFLICTS])
def test_a_conflict_stands_with_value_and_rank(store: Store, conflict: Row) -> None:
    assert conflict in [row[:4] for row in canned(store, "conflicts")]


def test_every_conflicting_value_has_the_reason_of_its_rank_in_both_languages(store: Store) -> None:
    rows = canned(store, "conflicts")
    assert len(rows) >= len(CONFLICTS)
    assert [row for row in rows if not (row[4] and row[5])] == []


def test_a_conflict_is_told_from_both_sides(store: Store) -> None:
    pairs = {(row[6], other) for row in canned(store, "conflicts") for other in row[7].split(" ")}
    assert pairs == {(other, item) for item, other in pairs}
    assert all(item != other for item, other in pairs)


def test_at_most_one_of_conflicting_values_is_preferred(store: Store) -> None:
    ranks = {row[6]: row[3] for row in canned(store, "conflicts")}
    for row in canned(store, "conflicts"):
        group = [row[6], *row[7].split(" ")]
        assert [ranks[item] for item in group].count("rank:preferred") <= 1, group


TWO_VALUES = """
SELECT DISTINCT ?thing ?property WHERE {
  ?property kip:singleValued true .
  ?thing ?property ?one , ?other .
  FILTER(?one != ?other)
  FILTER NOT EXISTS {
    ?statement rdf:subject ?thing ; rdf:predicate ?property ; rdf:object ?one ; kip:conflictsWith ?against .
    ?against rdf:object ?other .
  }
}"""


def test_two_values_where_one_can_hold_are_a_conflict_of_statements(store: Store) -> None:
    assert answer(store, TWO_VALUES.partition("  FILTER NOT EXISTS")[0] + "}") != []
    assert answer(store, TWO_VALUES) == []


# The arithmetic of all commitments


# The source divides 160 trillion won by 2025 once by payer (114 by the state) and once by time (68 by 2022).
OVERLAPPING = {"commitment:korean-new-deal-160-trillion-by-2025"}
# And of the 68 trillion it names the state's 49 only.
PARTLY_NAMED = {"commitment:korean-new-deal-68-trillion-by-2022"}


def test_totals_agree_with_the_sum_of_their_parts_but_for_known_ones(store: Store) -> None:
    checks = {row[0]: row[8] for row in canned(store, "commitment-arithmetic")}
    assert {total for total, check in checks.items() if check == "differs"} == OVERLAPPING
    assert {total for total, check in checks.items() if check == "less"} == PARTLY_NAMED
    assert checks["commitment:dx-total-2025"] == "agrees"


def test_parts_that_overlap_say_so(store: Store) -> None:
    query = "SELECT DISTINCT ?total { ?part kip:componentOf ?total ; skos:note ?n FILTER(CONTAINS(?n, 'overlap')) }"
    assert {row[0] for row in answer(store, query)} == OVERLAPPING


def test_the_total_of_2_9_trillion_won(store: Store) -> None:
    (row,) = (row for row in canned(store, "commitment-arithmetic") if row[0] == "commitment:dx-total-2025")
    assert row[1:6] == ("2조9000억원 이상", "2900000000000", "bound:at-least", "4", "2940000000000")
    assert row[7] == "40000000000"
    assert len(row[9].split(" ")) == 4


def test_every_commitment_is_checked_or_part_of_one_that_is(store: Store) -> None:
    rows = canned(store, "commitment-arithmetic")
    named = [row[0] for row in rows] + [part for row in rows for part in row[9].split(" ") if part]
    every = [row[0] for row in answer(store, "SELECT ?it WHERE { ?it a kip:BudgetCommitment } ORDER BY ?it")]
    assert sorted(set(named)) == every
    assert len(every) >= 11
