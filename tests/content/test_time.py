"""Answers for a date: the days before, at and after each change, and a recomputation that reads the quads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import Store

from tests.content.asking import ask, open_store
from tests.content.test_money import members, objects

SMART = "indicator:smart-factories"
DX_ACT = "law:industrial-dx-promotion-act"


@pytest.fixture(scope="module")
def store(release: Path) -> Store:
    return open_store(release)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2014-06-25", []),
        ("2014-06-26", [("10000", "2020-12-31", "final")]),
        ("2017-04-19", [("10000", "2020-12-31", "final")]),
        ("2017-04-20", [("30000", "2025-12-31", "final"), ("20000", "2020-12-31", "interim")]),
        ("2018-01-01", [("30000", "2025-12-31", "final"), ("20000", "2020-12-31", "interim")]),
        ("2018-03-07", [("30000", "2025-12-31", "final"), ("20000", "2020-12-31", "interim")]),
        ("2018-03-08", [("20000", "2022-12-31", "final")]),
        ("2018-06-01", [("20000", "2022-12-31", "final")]),
        ("2018-12-12", [("20000", "2022-12-31", "final")]),
        ("2018-12-13", [("30000", "2022-12-31", "final")]),
        ("2020-06-01", [("30000", "2022-12-31", "final")]),
        ("2026-01-01", [("30000", "2022-12-31", "final")]),
    ],
)
def test_the_smart_factory_target_on_a_date(store: Store, day: str, expected: list[tuple[str, str, str]]) -> None:
    found = ask(store, "targets-on-date", asOf=day, indicator=SMART)
    assert [(row["value"], row["deadline"], row["step"]) for row in found] == expected


def test_a_target_says_since_when_it_stands_and_until_when(store: Store) -> None:
    (row,) = ask(store, "targets-on-date", asOf="2020-01-20", indicator=SMART)
    assert (row["since"], row["announced"], row["until"]) == ("2018-12-13", "2020-01-03", "2020-02-17")
    (later,) = ask(store, "targets-on-date", asOf="2023-01-01", indicator=SMART)
    assert (later["since"], later["announced"], later["state"]) == ("2018-12-13", "2020-11-12", "past")


def first(values: Iterable[str]) -> str:
    return next(iter(values), "")


@pytest.fixture(scope="module")
def announced(store: Store) -> dict[str, str]:
    """The targets that have an announcement, with its day."""
    days = {}
    for target in members(store, "kip:Target"):
        for event in objects(store, target, "kip:announcedIn"):
            days[target] = first(objects(store, event, "kip:eventDate"))
    return {target: day for target, day in days.items() if day}


def test_targets_on_each_day_are_those_of_the_quads(store: Store, announced: dict[str, str]) -> None:
    """Read from the quads: a target falls with what revises or repeats it, a step with the goal of its announcement."""
    read = {
        name: {target: set(objects(store, target, name)) for target in announced}
        for name in (
            "kip:revises",
            "kip:restates",
            "kip:deadline",
            "kip:announcedIn",
            "kip:indicator",
            "kip:targetOf",
            "kip:targetKind",
        )
    }
    same = ("kip:announcedIn", "kip:indicator", "kip:targetOf", "kip:targetKind")

    def origins(target: str) -> set[str]:
        return {target}.union(*(origins(earlier) for earlier in read["kip:restates"].get(target, ())))

    def falls(target: str) -> str:
        days = set()
        for later, day in announced.items():
            revised, restated = read["kip:revises"][later], read["kip:restates"][later]
            if target in revised | restated or (restated & read["kip:restates"][target] and day > announced[target]):
                days.add(day)
            for goal in {each for changed in revised for each in origins(changed)} & announced.keys():
                alike = all(read[name][goal] == read[name][target] for name in same)
                if alike and first(read["kip:deadline"][goal]) > first(read["kip:deadline"][target]) > "":
                    days.add(day)
        return min(days, default="9999")

    until = {target: falls(target) for target in announced}
    wrong = {target for target in announced if "rank:deprecated" in objects(store, target, "kip:rank")}
    for day in sorted({*announced.values(), "2013-01-01", "2026-01-01"}):
        found = {row["target"] for row in ask(store, "targets-on-date", asOf=day)}
        assert found == {each for each in announced if announced[each] <= day < until[each]} - wrong, day


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2020-10-27", "unknown"),
        ("2020-10-28", "announced"),
        ("2021-12-08", "announced"),
        ("2021-12-09", "passed"),
        ("2022-01-03", "passed"),
        ("2022-01-04", "promulgated"),
        ("2022-07-04", "promulgated"),
        ("2022-07-05", "in-force"),
    ],
)
def test_the_state_of_a_law_on_a_date(store: Store, day: str, state: str) -> None:
    (row,) = ask(store, "laws-on-date", asOf=day, law=DX_ACT)
    assert row["state"] == state


@pytest.mark.parametrize(
    ("law", "day", "state", "next_"),
    [
        (DX_ACT, "2020-10-28", "announced", "later"),
        (DX_ACT, "2021-12-09", "passed", "later"),
        (DX_ACT, "2022-01-04", "promulgated", "later"),
        (DX_ACT, "2022-07-05", "in-force", ""),
        (DX_ACT, "2020-10-27", "unknown", ""),
        ("law:mpe-committee-regulation", "2026-01-01", "passed", "not-recorded"),
        ("law:digital-growth-promotion-act", "2026-01-01", "announced", "not-recorded"),
    ],
)
def test_a_step_of_a_law_that_is_not_recorded_is_told_from_one_still_to_come(
    store: Store, law: str, day: str, state: str, next_: str
) -> None:
    (row,) = ask(store, "laws-on-date", asOf=day, law=law)
    assert (row["state"], row["next"]) == (state, next_)


@pytest.mark.parametrize(
    ("day", "body"),
    [
        ("2000-01-01", "org:mocie-1998"),
        ("2007-12-31", "org:mocie-1998"),
        ("2008-12-31", "org:mke-2008"),
        ("2013-02-28", "org:mke-2008"),
        ("2013-03-01", "org:motie-2013"),
        ("2025-09-30", "org:motie-2013"),
        ("2025-10-01", "org:motir-2025"),
    ],
)
@pytest.mark.parametrize("asked", ["org:mocie-1998", "org:motie-2013", "org:motir-2025"])
def test_the_name_of_the_ministry_on_a_date(store: Store, asked: str, day: str, body: str) -> None:
    assert [row["body"] for row in ask(store, "organisation-on-date", organisation=asked, asOf=day)] == [body]


@pytest.mark.parametrize(
    ("day", "ministers"),
    [
        ("2016-01-12", ["yoon-sang-jick"]),
        ("2016-01-13", ["joo-hyung-hwan"]),
        ("2017-07-22", ["paik-un-gyu"]),
        ("2018-09-20", ["paik-un-gyu"]),
        ("2018-09-22", ["sung-yun-mo"]),
        ("2020-10-28", ["sung-yun-mo"]),
        ("2021-05-05", ["sung-yun-mo"]),
        ("2021-05-07", ["moon-sung-wook"]),
        ("2025-07-17", []),
        ("2025-07-18", ["kim-jung-kwan"]),
    ],
)
def test_the_minister_on_a_date(store: Store, day: str, ministers: list[str]) -> None:
    found = ask(store, "holders-of-post", post="post:motie-minister", asOf=day)
    assert [row["person"] for row in found] == [f"person:{name}" for name in ministers]


def test_of_conflicting_dates_the_preferred_one_is_used(store: Store) -> None:
    found = {row["person"]: row for row in ask(store, "holders-of-post", post="post:motie-minister")}
    sung = found["person:sung-yun-mo"]
    assert (sung["start"], sung["end"]) == ("2018-09-21", "2021-05-06")
    claims = {(row["property"], row["used"], row["shown"], row["claimCount"]) for row in ask(store, "claims-compared")}
    assert {("kip:startDate", sung["start"], "1", "2"), ("kip:endDate", sung["end"], "1", "2")} <= claims


@pytest.mark.parametrize("narrowed", [{}, {"ministry": "org:motie-2013"}, {"sector": "sector:semiconductors"}])
def test_changes_of_two_adjoining_periods_are_those_of_both(store: Store, narrowed: dict[str, str]) -> None:
    def changes(start: str, end: str) -> list[tuple[str, ...]]:
        rows = ask(store, "changes-between-dates", **{"from": start, "to": end, **narrowed})
        assert all(start <= row["date"] <= end for row in rows)
        return [(row["date"], row["change"], row["thing"], row["of"], row["earlier"]) for row in rows]

    whole = changes("2017-01-01", "2021-12-31")
    assert len(whole) > 10
    assert whole == [*changes("2017-01-01", "2018-12-12"), *changes("2018-12-13", "2021-12-31")]


@pytest.mark.parametrize(
    ("day", "change"),
    [
        ("2018-03-08", ("target-revised", "target:sf-2018-20000-by-2022")),
        ("2020-01-03", ("target-restated", "target:sf-2020-30000-by-2022")),
        ("2020-10-28", ("money-announced", "commitment:dx-total-2025")),
        ("2021-12-09", ("law-passed", DX_ACT)),
        ("2022-07-05", ("law-in-force", DX_ACT)),
        ("2025-10-01", ("reorganised", "change:motie-to-motir-2025")),
        ("2021-05-06", ("left-office", "person:sung-yun-mo")),
        ("2021-05-06", ("took-office", "person:moon-sung-wook")),
    ],
)
def test_what_changed_on_a_day(store: Store, day: str, change: tuple[str, str]) -> None:
    rows = ask(store, "changes-between-dates", **{"from": day, "to": day})
    assert change in {(row["change"], row["thing"]) for row in rows}


def test_dates_held_to_be_wrong_change_nothing(store: Store) -> None:
    for day in ("2021-05-05", "2018-09-27", "2017-07-22"):
        rows = ask(store, "changes-between-dates", **{"from": day, "to": day})
        assert not [row for row in rows if row["change"].endswith("-office")], day


def test_two_bodies_stand_for_a_day_on_which_the_change_between_them_is_not_dated(store: Store) -> None:
    found = {
        row["body"] for row in ask(store, "organisation-on-date", organisation="org:motir-2025", asOf="1995-06-01")
    }
    assert found == {"org:sanggong-jawonbu-1993", "org:tongsang-saneopbu"}
    before = {
        row["body"] for row in ask(store, "organisation-on-date", organisation="org:motir-2025", asOf="1990-06-01")
    }
    assert before == {"org:sanggongbu", "org:dongnyeok-jawonbu"}


@pytest.mark.parametrize(
    ("day", "person", "posts"),
    [
        ("2018-09-20", "person:sung-yun-mo", {"post:kipo-commissioner"}),
        ("2018-09-21", "person:sung-yun-mo", {"post:motie-minister"}),
        ("2020-03-22", "person:kang-sung-cheon", {"post:presidential-secretary-industry-trade"}),
        ("2020-03-23", "person:kang-sung-cheon", {"post:mss-vice-minister"}),
    ],
)
def test_a_later_post_ends_a_term_of_which_only_the_month_or_year_is_known(
    store: Store, day: str, person: str, posts: set[str]
) -> None:
    assert {row["post"] for row in ask(store, "officials-on-date", date=day, person=person)} == posts


def test_a_ministry_that_is_split_ends_and_what_comes_of_it_begins(store: Store) -> None:
    (old,) = ask(store, "organisation-on-date", organisation="org:moef-2008")
    (new,) = ask(store, "organisation-on-date", organisation="org:planning-and-budget-2026")
    assert (old["to"], new["from"], new["changeType"]) == ("2026-01-02", "2026-01-02", "change-type:split")
    assert ask(store, "organisation-on-date", organisation="org:moef-2008", asOf="2026-01-02") == []
    (office,) = ask(store, "organisation-on-date", organisation="org:motir-industrial-ai-bureau", asOf="2025-12-30")
    assert office["basis"] == "dated"


def test_a_day_between_the_start_and_an_attested_day_is_in_office(store: Store) -> None:
    (row,) = ask(store, "officials-on-date", date="2025-12-17", organisation="org:motir-2025")
    assert (row["person"], row["basis"]) == ("person:kim-jung-kwan", "between-attestations")
    (held,) = ask(store, "holders-of-post", post="post:motir-minister", asOf="2025-12-17")
    assert held["person"] == "person:kim-jung-kwan"
    assert ask(store, "holders-of-post", post="post:motir-minister", asOf="2025-12-25") == []


def test_a_date_known_only_coarsely_says_so(store: Store) -> None:
    (left,) = ask(store, "changes-between-dates", **{"from": "2018-12-31", "to": "2018-12-31"})
    assert (left["change"], left["thing"], left["datePrecision"]) == (
        "left-office",
        "person:sung-yun-mo",
        "precision:year",
    )
    held = {row["person"]: row for row in ask(store, "holders-of-post", post="post:kbiz-chair")}
    park = held["person:park-sung-taek"]
    assert (park["startPrecision"], park["endPrecision"]) == ("precision:day", "precision:month")
    moved = {row["change"]: row["datePrecision"] for row in ask(store, "organisation-changes")}
    assert moved["change:mke-to-motie-2013"] == "precision:month"
    assert moved["change:mocie-to-mke-2008"] == "precision:year"


def test_the_deadline_of_30000_came_forward_by_three_years(store: Store) -> None:
    rows = ask(store, "target-revisions", indicator=SMART)
    moved = [
        (row["years"], row["change"]) for row in rows if (row["earlierValue"], row["laterValue"]) == ("30000", "30000")
    ]
    assert ("-3", "0") in moved
