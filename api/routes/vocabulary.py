"""The vocabulary as pages and as RDF: `/def`, `/def/{Term}`, `/scheme/{scheme}[/{concept}]`, `/shapes`.

Best Practice Recipes for Publishing RDF Vocabularies (https://www.w3.org/TR/swbp-vocab-pub/): terms, schemes and
concepts are described at their own IRI, the representation chosen by Accept and named in Content-Location; a suffix
names one outright.
"""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.dependencies import Served, frame_of, links_of, served
from api.descriptions.contexts import TAIL
from api.descriptions.listings import ConceptRow, SchemeRow
from api.descriptions.neighbourhood import Name
from api.descriptions.profiles import PROFILES, by_token
from api.descriptions.representations import profile_triples
from api.descriptions.shapes import outline, read_shapes, written
from api.errors import NotFound
from api.links import normalise
from api.questions.page_queries import iris
from api.responses import data, html, see_other
from api.routes.outcomes import redirect, represented
from api.routes.represented import document_links, page_links, part, whole
from api.routes.resources import entity_page, split_suffix
from api.routes.whereabouts import missing
from api.routes.wishes import GRAPHS, NAME, PARAMETERS, SUFFIX, wish_for
from api.transport.formats import Format, by_name
from api.views.pages import Page, SchemePage, ShapeRow, ShapesPage, VocabularyPage
from api.wording.display import LANGUAGES
from api.wording.strings import say
from graph_builder.project import CHECKOUT

__all__ = ["router"]

router = APIRouter(tags=["vocabulary"])
Suffix = Annotated[str, Path(description="The suffix of a format.", examples=["ttl"], json_schema_extra=SUFFIX)]
TermName = Annotated[
    str, Path(description="A term, with or without a suffix.", examples=["Program"], json_schema_extra=NAME)
]
SchemeName = Annotated[
    str, Path(description="A concept scheme, with or without a suffix.", examples=["sector"], json_schema_extra=NAME)
]
OntologyVersion = Annotated[str, Path(description="A version of the ontology.", examples=["1.0.0"])]
ProfileName = Annotated[
    str, Path(description="A profile, with or without a suffix.", examples=["minimal"], json_schema_extra=NAME)
]
Scheme = Annotated[str, Path(description="A concept scheme.", examples=["sector"])]
ConceptName = Annotated[
    str, Path(description="A concept, with or without a suffix.", examples=["semiconductors"], json_schema_extra=NAME)
]

_VERSIONS = "SELECT ?version { ?ontology <http://www.w3.org/2002/07/owl#versionIRI> ?version }"
_THING, _DOCUMENT = represented(301, 400, 404, 406, 410), represented(400, 406)
_FILE = represented(400, 404, 406, page=False)
_CONTEXT = represented(page=False, formats=[row for row in GRAPHS if row.name == "jsonld"])


@router.get("/def.{suffix}", summary="The ontology in a format", response_class=Response, responses=_FILE)
async def ontology_as(request: Request, suffix: Suffix) -> Response:
    """The ontology as RDF."""
    return await _ontology(request, suffix)


@router.get("/def", summary="The ontology", response_class=Response, responses=_DOCUMENT)
async def ontology(request: Request) -> Response:
    """All classes, properties and schemes as a page; the ontology as RDF."""
    return await _ontology(request, "")


async def _ontology(request: Request, suffix: str) -> Response:
    row, iri = _row(request, suffix), links_of(request).iri("def")
    if row:
        return await whole(request, iri, "ontology-data", row, not suffix)
    listings = served(request).listings
    terms, listed = await listings.terms(), await listings.schemes()
    return _page(request, iri, VocabularyPage(_title("nav-vocabulary"), terms, listed, GRAPHS))


@router.get(
    "/def/{version}/",
    summary="303 to the ontology of a version",
    response_class=Response,
    status_code=303,
    responses=redirect(404),
)
async def ontology_version(request: Request, version: OntologyVersion) -> Response:
    """303 to the ontology where it is of this version, as its `owl:versionIRI` says."""
    links, iri = links_of(request), links_of(request).iri(f"def/{normalise(version)}/")
    rows = (await served(request).executor.table(_VERSIONS)).rows
    known = sorted({row["version"].value for row in rows})
    if iri not in known:
        hint = f"The ontology of this release is {', '.join(known)}." if known else ""
        raise NotFound(f"This release has no version {version!r} of the ontology.", hint=hint, nearest=known)
    return see_other(links.path("def"))


@router.get("/def/{term}", summary="A class or a property", response_class=Response, responses=_THING)
async def term(request: Request, term: TermName) -> Response:
    """A class or a property: its page, or its triples in the vocabulary."""
    name, suffix = split_suffix(normalise(term))
    iri = links_of(request).iri(f"def/{name}")
    row = _row(request, suffix)
    if row is None:
        return await entity_page(request, iri, "Accept, Accept-Language")
    await _known(request, iri, suffix)
    return await whole(request, iri, "vocabulary-data", row, not suffix)


@router.get(
    "/scheme",
    summary="303 to the list of the concept schemes",
    response_class=Response,
    status_code=303,
    responses=redirect(),
)
async def schemes(request: Request) -> Response:
    """The schemes are listed with the ontology."""
    return see_other(links_of(request).path("def"))


@router.get("/scheme/{name}", summary="A concept scheme", response_class=Response, responses=_THING)
async def scheme(request: Request, name: SchemeName) -> Response:
    """A concept scheme with its concepts, as a tree or as RDF."""
    stem, suffix = split_suffix(normalise(name))
    row, iri = _row(request, suffix), links_of(request).iri(f"scheme/{stem}")
    found = await _scheme(request, iri)
    if found is None:
        known = [each.thing.iri.rpartition("/")[2] for each in await served(request).listings.schemes()]
        raise NotFound(f"There is no concept scheme {stem!r}.", hint=f"There is {', '.join(known)}.", nearest=known)
    if row:
        return await whole(request, iri, "vocabulary-data", row, not suffix)
    head, concepts = found
    return _page(request, iri, SchemePage(head.thing.name, head, concepts, GRAPHS))


@router.get(
    "/scheme/{name}/{concept}",
    summary="A concept",
    response_class=Response,
    responses=_THING,
    openapi_extra={"parameters": PARAMETERS},
)
async def concept(request: Request, name: Scheme, concept: ConceptName) -> Response:
    """A concept: what is classified by it, as a page or as RDF in a profile."""
    slug, suffix = split_suffix(normalise(concept))
    iri, wish = links_of(request).iri(f"scheme/{normalise(name)}/{slug}"), wish_for(request, suffix)
    if wish.row is None:
        return await entity_page(request, iri, "Accept, Accept-Profile, Accept-Language")
    await _known(request, iri, suffix)
    return await part(request, iri, wish, bool(suffix))


@router.get(f"/{TAIL}", summary="The JSON-LD context", response_class=Response, responses=_CONTEXT)
async def context(request: Request) -> Response:
    """The terms of the ontology as a JSON-LD 1.1 context."""
    row = by_name("jsonld", GRAPHS) or GRAPHS[0]
    body = orjson.dumps((await served(request).context()).document, option=orjson.OPT_INDENT_2)
    links = [f'<{links_of(request).path("def")}>; rel="describedby"']
    return data(request, body, row, links)


@router.get("/profile", summary="The profiles that descriptions come in", response_class=Response, responses=_FILE)
async def profiles(request: Request) -> Response:
    """Every profile with its token and what it holds, as RDF."""
    return _profiles(request, "profile", "")


@router.get("/profile/{name}", summary="A profile", response_class=Response, responses=_FILE)
async def profile(request: Request, name: ProfileName) -> Response:
    """A profile with its token and what it holds, as RDF."""
    stem, suffix = split_suffix(normalise(name))
    return _profiles(request, f"profile/{stem}", suffix)


def _profiles(request: Request, tail: str, suffix: str) -> Response:
    here, iri, token = served(request), links_of(request).iri(tail), tail.partition("/")[2]
    row, only = wish_for(request, suffix, page_too=False).row or GRAPHS[0], by_token(token, here.release.base)
    if token and only is None:
        known = [each.token for each in PROFILES]
        raise NotFound(f"There is no profile {token!r}.", hint=f"There is {', '.join(known)}.", nearest=known)
    body = written(profile_triples(here.release.base, only), row, here.prefixes)
    location = "" if suffix else links_of(request).data(iri, row.suffix)
    return data(request, body, row, document_links(request, iri, "def")[:1], location if token else "", vary="Accept")


@router.get(
    "/shapes.{suffix}",
    summary="The shapes that the data is validated with, in a format",
    response_class=Response,
    responses=_FILE,
)
async def shapes_as(request: Request, suffix: Suffix) -> Response:
    """All shapes as one graph."""
    return await _shapes(request, suffix)


@router.get(
    "/shapes", summary="The shapes that the data is validated with", response_class=Response, responses=_DOCUMENT
)
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
    return data(request, body or b"", row, document_links(request, iri, "def"), location)


def _row(request: Request, suffix: str) -> Format | None:
    return wish_for(request, suffix).row


async def _known(request: Request, iri: str, suffix: str) -> None:
    """Raises NotFound, MovedPermanently or Gone where nothing is said of the IRI."""
    try:
        found = await served(request).executor.ask(f"ASK {{ {iris(iri)[0]} ?p ?o }}")
    except ValueError:  # no IRI at all
        found = False
    if not found:
        raise missing(request, iri, suffix=suffix)


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
    links = page_links(request, iri, document_links(request, iri))
    return html(request, page, frame, links, vary="Accept, Accept-Language")


def _title(key: str) -> Name:
    return Name(*(say(key, language) for language in LANGUAGES))
