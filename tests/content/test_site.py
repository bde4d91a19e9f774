"""The pages of the real release, walked as a reader would: no link leads nowhere, and every source can be cited."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse

from tests.api.conftest import UNTRACED, serving
from tests.api.markup import find, read_html
from tests.api.site import BROWSER
from tests.content.asking import open_store

INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
_KINDS = """
SELECT (MIN(?path) AS ?first) (MAX(?path) AS ?last) {
  { SELECT DISTINCT ?thing { ?thing ?property ?value } }
  BIND(STRAFTER(STR(?thing), "https://w3id.org/kip/id/") AS ?path)
  FILTER(?path != "")
} GROUP BY (STRBEFORE(?path, "/") AS ?kind)
"""


@pytest.fixture(scope="module")
def client(release: Path) -> Iterator[httpx.Client]:
    with serving(release, **UNTRACED, KIP_WORKERS="2", KIP_CLIENT_SECONDS="0") as opened:
        yield opened


@pytest.fixture(scope="module")
def store(release: Path) -> Store:
    return open_store(release)


def things(store: Store) -> list[str]:
    """Two things of each kind, as `kind/slug`."""
    rows = store.query(_KINDS)
    assert isinstance(rows, QuerySolutions)
    return sorted({row[name].value for row in rows for name in ("first", "last")})


def hrefs(client: httpx.Client, path: str) -> set[str]:
    """Where the links of a page lead on this server."""
    answer = client.get(path, headers={"Accept": BROWSER})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8"), path
    found = (each.get("href", "").partition("#")[0] for each in find(read_html(answer.text), "a"))
    return {href for href in found if href.startswith("/")}


def shape(href: str) -> str:
    """What links of the same sort have in common: the path without the slug, the suffix and the parameters' names.

    >>> shape("/data/org/kcci.ttl?_profile=minimal"), shape("/page/org/kcci")
    ('/data/org/*.ttl?_profile=minimal', '/page/org/*')
    """
    path, _, parameters = href.partition("?")
    folder, _, name = path.rpartition("/")
    kept = parameters if "_profile" in parameters else re.sub(r"=[^&]*", "=", parameters)
    return f"{folder}/*{''.join(name.partition('.')[1:])}?{kept}".rstrip("?")


def test_every_sort_of_link_on_a_page_of_each_kind_leads_somewhere(client: httpx.Client, store: Store) -> None:
    walked = things(store)
    assert len(walked) > 60
    wanted = {shape(href): href for each in walked for href in sorted(hrefs(client, f"/page/{each}"))}
    answers = {href: client.get(href, headers={"Accept": BROWSER}, follow_redirects=True) for href in wanted.values()}
    assert len(answers) > 500
    assert {href: each.status_code for href, each in answers.items() if each.status_code != 200} == {}


def test_what_a_source_says_something_of_can_be_cited(client: httpx.Client, store: Store) -> None:
    """Queries are the project's own; selectors and snapshots are parts of a source."""
    without = {
        each.partition("/")[0] for each in things(store) if f"/data/{each}.bib" not in hrefs(client, f"/page/{each}")
    }
    assert without == {"query", "selector", "snapshot"}
    cited = client.get("/data/source/kmib-0923733689.bib").text
    assert "title = {{[국민일보 0923733689 보도]}}" in cited and "kmib 0923733689" in cited
    # that a ministry is involved in the programme is inferred: where the ministry is named, nothing is said of it
    assert "2017" not in "".join(re.findall("@.*", client.get("/data/program/industrial-dx.bib").text))
    # no statement has this person as its subject: the tenures have their evidence themselves
    assert client.get("/data/person/han-seong-sook.bib").text.startswith("@")


def unlabelled(quad: Quad) -> tuple[str, ...]:
    """A quad without the labels of its blank nodes, which are not the same in another store."""
    terms = (quad.subject, quad.predicate, quad.object, quad.graph_name)
    return tuple("_:" if isinstance(each, BlankNode) else str(each) for each in terms)


def test_every_named_graph_is_a_page_a_description_and_its_triples(client: httpx.Client, store: Store) -> None:
    named = [each for each in store.named_graphs() if isinstance(each, NamedNode)]
    assert len(named) > 15
    for each in named:
        path = "/" + each.value.removeprefix("https://w3id.org/kip/")
        leads = hrefs(client, path)
        said = Store()
        said.load(client.get(path, headers={"Accept": "text/turtle"}).content, RdfFormat.TURTLE)
        (count,) = said.quads_for_pattern(each, NamedNode("http://rdfs.org/ns/void#triples"), None)
        held = set(store.quads_for_pattern(None, None, None, each))
        assert count.object == Literal(str(len(held)), datatype=INTEGER), path
        sources = said.quads_for_pattern(each, NamedNode("http://www.w3.org/ns/prov#wasDerivedFrom"), None)
        assert {f"/page/{str(source.object).partition('/id/')[2].rstrip('>')}" for source in sources} <= leads
        page, found = f"/data{path}.nq", list[Quad]()
        assert page in leads
        while page:
            answer = client.get(page)
            found += parse(answer.content, format=RdfFormat.N_QUADS)
            page = answer.links.get("next", {}).get("url", "")
        assert Counter(map(unlabelled, found)) == Counter(map(unlabelled, held)), path
