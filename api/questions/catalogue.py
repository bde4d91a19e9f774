"""The catalogue of canned queries: one `.rq` file each, described by the YAML of its `#+` lines.

The query is SPARQL 1.1 (https://www.w3.org/TR/sparql11-query/); a header line is a comment to every engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pyoxigraph import Store
from rapidfuzz import process

from api.errors import NotFound
from api.questions.parameters import ANY, SCALARS, Names, Parameter, Text, Values, bind, places
from api.wording.display import Language
from graph_builder.errors import Where
from graph_builder.prefixes import PrefixMap
from graph_builder.query_files import CatalogueError, query_files, read_query_file

__all__ = [
    "RESERVED",
    "Catalogue",
    "CatalogueError",
    "Column",
    "Expectation",
    "Header",
    "Query",
    "View",
    "names",
    "precision_of",
    "read_query",
]

RESERVED = frozenset({"limit", "cursor", "evidence", "format", "lang", "row", "bom", "cite"})
# what a column may hold beside things of a kind and the types of parameters
COLUMN_TYPES = frozenset({ANY, "code", "boolean", "node", "property", "class", "unit", *SCALARS} - {"years"})


class Column(BaseModel):
    """One variable of the answer: type, unit and heading; `values` has the text of each code.

    Where `many` is true, a cell holds several IRIs with a space between. A `language` is that of all
    texts in the column, and a page shows it to readers of this language only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(pattern="^[a-z][A-Za-z0-9]*$")
    type: Names
    many: bool = False
    unit: str | None = None
    language: Language | None = None
    label: Text
    values: dict[str, Text] = {}

    def as_json(self) -> dict[str, Any]:
        """The column as the catalogue and every answer list it."""
        shown = self.model_dump(exclude={"type", "values", "language"})
        listed = self.type[0] if len(self.type) == 1 else ANY
        return shown | {"type": listed, "values": {code: text.model_dump() for code, text in self.values.items()}}


class Expectation(BaseModel):
    """What the example must answer: at least so many rows, and among them these."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    minimum: int = Field(ge=1)
    rows: tuple[dict[str, str], ...] = ()


class View(BaseModel):
    """How an answer is drawn beside its table, and which columns are drawn; those left out are found by their types.

    `at` has a day on which something is known to hold whose `start` and `end` are not known. `centre` is what is asked
    about, and `near` its relation to the `source` of each row.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["table", "timeline", "bar", "network", "sankey", "none"] = "table"
    label: Names | None = None
    value: str | None = None
    start: str | None = None
    end: str | None = None
    at: str | None = None
    source: str | None = None
    target: str | None = None
    centre: str | None = None
    near: str | None = None

    def named(self) -> set[str]:
        """The columns that it names."""
        return {*(self.label or ()), *filter(None, (getattr(self, role) for role in _SINGLE))}

    @property
    def dates(self) -> list[str]:
        """The columns of days that it draws."""
        return [name for name in (self.start, self.end, self.at) if name]

    def resolved(self, columns: Sequence[Column]) -> View:
        """The view with every column that its kind needs, as far as there are such columns."""
        free = [column for column in columns if column.name not in self.named()]
        found: dict[str, Any] = {}
        for role in _ROLES.get(self.kind, ()):
            # an arrow is named by what relates its ends
            relates = (self.kind, role) == ("network", "label")
            suits = _RELATION.__contains__ if relates else _SUITS[role]
            fits = (column.name for column in free if getattr(self, role) is None and suits(column.type[0]))
            if name := next(fits, None):
                found[role] = (name,) if role == "label" else name
                free = [column for column in free if column.name != name]
        return self.model_copy(update=found)

    def missing(self) -> list[str]:
        """The roles that no column plays."""
        return [role for role in _ROLES.get(self.kind, ()) if role not in _OPTIONAL and getattr(self, role) is None]


_SINGLE = ("value", "start", "end", "at", "source", "target", "centre", "near")
_ROLES = {
    "bar": ("value", "label"),
    "timeline": ("start", "label"),
    "network": ("source", "target", "label"),
    "sankey": ("value", "source", "target"),
}
# links of a network may go without a name
_OPTIONAL = {"label"}
_NOT_NAMED = frozenset({"code", "boolean", "node", "property", "class", "unit", "bound", *SCALARS})


_RELATION = frozenset({"property"})


def precision_of(date: str) -> str:
    """The name of the column that says how exact the days of another column are."""
    return f"{date}Precision"


def names(column: Column) -> bool:
    """Whether a column has names of things, or texts."""
    return _names(column.type[0])


def _names(kind: str) -> bool:
    return kind not in _NOT_NAMED or kind == "text"


# which columns play a role where the header does not say so, by their first type
_SUITS: Mapping[str, Callable[[str], bool]] = {
    "value": frozenset({"decimal", "integer"}).__contains__,
    "start": frozenset({"date", "year"}).__contains__,
    "label": _names,
    "source": _names,
    "target": _names,
}


class Header(BaseModel):
    """The `#+` lines of a query file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    title: Text
    question: Text
    description: Text
    tags: tuple[str, ...] = Field(min_length=1)
    parameters: tuple[Parameter, ...] = ()
    columns: tuple[Column, ...] = Field(min_length=1)
    evidence: tuple[str, ...] = Field(min_length=1)
    example: dict[str, str | tuple[str, ...]] = {}
    expect: Expectation
    view: Annotated[View, BeforeValidator(lambda said: {"kind": said} if isinstance(said, str) else said)] = View()


@dataclass(frozen=True)
class Query:
    """A canned query; `body` is its SPARQL without header and without prefixes."""

    id: str
    header: Header
    body: str
    prologue: str

    @cached_property
    def sparql(self) -> str:
        """The query as an engine takes it, no parameter bound."""
        return self.prologue + self.body

    def bound(self, values: Values) -> str:
        """The query with the values of its parameters."""
        return self.prologue + bind(self.body, values)

    @cached_property
    def view(self) -> View:
        """How the answer is drawn, with the columns that are drawn."""
        return self.header.view.resolved(self.header.columns)

    def schema(self) -> dict[str, Any]:
        """The parameters as one object of JSON Schema, for whoever calls the query with an object of values.

        JSON Schema 2020-12, https://json-schema.org/draft/2020-12/json-schema-core.
        """
        return {
            "type": "object",
            "properties": {each.name: _described(each, self.example) for each in self.header.parameters},
            "required": [each.name for each in self.header.parameters if each.required],
            "additionalProperties": False,
        }

    @cached_property
    def example(self) -> Mapping[str, tuple[str, ...]]:
        """The parameters of the example call."""
        return {name: (one,) if isinstance(one, str) else one for name, one in self.header.example.items()}

    def as_json(self) -> dict[str, Any]:
        """The query as the catalogue lists it."""
        shown = self.header.model_dump(include={"title", "question", "description", "tags", "example"})
        return {
            "id": self.id,
            **shown,
            "view": self.header.view.kind,
            "parameters": [parameter.as_json() for parameter in self.header.parameters],
            "columns": [column.as_json() for column in self.header.columns],
            "href": f"/api/queries/{self.id}",
            "sparql": self.sparql,
        }


def _described(parameter: Parameter, example: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    text, given = parameter.explained(), example.get(parameter.name)
    described = parameter.json_schema() | {"description": f"{text.en} · {text.ko}"}
    return described | ({"examples": [parameter.sent(given)]} if given else {})


class Catalogue:
    """The queries of a folder, by their id, which is the name of the file."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._queries = dict(sorted(queries.items()))

    @classmethod
    def load(cls, folder: Path, prefixes: PrefixMap) -> Catalogue:
        """The catalogue of the `.rq` files directly in `folder`. Raises CatalogueError."""
        return cls({path.stem: read_query(path, prefixes) for path in query_files(folder)})

    def __iter__(self) -> Iterator[Query]:
        return iter(self._queries.values())

    def __len__(self) -> int:
        return len(self._queries)

    def get(self, query_id: str) -> Query | None:
        """The query of this id."""
        return self._queries.get(query_id)

    def __getitem__(self, query_id: str) -> Query:
        return self._queries[query_id]

    def named(self, query_id: str) -> Query:
        """The query that a caller names. Raises NotFound with the nearest ids."""
        if (query := self.get(query_id)) is not None:
            return query
        nearest = self.nearest(query_id)
        raise NotFound(f"There is no query {query_id[:80]!r}.", hint=f"Nearest: {', '.join(nearest)}", nearest=nearest)

    def nearest(self, query_id: str) -> list[str]:
        """The ids that look most like `query_id`."""
        return [match for match, _, _ in process.extract(query_id[:200], list(self._queries), limit=3)]


def read_query(path: Path, prefixes: PrefixMap) -> Query:
    """The query of one file, checked: header, parameters against places, columns against the projection."""
    file = read_query_file(path, prefixes)
    query = Query(file.id, _header(path, file.header), file.body, file.prologue)
    _check(path, query, prefixes)
    return query


def _header(path: Path, said: Any) -> Header:
    try:
        return Header.model_validate(said)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise CatalogueError(Where(path.name), f"the header is wrong: {faults}") from error


def _check(path: Path, query: Query, prefixes: PrefixMap) -> None:
    for fault in _faults(query, prefixes):
        raise CatalogueError(Where(path.name), fault)


def _faults(query: Query, prefixes: PrefixMap) -> Iterator[str]:
    header = query.header
    names = [parameter.name for parameter in header.parameters]
    wanted = {place for parameter in header.parameters for place in parameter.places}
    if wanted != places(query.body):
        yield f"parameters bind {sorted(wanted)}, which do not agree with the places {sorted(places(query.body))}"
    for parameter in header.parameters:
        if parameter.many and len(parameter.places) > 1:
            yield f"{parameter.name} is a range, which cannot be given many times"
    if RESERVED & set(names):
        yield f"a parameter may not be named {sorted(RESERVED & set(names))}"
    yield from _unknown_types(header, prefixes)
    columns = [column.name for column in header.columns]
    if columns != (projected := _projection(query.sparql)):
        yield f"columns {columns} are not the variables of the query {projected}"
    if strange := header.view.named() - set(columns):
        yield f"the view names {sorted(strange)}, which are no columns"
    exact = {precision_of(name) for name in columns}
    if strange := {each.name for each in header.columns if each.type == ("precision",)} - exact:
        yield f"{sorted(strange)} are of type precision, and not named <column>Precision after the column of a day"
    if missing := query.view.missing():
        yield f"a {query.view.kind} view needs a column for {missing}; name it in `view`"
    if strange := set(header.evidence) - set(columns):
        yield f"evidence names {sorted(strange)}, which are no columns"
    if strange := set(header.example) - set(names):
        yield f"the example names {sorted(strange)}, which are no parameters"


def _unknown_types(header: Header, prefixes: PrefixMap) -> Iterator[str]:
    kinds = {name for name, iri in prefixes.prefixes.items() if iri.startswith(prefixes.base)}
    typed = [(parameter.name, parameter.type, {ANY, *SCALARS}) for parameter in header.parameters]
    typed += [(column.name, column.type, {*COLUMN_TYPES}) for column in header.columns]
    for name, types, others in typed:
        if strange := set(types) - kinds - others:
            yield f"{name} has the unknown type {sorted(strange)}"


def _projection(sparql: str) -> list[str]:
    # an empty store parses the query (with what paging appends) and reads nothing
    try:
        answer = Store().query(f"{sparql}\nLIMIT 1 OFFSET 0")
    except SyntaxError as error:
        return [f"not SPARQL: {error}"]
    return [variable.value for variable in getattr(answer, "variables", ())]
