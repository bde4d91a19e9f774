"""Other spellings lead to the one path of a thing, and what was retired to its successor or to 410."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from urllib.parse import quote

import pytest
from fastapi import FastAPI

from tests.api.markup import find, read_html, text
from tests.api.site import BROWSER, get, site

BASE = "https://w3id.org/kip/"
GONE, MOVED = f"{BASE}id/program/stillborn", f"{BASE}id/org/smba"
RETIRED = {
    GONE: {"on": "2026-12-01", "reason": {"ko": "잘못 읽은 이름", "en": "a name that was misread"}},
    MOVED: {"on": "2026-12-01", "reason": {"ko": "합침", "en": "merged"}, "replacedBy": f"{BASE}id/org/mss-2017"},
    f"{BASE}scheme/sector/mills": {
        "on": "2026-12-01",
        "reason": {"ko": "합침", "en": "merged"},
        "replacedBy": f"{BASE}scheme/sector/manufacturing",
    },
}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    app = site()
    app.state.release = replace(app.state.release, manifest={**app.state.release.manifest, "retired": RETIRED})
    return app


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/id/org/중소벤처기업부", "/id/org/mss-2017"),
        ("/page/org/중기부?lang=en", "/page/org/mss-2017?lang=en"),
        ("/data/org/중소벤처기업부.jsonld?_profile=minimal", "/data/org/mss-2017.jsonld?_profile=minimal"),
        ("/data/org/중소벤처기업부", "/data/org/mss-2017"),
        ("/id/org/MSS-2017", "/id/org/mss-2017"),
        ("/scheme/sector/제조업", "/scheme/sector/manufacturing"),
        ("/scheme/sector/제조업.ttl", "/scheme/sector/manufacturing.ttl"),
    ],
)
def test_another_spelling_leads_to_the_path_of_the_iri(app: FastAPI, path: str, location: str, form: str) -> None:
    stem, mark, query = path.partition("?")
    spelled = unicodedata.normalize("NFC" if form == "NFC" else "NFD", stem)
    answer = get(app, quote(spelled) + mark + query, "text/turtle")
    assert (answer.status_code, answer.headers["location"]) == (301, location)
    assert get(app, answer.headers["location"], "*/*").status_code in (200, 303)


@pytest.mark.parametrize("path", ["/id/org/산업부", "/page/org/산업부", "/id/program/중소벤처기업부"])
def test_a_name_that_two_bear_or_none_of_the_kind_leads_nowhere(app: FastAPI, path: str) -> None:
    answer = get(app, quote(path), "application/json")
    assert answer.status_code == 404
    assert answer.json()["nearest"]


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/id/org/smba", "/id/org/mss-2017"),
        ("/page/org/smba?lang=en", "/page/org/mss-2017?lang=en"),
        ("/data/org/smba.ttl", "/data/org/mss-2017.ttl"),
        ("/scheme/sector/mills.ttl", "/scheme/sector/manufacturing.ttl"),
        ("/scheme/sector/mills", "/scheme/sector/manufacturing"),
    ],
)
def test_what_was_replaced_leads_to_its_successor(app: FastAPI, path: str, location: str) -> None:
    answer = get(app, path, "text/turtle")
    assert (answer.status_code, answer.headers["location"]) == (301, location)


@pytest.mark.parametrize("path", ["/id/program/stillborn", "/page/program/stillborn", "/data/program/stillborn.ttl"])
def test_what_is_gone_is_said_to_be_gone_and_why(app: FastAPI, path: str) -> None:
    answer = get(app, path, "application/json")
    assert answer.status_code == answer.json()["status"] == 410
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"{BASE}problem/gone"
    assert answer.json()["retired"] == "2026-12-01" and answer.json()["reason"]["ko"] == "잘못 읽은 이름"
    page = get(app, path, BROWSER)
    assert page.status_code == 410 and page.headers["content-type"] == "text/html; charset=utf-8"
    assert "2026-12-01" in text(find(read_html(page.text), "main")[0])
