"""OpenAPI of the canned queries: valid, complete, and kept to by what the server answers."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
import schemathesis
from fastapi import FastAPI

from api.questions.catalogue import Catalogue, Query
from api.routes.queries import queries_router
from graph_builder.prefixes import DEFAULT_BASE, prefix_map
from graph_builder.project import CHECKOUT

CATALOGUE = Catalogue.load(CHECKOUT.queries, prefix_map(DEFAULT_BASE))
SHARED = {"limit", "cursor", "evidence", "format", "lang", "bom", "cite"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app = FastAPI()
    app.include_router(queries_router(CATALOGUE))
    return app.openapi()


def operation(document: dict[str, Any], query: Query) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][f"/api/queries/{query.id}"]["get"]
    return found


def answer_schema(document: dict[str, Any], query: Query) -> dict[str, Any]:
    content = operation(document, query)["responses"]["200"]["content"]
    found: dict[str, Any] = content["application/json"]["schema"]
    return found


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(document).validate()


@pytest.mark.parametrize("query", tuple(CATALOGUE), ids=lambda query: query.id)
def test_an_operation_has_the_parameters_of_the_header_with_types_and_an_example(
    document: dict[str, Any], query: Query
) -> None:
    declared = {each["name"]: each for each in operation(document, query)["parameters"]}
    assert set(declared) == {each.name for each in query.header.parameters} | SHARED
    for parameter in query.header.parameters:
        shown = declared[parameter.name]
        assert shown["required"] is parameter.required
        assert parameter.description.ko in shown["description"] and parameter.description.en in shown["description"]
        jsonschema.Draft202012Validator.check_schema(shown["schema"])
        if parameter.name in query.example:
            jsonschema.validate(shown["example"], shown["schema"])


@pytest.mark.parametrize("query", tuple(CATALOGUE), ids=lambda query: query.id)
def test_an_answer_is_described_column_by_column_and_every_refusal_as_a_problem(
    document: dict[str, Any], query: Query
) -> None:
    row = answer_schema(document, query)["properties"]["rows"]["items"]
    assert list(row["properties"]) == [column.name for column in query.header.columns]
    for column in query.header.columns:
        value = row["properties"][column.name]["properties"]["value"]
        if not column.many and column.type[0] in ("decimal", "integer", "boolean"):
            assert value["type"] == {"decimal": "number"}.get(column.type[0], column.type[0])
    responses = operation(document, query)["responses"]
    refusals = {status: answer["content"] for status, answer in responses.items() if status != "200"}
    assert {"406", "422", "503", "504", "507"} <= set(refusals)
    assert all(set(content) == {"application/problem+json"} for content in refusals.values())


@pytest.mark.parametrize("query", tuple(CATALOGUE), ids=lambda query: query.id)
def test_an_agent_is_told_the_parameters_as_one_schema(query: Query) -> None:
    schema = query.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == {each.name for each in query.header.parameters}
    example = {name: schema["properties"][name]["examples"][0] for name in query.example}
    jsonschema.validate(example, schema)
    for required in schema["required"]:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({name: value for name, value in example.items() if name != required}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**example, "nothingOfTheKind": "x"}, schema)
