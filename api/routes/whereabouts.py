"""Where a thing is that stands under no such path: under its own IRI, retired, or nowhere.

RFC 9110, sections 15.4.2 (301) and 15.5.11 (410), https://www.rfc-editor.org/rfc/rfc9110#section-15.4.2
"""

from __future__ import annotations

from fastapi import Request

from api.dependencies import Served, links_of, served
from api.errors import Gone, MovedPermanently, NotFound, RequestError

__all__ = ["missing"]


def missing(request: Request, iri: str, name: str = "", suffix: str = "") -> RequestError:
    """The answer for an IRI of ours of which nothing is said, or for a name that nothing bears.

    MovedPermanently to the successor of a retired one, or to the one thing of this kind that bears the name, in
    whatever case, language or normal form; Gone; else NotFound with the names that come nearest.
    """
    tail = links_of(request).tail(iri)
    slug = name or tail.rpartition("/")[2]
    here, kinds = served(request), {tail.split("/")[-2]} if tail.count("/") > 1 else set()
    retired = here.release.retired.get(iri)
    if retired:
        return _retired(request, slug, retired, suffix)
    found = here.entities.find(slug, kinds) if kinds else []
    if len(found) == 1 and found[0].iri != iri:
        return _moved(request, slug, found[0].iri, suffix)
    return _unknown(here, slug, kinds)


def _retired(request: Request, slug: str, retired: object, suffix: str) -> RequestError:
    entry = dict(retired) if isinstance(retired, dict) else {}
    if entry.get("replacedBy"):
        return _moved(request, slug, str(entry["replacedBy"]), suffix)
    reason = dict(entry.get("reason") or {})
    said = " ".join(filter(None, (reason.get("en"), reason.get("ko"))))
    return Gone(f"{slug!r} was retired on {entry.get('on')}: {said}", reason=reason, retired=entry.get("on"))


def _moved(request: Request, slug: str, iri: str, suffix: str) -> MovedPermanently:
    """To the same kind of document about the other IRI, with the query of the request."""
    links = links_of(request)
    space = request.url.path.removeprefix(links.root).lstrip("/").partition("/")[0]
    path = {"page": links.page(iri), "data": links.data(iri, suffix)}.get(space) or links.identifier(iri)
    if space not in ("page", "data") and suffix:
        path = links.data(iri, suffix)
    query = request.scope["query_string"].decode("latin-1")
    location = path + (f"?{query}" if query else "")
    headers = {"Location": location, "Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
    return MovedPermanently(f"{slug!r} is known as {iri}.", headers=headers)


def _unknown(here: Served, name: str, kinds: set[str]) -> NotFound:
    known = here.entities
    nearest = known.nearest(name, kinds) or known.nearest(name)
    listed = ", ".join(each.curie for each in nearest)
    hint = f"Nearest: {listed}" if listed else ""
    return NotFound(f"Nothing has the name {name!r}.", hint=hint, nearest=[each.as_json() for each in nearest])
