"""The types of parameters that are no things: one row each says how a text is read and how it is described everywhere.

Terms are typed literals of XML Schema (https://www.w3.org/TR/xmlschema11-2/), descriptions JSON Schema 2020-12
(https://json-schema.org/draft/2020-12/json-schema-validation).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pyoxigraph import Literal, NamedNode

__all__ = ["DATATYPES", "Datatype", "NoSuchValue", "Term", "Text"]

XSD = "http://www.w3.org/2001/XMLSchema#"
Term = NamedNode | Literal

_YEAR = r"(?:19|20)[0-9]{2}"
_YEARS = re.compile(rf"({_YEAR})|({_YEAR})\.\.({_YEAR})?|\.\.({_YEAR})")
_DAY = re.compile(rf"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_WEB = re.compile(r"https?://|urn:")


class Text(BaseModel):
    """A text in Korean and English."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    ko: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def first(self, language: str) -> str:
        """The text in a language."""
        return self.ko if language == "ko" else self.en


class NoSuchValue(ValueError):
    """A value that is written as it should be, but means nothing; `said` tells why."""

    def __init__(self, said: Text) -> None:
        super().__init__(said.en)
        self.said = said


@dataclass(frozen=True, slots=True)
class Datatype:
    """How a value is read, how JSON Schema describes it, which control of a form takes it, and how it is written.

    `parts` are the suffixes of the places that it fills: a range fills one for each end, and may leave one open.
    """

    name: str
    written: Text
    schema: Mapping[str, Any]
    control: str
    read: Callable[[str], Mapping[str, Term]]
    attributes: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ("",)


def _typed(text: str, datatype: str) -> Mapping[str, Term]:
    return {"": Literal(text, datatype=NamedNode(XSD + datatype))}


def _matched(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    if found := pattern.fullmatch(text):
        return found
    raise ValueError(f"{text!r} is not written as {pattern.pattern}")


def _date(text: str) -> Mapping[str, Term]:
    day = _matched(_DAY, text)[0]
    try:
        return _typed(date.fromisoformat(day).isoformat(), "date")
    except ValueError:
        raise NoSuchValue(Text(ko="달력에 없는 날이다", en="the calendar has no such day")) from None


def _year(text: str) -> Mapping[str, Term]:
    return _typed(_matched(re.compile(_YEAR), text)[0], "integer")


def _years(text: str) -> Mapping[str, Term]:
    only, start, end, until = _matched(_YEARS, text).groups()
    first, last = only or start, only or end or until
    if first and last and first > last:
        raise ValueError(f"{first} is after {last}")
    ends = {"From": first, "To": last}
    return {part: _typed(year, "integer")[""] for part, year in ends.items() if year}


def _integer(text: str) -> Mapping[str, Term]:
    return _typed(str(int(_matched(_INTEGER, text)[0])), "integer")


def _decimal(text: str) -> Mapping[str, Term]:
    return _typed(f"{Decimal(_matched(_DECIMAL, text)[0]):f}", "decimal")


def _iri(text: str) -> Mapping[str, Term]:
    if not _WEB.match(text):
        raise ValueError(f"{text!r} is no absolute IRI")
    return {"": NamedNode(text)}


def _text(text: str) -> Mapping[str, Term]:
    return {"": Literal(unicodedata.normalize("NFC", text))}


_SPAN = {"min": "1900", "max": "2099", "step": "1"}
_ROWS = (
    Datatype(
        "date",
        Text(
            ko="날짜는 1900년에서 2099년까지 YYYY-MM-DD로 쓴다", en="a date, from 1900 to 2099, is written YYYY-MM-DD"
        ),
        {"type": "string", "format": "date"},
        "date",
        _date,
        {"min": "1900-01-01", "max": "2099-12-31"},
    ),
    Datatype(
        "year",
        Text(ko="해는 1900에서 2099까지 네 자리로 쓴다", en="a year has four digits, 1900 to 2099"),
        {"type": "integer", "minimum": 1900, "maximum": 2099},
        "number",
        _year,
        _SPAN,
    ),
    Datatype(
        "years",
        Text(
            ko="기간은 2017, 2017.., ..2020, 2017..2020처럼 이른 해부터 쓴다",
            en="years are written 2017, 2017.., ..2020 or 2017..2020, the earlier first",
        ),
        {"type": "string", "pattern": f"^(?:{_YEAR}|{_YEAR}\\.\\.(?:{_YEAR})?|\\.\\.{_YEAR})$"},
        "years",
        _years,
        _SPAN,
        ("From", "To"),
    ),
    Datatype(
        "integer",
        Text(ko="정수는 숫자만 18자리까지 쓴다", en="an integer has digits only, at most 18"),
        {"type": "integer", "minimum": -(10**18) + 1, "maximum": 10**18 - 1},
        "number",
        _integer,
        {"step": "1"},
    ),
    Datatype(
        "decimal",
        Text(ko="수는 숫자와 소수점만 쓴다(예: 2.5)", en="a number has digits and a point only, as in 2.5"),
        {"type": "number"},
        "number",
        _decimal,
        {"step": "any"},
    ),
    Datatype(
        "iri",
        Text(
            ko="IRI는 http://, https://, urn: 가운데 하나로 시작한다",
            en="an IRI is absolute: it begins with http://, https:// or urn:",
        ),
        {"type": "string", "format": "iri"},
        "text",
        _iri,
    ),
    Datatype("text", Text(ko="글", en="a text"), {"type": "string"}, "text", _text),
)
DATATYPES: Mapping[str, Datatype] = {row.name: row for row in _ROWS}
