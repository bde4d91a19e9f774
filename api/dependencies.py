"""What the routes need of the release that is served, made once for each release, and the frame of each page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from fastapi import FastAPI, Request
from starlette.responses import Response

from api.descriptions.contexts import Context
from api.descriptions.description import Describer
from api.descriptions.listings import Listings
from api.engine.execution import Executor
from api.errors import Problem
from api.links import Links
from api.naming.entities import EntityIndex
from api.naming.entity_types import EntityTypes
from api.naming.search import SearchIndex
from api.questions.catalogue import Catalogue
from api.questions.page_queries import PageQueries
from api.reasoning.derivations import Justifier, read_rules
from api.reconciliation.extension import Extender
from api.reconciliation.reconciliation import Reconciler
from api.releases import Release
from api.responses import problem_page
from api.views.pages import Frame, Pager, load_templates
from api.wording.display import LANGUAGES
from api.wording.strings import choose_language
from graph_builder.prefixes import PrefixMap

__all__ = [
    "Served",
    "frame_of",
    "languages_of",
    "links_of",
    "pager_of",
    "render_problem",
    "sent_parameters",
    "served",
    "served_by",
]


@dataclass(frozen=True)
class Served:
    """A release with the means to ask about it."""

    release: Release
    executor: Executor
    catalogue: Catalogue

    def prepare(self) -> None:
        """Make now what every page needs, so that nobody waits for it."""
        assert self.entities is not None
        load_templates()

    @cached_property
    def prefixes(self) -> PrefixMap:
        """The prefixes of the release."""
        return PrefixMap(self.release.base, self.release.prefixes)

    @cached_property
    def entities(self) -> EntityIndex:
        """The names of everything in the release."""
        return EntityIndex.from_records(self.release.labels, self.release.terms)

    @cached_property
    def search(self) -> SearchIndex:
        """The index of names that the release carries. Raises SearchUnavailable."""
        return SearchIndex.open(self.release.path)

    @cached_property
    def describer(self) -> Describer:
        """Describes one thing."""
        return Describer(self.executor, PageQueries(self.release.base), self.prefixes)

    @cached_property
    def listings(self) -> Listings:
        """Lists many things."""
        return Listings(self.describer)

    @cached_property
    def justifier(self) -> Justifier:
        """Says why a triple or a row is there."""
        rules = read_rules(self.release.path)
        queries = self.describer.queries
        return Justifier(self.executor, self.catalogue, queries, self.entities, self.prefixes, rules)

    async def context(self) -> Context:
        """The JSON-LD context of the ontology; asked for once."""
        if not self._contexts:
            rows = (await self.executor.table(self.describer.queries.texts["context"])).rows
            self._contexts.append(Context(rows, self.prefixes))
        return self._contexts[0]

    @cached_property
    def _contexts(self) -> list[Context]:
        return []

    async def reconciler(self) -> Reconciler:
        """Finds what the cells of a table mean; made once. Raises SearchUnavailable."""
        if not self._reconcilers:
            terms = await self.describer.table("vocabulary")
            above = {iri: [term.value for term in terms.objects(iri, "rdfs:subClassOf")] for iri in terms.all()}
            types, extender = EntityTypes(self.entities, above), Extender(self.describer, self.entities)
            self._reconcilers.append(Reconciler(self.search, self.entities, types, extender))
        return self._reconcilers[0]

    @cached_property
    def _reconcilers(self) -> list[Reconciler]:
        return []


def served(request: Request) -> Served:
    """The release that answers a request."""
    return served_by(request.app)


def served_by(app: FastAPI) -> Served:
    """The release of an application; what is derived from it is kept as long as it is the same."""
    state = app.state
    kept: Served | None = getattr(state, "served", None)
    if kept is None or kept.release is not state.release or kept.executor is not state.executor:
        state.served = kept = Served(state.release, state.executor, state.catalogue)
    return kept


def links_of(request: Request) -> Links:
    """The link builder for this request: it knows where the server is mounted."""
    return Links(request.app.state.release.base, request.scope.get("root_path", ""))


def sent_parameters(request: Request) -> dict[str, list[str]]:
    """The values of each parameter of the address, read in one pass: an address may have ten thousand names."""
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        given.setdefault(name, []).append(value)
    return given


def frame_of(request: Request) -> Frame:
    """The frame of the page that answers this request."""
    asked = request.query_params.get("lang")
    language = choose_language(asked, request.headers.get("accept-language"))
    given = sent_parameters(request).items()
    parameters = {name: tuple(texts) for name, texts in given if name != "lang" or asked in LANGUAGES}
    version = request.app.state.release.version
    return Frame(language, asked in LANGUAGES, request.scope["path"], parameters, links_of(request), version)


def render_problem(request: Request, problem: Problem) -> Response:
    """A problem as a page for a browser, else as a document."""
    return problem_page(request, problem, frame_of(request))


def languages_of(frame: Frame) -> dict[str, str]:
    """This page in each language."""
    return {language: frame.here(lang=language) for language in LANGUAGES}


def pager_of(request: Request, total: int, size: int) -> Pager:
    """The page that `?page=` asks for; anything else than a page that exists is the first or the last one."""
    asked = request.query_params.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
    last = Pager(1, size, total).pages
    return Pager(min(max(number, 1), last), size, total)
