"""The works behind an answer or a thing: articles with the places in them, other sources, and the data set itself.

What the data does not say of a work is left out: most articles print no date, and the day of what they report is not
the day on which they appeared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.descriptions.bibliography import Work
from api.engine.execution import Executor
from api.engine.results import Term
from api.naming.entities import EntityIndex
from api.questions.page_queries import PageQueries, iris
from api.releases import Release

__all__ = ["Places", "dataset_work", "places_behind", "places_of_thing", "works_of"]

Places = Mapping[str, Sequence[tuple[int, int]]]
"""Sources by IRI, each with the first and the last character of what is taken from it; none where that is all."""
_MOST_PLACES, _BATCH = 20, 200
Row = Mapping[str, Term]


def places_behind(evidence: Iterable[Iterable[Mapping[str, Any]]]) -> Places:
    """The sources that an answer rests on, in the order of its rows; `evidence` as its JSON has it."""
    found: dict[str, dict[tuple[int, int], None]] = {}
    for entry in (each for row in evidence for each in row):
        places = found.setdefault(str(entry["source"]["value"]), {})
        if entry["start"] is not None and entry["end"] is not None:
            places[int(entry["start"]), int(entry["end"])] = None
    return {iri: sorted(places) for iri, places in found.items()}


async def places_of_thing(iri: str, executor: Executor, queries: PageQueries) -> Places:
    """The sources of what is said of a thing."""
    rows = (await executor.table(queries.bound("grounds", this=iris(iri)))).rows
    found: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        places = found.setdefault(row["source"].value, [])
        if "start" in row and "end" in row:
            places.append((int(row["start"].value), int(row["end"].value)))
    return found


async def works_of(places: Places, executor: Executor, queries: PageQueries, index: EntityIndex) -> list[Work]:
    """The sources as works, in their order."""
    wanted = list(places)
    batches = [wanted[start : start + _BATCH] for start in range(0, len(wanted), _BATCH)]
    tables = [await executor.table(queries.bound("works", source=iris(*each))) for each in batches]
    rows: dict[str, list[Row]] = {}
    for row in (row for table in tables for row in table.rows):
        rows.setdefault(row["source"].value, []).append(row)
    return [_work(iri, rows[iri], places[iri], index) for iri in wanted if iri in rows]


def _work(iri: str, rows: Sequence[Row], places: Sequence[tuple[int, int]], index: EntityIndex) -> Work:
    """A source as a work; its name is not its headline, and stands in brackets as a supplied title does (ISO 690)."""
    first = rows[0]
    ko, en = _text(first, "ko"), _text(first, "en")
    is_article = _text(first, "context") != "true"
    outlets = [*_names(rows, "publisher", index), *_texts(rows, "outlet")]
    return Work(
        iri.rpartition("/")[2],
        "article" if is_article else "page",
        f"[{ko or en}]" if ko or en else iri,
        tuple(_names(rows, "author", index)),
        ", ".join(outlets),
        _text(first, "date"),
        _text(first, "address"),
        "ko" if is_article else "",
        read=_text(first, "read"),
        notes=tuple(filter(None, (f"[{en}]" if ko and en else "", *_texts(rows, "identifier"), iri, _noted(places)))),
    )


def _noted(places: Sequence[tuple[int, int]]) -> str:
    """Where in the text the evidence stands, in code points."""
    if not places:
        return ""
    listed = ", ".join(f"{start}-{end}" for start, end in places[:_MOST_PLACES])
    return f"evidence: characters {listed}" + (f" and {more} more" if (more := len(places) - _MOST_PLACES) > 0 else "")


def _names(rows: Sequence[Row], column: str, index: EntityIndex) -> list[str]:
    known = [(iri, index.get(iri)) for iri in _texts(rows, column)]
    return [(each.label.get("ko") or each.label.get("en") or iri) if each else iri for iri, each in known]


def _texts(rows: Sequence[Row], column: str) -> list[str]:
    return list(dict.fromkeys(row[column].value for row in rows if column in row))


def _text(row: Row, column: str) -> str:
    return row[column].value if column in row else ""


def dataset_work(release: Release, title: str, publisher: str, url: str) -> Work:
    """The release itself; `url` is the permanent address of what is cited of it."""
    issued = str(release.manifest.get("issued", ""))
    iri = f"{release.base}dataset"
    return Work(
        f"kip-{release.version}", "dataset", title, (), publisher, issued, url, version=release.version, notes=(iri,)
    )
