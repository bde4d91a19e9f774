"""How a remote engine says which release it holds: the graphs of a release there, and the graph with its marks.

An engine may have no default graph of its own, or take the union of all for one; so the release's default graph has a
name there. The marks are written by `kip load` and read when a remote store is opened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

__all__ = ["Marks", "Places", "digest_of"]

_TERMS = "http://purl.org/dc/terms/"


@dataclass(frozen=True, slots=True)
class Places:
    """The names that graphs have in a remote engine, below the base of the data."""

    base: str

    @property
    def default(self) -> str:
        """Where the default graph of the release stands."""
        return f"{self.base}graph/default"

    @property
    def marks(self) -> str:
        """Where the marks stand."""
        return f"{self.base}graph/load"

    @property
    def nothing(self) -> str:
        """A graph that is never there; to name it says that a dataset has no graph of a kind."""
        return f"{self.base}graph/none"

    def of(self, graph: str) -> str:
        """Where a graph of the release stands; the default graph is ''."""
        return graph or self.default


@dataclass(frozen=True, slots=True)
class Marks:
    """What the marks say: the release, the hash of its quads, the chunks that arrived, and whether all was verified."""

    version: str = ""
    digest: str = ""
    chunks: frozenset[str] = frozenset()
    verified: bool = False

    QUERY = "SELECT ?property ?value {{ GRAPH <{graph}> {{ <{graph}> ?property ?value }} }}"

    @classmethod
    def read(cls, rows: Iterable[tuple[str, str]]) -> Marks:
        """The marks in the rows of the query."""
        pairs = [(name.removeprefix(_TERMS), value) for name, value in rows]
        values = dict(pairs)
        chunks = frozenset(value for name, value in pairs if name == "hasPart")
        version, digest = values.get("hasVersion", ""), values.get("identifier", "")
        return cls(version, digest, chunks, values.get("valid", "") == digest != "")

    @staticmethod
    def begun(graph: str, version: str, digest: str) -> str:
        """The N-Triples that mark the beginning."""
        return _mark(graph, "hasVersion", version) + _mark(graph, "identifier", digest)

    @staticmethod
    def arrived(graph: str, chunk: str) -> str:
        """The N-Triples that mark the arrival of a chunk."""
        return _mark(graph, "hasPart", chunk)

    @staticmethod
    def whole(graph: str, digest: str) -> str:
        """The N-Triples that mark that all was read back and found right."""
        return _mark(graph, "valid", digest)


def _mark(graph: str, name: str, value: str) -> str:
    return f'<{graph}> <{_TERMS}{name}> "{value}" .\n'


def digest_of(release: Path) -> str:
    """The SHA-256 of a release's quads."""
    return sha256((release / "dataset.nq").read_bytes()).hexdigest()
