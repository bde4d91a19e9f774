"""Permanent links to the answer of a question: a record of release and question, under the hash of what it says.

The name is the beginning of the SHA-256 of the record in one form (JSON, keys sorted, RFC 8785 in spirit), whatever
format the answer is in: who asks the same of the same release gets the same link, and a record can never be another's.
Only the question is kept, as a release never changes. The folder is bounded: what was looked up least lately goes
first, and comes back under the same link when somebody asks for it again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import orjson

from api.descriptions.bibliography import Bibliography
from api.descriptions.neighbourhood import Name
from api.errors import LinkNotKept
from api.questions.catalogue import Query
from api.transport.formats import Format
from api.views.answers import Shown
from api.views.editor import Outcome
from api.views.pages import Page

__all__ = ["PermalinkPage", "Permalinks", "Record", "is_name"]

_NAME = re.compile(r"[0-9a-f]{32}")
# An entry of a folder takes a block, however short.
_BLOCK = 4096


def is_name(text: str) -> bool:
    """Whether a record may have this name."""
    return _NAME.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Record:
    """What was asked of a release: a query of the catalogue with its parameters, or SPARQL."""

    release: str
    sparql: str = ""
    query: str = ""
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The record in its one form."""
        asked: dict[str, Any] = {"sparql": self.sparql}
        if self.query:
            given = {name: list(texts) for name, texts in self.parameters.items() if texts}
            asked = {"query": self.query, "parameters": given}
        return orjson.dumps({"release": self.release, **asked}, option=orjson.OPT_SORT_KEYS)

    @property
    def name(self) -> str:
        """Its name.

        >>> Record("2026", "ASK {}").name == Record("2026", "ASK {}").name != Record("2027", "ASK {}").name
        True
        """
        return hashlib.sha256(self.body).hexdigest()[:32]

    @classmethod
    def read(cls, body: bytes) -> Record:
        """The record that `body` holds. Raises ValueError, KeyError, TypeError or AttributeError for anything else."""
        said = orjson.loads(body)
        given = {str(name): tuple(map(str, texts)) for name, texts in said.get("parameters", {}).items()}
        return cls(str(said["release"]), str(said.get("sparql", "")), str(said.get("query", "")), given)


class Permalinks:
    """The records in a folder, at most `capacity` bytes of them; several servers may share it."""

    def __init__(self, folder: Path, capacity: int) -> None:
        self._folder = folder
        self._capacity = capacity

    def keep(self, record: Record) -> bool:
        """Keep a record; whether it is new. Raises LinkNotKept."""
        if not self._capacity:
            raise LinkNotKept("This server keeps no permanent links.", hint="Below /v/ every address lasts by itself.")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return self._written(record)
        except OSError as error:
            raise LinkNotKept(
                f"The link cannot be kept: {error.strerror}.", hint="Below /v/ every address lasts by itself."
            ) from error

    def find(self, name: str) -> Record | None:
        """The record of a name, None where there is none or it was damaged."""
        path = self._folder / name
        try:
            record = Record.read(path.read_bytes())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return record if record.name == name else None

    def _written(self, record: Record) -> bool:
        """Written beside and linked in one step: a file of that name is never changed, and never half there."""
        if self.find(record.name) == record:
            return False
        self._make_room()
        descriptor, beside = tempfile.mkstemp(prefix=".", dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(record.body)
            Path(beside).replace(self._folder / record.name)
        finally:
            Path(beside).unlink(missing_ok=True)
        return True

    def _make_room(self) -> None:
        found = [(entry.stat().st_mtime_ns, entry.name) for entry in os.scandir(self._folder) if is_name(entry.name)]
        sizes = {name: -(-(self._folder / name).stat().st_size // _BLOCK) * _BLOCK for _, name in found}
        total = sum(sizes.values())
        for _, name in sorted(found):
            if total + _BLOCK <= self._capacity:
                return
            (self._folder / name).unlink(missing_ok=True)
            total -= sizes[name]


@dataclass(frozen=True, slots=True)
class PermalinkPage(Page):
    """What was asked of which release, what it answered, and how to cite it.

    A ready-made `query` has `shown` rows, and `values` for its parameters; any other query has an `outcome`.
    """

    template: ClassVar[str] = "permalink.html"
    record: Record
    issued: str
    iri: str
    sparql: str
    query: Query | None
    values: tuple[tuple[Name, tuple[Mapping[str, Any], ...]], ...]
    shown: Shown | None
    outcome: Outcome | None
    formats: tuple[tuple[Format, str], ...]
    bibliography: Bibliography
