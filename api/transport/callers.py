"""Whether the caller is still there: what is under way for one who has gone is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import Receive

__all__ = ["BODILESS", "Watch"]

BODILESS = frozenset({"GET", "HEAD"})
# Most work is over before it is worth while to watch.
_PATIENCE_SECONDS = 0.05


class Watch:
    """Cancels the task that made it when the caller goes away; `fired` says that it did.

    Begins after a while; the body has to be read before.
    An answer that was given ends in the same way, so `complete` says whether it was.
    """

    def __init__(self, receive: Receive, complete: Callable[[], bool] = lambda: False) -> None:
        task = asyncio.current_task()
        assert task is not None, "requests are answered in tasks"
        self.task = task
        self.fired = False
        self._receive = receive
        self._complete = complete
        self._watching: asyncio.Task[None] | None = None
        self._start = asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, self._begin)

    def stop(self) -> None:
        """Watch no longer."""
        self._start.cancel()
        if self._watching is not None:
            self._watching.cancel()

    def _begin(self) -> None:
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if not self._complete():
            self.fired = True
            self.task.cancel()
