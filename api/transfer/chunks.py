"""A release in chunks, as it travels to another engine and is held against what arrived there.

Blank nodes get IRIs on the way (RDF 1.1 Concepts, section 3.5, https://www.w3.org/TR/rdf11-concepts/#section-skolemization):
chunks are documents of their own, which could not share a blank node. A checksum is the sum of the hashes of triples,
so it does not depend on their order; values are hashed, not their spelling, which engines change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from itertools import groupby
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, RdfFormat, Triple, parse

__all__ = ["Chunk", "Line", "Release", "canonical", "checksum"]

Term = NamedNode | BlankNode | Literal | Triple
Line = tuple[str, str, Term]
"""Subject and predicate in N-Triples, and the object."""

_XSD = "http://www.w3.org/2001/XMLSchema#"
_SIGNED = {
    "negativeInteger",
    "nonNegativeInteger",
    "nonPositiveInteger",
    "positiveInteger",
    "byte",
    "short",
    "int",
    "long",
}
_UNSIGNED = {"unsignedByte", "unsignedInt", "unsignedLong", "unsignedShort"}
_NUMBERS = {f"{_XSD}{name}" for name in {"decimal", "integer"} | _SIGNED | _UNSIGNED}
_FLOATS = {f"{_XSD}{name}" for name in ("double", "float")}
_TRUTHS = {"1": "true", "0": "false"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Triples of one graph ('' is the default graph) as N-Triples; its name tells its content."""

    graph: str
    text: str
    triples: int

    @property
    def name(self) -> str:
        """A hash of the graph's name and the triples."""
        return blake2b(f"{self.graph}\n{self.text}".encode(), digest_size=16).hexdigest()


class Release:
    """The quads of a release in the order of its file, which is that of their subjects."""

    def __init__(self, path: Path, base: str) -> None:
        self._path = path / "dataset.nq"
        self._genid = f"{base}.well-known/genid/"

    def chunks(self, triples: int) -> Iterator[Chunk]:
        """All quads, so many triples of a graph at a time; the same release gives the same chunks."""
        waiting: dict[str, list[Line]] = {}
        for graph, line in self.lines():
            lines = waiting.setdefault(graph, [])
            lines.append(line)
            if len(lines) == triples:
                yield _chunk(graph, waiting.pop(graph))
        for graph, lines in sorted(waiting.items()):
            yield _chunk(graph, lines)

    def batches(self, triples: int) -> Iterator[tuple[str, list[Line]]]:
        """All quads by graph, with all triples of a subject in one batch of about so many."""
        waiting: dict[str, list[Line]] = {}
        for _, group in groupby(self.lines(), key=lambda row: row[1][0]):
            for graph, line in group:
                waiting.setdefault(graph, []).append(line)
            for graph in [graph for graph, lines in waiting.items() if len(lines) >= triples]:
                yield graph, waiting.pop(graph)
        yield from waiting.items()

    def lines(self) -> Iterator[tuple[str, Line]]:
        """Each quad: its graph and its triple."""
        for quad in parse(path=str(self._path), format=RdfFormat.N_QUADS):
            graph = "" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
            yield graph, (str(self._named(quad.subject)), str(quad.predicate), self._named(quad.object))

    def _named(self, term: Term) -> Term:
        return NamedNode(f"{self._genid}{term.value}") if isinstance(term, BlankNode) else term


def _chunk(graph: str, lines: Iterable[Line]) -> Chunk:
    written = [f"{subject} {predicate} {thing} .\n" for subject, predicate, thing in lines]
    return Chunk(graph, "".join(written), len(written))


def canonical(term: Term) -> str:
    """A term as its value: numbers, truth values and language tags in one form, whatever the engine wrote.

    >>> canonical(Literal("1.50", datatype=NamedNode(f"{_XSD}decimal")))
    '"1.5"^^number'
    """
    if not isinstance(term, Literal):
        return str(term)
    if term.language:
        return f"{Literal(term.value)}@{term.language.lower()}"
    datatype = term.datatype.value
    try:
        if datatype in _NUMBERS:
            number = Decimal(term.value).normalize()
            return f'"{number + 0:f}"^^number'
        if datatype in _FLOATS:
            return f'"{float(term.value)!r}"^^<{datatype}>'
    except (InvalidOperation, ValueError):
        return str(term)
    if datatype == f"{_XSD}boolean":
        return f'"{_TRUTHS.get(term.value, term.value)}"^^<{datatype}>'
    return str(term)


def checksum(triples: Iterable[str]) -> int:
    """The sum of the hashes of triples; sums of disjoint sets add up."""
    return sum(int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "big") for text in triples) % 2**128
