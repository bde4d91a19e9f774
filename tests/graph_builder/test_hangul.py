from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_builder.hangul import (
    fold,
    initials,
    is_initials,
    letters,
    numbers,
    romanise,
    short_forms,
    skeleton,
    strip_particle,
    syllable,
    words,
)
from graph_builder.hanja import as_surname, has_hanja, read_hanja

# Chapter 3, clause 1 of the Revised Romanization, with its own examples; and names as ministries write them.
ROMANISED = {
    "백마": "baengma",
    "독립문": "dongnimmun",
    "종로": "jongno",
    "왕십리": "wangsimni",
    "별내": "byeollae",
    "신라": "silla",
    "설악": "seorak",
    "구미": "gumi",
    "옥천": "okcheon",
    "한밭": "hanbat",
    "합덕": "hapdeok",
    "산업통상자원부": "saneoptongsangjawonbu",
}


@pytest.mark.parametrize("name", ["산업통상자원부", "제조업 혁신 3.0 전략", "M.AX 얼라이언스", "ㅅㅁㅌ"])
def test_composed_and_decomposed_text_have_the_same_forms(name: str) -> None:
    apart = unicodedata.normalize("NFD", name)
    for form in (fold, letters, initials, romanise, words, short_forms):
        assert form(apart) == form(name), form.__name__


@pytest.mark.parametrize(("hangul", "latin"), ROMANISED.items())
def test_the_revised_romanization_is_kept(hangul: str, latin: str) -> None:
    assert romanise(hangul) == latin


@pytest.mark.parametrize(
    ("typed", "name"),
    [("sanup bu", "산업부"), ("joong-gi-boo", "중기부"), ("shinhan eunhaeng", "신한은행"), ("Bandochae", "반도체")],
)
def test_spellings_that_hands_exchange_are_alike(typed: str, name: str) -> None:
    assert skeleton(typed) == skeleton(romanise(name))


@pytest.mark.parametrize(
    "typed",
    [
        ("가", "ㄱ", "ㅏ", ""),
        ("과", "ㄱ", "ㅗㅏ", ""),
        ("닭", "ㄷ", "ㅏ", "ㄹㄱ"),
        ("뷁", "ㅂ", "ㅜㅔ", "ㄹㄱ"),
        ("힣", "ㅎ", "ㅣ", "ㅎ"),
    ],
)
def test_a_syllable_is_made_of_the_letters_that_type_it(typed: tuple[str, str, str, str]) -> None:
    made, *parts = typed
    assert syllable(*parts) == made and letters(made) == "".join(parts)


def test_marked_latin_letters_are_plain_ones() -> None:
    assert words("Chŏng Se-gyun, kyuje saendŭbaksŭ") == ["chong", "se", "gyun", "kyuje", "saendubaksu"]


def test_initials_are_told_from_words_and_syllables() -> None:
    assert [is_initials(text) for text in ("ㅅㅁㅌㄱㅈ", "K-ㅂㄷㅊ", "ㄳㅌ", "ㅏㅏ", "스마트ㄱㅈ", "K", "")] == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    # a compound that the keyboard made of two initials
    assert initials("ㄳㅌ") == "ㄱㅅㅌ"


def test_a_particle_goes_and_a_name_that_ends_like_one_stays_long_enough() -> None:
    with_particles = "반도체를 산업부에서 중기부에서는 로봇이란 ai를 특허청으로부터"
    assert [strip_particle(word) for word in with_particles.split()] == [
        "반도체",
        "산업부",
        "중기부",
        "로봇",
        "ai",
        "특허청",
    ]
    assert [strip_particle(word) for word in ("제도", "30만", "물가")] == ["제도", "30만", "물가"]


def test_numbers_are_read_as_newspapers_print_them() -> None:
    for text in ("1조 2천억", "1.2조", "1조2000억", "1,200,000,000,000", "1.2 trillion"):
        assert numbers(text) == ((Decimal(1_200_000_000_000),), ""), text
    assert numbers("스마트공장 3만개") == ((Decimal(30_000),), "스마트공장 개")
    assert numbers("반도체")[0] == ()


def test_hanja_are_read_and_unknown_ones_stay() -> None:
    assert read_hanja("産業通商資源部의 半導體") == "산업통상자원부의 반도체"
    assert read_hanja("歷史") == "역사" and read_hanja("來年") == "來년"
    assert read_hanja("2019年 6月, 1兆 5千億") == "2019년 6월, 1조 5천억"


@pytest.mark.parametrize(
    ("hanja", "name"),
    [
        ("朴槿惠", "박근혜"),
        ("李在明", "이재명"),
        ("尹錫悅", "윤석열"),
        ("成允模", "성윤모"),
        ("柳", "유"),
        ("盧", "노"),
        ("鄭世均", "정세균"),
    ],
)
def test_names_of_people_are_read(hanja: str, name: str) -> None:
    assert read_hanja(hanja) == name


def test_gold_is_a_surname_too() -> None:
    assert read_hanja("金正官 長官, 金融") == "금정관 장관, 금융"
    assert read_hanja(as_surname("金正官 長官, 基金")) == "김정관 장관, 기금"
    assert not has_hanja("산업통상자원부, ㅅㅁㅌ, MOTIE, 2022년")


@given(st.text(max_size=60))
def test_any_text_has_forms_and_folding_twice_changes_nothing(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert all(char.isalnum() or unicodedata.category(char).startswith("M") for char in folded)
    for form in (letters, initials, romanise, skeleton, numbers, short_forms, read_hanja, strip_particle):
        form(text)
