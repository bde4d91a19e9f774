"""An answer as an Excel workbook (ISO/IEC 29500-1, https://www.iso.org/standard/71691.html), written by XlsxWriter.

Cells are typed: numbers, dates and booleans are such, a thing is shown by its name and leads to its IRI. Text is
always written as text, so nothing that a source printed can become a formula (CSV injection,
https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from api.engine.results import Term
from api.questions.tabular import BETWEEN, EVIDENCE, XSD, Head, Sheet, label_of, names_of

__all__ = ["xlsx_of"]

# Limits of Excel: characters of a cell and of an address, digits of a number, first day.
_LONGEST_TEXT, _LONGEST_LINK, _MOST_DIGITS = 32_767, 2_079, 15
# Excel allows 65,530; each takes five times as long to write as a text.
_MOST_LINKS = 10_000
_FIRST_DAY = date(1900, 3, 1)
_WIDEST, _NARROWEST, _MEASURED = 60, 8, 200
_LINKED = ("http://", "https://")
_NUMBERS = frozenset({"integer", "decimal", "double", "float", "nonNegativeInteger", "gYear"})
_WORDS: Mapping[str, tuple[str, str]] = {
    "rows": ("답", "answer"),
    "about": ("정보", "about"),
    "question": ("질문", "Question"),
    "description": ("설명", "Description"),
    "release": ("릴리스", "Release"),
    "licence": ("이용 허락", "Licence"),
    "citation": ("인용", "Citation"),
    "address": ("주소", "Address"),
    "count": ("행 수", "Rows"),
    "left-out": ("빠진 행", "Rows left out"),
    "columns": ("열", "Columns"),
    "sparql": ("SPARQL", "SPARQL"),
}


def xlsx_of(sheet: Sheet) -> bytes:
    """The workbook: the rows below a frozen header, and a second sheet that says what they are."""
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    workbook.set_properties({"title": sheet.about.query.header.title.en, "created": _moment(sheet.about.issued)})
    try:
        _Rows(workbook, sheet).write()
        _write_about(workbook, sheet)
    finally:
        workbook.close()
    return out.getvalue()


def _moment(day: str) -> datetime:
    try:
        return datetime.fromisoformat(day)
    except ValueError:
        return datetime(1980, 1, 1)


class _Rows:
    """The first sheet; a row is flushed when the next one begins, so that memory stays small."""

    def __init__(self, workbook: xlsxwriter.Workbook, sheet: Sheet) -> None:
        self._sheet = sheet
        self._place = workbook.add_worksheet(_word("rows", sheet))
        self._bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._number = workbook.add_format({"num_format": "#,##0"})
        self._fraction = workbook.add_format({"num_format": "#,##0.###############"})
        self._plain = workbook.add_format({"num_format": "0"})
        self._link = workbook.add_format({"font_color": "#0563C1", "underline": 1})
        self._links = 0

    def write(self) -> None:
        heads = self._sheet.heads
        for column, width in enumerate(_widths(self._sheet)):
            self._place.set_column(column, column, width)
        self._place.freeze_panes(1, 0)
        self._place.autofilter(0, 0, max(1, len(self._sheet.rows)), len(heads) - 1)
        for column, head in enumerate(heads):
            self._place.write_string(0, column, self._sheet.title(head), self._bold)
        for number, row in enumerate(self._sheet.rows, 1):
            for column, head in enumerate(self._sheet.own):
                if (term := row.get(head.name)) is not None:
                    self._write_cell(number, column, head, term)
            if self._sheet.evidence is not None:
                self._write_evidence(number, self._sheet.evidence[number - 1])

    def _write_cell(self, row: int, column: int, head: Head, term: Term) -> None:
        datatype = "" if head.many else term.datatype.removeprefix(XSD)
        if term.kind == "literal" and not datatype and not head.many:
            self._write_text(row, column, _shown(head, term, self._sheet))
        elif datatype == "boolean":
            self._place.write_boolean(row, column, term.value in ("true", "1"))
        elif datatype in _NUMBERS and (number := _number(term.value)) is not None:
            counting = self._number if isinstance(number, int) else self._fraction
            self._place.write_number(
                row, column, number, self._plain if datatype == "gYear" or head.type == "year" else counting
            )
        elif datatype == "date" and (day := _day(term.value)):
            self._place.write_datetime(row, column, day, self._day)
        else:
            self._write_link(row, column, head, term)

    def _write_link(self, row: int, column: int, head: Head, term: Term) -> None:
        text = _shown(head, term, self._sheet)
        iris = term.value.split() if head.many or term.kind == "iri" else []
        self._write_leading(row, column, text, iris[0] if len(iris) == 1 else "")

    def _write_evidence(self, row: int, entries: Sequence[Mapping[str, Any]]) -> None:
        """The entries in their columns: one alone is a number, a day or a link, several stand as text."""
        lists = self._sheet.evidence_lists(row - 1)
        names = [label_of(entry["source"]["label"], self._sheet.language) for entry in entries]
        for column, head in enumerate(EVIDENCE.values(), len(self._sheet.own)):
            values = ["" if each is None else each for each in lists[head.name]]
            named = names if head is EVIDENCE["article"] else [""] * len(values)
            texts = [name or str(each) for name, each in zip(named, values, strict=True)]
            alone = values[0] if len(values) == 1 else ""
            if isinstance(alone, int):
                self._place.write_number(row, column, alone, self._number)
            elif head.type == "date" and (day := _day(alone)):
                self._place.write_datetime(row, column, day, self._day)
            elif any(texts):
                self._write_leading(row, column, BETWEEN.join(texts), alone)

    def _write_leading(self, row: int, column: int, text: str, address: str) -> None:
        """A text that leads to an address, where that is one."""
        linked = address.startswith(_LINKED) and len(address) <= _LONGEST_LINK
        if linked and self._links < _MOST_LINKS:
            self._links += 1
            self._place.write_url(row, column, address, self._link, text[:_LONGEST_TEXT])
        else:
            self._write_text(row, column, text)

    def _write_text(self, row: int, column: int, text: str) -> None:
        self._place.write_string(row, column, text[:_LONGEST_TEXT])


def _shown(head: Head, term: Term, sheet: Sheet) -> str:
    """The text of a cell: names where there are names, else what stands in the graph."""
    names = names_of(head, term, sheet.index, sheet.language)
    values = term.value.split() if head.many else [term.value]
    return "; ".join(name or value for name, value in zip(names, values, strict=True))


def _number(text: str) -> float | int | None:
    """The number as Excel can hold it; None where it has more digits than that."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or len(number.normalize().as_tuple().digits) > _MOST_DIGITS:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def _day(text: str) -> datetime | None:
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return None
    return day if day.tzinfo is None and day.date() >= _FIRST_DAY else None


def _widths(sheet: Sheet) -> list[int]:
    """The width of each column, by its heading and its first rows; an East Asian character takes two places."""
    measured = [_width(sheet.title(head)) for head in sheet.heads]
    for row in list(sheet.rows)[:_MEASURED]:
        for column, head in enumerate(sheet.own):
            if (term := row.get(head.name)) is not None:
                measured[column] = max(measured[column], _width(_shown(head, term, sheet)))
    return [min(_WIDEST, max(_NARROWEST, width + 2)) for width in measured]


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x1100 else 1 for character in text)


def _write_about(workbook: xlsxwriter.Workbook, sheet: Sheet) -> None:
    place = workbook.add_worksheet(_word("about", sheet))
    bold = workbook.add_format({"bold": True, "valign": "top"})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    place.set_column(0, 0, 24)
    place.set_column(1, 1, 100)
    for row, (name, text) in enumerate(_lines(sheet)):
        place.write_string(row, 0, name, bold)
        _write_line(place, row, text, wrapped)


def _write_line(place: Worksheet, row: int, text: str, wrapped: Any) -> None:
    if text.startswith(_LINKED) and len(text) <= _LONGEST_LINK:
        place.write_url(row, 1, text)
    else:
        place.write_string(row, 1, text[:_LONGEST_TEXT], wrapped)


def _lines(sheet: Sheet) -> list[tuple[str, str]]:
    about, header = sheet.about, sheet.about.query.header
    lines = [
        (_word("question", sheet), label_of(header.question.model_dump(), sheet.language)),
        (_word("description", sheet), label_of(header.description.model_dump(), sheet.language)),
        *((f"{name} =", text) for name, text in about.parameters.items()),
        (_word("count", sheet), str(len(sheet.rows))),
        *([(_word("left-out", sheet), about.next)] if about.truncated else []),
        (_word("release", sheet), about.release),
        (_word("licence", sheet), about.licence),
        (_word("citation", sheet), about.citation),
        (_word("address", sheet), about.url),
    ]
    columns = [f"{head.name}: {sheet.title(head)} ({head.type})" for head in sheet.heads]
    return [*lines, (_word("columns", sheet), "\n".join(columns)), (_word("sparql", sheet), about.query.sparql)]


def _word(key: str, sheet: Sheet) -> str:
    return _WORDS[key][0 if sheet.language == "ko" else 1]
