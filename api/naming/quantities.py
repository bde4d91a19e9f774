"""What a query says in digits beside plain numbers: a day, or the currency of an amount."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

__all__ = ["currency", "day"]

_CURRENCIES = (
    (re.compile(r"\$|달러|dollar|\busd\b"), "USD"),
    (re.compile(r"₩|[\d조억만천]\s?여?\s?원|\bwon\b|\bkrw\b"), "KRW"),
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR, _MONTH_NAME = r"(?P<year>(?:19|20)\d\d)", rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*"
_DAYS = tuple(
    re.compile(rf"(?<!\w){pattern}(?!\d)")
    for pattern in (
        rf"{_YEAR}\s?[-./년]\s?(?P<month>\d\d?)\s?[-./월]\s?(?P<day>\d\d?)[일.]?",
        rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d)",
        rf"(?P<day>\d\d?)(?:st|nd|rd|th)?\s{_MONTH_NAME}\.?,?\s{_YEAR}",
        rf"{_MONTH_NAME}\.?\s(?P<day>\d\d?)(?:st|nd|rd|th)?,?\s{_YEAR}",
    )
)


def currency(text: str) -> str | None:
    """The currency of an amount, where a text names one.

    >>> currency("$200bn"), currency("2000억 달러"), currency("614tn won"), currency("150조원"), currency("병원 3곳")
    ('USD', 'USD', 'KRW', 'KRW', None)
    """
    plain = _plain(text)
    return next((code for pattern, code in _CURRENCIES if pattern.search(plain)), None)


def day(text: str) -> tuple[str, str] | None:
    """The first full date of a text, as ISO 8601 has it, and what the text says beside it; None without one.

    >>> day("2022년 7월 5일 시행"), day("2021.5.13"), day("20190117"), day("17 December 2025"), day("June 19, 2019")
    (('2022-07-05', '시행'), ('2021-05-13', ''), ('2019-01-17', ''), ('2025-12-17', ''), ('2019-06-19', ''))
    >>> day("2020년 7월"), day("2021.13.40"), day("20,190,117")
    (None, None, None)
    """
    plain = _plain(text)
    for found in (found for pattern in _DAYS for found in pattern.finditer(plain)):
        parts = found.groupdict()
        month = int(parts["month"]) if "month" in parts else 1 + _MONTHS.index(parts["name"])
        try:
            said = date(int(parts["year"]), month, int(parts["day"]))
        except ValueError:
            continue
        return said.isoformat(), f"{plain[: found.start()]} {plain[found.end() :]}".strip()
    return None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
