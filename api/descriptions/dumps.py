"""The files of the releases that can be fetched: only those that a manifest lists, each with its size and its hash."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from api.releases import Release
from api.transport.formats import of_kind

__all__ = ["Dump", "Published", "find", "published"]

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,63}")
_OTHERS = {"gz": "application/gzip", "json": "application/json", "sqlite": "application/vnd.sqlite3"}


@dataclass(frozen=True, slots=True)
class Dump:
    """One file of a release; `content_type` is that of the file as it is, packed or not."""

    version: str
    name: str
    path: Path
    bytes: int
    sha256: str

    @property
    def content_type(self) -> str:
        """What its suffix says of it."""
        suffix = self.name.rpartition(".")[2]
        rows = (row.content_type for row in of_kind("graph") if row.suffix == suffix)
        return next(rows, None) or _OTHERS.get(suffix, "application/octet-stream")

    @property
    def tail(self) -> str:
        """Its path below the base."""
        return f"dumps/{self.version}/{self.name}"


@dataclass(frozen=True, slots=True)
class Published:
    """A release of which the files can be fetched."""

    path: Path
    manifest: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Its version."""
        return str(self.manifest["version"])

    @property
    def dumps(self) -> tuple[Dump, ...]:
        """Its files by name."""
        listed = sorted(dict(self.manifest.get("files") or {}).items())
        return tuple(
            Dump(self.version, name, self.path / name, int(each["bytes"]), str(each["sha256"])) for name, each in listed
        )


def published(release: Release) -> Iterator[Published]:
    """The release that is served, then those of the same base beside it, the newest first."""
    yield Published(release.path, release.manifest)
    for name in sorted(_beside(release.path), reverse=True):
        found = _read(release, name) if name != release.version else None
        if found:
            yield found


def find(release: Release, version: str, name: str) -> Dump | None:
    """The file of a version, or None where no manifest lists it."""
    held = Published(release.path, release.manifest) if version == release.version else _read(release, version)
    return next((dump for dump in held.dumps if dump.name == name and dump.path.is_file()), None) if held else None


def _beside(path: Path) -> list[str]:
    try:
        return [each.name for each in path.parent.iterdir()]
    except OSError:
        return []


def _read(release: Release, version: str) -> Published | None:
    """The finished release of a version beside this one; None for anything that is none of ours."""
    if not _VERSION.fullmatch(version):
        return None
    folder = release.path.parent / version
    try:
        manifest = orjson.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return None
    known = isinstance(manifest, dict) and (manifest.get("version"), manifest.get("base")) == (version, release.base)
    return Published(folder, manifest) if known else None
