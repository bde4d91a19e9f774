"""The peer that maps: the same facts to the same quads in rdflib (https://rdflib.readthedocs.io/), written plainly.

It takes the same documents and names, and the rules by which IRIs are made, from the builder; terms, quads and the
dataset are rdflib's. It checks nothing: the builder also holds every name, number and qualifier against what is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rdflib import RDF, RDFS, XSD, Dataset, Graph, Literal, Namespace, URIRef

from graph_builder.dates import parse_date
from graph_builder.facts import (
    Block,
    Document,
    Entries,
    Fact,
    Items,
    Node,
    Qualifiers,
    Scalar,
    Snapshot,
    SourceRef,
    Span,
)
from graph_builder.identifiers import digest, entity_iri, graph_iri, statement_key
from graph_builder.numerals import canonical_decimal
from graph_builder.values import Names
from graph_builder.vocabulary import Property, Range

__all__ = ["add_document"]

_OA = Namespace("http://www.w3.org/ns/oa#")
_AMOUNTS = {"number": "kip:numericValue", "lower": "kip:lowerBound", "upper": "kip:upperBound"}
_TYPED = {
    Range.YEAR: XSD.gYear,
    Range.INTEGER: XSD.integer,
    Range.DECIMAL: XSD.decimal,
    Range.BOOLEAN: XSD.boolean,
}

Term = URIRef | Literal
Triple = tuple[URIRef, URIRef, Term]


def add_document(document: Document, names: Names, dataset: Dataset) -> None:
    """Adds the quads of a document, with all their provenance, to a dataset."""
    _Writer(document, names, dataset).write()


class _Writer:
    def __init__(self, document: Document, names: Names, dataset: Dataset) -> None:
        self.document = document
        self.names = names
        self.base = names.vocabulary.prefixes.base
        self.default = dataset.default_graph
        self.context = dataset.graph(URIRef(graph_iri(self.base, "context")))
        self.article: Graph | None = None
        if document.snapshot:
            slug = document.snapshot.article.text.partition(":")[2]
            self.article = dataset.graph(URIRef(graph_iri(self.base, f"article/{slug}")))

    def write(self) -> None:
        for block in self.document.blocks:
            self._block(block)
        snapshot = self.document.snapshot
        if snapshot:
            self._snapshot(snapshot)
            for span in {str(span): span for span in self.document.spans()}.values():
                self._span(span, snapshot)

    def _node(self, curie: str) -> URIRef:
        return URIRef(self.names.iri(curie))

    def _entity(self, kind: str, slug: str) -> URIRef:
        return URIRef(entity_iri(self.base, kind, slug))

    def _concept(self, scheme: str, name: str) -> URIRef:
        return self._node(name if ":" in name else f"{scheme}:{name}")

    def _add(self, triple: Triple, qualifiers: Qualifiers) -> None:
        self.default.add(triple)
        if qualifiers.spans and self.article is not None:
            self.article.add(triple)
        if qualifiers.sources:
            self.context.add(triple)
            for source in qualifiers.sources:
                self._source(source.source.text)

    def _block(self, block: Block) -> None:
        subject, given = self._node(block.about.text), self._with_source(block.qualifiers)
        carries = block.type is not None and given.has_evidence
        if block.type:
            self._add((subject, RDF.type, URIRef(self.names.vocabulary.classes[block.type.text])), given)
        for fact in block.facts:
            stated = self._fact(subject, fact, given)
            carries = carries or (given.has_evidence and not stated)
        if carries:
            self._qualify(subject, given)

    def _with_source(self, given: Qualifiers) -> Qualifiers:
        source = self.document.source
        return given if given.has_evidence or source is None else replace(given, sources=(SourceRef(source),))

    def _fact(self, subject: URIRef, fact: Fact, given: Qualifiers) -> bool:
        """Adds a fact; whether every triple of it has a statement of its own."""
        prop = self.names.vocabulary.properties[fact.name.text]
        stated = prop.requires_statement or fact.qualifiers.has_evidence
        qualifiers = fact.qualifiers.or_else(given) if stated else given
        further = False
        for term, triples in self._values(subject, prop, fact.value):
            triple = (subject, URIRef(prop.iri), term)
            self._add(triple, qualifiers)
            if stated:
                self._statement(triple, qualifiers)
            for each in triples:
                further = True
                self._add(each, qualifiers)
        return stated and not further

    def _statement(self, triple: Triple, qualifiers: Qualifiers) -> None:
        subject, predicate, term = triple
        text = str(term) if isinstance(term, URIRef) else term.n3()
        node = self._entity("statement", statement_key(str(subject), str(predicate), text))
        self.default.add((node, RDF.type, self._node("kip:Statement")))
        self.default.add((node, RDF.subject, subject))
        self.default.add((node, RDF.predicate, predicate))
        self.default.add((node, RDF.object, term))
        self.default.add((node, self._node("kip:curationStatus"), self._node("curation:curated")))
        self._qualify(node, qualifiers)

    def _qualify(self, carrier: URIRef, given: Qualifiers) -> None:
        for span in given.spans:
            self.default.add((carrier, self._node("kip:evidence"), self._evidence(span)))
        for source in given.sources:
            self.default.add((carrier, self._node("kip:evidence"), self._source_evidence(source.source.text)))
        if given.claim or not self._is_annotation(carrier):
            claim, rank = (scalar.text if scalar else "" for scalar in (given.claim, given.rank))
            self.default.add((carrier, self._node("kip:claimType"), self._concept("claim", claim or "reported-fact")))
            self.default.add((carrier, self._node("kip:rank"), self._concept("rank", rank or "normal")))
        for speaker in given.by:
            self.default.add((carrier, self._node("kip:attributedTo"), self._node(speaker.text)))
        if given.confidence:
            number = Literal(canonical_decimal(given.confidence.text), datatype=XSD.decimal, normalize=False)
            self.default.add((carrier, self._node("kip:confidence"), number))

    def _is_annotation(self, carrier: URIRef) -> bool:
        thing = self.names.register.get(str(carrier))
        return thing is not None and self.names.vocabulary.is_a(thing.type, self.names.iri("kip:SourceIssue"))

    def _evidence(self, span: Span) -> URIRef:
        assert self.document.snapshot is not None
        return self._entity("evidence", f"{self.document.snapshot.key}-{span}")

    def _source_evidence(self, curie: str) -> URIRef:
        return self._entity("evidence", curie.partition(":")[2])

    def _source(self, curie: str) -> None:
        node = self._source_evidence(curie)
        self.default.add((node, RDF.type, self._node("kip:Evidence")))
        self.default.add((node, _OA.hasSource, self._node(curie)))

    def _snapshot(self, snapshot: Snapshot) -> None:
        node, article = self._entity("snapshot", snapshot.key), self._node(snapshot.article.text)
        characters = Literal(str(snapshot.characters), datatype=XSD.integer)
        self.default.add((node, RDF.type, self._node("kip:TextSnapshot")))
        self.default.add((node, self._node("kip:snapshotOf"), article))
        self.default.add((node, self._node("kip:sha256"), Literal(snapshot.sha256)))
        self.default.add((node, self._node("kip:charCount"), characters))
        number = Literal(str(snapshot.number), datatype=XSD.integer)
        self.default.add((article, self._node("kip:articleNumber"), number))

    def _span(self, span: Span, snapshot: Snapshot) -> None:
        node = self._evidence(span)
        selector = self._entity("selector", f"{snapshot.key}-{span}")
        self.default.add((node, RDF.type, self._node("kip:Evidence")))
        self.default.add((node, _OA.hasSource, self._entity("snapshot", snapshot.key)))
        self.default.add((node, _OA.hasSelector, selector))
        self.default.add((node, self._node("kip:spanHash"), Literal(snapshot.hashes[str(span)].text)))
        self.default.add((selector, RDF.type, _OA.TextPositionSelector))
        self.default.add((selector, _OA.start, Literal(str(span.start), datatype=XSD.integer)))
        self.default.add((selector, _OA.end, Literal(str(span.end), datatype=XSD.integer)))

    def _values(self, subject: URIRef, prop: Property, node: Node) -> Iterator[tuple[Term, Iterable[Triple]]]:
        if isinstance(node, Entries):
            if prop.range is Range.NUMBER:
                yield self._number(subject, prop, node)
            elif prop.range is Range.PERIOD:
                yield self._period(node)
            else:
                yield from ((text, ()) for text in _texts(node))
        elif prop.range is Range.DATE:
            yield self._date(subject, prop, _text(node))
        elif prop.range in (Range.REFERENCE, Range.PERIOD):
            yield self._node(_text(node)), ()
        elif prop.range is Range.IRI:
            yield URIRef(_text(node)), ()
        else:
            yield Literal(_text(node), datatype=_TYPED.get(prop.range), normalize=False), ()

    def _date(self, subject: URIRef, prop: Property, text: str) -> tuple[Term, Iterable[Triple]]:
        stretch = parse_date(text)
        day = stretch.first if prop.expands_to_first else stretch.last
        literal = Literal(day.isoformat(), datatype=XSD.date)
        if not prop.precision:
            return literal, ()
        return literal, [(subject, URIRef(prop.precision), self._node(f"precision:{stretch.precision}"))]

    def _number(self, subject: URIRef, prop: Property, node: Entries) -> tuple[Term, Iterable[Triple]]:
        found = {key.text: _text(value) for key, value in node.pairs}
        key = "|".join(f"{name}={text}" for name, text in sorted(found.items()))
        value = self._entity("value", digest(str(subject), prop.iri, key))
        kind = "kip:MonetaryAmount" if "currency" in found else "kip:QuantityValue"
        return value, [
            (value, RDF.type, self._node(kind)),
            *((value, *self._number_part(name, text)) for name, text in found.items()),
        ]

    def _number_part(self, name: str, text: str) -> tuple[URIRef, Term]:
        if name in _AMOUNTS:
            return self._node(_AMOUNTS[name]), Literal(_decimal(text), datatype=XSD.decimal, normalize=False)
        if name == "text":
            return self._node("kip:statedText"), Literal(text, lang="ko")
        return self._node(f"kip:{name}"), self._concept(name, text)

    def _period(self, node: Entries) -> tuple[Term, Iterable[Triple]]:
        found = {key.text: _text(value) for key, value in node.pairs}
        start, end = found.get("start", ""), found.get("end", "")
        name = f"{start}–{end}" if start and end and start != end else start or end
        if not (start and end):
            name = f"{start}–open" if start else f"until–{end}"
        period = self._entity("period", name.lower().replace("–", "-to-"))
        triples: list[Triple] = [(period, RDF.type, self._node("kip:Period"))]
        triples += [(period, RDFS.label, Literal(name, lang=language)) for language in ("ko", "en")]
        for key, text in found.items():
            part = self.names.vocabulary.properties[f"{key}Date"]
            literal, further = self._date(period, part, text)
            triples += [(period, URIRef(part.iri), literal), *further]
        return period, triples


def _text(node: Node) -> str:
    assert isinstance(node, Scalar)
    return node.text


def _texts(node: Entries) -> Iterator[Literal]:
    for language, value in node.pairs:
        for each in value.nodes if isinstance(value, Items) else (value,):
            yield Literal(_text(each), lang=language.text)


def _decimal(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
