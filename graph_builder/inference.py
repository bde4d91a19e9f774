"""Infers what follows: SPARQL CONSTRUCT rules (https://www.w3.org/TR/sparql11-query/#construct) run to a fix-point.

The rules are the part of OWL 2 RL (https://www.w3.org/TR/owl2-profiles/#OWL_2_RL) that the ontology uses, and the
rules of the domain; each is one file of `ontology/rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Quad, QueryTriples, Store, Triple

from graph_builder.errors import RuleError
from graph_builder.prefixes import PrefixMap, rebase
from graph_builder.terms import in_graph

__all__ = ["Rule", "derive", "infer", "read_rules"]

_MAX_ROUNDS = 50
_LANGUAGES = ("ko", "en")
_MEANING = re.compile(r"^#\+ (\w+): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its file name without suffix, its CONSTRUCT query, and what it says in one line of each language."""

    name: str
    query: str
    meaning: Mapping[str, str] = field(default_factory=dict, hash=False)


def read_rules(folder: Path, prefixes: PrefixMap) -> list[Rule]:
    """The rules of a folder in the order of their names, which is the order in which a round applies them.

    Raises RuleError where a rule does not say in both languages what it means.
    """
    header = prefixes.sparql_header()
    texts = {path.stem: rebase(path.read_text(encoding="utf-8"), prefixes.base) for path in sorted(folder.glob("*.rq"))}
    return [Rule(name, header + text, _meaning(name, text)) for name, text in texts.items()]


def _meaning(name: str, text: str) -> Mapping[str, str]:
    """What the head of a rule says that it means, by language."""
    said = dict(_MEANING.findall(text))
    if missing := [language for language in _LANGUAGES if language not in said]:
        raise RuleError(f"ontology/rules/{name}.rq: no line `#+ {missing[0]}: ...` says what the rule means")
    return {language: said[language] for language in _LANGUAGES}


def infer(triples: Iterable[Triple], rules: Sequence[Rule]) -> set[Triple]:
    """The triples that follow from `triples` by the rules and are not among them. Raises RuleError as `derive` does."""
    return set[Triple]().union(*derive(triples, rules).values())


def derive(triples: Iterable[Triple], rules: Sequence[Rule]) -> Mapping[str, set[Triple]]:
    """What follows, by the name of each rule that gives it; several rules may give the same triple.

    Raises RuleError where a rule is no CONSTRUCT query or the rules do not come to an end.
    """
    store = Store()
    store.bulk_extend(in_graph(triple) for triple in triples)
    inferred: set[Quad] = set()
    for _ in range(_MAX_ROUNDS):
        before = len(inferred)
        found = {rule.name: _apply(rule, store, inferred) for rule in rules}
        if len(inferred) == before:
            return {name: {quad.triple for quad in quads & inferred} for name, quads in found.items()}
    raise RuleError(f"the rules do not come to an end after {_MAX_ROUNDS} rounds")


def _apply(rule: Rule, store: Store, inferred: set[Quad]) -> set[Quad]:
    """What a rule constructs; what is new of it is added to the store and to `inferred`."""
    quads = _constructed(rule, store)
    new = [quad for quad in quads if quad not in store]
    store.extend(new)
    inferred.update(new)
    return quads


def _constructed(rule: Rule, store: Store) -> set[Quad]:
    try:
        results = store.query(rule.query)
    except (SyntaxError, OSError) as error:
        raise RuleError(f"ontology/rules/{rule.name}.rq: {error}") from error
    if not isinstance(results, QueryTriples):
        raise RuleError(f"ontology/rules/{rule.name}.rq: not a CONSTRUCT query")
    return {in_graph(triple) for triple in results}
