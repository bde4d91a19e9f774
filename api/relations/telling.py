"""A path told in a Korean and in an English sentence, made of the names of its things and of its properties alone.

A property's label decides how it is told: a Korean one that ends in 다 is a verb, any other a noun; an English one that
begins with a verb stands between the two things, one that ends in a preposition comes after "is", any other is a noun.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.relations.link_kinds import LINK_NODES
from api.wording.display import LANGUAGES, Language
from api.wording.particles import Word, connective

__all__ = ["Named", "Telling", "sentence", "years"]

_ROLES = {f"{role.start} {role.end}": role for node in LINK_NODES for role in node.roles}
_PREPOSITIONS = frozenset({"of", "in", "by", "at", "on", "to", "for", "during", "from", "with"})
_NOUNS = frozenset({"agreement", "request", "remark"})
# Where the label of a property would not make a sentence that reads well.
_SAID: Mapping[str, tuple[str, str]] = {
    "kip:directPartOf": ("{subject:은} {object}의 일부이다", "{subject} is part of {object}"),
    "kip:announcedIn": ("{subject:은} {object}에서 발표되었다", "{subject} was announced at {object}"),
    "kip:concludedAt": ("{subject:은} {object}에서 체결되었다", "{subject} was concluded at {object}"),
    "kip:targetOf": ("{subject:은} {object}의 목표이다", "{subject} is a target of {object}"),
    "kip:commitmentOf": ("{subject:은} {object}에 들이는 자금이다", "{subject} is money for {object}"),
    "kip:componentOf": ("{subject:은} {object}의 구성 항목이다", "{subject} is a component of {object}"),
    "kip:followsUp": ("{subject:은} {object}의 후속 조치이다", "{subject} is a follow-up of {object}"),
    "kip:unitOf": ("{subject:은} {object}에 속한다", "{subject} is a unit of {object}"),
    "kip:memberOf": ("{subject:은} {object}의 구성원이다", "{subject} is a member of {object}"),
    "kip:agencyOf": ("{subject:은} {object} 소속 기관이다", "{subject} is an agency of {object}"),
    "kip:locatedIn": ("{subject:은} {object}에 있다", "{subject} is located in {object}"),
    "kip:shareOf": ("{subject:은} {object}의 일부 수량이다", "{subject} is a share of {object}"),
    "kip:exampleOf": ("{subject:은} {object}의 사례이다", "{subject} is an example of {object}"),
    "kip:setDuring": ("{subject:은} {object} 때 설정되었다", "{subject} was set during the administration {object}"),
    "kip:requestConcerns": ("{subject:은} {object}에 관한 건의이다", "{subject} concerns {object}"),
    "kip:requestPartOf": ("{subject:은} {object}의 일부이다", "{subject} is part of {object}"),
    "kip:repostOf": ("{subject:은} {object:을} 전재했다", "{subject} reposts {object}"),
    "kip:byMeansOf": ("{subject}의 추진 방식은 {object}이다", "{subject} is carried out by means of {object}"),
    "w3org:postIn": ("{subject:은} {object}의 직위이다", "{subject} is a post in {object}"),
    "skos:broader": ("{subject:은} {object}에 속하는 개념이다", "{subject} is a narrower concept than {object}"),
    "skos:related": ("{subject:은} {object:과} 관련된 개념이다", "{subject} is related to {object}"),
    "skos:exactMatch": ("{subject:은} {object:과} 같은 개념이다", "{subject} matches {object}"),
    "skos:closeMatch": ("{subject:은} {object:과} 가까운 개념이다", "{subject} closely matches {object}"),
    "skos:broadMatch": ("{subject:은} {object}에 속하는 개념이다", "{subject} is a narrower concept than {object}"),
    "skos:relatedMatch": ("{subject:은} {object:과} 관련된 개념이다", "{subject} is related to {object}"),
}


# Proper names and subjects stand in a sentence as they are; a title of more than one word stands in quotation marks.
_PLAIN = frozenset(
    {"administration", "beneficiary", "instrument", "org", "person", "place", "post", "sector", "technology"}
)


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with its names by language, and its kind."""

    label: Mapping[str, str]
    kind: str = "person"

    def word(self, language: Language) -> Word:
        """The name in a language, in quotation marks where it would not be seen to end."""
        name = self.label.get(language) or self.label.get("ko") or self.label.get("en") or ""
        if " " not in name or self.kind in _PLAIN:
            return Word(name)
        one, other = "‘’" if language == "ko" and not set("‘’") & set(name) else "“”"
        return Word(f"{one}{name}{other}", name)


NOBODY = Named({})


@dataclass(frozen=True, slots=True)
class Telling:
    """One step to tell: the names of its things, `forward` where it goes from subject to object, and its property.

    `role` names the role of a link node; `post` and `member` are the names of what else that node is about.
    """

    subject: Named
    object: Named
    property: str
    label: Mapping[str, str]
    forward: bool = True
    symmetric: bool = False
    role: str = ""
    post: Named = NOBODY
    member: Named = NOBODY
    since: str = ""
    until: str = ""

    def clause(self, language: Language) -> str:
        """The step in one clause without a full stop."""
        one, other = self.subject.word(language), self.object.word(language)
        if self.role:
            return self._by_role(one, other, language)
        said = _SAID.get(self.property)
        if said is not None:
            return said[LANGUAGES.index(language)].format(subject=one, object=other)
        label = self.label.get(language) or next(iter(self.label.values()), self.property)
        return self._korean(one, other, label) if language == "ko" else self._english(one, other, label)

    def _by_role(self, one: Word, other: Word, language: Language) -> str:
        role = _ROLES[self.role]
        template = role.ko if language == "ko" else role.en
        named = {"post": self.post.word(language), "member": self.member.word(language)}
        span = years(self.since, self.until)
        time = "" if not span else f"({span})" if language == "ko" else f" ({span})"
        return template.format(start=one, end=other, time=time, **named)

    def _korean(self, one: Word, other: Word, label: str) -> str:
        if label.endswith("다"):
            middle = f"{other:과}" if self.symmetric else f"{other:을}"
            return f"{one:은} {middle} {label}" if self.forward else f"{one:이} {middle} {label}"
        if self.forward:
            return f"{one}의 {Word(label):은} {other}이다"
        return f"{other:은} {one}의 {label}이다"

    def _english(self, one: Word, other: Word, label: str) -> str:
        first, *_ = words = label.split()
        if words[-1] == "of" or first in _NOUNS:
            return f"{one} is {_article(label)} {label} {other}"
        if first.endswith("s") and not first.endswith("ss"):
            return f"{one} {label} {other}"
        if _PREPOSITIONS & set(words):
            return f"{one} is {label} {other}"
        if self.forward:
            return f"{one} has {other} as {_article(label)} {label}"
        return f"{other} is {_article(label)} {label} of {one}"


def sentence(steps: Iterable[Telling]) -> dict[str, str]:
    """The steps in one sentence, in Korean and in English."""
    told = list(steps)
    korean = [step.clause("ko") for step in told]
    english = [step.clause("en") for step in told]
    if not told:
        return {"ko": "", "en": ""}
    joined = ", ".join([*map(connective, korean[:-1]), korean[-1]])
    return {"ko": f"{joined}.", "en": f"{'; '.join(english)}."}


def years(since: str, until: str) -> str:
    """The years of a span of days, either of which may be unknown.

    >>> years("2018-09-27", "2021-05-06"), years("2025-07-22", ""), years("", ""), years("2020-01-01", "2020-05-01")
    ('2018–2021', '2025–', '', '2020')
    """
    one, other = since[:4], until[:4]
    return "" if not one and not other else one if one == other else f"{one}–{other}"


def _article(label: str) -> str:
    return "an" if label[:1] in "aeio" else "a"
