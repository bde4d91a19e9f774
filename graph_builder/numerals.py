"""Reads numbers as newspapers print them, in Korean and English, to hold a curated number against its print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["ENGLISH_WORD", "NUMERAL", "Reading", "canonical_decimal", "read_numeral"]

_MYRIADS = {"조": 10**12, "억": 10**8, "만": 10**4, "": 1}
_TENS = {"천": 1000, "백": 100, "": 1}
_ENGLISH = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ENGLISH |= {"mn": 10**6, "bn": 10**9, "tn": 10**12}
ENGLISH_WORD = re.compile(rf"\s?({'|'.join(_ENGLISH)})\b")
_GROUP = re.compile(r"(\d[\d,]*(?:\.\d+)?)(천|백)?(조|억|만)?")
NUMERAL = re.compile(rf"{_GROUP.pattern}(?:\s?{_GROUP.pattern})*".replace("(천|백)", "(?:천|백)"))
_BOUNDS = (
    (re.compile(r"이상|at least"), "at-least"),
    (re.compile(r"초과|more than|over "), "more-than"),
    (re.compile(r"최대|이하|up to"), "at-most"),
    (re.compile(r"미만"), "less-than"),
    (re.compile(r"\+"), "plus"),
    (re.compile(r"약\s?\d|[\d조억만천]여|규모|내외|안팎|정도|about"), "about"),
)
_CURRENCIES = (("달러|dollars", "USD"), ("원|won", "KRW"))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a printed number says: its value in base units, its bound and its currency, None where not printed."""

    number: Decimal
    bound: str | None
    currency: str | None


def read_numeral(text: str) -> Reading | None:
    """The reading of a text that holds exactly one number, or None.

    >>> read_numeral("2조9000억원 이상")
    Reading(number=Decimal('2900000000000'), bound='at-least', currency='KRW')
    >>> read_numeral("1만 2000여개").number
    Decimal('12000')
    """
    numerals = list(NUMERAL.finditer(text))
    if len(numerals) != 1:
        return None
    rest = text[numerals[0].end() :]
    word = ENGLISH_WORD.match(rest)
    if word:
        rest = rest[word.end() :]
    number = sum((_value(*group.groups()) for group in _GROUP.finditer(numerals[0].group())), Decimal())
    return Reading(
        number * (_ENGLISH[word[1]] if word else 1),
        next((bound for pattern, bound in _BOUNDS if pattern.search(text)), None),
        next((code for word, code in _CURRENCIES if re.match(rf"\s?여?\s?(?:{word})", rest)), None),
    )


def _value(digits: str, tens: str | None, myriad: str | None) -> Decimal:
    return Decimal(digits.replace(",", "")) * _TENS[tens or ""] * _MYRIADS[myriad or ""]


def canonical_decimal(text: str) -> str:
    """The canonical form of xsd:decimal: https://www.w3.org/TR/xmlschema11-2/#decimal.

    >>> canonical_decimal("30000.50"), canonical_decimal("1.0")
    ('30000.5', '1')
    """
    number = f"{Decimal(text):f}"
    return number.rstrip("0").rstrip(".") if "." in number else number
