"""The sixty competency questions, each a query file that states its question and the answer it must get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store, Triple

from graph_builder.prefixes import prefix_map

FILES = sorted((Path(__file__).parent / "questions").glob("q*.rq"))
PREFIXES = prefix_map()

Row = tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """A question in both languages, its query and the rows that answer it: all of them, or those that must be there."""

    asked: Mapping[str, str]
    query: str
    rows: list[Row]
    complete: bool


def read(path: Path) -> Question:
    """The question of one file; its header is YAML in the comments that begin with a plus sign."""
    text = path.read_text(encoding="utf-8")
    lines = [line.removeprefix("#+ ") for line in text.splitlines() if line.startswith("#+")]
    header = yaml.load("\n".join(lines), Loader=yaml.BaseLoader)
    rows = [tuple(row) for row in header.get("expect") or header["includes"]]
    return Question(header["question"], text, rows, "expect" in header)


def shown(term: NamedNode | BlankNode | Literal | Triple | None) -> str:
    """A term as an answer writes it: a CURIE, the lexical form of a literal, nothing where unbound."""
    if isinstance(term, NamedNode):
        return PREFIXES.shrink(term.value) or term.value
    return term.value if isinstance(term, Literal) else str(term or "")


def answer(store: Store, query: str) -> list[Row]:
    """The rows of a SELECT query, in their order."""
    solutions = store.query(query, prefixes=dict(PREFIXES.prefixes))
    assert isinstance(solutions, QuerySolutions)
    return [tuple(shown(solution[variable]) for variable in solutions.variables) for solution in solutions]


@pytest.fixture(scope="module")
def store(release: Path) -> Store:
    """The graph of the release."""
    return Store.read_only(str(release / "store"))


def test_there_are_sixty_questions_in_both_languages() -> None:
    assert [path.stem for path in FILES] == [f"q{number:02}" for number in range(1, 61)]
    assert {frozenset(read(path).asked) for path in FILES} == {frozenset({"ko", "en"})}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_question_gets_its_answer(path: Path, store: Store) -> None:
    question = read(path)
    rows = answer(store, question.query)
    if question.complete:
        assert rows == question.rows
    else:
        assert [row for row in question.rows if row not in rows] == []
