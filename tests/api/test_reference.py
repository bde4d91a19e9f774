"""The OpenAPI document and its page: nothing in them is double, and nothing of them comes from elsewhere."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest

from api.views.reference import read_sections
from tests.api.markup import find, links, read_html, rows, text
from tests.api.site import BROWSER, site

Json = dict[str, Any]


def _operations(document: Json) -> list[Json]:
    return [each for methods in document["paths"].values() for each in methods.values()]


def test_every_operation_has_a_name_of_its_own_and_a_summary(server: httpx.Client) -> None:
    operations = _operations(server.get("/openapi.json").json())
    assert len(operations) >= 25
    assert [name for name, count in Counter(each["operationId"] for each in operations).items() if count > 1] == []
    assert [each["operationId"] for each in operations if not each.get("summary")] == []


def test_the_names_of_operations_stay_the_same(server: httpx.Client) -> None:
    paths = server.get("/openapi.json").json()["paths"]
    assert paths["/id/{kind}/{slug}"]["get"]["operationId"] == "identify"
    assert paths["/sparql"]["post"]["operationId"] == "query_by_post"


def test_nothing_is_to_be_warned_of_when_the_document_is_made() -> None:
    """Warnings are errors here; a name that is given twice is one."""
    document = site().openapi()
    assert set(document["paths"]["/id/{kind}/{slug}"]) == {"get"}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_lists_every_operation_with_its_parameters(server: httpx.Client, language: str) -> None:
    answer = server.get("/docs", params={"lang": language}, headers={"Accept": BROWSER})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = read_html(answer.text)
    listed = {each.get("id"): each for each in find(page, "section", cls="operation")}
    documented = _operations(server.get("/openapi.json").json())
    assert set(listed) == {each["operationId"] for each in documented}
    for each in documented:
        shown = {row[0].split()[0] for row in rows(listed[each["operationId"]])}
        assert shown >= {parameter["name"] for parameter in each.get("parameters", ())}


def test_nothing_of_the_page_is_loaded_from_elsewhere_or_run(server: httpx.Client) -> None:
    answer = server.get("/docs", headers={"Accept": BROWSER})
    page = read_html(answer.text)
    assert find(page, "script") == []
    loaded = [each.get("href", "") for each in find(page, "link")] + [each.get("src", "") for each in page.iter("img")]
    assert [each for each in loaded if not each.startswith("/")] == []
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_examples_of_the_page_are_answered(server: httpx.Client) -> None:
    page = read_html(server.get("/docs", headers={"Accept": BROWSER}).text)
    tried = [href for label, href in links(page).items() if label.startswith(("/sparql", "/def", "/scheme", "/shapes"))]
    assert len(tried) >= 6
    answers = {href: server.get(href).status_code for href in tried}
    assert {href: status for href, status in answers.items() if status >= 500} == {}
    assert server.get(next(href for href in tried if href.startswith("/sparql"))).status_code == 200
    assert text(find(page, "h1")[0])


def test_parameters_bodies_and_answers_are_read_off_the_document() -> None:
    names = {"type": "array", "items": {"type": "string"}}
    operation = {
        "tags": ["things"],
        "operationId": "find",
        "parameters": [
            {"name": "kind", "in": "path", "required": True, "schema": {"type": "string", "examples": ["org"]}},
            {
                "name": "q",
                "in": "query",
                "schema": names,
                "example": ["가", "b"],
            },
        ],
        "requestBody": {"content": {"text/csv": {}}},
        "responses": {"404": {"description": "Nothing"}, "200": {"description": "Things", "content": {"text/csv": {}}}},
    }
    (section,) = read_sections({"paths": {"/things/{kind}": {"get": operation}}})
    (found,) = section.operations
    assert (section.name, found.method, found.bodies) == ("things", "GET", ("text/csv",))
    assert found.example == "/things/org?q=%EA%B0%80&q=b"
    assert [(each.status, each.media_types) for each in found.answers] == [("200", ("text/csv",)), ("404", ())]
    assert [(each.name, each.type, each.required) for each in found.parameters] == [
        ("kind", "string", True),
        ("q", "string …", False),
    ]


def test_an_operation_without_an_example_of_what_it_needs_has_none() -> None:
    parameters = [{"name": "slug", "in": "path", "required": True, "schema": {"type": "string"}}]
    operation = {"operationId": "show", "parameters": parameters, "responses": {}}
    (section,) = read_sections({"paths": {"/things/{slug}": {"get": operation}}})
    assert section.operations[0].example == ""
