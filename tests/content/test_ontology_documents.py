"""What ontology/README.md says of the ontology is so."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.terms import OWL, RDFS
from graph_builder.vocabulary import Vocabulary, read_vocabulary
from tests.content.ontology_table import README, files, table, with_table

PREFIXES = prefix_map()
TEXT = README.read_text(encoding="utf-8")
GUIDE = re.findall(r"^\| [^|]+\? \| ([^|]+) \|", TEXT, re.MULTILINE)
MENTIONED = sorted(set(re.findall(r"`((?:(?:kip|owl|rdfs|skos|schema|dct):)?[A-Za-z]+)`", TEXT)) - {"org"})


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return read_vocabulary(CHECKOUT.vocabulary_files(), PREFIXES, CHECKOUT.root)


def test_the_table_of_properties_is_that_of_the_ontology() -> None:
    assert table(TEXT) in TEXT, "run: python -m tests.content.ontology_table"


def test_the_table_has_a_row_for_each_property_and_one_only(vocabulary: Vocabulary) -> None:
    own = {name for name, each in vocabulary.properties.items() if each.iri.startswith(PREFIXES.expand("kip:"))}
    assert sorted(re.findall(r"^\| `(\w+)` \|", table(TEXT), re.MULTILINE)) == sorted(own)
    assert len(own) > 100


def test_no_two_properties_have_one_name() -> None:
    rows = re.findall(r"^\| `(\w+)` \|[^|]+\| ([^|]+) \| ([^|]+) \|", table(TEXT), re.MULTILINE)
    assert len(rows) > 100
    for column in (1, 2):
        assert [name for name, count in Counter(row[column] for row in rows).items() if count > 1] == []


def test_an_outdated_table_is_replaced_and_nothing_else() -> None:
    row = next(line for line in table(TEXT).splitlines(keepends=True) if line.startswith("| `revises`"))
    outdated = TEXT.replace(
        row, "| `revises` | Target → Program | 고친다 | mends | S |\n| `gone` | A → B | 가 | gone | |\n"
    )
    assert table(TEXT) not in outdated
    assert with_table(outdated) == with_table(TEXT) == TEXT


def test_every_file_of_the_ontology_is_listed() -> None:
    listed = {*files(TEXT), *re.findall(r"^\| `(schemes|rules)/", TEXT, re.MULTILINE)}
    assert listed == {path.name for path in CHECKOUT.ontology.iterdir()} - {"README.md"}


def test_the_guide_leads_to_classes(vocabulary: Vocabulary) -> None:
    named = [re.findall(r"`([A-Z]\w+)`", answer) for answer in GUIDE]
    assert len([names for names in named if names]) >= 10
    assert {name for names in named for name in names} <= vocabulary.classes.keys()


@pytest.mark.parametrize("term", MENTIONED)
def test_a_term_that_is_mentioned_is_declared(term: str, vocabulary: Vocabulary) -> None:
    iri = PREFIXES.expand(term if ":" in term else f"kip:{term}")
    assert iri in vocabulary.iris or iri.startswith((OWL, RDFS))


def test_the_change_log_begins_with_the_version_of_the_ontology(vocabulary: Vocabulary) -> None:
    version = vocabulary.objects(PREFIXES.expand("kip:"), OWL + "versionInfo")
    assert re.findall(r"^## Change log\n\n\*\*([0-9.]+)\*\* \(", TEXT, re.MULTILINE) == version
    assert vocabulary.objects(PREFIXES.expand("kip:"), OWL + "versionIRI") == [PREFIXES.expand(f"kip:{version[0]}/")]
