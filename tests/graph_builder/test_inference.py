"""Rules add what follows, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from graph_builder.errors import RuleError
from graph_builder.inference import Rule, derive, infer, read_rules
from graph_builder.prefixes import PrefixMap
from graph_builder.project import CHECKOUT
from graph_builder.vocabulary import read_vocabulary


@pytest.fixture(scope="session")
def vocabulary_triples(prefixes: PrefixMap) -> frozenset[Triple]:
    return read_vocabulary(CHECKOUT.vocabulary_files(), prefixes, CHECKOUT.root).triples


def _triples(turtle: str, prefixes: PrefixMap) -> set[Triple]:
    header = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes.prefixes.items())
    return {quad.triple for quad in parse(header + turtle, format=RdfFormat.TURTLE)}


def _follows(facts: str, vocabulary: frozenset[Triple], prefixes: PrefixMap) -> set[Triple]:
    return infer(_triples(facts, prefixes) | vocabulary, read_rules(CHECKOUT.rules, prefixes))


CASES = [
    ("inverse", "target:a kip:targetOf program:b .", "program:b kip:hasTarget target:a ."),
    (
        "sector upward through parts and broader sectors",
        "measure:a kip:directPartOf policy:b ; kip:hasSector sector:foundry .",
        "policy:b kip:coversSector sector:semiconductors , sector:manufacturing .",
    ),
    (
        "sector through implementation",
        "program:a kip:implements policy:b ; kip:hasSector sector:shipbuilding .",
        "policy:b kip:coversSector sector:shipbuilding .",
    ),
    (
        "whole tree in one hop",
        "measure:a kip:directPartOf direction:b . direction:b kip:directPartOf policy:c .",
        "measure:a kip:partOf policy:c . policy:c kip:hasPart measure:a .",
    ),
    (
        "whole history in one hop",
        "target:c kip:revises target:b . target:b kip:revises target:a .",
        "target:c kip:earlierVersion target:a .",
    ),
    (
        "succession",
        "org:a kip:directSuccessor org:b . org:b kip:directSuccessor org:c .",
        "org:a kip:hasSuccessor org:c . org:c kip:hasPredecessor org:a .",
    ),
    (
        "posts and bodies that a person served in",
        "tenure:t kip:post post:p ; w3org:member person:x . post:p w3org:postIn org:m . org:m a kip:Ministry .",
        "person:x kip:everHeldPost post:p ; kip:everServedIn org:m ; a kip:Official .",
    ),
    (
        "roles are involvement",
        "program:p kip:leadMinistry org:m .",
        "org:m kip:involvedIn program:p .",
    ),
    ("superclass", "policy:p a kip:Strategy .", "policy:p a kip:Policy , kip:PolicyElement ."),
    (
        "two values of a property that has but one",
        """statement:a rdf:subject tenure:t ; rdf:predicate kip:startDate ; rdf:object "2018-09-21"^^xsd:date .
        statement:b rdf:subject tenure:t ; rdf:predicate kip:startDate ; rdf:object "2018-09-27"^^xsd:date .""",
        "statement:a kip:conflictsWith statement:b . statement:b kip:conflictsWith statement:a .",
    ),
    ("symmetry", "target:a kip:conflictsWith target:b .", "target:b kip:conflictsWith target:a ."),
]


@pytest.mark.parametrize(("facts", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_follows_is_added(
    facts: str, expected: str, vocabulary_triples: frozenset[Triple], prefixes: PrefixMap
) -> None:
    missing = _triples(expected, prefixes) - _follows(facts, vocabulary_triples, prefixes)
    assert not missing


def test_a_programme_does_not_inherit_the_sectors_of_its_policy(
    vocabulary_triples: frozenset[Triple], prefixes: PrefixMap
) -> None:
    facts = "program:a kip:directPartOf policy:b . policy:b kip:hasSector sector:shipbuilding ."
    subject = NamedNode(prefixes.expand("program:a"))
    covers = NamedNode(prefixes.expand("kip:coversSector"))
    found = _follows(facts, vocabulary_triples, prefixes)
    assert [triple for triple in found if triple.subject == subject and triple.predicate == covers] == []


def test_what_follows_is_told_by_the_rules_that_give_it(
    vocabulary_triples: frozenset[Triple], prefixes: PrefixMap
) -> None:
    facts = _triples("program:p kip:leadMinistry org:m . target:a kip:revises target:b .", prefixes)
    rules = read_rules(CHECKOUT.rules, prefixes)
    derived = derive(facts | vocabulary_triples, rules)
    assert list(derived) == [rule.name for rule in rules]
    assert infer(set().union(facts, vocabulary_triples, *derived.values()), rules) == set(), "nothing more follows"
    (involves,) = _triples("program:p kip:involvesOrganization org:m .", prefixes)
    (involved,) = _triples("org:m kip:involvedIn program:p .", prefixes)
    assert involves in derived["11-superproperty"]
    assert involved in derived["12-inverse"]
    assert involves not in derived["20-official"]


def test_a_triple_that_two_rules_give_is_told_by_both() -> None:
    start = Triple(NamedNode("urn:a"), NamedNode("urn:p"), NamedNode("urn:b"))
    rules = [Rule(name, f"CONSTRUCT {{ ?a <urn:q> ?b }} WHERE {{ ?a <urn:p> ?b }} # {name}") for name in ("x", "y")]
    expected = {Triple(start.subject, NamedNode("urn:q"), start.object)}
    assert derive([start], rules) == {"x": expected, "y": expected}


def test_a_rule_says_what_it_means_in_both_languages(prefixes: PrefixMap) -> None:
    meanings = {rule.name: rule.meaning for rule in read_rules(CHECKOUT.rules, prefixes)}
    assert meanings["13-symmetric"] == {
        "ko": "대칭 속성은 양쪽 방향으로 성립한다(OWL 2 RL, prp-symp).",
        "en": "A symmetric property holds both ways (OWL 2 RL, prp-symp).",
    }


def test_a_rule_that_says_its_meaning_in_one_language_is_refused(tmp_path: Path, prefixes: PrefixMap) -> None:
    (tmp_path / "10-copy.rq").write_text("#+ en: It is copied.\nCONSTRUCT { ?a ?p ?b } WHERE { ?a ?p ?b }\n", "utf-8")
    with pytest.raises(RuleError, match=r"#\+ ko: "):
        read_rules(tmp_path, prefixes)


NO_CONFLICTS = [
    ("another thing", "tenure:u", "kip:startDate", "2018-09-27"),
    ("another property", "tenure:t", "kip:endDate", "2018-09-27"),
    ("a property of many values", "tenure:t", "kip:attestedOn", "2018-09-27"),
    ("the same value", "tenure:t", "kip:startDate", "2018-09-21"),
]


@pytest.mark.parametrize(("subject", "predicate", "value"), [case[1:] for case in NO_CONFLICTS])
def test_other_values_do_not_conflict(
    subject: str, predicate: str, value: str, vocabulary_triples: frozenset[Triple], prefixes: PrefixMap
) -> None:
    held = predicate if predicate == "kip:attestedOn" else "kip:startDate"
    facts = f"""
    statement:a rdf:subject tenure:t ; rdf:predicate {held} ; rdf:object "2018-09-21"^^xsd:date .
    statement:b rdf:subject {subject} ; rdf:predicate {predicate} ; rdf:object "{value}"^^xsd:date ."""
    conflicts = NamedNode(prefixes.expand("kip:conflictsWith"))
    assert [t for t in _follows(facts, vocabulary_triples, prefixes) if t.predicate == conflicts] == []


REVISIONS = [
    (30000, "2022-12-31", 20000, "2022-12-31", "raised"),
    (10000, "2022-12-31", 20000, "2022-12-31", "lowered"),
    (30000, "2022-12-31", 30000, "2025-12-31", "accelerated"),
    (30000, "2026-12-31", 30000, "2025-12-31", "delayed"),
    (20000, "2022-12-31", 30000, "2025-12-31", "lowered-and-accelerated"),
    (40000, "2026-12-31", 30000, "2025-12-31", "raised-and-delayed"),
    (30000, "2025-12-31", 30000, "2025-12-31", None),
]


@pytest.mark.parametrize(("value", "due", "earlier_value", "earlier_due", "expected"), REVISIONS)
def test_the_kind_of_a_revision_follows_from_value_and_deadline(
    value: int,
    due: str,
    earlier_value: int,
    earlier_due: str,
    expected: str | None,
    vocabulary_triples: frozenset[Triple],
    prefixes: PrefixMap,
) -> None:
    facts = f"""
    target:new kip:revises target:old ; kip:deadline "{due}"^^xsd:date ; kip:value value:n .
    target:old kip:deadline "{earlier_due}"^^xsd:date ; kip:value value:o .
    value:n kip:numericValue {value}.0 . value:o kip:numericValue {earlier_value}.0 ."""
    predicate = NamedNode(prefixes.expand("kip:revisionType"))
    found = {t.object for t in _follows(facts, vocabulary_triples, prefixes) if t.predicate == predicate}
    assert found == ({NamedNode(prefixes.expand(f"revision-type:{expected}"))} if expected else set())


def test_a_target_was_set_during_the_administration_of_its_day(
    vocabulary_triples: frozenset[Triple], prefixes: PrefixMap
) -> None:
    facts = """
    target:a a kip:Target ; kip:announcedIn event:e . event:e kip:eventDate "2017-04-20"^^xsd:date .
    administration:one a kip:Administration ; kip:startDate "2013-02-25"^^xsd:date ;
      kip:endDate "2017-05-09"^^xsd:date .
    administration:two a kip:Administration ; kip:startDate "2017-05-10"^^xsd:date ."""
    predicate = NamedNode(prefixes.expand("kip:setDuring"))
    found = {t.object for t in _follows(facts, vocabulary_triples, prefixes) if t.predicate == predicate}
    assert found == {NamedNode(prefixes.expand("administration:one"))}


def test_a_rule_that_is_no_construct_query_is_named() -> None:
    with pytest.raises(RuleError, match=r"ontology/rules/wrong\.rq: not a CONSTRUCT query"):
        infer([], [Rule("wrong", "SELECT * { ?s ?p ?o }")])


def test_a_rule_that_cannot_be_parsed_is_named() -> None:
    with pytest.raises(RuleError, match=r"ontology/rules/wrong\.rq: "):
        infer([], [Rule("wrong", "CONSTRUCT {")])


def test_rules_that_never_end_are_stopped() -> None:
    start = Triple(NamedNode("urn:0"), NamedNode("urn:next"), NamedNode("urn:1"))
    rule = Rule(
        "endless",
        "CONSTRUCT { ?b <urn:next> ?c } WHERE { ?a <urn:next> ?b BIND(IRI(CONCAT(STR(?b), '1')) AS ?c) }",
    )
    with pytest.raises(RuleError, match="do not come to an end"):
        infer([start], [rule])


def test_every_rule_says_what_it_is_for(prefixes: PrefixMap) -> None:
    files = sorted(Path(CHECKOUT.rules).glob("*.rq"))
    assert len(files) >= 8
    assert [path.name for path in files if not path.read_text("utf-8").startswith("#+ ")] == []
