"""The search for paths, held against every simple path of small random graphs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.relations.network import Link, Network, Path, Restriction

NODES = [f"n{number}" for number in range(7)]
KINDS = {node: "even" if index % 2 == 0 else "odd" for index, node in enumerate(NODES)}


@st.composite
def links(draw: st.DrawFn) -> list[Link]:
    """Links of a few things; some stand for a node that links others too."""
    pairs = st.tuples(st.sampled_from(NODES), st.sampled_from(NODES))
    chosen = draw(st.lists(pairs, min_size=1, max_size=14, unique=True))
    costs = st.sampled_from([0.8, 1.0, 1.6, 2.0])
    vias = st.sampled_from(["", "", "", "t1", "t2"])
    return [Link(draw(costs), draw(st.sampled_from("pq")), one, other, via=draw(vias)) for one, other in chosen]


class Every:
    """All simple paths by exhaustion: what the search must agree with."""

    def __init__(self, links: list[Link]) -> None:
        self.pairs: dict[tuple[str, str], list[Link]] = {}
        for link in links:
            if link.subject != link.object:
                for pair in ((link.subject, link.object), (link.object, link.subject)):
                    self.pairs.setdefault(pair, []).append(link)

    def paths(self, path: tuple[str, ...], target: str, longest: int) -> Iterator[tuple[str, ...]]:
        if path[-1] == target:
            yield path
        elif len(path) <= longest:
            for one, other in sorted(self.pairs):
                if one == path[-1] and other not in path:
                    yield from self.paths((*path, other), target, longest)

    def told_shorter(self, path: tuple[str, ...]) -> bool:
        """Whether a link node is passed twice, or leads past a thing between."""
        best = [min(self.pairs[pair]).via for pair in pairwise(path)]
        passed = [via for via in best if via]
        past = [
            {first, second} & {link.via for link in self.pairs.get((path[at], path[at + 2]), ())} - {""}
            for at, (first, second) in enumerate(pairwise(best))
        ]
        return len(set(passed)) < len(passed) or any(past)


def weight(network: Network, path: Path) -> float:
    """The sum of what the links cost and of what it costs to pass the things between."""
    return sum(links[0].cost for links in path.links) + sum(2 * network.burden(node) for node in path.nodes[1:-1])


@settings(max_examples=150)
@given(links(), st.sampled_from(NODES), st.sampled_from(NODES), st.integers(1, 10), st.integers(1, 6))
def test_the_lightest_paths_are_found_and_all_of_them(
    given: list[Link], source: str, target: str, wanted: int, longest: int
) -> None:
    network, every = Network(given, KINDS), Every(given)
    found = network.paths(source, target, wanted, longest)
    assert all(path.nodes[0] == source and path.nodes[-1] == target for path in found.paths)
    assert all(len(set(path.nodes)) == len(path.nodes) <= longest + 1 for path in found.paths)
    assert [path.weight for path in found.paths] == sorted(path.weight for path in found.paths)
    assert all(path.weight == pytest.approx(weight(network, path), abs=1e-3) for path in found.paths)
    exhausted = [] if source == target else every.paths((source,), target, longest)
    expected = [path for path in exhausted if not every.told_shorter(path)]
    assert len(found.paths) == min(wanted, len(expected))
    assert found.truncated == (len(expected) > wanted)
    assert {path.nodes for path in found.paths} <= set(expected)
    if not found.truncated:
        assert {path.nodes for path in found.paths} == set(expected)
    else:
        heaviest = found.paths[-1].weight
        left_out = {path for path in expected if path not in {each.nodes for each in found.paths}}
        assert all(network.weight_of(path) >= heaviest - 1e-3 for path in left_out)


@settings(max_examples=60)
@given(links(), st.sampled_from(NODES), st.sampled_from(NODES), st.randoms())
def test_the_order_of_the_links_does_not_matter(given: list[Link], source: str, target: str, random: object) -> None:
    shuffled = sorted(given, key=lambda link: hash((link, str(random))))
    assert Network(given, KINDS).paths(source, target, 5, 4) == Network(shuffled, KINDS).paths(source, target, 5, 4)


@settings(max_examples=60)
@given(links(), st.sampled_from(NODES), st.integers(1, 3))
def test_a_neighbourhood_holds_everything_so_many_links_away(given: list[Link], center: str, depth: int) -> None:
    network, every = Network(given, KINDS), Every(given)
    found = network.neighbourhood(center, depth, 100)
    reached = {center}
    for _ in range(depth):
        reached |= {other for one, other in every.pairs if one in reached}
    assert {path.nodes[-1] for path in found.paths} == reached - {center}
    assert all(len(path.links) <= depth for path in found.paths)
    assert [path.weight for path in found.paths] == sorted(path.weight for path in found.paths)


@settings(max_examples=60)
@given(links(), st.sampled_from(NODES), st.sampled_from(NODES))
def test_what_two_things_share_is_what_both_are_linked_with(given: list[Link], one: str, other: str) -> None:
    network, every = Network(given, KINDS), Every(given)
    shared = {path.nodes[1] for path in network.shared(one, other, 100).paths}
    near = [{b for a, b in every.pairs if a == end} for end in (one, other)]
    both = {each for each in near[0] & near[1] if not every.told_shorter((one, each, other))}
    assert shared == (both - {one, other} if one != other else set())


def chain(*nodes: str, since: str = "", until: str = "") -> list[Link]:
    """A row of links."""
    return [Link(1.0, "p", one, other, since=since, until=until) for one, other in pairwise(nodes)]


def test_a_hub_costs_more_than_a_longer_way_round() -> None:
    hub = [Link(1.0, "p", f"leaf{number}", "hub") for number in range(60)]
    network = Network([*hub, *chain("leaf1", "a", "b", "leaf2")], {})
    first, second = network.paths("leaf1", "leaf2", 2, 4).paths
    assert first.nodes == ("leaf1", "a", "b", "leaf2")
    assert second.nodes == ("leaf1", "hub", "leaf2")


def test_only_what_may_be_passed_is_passed() -> None:
    network = Network(
        [*chain("s", "a", "t"), *chain("s", "b", "t")], {"a": "org", "b": "event", "s": "org"}, {"b": "2020-05-06"}
    )

    def passed(**restriction: object) -> list[str]:
        found = network.paths("s", "t", 5, 4, Restriction(**restriction))  # type: ignore[arg-type]
        return [path.nodes[1] for path in found.paths]

    assert passed() == ["a", "b"]
    assert passed(kinds=frozenset({"event"})) == ["b"]
    assert passed(without=frozenset({"event"})) == ["a"]
    assert passed(without=frozenset({"a"})) == ["b"]
    assert passed(without=frozenset({"p"})) == []
    assert passed(day="2020-05-05") == ["a"]
    assert passed(day="2020-05-06") == ["a", "b"]


def test_a_link_is_walked_on_the_days_on_which_it_holds() -> None:
    network = Network(chain("s", "t", since="2018-09-27", until="2021-05-06"), {})
    found = {
        day: len(network.paths("s", "t", 1, 1, Restriction(day=day)).paths)
        for day in ("2018-01-01", "2020-01-01", "2022-01-01")
    }
    assert found == {"2018-01-01": 0, "2020-01-01": 1, "2022-01-01": 0}


def test_a_hub_keeps_its_burden_where_most_of_its_links_may_not_be_walked() -> None:
    hub = [Link(1.0, "p", f"leaf{number}", "hub") for number in range(60)]
    network = Network(hub, {f"leaf{number}": "leaf" for number in range(60)})
    free = network.paths("leaf1", "leaf2", 1, 2).paths[0].weight
    assert network.paths("leaf1", "leaf2", 1, 2, Restriction(without=frozenset({"leaf"}))).paths[0].weight == free


def test_what_was_searched_is_told_where_no_path_is_found() -> None:
    found = Network([*chain("a", "b", "c"), *chain("x", "y")], {}).paths("a", "y", 5, 6)
    assert (found.paths, found.nodes, found.links, found.truncated) == ((), 5, 3, False)


def test_a_thing_without_links_is_not_found() -> None:
    assert Network(chain("a", "b"), {}).paths("a", "elsewhere", 5, 6).paths == ()


def test_parallel_links_are_one_step_with_the_best_of_them_first() -> None:
    network = Network([Link(1.6, "host", "e", "o"), Link(1.0, "party", "o", "e")], {})
    (path,) = network.paths("e", "o", 3, 1).paths
    assert [link.property for link in path.links[0]] == ["party", "host"]
