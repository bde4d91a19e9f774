"""How things are related: paths between two, the neighbourhood of one, and what two share, each link with its evidence.

Everything is asked by name and answered as JSON: the routes, the page and agents call the same three functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from api.engine.execution import Executor
from api.engine.results import Term
from api.questions.answers import EVIDENCE_QUERY, evidence_of
from api.questions.catalogue import Catalogue
from api.relations.exploration import Explorer
from api.relations.inquiries import Asked, Given, Known
from api.relations.telling import Named, Telling, sentence
from api.wording.display import LANGUAGES

__all__ = ["COLUMNS", "Here", "neighbourhood", "paths", "rows_of", "shared"]

Json = dict[str, Any]
_STEP = ("from", "from_ko", "from_en", "property", "property_ko", "property_en", "direction", "to", "to_ko", "to_en")
_LINK = ("via", "statement", "inferred", "rule", "since", "until")
_PLACE = ("source", "outlet", "date", "start", "end", "spanHash", "url")
COLUMNS = ("path", "weight", "step", *_STEP, *_LINK, *_PLACE)
"""The columns of an answer as a table."""


class Here(Known, Protocol):
    """The release that is asked about, with the means to ask for evidence."""

    @property
    def executor(self) -> Executor:
        """Where queries are evaluated."""

    @property
    def catalogue(self) -> Catalogue:
        """The canned queries."""


async def paths(here: Here, explorer: Explorer, given: Given, evidence: bool = True) -> Json:
    """The lightest paths between two things. Raises UnprocessableValue, and what `Explorer.ask` raises."""
    asked = await Asked.read("paths", here, explorer, given)
    wanted = {"source": asked.iri("from"), "target": asked.iri("to"), "wanted": asked.numbers["k"]}
    answer = await explorer.ask({**asked.question("paths"), **wanted, "longest": asked.numbers["length"]})
    return {**_opening(here, asked), "paths": await _told(here, answer, evidence), **_closing(answer)}


async def neighbourhood(here: Here, explorer: Explorer, given: Given, evidence: bool = False) -> Json:
    """What is near a thing, the nearest first, each with its lightest path. Raises as `paths` does."""
    asked = await Asked.read("neighbourhood", here, explorer, given)
    wanted = {"center": asked.iri("of"), "depth": asked.numbers["depth"], "most": asked.numbers["limit"]}
    answer = await explorer.ask({**asked.question("neighbourhood"), **wanted})
    near = [{"thing": each["steps"][-1]["to"], **each} for each in await _told(here, answer, evidence)]
    return {**_opening(here, asked), "neighbours": near, **_closing(answer)}


async def shared(here: Here, explorer: Explorer, given: Given, evidence: bool = True) -> Json:
    """What two things are both linked with, what says most first. Raises as `paths` does."""
    asked = await Asked.read("shared", here, explorer, given)
    wanted = {"one": asked.iri("a"), "other": asked.iri("b"), "most": asked.numbers["limit"]}
    answer = await explorer.ask({**asked.question("shared"), **wanted})
    common = [{"thing": each["steps"][0]["to"], **each} for each in await _told(here, answer, evidence)]
    return {**_opening(here, asked), "shared": common, **_closing(answer)}


def rows_of(found: Sequence[Json]) -> Iterator[Json]:
    """Paths as a table: one row for each place of evidence of each step, one for a step without any."""
    for number, path in enumerate(found, 1):
        for place, step in enumerate(path["steps"], 1):
            link = {name: step[name] for name in _LINK} | {"via": step["via"]["iri"] if step["via"] else None}
            row = {"path": number, "weight": path["weight"], "step": place, "direction": step["direction"], **link}
            named = {part: column for name in ("from", "property", "to") for part, column in _named(name, step[name])}
            for entry in step.get("evidence") or [dict.fromkeys(_PLACE)]:
                outlet = (entry["outlet"] or {}).get("ko") if entry["outlet"] else None
                yield {**row, **named, **{each: entry[each] for each in _PLACE}, "outlet": outlet}


def _named(name: str, thing: Json) -> Iterator[tuple[str, str]]:
    yield name, thing["iri"]
    yield from ((f"{name}_{language}", thing["label"].get(language, "")) for language in LANGUAGES)


def _opening(here: Here, asked: Asked) -> Json:
    """What was asked, as it was read."""
    things = {
        name: {
            **_entity(here, meant.iri),
            "asked": meant.text,
            "others": [_entity(here, other.iri) for other in meant.others],
        }
        for name, meant in asked.things.items()
    }
    return {**things, **asked.bounds(), "release": here.release.version}


def _closing(answer: Json) -> Json:
    return {"searched": answer["searched"], "truncated": answer["truncated"]}


async def _told(here: Here, answer: Json, evidence: bool) -> list[Json]:
    """Each path with its steps, their evidence and its sentence."""
    teller = _Teller(here, answer["properties"])
    told = [teller.path(each) for each in answer["paths"]]
    if evidence:
        await _prove(here, [step for path in told for step in path["steps"]])
    return told


@dataclass(frozen=True, slots=True)
class _Teller:
    """Writes paths with the names of their things and properties."""

    here: Here
    properties: Mapping[str, Json]

    def path(self, found: Json) -> Json:
        """A path as the answer has it."""
        nodes = found["nodes"]
        pairs = list(zip(nodes, nodes[1:], found["links"], strict=False))
        steps = [self.step(one, other, links) for one, other, links in pairs]
        tellings = [self.telling(one, links[0]) for one, _, links in pairs]
        return {"length": len(steps), "weight": found["weight"], "steps": steps, "sentence": sentence(tellings)}

    def step(self, one: str, other: str, links: Sequence[Json]) -> Json:
        """A step: the best link of two things, and the others between the same."""
        shown = self.link(one, links[0])
        also = [self.link(one, link) for link in links[1:]]
        return {"from": _entity(self.here, one), **shown, "to": _entity(self.here, other), "also": also}

    def link(self, one: str, link: Json) -> Json:
        """A link as it is walked from one of its things."""
        entity = self.here.entities.get(link["property"])
        shrunk = self.here.prefixes.shrink(link["property"]) or link["property"]
        label = dict(entity.label) if entity else self.properties[link["property"]]["label"]
        return {
            "property": {"iri": link["property"], "curie": shrunk, "label": label},
            "direction": "forward" if link["subject"] == one else "backward",
            "via": _entity(self.here, link["via"]) if link["via"] else None,
            "statement": link["statement"] or None,
            "inferred": link["inferred"],
            "rule": link["rule"] or None,
            "since": link["since"] or None,
            "until": link["until"] or None,
        }

    def telling(self, one: str, link: Json) -> Telling:
        """What the sentence needs of a link."""
        named = self.properties[link["property"]]
        member, post = _parts(self.named(link["via"]).label)
        return Telling(
            self.named(link["subject"]),
            self.named(link["object"]),
            self.here.prefixes.shrink(link["property"]) or link["property"],
            named["label"],
            link["subject"] == one,
            named["symmetric"],
            link["role"],
            Named(post),
            Named(member),
            link["since"],
            link["until"],
        )

    def named(self, iri: str) -> Named:
        """The names of a thing, else the end of its IRI."""
        entity = self.here.entities.get(iri)
        return Named(entity.label, entity.kind) if entity and entity.label else Named({"ko": iri.rpartition("/")[2]})


def _parts(names: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """A tenure is named after its member and its post, with a dot between them."""
    cut = {language: name.partition(" · ") for language, name in names.items()}
    return {key: each[0] for key, each in cut.items()}, {key: each[2] or each[0] for key, each in cut.items()}


def _entity(here: Here, iri: str) -> Json:
    entity = here.entities.get(iri)
    if entity is None:
        return {"iri": iri, "curie": here.prefixes.shrink(iri) or iri, "kind": None, "label": {}}
    return {"iri": iri, "curie": entity.curie, "kind": entity.kind, "label": dict(entity.label)}


async def _prove(here: Here, steps: Sequence[Json]) -> None:
    """Put the evidence of each step into it."""
    rows = [{"node": Term("iri", _carrier(step))} for step in steps]
    query = here.catalogue[EVIDENCE_QUERY]
    found = await evidence_of(query, rows, here.catalogue, here.executor, here.entities) if rows else []
    for step, entries in zip(steps, found, strict=True):
        step["evidence"] = [_place(entry) for entry in entries]


def _carrier(step: Json) -> str:
    """What carries the evidence of a link: its statement, its node, or the thing that it was said of."""
    if step["statement"] or step["via"]:
        return str(step["statement"] or step["via"]["iri"])
    return str(step["from" if step["direction"] == "forward" else "to"]["iri"])


def _place(entry: Mapping[str, Any]) -> Json:
    source = entry["source"]
    named = {"source": source["value"], "label": source["label"]}
    return named | {name: each for name, each in entry.items() if name not in ("node", "source")}
