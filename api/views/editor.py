"""Runs a query of the reader's own for the page of the SPARQL editor, under the limits that everybody has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from api.engine.execution import Executor
from api.engine.results import Term
from api.errors import RequestError
from api.naming.entities import EntityIndex
from api.questions.answers import cell_of_term
from api.questions.catalogue import Query
from api.reasoning.explanations import Explainer
from api.transport.formats import Format, of_kind
from api.views.pages import Page
from api.wording.problems import Telling, telling
from graph_builder.prefixes import PrefixMap

__all__ = ["SHOWN", "EditorPage", "Outcome", "run"]

SHOWN = 200
_TURTLE = next(row for row in of_kind("graph") if row.name == "turtle")
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a query answered: rows of cells, yes or no, or a graph as Turtle; or why it did not.

    `why` tells in both languages what emptied an answer without rows.
    """

    kind: str
    columns: Sequence[str] = ()
    rows: Sequence[Mapping[str, Json | None]] = ()
    truncated: bool = False
    truth: bool = False
    graph: str = ""
    why: Json | None = None
    problem: RequestError | None = None

    @property
    def telling(self) -> Telling | None:
        """What a problem tells the reader."""
        return (
            telling(self.problem.type, self.problem.status, self.problem.members.get("limit")) if self.problem else None
        )

    @property
    def status(self) -> int:
        """The status of the page that shows it."""
        return self.problem.status if self.problem else 200


@dataclass(frozen=True, slots=True)
class EditorPage(Page):
    """The prepared questions, and a form for SPARQL with what it answered."""

    template: ClassVar[str] = "queries.html"
    queries: tuple[Query, ...]
    text: str
    chosen: str
    outcome: Outcome | None
    formats: tuple[Format, ...]


async def run(query: str, executor: Executor, index: EntityIndex, prefixes: PrefixMap) -> Outcome:
    """The outcome of a query; a refusal is one, too."""
    try:
        kind = (await executor.read(query)).kind
        if kind == "boolean":
            return Outcome(kind, truth=await executor.ask(query))
        if kind == "graph":
            return Outcome(kind, graph=(await executor.graph(query, _TURTLE)).decode())
        return await _table(query, executor, index, prefixes)
    except RequestError as problem:
        return Outcome("problem", problem=problem)


async def _table(query: str, executor: Executor, index: EntityIndex, prefixes: PrefixMap) -> Outcome:
    table = await executor.table(query, executor.limits.within(rows=SHOWN))
    rows = [
        {name: _cell(row[name], index, prefixes) if name in row else None for name in table.columns}
        for row in table.rows[:SHOWN]
    ]
    why = None if rows else await _why(query, Explainer(executor, index, prefixes.prefixes))
    return Outcome("table", table.columns, rows, table.truncated or len(table.rows) > SHOWN, why=why)


def _cell(term: Term, index: EntityIndex, prefixes: PrefixMap) -> Json:
    """A term; an IRI without a name is written with its prefix, a blank node as SPARQL writes one."""
    cell = cell_of_term(term, index)
    if term.kind == "bnode":
        return cell | {"value": f"_:{term.value}"}
    return cell if term.kind != "iri" or cell["label"] else cell | {"curie": prefixes.shrink(term.value) or term.value}


async def _why(query: str, explainer: Explainer) -> Json | None:
    try:
        return await explainer.explain(query)
    except RequestError:
        return None
