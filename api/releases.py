"""Opening a release: the folder that the builder leaves and the server serves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from graph_builder.errors import ReleaseError

__all__ = ["Release", "ReleaseMissing", "open_release"]

_NEEDED = ("version", "base", "prefixes")


class ReleaseMissing(ReleaseError):
    """There is no release in the folder."""


@dataclass(frozen=True, slots=True)
class Release:
    """An immutable release: its folder, version, manifest, labels (as labels.json has them) and prefixes.

    `terms` has the names of terms of other vocabularies, by IRI and language.
    """

    path: Path
    version: str
    manifest: Mapping[str, Any]
    labels: tuple[Mapping[str, Any], ...]
    prefixes: Mapping[str, str]
    terms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The base IRI that the release was built for."""
        return str(self.manifest["base"])

    @property
    def retired(self) -> Mapping[str, Any]:
        """The retired identifiers by IRI: `on`, `reason` and, where something took its place, `replacedBy`."""
        return dict(self.manifest.get("retired") or {})


def open_release(folder: Path) -> Release:
    """The release in a folder; links are followed now, so that a later switch of `current` changes nothing here.

    Raises ReleaseMissing where there is none and ReleaseError where it is damaged.
    """
    path = folder.resolve()
    if not (path / "manifest.json").is_file():
        raise ReleaseMissing(f"no release in {folder}: build one with `make build`, or name its folder in KIP_RELEASE")
    manifest = _object(path / "manifest.json")
    missing = [name for name in _NEEDED if name not in manifest]
    if missing:
        raise ReleaseError(f"{path / 'manifest.json'} lacks {', '.join(missing)}; build the release again")
    _verify(path, manifest)
    terms = _object(path / "terms.json") if (path / "terms.json").is_file() else {}
    labels, prefixes = _labels(path / "labels.json"), dict(manifest["prefixes"])
    return Release(path, str(manifest["version"]), manifest, labels, prefixes, terms)


def _verify(path: Path, manifest: Mapping[str, Any]) -> None:
    """Hold each file against the size and the hash that the manifest has of it. Raises ReleaseError."""
    for name, said in sorted(dict(manifest.get("files") or {}).items()):
        try:
            content = (path / name).read_bytes()
        except OSError as error:
            why = error.strerror or error
            raise ReleaseError(f"{path / name} cannot be read ({why}); build the release again") from error
        if len(content) != said["bytes"] or hashlib.sha256(content).hexdigest() != said["sha256"]:
            raise ReleaseError(
                f"{path / name} is damaged: it has {len(content)} bytes, and is not the file of {said['bytes']} bytes "
                "that manifest.json has the SHA-256 of; build the release again"
            )


def _object(path: Path) -> dict[str, Any]:
    document = _json(path)
    if not isinstance(document, dict):
        raise ReleaseError(f"{path} is no JSON object; build the release again")
    return document


def _labels(path: Path) -> tuple[Mapping[str, Any], ...]:
    document = _json(path) if path.is_file() else []
    if not isinstance(document, list):
        raise ReleaseError(f"{path} is no JSON array; build the release again")
    return tuple(document)


def _json(path: Path) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}; build the release again") from error
