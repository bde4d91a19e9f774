"""Makes articles that nobody wrote: data files in the project's own grammar, the same for the same seed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

from graph_builder.project import CHECKOUT, Project

__all__ = ["SEED", "files", "project"]

SEED = 20200103
_CHARACTERS = 4000
_FIRST_DAY = date(2014, 1, 2)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_SECTORS = (
    *("semiconductors", "system-semiconductors", "foundry", "display", "electronics", "batteries", "automotive"),
    *("future-mobility", "shipbuilding", "aerospace", "steel", "bio-pharma", "robotics", "machinery", "software"),
    *("energy", "hydrogen", "nuclear", "food", "textiles", "logistics", "healthcare", "materials-parts"),
)
_INSTRUMENTS = ("rnd-grant", "equity-fund", "guarantee", "loan", "tax-incentive", "procurement", "training", "mou")
_BENEFICIARIES = ("smes", "mid-sized-firms", "large-firms", "startups", "exporters", "regions", "workers", "consumers")
_TECHNOLOGIES = ("ai", "big-data", "iot", "5g", "robotics", "cloud", "digital-twin", "industrial-data", "npu", "sdv")
_STATUSES = ("planned", "under-review", "under-way", "in-force", "completed")
_WORDS = (("반도체", "chips"), ("조선", "ships"), ("로봇", "robots"), ("전지", "cells"), ("소재", "materials"))
_DEEDS = (("확산", "Diffusion"), ("육성", "Promotion"), ("혁신", "Innovation"), ("지원", "Support"), ("실증", "Trial"))

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Cast:
    """How many things of each kind the articles share."""

    articles: int

    @property
    def ministries(self) -> int:
        return 6

    @property
    def organisations(self) -> int:
        return max(4, self.articles // 3)

    @property
    def people(self) -> int:
        return max(4, self.articles // 2)

    @property
    def policies(self) -> int:
        return max(2, self.articles // 20)

    @property
    def indicators(self) -> int:
        return max(3, self.articles // 4)


class _Article:
    """Writes one article's document; every span that it hands out gets its hash."""

    def __init__(self, number: int, cast: _Cast, random: Random) -> None:
        self.number = number
        self.cast = cast
        self.random = random
        self.day = _FIRST_DAY + timedelta(days=5 * number)
        self.slug = f"{self.day.isoformat()}-synthetic-{number:06d}"
        self.event = f"event:synthetic-{number:06d}"
        self.program = f"program:synthetic-{number:06d}"
        self.spans: dict[str, str] = {}

    def span(self) -> str:
        """A new place of evidence."""
        start = self.random.randrange(_CHARACTERS - 60)
        span = f"{start}-{start + self.random.randrange(3, 60)}"
        self.spans[span] = hashlib.sha256(f"{self.slug} {span}".encode()).hexdigest()
        return span

    def stated(self, value: str) -> Block:
        """A value with evidence of its own."""
        return {"is": value, "at": self.span()}

    def some(self, scheme: str, names: Iterable[str], count: int) -> list[Block]:
        """Concepts of a scheme, each with evidence."""
        return [self.stated(f"{scheme}:{name}") for name in self.random.sample(list(names), count)]

    def one(self, kind: str, count: int) -> str:
        """A thing of the register."""
        return f"{kind}:synthetic-{self.random.randrange(count):06d}"

    def document(self) -> Block:
        """The whole document."""
        facts = [self._article(), self._event(), self._program(), self._tenure()]
        facts += [self._measure(), self._commitment(), self._observation()]
        facts += [self._target(each) for each in ((1, 2) if self.number % 4 == 0 else (1,))]
        return {
            "article": f"article:{self.slug}",
            "number": str(self.number),
            "file": f"{self.slug}.txt",
            "sha256": hashlib.sha256(self.slug.encode()).hexdigest(),
            "characters": str(_CHARACTERS),
            "facts": facts,
            "spans": dict(sorted(self.spans.items())),
        }

    def _article(self) -> Block:
        return {
            "about": f"article:{self.slug}",
            "type": "Article",
            "label": _label("기사", "Article", self.number),
            "publisher": self.stated("org:synthetic-press"),
            "byline": self.stated(self.one("person", self.cast.people)),
            "published": self.stated(self.day.isoformat()),
        }

    def _event(self) -> Block:
        return {
            "about": self.event,
            "type": "MeetingEvent",
            "label": _label("간담회", "Meeting", self.number),
            "at": self.span(),
            "eventDate": self.stated(self.day.isoformat()),
            "host": self.stated(self.one("org", self.cast.ministries)),
            "venue": self.stated("place:synthetic-hall"),
            "participant": [self.stated(self.one("person", self.cast.people)) for _ in range(2)],
        }

    def _program(self) -> Block:
        words, deeds = self.random.choice(_WORDS), self.random.choice(_DEEDS)
        return {
            "about": self.program,
            "type": "Program",
            "label": _label(f"{words[0]} {deeds[0]} 사업", f"{deeds[1]} of {words[1]}", self.number),
            "altLabel": {"ko": [f"{words[0]}{deeds[0]}-{self.number}"]},
            "at": self.span(),
            "claim": "plan",
            "directPartOf": self.stated(self.one("policy", self.cast.policies)),
            "announcedIn": self.event,
            "leadMinistry": self.stated(self.one("org", self.cast.ministries)),
            "hasSector": self.some("sector", _SECTORS, 2),
            "hasInstrument": self.some("instrument", _INSTRUMENTS, 1),
            "hasBeneficiary": self.some("beneficiary", _BENEFICIARIES, 1),
            "usesTechnology": self.some("technology", _TECHNOLOGIES, 1),
            "status": self.stated(f"status:{self.random.choice(_STATUSES)}"),
        }

    def _tenure(self) -> Block:
        person = self.one("person", self.cast.people)
        return {
            "about": f"tenure:synthetic-{self.number:06d}",
            "type": "Tenure",
            "label": _label("재임", "Tenure", self.number),
            "at": self.span(),
            "w3org:member": person,
            "post": self.one("post", self.cast.ministries),
            "attestedOn": self.day.isoformat(),
            "attestedAt": self.event,
        }

    def _measure(self) -> Block:
        return {
            "about": f"measure:synthetic-{self.number:06d}",
            "type": "Measure",
            "label": _label("과제", "Measure", self.number),
            "at": self.span(),
            "claim": "plan",
            "directPartOf": self.stated(self.program),
            "position": "1",
            "announcedIn": self.event,
            "hasSector": self.some("sector", _SECTORS, 1),
            "participatingBody": self.stated(self.one("org", self.cast.organisations)),
            "hasObjective": self.stated("objective:synthetic"),
        }

    def _target(self, index: int) -> Block:
        number = self.random.randrange(10, 90_000)
        revised = {"revises": f"target:synthetic-{self.number:06d}-1"} if index > 1 else {}
        return {
            "about": f"target:synthetic-{self.number:06d}-{index}",
            "type": "Target",
            "label": _label("목표", "Target", self.number, index),
            "at": self.span(),
            "claim": "plan",
            "targetOf": self.program,
            "indicator": self.one("indicator", self.cast.indicators),
            "value": {"number": str(number), "text": f"{number}개", "bound": "exact", "unit": "NUM"},
            "deadline": str(self.day.year + self.random.randrange(1, 9)),
            "targetKind": "target-kind:cumulative-stock",
            "announcedIn": self.event,
            **revised,
        }

    def _commitment(self) -> Block:
        hundred_millions = self.random.randrange(1, 9000)
        money = {"number": str(hundred_millions * 10**8), "text": f"{hundred_millions}억원"}
        return {
            "about": f"commitment:synthetic-{self.number:06d}",
            "type": "BudgetCommitment",
            "label": _label("예산", "Budget", self.number),
            "at": self.span(),
            "claim": "plan",
            "commitmentOf": self.program,
            "value": {**money, "bound": "exact", "currency": "KRW"},
            "coversPeriod": {"start": str(self.day.year + 1), "end": str(self.day.year + 5)},
            "commitmentStatus": "commitment-status:announced",
            "fundingInstrument": f"instrument:{self.random.choice(_INSTRUMENTS)}",
            "announcedIn": self.event,
        }

    def _observation(self) -> Block:
        percent = self.random.randrange(1, 100)
        return {
            "about": f"observation:synthetic-{self.number:06d}",
            "type": "Observation",
            "label": _label("실적", "Observation", self.number),
            "at": self.span(),
            "observationOf": self.program,
            "indicator": self.one("indicator", self.cast.indicators),
            "value": {"number": str(percent), "text": f"{percent}%", "bound": "exact", "unit": "PERCENT"},
            "observedOn": str(self.day.year - 1),
        }


def _label(korean: str, english: str, *numbers: int) -> dict[str, str]:
    tail = "-".join(map(str, numbers))
    return {"ko": f"{korean} {tail}", "en": f"{english} {tail}"}


def _thing(about: str, type_: str, korean: str, english: str, **more: Any) -> Block:
    return {"about": about, "type": type_, "label": {"ko": korean, "en": english}, **more}


def _series(kind: str, type_: str, korean: str, english: str, numbers: Iterable[int]) -> list[Block]:
    names = ((number, f"{kind}:synthetic-{number:06d}") for number in numbers)
    return [_thing(about, type_, f"{korean} {number}", f"{english} {number}") for number, about in names]


def _register(cast: _Cast) -> Block:
    posts = _series("post", "Post", "장관", "Minister", range(cast.ministries))
    for number, post in enumerate(posts):
        post |= {"from": "source:synthetic", "w3org:postIn": f"org:synthetic-{number:06d}"}
    return {
        "facts": [
            _thing("source:synthetic", "ContextSource", "출처", "Source", outletName="출처", dateRead="2026-01-02"),
            _thing("org:synthetic-press", "MediaOrganization", "신문", "Press"),
            _thing("place:synthetic-hall", "Place", "회관", "Hall"),
            _thing("objective:synthetic", "Objective", "목적", "Objective", **{"from": "source:synthetic"}),
            *_administrations(),
            *_series("org", "Ministry", "부처", "Ministry", range(cast.ministries)),
            *_series("org", "Organization", "기관", "Body", range(cast.ministries, cast.organisations)),
            *_series("person", "Person", "사람", "Person", range(cast.people)),
            *posts,
            *_series("policy", "Policy", "정책", "Policy", range(cast.policies)),
            *_series("indicator", "Indicator", "지표", "Indicator", range(cast.indicators)),
        ]
    }


def _administrations() -> list[Block]:
    turns = (("first", "2013-02-25", "2017-05-09"), ("second", "2017-05-10", "2022-05-09"))
    return [
        _thing(f"administration:synthetic-{name}", "Administration", "정부", "Government", startDate=start, endDate=end)
        | {"from": "source:synthetic"}
        for name, start, end in turns
    ]


def _text(document: Mapping[str, Any]) -> bytes:
    data: bytes = yaml.dump(document, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, encoding="utf-8")
    return data


def files(articles: int, seed: int = SEED) -> dict[str, bytes]:
    """The data files of so many articles and of what they share, by their path below `data`."""
    random, cast = Random(seed), _Cast(articles)
    found = {"entities/synthetic.yaml": _text(_register(cast))}
    for number in range(articles):
        article = _Article(number, cast, random)
        found[f"articles/{article.slug}.yaml"] = _text(article.document())
    return found


def project(root: Path, articles: int, seed: int = SEED) -> Project:
    """A project below an empty folder, with the checkout's ontology and shapes and synthetic data."""
    for name in ("ontology", "shapes"):
        (root / name).symlink_to(CHECKOUT.root / name)
    made = Project(root)
    for path, content in files(articles, seed).items():
        (made.data / path).parent.mkdir(parents=True, exist_ok=True)
        (made.data / path).write_bytes(content)
    (made.data / "dataset.ttl").write_bytes((CHECKOUT.data / "dataset.ttl").read_bytes())
    return made
