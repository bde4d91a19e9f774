"""Every sentence of an article holds a fact or has a reason why none was read from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graph_builder import cli
from graph_builder.coverage import sentences
from graph_builder.pipeline import check, curate
from graph_builder.prefixes import PrefixMap
from tests.graph_builder.conftest import SmallProject

Capture = pytest.CaptureFixture[str]
SECOND = "26-44"
WHY = "{reason: repetition, note: {ko: 제목과 같은 말, en: As in the headline}}"


@pytest.fixture
def here(small: SmallProject, monkeypatch: pytest.MonkeyPatch) -> SmallProject:
    """The small project, of whose two sentences the first holds facts, as the checkout that commands work on."""
    monkeypatch.setattr(cli, "CHECKOUT", small.project)
    return small


def omit(small: SmallProject, entry: str) -> Path:
    """Writes a part without a fact into the head of the article's file, on its sixth and seventh line."""
    path = small.root / "data/articles/small.yaml"
    path.write_text(path.read_text("utf-8").replace("facts:", f"omitted:\n  {entry}\nfacts:", 1), "utf-8")
    return path


SENTENCES = [
    ("lines", "제목\n\n 부제 \n", ["제목", "부제"]),
    ("stops", "하나다. 둘인가? 셋! 넷", ["하나다.", "둘인가?", "셋!", "넷"]),
    ("quotes go with their stop", '그는 "간다." 했다. 끝.', ['그는 "간다."', "했다.", "끝."]),
    ("no stop after a digit", "1. 서울 2. 부산", ["1. 서울 2. 부산"]),
    ("no stop within a word", "주소는 a.b.kr이다", ["주소는 a.b.kr이다"]),
    ("the same words twice", "간다. 간다.", ["간다.", "간다."]),
    ("no-break spaces are white space", "\u00a0\n가나.\u00a0다라", ["가나.", "다라"]),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in SENTENCES], ids=[case[0] for case in SENTENCES])
def test_a_text_falls_into_sentences(text: str, expected: list[str]) -> None:
    spans = list(sentences(text))
    assert [text[start:end] for start, end in spans] == expected
    assert spans == sorted(set(spans))


def test_a_sentence_without_fact_and_reason_is_a_gap(here: SmallProject, capsys: Capture) -> None:
    assert cli.main(["coverage", "--sources", str(here.sources)]) == 1
    assert capsys.readouterr().out == (
        "article:small: 1 of 2 sentences hold facts (50.0%)\n"
        "  facts: Statement 2, Target 1\n"
        f"  {SECOND}\tNO FACT AND NO REASON\n"
    )


def test_a_reason_accounts_for_it(here: SmallProject, capsys: Capture) -> None:
    omit(here, f"{SECOND}: {WHY}")
    assert cli.main(["stamp", "--sources", str(here.sources)]) == 0
    capsys.readouterr()
    assert cli.main(["coverage", "--sources", str(here.sources)]) == 0
    assert f"  {SECOND}\trepetition: As in the headline\n" in capsys.readouterr().out


def test_furniture_does_not_count(here: SmallProject, capsys: Capture) -> None:
    omit(here, f"{SECOND}: {{reason: furniture}}")
    assert cli.main(["stamp", "--sources", str(here.sources)]) == 0
    capsys.readouterr()
    assert cli.main(["coverage", "--sources", str(here.sources), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "article": "article:small",
            "sentences": 1,
            "read": 1,
            "share": 1.0,
            "facts": {"Statement": 2, "Target": 1},
            "unread": [{"start": 26, "end": 44, "reason": "furniture", "note": {}}],
        }
    ]


def test_a_reason_for_a_part_of_a_sentence_does_not_account_for_it(here: SmallProject, capsys: Capture) -> None:
    omit(here, f"26-30: {WHY}")
    cli.main(["stamp", "--sources", str(here.sources)])
    assert cli.main(["coverage", "--sources", str(here.sources)]) == 1


def test_what_was_omitted_is_stamped_and_verified(here: SmallProject, capsys: Capture) -> None:
    path = omit(here, f"{SECOND}: {WHY}")
    assert cli.main(["stamp", "--sources", str(here.sources)]) == 0
    digest = path.read_text("utf-8").split(f"  {SECOND}: ")[2][:64]
    assert cli.main(["verify", "--sources", str(here.sources)]) == 0
    path.write_text(path.read_text("utf-8").replace(digest, "0" * 64), "utf-8")
    assert cli.main(["verify", "--sources", str(here.sources)]) == 1
    assert f"the span {SECOND} is not the text that was read" in capsys.readouterr().err


def test_an_omitted_part_is_no_evidence(small: SmallProject, prefixes: PrefixMap) -> None:
    omit(small, f"{SECOND}: {WHY}")
    check_faults = [fault.message for fault in curate(small.project, prefixes)[1]]
    assert check_faults == [f"the span {SECOND} has no hash"]
    (article,) = (document for document in curate(small.project, prefixes)[0].documents if document.snapshot)
    assert SECOND not in map(str, article.spans())


DAMAGED = [
    ("26-44: furniture", "7:10", "the reason of '26-44' is not a mapping", "write {reason: ...}"),
    ("26-44: {note: {ko: 가, en: a}}", "7:10", "the key 'reason' is missing", "add 'reason"),
    ("26-44: {reason: furnitur}", "7:19", "unknown reason 'furnitur'", "did you mean 'furniture'?"),
    ("26-44: {reason: rhetoric}", "7:19", "the reason 'rhetoric' without a note", "add note"),
    ("26-44: {reason: rhetoric, note: 가}", "7:35", "'note' is not a text in both languages", "{ko: ..., en: ...}"),
    ("26-44: {reason: furniture, why: x}", "7:30", "unknown key 'why'", "data/README.md"),
    ("end: {reason: furniture}", "7:3", "'end' is not a span", "kip locate"),
    ("26-99: {reason: furniture}", "7:3", "beyond the end of the text", "has 45 characters"),
    ("0-2: {reason: furniture}", "7:3", "the omitted span 0-2 holds evidence: 0-3", "remove it from 'omitted:'"),
]


@pytest.mark.parametrize(("entry", "place", "message", "hint"), DAMAGED)
def test_a_damaged_reason_is_told_with_place_and_mend(
    small: SmallProject, prefixes: PrefixMap, entry: str, place: str, message: str, hint: str
) -> None:
    omit(small, entry)
    told = [str(fault) for fault in curate(small.project, prefixes)[1]]
    start = f"data/articles/small.yaml:{place}: "
    assert any(text.startswith(start) and message in text and hint in text for text in told), told


def test_reasons_that_are_no_mapping_are_told(small: SmallProject, prefixes: PrefixMap) -> None:
    path = omit(small, "- 26-44")
    told = [str(fault) for fault in curate(small.project, prefixes)[1]]
    assert told == [f"data/articles/{path.name}:7:3: 'omitted' is not a mapping (write 'start-end: {{reason: ...}}')"]


def test_a_sound_article_needs_no_reasons(small: SmallProject, prefixes: PrefixMap) -> None:
    assert len(check(small.project, prefixes).documents) == 2
