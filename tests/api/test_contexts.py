"""The served JSON-LD context: what is compacted with it expands to the graph that it was."""

from __future__ import annotations

import orjson
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from pyoxigraph import serialize as write
from rdflib import Graph
from rdflib.compare import isomorphic

from api.descriptions.contexts import Context
from api.descriptions.profiles import PROFILES
from api.engine.results import Term
from graph_builder.prefixes import prefix_map
from tests.api.site import get, inlined, site

# rdflib reads JSON-LD into a class of its own that it deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
NAMES = prefix_map()
THINGS = [
    "/data/program/smart-factory-rollout",
    "/data/target/sf-30000-2022",
    "/data/article/2020-01-03-plan",
    "/data/statement/1111111111111111",
    "/scheme/sector/manufacturing",
]


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


@pytest.mark.parametrize("path", THINGS)
@pytest.mark.parametrize("profile", [row.token for row in PROFILES])
def test_expanding_gives_the_same_graph(app: FastAPI, path: str, profile: str) -> None:
    answer = get(app, f"{path}.jsonld?_profile={profile}", "*/*")
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.json()["@context"] == "/context.jsonld"
    assert answer.json()["id"].startswith(NAMES.base)
    triples = Graph().parse(data=get(app, f"{path}.nt?_profile={profile}", "*/*").text, format="nt")
    assert isomorphic(Graph().parse(data=inlined(app, answer), format="json-ld"), triples)
    assert len(triples) > 1


def test_a_reader_finds_plain_names(app: FastAPI) -> None:
    document = get(app, "/data/target/sf-30000-2022.jsonld", "*/*").json()
    assert document["type"] == "Target"
    assert document["label"] == {"ko": "2022년까지 3만개", "en": "30,000 by 2022"}
    assert document["targetOf"] == f"{NAMES.base}id/program/smart-factory-rollout"
    selector = next(each for each in document["included"] if "/selector/" in each["id"])
    starts = [value for name, value in selector.items() if name.endswith("start")]
    assert starts and all(str(each if isinstance(each, int) else each["@value"]).isdigit() for each in starts)


def test_the_context_is_that_of_the_ontology(app: FastAPI) -> None:
    answer = get(app, "/context.jsonld", None)
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    terms = answer.json()["@context"]
    assert terms["hasSector"] == {"@id": "kip:hasSector", "@type": "@id"}
    assert terms["Program"] == "kip:Program"
    assert terms["label"] == {"@id": "rdfs:label", "@container": "@language"}
    assert terms["kip"] == NAMES.expand("kip:")


def test_json_ld_without_a_context_is_there_on_request(app: FastAPI) -> None:
    wanted = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"'
    answer = get(app, "/data/target/sf-30000-2022", wanted)
    assert isinstance(answer.json(), list)
    own = {quad.triple for quad in parse(answer.content, format=RdfFormat.JSON_LD)}
    plain = get(app, "/data/target/sf-30000-2022.nt", "*/*").content
    assert own == {quad.triple for quad in parse(plain, format=RdfFormat.N_TRIPLES)}


def rows(*facts: tuple[str, str, str]) -> list[dict[str, Term]]:
    return [{name: Term("iri", NAMES.expand(curie)) for name, curie in zip("spo", fact, strict=True)} for fact in facts]


CONTEXT = Context(
    rows(
        ("kip:hasSector", "rdf:type", "owl:ObjectProperty"),
        ("kip:deadline", "rdf:type", "owl:DatatypeProperty"),
        ("kip:deadline", "schema:rangeIncludes", "xsd:date"),
        ("kip:position", "rdf:type", "owl:DatatypeProperty"),
        ("kip:position", "schema:rangeIncludes", "xsd:integer"),
        ("kip:slogan", "rdf:type", "owl:DatatypeProperty"),
        ("kip:slogan", "schema:rangeIncludes", "rdf:langString"),
        ("kip:Program", "rdf:type", "owl:Class"),
    ),
    NAMES,
)
PREDICATES = ["kip:hasSector", "kip:deadline", "kip:position", "kip:slogan", "rdfs:label", "rdf:type", "skos:note"]
iris = st.sampled_from(["org:a", "kip:Program", "sector:b", "xsd:date"]).map(lambda c: NamedNode(NAMES.expand(c)))
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=5)
literals = st.one_of(
    texts.map(Literal),
    st.builds(lambda text, tag: Literal(text, language=tag), texts, st.sampled_from(["ko", "en", "en-gb"])),
    st.builds(
        lambda text, curie: Literal(text, datatype=NamedNode(NAMES.expand(curie))),
        st.sampled_from(["2020-01-01", "7", "007", "-3", "true", "1.50", "x"]),
        st.sampled_from(["xsd:date", "xsd:integer", "xsd:boolean", "xsd:decimal"]),
    ),
)
triples = st.builds(
    lambda s, p, o: Triple(s, NamedNode(NAMES.expand(p)), o),
    iris,
    st.sampled_from(PREDICATES),
    st.one_of(iris, literals),
)


@given(st.sets(triples, max_size=12))
def test_any_graph_survives(graph: set[Triple]) -> None:
    document = CONTEXT.compacted(graph, NAMES.expand("org:a"), "")
    document["@context"] = CONTEXT.document["@context"]
    found = {quad.triple for quad in parse(orjson.dumps(document), format=RdfFormat.JSON_LD)}
    assert found == graph, write(graph, format=RdfFormat.N_TRIPLES)
