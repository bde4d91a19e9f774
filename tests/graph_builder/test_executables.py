"""The canned queries in the graph: found and run by a tool that knows nothing but SHACL's words for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, QuerySolutions, RdfFormat, Store

from graph_builder.executables import read_executables
from graph_builder.prefixes import DEFAULT_BASE, prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.query_files import CatalogueError, query_files, read_query_file
from graph_builder.terms import in_graph

PREFIXES = prefix_map(DEFAULT_BASE)
FILES = query_files(CHECKOUT.queries)
FOUND = """
PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX schema: <https://schema.org/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?query ?text
  (GROUP_CONCAT(CONCAT("PREFIX ", ?prefix, ": <", STR(?namespace), ">"); separator = "\\n") AS ?head)
WHERE {
  ?query a sh:SPARQLSelectExecutable ; sh:select ?text ; sh:prefixes/sh:declare ?each ; schema:target ?endpoint .
  ?each sh:prefix ?prefix ; sh:namespace ?namespace .
  FILTER EXISTS { ?query rdfs:label ?ko . FILTER(LANG(?ko) = "ko") }
  FILTER EXISTS { ?query rdfs:comment ?en . FILTER(LANG(?en) = "en") }
} GROUP BY ?query ?text
"""


def described(folder: Path) -> Store:
    store = Store()
    store.extend(in_graph(triple) for triple in read_executables(folder, PREFIXES).statements())
    return store


def solutions(store: Store, sparql: str) -> QuerySolutions:
    answer = store.query(sparql)
    assert isinstance(answer, QuerySolutions)
    return answer


def test_every_query_file_is_described_and_runs_with_the_prefixes_that_are_declared() -> None:
    store = described(CHECKOUT.queries)
    found = {row["query"].value: (row["head"].value, row["text"].value) for row in solutions(store, FOUND)}
    assert set(found) == {f"{DEFAULT_BASE}id/query/{path.stem}" for path in FILES}
    for head, text in found.values():
        assert "PREFIX" not in text
        assert list(solutions(Store(), f"{head}\n{text}\nLIMIT 1")) is not None


def test_a_file_that_is_added_is_described(tmp_path: Path) -> None:
    text = FILES[0].read_text("utf-8")
    (tmp_path / "ask-anew.rq").write_text(text, "utf-8")
    (row,) = solutions(described(tmp_path), FOUND)
    assert row["query"].value == f"{DEFAULT_BASE}id/query/ask-anew"
    assert row["text"].value == read_query_file(FILES[0], PREFIXES).body


def test_a_file_without_a_question_in_both_languages_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ask.rq").write_text(
        "#+ title: {ko: 가, en: a}\n#+ question: {ko: 가}\n\nSELECT * { ?s ?p ?o }\n", "utf-8"
    )
    with pytest.raises(CatalogueError, match=r"ask\.rq.*no question in en"):
        described(tmp_path)


def test_the_release_has_the_queries_in_a_graph_of_their_own_and_in_its_description(release: Path) -> None:
    store = Store()
    store.load(path=release / "dataset.nq", format=RdfFormat.N_QUADS)
    graph = {
        quad.triple
        for quad in store.quads_for_pattern(None, None, None, None)
        if str(quad.graph_name).endswith("/graph/queries>")
    }
    assert graph == set(read_executables(CHECKOUT.queries, PREFIXES).statements())
    assert all(in_graph(triple, DefaultGraph()) in store for triple in graph)
    description = Store()
    description.load(path=release / "dataset.ttl", format=RdfFormat.TURTLE)
    parts = "SELECT ?part { ?dataset <http://purl.org/dc/terms/hasPart> ?part }"
    assert {row["part"].value for row in solutions(description, parts)} == {
        f"{DEFAULT_BASE}id/query/{path.stem}" for path in FILES
    }
