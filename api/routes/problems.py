"""`/problem/{kind}`: what a type of problem means, as a page and as JSON.

RFC 9457, section 3.1.1: the IRI of a type should lead to its documentation for people
(https://www.rfc-editor.org/rfc/rfc9457#section-3.1.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.dependencies import frame_of, links_of
from api.descriptions.neighbourhood import Name
from api.errors import NotFound, RequestError
from api.responses import alternates, data, html, wants_page
from api.routes.outcomes import represented
from api.routes.represented import page_links
from api.transport.formats import RECORDS
from api.transport.negotiation import choose
from api.views.pages import ProblemTypePage
from api.wording.problems import telling

__all__ = ["router"]

router = APIRouter(tags=["problems"])
Kind = Annotated[str, Path(description="A type of problem.", examples=["not-found"])]
_UNEXPECTED = "unexpected"


@router.get(
    "/problem/{kind}",
    summary="What a type of problem means",
    response_class=Response,
    responses=represented(404, 406, formats=[RECORDS]),
)
async def problem_type(request: Request, kind: Kind) -> Response:
    """What happened, what to do, and the status, in Korean and English."""
    known = {_UNEXPECTED: 500, **{each.type: each.status for each in _kinds(RequestError)}}
    if kind not in known:
        raise NotFound(f"There is no type of problem {kind[:80]!r}.", nearest=sorted(known))
    links = links_of(request)
    iri, status, told = links.iri(f"problem/{kind}"), known[kind], telling(kind, known[kind])
    about = alternates({}, describes=iri)
    if wants_page(request, (RECORDS,)):
        page = ProblemTypePage(Name(told.happened["ko"], told.happened["en"]), iri, status, told)
        return html(request, page, frame_of(request), page_links(request, iri, about), vary="Accept, Accept-Language")
    row = choose(request.headers.get("accept"), (RECORDS,))
    said = {"type": iri, "status": status, "title": dict(told.happened), "advice": dict(told.advice)}
    return data(request, orjson.dumps(said, option=orjson.OPT_INDENT_2), row, about, vary="Accept")


def _kinds(kind: type[RequestError]) -> Iterator[type[RequestError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)
