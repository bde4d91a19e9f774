"""The pages that say why: of a row of an answer, and of a triple."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from api.views.pages import Page

__all__ = ["ExplanationPage", "FactPage", "WhyPage"]

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WhyPage(Page):
    """Why a row is in an answer: its cells, what its nodes state, and what was inferred between its things."""

    template: ClassVar[str] = "why.html"
    columns: Sequence[Json]
    row: Json
    statements: Sequence[Json]
    inferred: Sequence[Json]
    back: str
    json: str


@dataclass(frozen=True, slots=True)
class FactPage(Page):
    """Why a triple is in the graph."""

    template: ClassVar[str] = "fact.html"
    fact: Json
    json: str


@dataclass(frozen=True, slots=True)
class ExplanationPage(Page):
    """What emptied a query: its patterns one by one, and what may have been meant."""

    template: ClassVar[str] = "explanation.html"
    explanation: Json
    json: str
