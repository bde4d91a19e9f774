"""What an agent may call: a tool for each canned query, and search, describe, paths, schema and run_sparql.

Tools of the Model Context Protocol, https://modelcontextprotocol.io/specification/2025-11-25/server/tools
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from rapidfuzz import process

from api.agents.abstracts import described, vocabulary
from api.agents.arguments import Arguments
from api.dependencies import Served
from api.engine.execution import TOTAL
from api.engine.results import Term, read_boolean, read_table
from api.errors import NotFound
from api.naming.matching import LONGEST
from api.questions.answers import document_of, evidence_of
from api.questions.catalogue import Query
from api.questions.coverage import note_on_nothing
from api.questions.cursors import Page, read_page, scope_of
from api.questions.datatypes import Text
from api.questions.parameters import ANY, Parameter, read_values, unprocessable
from api.relations.exploration import Explorer
from api.relations.inquiries import ASKED, RANGES
from api.relations.relationships import paths
from api.transport.formats import by_name, of_kind

__all__ = ["Tool", "Toolbox", "as_text", "tool_name"]

Json = dict[str, Any]
_USUAL, _MOST = 20, 200
_TRIPLES, _MOST_ROWS = 100, 1000
_OWN = frozenset({"limit", "cursor", "evidence"})


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: what it is called and does, what it takes as JSON Schema, and the answer as JSON."""

    name: str
    title: str
    description: str
    schema: Json
    run: Callable[[Arguments], Awaitable[Json]] = field(compare=False)


def tool_name(query_id: str) -> str:
    """The name of the tool of a canned query.

    >>> tool_name("targets-of-programme")
    'targets_of_programme'
    """
    return query_id.replace("-", "_")


class Toolbox:
    """The tools of one release; all of their work takes the corridors of every other caller."""

    def __init__(self, here: Served, explorer: Explorer) -> None:
        self._here = here
        self._explorer = explorer
        named = [*self._house(), *(self._canned(query) for query in here.catalogue)]
        self._tools = {tool.name: tool for tool in named}

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def find(self, name: str) -> Tool:
        """The tool of a name. Raises NotFound with the nearest."""
        if name not in self._tools:
            nearest = [match for match, _, _ in process.extract(name[:LONGEST], list(self._tools), limit=3)]
            raise NotFound(
                f"There is no tool {name[:LONGEST]!r}.", hint=f"Nearest: {', '.join(nearest)}", nearest=nearest
            )
        return self._tools[name]

    def _house(self) -> Iterable[Tool]:
        yield Tool("search", "Search · 이름으로 찾기", _SEARCH, _SEARCH_SCHEMA, self._search)
        yield Tool("describe", "Describe · 항목 설명", _DESCRIBE, _DESCRIBE_SCHEMA, self._describe)
        yield Tool("paths", "Paths · 두 항목을 잇는 경로", _PATHS, _paths_schema(), self._paths)
        yield Tool("schema", "Schema · 온톨로지", _SCHEMA, _object({}), self._schema)
        yield Tool("run_sparql", "SPARQL", _SPARQL, _SPARQL_SCHEMA, self._sparql)

    def _canned(self, query: Query) -> Tool:
        async def run(arguments: Arguments) -> Json:
            return await self._run(query, arguments)

        header, schema = query.header, query.schema()
        description = f"{header.question.en} {header.description.en}\n{header.question.ko}"
        schema = {**schema, "properties": {**schema["properties"], **_PAGING}}
        return Tool(tool_name(query.id), f"{header.title.en} · {header.title.ko}", description, schema, run)

    async def _run(self, query: Query, arguments: Arguments) -> Json:
        here = self._here
        values, faults = read_values(query.header.parameters, arguments.texts(_OWN), here.entities)
        if faults:
            raise unprocessable(faults)
        version, scope = here.release.version, scope_of(query.id, values)
        page = Page(arguments.whole("limit", _USUAL, _MOST), arguments.cursor("cursor", version, scope))
        part = await read_page(here.executor, query.bound(values), page)
        document = document_of(query, values, part, version, here.entities, "en")
        if arguments.switch("evidence", True):
            document["evidence"] = await evidence_of(query, part.rows, here.catalogue, here.executor, here.entities)
        if not part.rows:
            asked, queries = query.header.parameters, here.describer.queries
            document["note"] = await note_on_nothing(asked, values, here.executor, queries, here.entities)
        following = part.next(version, scope)
        return _compact(document) | {"next": str(following) if following else None}

    async def _search(self, arguments: Arguments) -> Json:
        arguments.only(_SEARCH_SCHEMA["properties"])
        text, kinds = arguments.text("text", LONGEST), arguments.several("kinds")
        limit = arguments.whole("limit", 10, 50)
        found = await to_thread(self._here.search.search, text, kinds, limit)
        return {"total": found.total, "kinds": dict(found.kinds), "hits": [each.as_json() for each in found]}

    async def _describe(self, arguments: Arguments) -> Json:
        arguments.only(_DESCRIBE_SCHEMA["properties"])
        values, faults = read_values((_THING,), arguments.texts(), self._here.entities)
        if faults:
            raise unprocessable(faults)
        iri = str(values["thing"][0].value)
        about = await self._here.describer.describe(iri)
        if about is None:
            raise NotFound(f"Nothing is said of {iri}.")
        return described(about, await self._here.describer.related(iri)) | {"release": self._here.release.version}

    async def _paths(self, arguments: Arguments) -> Json:
        return await paths(self._here, self._explorer, arguments.texts())

    async def _schema(self, arguments: Arguments) -> Json:
        arguments.only(())
        return await vocabulary(self._here.describer, self._here.entities)

    async def _sparql(self, arguments: Arguments) -> Json:
        arguments.only(_SPARQL_SCHEMA["properties"])
        query = arguments.text("query")
        read = await self._here.executor.read(query)
        fmt = by_name("json" if read.kind != "graph" else "ttl", of_kind(read.kind))
        assert fmt is not None
        limits = self._here.executor.limits.within(
            arguments.seconds("seconds"), arguments.whole("rows", _TRIPLES, _MOST_ROWS)
        )
        answer = await self._here.executor.answer(query, fmt, limits, house=False)
        body = answer.whole()
        told: Json = {"truncated": answer.truncated or None, "total": answer.headers.get(TOTAL)}
        told = {name: value for name, value in told.items() if value} | {"release": self._here.release.version}
        if read.kind == "graph":
            return {"turtle": body.decode(), **told}
        if read.kind == "boolean":
            return {"boolean": read_boolean(body), **told}
        table = read_table(body)
        rows = [{name: self._cell(term) for name, term in row.items()} for row in table.rows]
        return {"columns": list(table.columns), "rows": rows, **told}

    def _cell(self, term: Term) -> Json:
        shown = {"value": term.value, "lang": term.lang, "datatype": term.datatype}
        entity = self._here.entities.get(term.value) if term.kind == "iri" else None
        named: Json = {"curie": entity.curie, "label": dict(entity.label)} if entity else {}
        return {name: each for name, each in shown.items() if each} | named


def _compact(document: Json) -> Json:
    """The document of a canned query without what only tables and pages need."""
    columns = [{name: each[name] for name in ("name", "type", "unit") if each[name]} for each in document["columns"]]
    rows = [{name: _filled(cell) for name, cell in row.items() if cell is not None} for row in document["rows"]]
    return {name: each for name, each in document.items() if name != "keys"} | {"columns": columns, "rows": rows}


def _filled(cell: Json) -> Json:
    return {name: each for name, each in cell.items() if each is not None and name not in ("name", "items")}


def _object(properties: Json, *required: str) -> Json:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _number(usual: int, most: int, meaning: str) -> Json:
    return {"type": "integer", "minimum": 1, "maximum": most, "default": usual, "description": meaning}


def _paths_schema() -> Json:
    properties = {each.name: each.json_schema() | {"description": each.explained().en} for each in ASKED["paths"]}
    for name in properties.keys() & RANGES.keys():
        properties[name] = _number(RANGES[name][2], RANGES[name][1], properties[name]["description"])
    return _object(properties, *(each.name for each in ASKED["paths"] if each.required))


_THING = Parameter(name="thing", type=(ANY,), required=True, description=Text(ko="무엇", en="What is asked about"))
_PAGING: Json = {
    "limit": _number(_USUAL, _MOST, "At most so many rows"),
    "cursor": {"type": "string", "description": "Where to go on: `next` of the answer before"},
    "evidence": {"type": "boolean", "default": True, "description": "Where in which article or source each row stands"},
}
_SEARCH = (
    "Things by name: Korean in any spelling, initials, Hanja, romanised, English, abbreviations, former names; or by a "
    "number as newspapers print it. Says which name matched and how. Begin here to find identifiers."
    "\n이름이나 수로 항목을 찾는다."
)
_SEARCH_SCHEMA = _object(
    {
        "text": {
            "type": "string",
            "maxLength": LONGEST,
            "description": "A name or a number",
            "examples": ["스마트공장"],
        },
        "kinds": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Only these prefixes of identifiers: org, program, policy, person, sector, target ...",
        },
        "limit": _number(10, 50, "At most so many hits"),
    },
    "text",
)
_DESCRIBE = (
    "Everything that is said of one thing: each fact with the places in articles or the sources that state it, what "
    "sources get wrong about it, and what is linked with it.\n한 항목에 관한 모든 사실과 근거."
)
_DESCRIBE_SCHEMA = _object(
    {
        "thing": {
            "type": "string",
            "maxLength": LONGEST,
            "description": _THING.explained().en,
            "examples": ["org:mss-2017"],
        }
    },
    "thing",
)
_PATHS = (
    "How two things are related: the lightest paths over typed links, each step with its evidence, told in a sentence."
    "\n두 항목이 어떻게 이어지는지."
)
_SCHEMA = (
    "What can be asked of: classes with the number of their things, properties, concept schemes, prefixes."
    "\n온톨로지 요약."
)
_SPARQL = (
    "A SPARQL 1.1 query (SELECT, ASK, CONSTRUCT, DESCRIBE) over the graph; prefixes of `schema` are known. Deadline, "
    "memory and size are bounded as at /sparql; SERVICE and updates are refused.\nSPARQL 질의를 직접 실행한다."
)
_SPARQL_SCHEMA = _object(
    {
        "query": {
            "type": "string",
            "description": "The query",
            "examples": ["SELECT ?p ?name { ?p a kip:Program ; rdfs:label ?name } LIMIT 5"],
        },
        "rows": _number(_TRIPLES, _MOST_ROWS, "At most so many rows or triples"),
        "seconds": {"type": "number", "exclusiveMinimum": 0, "description": "A deadline shorter than the server's"},
    },
    "query",
)


def as_text(document: Json) -> str:
    """An answer as the text that a model reads."""
    return orjson.dumps(document, default=str).decode()
