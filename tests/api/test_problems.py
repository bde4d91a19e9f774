"""Problems tell their reader in Korean and in English what happened, what to do and which limit was met."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI

import api
from api.errors import RequestError
from api.wording.problems import LIMITS, PROBLEMS, UNITS, telling
from tests.api.markup import find, read_html, text
from tests.api.site import BROWSER, get, site

CODE = Path(api.__file__).parent
TOLD = re.compile(r"""told\(\s*"([a-z-]+)",[^,]+,\s*"(\w+)\"""")
KOREAN = re.compile("[가-힣]")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


def kinds(base: type[RequestError] = RequestError) -> Iterator[type[RequestError]]:
    yield base
    for each in base.__subclasses__():
        yield from kinds(each)


def test_every_kind_of_problem_has_its_words_and_none_is_left_over() -> None:
    found = {each.type for each in kinds()}
    assert len(found) >= 20
    assert set(PROBLEMS) - found == {"method-not-allowed", "unexpected"}
    assert found - set(PROBLEMS) == set()
    for korean, english in (words for pair in PROBLEMS.values() for words in pair):
        assert KOREAN.search(korean)
        assert english
        assert not KOREAN.search(english)


@pytest.mark.parametrize("kind", sorted({each.type for each in kinds()} | {"unexpected"}))
def test_the_iri_of_every_kind_leads_to_its_words(app: FastAPI, kind: str) -> None:
    happened, advice = PROBLEMS[kind]
    for language, number in (("ko", 0), ("en", 1)):
        page = get(app, f"/problem/{kind}?lang={language}", BROWSER)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        shown = text(read_html(page.text))
        assert happened[number] in shown and advice[number] in shown
    said = get(app, f"/problem/{kind}", "*/*").json()
    assert (said["type"], said["advice"]["ko"]) == (f"https://w3id.org/kip/problem/{kind}", advice[0])


def test_the_type_of_a_problem_that_was_met_is_documented(app: FastAPI) -> None:
    met = get(app, "/id/org/nope", "application/json").json()
    path = met["type"].removeprefix("https://w3id.org/kip")
    assert get(app, path, "application/json").json()["status"] == met["status"] == 404
    assert get(app, "/problem/nope", "application/json").status_code == 404
    assert get(app, path, "image/png").status_code == 406


def test_every_limit_has_its_words() -> None:
    table = (CODE / "README.md").read_text(encoding="utf-8").partition("| limit |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    listed = {name for cell in cells for name in re.findall(r"`([a-z-]+)`", cell)}
    assert listed == set(LIMITS)
    found = [met for path in CODE.rglob("*.py") for met in TOLD.findall(path.read_text(encoding="utf-8"))]
    assert len(found) >= 12
    assert {(name, unit) for name, unit in found if name not in LIMITS or unit not in UNITS} == set()


def test_what_the_framework_refuses_is_told_by_its_status() -> None:
    assert telling("about:blank", 404) == telling("not-found", 404)
    assert telling("about:blank", 405) == telling("method-not-allowed", 405)
    assert telling("about:blank", 418) == telling("request-error", 418)
    assert telling("unheard-of", 502) == telling("unexpected", 502)


@pytest.mark.parametrize(
    ("path", "status", "kind", "limit"),
    [
        ("/nowhere", 404, "not-found", ""),
        ("/def/Nope", 404, "not-found", ""),
        ("/why?subject=nix", 422, "unprocessable-value", ""),
        ("/explain", 400, "malformed-request", ""),
        ("/explain?query=" + quote("ASK { #" + "x" * 17_000 + "\n}"), 413, "query-too-long", "16,384"),
    ],
)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_of_a_problem_is_in_the_language_of_its_reader(
    app: FastAPI, path: str, status: int, kind: str, limit: str, language: str
) -> None:
    page = get(app, f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert page.status_code == status
    (content,) = find(read_html(page.text), "main")
    happened, advice = (words[language == "en"] for words in PROBLEMS[kind])
    assert text(find(content, "h1")[0]) == happened
    assert text(find(content, "p", cls="lead")[0]) == advice
    assert limit in text(content)
    (detail,) = (each for each in find(content, "span") if each.get("lang") == "en")
    assert text(detail)


def test_a_wrong_value_is_told_in_korean(app: FastAPI) -> None:
    page = get(app, "/why?subject=nix&predicate=rdf:type&lang=ko")
    (fault,) = find(read_html(page.text), "p", cls="fault")
    assert text(fault) == "subject: IRI, 식별자나 이름이 아니다"


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(("query", "kind"), [("nonsense", "query-syntax"), ("LOAD <urn:a>", "query-refused")])
def test_the_editor_tells_in_the_language_of_its_reader(app: FastAPI, query: str, kind: str, language: str) -> None:
    page = get(app, f"/query?query={quote(query)}&lang={language}")
    (alert,) = (each for each in find(read_html(page.text), "div") if each.get("role") == "alert")
    happened, advice = (words[language == "en"] for words in PROBLEMS[kind])
    assert happened in text(alert)
    assert advice in text(alert)
