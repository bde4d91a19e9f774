"""The table of properties in ontology/README.md, made from the ontology.

`python -m tests.content.ontology_table` writes it anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from pyoxigraph import Literal, NamedNode

from graph_builder.prefixes import DEFAULT_BASE, PrefixMap, prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.terms import LABEL, SCHEMA
from graph_builder.vocabulary import Vocabulary, read_turtle, read_vocabulary

__all__ = ["README", "files", "rows", "table", "with_table"]

README = CHECKOUT.ontology / "README.md"
HEAD = "| property | from → to | 이름 | name | |\n| --- | --- | --- | --- | --- |\n"
FLAGS = {"requiresStatement": "S", "derived": "D"}


def files(text: str) -> list[str]:
    """The files of the ontology in the order of README's list of them, which is the order of the table."""
    return re.findall(r"^\| `([a-z]+\.ttl)` \|", text, re.MULTILINE)


def rows(text: str) -> Iterator[str]:
    """A row for each object and datatype property, file by file as they stand there."""
    prefixes = prefix_map(DEFAULT_BASE)
    vocabulary = read_vocabulary(CHECKOUT.vocabulary_files(), prefixes, CHECKOUT.root)
    labels = _labels(vocabulary)
    properties = {each.iri for each in vocabulary.properties.values() if each.iri.startswith(prefixes.expand("kip:"))}
    for path in (CHECKOUT.ontology / name for name in files(text)):
        subjects = [triple.subject for triple in read_turtle(path, DEFAULT_BASE, path.name)]
        for iri in dict.fromkeys(each.value for each in subjects if isinstance(each, NamedNode)):
            if iri in properties:
                cells = f"`{iri.rpartition('/')[2]}`", f"{_domain(vocabulary, iri)} → {_range(vocabulary, iri)}"
                names = labels[iri, "ko"], labels[iri, "en"]
                yield f"| {' | '.join((*cells, *names, _flags(vocabulary, iri)))} |\n"


def _labels(vocabulary: Vocabulary) -> Mapping[tuple[str, str | None], str]:
    triples = (triple for triple in vocabulary.triples if triple.predicate == LABEL)
    return {
        (triple.subject.value, triple.object.language): triple.object.value
        for triple in triples
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, Literal)
    }


def _domain(vocabulary: Vocabulary, iri: str) -> str:
    return _names(vocabulary.prefixes, vocabulary.objects(iri, SCHEMA + "domainIncludes"))


def _range(vocabulary: Vocabulary, iri: str) -> str:
    schemes = vocabulary.objects(iri, vocabulary.prefixes.expand("kip:valueScheme"))
    if schemes:
        return ", ".join(f"{scheme.rpartition('/')[2]} concept" for scheme in schemes)
    return _names(vocabulary.prefixes, vocabulary.objects(iri, SCHEMA + "rangeIncludes"))


def _names(prefixes: PrefixMap, iris: list[str]) -> str:
    return ", ".join(sorted((prefixes.shrink(iri) or iri).removeprefix("kip:") for iri in iris))


def _flags(vocabulary: Vocabulary, iri: str) -> str:
    expand = vocabulary.prefixes.expand
    marks = (flag for name, flag in FLAGS.items() if "true" in vocabulary.objects(iri, expand(f"kip:{name}")))
    return ", ".join(marks)


@cache
def table(text: str) -> str:
    """The table for a README."""
    return HEAD + "".join(rows(text))


def with_table(text: str) -> str:
    """The text of README with the table in the place of the one that it has."""
    before, _, after = text.partition(HEAD)
    return before + table(text) + re.sub(r"\A(\|.*\n)+", "", after)


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
