"""The data blocks of the pages, read as JSON-LD with a context that is at hand."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF

from tests.api.markup import find, read_html
from tests.api.site import get, site

# rdflib reads JSON-LD into a class of its own that it deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
SCHEMA = Namespace("https://schema.org/")
BASE = "https://w3id.org/kip/"
LOCAL = {"@vocab": str(SCHEMA), "url": {"@type": "@id"}, "sameAs": {"@type": "@id"}, "license": {"@type": "@id"}}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


def block(app: FastAPI, path: str) -> dict[str, Any]:
    (script,) = find(read_html(get(app, path).text), "script")
    assert dict(script.attrib) == {"type": "application/ld+json"}
    document = orjson.loads(script.text or "")
    assert isinstance(document, dict) and document["@context"] == "https://schema.org"
    return document


def graph(app: FastAPI, path: str) -> Graph:
    return Graph().parse(data=orjson.dumps({**block(app, path), "@context": LOCAL}), format="json-ld")


@pytest.mark.parametrize(
    ("path", "tail", "kind"),
    [
        ("/page/org/mss-2017", "id/org/mss-2017", "GovernmentOrganization"),
        ("/page/org/daily", "id/org/daily", "NewsMediaOrganization"),
        ("/page/org/only-korean", "id/org/only-korean", "Organization"),
        ("/page/person/speaker-one", "id/person/speaker-one", "Person"),
        ("/page/article/2020-01-03-plan", "id/article/2020-01-03-plan", "NewsArticle"),
        ("/page/source/press", "id/source/press", "CreativeWork"),
        ("/page/indicator/smart-factories", "id/indicator/smart-factories", "DefinedTerm"),
        ("/scheme/sector/manufacturing", "scheme/sector/manufacturing", "DefinedTerm"),
        ("/def/Program", "def/Program", "DefinedTerm"),
        ("/page/program/smart-factory-rollout", "id/program/smart-factory-rollout", "Thing"),
        ("/page/target/sf-30000-2022", "id/target/sf-30000-2022", "Thing"),
    ],
)
def test_a_page_says_what_it_is_about(app: FastAPI, path: str, tail: str, kind: str) -> None:
    found, thing = graph(app, path), URIRef(BASE + tail)
    assert set(found.objects(thing, RDF.type)) == {SCHEMA[kind]}
    assert list(found.objects(thing, SCHEMA.headline if kind == "NewsArticle" else SCHEMA.name))


def test_a_thing_cites_the_articles_and_sources_of_its_facts(app: FastAPI) -> None:
    found = graph(app, "/page/program/smart-factory-rollout")
    program = URIRef(f"{BASE}id/program/smart-factory-rollout")
    cited = set(found.objects(program, SCHEMA.subjectOf))
    article, source = URIRef(f"{BASE}id/article/2020-01-03-plan"), URIRef(f"{BASE}id/source/press")
    assert {article, source} <= cited
    assert (article, RDF.type, SCHEMA.NewsArticle) in found and (source, RDF.type, SCHEMA.CreativeWork) in found
    assert (article, SCHEMA.datePublished, Literal("2020-01-04")) in found
    undated = URIRef(f"{BASE}id/article/2017-04-20-meeting")
    assert undated in cited and not list(found.objects(undated, SCHEMA.datePublished)), "that day is of an event"
    assert (source, SCHEMA.url, URIRef("https://example.org/press")) in found


def test_names_are_in_both_languages(app: FastAPI) -> None:
    found = graph(app, "/page/org/mss-2017")
    names = set(found.objects(URIRef(f"{BASE}id/org/mss-2017"), SCHEMA.name))
    assert names == {Literal("중소벤처기업부", lang="ko"), Literal("Ministry of SMEs and Startups", lang="en")}


def test_text_of_the_data_cannot_leave_the_block(app: FastAPI) -> None:
    body = get(app, "/page/org/only-korean").text
    inside = body.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert "<" not in inside and ">" not in inside and "&" not in inside
    assert block(app, "/page/org/only-korean")["name"][0]["@value"] == "한글만<b>"
