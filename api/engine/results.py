"""Terms and tables read from SPARQL results (SPARQL 1.1 Query Results JSON Format, https://www.w3.org/TR/sparql11-results-json/)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

__all__ = ["Table", "Term", "read_boolean", "read_table"]

_KINDS: dict[str, Literal["iri", "literal", "bnode"]] = {
    "uri": "iri",
    "literal": "literal",
    "typed-literal": "literal",
    "bnode": "bnode",
}


@dataclass(frozen=True, slots=True)
class Term:
    """An RDF term: `value` is the IRI, the lexical form or the label; `lang` and `datatype` may be ""."""

    kind: Literal["iri", "literal", "bnode"]
    value: str
    lang: str = ""
    datatype: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The solutions of a SELECT query; a row has no entry for an unbound variable, `truncated` tells a capped table."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Term], ...]
    truncated: bool = False


def read_table(body: bytes, truncated: bool = False) -> Table:
    """The table in a SPARQL JSON document. Raises ValueError for anything else.

    >>> body = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1","xml:lang":"ko"}}]}}'
    >>> read_table(body).rows[0]["x"]
    Term(kind='literal', value='1', lang='ko', datatype='')
    """
    document = orjson.loads(body)
    try:
        columns = tuple(document["head"]["vars"])
        rows = tuple({name: _term(cell) for name, cell in row.items()} for row in document["results"]["bindings"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no table of SPARQL results: {error!r}") from error
    return Table(columns, rows, truncated)


def read_boolean(body: bytes) -> bool:
    """The truth value in a SPARQL JSON document. Raises ValueError for anything else.

    >>> read_boolean(b'{"head":{},"boolean":true}')
    True
    """
    document = orjson.loads(body)
    if not isinstance(document, dict) or not isinstance(document.get("boolean"), bool):
        raise ValueError("no boolean of SPARQL results")
    return document["boolean"] is True


def _term(cell: Mapping[str, Any]) -> Term:
    return Term(_KINDS[cell["type"]], cell["value"], cell.get("xml:lang", ""), cell.get("datatype", ""))
