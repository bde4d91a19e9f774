"""The tools of agents over the small graph of the pages: what they take, what they answer and how they refuse."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from pyoxigraph import Store

from api.agents.arguments import Arguments
from api.agents.tools import Toolbox, as_text, tool_name
from api.dependencies import Served
from api.engine.execution import Executor
from api.engine.lexer import read_query
from api.errors import NotFound, RequestError, UnprocessableValue
from api.limits import Limits
from api.questions.catalogue import Catalogue
from api.relations.exploration import Explorer
from graph_builder.errors import ReleaseError
from tests.api.site import site

Json = dict[str, Any]
HOUSE = {"search", "describe", "paths", "schema", "run_sparql"}
ROLLOUT = "program:smart-factory-rollout"
HOSTILE: list[Any] = [
    '"',
    "> } INSERT DATA {",
    "\0",
    "\\u0022",
    {},
    [[]],
    [{}],
    10**400,
    10**5000,
    -1,
    True,
    [],
    "a" * 5000,
]


class _NoNetwork:
    """A searcher of a release whose network cannot be opened."""

    async def start(self) -> None:
        raise ReleaseError("there is none")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


@pytest.fixture(scope="module")
def toolbox(app: FastAPI) -> Toolbox:
    return Toolbox(app.state.served, Explorer(_NoNetwork(), Limits()))  # type: ignore[arg-type]


def _call(toolbox: Toolbox, name: str, **arguments: Any) -> Json:
    async def call() -> Json:
        return await toolbox.find(name).run(Arguments(arguments))

    return asyncio.run(call())


def test_every_canned_query_is_a_tool(app: FastAPI, toolbox: Toolbox) -> None:
    catalogue: Catalogue = app.state.catalogue
    assert {tool.name for tool in toolbox} == HOUSE | {tool_name(query.id) for query in catalogue}


def test_a_tool_says_what_it_does_and_takes(toolbox: Toolbox) -> None:
    for tool in toolbox:
        Draft202012Validator.check_schema(tool.schema)
        assert tool.schema["type"] == "object" and tool.schema["additionalProperties"] is False, tool.name
        assert tool.name.isidentifier() and len(tool.name) <= 64
        assert any("가" <= letter <= "힣" for letter in tool.description), tool.name
        assert all(each.get("description") for each in tool.schema["properties"].values()), tool.name


def test_examples_of_canned_queries_keep_to_their_schemas(app: FastAPI, toolbox: Toolbox) -> None:
    for query in app.state.catalogue:
        schema = toolbox.find(tool_name(query.id)).schema
        examples = {name: each["examples"][0] for name, each in schema["properties"].items() if "examples" in each}
        Draft202012Validator(schema).validate(examples)


def test_an_answer_has_its_evidence_unless_it_is_not_wanted(toolbox: Toolbox) -> None:
    answer = _call(toolbox, "targets_of_programme", programme=ROLLOUT)
    assert answer["rows"] and len(answer["evidence"]) == len(answer["rows"])
    assert any(place["source"]["value"] for row in answer["evidence"] for place in row)
    assert _call(toolbox, "targets_of_programme", programme=ROLLOUT, evidence=False)["evidence"] is None


def test_pages_follow_one_another(toolbox: Toolbox) -> None:
    whole = _call(toolbox, "targets_of_programme", programme=ROLLOUT)["rows"]
    first = _call(toolbox, "targets_of_programme", programme=ROLLOUT, limit=1)
    assert first["rows"] == whole[:1] and first["truncated"]
    second = _call(toolbox, "targets_of_programme", programme=ROLLOUT, limit=1, cursor=first["next"])
    assert second["rows"] == whole[1:2]
    with pytest.raises(UnprocessableValue, match="cursor"):
        _call(toolbox, "list_articles", cursor=first["next"])


def test_search_finds_by_name(toolbox: Toolbox) -> None:
    answer = _call(toolbox, "search", text="중기부", kinds=["org"], limit=1)
    assert answer["hits"][0]["curie"] == "org:mss-2017" and answer["hits"][0]["matched"]["how"] == "exact"


def test_describe_has_every_fact_with_its_evidence(toolbox: Toolbox) -> None:
    answer = _call(toolbox, "describe", thing=ROLLOUT)
    assert answer["thing"]["curie"] == ROLLOUT and answer["facts"]
    placed = [fact for fact in answer["facts"] if fact["evidence"]]
    assert placed and all("source" in place for fact in placed for place in fact["evidence"])
    target = _call(toolbox, "describe", thing="target:sf-30000-2022")
    values = [fact["value"] for fact in target["facts"] if fact["property"]["curie"] == "kip:value"]
    assert float(values[0]["number"]) == 30000


def test_schema_lists_classes_and_properties(toolbox: Toolbox) -> None:
    answer = _call(toolbox, "schema")
    classes = {each["curie"]: each for each in answer["classes"]}
    assert classes["kip:Program"]["things"] >= 1 and answer["prefixes"]["kip"].endswith("/def/")
    assert {"kip:value", "kip:deadline"} <= {each["curie"] for each in answer["properties"]}


def test_what_is_meant_is_told_with_an_error(toolbox: Toolbox) -> None:
    with pytest.raises(NotFound) as unknown:
        toolbox.find("targets_of_program")
    assert "targets_of_programme" in unknown.value.members["nearest"]
    with pytest.raises(UnprocessableValue) as wrong:
        _call(toolbox, "targets_of_programme", programm=ROLLOUT)
    assert {each["parameter"] for each in wrong.value.members["faults"]} == {"programm", "programme"}
    with pytest.raises(UnprocessableValue, match="limit: a whole number from 1 to 200"):
        _call(toolbox, "targets_of_programme", programme=ROLLOUT, limit=1000)


@pytest.mark.parametrize("value", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("search", "text"),
        ("search", "kinds"),
        ("search", "limit"),
        ("describe", "thing"),
        ("paths", "from"),
        ("schema", "anything"),
        ("run_sparql", "rows"),
        ("targets_of_programme", "programme"),
        ("targets_of_programme", "limit"),
        ("targets_of_programme", "cursor"),
        ("targets_of_programme", "evidence"),
        ("commitments_by_ministry", "yearFrom"),
    ],
)
def test_no_argument_is_taken_for_anything_but_a_value(toolbox: Toolbox, name: str, argument: str, value: Any) -> None:
    try:
        answer = _call(toolbox, name, **{argument: value})
    except RequestError as error:
        assert error.detail and error.status in (404, 422, 503)
    else:
        assert orjson.loads(as_text(answer)) is not None


def test_sparql_is_not_the_house_s_own(app: FastAPI) -> None:
    class Noting(Executor):
        """Notes whose account a query goes to."""

        def __init__(self) -> None:
            self.limits = Limits()
            self.asked: list[tuple[bool, int, float]] = []

        async def read(self, query: str) -> Any:
            return read_query(query)

        async def answer(
            self, query: str, fmt: Any, limits: Any = None, dataset: Any = None, *, house: bool = True
        ) -> Any:
            self.asked.append((house, limits.rows, limits.seconds))
            return await site_executor.answer(query, fmt, limits)

    site_executor, noting = app.state.executor, Noting()
    assert isinstance(site_executor.store, Store)
    here = Served(app.state.release, noting, app.state.catalogue)
    toolbox = Toolbox(here, Explorer(_NoNetwork(), Limits()))  # type: ignore[arg-type]
    answer = _call(toolbox, "run_sparql", query="SELECT ?x { BIND(1 AS ?x) }", rows=7, seconds=2)
    assert answer["rows"][0]["x"]["value"] == "1" and noting.asked == [(False, 7, 2.0)]
