"""Whether the server lives, whether it can answer queries, and what it counts."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.errors import ServerBusy
from api.transport.metrics import State

__all__ = ["router"]

router = APIRouter(tags=["health"])
_SCRAPED = ("text/plain", "application/openmetrics-text")


@router.get("/healthz", summary="Whether the server lives")
async def healthz() -> dict[str, str]:
    """Always `{"status": "ok"}`, whatever the queries do."""
    return {"status": "ok"}


@router.get("/readyz", summary="Whether queries can be answered")
async def readyz(request: Request) -> dict[str, Any]:
    """The release that is served and the number of workers; 503 while there is none."""
    state = request.app.state
    if not state.pool.ready:
        raise ServerBusy("No worker is ready.", headers={"Retry-After": "1"}, retry_after=1)
    return {"status": "ready", "release": state.release.version, "workers": len(state.pool.processes)}


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {"description": "The figures.", "content": {name: {"schema": {"type": "string"}} for name in _SCRAPED}}
    },
)
async def metrics(request: Request) -> Response:
    """Requests, queries, refusals, workers, the queue and the cache, in the format that the scraper accepts."""
    state = request.app.state
    gate, cache = state.pool.gate, state.executor.cache
    figures = State(
        release=state.release.version,
        workers=len(state.pool.processes),
        busy=gate.busy,
        replaced=state.pool.replaced,
        waiting=gate.waiting,
        cached_answers=len(cache),
        cached_bytes=cache.size + state.hot.size,
        clients=len(state.ledger.accounts),
    )
    body, content_type = state.ledger.metrics.exposition(figures, request.headers.get("accept", ""))
    return Response(body, headers={"Content-Type": content_type, "Cache-Control": "no-store", "Vary": "Accept"})
