"""Draws an answer as its header's `view` says: bars by unit, a timeline, a network or a Sankey diagram.

A picture shows what the table below it says, and never more; a row that lacks what is drawn is left to the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from api.questions.catalogue import Query, View, names
from api.questions.diagrams import Link, flows, network
from api.questions.drawing import SIZE, Drawing, fitted, width_of
from api.wording.display import Language, brief, period, when
from api.wording.strings import say

__all__ = ["Chart", "chart_of"]

Row = Mapping[str, Any]
MOST = 40
WIDTH, LABELS, ROW, MARGIN = 980, 360, 28, 10
_DAY = 10  # letters of a date
_TELLING = 3
_QUALIFIERS = ("bound", "precision")
# the unit of a mere number
_PURE = "/unit/NUM"


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of an answer, and how many rows it leaves to the table."""

    kind: str
    svg: Markup
    left_out: int


def chart_of(query: Query, rows: Sequence[Row], language: Language) -> Chart | None:
    """The picture of an answer's rows as its JSON has them; None where the view is a table or nothing can be drawn."""
    view = query.view
    label = view.label if query.header.view.label or view.kind == "network" else _telling(query, rows)
    bounds, precisions = ([each.name for each in query.header.columns if each.type == (kind,)] for kind in _QUALIFIERS)
    units = [column.unit or "" for column in query.header.columns if column.name == view.value]
    drawn = view.model_copy(update={"label": label})
    precision = precisions[0] if len(precisions) == 1 else ""
    reader = _Reader(drawn, language, "".join(bounds[:1]), "".join(units), precision)
    title = query.header.title.first(language)
    match view.kind:
        case "bar":
            return _chart(view, reader.bars(rows), rows, lambda items: _bars(items, title, language))
        case "timeline":
            return _chart(view, reader.spans(rows), rows, lambda items: _timeline(items, title, language))
        case "network":
            return _chart(view, reader.links(rows), rows, lambda items: network(items, title, language))
        case "sankey":
            return _chart(view, reader.links(rows), rows, lambda items: flows(items, title, language))
        case _:
            return None


def _chart(view: View, items: Sequence[Any], rows: Sequence[Row], draw: Any) -> Chart | None:
    shown = items[:MOST]
    return Chart(view.kind, draw(shown).markup(), len(rows) - len(shown)) if shown else None


@dataclass(frozen=True, slots=True)
class _Bar:
    label: str
    value: float
    unit: str
    said: str


@dataclass(frozen=True, slots=True)
class _Span:
    label: str
    start: date
    end: date
    said: str


def _telling(query: Query, rows: Sequence[Row]) -> tuple[str, ...]:
    """The columns that tell the rows apart: the first that names something, and as many more as are needed."""
    view, columns = query.view, query.header.columns
    used = view.named() - {*(view.label or ())}
    named = [each.name for each in columns if names(each) or each.type == ("year",)]
    telling = [*named, *(each.name for each in columns if each.type == ("code",))]
    candidates = [*(view.label or ()), *(name for name in telling if name not in used | {*(view.label or ())})]
    varying = [name for name in candidates if len({_value(row[name]) for row in rows}) > 1]
    chosen: list[str] = []
    for name in varying[:_TELLING]:
        told = {tuple(_value(row[each]) for each in chosen) for row in rows}
        if len(told) < len(rows):
            chosen.append(name)
    return tuple(chosen) or view.label or ()


def _value(cell: Any) -> Any:
    return cell["value"] if cell else None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads from rows what a view draws.

    `bound` is the column that says how exact a number is, `unit` that of its unit, `precision` how exact a day is.
    """

    view: View
    language: Language
    bound: str = ""
    unit: str = ""
    precision: str = ""

    def bars(self, rows: Sequence[Row]) -> list[_Bar]:
        """One bar for each row with a number."""
        found = []
        for row in rows:
            cell = row[self.view.value or ""]
            if cell is not None and isinstance(cell["value"], int | float):
                number = f"{brief(cell['value'], self.language)}{self._bound(row)}"
                found.append(_Bar(self._label(row) or "–", cell["value"], self._unit(row), number))
        return found

    def spans(self, rows: Sequence[Row]) -> list[_Span]:
        """One span for each row with a day, in the order of the days; the same thing on the same days only once."""
        found: dict[_Span, None] = {}
        for row in rows:
            start = _day(row[self.view.start or ""], first=True)
            end = _day(row[self.view.end], first=False) if self.view.end else start
            if start:
                found[_Span(self._label(row) or "–", start, max(end or start, start), self._days(row))] = None
        return sorted(found, key=lambda span: (span.start, span.end, span.label))

    def links(self, rows: Sequence[Row]) -> list[Link]:
        """One link for each row that has both ends; the same link only once, with the sum of what flows."""
        found: dict[tuple[str, str, str], float] = {}
        for row in rows:
            source, target = row[self.view.source or ""], row[self.view.target or ""]
            value = row[self.view.value]["value"] if self.view.value and row[self.view.value] else 1
            if source is not None and target is not None and source != target and isinstance(value, int | float):
                ends = said(source, self.language), said(target, self.language)
                key = (*ends, self._label(row) if self.view.kind == "network" else self._unit(row))
                found[key] = found.get(key, 0) + value
        return [Link(*key, value) for key, value in found.items()]

    def _label(self, row: Row) -> str:
        parts = (said(row[name], self.language) for name in self.view.label or ())
        return " · ".join(dict.fromkeys(part for part in parts if part))

    def _days(self, row: Row) -> str:
        """The days as the table has them, a single one as exactly as it is known."""
        start, end = _value(row[self.view.start or ""]), _value(row[self.view.end]) if self.view.end else None
        if self.view.end:
            return period(str(start), str(end or "")) if end != start else str(start)
        known = str((row.get(self.precision) or {}).get("curie") or "").rpartition(":")[2]
        return when(str(start), known or "day", self.language)

    def _bound(self, row: Row) -> str:
        cell = row.get(self.bound)
        return "" if cell is None or cell.get("curie") == "bound:exact" else f" ({said(cell, self.language)})"

    def _unit(self, row: Row) -> str:
        """The unit of what is drawn: that which the header names, or what stands in the column which it names."""
        cell = row.get(self.unit)
        if self.unit in row:
            return "" if cell is None or str(cell["value"]).endswith(_PURE) else said(cell, self.language)
        return self.unit


def said(cell: Any, language: Language) -> str:
    """A cell in words: its name in the language, or what stands in it."""
    if cell is None:
        return ""
    label = cell["label"] or {}
    return str(label.get(language) or label.get("ko") or label.get("en") or str(cell["value"]).rpartition("/")[2])


def _day(cell: Any, first: bool) -> date | None:
    if cell is None:
        return None
    text = str(cell["value"])[:_DAY]
    try:
        return date.fromisoformat(text if len(text) == _DAY else f"{text[:4]}-{'01-01' if first else '12-31'}")
    except ValueError:
        return None


def _bars(bars: Sequence[_Bar], title: str, language: Language) -> Drawing:
    """Bars from a common zero, one scale for each unit, as amounts of two currencies cannot be compared."""
    units = list(dict.fromkeys(bar.unit for bar in bars))
    height = ROW * len(bars) + (ROW + MARGIN) * len(units) + MARGIN
    described = say("chart-bars", language, total=len(bars), units=", ".join(filter(None, units)) or "–")
    drawing = Drawing(WIDTH, height, title, described)
    y, labels = float(MARGIN), _room(bar.label for bar in bars)
    for unit in units:
        y = _bars_of_unit(drawing, y, unit, [bar for bar in bars if bar.unit == unit], labels) + MARGIN
    return drawing


def _room(labels: Iterable[str]) -> float:
    """The room at the left that labels need, within what they may take."""
    return min(float(LABELS), max(map(width_of, labels)) + 2 * MARGIN)


def _bars_of_unit(drawing: Drawing, y: float, unit: str, bars: Sequence[_Bar], labels: float) -> float:
    low, high = min(0.0, *(bar.value for bar in bars)), max(0.0, *(bar.value for bar in bars))
    scale = (WIDTH - labels - 170) / ((high - low) or 1)
    zero = labels - low * scale
    drawing.text(labels, y + SIZE, unit, "soft")
    top = y + ROW - 6
    for number, bar in enumerate(bars):
        line = top + ROW * number
        left, right = sorted((zero, zero + bar.value * scale))
        drawing.text(labels - 8, line + 18, fitted(bar.label, labels - 12), "", "end", bar.label)
        drawing.box(left, line + 5, right - left, ROW - 10, "bar", f"{bar.label}: {bar.said} {bar.unit}".strip())
        drawing.text(right + 6, line + 18, bar.said, "soft")
    bottom = top + ROW * len(bars)
    drawing.line(zero, top, zero, bottom)
    return bottom


def _timeline(spans: Sequence[_Span], title: str, language: Language) -> Drawing:
    """A dot or a bar on a common axis for each thing, the earliest first."""
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    drawing = Drawing(
        WIDTH,
        ROW * (len(spans) + 1) + MARGIN,
        title,
        say("chart-timeline", language, total=len(spans), first=first.isoformat(), last=last.isoformat()),
    )
    ticks = _ticks(first, last)
    begin, end = ticks[0][0].toordinal(), max(ticks[-1][0], last).toordinal()
    room = max(width_of(span.said, SIZE - 1) for span in spans) + 30
    labels = _room(span.label for span in spans)
    scale = (WIDTH - labels - room) / max(end - begin, 1)
    bottom = ROW * (len(spans) + 1)
    for day, name in ticks:
        x = labels + (day.toordinal() - begin) * scale
        drawing.line(x, ROW - 6, x, bottom)
        # beside its line, over the days that it names
        drawing.text(x + 3, SIZE, name, "soft")
    for number, span in enumerate(spans, 1):
        left, right = (labels + (day.toordinal() - begin) * scale for day in (span.start, span.end))
        _span(drawing, ROW * number, left, right, span, labels)
    return drawing


def _span(drawing: Drawing, y: float, left: float, right: float, span: _Span, labels: float) -> None:
    tip = f"{span.label}: {span.said}"
    drawing.text(labels - 14, y + 17, fitted(span.label, labels - 18), "", "end", span.label)
    if span.end > span.start:
        drawing.box(left, y + 9, right - left, 8, "span", tip, 4)
    drawing.dot(left, y + 13, 5, "bar", tip)
    drawing.text(right + 10, y + 17, span.said, "soft")


def _ticks(first: date, last: date) -> list[tuple[date, str]]:
    """Days that stand on the axis: the beginnings of years, at most nine, or of months within two years."""
    months = (last.year - first.year) * 12 + last.month - first.month
    if months < 24:
        step = 1 if months < 8 else 3
        starts = [first.year * 12 + first.month - 1 + step * n for n in range(months // step + 2)]
        return [(date(each // 12, each % 12 + 1, 1), f"{each // 12}-{each % 12 + 1:02d}") for each in starts]
    years = last.year + 1 - first.year
    step = next(each for each in (1, 2, 5, 10, 20, 50, 100, 1000) if years / each <= 8)
    starts = list(range(first.year - first.year % step, last.year + step + 1, step))
    return [(date(year, 1, 1), str(year)) for year in starts]
