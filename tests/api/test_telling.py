"""Sentences of links: grammatical in both languages, whatever the names are."""

from __future__ import annotations

import pytest

from api.relations.link_kinds import LINK_NODES, Role
from api.relations.telling import Named, Telling, sentence, years
from api.wording.particles import Word, connective, final, with_particle

BANK = Named({"ko": "신한은행", "en": "Shinhan Bank"}, "org")
MINISTRY = Named({"ko": "산업통상자원부", "en": "Ministry of Trade, Industry and Energy"}, "org")
MINISTER = Named({"ko": "성윤모", "en": "Sung Yun-mo"}, "person")
PRODUCT = Named({"ko": "특례 상품", "en": "Special loan"}, "measure")
LAW = Named({"ko": "산업디지털전환법", "en": "Digital act"}, "law")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("신한은행", "신한은행은 신한은행이 신한은행을 신한은행과 신한은행으로"),
        ("성윤모", "성윤모는 성윤모가 성윤모를 성윤모와 성윤모로"),
        ("서울", "서울은 서울이 서울을 서울과 서울로"),
        ("M.AX", "M.AX는 M.AX가 M.AX를 M.AX와 M.AX로"),
        ("MOU", "MOU는 MOU가 MOU를 MOU와 MOU로"),
        ("LNG", "LNG는 LNG가 LNG를 LNG와 LNG로"),
        ("SML", "SML은 SML이 SML을 SML과 SML로"),
        ("2025", "2025는 2025가 2025를 2025와 2025로"),
        ("2021", "2021은 2021이 2021을 2021과 2021로"),
        ("2020", "2020은 2020이 2020을 2020과 2020으로"),
        ("11%", "11%는 11%가 11%를 11%와 11%로"),
        ("산업전략(가칭)", "산업전략(가칭)은 산업전략(가칭)이 산업전략(가칭)을 산업전략(가칭)과 산업전략(가칭)으로"),
        ("한국타이어(주)", "한국타이어(주)는 한국타이어(주)가 한국타이어(주)를 한국타이어(주)와 한국타이어(주)로"),
    ],
)
def test_a_particle_fits_the_sound_before_it(word: str, told: str) -> None:
    assert " ".join(with_particle(word, each) for each in ("은", "이", "을", "과", "으로")) == told


def test_a_particle_follows_the_name_and_not_the_quotation_mark() -> None:
    assert f"{Word('‘한국판 뉴딜’', '한국판 뉴딜'):은}" == "‘한국판 뉴딜’은"


def test_a_decomposed_name_sounds_as_the_composed_one() -> None:
    assert final("은행") == final("은행") != ""


@pytest.mark.parametrize(
    ("clause", "joined"),
    [
        ("A는 B이다", "A는 B이고"),
        ("A는 B를 이행한다", "A는 B를 이행하고"),
        ("A는 B를 잇는다", "A는 B를 잇고"),
        ("A는 B에서 발표되었다", "A는 B에서 발표되었고"),
        ("A는 B 자리에 있었다(2018–2021)", "A는 B 자리에 있었고(2018–2021)"),
    ],
)
def test_a_clause_is_joined_to_the_next(clause: str, joined: str) -> None:
    assert connective(clause) == joined


def telling(ko: str, en: str, forward: bool, property_: str = "kip:example", symmetric: bool = False) -> dict[str, str]:
    return sentence([Telling(PRODUCT, BANK, property_, {"ko": ko, "en": en}, forward, symmetric)])


@pytest.mark.parametrize(
    ("ko", "en", "forward", "korean", "english"),
    [
        (
            "수행 기관",
            "implementing body",
            True,
            "‘특례 상품’의 수행 기관은 신한은행이다.",
            "“Special loan” has Shinhan Bank as an implementing body.",
        ),
        (
            "수행 기관",
            "implementing body",
            False,
            "신한은행은 ‘특례 상품’의 수행 기관이다.",
            "Shinhan Bank is an implementing body of “Special loan”.",
        ),
        (
            "이행한다",
            "implements",
            True,
            "‘특례 상품’은 신한은행을 이행한다.",
            "“Special loan” implements Shinhan Bank.",
        ),
        (
            "이행한다",
            "implements",
            False,
            "‘특례 상품’이 신한은행을 이행한다.",
            "“Special loan” implements Shinhan Bank.",
        ),
        (
            "서명자",
            "signed by",
            False,
            "신한은행은 ‘특례 상품’의 서명자이다.",
            "“Special loan” is signed by Shinhan Bank.",
        ),
        (
            "활동 분야",
            "active in sector",
            True,
            "‘특례 상품’의 활동 분야는 신한은행이다.",
            "“Special loan” is active in sector Shinhan Bank.",
        ),
        (
            "협약 대상",
            "agreement on",
            True,
            "‘특례 상품’의 협약 대상은 신한은행이다.",
            "“Special loan” is an agreement on Shinhan Bank.",
        ),
    ],
)
def test_a_link_is_told_as_the_label_of_its_property_says(
    ko: str, en: str, forward: bool, korean: str, english: str
) -> None:
    assert telling(ko, en, forward) == {"ko": korean, "en": english}


def test_a_link_that_holds_both_ways_joins_both_with_a_particle() -> None:
    assert telling("상충한다", "conflicts with", True, symmetric=True) == {
        "ko": "‘특례 상품’은 신한은행과 상충한다.",
        "en": "“Special loan” conflicts with Shinhan Bank.",
    }


def test_a_tenure_is_told_with_its_post_and_its_years() -> None:
    told = Telling(
        MINISTER,
        MINISTRY,
        "kip:everServedIn",
        {"ko": "재직 이력 기관", "en": "ever served in"},
        role="w3org:member w3org:organization",
        post=Named({"ko": "장관", "en": "minister"}),
        since="2018-09-27",
        until="2021-05-06",
    )
    assert sentence([told]) == {
        "ko": "성윤모는 산업통상자원부에서 장관 자리에 있었다(2018–2021).",
        "en": "Sung Yun-mo held the post minister in Ministry of Trade, Industry and Energy (2018–2021).",
    }


def test_a_path_is_one_sentence() -> None:
    label = {"ko": "법적 근거", "en": "legal basis"}
    steps = [
        Telling(PRODUCT, BANK, "kip:implementingBody", {"ko": "수행 기관", "en": "implementing body"}, forward=False),
        Telling(PRODUCT, LAW, "kip:legalBasis", label),
    ]
    assert sentence(steps)["ko"] == (
        "신한은행은 ‘특례 상품’의 수행 기관이고, ‘특례 상품’의 법적 근거는 산업디지털전환법이다."
    )
    assert sentence([]) == {"ko": "", "en": ""}


@pytest.mark.parametrize("role", [role for node in LINK_NODES for role in node.roles], ids=lambda role: role.ko)
def test_every_role_of_a_link_node_can_be_told(role: Role) -> None:
    start, end = role.start, role.end
    told = sentence([Telling(MINISTER, PRODUCT, "kip:x", {}, role=f"{start} {end}", post=LAW, member=MINISTER)])
    assert "성윤모" in told["ko"]
    assert "Special loan" in told["en"]
    assert "{" not in told["ko"] + told["en"]


def test_a_name_that_is_missing_in_one_language_is_told_in_the_other() -> None:
    assert Named({"en": "AI Factory"}, "program").word("ko").text == "‘AI Factory’"


def test_a_name_with_quotation_marks_is_put_in_others() -> None:
    assert Named({"ko": "‘첨단공장’ 전략"}, "policy").word("ko").text == "“‘첨단공장’ 전략”"


def test_years_are_those_that_are_known() -> None:
    assert [years("2018-09-27", ""), years("", "2020-01-01"), years("", "")] == ["2018–", "–2020", ""]
