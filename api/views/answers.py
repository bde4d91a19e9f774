"""The page of a ready-made query, and what it shares with that of a permanent link: the part of the answer it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from api.descriptions.bibliography import Bibliography
from api.questions.catalogue import Query
from api.questions.charts import Chart
from api.questions.forms import Control
from api.questions.parameters import Fault
from api.questions.samples import Sample
from api.transport.formats import Format
from api.views.pages import Page

__all__ = ["AnswerPage", "Shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows of an answer as its JSON has them, with a picture of them; `before` rows of all `total` stand before them.

    `previous` and `next` are the cursors of the rows before and after, "" where there are none.
    """

    answer: Mapping[str, Any]
    chart: Chart | None
    before: int
    total: int
    previous: str
    next: str

    @property
    def whole(self) -> bool:
        """Whether these are all rows."""
        return len(self.answer["rows"]) == self.total


@dataclass(frozen=True, slots=True)
class AnswerPage(Page):
    """A question: its form as it was filled in, and the answer; `faults` are those that belong to no control."""

    template: ClassVar[str] = "answer.html"
    query: Query
    controls: tuple[Control, ...]
    given: Mapping[str, tuple[str, ...]]
    faults: tuple[Fault, ...]
    shown: Shown | None
    samples: tuple[Sample, ...]
    formats: tuple[Format, ...]
    bibliography: Bibliography | None

    @property
    def scripted(self) -> bool:
        """Whether names are suggested for a box whose kinds are too many to be listed."""
        return any(control.suggests for control in self.controls)
