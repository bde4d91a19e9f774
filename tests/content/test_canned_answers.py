"""Every competency question is answered by a canned query, which nobody needs SPARQL to ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyoxigraph import Store

from graph_builder.project import CHECKOUT
from tests.content.asking import Row, ask, catalogue, open_store
from tests.content.test_competency_questions import FILES

ANSWERS: Mapping[str, Any] = yaml.load(
    (Path(__file__).parent / "canned_answers.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader
)
# questions whose tempting wrong answer is a row that must not be there
NEVER: Mapping[str, Row] = {
    "18": {"nature": "total", "node": "commitment:dx-guarantee"},
    "19": {"node": "commitment:future-mobility-core-technologies-2026"},
    "23": {"commitment": "commitment:next-generation-battery-rnd"},
    "46": {"event": "event:2025-12-17-work-report", "minister": "person:kim-jung-kwan"},
    "59": {"property": "kip:value", "value": "3만개"},
}


@pytest.fixture(scope="module")
def store(release: Path) -> Store:
    return open_store(release)


def given(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}


def test_every_competency_question_has_a_canned_query() -> None:
    assert list(ANSWERS) == [str(int(path.stem[1:])) for path in FILES]
    assert {answer["query"] for answer in ANSWERS.values()} <= {query.id for query in catalogue()}


def test_the_tags_are_those_of_the_list() -> None:
    section = (CHECKOUT.queries / "README.md").read_text(encoding="utf-8").split("## Tags")[1].split("##")[0]
    assert {tag for query in catalogue() for tag in query.header.tags} == set(re.findall(r"`([a-z]+)`", section)) - {
        "tags"
    }


def test_there_are_at_least_forty_queries() -> None:
    assert len(catalogue()) >= 40


@pytest.mark.parametrize("number", ANSWERS)
def test_a_canned_query_answers_the_question(store: Store, number: str) -> None:
    answer = ANSWERS[number]
    known = {parameter.name for parameter in catalogue()[answer["query"]].header.parameters}
    assert set(answer["with"]) <= known
    found = ask(store, answer["query"], **given(answer["with"]))
    for wanted in answer["rows"]:
        assert any(wanted.items() <= row.items() for row in found), f"no row has {wanted}"


@pytest.mark.parametrize("number", NEVER)
def test_the_tempting_wrong_answer_is_not_given(store: Store, number: str) -> None:
    answer = ANSWERS[number]
    found = ask(store, answer["query"], **given(answer["with"]))
    assert NEVER[number].keys() <= found[0].keys()
    assert not [row for row in found if NEVER[number].items() <= row.items()]
