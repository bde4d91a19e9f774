"""A server of the pages over a small release, queried in this process: a real class of the executor's interface."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import httpx
import orjson
from fastapi import FastAPI
from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    serialize,
)
from starlette.staticfiles import StaticFiles

from api.dependencies import Served, render_problem
from api.engine.execution import Answer, Dataset, Executor
from api.engine.jobs import Outcome
from api.engine.processes import Reply
from api.engine.results import Table, read_table
from api.limits import Limits
from api.naming.search import SearchIndex
from api.questions.catalogue import Catalogue
from api.releases import Release
from api.routes import (
    agents,
    datasets,
    graphs,
    nanopublications,
    pages,
    paths,
    problems,
    reasons,
    reconcile,
    resources,
    results,
    search,
    versions,
    vocabulary,
)
from api.transport.formats import Format
from api.transport.handlers import install_handlers
from graph_builder.labels import label_index
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.search_index import search_index

__all__ = ["BROWSER", "StoreExecutor", "get", "inlined", "site"]

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
FIXTURE = Path(__file__).parent.parent / "fixtures" / "pages.trig"


class StoreExecutor(Executor):
    """Evaluates in this process, and keeps the queries that it was asked."""

    def __init__(self, store: Store) -> None:
        self.limits = Limits()
        self.store = store
        self.asked: list[str] = []

    async def table(self, query: str, limits: Limits | None = None) -> Table:
        self.asked.append(query)
        answer = self.store.query(query)
        assert isinstance(answer, QuerySolutions)
        return read_table(answer.serialize(format=QueryResultsFormat.JSON) or b"")

    async def answer(
        self,
        query: str,
        fmt: Format,
        limits: Limits | None = None,
        dataset: Dataset | None = None,
        *,
        house: bool = True,
    ) -> Answer:
        self.asked.append(query)
        answer = self.store.query(query)
        assert isinstance(answer, QuerySolutions)
        body = answer.serialize(format=QueryResultsFormat.JSON) or b""
        return Answer(fmt, {}, "", Reply(Outcome(size=len(body), body=body)))

    async def tables(self, queries: Sequence[str], limits: Limits | None = None) -> list[Table]:
        return [await self.table(query, limits) for query in queries]

    async def ask(self, query: str, limits: Limits | None = None) -> bool:
        self.asked.append(query)
        answer = self.store.query(query)
        assert isinstance(answer, QueryBoolean)
        return bool(answer)

    async def part(self, query: str, fmt: Format, triples: int) -> tuple[bytes, int]:
        self.asked.append(query)
        answer = self.store.query(query)
        assert isinstance(answer, QueryTriples)
        found = list(answer)
        body = serialize(found[:triples], format=RdfFormat.from_extension(fmt.suffix)) or b""
        return body, len(found) if len(found) > triples else 0

    async def graph(self, query: str, fmt: Format, limits: Limits | None = None) -> bytes:
        self.asked.append(query)
        answer = self.store.query(query)
        assert isinstance(answer, QueryTriples)
        return serialize(answer, format=RdfFormat.from_extension(fmt.suffix)) or b""


def site(trig: Path = FIXTURE) -> FastAPI:
    """The pages over the graph of a TriG file."""
    store, names = Store(), prefix_map()
    store.load(path=trig, format=RdfFormat.TRIG)
    triples = [quad.triple for quad in store.quads_for_pattern(None, None, None, DefaultGraph())]
    named = [each for each in store.named_graphs() if isinstance(each, NamedNode)]
    manifest = {
        "version": "test-1",
        "base": names.base,
        "triples": len(triples),
        "graphs": {str(each.value): len(list(store.quads_for_pattern(None, None, None, each))) for each in named},
        "issued": "2026-11-22",
        "shacl": {"conforms": True},
    }
    labels = tuple(label_index(triples, names))
    app = FastAPI()
    install_handlers(app, names.base, render_problem)
    parts = (search, versions, results, resources, nanopublications, vocabulary, datasets, reasons, paths, reconcile)
    for part in (graphs, *parts, agents, problems, pages):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(packages=[("api", "static")]), name="static")
    app.state.release = Release(trig.parent, "test-1", manifest, labels, dict(names.prefixes))
    app.state.catalogue = Catalogue.load(CHECKOUT.queries, names)
    app.state.executor = StoreExecutor(store)
    app.state.served = Served(app.state.release, app.state.executor, app.state.catalogue)
    # what the folder of a release has in a file
    vars(app.state.served)["search"] = SearchIndex(search_index(triples, labels, names))
    return app


def get(app: FastAPI, path: str, accept: str | None = BROWSER, **headers: str) -> httpx.Response:
    """One request, redirects not followed."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if accept is not None:
        given["Accept"] = accept

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            if accept is None:
                del client.headers["Accept"]
            return await client.get(path, headers=given)

    return asyncio.run(ask())


def inlined(app: FastAPI, answer: httpx.Response) -> bytes:
    """The body of an answer; JSON-LD with its context put in, as a processor would fetch it."""
    if not answer.headers["content-type"].startswith("application/ld+json"):
        return answer.content
    document = orjson.loads(answer.content)
    if isinstance(document, dict) and isinstance(document.get("@context"), str):
        document["@context"] = get(app, document["@context"], None).json()["@context"]
    return orjson.dumps(document)
