"""Reads data files: YAML 1.1 (https://yaml.org/spec/1.1/) in which every scalar is text -> documents with places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

import yaml

from graph_builder.errors import FactError, SourceError, SyntaxFault, Where
from graph_builder.facts import (
    Block,
    Document,
    Entries,
    Fact,
    Items,
    Node,
    Qualifiers,
    Scalar,
    Snapshot,
    SourceRef,
    Span,
)
from graph_builder.suggestions import did_you_mean

__all__ = ["Faults", "compose", "read_document", "read_file"]

Faults = list[SourceError]
"""Where a reader notes each fault before it goes on."""

Source = TypeVar("Source")
Result = TypeVar("Result")
_SPAN = re.compile(r"(\d+)-(\d+)")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_QUALIFIERS = ("at", "from", "claim", "by", "confidence", "rank")
_ARTICLE_KEYS = ("article", "number", "file", "sha256", "characters", "facts", "spans")
_CONTEXT_KEYS = ("source", "facts")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_document(data: bytes, path: str, faults: Faults) -> Document | None:
    """The document in the bytes of a data file; every fault is added to `faults`, and None says there is nothing."""
    try:
        root = compose(_decode(data, path), path)
    except SourceError as error:
        faults.append(error)
        return None
    if not isinstance(root, Entries):
        faults.append(FactError(root.where, "the file is not a mapping", "begin with 'facts:' or 'article:'"))
        return None
    return _document(root, path, faults)


def _decode(data: bytes, path: str) -> str:
    """The text of a file. Raises SyntaxFault for a wrong encoding, a byte-order mark, tabs or no content."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = Where(path, data[: error.start].count(b"\n") + 1, error.start - data.rfind(b"\n", 0, error.start))
        raise SyntaxFault(where, f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8") from error
    if not text.strip():
        raise SyntaxFault(Where(path), "the file is empty", "write at least 'facts: []', or remove the file")
    for character, name, mend in (
        ("\ufeff", "a byte-order mark", "save without it"),
        ("\t", "a tab", "indent with spaces"),
        ("\r", "a carriage return", "end lines with LF"),
    ):
        if (at := text.find(character)) >= 0:
            raise SyntaxFault(_place(text, at, path), name, mend)
    if not unicodedata.is_normalized("NFC", text):
        at = next(i for i, line in enumerate(text.splitlines()) if not unicodedata.is_normalized("NFC", line))
        raise SyntaxFault(Where(path, at + 1), "text not in Unicode normal form C", "save the file as NFC")
    return text


def _place(text: str, at: int, path: str) -> Where:
    return Where(path, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def compose(text: str, path: str) -> Node:
    """The tree of a YAML text. Raises SyntaxFault for bad YAML and FactError for a key written twice."""
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = Where(path, mark.line + 1, mark.column + 1) if mark else Where(path)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise SyntaxFault(where, f"not YAML: {problem}", "check quotes, colons and indentation here") from error
    if root is None:
        raise SyntaxFault(Where(path), "the file holds no data", "write at least 'facts: []', or remove the file")
    return _node(root, path)


def _node(node: yaml.Node, path: str) -> Node:
    where = Where(path, node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.ScalarNode):
        return Scalar(node.value, where)
    if isinstance(node, yaml.SequenceNode):
        return Items(tuple(_node(item, path) for item in node.value), where)
    pairs = tuple((_key(key, path), _node(value, path)) for key, value in node.value)
    seen: set[str] = set()
    for key, _ in pairs:
        if key.text in seen:
            raise FactError(key.where, f"the key {key.text!r} is written twice", "join the two, or remove one")
        seen.add(key.text)
    return Entries(pairs, where)


def _key(node: yaml.Node, path: str) -> Scalar:
    key = _node(node, path)
    if not isinstance(key, Scalar):
        raise FactError(key.where, "a key is not plain text", "quote it")
    return key


def _document(root: Entries, path: str, faults: Faults) -> Document:
    is_article = root.get("article") is not None
    _check_keys(root, _ARTICLE_KEYS if is_article else _CONTEXT_KEYS, faults)
    source = root.get("source")
    return Document(
        path,
        _read(_snapshot, root, faults) if is_article else None,
        _read(_scalar, source, faults) if source else None,
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


def _scalar(node: Node) -> Scalar:
    if not isinstance(node, Scalar):
        raise FactError(node.where, "one plain value is wanted here", "write it on one line without brackets")
    if not node.text:
        raise FactError(node.where, "the value is empty", "write a value, or remove the key")
    return node


def _required(entries: Entries, key: str) -> Scalar:
    node = entries.get(key)
    if node is None:
        raise FactError(entries.where, f"the key {key!r} is missing", f"add '{key}: ...'")
    return _scalar(node)


def _natural(scalar: Scalar) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", scalar.text):
        raise FactError(scalar.where, f"{scalar.text!r} is not a whole number", "write digits only")
    return int(scalar.text)


def _sha256(scalar: Scalar) -> Scalar:
    if not _SHA256.fullmatch(scalar.text):
        raise FactError(scalar.where, "not a SHA-256", "64 lower-case hexadecimal digits; 'kip stamp' writes them")
    return scalar


def _snapshot(root: Entries) -> Snapshot:
    spans = root.get("spans")
    if spans is not None and not isinstance(spans, Entries):
        raise FactError(spans.where, "'spans' is not a mapping", "run 'kip stamp --sources DIR'")
    return Snapshot(
        _required(root, "article"),
        _natural(_required(root, "number")),
        _required(root, "file").text,
        _sha256(_required(root, "sha256")).text,
        _natural(_required(root, "characters")),
        {key.text: _sha256(_scalar(value)) for key, value in spans.pairs} if spans else {},
    )


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
    type_ = entries.get("type")
    facts: list[Fact] = []
    for name, node in entries.pairs:
        if name.text not in ("about", "type", *_QUALIFIERS):
            for each in node.nodes if isinstance(node, Items) else (node,):
                fact = _read(partial(_fact, name), each, faults)
                facts += [fact] if fact else []
    return Block(
        _required(entries, "about"),
        _scalar(type_) if type_ else None,
        _qualifiers(entries),
        tuple(facts),
    )


def _fact(name: Scalar, node: Node) -> Fact:
    """A value with its qualifiers: `X`, `{is: X, at: ...}`, or a mapping with qualifiers among its keys."""
    if isinstance(node, Items):
        raise FactError(node.where, "a list in a list", "write one list")
    if isinstance(node, Scalar):
        return Fact(name, _scalar(node), Qualifiers())
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
        return tuple(_scalar(each) for each in (node.nodes if isinstance(node, Items) else (node,)))

    def one(key: str) -> Scalar | None:
        node = entries.get(key)
        return _scalar(node) if node else None

    return Qualifiers(
        tuple(_span(each) for each in scalars("at")),
        tuple(SourceRef(each) for each in scalars("from")),
        one("claim"),
        scalars("by"),
        one("confidence"),
        one("rank"),
    )


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
