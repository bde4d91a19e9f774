"""The catalogue: every query file is whole, and a file that is not is refused with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, QuerySolutions, Store

from api.naming.entities import EntityIndex
from api.questions.catalogue import Catalogue, CatalogueError, Query, read_query
from api.questions.parameters import bind, read_values
from graph_builder.labels import label_index
from graph_builder.prefixes import DEFAULT_BASE, prefix_map
from graph_builder.project import CHECKOUT
from tests.api.sample import sample

PREFIXES = prefix_map(DEFAULT_BASE)
CATALOGUE = Catalogue.load(CHECKOUT.queries, PREFIXES)
WANTED = {
    "programmes-touching-sector",
    "targets-of-programme",
    "commitments-by-ministry",
    "commitment-parts",
    "officials-on-date",
    "involvement-of-organisation",
    "follow-ups-of-policy",
    "events-with-participants",
    "statements-of-article",
    "source-issues",
    "facts-about-entity",
    "sectors-shared-by-articles",
    "who-said-what",
    "ministers-at-announcements",
    "evidence-of-node",
    "list-articles",
}
GOOD = """#+ title: {ko: 가, en: a}
#+ question: {ko: 가, en: a}
#+ description: {ko: 가, en: a}
#+ tags: [test]
#+ parameters:
#+ - {name: thing, type: entity, required: true, description: {ko: 가, en: a}}
#+ columns:
#+ - {name: other, type: entity, label: {ko: 가, en: a}}
#+ evidence: [other]
#+ example: {thing: org:kcci}
#+ expect: {minimum: 1}

SELECT ?other WHERE { VALUES ?thing { UNDEF } ?other skos:broader ?thing }
"""


@pytest.fixture(scope="module")
def store() -> Store:
    graph = Store()
    graph.extend(sample().quads)
    return graph


@pytest.fixture(scope="module")
def index() -> EntityIndex:
    graph = sample()
    return EntityIndex.from_records(label_index((quad.triple for quad in graph.quads), graph.names))


def written(folder: Path, text: str) -> Path:
    path = folder / "list-things.rq"
    path.write_text(text, "utf-8")
    return path


def test_every_wanted_query_is_there() -> None:
    assert {query.id for query in CATALOGUE} >= WANTED


@pytest.mark.parametrize("query", tuple(CATALOGUE), ids=lambda query: query.id)
def test_a_query_is_read_by_an_engine_as_it_stands_and_bound(query: Query, store: Store, index: EntityIndex) -> None:
    values, faults = read_values(query.header.parameters, query.example, index)
    assert all(fault.message.startswith("no ") for fault in faults), "only names outside the sample may be unknown"
    for text in (f"{query.sparql}\nLIMIT 0", query.bound(values)):
        assert isinstance(store.query(text), QuerySolutions)


@pytest.mark.parametrize("query", tuple(CATALOGUE), ids=lambda query: query.id)
def test_a_query_tells_its_order_and_leaves_the_limit_to_the_caller(query: Query) -> None:
    last = query.body.rstrip().splitlines()[-1]
    assert last.startswith("ORDER BY")
    assert "LIMIT" not in query.body


@pytest.mark.parametrize("query", tuple(CATALOGUE), ids=lambda query: query.id)
def test_a_query_has_no_prefix_lines_of_its_own(query: Query) -> None:
    # they are in ontology/prefixes.ttl, and stand before the query only as far as it uses them
    assert "PREFIX" not in query.body
    assert query.prologue.count("PREFIX") < 12


def test_a_good_file_is_read(tmp_path: Path) -> None:
    query = read_query(written(tmp_path, GOOD), PREFIXES)
    assert query.id == "list-things"
    assert query.sparql.startswith("PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\nSELECT")
    assert query.as_json()["example"] == {"thing": "org:kcci"}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("title: {ko: 가, en: a}", "title: {ko: 가}", "title.en"),
        ("#+ tags: [test]\n", "", "tags"),
        ("tags: [test]", "tags: [test]\n#+ colour: red", "colour"),
        ("tags: [test]", "tags: [test", "not YAML"),
        ("type: entity, required", "type: entiti, required", "unknown type"),
        ("VALUES ?thing { UNDEF }", "VALUES ?thing { org:kcci }", "do not agree with the places"),
        ("name: other", "name: another", "not the variables"),
        ("SELECT ?other", "SELECT ?other ?thing", "not the variables"),
        ("SELECT", "SELEKT", "not SPARQL"),
        ("skos:broader", "nothing:broader", "not SPARQL"),
        ("evidence: [other]", "evidence: [thing]", "no columns"),
        ("example: {thing:", "example: {thong:", "no parameters"),
        ("minimum: 1", "minimum: 0", "minimum"),
    ],
)
def test_a_damaged_file_is_refused_with_the_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in GOOD
    with pytest.raises(CatalogueError) as caught:
        read_query(written(tmp_path, GOOD.replace(old, new)), PREFIXES)
    assert reason in str(caught.value)
    assert "list-things.rq" in str(caught.value)


def test_a_parameter_may_not_take_a_name_of_the_paging(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="limit"):
        read_query(written(tmp_path, GOOD.replace("thing", "limit")), PREFIXES)


def test_the_base_of_the_release_is_the_base_of_the_queries() -> None:
    elsewhere = Catalogue.load(CHECKOUT.queries, prefix_map("http://example.org/kip/"))
    assert "PREFIX kip: <http://example.org/kip/def/>" in elsewhere["source-issues"].sparql


def test_a_bound_value_is_not_bound_again() -> None:
    first = bind("VALUES ?a { UNDEF } VALUES ?b { UNDEF }", {"a": (NamedNode("urn:b"),)})
    assert first == "VALUES ?a { <urn:b> } VALUES ?b { UNDEF }"
