"""The prefixes at the head of an RDF document: in a fixed order, so that the same graph is the same bytes everywhere.

The engine writes them in the order of a hash table, which every process shuffles anew. RDF 1.1 Turtle, section 2.4,
https://www.w3.org/TR/turtle/#sec-iri; RDF 1.1 XML Syntax, section 2.2, https://www.w3.org/TR/rdf-syntax-grammar/.
"""

from __future__ import annotations

import re

__all__ = ["PREFIXED", "ordered"]

PREFIXED = frozenset({"TURTLE", "TRIG", "N3", "RDF_XML"})
"""The engine's names of the formats that have prefixes."""

_LINE = re.compile(rb"@prefix ([^:]*): <[^>]*> \.\n")
_ROOT = re.compile(rb'<rdf:RDF((?: xmlns[^=]*="[^"]*")*)')
_ATTRIBUTE = re.compile(rb' xmlns[^=]*="[^"]*"')
_NAME = re.compile(rb"(?:^|[\s,;(\[^])([\w.-]*):")


def ordered(body: bytes, sparing: bool) -> bytes:
    """The document with its prefixes in order; a sparing one in Turtle's family without those that it does not use.

    >>> ordered(b"@prefix b: <http://b/> .\\n@prefix a: <http://a/> .\\na:x b:y a:z .\\n", sparing=False).decode()
    '@prefix a: <http://a/> .\\n@prefix b: <http://b/> .\\na:x b:y a:z .\\n'
    """
    root = _ROOT.search(body, 0, 100_000) if body.startswith(b"<?xml") else None
    if root is not None:
        return body[: root.start(1)] + b"".join(sorted(_ATTRIBUTE.findall(root[1]))) + body[root.end(1) :]
    end, lines = 0, {}
    while line := _LINE.match(body, end):
        end = line.end()
        lines[line[1]] = line.group()
    used = set(_NAME.findall(body[end:])) if sparing else lines.keys()
    return b"".join(lines[name] for name in sorted(lines) if name in used) + body[end:]
