"""What was typed with the keyboard in its other language: Hangul with Latin keys, or Latin letters with Hangul keys.

The layout is that of two sets (두벌식), KS X 5002; final consonants go to the next syllable where a vowel follows.
"""

from __future__ import annotations

import re

from graph_builder.hangul import letters, syllable

__all__ = ["retyped"]

_LATIN, _HANGUL = (
    "rRseEfaqQtTdwWczxvgkoiOjpuPhynbml",
    "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅛㅜㅠㅡㅣ",
)
_TO_LATIN = str.maketrans(_HANGUL, _LATIN)
# A capital is a letter of its own on five keys of consonants and two of vowels.
_TO_HANGUL = str.maketrans(_LATIN.upper() + _LATIN, _HANGUL * 2)
_SYLLABLE = re.compile(
    "([ㄱ-ㅎ])(ㅗ[ㅏㅐㅣ]|ㅜ[ㅓㅔㅣ]|ㅡㅣ|[ㅏ-ㅣ])((?:ㄱㅅ|ㄴ[ㅈㅎ]|ㄹ[ㄱㅁㅂㅅㅌㅍㅎ]|ㅂㅅ|[ㄱ-ㄷㄹ-ㅂㅅ-ㅈㅊ-ㅎ])(?![ㅏ-ㅣ]))?"
)
_WHOLE = re.compile(r"(?=.*[가-힣].*[가-힣])[가-힣\d\s\W]+")
_LONE_VOWEL = re.compile("[ㅏ-ㅣ]")


def retyped(text: str) -> str:
    """What the same keys type in the other language; "" where that is no text, so that few queries are asked twice.

    >>> retyped("wndrlqn"), retyped("gksrnrvks sbelf"), retyped("ㅔㅐㄴ채")
    ('중기부', '한국판 뉴딜', 'posco')
    >>> retyped("asdfqwer"), retyped("smart factory"), retyped("중기부"), retyped("ㅅㅁㅌ")
    ('', '', '', '')
    """
    if text.isascii():
        typed = _SYLLABLE.sub(lambda keys: syllable(keys[1], keys[2], keys[3] or ""), text.translate(_TO_HANGUL))
        return typed if _WHOLE.fullmatch(typed) else ""
    said = " ".join(map(letters, text.split()))
    return said.translate(_TO_LATIN) if _LONE_VOWEL.search(text) else ""
