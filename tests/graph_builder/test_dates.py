"""Dates keep the precision with which they were said."""

from __future__ import annotations

import pytest

from graph_builder.dates import DateError, parse_date


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("2024", "2024-01-01", "2024-12-31", "year"),
        ("2026-H1", "2026-01-01", "2026-06-30", "half"),
        ("2026-H2", "2026-07-01", "2026-12-31", "half"),
        ("2026-Q3", "2026-07-01", "2026-09-30", "quarter"),
        ("2024-02", "2024-02-01", "2024-02-29", "month"),
        ("2017-04-20", "2017-04-20", "2017-04-20", "day"),
    ],
)
def test_a_date_spans_its_days(text: str, first: str, last: str, precision: str) -> None:
    stretch = parse_date(text)
    assert (stretch.first.isoformat(), stretch.last.isoformat(), stretch.precision) == (first, last, precision)


@pytest.mark.parametrize("text", ["2026-H3", "2026-Q5", "26", "20934", "2018-02-29", "2018-13", "2018-00", "0000"])
def test_what_is_no_day_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(DateError, match=text):
        parse_date(text)
