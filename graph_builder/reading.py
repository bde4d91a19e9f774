"""Reads data files by the grammar of articles, context and register -> documents whose facts know their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from graph_builder.errors import FactError, SourceError, SyntaxFault, Where
from graph_builder.facts import (
    Block,
    Document,
    Entries,
    Fact,
    Items,
    Node,
    Omission,
    Qualifiers,
    Scalar,
    Snapshot,
    SourceRef,
    Span,
    Texts,
)
from graph_builder.suggestions import did_you_mean
from graph_builder.trees import compose, decode, required, scalar_of

__all__ = ["Faults", "read_document", "read_file"]

Faults = list[SourceError]
"""Where a reader notes each fault before it goes on."""

Source = TypeVar("Source")
Result = TypeVar("Result")
_SPAN = re.compile(r"(\d+)-(\d+)")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_QUALIFIERS = ("at", "from", "claim", "by", "confidence", "rank", "because")
_RANKED = ("preferred", "deprecated")
_REASONS = ("furniture", "repetition", "rhetoric", "no-fact")
_ARTICLE_KEYS = ("article", "number", "file", "sha256", "characters", "omitted", "facts", "spans")
_CONTEXT_KEYS = ("source", "facts")


def read_document(data: bytes, path: str, faults: Faults) -> Document | None:
    """The document in the bytes of a data file; every fault is added to `faults`, and None says there is nothing."""
    try:
        root = compose(decode(data, path), path)
    except SourceError as error:
        faults.append(error)
        return None
    if not isinstance(root, Entries):
        faults.append(FactError(root.where, "the file is not a mapping", "begin with 'facts:' or 'article:'"))
        return None
    return _document(root, path, faults)


def _document(root: Entries, path: str, faults: Faults) -> Document:
    is_article = root.get("article") is not None
    _check_keys(root, _ARTICLE_KEYS if is_article else _CONTEXT_KEYS, faults)
    source = root.get("source")
    return Document(
        path,
        _read(partial(_snapshot, faults=faults), root, faults) if is_article else None,
        _read(scalar_of, source, faults) if source else None,
        tuple(_blocks(root, faults)),
    )


def _check_keys(entries: Entries, known: Iterable[str], faults: Faults) -> None:
    for key, _ in entries.pairs:
        if key.text not in known:
            faults.append(FactError(key.where, f"unknown key {key.text!r}", did_you_mean(key.text, known)))


def _read(reader: Callable[[Source], Result], source: Source, faults: Faults) -> Result | None:
    try:
        return reader(source)
    except SourceError as error:
        faults.append(error)
        return None


def _natural(scalar: Scalar) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", scalar.text):
        raise FactError(scalar.where, f"{scalar.text!r} is not a whole number", "write digits only")
    return int(scalar.text)


def _sha256(scalar: Scalar) -> Scalar:
    if not _SHA256.fullmatch(scalar.text):
        raise FactError(scalar.where, "not a SHA-256", "64 lower-case hexadecimal digits; 'kip stamp' writes them")
    return scalar


def _snapshot(root: Entries, faults: Faults) -> Snapshot:
    spans = root.get("spans")
    if spans is not None and not isinstance(spans, Entries):
        raise FactError(spans.where, "'spans' is not a mapping", "run 'kip stamp --sources DIR'")
    return Snapshot(
        required(root, "article"),
        _natural(required(root, "number")),
        required(root, "file").text,
        _sha256(required(root, "sha256")).text,
        _natural(required(root, "characters")),
        {key.text: _sha256(scalar_of(value)) for key, value in spans.pairs} if spans else {},
        tuple(_omissions(root, faults)),
    )


def _omissions(root: Entries, faults: Faults) -> Iterator[Omission]:
    """The parts without a fact: `omitted: {start-end: {reason: ..., note: {ko: ..., en: ...}}}`."""
    omitted = root.get("omitted")
    if omitted is not None and not isinstance(omitted, Entries):
        faults.append(FactError(omitted.where, "'omitted' is not a mapping", "write 'start-end: {reason: ...}'"))
        return
    for pair in omitted.pairs if omitted else ():
        if omission := _read(partial(_omission, faults=faults), pair, faults):
            yield omission


def _omission(pair: tuple[Scalar, Node], faults: Faults) -> Omission:
    key, entry = pair
    if not isinstance(entry, Entries):
        raise FactError(entry.where, f"the reason of {key.text!r} is not a mapping", "write {reason: ...}")
    _check_keys(entry, ("reason", "note"), faults)
    reason, note = required(entry, "reason"), _texts(entry, "note")
    if reason.text not in _REASONS:
        hint = did_you_mean(reason.text, _REASONS, f"write one of {', '.join(_REASONS)}")
        raise FactError(reason.where, f"unknown reason {reason.text!r}", hint)
    if reason.text != "furniture" and not note:
        raise FactError(reason.where, f"the reason {reason.text!r} without a note", "add note: {ko: ..., en: ...}")
    return Omission(_span(key), reason, note)


def _texts(entries: Entries, key: str) -> Texts:
    """The text of a key in Korean and English, or nothing. Raises FactError."""
    node = entries.get(key)
    if node is None:
        return ()
    languages = [name.text for name, _ in node.pairs] if isinstance(node, Entries) else []
    if not isinstance(node, Entries) or sorted(languages) != ["en", "ko"]:
        raise FactError(node.where, f"{key!r} is not a text in both languages", f"write {key}: {{ko: ..., en: ...}}")
    return tuple((name.text, scalar_of(value)) for name, value in node.pairs)


def _blocks(root: Entries, faults: Faults) -> Iterable[Block]:
    facts = root.get("facts")
    if not isinstance(facts, Items):
        where = facts.where if facts else root.where
        faults.append(FactError(where, "'facts' is not a list of blocks", "begin each block with '- about: ...'"))
        return
    for node in facts.nodes:
        if not isinstance(node, Entries):
            faults.append(FactError(node.where, "a block is not a mapping", "begin it with '- about: ...'"))
        elif block := _read(partial(_block, faults=faults), node, faults):
            yield block


def _block(entries: Entries, faults: Faults) -> Block:
    about, qualifiers, type_ = required(entries, "about"), _qualifiers(entries), entries.get("type")
    if all(name.text in ("about", *_QUALIFIERS) for name, _ in entries.pairs):
        raise FactError(entries.where, "a block that says nothing", "write a property of the thing, or remove it")
    facts: list[Fact] = []
    for name, node in entries.pairs:
        if name.text not in ("about", "type", *_QUALIFIERS):
            for each in node.nodes if isinstance(node, Items) else (node,):
                fact = _read(partial(_fact, name), each, faults)
                facts += [fact] if fact else []
    return Block(
        about,
        scalar_of(type_) if type_ else None,
        qualifiers,
        tuple(facts),
    )


def _fact(name: Scalar, node: Node) -> Fact:
    """A value with its qualifiers: `X`, `{is: X, at: ...}`, or a mapping with qualifiers among its keys."""
    if isinstance(node, Items):
        raise FactError(node.where, "a list in a list", "write one list")
    if isinstance(node, Scalar):
        return Fact(name, scalar_of(node), Qualifiers())
    value = node.get("is")
    rest = tuple(pair for pair in node.pairs if pair[0].text not in _QUALIFIERS)
    if value is None:
        return Fact(name, Entries(rest, node.where), _qualifiers(node))
    for key, _ in rest:
        if key.text != "is":
            raise FactError(key.where, f"{key.text!r} beside 'is'", did_you_mean(key.text, _QUALIFIERS))
    return Fact(name, value, _qualifiers(node))


def _qualifiers(entries: Entries) -> Qualifiers:
    """The qualifiers among the keys of a mapping. Raises FactError."""

    def scalars(key: str) -> tuple[Scalar, ...]:
        node = entries.get(key)
        if node is None:
            return ()
        return tuple(scalar_of(each) for each in (node.nodes if isinstance(node, Items) else (node,)))

    def one(key: str) -> Scalar | None:
        node = entries.get(key)
        return scalar_of(node) if node else None

    return Qualifiers(
        tuple(_span(each) for each in scalars("at")),
        tuple(SourceRef(each) for each in scalars("from")),
        one("claim"),
        scalars("by"),
        one("confidence"),
        one("rank"),
        _because(entries),
    )


def _because(entries: Entries) -> Texts:
    """The reason of a rank: required where one value is set above or below others. Raises FactError."""
    rank, reason = entries.get("rank"), _texts(entries, "because")
    if rank is None and reason:
        raise FactError(entries.where, "'because' without 'rank'", "it gives the reason of a rank; use 'note:' here")
    if isinstance(rank, Scalar) and rank.text in _RANKED and not reason:
        raise FactError(rank.where, f"the rank {rank.text!r} without a reason", "add because: {ko: ..., en: ...}")
    return reason


def _span(scalar: Scalar) -> Span:
    found = _SPAN.fullmatch(scalar.text)
    if not found:
        raise FactError(scalar.where, f"{scalar.text!r} is not a span", "write start-end; 'kip locate' finds them")
    start, end = map(int, found.groups())
    if start >= end:
        raise FactError(scalar.where, f"the span {scalar.text} is empty", "the end is exclusive and after the start")
    return Span(start, end, scalar.where)


def read_file(path: Path, name: str, faults: Faults) -> Document | None:
    """The document in a file, named `name` in messages."""
    try:
        return read_document(path.read_bytes(), name, faults)
    except OSError as error:
        faults.append(SyntaxFault(Where(name), f"cannot be read: {error.strerror}", "check the path and its rights"))
        return None
