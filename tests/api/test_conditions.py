"""Validators: a representation is known again by its tag or date, and another one never taken for it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from api.descriptions.profiles import PROFILES
from api.transport.conditions import http_date, is_known, strong_tag
from api.transport.formats import of_kind
from tests.api.site import get, site

PROGRAM = "program/smart-factory-rollout"
ISSUED = "Fri, 06 Mar 2020 00:00:00 GMT"
# One address of each route of things, the vocabulary, the data set and pages.
ADDRESSES = [
    (f"/data/{PROGRAM}.ttl", "*/*", "Accept-Profile"),
    (f"/data/{PROGRAM}", "text/turtle", "Accept Accept-Profile"),
    (f"/page/{PROGRAM}", "text/html", "Accept-Language"),
    ("/def", "text/turtle", "Accept"),
    ("/def", "text/html", "Accept Accept-Language"),
    ("/def/Program", "text/turtle", "Accept"),
    ("/def/Program", "text/html", "Accept Accept-Language"),
    ("/scheme/sector", "text/turtle", "Accept"),
    ("/scheme/sector", "text/html", "Accept Accept-Language"),
    ("/scheme/sector/manufacturing", "text/turtle", "Accept Accept-Profile"),
    ("/scheme/sector/manufacturing", "text/html", "Accept Accept-Profile Accept-Language"),
    ("/shapes", "text/turtle", "Accept"),
    ("/context.jsonld", "*/*", ""),
    ("/profile/minimal", "text/turtle", "Accept"),
    ("/", "text/html", "Accept-Language"),
    ("/articles", "text/html", "Accept-Language"),
    ("/list/program", "text/html", "Accept-Language"),
]


@pytest.fixture(scope="module")
def app() -> FastAPI:
    app = site()
    release = app.state.release
    app.state.release = replace(release, manifest={**release.manifest, "issued": "2020-03-06"})
    return app


@pytest.mark.parametrize(("path", "accept", "vary"), ADDRESSES)
def test_every_representation_can_be_validated(app: FastAPI, path: str, accept: str, vary: str) -> None:
    answer = get(app, path, accept)
    assert answer.status_code == 200
    assert re.fullmatch(r'"[0-9a-f]{32}"', answer.headers["etag"]), "a strong tag"
    assert (answer.headers["last-modified"], answer.headers["cache-control"]) == (ISSUED, "no-cache")
    assert set(vary.split()) <= set(answer.headers.get("vary", "").split(", "))
    tag = answer.headers["etag"]
    for known in (tag, f"W/{tag}", f'"a,b", {tag}', "*"):
        again = get(app, path, accept, If_None_Match=known)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        for name in ("vary", "cache-control", "content-location", "last-modified"):
            assert again.headers.get(name) == answer.headers.get(name)
    assert get(app, path, accept, If_None_Match='"other"').status_code == 200
    assert get(app, path, accept, If_Modified_Since=ISSUED).status_code == 304
    assert get(app, path, accept, If_Modified_Since="Thu, 05 Mar 2020 23:59:59 GMT").status_code == 200
    assert get(app, path, accept, If_None_Match='"other"', If_Modified_Since=ISSUED).status_code == 200


def test_each_format_profile_and_language_has_its_own_tag(app: FastAPI) -> None:
    data = [f"/data/{PROGRAM}.{row.suffix}?_profile={each.token}" for row in of_kind("graph") for each in PROFILES]
    pages = [f"/page/{PROGRAM}?lang={language}" for language in ("ko", "en")]
    tags = [get(app, path, "*/*").headers["etag"] for path in (*data, *pages)]
    assert len(set(tags)) == len(tags)
    assert get(app, data[0], "*/*").headers["etag"] == tags[0], "the same again"


@pytest.mark.parametrize("path", [f"/id/{PROGRAM}", "/.well-known/void", "/ko/중기부"])
def test_a_redirect_is_asked_for_again(app: FastAPI, path: str) -> None:
    answer = get(app, path, "text/turtle")
    assert (answer.status_code, answer.headers["cache-control"]) == (303, "no-cache")
    assert "Accept" in answer.headers["vary"]


def test_a_release_of_no_day_or_of_a_day_to_come_has_no_date(app: FastAPI) -> None:
    other = site()
    for issued in ("", "9999-12-31", "soon"):
        other.state.release = replace(app.state.release, manifest={**app.state.release.manifest, "issued": issued})
        answer = get(other, f"/data/{PROGRAM}.ttl", "*/*", If_Modified_Since=ISSUED)
        assert answer.status_code == 200 and "last-modified" not in answer.headers


@given(st.text(alphabet=' ,"W/*ab\\', max_size=30))
def test_only_a_tag_that_was_sent_is_known(header: str) -> None:
    tag = '"ab"'
    known = is_known({"if-none-match": header}, tag)
    assert known <= (tag in header or header.strip() == "*")
    assert is_known({"if-none-match": f'"x", W/{tag}'}, tag)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=3), st.lists(st.binary(max_size=4), min_size=1, max_size=3))
def test_tags_differ_where_any_part_does(one: list[bytes], other: list[bytes]) -> None:
    assert (strong_tag(*one) == strong_tag(*other)) == (one == other)


@given(st.dates(min_value=datetime(1971, 1, 1).date(), max_value=datetime(2020, 1, 1).date()))
def test_a_date_is_known_on_its_day_and_after(day: object) -> None:
    written = http_date(str(day), datetime(2021, 1, 1, tzinfo=UTC))
    assert is_known({"if-modified-since": written}, '"a"', written)
    assert not is_known({"if-modified-since": "Wed, 01 Jan 1969 00:00:00 GMT"}, '"a"', written)
    assert not is_known({"if-modified-since": "yesterday"}, '"a"', written)
