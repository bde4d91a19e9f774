"""Spans are found, checked and stamped against the source text."""

from __future__ import annotations

import pytest

from graph_builder.errors import KnowledgeGraphError
from graph_builder.evidence import locate, read_source, stamped, verify
from graph_builder.pipeline import curate
from graph_builder.prefixes import PrefixMap
from tests.graph_builder.conftest import TEXT, SmallProject


def _verify(small: SmallProject, prefixes: PrefixMap) -> tuple[int, list[str]]:
    curated, faults = curate(small.project, prefixes)
    number = sum(verify(document, small.sources, faults) for document in curated.documents)
    return number, [str(fault) for fault in faults]


def test_every_span_of_a_sound_article_is_found(small: SmallProject, prefixes: PrefixMap) -> None:
    assert _verify(small, prefixes) == (3, [])


def test_a_hash_that_disagrees_is_told_with_the_span(small: SmallProject, prefixes: PrefixMap) -> None:
    path = small.root / "data/articles/small.yaml"
    content = path.read_text("utf-8")
    digest = content.split("  0-3: ")[1][:64]
    path.write_text(content.replace(digest, "0" * 64), "utf-8")
    _, faults = _verify(small, prefixes)
    assert len(faults) == 1
    assert "data/articles/small.yaml:8:" in faults[0]
    assert "the span 0-3 is not the text that was read" in faults[0]


def test_another_text_of_the_same_name_is_refused(small: SmallProject, prefixes: PrefixMap) -> None:
    (small.sources / "small.txt").write_text(TEXT + "하나 더", "utf-8")
    number, faults = _verify(small, prefixes)
    assert number == 0
    assert "small.txt is another text" in faults[0]


def test_an_absent_text_is_named(small: SmallProject, prefixes: PrefixMap) -> None:
    (small.sources / "small.txt").unlink()
    _, faults = _verify(small, prefixes)
    assert "no file 'small.txt'" in faults[0]


def test_a_printed_number_must_stand_inside_its_span(small: SmallProject, prefixes: PrefixMap) -> None:
    path = small.root / "data/articles/small.yaml"
    path.write_text(path.read_text("utf-8").replace("text: 3만개", "text: 30000개"), "utf-8")
    _, faults = _verify(small, prefixes)
    assert len(faults) == 1
    assert "'30000개' is not printed there" in faults[0]


def test_stamping_writes_the_hashes_of_just_the_named_spans(small: SmallProject, prefixes: PrefixMap) -> None:
    path = small.root / "data/articles/small.yaml"
    sound = path.read_text("utf-8")
    path.write_text(sound[: sound.index("spans:")] + "spans:\n  1-2: " + "0" * 64 + "\n", "utf-8")
    curated, _ = curate(small.project, prefixes)
    document = next(each for each in curated.documents if each.snapshot)
    assert stamped(path.read_text("utf-8"), document, read_source(small.sources / "small.txt")) == sound


def test_a_hash_that_no_fact_needs_is_a_fault(small: SmallProject, prefixes: PrefixMap) -> None:
    path = small.root / "data/articles/small.yaml"
    path.write_text(path.read_text("utf-8") + "  1-2: " + "0" * 64 + "\n", "utf-8")
    _, faults = curate(small.project, prefixes)
    assert [fault.message for fault in faults] == ["the hash of 1-2 belongs to no fact"]


def test_a_span_outside_an_article_is_a_fault(small: SmallProject, prefixes: PrefixMap) -> None:
    small.write(
        "context/spans.yaml", "facts:\n- about: program:factories\n  hasSector: {is: sector:foundry, at: 0-3}\n"
    )
    _, faults = curate(small.project, prefixes)
    assert [fault.message for fault in faults] == ["a span in a file of no article"]


def test_locate_counts_code_points_not_bytes() -> None:
    (found,) = locate(TEXT, "2조9000억원 이상")
    assert (found.start, found.end, found.line) == (30, 41, 2)
    assert list(locate(TEXT, "")) == []


def test_a_source_that_is_not_utf8_is_refused(small: SmallProject) -> None:
    path = small.sources / "bad.txt"
    path.write_bytes("가".encode("euc-kr"))
    with pytest.raises(KnowledgeGraphError, match="byte 0 is not UTF-8"):
        read_source(path)


def test_all_spans_of_the_real_articles_are_found(sources: object, prefixes: PrefixMap) -> None:
    from pathlib import Path

    from graph_builder.project import CHECKOUT

    assert isinstance(sources, Path)
    curated, faults = curate(CHECKOUT, prefixes)
    numbers = [verify(document, sources, faults) for document in curated.documents if document.snapshot]
    assert not [str(fault) for fault in faults]
    assert len(numbers) == 5
    assert min(numbers) >= 40
