"""Why something is in the graph: the statements and places that say it, and where it was inferred, rule and premises.

The release says by which rules a triple was inferred (`graph/inferred/<rule>`) and holds the rules (`rules.json`). The
premises are found by running the rule backwards: its CONSTRUCT template is matched with the triple, and its WHERE
clause asked for with what that binds (SPARQL 1.1, section 16.2, https://www.w3.org/TR/sparql11-query/#construct).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from pyoxigraph import Literal, NamedNode

from api.engine.execution import Executor
from api.engine.results import Term
from api.naming.entities import EntityIndex
from api.questions.answers import cell_of_term, evidence_of_nodes
from api.questions.catalogue import Catalogue
from api.questions.page_queries import PageQueries
from api.questions.parameters import spell
from api.reasoning.patterns import Element, Triple, WhereClause, read_where
from graph_builder.prefixes import PrefixMap

__all__ = ["MOST_FACTS", "MOST_NODES", "Fact", "Justifier", "Rule", "read_rules"]

Json = dict[str, Any]
Row = Mapping[str, Term]
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
# A proof as large as this is cut, and says so.
MOST_FACTS, _DEEPEST, _MOST_WAYS, _MOST_SOLUTIONS, _MOST_BETWEEN = 60, 6, 3, 40, 10
# So many IRIs fit into one query.
MOST_NODES = 500
_TRIPLE = ("subject", "predicate", "object")
_QUALIFIERS = ("claim", "rank", "confidence", "speaker", "status")
_NAME = re.compile(r"[?$](\w+)")


@dataclass(frozen=True, slots=True)
class Fact:
    """A triple as its terms."""

    subject: Term
    predicate: Term
    object: Term

    @classmethod
    def of(cls, row: Row) -> Fact:
        """The fact in the columns subject, predicate and object of a row."""
        return cls(row["subject"], row["predicate"], row["object"])


@dataclass(frozen=True)
class Rule:
    """An inference rule: its name, what it says in one line of each language, and its query taken apart."""

    name: str
    meaning: Mapping[str, str]
    where: WhereClause

    def bindings(self, fact: Fact, prefixes: Mapping[str, str]) -> dict[str, Term] | None:
        """What the triple says of the variables of the template; None where the template does not fit."""
        (head,) = [element.triple for element in self.where.template if element.triple]
        bound: dict[str, Term] = {}
        for written, term in zip((head.subject, head.path, head.object), _terms(fact), strict=True):
            if name := _NAME.fullmatch(written):
                if bound.setdefault(name[1], term) != term:
                    return None
            elif _iri(written, prefixes) != term.value:
                return None
        return bound

    def backwards(self, bound: Mapping[str, Term]) -> str:
        """The query for what makes the rule give the triple."""
        names = " ".join(f"?{name}" for name in bound)
        values = " ".join(_spelt(term) for term in bound.values())
        body = "\n".join(_linked(element) for element in self.where.elements)
        asked = f"VALUES ({names}) {{ ({values}) }}\n{body}"
        return f"{self.where.prologue}\nSELECT DISTINCT * WHERE {{\n{asked}\n}} LIMIT {_MOST_SOLUTIONS:d}"

    def premises(self, solution: Row, prefixes: Mapping[str, str]) -> Iterator[Fact]:
        """The triples of a solution, those about blank nodes left out: they have no name that one could ask for."""
        for triple in _patterns(self.where.elements):
            terms = [_term(part, solution, prefixes) for part in (triple.subject, triple.path, triple.object)]
            known = [term for term in terms if term is not None and term.kind != "bnode"]
            if len(known) == 3:
                yield Fact(*known)


def read_rules(release: Path) -> tuple[Rule, ...]:
    """The rules that a release holds; none where it was built before releases held them."""
    path = release / "rules.json"
    rules = orjson.loads(path.read_bytes()) if path.is_file() else []
    return tuple(Rule(each["name"], _meaning(each["meaning"]), read_where(each["query"])) for each in rules)


def _meaning(held: str | Mapping[str, str]) -> Mapping[str, str]:
    """What a rule means, by language; releases from before it was said in both have a text in English."""
    return {"en": held} if isinstance(held, str) else held


@dataclass
class _Proof:
    """How much of a proof is made: the facts that stand in it, and those on the way from its root."""

    cut: bool = False
    known: set[Fact] = field(default_factory=set)
    path: list[Fact] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)

    def add(self, fact: Fact, nodes: Iterable[str]) -> None:
        """A fact, and the nodes that carry its evidence."""
        self.known.add(fact)
        self.nodes += [node for node in nodes if node not in self.nodes]


@dataclass(frozen=True)
class Justifier:
    """Says why a triple, or a row of an answer, is there."""

    executor: Executor
    catalogue: Catalogue
    queries: PageQueries
    index: EntityIndex
    prefixes: PrefixMap
    rules: Sequence[Rule]

    async def fact(self, fact: Fact) -> Json | None:
        """Why a triple is in the graph: where it is stated, and by which rules it follows; None where it is not."""
        proof = _Proof()
        found = await self._fact(fact, proof)
        if found is None:
            return None
        await self._fill([found], proof)
        return found | {"truncated": proof.cut}

    async def inferred_between(self, things: Iterable[str], predicates: frozenset[str]) -> list[Json]:
        """The inferred facts between some things, each with its proof: those of some properties, and in our own terms
        every one that links what nothing stated links. What is a part of the proof of another is not told again.
        """
        terms = tuple(map(NamedNode, things))
        if not terms:
            return []
        rows = (await self.executor.table(self.queries.bound("inferred-between", subject=terms, object=terms))).rows
        proof = _Proof()
        found = []
        for fact in [Fact.of(row) for row in rows if self._is_told(row, predicates)][:_MOST_BETWEEN]:
            if fact not in proof.known and (each := await self._fact(fact, proof)):
                found.append(each)
        await self._fill(found, proof)
        return found

    def _is_told(self, row: Row, predicates: frozenset[str]) -> bool:
        ours = row["predicate"].value.startswith(self.prefixes.base)
        return row["predicate"].value in predicates or (ours and row["direct"].value == "false")

    async def _fill(self, facts: Iterable[Json], proof: _Proof) -> None:
        """Put the statements in the place of their nodes, all of a proof looked up at once."""
        known = {each["node"]["value"]: each for each in await self.statements(proof.nodes[:MOST_NODES])}
        for fact in _all(facts):
            fact["stated"] = [known[node] for node in fact["stated"] if node in known]

    async def statements(self, nodes: Sequence[str]) -> list[Json]:
        """What nodes that carry evidence say, how it is qualified, and where it was read."""
        if not nodes:
            return []
        asked = self.queries.bound("statements", node=tuple(map(NamedNode, nodes)))
        said: dict[str, dict[str, list[Term]]] = {}
        for row in (await self.executor.table(asked)).rows:
            said.setdefault(row["node"].value, {}).setdefault(row["part"].value, []).append(row["value"])
        evidence = await evidence_of_nodes(nodes, self.catalogue, self.executor, self.index)
        return [self._statement(node, said.get(node, {}), evidence) for node in nodes]

    def _statement(self, node: str, said: Mapping[str, Sequence[Term]], evidence: Mapping[str, list[Json]]) -> Json:
        triple = {name: cell_of_term(said[name][0], self.index) if name in said else None for name in _TRIPLE}
        qualified = {name: [cell_of_term(term, self.index) for term in said.get(name, ())] for name in _QUALIFIERS}
        kind = "statement" if "subject" in said else "node"
        thing = cell_of_term(Term("iri", node), self.index)
        return {"node": thing, "kind": kind, **triple, **qualified, "evidence": evidence.get(node, [])}

    def _shown(self, fact: Fact) -> Json:
        parts = zip(_TRIPLE, _terms(fact), strict=True)
        return {name: cell_of_term(term, self.index) for name, term in parts}

    async def _fact(self, fact: Fact, proof: _Proof) -> Json | None:
        terms = dict(zip(_TRIPLE, map(_rdf, _terms(fact)), strict=True))
        asked = self.queries.bound("support", **{name: (term,) for name, term in terms.items()})
        rows = (await self.executor.table(asked)).rows
        if not rows:
            return None
        graphs = sorted(
            {row["graph"].value.removeprefix(f"{self.prefixes.base}graph/") for row in rows if "graph" in row}
        )
        inferred, again = "inferred" in graphs, fact in proof.known
        nodes = [] if inferred else _carriers(fact, rows)
        proof.add(fact, nodes)
        given = [name.removeprefix("inferred/") for name in graphs if name.startswith("inferred/")]
        ways = await self._ways(fact, given, proof) if inferred and not again else []
        told = {"origin": _origin(graphs, nodes), "stated": nodes, "inferred": ways, "again": again}
        return self._shown(fact) | told

    async def _ways(self, fact: Fact, names: Sequence[str], proof: _Proof) -> list[Json]:
        """The rules that give the fact, each with premises; a fact is never a premise of itself."""
        if len(proof.path) >= _DEEPEST or len(proof.known) >= MOST_FACTS:
            proof.cut = True
            return [_way(rule, []) for rule in self.rules if rule.name in names]
        proof.path.append(fact)
        try:
            return [way for rule in self.rules if rule.name in names for way in await self._ways_by(rule, fact, proof)]
        finally:
            proof.path.pop()

    async def _ways_by(self, rule: Rule, fact: Fact, proof: _Proof) -> list[Json]:
        known = self.prefixes.prefixes
        bound = rule.bindings(fact, known)
        if bound is None:
            return []
        solutions = (await self.executor.table(rule.backwards(bound))).rows
        sets = dict.fromkeys(tuple(dict.fromkeys(rule.premises({**row, **bound}, known))) for row in solutions)
        sound = [premises for premises in sets if not set(premises) & set(proof.path)]
        proof.cut = proof.cut or len(sound) > _MOST_WAYS
        ways = []
        for premises in sound[:_MOST_WAYS]:
            found = [await self._fact(premise, proof) for premise in premises]
            ways.append(_way(rule, [each for each in found if each]))
        return ways


def _all(facts: Iterable[Json]) -> Iterator[Json]:
    """The facts with those of their proofs."""
    for fact in facts:
        yield fact
        yield from _all(premise for way in fact["inferred"] for premise in way["premises"])


def _way(rule: Rule, premises: list[Json]) -> Json:
    return {"rule": rule.name, "meaning": dict(rule.meaning), "premises": premises}


def _origin(graphs: Sequence[str], stated: Sequence[str]) -> str:
    """Where a triple comes from: inferred, vocabulary, meta, stated, or register for what needs no source."""
    for name, origin in (("inferred", "inferred"), ("vocab", "vocabulary"), ("meta", "meta")):
        if name in graphs:
            return origin
    return "stated" if stated or graphs else "register"


def _carriers(fact: Fact, rows: Sequence[Row]) -> list[str]:
    """The statements that say the triple; else its subject, a node of several parts with evidence of its own."""
    nodes = list(dict.fromkeys(row["node"].value for row in rows if "node" in row))
    return [node for node in nodes if node != fact.subject.value] or nodes


def _terms(fact: Fact) -> tuple[Term, Term, Term]:
    return fact.subject, fact.predicate, fact.object


def _rdf(term: Term) -> NamedNode | Literal:
    if term.kind == "iri":
        return NamedNode(term.value)
    if term.lang:
        return Literal(term.value, language=term.lang)
    return Literal(term.value, datatype=NamedNode(term.datatype)) if term.datatype else Literal(term.value)


def _spelt(term: Term) -> str:
    return spell(_rdf(term))


def _patterns(elements: Iterable[Element]) -> Iterator[Triple]:
    """The triple patterns that make up a solution, those of each path one by one."""
    for element in elements:
        if element.triple is not None:
            yield from element.triple.links(f"step{element.start}x")
        elif element.kind in ("union", "group", "graph", "optional"):
            yield from _patterns(element.inner)


def _linked(element: Element) -> str:
    """The text of an element, a sequence of properties with a variable for each thing between."""
    if element.triple is None:
        return element.text
    return "\n".join(f"{link} ." for link in element.triple.links(f"step{element.start}x"))


def _term(written: str, solution: Row, prefixes: Mapping[str, str]) -> Term | None:
    if name := _NAME.fullmatch(written):
        return solution.get(name[1])
    iri = _iri(written, prefixes)
    return Term("iri", iri) if iri else None


def _iri(written: str, prefixes: Mapping[str, str]) -> str:
    """The IRI of a name as it is written, "" for a path or a literal."""
    if written == "a":
        return RDF_TYPE
    if written.startswith("<"):
        return written[1:-1]
    prefix, colon, local = written.partition(":")
    return prefixes[prefix] + local if colon and prefix in prefixes else ""
