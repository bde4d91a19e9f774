"""What is read off the triples around a thing: facts, evidence, values, names, links, issues."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from pyoxigraph import NamedNode, Quad, Store

from api.dependencies import Served
from api.descriptions.description import SMALL, Description, Fact, RelatedGroup
from api.descriptions.neighbourhood import DateValue, Name, PeriodValue, StatedValue, TextValue, Thing
from api.questions.page_queries import PageQueries
from graph_builder.prefixes import prefix_map
from tests.api.site import StoreExecutor, site

NAMES = prefix_map()
PROGRAM = "program:smart-factory-rollout"


@pytest.fixture
def here() -> Served:
    app = site()
    return Served(app.state.release, app.state.executor, app.state.catalogue)


def described(here: Served, curie: str) -> Description:
    found = asyncio.run(here.describer.describe(NAMES.expand(curie)))
    assert found is not None
    return found


def facts(description: Description, property_: str) -> tuple[Fact, ...]:
    return next(group.facts for group in description.groups if group.property.curie == property_)


def related(here: Served, curie: str) -> dict[tuple[str, str], RelatedGroup]:
    groups = asyncio.run(here.describer.related(NAMES.expand(curie)))
    return {(group.direction, group.property.curie): group for group in groups}


def test_a_thing_has_its_names_its_class_and_its_other_names(here: Served) -> None:
    program = described(here, PROGRAM)
    assert program.thing.name == Name("스마트공장 보급", "Smart factory roll-out")
    assert [each.name.en for each in program.classes] == ["Programme"]
    assert program.other_names == (TextValue("스마트공장 확산", "ko"),)


def test_a_statement_gives_its_fact_all_its_evidence_in_order(here: Served) -> None:
    (fact,) = facts(described(here, PROGRAM), "kip:hasSector")
    places = [(item.source.curie, item.start, item.end, item.outside) for item in fact.evidence]
    assert places == [
        ("article:2017-04-20-meeting", 210, 230, False),
        ("article:2020-01-03-plan", 90, 99, False),
    ]
    assert [item.date for item in fact.evidence] == ["2017-04-20", "2020-01-04"]
    assert fact.evidence[0].outlet == Name("시험일보", "Test Daily")
    assert fact.claim is not None and fact.claim.type is not None
    assert fact.claim.type.name.ko == "계획" and not fact.outside


def test_a_fact_from_outside_the_articles_says_so_with_source_and_qualifiers(here: Served) -> None:
    (fact,) = facts(described(here, PROGRAM), "kip:leadMinistry")
    (item,) = fact.evidence
    assert fact.outside and item.outside and item.start is None
    assert (item.address, item.read, item.outlet.ko) == ("https://example.org/press", "2026-11-20", "정책브리핑")
    assert fact.claim is not None
    assert [each.name.ko for each in fact.claim.by] == ["김장관"]
    assert fact.claim.confidence == "0.8"
    assert fact.claim.rank is not None and fact.claim.rank.name.en == "Deprecated"


def test_a_literal_finds_its_statement_too(here: Served) -> None:
    (fact,) = facts(described(here, PROGRAM), "kip:slogan")
    assert fact.value == TextValue("작지만 강하게 & 빠르게", "ko")
    assert fact.statement == NAMES.expand("statement:3333333333333333")


def test_a_node_with_evidence_of_its_own_lends_it_to_its_plain_facts(here: Served) -> None:
    target = described(here, "target:sf-30000-2022")
    (fact,) = facts(target, "kip:deadline")
    assert [(item.start, item.end) for item in fact.evidence] == [(1836, 1856)]
    assert fact.evidence == target.evidence
    assert target.claim is not None and target.claim.type is not None


def test_dates_come_with_their_precision_and_the_precision_is_no_fact_of_its_own(here: Served) -> None:
    target = described(here, "target:sf-30000-2022")
    assert facts(target, "kip:deadline")[0].value == DateValue("2022-06-30", "half")
    assert "kip:deadlinePrecision" not in {group.property.curie for group in target.groups}


def test_a_number_is_as_printed_and_as_read(here: Served) -> None:
    value = facts(described(here, "commitment:fund"), "kip:value")[0].value
    assert isinstance(value, StatedValue)
    assert (value.text, value.number) == ("2조9000억원 이상", "2900000000000")
    assert value.bound is not None and value.bound.name.ko == "이상"
    assert value.unit is not None and value.unit.name.en == "South Korean won"


def test_a_period_is_its_two_ends(here: Served) -> None:
    value = facts(described(here, PROGRAM), "kip:coversPeriod")[0].value
    assert isinstance(value, PeriodValue)
    assert (value.start, value.end) == (DateValue("2018-01-01", "year"), DateValue("2022-12-31", "year"))


def test_inferred_triples_are_no_facts_but_links(here: Served) -> None:
    program = described(here, PROGRAM)
    assert "kip:coversSector" not in {group.property.curie for group in program.groups}
    group = related(here, PROGRAM)["out", "kip:coversSector"]
    assert group.inferred and [thing.curie for thing, _ in group.things] == ["sector:manufacturing"]


def test_of_a_pair_of_inverse_properties_only_the_asserted_one_is_shown(here: Served) -> None:
    groups = related(here, PROGRAM)
    group = groups["in", "kip:targetOf"]
    assert not group.inferred and group.total == 2
    assert group.inverse is not None and group.inverse.curie == "kip:hasTarget"
    assert ("out", "kip:hasTarget") not in groups


def test_incoming_links_name_what_points_here_and_its_class(here: Served) -> None:
    group = related(here, "org:mss-2017")["in", "kip:provider"]
    assert [(thing.name.en, cls and cls.curie) for thing, cls in group.things] == [
        ("Guarantees", "kip:BudgetCommitment")
    ]


def test_statements_do_not_count_as_links(here: Served) -> None:
    assert not {key for key in related(here, PROGRAM) if key[1].startswith("rdf:")}


def test_a_source_issue_is_told_with_what_is_proposed_and_where(here: Served) -> None:
    (issue,) = described(here, "target:sf-30000-2022").issues
    assert issue.printed.ko == "20222년" and issue.proposed.ko == "2022년" and issue.confidence == "0.9"
    assert issue.basis == Name("다른 보도와 비교", "compared with other reports")
    assert issue.type is not None and issue.type.name.en == "Impossible year"
    assert [(item.start, item.end) for item in issue.evidence] == [(90, 99)]


def test_a_name_that_is_missing_falls_back_on_the_other_language_and_then_on_the_curie(here: Served) -> None:
    assert described(here, "org:only-korean").thing.name.first("en") == "한글만<b>"
    assert described(here, "snapshot:aaaaaaaaaaaa").thing.name.first("en") == "snapshot:aaaaaaaaaaaa"


def test_a_statement_is_named_by_its_parts(here: Served) -> None:
    statement = described(here, "statement:1111111111111111").thing
    assert statement.name == Name(
        "스마트공장 보급 – 산업 분야 – 제조업", "Smart factory roll-out – has sector – Manufacturing"
    )
    things = related(here, "person:speaker-one")["in", "kip:attributedTo"].things
    assert [thing.name.ko for thing, _ in things] == ["스마트공장 보급 – 주관 부처 – 중소벤처기업부"]


def test_nothing_is_said_of_an_iri_that_is_only_pointed_at(here: Served) -> None:
    assert asyncio.run(here.describer.describe(NAMES.expand("program:no-such-thing"))) is None


def test_an_iri_that_is_none_is_refused_before_any_query(here: Served) -> None:
    assert isinstance(here.executor, StoreExecutor)
    with pytest.raises(ValueError, match="IRI"):
        asyncio.run(here.describer.describe("https://w3id.org/kip/id/program/a> ?p ?o } #"))
    assert not here.executor.asked


@pytest.fixture
def crowded(here: Served) -> Iterator[Served]:
    """Sixty measures that one ministry leads."""
    assert isinstance(here.executor, StoreExecutor)
    store: Store = here.executor.store
    for number in range(60):
        subject = NamedNode(NAMES.expand(f"measure:number-{number:02d}"))
        store.add(Quad(subject, NamedNode(NAMES.expand("kip:leadMinistry")), NamedNode(NAMES.expand("org:mss-2017"))))
    yield here


def test_a_large_group_is_counted_and_left_to_its_own_pages(crowded: Served) -> None:
    group = related(crowded, "org:mss-2017")["in", "kip:leadMinistry"]
    assert group.total == 61 > SMALL and not group.things
    iri, property_ = NAMES.expand("org:mss-2017"), NAMES.expand("kip:leadMinistry")
    (first,) = asyncio.run(crowded.describer.linked(iri, "in", property_, 50, 0))
    (second,) = asyncio.run(crowded.describer.linked(iri, "in", property_, 50, 50))
    assert (len(first.things), len(second.things), first.total) == (50, 11, 61)
    assert not {thing.iri for thing, _ in first.things} & {thing.iri for thing, _ in second.things}


def test_a_page_of_a_thing_takes_few_queries_however_much_is_linked(crowded: Served) -> None:
    assert isinstance(crowded.executor, StoreExecutor)
    described(crowded, "org:mss-2017")
    related(crowded, "org:mss-2017")
    assert len(crowded.executor.asked) <= 4


def test_the_versions_of_a_target_are_told_from_either_end_and_from_the_programme(here: Served) -> None:
    for curie in ("target:sf-30000-2025", "target:sf-30000-2022", PROGRAM, "indicator:smart-factories"):
        first, second = asyncio.run(here.listings.versions(NAMES.expand(curie)))
        assert (first.day, second.day) == ("2017-04-20", "2020-01-03")
        assert first.deadline == DateValue("2025-12-31", "year")
        assert second.kind is not None and second.kind.name.ko == "앞당김"
        assert isinstance(second.earlier, Thing) and second.earlier.curie == "target:sf-30000-2025"


def test_what_an_article_states_comes_in_the_order_of_its_text(here: Served) -> None:
    rows, total = asyncio.run(here.listings.stated(NAMES.expand("article:2020-01-03-plan"), 100, 0))
    assert total == len(rows) == 6
    assert [row.start for row in rows] == sorted(row.start for row in rows)
    sector = next(row for row in rows if row.property and row.property.curie == "kip:hasSector")
    assert (sector.subject.name.ko, sector.start, sector.end) == ("스마트공장 보급", 90, 99)
    (tail,), _ = asyncio.run(here.listings.stated(NAMES.expand("article:2020-01-03-plan"), 5, 5))
    assert tail == rows[5]


def test_every_page_query_parses_and_has_a_sentence(here: Served) -> None:
    queries = PageQueries("http://example.org/base/")
    assert len(queries.texts) >= 13
    for name, text in queries.texts.items():
        Store().query(text)
        assert text.startswith("# "), name
        assert "w3id.org" not in text, f"{name} is not written for the base of the server"
