"""Writes a release: a folder that never changes once it stands, switched in by one rename."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, parse

from graph_builder.errors import ReleaseError
from graph_builder.prefixes import PrefixMap
from graph_builder.serialization import DUMPS, dump, sorted_nquads

__all__ = ["DESCRIPTION", "MANIFEST", "ORDER", "Describe", "current", "find", "fingerprint", "publish"]

MANIFEST = "manifest.json"
DESCRIPTION = "dataset.ttl"
ORDER = "releases.txt"
"""Beside `current`: a version in each line, in the order in which they became current; moments of time need one."""
Describe = Callable[[Mapping[str, Mapping[str, Any]]], bytes]
"""Describes a release by its files."""
_UNTOUCHED = "The former release is untouched"


def fingerprint(files: Mapping[str, Path], *words: str) -> tuple[str, dict[str, str]]:
    """The first ten hexadecimal digits of a hash over named files and words, and the SHA-256 of each file."""
    hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(files.items())}
    joined = "\n".join([*words, *(f"{name} {value}" for name, value in hashes.items())])
    return hashlib.sha256(joined.encode()).hexdigest()[:10], hashes


def find(folder: Path, version: str) -> Path | None:
    """The whole release of a version below a folder, or None: one without a manifest was never finished."""
    release = folder / version
    return release if (release / MANIFEST).is_file() else None


def current(build: Path) -> Path:
    """The release that `build/current` points at. Raises ReleaseError."""
    release = build / "current"
    if not (release / MANIFEST).is_file():
        raise ReleaseError(f"{release}: no release is built; run 'kip build' (or 'make build')")
    return release.resolve()


def publish(
    folder: Path,
    version: str,
    quads: Iterable[Quad],
    documents: Mapping[str, bytes],
    facts: Mapping[str, Any],
    prefixes: PrefixMap,
    describe: Describe | None = None,
) -> Path:
    """Writes a release beside the others and switches `current` to it; what was there stays until then.

    `documents` are further files by name, `facts` further keys of the manifest; `describe` writes `dataset.ttl` from
    the size and the hash of every other file. Raises ReleaseError when the disk is full or the folder cannot be
    written; nothing half-written is left.
    """
    with _written_whole(folder, version) as place:
        nquads = sorted_nquads(quads)
        ordered = list(_parsed(nquads))
        defaults = [quad.triple for quad in ordered if quad.graph_name == DefaultGraph()]
        files = {"dataset.nq": nquads, **{name: dump(name, defaults, prefixes) for name in DUMPS}, **documents}
        if describe:
            files[DESCRIPTION] = describe({name: _described(data) for name, data in files.items()})
        for name, data in files.items():
            (place / name).write_bytes(data)
        _write_store(place / "store", ordered)
        manifest = {
            "version": version,
            "base": prefixes.base,
            "quads": len(ordered),
            "triples": len(defaults),
            "graphs": _graph_sizes(ordered),
            "files": {name: _described(data) for name, data in sorted(files.items())},
            "prefixes": dict(sorted(prefixes.prefixes.items())),
            **facts,
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
        (place / MANIFEST).write_text(text + "\n", "utf-8")
    return switch(folder, version)


def _parsed(nquads: bytes) -> Iterator[Quad]:
    return iter(parse(nquads, format=RdfFormat.N_QUADS))


def _described(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _graph_sizes(quads: Iterable[Quad]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for quad in quads:
        name = "" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
        sizes[name] = sizes.get(name, 0) + 1
    return dict(sorted(sizes.items()))


def _write_store(path: Path, quads: Iterable[Quad]) -> None:
    store = Store(str(path))
    store.bulk_extend(quads)
    store.optimize()
    store.flush()


@contextmanager
def _written_whole(folder: Path, version: str) -> Iterator[Path]:
    """A new folder beside the releases that takes its name when all is written, and is removed when that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    except OSError as error:
        raise _refused(folder, error) from error
    try:
        yield place
        place.chmod(0o755)
        _rename(place, folder / version)
    except OSError as error:
        raise _refused(folder, error) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _rename(place: Path, release: Path) -> None:
    """Gives a written folder its name; an unfinished one of that name goes, a finished one wins."""
    if release.exists() and not (release / MANIFEST).is_file():
        shutil.rmtree(release)
    try:
        place.rename(release)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def switch(folder: Path, version: str) -> Path:
    """Points `current`, beside the folder of releases, at a version in one step; the result is the release."""
    link = folder.parent / "current"
    beside = folder.parent / f".current-{os.getpid()}"
    try:
        beside.unlink(missing_ok=True)
        beside.symlink_to(Path(folder.name) / version)
        _note(folder.parent / ORDER, version)
        beside.replace(link)
    except OSError as error:
        raise _refused(folder, error) from error
    return folder / version


def _note(order: Path, version: str) -> None:
    """Adds a version to the order of releases when it is first switched to; a line is written in one piece."""
    if not order.is_file() or version not in order.read_text("utf-8").split():
        with order.open("ab", buffering=0) as file:
            file.write(f"{version}\n".encode())


def _refused(folder: Path, error: OSError) -> ReleaseError:
    # the store's own errors have no number
    if error.errno == errno.ENOSPC or os.strerror(errno.ENOSPC) in str(error):
        return ReleaseError(f"{folder}: the disk is full; free some space and run again. {_UNTOUCHED}")
    return ReleaseError(f"{folder}: cannot be written: {error.strerror or error}. {_UNTOUCHED}")
