"""The rules by which IRIs are made: readable slugs for governed things, content hashes for machine nodes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

__all__ = [
    "SLUG",
    "Identifier",
    "digest",
    "entity_iri",
    "graph_iri",
    "identify",
    "scheme_iri",
    "span_digest",
    "statement_key",
]

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_TAIL = re.compile(r"(id|scheme)/([a-z-]+)/([^/?#]+)")


@dataclass(frozen=True, slots=True)
class Identifier:
    """The parts of an IRI of this graph: `space` is "id" or "scheme"."""

    space: str
    kind: str
    slug: str

    @property
    def curie(self) -> str:
        """The same as a CURIE: the prefix is the kind."""
        return f"{self.kind}:{self.slug}"


def entity_iri(base: str, kind: str, slug: str) -> str:
    """The IRI of a thing.

    >>> entity_iri("https://w3id.org/kip/", "program", "ai-factory")
    'https://w3id.org/kip/id/program/ai-factory'
    """
    return f"{base}id/{kind}/{slug}"


def scheme_iri(base: str, scheme: str, concept: str = "") -> str:
    """The IRI of a concept scheme, or of a concept in it."""
    return f"{base}scheme/{scheme}/{concept}" if concept else f"{base}scheme/{scheme}"


def graph_iri(base: str, name: str) -> str:
    """The IRI of a named graph: vocab, meta, inferred, inferred/<rule>, context or article/<slug>."""
    return f"{base}graph/{name}"


def identify(base: str, iri: str) -> Identifier | None:
    """The parts of an IRI below `id/` or `scheme/`, or None.

    >>> identify("https://w3id.org/kip/", "https://w3id.org/kip/scheme/sector/foundry")
    Identifier(space='scheme', kind='sector', slug='foundry')
    """
    found = _TAIL.fullmatch(iri, len(base)) if iri.startswith(base) else None
    return Identifier(*found.groups()) if found else None


def digest(*parts: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the parts joined by a bar."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def statement_key(subject: str, predicate: str, obj: str) -> str:
    """The key of a statement: a second article that says the same adds evidence, not a second statement."""
    return digest(subject, predicate, obj)


def span_digest(text: str) -> str:
    """SHA-256 of the span's text in Unicode normal form C, as 64 hexadecimal digits."""
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()
