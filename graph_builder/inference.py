"""Infers what follows: SPARQL CONSTRUCT rules (https://www.w3.org/TR/sparql11-query/#construct) run to a fix-point.

The rules are the part of OWL 2 RL (https://www.w3.org/TR/owl2-profiles/#OWL_2_RL) that the ontology uses, and the
rules of the domain; each is one file of `ontology/rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Quad, QueryTriples, Store, Triple

from graph_builder.errors import RuleError
from graph_builder.prefixes import PrefixMap, rebase
from graph_builder.terms import in_graph

__all__ = ["Rule", "derive", "infer", "read_rules"]

_MAX_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its file name without suffix, its CONSTRUCT query, and what it says in one line."""

    name: str
    query: str
    meaning: str = ""


def read_rules(folder: Path, prefixes: PrefixMap) -> list[Rule]:
    """The rules of a folder in the order of their names, which is the order in which a round applies them."""
    header = prefixes.sparql_header()
    texts = {path.stem: rebase(path.read_text(encoding="utf-8"), prefixes.base) for path in sorted(folder.glob("*.rq"))}
    return [Rule(name, header + text, text.partition("\n")[0].removeprefix("#+ ")) for name, text in texts.items()]


def infer(triples: Iterable[Triple], rules: Sequence[Rule]) -> set[Triple]:
    """The triples that follow from `triples` by the rules and are not among them.

    Raises RuleError where a rule is no CONSTRUCT query or the rules do not come to an end.
    """
    store = _store(triples)
    return _closed(store, rules)


def derive(triples: Iterable[Triple], rules: Sequence[Rule]) -> Mapping[str, set[Triple]]:
    """What `infer` finds, by the name of each rule that gives it; several rules may give the same triple.

    Raises RuleError as `infer` does.
    """
    store = _store(triples)
    inferred = _closed(store, rules)
    return {rule.name: {quad.triple for quad in _constructed(rule, store)} & inferred for rule in rules}


def _store(triples: Iterable[Triple]) -> Store:
    store = Store()
    store.bulk_extend(in_graph(triple) for triple in triples)
    return store


def _closed(store: Store, rules: Sequence[Rule]) -> set[Triple]:
    """Adds all that follows to the store; the result is what was added."""
    inferred: set[Triple] = set()
    for _ in range(_MAX_ROUNDS):
        found = {triple for rule in rules for triple in _apply(rule, store)}
        if not found:
            return inferred
        inferred |= found
    raise RuleError(f"the rules do not come to an end after {_MAX_ROUNDS} rounds")


def _apply(rule: Rule, store: Store) -> set[Triple]:
    """Adds what a rule constructs to the store; the result is what was new."""
    new = [quad for quad in _constructed(rule, store) if quad not in store]
    store.extend(new)
    return {quad.triple for quad in new}


def _constructed(rule: Rule, store: Store) -> set[Quad]:
    try:
        results = store.query(rule.query)
    except (SyntaxError, OSError) as error:
        raise RuleError(f"ontology/rules/{rule.name}.rq: {error}") from error
    if not isinstance(results, QueryTriples):
        raise RuleError(f"ontology/rules/{rule.name}.rq: not a CONSTRUCT query")
    return {in_graph(triple) for triple in results}
