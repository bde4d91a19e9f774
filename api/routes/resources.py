"""Dereferencing: `/id/...` leads to a page or to data by Accept, `/page/...` and `/data/...` answer, `/ko/...` finds.

Cool URIs for the Semantic Web (https://www.w3.org/TR/cooluris/): a thing is no document, so its IRI answers 303.
Whoever names `text/html` as one of the best liked media types, as browsers do, gets the page; everyone else, `*/*`
and a missing header too, gets data, Turtle where nothing else is asked.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.dependencies import Served, frame_of, languages_of, links_of, pager_of, served
from api.description import Description
from api.errors import NotAcceptable, NotFound
from api.formats import Format, of_kind
from api.links import normalise
from api.negotiation import choose
from api.page_queries import iris
from api.pages import ArticlePage, EntityPage, LinkedPage, Pager
from api.responses import HTML, alternates, data, html, see_other, wants_page
from graph_builder.prefixes import UnknownPrefix

__all__ = [
    "GRAPHS",
    "described",
    "entity_page",
    "links_about",
    "negotiated",
    "nothing",
    "router",
    "split_suffix",
]

GRAPHS = of_kind("graph")
STATED, MEMBERS = 100, 200
Kind = Annotated[str, Path(description="The kind of thing, as in a CURIE.", examples=["program"])]
Slug = Annotated[str, Path(description="The name within the kind.", examples=["ai-factory"])]
File = Annotated[str, Path(description="The name, with or without a suffix.", examples=["ai-factory.ttl"])]
Korean = Annotated[str, Path(description="A Korean name, in any Unicode normal form.", examples=["대한상공회의소"])]
router = APIRouter(tags=["linked data"])


@router.get("/id/{kind}/{slug}", summary="303 to the page or the data of a thing", response_class=Response)
async def identify(request: Request, kind: Kind, slug: Slug) -> Response:
    """303 to the page or to the data, by Accept; 404 with the nearest names; 406 with what there is."""
    iri = await _existing(request, f"id/{kind}/{normalise(slug)}")
    links, row = links_of(request), negotiated(request)
    path = links.data(iri, row.suffix) if row else links.page(iri)
    language = request.query_params.get("lang")
    return see_other(
        f"{path}?lang={frame_of(request).language}" if language and not row else path, links_about(request, iri)
    )


@router.get("/page/{kind}/{slug}", summary="The page of a thing", response_class=Response)
async def show(request: Request, kind: Kind, slug: Slug) -> Response:
    """The page of a thing; with `direction` and `property`, a page of the things that one property links with it."""
    return await entity_page(request, links_of(request).iri(f"id/{kind}/{normalise(slug)}"))


@router.get(
    "/data/{kind}/{slug}",
    summary="The concise description of a thing in an RDF format",
    response_class=Response,
)
async def describe(request: Request, kind: Kind, slug: File) -> Response:
    """The description in the format of the suffix, or without one in the format that Accept asks for."""
    stem, suffix = split_suffix(normalise(slug))
    iri = await _existing(request, f"id/{kind}/{stem}")
    row = choose(request.headers.get("accept"), GRAPHS, suffix or request.query_params.get("format"))
    return await described(request, iri, "description", row, not suffix)


@router.get("/ko/{name:path}", summary="303 to the thing of a Korean name", response_class=Response)
async def find(request: Request, name: Korean) -> Response:
    """303 to the one thing that bears the name in normal form C; 404 with all that bear it or come near."""
    known, text = served(request).entities, normalise(name)
    found = known.find(text)
    if len(found) == 1:
        return see_other(links_of(request).identifier(found[0].iri), vary="Accept")
    if found:
        nearest = [each.as_json() for each in found]
        raise NotFound(f"{len(found)} things bear the name {text!r}.", hint="Choose one of them.", nearest=nearest)
    raise nothing(request, text, ())


def split_suffix(name: str) -> tuple[str, str]:
    """A name and its suffix; "" where it has none, as no slug and no term has a dot.

    >>> split_suffix("ai-factory.ttl"), split_suffix("ai-factory")
    (('ai-factory', 'ttl'), ('ai-factory', ''))
    """
    stem, _, suffix = name.partition(".")
    return stem, suffix


def negotiated(request: Request) -> Format | None:
    """The data format that the caller wants, None for the page. Raises NotAcceptable with all that there is."""
    name = request.query_params.get("format")
    if not name and wants_page(request, GRAPHS):
        return None
    try:
        return choose(request.headers.get("accept"), GRAPHS, name)
    except NotAcceptable as refusal:
        page = {"format": "html", "media_type": HTML}
        refusal.members["alternatives"] = [page, *refusal.members["alternatives"]]
        raise


def links_about(request: Request, iri: str) -> list[str]:
    """The values of Link on every representation of a thing."""
    links = links_of(request)
    paths = {HTML: links.page(iri), **{row.media_type: links.data(iri, row.suffix) for row in GRAPHS}}
    return alternates(paths, describes=iri)


async def described(request: Request, iri: str, query: str, row: Format, negotiated_: bool) -> Response:
    """A page query that constructs a graph about an IRI, answered in a format."""
    here = served(request)
    body = await here.executor.graph(here.describer.queries.bound(query, this=iris(iri)), row)
    location = links_of(request).data(iri, row.suffix) if negotiated_ else ""
    return data(request, body, row, links_about(request, iri), location)


async def entity_page(request: Request, iri: str) -> Response:
    """The page about an IRI of ours. Raises NotFound with the nearest names."""
    description = await _description(request, iri)
    here, frame = served(request), frame_of(request)
    if "property" in request.query_params:
        return await _linked_page(request, description)
    is_article = links_of(request).tail(iri).startswith("id/article/")
    page = await (_article_page(request, description) if is_article else _thing_page(here, description))
    links = [f'<{links_of(request).page(iri)}>; rel="canonical"', *links_about(request, iri)]
    return html(request, page, frame, [*links, *alternates({}, languages=languages_of(frame))])


async def _description(request: Request, iri: str) -> Description:
    try:
        description = await served(request).describer.describe(iri)
    except ValueError:  # no IRI at all
        description = None
    if description is None:
        tail = links_of(request).tail(iri)
        raise nothing(request, tail.rpartition("/")[2], {tail.split("/")[-2]} if tail.count("/") > 1 else ())
    return description


async def _thing_page(here: Served, description: Description) -> EntityPage:
    iri = description.thing.iri
    related, versions = await here.describer.related(iri), await here.listings.versions(iri)
    return EntityPage(description.thing.name, description, related, versions, GRAPHS)


async def _article_page(request: Request, description: Description) -> ArticlePage:
    here = served(request)
    iri = description.thing.iri
    wanted = pager_of(request, 10**9, STATED)
    stated, total = await here.listings.stated(iri, STATED, wanted.offset)
    related = await here.describer.related(iri)
    return ArticlePage(description.thing.name, description, related, stated, Pager(wanted.page, STATED, total), GRAPHS)


async def _linked_page(request: Request, description: Description) -> Response:
    here, thing = served(request), description.thing
    name, direction = request.query_params["property"], request.query_params.get("direction", "in")
    wanted = pager_of(request, 10**9, MEMBERS)
    try:
        property_ = here.prefixes.expand(name) if "//" not in name else name
        groups = await here.describer.linked(thing.iri, direction, property_, MEMBERS, wanted.offset)
    except (UnknownPrefix, ValueError):  # no property at all
        groups = ()
    if not groups:
        raise NotFound(f"Nothing is linked with {thing.curie} by {name} ({direction}).")
    pager = Pager(wanted.page, MEMBERS, max(group.total for group in groups))
    return html(request, LinkedPage(thing.name, thing, groups, pager), frame_of(request))


async def _existing(request: Request, tail: str) -> str:
    """The IRI of this path, if anything is said of it. Raises NotFound with the nearest names."""
    here, iri = served(request), links_of(request).iri(tail)
    if here.entities.get(iri) is None and not await _is_subject(request, iri):
        raise nothing(request, tail.rpartition("/")[2], {tail.split("/")[1]})
    return iri


async def _is_subject(request: Request, iri: str) -> bool:
    try:
        return await served(request).executor.ask(f"ASK {{ {iris(iri)[0]} ?p ?o }}")
    except ValueError:  # no IRI at all
        return False


def nothing(request: Request, name: str, kinds: Collection[str]) -> NotFound:
    """The refusal for a name that nothing has, with the names that come nearest: of its kind, or of any."""
    known = served(request).entities
    nearest = known.nearest(name, kinds) or known.nearest(name)
    listed = ", ".join(each.curie for each in nearest)
    hint = f"Nearest: {listed}" if listed else ""
    return NotFound(f"Nothing has the name {name!r}.", hint=hint, nearest=[each.as_json() for each in nearest])
