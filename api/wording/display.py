"""How facts are put before a reader: the order of properties, and how numbers and dates are written."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Literal

__all__ = ["HIDDEN", "LANGUAGES", "Language", "brief", "number", "period", "place_of", "when", "written"]

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_SPELLING: dict[Language, dict[str, str]] = {
    "ko": {"year": "{0}년", "half": "{0}년 {3}반기", "quarter": "{0}년 {4}분기", "month": "{0}년 {1:d}월"},
    "en": {"year": "{0}", "half": "{3} half of {0}", "quarter": "Q{4} {0}", "month": "{0}-{1:02d}"},
}
_HALVES: dict[Language, tuple[str, str]] = {"ko": ("상", "하"), "en": ("first", "second")}

# What a reader wants first; every other property follows in the order of the alphabet.
_FIRST = (
    "status",
    "directPartOf",
    "targetOf",
    "commitmentOf",
    "indicator",
    "value",
    "baseline",
    "deadline",
    "targetKind",
    "revises",
    "revisionType",
    "restates",
    "fundingInstrument",
    "provider",
    "commitmentStatus",
    "coversPeriod",
    "componentOf",
    "eventDate",
    "observedOn",
    "startDate",
    "endDate",
    "attestedOn",
    "post",
    "announcedIn",
    "implements",
    "followsUp",
    "supersedes",
    "leadMinistry",
    "implementingBody",
    "participatingBody",
    "hasSector",
    "usesTechnology",
    "hasInstrument",
    "hasBeneficiary",
    "appliesInPlace",
    "hasObjective",
    "respondsTo",
    "rationale",
)
# What the page of a thing says elsewhere than among its facts.
HIDDEN = (
    "rdf:type",
    "rdfs:label",
    "skos:prefLabel",
    "skos:altLabel",
    "kip:evidence",
    "kip:hasIssue",
    "kip:claimType",
    "kip:rank",
    "kip:confidence",
    "kip:attributedTo",
    "kip:curationStatus",
    "rdfs:isDefinedBy",
)


def place_of(curie: str) -> tuple[int, str]:
    """Where a property stands among the facts of a thing, to sort by.

    >>> sorted(["kip:hasSector", "kip:abbreviation", "kip:status"], key=place_of)
    ['kip:status', 'kip:hasSector', 'kip:abbreviation']
    """
    local = curie.partition(":")[2]
    return _FIRST.index(local) if local in _FIRST else len(_FIRST), curie


def number(text: str) -> str:
    """A decimal with its digits in groups of three, without zeros behind; as it is where it is no number.

    >>> number("2900000000000"), number("30000.0"), number("6.30"), number("many")
    ('2,900,000,000,000', '30,000', '6.3', 'many')
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite():
        return text
    plain = f"{value:,f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


_MYRIADS = ((10**12, "조"), (10**8, "억"), (10**4, "만"))


def written(text: str, language: Language) -> str:
    """A number as its language writes it: in Korean a great round one by 조, 억 and 만, with nothing rounded.

    >>> written("1500000000000", "ko"), written("195217900000000", "ko"), written("200000000000", "en")
    ('1조 5,000억', '195조 2,179억', '200,000,000,000')
    >>> written("30000", "ko"), written("123456789", "ko"), written("-250000000", "ko")
    ('30,000', '123,456,789', '-2억 5,000만')
    """
    plain = number(text)
    digits = plain.replace(",", "").removeprefix("-")
    if language != "ko" or not digits.isdecimal() or int(digits) < 10**8 or int(digits) % 10**4:
        return plain
    rest, parts = int(digits), []
    for size, name in _MYRIADS:
        count, rest = divmod(rest, size)
        parts += [f"{count:,}{name}"] if count else []
    return ("-" if plain.startswith("-") else "") + " ".join(parts)


_MAGNITUDES: dict[Language, tuple[tuple[float, str], ...]] = {
    "ko": ((1e12, "조"), (1e8, "억"), (1e4, "만")),
    "en": ((1e12, " tn"), (1e9, " bn"), (1e6, " m")),
}


def brief(value: float, language: Language) -> str:
    """A number in three or four digits with its magnitude, as pictures have it; the table has all of its digits.

    >>> brief(2_940_000_000_000, "ko"), brief(520_000_000_000, "en"), brief(30_000, "ko"), brief(68.7, "en")
    ('2.94조', '520 bn', '3만', '68.7')
    """
    for size, name in _MAGNITUDES[language]:
        if abs(value) >= size:
            return number(f"{value / size:.{2 if abs(value) < 100 * size else 0}f}") + name
    return number(f"{value:.2f}")


def when(day: str, precision: str, language: Language) -> str:
    """A day as precisely as it is known: `precision` is day, month, quarter, half or year.

    >>> when("2022-12-31", "year", "ko"), when("2026-06-30", "half", "en"), when("2020-05-06", "day", "ko")
    ('2022년', 'first half of 2026', '2020-05-06')
    """
    found = _DAY.fullmatch(day)
    spelling = _SPELLING[language].get(precision)
    if not found or not spelling:
        return day
    month = int(found[2])
    return spelling.format(found[1], month, found[3], _HALVES[language][month > 6], (month + 2) // 3)


def period(start: str, end: str) -> str:
    """Two written dates as a span; either may be empty.

    >>> period("2027", "2034"), period("", "2025"), period("2020", "2020")
    ('2027–2034', '–2025', '2020')
    """
    return start if start == end else f"{start}–{end}"
