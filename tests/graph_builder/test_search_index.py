from __future__ import annotations

import sqlite3
from array import array

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, Triple, parse

from graph_builder.labels import label_index
from graph_builder.prefixes import PrefixMap
from graph_builder.search_index import search_index

GRAPH = """\
@base <https://w3id.org/kip/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix orgs: <http://www.w3.org/ns/org#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix kip: <https://w3id.org/kip/def/> .

<org/gana> a kip:Ministry, kip:Organization ; rdfs:label "가나부"@ko, "Ministry of Gana"@en ;
  skos:altLabel "가부"@ko ; kip:abbreviation "가부"@ko, "MOG"@en ; kip:slogan "나라의 힘"@ko ;
  kip:directSuccessor <org/dara> .
<org/dara> a kip:Ministry ; rdfs:label "다라부"@ko, "Ministry of Dara"@en .
<change/one> a kip:OrganizationChange ; rdfs:label "개편"@ko ;
  kip:eventDate "2013-03-01"^^xsd:date ; kip:datePrecision <../scheme/precision/month> ;
  kip:changeType <../scheme/change-type/renamed> ;
  orgs:originalOrganization <org/gana> ;
  orgs:resultingOrganization <org/dara> .
<change/two> a kip:OrganizationChange ; rdfs:label "이관"@ko ;
  kip:eventDate "2017-07-26"^^xsd:date ; kip:changeType <../scheme/change-type/function-transferred> ;
  orgs:originalOrganization <org/dara> ;
  orgs:resultingOrganization <org/gana> .
<commitment/money> a kip:BudgetCommitment ; rdfs:label "예산"@ko ;
  kip:value <value/v1> .
<value/v1> kip:numericValue "1200000000000"^^xsd:decimal ; kip:statedText "1조2000억원"@ko .
<law/one> a kip:Act ; rdfs:label "가나법"@ko ; dct:identifier "법률 제18692호" .
<source/one> rdfs:label "가나법 해설"@ko ; rdfs:seeAlso <law/one> .
<event/launch> a kip:Event ; rdfs:label "출범식"@ko ; kip:eventDate "2020-10-28"^^xsd:date .
"""


@pytest.fixture(scope="module")
def triples() -> list[Triple]:
    quads = parse(GRAPH, format=RdfFormat.TURTLE)
    return [quad.triple for quad in quads if quad.graph_name == DefaultGraph()]


@pytest.fixture(scope="module")
def content(triples: list[Triple], prefixes: PrefixMap) -> bytes:
    return search_index(triples, label_index(triples, prefixes), prefixes)


@pytest.fixture
def database(content: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.deserialize(content)
    return connection


def _dates(database: sqlite3.Connection, curie: str) -> object:
    return database.execute("SELECT first, last FROM thing WHERE curie = ?", (curie,)).fetchone()


def test_the_same_graph_gives_the_same_bytes(triples: list[Triple], content: bytes, prefixes: PrefixMap) -> None:
    backwards = triples[::-1]
    assert search_index(backwards, label_index(backwards, prefixes), prefixes) == content


def test_a_change_that_another_organisation_succeeds_gives_dates(database: sqlite3.Connection) -> None:
    assert _dates(database, "org:gana") == (None, "2013-03")
    # and the transfer of a function none
    assert _dates(database, "org:dara") == ("2013-03", None)
    assert _dates(database, "event:launch") == ("2020-10-28", "2020-10-28")
    assert _dates(database, "commitment:money") == (None, None)


def test_each_name_stands_once_with_its_language(database: sqlite3.Connection) -> None:
    query = """SELECT text, lang, role FROM name JOIN thing ON thing.id = name.thing
        WHERE curie = 'org:gana' AND folded != '엠오지' ORDER BY name.id"""
    assert database.execute(query).fetchall() == [
        ("Ministry of Gana", "en", "label"),
        ("가나부", "ko", "label"),
        ("가부", "ko", "alt"),
        ("MOG", "en", "alt"),
        ("나라의 힘", "ko", "alt"),
        ("org:gana", "", "id"),
    ]


def test_the_number_of_a_law_is_a_name_of_it(database: sqlite3.Connection) -> None:
    query = "SELECT curie, role FROM name JOIN thing ON thing.id = name.thing WHERE text = '법률 제18692호'"
    assert database.execute(query).fetchall() == [("law:one", "alt")]


def test_what_only_tells_of_a_thing_weighs_less_than_the_thing(database: sqlite3.Connection) -> None:
    weights = dict(database.execute("SELECT curie, weight FROM thing WHERE kind IN ('law', 'source', 'event')"))
    assert weights["source:one"] < 0 == weights["event:launch"] < weights["law:one"]


def test_letters_in_a_korean_name_are_also_read_as_koreans_say_them(prefixes: PrefixMap) -> None:
    label = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    names = {
        "lge": Literal("LG전자", language="ko"),
        "rnd": Literal("R&D 지원", language="ko"),
        "kt": Literal("KT", language="en"),
        "ip": Literal("IP", language="en"),
        "posco": Literal("POSCO", language="ko"),
    }
    triples = [Triple(NamedNode("https://w3id.org/kip/id/org/ip"), label, Literal("지식재산", language="ko"))]
    triples += [
        Triple(NamedNode("https://w3id.org/kip/id/org/cns"), label, Literal("LG CNS", language=lang))
        for lang in ("en", "ko")
    ]
    triples += [Triple(NamedNode(f"https://w3id.org/kip/id/org/{key}"), label, name) for key, name in names.items()]
    connection = sqlite3.connect(":memory:")
    connection.deserialize(search_index(triples, label_index(triples, prefixes), prefixes))
    query = "SELECT text, folded FROM name WHERE role = 'alt' ORDER BY text"
    assert connection.execute(query).fetchall() == [
        ("IP", "아이피"),
        ("KT", "케이티"),
        ("LG CNS", "엘지씨엔에스"),
        ("LG전자", "엘지전자"),
        ("R&D 지원", "알앤디지원"),
    ]


def test_a_run_of_two_syllables_leads_to_its_names(database: sqlite3.Connection) -> None:
    [[names]] = database.execute("SELECT names FROM run WHERE form = 'folded' AND run = '나부'").fetchall()
    texts = [database.execute("SELECT text FROM name WHERE id = ?", (key,)).fetchone()[0] for key in array("I", names)]
    assert texts == ["가나부"]


def test_a_value_is_found_by_its_number_with_its_print(database: sqlite3.Connection) -> None:
    query = "SELECT curie, text, lang FROM number JOIN thing ON thing = id WHERE number = '1200000000000'"
    assert database.execute(query).fetchall() == [("commitment:money", "1조2000억원", "ko")]


def test_classes_are_kept_with_their_superclasses(database: sqlite3.Connection) -> None:
    query = "SELECT class_of.class FROM class_of JOIN thing ON thing = id WHERE curie = 'org:gana' ORDER BY 1"
    assert [row[0].rpartition("/")[2] for row in database.execute(query)] == ["Ministry", "Organization"]
