"""The prefix map: CURIEs to IRIs and back (CURIE Syntax 1.0, https://www.w3.org/TR/curie/)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from graph_builder.errors import KnowledgeGraphError
from graph_builder.project import CHECKOUT

__all__ = ["DEFAULT_BASE", "PrefixMap", "UnknownPrefix", "configured_base", "prefix_map", "rebase"]

DEFAULT_BASE = "https://w3id.org/kip/"
# https://www.w3.org/TR/turtle/#grammar-production-prefixID
_DECLARATION = re.compile(r"^@prefix\s+([A-Za-z][\w.-]*)?:\s+<([^<>\"{}|^`\\\s]+)>\s*\.", re.MULTILINE)
_LOCAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


class UnknownPrefix(KnowledgeGraphError):
    """A CURIE whose prefix is not in the list of prefixes."""


def configured_base() -> str:
    """The base IRI of this installation: `KIP_BASE`, or the default.

    Raises KnowledgeGraphError where it is not an absolute http(s) IRI that ends in a slash.
    """
    base = os.environ.get("KIP_BASE") or DEFAULT_BASE
    if not re.fullmatch(r"https?://[^\s<>\"{}|^`\\]+/", base):
        raise KnowledgeGraphError(f"KIP_BASE is {base!r}; it must be an http or https IRI that ends in '/'")
    return base


def rebase(text: str, base: str) -> str:
    """Turtle or SPARQL text with the default base replaced by `base`."""
    return text if base == DEFAULT_BASE else text.replace(DEFAULT_BASE, base)


@dataclass(frozen=True)
class PrefixMap:
    """An immutable prefix map; `base` is the IRI below which all things of this graph stand.

    >>> names = PrefixMap("http://e.org/", {"kip": "http://e.org/def/", "org": "http://e.org/id/org/"})
    >>> names.expand("org:motie-2013")
    'http://e.org/id/org/motie-2013'
    >>> names.shrink("http://e.org/id/org/motie-2013")
    'org:motie-2013'
    """

    base: str
    prefixes: Mapping[str, str]

    def expand(self, curie: str) -> str:
        """The IRI of a CURIE. Raises UnknownPrefix."""
        prefix, _, local = curie.partition(":")
        if prefix not in self.prefixes:
            raise UnknownPrefix(f"{curie!r}: no prefix {prefix!r}")
        return self.prefixes[prefix] + local

    def shrink(self, iri: str) -> str | None:
        """The CURIE of an IRI with the longest matching namespace, or None."""
        for namespace, prefix in self._by_length:
            if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
                return f"{prefix}:{iri[len(namespace) :]}"
        return None

    def sparql_header(self) -> str:
        """One PREFIX line for each prefix."""
        return "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in sorted(self.prefixes.items()))

    @cached_property
    def _by_length(self) -> list[tuple[str, str]]:
        return sorted(((iri, prefix) for prefix, iri in self.prefixes.items()), key=lambda pair: -len(pair[0]))


def prefix_map(base: str | None = None, path: Path | None = None) -> PrefixMap:
    """The prefixes of `ontology/prefixes.ttl` with the configured base."""
    chosen = base or configured_base()
    text = (path or CHECKOUT.prefixes).read_text(encoding="utf-8")
    return PrefixMap(chosen, {name: rebase(iri, chosen) for name, iri in _DECLARATION.findall(text)})
