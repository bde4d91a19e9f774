"""Forms of canned queries: each type of parameter has its control, and what is sent means what it shows."""

from __future__ import annotations

import pytest

from api.naming.entities import Entity, EntityIndex
from api.questions.catalogue import Query, read_query
from api.questions.forms import MENU, SUGGESTED, Control, controls, filled_in
from api.questions.parameters import read_values
from graph_builder.prefixes import DEFAULT_BASE, prefix_map

TYPES = """
#+ - {name: instruments, type: instrument, many: true, description: {ko: 가, en: a}}
#+ - {name: sector, type: sector, description: {ko: 가, en: a}}
#+ - {name: bank, type: org, description: {ko: 가, en: a}}
#+ - {name: thing, type: entity, description: {ko: 가, en: a}}
#+ - {name: day, type: date, description: {ko: 가, en: a}}
#+ - {name: years, type: years, description: {ko: 가, en: a}}
#+ - {name: least, type: decimal, description: {ko: 가, en: a}}
#+ - {name: words, type: text, many: true, description: {ko: 가, en: a}}
"""
PLACES = ("instruments", "sector", "bank", "thing", "day", "yearsFrom", "yearsTo", "least", "words")


def concept(scheme: str, slug: str, ko: str) -> Entity:
    return Entity(f"{DEFAULT_BASE}scheme/{scheme}/{slug}", scheme, {"ko": ko, "en": slug})


def thing(kind: str, slug: str, ko: str) -> Entity:
    return Entity(f"{DEFAULT_BASE}id/{kind}/{slug}", kind, {"ko": ko, "en": slug})


INDEX = EntityIndex(
    [
        concept("instrument", "guarantee", "보증"),
        concept("instrument", "loan", "융자"),
        concept("sector", "semiconductors", "반도체"),
        thing("org", "shinhan-bank", "신한은행"),
        thing("org", "one", "같은 이름"),
        thing("org", "two", "같은 이름"),
        thing("org", "comma", "기관 가, 나"),
        *(thing("program", f"p-{number}", f"사업 {number}") for number in range(SUGGESTED)),
    ]
)


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> Query:
    folder = tmp_path_factory.mktemp("queries")
    text = "#+ title: {ko: 가, en: a}\n#+ question: {ko: 가, en: a}\n#+ description: {ko: 가, en: a}\n#+ tags: [test]\n"
    text += f"#+ parameters:{TYPES}#+ columns:\n#+ - {{name: other, type: entity, label: {{ko: 가, en: a}}}}\n"
    text += "#+ evidence: [other]\n#+ expect: {minimum: 1}\n\nSELECT ?other WHERE {\n"
    text += "".join(f"  VALUES ?{name} {{ UNDEF }}\n" for name in PLACES) + "  ?other ?p ?o\n}\nORDER BY ?other\n"
    (folder / "ask.rq").write_text(text, "utf-8")
    return read_query(folder / "ask.rq", prefix_map(DEFAULT_BASE))


def form(query: Query, *sent: tuple[str, str]) -> dict[str, Control]:
    given = filled_in(query, sent, INDEX)
    values, faults = read_values(query.header.parameters, given, INDEX)
    found = controls(query, given, values, faults, INDEX, "ko")
    return {control.parameter.name: control for control in found}


def test_each_type_has_its_control(query: Query) -> None:
    found = {name: (each.kind, each.type) for name, each in form(query).items()}
    assert found == {
        "instruments": ("menu", "text"),
        "sector": ("menu", "text"),
        "bank": ("names", "text"),
        "thing": ("names", "text"),
        "day": ("box", "date"),
        "years": ("years", "text"),
        "least": ("box", "number"),
        "words": ("box", "text"),
    }


def test_a_scheme_is_a_menu_in_which_a_name_that_was_sent_is_chosen(query: Query) -> None:
    options = form(query, ("sector", "반도체"))["sector"].options
    assert [(each.value, each.label, each.chosen) for each in options] == [("sector:semiconductors", "반도체", True)]
    both = form(query, ("instruments", "보증"), ("instruments", "instrument:loan"))["instruments"].options
    assert [each.label for each in both if each.chosen] == ["보증", "융자"]


def test_what_a_menu_does_not_have_stays_to_be_seen_beside_its_fault(query: Query) -> None:
    control = form(query, ("sector", "반도채"))["sector"]
    assert next((each.value, each.chosen) for each in control.options) == ("반도채", True)
    assert control.faults[0].nearest[0].curie == "sector:semiconductors"
    assert control.faults[0].said("ko") != control.faults[0].said("en")


def test_a_small_kind_suggests_its_names_and_a_curie_where_two_bear_one(query: Query) -> None:
    control = form(query)["bank"]
    values = {each.value for each in control.options}
    assert {"신한은행", "org:one", "org:two"} <= values and "같은 이름" not in values
    assert form(query)["thing"].options == (), "too many to be listed"
    assert MENU < SUGGESTED


def test_a_range_that_cannot_be_read_stays_in_one_box(query: Query) -> None:
    control = form(query, ("years", "2017-2020"))["years"]
    assert (control.kind, control.type, control.text, control.attributes) == ("box", "text", "2017-2020", {})
    assert control.faults


def test_a_range_of_years_is_two_boxes_however_it_was_sent(query: Query) -> None:
    for sent in ([("years", "2017..2020")], [("yearsFrom", "2017"), ("yearsTo", "2020")]):
        control = form(query, *sent)["years"]
        assert (control.sent["yearsFrom"], control.sent["yearsTo"]) == ("2017", "2020")
        assert control.attributes["min"] == "1900"


def test_a_box_for_several_has_commas_between_them_but_a_name_keeps_its_own(query: Query) -> None:
    assert filled_in(query, [("words", "a, b,,c")], INDEX) == {"words": ["a", "b", "c"]}
    many = query.header.parameters[2].model_copy(update={"many": True})
    header = query.header.model_copy(update={"parameters": (many,)})
    asked = Query("ask", header, query.body, query.prologue)
    assert filled_in(asked, [("bank", "기관 가, 나")], INDEX) == {"bank": ["기관 가, 나"]}
    assert filled_in(asked, [("bank", "신한은행, org:one")], INDEX) == {"bank": ["신한은행", "org:one"]}


def test_an_empty_form_sends_nothing(query: Query) -> None:
    assert filled_in(query, [("sector", ""), ("day", " "), ("words", ",")], INDEX) == {}
