"""The older releases: each is opened when somebody asks for it below `/v/{version}/`, a few at one time.

They are queried from disk by few workers with little room, as most of them are never asked. One that nobody asks for a
while is closed; where all places are taken, the one that was asked for least lately makes room, though not within a
moment of its opening, so that who asks for one release after another costs no more than that.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Generic, Protocol, TypeVar

from fastapi import FastAPI

from api.engine.faults import busy
from api.errors import ReleaseUnavailable, RequestError
from api.limits import told
from api.releases import Release
from api.settings import Settings
from api.versions.mementos import Memento, unknown, versions
from graph_builder.errors import KnowledgeGraphError

__all__ = ["Archive", "Hosted"]

_IDLE_SECONDS = 600.0
_LEAST_SECONDS = 2.0
_MOST_WAITING = 16
_WORKERS, _CACHE_MB, _QUEUE = 1, 8, 32


class Hosted(Protocol):
    """An open application of a release."""

    app: FastAPI

    async def drain(self, seconds: float) -> None:
        """End it when its last request has, or the time is over."""

    async def close(self) -> None:
        """End it."""


Opened = TypeVar("Opened", bound=Hosted)


class Archive(Generic[Opened]):
    """Holds the older releases that are open; `opener` opens the one that settings name."""

    def __init__(self, settings: Settings, opener: Callable[[Settings], Awaitable[Opened]]) -> None:
        self._settings = settings
        self._opener = opener
        self._held: OrderedDict[str, _Place[Opened]] = OrderedDict()
        self._lock = asyncio.Lock()
        self._waiting = 0
        self._sweep: asyncio.Task[None] | None = None

    async def find(self, version: str, current: Release) -> Opened:
        """The open application of an older release; whoever gets it begins with it before anything is awaited.

        Raises NotFound, ServerBusy, ReleaseUnavailable.
        """
        if version in self._held:
            return self._touched(version)
        wanted = next((each for each in versions(current) if each.version == version), None)
        if wanted is None or not self._settings.old_releases:
            raise unknown(version, current, self._settings.old_releases > 0)
        if self._waiting >= _MOST_WAITING:
            raise busy("Many older releases are asked for.", 5, limit=told("older-releases", _MOST_WAITING, "requests"))
        self._waiting += 1
        try:
            async with self._lock:
                if version not in self._held:
                    await self._make_room()
                    self._held[version] = _Place(await self._opened(wanted))
                return self._touched(version)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Close all."""
        if self._sweep is not None:
            self._sweep.cancel()
        while self._held:
            await self._held.popitem()[1].hosted.close()

    def _touched(self, version: str) -> Opened:
        self._held.move_to_end(version)
        self._held[version].used = time.monotonic()
        if self._sweep is None or self._sweep.done():
            self._sweep = asyncio.create_task(self._close_idle())
        return self._held[version].hosted

    async def _opened(self, memento: Memento) -> Opened:
        given = self._settings
        # another engine holds the latest release only
        store: Any = "disk" if (memento.path / "store").is_dir() else "memory"
        settings = replace(
            given,
            release=memento.path,
            store=store,
            workers=_WORKERS,
            reserved=0,
            cache_mb=min(given.cache_mb, _CACHE_MB),
            queue=min(given.queue, _QUEUE),
        )
        try:
            return await self._opener(settings)
        except (KnowledgeGraphError, OSError) as error:
            if isinstance(error, RequestError):
                raise
            raise ReleaseUnavailable(f"Release {memento.version} cannot be opened: {type(error).__name__}.") from error

    async def _make_room(self) -> None:
        while len(self._held) >= self._settings.old_releases:
            version, place = next(iter(self._held.items()))
            await asyncio.sleep(max(0.0, place.opened + _LEAST_SECONDS - time.monotonic()))
            del self._held[version]
            await place.hosted.drain(self._settings.query_seconds + self._settings.stop_seconds)

    async def _close_idle(self) -> None:
        while self._held:
            version, place = next(iter(self._held.items()))
            rest = place.used + _IDLE_SECONDS - time.monotonic()
            if rest > 0:
                await asyncio.sleep(rest)
            elif self._held.pop(version, None) is not None:
                await place.hosted.drain(self._settings.query_seconds)


class _Place(Generic[Opened]):
    """An open release, when it was opened and when it was last asked for."""

    def __init__(self, hosted: Opened) -> None:
        self.hosted = hosted
        self.opened = self.used = time.monotonic()
