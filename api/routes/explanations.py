"""Why there is no answer, and why there is one: what emptied a query, and what a row or a triple rests on."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.dependencies import served
from api.engine.protocol import QUERY, read_request
from api.engine.streaming import while_connected
from api.errors import PROBLEM_JSON, MalformedRequest
from api.reasoning.explanations import Explainer
from api.responses import data
from api.transport.formats import RECORDS
from api.transport.forms import FORM

__all__ = ["explanation_of", "router"]

router = APIRouter(prefix="/api", tags=["explanations"])
_PROBLEM: dict[str, Any] = {"content": {PROBLEM_JSON: {"schema": {"type": "object"}}}}
_ANSWER: dict[str, Any] = {"content": {RECORDS.media_type: {"schema": {"type": "object"}}}}
_QUERY = {
    "name": "query",
    "in": "query",
    "required": True,
    "description": "A SPARQL 1.1 query, percent-encoded once.",
    "schema": {"type": "string"},
    "example": 'SELECT ?sector { ?sector rdfs:label "반도체" }',
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "Each pattern, whether it matches alone and with those before it, and hints.", **_ANSWER},
    400: {"description": "No query, or one that does not parse.", **_PROBLEM},
    403: {"description": "SERVICE, LOAD or an update.", **_PROBLEM},
    413: {"description": "Too long.", **_PROBLEM},
    422: {"description": "The patterns cannot be told apart.", **_PROBLEM},
}


@router.get("/explain", summary="What emptied a query", responses=_RESPONSES, openapi_extra={"parameters": [_QUERY]})
async def explain(request: Request) -> Response:
    """Which triple pattern left a query without an answer, and what may have been meant."""
    return await _explained(request)


@router.post(
    "/explain",
    summary="What emptied a query, by POST",
    responses=_RESPONSES,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                FORM: {"schema": {"type": "object", "properties": {"query": {"type": "string"}}}},
                QUERY: {"schema": {"type": "string"}},
            },
        }
    },
)
async def explain_by_post(request: Request) -> Response:
    """The same for a query in a form or as the body itself."""
    return await _explained(request)


async def _explained(request: Request) -> Response:
    explanation = await explanation_of(request, "Send one as ?query=, in a form, or as the body.")
    return data(request, orjson.dumps(explanation), RECORDS)


async def explanation_of(request: Request, hint: str) -> dict[str, Any]:
    """What emptied the query of a request. Raises MalformedRequest with the hint where there is none."""
    asked = await read_request(request)
    if asked.query is None:
        raise MalformedRequest("There is no query.", hint=hint)
    now = served(request)
    explainer = Explainer(now.executor, now.entities, now.release.prefixes)
    return await while_connected(request, explainer.explain(asked.query))
