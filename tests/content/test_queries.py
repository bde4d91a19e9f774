"""The canned queries on the real release: what a researcher asks, and what the articles answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import httpx
import pytest

from api.questions.catalogue import Catalogue, Query, precision_of
from api.questions.charts import chart_of
from api.wording.display import period, when
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from tests.api.conftest import UNTRACED, serving
from tests.api.markup import find, read_html, text

Json = dict[str, Any]
Row = dict[str, Any]
PREFIXES = prefix_map()
CATALOGUE = tuple(Catalogue.load(CHECKOUT.queries, PREFIXES))
A0 = "article:2020-05-06-post-corona-strategy"
A1 = "article:2020-10-28-industrial-dx-alliance"
A2 = "article:2025-12-17-motir-work-plan"
A3 = "article:2020-01-03-mss-new-year-plan"
A4 = "article:2017-04-20-smart-factory-30000"
EVENTS = {
    A0: "event:2020-05-06-post-corona-dialogue",
    A1: "event:2020-10-28-dx-alliance-launch",
    A2: "event:2025-12-17-work-report",
    A3: "event:2020-01-03-mss-open-meeting",
    A4: "event:2017-04-20-sme-meeting",
}


@pytest.fixture(scope="module")
def client(release: Path) -> Iterator[httpx.Client]:
    with serving(release, **UNTRACED, KIP_WORKERS="2") as opened:
        yield opened


def ask(client: httpx.Client, query: str, **parameters: Any) -> Json:
    answer = client.get(f"/api/queries/{query}", params=parameters)
    assert answer.status_code == 200, answer.text
    document: Json = answer.json()
    return document


def plain(cell: Row | None) -> str:
    """A cell as a header writes it: a CURIE, CURIEs with spaces between, or the value."""
    if cell is None:
        return ""
    if isinstance(cell["value"], bool):
        return str(cell["value"]).lower()
    return " ".join(PREFIXES.shrink(part) or part for part in str(cell["value"]).split(" "))


def rows(client: httpx.Client, query: str, *columns: str, **parameters: Any) -> list[tuple[str, ...]]:
    """Some columns of the answer, plain."""
    found = ask(client, query, **parameters)["rows"]
    return [tuple(plain(row[column]) for column in columns) for row in found]


@pytest.mark.parametrize("query", CATALOGUE, ids=lambda query: query.id)
def test_an_example_answers_what_its_header_expects(client: httpx.Client, query: Query) -> None:
    document = ask(client, query.id, evidence="true", **query.header.example)
    found = [{name: plain(cell) for name, cell in row.items()} for row in document["rows"]]
    assert len(found) >= query.header.expect.minimum
    for wanted in query.header.expect.rows:
        assert any(wanted.items() <= row.items() for row in found), f"no row has {wanted}"
    assert all(len(each) > 0 for each in document["evidence"]), "every row shows its evidence"


# What a reader is told of the columns


@pytest.mark.parametrize("query", CATALOGUE, ids=lambda query: query.id)
def test_words_for_readers_have_no_names_for_programs(query: Query) -> None:
    header = query.header
    for said in (header.title, header.question, header.description):
        assert re.findall(r"[A-Za-z]{2,}", said.ko) == []
    codes = {name for column in header.columns for name in (column.name, *column.values)}
    ids = {each.id for each in CATALOGUE}
    compound = {name for name in codes | ids if re.search("[A-Z-]", name)} | {name for name in ids if "-" in name}
    assert compound.isdisjoint(re.findall(r"[A-Za-z][A-Za-z-]+", header.description.en))
    assert "/api/" not in header.description.en


def test_what_a_target_revises_and_what_revises_it_are_told_apart() -> None:
    headings: dict[str, set[str]] = {}
    for column in (column for query in CATALOGUE for column in query.header.columns if column.type == ("target",)):
        headings.setdefault(column.label.ko, set()).add(column.label.en)
    assert {ko: en for ko, en in headings.items() if len(en) > 1} == {}


# Pictures


def drawn(query: Query, rows: list[Row]) -> tuple[set[str], set[str]]:
    """What a picture of some rows says, and the tips of its paths."""
    chart = chart_of(query, rows, "ko")
    assert chart is not None
    root = fromstring(str(chart.svg))
    tips = {each.findtext("{*}title", "") for each in root.iter("{http://www.w3.org/2000/svg}path")} - {""}
    return {"".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")}, tips


def kind(view: str) -> list[Query]:
    return [query for query in CATALOGUE if query.view.kind == view]


# the days of the articles are those that they print, or those of events that are known to the day
EXACT = {("list-articles", "date")}


def known(row: Row, name: str | None) -> str:
    """A day of a row in words, as exactly as the row knows it."""
    if not name or not row[name]:
        return ""
    exact = plain(row.get(precision_of(name))).rpartition(":")[2]
    return when(row[name]["value"], exact or "day", "ko")


@pytest.mark.parametrize("query", kind("timeline"), ids=lambda query: query.id)
def test_a_timeline_says_each_day_as_exactly_as_the_row_and_leaves_unknown_ends_open(
    client: httpx.Client, query: Query
) -> None:
    view, names = query.view, {each.name for each in query.header.columns}
    inexact = {(query.id, name) for name in view.dates if precision_of(name) not in names}
    assert inexact <= EXACT
    for row in ask(client, query.id, **query.header.example)["rows"]:
        start, end, seen = (known(row, name) for name in (view.start, view.end, view.at))
        expected = period(start, end) if view.end and (start or end) else start or seen
        assert not expected or expected in drawn(query, [row])[0]


@pytest.mark.parametrize("query", [each for each in kind("network") if each.view.centre], ids=lambda query: query.id)
def test_a_network_draws_what_is_asked_about_and_each_link_with_its_own_relation(
    client: httpx.Client, query: Query
) -> None:
    (asked,) = query.header.example.values()
    view = query.view.model_dump()
    rows = ask(client, query.id, **query.header.example)["rows"]

    def name(row: Row, role: str) -> str:
        return str(row[view[role]]["label"]["ko"])

    assert rows and {row[view["centre"]]["curie"] for row in rows} == {asked}
    for row in rows:
        relation = row[view["label"][0]]["label"]["ko"]
        arrows = {f"{name(row, 'source')} → {relation} → {name(row, 'target')}"}
        if view["near"]:
            arrows.add(f"{name(row, 'source')} → {name(row, 'near')} → {name(row, 'centre')}")
        assert drawn(query, [row])[1] == arrows
    assert name(rows[0], "centre") in drawn(query, rows)[0]


def test_all_direct_neighbours_are_drawn(client: httpx.Client) -> None:
    query = next(query for query in CATALOGUE if query.id == "neighbours-of-entity")
    rows = ask(client, query.id, entity="org:shinhan-bank")["rows"]
    _, tips = drawn(query, rows)
    near = {row["neighbour"]["label"]["ko"] for row in rows if row["steps"]["value"] == 1}
    assert len(near) == 5 and near <= {end for tip in tips for end in tip.split(" → ")}


@pytest.mark.parametrize("query", kind("bar"), ids=lambda query: query.id)
def test_every_bar_has_a_name(client: httpx.Client, query: Query) -> None:
    words, _ = drawn(query, ask(client, query.id, **query.header.example)["rows"])
    assert "–" not in words


def test_the_bars_of_a_total_are_named_by_what_they_are(client: httpx.Client) -> None:
    query = next(query for query in CATALOGUE if query.id == "commitment-parts")
    words, _ = drawn(query, ask(client, query.id, **query.header.example)["rows"])
    assert {"총액 · 대한민국 정부", "구성 항목의 합", "구성 항목 · 신한은행 · 대출"} <= words


# Targets and their revision


def test_the_smart_factory_target_over_time(client: httpx.Client) -> None:
    found = rows(
        client,
        "targets-of-programme",
        "date",
        "value",
        "deadline",
        "indicator",
        "event",
        programme="스마트공장 보급 사업",
    )
    stated = [row[:3] for row in found if row[3] == "indicator:smart-factories" and row[4] in EVENTS.values()]
    assert stated == [
        ("2017-04-20", "20000", "2020-12-31"),
        ("2017-04-20", "30000", "2025-12-31"),
        ("2020-01-03", "30000", "2022-12-31"),
    ]


def test_the_target_for_2020_before_april_2017(client: httpx.Client) -> None:
    found = rows(client, "targets-of-programme", "value", "deadline", "date", programme="program:smart-factory-rollout")
    assert [row[0] for row in found if row[1] == "2020-12-31" and row[2] < "2017-04-20"] == ["10000"]


def test_which_ministry_announced_each_target(client: httpx.Client) -> None:
    found = rows(client, "targets-of-programme", "event", "ministries", programme="program:smart-factory-rollout")
    assert {row for row in found if row[0] in EVENTS.values()} == {
        (EVENTS[A4], "org:motie-2013"),
        (EVENTS[A3], "org:mss-2017"),
    }


def test_ai_factories_do_not_revise_smart_factories(client: httpx.Client) -> None:
    found = rows(
        client, "targets-of-programme", "value", "deadline", "targetKind", "indicator", "revises",
        programme="AI 팩토리",
    )  # fmt: skip
    assert found == [
        ("100", "2026-12-31", "target-kind:increment", "indicator:ai-factories", ""),
        ("500", "2030-12-31", "target-kind:cumulative-stock", "indicator:ai-factories", ""),
    ]


def test_the_alliances_three_years_and_first_year(client: httpx.Client) -> None:
    found = rows(
        client, "targets-of-programme", "indicator", "value", "deadline", "event", programme="program:industrial-dx"
    )
    assert {row[:3] for row in found if row[3] == EVENTS[A1]} >= {
        ("indicator:dx-sector-alliances", "6", "2020-12-31"),
        ("indicator:dx-tasks", "20", "2020-12-31"),
        ("indicator:dx-sector-alliances", "10", "2023-12-31"),
        ("indicator:dx-tasks", "100", "2023-12-31"),
    }


def test_twenty_unicorns_by_2022(client: httpx.Client) -> None:
    found = rows(client, "targets-of-programme", "value", "deadline", "event", programme="K-유니콘 프로젝트")
    assert ("20", "2022-12-31", EVENTS[A3]) in found


# Money


def test_the_digital_transformation_money_and_its_parts(client: httpx.Client) -> None:
    found = rows(
        client,
        "commitment-parts",
        "role",
        "amount",
        "bound",
        "instruments",
        "check",
        commitment="program:industrial-dx",
    )
    assert found[0][:3] == ("total", "2900000000000", "bound:at-least")
    assert {row[1:4] for row in found if row[0] == "part"} == {
        ("1500000000000", "bound:exact", "instrument:guarantee"),
        ("520000000000", "bound:exact", "instrument:loan"),
        ("520000000000", "bound:about", "instrument:rnd-grant"),
        ("400000000000", "bound:exact", "instrument:equity-fund"),
    }
    assert (found[-1][0], found[-1][1], found[-1][4]) == ("sum", "2940000000000", "agrees")


def test_the_share_of_guarantees_and_loans(client: httpx.Client) -> None:
    found = ask(client, "commitment-parts", commitment="commitment:dx-total-2025")["rows"]
    part = {plain(row["instruments"]): row["amount"]["value"] for row in found if row["role"]["value"] == "part"}
    lent = part["instrument:guarantee"] + part["instrument:loan"]
    assert round(100 * lent / sum(part.values()), 1) == 68.7


def test_who_provides_the_guarantee_and_the_loan(client: httpx.Client) -> None:
    found = rows(client, "commitment-parts", "instruments", "providers", commitment="program:industrial-dx")
    assert ("instrument:guarantee", "org:kodit") in found
    assert ("instrument:loan", "org:shinhan-bank") in found


def test_commitments_of_a_trillion_won_and_more_without_parts(client: httpx.Client) -> None:
    found = ask(client, "commitments-by-ministry")["rows"]
    large = {
        row["amount"]["value"]: plain(row["bound"])
        for row in found
        if (plain(row["role"]), plain(row["layer"])) == ("total", "article")
        and plain(row["currency"]) == "currency:KRW"
        and row["amount"]["value"] >= 10**12
    }
    assert large == {2_900_000_000_000: "bound:at-least", 2_600_000_000_000: "bound:about"}


def test_amounts_of_articles_and_of_other_sources_are_never_one_sum(client: httpx.Client) -> None:
    found = rows(client, "commitments-by-ministry", "layer", "commitments")
    layers: dict[str, set[str]] = {}
    for layer, commitments in found:
        layers.setdefault(layer, set()).update(commitments.split(" "))
    assert {"commitment:dx-total-2025", "commitment:sme-rnd-2017"} <= layers["article"]
    assert {"commitment:korean-new-deal-160-trillion-by-2025", "commitment:max-alliance-ai-budget"} <= layers["context"]
    assert not layers["article"] & layers["context"]


def test_the_dollars_stay_dollars(client: httpx.Client) -> None:
    found = rows(client, "commitments-by-ministry", "amount", "currency", "ministries")
    assert [row for row in found if row[1] == "currency:USD"] == [
        ("200000000000", "currency:USD", "org:motir-2025"),
    ]


# Sectors


def test_semiconductors_find_what_never_writes_the_word(client: httpx.Client) -> None:
    found = rows(client, "programmes-touching-sector", "element", "asserted", "direct", "date", sector="반도체")
    direct = {(row[0], row[1]) for row in found if row[2] == "true"}
    assert {
        ("measure:foundry-opening", "sector:foundry"),
        ("measure:win-win-fab", "sector:foundry"),
        ("measure:win-win-foundry-no1", "sector:foundry"),
        ("measure:automotive-semiconductor-development", "sector:automotive-semiconductors"),
        ("measure:ai-semiconductor-npu-development", "sector:ai-semiconductors"),
        ("measure:fabless-expansion", "sector:fabless"),
    } <= direct
    assert ("policy:motir-work-plan-2026", "sector:foundry", "false", "2025-12-17") in found
    assert not {row[0] for row in found} & {"program:industrial-dx", "program:smart-factory-rollout"}


def test_shipbuilding_over_time(client: httpx.Client) -> None:
    found = rows(client, "programmes-touching-sector", "date", "element", "direct", sector="조선")
    direct = [row[1] for row in found if row[2] == "true"]
    assert direct.index("program:industrial-dx") < direct.index("measure:kc2-demonstration-plan")
    assert "measure:next-generation-ship-propulsion" in direct
    assert [row[0] for row in found] == sorted(row[0] for row in found)


def test_every_article_has_a_policy_that_covers_manufacturing(client: httpx.Client) -> None:
    found = {row[0] for row in rows(client, "programmes-touching-sector", "element", sector="제조업")}
    assert {
        "policy:post-corona-response",
        "program:industrial-dx",
        "policy:motir-work-plan-2026",
        "policy:mss-new-year-plan-2020",
        "program:smart-factory-rollout",
    } <= found


def test_the_six_sectors_of_the_alliance(client: httpx.Client) -> None:
    found = rows(client, "facts-about-entity", "direction", "property", "value", entity="program:industrial-dx")
    assert {row[2] for row in found if row[:2] == ("out", "kip:hasSector")} == {
        "sector:future-mobility",
        "sector:electronics",
        "sector:healthcare",
        "sector:shipbuilding",
        "sector:distribution",
        "sector:materials-parts",
    }


def test_sectors_of_2020_and_of_2025(client: httpx.Client) -> None:
    found = {row[0] for row in rows(client, "sectors-shared-by-articles", "sector", first=[A0, A1], second=A2)}
    assert {"sector:automotive", "sector:future-mobility", "sector:shipbuilding", "sector:foundry"} <= found
    assert {"sector:semiconductors", "sector:renewable-energy", "sector:energy"} <= found
    assert not found & {"sector:steel", "sector:healthcare", "sector:batteries"}


# People and organisations


def test_the_minister_at_each_announcement(client: httpx.Client) -> None:
    found = rows(client, "ministers-at-announcements", "event", "ministry", "minister", "basis")
    assert {row for row in found if row[0] in EVENTS.values()} == {
        (EVENTS[A4], "org:motie-2013", "person:joo-hyung-hwan", "attested"),
        (EVENTS[A3], "org:mss-2017", "person:park-young-sun", "attested"),
        (EVENTS[A0], "org:motie-2013", "person:sung-yun-mo", "attested"),
        (EVENTS[A1], "org:motie-2013", "person:sung-yun-mo", "attested"),
        (EVENTS[A2], "org:motir-2025", "", "not-named"),
    }


@pytest.mark.parametrize("day", ["2020-05-06", "2020-10-28"])
def test_the_days_on_which_sung_yun_mo_is_attested(client: httpx.Client, day: str) -> None:
    document = ask(client, "officials-on-date", date=day, person="성윤모", evidence="true")
    (row,) = document["rows"]
    assert (plain(row["post"]), plain(row["basis"])) == ("post:motie-minister", "attested")
    articles = {entry["source"].get("curie") for entry in document["evidence"][0]}
    assert {A0, A1} <= articles


def test_a_fact_that_two_articles_support(client: httpx.Client) -> None:
    node = PREFIXES.expand("tenure:sung-yun-mo-motie-minister")
    sources = {row[0] for row in rows(client, "evidence-of-node", "source", node=node)}
    assert {source for source in sources if source.startswith("article:")} == {A0, A1}


def test_officials_who_spoke_below_the_minister(client: httpx.Client) -> None:
    for person, article in (("강성천", A4), ("차정훈", A3)):
        assert {row[0] for row in rows(client, "who-said-what", "source", speaker=person)} >= {article}


def test_nobody_speaks_in_an_article_that_only_repeats_what_another_said(client: httpx.Client) -> None:
    found = {
        row: set(rows(client, "who-said-what", "source", speaker=row)) for row in ("person:joo-hyung-hwan", "박영선")
    }
    assert (A3,) not in found["person:joo-hyung-hwan"]
    assert (A4,) not in found["박영선"]
    said = {
        article: {
            (row[1], row[2])
            for row in rows(client, "statements-of-article", "object", "claim", "by", article=article)
            if row[0] == "beneficiary:smes" and row[2]
        }
        for article in (A3, A4)
    }
    assert ("claim:quotation", "person:park-young-sun") in said[A3]
    assert ("claim:quotation", "person:joo-hyung-hwan") in said[A4]
    assert "person:joo-hyung-hwan" not in {by for _, by in said[A3]}
    assert "person:park-young-sun" not in {by for _, by in said[A4]}
    for article, other in ((A3, "person:joo-hyung-hwan"), (A4, "person:park-young-sun")):
        assert (other,) not in set(rows(client, "statements-by-claim", "speaker", claim="quotation", article=article))


def test_everything_said_has_a_date(client: httpx.Client) -> None:
    assert all(date for (date,) in rows(client, "who-said-what", "date"))


@pytest.mark.parametrize("body", ["org:ls-electric", "org:mocie-1998", "org:kosme"])
def test_a_body_without_dates_shows_where_it_is_known_from(client: httpx.Client, body: str) -> None:
    assert all(ask(client, "organisation-on-date", organisation=body, evidence="true")["evidence"])


def test_every_link_of_an_article_shows_its_evidence(client: httpx.Client) -> None:
    assert all(ask(client, "facts-about-entity", entity=A1, evidence="true")["evidence"])


def test_what_shinhan_bank_is_involved_in(client: httpx.Client) -> None:
    found = rows(client, "involvement-of-organisation", "date", "thing", "role", "statedText", organisation="신한은행")
    assert ("2017-04-20", "measure:sf-special-product", "kip:implementingBody", "") in found
    assert ("2020-10-28", "commitment:dx-shinhan-loan", "kip:provider", "5200억원") in found


def test_everything_about_shinhan_bank_has_a_place_in_an_article(client: httpx.Client) -> None:
    document = ask(client, "involvement-of-organisation", organisation="org:shinhan-bank", evidence="true")
    places = {(entry["source"]["curie"], entry["start"] is not None) for each in document["evidence"] for entry in each}
    assert places == {(A4, True), (A1, True)}


def test_who_was_at_the_signing_of_the_memorandum(client: httpx.Client) -> None:
    found = rows(client, "events-with-participants", "who", "post", "bodies", event=EVENTS[A1])
    people = {row for row in found if row[0].startswith("person:")}
    assert len({row[0] for row in people}) == 20
    assert ("person:sung-yun-mo", "post:motie-minister", "org:motie-2013") in people
    assert all(row[1] and row[2] for row in people)


def test_the_bodies_that_reported_on_17_december(client: httpx.Client) -> None:
    found = {row[0] for row in rows(client, "events-with-participants", "who", event=EVENTS[A2])}
    assert {"org:motir-2025", "org:moip-2025", "org:mss-2017", "org:mcee-2025", "person:lee-jae-myung"} <= found


def test_what_the_alliance_follows_up(client: httpx.Client) -> None:
    found = rows(client, "follow-ups-of-policy", "relation", "earlier", policy="program:industrial-dx")
    assert ("kip:followsUp", "policy:digital-industrial-innovation-strategy") in found
    assert ("kip:directPartOf", "policy:korean-new-deal") in found


# Evidence and quality


def test_the_span_of_thirty_thousand_by_2025(client: httpx.Client) -> None:
    found = ask(client, "targets-of-programme", programme="program:smart-factory-rollout", evidence="true")
    spans = [
        (entry["start"], entry["end"], len(entry["spanHash"]))
        for row, each in zip(found["rows"], found["evidence"], strict=True)
        if plain(row["deadline"]) == "2025-12-31"
        for entry in each
        if entry["source"].get("curie") == A4
    ]
    assert (664, 688, 64) in spans


@pytest.mark.parametrize(
    ("article", "printed", "kind", "reading"),
    [
        (A2, "20934년", "issue-type:impossible-year", "2034"),
        (A2, "7000 달러", "issue-type:missing-magnitude", "7000억"),
        (A1, "1.조", "issue-type:truncated-number", "1.9조"),
        (A1, "한국기술전자연구원장", "issue-type:name-transposition", "한국전자기술연구원"),
        (A1, "5200억", "issue-type:ambiguous-value", ""),
        (A4, "1만 2000여개", "issue-type:implausible-jump", "9만2000여개"),
        (A4, "산업통상장자원부장관", "issue-type:typo", "산업통상자원부장관"),
        (A0, "··연 전문가", "issue-type:lost-characters", "산·학·연"),
        (A0, "산업·위기 대응반", "issue-type:internal-variant", "산업·기업 위기 대응반"),
        (A3, "육월", "issue-type:name-variant", ""),
    ],
)
def test_an_error_of_the_source_and_its_reading(
    client: httpx.Client, article: str, printed: str, kind: str, reading: str
) -> None:
    found = rows(client, "source-issues", "printed", "type", "reading", "confidence", article=article)
    hits = [row for row in found if printed in row[0] and row[1] == kind and reading in row[2]]
    assert hits, found
    assert all(0 < float(row[3]) < 1 for row in hits)


def test_each_place_of_an_error_is_a_row_and_no_error_is_left_out(client: httpx.Client) -> None:
    found = ask(client, "source-issues", evidence="true")
    for row, entries in zip(found["rows"], found["evidence"], strict=True):
        places = {(each["source"].get("curie"), each["start"], each["end"]) for each in entries}
        assert (plain(row["article"]), *((row[end] or {"value": None})["value"] for end in ("start", "end"))) in places
    query = "SELECT (COUNT(DISTINCT ?issue) AS ?n) WHERE { ?issue a <https://w3id.org/kip/def/SourceIssue> }"
    table = client.get("/sparql", params={"query": query}, headers={"Accept": "application/sparql-results+json"}).json()
    assert len({plain(row["issue"]) for row in found["rows"]}) == int(table["results"]["bindings"][0]["n"]["value"])


@pytest.mark.parametrize(("printed", "spaced"), [("3만개", "3만 개"), ("2조9000억", "2조 9천억"), ("30,000", "30000")])
def test_a_printed_number_is_found_however_it_is_spaced(client: httpx.Client, printed: str, spaced: str) -> None:
    found = ask(client, "numbers-as-printed", printed=printed)["rows"]
    assert found and ask(client, "numbers-as-printed", printed=spaced)["rows"] == found


def test_rival_parts_of_a_target_are_marked_and_others_fit_into_the_whole(client: httpx.Client) -> None:
    sums: dict[tuple[str, str], float] = {}
    for row in ask(client, "parts-of-targets")["rows"]:
        assert (row["against"] is None) == (row["rank"] is None)
        if row["partDeadline"] == row["wholeDeadline"] and row["wholeValue"] and plain(row["rank"]) != "rank:normal":
            key = plain(row["whole"]), plain(row["wholeValue"])
            sums[key] = sums.get(key, 0) + row["partValue"]["value"]
    assert sums and all(parts <= float(whole) for (_, whole), parts in sums.items())


def test_the_value_used_is_never_among_the_other_values(client: httpx.Client) -> None:
    assert [row for row in rows(client, "claims-compared", "used", "others") if row[0] == row[1]] == []


@pytest.mark.parametrize(("language", "columns"), [("ko", {"우선순위 사유"}), ("en", {"Reason of the rank"})])
def test_a_page_gives_reasons_in_the_language_of_its_reader(
    client: httpx.Client, language: str, columns: set[str]
) -> None:
    answer = client.get("/query/conflicts", params={"lang": language}, headers={"Accept": "text/html"})
    headings = {text(each) for each in find(read_html(answer.text), "th", scope="col")}
    reasons = {label for label in headings if "사유" in label or "Reason" in label}
    assert reasons == columns


def test_the_articles_have_as_many_statements_as_are_counted_by_kind(client: httpx.Client) -> None:
    kinds = rows(client, "kinds-by-article", "article", "class", "things")
    counted = {article: int(things) for article, kind_, things in kinds if kind_ == "kip:Statement"}
    listed = client.get("/articles", headers={"Accept": "text/html"}).text
    assert all(f">{total}<" in listed for total in counted.values()), counted


def test_each_article_states_at_least_forty_things_in_its_own_order(client: httpx.Client) -> None:
    for article in EVENTS:
        starts = [int(row[0]) for row in rows(client, "statements-of-article", "start", article=article)]
        assert len(starts) >= 40
        assert starts == sorted(starts)


def test_all_five_articles_are_covered_and_the_repost_is_told(client: httpx.Client) -> None:
    found = rows(client, "list-articles", "number", "article", "originals")
    assert {row[0] for row in found} >= {"0", "1", "2", "3", "4"}
    assert ("2", A2, "article:electimes-363070") in found
