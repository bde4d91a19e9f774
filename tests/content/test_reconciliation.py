"""The cells of reconciliation/cells.tsv on the release: names as newspapers write them, and what they mean."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.naming.entities import EntityIndex
from api.naming.entity_types import EntityTypes
from api.naming.search import SearchIndex
from api.reconciliation.questionnaires import read_questions
from api.reconciliation.reconciliation import Reconciler

Json = dict[str, Any]
CELLS = Path(__file__).parent / "reconciliation" / "cells.tsv"
LEAST = 105
# Among the candidates, first among them, and matched without asking; as measured.
FOUND, FIRST, CERTAIN = 1.0, 1.0, 0.59


def _rows() -> list[dict[str, str]]:
    with CELLS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


ROWS = _rows()


class _NoColumns:
    """Properties are not compared here."""

    async def cells(self, *_: object) -> dict[str, Any]:
        return {}


@pytest.fixture(scope="module")
def results(release: Path) -> list[list[Json]]:
    """The candidates of each cell."""
    above = _above(release)
    entities = EntityIndex.from_records(orjson.loads((release / "labels.json").read_bytes()))
    types, columns = EntityTypes(entities, above), _NoColumns()
    reconciler = Reconciler(SearchIndex.open(release), entities, types, columns)  # type: ignore[arg-type]
    answers: list[list[Json]] = []
    for start in range(0, len(ROWS), 50):
        batch = {str(number): _query(row) for number, row in enumerate(ROWS[start : start + 50])}
        questions = read_questions(orjson.dumps(batch).decode(), types, columns)  # type: ignore[arg-type]
        answers += [each["result"] for each in asyncio.run(reconciler.answer(questions, None)).values()]
    return answers


def _above(release: Path) -> dict[str, list[str]]:
    marked = " <http://www.w3.org/2000/01/rdf-schema#subClassOf> <"
    above: dict[str, list[str]] = {}
    with (release / "dataset.nq").open(encoding="utf-8") as lines:
        for line in lines:
            if marked in line and line.startswith("<"):
                below, _, rest = line.partition(marked)
                above.setdefault(below[1:-1], []).append(rest.partition(">")[0])
    return above


def _query(row: dict[str, str]) -> Json:
    said: Json = {"query": row["cell"], "type": row["type"]}
    return said | ({"properties": [{"pid": "asOf", "v": row["asOf"]}]} if row["asOf"] else {})


def test_the_table_is_whole() -> None:
    assert len(ROWS) >= LEAST
    assert len({(row["cell"], row["type"], row["asOf"]) for row in ROWS}) == len(ROWS)


def test_what_is_matched_for_certain_is_right(results: list[list[Json]]) -> None:
    for row, found in zip(ROWS, results, strict=True):
        matched = [each["id"] for each in found if each["match"]]
        assert len(matched) <= 1 and set(matched) <= set(row["expected"].split()), (row, matched)
        assert not matched or " " not in row["expected"], f"{row['cell']} is ambiguous"


def test_recall_does_not_fall(results: list[list[Json]]) -> None:
    found = first = certain = 0
    for row, candidates in zip(ROWS, results, strict=True):
        ids, expected = [each["id"] for each in candidates], row["expected"].split()
        found += set(expected) <= set(ids)
        first += bool(ids) and ids[0] in expected
        certain += any(each["match"] for each in candidates)
    assert found / len(ROWS) >= FOUND and first / len(ROWS) >= FIRST, (found, first)
    assert certain / len(ROWS) >= CERTAIN, certain


def test_a_name_that_two_ministries_bore_is_told_apart_by_the_day(results: list[list[Json]]) -> None:
    by_day = {row["asOf"]: found for row, found in zip(ROWS, results, strict=True) if row["cell"] == "산업부"}
    assert [each["id"] for each in by_day["2020-05-06"] if each["match"]] == ["org:motie-2013"]
    assert [each["id"] for each in by_day["2026-01"] if each["match"]] == ["org:motir-2025"]
    assert not any(each["match"] for each in by_day[""])
