"""The queries behind the pages, one file each in `queries/pages/`, with terms bound into their `VALUES` rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from api.questions.parameters import bind
from graph_builder.prefixes import rebase
from graph_builder.project import CHECKOUT

__all__ = ["PageQueries", "iris"]

_PROLOGUE = re.compile(r"(?:[ \t]*(?:#[^\n]*|PREFIX[^\n]*)?\n)*")


def iris(*values: str) -> tuple[NamedNode, ...]:
    """The IRIs as terms that a query can be bound to. Raises ValueError on anything that is no IRI."""
    return tuple(NamedNode(value) for value in values)


@dataclass(frozen=True)
class PageQueries:
    """The texts of the page queries of one folder, written for the base IRI of this server."""

    base: str
    folder: Path = CHECKOUT.queries / "pages"

    @cached_property
    def texts(self) -> dict[str, str]:
        """Each query by its name; read once."""
        files = sorted(self.folder.glob("*.rq"))
        return {path.stem: rebase(path.read_text(encoding="utf-8"), self.base) for path in files}

    def bound(self, name: str, **values: Sequence[NamedNode | Literal]) -> str:
        """A query with its variables bound to terms."""
        return bind(self.texts[name], {key: tuple(terms) for key, terms in values.items()})

    @staticmethod
    def slice(query: str, limit: int, offset: int = 0) -> str:
        """At most `limit` rows of a query, from `offset` on."""
        return f"{query.rstrip()}\nLIMIT {limit:d} OFFSET {offset:d}\n"

    @staticmethod
    def counted(query: str, *by: str) -> str:
        """The number of rows of a SELECT query as ?total, for each value of the variables `by`.

        >>> print(PageQueries.counted("PREFIX e: <http://e.org/>\\nSELECT * { ?s ?p ?o }", "p"))
        PREFIX e: <http://e.org/>
        SELECT ?p (COUNT(*) AS ?total) WHERE { { SELECT * { ?s ?p ?o } } } GROUP BY ?p
        """
        cut = found.end() if (found := _PROLOGUE.match(query)) else 0
        names = " ".join(f"?{name}" for name in by)
        group = f" GROUP BY {names}" if by else ""
        head = f"{names} (COUNT(*) AS ?total)".strip()
        return f"{query[:cut]}SELECT {head} WHERE {{ {{ {query[cut:].rstrip()} }} }}{group}"
