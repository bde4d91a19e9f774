"""OpenAPI says of the linked data what the routes do."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from api.descriptions.profiles import PROFILES
from tests.api.site import get, site

PROGRAM = "program/smart-factory-rollout"
REQUESTS = [
    ("/id/{kind}/{slug}", f"/id/{PROGRAM}", "text/turtle", 303),
    ("/id/{kind}/{slug}", f"/id/{PROGRAM}", "image/png", 406),
    ("/id/{kind}/{slug}", "/id/org/MSS-2017", "text/turtle", 301),
    ("/id/{kind}/{slug}", "/id/org/nobody-at-all", "application/json", 404),
    ("/data/{kind}/{slug}", f"/data/{PROGRAM}.ttl", "*/*", 200),
    ("/data/{kind}/{slug}", f"/data/{PROGRAM}", "application/json", 200),
    ("/data/{kind}/{slug}", f"/data/{PROGRAM}.png", "*/*", 406),
    ("/data/{kind}/{slug}", f"/data/{PROGRAM}.ttl?page=x", "*/*", 400),
    ("/page/{kind}/{slug}", f"/page/{PROGRAM}", "text/html", 200),
    ("/scheme/{name}/{concept}", "/scheme/sector/manufacturing", "text/turtle", 200),
    ("/scheme/{name}/{concept}", "/scheme/sector/no-such", "text/html", 404),
    ("/def/{term}", "/def/Program.rdf", "*/*", 200),
    ("/def", "/def", "text/html", 200),
    ("/shapes.{suffix}", "/shapes.png", "*/*", 406),
    ("/profile/{name}", "/profile/minimal", "text/turtle", 200),
    ("/profile/{name}", "/profile/nix", "text/turtle", 404),
    ("/context.jsonld", "/context.jsonld", "*/*", 200),
    ("/np/{key}", "/np/1111111111111111", "*/*", 303),
    ("/np/{version}/{key}", "/np/test-1/1111111111111111", "*/*", 200),
    ("/np/{version}/{key}", "/np/test-1/1111111111111111", "text/turtle", 406),
    ("/.well-known/void", "/.well-known/void", "*/*", 303),
]


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


@pytest.fixture(scope="module")
def paths(app: FastAPI) -> dict[str, Any]:
    document: dict[str, Any] = app.openapi()["paths"]
    return document


@pytest.mark.parametrize(("path", "address", "accept", "status"), REQUESTS)
def test_each_outcome_is_described(
    app: FastAPI, paths: dict[str, Any], path: str, address: str, accept: str, status: int
) -> None:
    answer = get(app, address, accept)
    assert answer.status_code == status
    described = paths[path]["get"]["responses"][str(status)]
    if status == 303:
        assert "Location" in described["headers"] and "200" not in paths[path]["get"]["responses"]
    else:
        assert answer.headers["content-type"].partition(";")[0] in described["content"]


def test_the_parameters_name_every_profile(paths: dict[str, Any]) -> None:
    declared = {each["name"]: each for each in paths["/data/{kind}/{slug}"]["get"]["parameters"]}
    assert {"kind", "slug", "format", "_profile", "page", "limit", "Accept-Profile"} == set(declared)
    assert declared["_profile"]["schema"]["examples"] == [row.token for row in PROFILES]
    assert all(row.holds_en in declared["_profile"]["description"] for row in PROFILES)
