"""Parameters: what a caller's string means, and that no string becomes a part of the query's text."""

from __future__ import annotations

import re
from collections import Counter

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from api.engine.lexer import read_query
from api.naming.entities import Entity, EntityIndex
from api.questions.datatypes import DATATYPES
from api.questions.parameters import Parameter, Text, bind, places, read_values, spell
from graph_builder.project import CHECKOUT

BASE = "https://w3id.org/kip/"
SHINHAN = Entity(f"{BASE}id/org/shinhan-bank", "org", {"ko": "신한은행", "en": "Shinhan Bank"}, ("신한",))
MOTIE = Entity(f"{BASE}id/org/motie-2013", "org", {"ko": "산업통상자원부", "en": "MOTIE"}, ("산업부",))
MOTIR = Entity(f"{BASE}id/org/motir-2025", "org", {"ko": "산업통상부", "en": "MOTIR"}, ("산업부",))
CHIPS = Entity(f"{BASE}scheme/sector/semiconductors", "sector", {"ko": "반도체", "en": "Semiconductors"})
SECTOR = Entity(f"{BASE}def/Sector", "def", {"ko": "산업 분야", "en": "Sector"})
INDEX = EntityIndex([SHINHAN, MOTIE, MOTIR, CHIPS, SECTOR])
HOSTILE = (
    '" } } DELETE WHERE { ?s ?p ?o } #',
    "> } UNION { ?s ?p ?o",
    "\\u0022 } UNION { ?s ?p ?o } #",
    "\\",
    "\\\\u005c",
    "\\\x1f",
    "'''\n\r\t\x00",
    "VALUES ?text { UNDEF }",
    "# comment\n}",
    "\u202e\ufeff한글\U0001f600",
)


def parameter(name: str, *types: str, required: bool = False, many: bool = False) -> Parameter:
    described = Text(ko="설명", en="description")
    return Parameter(name=name, type=types, required=required, many=many, description=described)


def values_of(sparql: str) -> list[object]:
    answer = Store().query(sparql)
    assert isinstance(answer, QuerySolutions)
    return [row[0] for row in answer]


@pytest.mark.parametrize(
    "said",
    [
        SHINHAN.iri,
        "org:shinhan-bank",
        "ORG:Shinhan-Bank",
        "shinhan-bank",
        "신한은행",
        " 신한 은행 ",
        "신한",
        "shinhan  bank",
        "\u1109\u1175\u11ab\u1112\u1161\u11ab\u110b\u1173\u11ab\u1112\u1162\u11bc",
    ],
)
def test_an_entity_is_named_in_many_ways(said: str) -> None:
    values, faults = read_values([parameter("bank", "org")], {"bank": [said]}, INDEX)
    assert (values, faults) == ({"bank": (NamedNode(SHINHAN.iri),)}, [])


def test_an_entity_of_another_kind_is_refused_with_the_nearest() -> None:
    values, faults = read_values([parameter("bank", "org")], {"bank": ["sector:semiconductors"]}, INDEX)
    assert not values
    assert "no org of this name" in faults[0].message


def test_a_misspelt_name_brings_the_nearest() -> None:
    _, (fault,) = read_values([parameter("bank", "org")], {"bank": ["신항은행"]}, INDEX)
    assert fault.nearest[0] == SHINHAN
    assert fault.as_json()["nearest"][0] == {
        "iri": SHINHAN.iri,
        "curie": "org:shinhan-bank",
        "label": {"ko": "신한은행", "en": "Shinhan Bank"},
    }


def test_an_unknown_iri_brings_the_nearest_by_its_last_part() -> None:
    _, (fault,) = read_values([parameter("bank", "org")], {"bank": [f"{BASE}id/org/shinhan-banks"]}, INDEX)
    assert fault.nearest[0] == SHINHAN


def test_an_ambiguous_name_lists_all_that_bear_it() -> None:
    _, (fault,) = read_values([parameter("ministry", "org")], {"ministry": ["산업부"]}, INDEX)
    assert set(fault.nearest) == {MOTIE, MOTIR}
    assert "more than one" in fault.message


def test_a_label_wins_over_another_things_other_name() -> None:
    index = EntityIndex([SHINHAN, Entity(f"{BASE}id/org/other", "org", {"ko": "다른 은행"}, ("신한은행",))])
    assert index.find("신한은행", {"org"}) == [SHINHAN]


def test_a_term_of_the_ontology_is_meant_only_by_its_iri_or_curie() -> None:
    assert INDEX.find("산업 분야") == []
    assert INDEX.find("kip:Sector") == INDEX.find(SECTOR.iri) == [SECTOR]


@pytest.mark.parametrize(
    ("kind", "said", "meant"),
    [
        ("date", "2020-02-29", '"2020-02-29"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("year", "2022", '"2022"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("decimal", "-02.50", '"-2.50"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("integer", "-007", '"-7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("iri", "urn:x:1", "<urn:x:1>"),
        ("text", "가\u0301", '"가\u0301"'),
    ],
)
def test_a_scalar_becomes_a_typed_term(kind: str, said: str, meant: str) -> None:
    values, faults = read_values([parameter("it", kind)], {"it": [said]}, INDEX)
    assert not faults
    assert str(values["it"][0]) == meant


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("date", "2020-02-30"),
        ("date", "2020"),
        ("date", "20200101"),
        ("year", "20934"),
        ("year", "٢٠٢٠"),
        ("integer", "1e3"),
        ("decimal", "1e3"),
        ("decimal", "NaN"),
        ("decimal", "1,000"),
        ("decimal", "."),
        ("years", "2020..2017"),
        ("years", ".."),
        ("years", "2017...2020"),
        ("years", "2017..20934"),
        ("integer", "9" * 40),
        ("iri", "javascript:alert(1)"),
        ("iri", "https://e.org/> } #"),
        ("text", "x" * 501),
    ],
)
def test_a_wrong_scalar_is_refused(kind: str, said: str) -> None:
    values, faults = read_values([parameter("it", kind)], {"it": [said]}, INDEX)
    assert (values, len(faults)) == ({}, 1)


def years_of(term: Literal) -> int:
    assert term.datatype == NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    return int(term.value)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"years": ["2017..2020"]}, {"yearsFrom": 2017, "yearsTo": 2020}),
        ({"years": ["2017.."]}, {"yearsFrom": 2017}),
        ({"years": ["..2020"]}, {"yearsTo": 2020}),
        ({"years": [" 2018 "]}, {"yearsFrom": 2018, "yearsTo": 2018}),
        ({"yearsFrom": ["2017"], "yearsTo": ["2020"]}, {"yearsFrom": 2017, "yearsTo": 2020}),
        ({"yearsFrom": ["2017"], "yearsTo": [""]}, {"yearsFrom": 2017}),
        ({"yearsTo": ["2020"]}, {"yearsTo": 2020}),
        ({"years": [""]}, {}),
    ],
)
def test_a_range_binds_a_place_for_each_end(said: dict[str, list[str]], meant: dict[str, int]) -> None:
    values, faults = read_values([parameter("years", "years")], said, INDEX)
    assert not faults
    assert {place: years_of(term) for place, (term,) in values.items() if isinstance(term, Literal)} == meant
    sparql = "SELECT ?years { VALUES ?yearsFrom { UNDEF } VALUES ?yearsTo { UNDEF } VALUES ?years { 2016 2018 2021 } "
    sparql += "FILTER(COALESCE(?years >= ?yearsFrom, true) && COALESCE(?years <= ?yearsTo, true)) }"
    kept = [int(str(getattr(year, "value", ""))) for year in values_of(bind(sparql, values))]
    assert kept == [
        year for year in (2016, 2018, 2021) if meant.get("yearsFrom", 0) <= year <= meant.get("yearsTo", 9999)
    ]


def days_of(first: str, last: str) -> list[str]:
    parameters = [parameter("from", "date"), parameter("to", "date")]
    _, faults = read_values(parameters, {"from": [first], "to": [last]}, INDEX)
    return [f"{fault.parameter}: {fault.message}" for fault in faults]


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    assert days_of("2020-01-01", "2019-01-01") == ["to: 2019-01-01 is before 2020-01-01"]
    assert days_of("2019-01-01", "2019-01-01") == days_of("2019-01-01", "2020-01-01") == []
    assert days_of("", "2019-01-01") == days_of("2019-01-01", "") == []


@pytest.mark.parametrize("said", ["2022-02-30", "2021-02-29", "2022-13-01"])
def test_a_day_that_no_calendar_has_is_told_so(said: str) -> None:
    _, (fault,) = read_values([parameter("day", "date")], {"day": [said]}, INDEX)
    assert (fault.said("ko"), fault.said("en")) == ("달력에 없는 날이다", "the calendar has no such day")


def test_nothing_comes_near_a_value_that_is_not_given() -> None:
    _, (fault,) = read_values([parameter("bank", "org", required=True)], {"bank": [""]}, INDEX)
    assert (fault.nearest, fault.names) == ((), ())


@pytest.mark.parametrize("said", ["은행나무", "한은", "shin"])
def test_what_only_shares_letters_with_a_name_is_not_near(said: str) -> None:
    _, (fault,) = read_values([parameter("bank", "org")], {"bank": [said]}, INDEX)
    assert fault.nearest == ()


def test_a_range_is_said_in_one_way_only() -> None:
    _, faults = read_values([parameter("years", "years")], {"years": ["2017.."], "yearsTo": ["2020"]}, INDEX)
    assert ["not both" in fault.message for fault in faults] == [True]
    _, faults = read_values([parameter("years", "years")], {"yearsFrom": ["2017", "2018"]}, INDEX)
    assert len(faults) == 1


def test_a_list_has_its_own_defaults() -> None:
    described = Parameter(
        name="bank", type=("org",), many=True, default=("신한은행", "산업통상부"), description=Text(ko="가", en="a")
    )
    values, _ = read_values([described], {}, INDEX)
    assert values["bank"] == (NamedNode(SHINHAN.iri), NamedNode(MOTIR.iri))
    assert described.json_schema()["default"] == ["신한은행", "산업통상부"]


def test_every_type_is_described_and_its_description_agrees_with_its_reader() -> None:
    written = {
        "date": "2020-05-06",
        "year": "2020",
        "years": "2017..",
        "integer": "-7",
        "decimal": "2.5",
        "iri": "urn:x:1",
    }
    for name, row in DATATYPES.items():
        said = parameter("it", name)
        value = said.sent([written.get(name, "글")])
        jsonschema.validate(value, said.json_schema(), format_checker=jsonschema.FormatChecker())
        assert row.read(str(value)) and row.written.ko != row.written.en
        assert row.written.en in said.explained().en


def test_the_document_of_the_queries_lists_the_types_that_there_are() -> None:
    section = (CHECKOUT.queries / "README.md").read_text("utf-8").split("## Parameters")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(DATATYPES)


TYPES = st.sampled_from([*DATATYPES, "org", "entity"])


@settings(max_examples=300)
@given(
    TYPES, st.one_of(st.sampled_from(HOSTILE), st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
)
def test_whatever_is_sent_is_refused_or_bound_as_one_term(kind: str, text: str) -> None:
    wanted = [parameter("it", kind, many=kind != "years")]
    values, faults = read_values(wanted, {"it": [text]}, INDEX)
    assert bool(values) != bool(faults) or not text.strip()
    body = "SELECT ?x { " + " ".join(f"VALUES ?{place} {{ UNDEF }}" for place in wanted[0].places) + " }"
    bound = bind(body, values)
    for place, terms in values.items():
        assert values_of(bound.replace("SELECT ?x", f"SELECT ?{place}")) == list(terms)


@settings(max_examples=200)
@given(st.text(alphabet='<>"{}|^`\\ \n#?&aé', max_size=30))
def test_an_iri_that_would_break_out_is_refused(text: str) -> None:
    values, faults = read_values([parameter("it", "iri")], {"it": [f"https://e.org/{text}"]}, INDEX)
    if not faults:
        (term,) = values["it"]
        assert values_of(bind("SELECT ?it { VALUES ?it { UNDEF } }", values)) == [term]
        assert not set(term.value) & set('<>"{}|^`\\ \n')


def test_every_fault_is_told_at_once() -> None:
    wanted = [parameter("bank", "org", required=True), parameter("day", "date")]
    _, faults = read_values(wanted, {"day": ["tomorrow"], "banc": ["x"]}, INDEX)
    assert [fault.parameter for fault in faults] == ["banc", "bank", "day"]
    assert faults[0].names[0] == "bank"


def test_a_single_parameter_refuses_two_values_and_a_list_takes_them() -> None:
    said = {"bank": ["신한은행", "산업통상부", "신한은행"]}
    assert len(read_values([parameter("bank", "org")], said, INDEX)[1]) == 1
    values, _ = read_values([parameter("bank", "org", many=True)], said, INDEX)
    assert values["bank"] == (NamedNode(SHINHAN.iri), NamedNode(MOTIR.iri))


def test_the_default_stands_where_nothing_is_said() -> None:
    described = Parameter(name="bank", type=("org",), default="신한은행", description=Text(ko="가", en="a"))
    assert read_values([described], {"bank": [" "]}, INDEX)[0] == {"bank": (NamedNode(SHINHAN.iri),)}


def test_an_unbound_place_stays_as_it_is() -> None:
    sparql = "SELECT * { VALUES ?a { UNDEF } VALUES ?b { UNDEF } }"
    assert bind(sparql, {"a": (Literal(1),)}).count("UNDEF") == 1
    assert places(sparql) == {"a", "b"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_one_literal(text: str) -> None:
    sparql = bind("SELECT ?text { VALUES ?text { UNDEF } VALUES ?other { UNDEF } }", {"text": (Literal(text),)})
    assert values_of(sparql) == [Literal(text)]


@settings(max_examples=300)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_stays_one_literal(text: str) -> None:
    assert values_of(bind("SELECT ?text { VALUES ?text { UNDEF } }", {"text": (Literal(text),)})) == [Literal(text)]


@given(st.text(alphabet='\\uU0025cC"x', max_size=30))
def test_an_engine_that_decodes_before_it_parses_reads_the_same_literal(text: str) -> None:
    # https://www.w3.org/TR/sparql11-query/#codepointEscape
    decoded = re.sub(
        r"\\u([0-9A-F]{4})|\\U([0-9A-F]{8})", lambda it: chr(int(it[1] or it[2], 16)), spell(Literal(text))
    )
    assert decoded == str(Literal(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_never_an_entity(text: str) -> None:
    values, faults = read_values([parameter("bank", "org")], {"bank": [text]}, INDEX)
    assert not values
    assert len(faults) == 1


SENTINEL = "SELECT ?text ?other ?kept { VALUES ?text { UNDEF } VALUES ?other { UNDEF } VALUES ?kept { 'as it was' } }"
CHARACTERS = st.characters(exclude_categories=["Cs"])
TEXTS = st.one_of(
    st.sampled_from(HOSTILE), st.text(CHARACTERS, max_size=30), st.text("{}<>'\"\\#?\n\r uUNDEF", max_size=30)
)
SOME_IRIS = ["urn:x:SERVICE", f"{BASE}id/org/신한", "http://e.org/a?b=c&d=%20#SERVICE", "http://[::1]/{}"]
IRIS = st.one_of(st.sampled_from(SOME_IRIS), TEXTS.map(lambda text: f"http://e.org/{text}"), TEXTS)


@st.composite
def terms(draw: st.DrawFn) -> Literal | NamedNode:
    """A literal of any kind, or whatever pyoxigraph takes for an IRI."""
    kind = draw(st.sampled_from(["plain", "tagged", "typed", "iri"]))
    if kind == "iri":
        try:
            return NamedNode(draw(IRIS))
        except ValueError:
            return NamedNode("urn:x:y")
    text = draw(TEXTS)
    if kind == "tagged":
        return Literal(text, language=draw(st.sampled_from(["ko", "en-GB"])))
    return Literal(text, datatype=NamedNode("urn:x:SERVICE")) if kind == "typed" else Literal(text)


@settings(max_examples=300)
@given(st.lists(terms(), min_size=1, max_size=4), st.lists(terms(), min_size=1, max_size=3))
def test_any_terms_stay_the_terms_that_they_are_and_change_nothing_else(
    texts: list[Literal | NamedNode], others: list[Literal | NamedNode]
) -> None:
    sparql = bind(SENTINEL, {"text": tuple(texts), "other": tuple(others)})
    answer = Store().query(sparql)
    assert isinstance(answer, QuerySolutions)
    rows = Counter((row["text"], row["other"], row["kept"]) for row in answer)
    assert rows == Counter((one, other, Literal("as it was")) for one in texts for other in others)


@settings(max_examples=200)
@given(st.lists(terms(), min_size=1, max_size=4))
def test_no_term_makes_a_query_one_that_is_refused(texts: list[Literal | NamedNode]) -> None:
    """What is bound passes the lexer as the author's query does, and is no other query to it."""
    bound = read_query(bind(SENTINEL, {"text": tuple(texts)}))
    plain = read_query(SENTINEL)
    assert (bound.form, bound.own_limit, bound.repeatable) == (plain.form, plain.own_limit, plain.repeatable)


@settings(max_examples=300)
@given(IRIS)
def test_what_is_taken_for_an_iri_is_one_and_is_bound_as_it_is(said: str) -> None:
    values, faults = read_values([parameter("it", "iri")], {"it": [said]}, INDEX)
    assert bool(values) != bool(faults) or not said.strip()
    for (term,) in values.values():
        assert isinstance(term, NamedNode)
        assert term.value == said.strip()
        assert values_of(bind("SELECT ?it { VALUES ?it { UNDEF } }", {"it": (term,)})) == [term]


@settings(max_examples=300)
@given(st.sampled_from(["date", "year", "integer", "iri", "text", "org"]), TEXTS)
def test_whatever_is_said_is_a_term_or_a_fault(kind: str, said: str) -> None:
    values, faults = read_values([parameter("it", kind)], {"it": [said]}, INDEX)
    if not said.strip():
        assert not values
        assert not faults
    else:
        assert bool(values) != bool(faults)
    for (term,) in values.values():
        assert values_of(bind("SELECT ?it { VALUES ?it { UNDEF } }", {"it": (term,)})) == [term]
