"""The evidence of answers whose sources lack what most of them have."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest
from pyoxigraph import Store

from api.engine.results import Table, Term
from api.limits import Limits
from api.naming.entities import EntityIndex
from api.questions.answers import evidence_of
from api.questions.catalogue import Catalogue
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from tests.api.site import StoreExecutor

BASE = "https://w3id.org/kip/"
NODE, SOURCE, OUTLET = (f"{BASE}id/{tail}" for tail in ("evidence/e", "source/s", "org/o"))


class Evidence(StoreExecutor):
    """Answers every query with one row about one piece of evidence."""

    def __init__(self, row: Mapping[str, Term]) -> None:
        super().__init__(Store())
        self.row = {"node": Term("iri", NODE), "source": Term("iri", SOURCE), "article": Term("iri", SOURCE), **row}

    async def tables(self, queries: Sequence[str], limits: Limits | None = None) -> list[Table]:
        return [Table(tuple(self.row), (self.row,)) for _ in queries]


class Days(Evidence):
    """Answers the first query with the day of the latest event that an article reports."""

    async def tables(self, queries: Sequence[str], limits: Limits | None = None) -> list[Table]:
        _, *rest = await super().tables(queries, limits)
        row = {"article": Term("iri", SOURCE), "date": Term("literal", "2020-01-03")}
        return [Table(tuple(row), (row,)), *rest]


@pytest.mark.parametrize(
    ("row", "outlet"),
    [
        ({}, None),
        ({"publishers": Term("literal", "")}, None),
        ({"publishers": Term("literal", ""), "outlet": Term("literal", "신문")}, {"ko": "신문", "en": "신문"}),
        ({"publishers": Term("literal", OUTLET)}, {"ko": "통신", "en": ""}),
    ],
)
def test_a_source_without_a_publisher_has_its_outlet_or_none(row: Mapping[str, Term], outlet: object) -> None:
    catalogue = Catalogue.load(CHECKOUT.queries, prefix_map())
    query = catalogue["source-issues"]
    label = {"iri": OUTLET, "kind": "org", "class": "", "label": {"ko": "통신"}, "alt": {}}
    index = EntityIndex.from_records([label])
    rows = [{name: Term("iri", NODE) for name in query.header.evidence}]
    ((entry, *_),) = asyncio.run(evidence_of(query, rows, catalogue, Evidence(row), index))
    assert entry["outlet"] == outlet
    assert (entry["date"], entry["reported"]) == (None, False)


@pytest.mark.parametrize(
    ("row", "date", "reported"),
    [({}, "2020-01-03", True), ({"date": Term("literal", "2020-01-04")}, "2020-01-04", False)],
)
def test_a_date_says_whether_it_is_that_of_an_event(row: Mapping[str, Term], date: str, reported: bool) -> None:
    catalogue = Catalogue.load(CHECKOUT.queries, prefix_map())
    query = catalogue["source-issues"]
    rows = [{name: Term("iri", NODE) for name in query.header.evidence}]
    ((entry, *_),) = asyncio.run(evidence_of(query, rows, catalogue, Days(row), EntityIndex([])))
    assert (entry["date"], entry["reported"]) == (date, reported)
