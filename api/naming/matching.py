"""How a query matches a name: exactly, by its beginning, by initials, romanised, by its words, or but for a typo."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from operator import mul
from typing import Literal, get_args

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from api.naming.quantities import currency, day
from graph_builder.hangul import (
    MINOR,
    fold,
    initialisms,
    initials,
    is_initials,
    is_short_for,
    letters,
    numbers,
    skeleton,
    strip_particle,
    words,
)
from graph_builder.hanja import has_hanja, read_hanja

__all__ = ["HOWS", "LONGEST", "Asked", "How", "Match", "Written", "match"]

How = Literal["exact", "prefix", "chosung", "hanja", "romanised", "acronym", "text", "typo", "number"]
HOWS: tuple[How, ...] = get_args(How)
LONGEST = 200
"""Characters of a query that are read; no name is as long."""
_FEW = 12
_DIGITS = re.compile(r"\d+")
_MIXED = re.compile("(.*[^ㄱ-ㅎ])([ㄱ-ㅎ]+)")
_MISSPELT, _LACKING, _SURE = 0.75, 0.8, 0.6
_COUNTERS = frozenset(
    {
        "개",
        "개사",
        "곳",
        "명",
        "원",
        "달러",
        "won",
        "krw",
        "usd",
        "dollar",
        "dollars",
        "건",
        "대",
        "위",
        "년",
        "가지",
        "종",
    }
    | {"이상", "이하", "초과", "미만", "약", "여", "규모"}
)


@dataclass(frozen=True, slots=True)
class Match:
    """How a name was found, and how well, from 0 to 1."""

    how: How
    score: float


@dataclass(frozen=True, slots=True)
class Written:
    """A name with its normal forms, as the index has them; `words` are separated by spaces."""

    text: str
    folded: str
    letters: str
    initials: str
    roman: str
    words: str


@dataclass(frozen=True)
class Asked:
    """A query in the normal forms of names; `meant` has what its words stand for, where they are short names."""

    text: str
    meant: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Asked:
        """The query that a caller typed, cut to what is read."""
        return cls(" ".join(text.replace("\0", " ").split())[:LONGEST])

    @cached_property
    def folded(self) -> str:
        """The query as names are folded."""
        return fold(self.text)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words without their particles, the first of them."""
        said = dict.fromkeys(strip_particle(word) for word in words(self.reading))
        return tuple(word for word in said if word not in MINOR or len(said) == 1)[:_FEW]

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """How many letters each word has."""
        return tuple(map(len, self.words))

    @cached_property
    def spelt(self) -> Mapping[str, str]:
        """Each word by its keys."""
        return {word: letters(word) for word in self.words}

    @cached_property
    def reading(self) -> str:
        """The query as it is read where it is in Hanja, else the query."""
        return read_hanja(self.text) if has_hanja(self.text) else self.text

    @cached_property
    def bare(self) -> str:
        """The words, read and without particles, as one."""
        return "".join(strip_particle(word) for word in words(self.reading))

    @cached_property
    def written_out(self) -> frozenset[str]:
        """The words as one, with what one of them stands for in its place."""
        return frozenset(
            "".join(meant if other == word else other for other in self.words)
            for word, names in self.meant.items()
            for meant in names
        )

    @cached_property
    def mixed(self) -> tuple[str, str]:
        """What comes before initials at the end, and these; both "" where there are none."""
        found = _MIXED.fullmatch(self.folded)
        return (found[1], found[2]) if found else ("", "")

    @cached_property
    def letters(self) -> str:
        """The query by its keys."""
        return letters(self.bare)

    @cached_property
    def initials(self) -> str:
        """The initials, where the query is nothing else."""
        return initials(self.text) if is_initials(self.text) else ""

    @cached_property
    def roman(self) -> str:
        """The query as romanised names are compared, where it is in Latin letters."""
        return skeleton(self.text) if self.folded.isascii() and not self.folded.isdigit() else ""

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """The numbers that the query says, as decimals are written."""
        return tuple(f"{number.normalize():f}" for number in numbers(self.reading)[0])

    @cached_property
    def digits(self) -> frozenset[str]:
        """The runs of digits. Another number is no typing error: 2018 is not 2014."""
        return frozenset(_DIGITS.findall(self.bare))

    @cached_property
    def beside(self) -> str:
        """What the query says beside its numbers and their counters."""
        return " ".join(word for word in words(numbers(self.reading)[1]) if word not in _COUNTERS)

    @cached_property
    def is_number(self) -> bool:
        """Whether the query is nothing but a number with its counter."""
        return len(self.numbers) == 1 and not self.beside

    @cached_property
    def currency(self) -> str | None:
        """The currency of the number, where the query names one."""
        return currency(self.reading)

    @cached_property
    def dated(self) -> tuple[str, str]:
        """The day that the query says, and what it says beside it; both "" where it says none."""
        return day(self.reading) or ("", "")

    @cached_property
    def is_day(self) -> bool:
        """Whether the query is nothing but a day."""
        return bool(self.dated[0]) and not words(self.dated[1])

    def beginnings(self) -> Iterator[tuple[str, str]]:
        """The normal forms that a name may begin with."""
        yield from (("folded", text) for text in dict.fromkeys((self.folded, self.bare, self.mixed[0])) if text)
        if self.initials:
            yield "initials", self.initials
        elif self.letters:
            yield "letters", self.letters

    def sought(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The normal forms of words that a name may hold."""
        if self.initials:
            yield "initials", (self.initials,)
            return
        meant = [each for names in self.meant.values() for each in names]
        yield "words", self.words
        yield "folded", (*(word for word in self.words if not word.isascii()), *meant)
        yield "letters", tuple(word for word in self.words if word.isascii() and len(word) > 3)

    def blurred(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The normal forms that a name may come near, where none fits."""
        if not self.initials:
            yield "short", (self.bare[:1] + self.bare[-1:], self.bare)
            yield "letters", (*self.spelt.values(), self.letters)
        if len(self.roman) > 2:
            yield "roman", (self.roman,)


def match(asked: Asked, name: Written) -> Match | None:
    """The best way in which a query matches a name, or None."""
    if not asked.folded:
        return None
    if asked.initials:
        return _by_initials(asked.initials, name.initials)
    found = _by_text(asked, name)
    if found and found.score >= _SURE:
        return found
    further = [found, _by_abbreviation(asked, name)]
    if not asked.digits or asked.digits.issubset(_DIGITS.findall(name.folded)):
        further += [_by_spelling(asked, name), _by_sound(asked, name)]
    return max((each for each in further if each), key=lambda each: each.score, default=None)


def _by_initials(asked: str, name: str) -> Match | None:
    if asked == name:
        return Match("chosung", 0.92)
    if name.startswith(asked):
        return Match("chosung", 0.75 + 0.1 * len(asked) / len(name))
    return Match("chosung", 0.55 + 0.1 * len(asked) / len(name)) if len(asked) > 1 and asked in name else None


def _by_text(asked: Asked, name: Written) -> Match | None:
    if asked.folded == name.folded:
        return Match("exact", 1.0)
    if asked.bare == name.folded:
        return Match("hanja" if asked.reading != asked.text else "exact", 0.96)
    if name.folded in asked.written_out:
        return Match("exact", 0.94)
    return _by_beginning(asked, name) or _by_words(asked, name)


def _by_beginning(asked: Asked, name: Written) -> Match | None:
    for text, score in ((asked.folded, 0.82), (asked.bare, 0.8)):
        if text and name.folded.startswith(text):
            return Match("prefix", score + 0.12 * len(text) / len(name.folded))
    head, tail = asked.mixed
    if tail and name.folded.startswith(head) and name.initials.startswith(tail, len(head)):
        return Match("chosung", 0.72 + 0.1 * len(asked.folded) / len(name.folded))
    if asked.letters and name.letters.startswith(asked.letters):
        return Match("prefix", 0.7 + 0.12 * len(asked.letters) / len(name.letters))
    return None


def _by_words(asked: Asked, name: Written) -> Match | None:
    """By the words that a name holds: the whole query in one piece, all of its words, or most of their letters."""
    share = min(1.0, len(asked.bare) / max(1, len(name.folded)))
    if _holds(name, asked.bare):
        return Match("text", (0.74 if asked.bare in name.words.split() else 0.68) + 0.12 * share)
    if asked.words == (asked.bare,):
        return None
    credits = [_credit(asked, word, name) for word in asked.words]
    if not any(credits):
        return None
    if 2 * _held(credits) >= len(credits) > 1:
        credits = [
            credit or _likeness(asked.spelt[word], name) for word, credit in zip(asked.words, credits, strict=True)
        ]
    part = min(1.0, sum(map(mul, asked.lengths, credits)) / sum(asked.lengths))
    if all(credits):
        return Match("text" if min(credits) > _MISSPELT else "typo", 0.6 * part + 0.15 * share)
    return Match("text", 0.25 + 0.3 * part) if part >= 0.5 or _held(credits) > 2 else None


def _held(credits: Sequence[float]) -> int:
    return len(credits) - credits.count(0.0)


def _credit(asked: Asked, word: str, name: Written) -> float:
    """1 for a word that a name holds, less for what its abbreviation stands for."""
    if _holds(name, word):
        return 1.0
    meant = asked.meant.get(word)
    return 0.95 if meant and any(_holds(name, each) for each in meant) else 0.0


def _likeness(spelt: str, name: Written) -> float:
    """What a word counts that a name holds but for a typo; a word with a number has to be there as it is."""
    if len(spelt) < 5 or _DIGITS.search(spelt):
        return 0.0
    return _MISSPELT if fuzz.partial_ratio(spelt, name.letters, score_cutoff=80) else 0.0


def _holds(name: Written, word: str) -> bool:
    if word not in name.folded:
        return False
    # a syllable or a short Latin word is found in the middle of too many others
    if len(word) < (4 if word.isascii() else 2):
        return word in name.words.split()
    return not word.isascii() or _begins_a_word(name, word)


def _begins_a_word(name: Written, text: str) -> bool:
    starts = accumulate(map(len, name.words.split()), initial=0)
    return any(name.folded.startswith(text, start) for start in starts)


def _by_abbreviation(asked: Asked, name: Written) -> Match | None:
    latin = asked.folded.isascii() and name.folded.isascii()
    if asked.folded in initialisms(name.words.split()) if latin else is_short_for(asked.bare, name.folded):
        return Match("acronym", 0.6 + 0.2 * len(asked.bare) / len(name.folded))
    return None


def _by_spelling(asked: Asked, name: Written) -> Match | None:
    """But for a typo: one wrong, missing or exchanged letter in four or more."""
    mine, its = asked.letters, name.letters
    if len(mine) < 4:
        return None
    if alike := OSA.normalized_similarity(mine, its, score_cutoff=0.72):
        return Match("typo", 0.85 * alike * _wholeness(asked, name))
    if len(mine) < 6 or len(its) <= len(mine):
        return None
    if alike := OSA.normalized_similarity(mine, its[: len(mine)], score_cutoff=0.8):
        return Match("typo", (0.6 * alike + 0.1 * len(mine) / len(its)) * _wholeness(asked, name))
    # several words are looked for one by one, see _likeness
    within = fuzz.partial_ratio(mine, its, score_cutoff=82) / 100 if len(asked.words) == 1 else 0
    return Match("typo", 0.55 * within) if within else None


def _wholeness(asked: Asked, name: Written) -> float:
    """1 where a name holds each of several words at least but for a typo, less where it lacks one."""
    spelt = asked.spelt.values()
    whole = len(spelt) < 2 or all(each in name.letters or _likeness(each, name) for each in spelt)
    return 1.0 if whole else _LACKING


def _by_sound(asked: Asked, name: Written) -> Match | None:
    mine, its = asked.roman, name.roman
    if len(mine) < 3 or not its:
        return None
    if mine == its:
        return Match("romanised", 0.9)
    if its.startswith(mine) and len(mine) > 3:
        return Match("romanised", 0.7 + 0.12 * len(mine) / len(its))
    if len(mine) > 5 and mine in its:
        return Match("romanised", 0.6 + 0.1 * len(mine) / len(its))
    alike = OSA.normalized_similarity(mine, its, score_cutoff=0.78) if len(mine) > 4 else 0
    return Match("romanised", 0.75 * alike) if alike else None
