"""Dates as precise as they were said: ISO 8601 calendar dates (https://www.iso.org/iso-8601-date-and-time-format.html)
and years, halves, quarters and months, each as the days that it spans."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

__all__ = ["DateError", "Stretch", "parse_date"]

_NOTATION = re.compile(r"(\d{4})(?:-(?:H([12])|Q([1-4])|(\d{2})(?:-(\d{2}))?))?")


class DateError(ValueError):
    """The text is no date, or no day of the calendar."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The first and last day that a date spans, and its precision: year, half, quarter, month or day."""

    first: date
    last: date
    precision: str


def parse_date(text: str) -> Stretch:
    """The days that a date spans. Raises DateError.

    >>> parse_date("2026-H2").last.isoformat()
    '2026-12-31'
    >>> parse_date("2018-02-29")
    Traceback (most recent call last):
    ...
    graph_builder.dates.DateError: '2018-02-29' is no day of the calendar
    """
    found = _NOTATION.fullmatch(text)
    if not found:
        raise DateError(f"{text!r} is not a date")
    parts = [int(part) if part else None for part in found.groups()]
    year, half, quarter, month, day = parts
    assert year is not None
    try:
        if month is not None and day is not None:
            return Stretch(date(year, month, day), date(year, month, day), "day")
        if month is not None:
            return _months(year, month, month, "month")
        if quarter:
            return _months(year, 3 * quarter - 2, 3 * quarter, "quarter")
        if half:
            return _months(year, 6 * half - 5, 6 * half, "half")
        return _months(year, 1, 12, "year")
    except (ValueError, calendar.IllegalMonthError) as error:
        raise DateError(f"{text!r} is no day of the calendar") from error


def _months(year: int, first: int, last: int, precision: str) -> Stretch:
    return Stretch(date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]), precision)
