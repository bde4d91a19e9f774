"""Whether the server lives, and whether it can answer queries."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from api.errors import ServerBusy

__all__ = ["router"]

router = APIRouter(tags=["health"])


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
