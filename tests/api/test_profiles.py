"""Content negotiation by profile: what is chosen, what each profile holds, and how the others are told of."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Store, Triple, parse

from api.descriptions.profiles import DEFAULT, PROFILES, Profile, choose_profile
from api.transport.formats import of_kind
from graph_builder.prefixes import prefix_map
from tests.api.site import BROWSER, get, site

NAMES = prefix_map()
BASE = NAMES.base
PROGRAM, TARGET = "program/smart-factory-rollout", "target/sf-30000-2022"
MINIMAL = f"{BASE}profile/minimal"
GRAPHS = of_kind("graph")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


def triples(app: FastAPI, path: str, **headers: str) -> set[Triple]:
    answer = get(app, path, "application/n-triples", **headers)
    assert answer.headers["content-type"] == "application/n-triples"
    return {quad.triple for quad in parse(answer.content, format=RdfFormat.N_TRIPLES)}


def node(curie: str) -> NamedNode:
    return NamedNode(NAMES.expand(curie))


def predicates(found: set[Triple], subject: str) -> set[str]:
    return {NAMES.shrink(each.predicate.value) or "" for each in found if each.subject == node(subject)}


@pytest.mark.parametrize(
    ("query", "headers", "token"),
    [
        ("", {}, "full"),
        ("?_profile=minimal", {}, "minimal"),
        (f"?_profile={MINIMAL}", {}, "minimal"),
        ("?_profile=minimal", {"Accept_Profile": f"<{BASE}profile/history>"}, "minimal"),
        ("", {"Accept_Profile": f"<{MINIMAL}>"}, "minimal"),
        ("", {"Accept_Profile": f"<urn:x:y>, <{BASE}profile/evidence>;q=0.2"}, "evidence"),
        ("", {"Accept_Profile": f"<{BASE}profile/evidence>;q=0.2, <{BASE}profile/history>;q=0.3"}, "history"),
        ("", {"Accept_Profile": f"<{BASE}profile/full>;q=0"}, "minimal"),
        ("", {"Accept_Profile": "<urn:x:y>"}, "full"),
        ("?_profile=unheard-of", {}, "full"),
        ("", {"Accept_Profile": "nonsense;;;<"}, "full"),
    ],
)
def test_a_profile_is_chosen_and_named(app: FastAPI, query: str, headers: dict[str, str], token: str) -> None:
    answer = get(app, f"/data/{PROGRAM}{query}", "text/turtle", **headers)
    assert answer.status_code == 200
    assert answer.headers["content-profile"] == f"<{BASE}profile/{token}>"
    assert f'<{BASE}profile/{token}>; rel="profile"' in answer.headers["link"]
    assert {"Accept", "Accept-Profile"} <= set(answer.headers["vary"].split(", "))
    suffix = "" if token == "full" else f"?_profile={token}"
    assert answer.headers["content-location"] == f"/data/{PROGRAM}.ttl{suffix}"
    assert get(app, answer.headers["content-location"], "*/*").content == answer.content


def test_the_profile_parameter_of_a_media_type_counts(app: FastAPI) -> None:
    answer = get(app, f"/data/{PROGRAM}", f'text/turtle;profile="urn:x {MINIMAL}", application/ld+json;q=0.1')
    assert answer.headers["content-profile"] == f"<{MINIMAL}>"
    assert answer.headers["content-type"].startswith("text/turtle")


@pytest.mark.parametrize(
    ("query", "accept", "profile", "location"),
    [
        ("?_profile=minimal", BROWSER, "", f"/data/{PROGRAM}.rdf?_profile=minimal"),
        ("?_profile=minimal", "text/html", "", f"/data/{PROGRAM}.ttl?_profile=minimal"),
        ("?_mediatype=application/ld%2Bjson&_profile=history", BROWSER, "", f"/data/{PROGRAM}.jsonld?_profile=history"),
        ("?_mediatype=application/ld+json", BROWSER, "", f"/data/{PROGRAM}.jsonld"),
        ("?_mediatype=text/html", "*/*", "", f"/page/{PROGRAM}"),
        ("", BROWSER, f"<{MINIMAL}>", f"/data/{PROGRAM}.rdf?_profile=minimal"),
        ("", "text/html", f"<{MINIMAL}>", f"/page/{PROGRAM}"),
        ("", BROWSER, "<urn:x>", f"/page/{PROGRAM}"),
        ("", "text/turtle", f"<{MINIMAL}>", f"/data/{PROGRAM}.ttl?_profile=minimal"),
        ("?_profile=all", BROWSER, "", f"/data/{PROGRAM}.rdf?_profile=all"),
    ],
)
def test_an_identifier_leads_to_the_profile(app: FastAPI, query: str, accept: str, profile: str, location: str) -> None:
    answer = get(app, f"/id/{PROGRAM}{query}", accept, **({"Accept_Profile": profile} if profile else {}))
    assert (answer.status_code, answer.headers["location"]) == (303, location)
    assert {"Accept", "Accept-Profile"} <= set(answer.headers["vary"].split(", "))


def test_each_profile_holds_what_it_says(app: FastAPI) -> None:
    of = {row.token: triples(app, f"/data/{PROGRAM}?_profile={row.token}") for row in PROFILES}
    own = Triple(node("program:smart-factory-rollout"), node("kip:hasSector"), node("sector:manufacturing"))
    statement = Triple(node("statement:1111111111111111"), node("rdf:subject"), node("program:smart-factory-rollout"))
    assert own in of["full"] & of["minimal"] and own not in of["evidence"] | of["history"]
    assert statement in of["full"] & of["evidence"] and statement not in of["minimal"] | of["history"]
    assert of["minimal"] < of["full"] and of["evidence"] < of["full"]
    assert "kip:coversSector" not in predicates(of["minimal"], "program:smart-factory-rollout"), "inferred"
    assert {"rdf:type", "rdfs:label", "kip:hasSector"} <= predicates(of["minimal"], "program:smart-factory-rollout")
    assert {"oa:start", "oa:end"} <= predicates(of["evidence"], "selector:aaaaaaaaaaaa-210-230")
    assert {"kip:outletName", "schema:url"} <= predicates(of["evidence"], "source:press")


def test_the_history_has_every_version_with_its_day_value_and_change(app: FastAPI) -> None:
    found = triples(app, f"/data/{TARGET}?_profile=history")
    assert {"kip:revises", "kip:revisionType", "kip:value"} <= predicates(found, "target:sf-30000-2022")
    assert "kip:deadline" in predicates(found, "target:sf-30000-2025")
    assert any(each.predicate == node("kip:eventDate") for each in found)
    assert any(each.predicate == node("kip:statedText") for each in found)
    programme = triples(app, f"/data/{PROGRAM}?_profile=history")
    assert "kip:deadline" in predicates(programme, "target:sf-30000-2025")


@pytest.mark.parametrize("profile", PROFILES, ids=lambda each: each.token)
def test_a_concept_comes_in_each_profile(app: FastAPI, profile: Profile) -> None:
    answer = get(app, "/scheme/sector/manufacturing", "text/turtle", Accept_Profile=f"<{profile.iri(BASE)}>")
    assert answer.headers["content-profile"] == f"<{profile.iri(BASE)}>"
    assert {quad.subject for quad in parse(answer.content, format=RdfFormat.TURTLE)}


def read_links(header: str) -> list[dict[str, str]]:
    found = re.findall(r'<([^>]*)>((?:; [a-z]+="[^"]*")*)', header)
    return [{"href": href, **dict(re.findall(r'; ([a-z]+)="([^"]*)"', rest))} for href, rest in found]


def test_the_other_representations_are_linked_and_answer(app: FastAPI) -> None:
    answer = get(app, f"/data/{PROGRAM}.ttl?_profile=evidence", "*/*")
    links = read_links(answer.headers["link"])
    assert len(answer.headers["link"]) < 6000
    alternates = [each for each in links if each["rel"] == "alternate"]
    assert {each["profile"] for each in alternates if each["type"] == "text/turtle"} == {
        row.iri(BASE) for row in PROFILES
    }
    assert {each["type"] for each in alternates} == {"text/html", *(row.media_type for row in GRAPHS)}
    (canonical,) = [each for each in links if each["rel"] == "canonical"]
    assert (canonical["href"], canonical["profile"]) == (f"/data/{PROGRAM}.ttl", DEFAULT.iri(BASE))
    for each in alternates:
        there = get(app, each["href"], "*/*")
        assert there.headers["content-type"].split(";")[0] == each["type"]
        assert there.headers.get("content-profile", "<>")[1:-1] == each.get("profile", "")
    tokens = {each["anchor"]: each["token"] for each in links if each["rel"] == "type"}
    assert tokens == {row.iri(BASE): row.token for row in PROFILES}
    assert [each["href"] for each in links if each["rel"] == "describedby"] == ["/dataset"]


def test_json_ld_offers_no_other_json_ld(app: FastAPI) -> None:
    """A reader such as rdflib's would take it for the document itself."""
    for path in (f"/data/{PROGRAM}.jsonld", f"/data/{PROGRAM}.jsonld?_profile=minimal"):
        links = read_links(get(app, path, "*/*").headers["link"])
        offered = [
            each["href"] for each in links if each["rel"] == "alternate" and each["type"] == "application/ld+json"
        ]
        assert offered == [path]


def test_all_representations_are_listed_on_request(app: FastAPI) -> None:
    answer = get(app, f"/data/{PROGRAM}.nt?_profile=all", "*/*")
    assert answer.headers["content-profile"] == "<http://www.w3.org/ns/dx/connegp/altr>"
    store = Store()
    store.load(answer.content, RdfFormat.N_TRIPLES)
    altr = "http://www.w3.org/ns/dx/connegp/altr#"
    thing = NamedNode(f"{BASE}id/{PROGRAM}")
    found = {
        str(quad.object.value)  # type: ignore[union-attr]
        for name in ("hasRepresentation", "hasDefaultRepresentation")
        for quad in store.quads_for_pattern(thing, NamedNode(altr + name), None)
    }
    assert len(found) == len(GRAPHS) * len(PROFILES) + 1
    for iri in sorted(found)[::5]:
        assert get(app, iri.removeprefix(BASE.rstrip("/")), "*/*").status_code == 200
    (default,) = store.quads_for_pattern(thing, NamedNode(altr + "hasDefaultRepresentation"), None)
    assert default.object == NamedNode(f"{BASE}data/{PROGRAM}.ttl")


@pytest.mark.parametrize("path", ["/profile", "/profile/minimal", "/profile/minimal.ttl"])
def test_a_profile_can_be_looked_up(app: FastAPI, path: str) -> None:
    answer = get(app, path, "text/turtle")
    described = {quad.subject.value for quad in parse(answer.content, format=RdfFormat.TURTLE)}
    assert described == ({row.iri(BASE) for row in PROFILES} if path == "/profile" else {MINIMAL})
    assert get(app, "/profile/unheard-of", "text/turtle").status_code == 404


IRIS = [row.iri(BASE) for row in PROFILES]
WEIGHTS = ["", ";q=1", ";q=0.5", "; Q=0.25", ";q=0", ";q=0.000"]
elements = st.builds(
    lambda iri, weight: (f"<{iri}>{weight}", iri, float(weight.lower().partition("q=")[2] or 1)),
    st.sampled_from([*IRIS, "urn:x:unheard-of"]),
    st.sampled_from(WEIGHTS),
)


@given(st.lists(elements, max_size=6))
def test_the_best_liked_profile_wins_and_our_order_breaks_ties(parts: list[tuple[str, str, float]]) -> None:
    chosen, named = choose_profile(BASE, None, ", ".join(text for text, _, _ in parts))
    weights = {iri: max(weight for _, name, weight in parts if name == iri) for _, iri, _ in parts}
    known = {iri: weight for iri, weight in weights.items() if iri in IRIS}
    best = max(known.values(), default=0)
    if best > 0:
        assert named and chosen.iri(BASE) == next(iri for iri in IRIS if known.get(iri) == best)
    elif len(known) < len(IRIS):
        assert not named and chosen.iri(BASE) == next(iri for iri in IRIS if iri not in known)
    else:
        assert not named and chosen is DEFAULT


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_wish_for_a_profile_is_read(header: str, token: str) -> None:
    chosen, _ = choose_profile(BASE, token, header)
    assert chosen in PROFILES
