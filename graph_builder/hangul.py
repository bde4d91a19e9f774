"""The normal forms in which Korean names are compared: folded, by letter, by initial, romanised, without particles.

Unicode normal forms: https://www.unicode.org/reports/tr15/; conjoining jamo: https://www.unicode.org/versions/latest/core-spec/chapter-3/#G24646;
Revised Romanization of Korean (2000): https://www.korean.go.kr/front_eng/roman/roman_01.do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from graph_builder.numerals import ENGLISH_WORD, NUMERAL, read_numeral

__all__ = [
    "MINOR",
    "RUNS",
    "fold",
    "grams",
    "initialisms",
    "initials",
    "is_initials",
    "is_short_for",
    "letters",
    "numbers",
    "romanise",
    "short_forms",
    "skeleton",
    "strip_particle",
    "syllable",
    "words",
]

RUNS: Mapping[str, int] = {"folded": 2, "letters": 3, "initials": 3, "roman": 3}
"""The length of the runs of characters by which a name is found, for each normal form."""


def _row(text: str) -> list[str]:
    return ["" if each == "_" else each for each in text.split()]


_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_LETTERS = str.maketrans(
    {
        chr(start + place): letter
        for start, row in ((0x1100, _INITIALS), (0x1161, _VOWELS), (0x11A8, _FINALS))
        for place, letter in enumerate(row)
    }
)
# What is typed with two keys is two letters.
_PAIRS = _row("ㄱㅅ ㄴㅈ ㄴㅎ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅂㅅ ㅗㅏ ㅗㅐ ㅗㅣ ㅜㅓ ㅜㅔ ㅜㅣ ㅡㅣ")
_TYPED = str.maketrans(dict(zip("ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄㅘㅙㅚㅝㅞㅟㅢ", _PAIRS, strict=True)))
_JOINED = {pair: chr(letter) for letter, pair in _TYPED.items()}
_FIRST, _LAST, _VOWELS_AND_FINALS, _WITH_FINALS = 0xAC00, 0xD7A3, 21 * 28, 28

# Revised Romanization, tables of chapter 2.
_ROMAN_INITIALS = _row("g kk n d tt r m b pp s ss _ j jj ch k t p h")
_ROMAN_VOWELS = _row("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_ROMAN_FINALS = _row("k k k n n n t l k m l l l p l m p p t t ng t t k t p t")
# Chapter 3, clause 1: a final consonant before a vowel, and consonants that become alike.
_CARRIED = dict(zip("ㄱㄲㄴㄷㄹㅁㅂㅅㅆㅈㅊㅋㅌㅍㅎ", _row("g kk n d r m b s ss j ch k t p _"), strict=True))
_NASAL = {"k": "ng", "t": "n", "p": "m"}

# Spellings that hands exchange: long vowels, eo/eu/o/u, voiced and voiceless.
_ALIKE = tuple(
    (re.compile(pattern), letter)
    for pattern, letter in (
        (r"oo|eo|eu|u|wo|ou", "o"),
        (r"ae|ai|ay|oe|we", "e"),
        (r"ee|ey|ui", "i"),
        (r"ch|jj", "j"),
        (r"sh", "s"),
        (r"[gq]|ck", "k"),
        (r"d", "t"),
        (r"[bvf]|ph", "p"),
        (r"[rl]", "l"),
        (r"(.)\1+", r"\1"),
    )
)

# A numeral ends in no particle, though 만 is one: 2천만.
_PARTICLES = re.compile(
    r"(?<=[가-힣a-z]{2}|\d[년월일])(?:에서는|에서의|으로는|으로의|이라는|이라고|에게서|까지의|부터의|에서|에게|에는|에도|으로|로는|로의|와의|과의|라는|이란|이며|이나|이라|"
    r"으로부터|로부터|에서부터|께서|까지|부터|보다|처럼|만큼|마다|조차|한테|밖에|은|는|이|가|을|를|의|에|도|만|와|과|로|란|나)$"
)

_OTHER = re.compile("[^\x00-\x7f가-힣ㄱ-ㅣ]+")


def fold(text: str) -> str:
    """Letters and digits alone, composed, in compatible forms and without case.

    >>> fold("산업 디지털·전환"), fold("Ｍ．ＡＸ 얼라이언스"), fold("ㅅㅁㅌ ㄱㅈ"), fold("Pak Yŏng-sŏn")
    ('산업디지털전환', 'max얼라이언스', 'ㅅㅁㅌㄱㅈ', 'pakyongson')
    """
    return "".join(words(text))


def words(text: str) -> list[str]:
    """The words of a text, folded.

    >>> words("스마트공장 30,000개, R&D")
    ['스마트공장', '30000개', 'r', 'd']
    """
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", _compatible(text)).casefold()
    return re.findall(r"[^\W_]+", plain)


def _compatible(text: str) -> str:
    # NFKC makes a single letter a part of a syllable, which the next step would join to the syllable before it
    composed = unicodedata.normalize("NFC", text).replace("ㆍ", "·").translate(_LETTERS)
    return _OTHER.sub(lambda found: "".join(map(_unmarked, unicodedata.normalize("NFKC", found.group()))), composed)


def _unmarked(char: str) -> str:
    """A Latin letter without its mark, as hands write McCune-Reischauer's ŏ and ŭ."""
    letter = unicodedata.normalize("NFD", char)[0]
    return letter if letter.isascii() else char


def letters(text: str) -> str:
    """The keys that type a text, so that one wrong letter is not a wrong syllable.

    >>> letters("공장"), letters("과학 AI")
    ('ㄱㅗㅇㅈㅏㅇ', 'ㄱㅗㅏㅎㅏㄱai')
    """
    return unicodedata.normalize("NFD", fold(text)).translate(_LETTERS).translate(_TYPED)


def syllable(initial: str, vowel: str, final: str = "") -> str:
    """The syllable that letters type; those that take two keys are two letters.

    >>> syllable("ㄱ", "ㅗㅏ"), syllable("ㄷ", "ㅏ", "ㄹㄱ")
    ('과', '닭')
    """
    middle, last = (_JOINED.get(typed, typed) for typed in (vowel, final))
    place = _VOWELS.index(middle) * _WITH_FINALS + (_FINALS.index(last) + 1 if last else 0)
    return chr(_FIRST + _INITIALS.index(initial) * _VOWELS_AND_FINALS + place)


def initials(text: str) -> str:
    """The first consonant of each syllable; other letters as they are.

    >>> initials("스마트 공장"), initials("AI 팩토리")
    ('ㅅㅁㅌㄱㅈ', 'aiㅍㅌㄹ')
    """
    return "".join(
        _INITIALS[(ord(c) - _FIRST) // _VOWELS_AND_FINALS] if _is_syllable(c) else c
        for c in fold(text).translate(_TYPED)
    )


def is_initials(text: str) -> bool:
    """Whether a text is written in initial consonants, with or without Latin letters and digits.

    >>> is_initials("ㅅㅁㅌ ㄱㅈ"), is_initials("스마트ㄱㅈ"), is_initials("AI")
    (True, False, False)
    """
    folded = fold(text).translate(_TYPED)
    return any(c in _INITIALS for c in folded) and all(c in _INITIALS or c.isascii() for c in folded)


def strip_particle(word: str) -> str:
    """A folded word without the particle that follows its noun; the word where there is none.

    >>> [strip_particle(word) for word in ("반도체를", "산업부에서", "ai를", "2040년까지", "제도", "2천만")]
    ['반도체', '산업부', 'ai', '2040년', '제도', '2천만']
    """
    return _PARTICLES.sub("", word)


def romanise(text: str) -> str:
    """The words of a text in Revised Romanization, joined; what is not Hangul stays.

    >>> romanise("스마트 공장"), romanise("산업부"), romanise("협력"), romanise("신라")
    ('seumateugongjang', 'saneopbu', 'hyeomnyeok', 'silla')
    """
    return "".join(_syllable(word, place) for word in words(text) for place in range(len(word)))


def _syllable(text: str, place: int) -> str:
    initial, vowel, final = _parts(text, place)
    if not vowel:
        return text[place]
    before, after = _parts(text, place - 1) if place else ("", "", ""), _parts(text, place + 1)
    return _onset(before, initial) + vowel + _coda(final, after)


def _parts(text: str, place: int) -> tuple[str, str, str]:
    """The initial and the final as letters, the vowel in Latin; empty outside of syllables."""
    if not (0 <= place < len(text) and _is_syllable(text[place])):
        return "", "", ""
    head, tail = divmod(ord(text[place]) - _FIRST, _VOWELS_AND_FINALS)
    middle, last = divmod(tail, _WITH_FINALS)
    return _INITIALS[head], _ROMAN_VOWELS[middle], _FINALS[last - 1] if last else ""


def _onset(before: tuple[str, str, str], initial: str) -> str:
    final = before[2]
    if initial == "ㄹ" and final:
        return "l" if final in "ㄴㄹ" else "n"
    if initial == "ㄴ" and final == "ㄹ":
        return "l"
    return _ROMAN_INITIALS[_INITIALS.index(initial)]


def _coda(final: str, after: tuple[str, str, str]) -> str:
    if not final:
        return ""
    plain, follows = _ROMAN_FINALS[_FINALS.index(final)], after[0]
    if follows == "ㅇ" and final in _CARRIED:
        return _CARRIED[final]
    if follows == "ㄹ" and final == "ㄴ":
        return "l"
    return _NASAL.get(plain, plain) if follows in ("ㄴ", "ㅁ", "ㄹ") else plain


def skeleton(text: str) -> str:
    """A romanised text in which spellings that hands exchange are alike.

    >>> skeleton("sanup bu") == skeleton(romanise("산업부")), skeleton("joong-gi-boo") == skeleton(romanise("중기부"))
    (True, True)
    """
    plain = fold(text)
    for pattern, letter in _ALIKE:
        plain = pattern.sub(letter, plain)
    return plain


def numbers(text: str) -> tuple[tuple[Decimal, ...], str]:
    """The numbers that a text says, and what it says beside them.

    >>> numbers("스마트공장 3만개"), numbers("1조 2천억"), numbers("614tn won")
    (((Decimal('30000'),), '스마트공장 개'), ((Decimal('1200000000000'),), ''), ((Decimal('614000000000000'),), 'won'))
    """
    found: list[Decimal] = []

    def read(numeral: re.Match[str]) -> str:
        reading = read_numeral(numeral.group())
        found.extend([reading.number] if reading else [])
        return " "

    rest = _NUMERAL.sub(read, unicodedata.normalize("NFKC", text).casefold())
    return tuple(found), " ".join(rest.split())


_NUMERAL = re.compile(rf"{NUMERAL.pattern}(?:{ENGLISH_WORD.pattern})?")


def short_forms(text: str) -> set[str]:
    """What an abbreviation of a name is known by: its first and last syllable, or the initials of the English words.

    >>> short_forms("산업자원부"), sorted(short_forms("Ministry of Foreign Affairs"))
    ({'산부'}, ['mfa', 'mofa'])
    """
    said = words(text)
    folded = "".join(said)
    if _HANGUL.fullmatch(folded):
        return {folded[0] + folded[-1]} if len(folded) > 3 else set()
    return initialisms(said) if folded.isascii() else set()


def initialisms(said: list[str]) -> set[str]:
    """The initials of three words or more, with and without the small ones."""
    if not 2 < len(said) < 12:
        return set()
    return {"".join(word[0] for word in said), "".join(word[0] for word in said if word not in MINOR)}


_HANGUL = re.compile("[가-힣]{1,20}")
MINOR = frozenset({"of", "and", "the", "for", "in", "on", "to", "a", "an", "by", "with", "at", "from"})
"""Small words of English names."""


def is_short_for(short: str, name: str) -> bool:
    """Whether folded Hangul is made of syllables of a folded name, in their order, from the first to the last.

    >>> is_short_for("과기정통부", "과학기술정보통신부"), is_short_for("산부인", "산업자원부")
    (True, False)
    """
    rest = iter(name)
    ends = len(name) > len(short) > 1 and name[0] == short[0] and name[-1] == short[-1]
    return ends and all(syllable in rest for syllable in short)


def grams(text: str, size: int) -> set[str]:
    """Every run of `size` characters of a text; the text itself where it is shorter.

    >>> sorted(grams("반도체", 2)), grams("AI", 3)
    (['도체', '반도'], {'AI'})
    """
    return {text[place : place + size] for place in range(max(1, len(text) - size + 1))} if text else set()


def _is_syllable(char: str) -> bool:
    return _FIRST <= ord(char) <= _LAST
