"""Numbers are read as Korean newspapers print them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from graph_builder.numerals import read_numeral

PRINTED = [
    ("2조9000억원 이상", 2_900_000_000_000, "at-least", "KRW"),
    ("2조6000억여원", 2_600_000_000_000, "about", "KRW"),
    ("약 9000억원", 900_000_000_000, "about", "KRW"),
    ("최대 100만원", 1_000_000, "at-most", "KRW"),
    ("5200억원 규모", 520_000_000_000, "about", "KRW"),
    ("2000억 달러", 200_000_000_000, None, "USD"),
    ("3천억원", 300_000_000_000, None, "KRW"),
    ("1만 2000여개", 12_000, "about", None),
    ("7만1000기", 71_000, None, None),
    ("12,660개", 12_660, None, None),
    ("400만대+@", 4_000_000, "plus", None),
    ("20개사", 20, None, None),
    ("150 trillion won", 150_000_000_000_000, None, "KRW"),
    ("about 2.5 million dollars", 2_500_000, "about", "USD"),
    ("614tn won", 614_000_000_000_000, None, "KRW"),
    ("1.5 bn", 1_500_000_000, None, None),
    ("30,000 factories", 30_000, None, None),
    ("99.9% 이상", Decimal("99.9"), "at-least", None),
]


@pytest.mark.parametrize(("text", "number", "bound", "currency"), PRINTED)
def test_a_printed_number_is_read(text: str, number: int | Decimal, bound: str | None, currency: str | None) -> None:
    reading = read_numeral(text)
    assert reading is not None
    assert (reading.number, reading.bound, reading.currency) == (Decimal(number), bound, currency)


@pytest.mark.parametrize("text", ["", "최초", "100만달러~1000만달러", "2025년까지 3만개"])
def test_a_text_without_exactly_one_number_has_no_reading(text: str) -> None:
    assert read_numeral(text) is None
