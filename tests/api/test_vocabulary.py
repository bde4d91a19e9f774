"""The ontology, the concept schemes and the shapes, as pages and as RDF."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from pyoxigraph import NamedNode, RdfFormat, Store

from api.descriptions.profiles import PROFILES
from api.descriptions.shapes import outline, read_shapes, written
from api.transport.formats import of_kind
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from tests.api.markup import find, links, read_html, rows, text
from tests.api.site import BROWSER, get, inlined, site

NAMES = prefix_map()


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


def subjects(body: bytes, content_type: str) -> set[str]:
    kind = RdfFormat.from_media_type(content_type)
    assert kind is not None
    store = Store()
    store.load(body, kind)
    return {quad.subject.value for quad in store if isinstance(quad.subject, NamedNode)}


@pytest.mark.parametrize(
    ("path", "subject"),
    [
        ("/def", "kip:Program"),
        ("/def/Program", "kip:Program"),
        ("/def/hasSector", "kip:hasSector"),
        ("/scheme/sector", "sector:semiconductors"),
        ("/scheme/sector/semiconductors", "sector:semiconductors"),
    ],
)
@pytest.mark.parametrize("accept", ["text/turtle", "application/ld+json", "application/rdf+xml", "*/*", None])
def test_a_term_is_described_at_its_own_iri(app: FastAPI, path: str, subject: str, accept: str | None) -> None:
    answer = get(app, path, accept)
    assert answer.status_code == 200
    media_type = answer.headers["content-type"].split(";")[0]
    assert accept in ("*/*", None, media_type)
    assert NAMES.expand(subject) in subjects(inlined(app, answer), media_type)
    assert answer.headers["content-location"].startswith(f"{path}.")
    assert "Accept" in answer.headers["vary"]


def test_the_version_iri_of_the_ontology_leads_to_the_ontology(app: FastAPI) -> None:
    answer = get(app, "/def/1.0.0/", "text/turtle")
    assert (answer.status_code, answer.headers["location"]) == (303, "/def")
    other = get(app, "/def/0.9.0/", "text/turtle")
    assert (other.status_code, other.json()["nearest"]) == (404, ["https://w3id.org/kip/def/1.0.0/"])


@pytest.mark.parametrize("path", ["/def", "/def/Program", "/scheme/sector", "/scheme/sector/foundry", "/shapes"])
def test_each_has_a_page_and_a_path_for_each_format(app: FastAPI, path: str) -> None:
    page = get(app, path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Accept" in page.headers["vary"]
    listed = {each.get("href") for each in find(read_html(page.text), "a") if each.get("type")}
    in_profiles = {f"{path}.ttl?_profile={row.token}" for row in PROFILES[1:]} if path.count("/") == 3 else set()
    assert listed == {f"{path}.{row.suffix}" for row in of_kind("graph")} | in_profiles
    for href in listed:
        assert get(app, str(href), BROWSER).headers["content-type"].split(";")[0] != "text/html"


@pytest.mark.parametrize("path", ["/def/NoSuchTerm", "/scheme/sector/no-such", "/scheme/no-such", "/def/a%3E%20%7D"])
@pytest.mark.parametrize("accept", [BROWSER, "text/turtle"])
def test_an_unknown_term_is_404(app: FastAPI, path: str, accept: str) -> None:
    assert get(app, path, accept).status_code == 404


def test_nothing_acceptable_is_406(app: FastAPI) -> None:
    assert get(app, "/def/Program", "image/png").status_code == 406
    assert get(app, "/def/Program.png", "*/*").status_code == 406


def test_the_ontology_lists_terms_with_definition_and_place(app: FastAPI) -> None:
    root = read_html(get(app, "/def?lang=en").text)
    (program,) = find(root, "tr", id="Program")
    (row,) = rows(program)
    assert row == ["kip:ProgramProgramme 사업", "a continuing delivery vehicle", "Policy element"]
    (sector,) = find(root, "tr", id="hasSector")
    assert next(rows(sector))[3] == "Policy element → kip:Sector"
    assert links(root)["Sectors"] == "/scheme/sector?lang=en"


def test_the_page_of_a_class_lists_its_members(app: FastAPI) -> None:
    root = read_html(get(app, "/def/Program").text)
    assert text(find(root, "h1")[0]) == "사업"
    assert links(root)["스마트공장 보급"] == "/page/program/smart-factory-rollout"


def test_a_scheme_is_a_tree_in_reading_order(app: FastAPI) -> None:
    root = read_html(get(app, "/scheme/sector").text)
    heads = [each for each in find(root, "th") if each.get("scope") == "row"]
    assert [(text(each), each.get("class")) for each in heads] == [
        ("제조업 Manufacturing", "depth-0"),
        ("반도체 Semiconductors", "depth-1"),
        ("파운드리 Foundry", "depth-2"),
    ]


def test_the_page_of_a_concept_lists_what_is_classified_by_it(app: FastAPI) -> None:
    root = read_html(get(app, "/scheme/sector/manufacturing").text)
    (group,) = find(root, "section", data_property="kip:hasSector")
    assert links(group)["스마트공장 보급"] == "/page/program/smart-factory-rollout"


def test_the_list_of_schemes_leads_to_the_vocabulary(app: FastAPI) -> None:
    answer = get(app, "/scheme")
    assert (answer.status_code, answer.headers["location"]) == (303, "/def")


def test_the_shapes_are_the_files_that_the_data_is_validated_with(app: FastAPI) -> None:
    read = read_shapes(NAMES.base, CHECKOUT.shapes)
    assert len(read) > 100
    page = read_html(get(app, "/shapes").text)
    assert len(list(rows(find(page, "tbody")[0]))) == len(outline(read, NAMES)) >= 30
    answer = get(app, "/shapes", "application/n-triples")
    store = Store()
    store.load(answer.content, RdfFormat.N_TRIPLES)
    assert len(store) == len(set(read))


def test_an_outline_names_targets_and_paths() -> None:
    turtle = """
    @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix kip: <https://w3id.org/kip/def/> .
    kip:TargetShape a sh:NodeShape ; sh:targetClass kip:Target ; sh:property [ sh:path kip:value ] ,
      [ sh:path kip:deadline ] .
    """
    store = Store()
    store.load(turtle, RdfFormat.TURTLE)
    (shape,) = outline((quad.triple for quad in store), NAMES)
    assert shape.targets == (NAMES.expand("kip:Target"),)
    assert set(shape.paths) == {NAMES.expand("kip:value"), NAMES.expand("kip:deadline")}
    for row in of_kind("graph"):
        assert written((quad.triple for quad in store), row, NAMES)
