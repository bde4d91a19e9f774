"""IRIs are made by rule and can be taken apart again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_builder.identifiers import SLUG, Identifier, entity_iri, identify, scheme_iri, span_digest, statement_key
from graph_builder.prefixes import DEFAULT_BASE

SLUGS = st.from_regex(SLUG, fullmatch=True)


@given(SLUGS, st.sampled_from(["program", "change-x", "org"]))
def test_an_entity_iri_is_taken_apart_again(slug: str, kind: str) -> None:
    assert identify(DEFAULT_BASE, entity_iri(DEFAULT_BASE, kind, slug)) == Identifier("id", kind, slug)


@given(SLUGS)
def test_a_concept_iri_is_taken_apart_again(slug: str) -> None:
    assert identify(DEFAULT_BASE, scheme_iri(DEFAULT_BASE, "sector", slug)) == Identifier("scheme", "sector", slug)


@pytest.mark.parametrize("iri", ["https://w3id.org/kip/def/Target", "https://w3id.org/kip/scheme/sector", "urn:x"])
def test_other_iris_have_no_parts(iri: str) -> None:
    assert identify(DEFAULT_BASE, iri) is None


@pytest.mark.parametrize("slug", ["", "-a", "a-", "A", "a_b", "가", "a" * 65])
def test_a_slug_is_lower_case_latin_with_hyphens_inside(slug: str) -> None:
    assert not SLUG.fullmatch(slug)


def test_a_span_hash_is_the_same_in_either_normal_form() -> None:
    assert span_digest("\uac00") == span_digest("\u1100\u1161")


def test_a_statement_key_depends_on_each_part() -> None:
    keys = {statement_key(*parts) for parts in (("a", "b", "c"), ("a", "b", "d"), ("a", "x", "c"), ("y", "b", "c"))}
    assert len(keys) == 4
