"""The vocabulary as pages and as RDF: `/def`, `/def/{Term}`, `/scheme/{scheme}[/{concept}]`, `/shapes`.

Best Practice Recipes for Publishing RDF Vocabularies (https://www.w3.org/TR/swbp-vocab-pub/): terms, schemes and
concepts are described at their own IRI, the representation chosen by Accept and named in Content-Location; a suffix
names one outright.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.dependencies import Served, frame_of, languages_of, links_of, served
from api.display import LANGUAGES
from api.errors import NotFound
from api.formats import Format
from api.links import normalise
from api.listings import ConceptRow, SchemeRow
from api.negotiation import choose
from api.neighbourhood import Name
from api.page_queries import iris
from api.pages import Page, SchemePage, ShapeRow, ShapesPage, VocabularyPage
from api.responses import alternates, data, html, see_other
from api.routes.resources import (
    GRAPHS,
    described,
    entity_page,
    links_about,
    negotiated,
    nothing,
    split_suffix,
)
from api.shapes import outline, read_shapes, written
from api.strings import say
from graph_builder.project import CHECKOUT

__all__ = ["router"]

router = APIRouter(tags=["vocabulary"])
Suffix = Annotated[str, Path(description="The suffix of a format.", examples=["ttl"])]
TermName = Annotated[str, Path(description="A term, with or without a suffix.", examples=["Program"])]
SchemeName = Annotated[str, Path(description="A concept scheme, with or without a suffix.", examples=["sector"])]
ConceptName = Annotated[str, Path(description="A concept, with or without a suffix.", examples=["semiconductors"])]


@router.get("/def.{suffix}", summary="The ontology in a format", response_class=Response)
async def ontology_as(request: Request, suffix: Suffix) -> Response:
    """The ontology as RDF."""
    return await _ontology(request, suffix)


@router.get("/def", summary="The ontology", response_class=Response)
async def ontology(request: Request) -> Response:
    """All classes, properties and schemes as a page; the ontology as RDF."""
    return await _ontology(request, "")


async def _ontology(request: Request, suffix: str) -> Response:
    row, iri = _row(request, suffix), links_of(request).iri("def")
    if row:
        return await described(request, iri, "ontology-data", row, not suffix)
    listings = served(request).listings
    terms, listed = await listings.terms(), await listings.schemes()
    return _page(request, iri, VocabularyPage(_title("nav-vocabulary"), terms, listed, GRAPHS))


@router.get("/def/{term}", summary="A class or a property", response_class=Response)
async def term(request: Request, term: TermName) -> Response:
    """A class or a property: its page, or its triples in the vocabulary."""
    name, suffix = split_suffix(normalise(term))
    iri = links_of(request).iri(f"def/{name}")
    return await _entry(request, iri, "vocabulary-data", suffix)


@router.get("/scheme", summary="303 to the list of the concept schemes", response_class=Response)
async def schemes(request: Request) -> Response:
    """The schemes are listed with the ontology."""
    return see_other(links_of(request).path("def"))


@router.get("/scheme/{name}", summary="A concept scheme", response_class=Response)
async def scheme(request: Request, name: SchemeName) -> Response:
    """A concept scheme with its concepts, as a tree or as RDF."""
    stem, suffix = split_suffix(normalise(name))
    row, iri = _row(request, suffix), links_of(request).iri(f"scheme/{stem}")
    found = await _scheme(request, iri)
    if found is None:
        known = [each.thing.iri.rpartition("/")[2] for each in await served(request).listings.schemes()]
        raise NotFound(f"There is no concept scheme {stem!r}.", hint=f"There is {', '.join(known)}.", nearest=known)
    if row:
        return await described(request, iri, "vocabulary-data", row, not suffix)
    head, concepts = found
    return _page(request, iri, SchemePage(head.thing.name, head, concepts, GRAPHS))


@router.get("/scheme/{name}/{concept}", summary="A concept", response_class=Response)
async def concept(request: Request, name: SchemeName, concept: ConceptName) -> Response:
    """A concept: what is classified by it, as a page or as RDF."""
    slug, suffix = split_suffix(normalise(concept))
    return await _entry(request, links_of(request).iri(f"scheme/{normalise(name)}/{slug}"), "description", suffix)


@router.get(
    "/shapes.{suffix}",
    summary="The shapes that the data is validated with, in a format",
    response_class=Response,
)
async def shapes_as(request: Request, suffix: Suffix) -> Response:
    """All shapes as one graph."""
    return await _shapes(request, suffix)


@router.get("/shapes", summary="The shapes that the data is validated with", response_class=Response)
async def shapes(request: Request) -> Response:
    """The shapes as a table, or all of them as one graph."""
    return await _shapes(request, "")


async def _shapes(request: Request, suffix: str) -> Response:
    row, iri = _row(request, suffix), links_of(request).iri("shapes")
    base = served(request).release.base
    if row is None:
        rows = await _shape_rows(served(request))
        return _page(request, iri, ShapesPage(_title("shapes"), rows, GRAPHS))
    body = written(read_shapes(base, CHECKOUT.shapes), row, served(request).prefixes)
    location = "" if suffix else links_of(request).data(iri, row.suffix)
    return data(request, body or b"", row, links_about(request, iri), location)


def _row(request: Request, suffix: str) -> Format | None:
    return choose(None, GRAPHS, suffix) if suffix else negotiated(request)


async def _entry(request: Request, iri: str, query: str, suffix: str) -> Response:
    row = _row(request, suffix)
    if row is None:
        return await entity_page(request, iri)
    try:
        found = await served(request).executor.ask(f"ASK {{ {iris(iri)[0]} ?p ?o }}")
    except ValueError:  # no IRI at all
        found = False
    if not found:
        raise nothing(request, iri.rpartition("/")[2], ())
    return await described(request, iri, query, row, not suffix)


async def _shape_rows(here: Served) -> tuple[ShapeRow, ...]:
    outlines = outline(read_shapes(here.release.base, CHECKOUT.shapes), here.prefixes)
    named = await here.describer.names(iri for each in outlines for iri in (*each.targets, *each.paths))
    return tuple(
        ShapeRow(named.thing(each.shape), tuple(map(named.thing, each.targets)), tuple(map(named.thing, each.paths)))
        for each in outlines
    )


async def _scheme(request: Request, iri: str) -> tuple[SchemeRow, tuple[ConceptRow, ...]] | None:
    try:
        return await served(request).listings.scheme(iri)
    except ValueError:  # no IRI at all
        return None


def _page(request: Request, iri: str, page: Page) -> Response:
    frame = frame_of(request)
    links = [f'<{links_of(request).page(iri)}>; rel="canonical"', *links_about(request, iri)]
    both = [*links, *alternates({}, languages=languages_of(frame))]
    return html(request, page, frame, both, vary="Accept, Accept-Language")


def _title(key: str) -> Name:
    return Name(*(say(key, language) for language in LANGUAGES))
