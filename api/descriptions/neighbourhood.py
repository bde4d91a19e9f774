"""The triples around a thing, as a query answered them, and the names, values and evidence read off them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.engine.results import Term
from api.wording.display import LANGUAGES, Language
from graph_builder.prefixes import PrefixMap

__all__ = [
    "DateValue",
    "Evidence",
    "Name",
    "Neighbourhood",
    "PeriodValue",
    "Row",
    "StatedValue",
    "TextValue",
    "Thing",
    "Value",
]

Row = Mapping[str, Term]


@dataclass(frozen=True, slots=True)
class Name:
    """A name in Korean and English; either may be empty."""

    ko: str = ""
    en: str = ""

    def __bool__(self) -> bool:
        return bool(self.ko or self.en)

    def first(self, language: Language) -> str:
        """The name in the reader's language, or in the other one."""
        return (self.ko or self.en) if language == "ko" else (self.en or self.ko)

    def language(self, language: Language) -> Language:
        """The language that `first` answers in."""
        return language if getattr(self, language) else ("en" if language == "ko" else "ko")

    def second(self, language: Language) -> str:
        """The name in the other language, "" where it is the same or missing."""
        other = self.en if language == "ko" else self.ko
        return other if other != self.first(language) else ""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with an IRI and a name."""

    iri: str
    curie: str
    name: Name
    kind: str = "thing"


@dataclass(frozen=True, slots=True)
class TextValue:
    """A literal as it is, with its language tag."""

    text: str
    language: str = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class DateValue:
    """A day, and how precisely it is known: day, month, quarter, half or year."""

    day: str
    precision: str = "day"
    kind: str = "date"


@dataclass(frozen=True, slots=True)
class StatedValue:
    """A number as the source printed it, and our reading of it."""

    text: str
    language: str
    number: str
    lower: str
    upper: str
    bound: Thing | None
    unit: Thing | None
    kind: str = "stated"


@dataclass(frozen=True, slots=True)
class PeriodValue:
    """A span of time; either end may be missing."""

    thing: Thing
    start: DateValue | None
    end: DateValue | None
    kind: str = "period"


Value = Thing | TextValue | DateValue | StatedValue | PeriodValue


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a fact was read: offsets in an article, or a source outside the articles.

    `date` is the day that is printed, or where `reported` that of the latest event which the article reports.
    """

    iri: str
    source: Thing
    outside: bool
    outlet: Name
    date: str
    reported: bool
    start: int | None
    end: int | None
    address: str
    read: str


class Neighbourhood:
    """An index of rows ?s ?p ?o; predicates are given as CURIEs or IRIs."""

    def __init__(self, rows: Iterable[Row], prefixes: PrefixMap) -> None:
        self._prefixes = prefixes
        self._index: dict[str, dict[str, set[Term]]] = {}
        for row in rows:
            self._index.setdefault(row["s"].value, {}).setdefault(row["p"].value, set()).add(row["o"])

    def has(self, iri: str) -> bool:
        """Whether any triple has the IRI as its subject."""
        return iri in self._index

    def predicates(self, iri: str) -> list[str]:
        """The IRIs of the predicates of a thing."""
        return list(self._index.get(iri, ()))

    def all(self) -> list[str]:
        """Every subject, sorted."""
        return sorted(self._index)

    def every(self, predicate: str) -> list[str]:
        """Every subject that has the predicate, sorted."""
        full = self.expand(predicate)
        return sorted(subject for subject, links in self._index.items() if full in links)

    def objects(self, iri: str, predicate: str) -> list[Term]:
        """The objects of a predicate, sorted."""
        found = self._index.get(iri, {}).get(self.expand(predicate), set())
        return sorted(found, key=lambda term: (term.value, term.lang or ""))

    def subjects(self, predicate: str, iri: str) -> list[str]:
        """The things whose predicate has this IRI as an object, sorted."""
        full = self.expand(predicate)
        return sorted(s for s, links in self._index.items() if any(o.value == iri for o in links.get(full, ())))

    def one(self, iri: str, predicate: str) -> str:
        """The value of the first object, or ""."""
        return next((term.value for term in self.objects(iri, predicate)), "")

    def texts(self, iri: str, predicate: str) -> Name:
        """The first objects in Korean and in English; one without a language counts as both."""
        terms = self.objects(iri, predicate)
        plain = next((term.value for term in terms if not term.lang), "")
        return Name(*(next((t.value for t in terms if t.lang == tag), plain) for tag in ("ko", "en")))

    def thing(self, iri: str) -> Thing:
        """The IRI with its names, or with its CURIE or its end where no name is known."""
        curie = self._prefixes.shrink(iri) or ""
        fallback = curie or iri
        label = self.texts(iri, "rdfs:label") or self.texts(iri, "skos:prefLabel") or self._sentence(iri)
        return Thing(iri, curie, label or Name(fallback, fallback))

    def _sentence(self, statement: str) -> Name:
        """The parts of a statement in a row; empty for anything else."""
        parts = [part for name in ("subject", "predicate", "object") for part in self.objects(statement, f"rdf:{name}")]
        if len(parts) != 3:
            return Name()
        names = [self.thing(part.value).name if part.kind == "iri" else Name(part.value, part.value) for part in parts]
        return Name(*(" – ".join(name.first(language) for name in names) for language in LANGUAGES))

    def things(self, iri: str, predicate: str) -> tuple[Thing, ...]:
        """The objects of a predicate that are IRIs, as things."""
        return tuple(self.thing(term.value) for term in self.objects(iri, predicate) if term.kind == "iri")

    def classes(self, iri: str) -> tuple[Thing, ...]:
        """The classes of a thing: those of this ontology, or the others where it has none of them."""
        found = self.things(iri, "rdf:type")
        return tuple(each for each in found if each.iri.startswith(self._prefixes.base)) or found

    def cls(self, iri: str) -> Thing | None:
        """The first class of a thing."""
        return next(iter(self.classes(iri)), None)

    def value(self, iri: str, predicate: str, term: Term) -> Value:
        """An object as it is shown: a date with its precision, a number as printed, a period, a thing or a text."""
        if term.kind == "literal":
            return self._literal(iri, predicate, term)
        if self.objects(term.value, "kip:statedText") or self.objects(term.value, "kip:numericValue"):
            return self.stated(term.value)
        period = self._period(term.value)
        return period or self.thing(term.value)

    def stated(self, iri: str) -> StatedValue:
        """A stated number: as printed, normalised, bounds and unit."""
        printed = next(iter(self.objects(iri, "kip:statedText")), None)
        number, lower, upper = (self.one(iri, f"kip:{name}") for name in ("numericValue", "lowerBound", "upperBound"))
        bound, unit = self.things(iri, "kip:bound"), self.things(iri, "kip:currency") or self.things(iri, "kip:unit")
        text, tag = (printed.value, printed.lang or "") if printed else ("", "")
        return StatedValue(text, tag, number, lower, upper, next(iter(bound), None), next(iter(unit), None))

    def evidence(self, iri: str) -> tuple[Evidence, ...]:
        """The evidence of a statement or of an n-ary node, inside the articles first, in the order of the text."""
        found = [self._evidence(term.value) for term in self.objects(iri, "kip:evidence")]
        return tuple(sorted(found, key=lambda item: (item.outside, item.date, item.source.iri, item.start or 0)))

    def _evidence(self, iri: str) -> Evidence:
        source = self.one(iri, "oa:hasSource")
        selector = self.one(iri, "oa:hasSelector")
        article = self.one(source, "kip:snapshotOf")
        named = article or source
        return Evidence(
            iri,
            self.thing(named),
            outside=not article,
            outlet=self.outlet(named),
            date=self.day(named),
            reported=self.reported(named),
            start=_integer(self.one(selector, "oa:start")),
            end=_integer(self.one(selector, "oa:end")),
            address=self.one(named, "schema:url") or self.one(named, "dct:identifier"),
            read=self.one(named, "kip:dateRead"),
        )

    def day(self, source: str) -> str:
        """The day that an article or a source prints, else that of the latest event which the article reports."""
        return self._printed(source) or max((term.value for term in self.objects(source, "kip:eventDate")), default="")

    def reported(self, source: str) -> bool:
        """Whether the day of an article is that of an event which it reports, as it prints none itself."""
        return not self._printed(source) and bool(self.day(source))

    def _printed(self, source: str) -> str:
        return self.one(source, "kip:published") or self.one(source, "kip:sourceDate")

    def outlet(self, source: str) -> Name:
        """The names of the publishers of an article, or the outlet of a source."""
        names = [each.name for each in self.things(source, "kip:publisher")]
        if not names:
            return self.texts(source, "kip:outletName")
        return Name(*(" · ".join(name.first(language) for name in names) for language in LANGUAGES))

    def _literal(self, iri: str, predicate: str, term: Term) -> Value:
        if (term.datatype or "").endswith("#date"):
            return DateValue(term.value, self._precision(iri, predicate))
        return TextValue(term.value, term.lang or "")

    def _precision(self, iri: str, predicate: str) -> str:
        carrier = self.one(predicate, "kip:precisionProperty")
        return (self.one(iri, carrier) if carrier else "").rpartition("/")[2] or "day"

    def _period(self, iri: str) -> PeriodValue | None:
        start, end = (self._date(iri, f"kip:{name}Date") for name in ("start", "end"))
        return PeriodValue(self.thing(iri), start, end) if start or end else None

    def _date(self, iri: str, predicate: str) -> DateValue | None:
        day = self.one(iri, predicate)
        return DateValue(day, self._precision(iri, self.expand(predicate))) if day else None

    def expand(self, predicate: str) -> str:
        """The IRI of a predicate that is given as a CURIE or as an IRI."""
        return predicate if "//" in predicate else self._prefixes.expand(predicate)


def _integer(text: str) -> int | None:
    return int(text) if text else None
