"""The pages: rendered as declared, in both languages, usable by keyboard, without scripts or third parties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from jinja2 import meta

import api
from api.links import Links
from api.questions.themes import themes
from api.transport.formats import ANSWERS, CITATIONS, RECORDS
from api.views.pages import Frame, Page, environment
from api.wording.display import number, period, when
from api.wording.strings import STRINGS, choose_language, say
from tests.api.markup import find, links, read_html, rows, text
from tests.api.site import StoreExecutor, get, site

PROGRAM = "/page/program/smart-factory-rollout"
PAGES = [
    "/",
    "/articles",
    "/about",
    "/quality",
    "/query",
    "/query/targets-of-programme",
    "/query/targets-of-programme?programme=program%3Asmart-factory-rollout",
    "/query/targets-of-programme?programme=nix",
    "/query/commitments-by-ministry?instrument=nix",
    "/query?example=targets-of-programme",
    "/query?query=" + quote("SELECT * { ?s ?p ?o } LIMIT 3"),
    "/query?query=" + quote("ASK {}"),
    "/explain?query=" + quote("SELECT * { ?s <urn:p> '반도체' }"),
    "/why?subject=program:smart-factory-rollout&predicate=rdf:type&object=kip:Program",
    "/query?query=" + quote("CONSTRUCT { <urn:a> <urn:b> <urn:c> } {}"),
    "/list/org",
    "/search?q=" + quote("스마트"),
    "/search?q=",
    "/def",
    "/def/Program",
    "/scheme/sector",
    "/scheme/sector/semiconductors",
    "/shapes",
    PROGRAM,
    PROGRAM + "?property=kip:targetOf",
    "/page/target/sf-30000-2022",
    "/page/article/2020-01-03-plan",
    "/page/statement/2222222222222222",
    "/page/source/press",
    "/nowhere",
]
SHARED = {"answers", "frame", "languages", "parts", "period", "reasons", "ways"}
TEMPLATES = Path(api.__file__).parent / "templates"


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


def page_classes(base: type[Page] = Page) -> Iterator[type[Page]]:
    for each in base.__subclasses__():
        yield each
        yield from page_classes(each)


# a class with slots leaves the one without behind
PAGE_CLASSES = list({page.__name__: page for page in page_classes()}.values())


def undeclared(template: str) -> set[str]:
    source = (TEMPLATES / template).read_text(encoding="utf-8")
    return meta.find_undeclared_variables(environment().parse(source)) - SHARED


@pytest.mark.parametrize("page", PAGE_CLASSES, ids=lambda page: page.__name__)
def test_what_is_rendered_is_what_is_declared(page: type[Page]) -> None:
    declared = {item.name for item in fields(page)}
    assert undeclared(page.template) | undeclared("base.html") == declared


def test_every_template_belongs_to_a_page() -> None:
    parts = {"answers.html", "parts.html", "reasons.html", "ways.html"}
    used = {page.template for page in PAGE_CLASSES} | {"base.html"} | parts
    assert {path.name for path in TEMPLATES.iterdir()} == used
    assert set().union(*map(undeclared, parts)) == set()


def test_a_page_is_frozen() -> None:
    assert all(page.__dataclass_params__.frozen for page in PAGE_CLASSES)  # type: ignore[attr-defined]


def test_every_word_has_both_languages_with_the_same_places() -> None:
    for key, words in STRINGS.items():
        korean, english = words
        assert korean.strip() and english.strip(), key
        assert set(re.findall(r"{(\w+)}", korean)) == set(re.findall(r"{(\w+)}", english)), key
        assert re.search("[가-힣]", korean) or korean == english, key


def test_every_word_that_is_said_is_in_the_table_and_none_is_left_over() -> None:
    code = [*Path(api.__file__).parent.rglob("*.py"), *TEMPLATES.iterdir()]
    source = "\n".join(path.read_text(encoding="utf-8") for path in code if path.name != "strings.py")
    said = set(re.findall(r"""say\(\s*["']([a-z0-9-]+)["']""", source)) | set(
        re.findall(r'_title\("([a-z-]+)"\)', source)
    )
    assert said <= set(STRINGS)
    quoted = set(re.findall(r"""["']([a-z][a-z0-9-]+)["']""", source))
    assert {key for key in STRINGS if key not in quoted} == set()


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_in_either_language(app: FastAPI, path: str, language: str) -> None:
    answer = get(app, path + ("&" if "?" in path else "?") + f"lang={language}")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    root = read_html(answer.text)
    assert root.get("lang") == answer.headers["content-language"] == language
    assert text(find(root, "title")[0])
    assert len(find(root, "h1")) == 1 and text(find(root, "h1")[0])
    (skip,) = find(root, "a", cls="skip")
    (main,) = find(root, "main")
    assert skip.get("href") == "#" + main.get("id", "")
    assert next(iter(root.iter("a"))) is skip, "the first thing that Tab reaches"
    alternates = {each.get("hreflang"): each.get("href") for each in find(root, "link", rel="alternate")}
    assert set(alternates) == {"ko", "en"}
    levels = [int(each.tag[1]) for each in root.iter() if each.tag in ("h1", "h2", "h3")]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), levels


@pytest.mark.parametrize("path", PAGES)
def test_tables_forms_and_ids_are_usable(app: FastAPI, path: str) -> None:
    root = read_html(get(app, path).text)
    for table in find(root, "table"):
        assert text(find(table, "caption")[0])
        heads = find(table, "th")
        assert heads and all(each.get("scope") in ("col", "row", "rowgroup") for each in heads)
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    labelled = {each.get("for") for each in find(root, "label")}
    controls = [
        each for tag in ("input", "select", "textarea") for each in find(root, tag) if each.get("type") != "hidden"
    ]
    assert {each.get("id") for each in controls} <= labelled
    for each in root.iter():
        for name in (each.get("aria-labelledby"), each.get("aria-describedby")):
            assert name is None or name in ids
    for each in find(root, "a"):
        assert each.get("href"), text(each)
        if each.get("href", "").startswith("#"):
            assert each.get("href", "")[1:] in ids


@pytest.mark.parametrize("path", PAGES)
def test_no_page_runs_a_foreign_script_or_asks_anybody_else(app: FastAPI, path: str) -> None:
    answer = get(app, path)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["style-src"] == "'self'"
    assert policy.get("script-src") == ("'self'" if 'src="/static/suggest.js"' in answer.text else None)
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    root = read_html(answer.text)
    assert not any(find(root, tag) for tag in ("style", "iframe", "object", "base"))
    own = {"type": "module", "src": "/static/suggest.js"}
    assert all(dict(each.attrib) in ({"type": "application/ld+json"}, own) for each in find(root, "script"))
    assert not [each for each in root.iter() for name in each.attrib if name == "style" or name.startswith("on")]
    loaded = [each.get("href", "") for each in find(root, "link", rel="stylesheet")]
    loaded += [each.get("src", "") for each in root.iter() if each.get("src")]
    assert set(loaded) - {own["src"]} == {"/static/pages.css"}


def test_the_style_sheet_is_served_and_asks_nobody_else(app: FastAPI) -> None:
    answer = get(app, "/static/pages.css", "text/css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "prefers-color-scheme: dark" in answer.text and ":focus-visible" in answer.text
    assert not re.search(r"url\(|@import|https?:", answer.text)


def test_every_link_of_every_page_leads_somewhere(app: FastAPI) -> None:
    served_elsewhere = ("/api/", "/sparql", "/openapi.json", "/dataset")
    # the fixture has a part of the ontology, and not what the examples name
    beyond = ("/def/", "/query/", "/page/query/")
    seen: set[str] = set()
    for path in sorted({*PAGES} - {"/shapes"}):  # the shapes are those of the whole ontology
        for each in find(read_html(get(app, path).text), "a"):
            href = each.get("href", "").partition("#")[0]
            if href.startswith("/") and not href.startswith(served_elsewhere):
                seen.add(href)
    assert len(seen) > 100
    broken = {href for href in seen if get(app, href).status_code not in (200, 303) and "nix" not in href}
    assert not {href for href in broken if not href.startswith(("/nowhere", *beyond))}


def test_the_language_is_that_of_the_parameter_else_of_the_header_else_korean(app: FastAPI) -> None:
    assert get(app, PROGRAM).headers["content-language"] == "ko"
    english = get(app, PROGRAM, accept_language="en-US,en;q=0.9,ko;q=0.3")
    assert english.headers["content-language"] == "en" and "Accept-Language" in english.headers["vary"]
    assert get(app, PROGRAM + "?lang=ko", accept_language="en").headers["content-language"] == "ko"
    assert get(app, PROGRAM + "?lang=xx").headers["content-language"] == "ko"


def test_a_chosen_language_goes_along_with_every_link_here(app: FastAPI) -> None:
    root = read_html(get(app, PROGRAM + "?lang=en").text)
    (main,) = find(root, "main")
    inside = [href for href in links(main).values() if href.startswith(("/page", "/def", "/scheme"))]
    assert inside and all("lang=en" in href for href in inside)
    assert "lang=" not in "".join(links(find(read_html(get(app, PROGRAM).text), "main")[0]).values())


def test_the_home_page_counts_what_the_release_has(app: FastAPI) -> None:
    root = read_html(get(app, "/?lang=en").text)
    figures = {text(find(each, "dt")[0]): text(find(each, "dd")[0]) for each in find(root, "dl", cls="figures")[0]}
    assert figures["Articles"] == "2"
    assert figures["Triples"] == f"{app.state.release.manifest['triples']:,}"
    assert figures["Validation (SHACL)"] == "conforms" and figures["Issued"] == "2026-11-22"
    kinds = [text(each) for each in find(find(root, "ul", cls="kinds")[0], "li")]
    assert "Programme 1" in kinds and "Target 2" in kinds
    assert links(root)["Programme"] == "/list/program?lang=en"
    assert links(root)["Targets and results"] == "/query?lang=en#theme-target"


def test_every_question_stands_once_under_a_theme_that_the_page_leads_to(app: FastAPI) -> None:
    root = read_html(get(app, "/query?lang=en").text)
    (menu,) = [each for each in find(root, "nav") if each.get("aria-label") == "By theme"]
    assert links(menu).items() >= {("Targets and results", "#theme-target"), ("Money", "#theme-money")}
    asked = [each.get("href", "") for each in find(root, "a") if each.get("href", "").startswith("/query/")]
    assert sorted(href.partition("?")[0] for href in asked) == sorted(
        f"/query/{query.id}" for query in app.state.catalogue
    )
    (section,) = [each for each in find(root, "section") if each.get("aria-labelledby") == "theme-target"]
    assert links(section)["Targets over time"] == (
        "/query/targets-of-programme?programme=program%3Asmart-factory-rollout&lang=en"
    )
    assert set(links(menu).values()) == {f"#{each.get('id')}" for each in find(root, "h3")}


def test_a_question_of_an_unknown_theme_is_among_the_others(app: FastAPI) -> None:
    known = next(iter(app.state.catalogue))
    odd = replace(known, header=known.header.model_copy(update={"tags": ("nix",)}))
    assert [(each.key, each.queries) for each in themes([odd, known])][-1] == ("theme-other", (odd,))


def test_a_link_to_the_same_page_keeps_every_value_of_a_repeated_parameter(app: FastAPI) -> None:
    path = "/query/commitments-by-ministry?instrument=instrument%3Aloan&instrument=instrument%3Aguarantee"
    there = links(read_html(get(app, path).text))
    assert there["English"] == path + "&lang=en"
    assert links(read_html(get(app, there["English"]).text))["한국어"] == path + "&lang=ko"


def test_the_editor_writes_what_has_no_name_as_sparql_would(app: FastAPI) -> None:
    query = "SELECT ?p ?b { VALUES ?p { rdf:first <urn:nix> } BIND(BNODE() AS ?b) }"
    prefix = "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> "
    (table,) = find(read_html(get(app, "/query?query=" + quote(prefix + query)).text), "table", cls="answer")
    first, other = rows(find(table, "tbody")[0])
    assert (first[0], other[0]) == ("rdf:first", "urn:nix") and first[1].startswith("_:")


def test_an_iri_without_a_name_is_written_with_its_prefix() -> None:
    frame = Frame("ko", False, "/", {}, Links("https://w3id.org/kip/"), "test-1")
    cell = environment().get_template("parts.html").make_module({"frame": frame}).cell  # type: ignore[attr-defined]
    inverse = {"value": "http://www.w3.org/2002/07/owl#inverseOf", "type": "iri", "label": None}
    assert ">owl:inverseOf</a>" in cell(inverse)
    assert ">unit:GigaW</a>" in cell(inverse | {"value": "http://qudt.org/vocab/unit/GigaW"})
    assert ">http://nowhere.example/x</a>" in cell(inverse | {"value": "http://nowhere.example/x"})
    assert ">진술 222222</a>" in cell(inverse | {"value": "https://w3id.org/kip/id/statement/2222222222222222"})
    assert ">값 222222</a>" in cell(inverse | {"value": "https://w3id.org/kip/id/value/2222222222222222"})


def test_a_single_row_or_place_is_said_in_the_singular(app: FastAPI) -> None:
    asked = "/query?lang=en&query=" + quote("SELECT * { VALUES ?x { 1 } }")
    (heading,) = [each for each in find(read_html(get(app, asked).text), "h2") if each.get("id") == "answer"]
    assert text(heading) == "Answer 1 row"


def test_a_year_is_no_number_and_korean_money_is_written_by_myriads() -> None:
    macro = environment().get_template("parts.html").make_module
    frame = Frame("ko", False, "/", {}, Links("https://w3id.org/kip/"), "test-1")
    cell = macro({"frame": frame}).cell  # type: ignore[attr-defined]
    assert "2014</time>" in cell({"value": 2014, "type": "integer", "label": None}, "year")
    money = cell({"value": 2_940_000_000_000, "type": "decimal", "label": None}, "decimal")
    assert '<data value="2940000000000">2조 9,400억</data>' in money


def test_the_articles_come_newest_first_with_the_number_of_their_statements(app: FastAPI) -> None:
    (table,) = find(read_html(get(app, "/articles").text), "table")
    assert list(rows(find(table, "tbody")[0])) == [
        ["2020-01-04 게재", "시험 기사 둘", "시험일보 원문", "2"],
        ["2017-04-20", "시험 기사 하나", "시험일보", "1"],
    ]
    assert text(find(table, "th")[0]) == "행사일"


def test_a_list_shows_names_classes_and_numbers_of_facts(app: FastAPI) -> None:
    (table,) = find(read_html(get(app, "/list/target?lang=en").text), "table")
    assert list(rows(find(table, "tbody")[0])) == [
        ["30,000 by 20222022년까지 3만개", "Target", "9"],
        ["30,000 by 20252025년까지 3만개", "Target", "8"],
    ]


def test_a_list_is_paged(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.pages.LISTED", 2)
    first, second = (read_html(get(app, f"/list/org?page={page}").text) for page in (1, 2))
    names = [[row[0] for row in rows(find(root, "tbody")[0])] for root in (first, second)]
    assert len(names[0]) == 2 and not set(names[0]) & set(names[1])
    assert find(first, "a", rel="next")[0].get("href") == "/list/org?page=2"
    assert find(second, "a", rel="prev")[0].get("href") == "/list/org?page=1"
    for strange in ("0", "-1", "nix", "999999999", "٣", "9" * 5000):
        assert get(app, f"/list/org?page={strange}").status_code == 200


def test_an_unknown_kind_is_404_with_the_kinds_there_are(app: FastAPI) -> None:
    answer = get(app, "/list/nix", "application/json")
    assert answer.status_code == 404 and "program" in answer.json()["nearest"]


def test_a_name_leads_to_its_thing_and_a_part_of_it_to_a_list(app: FastAPI) -> None:
    answer = get(app, "/search?lang=en&q=" + quote("중기부"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/page/org/mss-2017?lang=en")
    root = read_html(get(app, "/search?q=" + quote("스마트공장")).text)
    assert PROGRAM in links(root).values()
    nothing = read_html(get(app, "/search?q=zzzzzzqqqq").text)
    assert "zzzzzzqqqq" in text(find(nothing, "main")[0])
    empty = read_html(get(app, "/search?q=").text)
    assert text(find(empty, "h1")[0]) == "이름으로 찾기"
    assert "‘’" not in text(find(empty, "main")[0])


def test_every_hit_says_what_it_is(app: FastAPI) -> None:
    (table,) = find(read_html(get(app, "/search?kind=all&q=Target").text), "table")
    kinds = {row[1] for row in rows(find(table, "tbody")[0])}
    assert "클래스" in kinds
    assert "" not in kinds


def test_the_quality_page_lists_issues_and_conflicts_once(app: FastAPI) -> None:
    root = read_html(get(app, "/quality").text)
    issues, conflicts = (list(rows(find(table, "tbody")[0])) for table in find(root, "table"))
    assert issues == [
        [
            "연도 오류있을 수 없는 연도",
            "2022년까지 3만개",
            "20222년",
            "2022년 (확신도 0.9)다른 보도와 비교",
            "시험일보 2020-01-04 글자 90–99",
        ]
    ]
    assert conflicts == [["2022년까지 3만개", "2025년까지 3만개"]]


def test_a_question_shows_its_form_first_and_the_answer_with_evidence_when_asked(app: FastAPI) -> None:
    form = read_html(get(app, "/query/targets-of-programme").text)
    (box,) = find(form, "input", name="programme")
    assert box.get("required") is not None and not find(form, "table")
    root = read_html(get(app, "/query/targets-of-programme?programme=" + quote("스마트공장 보급")).text)
    (box,) = find(root, "input", name="programme")
    assert box.get("value") == "스마트공장 보급"
    (table,) = find(root, "table", cls="answer")
    body = list(rows(find(table, "tbody")[0]))
    assert [row[0] for row in body] == ["2017-04-20", "2020-01-03"]
    assert "시험일보" in body[1][-1] and "1836–1856" in body[1][-1]
    assert links(table)["2022년까지 3만개"] == "/page/target/sf-30000-2022"
    others = {name: href for name, href in links(root).items() if href.startswith("/api/queries/")}
    assert set(others) == {row.label if row is not RECORDS else "JSON" for row in (*ANSWERS, *CITATIONS)}
    assert sum(href.startswith("/query/targets-of-programme/why?") for href in links(table).values()) == 1
    assert others["CSV"].startswith("/api/queries/targets-of-programme.csv?programme=")


def test_a_long_answer_says_how_long_it_is_and_leads_on_and_back(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.questions._SHOWN", 1)
    first = get(app, "/query/targets-of-programme?lang=ko&programme=" + quote("스마트공장 보급"))
    root, days = read_html(first.text), []
    for place in ("1–1", "2–2"):
        (heading,) = [each for each in find(root, "h2") if each.get("id") == "answer"]
        assert text(heading) == f"답 2행 가운데 {place}행"
        assert text(find(root, "figcaption")[0]).endswith(say("chart-part", "ko"))
        days += [row[0] for row in rows(find(find(root, "table", cls="answer")[0], "tbody")[0])]
        ahead, back = find(root, "a", rel="next"), find(root, "a", rel="prev")
        assert bool(ahead) == (place == "1–1") and bool(back) == (place == "2–2")
        href = (ahead or back)[0].get("href", "")
        assert "lang=ko" in href and "programme=" in href
        root = read_html(get(app, href).text)
    assert days == ["2017-04-20", "2020-01-03"]
    assert find(root, "a", rel="next") and not find(root, "a", rel="prev")


def test_a_cursor_of_another_question_is_refused_with_the_form(app: FastAPI) -> None:
    answer = get(app, "/query/targets-of-programme?cursor=nix&programme=" + quote("스마트공장 보급"))
    assert answer.status_code == 422
    assert any(text(each).startswith("cursor:") for each in find(read_html(answer.text), "p", cls="fault"))


def test_a_wrong_value_is_422_with_the_nearest_beside_the_box(app: FastAPI) -> None:
    answer = get(app, "/query/targets-of-programme?programme=smart-factory-rolout&nix=1")
    assert answer.status_code == 422
    root = read_html(answer.text)
    (box,) = find(root, "input", name="programme")
    assert box.get("aria-invalid") == "true" and box.get("value") == "smart-factory-rolout"
    said = [text(each) for each in find(root, "p", cls="fault")]
    assert any("스마트공장 보급" in each for each in said) and any(each.startswith("nix:") for each in said)
    code = [text(each) for each in find(root, "code")]
    assert all("smart-factory-rollout" in each for each in code) and not any("nix" in each for each in code)


def test_an_unknown_question_is_404_with_the_nearest(app: FastAPI) -> None:
    answer = get(app, "/query/targets-of-program", "application/json")
    assert answer.status_code == 404 and "targets-of-programme" in answer.json()["nearest"]


def test_the_plain_form_has_a_query_that_runs(app: FastAPI) -> None:
    root = read_html(get(app, "/query").text)
    (form,) = find(root, "form", cls="sparql")
    assert (form.get("action"), form.get("method")) == ("/query", "get")
    assert [each.get("formaction") for each in find(form, "button")] == [None, "/sparql"]
    query = "".join(find(form, "textarea")[0].itertext())
    executor = app.state.executor
    assert isinstance(executor, StoreExecutor)
    assert [row["label"].value for row in executor.store.query(query)] == ["스마트공장 보급"]  # type: ignore[union-attr]
    english = "".join(find(read_html(get(app, "/query?lang=en").text), "textarea")[0].itertext())
    assert english == query.replace('"ko"', '"en"')


def test_a_problem_is_a_page_for_a_browser_and_a_document_for_a_program(app: FastAPI) -> None:
    page = get(app, "/nowhere")
    assert page.status_code == 404 and page.headers["cache-control"] == "no-store"
    assert text(find(read_html(page.text), "h1")[0]) == "찾는 것이 없다"
    document = get(app, "/nowhere", "*/*")
    assert document.headers["content-type"] == "application/problem+json"
    assert document.json()["status"] == 404 and "Accept" in document.headers["vary"]


def test_what_a_reader_types_is_never_markup(app: FastAPI) -> None:
    typed = "<script>alert(1)</script>\"'"
    for path in ("/search?q=", "/query/targets-of-programme?programme=", "/nowhere?x=", "/page/org/"):
        body = get(app, path + quote(typed)).text
        assert "<script" not in body
        read_html(body)


def test_a_page_takes_few_queries(app: FastAPI) -> None:
    executor = app.state.executor
    assert isinstance(executor, StoreExecutor)
    for path in PAGES:
        executor.asked.clear()
        get(app, path)
        assert len(executor.asked) <= 8, path


def test_words_are_filled_in_and_a_missing_value_is_an_error() -> None:
    assert say("rows", "en", total=3) == "3 rows"
    with pytest.raises(KeyError):
        say("rows", "en")


@pytest.mark.parametrize(
    ("parameter", "header", "language"),
    [
        ("en", "ko", "en"),
        (None, "en;q=0, ko", "ko"),
        (None, "*", "ko"),
        (None, "fr", "ko"),
        (None, "en-GB;q=0.2, *;q=0.1", "en"),
        ("", ";;;,q=", "ko"),
        (None, "ko-KR;q=0.5, en;q=0.9", "en"),
    ],
)
def test_a_language_is_chosen(parameter: str | None, header: str, language: str) -> None:
    assert choose_language(parameter, header) == language


def test_numbers_and_dates_are_written_for_a_reader() -> None:
    assert number("NaN") == "NaN" and number("1E+3") == "1,000" and number("-0.50") == "-0.5"
    assert when("2026-09-30", "quarter", "ko") == "2026년 3분기" and when("2026-09-30", "quarter", "en") == "Q3 2026"
    assert when("2020-05-31", "month", "ko") == "2020년 5월" and when("none", "year", "en") == "none"
    assert when("2026-12-31", "half", "ko") == "2026년 하반기"
    assert period("", "2025") == "–2025" and period("2025", "2025") == "2025"
