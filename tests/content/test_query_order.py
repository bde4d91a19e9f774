"""The order of every canned query is total: no two rows of an answer share all the values by which it is sorted."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import Store

from api.questions.catalogue import Query
from tests.content.asking import ask, catalogue, open_store

# what a name in an example stands for where the server would look it up
NAMED = {"신한은행": "org:shinhan-bank", "semiconductors": "sector:semiconductors"}
SORTED = [
    query
    for query in catalogue()
    if set(re.findall(r"\?(\w+)", query.body.rsplit("ORDER BY", 1)[1])) <= {each.name for each in query.header.columns}
]


@pytest.fixture(scope="module")
def store(release: Path) -> Store:
    return open_store(release)


def test_most_queries_sort_by_what_they_show() -> None:
    assert len(SORTED) > len(list(catalogue())) * 0.8


def examples(query: Query) -> list[dict[str, str | tuple[str, ...]]]:
    """The example, and what is asked without the parameters that may be left out."""
    given = {name: tuple(NAMED.get(each, each) for each in said) for name, said in query.example.items()}
    needed = {each.name for each in query.header.parameters if each.required}
    return [dict(given), {name: said for name, said in given.items() if name in needed}]


@pytest.mark.parametrize("query", SORTED, ids=lambda query: query.id)
def test_no_two_rows_have_the_same_place(store: Store, query: Query) -> None:
    keys = re.findall(r"\?(\w+)", query.body.rsplit("ORDER BY", 1)[1])
    for given in examples(query):
        rows = ask(store, query.id, **given)
        assert [key for key, n in Counter(tuple(row[key] for key in keys) for row in rows).items() if n > 1] == []
