"""The releases as states of this server in time: their order, the moment of each, and which one was there at a moment.

RFC 7089 (Memento), https://www.rfc-editor.org/rfc/rfc7089; application/link-format: RFC 6690, section 5.

The moment of a release is the day of issue that its data states. Several releases of one day follow one another in the
order in which they became current, which the builder notes beside the releases; the n-th of a day has the n-th second
of that day, as a moment has to tell them apart. No clock and no time of a file is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import orjson

from api.descriptions.dumps import published
from api.errors import NotFound
from api.releases import Release

__all__ = [
    "LINK_FORMAT",
    "ORDER",
    "Memento",
    "Resource",
    "at",
    "mementos",
    "read_moment",
    "unknown",
    "versions",
]

LINK_FORMAT = "application/link-format"
_DATASET = "dataset.nq"
"""In the folder of a release: all that it says, as lines in order."""
ORDER = "releases.txt"
"""Beside the folder of the releases: a version in each line, in the order in which they became current."""


@dataclass(frozen=True, slots=True)
class Memento:
    """A release with its moment, None where its data states no day; `path` is its folder."""

    version: str
    path: Path
    moment: datetime | None

    @property
    def date(self) -> str:
        """The moment as HTTP writes it, "" where there is none."""
        return format_datetime(self.moment, usegmt=True) if self.moment else ""


def versions(release: Release) -> tuple[Memento, ...]:
    """The releases in the folder of this one that have its base, from the first to the last."""
    folder = release.path.parent
    signature = tuple(map(_changed, (folder, folder.parent / ORDER)))
    return _versions(folder, signature, _Known(release))


@dataclass(frozen=True, slots=True)
class _Known:
    """A release that is the same as another where its folder is."""

    release: Release

    def __hash__(self) -> int:
        return hash(self.release.path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and other.release.path == self.release.path


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=16)
def _versions(folder: Path, signature: tuple[int, ...], known: _Known) -> tuple[Memento, ...]:
    order = {version: place for place, version in enumerate(_order(folder.parent / ORDER), 1)}
    found = {each.version: each for each in published(known.release)}
    days = {version: _day(each.manifest.get("issued", ""), version) for version, each in found.items()}
    seconds: dict[str, int] = {}
    for version in order:
        day = days.get(version) or _day("", version)
        seconds[version] = sum(1 for other in seconds if (days.get(other) or _day("", other)) == day) + 1
    listed = sorted(found, key=lambda version: (days[version] or datetime.min, order.get(version, 0), version))
    return tuple(Memento(each, found[each].path, _moment(days[each], seconds.get(each, 0))) for each in listed)


def _order(path: Path) -> list[str]:
    try:
        return list(dict.fromkeys(path.read_text("utf-8").split()))
    except (OSError, ValueError):
        return []


def _day(issued: object, version: str) -> datetime | None:
    """The day that the manifest states, or the one with which the version begins."""
    for text in (str(issued), version[:10]):
        try:
            return datetime.strptime(text, "%Y-%m-%d")
        except ValueError:
            continue
    return None


def _moment(day: datetime | None, second: int) -> datetime | None:
    return (day + timedelta(seconds=min(second, 86_399))).replace(tzinfo=UTC) if day else None


def mementos(release: Release, iri: str = "") -> tuple[Memento, ...]:
    """The releases with a moment, from the first to the last; of an IRI only those that say something of it."""
    dated = tuple(each for each in versions(release) if each.moment)
    return _knowing(dated, iri) if iri else dated


@lru_cache(maxsize=4096)
def _knowing(dated: tuple[Memento, ...], iri: str) -> tuple[Memento, ...]:
    return tuple(each for each in dated if iri in _graphs(each.path) or _is_subject(each.path / _DATASET, iri))


@lru_cache(maxsize=64)
def _graphs(folder: Path) -> frozenset[str]:
    """The named graphs of a release, which never changes."""
    try:
        return frozenset(orjson.loads((folder / "manifest.json").read_bytes()).get("graphs") or ())
    except (OSError, ValueError, AttributeError):
        return frozenset()


def _is_subject(path: Path, iri: str) -> bool:
    """Whether an IRI is a subject in a file of N-Quads, of which the lines are in order."""
    beginning = f"<{iri}> ".encode(errors="replace")
    try:
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as lines:
            place = _place(lines, beginning)
            return lines[place : place + len(beginning)] == beginning
    except (OSError, ValueError):  # ValueError: the file is empty
        return False


def _place(lines: mmap, beginning: bytes) -> int:
    """Where the first line stands that is not before such a beginning."""
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        start = lines.rfind(b"\n", 0, middle) + 1
        if lines[start : start + len(beginning)] < beginning:
            end = lines.find(b"\n", middle)
            low = end + 1 if end >= 0 else high
        else:
            high = start
    return low


def at(listed: Sequence[Memento], moment: datetime) -> Memento:
    """The last one that is not after a moment, or the first of all (RFC 7089, section 4.5.3)."""
    before = [each for each in listed if each.moment and each.moment <= moment]
    return before[-1] if before else listed[0]


def read_moment(text: str) -> datetime | None:
    """The moment of Accept-Datetime; None for what is none (section 2.1.1.1).

    >>> read_moment("Tue, 20 Mar 2001 20:35:00 GMT").isoformat(), read_moment("yesterday")
    ('2001-03-20T20:35:00+00:00', None)
    """
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of this server and its mementos: `origin` is scheme and host, `root` where the server is mounted,
    `tail` the rest of the address with its query.
    """

    origin: str
    root: str
    tail: str
    mementos: tuple[Memento, ...]

    @property
    def original(self) -> str:
        """Its address, which is its TimeGate too (RFC 7089, section 4.1.1)."""
        return f"{self.origin}{self.root}{self.tail}"

    @property
    def timemap(self) -> str:
        """Where its mementos are listed."""
        return f"{self.origin}{self.root}/timemap{self.tail}"

    def address(self, memento: Memento) -> str:
        """Where it is in a release."""
        return f"{self.origin}{self.root}/v/{memento.version}{self.tail}"

    def links(self, here: Memento | None = None) -> list[str]:
        """The values of Link (section 2.2); `here` is the memento that is answered."""
        values = [
            f'<{self.original}>; rel="original timegate"',
            f'<{self.timemap}>; rel="timemap"; type="{LINK_FORMAT}"',
        ]
        return [*values, *(self._link(each, relation) for each, relation in self._related(here))]

    def link_format(self) -> bytes:
        """The TimeMap as `application/link-format` (section 5)."""
        first, last = self.mementos[0].date, self.mementos[-1].date
        span = f'; from="{first}"; until="{last}"'
        values = [
            f'<{self.original}>; rel="original timegate"',
            f'<{self.timemap}>; rel="self"; type="{LINK_FORMAT}"{span}',
            *(self._link(each, _relation(number, len(self.mementos))) for number, each in enumerate(self.mementos)),
        ]
        return (",\n".join(values) + "\n").encode()

    def as_json(self) -> dict[str, Any]:
        """The TimeMap as JSON."""
        listed = [{"uri": self.address(each), "datetime": each.date, "release": each.version} for each in self.mementos]
        return {
            "original_uri": self.original,
            "timegate_uri": self.original,
            "timemap_uri": self.timemap,
            "mementos": {"first": listed[0], "last": listed[-1], "list": listed},
        }

    def _related(self, here: Memento | None) -> Iterable[tuple[Memento, str]]:
        listed, last = self.mementos, len(self.mementos) - 1
        named: dict[int, list[str]] = {0: ["first"]}
        named.setdefault(last, []).append("last")
        if here in listed:
            place = listed.index(here)
            named.setdefault(place, [])
            for name, other in (("prev", place - 1), ("next", place + 1)):
                if 0 <= other <= last:
                    named.setdefault(other, []).append(name)
        return [(listed[place], " ".join([*names, "memento"])) for place, names in sorted(named.items())]

    def _link(self, memento: Memento, relation: str) -> str:
        return f'<{self.address(memento)}>; rel="{relation}"; datetime="{memento.date}"'


def _relation(number: int, count: int) -> str:
    ends = [name for name, place in (("first", 0), ("last", count - 1)) if place == number]
    return " ".join([*ends, "memento"])


def unknown(version: str, current: Release, served: bool = True) -> NotFound:
    """404 with the releases that there are."""
    listed = [each.version for each in versions(current)] if served else [current.version]
    said = f"There is no release {version[:80]!r}." if served else "Older releases are not answered from here."
    return NotFound(said, hint=f"/v/ lists the releases; the latest is {current.version}.", releases=listed)
