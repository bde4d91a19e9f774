"""Pictures of answers: they show what the table says, in both languages, without script and style of their own."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from api.questions.catalogue import Column, Expectation, Header, Query, View
from api.questions.charts import MOST, chart_of
from api.questions.datatypes import Text
from api.questions.diagrams import Link, flows, network
from api.questions.drawing import fitted, width_of
from api.wording.display import Language

SVG = "{http://www.w3.org/2000/svg}"
BOTH = Text(ko="제목", en="Title")


def column(name: str, kind: str, unit: str | None = None) -> Column:
    return Column(name=name, type=(kind,), label=BOTH, unit=unit)


def query(view: Any, **columns: str) -> Query:
    header = Header(
        title=BOTH,
        question=BOTH,
        description=BOTH,
        tags=("test",),
        columns=tuple(column(name, *kind.split(" in ")) for name, kind in columns.items()),
        evidence=("thing",),
        expect=Expectation(minimum=1),
        view=view,
    )
    return Query("draw", header, "", "")


def cell(value: Any, **label: str) -> dict[str, Any]:
    return {"value": value, "type": "x", "label": label or None}


def drawn(asked: Query, rows: list[dict[str, Any]], language: Language = "ko") -> Element:
    chart = chart_of(asked, rows, language)
    assert chart is not None
    return fromstring(str(chart.svg))


def words(root: Element) -> list[str]:
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def boxes(root: Element, cls: str) -> list[dict[str, str]]:
    return [each.attrib for each in root.iter(f"{SVG}rect") if each.get("class") == cls]


BAR = query("bar", thing="org", amount="decimal in currency", currency="unit")
MONEY: list[dict[str, Any]] = [
    {
        "thing": cell("u:a", ko="가", en="a"),
        "amount": cell(2_000_000_000_000),
        "currency": cell("u:KRW", ko="원", en="won"),
    },
    {
        "thing": cell("u:b", ko="나", en="b"),
        "amount": cell(500_000_000_000),
        "currency": cell("u:KRW", ko="원", en="won"),
    },
    {"thing": cell("u:c", ko="다", en="c"), "amount": cell(7), "currency": cell("u:USD", ko="달러", en="dollar")},
    {"thing": cell("u:d", ko="라", en="d"), "amount": None, "currency": None},
]


def test_bars_are_as_long_as_the_numbers_and_each_unit_has_its_own_scale() -> None:
    root = drawn(BAR, MONEY)
    long, short, other = (float(each["width"]) for each in boxes(root, "bar"))
    assert long == pytest.approx(4 * short, rel=0.01) and other == pytest.approx(long)
    assert {"원", "달러", "2조", "5,000억", "가"} <= set(words(root))
    assert "라" not in words(root)


def test_a_unit_is_that_of_the_number_and_none_where_things_are_counted() -> None:
    asked = query("bar", thing="org", share="decimal in percent", unit="unit")
    rows = [{"thing": cell("u:a", ko="가"), "share": cell(20), "unit": cell("http://qudt.org/vocab/unit/GigaW")}]
    assert "%" in words(drawn(asked, rows)) and "GigaW" not in words(drawn(asked, rows))
    # though a column has the name of the unit
    asked = query("bar", thing="org", percent="decimal in percent")
    assert "%" in words(drawn(asked, [{"thing": row["thing"], "percent": row["share"]} for row in rows]))
    counted = query("bar", thing="org", number="decimal in unit", unit="unit")
    rows = [{"thing": cell("u:a", ko="가"), "number": cell(20), "unit": cell("http://qudt.org/vocab/unit/NUM")}]
    assert "NUM" not in words(drawn(counted, rows))


def test_the_columns_that_tell_rows_apart_are_named_and_a_bound_is_kept() -> None:
    asked = query("bar", thing="org", means="instrument", amount="decimal", bound="bound")
    rows = [
        {"thing": cell("u:a", ko="가"), "means": cell(f"u:{n}", ko=f"수단 {n}"), "amount": cell(n), "bound": bound}
        for n, bound in (
            (1, {**cell("b:1", ko="이상"), "curie": "bound:at-least"}),
            (2, {**cell("b:2", ko="정확"), "curie": "bound:exact"}),
        )
    ]
    assert {"수단 1", "수단 2", "1 (이상)", "2"} <= set(words(drawn(asked, rows)))


def test_a_picture_says_in_both_languages_what_it_is() -> None:
    languages: tuple[tuple[Language, str], ...] = (("ko", "제목"), ("en", "Title"))
    for language, title in languages:
        root = drawn(BAR, MONEY, language)
        assert root.get("role") == "img"
        named = {each.get("id"): each.text for each in root}
        assert named[root.get("aria-labelledby")] == title
        assert named[root.get("aria-describedby")]
        assert not [each for each in root.iter() for name in each.attrib if name == "style" or name.startswith("on")]
    assert "2 tn" in words(root) and "won" in words(root)


def test_the_rows_that_a_picture_leaves_out_are_counted() -> None:
    chart = chart_of(BAR, MONEY, "ko")
    assert chart is not None and chart.left_out == 1
    many = chart_of(BAR, MONEY[:1] * (MOST + 3), "ko")
    assert many is not None and many.left_out == 3


def test_nothing_to_draw_gives_no_picture() -> None:
    assert chart_of(BAR, MONEY[3:], "ko") is None
    assert chart_of(query("table", thing="org"), MONEY, "ko") is None


def test_hostile_words_stay_words() -> None:
    rows: list[dict[str, Any]] = [{**MONEY[0], "thing": cell("u:a", ko="</text><script>alert(1)</script>")}]
    root = drawn(BAR, rows)
    assert not list(root.iter(f"{SVG}script"))
    assert any("</text><script>" in each for each in ("".join(root.itertext()),))


def test_a_timeline_has_its_entries_in_order_once_each_and_spans_as_long_as_they_last() -> None:
    rows: list[dict[str, Any]]
    asked = query({"kind": "timeline", "end": "until"}, begun="date", until="date", thing="event")
    rows = [
        {"thing": cell("u:b", ko="둘"), "begun": cell("2018-01-01"), "until": cell("2020-01-01")},
        {"thing": cell("u:a", ko="하나"), "begun": cell("2016-01-01"), "until": cell("2017-01-01")},
        {"thing": cell("u:a", ko="하나"), "begun": cell("2016-01-01"), "until": cell("2017-01-01")},
        {"thing": cell("u:c", ko="셋"), "begun": cell("2019-06-01"), "until": None},
    ]
    root = drawn(asked, rows)
    assert [each for each in words(root) if each in ("하나", "둘", "셋")] == ["하나", "둘", "셋"]
    one, two, _ = (float(each["width"]) for each in boxes(root, "span"))
    assert two == pytest.approx(2 * one, rel=0.02)
    dots = [float(each.get("cx", "0")) for each in root.iter(f"{SVG}circle")]
    assert dots == sorted(dots) and len(dots) == 3


def test_years_tell_rows_apart() -> None:
    asked = query("bar", year="year", amount="decimal in KRW", layer="code")
    rows = [{"year": cell(year), "amount": cell(1), "layer": cell("article", ko="기사")} for year in (2017, 2020)]
    assert {"2017", "2020"} <= set(words(drawn(asked, rows)))


def exact(day: str, precision: str) -> dict[str, Any]:
    return {"day": cell(day), "dayPrecision": cell(precision) | {"curie": f"precision:{precision}"}}


def test_a_timeline_says_each_day_as_exactly_as_its_own_column_of_precision() -> None:
    asked = query("timeline", day="date", dayPrecision="precision", other="date", otherPrecision="precision", thing="x")
    coarse = {"other": cell("2022-12-31"), "otherPrecision": cell("연") | {"curie": "precision:year"}}
    known = {"year": "2022-12-31", "day": "2020-05-06", "half": "2019-06-30"}
    rows = [{**exact(day, kind), **coarse, "thing": cell("u:a", ko=kind)} for kind, day in known.items()]
    root = drawn(asked, rows)
    assert {"2022년", "2020-05-06", "2019년 상반기"} <= set(words(root))
    assert not {"2022-12-31", "2020년", "2019-06-30"} & set(words(root))
    assert root.findtext(f"{SVG}desc") == "2019년 상반기부터 2022년까지 3건"
    width = float(root.get("width", "0"))
    for each in root.iter(f"{SVG}text"):
        said = "".join(each.itertext())
        assert each.get("text-anchor") == "end" or float(each.get("x", "0")) + width_of(said) <= width


def lasting(begun: str | None, until: str | None, seen: str | None) -> dict[str, Any]:
    days = {"begun": begun, "until": until, "seen": seen}
    return {name: cell(day) if day else None for name, day in days.items()} | {"thing": cell("u:a", ko="가")}


LASTING = query({"kind": "timeline", "end": "until", "at": "seen"}, begun="date", until="date", seen="date", thing="x")


@pytest.mark.parametrize(
    ("row", "said", "bars", "arrows"),
    [
        (lasting("2013-03-01", "2025-10-01", None), "2013-03-01–2025-10-01", 1, 0),
        (lasting("2013-03-01", None, "2014-01-01"), "2013-03-01–", 1, 1),
        (lasting(None, "2025-10-01", "2014-01-01"), "–2025-10-01", 1, 1),
        (lasting("2020-01-01", "2020-01-01", None), "2020-01-01", 0, 0),
        (lasting(None, None, "2014-01-01"), "2014-01-01", 0, 0),
    ],
    ids=["closed", "no end", "no start", "one day", "seen only"],
)
def test_an_unknown_end_is_drawn_open_and_a_day_on_which_a_thing_was_seen_as_a_point(
    row: dict[str, Any], said: str, bars: int, arrows: int
) -> None:
    root = drawn(LASTING, [row])
    assert said in words(root) and len(list(root.iter(f"{SVG}circle"))) == 1
    found = boxes(root, "span")
    assert len(found) == bars and all(float(each["width"]) > 40 for each in found)
    assert len([each for each in root.iter(f"{SVG}path") if "open" in each.get("class", "")]) == arrows


def test_what_is_nowhere_dated_is_left_to_the_table_and_what_is_drawn_once_is_not() -> None:
    row = lasting("2013-03-01", None, None)
    chart = chart_of(LASTING, [row, row, lasting(None, None, None)], "ko")
    assert chart is not None and chart.left_out == 1


def test_a_network_draws_each_thing_once_from_left_to_right_whatever_the_circles() -> None:
    links = [
        Link("a", "b", "부분", 1),
        Link("b", "c", "후속", 1),
        Link("a", "c", "이행", 1),
        Link("c", "d", "", 1),
        Link("d", "c", "", 1),
    ]
    root = fromstring(str(network(links, "t", "ko").markup()))
    found = boxes(root, "node")
    left = dict(zip("abcd", sorted(float(each["x"]) for each in found), strict=True))
    assert len(found) == 4 and left["a"] < left["b"] < left["c"] == left["d"]
    assert {"a", "b", "c", "d", "부분", "후속", "이행"} <= set(words(root))
    arrows = [each for each in root.iter(f"{SVG}path") if each.find(f"{SVG}title") is not None]
    assert len(arrows) == len(links)


def arrows(root: Element) -> set[str]:
    return {each.findtext(f"{SVG}title", "") for each in root.iter(f"{SVG}path")} - {""}


def test_what_is_asked_about_stands_first_and_the_others_by_their_distance_whichever_way_links_point() -> None:
    links = [Link("a", "me", "맡음"), Link("a", "far", "참석"), Link("me", "b", "분야"), Link("b", "a", "주최")]
    root = fromstring(str(network(links, "t", "ko", "me").markup()))
    (me,) = boxes(root, "node centre")
    at = {"".join(each.itertext()): float(each.get("x", "0")) for each in root.iter(f"{SVG}text")}
    assert at["me"] < at["a"] == at["b"] < at["far"]
    assert float(me["x"]) < min(float(each["x"]) for each in boxes(root, "node")) and len(boxes(root, "node")) == 3
    assert arrows(root) == {"a → 맡음 → me", "a → 참석 → far", "me → 분야 → b", "b → 주최 → a"}
    rest = fromstring(str(network(links[1:2], "t", "ko", "me").markup()))
    assert arrows(rest) == {"a → 참석 → far"}, "a later page of the rows may lack what is asked about"


def test_each_row_ties_its_place_to_the_other_and_to_what_is_asked_about() -> None:
    asked = query(
        {"kind": "network", "source": "via", "target": "other", "label": "does", "centre": "me", "near": "role"},
        me="person", role="property", via="event", does="property", other="person",
    )  # fmt: skip
    rows = [
        {
            "me": cell("u:me", ko="나"),
            "role": cell("p:1", ko="주최"),
            "via": cell("u:e", ko="회의"),
            "does": cell("p:2", ko=does),
            "other": cell(f"u:{other}", ko=other),
        }
        for other, does in (("가", "참석"), ("나라", "발언"), ("나라", "참석"))
    ]
    root = drawn(asked, rows)
    assert arrows(root) == {"회의 → 주최 → 나", "회의 → 참석 → 가", "회의 → 발언; 참석 → 나라"}
    assert len(boxes(root, "node centre")) == 1


def test_an_arrow_never_runs_through_a_box_that_it_passes() -> None:
    root = fromstring(
        str(network([Link("a", "b", "", 1), Link("b", "c", "", 1), Link("a", "c", "", 1)], "t", "ko").markup())
    )
    heights = {float(each["y"]) for each in boxes(root, "node")}
    assert len(heights) > 1, "the layer of b has a place for the arrow from a to c"


def test_a_flow_is_as_broad_as_it_is_much_and_its_end_holds_all_that_flows_in() -> None:
    links = [Link("a", "c", "KRW", 300), Link("b", "c", "KRW", 100), Link("c", "a", "KRW", 5)]
    root = fromstring(str(flows(links[:2], "t", "ko").markup()))
    heights = sorted(float(each["height"]) for each in boxes(root, "bar"))
    assert heights[2] == pytest.approx(heights[0] + heights[1], rel=0.01)
    assert len([each for each in root.iter(f"{SVG}path") if each.get("class") == "flow"]) == 2
    assert fromstring(str(flows(links, "t", "ko").markup())) is not None, "a flow that leads back breaks nothing"


def test_what_flows_in_late_stands_beside_what_it_flows_into() -> None:
    links = [Link("a", "b", "KRW", 3), Link("b", "c", "KRW", 3), Link("late", "c", "KRW", 1)]
    root = fromstring(str(flows(links, "t", "ko").markup()))
    at = {(each.text or "").partition(":")[0]: float(each.get("x", "0")) for each in root.iter(f"{SVG}text")}
    assert at["a"] < at["b"] == at["late"] < at["c"]


def test_a_sankey_adds_the_rows_of_one_link() -> None:
    asked = query("sankey", thing="org", to="program", amount="decimal in currency", currency="unit")
    row = {
        "thing": cell("u:a", ko="가"),
        "to": cell("u:b", ko="나"),
        "amount": cell(10),
        "currency": cell("u:KRW", ko="원"),
    }
    root = drawn(asked, [row, row])
    assert "가: 20 원" in words(root)


def bounded(code: str, name: str) -> dict[str, Any]:
    return {**cell(f"b:{code}", ko=name), "curie": f"bound:{code}"}


def test_a_sum_in_a_sankey_keeps_what_its_summands_say_of_themselves() -> None:
    asked = query("sankey", thing="org", to="program", amount="decimal in won", bound="bound")
    said = {"가": ("about", "약"), "나": ("exact", "정확"), "다": ("at-least", "이상"), "라": ("at-most", "이하")}

    def told(*names: str) -> set[str]:
        rows = [
            {"thing": cell(f"u:{n}", ko=n), "to": cell("u:t", ko="사업"), "amount": cell(5), "bound": bounded(*said[n])}
            for n in names
        ]
        return {"".join(each.itertext()) for each in drawn(asked, rows).iter(f"{SVG}text")}

    assert {"가: 5 won (약)", "나: 5 won", "사업: 10 won (약)"} <= told("가", "나")
    assert {"다: 5 won (이상)", "사업: 10 won (이상)"} <= told("가", "다")
    assert {"라: 5 won (이하)", "사업"} <= told("다", "라"), "nothing can be said of this sum"


def test_a_unit_is_told_where_there_is_one() -> None:
    counted = query("bar", thing="org", number="integer")
    rows = [{"thing": cell("u:a", ko="가"), "number": cell(20)}]
    assert drawn(counted, rows).findtext(f"{SVG}desc") == "막대 1개"
    assert drawn(BAR, MONEY).findtext(f"{SVG}desc") == "막대 3개, 단위: 원, 달러"
    flow = query("sankey", thing="org", to="program", number="integer")
    rows[0]["to"] = cell("u:b", ko="나")
    assert drawn(flow, rows).findtext(f"{SVG}desc") == "흐름 1개"


def test_a_view_finds_its_columns_by_their_types_and_takes_those_that_it_names() -> None:
    columns = [column("role", "code"), column("thing", "org"), column("amount", "decimal"), column("when", "date")]
    bar = View(kind="bar").resolved(columns)
    assert (bar.value, bar.label) == ("amount", ("thing",))
    assert View(kind="timeline", label=("role",)).resolved(columns).label == ("role",)
    assert View(kind="network").resolved(columns).missing() == ["target"]


def test_words_are_shortened_to_the_room_there_is() -> None:
    assert width_of(fitted("스마트공장 보급과 고도화", 80)) <= 80
    assert fitted("ab", 80) == "ab"
