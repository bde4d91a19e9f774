"""A release as a network of things: read once, before the workers are forked, and searched by them.

It is a store like the others, so that a search is limited like any query: a worker at a time, a deadline, memory. Its
jobs hold no SPARQL but a question as JSON, and its outcomes JSON of IRIs; names and evidence are added by the server.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from itertools import product
from typing import Any

import orjson
from pyoxigraph import Literal, NamedNode
from pyoxigraph import Store as Engine

from api.engine.jobs import Job, Outcome, StoreSource
from api.engine.stores.memory import loaded
from api.questions.parameters import bind
from api.relations.link_kinds import BYPASSED, LINK_NODES, Role, cost_of
from api.relations.network import Found, Link, Network, Restriction
from api.relations.network import Path as Way
from graph_builder.prefixes import PrefixMap, rebase
from graph_builder.project import CHECKOUT

__all__ = ["RelationshipStore", "open_store"]

Row = Mapping[str, str]


class RelationshipStore:
    """Answers questions about a network."""

    companion = 0

    def __init__(self, network: Network, names: Mapping[str, Mapping[str, Any]]) -> None:
        self._network = network
        self._names = names

    def prepare(self) -> None:
        """Nothing but to leave the shared memory alone."""
        gc.freeze()

    def answer(self, job: Job) -> Outcome:
        """The outcome of a question."""
        try:
            body = orjson.dumps(self._answer(orjson.loads(job.query)))
        except MemoryError:
            return Outcome("memory")
        except (ValueError, KeyError, TypeError) as error:
            return Outcome("evaluation", repr(error))
        return Outcome("too-large") if len(body) > job.bytes else Outcome(size=len(body), body=body)

    def _answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        if question["ask"] == "kinds":
            return {"kinds": self._network.kinds}
        if question["ask"] == "foremost":
            return {"things": self._network.foremost(question["things"])}
        wanted = {name: value for name, value in question.items() if name not in ("ask", "kinds", "without", "day")}
        restriction = Restriction(frozenset(question["kinds"]), frozenset(question["without"]), question["day"])
        searches: dict[str, Callable[..., Found]] = {
            "paths": self._network.paths,
            "neighbourhood": self._network.neighbourhood,
            "shared": self._network.shared,
        }
        found = searches[question["ask"]](**wanted, restriction=restriction)
        used = {link.property for path in found.paths for links in path.links for link in links}
        return {
            "paths": [_written(path) for path in found.paths],
            "properties": {name: self._names[name] for name in sorted(used)},
            "searched": {"nodes": found.nodes, "links": found.links},
            "truncated": found.truncated,
        }

    def close(self) -> None:
        """Nothing: the memory goes with the process."""


def _written(path: Way) -> dict[str, Any]:
    links = [[asdict(link) for link in links] for links in path.links]
    return {"nodes": path.nodes, "links": links, "weight": path.weight}


def open_store(source: StoreSource) -> RelationshipStore:
    """Read the network of a release from its `dataset.nq`. Raises ReleaseError."""
    reader = _Reader(loaded(source), PrefixMap(source.base, source.prefixes))
    return RelationshipStore(Network(reader.links(), reader.kinds, reader.days), reader.properties)


class _Reader:
    """Reads things and links off a release, as its ontology says what they are."""

    def __init__(self, engine: Engine, prefixes: PrefixMap) -> None:
        self._engine = engine
        self._prefixes = prefixes
        self._above, kind_of = self._classes()
        node_classes = [prefixes.expand(node.cls) for node in LINK_NODES]
        self._passed_over = self._kinds_below(kind_of, [*map(prefixes.expand, BYPASSED), *node_classes])
        self.kinds: dict[str, str] = {}
        self.days: dict[str, str] = {}
        for row in self._rows("things"):
            if row["kind"] not in self._passed_over:
                self.kinds[row["thing"]] = row["kind"]
                self.days |= {row["thing"]: row["day"]} if "day" in row else {}
        self.properties: dict[str, dict[str, Any]] = {}
        self._broader: dict[str, list[str]] = defaultdict(list)
        self._read_properties({name for name, kind in kind_of.items() if kind in self._passed_over})

    def links(self) -> Iterator[Link]:
        """Every link: those that are triples, and those that nodes stand for."""
        for row in self._rows("links", {"property": sorted(self.properties)}):
            subject, property_, thing = row["subject"], row["property"], row["object"]
            if subject in self.kinds and thing in self.kinds:
                yield Link(
                    self._cost(property_),
                    property_,
                    subject,
                    thing,
                    statement=row.get("statement", ""),
                    inferred=row["inferred"] == "true",
                    rule=row.get("rule", ""),
                )
        for node in LINK_NODES:
            yield from self._links_of(node.cls, node.roles)

    def _links_of(self, cls: str, roles: tuple[Role, ...]) -> Iterator[Link]:
        expand = self._prefixes.expand
        named = {expand(each) for role in roles for each in (role.start, role.end)}
        things: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        times: dict[str, tuple[str, str]] = {}
        for row in self._rows("roles", {"class": [expand(cls)], "property": sorted(named)}):
            things[row["node"]][row["property"]].add(row["thing"])
            times[row["node"]] = row.get("since", ""), row.get("until", "")
        for (iri, parts), role in product(sorted(things.items()), roles):
            pairs = product(sorted(parts[expand(role.start)]), sorted(parts[expand(role.end)]))
            link = partial(Link, role.cost, expand(role.told), via=iri, role=f"{role.start} {role.end}")
            for start, end in pairs:
                if start in self.kinds and end in self.kinds:
                    yield link(start, end, since=times[iri][0], until=times[iri][1])

    def _classes(self) -> tuple[dict[str, set[str]], dict[str, str]]:
        above: dict[str, set[str]] = defaultdict(set)
        kind_of: dict[str, str] = {}
        for row in self._rows("classes"):
            above[row["class"]].add(row["above"])
            kind_of |= {row["class"]: row["kind"]} if "kind" in row else {}
        return above, kind_of

    def _kinds_below(self, kind_of: Mapping[str, str], classes: list[str]) -> set[str]:
        return {kind for name, kind in kind_of.items() if self._above[name] & set(classes)}

    def _read_properties(self, no_things: set[str]) -> None:
        """Keep the properties that link things: not those that are used on statements and sources alone."""
        domains: dict[str, set[str]] = defaultdict(set)
        for row in self._rows("properties"):
            known = self.properties.setdefault(row["property"], {"label": {}, "symmetric": row["symmetric"] == "true"})
            known["label"][row["name@"]] = row["name"]
            domains[row["property"]] |= {row["domain"]} if "domain" in row else set()
            self._broader[row["property"]] += [row["above"]] if "above" in row else []
        plumbing = no_things | {name for name in self._above if self._is_plumbing(name)}
        for name, classes in domains.items():
            if classes and classes <= plumbing and not self._is_role(name):
                del self.properties[name]

    def _is_plumbing(self, cls: str) -> bool:
        return bool(self._above[cls] & {self._prefixes.expand(f"kip:{name}") for name in _UNNAMED})

    def _is_role(self, property_: str) -> bool:
        return any(property_ == self._prefixes.expand(role.told) for node in LINK_NODES for role in node.roles)

    def _cost(self, property_: str) -> float:
        names = [self._prefixes.shrink(name) or name for name in (property_, *self._broader[property_])]
        return cost_of(names[0], names[1:])

    def _rows(self, name: str, values: Mapping[str, list[str]] | None = None) -> Iterator[Row]:
        """The rows of a query as texts; the language of ?name is ?name@."""
        text = (CHECKOUT.queries / "relationships" / f"{name}.rq").read_text(encoding="utf-8")
        bound = {key: tuple(map(NamedNode, iris)) for key, iris in (values or {}).items()}
        solutions: Any = self._engine.query(bind(rebase(text, self._prefixes.base), bound))
        names = [variable.value for variable in solutions.variables]
        for solution in solutions:
            row = {key: term.value for key in names if (term := solution[key]) is not None}
            tagged = solution["name"] if "name" in names else None
            yield {**row, "name@": tagged.language or ""} if isinstance(tagged, Literal) else row


# Classes whose members have no name of their own.
_UNNAMED = ("Statement", "Evidence", "TextSnapshot")
