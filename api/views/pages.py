"""The pages: one frozen dataclass each, which names its template and holds everything that the template shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, ClassVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api.descriptions.bibliography import Bibliography
from api.descriptions.description import Description, RelatedGroup
from api.descriptions.listings import ArticleRow, ConceptRow, Quality, SchemeRow, StatedRow, TermRow, ThingRow, Version
from api.descriptions.neighbourhood import Name, Thing
from api.descriptions.profiles import PROFILES
from api.links import Links, Parameters
from api.naming.matching import How
from api.naming.search import Matched
from api.questions.catalogue import Query
from api.questions.themes import themes
from api.transport.formats import Format
from api.wording.display import LANGUAGES, Language, number, period, when, written
from api.wording.problems import Telling
from api.wording.strings import say
from graph_builder.prefixes import PrefixMap, prefix_map

__all__ = [
    "AboutPage",
    "ArticlePage",
    "ArticlesPage",
    "EntityPage",
    "ExplorePage",
    "Figures",
    "FoundRow",
    "Frame",
    "HomePage",
    "KindRow",
    "LinkedPage",
    "ListPage",
    "Page",
    "Pager",
    "ProblemPage",
    "ProblemTypePage",
    "QualityPage",
    "SchemePage",
    "SearchPage",
    "ShapeRow",
    "ShapesPage",
    "VocabularyPage",
    "environment",
    "load_templates",
    "render",
]


@lru_cache(maxsize=4)
def _prefixes(base: str) -> PrefixMap:
    return prefix_map(base)


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page: the reader's language, where the page is, and the release that it is about.

    `parameters` are those of the request, a repeated one with all of its values; `explicit` says that the reader
    chose the language, so that links keep it; `structured` is JSON-LD that may stand in a page.
    """

    language: Language
    explicit: bool
    path: str
    parameters: Mapping[str, str | tuple[str, ...]]
    links: Links
    release: str
    structured: Markup = field(default_factory=Markup)

    def say(self, key: str, **values: object) -> str:
        """Words of the page in the reader's language."""
        return say(key, self.language, **values)

    @property
    def latest(self) -> str:
        """The same page of the latest release, where this one is kept below a path of its own; else ""."""
        latest = self.links.unversioned(self.release)
        if latest == self.links:
            return ""
        return latest.path(self.path.removeprefix(self.links.root).lstrip("/"), self.parameters)

    def go(self, path: str) -> str:
        """A link of this server that keeps the language that the reader chose."""
        if not self.explicit or not path.startswith("/"):
            return path
        return path + ("&" if "?" in path else "?") + f"lang={self.language}"

    def curie(self, iri: str) -> str:
        """A web address with its prefix, as is where no prefix suits: for what has no name."""
        return _prefixes(self.links.base).shrink(iri) or iri

    def here(self, **changes: str | int) -> str:
        """This page with some parameters changed."""
        given: Parameters = {**self.parameters, **changes}
        return self.links.path(self.path.removeprefix(self.links.root).lstrip("/"), given)


@dataclass(frozen=True, slots=True)
class Pager:
    """Where a long list is cut: `page` counts from 1."""

    page: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        """The number of rows before this page."""
        return (self.page - 1) * self.size


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a release, as its manifest has them."""

    triples: int
    things: int
    articles: int
    issued: str
    conforms: bool | None


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind of thing, its name and how many there are."""

    kind: str
    name: Name
    total: int


@dataclass(frozen=True, slots=True)
class ShapeRow:
    """A node shape: what it applies to and which properties it checks."""

    shape: Thing
    targets: tuple[Thing, ...]
    rules: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Anything that is rendered; `title` is the document's title in both languages."""

    template: ClassVar[str]
    title: Name

    @property
    def scripted(self) -> bool:
        """Whether a script of this server's own makes it more convenient; it works without."""
        return False


@dataclass(frozen=True, slots=True)
class HomePage(Page):
    """The first page."""

    template: ClassVar[str] = "home.html"
    figures: Figures
    kinds: tuple[KindRow, ...]
    articles: tuple[ArticleRow, ...]
    queries: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class EntityPage(Page):
    """A thing, a concept or a term: what is said of it and what is linked with it."""

    template: ClassVar[str] = "entity.html"
    description: Description
    related: tuple[RelatedGroup, ...]
    versions: tuple[Version, ...]
    formats: tuple[Format, ...]
    bibliography: Bibliography


@dataclass(frozen=True, slots=True)
class ArticlePage(Page):
    """An article and what it states."""

    template: ClassVar[str] = "article.html"
    description: Description
    related: tuple[RelatedGroup, ...]
    stated: tuple[StatedRow, ...]
    pager: Pager
    formats: tuple[Format, ...]
    bibliography: Bibliography


@dataclass(frozen=True, slots=True)
class LinkedPage(Page):
    """One page of the things that one property links with a thing."""

    template: ClassVar[str] = "linked.html"
    thing: Thing
    groups: tuple[RelatedGroup, ...]
    pager: Pager


@dataclass(frozen=True, slots=True)
class ListPage(Page):
    """Things of one kind."""

    template: ClassVar[str] = "list.html"
    kind: KindRow
    things: tuple[ThingRow, ...]
    pager: Pager


@dataclass(frozen=True, slots=True)
class ArticlesPage(Page):
    """All articles."""

    template: ClassVar[str] = "articles.html"
    articles: tuple[ArticleRow, ...]


_WHY: Mapping[How, str] = {
    "exact": "how-exact",
    "prefix": "how-prefix",
    "chosung": "how-chosung",
    "hanja": "how-hanja",
    "romanised": "how-romanised",
    "acronym": "how-acronym",
    "text": "how-text",
    "typo": "how-typo",
    "number": "how-number",
}


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A thing that a search found: why, and when it was, where that is known."""

    thing: Thing
    cls: Name
    matched: Matched
    first: str
    last: str

    @property
    def why(self) -> str:
        """The key of the words for how the name was found."""
        return _WHY[self.matched.how]


@dataclass(frozen=True, slots=True)
class SearchPage(Page):
    """Things whose names come near what was asked; `kinds` are those found, `chosen` the one that is shown."""

    template: ClassVar[str] = "search.html"
    name: str
    rows: tuple[FoundRow, ...]
    kinds: tuple[KindRow, ...]
    chosen: str
    pager: Pager


@dataclass(frozen=True, slots=True)
class ExplorePage(Page):
    """Two names as they were typed, what is wrong with them, and the answer as its JSON has it; `data` is its path."""

    template: ClassVar[str] = "explore.html"
    typed: Mapping[str, str]
    faults: tuple[Mapping[str, Any], ...]
    found: Mapping[str, Any]
    data: str
    formats: tuple[Format, ...]


@dataclass(frozen=True, slots=True)
class AboutPage(Page):
    """What this is."""

    template: ClassVar[str] = "about.html"
    base: str
    formats: tuple[Format, ...]


@dataclass(frozen=True, slots=True)
class QualityPage(Page):
    """Source issues and conflicts."""

    template: ClassVar[str] = "quality.html"
    quality: Quality


@dataclass(frozen=True, slots=True)
class VocabularyPage(Page):
    """The terms of the ontology and the concept schemes."""

    template: ClassVar[str] = "vocabulary.html"
    terms: tuple[TermRow, ...]
    schemes: tuple[SchemeRow, ...]
    formats: tuple[Format, ...]


@dataclass(frozen=True, slots=True)
class SchemePage(Page):
    """A concept scheme and its concepts."""

    template: ClassVar[str] = "scheme.html"
    scheme: SchemeRow
    concepts: tuple[ConceptRow, ...]
    formats: tuple[Format, ...]


@dataclass(frozen=True, slots=True)
class ShapesPage(Page):
    """The shapes that the data is validated with."""

    template: ClassVar[str] = "shapes.html"
    shapes: tuple[ShapeRow, ...]
    formats: tuple[Format, ...]


@dataclass(frozen=True, slots=True)
class ProblemPage(Page):
    """Why a request was not answered; `nearest` are names with their links, `alternatives` media types.

    `detail` and `hint` are in English; why something was retired (`reason`) and what `faults` say, in both languages.
    """

    template: ClassVar[str] = "problem.html"
    status: int
    telling: Telling
    detail: str
    hint: str
    reason: Mapping[str, str]
    faults: tuple[Mapping[str, Any], ...]
    nearest: tuple[tuple[str, str], ...]
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProblemTypePage(Page):
    """What a type of problem means; `iri` is that of the type."""

    template: ClassVar[str] = "problem-type.html"
    iri: str
    status: int
    telling: Telling


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The template engine: everything is escaped, and a name that a template misspells is an error."""
    engine = Environment(
        loader=PackageLoader("api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    engine.globals.update(languages=LANGUAGES, profiles=PROFILES, period=period)
    engine.filters.update(number=number, themes=themes, when=when, written=written)
    return engine


def load_templates() -> None:
    """Compile every template."""
    engine = environment()
    for name in engine.list_templates():
        engine.get_template(name)


def render(page: Page, frame: Frame) -> str:
    """The page as HTML."""
    shown: dict[str, Any] = {item.name: getattr(page, item.name) for item in fields(page)}
    return environment().get_template(page.template).render(shown, frame=frame)
