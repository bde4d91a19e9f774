"""Draws links between things in layers, from what comes first at the left to what comes last at the right.

Layers after Sugiyama, Tagawa and Toda (https://doi.org/10.1109/TSMC.1981.4308636): the components of a cycle share one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import networkx

from api.questions.bounds import Bound, worded
from api.questions.drawing import SIZE, Drawing, fitted, in_units, width_of
from api.wording.display import Language, brief
from api.wording.strings import say

__all__ = ["Link", "flows", "network"]

Neighbours = Callable[[str], Iterable[str]]
BOX, GAP, LINE, MARGIN = 240, 130, 44, 12
SWEEPS = 4
TALL, STRIP, NAMED = 340, 16, 290


@dataclass(frozen=True, slots=True)
class Link:
    """From one thing to another; `name` is the relation, or for a flow the unit of what flows and its `bounds`."""

    source: str
    target: str
    name: str
    value: float = 1
    bounds: frozenset[Bound] = frozenset()

    @property
    def place(self) -> object:
        """What is drawn once: the way from one thing to another."""
        return self.source, self.target


def network(links: Sequence[Link], title: str, language: Language, centre: str = "") -> Drawing:
    """Boxes and arrows; an arrow that passes a layer has a place of its own in it.

    Where there is a `centre`, it stands first, and the others by how far they are from it, whichever way links point.
    """
    ends = Counter(end for link in links for end in (link.source, link.target))
    if centre in ends:
        laid, layers = _around(links, centre)
        routes = [[link.source, link.target] for link in laid]
    else:
        laid, (routes, layers) = list(links), _routed(links)
    height = LINE * max(map(len, layers)) + 2 * MARGIN
    described = say("chart-network", language, total=len(ends), links=len(links))
    drawing = Drawing(len(layers) * (BOX + GAP) - GAP + 2 * MARGIN, height, title, described)
    places = {
        name: (MARGIN + column * (BOX + GAP), (row + 0.5) * (height / len(layer)))
        for column, layer in enumerate(layers)
        for row, name in enumerate(layer)
    }
    for link, way, route in zip(links, laid, routes, strict=True):
        near_source = centre not in ends and ends[way.source] < ends[way.target]
        _arrow(drawing, link, [places[name] for name in route], near_source, way.source != link.source)
    for name in (name for name in places if name in ends):
        x, y = places[name]
        drawing.box(x, y - 15, BOX, 30, "node centre" if name == centre else "node", round_=6)
        drawing.text(x + BOX / 2, y + 4.5, fitted(name, BOX - 14), "", "middle", name)
    return drawing


def _around(links: Sequence[Link], centre: str) -> tuple[list[Link], list[list[str]]]:
    """The links, each turned so that it leads away from the centre, and the layers by the distance from it."""
    graph = _graph(links).to_undirected()
    distances = networkx.single_source_shortest_path_length(graph, centre)
    columns = {name: distances.get(name, max(distances.values()) + 1) for name in graph}
    laid = [_turned(link) if columns[link.source] > columns[link.target] else link for link in links]
    return laid, _untangled(columns, graph.neighbors, graph.neighbors)


def _turned(link: Link) -> Link:
    return replace(link, source=link.target, target=link.source)


def _routed(links: Sequence[Link]) -> tuple[list[list[str]], list[list[str]]]:
    """The way of each link, with a nameless stop in each layer that it passes, and the layers with these stops."""
    columns = {name: column for column, layer in enumerate(_layers(links)) for name in layer}
    routes = [
        [link.source, *_stops(number, columns[link.source], columns[link.target]), link.target]
        for number, link in enumerate(links)
    ]
    return routes, _layers([Link(a, b, "") for route in routes for a, b in pairwise(route)])


def _stops(number: int, source: int, target: int) -> Iterator[str]:
    return (f"\0{number}/{column}" for column in range(source + 1, target))


def _arrow(drawing: Drawing, link: Link, points: Sequence[tuple[float, float]], near_source: bool, back: bool) -> None:
    """From the first point to the last; where `back`, the link points at the first."""
    (x1, y1), (x2, y2) = points[0], points[-1]
    tip = f"{link.source} → {link.name} → {link.target}"
    if x1 == x2:
        left, bulge = x1 + BOX, x1 + BOX + GAP / 2
        drawing.path(
            f"M{left:.1f},{y1:.1f} C{bulge:.1f},{y1:.1f} {bulge:.1f},{y2:.1f} {left:.1f},{y2:.1f}", "edge", tip
        )
        _head(drawing, left + 1, y2, 8)
        drawing.text(left + 12, y2 - 5, fitted(link.name, GAP - 20, SIZE - 2), "soft", "start", link.name)
        return
    course = f"M{x1 + BOX:.1f},{y1:.1f}"
    for (left, high), (right, low) in pairwise(points):
        middle = (left + BOX + right) / 2
        course += f" C{middle:.1f},{high:.1f} {middle:.1f},{low:.1f} {right:.1f},{low:.1f}"
        course += f" H{right + BOX:.1f}" if right != x2 else ""
    drawing.path(course, "edge", tip)
    _head(drawing, *((x1 + BOX + 1, y1, 8) if back else (x2 - 1, y2, -8)))
    # the words stand at the end that fewer links meet
    x, y, anchor = (x1 + BOX + 12, y1 - 5, "start") if near_source else (x2 - 12, y2 - 5, "end")
    drawing.text(x, y, fitted(link.name, GAP - 20, SIZE - 2), "soft", anchor, link.name)


def _head(drawing: Drawing, x: float, y: float, away: float) -> None:
    """The head of an arrow that ends at a point and comes from its right, or with `away` below zero from its left."""
    drawing.path(f"M{x + away:.1f},{y - 4:.1f} L{x:.1f},{y:.1f} L{x + away:.1f},{y + 4:.1f}", "edge")


def flows(links: Sequence[Link], title: str, language: Language) -> Drawing:
    """A Sankey diagram: what flows from thing to thing is as broad as it is much. Flows that lead back are left out."""
    forward, layers = _acyclic(links)
    amounts = {name: _amount(name, forward) for layer in layers for name in layer}
    scale = TALL / max(sum(amounts[name] for name in layer) for layer in layers)
    height = TALL + (MARGIN + SIZE) * (max(map(len, layers)) + 1)
    named = list(dict.fromkeys(link.name for link in forward))
    unit = f" {named[0]}".rstrip() if len(named) == 1 else ""
    described = in_units(say("chart-sankey", language, total=len(forward)), named, language)
    drawing = Drawing(len(layers) * (STRIP + NAMED) + MARGIN, height, title, described)
    tops: dict[str, tuple[float, float]] = {}
    for column, layer in enumerate(layers):
        y = float(MARGIN + SIZE)
        for name in layer:
            tops[name] = (float(MARGIN + column * (STRIP + NAMED)), y)
            y += amounts[name] * scale + MARGIN + SIZE
    _bands(drawing, forward, tops, scale, language)
    for name, (x, y) in tops.items():
        number = worded(f"{brief(amounts[name], language)}{unit}", _bounds(name, forward), language)
        amount = f": {number}" if number else ""
        said = fitted(name, NAMED - width_of(amount)) + amount
        drawing.box(x, y, 14, amounts[name] * scale, "bar", name + amount, 1)
        drawing.text(x, y - 4, said, "", "start", name + amount)
    return drawing


def _bands(
    drawing: Drawing,
    links: Sequence[Link],
    tops: Mapping[str, tuple[float, float]],
    scale: float,
    language: Language,
) -> None:
    used: dict[tuple[str, bool], float] = {}
    for link in sorted(links, key=lambda each: (tops[each.source], tops[each.target])):
        width = link.value * scale
        (x1, y1), (x2, y2) = tops[link.source], tops[link.target]
        y1, y2 = y1 + used.get((link.source, True), 0), y2 + used.get((link.target, False), 0)
        for key in ((link.source, True), (link.target, False)):
            used[key] = used.get(key, 0) + width
        amount = worded(f"{brief(link.value, language)} {link.name}".strip(), link.bounds, language)
        tip = f"{link.source} → {link.target}: {amount}".rstrip(": ")
        drawing.path(_band(x1 + 14, y1, x2, y2, width), "flow", tip)


def _band(x1: float, y1: float, x2: float, y2: float, width: float) -> str:
    """The outline of a band of a width from one height to another."""
    middle, low1, low2 = (x1 + x2) / 2, y1 + width, y2 + width
    onward = f"M{x1:.1f},{y1:.1f} C{middle:.1f},{y1:.1f} {middle:.1f},{y2:.1f} {x2:.1f},{y2:.1f}"
    return f"{onward} V{low2:.1f} C{middle:.1f},{low2:.1f} {middle:.1f},{low1:.1f} {x1:.1f},{low1:.1f} Z"


def _amount(name: str, links: Sequence[Link]) -> float:
    return sum(link.value for link in _side(name, links))


def _bounds(name: str, links: Sequence[Link]) -> frozenset[Bound]:
    return frozenset(bound for link in _side(name, links) for bound in link.bounds)


def _side(name: str, links: Sequence[Link]) -> list[Link]:
    """What flows into a thing or out of it, whichever is more."""
    sides = [link for link in links if link.source == name], [link for link in links if link.target == name]
    return max(sides, key=lambda side: sum(link.value for link in side))


def _acyclic(links: Sequence[Link]) -> tuple[list[Link], list[list[str]]]:
    """The flows that lead onward, and the layers of their ends."""
    onward = [link for link in links if link.value > 0]
    places = {name: column for column, layer in enumerate(_layers(onward)) for name in layer}
    forward = [link for link in onward if places[link.source] < places[link.target]] or onward[:1]
    return forward, _layers(forward, pulled=True)


def _layers(links: Sequence[Link], pulled: bool = False) -> list[list[str]]:
    """The things by how far they stand from the beginning.

    Where `pulled`, what nothing leads to stands just before what it leads to.
    """
    graph = _graph(links)
    whole = networkx.condensation(graph)
    columns = {part: column for column, parts in enumerate(networkx.topological_generations(whole)) for part in parts}
    for part in [part for part in columns if pulled and not whole.pred[part] and whole.succ[part]]:
        columns[part] = min(columns[each] for each in whole.successors(part)) - 1
    return _untangled(
        {name: columns[part] for part in sorted(columns) for name in sorted(whole.nodes[part]["members"])},
        graph.predecessors,
        graph.successors,
    )


def _graph(links: Sequence[Link]) -> networkx.DiGraph:
    graph = networkx.DiGraph()
    graph.add_edges_from((link.source, link.target) for link in links)
    return graph


def _untangled(columns: Mapping[str, int], before: Neighbours, behind: Neighbours) -> list[list[str]]:
    """The things of each column, ordered so that few links cross."""
    layers: list[list[str]] = [[] for _ in range(max(columns.values()) + 1)]
    for name, column in columns.items():
        layers[column].append(name)
    for _ in range(SWEEPS):
        for column in range(1, len(layers)):
            layers[column] = _sorted(layers[column], layers[:column], before)
        for column in range(len(layers) - 2, -1, -1):
            layers[column] = _sorted(layers[column], layers[column + 1 :], behind)
    return layers


def _sorted(layer: Sequence[str], others: Sequence[Sequence[str]], neighbours: Neighbours) -> list[str]:
    """A layer in the order of the middle places of each thing's neighbours."""
    places = {name: (row + 0.5) / len(other) for other in others for row, name in enumerate(other)}
    own = {name: (row + 0.5) / len(layer) for row, name in enumerate(layer)}

    def middle(name: str) -> float:
        met = [places[each] for each in neighbours(name) if each in places]
        return sum(met) / len(met) if met else own[name]

    return sorted(layer, key=lambda name: (middle(name), name))
