"""The answer of a canned query as JSON: rows with names in two languages, evidence row by row, and where to go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyoxigraph import Literal, NamedNode

from api.engine.execution import Executor
from api.engine.results import Term
from api.naming.entities import EntityIndex
from api.questions.catalogue import Catalogue, Column, Query
from api.questions.cursors import Slice, key_of
from api.questions.parameters import Values
from api.questions.tabular import label_of
from api.wording.display import Language

__all__ = [
    "EVIDENCE_QUERY",
    "cell",
    "cell_of_term",
    "document_of",
    "evidence_of",
    "evidence_of_nodes",
    "nodes_of",
    "value_cell",
]

EVIDENCE_QUERY = "evidence-of-node"
COVERAGE_QUERY = "list-articles"
# An IRI has some 60 bytes, and a query at most 128 kB
BATCH, AT_ONCE = 500, 4
XSD = "http://www.w3.org/2001/XMLSchema#"

Json = dict[str, Any]
Row = Mapping[str, Term]


def cell(term: Term | None, column: Column, index: EntityIndex) -> Json | None:
    """A value with its type and, where it has one, its name; null where it is not known."""
    if term is None or (column.many and not term.value):
        return None
    if column.many:
        return _cell_of_many(term, index)
    return _cell_of_iri(term.value, index) if term.kind == "iri" else _cell_of_literal(term, column)


def cell_of_term(term: Term, index: EntityIndex) -> Json:
    """A term outside of any column with its type and, where it has one, its name."""
    if term.kind == "iri":
        return _cell_of_iri(term.value, index)
    return {
        "value": _native(term),
        "type": _datatype(term),
        "label": {term.lang: term.value} if term.lang else None,
    }


def _cell_of_many(term: Term, index: EntityIndex) -> Json:
    items = [_cell_of_iri(iri, index) for iri in term.value.split(" ")]
    labels = [item["label"] for item in items if item["label"]]
    joined = {lang: "; ".join(label[lang] for label in labels if lang in label) for lang in ("ko", "en")}
    return {"value": term.value, "type": "list", "label": joined if labels else None, "items": items}


def _cell_of_iri(iri: str, index: EntityIndex) -> Json:
    entity = index.get(iri)
    if entity is None:
        return {"value": iri, "type": "iri", "label": dict(index.label(iri)) or None}
    return {"value": iri, "type": entity.kind, "label": dict(entity.label), "curie": entity.curie}


def _cell_of_literal(term: Term, column: Column) -> Json:
    text = column.values.get(term.value)
    shown: Json = {"value": _native(term), "type": column.type[0] if text else _datatype(term)}
    shown["label"] = text.model_dump() if text else {term.lang: term.value} if term.lang else None
    return shown


def _datatype(term: Term) -> str:
    local = term.datatype.removeprefix(XSD)
    return "text" if term.lang or local in ("", "string") else local


def _native(term: Term) -> str | int | float | bool:
    """Booleans and numbers as JSON has them; everything else as it is written."""
    match term.datatype.removeprefix(XSD):
        case "boolean":
            return term.value in ("true", "1")
        case "integer" | "nonNegativeInteger":
            return int(term.value)
        case "decimal" | "double":
            number = float(term.value)
            return int(number) if number.is_integer() else number
        case _:
            return term.value


def document_of(
    query: Query, values: Values, part: Slice, version: str, index: EntityIndex, language: Language = "ko"
) -> Json:
    """The document of some rows, without evidence; `keys` names each row, to ask why it is there."""
    columns = query.header.columns
    titled = [each.as_json() | {"title": each.label.model_dump()[language]} for each in columns]
    return {
        "query": query.id,
        "parameters": {name: [value_cell(term, index) for term in terms] for name, terms in values.items()},
        "release": version,
        "language": language,
        "columns": titled,
        "rows": [_row_of(row, columns, index, language) for row in part.rows],
        "keys": [key_of(row) for row in part.rows],
        "truncated": part.more,
        "next": None,
        "evidence": None,
    }


def _row_of(row: Row, columns: Sequence[Column], index: EntityIndex, language: Language) -> Json:
    return {each.name: _worded(cell(row.get(each.name), each, index), language) for each in columns}


def _worded(shown: Json | None, language: Language) -> Json | None:
    """The cell with its name in one language beside the label in both, where it has one."""
    return shown | {"name": label_of(shown["label"], language)} if shown and shown["label"] else shown


def value_cell(term: NamedNode | Literal, index: EntityIndex) -> Json:
    """A value of a parameter."""
    if isinstance(term, NamedNode):
        return _cell_of_iri(term.value, index)
    return {"value": term.value, "type": term.datatype.value.removeprefix(XSD), "label": None}


async def evidence_of(
    query: Query, rows: Sequence[Mapping[str, Term]], catalogue: Catalogue, executor: Executor, index: EntityIndex
) -> list[list[Json]]:
    """For each row the places in articles and the other sources that its statements and nodes rest on."""
    wanted = [list(dict.fromkeys(nodes_of(query, row))) for row in rows]
    nodes = list(dict.fromkeys(node for each in wanted for node in each))
    found = await evidence_of_nodes(nodes, catalogue, executor, index)
    return [[entry for node in each for entry in found.get(node, ())] for each in wanted]


def nodes_of(query: Query, row: Row) -> Iterable[str]:
    """The IRIs of the statements and nodes that a row rests on."""
    for name in query.header.evidence:
        if name in row:
            yield from row[name].value.split()


async def evidence_of_nodes(
    nodes: Sequence[str], catalogue: Catalogue, executor: Executor, index: EntityIndex
) -> dict[str, list[Json]]:
    """The places and sources of each node that has any, by its IRI."""
    lookup = catalogue[EVIDENCE_QUERY]
    batches = [nodes[start : start + BATCH] for start in range(0, len(nodes), BATCH)]
    queries = [lookup.bound({"node": tuple(map(NamedNode, batch))}) for batch in batches]
    coverage, *tables = await executor.tables([catalogue[COVERAGE_QUERY].sparql, *queries[:AT_ONCE]])
    # all at once could fill the queue that others wait in
    for start in range(AT_ONCE, len(queries), AT_ONCE):
        tables += await executor.tables(queries[start : start + AT_ONCE])
    days = {row["article"].value: row["date"].value for row in coverage.rows if "date" in row}
    found: dict[str, list[Json]] = {}
    for row in (row for table in tables for row in table.rows):
        found.setdefault(row["node"].value, []).append(_entry(row, days, index))
    return found


def _entry(row: Mapping[str, Term], days: Mapping[str, str], index: EntityIndex) -> Json:
    plain = {name: _native(row[name]) if name in row else None for name in ("start", "end", "spanHash", "url")}
    source = row["source"].value
    # an article that prints no date has that of the latest event which it reports
    printed = row["date"].value if "date" in row else None
    day = printed or days.get(source)
    return {
        "node": row["node"].value,
        "source": _cell_of_iri(source, index),
        "outlet": _outlet(row, index),
        "date": day,
        "reported": bool(day and not printed),
        **plain,
    }


def _outlet(row: Mapping[str, Term], index: EntityIndex) -> Json | None:
    if "publishers" in row and row["publishers"].value:
        label: Json | None = _cell_of_many(row["publishers"], index)["label"]
        return label
    return {"ko": row["outlet"].value, "en": row["outlet"].value} if "outlet" in row else None
