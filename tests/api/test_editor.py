"""The SPARQL editor: examples, the answer on the page, and what is wrong with a query, all without a script."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import httpx
import pytest

from api.questions.catalogue import Catalogue
from graph_builder.prefixes import DEFAULT_BASE, prefix_map
from graph_builder.project import CHECKOUT
from tests.api.markup import find, links, read_html, rows, text

CATALOGUE = Catalogue.load(CHECKOUT.queries, prefix_map(DEFAULT_BASE))
FILLERS = "SELECT ?s ?n { ?s kip:position ?n } ORDER BY ?n"


def page(server: httpx.Client, status: int = 200, **parameters: str) -> Element:
    answer = server.get("/query", params={"lang": "en", **parameters}, headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text[:500]
    assert "script-src" not in answer.headers["content-security-policy"]
    return read_html(answer.text)


def written(root: Element) -> str:
    return "".join(find(root, "textarea")[0].itertext()).strip()


def test_every_query_of_the_catalogue_is_an_example_with_its_prefixes(server: httpx.Client) -> None:
    offered = {each.get("value", "") for each in find(find(page(server), "select", id="example")[0], "option")}
    assert offered == {query.id for query in CATALOGUE}
    root = page(server, example="list-articles")
    assert written(root) == CATALOGUE["list-articles"].sparql.strip()
    (chosen,) = (each for each in find(root, "option") if "selected" in each.attrib)
    assert chosen.get("value") == "list-articles"


def test_an_example_takes_values_along_as_terms(server: httpx.Client) -> None:
    sparql = written(page(server, example="officials-on-date", date="2020-05-06"))
    assert 'VALUES ?date { "2020-05-06"^^<http://www.w3.org/2001/XMLSchema#date> }' in sparql
    hostile = written(page(server, example="officials-on-date", date='" } DROP ALL #'))
    assert "DROP" not in hostile and "VALUES ?date { UNDEF }" in hostile


def test_an_unknown_example_is_404(server: httpx.Client) -> None:
    assert server.get("/query", params={"example": "nix"}).status_code == 404


def test_the_answer_stands_on_the_page_under_the_query_and_has_an_address(server: httpx.Client) -> None:
    root = page(server, query=FILLERS)
    assert written(root) == FILLERS
    (table,) = find(root, "table", cls="answer")
    head, first, *rest = list(rows(table))
    assert head == ["s", "n"] and first[1] == "0" and len(rest) == 199
    assert "cut" in text(find(root, "main")[0])
    share = links(root)["Address of this query and its answer"]
    assert written(read_html(server.get(share).text)) == FILLERS


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("ASK { ?s ?p ?o }", "yes"),
        ("ASK { <urn:a> <urn:b> <urn:c> }", "no"),
        ("CONSTRUCT { <urn:a> <urn:b> 'c' } WHERE {}", '<urn:a> <urn:b> "c" .'),
    ],
)
def test_every_form_of_query_is_answered(server: httpx.Client, query: str, said: str) -> None:
    root = page(server, query=query)
    section = next(each for each in find(root, "section") if each.get("aria-labelledby") == "answer")
    assert said in text(section)


def test_a_query_that_does_not_parse_is_told_where_and_stays_in_the_editor(server: httpx.Client) -> None:
    root = page(server, 400, query="SELECT ?s {\n  ?s ?p\n}")
    (fault,) = find(root, "div", id="fault")
    assert "line 3" in text(fault)
    (box,) = find(root, "textarea")
    assert (box.get("aria-invalid"), box.get("aria-describedby")) == ("true", "fault")
    assert written(root).startswith("SELECT ?s {")


def test_what_nobody_may_do_nobody_may_do_here(server: httpx.Client) -> None:
    page(server, 403, query="SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    page(server, 403, query="DROP ALL")


def test_an_answer_without_rows_says_what_emptied_it(server: httpx.Client) -> None:
    root = page(server, query="SELECT * { ?s kip:position ?n . ?s kip:nothingOfTheKind ?o }")
    said = text(find(root, "main")[0])
    assert "Nothing in the graph matches this pattern" in said
    assert any("kip:nothingOfTheKind" in text(each) for each in find(root, "pre"))


def test_a_query_is_shown_as_text_whatever_is_in_it(server: httpx.Client) -> None:
    hostile = "</textarea><script>alert(1)</script>"
    root = page(server, 400, query=hostile)
    assert written(root) == hostile and not find(root, "script")


def test_the_same_form_fetches_the_answer_in_any_format(server: httpx.Client) -> None:
    (form,) = find(page(server), "form", cls="sparql")
    (fetch,) = (each.get("formaction", "") for each in find(form, "button") if each.get("formaction"))
    formats = [each.get("value", "") for each in find(form, "option")]
    sent = {"query": "SELECT ?s { ?s kip:position 7 }", "lang": "en"}
    answers = {name: server.get(fetch, params={**sent, "format": name}) for name in formats}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(formats, 200)
    assert answers["csv"].headers["content-type"].startswith("text/csv")
