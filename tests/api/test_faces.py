"""One query file, six faces: an operation, a form, an example, a description in the graph, a tool and a test."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from fastapi import FastAPI
from pyoxigraph import Literal, NamedNode, Triple

from api.questions.catalogue import Catalogue
from api.routes.queries import queries_router
from graph_builder.executables import read_executables
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.query_files import query_files
from tests.api.markup import find, links, read_html, rows, text
from tests.api.site import get, site
from tests.content import test_queries

NAME = "list-programmes-anew"
FILE = """#+ title: {ko: 새 물음, en: A new question}
#+ question: {ko: 어떤 사업이 있나?, en: Which programmes are there?}
#+ description: {ko: 시험, en: test}
#+ tags: [test]
#+ parameters:
#+ - {name: programme, type: program, description: {ko: 사업, en: Programme}}
#+ columns:
#+ - {name: programme, type: program, label: {ko: 사업, en: Programme}}
#+ - {name: count, type: integer, label: {ko: 개수, en: Number}}
#+ evidence: [programme]
#+ view: bar
#+ example: {programme: program:smart-factory-rollout}
#+ expect: {minimum: 1, rows: [{programme: program:smart-factory-rollout}]}

SELECT ?programme (COUNT(*) AS ?count) WHERE {
  VALUES ?programme { UNDEF }
  ?programme a kip:Program ; ?p ?o
}
GROUP BY ?programme
ORDER BY ?programme
"""
BASE = prefix_map().base


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout") / "queries"
    shutil.copytree(CHECKOUT.queries, folder)
    (folder / f"{NAME}.rq").write_text(FILE, "utf-8")
    return folder


@pytest.fixture(scope="module")
def app(folder: Path) -> FastAPI:
    app = site()
    app.state.catalogue = Catalogue.load(folder, prefix_map())
    app.state.served = replace(app.state.served, catalogue=app.state.catalogue)
    app.include_router(queries_router(app.state.catalogue))
    return app


def test_it_is_an_operation_in_openapi_that_answers(app: FastAPI) -> None:
    operation = app.openapi()["paths"][f"/api/queries/{NAME}"]["get"]
    assert operation["operationId"] == NAME and "새 물음" in operation["summary"]
    document = get(app, f"/api/queries/{NAME}?programme=스마트공장%20보급", "application/json").json()
    assert [row["programme"]["curie"] for row in document["rows"]] == ["program:smart-factory-rollout"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "rows": [{"programme": None}]}, schema)


def test_it_is_a_form_with_a_page_of_its_answer_its_picture_and_its_code(app: FastAPI) -> None:
    (box,) = find(read_html(get(app, f"/query/{NAME}").text), "input", name="programme")
    assert box.get("list") == "l-programme"
    root = read_html(get(app, f"/query/{NAME}?programme=program:smart-factory-rollout&lang=en").text)
    assert text(find(root, "h1")[0]) == "A new question"
    assert len(list(rows(find(find(root, "table", cls="answer")[0], "tbody")[0]))) == 1
    assert len(find(find(root, "svg", role="img")[0], "rect")) == 1
    code = {each.get("data-language"): text(each) for each in find(root, "code") if each.get("data-language")}
    assert set(code) == {"shell", "python", "r", "javascript"}
    assert all(NAME in each and "smart-factory-rollout" in each for each in code.values())
    assert (
        f"/query/{NAME}?programme=program%3Asmart-factory-rollout&lang=en"
        in links(read_html(get(app, "/query?lang=en").text)).values()
    )


def test_it_is_an_example_in_the_editor(app: FastAPI) -> None:
    root = read_html(get(app, f"/query?example={NAME}&programme=program:smart-factory-rollout").text)
    sparql = "".join(find(root, "textarea")[0].itertext())
    assert f"PREFIX kip: <{BASE}def/>" in sparql
    assert f"VALUES ?programme {{ <{BASE}id/program/smart-factory-rollout> }}" in sparql


def test_it_is_described_in_the_graph(folder: Path) -> None:
    described = set(read_executables(folder, prefix_map()).statements())
    iri = NamedNode(f"{BASE}id/query/{NAME}")
    label = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    assert Triple(iri, label, Literal("새 물음", language="ko")) in described
    select = NamedNode("http://www.w3.org/ns/shacl#select")
    assert Triple(iri, select, Literal(FILE.partition("\n\n")[2])) in described


def test_it_is_a_tool_for_agents(app: FastAPI) -> None:
    query = app.state.catalogue[NAME]
    jsonschema.validate({"programme": "스마트공장 보급"}, query.schema())
    assert query.schema()["properties"]["programme"]["examples"] == ["program:smart-factory-rollout"]


def test_it_is_a_test() -> None:
    # every file is one case of the test that holds examples against their expected rows
    (mark,) = getattr(test_queries.test_an_example_answers_what_its_header_expects, "pytestmark")  # noqa: B009
    assert {query.id for query in mark.args[1]} == {path.stem for path in query_files(CHECKOUT.queries)}
