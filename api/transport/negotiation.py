"""Content negotiation: an Accept header or an explicit name to one row of the formats (RFC 9110, section 12.5.1).

https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1

Of the rows with the highest quality the one wins that the caller named most exactly, then the one that stands first
in our table. Elements that are not well-formed are passed over, as a server must be lenient in what it reads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from api.errors import NotAcceptable
from api.transport.formats import Format, by_name

__all__ = ["MediaRange", "choose", "prefers", "profiles_of", "read_accept", "unacceptable"]

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
# Elements are split at commas outside quoted strings; one that nobody closes goes on to the end, lest it be read again
# from each of its marks.
_ELEMENT = re.compile(rf"(?:{_QUOTED}|\".*|[^,\"])+", re.DOTALL)
_RANGE = re.compile(rf"({_TOKEN})/({_TOKEN})")
_PARAMETER = re.compile(rf"\s*;\s*(?:({_TOKEN})=({_TOKEN}|{_QUOTED})|({_TOKEN}))?\s*")
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
# Parameters that do not change which of our representations fits: a JSON-LD server ignores the profiles it lacks.
_IGNORED = frozenset({"version", "header"})


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One element of an Accept header; `parameters` are those that a representation must have.

    `profiles` are those that its parameter of this name lists (RFC 6906, section 3.1), in lower case.
    """

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...] = ()
    quality: float = 1.0
    profiles: tuple[str, ...] = ()

    @property
    def specificity(self) -> int:
        """0 for `*/*`, 1 for `text/*`, 2 for a media type, 3 with parameters."""
        return 0 if self.type == "*" else 1 if self.subtype == "*" else 3 if self.parameters else 2

    def matches(self, media_type: str) -> bool:
        """Whether a representation of this media type in UTF-8 is in the range."""
        kind, _, name = media_type.partition("/")
        return (
            self.type in ("*", kind)
            and self.subtype in ("*", name)
            and all(pair == ("charset", "utf-8") for pair in self.parameters)
        )


@lru_cache(maxsize=512)
def read_accept(header: str) -> tuple[MediaRange, ...]:
    """The media ranges of an Accept header, malformed elements left out.

    >>> [(r.type, r.subtype, r.quality) for r in read_accept("text/turtle;q=0.5, */*;q=0, nonsense")]
    [('text', 'turtle', 0.5), ('*', '*', 0.0)]
    """
    elements = (_read_element(match.group().strip()) for match in _ELEMENT.finditer(header))
    return tuple(element for element in elements if element is not None)


def choose(accept: str | None, rows: Sequence[Format], override: str | None = None) -> Format:
    """The row to answer with, its media type the one that the caller named.

    `override` is a suffix or the value of `?format=`; it wins over the header. No header, or one without a readable
    element, accepts everything. Raises NotAcceptable with the alternatives.

    >>> from api.transport.formats import of_kind
    >>> choose("text/csv;q=0.9, application/json", of_kind("table")).content_type
    'application/json'
    """
    if override:
        return _named(override, rows)
    ranges = read_accept(accept or "")
    if not ranges:
        return rows[0]
    quality, _, _, media_type, row = max(
        (_best(row, index, ranges) for index, row in enumerate(rows)), key=lambda rank: rank[:3]
    )
    if quality <= 0:
        raise unacceptable(f"Nothing fits Accept: {accept}", rows)
    return row if media_type == row.media_type else replace(row, media_type=media_type)


def prefers(accept: str | None, media_type: str, rows: Sequence[Format]) -> bool:
    """Whether the caller names `media_type` and likes it at least as much as every row; wildcards do not count.

    >>> prefers("text/html,*/*;q=0.8", "text/html", [])
    True
    """
    ranges = read_accept(accept or "")
    quality, specificity = _rank(media_type, ranges)
    if quality <= 0 or specificity < 2:
        return False
    return all(_rank(name, ranges)[0] <= quality for row in rows for name in row.media_types)


def profiles_of(accept: str | None, media_types: Sequence[str]) -> tuple[str, ...]:
    """The profiles that the caller lists beside any of these media types, those of the best liked first.

    >>> profiles_of('text/turtle;profile="urn:a urn:b";q=0.3, text/html', ["text/turtle"])
    ('urn:a', 'urn:b')
    """
    named = [each for each in read_accept(accept or "") if f"{each.type}/{each.subtype}" in media_types]
    liked = sorted((each for each in named if each.quality > 0), key=lambda each: -each.quality)
    return tuple(profile for each in liked for profile in each.profiles)


def _named(name: str, rows: Sequence[Format]) -> Format:
    row = by_name(name, rows)
    if row is None:
        raise unacceptable(f"Nothing fits format={name}", rows)
    return row


def _best(row: Format, index: int, ranges: Sequence[MediaRange]) -> tuple[float, int, int, str, Format]:
    """The rank of a row: quality, exactness, our order; and the media type by which it was reached."""
    own = _rank(row.media_type, ranges)
    named = [(rank, name) for name in row.accepts if (rank := _rank(name, ranges))[1] >= 2]
    (quality, specificity), media_type = max([*named, (own, row.media_type)], key=lambda pair: pair[0])
    return quality, specificity, -index, media_type, row


def _rank(media_type: str, ranges: Sequence[MediaRange]) -> tuple[float, int]:
    """The quality of the most specific range that a media type matches, and that specificity; (0, -1) for none."""
    matching = [(element.specificity, element.quality) for element in ranges if element.matches(media_type)]
    specificity, quality = max(matching, default=(-1, 0.0))
    return quality, specificity


def _read_element(text: str) -> MediaRange | None:
    found = _RANGE.match(text)
    if found is None or (found[1] == "*" and found[2] != "*"):
        return None
    parameters = _read_parameters(text, found.end())
    if parameters is None:
        return None
    quality = 1.0
    required: list[tuple[str, str]] = []
    profiles: list[str] = []
    for name, value in parameters:
        if name == "q":
            if not _QUALITY.fullmatch(value):
                return None
            quality = float(value)
            break  # what follows the weight is an extension, no parameter of the media type
        if name == "profile":
            profiles += value.split()
        elif name not in _IGNORED:
            required.append((name, value))
    return MediaRange(found[1].lower(), found[2].lower(), tuple(required), quality, tuple(profiles))


def _read_parameters(text: str, position: int) -> list[tuple[str, str]] | None:
    """The parameters from a position on, names in lower case, values unquoted; None where they are malformed."""
    found: list[tuple[str, str]] = []
    while position < len(text):
        match = _PARAMETER.match(text, position)
        if match is None:
            return None
        name, value, bare = match.groups()
        if bare is not None:
            found.append((bare.lower(), ""))
        elif name is not None:
            found.append((name.lower(), _unquote(value).lower()))
        position = match.end()
    return found


def _unquote(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def unacceptable(why: str, rows: Sequence[Format]) -> NotAcceptable:
    """406 for a reason, with what there is instead."""
    alternatives = [{"format": row.name, "media_type": row.media_type} for row in rows]
    listed = ", ".join(row.media_type for row in rows)
    return NotAcceptable(
        f"{why}; there is {listed}.",
        hint="Send one of the alternatives in Accept, or its name in ?format=.",
        headers={"Vary": "Accept"},
        alternatives=alternatives,
    )
