"""Accept headers, by example and by property (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import NotAcceptable
from api.transport.formats import FORMATS, Format, by_name, of_kind
from api.transport.negotiation import choose, prefers, read_accept

TABLES = of_kind("table")
GRAPHS = of_kind("graph")
KNOWN = sorted({name for row in FORMATS for name in row.media_types})
RANGES = [*KNOWN, "*/*", "text/*", "application/*", "image/png", "image/*"]
WEIGHTS = ["", ";q=1", ";q=1.000", ";q=0.5", "; q=0.501", ";Q=0.1", ";q=0", " ; q=0.0"]

elements = st.builds(lambda media, weight: media + weight, st.sampled_from(RANGES), st.sampled_from(WEIGHTS))
headers = st.lists(elements, min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("accept", "rows", "expected"),
    [
        (None, TABLES, "json"),
        ("", TABLES, "json"),
        ("*/*", GRAPHS, "turtle"),
        ("text/*", TABLES, "csv"),
        ("application/*", GRAPHS, "jsonld"),
        ("text/csv, */*;q=0.1", TABLES, "csv"),
        ("text/csv, */*", TABLES, "csv"),
        ("*/*, text/csv", TABLES, "csv"),
        ("text/csv;q=0.5, text/tab-separated-values;q=0.8", TABLES, "tsv"),
        ("text/csv, text/tab-separated-values", TABLES, "csv"),
        ("text/tab-separated-values, text/csv", TABLES, "csv"),
        ("application/sparql-results+json;q=0, */*", TABLES, "xml"),
        ("*/*;q=0.5, application/sparql-results+json;q=0.1", TABLES, "xml"),
        ("TEXT/CSV", TABLES, "csv"),
        ("text/csv;charset=utf-8", TABLES, "csv"),
        ('text/csv;charset="UTF-8";header=present', TABLES, "csv"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted, x";q=0.9', GRAPHS, "jsonld"),
        ("text/turtle;version=1.2", GRAPHS, "turtle"),
        ("text/csv;q=0.7;ext=1", TABLES, "csv"),
        (",, text/csv ,", TABLES, "csv"),
        ("nonsense, text/csv;q=2, text/tab-separated-values;q=0.1", TABLES, "tsv"),
        ("nonsense", TABLES, "json"),
        ("application/rdf+xml, text/xml;q=0.6, */*;q=0.1", GRAPHS, "rdfxml"),
        # What rapper, Jena and rdflib send.
        ("application/rdf+xml, application/n-triples;q=0.9, text/turtle;q=0.9, */*;q=0.1", GRAPHS, "rdfxml"),
        ("text/turtle,application/ld+json;q=0.9,application/rdf+xml;q=0.7,*/*;q=0.3", GRAPHS, "turtle"),
        ("application/sparql-results+json, application/json;q=0.9, text/csv;q=0.8, */*;q=0.1", TABLES, "json"),
    ],
)
def test_the_row_is_chosen(accept: str | None, rows: tuple[Format, ...], expected: str) -> None:
    assert choose(accept, rows).name == expected


@pytest.mark.parametrize(
    "accept",
    ["image/png", "*/*;q=0", "text/*;q=0", "text/csv;charset=euc-kr", "text/csv;level=1", "text/html, image/*;q=0.8"],
)
def test_nothing_fits(accept: str) -> None:
    with pytest.raises(NotAcceptable) as caught:
        choose(accept, [row for row in TABLES if row.name in ("csv", "tsv")])
    listed = [each["media_type"] for each in caught.value.members["alternatives"]]
    assert listed == ["text/csv", "text/tab-separated-values"]


def test_the_label_is_the_media_type_that_was_named() -> None:
    assert choose("application/json", TABLES).content_type == "application/json"
    assert choose("application/json;q=0.1, application/*", TABLES).content_type == "application/sparql-results+json"
    assert choose("text/plain", GRAPHS).content_type == "text/plain; charset=utf-8"
    assert choose("text/*", GRAPHS).content_type == "text/turtle; charset=utf-8"


@pytest.mark.parametrize("name", ["ttl", ".ttl", "Turtle", "text/turtle", "application/x-turtle"])
def test_an_override_wins(name: str) -> None:
    assert choose("application/n-triples", GRAPHS, name).name == "turtle"


def test_an_unknown_override_is_refused_whatever_is_accepted() -> None:
    with pytest.raises(NotAcceptable):
        choose("*/*", TABLES, "ttl")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html, text/turtle", True),
        ("text/turtle, text/html;q=0.9", False),
        ("application/rdf+xml, text/html;q=0.9", False),
        ("*/*", False),
        ("text/*", False),
        ("text/html;q=0", False),
        (None, False),
    ],
)
def test_a_page_is_preferred_only_by_who_names_it(accept: str | None, expected: bool) -> None:
    assert prefers(accept, "text/html", GRAPHS) is expected


@given(headers)
def test_the_choice_follows_the_qualities_of_the_standard(parts: list[str]) -> None:
    """Against a reading of the rules that looks up one media type after the other."""
    accept = ", ".join(parts)
    best = max(max(_quality(name, parts) for name in row.media_types) for row in TABLES)
    own = max(_quality(row.media_type, parts) for row in TABLES)
    if best == 0:
        with pytest.raises(NotAcceptable):
            choose(accept, TABLES)
        return
    chosen = choose(accept, TABLES)
    assert _quality(chosen.media_type, parts) >= own > 0 or _quality(chosen.media_type, parts) == best


def _quality(media_type: str, parts: list[str]) -> float:
    """The greatest weight among the most specific elements that match."""
    kind = media_type.split("/")[0]
    for wanted in (media_type, f"{kind}/*", "*/*"):
        weights = [_weight(part) for part in parts if part.split(";")[0].strip() == wanted]
        if weights:
            return max(weights)
    return 0.0


def _weight(part: str) -> float:
    return float(part.lower().partition("q=")[2] or 1)


@given(headers, st.randoms(use_true_random=False))
def test_the_order_of_the_elements_does_not_matter(parts: list[str], chance: object) -> None:
    shuffled = sorted(parts, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert _chosen(", ".join(parts)) == _chosen(",".join(shuffled))


@given(st.text(max_size=60))
def test_any_header_is_read(accept: str) -> None:
    for element in read_accept(accept):
        assert 0 <= element.quality <= 1
        assert element.type != "*" or element.subtype == "*"
    _chosen(accept)


def _chosen(accept: str) -> Format | None:
    try:
        return choose(accept, GRAPHS)
    except NotAcceptable:
        return None


def test_a_row_that_is_added_is_chosen_without_another_change() -> None:
    row = Format("xlsx", "Excel", "application/vnd.example.sheet", "xlsx", ("table",), "", "http://e.org/xlsx")
    rows = (*TABLES, row)
    assert choose("application/vnd.example.sheet", rows) is row
    assert choose(None, rows, "xlsx") is row
    assert by_name("xlsx", rows) is row


OWN = [row.media_type for row in GRAPHS]
ALIKE = [
    "",
    ";header=present",
    ';profile="urn:x urn:y"',
    ';profile="http://www.w3.org/ns/json-ld#compacted"',
    ";version=1.2",
]
weights = st.sampled_from(["", ";q=0.9", ";q=0.5", ";q=0.001", ";q=0", ";q=0.000"])
named = st.lists(st.tuples(st.sampled_from(OWN), weights), min_size=1, max_size=8)


@given(named)
def test_named_formats_are_chosen_by_weight_and_ties_by_our_order(parts: list[tuple[str, str]]) -> None:
    best = {name: max(_weight(f"{name}{weight}") for each, weight in parts if each == name) for name, _ in parts}
    accept = ", ".join(name + weight for name, weight in parts)
    if max(best.values()) == 0:
        assert _chosen(accept) is None
        return
    winner = max(best, key=lambda name: (best[name], -OWN.index(name)))
    chosen = _chosen(accept)
    assert chosen is not None and chosen.media_type == winner


@given(named, st.sampled_from([";q=0", "; q=0.0"]))
def test_what_is_forbidden_is_never_chosen_whatever_a_wildcard_allows(parts: list[tuple[str, str]], none: str) -> None:
    forbidden = {name for name, _ in parts}
    accept = ", ".join([*(name + none for name in sorted(forbidden)), "*/*;q=0.1"])
    chosen = _chosen(accept)
    # a format is forbidden under its own name only; it may still be had under another
    assert chosen is None or chosen.media_type not in forbidden


@given(named, st.data())
def test_parameters_that_are_passed_over_change_nothing(parts: list[tuple[str, str]], data: st.DataObject) -> None:
    plain = ", ".join(name + weight for name, weight in parts)
    drawn = [name + data.draw(st.sampled_from(ALIKE)) + weight for name, weight in parts]
    spaced = " ,\t".join(drawn).replace(";q=", data.draw(st.sampled_from([";q=", " ; Q=", ";\tq="])))
    one, other = _chosen(plain), _chosen(spaced)
    assert (one and one.name) == (other and other.name)


@given(st.sampled_from(OWN), st.sampled_from([";level=1", ";charset=euc-kr", ";a=b"]))
def test_a_parameter_that_no_representation_has_fits_nothing(name: str, parameter: str) -> None:
    assert _chosen(name + parameter) is None
    again = _chosen(f"{name}{parameter}, {OWN[1]};q=0.1")
    assert again is not None and again.media_type == OWN[1]


@given(named)
def test_a_refusal_lists_all_that_there_is(parts: list[tuple[str, str]]) -> None:
    accept = ", ".join(f"{name};q=0" for name, _ in parts) + ", image/png"
    with pytest.raises(NotAcceptable) as caught:
        choose(accept, GRAPHS)
    assert [each["media_type"] for each in caught.value.members["alternatives"]] == OWN
    assert caught.value.headers["Vary"] == "Accept"


@given(st.sampled_from(GRAPHS), st.lists(elements, max_size=4))
def test_a_suffix_wins_over_any_header(row: Format, parts: list[str]) -> None:
    assert choose(", ".join(parts), GRAPHS, row.suffix) is row
    assert choose(", ".join(parts), GRAPHS, row.media_type.upper()) is row
