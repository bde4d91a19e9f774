"""The release that is served now, and the next one: opened and warmed beside it, then switched in between two requests.

Each release has an application of its own, so whatever answers a request, from the pool of workers to the prefix of a
link, is of one release. The old application ends when its last request has.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from api.app import create_app
from api.engine.hot import HotAnswers
from api.engine.ledger import Ledger
from api.errors import RequestError
from api.releases import Release
from api.settings import Settings
from api.transport.logs import RequestLog
from api.versions.archive import Archive
from graph_builder.errors import KnowledgeGraphError

__all__ = ["Host"]

_log = logging.getLogger("api.hosting")
_Signature = tuple[str, int, int]
_MOUNT = re.compile(r"/v/([^/]+)/")


class Host:
    """An ASGI application over the applications of releases; what clients used and what was counted goes on."""

    def __init__(self, settings: Settings, log: RequestLog | None = None) -> None:
        self._settings = settings
        self._ledger = Ledger(settings)
        self._log = log
        self._signature = _signature(settings.release)
        self._current = _Hosted(self._application())
        self._archive: Archive[_Hosted] = Archive(settings, self._opened)
        self._switching = asyncio.Lock()
        self._draining: set[asyncio.Task[None]] = set()

    @property
    def version(self) -> str:
        """The version of the release that is served."""
        return self._current.app.version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the release that is served when the request arrives."""
        current = self._current
        if scope["type"] == "http" and (asked := _MOUNT.match(scope["path"])):
            current, scope = await self._of_release(asked[1], current, scope)
        current.begin()
        try:
            await current.front(scope, receive, send)
        finally:
            current.end()

    async def _of_release(self, version: str, current: _Hosted, scope: Scope) -> tuple[_Hosted, Scope]:
        """Who answers below `/v/{version}`, as if mounted there; the current one where that is nobody, and says why."""
        try:
            found = current if version == current.app.version else await self._archive.find(version, current.release)
        except RequestError as refusal:
            return current, {**scope, "kip.refusal": refusal}
        return found, {**scope, "root_path": f"{scope.get('root_path', '')}/v/{version}"}

    def again(self, key: tuple[str, bytes], client: str) -> bytes | None:
        """What the release that is served now has ready for a request that came before."""
        return self._current.front.again(key, client)

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """The life of the server: the first release is opened, later ones are looked for, all are closed."""
        await self._current.open()
        _settle()
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            self.leave()
            await self._current.close()
            await self._archive.close()
            for task in self._draining:
                task.cancel()
            await asyncio.gather(*self._draining, return_exceptions=True)

    def leave(self) -> None:
        """Say from now on that the server is not ready."""
        self._current.app.state.pool.leave()

    async def switch(self) -> bool:
        """Serve what the folder of the release holds now; where that cannot be served, go on as before: False."""
        async with self._switching:
            began = time.monotonic()
            self._signature = _signature(self._settings.release)
            try:
                following = await self._next()
            except (KnowledgeGraphError, OSError) as error:
                _log.error("the new release cannot be served, %s stays: %s", self.version, error)
                return False
            before, self._current = self._current, following
            _log.warning("switched to release %s in %.1f s", self.version, time.monotonic() - began)
            drained = asyncio.create_task(before.drain(self._settings.query_seconds + self._settings.stop_seconds))
            self._draining.add(drained)
            drained.add_done_callback(self._drained)
            return True

    def _drained(self, task: asyncio.Task[None]) -> None:
        """The release before has ended: its memory goes, and the collector is spared what is served now."""
        self._draining.discard(task)
        _settle()

    async def _next(self) -> _Hosted:
        """The application of what the folder holds now, opened."""
        return await self._opened(self._settings, is_current=True)

    async def _opened(self, settings: Settings, is_current: bool = False) -> _Hosted:
        """An open application; what cannot be opened leaves no process behind."""
        following = _Hosted(await asyncio.to_thread(create_app, settings, self._ledger, self._log, is_current))
        try:
            await following.open()
        except BaseException:
            await following.close()
            raise
        return following

    async def _watch(self) -> None:
        while self._settings.watch_seconds:
            await asyncio.sleep(self._settings.watch_seconds)
            found = _signature(self._settings.release)
            if found is not None and found != self._signature:
                await self.switch()

    def _application(self) -> FastAPI:
        return create_app(self._settings, self._ledger, self._log)


class _Hosted:
    """The application of a release, its requests under way, and the task in which it lives."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.release: Release = app.state.release
        self.front: HotAnswers = app.state.hot
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._over = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """A request is under way."""
        self._under_way += 1
        self._idle.clear()

    def end(self) -> None:
        """It is answered."""
        self._under_way -= 1
        if not self._under_way:
            self._idle.set()

    async def open(self) -> None:
        """Start the application and ask it something. Raises what its start raises."""
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live(opened.set_result))
        await asyncio.wait([self._life, opened], return_when=asyncio.FIRST_COMPLETED)
        if self._life.done():
            await self._life
        await self.app.state.executor.ask("ASK {}")

    async def drain(self, seconds: float) -> None:
        """End the application when its last request has, or the time is over."""
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), seconds)
        finally:
            await self.close()

    async def close(self) -> None:
        """End the application."""
        self._over.set()
        if self._life is not None:
            await asyncio.gather(self._life, return_exceptions=True)

    async def _live(self, opened: Callable[[None], None]) -> None:
        """The lifespan of the application, entered and left in one task, as what is in it may demand."""
        async with self.app.router.lifespan_context(self.app):
            opened(None)
            await self._over.wait()


def _settle() -> None:
    """Spare the collector what stays: a look through all the names of a release holds every caller up."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _signature(folder: Path) -> _Signature | None:
    """What tells one release in a folder from another; None where there is none."""
    try:
        path = folder.resolve(strict=True)
        manifest = (path / "manifest.json").stat()
    except OSError:
        return None
    return str(path), manifest.st_mtime_ns, manifest.st_ino
