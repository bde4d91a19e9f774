"""Reading a query's tokens before the engine sees it: its form, its nesting, its LIMIT, and what is refused.

SPARQL 1.1, section 19.8, https://www.w3.org/TR/sparql11-query/#sparqlGrammar. Not a parser: what is malformed passes
and the engine reports it. Keywords need no blank around them (`1SERVICE<...>` is two tokens to the engine), so words
are searched for what they contain.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from api.errors import QueryRefused, QuerySyntaxError, QueryTooComplex, QueryTooLong
from api.limits import MAX_DEPTH, MAX_QUERY_BYTES, told
from api.transport.formats import Kind

__all__ = ["Form", "QueryText", "Token", "read_query", "tokens"]

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
_KINDS: dict[Form, Kind] = {"SELECT": "table", "ASK": "boolean", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
_UPDATES = re.compile("INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|MOVE|COPY|^ADD", re.IGNORECASE)
_CHANGING = re.compile("NOW|RAND|UUID|BNODE", re.IGNORECASE)
_SERVICE = re.compile("SERVICE", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
# Every repetition is possessive: no text makes the lexer look at a character more than a few times.
_NAME = r"[\w\-\u00b7\u0300-\u036f\u203f\u2040]"
_LOCAL = rf"(?:\.*+(?:{_NAME}|:|%[0-9A-Fa-f][0-9A-Fa-f]|\\.))*+"
_TOKEN = re.compile(
    rf"""(?P<blank>\s++|\#[^\r\n]*+)
    |(?P<string>\"\"\"(?:\"{{0,2}}+(?:[^\"\\]|\\.))*+\"\"\"|\'\'\'(?:\'{{0,2}}+(?:[^\'\\]|\\.))*+\'\'\'
        |(?!\"\"\"|\'\'\')(?:\"(?:[^\"\\\r\n]|\\.)*+\"|\'(?:[^\'\\\r\n]|\\.)*+\'))
    |(?P<unclosed>[\"\'])
    |(?P<iri><[^<>\"{{}}|^`\\\x00-\x20]*+(?:\\[uU][0-9A-Fa-f]{{4}}[^<>\"{{}}|^`\\\x00-\x20]*+)*+>)
    |(?P<variable>[?$][\w\u00b7\u0300-\u036f\u203f\u2040]++)
    |(?P<blanknode>_:\w(?:\.*+{_NAME})*+)
    |(?P<language>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+)
    |(?P<run>[^\W\d_](?:\.*+{_NAME})*+(?!:))
    |(?P<name>(?:[^\W\d_](?:\.*+{_NAME})*+)?+:{_LOCAL})
    |(?P<number>\d++)
    |(?P<open>[{{(\[])
    |(?P<close>[}})\]])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
# A run of letters and digits that is no prefixed name: keywords, perhaps glued (`LIMIT5`).
_PART = re.compile(r"(?P<word>[A-Za-z]++)|(?P<number>\d++)|(?P<other>.)", re.DOTALL)
_BLANK = r"(?:\s++|\#[^\r\n]*+)*+"
_CALL = re.compile(
    rf"SERVICE{_BLANK}(?:SILENT)?{_BLANK}(?:[?$]\w++|<[^<>\s]*+>|(?:[^\W\d_](?:\.*+{_NAME})*+)?+:{_LOCAL}){_BLANK}\{{",
    re.IGNORECASE,
)
_MOST_DOUBTS = 50
_SHORTER = "Ask in parts, or put long lists of VALUES into several queries."
_FLATTER = "Write the query flatter, or in parts."
_OPERANDS = frozenset({"variable", "number", "string", "language", "name", "iri", "close", "word"})
_NAMING = frozenset({"word", "name", "iri"})
_GRAPH_NAMING = frozenset({"GRAPH", "FROM", "NAMED"})


class Token(NamedTuple):
    """A token: its kind, its text and where it starts."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class QueryText:
    """A query that may be sent to the engine.

    `row_cap` is the span where a LIMIT stands or may be put, and `own_limit` the number that stands there;
    `prefixes` are those of its prefixed names; a `repeatable` query has one answer as long as the data is the same.
    """

    text: str
    form: Form
    row_cap: tuple[int, int]
    own_limit: int | None
    prefixes: tuple[str, ...]
    repeatable: bool

    @property
    def kind(self) -> Kind:
        """Which formats fit."""
        return _KINDS[self.form]


@lru_cache(maxsize=1024)
def read_query(text: str) -> QueryText:
    """The query, read as far as serving it safely needs.

    Raises QueryTooLong, QueryTooComplex, QueryRefused, and QuerySyntaxError where there is no query form.

    >>> read_query("PREFIX s: <http://e.org/> SELECT * { ?s s:SERVICE ?o } LIMIT 5").own_limit
    5
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_QUERY_BYTES:
        limit = told("query-bytes", MAX_QUERY_BYTES, "B")
        raise QueryTooLong(f"A query may have {MAX_QUERY_BYTES} bytes.", hint=_SHORTER, limit=limit)
    read = tokens(text)
    _refuse(read, text)
    _close_strings(read, text)
    if "\\" in text:
        unescaped = _ESCAPE.sub(_character, text)
        _refuse(tokens(unescaped), unescaped)
    span, own = _limit(read, len(text))
    prefixes = {token.text.partition(":")[0] for token in read if token.kind == "name"}
    repeatable = not any(token.kind == "word" and _CHANGING.search(token.text) for token in read)
    return QueryText(text, _form(read), span, own, tuple(sorted(prefixes)), repeatable)


def tokens(text: str) -> list[Token]:
    """The tokens of a query without blanks and comments, up to a string that is not closed.

    >>> [token.kind for token in tokens("ASK{?s<http://e.org/p>'a'@ko}#end")]
    ['word', 'open', 'variable', 'iri', 'string', 'language', 'close']
    """
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind == "run":
            found += _parts(match.group(), match.start())
        elif kind != "blank":
            found.append(Token(kind, match.group(), match.start()))
        if kind == "unclosed":
            break
    return found


def _parts(run: str, start: int) -> list[Token]:
    return [Token(match.lastgroup or "", match.group(), start + match.start()) for match in _PART.finditer(run)]


def _refuse(read: Sequence[Token], text: str) -> None:
    deepest = depth = doubts = 0
    for index, token in enumerate(read):
        if token.kind == "open":
            depth += 1
            deepest = max(deepest, depth)
        elif token.kind == "close":
            depth -= 1
        elif token.kind == "word" and _UPDATES.search(token.text):
            raise _refusal("Updates", token, text, "This endpoint only answers queries; the data changes by release.")
        elif token.kind in _NAMING and (found := _SERVICE.search(token.text)):
            doubts += 1
            if _calls(read, index, text, token.start + found.start()) or doubts > _MOST_DOUBTS:
                raise _refusal("SERVICE", token, text, "Ask the other endpoint yourself and join the answers.")
    if deepest > MAX_DEPTH:
        limit = told("query-depth", MAX_DEPTH, "brackets")
        raise QueryTooComplex(f"Brackets nest {deepest} deep; {MAX_DEPTH} is the limit.", hint=_FLATTER, limit=limit)


def _calls(read: Sequence[Token], index: int, text: str, start: int) -> bool:
    """Whether SERVICE, found at `start` in a token, may be the keyword.

    As a word it is. In a name it may be glued to its endpoint (`SERVICE:x{`), and what looks like an IRI after an
    operand may be a comparison before it (`?a<?b)SERVICE#>`): then the rest of the clause follows.
    """
    kind = read[index].kind
    if kind == "word":
        return True
    before = read[index - 1] if index else Token("", "", 0)
    if (kind == "name" and before.text.upper() in _GRAPH_NAMING) or (kind == "iri" and before.kind not in _OPERANDS):
        return False
    return _CALL.match(text, start) is not None


def _refusal(what: str, token: Token, text: str, hint: str) -> QueryRefused:
    line, column = _position(text, token.start)
    detail = f"{what} cannot be used here: {token.text!r} at line {line}, column {column}."
    return QueryRefused(detail, hint=hint, line=line, column=column)


def _close_strings(read: Sequence[Token], text: str) -> None:
    if read and read[-1].kind == "unclosed":
        line, column = _position(text, read[-1].start)
        detail = f"The string that opens at line {line}, column {column} is not closed."
        raise QuerySyntaxError(detail, line=line, column=column)


def _position(text: str, start: int) -> tuple[int, int]:
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


def _form(read: Sequence[Token]) -> Form:
    """The form of the query: the first word after the prologue."""
    index = 0
    while (
        index < len(read) and read[index].kind == "word" and read[index].text.upper() in ("PREFIX", "BASE", "VERSION")
    ):
        index += 3 if read[index].text.upper() == "PREFIX" else 2
    word = read[index].text.upper() if index < len(read) and read[index].kind == "word" else ""
    for form in _KINDS:
        if word.startswith(form):
            return form
    raise QuerySyntaxError(
        "There is no query form: SELECT, ASK, CONSTRUCT or DESCRIBE must follow the prefixes.",
        hint="PREFIX declarations end without a full stop.",
    )


def _limit(read: Sequence[Token], end: int) -> tuple[tuple[int, int], int | None]:
    """The span of the outermost LIMIT clause with its number, or the place where one may be put."""
    depth = 0
    place = (end, end)
    for token, following in zip(read, [*read[1:], Token("", "", end)], strict=False):
        depth += (token.kind == "open") - (token.kind == "close")
        if depth or token.kind != "word":
            continue
        word = token.text.upper()
        if word.endswith("LIMIT") and following.kind == "number":
            start = token.start + len(word) - len("LIMIT")
            return (start, following.start + len(following.text)), int(following.text[:18])
        if word == "VALUES":
            place = (token.start, token.start)
    return place, None


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= 0x10FFFF else match.group()
