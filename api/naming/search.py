"""Search by name: Korean in any spelling, romanised, English, numbers; ranked, and each hit says why it was found.

Pure reads of `search.sqlite`, which the builder makes; some milliseconds each. How a name matches stands in
`api.naming.matching`.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from api.errors import SearchUnavailable
from api.naming.contractions import Contractions
from api.naming.keyboard import retyped
from api.naming.matching import LONGEST, Asked, How, Match, Written, match
from api.naming.quantities import currency
from graph_builder.hangul import RUNS, fold, grams
from graph_builder.hanja import as_surname

__all__ = ["Hit", "Hits", "Matched", "SearchIndex"]

FILE = "search.sqlite"
# So many names of each way of looking are compared; a query that more names answer is too short to rank anyhow.
_CANDIDATES = 120
_PREFIXED = 150
# Where a name fits so well, none is looked for that only comes near.
_WELL = 0.7
# A question has so many words, and what only some of them find is so good at best.
_QUESTION, _OF_PART = 3, 0.6
# What a name is or begins with is no contraction of another.
_OF_BEGINNINGS: tuple[How, ...] = ("exact", "hanja", "prefix")
# So many names are shown that a word may be short for, the better the more of the name it keeps.
_CONTRACTED, _SHORT, _BY_SHARE = 5, 0.68, 0.3
# A report is not what is meant by a part of its name, but it is by the whole.
_WHOLE = 0.94
_BY_WEIGHT, _BY_NUMBER, _WITH_NUMBER, _AS_PRINTED, _ON_ONE_DAY = 0.05, 0.9, 0.2, 0.03, 0.02
# A word, and what an abbreviation is known by, are runs of their own.
_RUNS: Mapping[str, int] = {**RUNS, "words": LONGEST, "short": LONGEST}


@dataclass(frozen=True, slots=True)
class Matched:
    """The name that was found, in its language ("" where it has none), and how."""

    name: str
    lang: str
    how: How


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found. `dates` are its first and last day as precisely as they are known, or None."""

    iri: str
    curie: str
    kind: str
    cls: str
    label: Mapping[str, str]
    matched: Matched
    score: float
    dates: Mapping[str, str | None] | None = None
    snippet: str = ""

    def as_json(self) -> dict[str, Any]:
        """The hit as JSON; `class` is an IRI."""
        shown: dict[str, Any] = {
            "iri": self.iri,
            "curie": self.curie,
            "kind": self.kind,
            "class": self.cls,
            "label": dict(self.label),
            "matched": {"name": self.matched.name, "lang": self.matched.lang or None, "how": self.matched.how},
            "score": self.score,
        }
        return (
            shown
            | ({"dates": dict(self.dates)} if self.dates else {})
            | ({"snippet": self.snippet} if self.snippet else {})
        )


@dataclass(frozen=True, slots=True)
class Hits:
    """Some of the things that were found, best first; `total` of all of them, `kinds` how many of each kind."""

    total: int
    hits: tuple[Hit, ...]
    kinds: Mapping[str, int]

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)


@dataclass(frozen=True, slots=True)
class _Found:
    thing: int
    score: float
    name: str
    lang: str
    how: How


class SearchIndex:
    """The names of one release. Threads may share it; a search takes some milliseconds."""

    def __init__(self, content: bytes) -> None:
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.deserialize(content)
        self._connection.execute("PRAGMA query_only = ON")
        self._lock = Lock()
        bodies = self._rows(
            "SELECT name.* FROM name JOIN thing ON thing.id = thing WHERE kind = 'org' AND role != 'id'"
        )
        self._contractions = Contractions((row["folded"], row["id"]) for row in bodies)

    @classmethod
    def open(cls, release: Path) -> SearchIndex:
        """The index of the release in a folder. Raises SearchUnavailable where it has none."""
        try:
            return cls((release / FILE).read_bytes())
        except (OSError, sqlite3.DatabaseError) as error:
            raise SearchUnavailable(
                f"The release {release.name} has no index of names.", hint="Build it again with `kip build`."
            ) from error

    def search(
        self,
        text: str,
        kinds: Collection[str] = (),
        limit: int = 10,
        offset: int = 0,
        *,
        classes: Collection[str] = (),
        lang: str = "",
    ) -> Hits:
        """The things that a text means, best first.

        `kinds` are prefixes of CURIEs, `classes` IRIs; where they are empty, everything is searched. `lang` is the
        language of the names that may match, "" for both.
        """
        with self._lock:
            ranked = self._meant(text, lang)
            things = self._things([found.thing for found in ranked], classes)
            kept = [found for found in ranked if found.thing in things]
            totals = Counter(things[found.thing]["kind"] for found in kept)
        wanted = [found for found in kept if not kinds or things[found.thing]["kind"] in kinds]
        hits = (_hit(found, things[found.thing]) for found in wanted[offset : offset + limit])
        return Hits(len(wanted), tuple(hits), dict(totals.most_common()))

    def suggest(self, text: str, kinds: Collection[str] = (), limit: int = 10) -> tuple[Hit, ...]:
        """What a text that is still being typed may become, best first."""
        return self.search(text, kinds, limit).hits

    def _read(self, text: str) -> Asked:
        """The query, with the other names of what its words are names of, as far as these do not hold the word."""
        asked = Asked.read(text)
        if len(asked.words) < 2:
            return asked
        marks = ",".join("?" * len(asked.words))
        query = f"""SELECT DISTINCT short.folded, name.folded FROM name AS short JOIN name ON name.thing = short.thing
            WHERE short.role != 'id' AND name.role != 'id' AND short.folded IN ({marks})
            AND NOT instr(name.folded, short.folded) ORDER BY name.id"""
        meant: dict[str, tuple[str, ...]] = {}
        for short, name in self._rows(query, *asked.words):
            meant[short] = (*meant.get(short, ()), name)
        return replace(asked, meant=meant)

    def _meant(self, text: str, lang: str) -> list[_Found]:
        """The things that a text means, best first, read in the way in which it means one best."""
        readings = dict.fromkeys((text, as_surname(text)))
        ranked = max((self._ranked(self._read(each), lang) for each in readings), key=_best)
        if not _well(ranked) and (typed := retyped(text)):
            meant = self._ranked(self._read(typed), lang)
            ranked = meant if _well(meant) else ranked
        return ranked or self._of_held(Asked.read(text), lang)

    def _of_held(self, asked: Asked, lang: str) -> list[_Found]:
        """What a question finds by the words that some name holds, where it finds nothing by all of its words.

        A number is never left out; one word that is left of several has to be a name.
        """
        held = [word for word in asked.words if not word.isalpha() or self._is_held(word)]
        if not held or len(asked.words) < _QUESTION or len(held) == len(asked.words):
            return []
        found = self._ranked(self._read(" ".join(held)), lang)
        return [
            replace(each, score=min(each.score, _OF_PART)) for each in found if len(held) > 1 or each.how == "exact"
        ]

    def _is_held(self, word: str) -> bool:
        return bool(self._rows("SELECT 1 FROM name WHERE role != 'id' AND instr(folded, ?) LIMIT 1", word))

    def _ranked(self, asked: Asked, lang: str) -> list[_Found]:
        dated = self._dated(asked)
        best = {} if dated and asked.is_day else self._named(asked, lang)
        for row in dated:
            _keep(best, _of_day(row, asked.dated[0], row["id"] in best))
        numbered = [] if dated else self._numbers(asked)
        # what a number counts is named in other words than the number's
        beside = self._named(Asked.read(asked.beside), lang) if numbered and not asked.is_number else {}
        for row in numbered:
            named = max(
                (each[row["thing"]] for each in (best, beside) if row["thing"] in each), key=_score, default=None
            )
            if asked.is_number or named:
                _keep(best, _of_number(row, asked, named))
        return sorted(best.values(), key=lambda each: (-each.score, each.thing))

    def _named(self, asked: Asked, lang: str) -> dict[int, _Found]:
        """The things that have a name which matches, each with its best one."""
        best: dict[int, _Found] = {}
        # a part of an identifier is no name
        identified = ":" in asked.text
        near = {key for form, start in asked.beginnings() for key in self._beginning(form, start, identified)}
        near |= {key for form, words in asked.sought() for key in self._sharing(form, words)}
        self._compare(asked, near, lang, best)
        if len(asked.words) == 1 and not _well(found for found in best.values() if found.how in _OF_BEGINNINGS):
            self._contracted(asked, lang, best)
        if not _well(best.values()):
            further = {key for form, words in asked.blurred() for key in self._sharing(form, words)}
            self._compare(asked, further - near, lang, best)
        return best

    def _compare(self, asked: Asked, keys: Collection[int], lang: str, best: dict[int, _Found]) -> None:
        """Keeps for each thing the name that matches best."""
        for row in self._names(keys, lang):
            found = match(asked, Written(row["text"], *tuple(row)[5:10]))
            if found:
                _keep(best, _of_name(row, found))

    def _contracted(self, asked: Asked, lang: str, best: dict[int, _Found]) -> None:
        """Keeps the bodies whose names newspapers may shorten to what was asked."""
        shares = dict(self._contractions.find(asked.bare)[:_CONTRACTED])
        for row in self._names(shares, lang):
            _keep(best, _of_name(row, Match("acronym", _SHORT + _BY_SHARE * shares[row["id"]])))

    def _names(self, keys: Collection[int], lang: str) -> Iterator[sqlite3.Row]:
        wanted = sorted(keys)
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            marks = ",".join("?" * len(part))
            query = f"SELECT * FROM name WHERE (? = '' OR lang IN ('', ?)) AND id IN ({marks})"
            yield from self._rows(query, lang, lang, *part)

    def _beginning(self, form: str, start: str, identified: bool) -> set[int]:
        """The names, and if so wanted the identifiers, that begin so; the weightier ones where there are many."""
        query = f"""SELECT id FROM name WHERE {form} >= ? AND {form} < ? AND (? OR role != 'id')
            ORDER BY {form} = ? DESC, weight DESC LIMIT ?"""
        return {row[0] for row in self._rows(query, start, start + "\U0010ffff", identified, start, _PREFIXED)}

    def _sharing(self, form: str, text: Iterable[str]) -> set[int]:
        """The names that have most runs in common with one of the words."""
        runs = list(dict.fromkeys(run for word in text for run in sorted(grams(word, _RUNS[form]))))[:60]
        marks = ",".join("?" * len(runs))
        counts: Counter[int] = Counter()
        for row in self._rows(f"SELECT names FROM run WHERE form = ? AND run IN ({marks})", form, *runs):
            counts.update(array("I", row[0]))
        return {key for key, _ in counts.most_common(_CANDIDATES)}

    def _numbers(self, asked: Asked) -> list[sqlite3.Row]:
        """The values that have a number which was asked for, and not in another currency."""
        marks = ",".join("?" * len(asked.numbers))
        found = self._rows(f"SELECT * FROM number WHERE number IN ({marks})", *asked.numbers) if marks else []
        others = {None, asked.currency}
        return [row for row in found if not asked.currency or currency(row["text"]) in others]

    def _dated(self, asked: Asked) -> list[sqlite3.Row]:
        """What was, began or ended on the day that was asked for."""
        query = "SELECT * FROM thing WHERE first = ? OR last = ?"
        day = asked.dated[0]
        return self._rows(query, day, day) if day else []

    def _things(self, keys: list[int], classes: Collection[str]) -> dict[int, sqlite3.Row]:
        found: dict[int, sqlite3.Row] = {}
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            for row in self._rows(f"SELECT * FROM thing WHERE id IN ({','.join('?' * len(part))})", *part):
                found[row["id"]] = row
        if not classes:
            return found
        marks = ",".join("?" * len(classes))
        allowed = {
            row[0] for row in self._rows(f"SELECT thing FROM class_of WHERE class IN ({marks})", *sorted(classes))
        }
        return {key: row for key, row in found.items() if key in allowed}

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        cursor = self._connection.cursor()
        cursor.row_factory = sqlite3.Row
        return cursor.execute(query, values).fetchall()


def _of_name(row: sqlite3.Row, found: Match) -> _Found:
    weight = max(row["weight"], 0.0) if found.score >= _WHOLE else row["weight"]
    score = found.score + _BY_WEIGHT * weight - (0.01 if row["role"] != "label" else 0.0)
    return _Found(row["thing"], score, row["text"], row["lang"], found.how)


def _of_number(row: sqlite3.Row, asked: Asked, named: _Found | None) -> _Found:
    """A thing that has the number which was asked for; better where it is printed so, or named too."""
    score = _BY_NUMBER if asked.is_number else 0.0
    if named:
        score = max(score, min(named.score + _WITH_NUMBER, 0.97))
    score += _AS_PRINTED if asked.folded in fold(row["text"]) else 0.0
    return _Found(row["thing"], score, row["text"], row["lang"], "number")


def _of_day(row: sqlite3.Row, day: str, named: bool) -> _Found:
    """A thing of the day that was asked for; better where it was on that day alone, or is named too."""
    score = _BY_NUMBER + (_ON_ONE_DAY if row["first"] == row["last"] else 0.0) + (_AS_PRINTED if named else 0.0)
    return _Found(row["id"], score, day, "", "number")


def _well(found: Iterable[_Found]) -> bool:
    """Whether one of the things fits so well that none is looked for which only comes near."""
    return any(each.score >= _WELL for each in found)


def _best(ranked: Sequence[_Found]) -> float:
    return ranked[0].score if ranked else 0.0


def _score(found: _Found) -> float:
    return found.score


def _keep(best: dict[int, _Found], found: _Found) -> None:
    known = best.get(found.thing)
    if known is None or found.score > known.score:
        best[found.thing] = found


def _hit(found: _Found, thing: sqlite3.Row) -> Hit:
    label = {tag: thing[tag] for tag in ("ko", "en") if thing[tag]}
    dates = {"from": thing["first"], "to": thing["last"]} if thing["first"] or thing["last"] else None
    snippet = thing["note_en" if found.lang == "en" else "note_ko"] or thing["note_en"] or ""
    matched = Matched(found.name, found.lang, found.how)
    return Hit(
        thing["iri"],
        thing["curie"],
        thing["kind"],
        thing["class"],
        label,
        matched,
        round(min(max(found.score, 0.0), 1.0), 3),
        dates,
        snippet,
    )
