"""The one table of what a link is worth: what paths run between, which nodes are links, and what each link costs.

A path is the better the more its links say. A link costs the less the more it tells of two things, and to pass a thing
costs the more the more links it has, because what everything is linked with relates nothing in particular. What is no
link at all is read off the ontology: only properties between named things of a class with an IRI kind count, and a
property of statements and sources alone does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["BYPASSED", "HUB", "LINK_NODES", "WORTHS", "LinkNode", "Role", "Worth", "cost_of"]

# What it costs to pass a thing, for each time that the number of its links doubles.
HUB = 0.5
_USUAL = 1.0


@dataclass(frozen=True, slots=True)
class Worth:
    """What the links of some properties cost, and why."""

    cost: float
    reason: str
    properties: tuple[str, ...]


WORTHS = (
    Worth(
        0.8,
        "Structure: one is made of the other, replaces it or stands for it. The two are hardly apart.",
        (
            "kip:directPartOf",
            "kip:implements",
            "kip:followsUp",
            "kip:supersedes",
            "kip:legalBasis",
            "kip:targetOf",
            "kip:commitmentOf",
            "kip:componentOf",
            "kip:agreementOn",
            "kip:requestOn",
            "kip:requestPartOf",
            "kip:revises",
            "kip:restates",
            "kip:shareOf",
            "kip:baseline",
            "kip:indicator",
            "kip:observationOf",
            "kip:directSuccessor",
            "kip:unitOf",
            "kip:agencyOf",
            "w3org:postIn",
        ),
    ),
    Worth(
        1.0,
        "Roles: somebody does, pays, asks or holds something by name.",
        (
            "kip:leadMinistry",
            "kip:implementingBody",
            "kip:participatingBody",
            "kip:provider",
            "kip:party",
            "kip:signedBy",
            "kip:sponsoredBy",
            "kip:presentedBy",
            "kip:proposedBy",
            "kip:addressedTo",
            "kip:operatedBy",
            "kip:memberOf",
            "kip:exampleOf",
            "w3org:originalOrganization",
            "w3org:resultingOrganization",
        ),
    ),
    Worth(
        1.5,
        "Subjects: two things about one subject may have nothing else to do with one another.",
        (
            "kip:hasSector",
            "kip:activeInSector",
            "kip:demandSector",
            "kip:usesTechnology",
            "kip:hasObjective",
            "kip:respondsTo",
            "kip:byMeansOf",
            "kip:requestConcerns",
            "skos:broader",
            "skos:related",
        ),
    ),
    Worth(
        1.8,
        "Occasions: being announced or present at the same event says little of two things.",
        (
            "kip:announcedIn",
            "kip:concludedAt",
            "kip:requestedAt",
            "kip:host",
            "kip:participant",
            "kip:speaker",
            "kip:reportedTo",
            "kip:venue",
        ),
    ),
    Worth(
        2.6,
        "Kinds and frames: loans, small firms, Korea, a government in office or a newspaper relate almost everything.",
        (
            "kip:hasInstrument",
            "kip:fundingInstrument",
            "kip:hasBeneficiary",
            "kip:ledByGroup",
            "kip:firmType",
            "kip:appliesInPlace",
            "kip:targetCountry",
            "kip:partnerCountry",
            "kip:locatedIn",
            "kip:setDuring",
            "kip:publisher",
            "kip:byline",
            "kip:photoCredit",
            "skos:closeMatch",
            "skos:broadMatch",
            "skos:relatedMatch",
        ),
    ),
)

# Classes with names whose members no path passes, and why.
BYPASSED: Mapping[str, str] = {
    "dqv:QualityAnnotation": "a note on a source is about the source",
    "kip:ContextSource": "a source is where a link was read, no part of it",
    "time:ProperInterval": "to fall into the same months is no relation",
}


@dataclass(frozen=True, slots=True)
class Role:
    """One link that a node stands for: from the thing of one property to the thing of another, told as a third.

    `ko` and `en` are its sentences; a colon brings the particle that fits, and `post` and `member` are the names of
    what else the node is about.
    """

    start: str
    end: str
    told: str
    ko: str
    en: str
    cost: float


@dataclass(frozen=True, slots=True)
class LinkNode:
    """A class whose members are read as links between the things that they name, and why."""

    cls: str
    reason: str
    roles: tuple[Role, ...]


LINK_NODES = (
    LinkNode(
        "w3org:Membership",
        "The Organization Ontology calls it an n-ary relationship: one person in one post over some time.",
        (
            Role(
                "w3org:member",
                "w3org:organization",
                "kip:everServedIn",
                "{start:은} {end}에서 {post} 자리에 있었다{time}",
                "{start} held the post {post} in {end}{time}",
                0.8,
            ),
            Role(
                "w3org:member",
                "kip:post",
                "kip:everHeldPost",
                "{start:은} {end} 자리에 있었다{time}",
                "{start} held the post {end}{time}",
                0.8,
            ),
            Role(
                "w3org:member",
                "kip:attestedAt",
                "kip:attestedAt",
                "{start:은} {end}에 {post} 자격으로 나왔다",
                "{start} appeared at {end} in the post {post}",
                1.8,
            ),
            Role(
                "w3org:organization",
                "kip:attestedAt",
                "kip:attestedAt",
                "{end}에 {start}의 {member:이} 나왔다",
                "{member} appeared at {end} for {start}",
                1.8,
            ),
        ),
    ),
    LinkNode(
        "kip:Remark",
        "It records only that somebody spoke of something; the words stay in the article.",
        (
            Role(
                "kip:remarkBy",
                "kip:remarkOn",
                "kip:remarkOn",
                "{start:은} {end}에 관해 발언했다",
                "{start} spoke about {end}",
                1.0,
            ),
            Role(
                "kip:remarkBy",
                "kip:remarkAt",
                "kip:remarkAt",
                "{start:은} {end}에서 발언했다",
                "{start} spoke at {end}",
                1.8,
            ),
            Role(
                "kip:remarkOn",
                "kip:remarkAt",
                "kip:remarkAt",
                "{end}에서 {start}에 관한 발언이 나왔다",
                "{start} was spoken about at {end}",
                1.8,
            ),
        ),
    ),
)

_COSTS = {name: worth.cost for worth in WORTHS for name in worth.properties}


def cost_of(property_: str, above: Iterable[str] = ()) -> float:
    """What a link of a property costs, else of the nearest property above it that the table names.

    >>> cost_of("kip:directPartOf"), cost_of("kip:host"), cost_of("kip:new", ["kip:participant"]), cost_of("kip:new")
    (0.8, 1.8, 1.8, 1.0)
    """
    return next((_COSTS[name] for name in (property_, *above) if name in _COSTS), _USUAL)
