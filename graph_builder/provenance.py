"""Turns claims into quads: direct triples, statements, evidence nodes and the graphs that say who says what.

Statements are RDF reification (RDF 1.1 Semantics, appendix D.1), evidence is a Web Annotation selector
(https://www.w3.org/TR/annotation-model/#text-position-selector).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad, Triple

from graph_builder.facts import Document, Qualifiers, Snapshot, Span
from graph_builder.identifiers import entity_iri, graph_iri, statement_key
from graph_builder.mapping import Claim
from graph_builder.numerals import canonical_decimal
from graph_builder.terms import DEFAULT, OA, RDF, TYPE, XSD, in_graph
from graph_builder.values import Names

__all__ = ["Provenance", "quads_of"]


@dataclass(frozen=True)
class Provenance:
    """Writes the evidence of one document's claims."""

    document: Document
    names: Names

    @property
    def base(self) -> str:
        """The base IRI."""
        return self.names.vocabulary.prefixes.base

    def _kip(self, name: str) -> NamedNode:
        return self.names.node("kip:" + name)

    def claim(self, claim: Claim) -> Iterator[Quad]:
        """The quads of one claim, without those of its evidence nodes."""
        carrier = claim.subject
        if claim.triple is not None:
            yield in_graph(claim.triple)
            for graph in self._graphs(claim.qualifiers):
                yield in_graph(claim.triple, graph)
        if claim.stated and claim.triple is not None:
            carrier = self._statement_iri(claim.triple)
            yield from self._statement(carrier, claim.triple)
        if claim.stated or claim.triple is None:
            for predicate, value in self._qualifiers(carrier, claim.qualifiers):
                yield Quad(carrier, predicate, value, DEFAULT)

    def _graphs(self, qualifiers: Qualifiers) -> Iterator[NamedNode]:
        if qualifiers.spans and self.document.snapshot:
            slug = self.document.snapshot.article.text.partition(":")[2]
            yield NamedNode(graph_iri(self.base, f"article/{slug}"))
        if qualifiers.sources:
            yield NamedNode(graph_iri(self.base, "context"))

    def _statement_iri(self, triple: Triple) -> NamedNode:
        value = triple.object.value if isinstance(triple.object, NamedNode) else str(triple.object)
        key = statement_key(str(triple.subject)[1:-1], triple.predicate.value, value)
        return NamedNode(entity_iri(self.base, "statement", key))

    def _statement(self, statement: NamedNode, triple: Triple) -> Iterator[Quad]:
        yield Quad(statement, TYPE, self._kip("Statement"), DEFAULT)
        for part, term in zip(("subject", "predicate", "object"), triple, strict=True):
            yield Quad(statement, NamedNode(RDF + part), term, DEFAULT)
        yield Quad(statement, self._kip("curationStatus"), self.names.node("curation:curated"), DEFAULT)

    def _qualifiers(self, carrier: NamedNode, given: Qualifiers) -> Iterator[tuple[NamedNode, NamedNode | Literal]]:
        for span in given.spans:
            yield self._kip("evidence"), self._evidence_iri(span)
        for source in given.sources:
            yield self._kip("evidence"), self._source_evidence(source.source.text)
        claim, rank = (scalar.text if scalar else None for scalar in (given.claim, given.rank))
        if claim or not self._is_annotation(carrier):
            yield self._kip("claimType"), self._concept("claim", claim or "reported-fact")
            yield self._kip("rank"), self._concept("rank", rank or "normal")
        for language, reason in given.because:
            yield self._kip("rankReason"), Literal(reason.text, language=language)
        for speaker in given.by:
            yield self._kip("attributedTo"), self.names.resolve(speaker)
        if given.confidence:
            number = Literal(canonical_decimal(given.confidence.text), datatype=NamedNode(XSD + "decimal"))
            yield self._kip("confidence"), number

    def _concept(self, scheme: str, name: str) -> NamedNode:
        return self.names.node(name if ":" in name else f"{scheme}:{name}")

    def _is_annotation(self, carrier: NamedNode) -> bool:
        """Whether the node is the curator's own remark about a source, which no source claims."""
        thing = self.names.register.get(carrier.value)
        return thing is not None and self.names.vocabulary.is_a(thing.type, self.names.iri("kip:SourceIssue"))

    def _evidence_iri(self, span: Span) -> NamedNode:
        return NamedNode(entity_iri(self.base, "evidence", f"{self._snapshot().key}-{span}"))

    def _source_evidence(self, curie: str) -> NamedNode:
        return NamedNode(entity_iri(self.base, "evidence", curie.partition(":")[2]))

    def _snapshot(self) -> Snapshot:
        assert self.document.snapshot is not None  # spans outside an article are refused by check_spans
        return self.document.snapshot

    def snapshot(self, snapshot: Snapshot) -> Iterator[Quad]:
        """The quads that identify the exact text of the article."""
        node = NamedNode(entity_iri(self.base, "snapshot", snapshot.key))
        article = self.names.resolve(snapshot.article)
        integer = NamedNode(XSD + "integer")
        yield Quad(node, TYPE, self._kip("TextSnapshot"), DEFAULT)
        yield Quad(node, self._kip("snapshotOf"), article, DEFAULT)
        yield Quad(node, self._kip("sha256"), Literal(snapshot.sha256), DEFAULT)
        yield Quad(node, self._kip("charCount"), Literal(str(snapshot.characters), datatype=integer), DEFAULT)
        yield Quad(article, self._kip("articleNumber"), Literal(str(snapshot.number), datatype=integer), DEFAULT)

    def span(self, span: Span, snapshot: Snapshot) -> Iterator[Quad]:
        """The quads of the evidence node of a span."""
        node = self._evidence_iri(span)
        selector = NamedNode(entity_iri(self.base, "selector", f"{snapshot.key}-{span}"))
        source = NamedNode(entity_iri(self.base, "snapshot", snapshot.key))
        yield Quad(node, TYPE, self._kip("Evidence"), DEFAULT)
        yield Quad(node, NamedNode(OA + "hasSource"), source, DEFAULT)
        yield Quad(node, NamedNode(OA + "hasSelector"), selector, DEFAULT)
        yield Quad(node, self._kip("spanHash"), Literal(snapshot.hashes[str(span)].text), DEFAULT)
        yield Quad(selector, TYPE, NamedNode(OA + "TextPositionSelector"), DEFAULT)
        for name, offset in (("start", span.start), ("end", span.end)):
            number = Literal(str(offset), datatype=NamedNode(XSD + "integer"))
            yield Quad(selector, NamedNode(OA + name), number, DEFAULT)

    def source(self, curie: str) -> Iterator[Quad]:
        """The quads of the evidence node of a source outside the articles."""
        node = self._source_evidence(curie)
        yield Quad(node, TYPE, self._kip("Evidence"), DEFAULT)
        yield Quad(node, NamedNode(OA + "hasSource"), self.names.node(curie), DEFAULT)


def quads_of(document: Document, claims: Iterable[Claim], names: Names) -> Iterator[Quad]:
    """The quads of a document's claims with all their provenance; some may come more than once."""
    writer = Provenance(document, names)
    sources: set[str] = set()
    for claim in claims:
        sources.update(reference.source.text for reference in claim.qualifiers.sources)
        yield from writer.claim(claim)
    for source in sorted(sources):
        yield from writer.source(source)
    if document.snapshot:
        yield from writer.snapshot(document.snapshot)
        for span in {str(span): span for span in document.spans()}.values():
            yield from writer.span(span, document.snapshot)
