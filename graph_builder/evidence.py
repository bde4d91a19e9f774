"""Holds evidence against the source texts: finds spans, checks them and writes their hashes.

Offsets count Unicode code points of the decoded file, the end is exclusive
(https://www.w3.org/TR/annotation-model/#text-position-selector).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graph_builder.errors import EvidenceError, KnowledgeGraphError
from graph_builder.facts import Block, Document, Entries, Fact, Scalar, Snapshot, Span
from graph_builder.identifiers import span_digest
from graph_builder.reading import Faults

__all__ = ["Located", "SourceText", "check_spans", "find_source", "locate", "read_source", "stamped", "verify"]

_SPANS = re.compile(r"^spans:.*\Z", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class SourceText:
    """The exact text of an article with the hash of its bytes."""

    path: Path
    text: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Located:
    """An occurrence of a text: code points `start` to `end`, the line it stands on and the hash of the span."""

    start: int
    end: int
    line: int
    sha256: str


def read_source(path: Path) -> SourceText:
    """The text of a source file. Raises KnowledgeGraphError where it cannot be read as UTF-8."""
    try:
        data = path.read_bytes()
        return SourceText(path, data.decode("utf-8"), hashlib.sha256(data).hexdigest())
    except OSError as error:
        raise KnowledgeGraphError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise KnowledgeGraphError(f"{path}: byte {error.start} is not UTF-8") from error


def find_source(folder: Path, snapshot: Snapshot) -> SourceText:
    """The source text of a snapshot: the file of its name. Raises EvidenceError where it is absent or another text."""
    where = snapshot.article.where
    path = folder / snapshot.file
    if not path.is_file():
        raise EvidenceError(where, f"no file {snapshot.file!r} in {folder}", "name the folder of the sources")
    source = read_source(path)
    if source.sha256 != snapshot.sha256:
        hint = f"the facts were read from SHA-256 {snapshot.sha256[:12]}…; this one has {source.sha256[:12]}…"
        raise EvidenceError(where, f"{snapshot.file} is another text", hint)
    if len(source.text) != snapshot.characters:
        raise EvidenceError(where, f"characters: {snapshot.characters}", f"the text has {len(source.text)}")
    return source


def locate(text: str, wanted: str) -> Iterator[Located]:
    """Every occurrence of a text in a source, overlapping ones too.

    >>> [(found.start, found.end, found.line) for found in locate("가나\\n가나다", "가나")]
    [(0, 2, 1), (3, 5, 2)]
    """
    start = text.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        yield Located(start, end, text.count("\n", 0, start) + 1, span_digest(text[start:end]))
        start = text.find(wanted, start + 1)


def check_spans(document: Document, faults: Faults) -> None:
    """Notes each span outside an article, beyond its end or without a hash, and each hash without a span."""
    snapshot = document.snapshot
    used: set[str] = set()
    for span in document.hashed_spans():
        used.add(str(span))
        if snapshot is None:
            faults.append(EvidenceError(span.where, "a span in a file of no article", "name a source with from:"))
        elif span.end > snapshot.characters:
            hint = f"the text has {snapshot.characters} characters; 'kip locate' finds the span"
            faults.append(EvidenceError(span.where, f"the span {span} is beyond the end of the text", hint))
        elif str(span) not in snapshot.hashes:
            hint = "run 'kip stamp --sources DIR'"
            faults.append(EvidenceError(span.where, f"the span {span} has no hash", hint))
    for name, digest in (snapshot.hashes if snapshot else {}).items():
        if name not in used:
            hint = "run 'kip stamp --sources DIR'"
            faults.append(EvidenceError(digest.where, f"the hash of {name} belongs to no fact", hint))
    faults.extend(_disputed(document))


def _disputed(document: Document) -> Iterator[EvidenceError]:
    """A fault for each omitted span of which a fact takes a part after all."""
    for omission in document.snapshot.omissions if document.snapshot else ():
        taken = next((span for span in document.spans() if span.overlaps(omission.span)), None)
        if taken:
            message = f"the omitted span {omission.span} holds evidence: {taken}"
            yield EvidenceError(omission.span.where, message, "remove it from 'omitted:', or narrow it")


def verify(document: Document, folder: Path, faults: Faults) -> int:
    """The number of spans of an article that were held against its source text; each disagreement is noted."""
    if document.snapshot is None:
        return 0
    try:
        source = find_source(folder, document.snapshot)
    except EvidenceError as error:
        faults.append(error)
        return 0
    spans = {str(span): span for span in document.hashed_spans()}
    for name, span in spans.items():
        found, kept = span_digest(source.text[span.start : span.end]), document.snapshot.hashes.get(name)
        if kept and kept.text != found:
            faults.append(EvidenceError(span.where, f"the span {name} is not the text that was read", _moved(source)))
    for block in document.blocks:
        for fact in block.facts:
            _verify_stated_text(fact, block, source, faults)
    return len(spans)


def _moved(source: SourceText) -> str:
    return f"find it again with 'kip locate {source.path.name} TEXT', then 'kip stamp'"


def _verify_stated_text(fact: Fact, block: Block, source: SourceText, faults: Faults) -> None:
    """A printed number must stand inside one of the spans that support it."""
    text = fact.value.get("text") if isinstance(fact.value, Entries) else None
    spans = fact.qualifiers.spans or block.qualifiers.spans
    if not isinstance(text, Scalar) or not spans:
        return
    if not any(_folded(text.text) in _folded(source.text[span.start : span.end]) for span in spans):
        named = ", ".join(map(str, spans))
        hint = f"the text must stand inside {named}; widen the span or mend the text"
        faults.append(EvidenceError(text.where, f"{text.text!r} is not printed there", hint))


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def stamped(content: str, document: Document, source: SourceText) -> str:
    """The content of an article's data file with the hashes of exactly the spans that it names."""
    lines = [f"  {span}: {span_digest(source.text[span.start : span.end])}\n" for span in _sorted_spans(document)]
    body = _SPANS.sub("", content).rstrip("\n")
    return f"{body}\nspans:\n{''.join(lines)}" if lines else f"{body}\n"


def _sorted_spans(document: Document) -> list[Span]:
    return sorted(
        {str(span): span for span in document.hashed_spans()}.values(), key=lambda span: (span.start, span.end)
    )
