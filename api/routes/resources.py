"""Dereferencing: `/id/...` leads to a page or to data by Accept, `/page/...` and `/data/...` answer, `/ko/...` finds.

Cool URIs for the Semantic Web (https://www.w3.org/TR/cooluris/): a thing is no document, so its IRI answers 303.
Whoever names `text/html` as one of the best liked media types, as browsers do, gets the page; everyone else, `*/*`
and a missing header too, gets data, Turtle where nothing else is asked.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.dependencies import Served, frame_of, links_of, pager_of, served
from api.descriptions.bibliography import Bibliography, Work, cited
from api.descriptions.citations import places_of_thing, works_of
from api.descriptions.description import Description
from api.errors import NotFound
from api.links import Links, normalise
from api.questions.page_queries import iris
from api.responses import data, html, see_other
from api.routes.outcomes import redirect, represented
from api.routes.represented import entity_links, page_links, pager_links, part
from api.routes.whereabouts import missing
from api.routes.wishes import GRAPHS, NAME, PARAMETERS, citation_for, wish_for
from api.transport.formats import CITATIONS, Format
from api.views.pages import ArticlePage, EntityPage, LinkedPage, Pager
from api.views.structured_data import described as structured
from graph_builder.prefixes import UnknownPrefix

__all__ = ["entity_page", "router", "split_suffix"]

STATED, MEMBERS = 100, 200
Kind = Annotated[str, Path(description="The kind of thing, as in a CURIE.", examples=["program"])]
Slug = Annotated[str, Path(description="The name within the kind.", examples=["ai-factory"])]
File = Annotated[
    str, Path(description="The name, with or without a suffix.", examples=["ai-factory.ttl"], json_schema_extra=NAME)
]
Korean = Annotated[str, Path(description="A Korean name, in any Unicode normal form.", examples=["대한상공회의소"])]
router = APIRouter(tags=["linked data"])
_PROFILED = {"parameters": PARAMETERS}
_PAGE = represented(301, 404, 410, formats=())


@router.get(
    "/id/{kind}/{slug}",
    summary="303 to the page or the data of a thing",
    response_class=Response,
    status_code=303,
    responses=redirect(301, 400, 404, 406, 410),
    openapi_extra=_PROFILED,
)
async def identify(request: Request, kind: Kind, slug: Slug) -> Response:
    """303 to the page or to the data, by Accept and profile; 404 with the nearest names; 406 with what there is."""
    iri = await _existing(request, f"id/{kind}/{normalise(slug)}")
    links = links_of(request)
    if (row := citation_for(request)) is not None:
        return see_other(links.data(iri, row.suffix), entity_links(request, iri), "Accept, Accept-Profile")
    wish = wish_for(request)
    if wish.row:
        return see_other(
            links.data(iri, wish.row.suffix, wish.parameters), entity_links(request, iri), "Accept, Accept-Profile"
        )
    language = frame_of(request).language if request.query_params.get("lang") else ""
    path = f"{links.page(iri)}?lang={language}" if language else links.page(iri)
    return see_other(path, entity_links(request, iri), "Accept, Accept-Profile")


@router.get("/page/{kind}/{slug}", summary="The page of a thing", response_class=Response, responses=_PAGE)
async def show(request: Request, kind: Kind, slug: Slug) -> Response:
    """The page of a thing; with `direction` and `property`, a page of the things that one property links with it."""
    return await entity_page(request, links_of(request).iri(f"id/{kind}/{normalise(slug)}"))


@router.get(
    "/data/{kind}/{slug}",
    summary="The description of a thing in an RDF format and a profile",
    response_class=Response,
    responses=represented(301, 400, 404, 406, 410, page=False, formats=(*GRAPHS, *CITATIONS)),
    openapi_extra=_PROFILED,
)
async def describe(request: Request, kind: Kind, slug: File) -> Response:
    """The description in the format of the suffix, or without one in the format that Accept asks for."""
    stem, suffix = split_suffix(normalise(slug))
    iri = await _existing(request, f"id/{kind}/{stem}", suffix)
    if (row := citation_for(request, suffix)) is not None:
        return await _cited(request, iri, row, bool(suffix))
    return await part(request, iri, wish_for(request, suffix, page_too=False), bool(suffix))


@router.get(
    "/ko/{name:path}",
    summary="303 to the thing of a Korean name",
    response_class=Response,
    status_code=303,
    responses=redirect(404),
)
async def find(request: Request, name: Korean) -> Response:
    """303 to the one thing that bears the name in normal form C; 404 with all that bear it or come near."""
    known, text = served(request).entities, normalise(name)
    found = known.find(text)
    if len(found) == 1:
        return see_other(links_of(request).identifier(found[0].iri), vary="Accept")
    if found:
        nearest = [each.as_json() for each in found]
        raise NotFound(f"{len(found)} things bear the name {text!r}.", hint="Choose one of them.", nearest=nearest)
    raise missing(request, "", text)


async def _cited(request: Request, iri: str, row: Format, named: bool) -> Response:
    """The works behind a thing in a format of reference managers; an article is its own."""
    here, links = served(request), links_of(request)
    location = "" if named else links.data(iri, row.suffix)
    works = await _works(here, iri, links.tail(iri))
    if not works:
        raise NotFound(f"No article and no source is recorded for {iri}.", hint="Only things with evidence have some.")
    return data(request, cited(works, row), row, [f'<{iri}>; rel="describes"'], location)


async def _bibliography(here: Served, iri: str, links: Links) -> Bibliography:
    works = await _works(here, iri, links.tail(iri))
    return Bibliography(tuple(works), {row.name: links.data(iri, row.suffix) for row in CITATIONS})


async def _works(here: Served, iri: str, tail: str) -> list[Work]:
    queries = here.describer.queries
    if not tail.startswith("id/"):
        return []
    if tail.startswith(("id/article/", "id/source/")):
        return await works_of({iri: ()}, here.executor, queries, here.entities)
    places = await places_of_thing(iri, here.executor, queries)
    return await works_of(places, here.executor, queries, here.entities)


def split_suffix(name: str) -> tuple[str, str]:
    """A name and its suffix; "" where it has none, as no slug and no term has a dot.

    >>> split_suffix("ai-factory.ttl"), split_suffix("ai-factory")
    (('ai-factory', 'ttl'), ('ai-factory', ''))
    """
    stem, _, suffix = name.partition(".")
    return stem, suffix


async def entity_page(request: Request, iri: str, vary: str = "Accept-Language") -> Response:
    """The page about an IRI of ours; `vary` is what chose it. Raises NotFound, MovedPermanently, Gone."""
    description = await _description(request, iri)
    frame = frame_of(request)
    if "property" in request.query_params:
        return await _linked_page(request, description)
    is_article = links_of(request).tail(iri).startswith("id/article/")
    page = await (_article_page if is_article else _thing_page)(request, description)
    pager = page.pager if isinstance(page, ArticlePage) else None
    links = [*page_links(request, iri, entity_links(request, iri)), *pager_links(frame, pager)]
    return html(request, page, frame, links, vary=vary, structured=structured(description, links_of(request)))


async def _description(request: Request, iri: str) -> Description:
    try:
        description = await served(request).describer.describe(iri)
    except ValueError:  # no IRI at all
        description = None
    if description is None:
        raise missing(request, iri)
    return description


async def _thing_page(request: Request, description: Description) -> EntityPage:
    here, iri = served(request), description.thing.iri
    related, versions = await here.describer.related(iri), await here.listings.versions(iri)
    shown = await _bibliography(here, iri, links_of(request))
    return EntityPage(description.thing.name, description, related, versions, GRAPHS, shown)


async def _article_page(request: Request, description: Description) -> ArticlePage:
    here = served(request)
    iri = description.thing.iri
    wanted = pager_of(request, 10**9, STATED)
    stated, total = await here.listings.stated(iri, STATED, wanted.offset)
    related = await here.describer.related(iri)
    shown = await _bibliography(here, iri, links_of(request))
    pager = Pager(wanted.page, STATED, total)
    return ArticlePage(description.thing.name, description, related, stated, pager, GRAPHS, shown)


async def _linked_page(request: Request, description: Description) -> Response:
    here, thing, frame = served(request), description.thing, frame_of(request)
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
    return html(request, LinkedPage(thing.name, thing, groups, pager), frame, pager_links(frame, pager))


async def _existing(request: Request, tail: str, suffix: str = "") -> str:
    """The IRI of this path, if anything is said of it. Raises NotFound, MovedPermanently or Gone."""
    here, iri = served(request), links_of(request).iri(tail)
    if here.entities.get(iri) is None and not await _is_subject(request, iri):
        raise missing(request, iri, suffix=suffix)
    return iri


async def _is_subject(request: Request, iri: str) -> bool:
    try:
        return await served(request).executor.ask(f"ASK {{ {iris(iri)[0]} ?p ?o }}")
    except ValueError:  # no IRI at all
        return False
