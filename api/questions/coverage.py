"""What an answer without rows says: what was asked, and what is covered; nothing found does not mean it never was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode

from api.engine.execution import Executor
from api.naming.entities import EntityIndex
from api.questions.page_queries import PageQueries
from api.questions.parameters import Values
from api.questions.tabular import label_of
from api.wording.display import Language

__all__ = ["Coverage", "note_on_nothing"]

Coverage = Mapping[str, Any]
_FROM = re.compile(r"from|since|.*From")
_UNTIL = re.compile(r"to|until|.*To")
_ON = re.compile(r"date|asOf|on|day|year")


async def note_on_nothing(
    values: Values, executor: Executor, queries: PageQueries, index: EntityIndex
) -> dict[str, Any]:
    """The note on an answer without rows, in both languages, with the figures that it names."""
    covered = await _covered(executor, queries)
    return {
        "ko": _korean(values, covered, index),
        "en": _english(values, covered, index),
        "articles": covered["articles"],
        "sources": covered["sources"],
        "newest": covered["newest"] or None,
    }


async def _covered(executor: Executor, queries: PageQueries) -> Coverage:
    (row,) = (await executor.table(queries.bound("coverage"))).rows
    days = [row[name].value for name in ("newestArticle", "newestSource") if name in row]
    counts = {name: int(row[name].value) for name in ("articles", "sources")}
    return {**counts, "newest": max(days, default="")}


def _english(values: Values, covered: Coverage, index: EntityIndex) -> str:
    things, rest = _said(values, index, "en")
    on = f" on {' and '.join(things)}" if things else ""
    when = "".join(f" {_phrase(name, text)}" for name, text in rest)
    within = f"in {covered['articles']} articles and {covered['sources']} other sources"
    return f"No facts{on}{when} {within}; the newest is of {covered['newest'] or 'an unknown date'}."


def _phrase(name: str, text: str) -> str:
    for pattern, words in ((_FROM, "from {} on"), (_UNTIL, "until {}"), (_ON, "on {}")):
        if pattern.fullmatch(name):
            return words.format(text) if name != "year" else f"in {text}"
    return f"with {name} “{text}”"


def _korean(values: Values, covered: Coverage, index: EntityIndex) -> str:
    things, rest = _said(values, index, "ko")
    on = f"‘{'’, ‘'.join(things)}’에 관한 " if things else ""
    when = "".join(f"{_clause(name, text)} " for name, text in rest)
    within = f"기사 {covered['articles']}건과 그 밖의 자료 {covered['sources']}건에 없다"
    return f"{on}{when}사실은 {within}. 가장 새로운 날짜는 {covered['newest'] or '알 수 없음'}이다."


def _clause(name: str, text: str) -> str:
    for pattern, words in ((_FROM, "{}부터의"), (_UNTIL, "{}까지의"), (_ON, "{}의")):
        if pattern.fullmatch(name):
            return words.format(text)
    return f"‘{text}’({name})에 맞는"


def _said(values: Values, index: EntityIndex, language: Language) -> tuple[list[str], list[tuple[str, str]]]:
    """The names of the things that were asked about, and the other values by the name of their parameter."""
    things: list[str] = []
    rest: list[tuple[str, str]] = []
    for name, terms in values.items():
        named = [_name(term, index, language) for term in terms if isinstance(term, NamedNode)]
        things += named
        rest += [(name, term.value) for term in terms if isinstance(term, Literal)]
    return things, rest


def _name(term: NamedNode, index: EntityIndex, language: Language) -> str:
    entity = index.get(term.value)
    return label_of(entity.label if entity else None, language) or term.value
