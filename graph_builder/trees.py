"""Reads YAML 1.1 (https://yaml.org/spec/1.1/) in which every scalar is text -> a tree whose nodes know their place."""

from __future__ import annotations

import unicodedata

import yaml

from graph_builder.errors import FactError, SyntaxFault, Where
from graph_builder.facts import Entries, Items, Node, Scalar

__all__ = ["compose", "decode", "required", "scalar_of"]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def decode(data: bytes, path: str) -> str:
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


def scalar_of(node: Node) -> Scalar:
    """The node, where it is a scalar with a text. Raises FactError."""
    if not isinstance(node, Scalar):
        raise FactError(node.where, "one plain value is wanted here", "write it on one line without brackets")
    if not node.text:
        raise FactError(node.where, "the value is empty", "write a value, or remove the key")
    return node


def required(entries: Entries, key: str) -> Scalar:
    """The scalar of a key. Raises FactError where it is missing."""
    node = entries.get(key)
    if node is None:
        raise FactError(entries.where, f"the key {key!r} is missing", f"add '{key}: ...'")
    return scalar_of(node)
