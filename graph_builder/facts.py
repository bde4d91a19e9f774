"""What is said: curated facts as they stand in a data file, each with its file, line and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from graph_builder.errors import Where

__all__ = [
    "Block",
    "Document",
    "Entries",
    "Fact",
    "Items",
    "Node",
    "Omission",
    "Qualifiers",
    "Register",
    "Scalar",
    "Snapshot",
    "SourceRef",
    "Span",
    "Texts",
    "Thing",
]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar of a data file; always text, whatever it looks like."""

    text: str
    where: Where


@dataclass(frozen=True, slots=True)
class Items:
    """A list of a data file."""

    nodes: tuple[Node, ...]
    where: Where


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping of a data file, in its order."""

    pairs: tuple[tuple[Scalar, Node], ...]
    where: Where

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        return next((value for name, value in self.pairs if name.text == key), None)


Node: TypeAlias = Scalar | Items | Entries


@dataclass(frozen=True, slots=True)
class Span:
    """Evidence in the article of the document: code points `start` to `end`, end exclusive.

    >>> str(Span(664, 688, Where("a.yaml")))
    '664-688'
    """

    start: int
    end: int
    where: Where = field(compare=False)

    def __str__(self) -> str:
        return f"{self.start}-{self.end}"

    def overlaps(self, other: Span) -> bool:
        """Whether the two have a character in common."""
        return self.start < other.end and other.start < self.end

    def holds(self, other: Span) -> bool:
        """Whether the other lies wholly within this one."""
        return self.start <= other.start and other.end <= self.end


Texts: TypeAlias = tuple[tuple[str, Scalar], ...]
"""One text in several languages: the language and the words."""


@dataclass(frozen=True, slots=True)
class SourceRef:
    """Evidence in a source outside the articles."""

    source: Scalar


@dataclass(frozen=True, slots=True)
class Qualifiers:
    """How a fact is said: evidence and modality; `because` gives the reason of the rank.

    An absent one falls back on the block's.
    """

    spans: tuple[Span, ...] = ()
    sources: tuple[SourceRef, ...] = ()
    claim: Scalar | None = None
    by: tuple[Scalar, ...] = ()
    confidence: Scalar | None = None
    rank: Scalar | None = None
    because: Texts = ()

    @property
    def has_evidence(self) -> bool:
        """Whether a span or a source is named."""
        return bool(self.spans or self.sources)

    def or_else(self, other: Qualifiers) -> Qualifiers:
        """These, with what is absent taken from `other`; evidence is taken as a whole or not at all."""
        evidence = self if self.has_evidence else other
        return Qualifiers(
            evidence.spans,
            evidence.sources,
            self.claim or other.claim,
            self.by or other.by,
            self.confidence or other.confidence,
            self.rank or other.rank,
            self.because if self.rank else other.because,
        )


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of one property, with the qualifiers that stand beside it."""

    name: Scalar
    value: Node
    qualifiers: Qualifiers


@dataclass(frozen=True, slots=True)
class Block:
    """All that one place of a data file says about one thing."""

    about: Scalar
    type: Scalar | None
    qualifiers: Qualifiers
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Omission:
    """A part of an article from which no fact was read, and why."""

    span: Span
    reason: Scalar
    note: Texts


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The exact text of which an article's document speaks; `hashes` maps "start-end" to the span's SHA-256."""

    article: Scalar
    number: int
    file: str
    sha256: str
    characters: int
    hashes: Mapping[str, Scalar]
    omissions: tuple[Omission, ...] = ()

    @property
    def key(self) -> str:
        """The first twelve hexadecimal digits of the hash, which name the snapshot."""
        return self.sha256[:12]


@dataclass(frozen=True, slots=True)
class Document:
    """A data file: an article has a snapshot, a context file a default source, a register file neither."""

    path: str
    snapshot: Snapshot | None
    source: Scalar | None
    blocks: tuple[Block, ...]

    def spans(self) -> Iterator[Span]:
        """Every span that a fact of the document names."""
        for block in self.blocks:
            yield from block.qualifiers.spans
            for fact in block.facts:
                yield from fact.qualifiers.spans

    def hashed_spans(self) -> Iterator[Span]:
        """Every span whose text has a hash: those of the facts, and those from which no fact was read."""
        yield from self.spans()
        yield from (omission.span for omission in (self.snapshot.omissions if self.snapshot else ()))


@dataclass(frozen=True, slots=True)
class Thing:
    """A declared thing."""

    iri: str
    type: str
    where: Where


Register: TypeAlias = Mapping[str, Thing]
"""The IRI of each declared thing -> the thing."""
