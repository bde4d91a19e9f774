"""The releases as data and as a page: a series, each with its version, its day and the one before.

DCAT 3, sections 11 (versioning) and 12 (dataset series), https://www.w3.org/TR/vocab-dcat-3/#dataset-versions
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from pyoxigraph import Literal, NamedNode, Triple

from api.links import Links
from api.releases import Release
from api.transport.formats import Format
from api.versions.mementos import Memento, versions
from api.views.pages import Page

__all__ = ["VersionRow", "VersionsPage", "as_json", "listed_versions", "series", "version_of"]

_DCAT = "http://www.w3.org/ns/dcat#"
_DCT = "http://purl.org/dc/terms/"
_XSD_DATE = NamedNode("http://www.w3.org/2001/XMLSchema#date")
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_TITLES = (
    ("ko", "한국 산업정책 지식그래프의 릴리스"),
    ("en", "Releases of the knowledge graph of Korean industrial policy"),
)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A release in the list: its version, its moment as HTTP writes it, the path below which it answers."""

    version: str
    moment: str
    path: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class VersionsPage(Page):
    """The releases, the latest first."""

    template: ClassVar[str] = "versions.html"
    rows: tuple[VersionRow, ...]
    formats: tuple[Format, ...]


def listed_versions(release: Release, links: Links) -> tuple[VersionRow, ...]:
    """The releases, the latest first."""
    return tuple(
        VersionRow(each.version, each.date, links.path(f"v/{each.version}/"), each.version == release.version)
        for each in reversed(versions(release))
    )


def as_json(rows: tuple[VersionRow, ...], current: str) -> dict[str, Any]:
    """The list as JSON has it."""
    listed = [{"version": row.version, "datetime": row.moment or None, "href": row.path} for row in rows]
    return {"current": current, "releases": listed}


def series(release: Release) -> Iterator[Triple]:
    """The data set with each of its versions, and the series that they make."""
    dataset, whole = NamedNode(f"{release.base}dataset"), NamedNode(f"{release.base}v/")
    yield Triple(whole, _TYPE, NamedNode(f"{_DCAT}DatasetSeries"))
    yield from (Triple(whole, NamedNode(f"{_DCT}title"), Literal(text, language=tag)) for tag, text in _TITLES)
    listed = versions(release)
    for before, each in zip((None, *listed), listed, strict=False):
        node = _node(release, each)
        yield Triple(dataset, NamedNode(f"{_DCAT}hasVersion"), node)
        if each.version == release.version:
            yield Triple(dataset, NamedNode(f"{_DCAT}hasCurrentVersion"), node)
        yield from _version(release, each, before)
    if listed:
        yield Triple(whole, NamedNode(f"{_DCAT}first"), _node(release, listed[0]))
        yield Triple(whole, NamedNode(f"{_DCAT}last"), _node(release, listed[-1]))


def version_of(release: Release) -> Iterator[Triple]:
    """This version of the data set: what of the series does not change when others follow."""
    listed = versions(release)
    for before, each in zip((None, *listed), listed, strict=False):
        if each.version == release.version:
            yield from _version(release, each, before)


def _version(release: Release, each: Memento, before: Memento | None) -> Iterator[Triple]:
    node = _node(release, each)
    yield Triple(node, _TYPE, NamedNode(f"{_DCAT}Dataset"))
    yield Triple(node, NamedNode(f"{_DCAT}isVersionOf"), NamedNode(f"{release.base}dataset"))
    yield Triple(node, NamedNode(f"{_DCAT}inSeries"), NamedNode(f"{release.base}v/"))
    yield Triple(node, NamedNode(f"{_DCAT}version"), Literal(each.version))
    if each.moment:
        issued = Literal(each.moment.date().isoformat(), datatype=_XSD_DATE)
        yield Triple(node, NamedNode(f"{_DCT}issued"), issued)
    if before:
        yield Triple(node, NamedNode(f"{_DCAT}previousVersion"), _node(release, before))
        yield Triple(node, NamedNode(f"{_DCAT}prev"), _node(release, before))


def _node(release: Release, each: Memento) -> NamedNode:
    return NamedNode(f"{release.base}v/{each.version}/dataset")
