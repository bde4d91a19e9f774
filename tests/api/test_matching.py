"""How a query matches a name, on indexes of a few names."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from api.naming.search import SearchIndex
from graph_builder.labels import label_index
from graph_builder.prefixes import prefix_map
from graph_builder.search_index import search_index

LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
ALT = "http://www.w3.org/2004/02/skos/core#altLabel"
KIP = "https://w3id.org/kip/def/"


def _literal(text: str) -> Literal:
    return Literal(text, language="en" if text.isascii() else "ko")


def _named(curie: str, *names: str) -> list[Triple]:
    """A thing with its label and its other names."""
    thing = NamedNode(f"https://w3id.org/kip/id/{curie.replace(':', '/')}")
    return [Triple(thing, NamedNode(ALT if place else LABEL), _literal(name)) for place, name in enumerate(names)]


def _index(things: Iterable[Iterable[Triple]]) -> SearchIndex:
    triples, names = [triple for thing in things for triple in thing], prefix_map()
    return SearchIndex(search_index(triples, label_index(triples, names), names))


def _found(index: SearchIndex, text: str) -> list[str]:
    return [hit.curie for hit in index.search(text)]


TARGETS = {
    "target:stations-310-by-2022": "2022년까지 수소충전소 310개",
    "target:stations-660-by-2030": "2030년까지 수소충전소 660개",
    "target:stations-1200-by-2040": "2040년까지 수소충전소 1200개",
}


@pytest.fixture(scope="module")
def targets() -> SearchIndex:
    return _index(_named(*each) for each in TARGETS.items())


@pytest.mark.parametrize("text", ["2040년까지 수소충전소", "수소충전소 2040년", "2040년에는 수소충전서"])
def test_another_number_is_no_typing_error(targets: SearchIndex, text: str) -> None:
    assert _found(targets, text)[0] == "target:stations-1200-by-2040"


def test_a_year_that_no_name_has_brings_none_as_misspelt(targets: SearchIndex) -> None:
    assert {hit.matched.how for hit in targets.search("2035년까지 수소충전소")} == {"text"}
    assert not _found(targets, "2035년까지 수송충전소")


def test_a_person_comes_before_the_reports_of_what_the_person_did() -> None:
    index = _index(
        [
            _named("person:sung-yun-mo", "성윤모"),
            _named("source:report", "성윤모 장관 반도체 공장 방문"),
            _named("tenure:sung-yun-mo", "성윤모 제16대 산업통상자원부 장관"),
        ]
    )
    assert _found(index, "성윤모 장관") == ["tenure:sung-yun-mo", "source:report", "person:sung-yun-mo"]
    whole = index.search("성윤모 장관 반도체 공장 방문").hits[0]
    assert (whole.curie, whole.score) == ("source:report", 1.0)


def test_an_identifier_is_found_only_by_what_looks_like_one() -> None:
    index = _index([_named("event:launch", "출범식"), _named("sector:ev", "전기차", "EV")])
    assert _found(index, "EV") == ["sector:ev"]
    assert _found(index, "event:") == _found(index, "event:launch") == ["event:launch"]


def test_a_name_that_lacks_a_word_comes_after_the_one_that_has_them_all() -> None:
    index = _index(
        [
            _named("program:dx", "Industrial digital transformation"),
            _named("law:dx-act", "Industrial Digital Transformation Promotion Act"),
        ]
    )
    assert _found(index, "act on industrial digital transformation")[0] == "law:dx-act"
