"""Which representations of a thing there are: each format in each profile, and the page.

Told in Link (RFC 8288, https://www.rfc-editor.org/rfc/rfc8288) and, in full, as a graph of the Alternate
Representations Data Model (https://www.w3.org/TR/dx-prof-conneg/#altr).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyoxigraph import Literal, NamedNode, Triple

from api.descriptions.profiles import DEFAULT, PROFILES, Profile
from api.links import Links, Parameters
from api.transport.formats import Format

__all__ = ["HTML", "listed", "profile_links", "profile_triples"]

HTML = "text/html"
_ALTR = "http://www.w3.org/ns/dx/connegp/altr#"
_DCT = "http://purl.org/dc/terms/"
_PROF = "http://www.w3.org/ns/dx/prof/"
_RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"


def profile_links(
    links: Links,
    iri: str,
    formats: Sequence[Format],
    shown: Format | None,
    profile: Profile | None,
    parameters: Parameters | None = None,
) -> list[str]:
    """The values of Link for a thing with profiles: every format of the profile shown, every profile of the format.

    `shown` and `profile` are None on the page and on the redirect; `parameters` name the part that is shown. Each
    token stands beside its IRI.
    """
    # clients of JSON-LD take any other JSON-LD for the same in another form, so other profiles are not offered in it
    row = formats[0] if shown is None or shown.name == "jsonld" else shown
    current = profile or DEFAULT
    values = [f'<{links.page(iri)}>; rel="alternate"; type="{HTML}"']
    values += [_link(links, iri, each, current, "alternate", parameters) for each in formats]
    values += [_link(links, iri, row, each, "alternate") for each in PROFILES if each is not current]
    if profile:
        values.append(_link(links, iri, formats[0], DEFAULT, "canonical"))
        values.append(f'<{profile.iri(links.base)}>; rel="profile"')
    return values + [_token(each, links.base) for each in PROFILES]


def _link(
    links: Links, iri: str, row: Format, profile: Profile, relation: str, parameters: Parameters | None = None
) -> str:
    target = links.data(iri, row.suffix, parameters or _parameters(profile))
    return f'<{target}>; rel="{relation}"; type="{row.media_type}"; profile="{profile.iri(links.base)}"'


def _token(profile: Profile, base: str) -> str:
    return f'<{_PROF}Profile>; rel="type"; token="{profile.token}"; anchor="{profile.iri(base)}"'


def _parameters(profile: Profile) -> dict[str, str] | None:
    return None if profile is DEFAULT else {"_profile": profile.token}


def listed(links: Links, iri: str, formats: Sequence[Format]) -> Iterator[Triple]:
    """All representations of a thing, the one that is sent to who asks for none as the default one."""
    thing = NamedNode(iri)
    page = NamedNode(links.iri(links.page(iri).removeprefix(links.root).lstrip("/")))
    yield Triple(thing, NamedNode(f"{_ALTR}hasRepresentation"), page)
    yield from _representation(page, HTML)
    for profile in PROFILES:
        for row in formats:
            tail = links.data(iri, row.suffix, _parameters(profile)).removeprefix(links.root).lstrip("/")
            node, first = NamedNode(links.iri(tail)), row is formats[0] and profile is DEFAULT
            name = "hasDefaultRepresentation" if first else "hasRepresentation"
            yield Triple(thing, NamedNode(_ALTR + name), node)
            yield from _representation(node, row.media_type)
            yield Triple(node, NamedNode(f"{_DCT}conformsTo"), NamedNode(profile.iri(links.base)))
    yield from profile_triples(links.base)


def _representation(node: NamedNode, media_type: str) -> Iterator[Triple]:
    yield Triple(node, _RDF_TYPE, NamedNode(f"{_ALTR}Representation"))
    yield Triple(node, NamedNode(f"{_DCT}format"), Literal(media_type))


def profile_triples(base: str, only: Profile | None = None) -> Iterator[Triple]:
    """The profiles, or one of them, as data (The Profiles Vocabulary, https://www.w3.org/TR/dx-prof/)."""
    for profile in (only,) if only else PROFILES:
        node = NamedNode(profile.iri(base))
        yield Triple(node, _RDF_TYPE, NamedNode(f"{_PROF}Profile"))
        yield Triple(node, NamedNode(f"{_PROF}hasToken"), Literal(profile.token))
        yield Triple(node, NamedNode(f"{_PROF}isProfileOf"), NamedNode(f"{base}def"))
        for language, name, text in (("ko", profile.ko, profile.holds_ko), ("en", profile.en, profile.holds_en)):
            yield Triple(node, NamedNode(f"{_RDFS}label"), Literal(name, language=language))
            yield Triple(node, NamedNode(f"{_SKOS}definition"), Literal(text, language=language))
