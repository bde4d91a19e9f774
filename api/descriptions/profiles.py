"""The one table of profiles: what a description of a thing holds. Negotiation, links, OpenAPI and pages all read it.

Content Negotiation by Profile (https://www.w3.org/TR/dx-prof-conneg/): a profile is asked for by IRI in
`Accept-Profile` or in the `profile` parameter of a media type, or by token or IRI in `?_profile=`. One that is not
known is passed over, and what is answered names its own profile in `Content-Profile`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["DEFAULT", "LISTED", "PROFILES", "Profile", "by_token", "choose_profile"]

# `<iri>` or a token, with an optional weight.
_ELEMENT = re.compile(
    r"""\s*(?:<([^<>\s]*)>|([A-Za-z0-9._-]+))\s*(?:;\s*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?"""
)
LISTED = frozenset({"all", "alt"})
"""What `?_profile=` says to see the list of representations (section 7.2.2)."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A row of the table: its token, its names, what it holds, and the page query that constructs it."""

    token: str
    query: str
    ko: str
    en: str
    holds_ko: str
    holds_en: str

    def iri(self, base: str) -> str:
        """Its identifier.

        >>> PROFILES[1].iri("https://w3id.org/kip/")
        'https://w3id.org/kip/profile/minimal'
        """
        return f"{base}profile/{self.token}"


# The order is our preference where the caller has none; the first is the default.
PROFILES: tuple[Profile, ...] = (
    Profile(
        "full",
        "description",
        "전체",
        "Full",
        "모든 사실, 이를 가리키는 것, 진술과 근거, 이웃의 이름",
        "All facts, what points at the thing, the statements with their evidence, and the names of the neighbours.",
    ),
    Profile(
        "minimal",
        "minimal",
        "최소",
        "Minimal",
        "유형, 이름과 원문에 적힌 사실만",
        "Types, names and the asserted facts of the thing itself.",
    ),
    Profile(
        "evidence",
        "evidence",
        "근거",
        "Evidence",
        "진술마다 기사 본문의 위치나 공개 출처",
        "The statements, each with the characters of the article or the public source that states it.",
    ),
    Profile(
        "history",
        "history",
        "변천",
        "History",
        "수정, 재확인, 대체, 승계와 날짜",
        "Revisions, restatements, what replaced or succeeded what, and the dates of each.",
    ),
)
DEFAULT = PROFILES[0]


def by_token(name: str, base: str) -> Profile | None:
    """The profile of a token or an IRI, whatever the case.

    >>> by_token("https://w3id.org/kip/profile/history", "https://w3id.org/kip/").token
    'history'
    """
    wanted = name.strip().lower()
    return next((row for row in PROFILES if wanted in (row.token, row.iri(base).lower())), None)


def choose_profile(base: str, token: str | None, header: str | None, media: Sequence[str] = ()) -> tuple[Profile, bool]:
    """The profile to answer in, and whether the caller named it.

    `token` is the value of `?_profile=` and wins, then `header`, the value of Accept-Profile, then `media`, the
    profiles of the chosen media range. What is not known is passed over; a weight of 0 forbids.

    >>> choose_profile("https://w3id.org/kip/", None, "<urn:x>, <https://w3id.org/kip/profile/minimal>;q=0.5")[0].token
    'minimal'
    """
    named = by_token(token, base) if token else None
    if named:
        return named, True
    weights = dict(_weights(header or "", base))
    best = max((row for row in PROFILES if weights.get(row, 0) > 0), key=lambda row: weights[row], default=None)
    best = best or next((row for each in media if (row := by_token(each, base))), None)
    if best:
        return best, True
    return next((row for row in PROFILES if weights.get(row) != 0), DEFAULT), False


def _weights(header: str, base: str) -> Iterable[tuple[Profile, float]]:
    """The weight of each known profile; of one that is named twice the greater."""
    found: dict[Profile, float] = {}
    for element in header.split(","):
        match = _ELEMENT.fullmatch(element)
        row = by_token(match[1] or match[2] or "", base) if match else None
        if match and row:
            found[row] = max(found.get(row, 0.0), float(match[3] or 1))
    return found.items()
