"""What a page says in the terms of schema.org, as JSON-LD in a data block (https://schema.org/docs/gs.html).

A data block is no script: it is not run, so the content security policy needs no exception for it
(https://html.spec.whatwg.org/multipage/scripting.html#data-block).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from api.descriptions.description import Description
from api.descriptions.dumps import Dump
from api.descriptions.neighbourhood import DateValue, Evidence, Name, TextValue, Thing
from api.links import Links
from api.views.datasets import Outline
from api.wording.display import LANGUAGES

__all__ = ["block", "dataset", "described"]

_CONTEXT = "https://schema.org"
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
# What a thing is by the kind of its IRI; by its class where that says more; else a Thing.
_BY_KIND = {
    "org": "Organization",
    "person": "Person",
    "event": "Event",
    "law": "Legislation",
    "article": "NewsArticle",
    "source": "CreativeWork",
    "place": "Place",
    "indicator": "DefinedTerm",
}
_BY_CLASS = {
    "kip:Ministry": "GovernmentOrganization",
    "kip:GovernmentBody": "GovernmentOrganization",
    "kip:GovernmentAgency": "GovernmentOrganization",
    "kip:LocalGovernment": "GovernmentOrganization",
    "kip:Company": "Corporation",
    "kip:MediaOrganization": "NewsMediaOrganization",
}
# Facts with a counterpart in schema.org, by the type that has it ("" for any).
_DATES = {
    ("Event", "kip:eventDate"): "startDate",
    ("NewsArticle", "kip:published"): "datePublished",
    ("CreativeWork", "kip:sourceDate"): "datePublished",
    ("Legislation", "kip:passedOn"): "legislationDate",
    ("Legislation", "kip:inForceFrom"): "temporalCoverage",
}
_LINKS = {
    ("", "skos:exactMatch"): "sameAs",
    ("Event", "kip:host"): "organizer",
    ("Event", "kip:participant"): "attendee",
    ("Event", "kip:locatedIn"): "location",
    ("NewsArticle", "kip:publisher"): "publisher",
    ("Place", "kip:locatedIn"): "containedInPlace",
    ("DefinedTerm", "skos:inScheme"): "inDefinedTermSet",
}
_TEXTS = {
    ("", "skos:definition"): "description",
    ("Legislation", "dct:identifier"): "legislationIdentifier",
    ("NewsArticle", "schema:url"): "url",
    ("CreativeWork", "schema:url"): "url",
}
_CITED = 10


def block(document: Mapping[str, Any]) -> str:
    """The document as it may stand in a page: nothing in it can end the element or begin another.

    >>> block({"name": "</script><b>&"})
    '{"name":"\\\\u003c/script\\\\u003e\\\\u003cb\\\\u003e\\\\u0026"}'
    """
    text = orjson.dumps(document).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def described(description: Description, links: Links) -> str:
    """A thing, a concept or a term of the ontology, with the articles and sources that its facts come from."""
    thing = description.thing
    type_ = _type_of(thing, description.classes, links)
    document: dict[str, Any] = {"@context": _CONTEXT, "@type": type_, "@id": thing.iri}
    document |= _named(thing.name, "headline" if type_ == "NewsArticle" else "name")
    document["identifier"] = thing.curie or thing.iri
    other = [_text(each) for each in description.other_names]
    document |= {"alternateName": other} if other else {}
    for group in description.groups:
        for fact in group.facts:
            for key, value in _counterpart(type_, group.property.curie, fact.value):
                _add(document, key, value)
    cited = _cited(description)
    return block(document | ({"subjectOf": cited} if cited else {}))


def dataset(iri: str, outline: Outline, dumps: Iterable[Dump], version: str, issued: str, links: Links) -> str:
    """The data set with its files (https://schema.org/Dataset)."""
    files = [
        {
            "@type": "DataDownload",
            "@id": links.iri(dump.tail),
            "name": dump.name,
            "contentUrl": links.iri(dump.tail),
            "encodingFormat": dump.content_type.partition(";")[0],
            "contentSize": f"{dump.bytes} B",
            "sha256": dump.sha256,
        }
        for dump in dumps
    ]
    document = {
        "@context": _CONTEXT,
        "@type": "Dataset",
        "@id": iri,
        **_named(outline.title, "name"),
        **_named(outline.text, "description"),
        "version": version,
        "license": outline.licence or _LICENCE,
        "isAccessibleForFree": True,
        "inLanguage": list(LANGUAGES),
        "distribution": files,
    }
    return block(document | ({"dateModified": issued} if issued else {}))


def _type_of(thing: Thing, classes: Iterable[Thing], links: Links) -> str:
    space, _, rest = links.tail(thing.iri).partition("/")
    if space == "scheme":
        return "DefinedTerm" if "/" in rest else "DefinedTermSet"
    if space == "def":
        return "DefinedTerm"
    own = next((_BY_CLASS[each.curie] for each in classes if each.curie in _BY_CLASS), None)
    return own or _BY_KIND.get(rest.partition("/")[0], "Thing")


def _named(name: Name, key: str) -> dict[str, Any]:
    texts = [_text(TextValue(getattr(name, language), language)) for language in LANGUAGES if getattr(name, language)]
    return {key: texts} if texts else {}


def _text(value: TextValue) -> Any:
    return {"@value": value.text, "@language": value.language} if value.language else value.text


def _counterpart(type_: str, curie: str, value: Any) -> Iterable[tuple[str, Any]]:
    """A fact in the terms of schema.org, where there is one."""
    for of in ("", type_):
        if isinstance(value, DateValue) and (key := _DATES.get((of, curie))):
            yield key, value.day
        elif isinstance(value, Thing) and (key := _LINKS.get((of, curie)) or _TEXTS.get((of, curie))):
            yield key, {"@id": value.iri} if key != "url" else value.iri
        elif isinstance(value, TextValue) and (key := _TEXTS.get((of, curie))):
            yield key, _text(value)


def _cited(description: Description) -> list[dict[str, Any]]:
    facts = (fact for group in description.groups for fact in group.facts)
    found: dict[str, Evidence] = {}
    for evidence in (*description.evidence, *(each for fact in facts for each in fact.evidence)):
        found.setdefault(evidence.source.iri, evidence)
    return [_citation(each) for each in list(found.values())[:_CITED]]


def _citation(evidence: Evidence) -> dict[str, Any]:
    source = evidence.source
    document = {"@type": "CreativeWork" if evidence.outside else "NewsArticle", "@id": source.iri}
    document |= _named(source.name, "name")
    document |= {"datePublished": evidence.date} if evidence.date and not evidence.reported else {}
    return document | ({"url": evidence.address} if evidence.address.startswith(("http://", "https://")) else {})


def _add(document: dict[str, Any], key: str, value: Any) -> None:
    if key not in document:
        document[key] = value
    elif isinstance(document[key], list):
        document[key].append(value)
    else:
        document[key] = [document[key], value]
