"""The application: a function of its settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from api.dependencies import render_problem, served_by
from api.engine.accounting import Accounting
from api.engine.cache import AnswerCache
from api.engine.execution import TOTAL, TRUNCATED, Executor
from api.engine.hot import HotAnswers
from api.engine.jobs import StoreSource
from api.engine.ledger import Ledger
from api.engine.stores import RELATIONSHIPS
from api.engine.workers import Pool
from api.limits import Limits
from api.questions.catalogue import Catalogue
from api.relations.exploration import Explorer
from api.releases import Release, open_release
from api.routes import (
    agents,
    datasets,
    explanations,
    graphs,
    health,
    nanopublications,
    pages,
    paths,
    problems,
    reasons,
    reconcile,
    resources,
    results,
    search,
    sparql,
    versions,
    vocabulary,
)
from api.routes.queries import queries_router
from api.settings import Settings, SettingsError
from api.transport.byte_order import ByteOrderMark
from api.transport.conditions import without_range
from api.transport.fields import Fields
from api.transport.handlers import install_handlers
from api.transport.logs import RequestLog
from api.transport.security import guards
from api.versions.timegate import TimeGate, describe_moments
from graph_builder.errors import ReleaseError
from graph_builder.prefixes import PrefixMap
from graph_builder.project import CHECKOUT

__all__ = ["create_app"]

_EXPOSED = [
    "Content-Location",
    "Content-Profile",
    "ETag",
    "Link",
    "Memento-Datetime",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Server-Timing",
    TOTAL,
    TRUNCATED,
    "X-KIP-Release",
    "X-Request-ID",
]
# Of the room for answers, what those that are ready to leave may take.
_READY_PART = 8


def create_app(
    settings: Settings, ledger: Ledger | None = None, log: RequestLog | None = None, is_current: bool = True
) -> FastAPI:
    """The server for a release; its workers start and stop with its lifespan, the ledger and the log may outlive it.

    What only some ask for is opened later where the release is the current one, else by who asks first.

    Raises ReleaseError where the release cannot be opened, SettingsError where its address lacks, CatalogueError.
    """
    release = open_release(settings.release)
    _check(settings, release)
    catalogue = Catalogue.load(CHECKOUT.queries, PrefixMap(release.base, release.prefixes))
    ledger = Ledger(settings) if ledger is None else ledger
    app = FastAPI(
        title="KIP",
        summary="Korean industrial policy as linked data",
        version=release.version,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    app.state.is_current = is_current
    app.state.release = release
    app.state.catalogue = catalogue
    app.state.ledger = ledger
    _equip(app, settings, release, ledger, log)
    install_handlers(app, release.base, render_problem)
    describe_moments(app)
    app.add_middleware(ByteOrderMark)
    app.add_middleware(TimeGate, release=release)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST", "OPTIONS"],
        allow_headers=["*"],
        expose_headers=_EXPOSED,
    )
    app.add_middleware(Fields, base=release.base)
    app.add_middleware(
        Accounting, ledger=ledger, log=log, release=release.version, always=guards(settings.hsts_seconds)
    )
    for router in _routers(catalogue):
        app.include_router(router)
    app.mount("/static", _Static(packages=[("api", "static")]), name="static")
    return app


def _equip(app: FastAPI, settings: Settings, release: Release, ledger: Ledger, log: RequestLog | None) -> None:
    """Put in the state of the application what evaluates queries and keeps their answers."""
    source, limits = _source(settings, release), Limits.from_settings(settings)
    room = settings.cache_mb << 20
    ready = room // _READY_PART
    app.state.pool = Pool(source, settings.workers, settings.reserved, settings.queue)
    app.state.executor = Executor(app.state.pool, limits, AnswerCache(room - ready), ledger)
    searchers = Pool(replace(source, kind=RELATIONSHIPS), settings.workers, queue=settings.queue)
    app.state.explorer = Explorer(searchers, limits, room, ledger)
    app.state.hot = HotAnswers(app, ready, ledger, log, release.version)


class _Static(StaticFiles):
    """Small files, always whole: a range that cannot be read would be refused without a problem document."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(without_range(scope), receive, send)


def _operation_id(route: APIRoute) -> str:
    """The name of an operation in OpenAPI; what is generated otherwise has the path in it."""
    return route.name


def _routers(catalogue: Catalogue) -> tuple[APIRouter, ...]:
    """Every part of the server, tried in this order."""
    return (
        sparql.router,
        health.router,
        queries_router(catalogue),
        explanations.router,
        reasons.router,
        search.router,
        paths.router,
        reconcile.router,
        agents.router,
        graphs.router,
        resources.router,
        nanopublications.router,
        vocabulary.router,
        datasets.router,
        versions.router,
        results.router,
        problems.router,
        pages.router,
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    pool: Pool = app.state.pool
    explorer: Explorer = app.state.explorer
    await pool.start()
    try:
        if app.state.is_current:
            explorer.open_later()
            await asyncio.to_thread(served_by(app).prepare)
        yield
    finally:
        await explorer.stop()
        await pool.stop()


def _source(settings: Settings, release: Release) -> StoreSource:
    return StoreSource(
        settings.store,
        str(release.path),
        release.base,
        dict(release.prefixes),
        settings.query_memory_mb,
        settings.remote_url,
        settings.remote_user,
        settings.remote_password,
    )


def _check(settings: Settings, release: Release) -> None:
    if settings.store == "remote" and not settings.remote_url:
        raise SettingsError("KIP_STORE=remote needs KIP_REMOTE_URL, the SPARQL endpoint of the engine to ask")
    if settings.base != release.base:
        raise ReleaseError(
            f"the release {release.version} was built for the base {release.base}, but KIP_BASE is {settings.base}: "
            f"start with KIP_BASE={release.base}, or build the release again with KIP_BASE={settings.base}"
        )
