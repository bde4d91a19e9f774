"""The representations of a thing, a term or a document of ours: their bodies, and the links that tell of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import orjson
from fastapi import Request
from pyoxigraph import RdfFormat, parse
from starlette.responses import Response

from api.dependencies import Served, frame_of, languages_of, links_of, served
from api.descriptions.contexts import TAIL, Context
from api.descriptions.representations import HTML, listed, profile_links
from api.descriptions.shapes import written
from api.errors import NotFound
from api.questions.page_queries import PageQueries, iris
from api.responses import alternates, data
from api.routes.wishes import GRAPHS, Wish
from api.transport.formats import Format, by_name
from api.views.pages import Frame, Pager

__all__ = ["document_links", "entity_links", "page_links", "pager_links", "part", "part_links", "whole"]

_TRIPLES = by_name("ntriples", GRAPHS) or GRAPHS[0]


def entity_links(request: Request, iri: str, wish: Wish | None = None) -> list[str]:
    """The values of Link on every representation of a thing; `wish` is None on the page and on the redirect."""
    links = links_of(request)
    row, profile, given = (wish.row, wish.profile, wish.parameters) if wish else (None,) * 3
    given = None if wish and wish.listing else given
    others = profile_links(links, iri, GRAPHS, row, profile, given)
    return [f'<{iri}>; rel="describes"', *others, *_described_by(request)]


def document_links(request: Request, iri: str, about: str = "dataset") -> list[str]:
    """The values of Link on every representation of what has no profiles; `about` describes it."""
    links = links_of(request)
    paths = {HTML: links.page(iri), **{row.media_type: links.data(iri, row.suffix) for row in GRAPHS}}
    return [*alternates(paths, describes=iri), *_described_by(request, about)]


def page_links(request: Request, iri: str, links: Iterable[str]) -> list[str]:
    """The values of Link on a page: where it stands, and itself in each language."""
    canonical = f'<{links_of(request).page(iri)}>; rel="canonical"'
    return [canonical, *links, *alternates({}, languages=languages_of(frame_of(request)))]


def pager_links(frame: Frame, pager: Pager | None) -> list[str]:
    """The values of Link that lead from one page of a long list to the others."""
    if pager is None or pager.pages == 1:
        return []
    numbers = {"first": 1, "prev": pager.page - 1, "next": pager.page + 1, "last": pager.pages}
    return [
        f'<{frame.here(page=number)}>; rel="{name}"' for name, number in numbers.items() if 1 <= number <= pager.pages
    ]


def _described_by(request: Request, about: str = "dataset") -> list[str]:
    return [f'<{links_of(request).path(about)}>; rel="describedby"']


async def whole(request: Request, iri: str, query: str, row: Format, negotiated: bool) -> Response:
    """A page query that constructs a graph about an IRI, answered whole in a format."""
    here = served(request)
    body = await here.executor.graph(here.describer.queries.bound(query, this=iris(iri)), row)
    location = links_of(request).data(iri, row.suffix) if negotiated else ""
    return data(request, body, row, document_links(request, iri), location)


async def part(request: Request, iri: str, wish: Wish, named: bool) -> Response:
    """The description of a thing in a profile, or the part of it that is asked for; `named` says that a suffix was.

    A large description has several parts, in a fixed order and without overlap; Link leads from one to the others.
    """
    here, row = served(request), wish.row or GRAPHS[0]
    wish = replace(wish, limit=min(wish.limit, here.executor.limits.rows))
    if wish.listing:
        body, total = written(listed(links_of(request), iri, GRAPHS), row, here.prefixes), 0
    else:
        body, total = await _described(here, iri, wish, row, links_of(request).path(TAIL))
    links = [*entity_links(request, iri, wish), *part_links(request, iri, wish, row, total)]
    location = "" if named else links_of(request).data(iri, row.suffix, wish.parameters)
    profile = "http://www.w3.org/ns/dx/connegp/altr" if wish.listing else wish.profile.iri(here.release.base)
    return data(request, body, row, links, location, profile, "Accept, Accept-Profile")


async def _described(here: Served, iri: str, wish: Wish, row: Format, context: str) -> tuple[bytes, int]:
    """The triples of the part in a format, and how many there are; 0 where these are the last."""
    query = PageQueries.slice(here.describer.queries.bound(wish.profile.query, this=iris(iri)), 10**9, wish.offset)
    compacted = row.name == "jsonld" and not wish.expanded
    body, left = await here.executor.part(query, _TRIPLES if compacted else row, wish.limit)
    if wish.page > 1 and not left and await _is_beyond(here, query):
        raise NotFound(f"The description has no part {wish.page}.", hint="Follow the links in Link.")
    if compacted:
        body = await asyncio.to_thread(_compacted, body, await here.context(), iri, context)
    return body, left and left + wish.offset


async def _is_beyond(here: Served, query: str) -> bool:
    return not (await here.executor.part(query, _TRIPLES, 1))[0].strip()


def _compacted(body: bytes, context: Context, iri: str, href: str) -> bytes:
    triples = (quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES))
    return orjson.dumps(context.compacted(triples, iri, href), option=orjson.OPT_INDENT_2)


def part_links(request: Request, iri: str, wish: Wish, row: Format, total: int) -> list[str]:
    """Where the other parts are; nothing where there are none."""
    last = -(-total // wish.limit) if total else wish.page
    if last == 1:
        return []
    numbers = {"first": 1, "prev": wish.page - 1, "next": wish.page + 1, "last": last}
    links = links_of(request)
    return [
        f'<{links.data(iri, row.suffix, replace(wish, page=number).parameters)}>; rel="{name}"'
        for name, number in numbers.items()
        if 1 <= number <= last
    ]
