"""The search index that a release carries: every name in its normal forms, with dates and numbers, as one SQLite file.

SQLite's own full-text index finds no Korean word of two syllables, so the runs of characters are ours: a row of `run`
holds the names in which a run occurs. The file is the same, byte for byte, for the same graph and version of SQLite.
File format: https://www.sqlite.org/fileformat.html.
"""

from __future__ import annotations

import math
import re
import sqlite3
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from graph_builder.hangul import RUNS, fold, grams, initials, letters, romanise, short_forms, skeleton, words
from graph_builder.numerals import canonical_decimal
from graph_builder.prefixes import PrefixMap
from graph_builder.terms import RDF, SKOS

__all__ = ["SCHEMA", "search_index"]

SCHEMA = """
PRAGMA page_size = 4096;
CREATE TABLE thing (
  id INTEGER PRIMARY KEY, iri TEXT UNIQUE, curie TEXT, kind TEXT, class TEXT, ko TEXT, en TEXT,
  first TEXT, last TEXT, note_ko TEXT, note_en TEXT, weight REAL
);
CREATE TABLE class_of (class TEXT, thing INTEGER, PRIMARY KEY (class, thing)) WITHOUT ROWID;
CREATE TABLE name (
  id INTEGER PRIMARY KEY, thing INTEGER, text TEXT, lang TEXT, role TEXT,
  folded TEXT, letters TEXT, initials TEXT, roman TEXT, words TEXT, weight REAL
);
CREATE INDEX name_thing ON name (thing, role);
CREATE INDEX name_folded ON name (folded);
CREATE INDEX name_letters ON name (letters);
CREATE INDEX name_initials ON name (initials);
CREATE INDEX name_roman ON name (roman);
CREATE TABLE run (form TEXT, run TEXT, names BLOB, PRIMARY KEY (form, run)) WITHOUT ROWID;
CREATE TABLE number (number TEXT, thing INTEGER, text TEXT, lang TEXT, PRIMARY KEY (number, thing, text)) WITHOUT ROWID;
"""
_VOCABULARY = ("def", "scheme")
# Their names repeat those of the things that they tell of, which are what is meant.
_REPORTING, _REPORT = ("source", "remark", "article", "issue", "query"), -5.0
# A transfer of functions begins and ends no organisation.
_TRANSFERRED = "function-transferred"
_ORG = "http://www.w3.org/ns/org#"
_DCT = "http://purl.org/dc/terms/"
_PRECISION = {"year": 4, "month": 7}
# Latin letters as newspapers write them in Hangul: 엘지, 에스케이, 알앤디; a longer run of capitals is read as a word.
_CAPITALS = re.compile("(?<![A-Za-z])[A-Z](?:&?[A-Z]){0,3}(?![A-Za-z])")
_LETTERS = (
    "A에이 B비 C씨 D디 E이 F에프 G지 H에이치 I아이 J제이 K케이 L엘 M엠 N엔 O오 P피 Q큐 R알 S에스 T티 U유 V브이 "
    "W더블유 X엑스 Y와이 Z제트 &앤"
)
_LETTER_NAMES = {each[0]: each[1:] for each in _LETTERS.split()}
_NAMES = ("abbreviation", "namedAs", "nickname", "slogan")
_NUMBERS = ("numericValue", "lowerBound", "upperBound")


@dataclass
class _Facts:
    """What the graph says, as far as a search shows it, by subject."""

    classes: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    links: defaultdict[str, defaultdict[str, list[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    texts: defaultdict[str, defaultdict[str, list[Literal]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    mentions: Counter[str] = field(default_factory=Counter)

    def add(self, triple: Triple) -> None:
        """Takes a triple in."""
        if not isinstance(triple.subject, NamedNode):
            return
        subject, predicate, value = triple.subject.value, triple.predicate.value, triple.object
        if isinstance(value, Literal):
            self.texts[subject][predicate].append(value)
        elif isinstance(value, NamedNode):
            if predicate == RDF + "type":
                self.classes[subject].add(value.value)
            else:
                self.links[subject][predicate].append(value.value)
                self.mentions[value.value] += 1

    def one(self, subject: str, predicate: str) -> str:
        """The least value of a property, or ""."""
        return min((each.value for each in self.texts[subject][predicate]), default="")

    def link(self, subject: str, predicate: str) -> list[str]:
        """What a property links."""
        return sorted(self.links[subject][predicate])


def search_index(triples: Iterable[Triple], labels: Sequence[Mapping[str, Any]], prefixes: PrefixMap) -> bytes:
    """The index of the things that `labels` names, as `labels.json` has them; the content of an SQLite file."""
    facts = _Facts()
    for triple in triples:
        facts.add(triple)
    writer = _Writer(facts, prefixes)
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(SCHEMA)
        with connection:
            writer.write(connection, labels)
        connection.execute("VACUUM")
        return connection.serialize()
    finally:
        connection.close()


@dataclass
class _Writer:
    facts: _Facts
    prefixes: PrefixMap
    spans: dict[str, list[str]] = field(default_factory=dict)

    def write(self, connection: sqlite3.Connection, labels: Sequence[Mapping[str, Any]]) -> None:
        self.spans = self._spans()
        runs: dict[tuple[str, str], array[int]] = {}
        numbered = 0
        for key, record in enumerate(labels, 1):
            weight = self._weight(record)
            connection.execute(f"INSERT INTO thing VALUES ({','.join('?' * 12)})", self._thing(key, record, weight))
            own = sorted(each for each in self.facts.classes[record["iri"]] if each.startswith(self._kip("")))
            connection.executemany("INSERT INTO class_of VALUES (?, ?)", ((each, key) for each in own))
            for text, lang, role, read in self._read(record):
                numbered += 1
                forms = _forms(read)
                row = (numbered, key, text, lang, role, *forms.values(), " ".join(words(read)), weight)
                connection.execute(f"INSERT INTO name VALUES ({','.join('?' * 11)})", row)
                for form, run in _runs(read, forms) if role != "id" else ():
                    runs.setdefault((form, run), array("I")).append(numbered)
            connection.executemany("INSERT INTO number VALUES (?, ?, ?, ?)", self._numbers(key, record["iri"]))
        rows = ((form, run, names.tobytes()) for (form, run), names in sorted(runs.items()))
        connection.executemany("INSERT INTO run VALUES (?, ?, ?)", rows)

    def _kip(self, name: str) -> str:
        return self.prefixes.expand("kip:") + name

    def _thing(self, key: int, record: Mapping[str, Any], weight: float) -> tuple[Any, ...]:
        iri, label = record["iri"], record["label"]
        first, last = self._dates(iri)
        notes = {each.language: each.value for each in self.facts.texts[iri][SKOS + "definition"]}
        return (
            key,
            iri,
            _curie(record),
            record["kind"],
            record["class"],
            label.get("ko"),
            label.get("en"),
            first or None,
            last or None,
            notes.get("ko"),
            notes.get("en"),
            weight,
        )

    def _weight(self, record: Mapping[str, Any]) -> float:
        """From 0 to 1 by how much the graph says about a thing; a word of the vocabulary is seldom what is meant.

        Below 0 where a thing only tells of others.
        """
        if record["kind"] in _VOCABULARY:
            return 0.0
        if record["kind"] in _REPORTING:
            return _REPORT
        return round(min(1.0, math.log1p(self.facts.mentions[record["iri"]]) / math.log(1000)), 3)

    def _read(self, record: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
        """Text, language and role of each name, with the text as it is read: also with letters as Koreans say them."""
        for text, lang, role in self._names(record):
            yield text, lang, role, text
            korean = lang == "ko" or text == record["label"].get("ko") or _CAPITALS.fullmatch(text)
            called = _CAPITALS.sub(_called, text) if korean else text
            if called != text:
                yield text, lang, "alt", called

    def _names(self, record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """Text, language and role of each name; a text once, in the first of its roles."""
        given = [(text, lang, "label") for lang, text in record["label"].items()]
        given += [(text, lang, "alt") for lang, texts in record["alt"].items() for text in texts]
        given += [(each.value, each.language or "", "alt") for each in self._further(record["iri"])]
        given.append((_curie(record), "", "id"))
        kept: dict[str, tuple[str, str, str]] = {}
        for name in given:
            kept.setdefault(name[0], name)
        return iter(kept.values())

    def _further(self, iri: str) -> Iterator[Literal]:
        """What else a thing is known by: its abbreviations, what it calls itself, the number of a law."""
        texts = self.facts.texts[iri]
        for name in (*map(self._kip, _NAMES), _DCT + "identifier"):
            yield from sorted(texts[name], key=lambda each: (each.value, each.language or ""))

    def _dates(self, iri: str) -> tuple[str, str]:
        """When a thing began and ended, as precisely as the graph says it; "" where it does not."""
        if iri in self.spans:
            first, last = self.spans[iri]
            return first, last
        day = self._day(iri, "eventDate", "datePrecision") or self._day(iri, "observedOn", "datePrecision")
        if day:
            return day, day
        first = self._day(iri, "startDate", "startPrecision") or self._day(iri, "inForceFrom", "")
        return first, self._day(iri, "endDate", "endPrecision")

    def _day(self, iri: str, property_: str, precision: str) -> str:
        said = self.facts.link(iri, self._kip(precision)) if precision else []
        return self.facts.one(iri, self._kip(property_))[: _PRECISION.get(_local(said[0]) if said else "", 10)]

    def _spans(self) -> dict[str, list[str]]:
        """The span of each organisation that a change begot or that another one succeeded."""
        spans: dict[str, list[str]] = {}
        changes = [iri for iri, classes in self.facts.classes.items() if self._kip("OrganizationChange") in classes]
        for change in sorted(changes):
            day = self._day(change, "eventDate", "datePrecision")
            kinds = {_local(each) for each in self.facts.link(change, self._kip("changeType"))}
            if not day or _TRANSFERRED in kinds:
                continue
            after = self.facts.link(change, _ORG + "resultingOrganization")
            for each in after:
                spans.setdefault(each, ["", ""])[0] = day
            for each in self.facts.link(change, _ORG + "originalOrganization"):
                if set(after) & set(self.facts.link(each, self._kip("directSuccessor"))):
                    spans.setdefault(each, ["", ""])[1] = day
        return spans

    def _numbers(self, key: int, iri: str) -> Iterator[tuple[str, int, str, str]]:
        """The numbers of the values that a thing has, with their print."""
        found: dict[tuple[str, str], tuple[str, int, str, str]] = {}
        nodes = {node for linked in list(self.facts.links[iri].values()) for node in linked if "/id/value/" in node}
        for node in sorted(nodes):
            printed = sorted(self.facts.texts[node][self._kip("statedText")], key=lambda each: each.value)
            text, lang = (printed[0].value, printed[0].language or "") if printed else ("", "")
            for name in _NUMBERS:
                for value in self.facts.texts[node][self._kip(name)]:
                    number = canonical_decimal(value.value)
                    found.setdefault((number, text or number), (number, key, text or number, lang))
        return iter(sorted(found.values()))


def _curie(record: Mapping[str, Any]) -> str:
    prefix = "kip" if record["kind"] == "def" else record["kind"]
    return f"{prefix}:{record['iri'].rpartition('/')[2]}"


def _called(capitals: re.Match[str]) -> str:
    return "".join(_LETTER_NAMES[letter] for letter in capitals.group())


def _local(iri: str) -> str:
    return iri.rpartition("/")[2]


def _forms(text: str) -> dict[str, str]:
    """A name in each normal form that is searched, in the order of the columns."""
    folded = fold(text)
    hangul = any("가" <= char <= "힣" for char in folded)
    return {
        "folded": folded,
        "letters": letters(folded),
        "initials": initials(folded) if hangul else "",
        "roman": skeleton(romanise(text)) if hangul else "",
    }


def _runs(text: str, forms: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every run of each normal form, every word, and what an abbreviation would be known by."""
    yield from (("words", word) for word in sorted(set(words(text))))
    yield from (("short", each) for each in sorted(short_forms(text)))
    for form, size in RUNS.items():
        yield from ((form, run) for run in grams(forms[form], size))
