"""Permanent links: `POST /r` makes one for a query, `/r/{hash}` says what was asked of which release, and the answer.

The link answers from the release that was asked, long after another one took its place, as long as it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import Served, frame_of, languages_of, links_of, sent_parameters, served
from api.descriptions.bibliography import Bibliography, Work, cited
from api.descriptions.citations import dataset_work, places_behind, works_of
from api.descriptions.neighbourhood import Name
from api.engine.protocol import QUERY, read_request
from api.engine.streaming import while_connected
from api.errors import Gone, MalformedRequest, NotFound, UnprocessableValue
from api.naming.entities import EntityIndex
from api.questions.answers import evidence_of, evidence_of_nodes, value_cell
from api.questions.catalogue import RESERVED, Query
from api.questions.parameters import Fault, Values, read_values, unprocessable
from api.responses import alternates, data, html, see_other, wants_page
from api.routes.answering import answered
from api.routes.outcomes import Outcomes, represented
from api.routes.queries import kept_file
from api.routes.questions import cursor_of, shown_rows
from api.transport.formats import CITATIONS, FILES, RECORDS, Format, Kind, of_kind
from api.transport.forms import FORM
from api.transport.negotiation import choose
from api.versions.mementos import versions
from api.versions.permalinks import PermalinkPage, Permalinks, Record, is_name
from api.views.answers import Shown
from api.views.editor import run
from api.wording.display import Language
from api.wording.strings import say

__all__ = ["router"]

router = APIRouter(tags=["permanent links"])
_BEHIND = 500
_ANY = (RECORDS, *CITATIONS, *of_kind("table"), *FILES, *of_kind("graph"))
_LINK = {"application/json": {"schema": {"type": "object"}}}
_MADE: Outcomes = {
    200: {"description": "There was such a link already.", "content": _LINK},
    201: {"description": "The link was made: Location has it.", "content": _LINK},
    303: {"description": "The same for a browser."},
    400: {"description": "No query, or one that does not parse."},
    403: {"description": "SERVICE, LOAD or an update."},
    413: {"description": "Too long."},
    415: {"description": "The body is no query."},
    422: {"description": "The answer is not always the same, or a parameter cannot be used."},
    503: {"description": "No link can be kept."},
}
_BODY = {
    "required": True,
    "content": {
        FORM: {"schema": {"type": "object", "required": ["query"], "properties": {"query": {"type": "string"}}}},
        QUERY: {"schema": {"type": "string"}},
    },
}
Named = Annotated[str, Path(description="The hash of a link, with or without the suffix of a format.", max_length=64)]
Asked = Annotated[
    str,
    Path(
        description="The id of a query of the catalogue; its parameters stand in the address.",
        examples=["list-articles"],
    ),
]


@router.post(
    "/r",
    summary="Make a permanent link to the answer of a SPARQL query",
    response_class=Response,
    status_code=201,
    responses=_MADE,
    openapi_extra={"requestBody": _BODY},
)
async def keep_sparql(request: Request) -> Response:
    """A link to what this release answers; only to a query that has an answer, and always the same one."""
    asked = await read_request(request)
    if asked.query is None:
        raise MalformedRequest("There is no query.", hint=f"Send one as ?query=, in a form, or as a body of {QUERY}.")
    if asked.dataset.default or asked.dataset.named:
        raise MalformedRequest("A link holds the text of a query only.", hint="Write FROM and FROM NAMED in it.")
    here = served(request)
    read = await here.executor.read(asked.query)
    if not read.repeatable:
        raise UnprocessableValue("The answer to this query is not always the same.", hint="Leave out RAND, NOW, UUID.")
    answer = await while_connected(request, here.executor.answer(asked.query, of_kind(read.kind)[0], house=False))
    answer.close()
    return _kept(request, Record(here.release.version, asked.query))


@router.post(
    "/r/{name}",
    summary="Make a permanent link to the answer of a ready-made query",
    response_class=Response,
    status_code=201,
    responses={**_MADE, 404: {"description": "There is no such query."}},
)
async def keep_canned(request: Request, name: Asked) -> Response:
    """A link to what this release answers to a query of the catalogue with these parameters."""
    here = served(request)
    found = here.catalogue.named(name)
    given = {name: texts for name, texts in sent_parameters(request).items() if name not in RESERVED}
    values = _values(here, found, given)
    await while_connected(request, here.executor.table(found.bound(values)))
    texts = {name: tuple(term.value for term in terms) for name, terms in values.items() if terms}
    if read_values(found.header.parameters, texts, here.entities) != (values, []):
        texts = {name: tuple(each) for name, each in given.items()}
    return _kept(request, Record(here.release.version, query=found.id, parameters=texts))


@router.get(
    "/r/{name}",
    summary="What was asked of which release, the answer, and how to cite it",
    response_class=Response,
    responses={**represented(404, 406, 410, formats=_ANY), 307: {"description": "From the release that was asked."}},
)
async def show_kept(request: Request, name: Named) -> Response:
    """The page or JSON of a link, its answer in any format, or the works behind it for a reference manager."""
    stem, _, suffix = name.partition(".")
    record = _store(request).find(stem) if is_name(stem) else None
    if record is None:
        raise NotFound(f"There is no link {name[:64]!r}.", hint="POST /r makes one for a query.")
    here, links = served(request), links_of(request)
    if record.release != here.release.version:
        return _elsewhere(request, record, name)
    wanted = suffix or request.query_params.get("format", "")
    if not wanted and wants_page(request, _ANY):
        return await _page(request, record)
    sparql, query, values = _bound(here, record)
    kind = (await here.executor.read(sparql)).kind
    row = choose(request.headers.get("accept"), (RECORDS, *_written(kind, query), *CITATIONS), wanted)
    location = "" if suffix else links.path(f"r/{record.name}.{row.suffix}")
    if row.name in {each.name for each in CITATIONS}:
        body = cited(await _works(request, here, record, sparql, query), row)
    elif query and row in FILES:
        return await kept_file(request, query, values, row, _iri(here, record), record.parameters)
    elif row.suffix == RECORDS.suffix:
        body = orjson.dumps(await _document(request, here, record, sparql, query), option=orjson.OPT_INDENT_2)
    else:
        return await answered(request, sparql, row, house=False)
    return data(request, body, row, [f'<{_iri(here, record)}>; rel="bookmark"'], location, vary="Accept")


def _elsewhere(request: Request, record: Record, name: str) -> Response:
    """To the release that was asked. Raises Gone where it is not kept any more."""
    here, links = served(request).release, links_of(request)
    if record.release not in {each.version for each in versions(here)}:
        asked = orjson.loads(record.body)
        raise Gone(f"Release {record.release} is not kept any more.", hint="The question may be asked again.", **asked)
    query = request.scope["query_string"].decode("latin-1")
    path = links.unversioned(here.version).path(f"v/{record.release}/r/{name}")
    return RedirectResponse(path + (f"?{query}" if query else ""), headers={"Cache-Control": "no-cache"})


def _written(kind: Kind, query: Query | None) -> tuple[Format, ...]:
    """The formats of an answer beside our own JSON; only a ready-made query has files with headings."""
    return (*of_kind(kind), *(FILES if query else ()))


async def _page(request: Request, record: Record) -> Response:
    here, links, frame = served(request), links_of(request), frame_of(request)
    sparql, query, values = _bound(here, record)
    shown = outcome = None
    if query:
        shown = await while_connected(request, _rows(request, here, query, values, frame.language))
    else:
        outcome = await while_connected(request, run(sparql, here.executor, here.entities, here.prefixes))
    kind: Kind = "graph" if outcome and outcome.kind == "graph" else "table"
    kind = "boolean" if outcome and outcome.kind == "boolean" else kind
    rows = (RECORDS, *_written(kind, query))
    formats = tuple((row, frame.go(links.path(f"r/{record.name}.{row.suffix}"))) for row in rows)
    works = await _works(request, here, record, sparql, query)
    paths = {row.name: frame.go(links.path(f"r/{record.name}.{row.suffix}")) for row in CITATIONS}
    title = Name(query.header.title.ko, query.header.title.en) if query else Name("SPARQL", "SPARQL")
    page = PermalinkPage(
        title,
        record,
        str(here.release.manifest.get("issued", "")),
        _iri(here, record),
        sparql,
        query,
        _said(query, values, here.entities) if query else (),
        shown,
        outcome,
        formats,
        Bibliography(tuple(works), paths),
    )
    tags = alternates({}, languages=languages_of(frame))
    return html(request, page, frame, tags, outcome.status if outcome else 200, "Accept, Accept-Language")


async def _rows(request: Request, here: Served, query: Query, values: Values, language: Language) -> Shown:
    """The rows that the page shows. Raises UnprocessableValue where its cursor is that of another answer."""
    faults: list[Fault] = []
    cursor = cursor_of(request, here, query, values, faults)
    if faults:
        raise unprocessable(faults)
    return await shown_rows(here, query, values, cursor, language)


def _said(query: Query, values: Values, index: EntityIndex) -> tuple[tuple[Name, tuple[Mapping[str, Any], ...]], ...]:
    """What each parameter that has a value means, and its values as cells."""
    meant = {place: each.description for each in query.header.parameters for place in each.places}
    return tuple(
        (Name(meant[place].ko, meant[place].en), tuple(value_cell(term, index) for term in terms))
        for place, terms in values.items()
        if terms
    )


async def _document(
    request: Request, here: Served, record: Record, sparql: str, query: Query | None
) -> Mapping[str, Any]:
    """The record, its answer as SPARQL JSON where it is no graph, and the works behind it as CSL-JSON."""
    kind = (await here.executor.read(sparql)).kind
    result, truncated = None, None
    if kind != "graph":
        answer = await while_connected(request, here.executor.answer(sparql, of_kind(kind)[0], house=False))
        result, truncated = orjson.loads(answer.whole()), bool(answer.truncated)
        answer.close()
    works = await _works(request, here, record, sparql, query)
    links = links_of(request)
    return {
        "href": links.path(f"r/{record.name}"),
        "iri": _iri(here, record),
        **orjson.loads(record.body),
        "issued": str(here.release.manifest.get("issued", "")) or None,
        "sparql": sparql,
        "result": result,
        "truncated": truncated,
        "formats": {
            row.name: links.path(f"r/{record.name}.{row.suffix}") for row in (*_written(kind, query), *CITATIONS)
        },
        "cite": orjson.loads(cited(works, CITATIONS[-1])),
    }


async def _works(request: Request, here: Served, record: Record, sparql: str, query: Query | None) -> list[Work]:
    """The release with the link, then the articles and other sources behind the answer."""
    titles = [say("site", "ko"), say("site", "en")]
    release = replace(dataset_work(here.release, titles[0], "", _iri(here, record)), notes=(titles[1], _note(record)))
    return [release, *await while_connected(request, _sources(here, sparql, query))]


def _note(record: Record) -> str:
    """What was asked, in a line: the id of a query with its parameters, or that it is SPARQL."""
    if not record.query:
        return "SPARQL query"
    given = ", ".join(f"{name}={' '.join(texts)}" for name, texts in sorted(record.parameters.items()))
    return f"query {record.query}" + (f" ({given})" if given else "")


async def _sources(here: Served, sparql: str, query: Query | None) -> list[Work]:
    """The works behind the rows: of a query of ours by its evidence, of another by the things that it names."""
    executor, index = here.executor, here.entities
    if (await executor.read(sparql)).kind != "table":
        return []
    rows = (await executor.table(sparql)).rows
    if query:
        evidence: Sequence[Sequence[Mapping[str, Any]]]
        evidence = await evidence_of(query, rows[:_BEHIND], here.catalogue, executor, index)
    else:
        base = f"{here.release.base}id/"
        named = (term.value for row in rows for term in row.values() if term.kind == "iri")
        nodes = list(dict.fromkeys(iri for iri in named if iri.startswith(base)))[:_BEHIND]
        evidence = list((await evidence_of_nodes(nodes, here.catalogue, executor, index)).values()) if nodes else []
    return await works_of(places_behind(evidence), executor, here.describer.queries, index)


def _bound(here: Served, record: Record) -> tuple[str, Query | None, Values]:
    """What the engine is asked, and the query of the catalogue that it is, with the values of its parameters."""
    if not record.query:
        return record.sparql, None, {}
    query = here.catalogue.named(record.query)
    values = _values(here, query, record.parameters)
    return query.bound(values), query, values


def _values(here: Served, query: Query, given: Mapping[str, Sequence[str]]) -> Values:
    values, faults = read_values(query.header.parameters, given, here.entities)
    if faults:
        raise unprocessable(faults)
    return values


def _kept(request: Request, record: Record) -> Response:
    here, links = served(request), links_of(request)
    is_new = _store(request).keep(record)
    path = links.unversioned(here.release.version).path(f"r/{record.name}")
    if wants_page(request, _ANY):
        return see_other(frame_of(request).go(path))
    body = {"href": path, "iri": _iri(here, record), **orjson.loads(record.body)}
    headers = {"Location": path, "Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
    return Response(orjson.dumps(body), 201 if is_new else 200, headers, RECORDS.media_type)


def _iri(here: Served, record: Record) -> str:
    return f"{here.release.base}r/{record.name}"


def _store(request: Request) -> Permalinks:
    """The records, beside the folder of the releases where no setting says another place."""
    settings = request.app.state.settings
    release = request.app.state.release
    folder = settings.permalinks or release.path.parent.parent / "permalinks"
    return Permalinks(FilePath(folder), settings.permalinks_mb << 20)
