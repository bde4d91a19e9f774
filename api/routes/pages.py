"""The pages that are about no single thing: home, articles, lists, search, quality and what this is."""

from __future__ import annotations

from asyncio import to_thread
from collections import Counter
from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.dependencies import Served, frame_of, languages_of, links_of, pager_of, served
from api.descriptions.listings import ArticleRow
from api.descriptions.neighbourhood import Name, Thing
from api.errors import NotFound
from api.naming.matching import LONGEST
from api.naming.search import Hit
from api.responses import alternates, html, see_other
from api.routes import questions
from api.routes.represented import pager_links
from api.transport.formats import of_kind
from api.views.pages import (
    AboutPage,
    ArticlesPage,
    Figures,
    FoundRow,
    HomePage,
    KindRow,
    ListPage,
    Page,
    QualityPage,
    SearchPage,
)
from api.views.reference import ReferencePage, read_sections
from api.wording.display import LANGUAGES
from api.wording.strings import say

__all__ = ["router"]

router = APIRouter(tags=["pages"], include_in_schema=False)

LISTED, FOUND, SEARCHED = 50, 20, 500
# What the vocabulary, its schemes and the questions are, by the name of the class in OWL, SKOS or SHACL.
_FOREIGN: Mapping[str, str] = {
    "Ontology": "term-ontology",
    "Class": "term-class",
    "ObjectProperty": "property",
    "DatatypeProperty": "property",
    "AnnotationProperty": "property",
    "ConceptScheme": "scheme",
    "SPARQLExecutable": "term-question",
}
router.include_router(questions.router)


@router.get("/", response_class=Response)
async def home(request: Request) -> Response:
    """Figures, questions, articles and kinds."""
    here = served(request)
    kinds, articles = await _kinds(here), await here.listings.articles()
    queries = tuple(here.catalogue)
    return _page(request, HomePage(_title("site"), _figures(here, articles), kinds, articles, queries))


@router.get("/articles", response_class=Response)
async def articles(request: Request) -> Response:
    """All articles."""
    return _page(request, ArticlesPage(_title("nav-articles"), await served(request).listings.articles()))


@router.get("/list/{kind}", response_class=Response)
async def listing(request: Request, kind: str) -> Response:
    """The things of a kind."""
    here = served(request)
    language = frame_of(request).language
    members = sorted(here.entities.of_kinds({kind}), key=lambda each: (each.label.get(language, "~"), each.iri))
    kinds = {row.kind: row for row in await _kinds(here)}
    if not members:
        raise NotFound(f"There is no kind {kind!r}.", hint=f"There is {', '.join(kinds)}.", nearest=list(kinds))
    row = kinds.get(kind, KindRow(kind, Name(kind, kind), len(members)))
    pager = pager_of(request, len(members), LISTED)
    things = await here.listings.things([each.iri for each in members[pager.offset : pager.offset + LISTED]])
    title = Name(*(say("list-of", each, kind=row.name.first(each)) for each in LANGUAGES))
    return _page(request, ListPage(title, row, things, pager))


@router.get("/search", response_class=Response)
async def search(request: Request) -> Response:
    """To the one thing of a name, or the things whose names come near."""
    here, frame = served(request), frame_of(request)
    name, asked = request.query_params.get("q", "").strip()[:LONGEST], request.query_params.get("kind", "")
    # a name leads to its thing at once, unless the reader asks for the list
    meant = here.entities.find(name) if name and not asked else []
    kind = "" if asked == "all" else asked
    if len(meant) == 1:
        return see_other(frame.go(frame.links.page(meant[0].iri)), vary="Accept-Language")
    found = await to_thread(here.search.search, name, [kind] if kind else [], SEARCHED)
    pager = pager_of(request, min(found.total, SEARCHED), FOUND)
    hits = found.hits[pager.offset : pager.offset + FOUND]
    title = Name(*(say("search-found", language, name=name) for language in LANGUAGES)) if name else _title("search")
    rows = tuple(_found(here, hit) for hit in hits)
    return _page(request, SearchPage(title, name, rows, await _found_kinds(here, found.kinds), kind, pager))


@router.get("/quality", response_class=Response)
async def quality(request: Request) -> Response:
    """Source issues and conflicts."""
    return _page(request, QualityPage(_title("nav-quality"), await served(request).listings.quality()))


@router.get("/about", response_class=Response)
async def about(request: Request) -> Response:
    """What this is."""
    return _page(request, AboutPage(_title("nav-about"), links_of(request).base, of_kind("graph")))


@router.get("/docs", response_class=Response)
async def reference(request: Request) -> Response:
    """Every operation of the HTTP interface."""
    return _page(request, ReferencePage(_title("reference"), read_sections(request.app.openapi())))


def _found(here: Served, hit: Hit) -> FoundRow:
    """A hit as the page shows it; classes that are no terms of ours have names of their own here."""
    dates = hit.dates or {}
    thing = Thing(hit.iri, hit.curie, Name(hit.label.get("ko", ""), hit.label.get("en", "")))
    cls = _name_of(here, hit.cls) or _title(_FOREIGN.get(hit.cls.rpartition("#")[2], "term"))
    return FoundRow(thing, cls, hit.matched, dates.get("from") or "", dates.get("to") or "")


async def _found_kinds(here: Served, totals: Mapping[str, int]) -> tuple[KindRow, ...]:
    """The kinds of what was found, by the name of the class or of the scheme."""
    known = {row.kind: row.name for row in await _kinds(here)}
    schemes = {kind: _name_of(here, f"{here.release.base}scheme/{kind}") for kind in totals}
    vocabulary = {"def": _title("nav-vocabulary"), "scheme": _title("search-schemes")}
    return tuple(
        KindRow(kind, schemes[kind] or known.get(kind) or vocabulary.get(kind) or Name(kind, kind), total)
        for kind, total in totals.items()
    )


def _name_of(here: Served, iri: str) -> Name:
    known = here.entities.get(iri)
    return Name(known.label.get("ko", ""), known.label.get("en", "")) if known else Name()


async def _kinds(here: Served) -> tuple[KindRow, ...]:
    """The kinds of thing in the release, those with the most things first."""
    named = await here.describer.table("kinds")
    names = {named.one(iri, "kip:iriKind"): named.thing(iri).name for iri in named.all()}
    base = f"{here.release.base}id/"
    totals = Counter(each.kind for each in here.entities.of_kinds(()) if each.iri.startswith(base))
    rows = (KindRow(kind, names.get(kind, Name(kind, kind)), total) for kind, total in totals.items())
    return tuple(sorted(rows, key=lambda row: (-row.total, row.kind)))


def _figures(here: Served, articles: tuple[ArticleRow, ...]) -> Figures:
    manifest = here.release.manifest
    shacl = manifest.get("shacl") or {}
    base = f"{here.release.base}id/"
    things = sum(each.iri.startswith(base) for each in here.entities.of_kinds(()))
    return Figures(
        int(manifest.get("triples", 0)), things, len(articles), str(manifest.get("issued", "")), shacl.get("conforms")
    )


def _page(request: Request, page: Page, status: int = 200) -> Response:
    frame = frame_of(request)
    pager = page.pager if isinstance(page, ListPage) else None
    links = [*alternates({}, languages=languages_of(frame)), *pager_links(frame, pager)]
    return html(request, page, frame, links, status)


def _title(key: str) -> Name:
    return Name(*(say(key, language) for language in LANGUAGES))
