"""One hostile input after the other against one server, and what was measured meanwhile."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.api.conftest import UNTRACED, running
from tests.canary import canary
from tests.hostile.inputs import Input, Target
from tests.hostile.watching import Health, Watch, watching
from tests.hostile.wire import Said

__all__ = ["HEALTH_SECONDS", "Result", "Trial", "trial"]

HEALTH_SECONDS = 0.25
"""Within so long `/healthz` answers 99 times in a hundred, whatever else is asked."""
SETTINGS: Mapping[str, str] = {
    "KIP_WORKERS": "2",
    "KIP_QUERY_SECONDS": "2",
    "KIP_QUERY_MEMORY_MB": "256",
    "KIP_REQUEST_SECONDS": "2",
    "KIP_STALL_SECONDS": "2",
    # who is charged is tested elsewhere; here one address sends everything
    "KIP_CLIENT_SECONDS": "0",
    "KIP_CLIENT_ERRORS": "0",
    "KIP_LOG": "off",
    **UNTRACED,
}


@dataclass(frozen=True, slots=True)
class Result:
    """What an input brought about."""

    said: Sequence[Said]
    seconds: float
    health: Health

    @property
    def statuses(self) -> Mapping[int, int]:
        """How often each status came."""
        return dict(sorted(Counter(each.status for each in self.said).items()))


@dataclass(frozen=True, slots=True)
class Trial:
    """A server under trial, who watches it, and the connections that the listener saw."""

    target: Target
    watch: Watch
    heard: Sequence[object]

    def of(self, hostile: Input, least_seconds: float = 0.0) -> Result:
        """Send an input, again and again until the least time is over."""
        began = time.monotonic()
        said = list(hostile.send(self.target))
        seconds = time.monotonic() - began
        while time.monotonic() - began < least_seconds:
            said += hostile.send(self.target)
        return Result(said, seconds, self.watch.during(began, time.monotonic()))


@contextmanager
def trial(release: Path) -> Iterator[Trial]:
    """A server over a release, watched, with a listener beside it."""
    with (
        running(release, **SETTINGS) as (client, process),
        canary() as (url, heard),
        tempfile.TemporaryDirectory() as folder,
    ):
        address = (str(client.base_url.host), int(client.base_url.port or 0))
        with watching(address, process.pid, Path(folder) / "notes") as watch:
            yield Trial(Target(address, url), watch, heard)
