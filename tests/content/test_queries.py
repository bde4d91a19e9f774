"""The canned queries on the real release: what a researcher asks, and what the articles answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.questions.catalogue import Catalogue, Query
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from tests.api.conftest import serving

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
    with serving(release, KIP_WORKERS="2") as opened:
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


def test_each_article_states_at_least_forty_things_in_its_own_order(client: httpx.Client) -> None:
    for article in EVENTS:
        starts = [int(row[0]) for row in rows(client, "statements-of-article", "start", article=article)]
        assert len(starts) >= 40
        assert starts == sorted(starts)


def test_all_five_articles_are_covered_and_the_repost_is_told(client: httpx.Client) -> None:
    found = rows(client, "list-articles", "number", "article", "originals")
    assert {row[0] for row in found} >= {"0", "1", "2", "3", "4"}
    assert ("2", A2, "article:electimes-363070") in found
