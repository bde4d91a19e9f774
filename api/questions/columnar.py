"""An answer as Apache Parquet (https://parquet.apache.org/docs/file-format/), written by Apache Arrow.

The schema follows from the head of the query alone, so that files of several pages fit together: integers are int64,
dates date32, lists lists. A decimal has 20 digits before and 18 after the point, which is exactly what the engine
computes with. A thing is its IRI, beside it a column with its name.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from api.engine.results import Term
from api.questions.tabular import Head, Sheet, names_of

__all__ = ["parquet_of"]

_TYPES: dict[str, pa.DataType] = {
    "integer": pa.int64(),
    "year": pa.int64(),
    "decimal": pa.decimal128(38, 18),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", tz="UTC"),
}
_READ: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "year": int,
    "decimal": Decimal,
    "boolean": lambda text: text in ("true", "1"),
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}
# Columns whose values have no names.
_NAMELESS = frozenset({*_TYPES, "iri", "text", "node"})


def parquet_of(sheet: Sheet) -> bytes:
    """The table; a value that does not fit its column's type makes it a column of text, which its metadata tells."""
    columns = [column for head in sheet.heads for column in _columns(head, sheet)]
    schema = pa.schema([field for field, _ in columns], metadata=_about(sheet))
    table = pa.Table.from_arrays([array for _, array in columns], schema=schema)
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def _columns(head: Head, sheet: Sheet) -> Iterator[tuple[pa.Field, pa.Array]]:
    yield _column(head, [*_evidence(head, sheet)] if head.evidential else _values(head, sheet))
    if not head.evidential and head.type not in _NAMELESS:
        named = Head(f"{head.name}_label", "text", head.label, many=head.many)
        yield _column(named, _names(head, sheet))


def _column(head: Head, values: list[Any]) -> tuple[pa.Field, pa.Array]:
    wanted = _TYPES.get(head.type, pa.string())
    whole = pa.list_(wanted) if head.many else wanted
    try:
        array = pa.array(_typed(head, values), type=whole)
    except (ValueError, ArithmeticError, pa.ArrowInvalid, pa.ArrowTypeError):
        whole = pa.list_(pa.string()) if head.many else pa.string()
        array = pa.array(values, type=whole)
    return pa.field(head.name, whole, metadata=_meant(head)), array


def _typed(head: Head, values: list[Any]) -> list[Any]:
    read = _READ.get(head.type, str)

    def one(value: Any) -> Any:
        return read(value) if isinstance(value, str) else value

    if head.many:
        return [None if each is None else [one(value) for value in each] for each in values]
    return [one(value) for value in values]


def _values(head: Head, sheet: Sheet) -> list[Any]:
    return [_value(head, row.get(head.name)) for row in sheet.rows]


def _value(head: Head, term: Term | None) -> Any:
    if term is None:
        return [] if head.many else None
    return term.value.split() if head.many else term.value


def _names(head: Head, sheet: Sheet) -> list[Any]:
    found: list[Any] = []
    for row in sheet.rows:
        term = row.get(head.name)
        names = names_of(head, term, sheet.index, sheet.language) if term else []
        found.append([name or None for name in names] if head.many else next((name for name in names if name), None))
    return found


def _evidence(head: Head, sheet: Sheet) -> Iterator[list[Any]]:
    for number in range(len(sheet.rows)):
        yield sheet.evidence_lists(number)[head.name]


def _meant(head: Head) -> dict[str, str]:
    """What a column means, as metadata of its field."""
    unit = {"unit": head.unit} if head.unit else {}
    return {"label_ko": head.label["ko"], "label_en": head.label["en"], "type": head.type, **unit}


def _about(sheet: Sheet) -> dict[str, str]:
    """What the table is, as metadata of its schema."""
    about = sheet.about
    return {
        "query": about.query.id,
        "title_ko": about.query.header.title.ko,
        "title_en": about.query.header.title.en,
        "sparql": about.query.sparql,
        "parameters": orjson.dumps(dict(about.parameters)).decode(),
        "release": about.release,
        "licence": about.licence,
        "citation": about.citation,
        "url": about.url,
        "truncated": "true" if about.truncated else "false",
        "next": about.next,
    }
