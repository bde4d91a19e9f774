"""Measures: rounds in which the compared take turns, so that a busy machine is busy for each of them."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

__all__ = [
    "PATIENCE",
    "Sample",
    "family",
    "peak_memory",
    "processor_time",
    "seconds_by_turns",
    "shared_memory",
    "turns",
]

PATIENCE = 25.0
"""Seconds after which no further round begins."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one of the compared reached in each round.

    >>> Sample((3.0, 1.0, 2.0)).median
    2.0
    """

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value."""
        return median(self.values)

    @property
    def least(self) -> float:
        """The smallest value."""
        return min(self.values)

    @property
    def most(self) -> float:
        """The largest value."""
        return max(self.values)

    def per(self, amount: float) -> Sample:
        """Seconds turned into a rate: `amount` in each of them."""
        return Sample(tuple(amount / value for value in self.values))


def seconds_by_turns(rounds: int, compared: Mapping[str, Callable[[], object]]) -> dict[str, Sample]:
    """The processor seconds that each of the compared takes, in rounds A B A B; what they return is thrown away.

    No round begins after `PATIENCE` seconds, so that a busy machine shortens the run's rounds instead of prolonging it.
    """
    taken: dict[str, list[float]] = {name: [] for name in compared}
    for _ in turns(rounds):
        for name, work in compared.items():
            taken[name].append(_seconds(work))
    return {name: Sample(tuple(values)) for name, values in taken.items()}


def turns(rounds: int) -> Iterator[int]:
    """The numbers of rounds, as many as begin within `PATIENCE` seconds and at least the first."""
    started = time.perf_counter()
    for number in range(rounds):
        if number == 0 or time.perf_counter() - started < PATIENCE:
            yield number


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.process_time()
    result = work()
    spent = time.process_time() - started
    del result
    return spent


def family(process: int) -> tuple[int, ...]:
    """A process and all that descend from it (https://man7.org/linux/man-pages/man5/proc_pid_task_children.5.html)."""
    found = [process]
    for each in found:
        try:
            found += map(int, Path(f"/proc/{each}/task/{each}/children").read_text().split())
        except OSError:
            continue
    return tuple(found)


def processor_time(processes: Iterable[int]) -> float:
    """The seconds that processes computed so far, their ended children included (proc_pid_stat(5))."""
    ticks = 0
    for process in processes:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_memory(process: int | str = "self") -> int:
    """The most bytes that a process had resident since its program started (VmHWM)."""
    return _kilobytes(Path(f"/proc/{process}/status"), "VmHWM:")


def shared_memory(processes: Iterable[int]) -> int:
    """The bytes that processes hold together, shared ones counted once (Pss)."""
    return sum(_kilobytes(Path(f"/proc/{process}/smaps_rollup"), "Pss:") for process in processes)


def _kilobytes(path: Path, field: str) -> int:
    lines = path.read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field)), 0)
