"""Every sentence of the articles holds a fact, or has the curator's reason why none was read from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph_builder.coverage import Coverage
from graph_builder.pipeline import account
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT


@pytest.fixture(scope="module")
def accounts(sources: Path) -> list[Coverage]:
    return list(account(CHECKOUT, prefix_map(), sources))


def test_each_article_has_an_account(accounts: list[Coverage]) -> None:
    assert len(accounts) == len(list((CHECKOUT.data / "articles").glob("*.yaml")))
    assert all(each.total >= 20 for each in accounts)


def test_every_sentence_is_covered_or_accounted_for(accounts: list[Coverage]) -> None:
    gaps = {each.article: [str(gap.span) for gap in each.unaccounted] for each in accounts}
    assert gaps == {each.article: [] for each in accounts}


def test_nearly_every_sentence_holds_a_fact(accounts: list[Coverage]) -> None:
    shares = {each.article: each.share for each in accounts}
    assert all(share >= 0.95 for share in shares.values()), shares


def test_each_article_supports_more_than_a_hundred_facts(accounts: list[Coverage]) -> None:
    counts = {each.article: sum(each.facts.values()) for each in accounts}
    assert all(count > 100 for count in counts.values()), counts
    assert sum(counts.values()) > 550
