"""Infers what follows: SPARQL CONSTRUCT rules (https://www.w3.org/TR/sparql11-query/#construct) run to a fix-point.

The rules are the part of OWL 2 RL (https://www.w3.org/TR/owl2-profiles/#OWL_2_RL) that the ontology uses, and the
rules of the domain; each is one file of `ontology/rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import QueryTriples, Store, Triple

from graph_builder.errors import RuleError
from graph_builder.prefixes import PrefixMap, rebase
from graph_builder.terms import in_graph

__all__ = ["Rule", "infer", "read_rules"]

_MAX_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its file name without suffix, and its CONSTRUCT query."""

    name: str
    query: str


def read_rules(folder: Path, prefixes: PrefixMap) -> list[Rule]:
    """The rules of a folder in the order of their names, which is the order in which a round applies them."""
    header = prefixes.sparql_header()
    return [
        Rule(path.stem, header + rebase(path.read_text(encoding="utf-8"), prefixes.base))
        for path in sorted(folder.glob("*.rq"))
    ]


def infer(triples: Iterable[Triple], rules: Sequence[Rule]) -> set[Triple]:
    """The triples that follow from `triples` by the rules and are not among them.

    Raises RuleError where a rule is no CONSTRUCT query or the rules do not come to an end.
    """
    store = Store()
    store.bulk_extend(in_graph(triple) for triple in triples)
    inferred: set[Triple] = set()
    for _ in range(_MAX_ROUNDS):
        found = {triple for rule in rules for triple in _apply(rule, store)}
        if not found:
            return inferred
        inferred |= found
    raise RuleError(f"the rules do not come to an end after {_MAX_ROUNDS} rounds")


def _apply(rule: Rule, store: Store) -> set[Triple]:
    """Adds what a rule constructs to the store; the result is what was new."""
    try:
        results = store.query(rule.query)
    except (SyntaxError, OSError) as error:
        raise RuleError(f"ontology/rules/{rule.name}.rq: {error}") from error
    if not isinstance(results, QueryTriples):
        raise RuleError(f"ontology/rules/{rule.name}.rq: not a CONSTRUCT query")
    constructed = {in_graph(triple) for triple in results}
    new = [quad for quad in constructed if quad not in store]
    store.extend(new)
    return {quad.triple for quad in new}
