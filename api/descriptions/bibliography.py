"""Works as reference managers read them: BibTeX, RIS and CSL-JSON.

BibTeX, https://ctan.org/pkg/bibtex (btxdoc, section 3); RIS, https://en.wikipedia.org/wiki/RIS_(file_format);
CSL-JSON, https://docs.citationstyles.org/en/stable/specification.html#appendix-iii-types. A field that the data does
not fill is absent: no date is taken from the clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

import orjson

from api.transport.formats import CITATIONS, Format

__all__ = ["Bibliography", "Work", "cited"]

Kind = Literal["article", "page", "dataset"]
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Braces count for BibTeX even behind a backslash, so none may stand for itself.
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "#$%&_"},
}
_SPECIAL = re.compile("[" + re.escape("".join(_LATEX)) + "]")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f]+")
_NO_KEY = re.compile(r"[^0-9A-Za-z:._-]+")
_RIS_TYPES: Mapping[Kind, str] = {"article": "NEWS", "page": "ELEC", "dataset": "DATA"}
_CSL_TYPES: Mapping[Kind, str] = {"article": "article-newspaper", "page": "webpage", "dataset": "dataset"}


@dataclass(frozen=True, slots=True)
class Work:
    """What can be cited. `date` and `read`, the day on which it was read, are ISO days, months or years, or ""."""

    key: str
    kind: Kind
    title: str
    authors: tuple[str, ...] = ()
    outlet: str = ""
    date: str = ""
    url: str = ""
    language: str = ""
    version: str = ""
    read: str = ""
    notes: tuple[str, ...] = field(default_factory=tuple)

    @property
    def line(self) -> str:
        """One line for readers.

        >>> Work("a", "article", "Title", ("Kim",), "News", "2020-05-06").line
        'Kim. Title. News. 2020-05-06.'
        """
        parts = (", ".join(self.authors), self.title, self.outlet, self.version, self.date)
        return " ".join(f"{_flat(part)}." for part in parts if part)


@dataclass(frozen=True, slots=True)
class Bibliography:
    """The works that a page shows, and the path of each format of `CITATIONS` with them."""

    works: tuple[Work, ...]
    paths: Mapping[str, str]

    @property
    def formats(self) -> tuple[Format, ...]:
        """The formats that there is a path of."""
        return tuple(row for row in CITATIONS if row.name in self.paths)

    @property
    def text(self) -> str:
        """The works in BibTeX."""
        return cited(self.works, CITATIONS[0]).decode()


def cited(works: Iterable[Work], row: Format) -> bytes:
    """The works in one of the formats of `CITATIONS`, each under a key of its own."""
    return _WRITERS[row.name](tuple(_distinct(works))).encode()


def _distinct(works: Iterable[Work]) -> Iterator[tuple[str, Work]]:
    """Each work with its key, as BibTeX has them: ASCII, and no two the same in whatever case."""
    taken: set[str] = set()
    for work in works:
        stem = _NO_KEY.sub("-", work.key).strip("-") or "work"
        key, number = stem, 1
        while key.lower() in taken:
            number += 1
            key = f"{stem}-{number}"
        taken.add(key.lower())
        yield key, work


def _bibtex(works: Sequence[tuple[str, Work]]) -> str:
    return "\n".join(_entry(key, work) for key, work in works)


def _entry(key: str, work: Work) -> str:
    kind = "article" if work.kind == "article" and work.outlet else "misc"
    lines = [f"  {name} = {value}," for name, value in _bibtex_fields(work)]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _bibtex_fields(work: Work) -> Iterator[tuple[str, str]]:
    """Names are in braces of their own, as BibTeX would take a Korean one apart at a blank."""
    if work.authors:
        yield "author", "{" + " and ".join(f"{{{_latex(each)}}}" for each in work.authors) + "}"
    yield "title", f"{{{{{_latex(work.title)}}}}}"
    if work.outlet:
        yield ("journal" if work.kind == "article" else "howpublished"), f"{{{_latex(work.outlet)}}}"
    yield from _bibtex_date(work.date)
    if work.url:
        yield "url", f"{{{_address(work.url)}}}"
    if work.read:
        yield "urldate", f"{{{_latex(work.read)}}}"
    named = {"version": work.version, "language": work.language, "note": "; ".join(work.notes)}
    yield from ((name, f"{{{_latex(text)}}}") for name, text in named.items() if text)


def _bibtex_date(day: str) -> Iterator[tuple[str, str]]:
    parts = _parts(day)
    if parts:
        yield "year", f"{{{parts[0]:04}}}"
    if len(parts) > 1:
        yield "month", _MONTHS[parts[1] - 1]
    if len(parts) > 2:
        yield "day", f"{{{parts[2]}}}"


def _latex(text: str) -> str:
    return _SPECIAL.sub(lambda found: _LATEX[found[0]], _flat(text))


def _address(url: str) -> str:
    """An address in which nothing can end the field; a percent sign stands for itself there."""
    return quote(_flat(url), safe="!#$%&'()*+,/:;=?@[]~-._")


def _flat(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()


def _ris(works: Sequence[tuple[str, Work]]) -> str:
    return "\r\n".join("".join(f"{tag}  - {value}\r\n" for tag, value in _ris_fields(*each)) for each in works)


def _ris_fields(key: str, work: Work) -> Iterator[tuple[str, str]]:
    yield "TY", _RIS_TYPES[work.kind]
    yield "ID", key
    yield from (("AU", _flat(each)) for each in work.authors)
    parts = _parts(work.date)
    fields = {
        "TI": work.title,
        "PB" if work.kind == "dataset" else "T2": work.outlet,
        "PY": f"{parts[0]:04}" if parts else "",
        "DA": _ris_date(work.date),
        "ET": work.version,
        "UR": work.url,
        "Y2": _ris_date(work.read),
        "LA": work.language,
    }
    yield from ((tag, _flat(text)) for tag, text in fields.items() if text)
    yield from (("N1", _flat(each)) for each in work.notes)
    yield "ER", ""


def _ris_date(day: str) -> str:
    """A date with its three slashes, whatever of it is known.

    >>> _ris_date("2020-05"), _ris_date("2020-05-06"), _ris_date("")
    ('2020/05//', '2020/05/06/', '')
    """
    parts = _parts(day)
    written = [f"{part:02}" for part in parts] + [""] * (3 - len(parts))
    return "/".join([*written, ""]) if parts else ""


def _csl(works: Sequence[tuple[str, Work]]) -> str:
    return orjson.dumps([_csl_item(*each) for each in works], option=orjson.OPT_INDENT_2).decode()


def _csl_item(key: str, work: Work) -> dict[str, Any]:
    item = {
        "id": key,
        "type": _CSL_TYPES[work.kind],
        "title": _flat(work.title),
        "author": [{"literal": _flat(each)} for each in work.authors],
        "publisher" if work.kind == "dataset" else "container-title": _flat(work.outlet),
        "issued": _csl_date(work.date),
        "accessed": _csl_date(work.read),
        "URL": work.url,
        "version": work.version,
        "language": work.language,
        "note": "; ".join(map(_flat, work.notes)),
    }
    return {name: value for name, value in item.items() if value}


def _csl_date(day: str) -> dict[str, list[list[int]]]:
    parts = _parts(day)
    return {"date-parts": [list(parts)]} if parts else {}


def _parts(day: str) -> tuple[int, ...]:
    """Year, month and day of an ISO date, as far as it goes; nothing for what is none.

    >>> _parts("2020-05-06"), _parts("2020"), _parts("soon")
    ((2020, 5, 6), (2020,), ())
    """
    found = re.fullmatch(r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-([0-3][0-9]))?)?", day)
    return tuple(int(part) for part in found.groups() if part) if found else ()


_WRITERS: Mapping[str, Callable[[Sequence[tuple[str, Work]]], str]] = {"bibtex": _bibtex, "ris": _ris, "csl": _csl}
assert set(_WRITERS) == {row.name for row in CITATIONS}
