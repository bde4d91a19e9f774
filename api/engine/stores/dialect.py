"""A query as it is sent to a remote engine: plain SPARQL 1.1, with its dataset beside it.

The lexer of the endpoint refuses SERVICE and updates. Other engines have more ways to be led astray: Virtuoso fetches
what `FROM` names when an option says so, and `<bif:http_get>(...)` fetches any URL. So here the text is taken apart
into tokens and put together again without comments; FROM leaves it for the protocol's parameters, where only graphs of
the release are named (SPARQL 1.1 Protocol, section 2.1.4); functions beyond the standard are refused, and IRIs of
schemes that engines give a meaning of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from api.engine.jobs import Job
from api.engine.lexer import Token, tokens

__all__ = ["Refused", "RemoteQuery", "read_remote"]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_SCHEMES = frozenset({"http", "https", "urn", "mailto", "tag", "doi"})
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_PROLOGUE = {"PREFIX": 3, "BASE": 2, "VERSION": 2}


class Refused(Exception):
    """A query that may do more elsewhere than it says."""


@dataclass(frozen=True, slots=True)
class RemoteQuery:
    """A query in two parts, prologue and body, with the graphs that FROM named, both None where there was none."""

    prologue: str
    body: str
    form: str
    default: tuple[str, ...] | None
    named: tuple[str, ...] | None

    @property
    def text(self) -> str:
        """The query."""
        return f"{self.prologue}\n{self.body}"

    @property
    def count(self) -> str:
        """A query for the number of this one's solutions, as ?total."""
        return f"{self.prologue}\nSELECT (COUNT(*) AS ?total) WHERE {{ {self.body} }}"


def read_remote(text: str, job: Job, base: str, prefixes: Mapping[str, str]) -> RemoteQuery:
    """What to send for a query that the embedded engine's parser has accepted. Raises Refused."""
    read = _plain(text)
    start = _form_index(read)
    declared = {name: prefixes[name] for name in job.prefixes if name in prefixes}
    names = declared | _declarations(read[:start])
    _check_iris(read, names)
    _check_functions(read, names)
    head = f"BASE <{base}>\n" + "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in declared.items())
    body, sources = _without_sources(read[start:])
    default = tuple(_expanded(token, names, base) for token, named in sources if not named)
    named = tuple(_expanded(token, names, base) for token, named in sources if named)
    form = next(form for form in _FORMS if read[start].text.upper().startswith(form))
    given = (default, named) if sources else (None, None)
    return RemoteQuery(head + _joined(read[:start]), _joined(body), form, *given)


@dataclass(frozen=True, slots=True)
class _Spaced:
    """A token, and whether anything stood before it."""

    kind: str
    text: str
    apart: bool


def _plain(text: str) -> list[_Spaced]:
    """The tokens without comments; escapes may write what makes no keyword and ends nothing, whenever they are read."""
    read = tokens(text)
    if any(_is_mark(_character(match)) for match in _ESCAPE.finditer(text)) or (
        "\\" in text and _shape(read) != _shape(tokens(_ESCAPE.sub(_character, text)))
    ):
        raise Refused("Escapes may only write letters, digits and what is no ASCII.")
    ends = [0, *(token.start + len(token.text) for token in read)]
    return [_Spaced(token.kind, token.text, token.start > end) for token, end in zip(read, ends, strict=False)]


def _shape(read: Sequence[Token]) -> list[str]:
    return [token.text if token.kind == "word" else token.kind for token in read]


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= 0x10FFFF else match.group()


def _is_mark(character: str) -> bool:
    return character.isascii() and not character.isalnum()


def _joined(read: Sequence[_Spaced]) -> str:
    return "".join(f" {token.text}" if token.apart else token.text for token in read)


def _form_index(read: Sequence[_Spaced]) -> int:
    index = 0
    while index < len(read) and (size := _PROLOGUE.get(read[index].text.upper())):
        index += size
    return min(index, len(read) - 1)


def _declarations(prologue: Sequence[_Spaced]) -> dict[str, str]:
    """The prefixes that the query declares."""
    pairs = pairwise(prologue)
    return {name.text[:-1]: _iri(iri.text) for name, iri in pairs if name.kind == "name" and iri.kind == "iri"}


def _iri(text: str) -> str:
    return _ESCAPE.sub(_character, text[1:-1])


def _expanded(token: _Spaced, names: Mapping[str, str], base: str) -> str:
    """The IRI that a token writes; a relative one only where it needs no dots resolved."""
    if token.kind == "iri":
        iri = _iri(token.text)
        return iri if _SCHEME.match(iri) else base + iri
    prefix, _, local = token.text.partition(":")
    return names.get(prefix, "") + re.sub(r"\\(.)", r"\1", local)


def _check_iris(read: Sequence[_Spaced], names: Mapping[str, str]) -> None:
    for token in read:
        scheme = _SCHEME.match(_expanded(token, names, "")) if token.kind in ("iri", "name") else None
        if scheme and scheme[1].lower() not in _SCHEMES:
            raise Refused(f"IRIs of the scheme {scheme[1]!r} cannot be used here: engines give them other meanings.")


def _check_functions(read: Sequence[_Spaced], names: Mapping[str, str]) -> None:
    for token in _functions(read):
        if not _expanded(token, names, "").startswith(_XSD):
            raise Refused(f"The function {token.text} is not of SPARQL 1.1, so it is not asked of another engine.")


def _functions(read: Sequence[_Spaced]) -> Iterator[_Spaced]:
    """The IRIs that stand where a function is called.

    A bracket after an IRI opens a call, or a collection after a property. Outside round brackets an expression follows
    only FILTER, and the words of the outermost level.
    """
    open_brackets: list[str] = []
    for before, token, following in zip([None, *read], read, [*read[1:], None], strict=False):
        if token.kind == "open":
            open_brackets.append(token.text)
        elif token.kind == "close" and open_brackets:
            open_brackets.pop()
        elif token.kind in ("iri", "name") and following is not None and following.text == "(":
            innermost = open_brackets[-1] if open_brackets else "("
            if innermost == "(" or (before is not None and before.kind == "word"):
                yield token


def _without_sources(body: Sequence[_Spaced]) -> tuple[list[_Spaced], list[tuple[_Spaced, bool]]]:
    """The body without its FROM clauses, and what they name: each token, and whether NAMED stood before it."""
    kept: list[_Spaced] = []
    sources: list[tuple[_Spaced, bool]] = []
    depth = index = 0
    while index < len(body):
        token = body[index]
        depth += (token.kind == "open") - (token.kind == "close")
        if depth or token.kind != "word" or token.text.upper() != "FROM":
            kept.append(token)
            index += 1
            continue
        named = body[index + 1].text.upper() == "NAMED"
        sources.append((body[index + 1 + named], named))
        index += 2 + named
    return kept, sources
