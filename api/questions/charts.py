"""Draws an answer as its header's `view` says: bars by unit, a timeline, a network or a Sankey diagram.

A picture shows what the table below it says, and never more; a row that lacks what is drawn is left to the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from markupsafe import Markup

from api.questions.bounds import Bound, worded
from api.questions.catalogue import Query, View, names, precision_of
from api.questions.diagrams import Link, flows, network
from api.questions.drawing import SIZE, Drawing, fitted, in_units, width_of
from api.questions.tabular import label_of, unit_said
from api.wording.display import Language, brief, period, when
from api.wording.strings import say

__all__ = ["Chart", "chart_of"]

Row = Mapping[str, Any]
MOST = 40
WIDTH, LABELS, ROW, MARGIN, ARROW = 980, 360, 28, 10, 9
_DAY = 10  # letters of a date
_TELLING = 3
# beyond what is known, the least that a bar with an open end needs
_OPEN = timedelta(days=366)
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
    bounds = [each.name for each in query.header.columns if each.type == ("bound",)]
    units = [column.unit or "" for column in query.header.columns if column.name == view.value]
    reader = _Reader(view.model_copy(update={"label": label}), language, "".join(bounds[:1]), "".join(units))
    title = query.header.title.first(language)
    match view.kind:
        case "bar":
            return _chart(view, rows, reader.bars, list, lambda bars: _bars(bars, title, language))
        case "timeline":
            return _chart(view, rows, reader.spans, _in_order, lambda spans: _timeline(spans, title, language))
        case "network":
            centre = next((said(row[view.centre], language) for row in rows), "") if view.centre else ""
            return _chart(view, rows, reader.links, _named, lambda links: network(links, title, language, centre))
        case "sankey":
            return _chart(view, rows, reader.flows, _added, lambda links: flows(links, title, language))
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Bar:
    label: str
    value: float
    unit: str
    said: str

    @property
    def place(self) -> object:
        """Each row has a bar of its own."""
        return id(self)


@dataclass(frozen=True, slots=True)
class _Span:
    """From one day to another, each with its words; a day that is not known is None, and its side is open."""

    label: str
    start: date | None
    end: date | None
    first: str
    last: str

    @property
    def place(self) -> object:
        """The same thing on the same days is drawn once."""
        return self

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that are known."""
        known = [day for day in (self.start, self.end) if day]
        return known[0], max(known)

    @property
    def said(self) -> str:
        """The days in words, each as exactly as it is known."""
        return period(self.first, self.last)


Item = TypeVar("Item", _Bar, _Span, Link)


def _chart(
    view: View,
    rows: Sequence[Row],
    read: Callable[[Row], Sequence[Item]],
    gather: Callable[[Iterable[Item]], Sequence[Item]],
    draw: Callable[[Sequence[Item]], Drawing],
) -> Chart | None:
    """Draws what is read from the rows, as many items as have room; a row is left out that is not drawn in full."""
    found = [read(row) for row in rows]
    shown = gather(item for items in found for item in items)[:MOST]
    places = {item.place for item in shown}
    left_out = sum(not items or not places.issuperset(item.place for item in items) for items in found)
    return Chart(view.kind, draw(shown).markup(), left_out) if shown else None


def _in_order(spans: Iterable[_Span]) -> list[_Span]:
    return sorted(dict.fromkeys(spans), key=lambda span: (span.days, span.label))


def _named(links: Iterable[Link]) -> list[Link]:
    """One arrow from one thing to another, with the names of all their relations."""
    found: dict[object, Link] = {}
    for link in links:
        known = found.get(link.place, link)
        names = dict.fromkeys(filter(None, (*known.name.split("; "), *link.name.split("; "))))
        found[link.place] = replace(known, name="; ".join(names))
    return list(found.values())


def _added(links: Iterable[Link]) -> list[Link]:
    """One flow from one thing to another in each unit, as much as the rows say together."""
    found: dict[tuple[str, str, str], Link] = {}
    for link in links:
        key = link.source, link.target, link.name
        known = found.get(key, replace(link, value=0))
        found[key] = replace(known, value=known.value + link.value, bounds=known.bounds | link.bounds)
    return list(found.values())


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
    """Reads from a row what a view draws.

    `bound` is the column that says how exact a number is, `unit` that of its unit.
    """

    view: View
    language: Language
    bound: str = ""
    unit: str = ""

    def bars(self, row: Row) -> list[_Bar]:
        """A bar, where the row has a number."""
        value = _value(row[self.view.value or ""])
        if not isinstance(value, int | float):
            return []
        said = worded(brief(value, self.language), self._bounds(row), self.language)
        return [_Bar(self._label(row) or "–", value, self._unit(row), said)]

    def spans(self, row: Row) -> list[_Span]:
        """From start to end, open where one of both is not known; else the day of which more is not known."""
        (start, first), (end, last) = self._day(row, self.view.start), self._day(row, self.view.end, first=False)
        if not (start or end):
            start, first = self._day(row, self.view.at)
        if not (self.view.end and (end or _value(row[self.view.start or ""]))):
            end, last = start, first
        return [_Span(self._label(row) or "–", start, end, first, last)] if start or end else []

    def links(self, row: Row) -> list[Link]:
        """An arrow, where the row has both ends, and another to what is asked about, where the row has its relation."""
        pairs = [(self.view.target, self._label(row))]
        if self.view.near:
            pairs.insert(0, (self.view.centre, said(row[self.view.near], self.language)))
        links = (self._link(row, end, name) for end, name in pairs)
        return [link for link in links if link]

    def flows(self, row: Row) -> list[Link]:
        """A flow, where the row has both ends and an amount."""
        value, link = _value(row[self.view.value or ""]), self._link(row, self.view.target, self._unit(row))
        if link is None or not isinstance(value, int | float):
            return []
        return [replace(link, value=value, bounds=frozenset(self._bounds(row)))]

    def _link(self, row: Row, end: str | None, name: str) -> Link | None:
        source, target = row[self.view.source or ""], row[end or ""]
        if source is None or target is None or source == target:
            return None
        return Link(said(source, self.language), said(target, self.language), name)

    def _label(self, row: Row) -> str:
        parts = (said(row[name], self.language) for name in self.view.label or ())
        return " · ".join(dict.fromkeys(part for part in parts if part))

    def _day(self, row: Row, name: str | None, first: bool = True) -> tuple[date | None, str]:
        """A day, and its words: as the table has it, or as much of it as its column of precision says."""
        cell = row[name] if name else None
        day = _day(cell, first)
        if day is None:
            return None, ""
        known = _code(row.get(precision_of(name or "")))
        return day, when(str(_value(cell)), known or "day", self.language)

    def _bounds(self, row: Row) -> list[Bound]:
        cell = row.get(self.bound)
        return [Bound(_code(cell), said(cell, self.language))] if cell else []

    def _unit(self, row: Row) -> str:
        """The unit of what is drawn: that which the header names, or what stands in the column which it names."""
        if named := unit_said(self.unit, self.language):
            return named
        cell = row.get(self.unit)
        if self.unit in row:
            return "" if cell is None or str(cell["value"]).endswith(_PURE) else said(cell, self.language)
        return self.unit


def _code(cell: Any) -> str:
    """The name of a concept within its scheme."""
    return str((cell or {}).get("curie") or "").rpartition(":")[2]


def said(cell: Any, language: Language) -> str:
    """A cell in words: its name in the language, or what stands in it."""
    if cell is None:
        return ""
    return label_of(cell["label"], language) or str(cell["value"]).rpartition("/")[2]


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
    described = in_units(say("chart-bars", language, total=len(bars)), units, language)
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
    if unit:
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
    """A dot or a bar on a common axis for each thing, the earliest first; an open bar runs on to the edge."""
    earliest, latest = min(spans, key=lambda span: span.days[0]), max(spans, key=lambda span: span.days[1])
    drawing = Drawing(
        WIDTH,
        ROW * (len(spans) + 1) + MARGIN,
        title,
        say(
            "chart-timeline",
            language,
            total=len(spans),
            first=earliest.first or earliest.last,
            last=latest.last or latest.first,
        ),
    )
    ticks, last = _axis(spans)
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
        left, right = (labels + (day.toordinal() - begin) * scale for day in span.days)
        drawing.text(labels - 14, ROW * number + 17, fitted(span.label, labels - 18), "", "end", span.label)
        _span(drawing, ROW * number, (left, right), (labels, labels + (end - begin) * scale), span)
    return drawing


def _axis(spans: Sequence[_Span]) -> tuple[list[tuple[date, str]], date]:
    """The days that stand on the axis, and its last day: open bars have room to run on."""
    first, last = min(span.days[0] for span in spans), max(span.days[1] for span in spans)
    beyond = max(_OPEN, (last - first) / 10)
    first -= beyond if any(span.start is None for span in spans) else timedelta()
    last += beyond if any(span.end is None for span in spans) else timedelta()
    return _ticks(first, last), last


def _span(drawing: Drawing, y: float, known: tuple[float, float], edges: tuple[float, float], span: _Span) -> None:
    """A dot at the first day that is known; a bar to the last one, or with an arrow to the edge."""
    tip = f"{span.label}: {span.said}"
    left = edges[0] + ARROW if span.start is None else known[0]
    right = edges[1] - ARROW if span.end is None else known[1]
    if right > left:
        drawing.box(left, y + 9, right - left, 8, "span", tip, 4)
    for open_, base, point in ((span.start is None, left, edges[0]), (span.end is None, right, edges[1])):
        if open_:
            drawing.path(
                f"M{base:.1f},{y + 6:.1f} L{point:.1f},{y + 13:.1f} L{base:.1f},{y + 20:.1f} Z", "span open", tip
            )
    drawing.dot(known[0], y + 13, 5, "bar", tip)
    drawing.text((edges[1] if span.end is None else right) + 10, y + 17, span.said, "soft")


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
