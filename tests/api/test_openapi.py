"""The OpenAPI document of the whole server says every status that occurs, and has an example for every path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import serving

Json = dict[str, Any]
# The hash of a link is made by whoever asks; there is none in a new release.
_MADE = ("/r/{name}", "get")


@pytest.fixture(scope="module")
def client(small_release: Path) -> Iterator[httpx.Client]:
    with serving(small_release, KIP_WORKERS="1") as opened:
        yield opened


@pytest.fixture(scope="module")
def operations(client: httpx.Client) -> dict[tuple[str, str], Json]:
    paths = client.get("/openapi.json").json()["paths"]
    found = {(path, method): each for path, methods in paths.items() for method, each in methods.items()}
    assert len(found) > 100
    return found


def test_every_refusal_has_a_body_and_every_answer_a_media_type(operations: dict[tuple[str, str], Json]) -> None:
    bare = [
        (path, method, status)
        for (path, method), operation in operations.items()
        for status, said in operation["responses"].items()
        if (status == "200" or status[0] in "45") and "$ref" not in said and not said.get("content")
    ]
    assert bare == []


def test_every_parameter_of_a_path_has_an_example(operations: dict[tuple[str, str], Json]) -> None:
    lacking = [
        (path, method, each["name"])
        for (path, method), operation in operations.items()
        for each in operation.get("parameters", ())
        if each["in"] == "path" and "example" not in each and not each["schema"].keys() & {"examples", "enum"}
    ]
    assert [each for each in lacking if each[:2] != _MADE] == []


@pytest.mark.parametrize(
    "path",
    ["/id/{kind}/{slug}", "/def", "/def/{term}", "/graph/{name}", "/np/{key}", "/sparql", "/api/queries/list-articles"],
)
def test_what_has_states_in_time_says_so(operations: dict[tuple[str, str], Json], path: str) -> None:
    assert {"302", "304"} <= operations[path, "get"]["responses"].keys()


def test_what_has_none_does_not(operations: dict[tuple[str, str], Json]) -> None:
    for path in ("/healthz", "/reconcile", "/np/{version}/{key}", "/v/{version}/{rest}"):
        assert "302" not in operations[path, "get"]["responses"], path


def test_statuses_and_types_that_occur_are_said(client: httpx.Client, operations: dict[tuple[str, str], Json]) -> None:
    led = client.get("/sparql", headers={"Accept": "text/html"})
    assert str(led.status_code) in operations["/sparql", "get"]["responses"] and led.status_code == 303
    for path, given in (("/reconcile", {"callback": "f"}), ("/metrics", {})):
        answer = client.get(path, params=given)
        said = operations[path, "get"]["responses"][str(answer.status_code)]["content"]
        assert answer.headers["content-type"].partition(";")[0] in said


def test_the_example_of_a_version_is_one_that_is_kept(
    client: httpx.Client, operations: dict[tuple[str, str], Json]
) -> None:
    versions = {
        each["example"]
        for operation in operations.values()
        for each in operation.get("parameters", ())
        if (each["name"], each["in"]) == ("version", "path") and not each["schema"].get("examples")
    }
    assert len(versions) == 1
    for version in versions:
        assert re.fullmatch(r"test-1", version) and client.get(f"/v/{version}/healthz").status_code == 200
