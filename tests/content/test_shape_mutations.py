"""Each fault put into the real graph is found by the shape meant for it; without them the graph conforms."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, QuerySolutions, RdfFormat, Store, parse

from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.validation import Report, read_shapes, validate

PREFIXES = prefix_map("https://w3id.org/kip/")
LONG = "가나다라마바사아자차" * 4 + "카"


@dataclass(frozen=True)
class Mutation:
    """A fault: around the first node that matches, `delete` goes and `insert` comes; that node must be reported."""

    name: str
    shape: str
    node: str
    around: str = ""
    delete: str = ""
    insert: str = ""

    @property
    def first(self) -> str:
        """The node, as a query."""
        pattern = self.node if "?node" in self.node else f"BIND({self.node} AS ?node)"
        return f"SELECT ?node WHERE {{ {pattern} }} ORDER BY ?node LIMIT 1"

    @property
    def place(self) -> str:
        """Where the change is made, as a group graph pattern."""
        return f"{{ {{ {self.first} }} {self.around} }}"

    @property
    def update(self) -> str:
        """The change, as SPARQL Update."""
        return f"DELETE {{ {self.delete} }} INSERT {{ {self.insert} }} WHERE {self.place}"


def dropped(name: str, shape: str, node: str, predicate: str) -> Mutation:
    """A node without any value of a property."""
    triple = f"?node {predicate} ?dropped"
    return Mutation(name, shape, node, triple, delete=triple)


def added(name: str, shape: str, node: str, triples: str) -> Mutation:
    """Further triples about a node."""
    return Mutation(name, shape, node, insert=triples)


def replaced(name: str, shape: str, node: str, predicate: str, value: str) -> Mutation:
    """Another value of a property."""
    triple = f"?node {predicate} ?old"
    return Mutation(name, shape, node, triple, delete=triple, insert=f"?node {predicate} {value}")


def stated(subject: str, predicate: str, value: str) -> str:
    """The pattern of the statement of a triple."""
    return f"?node rdf:subject {subject} ; rdf:predicate {predicate} ; rdf:object {value}"


def value_of(thing: str) -> str:
    """The pattern of the figure of a thing."""
    return f"{thing} kip:value ?node"


SPAN = "article:2017-04-20-smart-factory-30000 ^kip:snapshotOf/^oa:hasSource ?node"
MUTATIONS = [
    # Evidence and statements
    dropped("target without evidence", "NaryHasEvidence-evidence", "target:sf-2020-30000-by-2022", "kip:evidence"),
    dropped("event without evidence", "NaryHasEvidence-evidence", "event:2020-01-03-mss-open-meeting", "kip:evidence"),
    dropped(
        "statement without evidence",
        "Statement-evidence",
        stated("program:industrial-dx", "kip:hasSector", "sector:shipbuilding"),
        "kip:evidence",
    ),
    added(
        "triple without statement",
        "DirectTripleHasStatement",
        "program:ai-factory",
        "?node kip:hasSector sector:steel",
    ),
    Mutation(
        "statement without its triple",
        "StatementHasTriple",
        stated("program:industrial-dx", "kip:hasSector", "sector:electronics"),
        delete="program:industrial-dx kip:hasSector sector:electronics",
    ),
    replaced(
        "more than certain",
        "Statement-confidence",
        "?node a kip:Statement ; kip:confidence ?sure",
        "kip:confidence",
        "7.0",
    ),
    Mutation(
        "span beyond the text",
        "EvidenceWithinText",
        SPAN,
        "?node oa:hasSelector ?s . ?s oa:end ?end",
        "?s oa:end ?end",
        "?s oa:end 999999",
    ),
    Mutation(
        "span that ends where it starts",
        "TextPositionSelector-start-before-end",
        "article:2020-01-03-mss-new-year-plan ^kip:snapshotOf/^oa:hasSource/oa:hasSelector ?node",
        "?node oa:start ?start ; oa:end ?end",
        "?node oa:end ?end",
        "?node oa:end ?start",
    ),
    replaced(
        "hash cut short",
        "Evidence-spanHash",
        "article:2020-05-06-post-corona-strategy ^kip:snapshotOf/^oa:hasSource ?node",
        "kip:spanHash",
        '"0123abcd"',
    ),
    dropped(
        "evidence from nowhere",
        "Evidence-hasSource",
        "article:2025-12-17-motir-work-plan ^kip:snapshotOf/^oa:hasSource ?node",
        "oa:hasSource",
    ),
    added(
        "context source with a span",
        "Evidence",
        "?source a kip:ContextSource . ?node oa:hasSource ?source",
        f'?node kip:spanHash "{"0" * 64}"',
    ),
    replaced("snapshot hash cut short", "TextSnapshot-sha256", "?node a kip:TextSnapshot", "kip:sha256", '"0123"'),
    replaced(
        "issue that quotes a sentence",
        "SourceIssue-issueText",
        "?node a kip:SourceIssue ; kip:issueText ?text",
        "kip:issueText",
        f'"{LONG}"@ko',
    ),
    Mutation(
        "quotation from nobody",
        "QuotationHasSpeaker",
        "?node a kip:Statement ; kip:claimType claim:quotation ; kip:attributedTo ?who",
        "?node kip:attributedTo ?speaker",
        "?node kip:attributedTo ?speaker",
    ),
    dropped(
        "rank without a reason",
        "RankHasReason",
        "?node a kip:Statement ; kip:rank rank:preferred",
        "kip:rankReason",
    ),
    # Dates
    replaced(
        "target due in the year 20934",
        "Target-deadline",
        "target:sf-2017-30000-by-2025",
        "kip:deadline",
        '"20934-12-31"^^xsd:date',
    ),
    added(
        "fiscal year 20934", "Period-fiscalYearEnd", "?node a kip:Period", '?node kip:fiscalYearEnd "20934"^^xsd:gYear'
    ),
    Mutation(
        "start and end swapped",
        "Tenure-start-before-end",
        "tenure:moon-sung-wook-motie-minister",
        "?node kip:startDate ?start ; kip:endDate ?end",
        "?node kip:startDate ?start ; kip:endDate ?end",
        "?node kip:startDate ?end ; kip:endDate ?start",
    ),
    replaced(
        "target due before it was announced",
        "DeadlineAfterAnnouncement",
        "target:sf-2020-30000-by-2022",
        "kip:deadline",
        '"2019-12-31"^^xsd:date',
    ),
    dropped(
        "date of unknown precision",
        "DateHasPrecision",
        "event:2020-10-28-dx-alliance-launch",
        "kip:datePrecision",
    ),
    added(
        "attested after the end",
        "AttestedWithinTenure-before-end",
        "tenure:hong-jong-haak-mss-minister",
        '?node kip:attestedOn "2023-01-01"^^xsd:date',
    ),
    # Numbers and money
    Mutation(
        "guarantee ten times too large",
        "PartsWithinTotal",
        "commitment:dx-total-2025",
        "commitment:dx-guarantee kip:value ?value . ?value kip:numericValue ?number",
        "?value kip:numericValue ?number",
        "?value kip:numericValue 15000000000000.0",
    ),
    dropped(
        "money without currency", "MonetaryAmount-currency", value_of("commitment:dx-shinhan-loan"), "kip:currency"
    ),
    dropped("quantity without unit", "QuantityValue", value_of("target:sf-2018-20000-by-2022"), "kip:unit"),
    replaced(
        "figure that quotes a sentence",
        "StatedValue-statedText",
        value_of("target:sf-2018-30000-by-2022"),
        "kip:statedText",
        f'"{LONG}"@ko',
    ),
    Mutation(
        "numeric target without number",
        "NumericTarget",
        "target:sf-2014-10000-by-2020",
        "?node kip:value ?value . ?value kip:numericValue ?number",
        "?value kip:numericValue ?number",
    ),
    # Targets
    added(
        "target with two indicators",
        "Target-indicator",
        "target:unicorns-20-in-2022",
        "?node kip:indicator indicator:smart-factories",
    ),
    added(
        "target that revises another indicator",
        "RevisesSameIndicator",
        "target:sf-2020-30000-by-2022",
        "?node kip:revises target:unicorns-20-by-2021",
    ),
    added(
        "target that revises a later one",
        "RevisesEarlier",
        "target:sf-2017-20000-by-2020",
        "?node kip:revises target:sf-2018-20000-by-2022",
    ),
    added(
        "target that restates another value",
        "RestatesSameValue",
        "target:sf-2018-30000-by-2022",
        "?node kip:restates target:sf-2018-20000-by-2022",
    ),
    # People and organisations
    Mutation(
        "person in the place of a ministry",
        "PolicyElement-leadMinistry",
        "program:smart-factory-rollout",
        "?node kip:leadMinistry ?ministry",
        "?node kip:leadMinistry ?ministry",
        "?node kip:leadMinistry person:park-young-sun",
    ),
    added(
        "person in the place of a host",
        "PolicyEvent-host",
        "event:2017-04-20-sme-meeting",
        "?node kip:host person:joo-hyung-hwan",
    ),
    added(
        "tenure of two people",
        "Tenure-member",
        "tenure:lee-young-mss-minister",
        "?node w3org:member person:park-young-sun",
    ),
    added("alliance that is a programme", "OneKind", "org:max-alliance", "?node a kip:Program , kip:PolicyElement"),
    added(
        "ministry before its time",
        "LeadMinistryExisted",
        "program:industrial-dx",
        "?node kip:leadMinistry org:motir-2025",
    ),
    added(
        "planned agreement already signed",
        "PlannedAgreementUnsigned",
        "agreement:dx-financial-support-mou",
        "?node kip:signedBy person:sung-yun-mo",
    ),
    dropped("request of nobody", "PolicyRequest-proposedBy", "?node a kip:PolicyRequest", "kip:proposedBy"),
    # Order
    added(
        "cycle of parts",
        "DirectPartOfAcyclic",
        "policy:korean-new-deal",
        "?node kip:directPartOf policy:digital-industrial-innovation-strategy",
    ),
    added(
        "cycle of successors",
        "DirectSuccessorAcyclic",
        "org:motir-2025",
        "?node kip:directSuccessor org:motie-2013",
    ),
    added("cycle of sectors", "BroaderAcyclic", "sector:manufacturing", "?node skos:broader sector:shipbuilding"),
    # Names and terms
    Mutation(
        "missing English label",
        "Named-English-label",
        "program:k-unicorn",
        '?node rdfs:label ?label FILTER(LANG(?label) = "en")',
        "?node rdfs:label ?label",
    ),
    Mutation(
        "missing Korean label",
        "Named-Korean-label",
        "org:kbiz",
        '?node rdfs:label ?label FILTER(LANG(?label) = "ko")',
        "?node rdfs:label ?label",
    ),
    added("two English labels", "Named-label", "org:kcci", '?node rdfs:label "Another chamber"@en'),
    added("concept of another scheme", "ValueFromScheme", "claim:plan", "program:max kip:status ?node"),
    added("property that is not declared", "DeclaredTerm", "kip:budgetSize", "program:max ?node 5"),
    added(
        "property on a wrong subject", "PropertyOnItsDomain", "place:seoul", "?node kip:indicator indicator:unicorns"
    ),
]


@dataclass(frozen=True)
class Mutated:
    """The nodes that the mutations touched, by name, and the report on the graph that they left."""

    nodes: dict[str, str]
    report: Report


@pytest.fixture(scope="module")
def mutated(release: Path) -> Mutated:
    store = Store()
    quads = parse(path=str(release / "dataset.nq"), format=RdfFormat.N_QUADS)
    store.bulk_extend(quad for quad in quads if isinstance(quad.graph_name, DefaultGraph))
    nodes = {mutation.name: apply(mutation, store) for mutation in MUTATIONS}
    ontology = CHECKOUT.shapes / "ontology.ttl"
    files = [path for path in sorted(CHECKOUT.shapes.glob("*.ttl")) if path != ontology]
    triples = [quad.triple for quad in store]
    return Mutated(nodes, validate(triples, read_shapes(files, PREFIXES, CHECKOUT.root), PREFIXES))


def apply(mutation: Mutation, store: Store) -> str:
    """Makes a change and gives the node that it is about."""
    solutions = store.query(mutation.first, prefixes=dict(PREFIXES.prefixes))
    assert isinstance(solutions, QuerySolutions)
    node = next(iter(solutions))["node"]
    assert isinstance(node, NamedNode)
    there = store.query(f"ASK {mutation.place}", prefixes=dict(PREFIXES.prefixes))
    assert there, f"{mutation.name}: nothing to change; name another node"
    store.update(mutation.update, prefixes=dict(PREFIXES.prefixes))
    return PREFIXES.shrink(node.value) or node.value


def test_there_are_at_least_forty_mutations_of_different_names() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 40


def test_the_real_graph_conforms(release: Path) -> None:
    shacl = json.loads((release / "manifest.json").read_text(encoding="utf-8"))["shacl"]
    assert shacl["conforms"] is True
    assert "Violation" not in shacl["results"]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_is_found_by_its_shape(mutation: Mutation, mutated: Mutated) -> None:
    node = mutated.nodes[mutation.name]
    shapes = {result.shape for result in mutated.report.results if node in (result.focus, result.value)}
    assert f"shape:{mutation.shape}" in shapes
