"""Reads query files: the YAML of their `#+` lines, the SPARQL below, and the prefixes that it uses.

A header line is a comment to every engine (SPARQL 1.1, section 19.4, https://www.w3.org/TR/sparql11-query/#sparqlComments).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from graph_builder.errors import SourceError, Where
from graph_builder.prefixes import PrefixMap

__all__ = ["CatalogueError", "QueryFile", "query_files", "read_query_file"]

_MARK = "#+"
_PREFIX = re.compile(r"(?<![\w?$:<])([A-Za-z][\w-]*):(?!//)")
# The parser of the C library where PyYAML was built with it: several times faster, and the start waits for it.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class CatalogueError(SourceError):
    """A query file that cannot be used."""


@dataclass(frozen=True, slots=True)
class QueryFile:
    """One query: `header` is what its `#+` lines say, `prefixes` those that the body uses."""

    id: str
    header: Any
    body: str
    prefixes: Mapping[str, str]

    @property
    def prologue(self) -> str:
        """The PREFIX lines that make the body whole."""
        return "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in self.prefixes.items())


def query_files(folder: Path) -> list[Path]:
    """The files of the canned queries, sorted; those of the pages stand in a folder below."""
    return sorted(folder.glob("*.rq"))


def read_query_file(path: Path, prefixes: PrefixMap) -> QueryFile:
    """The query of a file, its header not yet checked. Raises CatalogueError where that is no YAML."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    body = "".join(line for line in lines if not line.startswith(_MARK)).lstrip("\n")
    used = sorted({name for name in _PREFIX.findall(body) if name in prefixes.prefixes})
    return QueryFile(path.stem, _header(path, lines), body, {name: prefixes.prefixes[name] for name in used})


def _header(path: Path, lines: Sequence[str]) -> Any:
    # lines of the query stay as blank ones, so that a fault names its own line
    text = "".join(line[2:].removeprefix(" ") if line.startswith(_MARK) else "\n" for line in lines)
    try:
        return yaml.load(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CatalogueError(Where(path.name, line), f"the header is not YAML: {error.problem}") from error
