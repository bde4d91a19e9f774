"""Dereferencing: 303 by Accept, pages, data in every format, names in Korean, refusals with what comes near."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store

from api.descriptions.profiles import PROFILES
from api.transport.formats import CITATIONS, Format, of_kind
from graph_builder.prefixes import prefix_map
from tests.api.markup import find, links, read_html, rows, text
from tests.api.site import BROWSER, FIXTURE, get, inlined, site

NAMES = prefix_map()
PROGRAM = "program/smart-factory-rollout"
IRI = f"https://w3id.org/kip/id/{PROGRAM}"
GRAPHS = of_kind("graph")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


def node(curie: str) -> NamedNode:
    return NamedNode(NAMES.expand(curie))


def read(body: bytes, content_type: str) -> Store:
    """The graph, parsed as the header says that it is written."""
    kind = RdfFormat.from_media_type(content_type)
    assert kind is not None, content_type
    store = Store()
    store.load(body, kind)
    return store


@pytest.mark.parametrize(
    ("accept", "location"),
    [
        (BROWSER, f"/page/{PROGRAM}"),
        ("text/html", f"/page/{PROGRAM}"),
        ("*/*", f"/data/{PROGRAM}.ttl"),
        (None, f"/data/{PROGRAM}.ttl"),
        ("text/turtle", f"/data/{PROGRAM}.ttl"),
        ("application/ld+json", f"/data/{PROGRAM}.jsonld"),
        ("application/n-triples", f"/data/{PROGRAM}.nt"),
        ("application/rdf+xml", f"/data/{PROGRAM}.rdf"),
        ("application/n-quads", f"/data/{PROGRAM}.nq"),
        ("application/trig", f"/data/{PROGRAM}.trig"),
        ("text/html;q=0.4, application/rdf+xml;q=0.8, */*;q=0.1", f"/data/{PROGRAM}.rdf"),
        ("application/rdf+xml, text/turtle;q=0.9, text/html;q=0.5", f"/data/{PROGRAM}.rdf"),
        ("text/turtle;q=0, application/ld+json;q=0.1", f"/data/{PROGRAM}.jsonld"),
    ],
)
def test_an_identifier_leads_where_accept_says(app: FastAPI, accept: str | None, location: str) -> None:
    answer = get(app, f"/id/{PROGRAM}", accept)
    assert (answer.status_code, answer.headers["location"]) == (303, location)
    assert "Accept" in answer.headers["vary"]
    assert f'<{IRI}>; rel="describes"' in answer.headers["link"]


def test_a_language_that_was_chosen_goes_along(app: FastAPI) -> None:
    assert get(app, f"/id/{PROGRAM}?lang=en").headers["location"] == f"/page/{PROGRAM}?lang=en"


@pytest.mark.parametrize("accept", ["image/png", "application/pdf, text/html;q=0", "text/csv"])
def test_nothing_acceptable_is_refused_with_what_there_is(app: FastAPI, accept: str) -> None:
    answer = get(app, f"/id/{PROGRAM}", accept)
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    offered = {each["media_type"] for each in answer.json()["alternatives"]}
    assert {"text/html", "text/turtle", "application/ld+json"} <= offered
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("path", ["/id/program/smart-factory-rolout", "/page/program/smart-factory-rolout"])
def test_an_unknown_thing_is_404_with_the_nearest_names(app: FastAPI, path: str) -> None:
    answer = get(app, path, "application/json")
    assert answer.status_code == 404
    assert answer.json()["nearest"][0]["curie"] == "program:smart-factory-rollout"
    page = get(app, path)
    assert page.status_code == 404
    root = read_html(page.text)
    assert links(find(root, "main")[0])["스마트공장 보급"] == f"/page/{PROGRAM}"


@pytest.mark.parametrize("kind", ["id", "page", "data"])
@pytest.mark.parametrize("slug", ["a> ?p ?o } #", "%20", "a\\b", "{}", "No-Such-Thing", "가나다"])
def test_what_can_be_no_identifier_is_404(app: FastAPI, kind: str, slug: str) -> None:
    path = f"/{kind}/program/{quote(slug)}"
    answer = get(app, path, "*/*" if kind != "data" else "text/turtle")
    assert answer.status_code == 404


def test_a_thing_without_a_name_is_dereferenced_too(app: FastAPI) -> None:
    assert get(app, "/id/statement/1111111111111111", "text/turtle").status_code == 303
    assert get(app, "/page/statement/1111111111111111").status_code == 200


@pytest.mark.parametrize("row", GRAPHS, ids=lambda row: row.name)
def test_data_in_each_format_is_what_its_header_says(app: FastAPI, row: Format) -> None:
    answer = get(app, f"/data/{PROGRAM}.{row.suffix}", "*/*")
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == row.media_type
    graph = read(inlined(app, answer), row.media_type)
    sector = node("sector:manufacturing")
    program, statement = NamedNode(IRI), node("statement:1111111111111111")
    found = {(str(q.subject), str(q.predicate), str(q.object)) for q in graph}
    assert (str(program), str(node("kip:hasSector")), str(sector)) in found
    assert (str(statement), str(node("rdf:object")), str(sector)) in found
    assert (str(statement), str(node("kip:evidence")), str(node("evidence:bbbbbbbbbbbb-90-99"))) in found
    assert (str(node("target:sf-30000-2022")), str(node("kip:targetOf")), str(program)) in found
    assert (str(sector), str(node("rdfs:label")), str(Literal("제조업", language="ko"))) in found


def test_the_description_reaches_from_the_fact_to_the_offsets_and_the_article(app: FastAPI) -> None:
    graph = read(get(app, f"/data/{PROGRAM}.nt", "*/*").content, "application/n-triples")
    answer = graph.query(
        NAMES.sparql_header()
        + """SELECT ?article ?start ?end ?label WHERE {
          ?s rdf:subject program:smart-factory-rollout ; rdf:predicate kip:hasSector ; kip:evidence ?e .
          ?e oa:hasSource/kip:snapshotOf ?article ; oa:hasSelector ?x . ?x oa:start ?start ; oa:end ?end .
          ?article rdfs:label ?label . FILTER(LANG(?label) = "en") } ORDER BY ?start"""
    )
    assert isinstance(answer, QuerySolutions)
    found = [(row["label"].value, row["start"].value, row["end"].value) for row in answer]
    assert found == [("Test article two", "90", "99"), ("Test article one", "210", "230")]


def test_iris_in_data_are_those_of_the_base_not_of_the_server(app: FastAPI) -> None:
    body = get(app, f"/data/{PROGRAM}.nt", "*/*").text
    assert IRI in body and "http://test" not in body


def test_data_without_a_suffix_is_negotiated_and_names_its_own_path(app: FastAPI) -> None:
    answer = get(app, f"/data/{PROGRAM}", "application/ld+json")
    assert answer.headers["content-location"] == f"/data/{PROGRAM}.jsonld"
    assert "Accept" in answer.headers["vary"]


def test_a_suffix_that_is_no_format_is_refused(app: FastAPI) -> None:
    assert get(app, f"/data/{PROGRAM}.png", "*/*").status_code == 406


def test_a_representation_is_not_sent_twice(app: FastAPI) -> None:
    for path in (f"/data/{PROGRAM}.ttl", f"/page/{PROGRAM}"):
        tag = get(app, path).headers["etag"]
        again = get(app, path, If_None_Match=f'"other", {tag}')
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert get(app, f"/page/{PROGRAM}?lang=ko").headers["etag"] != get(app, f"/page/{PROGRAM}?lang=en").headers["etag"]


def test_every_representation_links_to_the_others(app: FastAPI) -> None:
    for path in (f"/page/{PROGRAM}", f"/data/{PROGRAM}.ttl"):
        link = get(app, path).headers["link"]
        assert f'</data/{PROGRAM}.jsonld>; rel="alternate"; type="application/ld+json"' in link
        assert f'</page/{PROGRAM}>; rel="alternate"; type="text/html"' in link
    link = get(app, f"/page/{PROGRAM}").headers["link"]
    assert f'</page/{PROGRAM}>; rel="canonical"' in link
    assert 'hreflang="en"' in link


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("name", ["중소벤처기업부", "중기부"])
def test_a_korean_name_leads_to_its_thing_in_either_form(app: FastAPI, name: str, form: str) -> None:
    answer = get(app, "/ko/" + quote(unicodedata.normalize("NFD" if form == "NFD" else "NFC", name)))
    assert (answer.status_code, answer.headers["location"]) == (303, "/id/org/mss-2017")


def test_a_korean_name_that_nothing_bears_is_404_with_the_nearest(app: FastAPI) -> None:
    answer = get(app, "/ko/" + quote("중소벤처기업청"), "application/json")
    assert answer.status_code == 404
    assert "org:mss-2017" in {each["curie"] for each in answer.json()["nearest"]}


def test_a_name_that_two_things_bear_lists_both(app: FastAPI) -> None:
    answer = get(app, "/ko/" + quote("산업부"), "application/json")
    assert answer.status_code == 404
    assert {each["curie"] for each in answer.json()["nearest"]} == {"org:motie-2013", "org:motir-2025"}


def test_the_page_of_a_thing_shows_each_fact_with_its_evidence(app: FastAPI) -> None:
    root = read_html(get(app, f"/page/{PROGRAM}?lang=en").text)
    assert text(find(root, "h1")[0]) == "Smart factory roll-out"
    (sector,) = find(root, "tbody", data_property="kip:hasSector")
    assert [cell for row in rows(sector) for cell in row] == [
        "has sector산업 분야",
        "Manufacturing",
        "Plan",
        "Test Daily event of 2017-04-20 characters 210–230 Test Daily 2020-01-04 characters 90–99",
    ]
    assert links(sector)["Manufacturing"] == "/scheme/sector/manufacturing?lang=en"
    assert links(sector)["Test Daily 2020-01-04"] == "/page/article/2020-01-03-plan?lang=en"


def test_what_is_from_outside_the_articles_and_what_is_inferred_is_marked(app: FastAPI) -> None:
    root = read_html(get(app, f"/page/{PROGRAM}").text)
    (ministry,) = find(root, "tbody", data_property="kip:leadMinistry")
    assert "기사 밖 출처" in text(ministry) and links(ministry)["원문"] == "https://example.org/press"
    (sector,) = find(root, "tbody", data_property="kip:hasSector")
    assert "기사 밖 출처" not in text(sector)
    (inferred,) = find(root, "section", data_property="kip:coversSector")
    assert find(inferred, "strong", cls="inferred")
    (asserted,) = find(root, "section", data_property="kip:targetOf")
    assert not find(asserted, "strong", cls="inferred")


def test_a_plain_text_in_both_languages_is_shown_in_the_readers(app: FastAPI) -> None:
    for language, said in (("ko", "큐레이터의 말"), ("en", "a curator's remark")):
        root = read_html(get(app, f"/page/{PROGRAM}?lang={language}").text)
        (note,) = find(root, "tbody", data_property="skos:note")
        assert [row[1] for row in rows(note)] == [said]


def test_text_of_the_data_is_never_markup(app: FastAPI) -> None:
    answer = get(app, "/page/org/only-korean")
    assert "<b>" not in answer.text
    assert text(find(read_html(answer.text), "h1")[0]) == "한글만<b>"
    assert "작지만 강하게 & 빠르게" in text(read_html(get(app, f"/page/{PROGRAM}").text))


def test_a_target_shows_its_history_its_issue_and_its_number(app: FastAPI) -> None:
    root = read_html(get(app, "/page/target/sf-30000-2022").text)
    (issue,) = find(root, "section", cls="issues")
    assert "20222년" in text(issue) and "2022년 (확신도 0.9)" in text(issue)
    history = next(each for each in find(root, "section") if each.get("aria-labelledby") == "versions")
    body = list(rows(find(history, "tbody")[0]))
    assert [row[0] for row in body] == ["2017-04-20 간담회", "2020-01-03 간부회의"]
    assert [row[3] for row in body] == ["2025년", "2022년 상반기"]
    assert "앞당김" in body[1][4]
    (value,) = find(root, "tbody", data_property="kip:value")
    assert "3만여개" in text(value) and "30,000 (약)" in text(value)


@pytest.mark.parametrize(("language", "word"), [("ko", "재확인"), ("en", "restated")])
def test_a_target_that_is_said_again_is_called_so(tmp_path: Path, language: str, word: str) -> None:
    """Nobody states a kind of change for it."""
    again = """target:sf-30000-again a kip:Target ; rdfs:label "3만개 다시"@ko , "30,000 again"@en ;
        kip:value value:0000000000000002 ; kip:restates target:sf-30000-2022 .
        unit:NUM rdfs:label "개수"@ko , "count"@en .
        commitment:fund a kip:BudgetCommitment"""
    trig = tmp_path / "again.trig"
    trig.write_text(FIXTURE.read_text("utf-8").replace("commitment:fund a kip:BudgetCommitment", again, 1), "utf-8")
    root = read_html(get(site(trig), f"/page/target/sf-30000-again?lang={language}").text)
    history = next(each for each in find(root, "section") if each.get("aria-labelledby") == "versions")
    changes = {row[1]: row[4] for row in rows(find(history, "tbody")[0])}
    assert changes["3만개 다시" if language == "ko" else "30,000 again"].startswith(word)
    (value,) = find(root, "tbody", data_property="kip:value")
    assert "30,000" in text(value)
    assert not {"개수", "count"} & set(text(value).split()), "what is counted is the indicator"


def test_an_article_shows_what_it_states_in_order(app: FastAPI) -> None:
    root = read_html(get(app, "/page/article/2020-01-03-plan").text)
    (table,) = find(root, "table", cls="stated")
    body = list(rows(find(table, "tbody")[0]))
    assert len(body) == 6
    assert ["90–99", "스마트공장 보급", "산업 분야", "제조업", "계획"] in body


def test_a_page_of_links_is_reached_from_the_thing(app: FastAPI) -> None:
    root = read_html(get(app, f"/page/{PROGRAM}?property=kip:targetOf&direction=in").text)
    assert {"2022년까지 3만개", "2025년까지 3만개"} <= set(links(root))
    assert get(app, f"/page/{PROGRAM}?property=kip:nothing", "application/json").status_code == 404
    assert get(app, f"/page/{PROGRAM}?property=nix:nothing", "application/json").status_code == 404


def test_the_links_to_the_data_answer(app: FastAPI) -> None:
    root = read_html(get(app, f"/page/{PROGRAM}").text)
    listed = [each for each in find(root, "a") if each.get("type")]
    assert len(listed) == len(GRAPHS) + len(PROFILES) - 1 + len(CITATIONS)
    for each in listed:
        answer = get(app, each.get("href", ""), "*/*")
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == each.get("type")
