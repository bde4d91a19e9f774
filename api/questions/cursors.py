"""Pages of an answer: where each begins is known by the row before it, not by its number alone.

Web Linking (RFC 8288, https://www.rfc-editor.org/rfc/rfc8288) has the relations first, prev and next. A release never
changes and a query orders its rows fully, so a place is where its row stands; that the row there is the one that the
caller saw is checked each time, and where it is not, the row is looked for.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from api.engine.execution import Executor
from api.engine.results import Table, Term
from api.errors import UnprocessableValue
from api.questions.catalogue import Query
from api.questions.parameters import Fault, Values, bind

__all__ = ["Cursor", "Page", "Slice", "count_rows", "key_of", "read_cursor", "read_page", "scope_of"]

Row = Mapping[str, Term]
# no column can have this name
_COUNT = "rows_in_all"
_TEXT = re.compile(r"([0-9]{1,9})([<>])([0-9a-f]{16})([0-9a-f]{16})@(.{1,200})", re.DOTALL)


def key_of(row: Row) -> str:
    """The key of a row: the same values have the same key.

    >>> key_of({"x": Term("iri", "urn:a")}) == key_of({"x": Term("literal", "urn:a")})
    False
    """
    parts = [(name, (term := row[name]).kind, term.value, term.lang, term.datatype) for name in sorted(row)]
    return hashlib.blake2b(orjson.dumps(parts), digest_size=8).hexdigest()


def scope_of(query: str, values: Values) -> str:
    """What a cursor belongs to beside its release: the query and the values of its parameters."""
    said = sorted((name, tuple(map(str, terms))) for name, terms in values.items())
    return hashlib.blake2b(repr((query, said)).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place beside a row: after the row `key`, which is the last of `offset` rows, or `back` before the one there."""

    version: str
    scope: str
    offset: int
    key: str
    back: bool = False

    def __str__(self) -> str:
        plain = f"{self.offset}{'<' if self.back else '>'}{self.key}{self.scope}@{self.version}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor that `str` wrote. Raises ValueError.

        >>> Cursor.read(str(Cursor("2026-11-22", "0" * 16, 40, "f" * 16)))
        Cursor(version='2026-11-22', scope='0000000000000000', offset=40, key='ffffffffffffffff', back=False)
        """
        try:
            plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        except ValueError as error:
            raise ValueError("no cursor") from error
        if not (found := _TEXT.fullmatch(plain)):
            raise ValueError("no cursor")
        offset, direction, key, scope, version = found.groups()
        return cls(version, scope, int(offset), key, direction == "<")


def read_cursor(said: str, scope: str, version: str, faults: list[Fault]) -> Cursor | None:
    """The cursor that a caller sent; None, with a fault more, where it belongs to another question or release."""
    try:
        cursor = Cursor.read(said)
    except ValueError:
        cursor = Cursor("", "", 0, "")
    # what else is wrong may be why the parameters are not those of the cursor
    if cursor.version == version and (cursor.scope == scope or faults):
        return cursor
    message = "take the cursor from `next` of an answer of this release to this question"
    korean = "이 릴리스에서 이 질문의 답이 알려 준 `next`의 값을 쓴다"
    faults.append(Fault("cursor", message, said, korean=korean))
    return None


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows are asked for: at most `limit`, from the first on or from a cursor."""

    limit: int
    cursor: Cursor | None = None

    @property
    def start(self) -> int:
        """The number of rows before the first that is read: a cursor's own row is read again."""
        if self.cursor is None:
            return 0
        return max(0, self.cursor.offset - (self.limit if self.cursor.back else 1))

    @property
    def count(self) -> int:
        """How many rows to read: those of the page, the cursor's own, and one that tells whether there are more."""
        if self.cursor is None:
            return self.limit + 1
        return self.cursor.offset - self.start + 1 if self.cursor.back else self.limit + 2

    def of(self, sparql: str) -> str:
        """The query for the rows to read."""
        return f"{sparql}\nLIMIT {self.count:d} OFFSET {self.start:d}"


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of a page: how many rows stand before it, and whether any stand after it."""

    rows: tuple[Row, ...]
    before: int = 0
    more: bool = False

    def next(self, version: str, scope: str) -> Cursor | None:
        """Where the next page begins, None after the last."""
        if not self.more or not self.rows:
            return None
        return Cursor(version, scope, self.before + len(self.rows), key_of(self.rows[-1]))

    def previous(self, version: str, scope: str) -> Cursor | None:
        """Where the page before ends, None before the first."""
        return Cursor(version, scope, self.before, key_of(self.rows[0]), True) if self.before and self.rows else None


async def read_page(executor: Executor, sparql: str, page: Page) -> Slice:
    """The rows of a page. Raises UnprocessableValue where the cursor's row is not among the rows."""
    found = _cut(await executor.table(page.of(sparql)), page)
    if found is None:
        page = _sought(await executor.table(sparql), page)
        found = _cut(await executor.table(page.of(sparql)), page)
    if found is None:
        raise _lost()
    return found


async def count_rows(executor: Executor, query: Query, values: Values) -> int:
    """How many rows a query has in all."""
    counting = f"{query.prologue}SELECT (COUNT(*) AS ?{_COUNT}) WHERE {{\n{bind(query.body, values)}\n}}"
    (row,) = (await executor.table(counting)).rows
    return int(row[_COUNT].value)


def _cut(table: Table, page: Page) -> Slice | None:
    """The rows of the page among those that were read, None where the cursor's row is not where it was."""
    rows, cursor = table.rows, page.cursor
    if cursor is None:
        return Slice(rows[: page.limit], 0, len(rows) > page.limit or table.truncated)
    if cursor.back:
        whole = bool(rows) and not table.truncated and key_of(rows[-1]) == cursor.key
        return Slice(rows[:-1], page.start, True) if whole else None
    if not rows or key_of(rows[0]) != cursor.key:
        return None
    return Slice(rows[1 : page.limit + 1], cursor.offset, len(rows) > page.limit + 1 or table.truncated)


def _sought(table: Table, page: Page) -> Page:
    """The page with its cursor where its row stands now. Raises UnprocessableValue."""
    cursor = page.cursor
    place = _place(table.rows, cursor.key) if cursor else None
    if cursor is None or place is None:
        raise _lost()
    return replace(page, cursor=replace(cursor, offset=place if cursor.back else place + 1))


def _place(rows: Sequence[Row], key: str) -> int | None:
    return next((index for index, row in enumerate(rows) if key_of(row) == key), None)


def _lost() -> UnprocessableValue:
    fault = {"parameter": "cursor", "message": "its row is not in this answer", "value": "", "nearest": []}
    return UnprocessableValue(
        "cursor: its row is not in this answer", hint="Begin again, without a cursor.", faults=[fault]
    )
