"""What is known of a thing, and what can be said at all, as compact JSON for programs that read it like a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from api.descriptions.description import Claim, Describer, Description, Fact, Issue, RelatedGroup
from api.descriptions.neighbourhood import (
    DateValue,
    Evidence,
    Name,
    Neighbourhood,
    PeriodValue,
    StatedValue,
    Thing,
    Value,
)
from api.naming.entities import EntityIndex
from api.wording.display import LANGUAGES

__all__ = ["described", "vocabulary"]

Json = dict[str, Any]
_NAMED = 10


def described(about: Description, related: Sequence[RelatedGroup]) -> Json:
    """A thing with its facts, each with its evidence, what its sources get wrong and what is linked with it."""
    facts = [_fact(group.property, fact) for group in about.groups for fact in group.facts]
    return {
        "thing": _thing(about.thing),
        "classes": [_thing(each) for each in about.classes],
        "otherNames": [each.text for each in about.other_names],
        "facts": facts,
        "issues": [_issue(each) for each in about.issues],
        "evidence": _evidence(about.evidence),
        "related": [_related(each) for each in related],
    }


def _fact(property_: Thing, fact: Fact) -> Json:
    shown: Json = {"property": _thing(property_), "value": _value(fact.value), "evidence": _evidence(fact.evidence)}
    if fact.statement:
        shown["statement"] = fact.statement
    return shown | ({"claim": _claim(fact.claim)} if fact.claim else {})


def _value(value: Value) -> Json:
    match value:
        case Thing():
            return _thing(value)
        case DateValue():
            return {"date": value.day, "precision": value.precision}
        case StatedValue():
            return _stated(value)
        case PeriodValue():
            ends = {"start": value.start, "end": value.end}
            return {name: end.day for name, end in ends.items() if end}
        case _:
            return {"text": value.text} | ({"lang": value.language} if value.language else {})


def _stated(value: StatedValue) -> Json:
    shown: Json = {"printed": value.text, "number": value.number, "lower": value.lower, "upper": value.upper}
    shown |= {"bound": value.bound and value.bound.curie, "unit": value.unit and value.unit.curie}
    return {name: each for name, each in shown.items() if each}


def _evidence(places: Iterable[Evidence]) -> list[Json]:
    return [_place(each) for each in places]


def _place(place: Evidence) -> Json:
    shown: Json = {"source": place.source.iri, "title": _names(place.source.name), "outlet": _names(place.outlet)}
    shown |= {
        "eventDate" if place.reported else "date": place.date,
        "start": place.start,
        "end": place.end,
        "url": place.address,
    }
    return {name: each for name, each in shown.items() if each not in (None, "", {})}


def _claim(claim: Claim) -> Json:
    shown: Json = {
        "type": claim.type and claim.type.curie,
        "by": [_thing(each) for each in claim.by],
        "confidence": claim.confidence,
        "rank": claim.rank and claim.rank.curie,
    }
    return {name: each for name, each in shown.items() if each}


def _issue(issue: Issue) -> Json:
    return {
        "thing": _thing(issue.thing),
        "printed": _names(issue.printed),
        "proposed": _names(issue.proposed) or issue.proposed_value,
        "basis": _names(issue.basis),
        "evidence": _evidence(issue.evidence),
    }


def _related(group: RelatedGroup) -> Json:
    things = [_thing(thing) for thing, _ in group.things[:_NAMED]]
    return {
        "property": _thing(group.property),
        "direction": group.direction,
        "inferred": group.inferred,
        "total": group.total,
        "things": things,
    }


def _thing(thing: Thing) -> Json:
    return {"iri": thing.iri, "curie": thing.curie, "label": _names(thing.name)}


def _names(name: Name) -> dict[str, str]:
    return {language: text for language in LANGUAGES if (text := getattr(name, language))}


async def vocabulary(describer: Describer, entities: EntityIndex) -> Json:
    """The classes with the number of their things, the properties with domain and range, the concept schemes."""
    terms = await describer.table("vocabulary")
    counted = await describer.executor.table(describer.queries.bound("class-counts"))
    counts = {row["class"].value: int(row["things"].value) for row in counted.rows}
    schemes = sorted(entities.of_kinds({"scheme"}), key=lambda each: each.curie)
    return {
        "prefixes": dict(sorted(describer.prefixes.prefixes.items())),
        "classes": [_class(iri, terms, counts) for iri in terms.all() if _is(terms, iri, "Class")],
        "properties": [_property(iri, terms) for iri in terms.all() if _is(terms, iri, "Property")],
        "schemes": [
            {"curie": each.curie, "label": dict(each.label), "concepts": len(list(entities.of_kinds({each.slug})))}
            for each in schemes
        ],
    }


def _is(terms: Neighbourhood, iri: str, kind: str) -> bool:
    return any(term.value.endswith(kind) for term in terms.objects(iri, "rdf:type"))


def _class(iri: str, terms: Neighbourhood, counts: dict[str, int]) -> Json:
    above = [each.curie for each in terms.things(iri, "rdfs:subClassOf") if each.curie.startswith("kip:")]
    named = terms.thing(iri)
    return {"curie": named.curie, "label": _names(named.name), "above": above, "things": counts.get(iri, 0)}


def _property(iri: str, terms: Neighbourhood) -> Json:
    named = terms.thing(iri)
    ends = {
        "domain": [each.curie for each in terms.things(iri, "schema:domainIncludes")],
        "range": [each.curie for each in terms.things(iri, "schema:rangeIncludes")],
    }
    return {"curie": named.curie, "label": _names(named.name), **{name: each for name, each in ends.items() if each}}
