"""The errors of the project.

KnowledgeGraphError
├── SourceError            a fault at a line and column of an input file
│   ├── SyntaxFault        the file is not readable UTF-8 or YAML
│   ├── FactError          a block, a key or a value breaks the grammar of the data files
│   ├── UnknownTerm        a name that the vocabulary, the prefixes or the register does not have
│   ├── DuplicateThing     one identifier declared twice
│   └── EvidenceError      a span or its hash does not agree with the source text
├── DataFaults             all faults of one run
├── ValidationFailed       the graph breaks shapes (stands in `validation`, beside what it lists)
├── RuleError              an inference rule cannot be run
└── ReleaseError           a release cannot be written, found or read
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "DataFaults",
    "DuplicateThing",
    "EvidenceError",
    "FactError",
    "KnowledgeGraphError",
    "ReleaseError",
    "RuleError",
    "SourceError",
    "SyntaxFault",
    "UnknownTerm",
    "Where",
]


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in an input file; line and column count from 1.

    >>> str(Where("data/articles/a.yaml", 3, 5))
    'data/articles/a.yaml:3:5'
    """

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class KnowledgeGraphError(Exception):
    """Anything that KIP itself reports."""


class SourceError(KnowledgeGraphError):
    """A fault at a place of an input file: where it is, what is wrong and how to mend it."""

    def __init__(self, where: Where, message: str, hint: str = "") -> None:
        super().__init__(f"{where}: {message}" + (f" ({hint})" if hint else ""))
        self.where = where
        self.message = message
        self.hint = hint


class SyntaxFault(SourceError):
    """The file is not readable UTF-8 or YAML."""


class FactError(SourceError):
    """A block, a key or a value breaks the grammar of the data files."""


class UnknownTerm(SourceError):
    """A name that the vocabulary, the prefixes or the register does not have."""


class DuplicateThing(SourceError):
    """One identifier is declared twice."""


class EvidenceError(SourceError):
    """A span or its hash does not agree with the source text."""


class DataFaults(KnowledgeGraphError):
    """All faults of one run, in the order of files and lines."""

    def __init__(self, faults: Sequence[SourceError]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.where, fault.message)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class RuleError(KnowledgeGraphError):
    """An inference rule cannot be parsed or run."""


class ReleaseError(KnowledgeGraphError):
    """A release cannot be written, found or read."""
