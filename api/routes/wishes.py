"""What a request for a thing asks for: the page or a format, a profile, and which part of a large description.

Query parameters win over headers: `?format=` or `?_mediatype=`, `?_profile=`, `?page=`, `?limit=`. Whoever names a
profile wants data that conforms to it rather than the page (Content Negotiation by Profile, section 7.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request

from api.dependencies import links_of
from api.descriptions.profiles import DEFAULT, LISTED, PROFILES, Profile, choose_profile
from api.errors import MalformedRequest, NotAcceptable
from api.responses import HTML, wants_page
from api.transport.formats import CITATIONS, Format, by_name, of_kind
from api.transport.negotiation import choose, profiles_of

__all__ = ["GRAPHS", "NAME", "PAGE_TRIPLES", "PARAMETERS", "SUFFIX", "Wish", "citation_for", "wish_for"]

GRAPHS = of_kind("graph")
PAGE_TRIPLES = 5000
SUFFIX: dict[str, Any] = {"enum": [row.suffix for row in GRAPHS]}
"""The schema of a suffix in a path."""
NAME: dict[str, Any] = {"pattern": rf"^[^./]+(\.({'|'.join(row.suffix for row in (*GRAPHS, *CITATIONS))}))?$"}
"""The schema of a name with or without a suffix."""
_EXPANDED = "http://www.w3.org/ns/json-ld#expanded"


def _parameter(name: str, meaning: str, **schema: object) -> dict[str, object]:
    return {"name": name, "in": "query", "description": meaning, "required": False, "schema": schema}


def _header(name: str, meaning: str) -> dict[str, object]:
    return {"name": name, "in": "header", "description": meaning, "required": False, "schema": {"type": "string"}}


PARAMETERS = [
    _parameter(
        "format", "A format by name; wins over Accept.", type="string", enum=[row.name for row in (*GRAPHS, *CITATIONS)]
    ),
    _parameter(
        "_profile",
        "A profile by token or IRI, or `all` for the list of representations; wins over Accept-Profile. "
        + " ".join(f"{row.token}: {row.holds_en}" for row in PROFILES),
        type="string",
        examples=[row.token for row in PROFILES],
    ),
    _parameter(
        "page", "The part of a large description; Link names the others.", type="integer", minimum=1, maximum=10**6
    ),
    _parameter("limit", "Triples in a part.", type="integer", minimum=1, maximum=PAGE_TRIPLES, default=PAGE_TRIPLES),
    _header("Accept-Profile", "Profiles by IRI in angle brackets, with weights."),
]


@dataclass(frozen=True, slots=True)
class Wish:
    """What to answer with; `row` is None for the page.

    `listing` asks for the list of representations, `expanded` for JSON-LD without a context.
    """

    row: Format | None
    profile: Profile = DEFAULT
    listing: bool = False
    expanded: bool = False
    page: int = 1
    limit: int = PAGE_TRIPLES

    @property
    def offset(self) -> int:
        """The number of triples before the part."""
        return (self.page - 1) * self.limit

    @property
    def parameters(self) -> dict[str, str | int] | None:
        """The parameters of the address of exactly this representation, None where there are none."""
        profile = "all" if self.listing else self.profile.token if self.profile is not DEFAULT else ""
        given: dict[str, str | int] = {"_profile": profile} if profile else {}
        given |= {"limit": self.limit} if self.limit != PAGE_TRIPLES else {}
        given |= {"page": self.page} if self.page > 1 else {}
        return given or None


def wish_for(request: Request, suffix: str = "", *, page_too: bool = True) -> Wish:
    """The wish of a request. Raises NotAcceptable with all that there is, MalformedRequest for a part that is none."""
    given, accept = request.query_params, request.headers.get("accept")
    base, token = links_of(request).base, given.get("_profile")
    header = ", ".join(request.headers.getlist("accept-profile"))
    name = suffix or given.get("format") or given.get("_mediatype", "").replace(" ", "+")
    if suffix and given.get("format"):
        # the suffix wins, but nobody is let believe that there is another format of that name
        choose(accept, GRAPHS, given["format"])
    named = choose_profile(base, token, header)[1]
    row = _row(request, name, bool(token) or named, page_too)
    media = profiles_of(accept, row.media_types if row else ())
    profile, _ = choose_profile(base, token, header, media)
    limit = _number(given.get("limit"), "limit", PAGE_TRIPLES, PAGE_TRIPLES)
    page = _number(given.get("page"), "page", 1, 10**6) if row else 1
    return Wish(row, profile, (token or "") in LISTED, _EXPANDED in media, page, limit)


def citation_for(request: Request, suffix: str = "") -> Format | None:
    """The format of reference managers that is asked for by name, or that Accept likes better than page and data."""
    name = suffix or request.query_params.get("format", "")
    if name:
        return by_name(name, CITATIONS)
    accept = request.headers.get("accept")
    if wants_page(request, CITATIONS):
        return None
    try:
        chosen = choose(accept, (*GRAPHS, *CITATIONS))
    except NotAcceptable:
        return None
    return chosen if chosen.name in {row.name for row in CITATIONS} else None


def _row(request: Request, name: str, profiled: bool, page_too: bool) -> Format | None:
    accept = request.headers.get("accept")
    if not page_too or (name and name.lower() not in ("html", HTML)):
        return choose(accept, GRAPHS, name)
    if name or (not profiled and wants_page(request, GRAPHS)):
        return None
    try:
        return choose(accept, GRAPHS)
    except NotAcceptable as refusal:
        if wants_page(request, ()):
            return GRAPHS[0] if "_profile" in request.query_params else None
        page = {"format": "html", "media_type": HTML}
        refusal.members["alternatives"] = [page, *refusal.members["alternatives"]]
        raise


def _number(text: str | None, name: str, default: int, most: int) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not 1 <= int(text) <= most:
        raise MalformedRequest(f"{name}={text[:40]} is no number from 1 to {most}.", hint="Follow the links in Link.")
    return int(text)
