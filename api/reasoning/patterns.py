"""Takes the WHERE clause of a query apart into its patterns, each with the text that it has in the query.

SPARQL 1.1, sections 5 and 19.8 (https://www.w3.org/TR/sparql11-query/#sparqlGrammar). It reads the tokens that the
lexer has bounded, once and from left to right: a parser of the whole grammar is slow on texts made to be so, and an
algebra no longer knows what the caller wrote. What it cannot take apart it leaves whole or refuses; the engine decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from api.engine.lexer import Token, tokens

__all__ = ["Element", "Triple", "Unreadable", "WhereClause", "read_where"]

Kind = Literal["triple", "filter", "optional", "minus", "graph", "bind", "values", "union", "group", "select"]
_GROUPS: dict[str, Kind] = {"OPTIONAL": "optional", "MINUS": "minus", "GRAPH": "graph"}
_KEYWORDS = frozenset({*_GROUPS, "FILTER", "BIND", "VALUES", "SERVICE"})
_FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_END = Token("end", "", 0)
Clause = tuple["Element", ...]


class Unreadable(ValueError):
    """A query whose patterns cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Triple:
    """A triple pattern: each part as it is written; `path` is a verb or a property path."""

    subject: str
    path: str
    object: str
    steps: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.subject} {self.path} {self.object}"

    def links(self, fresh: str) -> tuple[Triple, ...]:
        """The pattern with a sequence of properties as one pattern for each; `fresh` begins the variables between."""
        nodes = [self.subject, *(f"?{fresh}{number}" for number in range(1, len(self.steps))), self.object]
        pairs = zip(nodes, self.steps, nodes[1:], strict=False)
        return tuple(Triple(start, step, end) for start, step, end in pairs) if len(self.steps) > 1 else (self,)


@dataclass(frozen=True, slots=True)
class Element:
    """A part of a group: its kind, its text, and where it starts; `inner` has the parts of the groups within it."""

    kind: Kind
    text: str
    start: int
    triple: Triple | None = None
    opening: str = ""
    inner: tuple[Element, ...] = ()

    def triples(self) -> Iterator[Triple]:
        """The triple patterns in it, at any depth."""
        if self.triple is not None:
            yield self.triple
        for element in self.inner:
            yield from element.triples()


@dataclass(frozen=True, slots=True)
class WhereClause:
    """A query taken apart: what stands before its form, its dataset, its CONSTRUCT template and its WHERE clause."""

    prologue: str
    dataset: str
    elements: tuple[Element, ...]
    template: tuple[Element, ...] = ()
    prefixes: tuple[tuple[str, str], ...] = ()


def read_where(text: str) -> WhereClause:
    """The query taken apart. Raises Unreadable.

    >>> [str(each.triple) for each in read_where("SELECT * { ?s a ?c ; ?p 1.5 , 'x'@en . }").elements]
    ['?s a ?c', '?s ?p 1.5', "?s ?p 'x'@en"]
    """
    return _Reader(text).read()


class _Reader:
    """A place in the tokens of a query."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: Sequence[Token] = tokens(text)
        self._at = 0

    def read(self) -> WhereClause:
        prefixes = tuple(self._prologue())
        form = self._next()
        template: Clause = ()
        if form.text.upper() == "CONSTRUCT" and self._peek().text == "{":
            template = self._group()
        dataset = self._skip_to_group()
        return WhereClause(self._text[: form.start], dataset, self._group(), template, prefixes)

    def _prologue(self) -> Iterator[tuple[str, str]]:
        while (word := self._peek().text.upper()) not in _FORMS:
            if self._peek() is _END:
                raise Unreadable("no query form")
            self._next()
            if word == "PREFIX":
                yield self._next().text.rstrip(":"), self._next().text[1:-1]

    def _skip_to_group(self) -> str:
        """Go to the group; the result is the FROM clauses before it."""
        start = None
        while (token := self._peek()).text != "{":
            if token is _END:
                raise Unreadable("no WHERE clause")
            if token.text.upper() == "FROM" and start is None:
                start = token.start
            if token.text.upper() == "WHERE" and start is not None:
                return self._text[start : self._next().start]
            if token.kind == "open":
                self._balanced()
            else:
                self._next()
        return "" if start is None else self._text[start : self._peek().start]

    def _group(self) -> Clause:
        """The elements between a pair of braces; a sub-select is left whole, with its braces."""
        start = self._peek().start
        if self._peek(1).text.upper() == "SELECT":
            self._balanced()
            return (Element("select", self._since(start), start),)
        self._expect("{")
        found: list[Element] = []
        while (token := self._peek()).text != "}":
            if token is _END:
                raise Unreadable("a brace is not closed")
            if token.text == ".":
                self._next()
            elif token.text == "{":
                found.append(self._braces())
            elif token.kind == "word" and token.text.upper() in _KEYWORDS:
                found.append(self._clause(token.text.upper()))
            else:
                found += self._triples()
        self._next()
        return tuple(found)

    def _braces(self) -> Element:
        """A group, a sub-select, or several groups joined by UNION."""
        start, inner = self._peek().start, self._group()
        kind: Kind = "group"
        while self._peek().text.upper() == "UNION":
            self._next()
            kind = "union"
            inner += self._group()
        whole = Element(kind, self._since(start), start, opening="{", inner=inner)
        return inner[0] if kind == "group" and inner and inner[0].start == start else whole

    def _clause(self, word: str) -> Element:
        start = self._next().start
        if word in _GROUPS:
            return self._keyed(word, start)
        if word == "VALUES":
            self._balanced() if self._peek().text == "(" else self._next()
            self._balanced()
            return Element("values", self._since(start), start)
        if word == "BIND":
            self._balanced()
            return Element("bind", self._since(start), start)
        if word == "FILTER":
            while self._peek().kind != "open" and self._peek() is not _END:
                self._next()
            self._balanced()
            return Element("filter", self._since(start), start)
        raise Unreadable(f"{word} is not taken apart")

    def _keyed(self, word: str, start: int) -> Element:
        if word == "GRAPH":
            self._next()
        opening = self._text[start : self._peek().start] + "{"
        inner = self._group()
        return Element(_GROUPS[word], self._since(start), start, opening=opening, inner=inner)

    def _triples(self) -> Iterator[Element]:
        """The triple patterns of one subject."""
        start, subject = self._peek().start, self._node()
        while not self._ends():
            path, steps = self._path()
            while True:
                written = Triple(subject, path, self._node(), steps)
                yield Element("triple", f"{written} .", start, written)
                if self._peek().text != ",":
                    break
                self._next()
            while self._peek().text == ";":
                self._next()
            start = self._peek().start

    def _ends(self) -> bool:
        token = self._peek()
        return token.text in (".", "}", "{") or token is _END or token.text.upper() in _KEYWORDS

    def _path(self) -> tuple[str, tuple[str, ...]]:
        """A verb or a path, and its steps where it is a plain sequence."""
        start = self._peek().start
        steps: list[str] = []
        plain = True
        while True:
            while self._peek().text in ("^", "!"):
                plain = False
                self._next()
            begun = self._peek().start
            if self._peek().kind == "open":
                plain = False
                self._balanced()
            elif self._peek().kind in ("variable", "iri", "name") or self._peek().text == "a":
                self._next()
            else:
                raise Unreadable(f"no property at {self._peek().text!r}")
            steps.append(self._since(begun))
            while self._peek().text in ("*", "+", "?") and not self._signs_number():
                plain = False
                self._next()
            if self._peek().text not in ("/", "|"):
                break
            plain = self._next().text == "/" and plain
        return self._since(start), tuple(steps) if plain else ()

    def _signs_number(self) -> bool:
        sign, number = self._peek(), self._peek(1)
        return sign.text == "+" and number.kind == "number" and number.start == sign.start + 1

    def _node(self) -> str:
        """A term, or what stands for a blank node: `[...]` and `(...)` are left whole."""
        start = self._peek().start
        token = self._peek()
        if token.kind == "open" and token.text != "{":
            self._balanced()
        elif token.kind == "string":
            self._literal()
        elif token.kind == "number" or token.text in ("+", "-"):
            self._numeral()
        elif token.kind in ("variable", "iri", "name", "blanknode") or token.text.lower() in ("true", "false"):
            self._next()
        else:
            raise Unreadable(f"no term at {token.text!r}")
        return self._since(start)

    def _literal(self) -> None:
        self._next()
        if self._peek().kind == "language":
            self._next()
        elif self._peek().text == "^":
            for _ in range(3):
                self._next()

    def _numeral(self) -> None:
        """Digits, a point and an exponent without a blank between them."""
        end = self._next()
        while (token := self._peek()).start == end.start + len(end.text) and token is not _END:
            point = token.text == "." and self._peek(1).kind == "number" and self._peek(1).start == token.start + 1
            if not (point or token.kind == "number" or token.text in ("e", "E")):
                return
            end = self._next()

    def _balanced(self) -> None:
        """Go past a pair of brackets."""
        depth = 0
        while True:
            token = self._next()
            if token is _END:
                raise Unreadable("a bracket is not closed")
            depth += (token.kind == "open") - (token.kind == "close")
            if depth <= 0:
                return

    def _expect(self, text: str) -> None:
        if (token := self._next()).text != text:
            raise Unreadable(f"{token.text!r} stands where {text!r} should")

    def _peek(self, ahead: int = 0) -> Token:
        place = self._at + ahead
        return self._tokens[place] if place < len(self._tokens) else _END

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _since(self, start: int) -> str:
        """The text from a place to the end of the token that was read last."""
        last = self._tokens[min(self._at, len(self._tokens)) - 1]
        return self._text[start : last.start + len(last.text)]
