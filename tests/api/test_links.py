"""IRIs become paths of this server, whatever host it runs on."""

from __future__ import annotations

import unicodedata

import pytest

from api.links import Links, normalise

BASE = "https://w3id.org/kip/"
LINKS = Links(BASE)


@pytest.mark.parametrize(
    ("iri", "href"),
    [
        ("id/program/ai-factory", "/page/program/ai-factory"),
        ("id/statement/0123456789abcdef", "/page/statement/0123456789abcdef"),
        ("def/Program", "/def/Program"),
        ("def", "/def"),
        ("scheme/sector/foundry", "/scheme/sector/foundry"),
    ],
)
def test_an_iri_of_ours_is_a_path_here(iri: str, href: str) -> None:
    assert LINKS.href(BASE + iri) == href


def test_the_host_is_nowhere_in_a_path_and_the_mount_is_in_front() -> None:
    mounted = Links("http://example.org/data/", "/kip")
    assert mounted.href("http://example.org/data/id/org/kcci") == "/kip/page/org/kcci"
    assert mounted.data("http://example.org/data/id/org/kcci", "nt") == "/kip/data/org/kcci.nt"
    assert mounted.identifier("http://example.org/data/id/org/kcci") == "/kip/id/org/kcci"


def test_an_iri_of_another_place_stays_a_web_address() -> None:
    assert LINKS.href("http://www.wikidata.org/entity/Q884") == "http://www.wikidata.org/entity/Q884"


@pytest.mark.parametrize("iri", ["javascript:alert(1)", "data:text/html,x", "urn:isbn:1", ""])
def test_what_is_no_web_address_is_no_link(iri: str) -> None:
    assert LINKS.href(iri) == ""


def test_terms_and_concepts_are_described_at_their_own_path_with_a_suffix() -> None:
    assert LINKS.data(BASE + "def/Program", "jsonld") == "/def/Program.jsonld"
    assert LINKS.data(BASE + "scheme/sector/foundry", "ttl") == "/scheme/sector/foundry.ttl"


def test_parameters_are_encoded_once_and_none_is_left_out() -> None:
    assert LINKS.path("search", {"q": "산업 & 통상", "page": None}) == (
        "/search?q=%EC%82%B0%EC%97%85+%26+%ED%86%B5%EC%83%81"
    )
    assert LINKS.canned("officials-on-date", {"date": "2020-05-06"}) == "/api/queries/officials-on-date?date=2020-05-06"
    assert LINKS.form("x", {"sector": ("a", "b")}) == "/query/x?sector=a&sector=b"


def test_a_name_in_decomposed_hangul_is_the_composed_one() -> None:
    assert normalise(unicodedata.normalize("NFD", "산업통상부")) == "산업통상부"


def test_a_path_of_hangul_is_percent_encoded() -> None:
    assert LINKS.path("ko/중기부") == "/ko/%EC%A4%91%EA%B8%B0%EB%B6%80"
