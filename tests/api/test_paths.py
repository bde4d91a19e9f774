"""How things are related over HTTP: paths, neighbourhoods and what is shared, on the sample with the real ontology."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import orjson
import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse, serialize

from api.relations.schemas import document_schema
from graph_builder.labels import label_index
from graph_builder.project import CHECKOUT
from tests.api.conftest import serving
from tests.api.markup import find, links, read_html, text
from tests.api.sample import A0, A1, Sample, sample
from tests.api.site import BROWSER

BASE = "https://w3id.org/kip/"
Json = dict[str, Any]


def related() -> Sample:
    """The sample with the ontology, and with what the rules would have found."""
    graph = sample()
    for file in sorted(CHECKOUT.ontology.glob("*.ttl")):
        graph.quads |= {quad for quad in parse(path=file, format=RdfFormat.TURTLE) if quad.graph_name == DefaultGraph()}
    graph.say("tenure:sung-yun-mo-motie-minister", "w3org:organization", "org:motie-2013")
    graph.say("tenure:sung-yun-mo-motie-minister", "kip:startDate", "2018-09-27")
    graph.thing("administration:moon-jae-in", "Administration", "문재인 정부", "Moon Jae-in administration")
    graph.thing("org:lone", "Organization", "외딴 기관", "Lone body", abbreviation="외딴")
    inferred = graph.iri("target:sf-2022"), graph.iri("kip:setDuring"), graph.iri("administration:moon-jae-in")
    for name in ("", "graph/inferred", "graph/inferred/31-set-during"):
        graph.quads.add(Quad(*inferred, NamedNode(BASE + name) if name else DefaultGraph()))
    return graph


def write(folder: Path) -> Path:
    graph = related()
    serialize(graph.quads, folder / "dataset.nq", RdfFormat.N_QUADS)
    triples = [quad.triple for quad in graph.quads]
    (folder / "labels.json").write_bytes(orjson.dumps(label_index(triples, graph.names)))
    manifest = {"version": "related", "base": graph.names.base, "prefixes": dict(graph.names.prefixes)}
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest))
    return folder


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(write(tmp_path_factory.mktemp("related")), KIP_WORKERS="2") as opened:
        yield opened


def ask(client: httpx.Client, question: str, **parameters: Any) -> Json:
    """The answer to a question, which its schema describes; a parameter that is a word of Python ends in a stroke."""
    answer = client.get(f"/api/{question}", params={name.rstrip("_"): value for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    document: Json = answer.json()
    jsonschema.validate(document, document_schema(question), cls=jsonschema.Draft202012Validator)
    return document


def refused(client: httpx.Client, question: str, **parameters: Any) -> list[Json]:
    """The faults of a refused question."""
    answer = client.get(f"/api/{question}", params={name.rstrip("_"): value for name, value in parameters.items()})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    faults: list[Json] = answer.json()["faults"]
    return faults


def walked(path: Json) -> list[str]:
    """The things of a path by their CURIEs."""
    steps = path["steps"]
    return [steps[0]["from"]["curie"], *(step["to"]["curie"] for step in steps)]


def test_a_path_goes_over_typed_links_with_their_evidence(client: httpx.Client) -> None:
    found = ask(client, "paths", from_="신한은행", to="program:industrial-dx", length=2)
    assert (found["from"]["curie"], found["to"]["label"]["en"]) == ("org:shinhan-bank", "Industrial DX")
    path = found["paths"][0]
    assert walked(path) == ["org:shinhan-bank", "commitment:dx-loan", "program:industrial-dx"]
    first, second = path["steps"]
    assert (first["property"]["curie"], first["direction"]) == ("kip:provider", "backward")
    assert (second["property"]["curie"], second["direction"]) == ("kip:commitmentOf", "forward")
    (place,) = first["evidence"]
    assert place["source"] == BASE + "id/" + A1.replace(":", "/")
    assert (place["end"], place["spanHash"], place["outlet"]["ko"]) == (950, "ab" * 32, "전자신문")
    assert path["sentence"] == {
        "ko": "신한은행은 ‘투입 dx-loan’의 제공 기관이고, ‘투입 dx-loan’은 ‘산업 디지털 전환’에 들이는 자금이다.",
        "en": "Shinhan Bank is a provider of dx-loan; dx-loan is money for “Industrial DX”.",
    }


def test_a_link_that_has_a_statement_rests_on_it(client: httpx.Client) -> None:
    found = ask(client, "paths", from_="program:industrial-dx", to="org:motie-2013", length=1)
    (step,) = found["paths"][0]["steps"]
    assert step["statement"].startswith(f"{BASE}id/statement/")
    assert [(place["start"], place["end"]) for place in step["evidence"]] == [(10, 20)]


def test_the_way_back_is_the_way_there_in_reverse(client: httpx.Client) -> None:
    there, back = (
        ask(client, "paths", from_=one, to=other)
        for one, other in (("신한은행", "org:motie-2013"), ("org:motie-2013", "신한은행"))
    )
    assert [walked(path) for path in there["paths"]] == [walked(path)[::-1] for path in back["paths"]]
    turned = {"forward": "backward", "backward": "forward"}
    first, last = there["paths"][0]["steps"][0], back["paths"][0]["steps"][-1]
    assert (first["property"], first["direction"]) == (last["property"], turned[last["direction"]])


def test_a_tenure_is_one_link_from_the_person_to_the_ministry(client: httpx.Client) -> None:
    path = ask(client, "paths", from_="성윤모", to="산업통상자원부")["paths"][0]
    (step,) = path["steps"]
    assert step["via"]["curie"] == "tenure:sung-yun-mo-motie-minister"
    assert (step["property"]["curie"], step["since"], step["until"]) == ("kip:everServedIn", "2018-09-27", None)
    assert {place["source"] for place in step["evidence"]} == {
        BASE + "id/" + each.replace(":", "/") for each in (A0, A1)
    }
    assert "(2018–)" in path["sentence"]["ko"]


def test_no_path_goes_round_by_the_post_where_the_tenure_leads_to_the_ministry(client: httpx.Client) -> None:
    found = ask(client, "paths", from_="성윤모", to="산업통상자원부", k=10, length=6)
    assert ["person:sung-yun-mo", "post:motie-minister", "org:motie-2013"] not in [
        walked(path) for path in found["paths"]
    ]
    (way,) = ask(client, "paths", from_="성윤모", to="post:motie-minister", length=1)["paths"]
    assert way["steps"][0]["property"]["curie"] == "kip:everHeldPost"


def test_an_inferred_link_says_so_and_by_which_rule(client: httpx.Client) -> None:
    (path,) = ask(client, "paths", from_="target:sf-2022", to="administration:moon-jae-in", length=1)["paths"]
    (step,) = path["steps"]
    assert (step["inferred"], step["rule"], step["statement"]) == (True, "31-set-during", None)
    assert not ask(client, "paths", from_="성윤모", to="산업통상자원부")["paths"][0]["steps"][0]["inferred"]


def test_a_link_of_the_vocabulary_rests_on_no_source(client: httpx.Client) -> None:
    (path, *_) = ask(client, "paths", from_="파운드리", to="반도체", length=1)["paths"]
    assert path["steps"][0]["evidence"] == []
    assert path["sentence"]["ko"] == "파운드리는 반도체에 속하는 개념이다."


def test_sources_issues_and_statuses_relate_nothing(client: httpx.Client) -> None:
    found = ask(client, "neighbourhood", of="measure:auto-chips", depth=2, limit=200)
    kinds = {each["thing"]["kind"] for each in found["neighbours"]}
    assert "sector" in kinds
    assert not kinds & {
        "issue",
        "source",
        "statement",
        "evidence",
        "tenure",
        "remark",
        "value",
        "status",
        "claim",
        "def",
    }


def test_paths_are_sorted_and_as_many_as_asked_for(client: httpx.Client) -> None:
    found = ask(client, "paths", from_="신한은행", to="성윤모", k=3, length=4)
    weights = [path["weight"] for path in found["paths"]]
    assert len(weights) == 3
    assert weights == sorted(weights)
    assert found["truncated"]
    assert all(path["length"] == len(path["steps"]) <= 4 for path in found["paths"])


def test_where_there_is_no_path_the_answer_says_what_was_searched(client: httpx.Client) -> None:
    found = ask(client, "paths", from_="신한은행", to="sector:foundry", length=1)
    assert (found["paths"], found["truncated"]) == ([], False)
    assert found["searched"]["nodes"] > 2


def test_only_what_may_be_passed_is_passed(client: httpx.Client) -> None:
    def passed(**restriction: Any) -> set[str]:
        found = ask(client, "paths", from_="신한은행", to="성윤모", k=10, length=4, **restriction)
        return {curie.partition(":")[0] for path in found["paths"] for curie in walked(path)[1:-1]}

    assert {"event", "program"} <= passed()
    assert passed(kinds="commitment,program") <= {"commitment", "program"}
    assert "event" not in passed(without="event")
    assert "program" not in passed(without=["산업 디지털 전환"])
    assert passed(without="kip:provider") == set()


def test_a_day_leaves_out_what_did_not_hold_on_it(client: httpx.Client) -> None:
    def direct(day: str) -> int:
        return len(ask(client, "paths", from_="성윤모", to="산업통상자원부", length=1, asOf=day)["paths"])

    assert (direct("2018-01-01"), direct("2020-01-01")) == (0, 1)
    before = ask(client, "paths", from_="신한은행", to="성윤모", k=10, asOf="2020-06-01")
    assert "event:2020-10-28-dx-alliance-launch" not in {curie for path in before["paths"] for curie in walked(path)}


def test_evidence_can_be_left_out(client: httpx.Client) -> None:
    found = ask(client, "paths", from_="신한은행", to="산업통상자원부", evidence="false")
    assert all("evidence" not in step for path in found["paths"] for step in path["steps"])


def test_a_text_that_begins_names_means_the_most_linked_of_them(client: httpx.Client) -> None:
    found = ask(client, "paths", from_="산업 디지", to="신한은행")
    assert (found["from"]["curie"], found["from"]["asked"]) == ("program:industrial-dx", "산업 디지")
    several = ask(client, "neighbourhood", of="투입")
    assert several["of"]["others"]
    assert several["of"]["curie"] == "commitment:dx-total"


@pytest.mark.parametrize(
    ("wrong", "parameter", "nearest"),
    [
        ({"from_": "신한운행", "to": "산업통상자원부"}, "from", "org:shinhan-bank"),
        ({"from_": "산업부", "to": "신한은행"}, "from", "org:motie-2013"),
        ({"from_": "산업부", "to": "신한은행"}, "from", "org:motir-2025"),
        ({"from_": "신한은행", "to": "issue:year-20934"}, "to", None),
        ({"from_": "신한은행"}, "to", None),
        ({"from_": "신한은행", "to": "성윤모", "k": 11}, "k", None),
        ({"from_": "신한은행", "to": "성윤모", "k": 0}, "k", None),
        ({"from_": "신한은행", "to": "성윤모", "length": 7}, "length", None),
        ({"from_": "신한은행", "to": "성윤모", "length": "many"}, "length", None),
        ({"from_": "신한은행", "to": "성윤모", "asOf": "2020-13-01"}, "asOf", None),
        ({"from_": "신한은행", "to": "성윤모", "kinds": "bank"}, "kinds", "org"),
        ({"from_": "신한은행", "to": "성윤모", "without": "no such thing"}, "without", None),
        ({"from_": "신한은행", "to": "성윤모", "evidence": "maybe"}, "evidence", "true"),
        ({"from_": "신한은행", "to": "성윤모", "via": "org"}, "via", None),
        ({"from_": "신한은행' . ?s ?p ?o", "to": "성윤모"}, "from", None),
        ({"from_": "https://w3id.org/kip/id/org/no-such", "to": "성윤모"}, "from", None),
    ],
)
def test_a_value_that_cannot_be_used_is_told_with_what_comes_nearest(
    client: httpx.Client, wrong: Json, parameter: str, nearest: str | None
) -> None:
    (fault,) = refused(client, "paths", **wrong)
    assert fault["parameter"] == parameter
    named = [each["curie"] if isinstance(each, dict) else each for each in fault["nearest"]]
    assert nearest is None or nearest in named


def test_all_faults_are_told_at_once(client: httpx.Client) -> None:
    faults = refused(client, "paths", from_="없는 것", to="또 없는 것", k=99, kinds="bank")
    assert {fault["parameter"] for fault in faults} == {"from", "to", "k", "kinds"}


def test_a_thing_without_links_has_no_paths_and_no_neighbours(client: httpx.Client) -> None:
    assert ask(client, "paths", from_="외딴 기관", to="신한은행")["paths"] == []
    assert ask(client, "neighbourhood", of="org:lone")["neighbours"] == []


def test_neighbours_come_with_the_way_to_them(client: httpx.Client) -> None:
    near = ask(client, "neighbourhood", of="신한은행")
    assert [each["thing"]["curie"] for each in near["neighbours"]] == ["commitment:dx-loan"]
    further = ask(client, "neighbourhood", of="신한은행", depth=2, limit=3, evidence="true")
    assert next(each["length"] for each in further["neighbours"]) == 1
    assert len(further["neighbours"]) == 3
    assert further["truncated"]
    assert all(step["evidence"] for each in further["neighbours"] for step in each["steps"][:1])


def test_what_two_things_share_comes_with_both_links(client: httpx.Client) -> None:
    found = ask(client, "shared", a="program:industrial-dx", b="program:smart-factory-rollout")
    (common,) = found["shared"]
    assert common["thing"]["curie"] == "org:motie-2013"
    assert [step["property"]["curie"] for step in common["steps"]] == ["kip:leadMinistry", "kip:leadMinistry"]
    assert all(step["evidence"] for step in common["steps"])


def test_the_table_has_a_row_for_each_place_of_evidence(client: httpx.Client) -> None:
    parameters = {"from": "성윤모", "to": "산업통상자원부", "k": "1", "length": "1"}
    answer = client.get("/api/paths", params=parameters, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Accept" in answer.headers["vary"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert len(rows) == 2
    assert {row["from_ko"] for row in rows} == {"성윤모"}
    assert [(row["step"], row["start"], row["end"]) for row in rows] == [("1", "30", "50"), ("1", "30", "50")]
    assert client.get("/api/paths", params={**parameters, "format": "csv"}).content == answer.content


def test_a_format_that_there_is_not_is_refused(client: httpx.Client) -> None:
    answer = client.get("/api/paths", params={"from": "성윤모", "to": "신한은행"}, headers={"Accept": "image/png"})
    assert answer.status_code == 406


def test_the_operations_are_described_with_typed_parameters(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    operation = paths["/api/paths"]["get"]
    by_name = {parameter["name"]: parameter for parameter in operation["parameters"]}
    assert by_name["from"]["required"] and by_name["to"]["required"]
    assert by_name["k"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 10, "default": 5}
    assert set(operation["responses"]["200"]["content"]) == {"application/json", "text/csv"}
    for question in ("paths", "neighbourhood", "shared"):
        content = paths[f"/api/{question}"]["get"]["responses"]["200"]["content"]
        jsonschema.Draft202012Validator.check_schema(content["application/json"]["schema"])


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_lists_the_paths_with_links_to_their_evidence(client: httpx.Client, language: str) -> None:
    parameters = {"from": "신한은행", "to": "산업 디지", "lang": language}
    answer = client.get("/explore", params=parameters, headers={"Accept": BROWSER})
    assert answer.status_code == 200
    page = read_html(answer.text)
    document = ask(client, "paths", **{"from": "신한은행", "to": "산업 디지"})
    (listed,) = [each for each in find(page, "ol") if each.get("class") == "paths"]
    assert document["paths"][0]["sentence"][language] in text(listed)
    assert len([each for each in listed if each.tag == "li"]) == len(document["paths"])
    assert any(href.startswith("/page/article/2020-10-28") for href in links(page).values())
    assert any(href.startswith("/api/paths?") for href in links(page).values())


def test_the_page_with_one_name_shows_what_is_near(client: httpx.Client) -> None:
    answer = client.get("/explore", params={"from": "신한은행", "lang": "en"}, headers={"Accept": BROWSER})
    assert "dx-loan" in text(read_html(answer.text))


def test_the_page_without_names_is_the_form(client: httpx.Client) -> None:
    answer = client.get("/explore", headers={"Accept": BROWSER})
    names = {field.get("name") for field in find(read_html(answer.text), "input")}
    assert {"from", "to", "k", "length", "without", "asOf"} <= names


def test_the_page_says_that_there_is_no_path_and_what_was_searched(client: httpx.Client) -> None:
    parameters = {"from": "신한은행", "to": "sector:foundry", "length": "1", "lang": "en"}
    answer = client.get("/explore", params=parameters, headers={"Accept": BROWSER})
    assert "No path of at most 1 links relates the two." in text(read_html(answer.text))


@pytest.mark.parametrize(("language", "said"), [("ko", "둘은 같은 항목이다: 신한은행"), ("en", "Both are the same: ")])
def test_the_page_says_that_both_names_mean_the_same(client: httpx.Client, language: str, said: str) -> None:
    parameters = {"from": "신한은행", "to": "org:shinhan-bank", "lang": language}
    page = read_html(client.get("/explore", params=parameters, headers={"Accept": BROWSER}).text)
    assert said in text(page)
    assert not [each for each in find(page, "section") if each.get("aria-labelledby") in ("paths", "shared")]
    assert f"/explore?from=org%3Ashinhan-bank&lang={language}" in links(page).values()


@pytest.mark.parametrize(("language", "said"), [("ko", "1에서 10까지의 정수"), ("en", "a whole number from 1 to 10")])
def test_the_page_says_what_is_wrong_in_its_language(client: httpx.Client, language: str, said: str) -> None:
    parameters = {"from": "신한은행", "k": "99", "to": "성윤모", "lang": language}
    page = read_html(client.get("/explore", params=parameters, headers={"Accept": BROWSER}).text)
    (fault,) = [each for each in find(page, "p", cls="fault") if each.get("id") == "w-k"]
    assert text(fault) == said


def test_the_page_names_what_is_wrong_beside_the_field(client: httpx.Client) -> None:
    parameters = {"from": '신한운행"><script>', "to": "성윤모", "k": "99"}
    answer = client.get("/explore", params=parameters, headers={"Accept": BROWSER})
    assert answer.status_code == 422
    page = read_html(answer.text)
    wrong = {field.get("name") for field in find(page, "input") if field.get("aria-invalid")}
    assert wrong == {"from", "k"}
    assert not [script for script in find(page, "script") if script.get("type") != "application/ld+json"]
