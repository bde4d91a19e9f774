"""CURIEs and IRIs go both ways, under any base."""

from __future__ import annotations

import pytest

from graph_builder.errors import KnowledgeGraphError
from graph_builder.prefixes import UnknownPrefix, configured_base, prefix_map


def test_every_prefix_goes_both_ways() -> None:
    names = prefix_map("https://w3id.org/kip/")
    for prefix, namespace in names.prefixes.items():
        assert names.expand(f"{prefix}:x") == f"{namespace}x"
        assert names.shrink(f"{namespace}x") == f"{prefix}:x"


def test_the_prefix_of_a_kind_is_its_path_segment() -> None:
    names = prefix_map("https://w3id.org/kip/")
    own = {
        p: iri
        for p, iri in names.prefixes.items()
        if iri.startswith(("https://w3id.org/kip/id/", "https://w3id.org/kip/scheme/"))
    }
    segments = {prefix: iri.rstrip("/").rsplit("/", 1)[1] for prefix, iri in own.items()}
    assert {prefix: segment for prefix, segment in segments.items() if prefix != segment} == {}
    assert len(segments) >= 30


def test_another_base_moves_only_our_own_iris() -> None:
    names = prefix_map("http://localhost:8000/")
    assert names.expand("org:kbiz") == "http://localhost:8000/id/org/kbiz"
    assert names.expand("skos:Concept") == "http://www.w3.org/2004/02/skos/core#Concept"


def test_an_unknown_prefix_is_named() -> None:
    with pytest.raises(UnknownPrefix, match="no prefix 'nope'"):
        prefix_map("https://w3id.org/kip/").expand("nope:x")


@pytest.mark.parametrize("base", ["https://example.org", "ftp://example.org/", "https://exa mple.org/"])
def test_a_base_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    monkeypatch.setenv("KIP_BASE", base)
    with pytest.raises(KnowledgeGraphError, match="KIP_BASE"):
        configured_base()
