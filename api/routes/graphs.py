"""The named graphs: `/graph/...` describes one, `/data/graph/...` has its triples, in parts where they are many.

SPARQL service description, section 4.2 (https://www.w3.org/TR/sparql11-service-description/#sd-name)
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.dependencies import frame_of, links_of, served
from api.descriptions.dumps import find
from api.descriptions.graphs import NamedGraph, content_of, described, graphs_of, in_graph, named_graph
from api.descriptions.nanopublications import DATASETS
from api.descriptions.neighbourhood import Name
from api.descriptions.profiles import DEFAULT
from api.descriptions.shapes import written
from api.errors import NotFound
from api.links import normalise
from api.questions.page_queries import PageQueries, iris
from api.responses import data, html
from api.routes.outcomes import represented
from api.routes.represented import document_links, page_links, part_links
from api.routes.resources import split_suffix
from api.routes.wishes import GRAPHS, PARAMETERS, Wish, wish_for
from api.transport.formats import Format, by_name
from api.views.graphs import GraphPage

__all__ = ["router"]

router = APIRouter(tags=["linked data"])
GraphName = Annotated[str, Path(description="A named graph, with or without a suffix.", examples=["meta"])]
_TRIPLES = by_name("ntriples", GRAPHS) or GRAPHS[0]
_ALL = "dataset.nq"
_IN_PARTS = [each for each in PARAMETERS if each["name"] in ("page", "limit")]


@router.get(
    "/graph/{name:path}", summary="A named graph", response_class=Response, responses=represented(400, 404, 406)
)
async def graph(request: Request, name: GraphName) -> Response:
    """What a named graph holds, how much, and where its triples are: as a page or as RDF."""
    found, suffix = _found(request, name)
    links, row = links_of(request), wish_for(request, suffix).row
    about = document_links(request, found.iri)
    if row is not None:
        body = written(described(found, links, GRAPHS), row, served(request).prefixes)
        return data(request, body, row, about, "" if suffix else links.data(found.iri, row.suffix))
    release = served(request).release
    dump = find(release, release.version, _ALL)
    page = GraphPage(found.name, found, content_of(links, found.iri), links.path(dump.tail) if dump else "", GRAPHS)
    return html(request, page, frame_of(request), page_links(request, found.iri, about), vary="Accept, Accept-Language")


@router.get(
    "/data/graph/{name:path}",
    summary="The triples of a named graph",
    response_class=Response,
    responses=represented(400, 404, 406, page=False),
    openapi_extra={"parameters": _IN_PARTS},
)
async def graph_content(request: Request, name: GraphName) -> Response:
    """The triples in a fixed order, in parts; as quads of the graph where the format has named graphs."""
    found, suffix = _found(request, name)
    wish = replace(wish_for(request, suffix, page_too=False), profile=DEFAULT, listing=False)
    wish = replace(wish, limit=min(wish.limit, served(request).executor.limits.rows))
    if wish.page > 1 and wish.offset >= found.triples:
        raise NotFound(f"The graph has no part {wish.page}.", hint="Follow the links in Link.")
    links, row = links_of(request), wish.row or GRAPHS[0]
    iri = content_of(links, found.iri)
    total = found.triples if found.triples > wish.limit else 0
    others = [
        f'<{links.data(iri, each.suffix, wish.parameters)}>; rel="alternate"; type="{each.media_type}"'
        for each in GRAPHS
    ]
    about = [
        f'<{links.identifier(found.iri)}>; rel="describedby"',
        *others,
        *part_links(request, iri, wish, row, total),
    ]
    location = "" if suffix else links.data(iri, row.suffix, wish.parameters)
    return data(request, await _content(request, found, wish, row), row, about, location, vary="Accept")


async def _content(request: Request, graph: NamedGraph, wish: Wish, row: Format) -> bytes:
    """The triples of the part in a format."""
    here, quads = served(request), row.name in {each.name for each in DATASETS}
    query = PageQueries.slice(here.describer.queries.bound("graph", this=iris(graph.iri)), wish.limit, wish.offset)
    body, _ = await here.executor.part(query, _TRIPLES if quads else row, wish.limit)
    return await asyncio.to_thread(in_graph, body, graph.iri, row, here.prefixes) if quads else body


def _found(request: Request, name: str) -> tuple[NamedGraph, str]:
    """The graph of a path, and the suffix. Raises NotFound with the graphs that there are."""
    here, links = served(request), links_of(request)
    stem, suffix = split_suffix(normalise(name))
    iri, graphs = links.iri(f"graph/{stem}"), graphs_of(here.release)
    if iri not in graphs:
        listed = sorted(graphs)
        raise NotFound(
            f"There is no graph {stem!r}.", hint="The service description of /sparql lists all.", nearest=listed
        )
    article = here.entities.get(links.iri(f"id/{stem}"))
    names = {article.iri: Name(article.label.get("ko", ""), article.label.get("en", ""))} if article else {}
    rules = {each.name: Name(each.meaning.get("ko", ""), each.meaning.get("en", "")) for each in here.justifier.rules}
    return named_graph(iri, graphs[iri], links, names, rules), suffix
