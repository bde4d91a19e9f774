"""The table of a run: what was measured, ours, the peer's and the ratio, in Markdown and in JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tests.benchmarks.timing import Sample

__all__ = ["Report", "Row", "machine", "versions"]

_PACKAGES = (
    *("pyoxigraph", "oxigraph", "rdflib", "rdflib-endpoint", "owlrl", "pyshacl"),
    *("fastapi", "uvicorn", "httptools", "uvloop"),
)
_MEANING = "Median (least to most) of the rounds; the ratio says how many times better ours is, so below 1 is worse."


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison; `peer` is None where something of ours stands alone."""

    what: str
    unit: str
    ours: Sample
    peer_name: str = ""
    peer: Sample | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times better ours is, of the medians; below 1 the peer is better."""
        if self.peer is None:
            return None
        first, second = (self.ours, self.peer) if self.more_is_better else (self.peer, self.ours)
        return first.median / second.median if second.median else None

    def as_json(self) -> dict[str, Any]:
        """The row with what follows from it."""
        medians = {"ours_median": self.ours.median, "peer_median": self.peer.median if self.peer else None}
        return {**asdict(self), **medians, "ratio": self.ratio}

    def cells(self) -> tuple[str, ...]:
        """The cells of the row in the table."""
        peer = f"{_range(self.peer)} {self.peer_name}" if self.peer else "–"
        ratio = "–" if self.ratio is None else f"{_figure(self.ratio)} ×"
        return (f"{self.what}, {self.unit}", _range(self.ours), peer, ratio)


def _figure(value: float) -> str:
    """Three significant digits.

    >>> [_figure(value) for value in (0.01234, 1.5, 31.26, 12345.0)]
    ['0.0123', '1.50', '31.3', '12,300']
    """
    if value >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:#.3g}".rstrip(".")


def _range(sample: Sample) -> str:
    if len(sample.values) == 1:
        return _figure(sample.median)
    return f"{_figure(sample.median)} ({_figure(sample.least)} to {_figure(sample.most)})"


@dataclass(frozen=True, slots=True)
class Report:
    """A run: where and with what it was made, what its rows mean, and the rows."""

    setting: Mapping[str, Any]
    notes: Sequence[str]
    rows: Sequence[Row]

    def markdown(self) -> str:
        """The table, what it was measured on, and notes."""
        head = ("what", "ours", "peer", "ratio")
        lines = [_line(head), _line(["---"] * len(head)), *(_line(row.cells()) for row in self.rows)]
        setting = [f"- {name}: {_plain(value)}" for name, value in self.setting.items()]
        return "\n".join([*lines, "", _MEANING, "", *setting, *(f"- {note}" for note in self.notes), ""])

    def as_json(self) -> dict[str, Any]:
        """The whole run."""
        return {
            "setting": dict(self.setting),
            "notes": list(self.notes),
            "rows": [row.as_json() for row in self.rows],
        }


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return str(value)


def versions() -> dict[str, str]:
    """The versions of what is compared; "absent" for what is not installed."""
    return {"Python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def machine() -> dict[str, str]:
    """The machine, and how busy it was before the run."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _field("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        "processors": str(os.cpu_count()),
        "memory": _field("/proc/meminfo", "MemTotal"),
        "load": f"{os.getloadavg()[0]:.2f}",
    }


def _field(path: str, name: str) -> str:
    lines = Path(path).read_text().splitlines() if Path(path).is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
