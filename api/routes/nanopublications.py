"""`/np/{key}` leads to the nanopublication of a statement in this release, `/np/{release}/{key}` is it.

That of an older release is answered below the path of that release, to which its IRI leads.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pyoxigraph import Literal
from starlette.responses import RedirectResponse, Response

from api.dependencies import Served, links_of, served
from api.descriptions.nanopublications import DATASETS, published
from api.errors import NotFound
from api.links import normalise
from api.questions.page_queries import iris
from api.responses import data, see_other
from api.routes.outcomes import Outcomes, redirect, represented
from api.routes.resources import split_suffix
from api.transport.negotiation import choose
from api.versions.mementos import unknown, versions

__all__ = ["router"]

router = APIRouter(tags=["linked data"])
Key = Annotated[
    str, Path(description="The key of a statement, with or without a suffix.", examples=["2fa126668feebb97"])
]
Version = Annotated[str, Path(description="The version of the release.")]
_LED: Outcomes = {307: {"description": "It is of an older release, which answers below its own path."}}


@router.get(
    "/np/{key}",
    summary="303 to the nanopublication of a statement",
    response_class=Response,
    status_code=303,
    responses=redirect(),
)
async def find_nanopublication(request: Request, key: Key) -> Response:
    """303 to the nanopublication in the release that is served."""
    return see_other(links_of(request).path(f"np/{served(request).release.version}/{normalise(key)}"))


@router.get(
    "/np/{version}/{key}",
    summary="The nanopublication of a statement",
    response_class=Response,
    responses={**represented(404, 406, page=False, formats=DATASETS), **_LED},
)
async def nanopublication(request: Request, version: Version, key: Key) -> Response:
    """Assertion, provenance and publication info of a statement as named graphs: TriG, N-Quads or JSON-LD."""
    here, (stem, suffix) = served(request), split_suffix(normalise(key))
    if version != here.release.version:
        return _led(request, here, version)
    row = choose(request.headers.get("accept"), DATASETS, suffix or request.query_params.get("format"))
    links = links_of(request)
    iri, statement = links.iri(f"np/{here.release.version}/{stem}"), links.iri(f"id/statement/{stem}")
    try:
        bound = iris(statement)
    except ValueError:  # no IRI at all
        bound = ()
    query = here.describer.queries.bound("nanopublication", this=bound, version=(Literal(version),)) if bound else ""
    rows = (await here.executor.table(query)).rows if query else ()
    if not rows:
        raise NotFound(f"There is no statement {stem!r}.", hint="Statements have keys of 16 hexadecimal digits.")
    about = [f'<{iri}>; rel="describes"', f'<{links.identifier(statement)}>; rel="alternate"']
    about += [f'<{links.data(iri, each.suffix)}>; rel="alternate"; type="{each.media_type}"' for each in DATASETS]
    location = "" if suffix else links.data(iri, row.suffix)
    return data(request, published(rows, row, here.prefixes, iri), row, about, location)


def _led(request: Request, here: Served, version: str) -> Response:
    """To the release of the nanopublication. Raises NotFound where it is not kept."""
    if version not in {each.version for each in versions(here.release)}:
        raise unknown(version, here.release)
    links = links_of(request).unversioned(here.release.version)
    tail, query = request.scope["path"].removeprefix(request.scope.get("root_path", "")), request.url.query
    path = links.path(f"v/{version}{tail}")
    headers = {"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
    return RedirectResponse(path + (f"?{query}" if query else ""), headers=headers)
