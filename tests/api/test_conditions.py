"""Validators: a representation is known again by its tag or date, and another one never taken for it."""

from __future__ import annotations

import re
import signal
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from api.descriptions.profiles import PROFILES
from api.errors import PreconditionFailed
from api.transport.conditions import http_date, is_known, strong_tag
from api.transport.formats import of_kind
from tests.api.conftest import running, until
from tests.api.site import get, site
from tests.api.test_versions import SECOND, THIRD, point, write

PROGRAM = "program/smart-factory-rollout"
# The second release of its day.
ISSUED = "Fri, 06 Mar 2020 00:00:02 GMT"
BEFORE = "Fri, 06 Mar 2020 00:00:01 GMT"
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
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return issued_on("2020-03-06", tmp_path_factory.mktemp("build"))


def issued_on(day: str, folder: Path, listed: str = "2020-03-06-0 test-1") -> FastAPI:
    """The pages of a release of this day, in a folder that says which releases became current one after the other."""
    (folder / "releases.txt").write_text(listed)
    app = site()
    release = app.state.release
    path = folder / "releases" / release.version
    app.state.release = replace(release, path=path, manifest={**release.manifest, "issued": day})
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
    assert get(app, path, accept, If_Modified_Since=BEFORE).status_code == 200, "of another release of this day"
    assert get(app, path, accept, If_None_Match='"other"', If_Modified_Since=ISSUED).status_code == 200


@pytest.mark.parametrize(("path", "accept", "vary"), ADDRESSES)
def test_who_expects_another_representation_is_told_so(app: FastAPI, path: str, accept: str, vary: str) -> None:
    tag = get(app, path, accept).headers["etag"]
    for known in (tag, f'"other", {tag}', "*"):
        assert get(app, path, accept, If_Match=known, If_Unmodified_Since=BEFORE).status_code == 200
        assert get(app, path, accept, If_Match=known, If_None_Match=tag).status_code == 304
    for unknown in ('"other"', f"W/{tag}", "", '"*"'):
        for others in ({}, {"If_None_Match": tag}, {"If_Unmodified_Since": ISSUED}):
            refused = get(app, path, "*/*" if accept == "text/html" else accept, If_Match=unknown, **others)
            assert (refused.status_code, refused.json()["type"][-19:]) == (412, "precondition-failed")
    assert get(app, path, accept, If_Unmodified_Since=BEFORE).status_code == 412
    for held in (ISSUED, "Sat, 07 Mar 2020 00:00:00 GMT", "never"):
        assert get(app, path, accept, If_Unmodified_Since=held).status_code == 200
    assert get(app, "/id/none/none", "text/turtle", If_Match='"other"').status_code == 404


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


@pytest.mark.parametrize(
    ("issued", "listed"),
    [("", "test-1"), ("9999-12-30", "test-1"), ("soon", "test-1"), ("2020-03-06", ""), ("2020-03-06", "other")],
)
def test_a_release_that_no_moment_tells_apart_has_no_date(tmp_path: Path, issued: str, listed: str) -> None:
    app = issued_on(issued, tmp_path, listed)
    answer = get(app, f"/data/{PROGRAM}.ttl", "*/*", If_Modified_Since=ISSUED)
    assert answer.status_code == 200 and "last-modified" not in answer.headers


def test_the_next_release_of_a_day_is_not_taken_for_the_one_before(small_release: Path, tmp_path: Path) -> None:
    for version in (SECOND, THIRD):
        write(small_release, tmp_path, version)
    point(tmp_path, SECOND)
    with running(tmp_path / "current", KIP_WORKERS="1", KIP_LOG="off") as (client, process):
        first = client.get("/context.jsonld").headers["last-modified"]
        assert client.get("/context.jsonld", headers={"If-Modified-Since": first}).status_code == 304
        point(tmp_path, THIRD)
        process.send_signal(signal.SIGHUP)
        until(lambda: client.get("/readyz").json()["release"] == THIRD)
        second = client.get("/context.jsonld", headers={"If-Modified-Since": first})
        assert (second.status_code, second.headers["last-modified"][:16]) == (200, first[:16])
        assert client.get("/context.jsonld", headers={"If-Unmodified-Since": first}).status_code == 412


@given(st.text(alphabet=' ,"W/*ab\\', max_size=30))
def test_only_a_tag_that_was_sent_is_known(header: str) -> None:
    tag = '"ab"'
    known = is_known({"if-none-match": header}, tag)
    assert known <= (tag in header or header.strip() == "*")
    assert is_known({"if-none-match": f'"x", W/{tag}'}, tag)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=3), st.lists(st.binary(max_size=4), min_size=1, max_size=3))
def test_tags_differ_where_any_part_does(one: list[bytes], other: list[bytes]) -> None:
    assert (strong_tag(*one) == strong_tag(*other)) == (one == other)


@given(st.text(alphabet=' ,"W/*ab\\', max_size=30))
def test_only_a_strong_tag_that_was_sent_is_the_expected_one(header: str) -> None:
    for tag in ('"ab"', 'W/"ab"'):
        try:
            is_known({"if-match": header}, tag)
        except PreconditionFailed:
            assert header.strip() != "*"
        else:
            assert header.strip() == "*" or (tag == '"ab"' and tag in header)


@given(st.dates(min_value=date(1971, 1, 1), max_value=date(2020, 1, 1)))
def test_a_date_is_known_on_its_day_and_after(day: date) -> None:
    written = http_date(datetime.combine(day, time.min, UTC), datetime(2021, 1, 1, tzinfo=UTC))
    assert is_known({"if-modified-since": written}, '"a"', written)
    assert not is_known({"if-modified-since": "Wed, 01 Jan 1969 00:00:00 GMT"}, '"a"', written)
    assert not is_known({"if-modified-since": "yesterday"}, '"a"', written)
    with pytest.raises(PreconditionFailed):
        is_known({"if-unmodified-since": "Wed, 01 Jan 1969 00:00:00 GMT"}, '"a"', written)
