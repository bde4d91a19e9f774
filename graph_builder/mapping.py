"""Maps a document to claims, driven by the vocabulary: a pure function of one document and the names it may use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode, Triple

from graph_builder.errors import DuplicateThing, FactError, SourceError, UnknownTerm
from graph_builder.facts import Block, Document, Fact, Qualifiers, Register, Scalar, SourceRef, Thing
from graph_builder.identifiers import SLUG
from graph_builder.prefixes import UnknownPrefix
from graph_builder.reading import Faults
from graph_builder.suggestions import did_you_mean
from graph_builder.terms import TYPE
from graph_builder.values import Names, Value, terms_of
from graph_builder.vocabulary import Property, Vocabulary

__all__ = ["Claim", "map_document", "register_of"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A direct triple, or a node where `triple` is None, with the qualifiers that support it.

    `stated` says whether the triple gets a statement of its own; else its subject carries the evidence.
    """

    subject: NamedNode
    triple: Triple | None
    qualifiers: Qualifiers
    stated: bool = False


def register_of(documents: Iterable[Document], vocabulary: Vocabulary, faults: Faults) -> Register:
    """All things that the documents declare; each fault in a declaration is added to `faults`."""
    register: dict[str, Thing] = {}
    for document in documents:
        for block in document.blocks:
            if block.type is None:
                continue
            try:
                thing = _declared(block.about, block.type, vocabulary)
                if thing.iri in register:
                    first = register[thing.iri].where
                    raise DuplicateThing(
                        block.about.where,
                        f"{block.about.text!r} is declared twice, first at {first}",
                        "remove 'type:' here if both are the same thing; else choose another slug",
                    )
                register[thing.iri] = thing
            except SourceError as error:
                faults.append(error)
    return register


def _declared(about: Scalar, type_: Scalar, vocabulary: Vocabulary) -> Thing:
    class_iri = vocabulary.classes.get(type_.text)
    if class_iri is None:
        hint = did_you_mean(type_.text, vocabulary.classes, "the classes are listed in ontology/README.md")
        raise UnknownTerm(type_.where, f"unknown class {type_.text!r}", hint)
    kind = vocabulary.kind(class_iri)
    prefix, _, slug = about.text.partition(":")
    if prefix != kind:
        raise FactError(about.where, f"a {type_.text} named {about.text!r}", f"write '{kind}:{slug or prefix}'")
    if not SLUG.fullmatch(slug):
        raise FactError(about.where, f"the slug {slug!r}", "1 to 64 of a-z, 0-9 and '-', not '-' at an end")
    return Thing(vocabulary.prefixes.expand(about.text), class_iri, about.where)


def map_document(document: Document, names: Names, faults: Faults) -> Iterator[Claim]:
    """The claims of a document; every fault is added to `faults` and the rest goes on."""
    for block in document.blocks:
        try:
            yield from _block(block, document, names, faults)
        except SourceError as error:
            faults.append(error)


def _block(block: Block, document: Document, names: Names, faults: Faults) -> Iterator[Claim]:
    subject = _subject(block, names)
    default = _with_source(block.qualifiers, document)
    carries = block.type is not None and default.has_evidence
    class_iri = names.vocabulary.classes.get(block.type.text) if block.type else None
    if class_iri:
        yield Claim(subject, Triple(subject, TYPE, NamedNode(class_iri)), default)
    for fact in block.facts:
        try:
            for claim in _fact(subject, fact, default, names):
                carries = carries or (not claim.stated and default.has_evidence)
                yield claim
        except SourceError as error:
            faults.append(error)
    if carries:
        _check_qualifiers(default, names)
        yield Claim(subject, None, default)


def _subject(block: Block, names: Names) -> NamedNode:
    """The thing that a block is about; a faulty declaration was reported with the register."""
    if block.type is None:
        return names.resolve(block.about)
    try:
        return NamedNode(names.iri(block.about.text))
    except UnknownPrefix as error:
        raise UnknownTerm(block.about.where, f"{block.about.text!r} names nothing", "write kind:slug") from error


def _with_source(qualifiers: Qualifiers, document: Document) -> Qualifiers:
    if qualifiers.has_evidence or document.source is None:
        return qualifiers
    return replace(qualifiers, sources=(SourceRef(document.source),))


def _fact(subject: NamedNode, fact: Fact, default: Qualifiers, names: Names) -> Iterator[Claim]:
    prop = _property(fact.name, names.vocabulary)
    stated = prop.requires_statement or fact.qualifiers.has_evidence
    qualifiers = fact.qualifiers.or_else(default) if stated else default
    if stated and not qualifiers.has_evidence:
        hint = "add at: start-end, or from: source:..."
        raise FactError(fact.name.where, f"{fact.name.text!r} without evidence", hint)
    if not stated and fact.qualifiers != Qualifiers():
        hint = "give it its own at: or from:, or write the qualifier on the block"
        raise FactError(fact.name.where, f"a qualifier of {fact.name.text!r} that no statement carries", hint)
    if stated:
        _check_qualifiers(qualifiers, names)
    for value in terms_of(subject, prop, fact.value, names):
        yield from _claims(subject, prop, value, qualifiers, stated)


def _claims(subject: NamedNode, prop: Property, value: Value, qualifiers: Qualifiers, stated: bool) -> Iterator[Claim]:
    yield Claim(subject, Triple(subject, NamedNode(prop.iri), value.term), qualifiers, stated)
    for triple in value.triples:
        yield Claim(subject, triple, qualifiers)


def _property(name: Scalar, vocabulary: Vocabulary) -> Property:
    prop = vocabulary.properties.get(name.text)
    if prop is None:
        hint = did_you_mean(name.text, vocabulary.properties, "the properties are listed in ontology/README.md")
        raise UnknownTerm(name.where, f"unknown property {name.text!r}", hint)
    return prop


def _check_qualifiers(qualifiers: Qualifiers, names: Names) -> None:
    """Raises where a qualifier names nothing, or the confidence is not between 0 and 1."""
    for scheme, scalar in (("claim", qualifiers.claim), ("rank", qualifiers.rank)):
        if scalar:
            names.resolve(scalar, scheme)
    for scalar in (*qualifiers.by, *(reference.source for reference in qualifiers.sources)):
        names.resolve(scalar)
    confidence = qualifiers.confidence
    if confidence and not re.fullmatch(r"0(\.\d+)?|1(\.0+)?", confidence.text):
        raise FactError(confidence.where, f"the confidence {confidence.text!r}", "a number from 0 to 1")
