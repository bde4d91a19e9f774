"""The real queries on the real release: an answer keeps to its description, and the code on a page runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from api.questions.catalogue import Catalogue, Query
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from tests.api.conftest import UNTRACED, serving
from tests.api.markup import find, read_html, text
from tests.api.site import BROWSER
from tests.api.test_samples import run

CATALOGUE = tuple(Catalogue.load(CHECKOUT.queries, prefix_map()))
DRAWN = tuple(query for query in CATALOGUE if query.view.kind not in ("table", "none"))


@pytest.fixture(scope="module")
def client(release: Path) -> Iterator[httpx.Client]:
    with serving(release, **UNTRACED, KIP_WORKERS="2") as opened:
        yield opened


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def page(client: httpx.Client, query: Query, language: str = "ko") -> Any:
    answer = client.get(
        f"/query/{query.id}", params={**query.example, "lang": language}, headers={"Accept": "text/html"}
    )
    assert answer.status_code == 200, answer.text
    return read_html(answer.text)


def unnamed(document: dict[str, Any]) -> set[str]:
    """The properties, classes, units and currencies of an answer that have no name in one of the languages."""
    named = [each["name"] for each in document["columns"] if each["type"] in ("property", "class", "unit")]
    cells = [cell for row in document["rows"] for name in named if (cell := row[name])]
    items = [each for cell in cells for each in cell.get("items", [cell])]
    return {each["value"] for each in items if set(each["label"] or ()) != {"ko", "en"}}


@pytest.mark.parametrize("query", CATALOGUE, ids=lambda query: query.id)
def test_an_answer_keeps_to_its_description_in_openapi(
    client: httpx.Client, document: dict[str, Any], query: Query
) -> None:
    described = document["paths"][f"/api/queries/{query.id}"]["get"]["responses"]
    answer = client.get(f"/api/queries/{query.id}", params={**query.example, "evidence": "true"})
    jsonschema.validate(answer.json(), described["200"]["content"]["application/json"]["schema"])
    assert not unnamed(answer.json())
    refused = client.get(f"/api/queries/{query.id}", params={**query.example, "nothingOfTheKind": "x"})
    jsonschema.validate(refused.json(), described["422"]["content"]["application/problem+json"]["schema"])


@pytest.mark.parametrize("query", DRAWN, ids=lambda query: query.id)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_an_answer_that_is_to_be_drawn_is_drawn_over_its_table(
    client: httpx.Client, query: Query, language: str
) -> None:
    root = page(client, query, language)
    (picture,) = find(root, "svg", role="img")
    assert text(find(picture, "title")[0]) == query.header.title.first(language)
    assert find(picture, "text") and find(root, "table", cls="answer")


def test_the_code_on_a_page_runs_against_the_server_as_it_stands(client: httpx.Client) -> None:
    query = next(query for query in CATALOGUE if query.id == "targets-of-programme")
    code = {each.get("data-language", ""): "".join(each.itertext()) for each in find(page(client, query), "code")}
    printed = {language: run(language, code[language]) for language in ("shell", "python", "javascript")}
    assert all("2017-04-20" in each for each in printed.values()), printed
    assert printed["shell"].count("\n") > 5


def test_a_file_of_a_page_is_what_its_link_says_in_the_language_that_was_chosen(client: httpx.Client) -> None:
    query = next(query for query in CATALOGUE if query.id == "money-by-year")
    (section,) = (each for each in find(page(client, query), "section") if each.get("aria-labelledby") == "answer")
    offered = {each.get("type", ""): each.get("href", "") for each in find(section, "a") if each.get("type")}
    assert set(offered) >= {"application/json", "text/csv", "application/x-bibtex"}
    for media_type, href in offered.items():
        answer = client.get(href, headers={"Accept": BROWSER, "Accept-Language": "en"})
        assert answer.headers["content-type"].partition(";")[0] == media_type, href
        assert answer.headers.get("content-language", "ko") == "ko"
        assert answer.content.startswith(b"\xef\xbb\xbf") == (media_type == "text/csv")
    (form,) = (each for each in find(section, "form") if each.get("method") == "post")
    assert client.post(form.get("action", ""), headers={"Accept": BROWSER}).headers["location"].endswith("?lang=ko")


def test_every_query_has_an_iri_that_can_be_looked_up(client: httpx.Client) -> None:
    for query in CATALOGUE:
        turtle = client.get(f"/id/query/{query.id}", headers={"Accept": "text/turtle"}, follow_redirects=True)
        assert turtle.headers["content-type"].startswith("text/turtle") and "SPARQLSelectExecutable" in turtle.text
