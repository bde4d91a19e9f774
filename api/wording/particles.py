"""Korean particles that fit the word before them: 은/는, 이/가, 을/를, 과/와, 으로/로.

Which of the two follows hangs on the last sound of the word: a Hangul syllable has a final consonant or not (Unicode,
section 3.12, https://www.unicode.org/versions/latest/core-spec/chapter-3/#G24646); digits and Latin letters are heard
as Koreans read them aloud. What stands in brackets at the end is not read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

__all__ = ["Word", "connective", "final", "with_particle"]

_PAIRS = {"은": "는", "이": "가", "을": "를", "과": "와", "으로": "로"}
_FIRST, _LAST, _FINALS, _RIEUL, _NIEUN = 0xAC00, 0xD7A3, 28, 8, 4
# 영, 일, 이, 삼, 사, 오, 육, 칠, 팔, 구
_DIGITS = dict(zip("0123456789", "ㅇㄹ-ㅁ--ㄱㄹㄹ-", strict=True))
_LETTERS = {"l": "ㄹ", "m": "ㅁ", "n": "ㄴ"}
# 엘, 엠, 엔, 아르: the names of single capitals
_CAPITALS = {"L": "ㄹ", "M": "ㅁ", "N": "ㄴ", "R": "ㄹ"}
_SIGNS = {"%": "-", "㎿": "-", "+": "-", "℃": "-"}
_BRACKETS = re.compile(r"\s*[(\[（〔][^()\[\]（）〔〕]*[)\]）〕]\s*$")
_ENDING = re.compile(r"다((?:\([^()]*\))?)$")
_UNREAD = re.compile(r"[\s'\"’”』」》〉.·,!?]+$")


def final(word: str) -> str:
    """The final consonant with which a word is heard to end: ㄹ, another one, or "" after a vowel.

    >>> [bool(final(word)) for word in ("신한은행", "산업통상자원부", "성윤모(전)", "AI", "2025", "2020", "NPU 1.0")]
    [True, False, False, False, False, True, True]
    """
    plain = unicodedata.normalize("NFC", word)
    while (cut := _UNREAD.sub("", _BRACKETS.sub("", plain))) and cut != plain:
        plain = cut
    return _heard(plain).replace("-", "")


def _heard(plain: str) -> str:
    last = plain[-1:]
    if last and _FIRST <= ord(last) <= _LAST:
        index = (ord(last) - _FIRST) % _FINALS
        return "" if index == 0 else "ㄹ" if index == _RIEUL else "ㄱ"
    if last in _DIGITS or last in _SIGNS:
        return _DIGITS.get(last) or _SIGNS[last]
    if last.isupper():
        return _CAPITALS.get(last, "")
    return "ㅇ" if plain.endswith("ng") else _LETTERS.get(last, "")


def with_particle(word: str, particle: str) -> str:
    """The word with the particle, in the form that fits; other endings are put behind it as they are.

    >>> with_particle("신한은행", "은"), with_particle("서울", "으로"), with_particle("MOU", "과")
    ('신한은행은', '서울로', 'MOU와')
    """
    other = _PAIRS.get(particle)
    if other is None:
        return word + particle
    sound = final(word)
    return word + (particle if sound and not (particle == "으로" and sound == "ㄹ") else other)


@dataclass(frozen=True, slots=True)
class Word:
    """A word that a sentence may follow with a particle; `spoken` is what is heard where signs surround it.

    >>> f"{Word('신한은행'):은} {Word('‘스마트공장 보급’', '스마트공장 보급'):과} 무관하다"
    '신한은행은 ‘스마트공장 보급’과 무관하다'
    """

    text: str
    spoken: str = ""

    def __format__(self, particle: str) -> str:
        whole = self.spoken or self.text
        return self.text + with_particle(whole, particle)[len(whole) :]

    def __str__(self) -> str:
        return self.text


def connective(clause: str) -> str:
    """A clause that ends in 다 (해라체), so that another one can follow it.

    >>> connective("A는 B이다"), connective("A는 B를 이행한다"), connective("A는 B를 맡았다(2018–2020)")
    ('A는 B이고', 'A는 B를 이행하고', 'A는 B를 맡았고(2018–2020)')
    """
    ending = _ENDING.search(clause)
    if ending is None:
        return clause
    stem = clause[: ending.start()]
    if stem.endswith("는"):
        stem = stem[:-1]
    elif stem and _FIRST <= ord(stem[-1]) <= _LAST and (ord(stem[-1]) - _FIRST) % _FINALS == _NIEUN:
        stem = stem[:-1] + chr(ord(stem[-1]) - _NIEUN)
    return f"{stem}고{ending[1]}"
