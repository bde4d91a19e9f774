"""Things and the links between them as a graph to search: shortest paths, neighbourhoods, and what two things share.

NetworkX searches (Yen's algorithm, https://networkx.org/documentation/stable/reference/algorithms/simple_paths.html);
here it is given only what can lie on a path within the bound, in an order of its own, so that answers repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf, log2
from typing import Any

import networkx as nx

from api.relations.link_kinds import HUB

__all__ = ["Found", "Link", "Network", "Path", "Restriction"]

Graph = Any
# Each path that is looked at costs up to some milliseconds.
_MOST_EXAMINED = 150
_ROUNDING = 0.001


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """A typed link of two things: `statement` carries its evidence, or `via`, the node that stands for the link.

    `role` names the role of a link node, `since` and `until` are days, "" where none is known; `inferred` says that no
    source states it, and `rule` what it follows by.
    """

    cost: float
    property: str
    subject: str
    object: str
    via: str = ""
    role: str = ""
    statement: str = ""
    inferred: bool = False
    rule: str = ""
    since: str = ""
    until: str = ""

    def holds_on(self, day: str) -> bool:
        """Whether the link is not known to begin after the day or to have ended before it.

        >>> Link(1.0, "p", "a", "b", until="2020-06-30").holds_on("2021-01-01")
        False
        """
        return not (day and ((self.since and self.since > day) or (self.until and self.until < day)))


@dataclass(frozen=True, slots=True)
class Restriction:
    """What paths may pass: only things of `kinds` (all, if empty), nothing in `without` (things, kinds, properties)."""

    kinds: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    day: str = ""

    def __bool__(self) -> bool:
        return bool(self.kinds or self.without or self.day)


@dataclass(frozen=True, slots=True)
class Path:
    """Things in a row, with the links between each and the next one, the best first."""

    nodes: tuple[str, ...]
    links: tuple[tuple[Link, ...], ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, among how many things and links it looked, and whether there is more."""

    paths: tuple[Path, ...] = ()
    nodes: int = 0
    links: int = 0
    truncated: bool = False
    reached: Mapping[str, float] = field(default_factory=dict)


class Network:
    """A graph of things, each with its kind and its first day ("" where it has none), and of links between them."""

    def __init__(self, links: Iterable[Link], kinds: Mapping[str, str], days: Mapping[str, str] | None = None) -> None:
        self._kinds = kinds
        self._days = days or {}
        self._graph = nx.Graph()
        for link in sorted(links, key=lambda link: (link.subject, link.object, link)):
            if link.subject != link.object:
                self._add(self._graph, link)
        self._burden = {node: HUB / 2 * log2(degree) for node, degree in self._graph.degree}
        _weigh(self._graph, self._burden)

    @staticmethod
    def _add(graph: Graph, link: Link) -> None:
        known = graph.get_edge_data(link.subject, link.object, {}).get("links", ())
        graph.add_edge(link.subject, link.object, links=tuple(sorted((*known, link))))

    def __contains__(self, node: str) -> bool:
        return node in self._graph

    @property
    def kinds(self) -> list[str]:
        """The kinds of the things that are linked."""
        return sorted({self._kinds.get(node, "") for node in self._graph} - {""})

    def burden(self, node: str) -> float:
        """What half of passing a thing costs: each of the two links that lead through it has one half."""
        return self._burden[node]

    def weight_of(self, nodes: Sequence[str]) -> float:
        """The weight of a row of things, each linked with the next one."""
        return self._path(self._graph, nodes).weight

    def foremost(self, things: Iterable[str]) -> list[str]:
        """Those of the things that are linked at all, the one with the most links first."""
        return sorted(
            (node for node in things if node in self._graph), key=lambda node: (-self._graph.degree[node], node)
        )

    @property
    def size(self) -> tuple[int, int]:
        """The number of things and of linked pairs."""
        return self._graph.number_of_nodes(), self._graph.number_of_edges()

    def paths(
        self, source: str, target: str, wanted: int, longest: int, restriction: Restriction = Restriction()
    ) -> Found:
        """The `wanted` lightest simple paths of at most `longest` links, lightest first."""
        graph = self._passable(restriction, (source, target))
        if source not in graph or target not in graph:
            return Found(nodes=graph.number_of_nodes(), links=graph.number_of_edges())
        ahead, behind = (nx.single_source_shortest_path_length(graph, end, longest) for end in (source, target))
        between = _between(graph, ahead, behind, longest)
        shorter = ahead.get(target, longest) + 1
        if shorter < longest:
            # the short paths, quickly found, bound what the others may weigh
            first, _ = self._lightest(_between(between, ahead, behind, shorter), source, target, wanted + 1, shorter)
            if len(first) > wanted:
                ends = self._burden[source] + self._burden[target]
                between = _below(between, source, target, first[-1].weight + ends)
        found, truncated = self._lightest(between, source, target, wanted, longest)
        seen = {*ahead, *behind}
        links = sum(one in seen and other in seen for one, other in graph.edges)
        return Found(tuple(found), len(seen), links, truncated)

    def neighbourhood(self, center: str, depth: int, most: int, restriction: Restriction = Restriction()) -> Found:
        """What is at most `depth` links away: the nearest things by weight, each with its lightest path."""
        graph = self._passable(restriction, (center,))
        if center not in graph:
            return Found(nodes=graph.number_of_nodes(), links=graph.number_of_edges())
        away = nx.single_source_shortest_path_length(graph, center, depth)
        near = _outwards(graph, away)
        ways = nx.single_source_dijkstra_path(near, center)
        found = [self._path(near, way) for node, way in ways.items() if node != center]
        ranked = sorted(found, key=lambda path: (path.weight, path.nodes))
        return Found(tuple(ranked[:most]), near.number_of_nodes(), near.number_of_edges(), len(ranked) > most)

    def shared(self, one: str, other: str, most: int, restriction: Restriction = Restriction()) -> Found:
        """What both things are linked with, as paths of two links over it."""
        graph = self._passable(restriction, (one, other))
        if one not in graph or other not in graph or one == other:
            return Found(nodes=graph.number_of_nodes(), links=graph.number_of_edges())
        found = [self._path(graph, (one, each, other)) for each in nx.common_neighbors(graph, one, other)]
        ranked = sorted(
            (path for path in found if not self._detours(graph, path)), key=lambda path: (path.weight, path.nodes)
        )
        links = graph.degree[one] + graph.degree[other]
        return Found(tuple(ranked[:most]), len({*graph[one], *graph[other]}), links, len(ranked) > most)

    def _passable(self, restriction: Restriction, ends: Sequence[str]) -> Graph:
        if not restriction:
            return self._graph
        graph = nx.Graph()
        for one, other, links in self._graph.edges(data="links"):
            if self._may_pass(one, restriction, ends) and self._may_pass(other, restriction, ends):
                for link in links:
                    if link.property not in restriction.without and link.holds_on(restriction.day):
                        self._add(graph, link)
        _weigh(graph, self._burden)
        return graph

    def _may_pass(self, node: str, restriction: Restriction, ends: Sequence[str]) -> bool:
        if node in ends:
            return True
        kind = self._kinds.get(node, "")
        late = bool(restriction.day) and self._days.get(node, "") > restriction.day
        refused = node in restriction.without or kind in restriction.without or late
        return not refused and (not restriction.kinds or kind in restriction.kinds)

    def _lightest(self, graph: Graph, source: str, target: str, wanted: int, longest: int) -> tuple[list[Path], bool]:
        found: list[Path] = []
        for count, nodes in enumerate(_ranked(graph, source, target), 1):
            path = self._path(graph, nodes)
            if len(nodes) - 1 <= longest and not self._detours(graph, path):
                if len(found) == wanted:
                    return found, True
                found.append(path)
            if count == _MOST_EXAMINED + wanted:
                return found, True
        return found, False

    def _detours(self, graph: Graph, path: Path) -> bool:
        """Whether a link node is passed twice, or two steps go where it leads in one: to a ministry by the post."""
        nodes = [links[0].via for links in path.links if links[0].via]
        if len(set(nodes)) < len(nodes):
            return True
        for one, other, (first, second) in zip(path.nodes, path.nodes[2:], pairwise(path.links), strict=False):
            direct = graph.get_edge_data(one, other, {}).get("links", ())
            if {first[0].via, second[0].via} & {link.via for link in direct if link.via}:
                return True
        return False

    def _path(self, graph: Graph, nodes: Sequence[str]) -> Path:
        steps = list(pairwise(nodes))
        weight = sum(graph[one][other]["weight"] for one, other in steps)
        # the ends are no hubs that are passed
        weight -= self._burden[nodes[0]] + self._burden[nodes[-1]]
        return Path(tuple(nodes), tuple(graph[one][other]["links"] for one, other in steps), round(weight, 4))


def _weigh(graph: Graph, burden: Mapping[str, float]) -> None:
    for one, other, data in graph.edges(data=True):
        data["weight"] = data["links"][0].cost + burden[one] + burden[other]


def _ranked(graph: Graph, source: str, target: str) -> Iterator[Sequence[str]]:
    if source not in graph or target not in graph or source == target:
        return
    try:
        yield from nx.shortest_simple_paths(graph, source, target, weight="weight")
    except nx.NetworkXNoPath:
        return


def _outwards(graph: Graph, away: Mapping[str, int]) -> Graph:
    """The links that lead further away from where `away` is counted; built in the graph's own order."""
    outwards = nx.DiGraph()
    outwards.add_nodes_from(node for node in away if away[node] == 0)
    for node, near in graph.adjacency():
        if node in away:
            outwards.add_edges_from(
                (node, other, data) for other, data in near.items() if away.get(other) == away[node] + 1
            )
    return outwards


def _below(graph: Graph, source: str, target: str, ceiling: float) -> Graph:
    """The links that can lie on a path of at most this weight; built in the graph's own order."""
    limit, far = ceiling + _ROUNDING, inf
    ahead, behind = (nx.single_source_dijkstra_path_length(graph, end, limit) for end in (source, target))
    below = nx.Graph()
    below.add_edges_from(
        (one, other, data)
        for one, other, data in graph.edges(data=True)
        if data["weight"]
        + min(ahead.get(one, far) + behind.get(other, far), ahead.get(other, far) + behind.get(one, far))
        <= limit
    )
    return below


def _between(graph: Graph, ahead: Mapping[str, int], behind: Mapping[str, int], longest: int) -> Graph:
    """The links that can lie on a path within the bound; built in the graph's own order."""
    far = longest + 1
    between = nx.Graph()
    between.add_edges_from(
        (one, other, data)
        for one, other, data in graph.edges(data=True)
        if min(ahead.get(one, far) + behind.get(other, far), ahead.get(other, far) + behind.get(one, far)) < longest
    )
    return between
