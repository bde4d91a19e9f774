"""How things are related in the real release: what a reader would expect to be told, with its evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store, parse

from api.relations.link_kinds import WORTHS
from api.relations.telling import Named, Telling
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from tests.api.conftest import UNTRACED, serving

Json = dict[str, Any]
PREFIXES = prefix_map()


@pytest.fixture(scope="module")
def client(release: Path) -> Iterator[httpx.Client]:
    """A server of the real release."""
    with serving(release, **UNTRACED, KIP_WORKERS="2") as opened:
        yield opened


def ask(client: httpx.Client, question: str = "paths", **parameters: Any) -> Json:
    answer = client.get(f"/api/{question}", params={name.rstrip("_"): value for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    document: Json = answer.json()
    return document


def walked(path: Json) -> list[str]:
    """The things of a path by their CURIEs, with the properties between."""
    steps = path["steps"]
    first = [steps[0]["from"]["curie"]]
    return first + [name for step in steps for name in (step["property"]["curie"], step["to"]["curie"])]


def test_the_bank_is_related_to_the_smart_factory_by_its_product(client: httpx.Client) -> None:
    found = ask(client, from_="신한은행", to="스마트공장")
    assert found["to"]["curie"] == "program:smart-factory-rollout"
    path = found["paths"][0]
    assert walked(path)[:3] == ["org:shinhan-bank", "kip:implementingBody", "measure:sf-special-product"]
    assert all(step["evidence"] for step in path["steps"])
    sources = {place["source"].rpartition("/")[2] for step in path["steps"] for place in step["evidence"]}
    assert sources == {"2017-04-20-smart-factory-30000"}
    assert path["sentence"]["ko"].startswith("신한은행은 ‘신한은행·기업은행 스마트공장 특례 상품’의 수행 기관이고, ")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("성윤모", "org:motie-2013", "person:sung-yun-mo kip:everServedIn org:motie-2013"),
        (
            "문재인",
            "윤석열",
            "person:moon-jae-in kip:everHeldPost post:president kip:everHeldPost person:yoon-suk-yeol",
        ),
        (
            "네이버",
            "중소벤처기업부",
            "org:naver kip:everServedIn person:han-seong-sook kip:everServedIn org:mss-2017",
        ),
        (
            "반도체",
            "org:motie-2013",
            "sector:semiconductors kip:hasSector policy:k-semiconductor-strategy kip:leadMinistry org:motie-2013",
        ),
        (
            "org:motir-2025",
            "program:smart-factory-rollout",
            "org:motir-2025 kip:directSuccessor org:motie-2013 kip:leadMinistry program:smart-factory-rollout",
        ),
        (
            "조선",
            "인공지능",
            "sector:shipbuilding kip:hasSector program:industrial-dx kip:usesTechnology technology:ai",
        ),
    ],
)
def test_the_first_path_is_the_one_that_a_reader_expects(
    client: httpx.Client, one: str, other: str, expected: str
) -> None:
    assert " ".join(walked(ask(client, from_=one, to=other)["paths"][0])) == expected


def test_a_minister_is_told_with_the_years_in_office(client: httpx.Client) -> None:
    path = ask(client, from_="성윤모", to="org:motie-2013")["paths"][0]
    assert path["sentence"]["ko"] == "성윤모는 산업통상자원부에서 산업통상자원부 장관 자리에 있었다(2018–2021)."
    assert len(path["steps"][0]["evidence"]) >= 2


def test_a_hub_is_passed_only_where_nothing_better_is_near(client: httpx.Client) -> None:
    hubs = {"event:2025-12-17-work-report", "event:2020-10-28-dx-alliance-launch", "administration:moon-jae-in"}
    for one, other in (("신한은행", "스마트공장"), ("반도체", "org:motie-2013"), ("네이버", "중소벤처기업부")):
        passed = {name for path in ask(client, from_=one, to=other, k=3)["paths"] for name in walked(path)[2:-1:2]}
        assert passed and not passed & hubs


def test_the_target_of_2017_belongs_to_the_programme_and_to_its_indicator(client: httpx.Client) -> None:
    near = ask(client, "neighbourhood", of="target:sf-2017-30000-by-2025", limit=10)
    assert {"program:smart-factory-rollout", "indicator:smart-factories"} <= {
        each["thing"]["curie"] for each in near["neighbours"]
    }


def test_two_ministries_share_what_moved_from_one_to_the_other(client: httpx.Client) -> None:
    common = ask(client, "shared", a="org:motie-2013", b="org:mss-2017", limit=5)["shared"]
    assert "change" in {each["thing"]["kind"] for each in common}
    assert all(step["evidence"] for each in common for step in each["steps"])


def test_stated_links_have_evidence_and_others_say_why_not(client: httpx.Client) -> None:
    for one, other in (
        ("성윤모", "박영선"),
        ("한국판 뉴딜", "스마트공장 보급"),
        ("조선", "반도체"),
        ("강성천", "성윤모"),
    ):
        steps = [step for path in ask(client, from_=one, to=other, k=10)["paths"] for step in path["steps"]]
        assert any(step["evidence"] for step in steps)
        for step in steps:
            vocabulary = step["property"]["curie"].startswith("skos:")
            assert step["evidence"] or step["inferred"] or vocabulary, step


def test_no_sentence_holds_words_of_an_article(client: httpx.Client) -> None:
    """Names of things and properties alone: whatever else a sentence has is ours."""
    path = ask(client, from_="신한은행", to="스마트공장", k=1)["paths"][0]
    rest = path["sentence"]["ko"]
    names = {step[part]["label"]["ko"] for step in path["steps"] for part in ("from", "to", "property")}
    for name in sorted(names, key=len, reverse=True):
        rest = rest.replace(name, "")
    assert len(re.sub(r"[\s‘’.,]", "", rest)) < 10 * len(path["steps"])


@pytest.fixture(scope="module")
def properties() -> dict[str, dict[str, str]]:
    """Every property of the ontology that links things, with its labels."""
    store = Store()
    for file in sorted(CHECKOUT.ontology.glob("*.ttl")):
        store.extend(parse(path=file, format=RdfFormat.TURTLE))
    query = "SELECT ?p ?l { ?p a owl:ObjectProperty ; rdfs:label ?l }"
    rows = store.query(query, prefixes=dict(PREFIXES.prefixes))
    assert isinstance(rows, QuerySolutions)
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        found.setdefault(PREFIXES.shrink(row["p"].value) or "", {})[row["l"].language] = row["l"].value
    return found


def test_every_property_can_be_told_both_ways(properties: dict[str, dict[str, str]]) -> None:
    one, other = Named({"ko": "가", "en": "Ga"}), Named({"ko": "나", "en": "Na"})
    assert len(properties) > 90
    for name, label in properties.items():
        for forward in (True, False):
            told = Telling(one, other, name, label, forward)
            assert re.search(r"[가나](?:는|가|의)", told.clause("ko")), name
            assert told.clause("ko").endswith("다"), name
            assert re.fullmatch(r"(?:Ga|Na) (?:(?:closely )?[a-z]+s) .*(?:Ga|Na|[A-Za-z])", told.clause("en")), (
                told.clause("en")
            )


def test_the_table_of_worths_names_properties_of_the_ontology_once(properties: dict[str, dict[str, str]]) -> None:
    named = [name for worth in WORTHS for name in worth.properties]
    assert len(named) == len(set(named))
    assert set(named) <= set(properties)
