"""Accounts for an article sentence by sentence: which ones a fact was read from, and why not from the others.

A sentence is what stands on a line between its beginning, a full stop, question or exclamation mark before white space,
and its end; so titles, captions and headings are sentences too. A mark after a digit ends none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graph_builder.errors import Where
from graph_builder.evidence import SourceText
from graph_builder.facts import Document, Omission, Span
from graph_builder.mapping import Claim

__all__ = ["Coverage", "Unread", "count_facts", "cover", "sentences"]

_END = re.compile(r"(?<=[^\d\s])[.!?][\"'”’)\]]*(?=\s)")


@dataclass(frozen=True, slots=True)
class Unread:
    """A sentence from which no fact was read, with the curator's reason where there is one."""

    span: Span
    omission: Omission | None

    @property
    def is_furniture(self) -> bool:
        """Whether the sentence belongs to the page and not to the article."""
        return self.omission is not None and self.omission.reason.text == "furniture"


@dataclass(frozen=True)
class Coverage:
    """The account of one article; `total` leaves out furniture, `facts` maps a class to its members in evidence."""

    article: str
    total: int
    unread: tuple[Unread, ...]
    facts: Mapping[str, int]

    @property
    def read(self) -> int:
        """The number of sentences from which a fact was read."""
        return self.total - sum(not each.is_furniture for each in self.unread)

    @property
    def share(self) -> float:
        """The share of the sentences from which a fact was read."""
        return self.read / self.total if self.total else 1.0

    @property
    def unaccounted(self) -> tuple[Unread, ...]:
        """The sentences without a fact and without a reason."""
        return tuple(each for each in self.unread if each.omission is None)

    def lines(self) -> Iterator[str]:
        """The account as text: counts, then each sentence without a fact by its place, never by its words."""
        yield f"{self.article}: {self.read} of {self.total} sentences hold facts ({self.share:.1%})"
        yield "  facts: " + ", ".join(f"{name} {number}" for name, number in self.facts.items())
        for each in self.unread:
            yield f"  {each.span}\t{_reason(each.omission)}"

    def row(self) -> dict[str, Any]:
        """The account as JSON."""
        return {
            "article": self.article,
            "sentences": self.total,
            "read": self.read,
            "share": round(self.share, 4),
            "facts": dict(self.facts),
            "unread": [
                {
                    "start": each.span.start,
                    "end": each.span.end,
                    "reason": each.omission.reason.text if each.omission else None,
                    "note": {name: text.text for name, text in each.omission.note} if each.omission else {},
                }
                for each in self.unread
            ],
        }


def _reason(omission: Omission | None) -> str:
    if omission is None:
        return "NO FACT AND NO REASON"
    return ": ".join([omission.reason.text, *(text.text for name, text in omission.note if name == "en")])


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of a text, from start to end, without the white space around them.

    >>> list(sentences("제목\\n\\n하나다. 둘은 1. 5다!\\n"))
    [(0, 2), (4, 8), (9, 18)]
    """
    for line in re.finditer(r"[^\n]+", text):
        start = line.start()
        for end in [*(found.end() + line.start() for found in _END.finditer(line.group())), line.end()]:
            words = text[start:end].strip()
            if words:
                first = text.index(words, start)
                yield first, first + len(words)
            start = end


def cover(document: Document, source: SourceText, facts: Mapping[str, int]) -> Coverage:
    """The account of an article's document, held against the article's text."""
    assert document.snapshot is not None  # only an article has a source text
    found = [Span(start, end, Where(document.path)) for start, end in sentences(source.text)]
    unread = tuple(_unread(found, document))
    furniture = sum(each.is_furniture for each in unread)
    return Coverage(document.snapshot.article.text, len(found) - furniture, unread, facts)


def _unread(found: list[Span], document: Document) -> Iterator[Unread]:
    evidence = list(document.spans())
    omissions = document.snapshot.omissions if document.snapshot else ()
    for sentence in found:
        if not any(sentence.overlaps(span) for span in evidence):
            yield Unread(sentence, next((each for each in omissions if each.span.holds(sentence)), None))


def count_facts(claims: list[Claim], types: Mapping[str, str]) -> dict[str, int]:
    """How many statements, and nodes of each class in `types`, have evidence in the article whose claims these are."""
    supported = [claim for claim in claims if claim.qualifiers.spans]
    statements = {str(claim.triple) for claim in supported if claim.stated}
    nodes = {claim.subject.value for claim in supported if claim.triple is None}
    classes = Counter(types[node] for node in nodes if node in types)
    return {"Statement": len(statements), **dict(sorted(classes.items(), key=lambda item: (-item[1], item[0])))}
