"""The prepared questions by theme, as a reader looks for them: each stands once, under the theme of its first tag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.questions.catalogue import Query

__all__ = ["Theme", "themes"]

_THEMES: Mapping[str, tuple[str, ...]] = {
    "theme-policy": ("policy", "beneficiary", "law", "instrument", "objective"),
    "theme-target": ("target",),
    "theme-money": ("money",),
    "theme-sector": ("sector", "technology"),
    "theme-organisation": ("organisation", "ministry", "agreement"),
    "theme-person": ("person",),
    "theme-time": ("event", "time"),
    "theme-entity": ("entity", "relationship"),
    "theme-evidence": ("article", "evidence", "statement"),
    "theme-quality": ("quality", "arithmetic"),
}
_OTHER = "theme-other"
_OF_TAG = {tag: theme for theme, tags in _THEMES.items() for tag in tags}


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme and its questions; `key` is that of its words, and its place in the page."""

    key: str
    queries: tuple[Query, ...]


def themes(queries: Iterable[Query]) -> tuple[Theme, ...]:
    """The themes that have questions, in the order of the table; a tag that it lacks is among the others."""
    found: dict[str, list[Query]] = {key: [] for key in (*_THEMES, _OTHER)}
    for query in queries:
        found[_OF_TAG.get(query.header.tags[0], _OTHER)].append(query)
    return tuple(Theme(key, tuple(members)) for key, members in found.items() if members)
