"""How a query matches a name, on indexes of a few names."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from api.naming.search import SearchIndex
from graph_builder.labels import label_index
from graph_builder.prefixes import prefix_map
from graph_builder.search_index import search_index
from graph_builder.terms import XSD

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


BODIES = {
    "org:kepco": "한국전력공사",
    "org:ksure": "한국무역보험공사",
    "org:kosme": "중소벤처기업진흥공단",
    "org:na-trade": "국회 산업통상자원중소벤처기업위원회",
    "event:work-report": "2026년 업무보고",
    "indicator:lines": "전력망 한전 부담 비율",
}


@pytest.fixture(scope="module")
def bodies() -> SearchIndex:
    return _index(_named(*each) for each in BODIES.items())


@pytest.mark.parametrize(
    ("short", "body"),
    [("한전", "org:kepco"), ("무보", "org:ksure"), ("중진공", "org:kosme"), ("산자중기위", "org:na-trade")],
)
def test_a_body_is_found_by_what_newspapers_call_it(bodies: SearchIndex, short: str, body: str) -> None:
    hit = bodies.search(short).hits[0]
    assert (hit.curie, hit.matched.how) == (body, "acronym")


def test_the_beginning_of_a_name_is_short_for_no_other() -> None:
    index = _index([_named("org:mic", "정보통신부"), _named("place:complex", "정부서울청사")])
    assert _found(index, "정부") == ["place:complex"]


PEOPLE = {"org:mss": "중소벤처기업부", "person:chung": "정세균", "person:park": "박영선", "org:posco": "POSCO"}


@pytest.fixture(scope="module")
def people() -> SearchIndex:
    return _index(_named(*each) for each in PEOPLE.items())


@pytest.mark.parametrize(
    ("typed", "curie"),
    [
        ("wndthqpscjrldjqqn", "org:mss"),
        ("qkrdudtjs", "person:park"),
        ("Qkrdudtjs", "person:park"),
        ("ㅔㅐㄴㅊㅐ", "org:posco"),
    ],
)
def test_what_was_typed_with_the_keyboard_in_the_other_language_is_found(
    people: SearchIndex, typed: str, curie: str
) -> None:
    assert _found(people, typed) == [curie]


def test_nonsense_is_nothing_in_either_language(people: SearchIndex) -> None:
    assert not _found(people, "asdfqwer") and not _found(people, "ㅁㄴㅇㄹㅏ")


@pytest.mark.parametrize(("marked", "curie"), [("Chŏng Se-gyun", "person:chung"), ("Pak Yŏng-sŏn", "person:park")])
def test_marks_of_a_romanisation_are_read(people: SearchIndex, marked: str, curie: str) -> None:
    hit = people.search(marked).hits[0]
    assert (hit.curie, hit.matched.how) == (curie, "romanised")


def _worth(curie: str, name: str, number: int, printed: str) -> list[Triple]:
    """A named thing with a value."""
    value = NamedNode(f"https://w3id.org/kip/id/value/{curie.partition(':')[2]}")
    thing, *_ = named = _named(curie, name)
    return [
        *named,
        Triple(thing.subject, NamedNode(KIP + "value"), value),
        Triple(value, NamedNode(KIP + "numericValue"), Literal(str(number), datatype=NamedNode(XSD + "decimal"))),
        Triple(value, NamedNode(KIP + "statedText"), _literal(printed)),
    ]


@pytest.fixture(scope="module")
def money() -> SearchIndex:
    return _index(
        [
            _worth("commitment:test-bed", "자율제조 실증", 200_000_000_000, "2000억원"),
            _worth("commitment:investment", "대미 투자", 200_000_000_000, "2000억달러"),
            _worth("target:exports", "수출 목표", 200_000_000_000, "2000억"),
        ]
    )


@pytest.mark.parametrize("text", ["$200bn", "2000억 달러", "200 billion dollars", "USD 200 Billion"])
def test_an_amount_in_another_currency_is_another_amount(money: SearchIndex, text: str) -> None:
    assert set(_found(money, text)) == {"commitment:investment", "target:exports"}


def test_an_amount_without_a_currency_may_be_in_any(money: SearchIndex) -> None:
    assert len(_found(money, "2000억")) == len(_found(money, "200bn")) == 3
    assert "commitment:investment" not in _found(money, "2천억원")


@pytest.fixture(scope="module")
def days() -> SearchIndex:
    """An event, a law in force from a day, and a year."""
    event, *_ = launched = _named("event:roadmap", "수소경제 로드맵 발표")
    law, *_ = act = _named("law:hydrogen", "수소법")
    of_day = {event.subject: (KIP + "eventDate", "2019-01-17"), law.subject: (KIP + "inForceFrom", "2021-02-05")}
    dated = [
        Triple(thing, NamedNode(property_), Literal(day, datatype=NamedNode(XSD + "date")))
        for thing, (property_, day) in of_day.items()
    ]
    return _index(
        [launched, act, dated, _named("period:2019", "2019년"), _named("target:cars", "2019년 1월 보급 목표")]
    )


@pytest.mark.parametrize(
    "text", ["2019년 1월 17일", "2019-01-17", "2019.1.17.", "20190117", "17 January 2019", "Jan. 17, 2019"]
)
def test_a_day_finds_what_was_on_it_and_nothing_else(days: SearchIndex, text: str) -> None:
    (hit,) = days.search(text)
    assert (hit.curie, hit.matched.name, hit.matched.how) == ("event:roadmap", "2019-01-17", "number")


def test_a_day_with_other_words_comes_before_them(days: SearchIndex) -> None:
    assert _found(days, "2021년 2월 5일 시행")[0] == "law:hydrogen"
    assert not _found(days, "1999년 12월 31일")


def test_gold_is_read_in_the_way_that_names_something() -> None:
    index = _index([_named("person:kim", "김정관"), _named("org:fsc", "금융위원회")])
    found = [index.search(text).hits[0] for text in ("金正官", "金融委")]
    assert [(hit.curie, hit.matched.how) for hit in found] == [("person:kim", "hanja"), ("org:fsc", "prefix")]


def test_any_name_of_a_thing_stands_for_any_other() -> None:
    index = _index([_named("technology:ai", "인공지능", "AI"), _named("program:ai-factory", "AI 팩토리")])
    hit = index.search("인공지능 팩토리").hits[0]
    assert (hit.curie, hit.matched.how) == ("program:ai-factory", "exact")


def test_letters_by_their_korean_names_are_found() -> None:
    index = _index([_named("org:lge", "LG전자"), _named("policy:k", "K-반도체 전략")])
    assert [(hit.curie, hit.matched.name) for hit in index.search("엘지전자")] == [("org:lge", "LG전자")]
    assert _found(index, "케이반도체 전략") == ["policy:k"]


QUESTIONED = {
    "org:mss": "중소벤처기업부",
    "policy:new-deal": "한국판 뉴딜",
    "post:minister": "산업부 장관",
    "period:1999": "1999년",
}


@pytest.fixture(scope="module")
def questioned() -> SearchIndex:
    return _index(_named(*each) for each in QUESTIONED.items())


@pytest.mark.parametrize(
    ("question", "curie"),
    [("중소벤처기업부는 언제 생겼나요?", "org:mss"), ("한국판 뉴딜 예산은 얼마인가요?", "policy:new-deal")],
)
def test_a_question_finds_what_its_known_words_name(questioned: SearchIndex, question: str, curie: str) -> None:
    (hit,) = questioned.search(question)
    assert hit.curie == curie and hit.score <= 0.6


@pytest.mark.parametrize("text", ["홍길동 장관", "1999년 12월 31일", "홍길동 장관 취임은 언제였나요"])
def test_a_word_that_many_names_hold_answers_no_question(questioned: SearchIndex, text: str) -> None:
    assert not _found(questioned, text)


def test_a_name_that_lacks_a_word_comes_after_the_one_that_has_them_all() -> None:
    index = _index(
        [
            _named("program:dx", "Industrial digital transformation"),
            _named("law:dx-act", "Industrial Digital Transformation Promotion Act"),
        ]
    )
    assert _found(index, "act on industrial digital transformation")[0] == "law:dx-act"
