"""Reads the register of retired identifiers: a slug is never renamed or used again, but it may lose its thing.

What was retired is not forgotten: the server leads from it to its successor, or says that it is gone and why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from graph_builder.errors import DuplicateThing, FactError, SourceError, UnknownTerm
from graph_builder.facts import Entries, Items, Node, Scalar
from graph_builder.identifiers import SLUG, identify
from graph_builder.prefixes import UnknownPrefix
from graph_builder.reading import Faults
from graph_builder.suggestions import did_you_mean
from graph_builder.trees import compose, decode, required, scalar_of
from graph_builder.values import Names

__all__ = ["Retirement", "read_retired", "retired_in"]

_KEYS = ("id", "replacedBy", "on", "reason")
_LANGUAGES = ("ko", "en")


@dataclass(frozen=True, slots=True)
class Retirement:
    """An identifier that is used no more: since which day, why, and what took its place ("" for nothing)."""

    iri: str
    on: str
    reason: tuple[tuple[str, str], ...]
    replaced_by: str = ""

    def as_json(self) -> dict[str, object]:
        """The entry of the manifest."""
        successor = {"replacedBy": self.replaced_by} if self.replaced_by else {}
        return {"on": self.on, "reason": dict(self.reason), **successor}


def retired_in(path: Path, name: str, names: Names, faults: Faults) -> tuple[Retirement, ...]:
    """The entries of the register in a file; none where there is no file. Every fault is added to `faults`."""
    return read_retired(path.read_bytes(), name, names, faults) if path.is_file() else ()


def read_retired(data: bytes, name: str, names: Names, faults: Faults) -> tuple[Retirement, ...]:
    """The entries of the register in the bytes of a file, named `name` in messages."""
    found: dict[str, Retirement] = {}
    try:
        nodes = tuple(_entries(compose(decode(data, name), name)))
    except SourceError as error:
        faults.append(error)
        return ()
    for node in nodes:
        try:
            entry = _entry(node, names)
            if entry.iri in found:
                raise DuplicateThing(node.where, f"{entry.iri} is retired twice", "remove one of the two")
            found[entry.iri] = entry
        except SourceError as error:
            faults.append(error)
    return tuple(found.values())


def _entries(root: Node) -> Iterator[Entries]:
    listed = root.get("retired") if isinstance(root, Entries) else None
    if not isinstance(root, Entries) or not isinstance(listed, Items):
        raise FactError(root.where, "no list of retired identifiers", "write 'retired: []', or one entry for each")
    for key, _ in root.pairs:
        if key.text != "retired":
            raise FactError(key.where, f"unknown key {key.text!r}", did_you_mean(key.text, ("retired",)))
    for node in listed.nodes:
        if not isinstance(node, Entries):
            raise FactError(node.where, "an entry is not a mapping", "begin it with '- id: ...'")
        yield node


def _entry(node: Entries, names: Names) -> Retirement:
    for key, _ in node.pairs:
        if key.text not in _KEYS:
            raise FactError(key.where, f"unknown key {key.text!r}", did_you_mean(key.text, _KEYS))
    successor = node.get("replacedBy")
    return Retirement(
        _identifier(required(node, "id"), names),
        _day(required(node, "on")),
        tuple(_reason(node)),
        names.resolve(scalar_of(successor)).value if successor else "",
    )


def _identifier(scalar: Scalar, names: Names) -> str:
    """The IRI of a CURIE that nothing has any more. Raises UnknownTerm, FactError."""
    try:
        iri = names.iri(scalar.text)
    except UnknownPrefix as error:
        raise UnknownTerm(scalar.where, f"{scalar.text!r} has no known kind", "write kind:slug") from error
    parts = identify(names.vocabulary.prefixes.base, iri)
    if parts is None or not SLUG.fullmatch(parts.slug):
        raise FactError(scalar.where, f"{scalar.text!r} is no identifier of ours", "write kind:slug")
    if iri in names.register or iri in names.vocabulary.concepts:
        raise FactError(scalar.where, f"{scalar.text!r} is retired but still declared", "remove one of the two")
    return iri


def _day(scalar: Scalar) -> str:
    try:
        return date.fromisoformat(scalar.text).isoformat()
    except ValueError as error:
        raise FactError(scalar.where, f"{scalar.text!r} is no day", "write YYYY-MM-DD") from error


def _reason(node: Entries) -> Iterator[tuple[str, str]]:
    reason = node.get("reason")
    given = {key.text: value for key, value in reason.pairs} if isinstance(reason, Entries) else {}
    if sorted(given) != sorted(_LANGUAGES):
        where = reason.where if reason else node.where
        raise FactError(where, "the reason is not given in both languages", "write reason: {ko: ..., en: ...}")
    for language in _LANGUAGES:
        yield language, scalar_of(given[language]).text
