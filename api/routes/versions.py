"""The releases that are kept: `/v/` lists them, `/v/{version}/...` answers from one, `/timemap/...` has their moments.

RFC 7089 (Memento), section 5, https://www.rfc-editor.org/rfc/rfc7089#section-5; DCAT 3, section 12.
"""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import frame_of, links_of, served
from api.descriptions.neighbourhood import Name
from api.descriptions.shapes import written
from api.errors import NotFound, RequestError
from api.releases import Release
from api.responses import data, html, wants_page
from api.routes.outcomes import Outcomes, represented
from api.routes.represented import page_links
from api.routes.wishes import GRAPHS
from api.transport.formats import RECORDS, Format
from api.transport.negotiation import choose
from api.versions.mementos import LINK_FORMAT, unknown
from api.versions.series import VersionsPage, as_json, listed_versions, series
from api.versions.timegate import resource_of, states
from api.wording.display import LANGUAGES
from api.wording.strings import say

__all__ = ["router"]

router = APIRouter(tags=["releases"])
_TIMEMAP = Format("link", "Link format", LINK_FORMAT, "link", ("table",), "", "", ("link-format",))
_LISTS = (RECORDS, *GRAPHS)
_MAPS = (_TIMEMAP, RECORDS)
# The release that is served is put in as an example of it where the document is written.
Version = Annotated[str, Path(description="The version of a release; `/v/` lists them.")]
Rest = Annotated[str, Path(description="Any path of this server.", examples=["id/program/ai-factory"])]
Posted = Annotated[str, Path(description="A path of this server that takes POST.", examples=["sparql"])]
_REFUSED: Outcomes = {
    307: {"description": "The same with the slash at its end."},
    503: {"description": "The release cannot be opened, or too many are asked for."},
    "default": {"description": "What the path answers."},
}


@router.get(
    "/v/",
    summary="The releases that are kept",
    response_class=Response,
    responses=represented(406, formats=_LISTS),
)
async def list_versions(request: Request) -> Response:
    """Every release with its moment and the path below which it answers; as RDF, the series that they make."""
    release, links = served(request).release, links_of(request)
    rows, name = listed_versions(release, links), request.query_params.get("format", "")
    if name == "html" or (not name and wants_page(request, _LISTS)):
        title = Name(*(say("releases-kept", language) for language in LANGUAGES))
        page = VersionsPage(title, rows, _LISTS)
        shown = html(request, page, frame_of(request), page_links(request, links.iri("v/"), []))
        shown.headers["Vary"] = "Accept, Accept-Language"
        return shown
    row = choose(request.headers.get("accept"), _LISTS, name)
    if row.name != RECORDS.name:
        return data(request, written(tuple(series(release)), row, served(request).prefixes), row, vary="Accept")
    body = orjson.dumps(as_json(rows, release.version), option=orjson.OPT_INDENT_2)
    return data(request, body, row, vary="Accept")


@router.get("/v/{version}", include_in_schema=False)
async def with_slash(request: Request, version: Version) -> Response:
    """To the home page of a release."""
    return RedirectResponse(links_of(request).path(f"v/{version}/"))


@router.get(
    "/v/{version}/{rest:path}",
    summary="Any path of this server, answered from one release",
    response_class=Response,
    responses={**represented(404), **_REFUSED},
)
async def answer_from_release(request: Request, version: Version, rest: Rest) -> Response:
    """What the path answers, from that release: it may be kept for ever, and says with which moment it stood.

    Whoever is at home in a release answers before this route is reached.
    """
    raise _refusal(request, version)


@router.post(
    "/v/{version}/{rest:path}",
    summary="Any path of this server by POST, answered from one release",
    response_class=Response,
    responses={**represented(404), **_REFUSED},
)
async def answer_post_from_release(request: Request, version: Version, rest: Posted) -> Response:
    """What the path answers to a query in a form or as the body."""
    raise _refusal(request, version)


def _refusal(request: Request, version: str) -> RequestError:
    refusal = request.scope.get("kip.refusal")
    return refusal if isinstance(refusal, RequestError) else unknown(version, _release(request))


@router.get(
    "/timemap/{path:path}",
    summary="The moments of a resource",
    response_class=Response,
    responses=represented(404, 406, page=False, formats=_MAPS),
)
async def timemap(request: Request, path: Rest) -> Response:
    """Where a path of this server is in each release: `application/link-format`, or JSON."""
    tail = f"/{path}"
    listed = states(request.app, tail)
    if not listed:
        raise NotFound(f"No release has states of {tail[:200]!r}.", hint="/v/ lists the releases.")
    row = choose(request.headers.get("accept"), _MAPS, "")
    resource = resource_of(request.scope, request.scope.get("root_path", ""), listed, tail)
    body = resource.link_format() if row.name == _TIMEMAP.name else orjson.dumps(resource.as_json())
    return data(request, body, row, vary="Accept")


def _release(request: Request) -> Release:
    release: Release = request.app.state.release
    return release
