"""Large descriptions come in parts: each bounded, none overlapping, together the whole."""

from __future__ import annotations

import re

import orjson
import pytest
from fastapi import FastAPI
from pyoxigraph import RdfFormat, Triple, parse

from api.descriptions.profiles import PROFILES
from api.links import Links
from api.routes.represented import pager_links
from api.views.pages import Frame, Pager
from tests.api.site import get, inlined, site

PROGRAM = "/data/program/smart-factory-rollout"


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


def links(header: str) -> dict[str, str]:
    found = re.findall(r'<([^>]*)>; rel="(first|prev|next|last)"', header)
    return {relation: path for path, relation in found}


def walked(app: FastAPI, path: str, kind: RdfFormat) -> list[list[Triple]]:
    """The triples of each part, following `next`."""
    parts: list[list[Triple]] = []
    following: str | None = path
    while following:
        answer = get(app, following, "*/*")
        assert answer.status_code == 200
        parts.append([quad.triple for quad in parse(inlined(app, answer), format=kind)])
        there = links(answer.headers["link"])
        assert ("prev" in there) == (len(parts) > 1)
        following = there.get("next")
        assert len(parts) < 200
    return parts


@pytest.mark.parametrize("profile", [row.token for row in PROFILES])
@pytest.mark.parametrize("limit", [1, 7, 40])
def test_the_parts_together_are_the_whole(app: FastAPI, profile: str, limit: int) -> None:
    whole = get(app, f"{PROGRAM}.nt?_profile={profile}", "*/*")
    assert not links(whole.headers["link"])
    expected = [quad.triple for quad in parse(whole.content, format=RdfFormat.N_TRIPLES)]
    parts = walked(app, f"{PROGRAM}.nt?_profile={profile}&limit={limit}", RdfFormat.N_TRIPLES)
    assert all(len(part) == limit for part in parts[:-1]) and 0 < len(parts[-1]) <= limit
    assert [triple for part in parts for triple in part] == expected
    assert len(parts) == -(-len(expected) // limit)


def test_each_format_is_cut_alike(app: FastAPI) -> None:
    for suffix, kind in (("ttl", RdfFormat.TURTLE), ("jsonld", RdfFormat.JSON_LD), ("rdf", RdfFormat.RDF_XML)):
        parts = walked(app, f"{PROGRAM}.{suffix}?limit=50", kind)
        same = walked(app, f"{PROGRAM}.nt?limit=50", RdfFormat.N_TRIPLES)
        assert [set(part) for part in parts] == [set(part) for part in same]


def test_every_part_leads_to_the_first_and_the_last(app: FastAPI) -> None:
    first = get(app, f"{PROGRAM}.ttl?limit=20", "*/*")
    there = links(first.headers["link"])
    assert there["first"] == f"{PROGRAM}.ttl?limit=20" and "prev" not in there
    last = get(app, there["last"], "*/*")
    assert links(last.headers["link"])["last"] == there["last"] and "next" not in links(last.headers["link"])
    assert first.headers["etag"] != last.headers["etag"]
    assert (
        get(app, there["next"], "*/*", If_None_Match=get(app, there["next"], "*/*").headers["etag"]).status_code == 304
    )


def test_the_alternates_of_a_part_are_the_same_part(app: FastAPI) -> None:
    link = get(app, f"{PROGRAM}.ttl?_profile=evidence&limit=20&page=2", "*/*").headers["link"]
    same = f'{PROGRAM}.jsonld?_profile=evidence&limit=20&page=2>; rel="alternate"; type="application/ld+json"'
    assert same in link


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=١", "limit=0", "limit=5001", "limit=1e3"])
def test_what_is_no_part_is_refused(app: FastAPI, query: str) -> None:
    answer = get(app, f"{PROGRAM}.ttl?{query}", "*/*")
    assert answer.status_code == 400
    assert orjson.loads(answer.content)["type"].endswith("/malformed-request")


def test_a_part_behind_the_last_is_404(app: FastAPI) -> None:
    assert get(app, f"{PROGRAM}.ttl?page=99", "*/*").status_code == 404


def test_a_long_page_links_its_neighbours(app: FastAPI) -> None:
    assert not links(get(app, "/list/org").headers["link"]), "a short one has none"
    pages = {number: pager_links(frame(number), Pager(number, 50, 120)) for number in (1, 2, 3)}
    found = {number: links(", ".join(values)) for number, values in pages.items()}
    assert found[1] == {"first": "/list/org?page=1", "next": "/list/org?page=2", "last": "/list/org?page=3"}
    assert found[2]["prev"] == found[1]["first"] and found[2]["next"] == found[1]["last"]
    assert "next" not in found[3] and found[3]["last"] == found[1]["last"]


def frame(number: int) -> Frame:
    return Frame("ko", False, "/list/org", {"page": str(number)}, Links("https://w3id.org/kip/"), "test-1")
