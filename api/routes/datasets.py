"""The data set: `/dataset` describes it, `/.well-known/void` leads there, `/dumps/` has its files.

Describing Linked Datasets with VoID, section 7.2 (https://www.w3.org/TR/void/#well-known); range requests, RFC 9110,
section 14 (https://www.rfc-editor.org/rfc/rfc9110#section-14).
"""

from __future__ import annotations

import re
from typing import Annotated

import orjson
from fastapi import APIRouter, HTTPException, Path, Request
from pyoxigraph import Triple
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from api.dependencies import frame_of, links_of
from api.descriptions.dumps import Dump, Published, find, published
from api.descriptions.shapes import written
from api.errors import PROBLEM_JSON, NotFound
from api.releases import Release
from api.responses import data, html, last_modified, see_other, wants_page
from api.routes.outcomes import Outcomes, redirect, represented
from api.routes.represented import document_links, page_links
from api.routes.wishes import GRAPHS, SUFFIX, wish_for
from api.transport.conditions import is_known, without_range
from api.transport.formats import RECORDS, Format
from api.transport.negotiation import choose
from api.versions.series import series, version_of
from api.views.datasets import DatasetPage, outline, read_description
from api.views.structured_data import dataset as structured
from graph_builder.prefixes import PrefixMap

__all__ = ["router"]

router = APIRouter(tags=["dataset"])
_RANGE = re.compile(r"bytes=(?:([0-9]{1,15})-([0-9]{0,15})|-([0-9]{1,15}))")
_BOTH = "Accept, Accept-Language"
_FOREVER = "public, max-age=31536000, immutable"
Suffix = Annotated[str, Path(description="The suffix of a format.", examples=["ttl"], json_schema_extra=SUFFIX)]
Version = Annotated[str, Path(description="The version of a release; `/dumps/` lists them.")]
File = Annotated[str, Path(description="The name of a file of the release.", examples=["kip.ttl"])]

_DESCRIBED = represented(400, 404, 406)
_LISTED = {**redirect(), **represented(406, page=False, formats=[RECORDS])}
_BYTES: Outcomes = {status: {"description": text} for status, text in ((200, "The file."), (206, "A range of it."))}
_SENT = {
    **represented(404, page=False, formats=()),
    **{status: {**each, "content": {"*/*": {"schema": {}}}} for status, each in _BYTES.items()},
    416: {"description": "The file ends before the range begins.", "content": {PROBLEM_JSON: {"schema": {}}}},
}


@router.get(
    "/dataset.{suffix}",
    summary="The description of the data set in a format",
    response_class=Response,
    responses=_DESCRIBED,
)
async def dataset_as(request: Request, suffix: Suffix) -> Response:
    """DCAT, VoID and provenance of the release as RDF."""
    return _described(request, choose(None, GRAPHS, suffix), "")


@router.get(
    "/dataset", summary="The data set: contents, files, provenance", response_class=Response, responses=_DESCRIBED
)
async def dataset(request: Request) -> Response:
    """What the release holds, as a page; its description with DCAT and VoID as RDF."""
    row, iri = wish_for(request).row, links_of(request).iri("dataset")
    if row:
        return _described(request, row, links_of(request).data(iri, row.suffix))
    release, frame = _release(request), frame_of(request)
    about = outline(_description(release), iri, _names(release))
    dumps = next(published(release)).dumps
    page = DatasetPage(about.title, iri, about, dumps, GRAPHS)
    issued = str(release.manifest.get("issued", ""))
    same = structured(iri, about, dumps, release.version, issued, links_of(request))
    links = page_links(request, iri, document_links(request, iri, "def"))
    return html(request, page, frame, links, vary=_BOTH, structured=same)


@router.get(
    "/.well-known/void",
    summary="303 to the description of the data set",
    response_class=Response,
    status_code=303,
    responses=redirect(),
)
async def well_known(request: Request) -> Response:
    """303 to `/dataset`, where Accept chooses the format."""
    return see_other(links_of(request).path("dataset"))


@router.get("/dumps/", summary="The files of the releases", response_class=Response, responses=_LISTED)
async def list_dumps(request: Request) -> Response:
    """Every release that is kept, with the type, the size and the SHA-256 of each file; a browser gets the page."""
    if wants_page(request, (RECORDS,)):
        return see_other(frame_of(request).go(links_of(request).path("dataset")))
    release = _release(request)
    listed = [_listed(request, each) for each in published(release)]
    body = orjson.dumps({"current": release.version, "releases": listed}, option=orjson.OPT_INDENT_2)
    return data(request, body, choose(request.headers.get("accept"), (RECORDS,)))


@router.get("/dumps/{version}/{file}", summary="A file of a release", response_class=Response, responses=_SENT)
async def fetch_dump(request: Request, version: Version, file: File) -> Response:
    """The file, whole or the one range of bytes that is asked; its ETag is its SHA-256."""
    dump = find(_release(request), version, file)
    if dump is None:
        listed = [each.name for each in next(published(_release(request))).dumps]
        raise NotFound(f"Release {version!r} has no file {file!r}.", hint="/dumps/ lists all files.", nearest=listed)
    headers = _headers(request, dump)
    if is_known(request.headers, headers["ETag"], headers.get("Last-Modified", "")):
        return Response(status_code=304, headers=headers)
    kind = FileResponse if _follows(request, dump, headers["ETag"]) else _WholeFile
    return kind(dump.path, headers=headers, media_type=dump.content_type, filename=dump.name)


class _WholeFile(FileResponse):
    """The whole file, whatever Range says."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(without_range(scope), receive, send)


def _follows(request: Request, dump: Dump, tag: str) -> bool:
    """Whether the one range of bytes that is asked is sent; anything else than one range is passed over.

    Raises HTTPException (416) where the file ends before the range begins.
    """
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if found is None or request.headers.get("if-range", tag) != tag:
        return False
    first, last, suffix = (int(each) if each else None for each in found.groups())
    if suffix == 0 or (first is not None and first >= dump.bytes):
        raise HTTPException(416, "the range lies outside the file", {"Content-Range": f"bytes */{dump.bytes}"})
    return first is None or last is None or last >= first


def _headers(request: Request, dump: Dump) -> dict[str, str]:
    return {
        **last_modified(_release(request), dump.version),
        "ETag": f'"{dump.sha256}"',
        "Cache-Control": _FOREVER,
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        "Link": f'<{links_of(request).path("dataset")}>; rel="describedby"',
    }


def _listed(request: Request, release: Published) -> dict[str, object]:
    files = [
        {
            "name": dump.name,
            "href": links_of(request).path(dump.tail),
            "media_type": dump.content_type.partition(";")[0],
            "bytes": dump.bytes,
            "sha256": dump.sha256,
        }
        for dump in release.dumps
    ]
    return {"version": release.version, "issued": str(release.manifest.get("issued", "")), "files": files}


def _described(request: Request, row: Format, location: str) -> Response:
    release = _release(request)
    kept = request.scope.get("root_path", "").endswith(f"/v/{release.version}")
    triples = (*_description(release), *(version_of(release) if kept else series(release)))
    body = written(triples, row, _names(release))
    return data(request, body, row, document_links(request, links_of(request).iri("dataset"), "def"), location)


def _description(release: Release) -> tuple[Triple, ...]:
    try:
        return read_description(release.path / "dataset.ttl")
    except OSError as error:
        raise NotFound(
            f"Release {release.version} has no description of its own.", hint="Build the release again."
        ) from error


def _names(release: Release) -> PrefixMap:
    return PrefixMap(release.base, release.prefixes)


def _release(request: Request) -> Release:
    release: Release = request.app.state.release
    return release
