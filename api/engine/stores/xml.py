"""What XML cannot hold, which the engine writes all the same: some characters, and predicates that are no element.

Extensible Markup Language 1.0, sections 2.2 and 2.3 (https://www.w3.org/TR/xml/#charsets); RDF 1.1 XML Syntax, sections
2.2 and 7.2.2 (https://www.w3.org/TR/rdf-syntax-grammar/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pyoxigraph import Triple

__all__ = ["XML", "NotXml", "check_text", "checked"]

XML = frozenset({"XML", "RDF_XML"})
"""The engine's names of the formats that are XML."""

_CONTROLS = bytes(number for number in range(0x20) if chr(number) not in "\t\n\r")
# U+FFFE and U+FFFF.
_NO_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_PIECE = 1 << 20

_START = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_WITHIN = rf"{_START}0-9.\xb7\u0300-\u036f\u203f-\u2040-"
# What follows the last character that no name has: backwards, so that the time is that of the length.
_LAST = re.compile(rf"(?:.*[^{_WITHIN}])?([{_WITHIN}]*)", re.DOTALL)
_FIRST = re.compile(f"[{_START}]")
_XMLNS = "http://www.w3.org/2000/xmlns/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SYNTAX = ("RDF", "Description", "ID", "about", "datatype", "nodeID", "parseType", "resource")
_RESERVED = frozenset(f"{_RDF}{name}" for name in (*_SYNTAX, "li", "aboutEach", "aboutEachPrefix", "bagID"))


class NotXml(Exception):
    """An answer that XML cannot hold; says why."""


def check_text(body: bytes) -> None:
    """Raises NotXml for a document with a character that none may have."""
    pieces = (body[start : start + _PIECE] for start in range(0, len(body), _PIECE))
    if any(each in body for each in _NO_CHARACTERS) or any(
        len(each.translate(None, _CONTROLS)) < len(each) for each in pieces
    ):
        raise NotXml("a text has a control character, U+FFFE or U+FFFF")


def checked(triples: Iterable[Triple]) -> Iterator[Triple]:
    """The triples. Raises NotXml for a predicate that is no element."""
    known: set[str] = set()
    for triple in triples:
        name = triple.predicate.value
        if name not in known:
            if not _is_element(name):
                raise NotXml(f"the predicate <{name}> does not end in the name of an element")
            known.add(name)
        yield triple


def _is_element(iri: str) -> bool:
    """Whether an element can be named so.

    >>> _is_element("http://e.org/a"), _is_element("http://e.org/1"), _is_element("http://e.org/")
    (True, False, False)
    """
    last = _LAST.fullmatch(iri)
    return (
        last is not None and _FIRST.search(last[1]) is not None and iri not in _RESERVED and not iri.startswith(_XMLNS)
    )
