"""The gate before the workers: so many queries at one time, some places for the house only, and a fair queue.

Queries that the house wrote (pages, ready-made questions) have places of their own beside those for whatever callers
write, so that a crowd of cross products cannot keep them waiting.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass

from api.engine.fairness import FairQueue
from api.engine.faults import busy
from api.errors import ServerBusy
from api.limits import told

__all__ = ["Gate", "Turn"]

_ANYBODY = "somebody"


@dataclass(slots=True, eq=False)
class Turn:
    """A query on its way: whose it is, whether the house wrote it, and how long it waited and was evaluated."""

    client: str = _ANYBODY
    house: bool = False
    waited: float = 0.0
    seconds: float = 0.0


@dataclass(slots=True, eq=False)
class _Waiting:
    turn: Turn
    opened: asyncio.Future[bool]


class Gate:
    """Lets in `size` queries of anybody and `reserved` more of the house; `capacity` of each kind may wait."""

    def __init__(self, size: int, reserved: int, capacity: int) -> None:
        self.capacity = capacity
        self._size = size
        self._free = size
        self._reserved = reserved
        self._lines: dict[bool, FairQueue[_Waiting]] = {True: FairQueue(capacity), False: FairQueue(capacity)}
        self._house_next = True
        self._held: dict[Turn, bool] = {}

    @property
    def waiting(self) -> int:
        """How many queries wait."""
        return len(self._lines[True]) + len(self._lines[False])

    @property
    def busy(self) -> int:
        """How many queries are evaluated."""
        return len(self._held)

    async def enter(self, turn: Turn, seconds: float) -> None:
        """Wait for a place, at most so long. Raises ServerBusy where there is none; `leave` must follow otherwise."""
        place = self._place(turn)
        if place is None:
            began = asyncio.get_running_loop().time()
            try:
                place = await self._wait(turn, seconds)
            finally:
                turn.waited = asyncio.get_running_loop().time() - began
        self._held[turn] = place

    def leave(self, turn: Turn) -> None:
        """Give the place back."""
        self._give(self._held.pop(turn))

    def _place(self, turn: Turn) -> bool | None:
        """A free place, True for a reserved one; nobody overtakes those who wait for the same."""
        if len(self._lines[turn.house]):
            return None
        if turn.house and self._reserved:
            self._reserved -= 1
            return True
        if self._free:
            self._free -= 1
            return False
        return None

    async def _wait(self, turn: Turn, seconds: float) -> bool:
        waiting = _Waiting(turn, asyncio.get_running_loop().create_future())
        dropped = self._lines[turn.house].join(turn.client, waiting)
        if dropped is not None:
            if dropped is waiting:
                raise self._full(seconds)
            dropped.opened.set_exception(self._full(seconds))
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(waiting.opened)
        except TimeoutError:
            self._forsake(waiting)
            raise busy("No worker became free in time.", seconds, limit=self._workers()) from None
        except asyncio.CancelledError:
            self._forsake(waiting)
            raise

    def _forsake(self, waiting: _Waiting) -> None:
        """Leave the line, or pass on the place that was given at the same moment."""
        opened = waiting.opened
        if opened.done() and not opened.cancelled() and opened.exception() is None:
            self._give(opened.result())
        elif not opened.done():
            self._lines[waiting.turn.house].leave(waiting.turn.client, waiting)
            opened.cancel()

    def _give(self, place: bool) -> None:
        """Hand a place to the next who may have it; the two lines take turns at the places for anybody."""
        kinds = (True,) if place else (self._house_next, not self._house_next)
        for house in kinds:
            waiting = self._lines[house].take()
            if waiting is not None:
                if not place:
                    self._house_next = not house
                waiting.opened.set_result(place)
                return
        if place:
            self._reserved += 1
        else:
            self._free += 1

    def _full(self, seconds: float) -> ServerBusy:
        detail = f"Every worker is taken and {self.capacity} queries wait, as many as may."
        return busy(detail, math.ceil(seconds), limit=told("queue", self.capacity, "queries", "KIP_QUEUE"))

    def _workers(self) -> dict[str, object]:
        return told("workers", self._size, "queries", "KIP_WORKERS")
