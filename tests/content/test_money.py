"""Sums of money: held against a recomputation that reads the quads, not the queries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from graph_builder.project import CHECKOUT
from tests.content.asking import PREFIXES, Row, ask, open_store

SUMMED = ("money-by-instrument", "money-by-year", "money-by-sector", "money-by-provider", "commitments-by-ministry")
UP = {"bound:at-least", "bound:more-than", "bound:plus"}
DOWN = {"bound:at-most", "bound:less-than"}
VAGUE = {"bound:about", "bound:between"}


@dataclass(frozen=True)
class Commitment:
    """One promise of money, as the quads give it."""

    id: str
    number: Decimal | None
    bound: str
    currency: str
    instruments: frozenset[str]
    wholes: frozenset[str]
    year: str
    layer: str
    per_recipient: bool


@pytest.fixture(scope="module")
def store(release: Path) -> Store:
    return open_store(release)


def objects(store: Store, subject: str, predicate: str) -> list[str]:
    """The objects of one property, CURIEs or lexical forms."""
    quads = store.quads_for_pattern(NamedNode(PREFIXES.expand(subject)), NamedNode(PREFIXES.expand(predicate)), None)
    terms = {quad.object for quad in quads}
    return [(PREFIXES.shrink(each.value) or each.value) for each in terms if isinstance(each, NamedNode | Literal)]


def members(store: Store, klass: str) -> list[str]:
    quads = store.quads_for_pattern(None, NamedNode(PREFIXES.expand("rdf:type")), NamedNode(PREFIXES.expand(klass)))
    subjects = {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}
    return sorted(PREFIXES.shrink(each) or each for each in subjects)


def read(store: Store, name: str) -> Commitment:
    (value,) = objects(store, name, "kip:value")
    sources = [
        source for each in objects(store, name, "kip:evidence") for source in objects(store, each, "oa:hasSource")
    ]
    return Commitment(
        id=name,
        number=next((Decimal(number) for number in objects(store, value, "kip:numericValue")), None),
        bound=next(iter(objects(store, value, "kip:bound")), ""),
        currency=next(iter(objects(store, value, "kip:currency"))),
        instruments=frozenset(objects(store, name, "kip:fundingInstrument")),
        wholes=frozenset(objects(store, name, "kip:componentOf")),
        year=next(
            date[:4]
            for event in objects(store, name, "kip:announcedIn")
            for date in objects(store, event, "kip:eventDate")
        ),
        layer="article" if any(objects(store, source, "kip:snapshotOf") for source in sources) else "context",
        per_recipient="true" in objects(store, name, "kip:perRecipient"),
    )


@pytest.fixture(scope="module")
def commitments(store: Store) -> dict[str, Commitment]:
    return {name: read(store, name) for name in members(store, "kip:BudgetCommitment")}


def above(commitments: dict[str, Commitment], name: str) -> set[str]:
    """All totals that it is a part of, directly or not."""
    direct = commitments[name].wholes
    return set(direct).union(*(above(commitments, whole) for whole in direct))


def below(commitments: dict[str, Commitment], name: str) -> set[str]:
    return {other for other in commitments if name in above(commitments, other)}


def bound_of(summands: Iterable[str], unread: int = 0) -> str:
    """The bound of a sum: what may be more and what may be less cancel to nothing that can be said."""
    said = set(summands)
    up, down = bool(said & UP) or unread > 0, bool(said & DOWN)
    if up or down:
        return "" if up and down else "bound:at-least" if up else "bound:at-most"
    return "bound:about" if said & VAGUE else "bound:exact"


def total(group: list[Commitment]) -> tuple[str, str]:
    numbers = [each.number for each in group if each.number is not None]
    bound = bound_of((each.bound for each in group), len(group) - len(numbers))
    return (f"{sum(numbers):f}" if numbers else "", bound)


def grouped(keyed: Iterable[tuple[tuple[str, ...], Commitment]]) -> dict[tuple[str, ...], tuple[str, str]]:
    groups: dict[tuple[str, ...], list[Commitment]] = defaultdict(list)
    for key, commitment in keyed:
        groups[key].append(commitment)
    return {key: total(group) for key, group in groups.items()}


def answered(rows: Iterable[Row], *key: str) -> dict[tuple[str, ...], tuple[str, str]]:
    return {tuple(row[name] for name in key): (row["amount"], row["bound"]) for row in rows}


def test_sums_by_year_are_those_of_the_quads(store: Store, commitments: dict[str, Commitment]) -> None:
    def counted() -> Iterator[tuple[tuple[str, ...], Commitment]]:
        for name, each in commitments.items():
            wholes = [commitments[whole] for whole in above(commitments, name)]
            parts = [commitments[part] for part in below(commitments, name)]
            within = any(whole.number is not None and whole.currency == each.currency for whole in wholes)
            divided = each.number is None and any(part.number is not None for part in parts)
            if not (within or divided or each.per_recipient):
                yield (each.year, each.layer, each.currency), each

    assert answered(ask(store, "money-by-year"), "year", "layer", "currency") == grouped(counted())


def test_sums_by_instrument_are_those_of_the_quads(store: Store, commitments: dict[str, Commitment]) -> None:
    def counted() -> Iterator[tuple[tuple[str, ...], Commitment]]:
        for name, each in commitments.items():
            wholes, parts = above(commitments, name), below(commitments, name)
            within = any(commitments[whole].instruments for whole in wholes)
            divided = not each.instruments and (wholes or any(commitments[part].instruments for part in parts))
            if not (within or divided or each.per_recipient):
                for instrument in each.instruments or {""}:
                    yield (instrument, each.layer, each.currency), each

    assert answered(ask(store, "money-by-instrument"), "instrument", "layer", "currency") == grouped(counted())


@pytest.mark.parametrize("query", ["money-by-instrument", "money-by-year"])
def test_no_table_counts_a_part_beside_its_total(store: Store, commitments: dict[str, Commitment], query: str) -> None:
    counted = [name for row in ask(store, query) for name in row["commitments"].split(" ")]
    assert len(counted) == len(set(counted))
    assert not [name for name in counted if above(commitments, name) & set(counted)]


@pytest.mark.parametrize("query", SUMMED)
def test_no_sum_counts_a_part_beside_its_total(store: Store, commitments: dict[str, Commitment], query: str) -> None:
    for row in ask(store, query):
        names = set(row["commitments"].split(" "))
        assert not [name for name in names if above(commitments, name) & names]


@pytest.mark.parametrize("query", SUMMED)
def test_no_sum_mixes_currencies_or_layers(store: Store, commitments: dict[str, Commitment], query: str) -> None:
    for row in ask(store, query):
        group = [commitments[name] for name in row["commitments"].split(" ")]
        assert {each.currency for each in group} == {row["currency"]}
        assert {each.layer for each in group} == {row["layer"]}
        assert row["amount"] == total(group)[0]


@pytest.mark.parametrize("query", [query for query in SUMMED if query != "commitments-by-ministry"])
def test_amounts_per_recipient_are_in_no_sum(store: Store, query: str) -> None:
    counted = {name for row in ask(store, query) for name in row["commitments"].split(" ")}
    assert "commitment:ev-conversion-subsidy-ceiling" not in counted


@pytest.mark.parametrize(
    "programme", ["program:industrial-dx", "policy:motir-work-plan-2026", "policy:korean-new-deal"]
)
def test_the_total_of_a_programme_is_the_sum_of_what_it_counts(store: Store, programme: str) -> None:
    rows = ask(store, "commitments-of-programme", programme=programme)
    counted: dict[tuple[str, str], set[str]] = defaultdict(set)
    amounts: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["role"] == "counted":
            counted[row["layer"], row["currency"]].add(row["commitments"])
            amounts[row["layer"], row["currency"]] += Decimal(row["amount"] or 0)
    sums = {(row["layer"], row["currency"]): row for row in rows if row["role"] == "sum"}
    assert {key: set(row["commitments"].split(" ")) for key, row in sums.items()} == counted
    assert {key: Decimal(row["amount"]) for key, row in sums.items()} == amounts


def test_overlapping_cuts_of_one_total_are_not_added(store: Store) -> None:
    """The state's 49 trillion by 2022 and 114 trillion by 2025 are cuts of one sum."""
    rows = ask(store, "money-by-provider", provider="org:government-of-korea")
    (context,) = [row for row in rows if row["layer"] == "context"]
    assert "commitment:korean-new-deal-state-114-trillion-by-2025" in context["commitments"]
    assert "commitment:korean-new-deal-state-49-trillion-by-2022" not in context["commitments"]
    by_ministry = {row["commitments"]: row for row in ask(store, "commitments-by-ministry")}
    (cuts,) = [row for key, row in by_ministry.items() if "68-trillion" in key and "114-trillion" in key]
    assert (cuts["amount"], cuts["bound"]) == ("182000000000000", "bound:at-most")


def test_two_thirds_of_the_transformation_money_are_guarantees_and_loans(store: Store) -> None:
    instruments = ("instrument:guarantee", "instrument:loan")
    (row,) = ask(store, "share-of-instruments", commitment="program:industrial-dx", instrument=instruments)
    assert (row["amount"], row["bound"], row["share"]) == ("2940000000000", "bound:at-least", "68.7")


def test_an_instrument_holds_its_narrower_ones(store: Store) -> None:
    (row,) = ask(
        store, "share-of-instruments", commitment="program:industrial-dx", instrument="instrument:financial-support"
    )
    assert row["share"] == f"{Decimal(242) * 100 / Decimal(294):.1f}"


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ("2021", {"commitment:dx-rnd-2021": "within", "commitment:dx-total-2025": "open"}),
        ("2026", {"commitment:future-mobility-core-technologies-2026": "within"}),
        (
            "2027..2030",
            {"commitment:aero-engine-localisation": "open", "commitment:samsung-133-trillion-by-2030": "open"},
        ),
    ],
)
def test_periods_that_overlap_some_years(store: Store, years: str, expected: dict[str, str]) -> None:
    found = {row["commitment"]: row["overlap"] for row in ask(store, "commitments-in-years", years=years)}
    assert expected.items() <= found.items()
    assert "commitment:next-generation-battery-rnd" not in found, "no year is stated for it"
    assert ("commitment:dx-rnd-2021" in found) == (years == "2021")


# The algebra of bounds, as each query file writes it

FLAGS = re.compile(r"^ +BIND\((?:[^\n]+) AS \?(?:up|down|vague)\)$", re.MULTILINE)
BOUND = re.compile(r"\((IF\(MAX\(\?up\).*?bound:exact\)+) AS \?(?:bound|sumBound)\)", re.DOTALL)
FILES = [path for path in sorted(CHECKOUT.queries.glob("*.rq")) if "MAX(?up)" in path.read_text(encoding="utf-8")]


def test_the_queries_that_sum_are_those_known() -> None:
    assert {path.stem for path in FILES} == {*SUMMED, "commitments-of-programme", "commitment-parts"}


@pytest.mark.parametrize(
    ("summands", "bound"),
    [
        (("exact",), "bound:exact"),
        (("exact", "about"), "bound:about"),
        (("exact", "between"), "bound:about"),
        (("exact", "at-least"), "bound:at-least"),
        (("about", "plus"), "bound:at-least"),
        (("more-than", "more-than"), "bound:at-least"),
        (("exact", "at-most"), "bound:at-most"),
        (("less-than", "about"), "bound:at-most"),
        (("at-least", "at-most"), ""),
        (("more-than", "less-than", "exact"), ""),
        (("exact", "unread"), "bound:at-least"),
        (("at-most", "unread"), ""),
    ],
)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_bound_of_a_sum_follows_from_those_of_its_parts(path: Path, summands: tuple[str, ...], bound: str) -> None:
    text = path.read_text(encoding="utf-8")
    (expression,) = {re.sub(r"\s+", " ", found) for found in BOUND.findall(text)}
    rows = " ".join(f"(bound:{each} 1)" if each != "unread" else "(bound:exact UNDEF)" for each in summands)
    flags = "\n".join(FLAGS.findall(text))
    query = f"SELECT ({expression} AS ?bound) WHERE {{ VALUES (?said ?number) {{ {rows} }} {flags} }}"
    solutions = Store().query(query, prefixes=dict(PREFIXES.prefixes))
    assert isinstance(solutions, QuerySolutions)
    (solution,) = solutions
    found = solution["bound"]
    assert (PREFIXES.shrink(found.value) if isinstance(found, NamedNode) else "") == bound
    read_bounds = [f"bound:{each}" for each in summands if each != "unread"]
    assert bound == bound_of(read_bounds, summands.count("unread")), "the recomputation agrees"
