"""Canned queries asked on the store of a release in this process, and their rows as plain text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from api.questions.catalogue import Catalogue
from api.questions.datatypes import DATATYPES, Term
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT

__all__ = ["PREFIXES", "Row", "ask", "catalogue", "open_store"]

PREFIXES = prefix_map()
Row = Mapping[str, str]


@cache
def catalogue() -> Catalogue:
    """The canned queries of the checkout."""
    return Catalogue.load(CHECKOUT.queries, PREFIXES)


def open_store(release: Path) -> Store:
    """The graph of the release, to be read only."""
    return Store.read_only(str(release / "store"))


def ask(store: Store, query_id: str, **given: str | tuple[str, ...]) -> list[Row]:
    """The rows of a canned query: CURIEs for IRIs, lexical forms for literals, nothing where unbound."""
    query = catalogue()[query_id]
    values: dict[str, tuple[Term, ...]] = {}
    for parameter in query.header.parameters:
        said = given.get(parameter.name, ())
        for one in (said,) if isinstance(said, str) else said:
            for place, term in _terms(parameter.type[0], parameter.name, one).items():
                values[place] = (*values.get(place, ()), term)
    solutions = store.query(query.bound(values))
    assert isinstance(solutions, QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return [{name: _plain(solution[name]) for name in names} for solution in solutions]


def _terms(kind: str, name: str, said: str) -> Mapping[str, Term]:
    if kind in DATATYPES:
        return {name + part: term for part, term in DATATYPES[kind].read(said).items()}
    return {name: NamedNode(PREFIXES.expand(said))}


def _plain(term: object) -> str:
    if isinstance(term, NamedNode):
        return PREFIXES.shrink(term.value) or term.value
    if not isinstance(term, Literal):
        return ""
    return " ".join(PREFIXES.shrink(part) or part for part in term.value.split(" "))
