"""Strict readers of BibTeX and RIS, written from their descriptions and from nothing that writes them here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["BibtexEntry", "read_bibtex", "read_ris"]

_COMMANDS = {
    "textbackslash": "\\",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textasciitilde": "~",
    "textasciicircum": "^",
}
_MACROS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)  # noqa: SIM905
}
_RAW = frozenset({"url"})


@dataclass(frozen=True)
class BibtexEntry:
    """An entry; the values are what TeX would set, those of `url` as they stand."""

    type: str
    key: str
    fields: Mapping[str, str]

    @property
    def authors(self) -> list[str]:
        """The names between `and` outside of braces."""
        return [_typeset(each) for each in _outside(self.fields["author"], " and ")] if "author" in self.fields else []


def read_bibtex(text: str) -> list[BibtexEntry]:
    """Every entry of a file. Raises ValueError for anything that BibTeX would complain about."""
    entries, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        if not (head := re.compile(r"@([a-z]+)\{([0-9A-Za-z:._-]+),").match(text, at)):
            raise ValueError(f"no entry at {at}: {text[at : at + 40]!r}")
        fields, at = _fields(text, head.end())
        entries.append(BibtexEntry(head[1], head[2], fields))
    keys = [each.key.lower() for each in entries]
    if len(set(keys)) < len(keys):
        raise ValueError("a key stands twice")
    return entries


def _fields(text: str, at: int) -> tuple[dict[str, str], int]:
    fields: dict[str, str] = {}
    while True:
        at = _skip(text, at)
        if text[at] == "}":
            return fields, at + 1
        if not (name := re.compile(r"([a-z]+)\s*=\s*").match(text, at)):
            raise ValueError(f"no field at {at}: {text[at : at + 40]!r}")
        if name[1] in fields:
            raise ValueError(f"{name[1]} stands twice")
        value, at = _value(text, name.end())
        fields[name[1]] = value if name[1] in (*_RAW, "author") else _typeset(value)
        at = _skip(text, at)
        if text[at] != ",":
            raise ValueError(f"no comma after {name[1]}")
        at += 1


def _value(text: str, at: int) -> tuple[str, int]:
    if text[at] != "{":
        macro = re.compile(r"[a-z]+").match(text, at)
        if not macro or macro[0] not in _MACROS:
            raise ValueError(f"no value at {at}")
        return str(_MACROS[macro[0]]), macro.end()
    depth, start = 1, at + 1
    while depth:
        at += 1
        depth += {"{": 1, "}": -1}.get(text[at], 0)
    return text[start:at], at + 1


def _skip(text: str, at: int) -> int:
    while text[at].isspace():
        at += 1
    return at


def _outside(text: str, separator: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if not depth and text.startswith(separator, at):
            parts.append(text[start:at])
            start = at + len(separator)
    return [*parts, text[start:]]


def _typeset(text: str) -> str:
    """What TeX sets: commands become signs, braces vanish; a special sign without its backslash is an error."""
    token = re.compile(r"\\([a-z]+)\{\}|\\([#$%&_])|([{}])|([^\\#$%&_^~])")
    written, at = [], 0
    while at < len(text):
        if not (found := token.match(text, at)):
            raise ValueError(f"TeX would stop at {text[at : at + 20]!r}")
        written.append(_COMMANDS[found[1]] if found[1] else found[2] or found[4] or "")
        at = found.end()
    return "".join(written)


def read_ris(text: str) -> list[dict[str, list[str]]]:
    """Every record of a file by tag. Raises ValueError for a line that is none."""
    records: list[dict[str, list[str]]] = []
    for line in text.split("\r\n"):
        if not line:
            continue
        if not (found := re.fullmatch(r"([A-Z][A-Z0-9])  - ([^\r\n]*)", line)):
            raise ValueError(f"no line of RIS: {line!r}")
        if found[1] == "TY":
            records.append({})
        if not records or "ER" in records[-1]:
            raise ValueError(f"{found[1]} stands outside of a record")
        records[-1].setdefault(found[1], []).append(found[2])
    if not all("ER" in each and len(each["TY"]) == 1 for each in records):
        raise ValueError("a record has no end")
    return records
