"""The canned queries over HTTP: names, evidence, formats, paging and refusals, on a small graph."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from tests.api.conftest import serving
from tests.api.sample import A0, A1, A2, write_release

BASE = "https://w3id.org/kip/"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(write_release(tmp_path_factory.mktemp("sample")), KIP_WORKERS="2") as opened:
        yield opened


def ask(client: httpx.Client, query: str, **parameters: Any) -> Json:
    answer = client.get(f"/api/queries/{query}", params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    document: Json = answer.json()
    return document


def names(document: Json, column: str) -> list[str]:
    """The CURIEs or values of one column, as they come."""
    return [row[column] and row[column].get("curie", row[column]["value"]) for row in document["rows"]]


def linked(answer: httpx.Response) -> dict[str, str]:
    """The paths in Link, by their relation."""
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"', answer.headers.get("link", ""))
    return {relation: path for path, relation in found}


def problem(client: httpx.Client, path: str, **parameters: Any) -> tuple[int, Json]:
    answer = client.get(path, params=parameters)
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()


def test_the_catalogue_lists_each_query_with_what_it_takes_and_gives(client: httpx.Client) -> None:
    listed = {query["id"]: query for query in client.get("/api/queries").json()["queries"]}
    assert len(listed) >= 16
    query = listed["programmes-touching-sector"]
    assert set(query["title"]) == set(query["description"]) == {"ko", "en"}
    assert query["example"] == {"sector": "semiconductors"}
    (sector,) = query["parameters"]
    assert (sector["name"], sector["type"], sector["kinds"], sector["required"]) == (
        "sector",
        "sector",
        ["sector"],
        True,
    )
    assert [column["name"] for column in query["columns"]][:2] == ["element", "class"]
    assert client.get(query["href"], params=query["example"]).status_code == 200


@pytest.mark.parametrize("said", ["반도체", "semiconductors", "Semiconductors", f"{BASE}scheme/sector/semiconductors"])
def test_a_sector_finds_what_narrower_sectors_touch(client: httpx.Client, said: str) -> None:
    rows = ask(client, "programmes-touching-sector", sector=said)["rows"]
    found = {(row["element"]["curie"], row["asserted"]["curie"], row["direct"]["value"]) for row in rows}
    assert found == {
        ("measure:open-foundry", "sector:foundry", True),
        ("policy:post-corona-response", "sector:foundry", False),
        ("measure:auto-chips", "sector:automotive-semiconductors", True),
        ("policy:motir-work-plan-2026", "sector:automotive-semiconductors", False),
    }
    assert rows[1]["element"]["label"] == {"en": "Post-corona response", "ko": "포스트 코로나 대응"}
    assert rows[1]["via"]["items"][0]["curie"] == "measure:open-foundry"
    assert [row["date"]["value"] for row in rows] == ["2020-05-06", "2020-05-06", "2025-12-17", "2025-12-17"]


def test_a_sector_is_not_inherited_downward(client: httpx.Client) -> None:
    assert "program:industrial-dx" in names(ask(client, "programmes-touching-sector", sector="제조업"), "element")
    assert names(ask(client, "programmes-touching-sector", sector="파운드리"), "element") == [
        "measure:open-foundry",
        "policy:post-corona-response",
    ]


def test_targets_come_in_the_order_of_time_with_their_revision(client: httpx.Client) -> None:
    document = ask(client, "targets-of-programme", programme="스마트공장 보급")
    assert names(document, "deadline") == ["2025-12-31", "2022-12-31"]
    assert names(document, "ministries") == [f"{BASE}id/org/motie-2013"] * 2
    earlier, later = document["rows"]
    assert earlier["revises"] is None
    assert later["revises"]["items"][0]["curie"] == "target:sf-2025"
    assert later["value"] == {"value": 30000, "type": "decimal", "label": None}
    assert later["statedText"]["value"] == "3만개"


def test_totals_and_parts_are_apart_and_bounds_stay(client: httpx.Client) -> None:
    rows = ask(client, "commitments-by-ministry", ministry="MOTIE")["rows"]
    totals = {row["amount"]["value"]: row["bound"]["curie"] for row in rows if row["role"]["value"] == "total"}
    assert totals == {2_900_000_000_000: "bound:at-least", 100_000_000_000: "bound:exact"}
    parts = [row["amount"]["value"] for row in rows if row["role"]["value"] == "part"]
    assert sum(parts) == 2_940_000_000_000
    assert rows[0]["role"]["label"]["en"] == "total or single amount"


def test_currencies_are_never_mixed(client: httpx.Client) -> None:
    rows = ask(client, "commitments-by-ministry")["rows"]
    dollars = [row for row in rows if row["currency"]["value"].endswith("USD")]
    assert [row["amount"]["value"] for row in dollars] == [200_000_000_000]
    assert [row["ministries"]["items"][0]["curie"] for row in dollars] == ["org:motir-2025"]


def test_an_instrument_is_asked_for_alone(client: httpx.Client) -> None:
    document = ask(client, "commitments-by-ministry", instrument="loan")
    assert names(document, "commitments") == [f"{BASE}id/commitment/dx-loan"]


@pytest.mark.parametrize("said", ["program:industrial-dx", "commitment:dx-total"])
def test_the_parts_are_summed_and_held_against_the_total(client: httpx.Client, said: str) -> None:
    rows = ask(client, "commitment-parts", commitment=said)["rows"]
    assert [row["role"]["value"] for row in rows] == ["total", *["part"] * 4, "sum"]
    total = rows[-1]
    assert (total["amount"]["value"], total["bound"]["curie"]) == (2_940_000_000_000, "bound:about")
    assert total["check"] == {
        "value": "agrees",
        "type": "code",
        "label": {"ko": "총액과 맞음", "en": "agrees with the total as bounded"},
        "name": "총액과 맞음",
    }
    assert sum(row["share"]["value"] for row in rows if row["share"]) == pytest.approx(100, abs=0.2)


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2020-05-06", {("person:sung-yun-mo", "attested"), ("person:kim-chief", "within-term")}),
        ("2020-08-01", {("person:sung-yun-mo", "between-attestations")}),
        ("2019-01-01", {("person:kim-chief", "within-term")}),
        ("2021-01-01", set()),
    ],
)
def test_who_held_a_post_on_a_day_and_how_we_know(client: httpx.Client, day: str, found: set[tuple[str, str]]) -> None:
    rows = ask(client, "officials-on-date", date=day)["rows"]
    assert {(row["person"]["curie"], row["basis"]["value"]) for row in rows} == found


def test_an_organisation_includes_its_units(client: httpx.Client) -> None:
    document = ask(client, "officials-on-date", date="2020-05-06", organisation="산업통상자원부")
    assert set(names(document, "person")) == {"person:sung-yun-mo", "person:kim-chief"}
    assert not ask(client, "officials-on-date", date="2020-05-06", organisation="MOTIR")["rows"]


def test_involvement_tells_role_amount_and_date(client: httpx.Client) -> None:
    (row,) = ask(client, "involvement-of-organisation", organisation="신한은행")["rows"]
    assert row["role"]["label"]["ko"] == "제공 기관"
    assert (row["statedText"]["value"], row["date"]["value"]) == ("5200억원", "2020-10-28")
    assert row["policy"]["curie"] == "program:industrial-dx"


def test_follow_ups_are_walked_in_both_directions(client: httpx.Client) -> None:
    back = ask(client, "follow-ups-of-policy", policy="program:industrial-dx")
    assert set(names(back, "earlier")) == {"policy:digital-industrial-innovation-strategy", "policy:korean-new-deal"}
    forth = ask(client, "follow-ups-of-policy", policy="디지털 기반 산업혁신성장 전략")
    later = [row["later"]["curie"] for row in forth["rows"] if row["direction"]["value"] == "later"]
    assert later == ["program:industrial-dx"]


def test_events_list_participants_with_their_posts_and_no_inferred_double(client: httpx.Client) -> None:
    document = ask(client, "events-with-participants", participant="성윤모")
    assert names(document, "role") == ["kip:speaker"]
    assert names(document, "post") == ["post:motie-minister"]
    assert len(ask(client, "events-with-participants", to="2020-12-31", **{"from": "2020-10-01"})["rows"]) == 2


def test_statements_of_an_article_stand_in_its_order(client: httpx.Client) -> None:
    document = ask(client, "statements-of-article", article=A1)
    starts = names(document, "start")
    assert starts == sorted(starts)
    assert {"program:industrial-dx", "commitment:dx-loan", "target:sf-2022"} <= set(names(document, "subject"))
    about = ask(client, "statements-of-article", article=A1, about="sector:shipbuilding")
    assert names(about, "subject") == ["program:industrial-dx"]


def test_source_issues_keep_the_text_and_propose_a_reading(client: httpx.Client) -> None:
    (row,) = ask(client, "source-issues", article=A2)["rows"]
    assert (row["printed"]["value"], row["reading"]["value"], row["confidence"]["value"]) == ("20934년", "2034년", 0.8)
    assert not ask(client, "source-issues", article=A0)["rows"]


def test_facts_about_a_thing_come_from_both_sides_without_inferred_ones(client: httpx.Client) -> None:
    rows = ask(client, "facts-about-entity", entity="program:industrial-dx")["rows"]
    out = {row["property"]["value"].rpartition("/")[2] for row in rows if row["direction"]["value"] == "out"}
    assert out == {"hasSector", "leadMinistry", "followsUp", "announcedIn", "hasBeneficiary"}
    assert sum(row["value"]["value"].startswith(f"{BASE}id/commitment/") for row in rows) == 6


def test_articles_share_the_narrowest_common_sector(client: httpx.Client) -> None:
    assert names(ask(client, "sectors-shared-by-articles", first=A0, second=A2), "sector") == ["sector:semiconductors"]
    both = ask(client, "sectors-shared-by-articles", first=[A0, A1], second=A2)
    assert names(both, "sector") == ["sector:semiconductors"]
    assert names(ask(client, "sectors-shared-by-articles", first=A0, second=A1), "sector") == ["sector:manufacturing"]


def test_who_said_what_joins_attributed_statements_and_remarks(client: httpx.Client) -> None:
    document = ask(client, "who-said-what", speaker="성윤모")
    assert set(names(document, "kind")) == {"claim:quotation", "remark-type:pledge"}
    assert set(names(document, "post")) == {"post:motie-minister"}
    assert set(names(document, "date")) == {"2020-10-28"}


def test_a_minister_who_is_not_named_is_told_apart_from_none(client: httpx.Client) -> None:
    document = ask(client, "ministers-at-announcements")
    assert names(document, "minister") == ["person:sung-yun-mo", "person:sung-yun-mo", None]
    assert names(document, "basis") == ["attested", "attested", "not-named"]


def test_every_row_can_show_its_evidence(client: httpx.Client) -> None:
    document = ask(client, "involvement-of-organisation", organisation="신한은행", evidence="true")
    ((entry,),) = document["evidence"]
    assert entry["source"]["curie"] == A1
    assert entry["outlet"] == {"ko": "전자신문", "en": "Electronic Times"}
    assert (entry["date"], entry["end"], entry["spanHash"]) == ("2020-10-28", 950, "ab" * 32)
    assert entry["node"] == f"{BASE}id/commitment/dx-loan"


def test_evidence_outside_the_articles_has_an_address_and_no_span(client: httpx.Client) -> None:
    document = ask(client, "officials-on-date", date="2019-01-01", evidence="true")
    ((entry,),) = document["evidence"]
    assert (entry["source"]["curie"], entry["start"]) == ("source:who-is-who", None)
    assert (entry["url"], entry["date"]) == ("https://example.org/appointments", "2018-09-21")


def test_a_sum_shows_the_evidence_of_its_summands(client: httpx.Client) -> None:
    document = ask(client, "commitment-parts", commitment="commitment:dx-total", evidence="1")
    assert len({entry["node"] for entry in document["evidence"][-1]}) == 4


@pytest.mark.parametrize("query", ["programmes-touching-sector", "sectors-shared-by-articles", "source-issues"])
def test_no_row_of_the_examples_is_without_evidence(client: httpx.Client, query: str) -> None:
    example = next(each for each in client.get("/api/queries").json()["queries"] if each["id"] == query)["example"]
    document = ask(client, query, evidence="true", **example)
    assert document["rows"]
    assert all(document["evidence"])


def test_the_shape_is_the_same_with_and_without_rows(client: httpx.Client) -> None:
    full = ask(client, "officials-on-date", date="2020-05-06")
    empty = ask(client, "officials-on-date", date="1999-05-06")
    assert set(empty) - set(full) == {"note"}
    assert set(full) == {
        "query",
        "parameters",
        "release",
        "language",
        "columns",
        "rows",
        "keys",
        "truncated",
        "next",
        "evidence",
    }
    assert full["parameters"] == {"date": [{"value": "2020-05-06", "type": "date", "label": None}]}


def test_paging_gives_every_row_once(client: httpx.Client) -> None:
    whole = ask(client, "statements-of-article", article=A1)["rows"]
    pages, path = [], f"/api/queries/statements-of-article?article={A1}&limit=7"
    while path:
        answer = client.get(path)
        document = answer.json()
        pages.append(document["rows"])
        path = document["next"]
        assert document["truncated"] is bool(path)
        assert linked(answer).get("next") == path
    assert len(pages) > 2
    assert [row for page in pages for row in page] == whole


def test_rows_as_csv_by_suffix_format_and_accept(client: httpx.Client) -> None:
    path = "/api/queries/targets-of-programme"
    asked = {"programme": "program:smart-factory-rollout"}
    answers = [
        client.get(f"{path}.csv", params=asked),
        client.get(path, params={**asked, "format": "csv"}),
        client.get(path, params=asked, headers={"Accept": "text/csv"}),
    ]
    for answer in answers:
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [row["deadline"] for row in rows] == ["2025-12-31", "2022-12-31"]


def test_rows_as_sparql_results(client: httpx.Client) -> None:
    path = "/api/queries/source-issues"
    found = client.get(path, params={"format": "sparql-json"})
    assert found.headers["content-type"] == "application/sparql-results+json"
    assert found.json()["results"]["bindings"][0]["printed"]["value"] == "20934년"
    found = client.get(f"{path}.srx")
    assert found.headers["content-type"] == "application/sparql-results+xml"
    assert ElementTree.fromstring(found.content).tag.endswith("sparql")
    found = client.get(path, headers={"Accept": "text/tab-separated-values"})
    assert found.text.splitlines()[0].split("\t")[1] == "?issue"


def test_a_limit_on_csv_is_told_in_the_headers(client: httpx.Client) -> None:
    answer = client.get("/api/queries/statements-of-article.csv", params={"article": A1, "limit": 5})
    assert len(answer.text.splitlines()) == 6
    assert answer.headers["x-kip-truncated"] == "rows"


def test_a_second_request_with_the_validator_is_spared(client: httpx.Client) -> None:
    first = client.get("/api/queries/source-issues")
    assert "Accept" in first.headers["vary"].split(", ")
    assert client.get("/api/queries/source-issues", headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_head_answers_as_get_does(client: httpx.Client) -> None:
    answer = client.head("/api/queries/source-issues")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "application/json", b"")


def test_a_format_that_there_is_not_is_refused(client: httpx.Client) -> None:
    status, document = problem(client, "/api/queries/source-issues", format="turtle")
    assert status == 406
    assert "text/csv" in [each["media_type"] for each in document["alternatives"]]


@pytest.mark.parametrize(
    "path", ["/api/queries/programs-touching-sector", "/api/queries/programmes-touching-sectors.csv"]
)
def test_an_unknown_query_is_404_with_the_nearest(client: httpx.Client, path: str) -> None:
    status, document = problem(client, path)
    assert (status, document["nearest"][0]) == (404, "programmes-touching-sector")


def test_a_misspelt_name_is_422_with_the_nearest(client: httpx.Client) -> None:
    status, document = problem(client, "/api/queries/programmes-touching-sector", sector="반도채")
    assert status == 422
    assert document["faults"][0]["parameter"] == "sector"
    assert document["faults"][0]["nearest"][0]["curie"] == "sector:semiconductors"
    assert "반도체" in document["hint"]


def test_everything_wrong_is_told_at_once(client: httpx.Client) -> None:
    status, document = problem(
        client, "/api/queries/officials-on-date", day="2020-01-01", limit="many", cursor="x", evidence="maybe"
    )
    assert status == 422
    assert {fault["parameter"] for fault in document["faults"]} == {"day", "date", "limit", "cursor", "evidence"}


def test_an_ambiguous_name_is_422_with_all_that_bear_it(client: httpx.Client) -> None:
    status, document = problem(client, "/api/queries/officials-on-date", date="2020-05-06", organisation="산업부")
    assert status == 422
    assert {each["curie"] for each in document["faults"][0]["nearest"]} == {"org:motie-2013", "org:motir-2025"}


@pytest.mark.parametrize(
    "hostile",
    [
        '"} } SELECT * { ?s ?p ?o } #',
        "https://w3id.org/kip/> } UNION { ?s ?p ?o",
        "\\u0022\\u007d",
        "UNDEF } ?s ?p ?o . {",
    ],
)
def test_hostile_values_find_nothing_and_break_nothing(client: httpx.Client, hostile: str) -> None:
    status, _ = problem(client, "/api/queries/facts-about-entity", entity=hostile)
    assert status == 422
    status, _ = problem(client, "/api/queries/evidence-of-node", node=f"https://e.org/{hostile}>")
    assert status == 422


def test_openapi_has_an_operation_for_each_query_with_typed_parameters(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    listed = client.get("/api/queries").json()["queries"]
    for query in listed:
        operation = document["paths"][query["href"]]["get"]
        assert operation["operationId"] == query["id"]
        assert query["title"]["ko"] in operation["summary"]
        declared = {each["name"]: each for each in operation["parameters"]}
        assert set(declared) == {each["name"] for each in query["parameters"]} | {
            "limit",
            "cursor",
            "evidence",
            "format",
            "lang",
            "bom",
            "cite",
        }
        assert all(declared[each["name"]]["required"] is each["required"] for each in query["parameters"])
    date = document["paths"]["/api/queries/officials-on-date"]["get"]["parameters"][0]
    assert (date["schema"], date["example"]) == ({"type": "string", "format": "date"}, "2020-10-28")
