"""What an answer without rows says: what was asked, and what is covered; nothing found does not mean it never was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pyoxigraph import NamedNode

from api.engine.execution import Executor
from api.naming.entities import EntityIndex
from api.questions.datatypes import Term
from api.questions.page_queries import PageQueries
from api.questions.parameters import SPAN, Parameter, Values
from api.questions.tabular import label_of
from api.wording.display import Language

__all__ = ["Coverage", "note_on_nothing"]

Coverage = Mapping[str, Any]
_Span = tuple[str, str]
_DATED = frozenset({"date", "year", "years"})


async def note_on_nothing(
    parameters: Sequence[Parameter], values: Values, executor: Executor, queries: PageQueries, index: EntityIndex
) -> dict[str, Any]:
    """The note on an answer without rows, in both languages, with the figures that it names."""
    covered = await _covered(executor, queries)
    return {
        "ko": _korean(parameters, values, covered, index),
        "en": _english(parameters, values, covered, index),
        "articles": covered["articles"],
        "sources": covered["sources"],
        "newest": covered["newest"] or None,
    }


async def _covered(executor: Executor, queries: PageQueries) -> Coverage:
    (row,) = (await executor.table(queries.bound("coverage"))).rows
    days = [row[name].value for name in ("newestArticle", "newestSource") if name in row]
    counts = {name: int(row[name].value) for name in ("articles", "sources")}
    return {**counts, "newest": max(days, default="")}


def _english(parameters: Sequence[Parameter], values: Values, covered: Coverage, index: EntityIndex) -> str:
    things = [_name(term, index, "en") for term in _things(values)]
    on = f" on {' and '.join(things)}" if things else ""
    when = "".join(f" {_phrase(*span)}" for span in _spans(parameters, values))
    within = f"in {covered['articles']} articles and {covered['sources']} other sources"
    rest = "; ".join(f"{each.description.en}: “{text}”" for each, text in _others(parameters, values))
    asked = f" Asked for: {rest}." if rest else ""
    return f"No facts{on}{when} {within}; the newest is of {covered['newest'] or 'an unknown date'}.{asked}"


def _phrase(first: str, last: str) -> str:
    """A span of days or years.

    >>> _phrase("1990", "1990"), _phrase("2019-01-01", "2020-01-01"), _phrase("2020", ""), _phrase("", "2020-01-01")
    ('in 1990', 'from 2019-01-01 to 2020-01-01', 'from 2020 on', 'until 2020-01-01')
    """
    if first == last:
        return f"on {first}" if "-" in first else f"in {first}"
    return f"from {first} to {last}" if first and last else f"from {first} on" if first else f"until {last}"


def _korean(parameters: Sequence[Parameter], values: Values, covered: Coverage, index: EntityIndex) -> str:
    things = [_name(term, index, "ko") for term in _things(values)]
    on = f"‘{'’, ‘'.join(things)}’에 관한 " if things else ""
    when = "".join(f"{_clause(*span)} " for span in _spans(parameters, values))
    within = f"기사 {covered['articles']}건과 그 밖의 자료 {covered['sources']}건에 없다"
    rest = ", ".join(f"{each.description.ko} ‘{text}’" for each, text in _others(parameters, values))
    asked = f" 물은 조건: {rest}." if rest else ""
    what = "조건에 맞는 사실은" if rest else "사실은" if on or when else "찾는 사실은"
    return f"{on}{when}{what} {within}. 가장 새로운 날짜는 {covered['newest'] or '알 수 없음'}이다.{asked}"


def _clause(first: str, last: str) -> str:
    """A span of days or years before a noun.

    >>> _clause("1990", "1990"), _clause("2017", "2020"), _clause("2019-01-01", ""), _clause("", "2020")
    ('1990년의', '2017년부터 2020년까지의', '2019-01-01부터의', '2020년까지의')
    """
    start, end = (day if "-" in day or not day else f"{day}년" for day in (first, last))
    if start == end:
        return f"{start}의"
    ends = (f"{start}부터" if start else "", f"{end}까지" if end else "")
    return f"{' '.join(filter(None, ends))}의"


def _spans(parameters: Sequence[Parameter], values: Values) -> Iterator[_Span]:
    """The times that were asked for: the two ends of a span, or a day or a year twice."""
    dated = [parameter for parameter in parameters if parameter.scalar in _DATED]
    span = [SPAN] if any(parameter.name in SPAN for parameter in dated) else []
    ends = [*span, *(parameter.places for parameter in dated if parameter.name not in SPAN)]
    for places in ends:
        first, last = (_text(values, place) for place in (places[0], places[-1]))
        if first or last:
            yield first, last


def _text(values: Values, place: str) -> str:
    return ", ".join(term.value for term in values.get(place, ()))


def _things(values: Values) -> list[NamedNode]:
    return [term for terms in values.values() for term in terms if isinstance(term, NamedNode)]


def _others(parameters: Sequence[Parameter], values: Values) -> Iterator[tuple[Parameter, str]]:
    """What else was asked for: neither a thing nor a time, nor what holds where nothing is said."""
    for parameter in parameters:
        text = _text(values, parameter.name)
        plain = parameter.scalar not in _DATED | {None, "iri"}
        if text and plain and text != ", ".join(parameter.defaults):
            yield parameter, text


def _name(term: Term, index: EntityIndex, language: Language) -> str:
    entity = index.get(term.value)
    return label_of(entity.label if entity else None, language) or term.value
