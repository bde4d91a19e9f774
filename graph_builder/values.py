"""Turns a value of a data file into RDF terms, by the range of its property."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from pyoxigraph import Literal, NamedNode, Triple

from graph_builder.dates import DateError, Stretch, parse_date
from graph_builder.errors import FactError, UnknownTerm
from graph_builder.facts import Entries, Items, Node, Register, Scalar
from graph_builder.identifiers import digest, entity_iri
from graph_builder.numerals import canonical_decimal, read_numeral
from graph_builder.prefixes import UnknownPrefix
from graph_builder.suggestions import did_you_mean
from graph_builder.terms import LABEL, TYPE, XSD
from graph_builder.vocabulary import Property, Range, Vocabulary

__all__ = ["Names", "Value", "terms_of"]

_LANGUAGES = ("ko", "en", "ko-Latn", "zh-Hant")
_NUMBER_KEYS = ("number", "text", "bound", "unit", "currency", "lower", "upper")
_PERIOD_KEYS = ("start", "end", "fiscalYearStart", "fiscalYearEnd")
_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?")
_MAX_STATED_TEXT = 40


@dataclass(frozen=True, slots=True)
class Value:
    """The term that stands as the object, and the triples that describe it or qualify its subject."""

    term: NamedNode | Literal
    triples: tuple[Triple, ...] = ()


@dataclass(frozen=True)
class Names:
    """All names that a data file may use: those of the vocabulary and those of the register."""

    vocabulary: Vocabulary
    register: Register
    _nodes: dict[str, NamedNode] = field(default_factory=dict, compare=False, repr=False)

    def iri(self, curie: str) -> str:
        """The IRI of a CURIE. Raises UnknownPrefix."""
        return self.vocabulary.prefixes.expand(curie)

    def node(self, curie: str) -> NamedNode:
        """The same as a term; for names that the code itself writes."""
        node = self._nodes.get(curie)
        if node is None:
            node = self._nodes[curie] = NamedNode(self.iri(curie))
        return node

    def resolve(self, scalar: Scalar, scheme: str = "") -> NamedNode:
        """The term that a CURIE names; with a scheme, the concept's name alone is enough. Raises UnknownTerm."""
        curie = f"{scheme}:{scalar.text}" if scheme and ":" not in scalar.text else scalar.text
        try:
            iri = self.iri(curie)
        except UnknownPrefix as error:
            hint = did_you_mean(curie, self._known(), "write kind:slug; the prefixes are in ontology/prefixes.ttl")
            raise UnknownTerm(scalar.where, f"{scalar.text!r} names nothing", hint) from error
        if iri.startswith(self.vocabulary.prefixes.base) and not self._has(iri):
            hint = did_you_mean(curie, self._known(), "declare it with 'type:' and 'label:'")
            raise UnknownTerm(scalar.where, f"{curie!r} is declared nowhere", hint)
        return NamedNode(iri)

    def _has(self, iri: str) -> bool:
        return iri in self.register or iri in self.vocabulary.concepts or iri in self.vocabulary.iris

    def _known(self) -> Iterator[str]:
        for iri in (*self.register, *self.vocabulary.concepts):
            if curie := self.vocabulary.prefixes.shrink(iri):
                yield curie


def terms_of(subject: NamedNode, prop: Property, node: Node, names: Names) -> Iterator[Value]:
    """The values that a node of a data file states for a property. Raises FactError and UnknownTerm."""
    yield from _READERS[prop.range](subject, prop, node, names)


def _scalar(node: Node, prop: Property) -> Scalar:
    if not isinstance(node, Scalar):
        raise FactError(node.where, "a mapping or list where one value is wanted", f"write {prop.range.value}")
    return node


def _reference(subject: NamedNode, prop: Property, node: Node, names: Names) -> Iterator[Value]:
    yield Value(names.resolve(_scalar(node, prop)))


def _text(subject: NamedNode, prop: Property, node: Node, names: Names) -> Iterator[Value]:
    if not isinstance(node, Entries):
        raise FactError(node.where, "text without a language", f"write {prop.range.value}")
    for language, value in node.pairs:
        if language.text not in _LANGUAGES:
            hint = did_you_mean(language.text, _LANGUAGES, f"one of {', '.join(_LANGUAGES)}")
            raise FactError(language.where, f"{language.text!r} is no language of this graph", hint)
        for each in value.nodes if isinstance(value, Items) else (value,):
            text = _scalar(each, prop)
            if not text.text.strip():
                raise FactError(text.where, "the text is empty", "write it, or remove the language")
            yield Value(Literal(text.text, language=language.text))


def _string(subject: NamedNode, prop: Property, node: Node, names: Names) -> Iterator[Value]:
    yield Value(Literal(_scalar(node, prop).text))


def _iri(subject: NamedNode, prop: Property, node: Node, names: Names) -> Iterator[Value]:
    scalar = _scalar(node, prop)
    if not re.fullmatch(r"https?://[^\s<>\"{}|^`\\]+", scalar.text):
        raise FactError(scalar.where, f"{scalar.text!r} is not an IRI", f"write {prop.range.value}")
    yield Value(NamedNode(scalar.text))


def _typed(pattern: str, datatype: str) -> Callable[[NamedNode, Property, Node, Names], Iterator[Value]]:
    def read(subject: NamedNode, prop: Property, node: Node, names: Names) -> Iterator[Value]:
        scalar = _scalar(node, prop)
        if not re.fullmatch(pattern, scalar.text):
            raise FactError(scalar.where, f"{scalar.text!r} is not {prop.range.value}", "mend the value")
        yield Value(Literal(scalar.text, datatype=NamedNode(XSD + datatype)))

    return read


def _decimal_value(subject: NamedNode, prop: Property, node: Node, names: Names) -> Iterator[Value]:
    yield Value(Literal(_decimal(_scalar(node, prop)), datatype=NamedNode(XSD + "decimal")))


def _stretch(scalar: Scalar, prop: Property) -> Stretch:
    try:
        return parse_date(scalar.text)
    except DateError as error:
        raise FactError(scalar.where, str(error), f"write {prop.range.value}") from error


def _date(subject: NamedNode, prop: Property, node: Node, names: Names) -> Iterator[Value]:
    scalar = _scalar(node, prop)
    stretch = _stretch(scalar, prop)
    if stretch.first != stretch.last and not prop.precision:
        hint = "write YYYY-MM-DD, or leave it out: the property says nothing of how precise it is"
        raise FactError(scalar.where, f"{scalar.text!r} is no day", hint)
    day = stretch.first if prop.expands_to_first else stretch.last
    triples: tuple[Triple, ...] = ()
    if prop.precision:
        precision = names.node(f"precision:{stretch.precision}")
        triples = (Triple(subject, NamedNode(prop.precision), precision),)
    yield Value(Literal(day.isoformat(), datatype=NamedNode(XSD + "date")), triples)


def _checked(node: Node, prop: Property, keys: tuple[str, ...]) -> Entries:
    if not isinstance(node, Entries):
        raise FactError(node.where, "a value on its own", f"write {prop.range.value}")
    for key, _ in node.pairs:
        if key.text not in keys:
            raise FactError(key.where, f"unknown key {key.text!r}", did_you_mean(key.text, keys, f"write {keys}"))
    return node


def _number(subject: NamedNode, prop: Property, node: Node, names: Names) -> Iterator[Value]:
    entries = _checked(node, prop, _NUMBER_KEYS)
    found = {key.text: _scalar(value, prop) for key, value in entries.pairs}
    _check_printed(entries, found)
    text = "|".join(f"{key}={scalar.text}" for key, scalar in sorted(found.items()))
    prefixes = names.vocabulary.prefixes
    value = NamedNode(entity_iri(prefixes.base, "value", digest(subject.value, prop.iri, text)))
    kind = "kip:MonetaryAmount" if "currency" in found else "kip:QuantityValue"
    triples = [Triple(value, TYPE, names.node(kind))]
    triples += (Triple(value, *_number_part(key, scalar, names)) for key, scalar in found.items())
    yield Value(value, tuple(triples))


_AMOUNTS = {"number": "kip:numericValue", "lower": "kip:lowerBound", "upper": "kip:upperBound"}


def _number_part(key: str, scalar: Scalar, names: Names) -> tuple[NamedNode, NamedNode | Literal]:
    if key in _AMOUNTS:
        return names.node(_AMOUNTS[key]), Literal(_decimal(scalar), datatype=NamedNode(XSD + "decimal"))
    if key == "text":
        language = "en" if re.search("[A-Za-z]", scalar.text) and not re.search("[가-힣]", scalar.text) else "ko"
        return names.node("kip:statedText"), Literal(scalar.text, language=language)
    return names.node(f"kip:{key}"), names.resolve(scalar, key)


def _decimal(scalar: Scalar) -> str:
    if not _DECIMAL.fullmatch(scalar.text):
        raise FactError(scalar.where, f"{scalar.text!r} is not a decimal number", "digits only, in base units")
    return canonical_decimal(scalar.text)


def _check_printed(entries: Entries, found: Mapping[str, Scalar]) -> None:
    """Holds the number, bound and currency against what is printed. Raises FactError."""
    text = found.get("text")
    if text is None:
        raise FactError(entries.where, "a number without its printed form", "add text: as the source prints it")
    if len(text.text) > _MAX_STATED_TEXT:
        raise FactError(text.where, f"{len(text.text)} characters of printed text", "at most 40: the number alone")
    reading = read_numeral(text.text)
    number = found.get("number")
    if reading is None or number is None:
        return
    try:
        agrees = Decimal(number.text) == reading.number
    except InvalidOperation:
        agrees = True  # not a number at all: _decimal says so
    if not agrees:
        raise FactError(number.where, f"{number.text} is not the printed {text.text!r}", f"{reading.number:f}?")
    bound, currency = found.get("bound"), found.get("currency")
    if reading.bound and (bound is None or bound.text == "exact"):
        raise FactError(text.where, f"{text.text!r} is not exact", f"write bound: {reading.bound}")
    if reading.currency and (currency is None or currency.text != reading.currency):
        raise FactError(text.where, f"{text.text!r} is money", f"write currency: {reading.currency}")


def _period(subject: NamedNode, prop: Property, node: Node, names: Names) -> Iterator[Value]:
    if isinstance(node, Scalar):
        yield Value(names.resolve(node))
        return
    entries = _checked(node, prop, _PERIOD_KEYS)
    found = {key.text: _scalar(value, prop) for key, value in entries.pairs}
    if not found:
        raise FactError(entries.where, "a period without start and end", f"write {prop.range.value}")
    _check_order(found, prop)
    slug, *titles = _period_names(found)
    period = NamedNode(entity_iri(names.vocabulary.prefixes.base, "period", slug))
    triples = [Triple(period, TYPE, names.node("kip:Period"))]
    for title, language in zip(titles, ("ko", "en"), strict=True):
        triples.append(Triple(period, LABEL, Literal(title, language=language)))
    for key, scalar in found.items():
        part = names.vocabulary.properties[{"start": "startDate", "end": "endDate"}.get(key, key)]
        for value in terms_of(period, part, scalar, names):
            triples += (Triple(period, NamedNode(part.iri), value.term), *value.triples)
    yield Value(period, tuple(triples))


def _check_order(found: Mapping[str, Scalar], prop: Property) -> None:
    bounds = [_stretch(found[key], prop) for key in ("start", "end") if key in found]
    if len(bounds) == 2 and bounds[0].first > bounds[1].last:
        raise FactError(found["end"].where, "the period ends before it starts", "swap start and end")


def _period_names(found: Mapping[str, Scalar]) -> tuple[str, str, str]:
    """The slug of a period and its name in Korean and English."""
    start, end, *fiscal = (found[key].text if key in found else "" for key in _PERIOD_KEYS)
    names = []
    if start and end:
        names.append(
            (f"{start}-to-{end}", f"{start}–{end}", f"{start}–{end}") if start != end else (start, start, start)
        )
    elif start:
        names.append((f"from-{start}", f"{start}부터", f"from {start}"))
    elif end:
        names.append((f"until-{end}", f"{end}까지", f"until {end}"))
    if years := "–".join(dict.fromkeys(filter(None, fiscal))):
        names.append((f"fy{years.replace('–', '-')}", f"{years} 회계연도", f"fiscal year {years}"))
    slugs, korean, english = zip(*names, strict=True)
    return "-".join(slugs).lower(), ", ".join(korean), ", ".join(english)


_READERS: Mapping[Range, Callable[[NamedNode, Property, Node, Names], Iterator[Value]]] = {
    Range.REFERENCE: _reference,
    Range.NUMBER: _number,
    Range.PERIOD: _period,
    Range.DATE: _date,
    Range.YEAR: _typed(r"\d{4}", "gYear"),
    Range.INTEGER: _typed(r"-?\d+", "integer"),
    Range.DECIMAL: _decimal_value,
    Range.BOOLEAN: _typed(r"true|false", "boolean"),
    Range.TEXT: _text,
    Range.STRING: _string,
    Range.IRI: _iri,
}
