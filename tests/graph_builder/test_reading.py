"""Damaged input gets its place, what is wrong and how to mend it; all faults come in one run."""

from __future__ import annotations

import pytest

from graph_builder.errors import DataFaults
from graph_builder.facts import Entries, Scalar
from graph_builder.pipeline import check
from graph_builder.prefixes import PrefixMap
from graph_builder.reading import Faults, read_document
from graph_builder.trees import compose
from tests.graph_builder.conftest import REGISTER, SmallProject

WHOLE_FILE = [
    pytest.param(b"", "1:1", "the file is empty", "facts: []", id="empty"),
    pytest.param(b"  \n\n", "1:1", "the file is empty", "facts: []", id="blank"),
    pytest.param(b"# only a comment\n", "1:1", "the file holds no data", "facts: []", id="comment only"),
    pytest.param("facts: []\n# 가".encode("euc-kr"), "2:3", "byte 0xb0 is not UTF-8", "UTF-8", id="bad encoding"),
    pytest.param(b"facts:\n\t- about: x\n", "2:1", "a tab", "spaces", id="tab"),
    pytest.param(b"facts: []\r\n", "1:10", "a carriage return", "LF", id="carriage return"),
    pytest.param("\ufefffacts: []\n".encode(), "1:1", "a byte-order mark", "without it", id="byte-order mark"),
    pytest.param("facts: []\n# \u1100\u1161\n".encode(), "2:1", "normal form C", "NFC", id="decomposed"),
    pytest.param(b"facts: [\n", "2:1", "not YAML", "quotes, colons", id="unclosed"),
    pytest.param(b"facts: []\nfacts: []\n", "2:1", "written twice", "join the two", id="key twice"),
    pytest.param(b"- about: x\n", "1:1", "not a mapping", "begin with", id="a list"),
    pytest.param(b"fcts: []\n", "1:1", "unknown key 'fcts'", "'facts'", id="misspelt key"),
    pytest.param(b"facts: yes\n", "1:8", "not a list of blocks", "- about:", id="no list"),
    pytest.param(b"facts:\n- just text\n", "2:3", "a block is not a mapping", "- about:", id="no block"),
    pytest.param(b"facts:\n- type: Program\n", "2:3", "the key 'about' is missing", "about:", id="no about"),
    pytest.param(b"facts:\n- about: a:b\n  at: 5\n", "3:7", "'5' is not a span", "kip locate", id="no span"),
    pytest.param(b"facts:\n- about: a:b\n  at: 9-5\n", "3:7", "9-5 is empty", "exclusive", id="span backwards"),
    pytest.param(b"facts:\n- about: a:b\n  label:\n", "3:9", "the value is empty", "remove the key", id="no value"),
    pytest.param(
        b"facts:\n- about: a:b\n  x: {is: y, frm: z}\n", "3:14", "'frm' beside 'is'", "'from'", id="qualifier"
    ),
    pytest.param(b"article: article:x\nfacts: []\n", "1:1", "'number' is missing", "number:", id="header"),
    pytest.param(
        b"article: article:x\nnumber: 1\nfile: f\nsha256: abc\ncharacters: 1\nfacts: []\n",
        "4:9",
        "not a SHA-256",
        "64",
        id="short hash",
    ),
]


@pytest.mark.parametrize(("data", "place", "message", "hint"), WHOLE_FILE)
def test_a_damaged_file_is_told_with_place_and_mend(data: bytes, place: str, message: str, hint: str) -> None:
    faults: Faults = []
    read_document(data, "data/x.yaml", faults)
    told = [str(fault) for fault in faults]
    assert any(text.startswith(f"data/x.yaml:{place}: ") and message in text and hint in text for text in told), told


FACTS = [
    ("hasSectr: {is: sector:foundry, at: 0-3}", "5:3", "unknown property 'hasSectr'", "'hasSector'"),
    ("hasSector: {is: sector:fondry, at: 0-3}", "5:19", "'sector:fondry' is declared nowhere", "'sector:foundry'"),
    ("hasSector: {is: sectr:foundry, at: 0-3}", "5:19", "'sectr:foundry' names nothing", "'sector:foundry'"),
    ("hasSector: sector:foundry", "5:3", "'hasSector' without evidence", "from: source:"),
    ("hasSector: {is: sector:foundry, at: 0-99}", "5:39", "beyond the end of the text", "has 45 characters"),
    ("hasSector: {is: sector:foundry, at: 0-4}", "5:39", "has no hash", "kip stamp"),
    (
        "hasSector: {is: sector:foundry, at: 0-3, claim: plam}",
        "5:51",
        "'claim:plam' is declared nowhere",
        "'claim:plan'",
    ),
    (
        "hasSector: {is: sector:foundry, at: 0-3, rank: deprecated}",
        "5:50",
        "the rank 'deprecated' without a reason",
        "add because",
    ),
    (
        "hasSector: {is: sector:foundry, at: 0-3, because: {ko: 가, en: a}}",
        "5:14",
        "'because' without 'rank'",
        "'note:'",
    ),
    (
        "hasSector: {is: sector:foundry, at: 0-3, rank: normal, because: {ko: 가}}",
        "5:67",
        "'because' is not a text in both languages",
        "{ko: ..., en: ...}",
    ),
    ("hasSector: {is: sector:foundry, at: 0-3, confidence: 2}", "5:56", "the confidence '2'", "from 0 to 1"),
    ("leadMinistry: {is: org:nobody, at: 0-3}", "5:22", "'org:nobody' is declared nowhere", "declare it"),
    ("published: 2020-02-30", "5:14", "no day of the calendar", "YYYY-MM-DD"),
    ("promulgatedOn: {is: 2001, at: 0-3}", "5:23", "'2001' is no day", "YYYY-MM-DD"),
    ("deadline: 20934", "5:13", "'20934' is not a date", "YYYY"),
    ("coversPeriod: {start: 2027, end: 2025}", "5:36", "ends before it starts", "swap"),
    ("coversPeriod: {strt: 2027}", "5:18", "unknown key 'strt'", "'start'"),
    (
        "value: {number: 3000, text: 3만개, bound: exact, unit: NUM}",
        "5:19",
        "3000 is not the printed '3만개'",
        "30000?",
    ),
    ("value: {number: 5, text: 5개 이상, bound: exact, unit: NUM}", "5:28", "is not exact", "at-least"),
    ("value: {number: 5, text: 5달러, bound: exact, currency: KRW}", "5:28", "is money", "USD"),
    ("value: {number: 5, bound: exact}", "5:10", "without its printed form", "text:"),
    ("label: 이름", "5:10", "text without a language", "{ko: ..., en: ...}"),
    ("label: {kr: 이름}", "5:11", "'kr' is no language", "ko"),
    ("position: first", "5:13", "is not a whole number", "mend the value"),
]


@pytest.mark.parametrize(("line", "place", "message", "hint"), FACTS)
def test_a_damaged_fact_is_told_with_place_and_mend(
    small: SmallProject, prefixes: PrefixMap, line: str, place: str, message: str, hint: str
) -> None:
    small.write("entities/things.yaml", REGISTER)
    path = small.article(f"facts:\n- about: program:factories\n  {line}\n", "0-3")
    content = path.read_text("utf-8")
    header = content[: content.index("facts:")].count("\n")
    expected_line = int(place.split(":")[0]) - 3 + header + 1
    with pytest.raises(DataFaults) as caught:
        check(small.project, prefixes)
    told = [str(fault) for fault in caught.value.faults]
    start = f"data/articles/small.yaml:{expected_line}:{place.split(':')[1]}: "
    assert any(text.startswith(start) and message in text and hint in text for text in told), told


DECLARATIONS = [
    ("- about: program:factories\n  from: source:other\n  rank: normal", "a block that says nothing", "a property"),
    (
        "- about: program:factories\n  type: Program\n  label: {ko: 가, en: a}",
        "declared twice",
        "first at data/entities",
    ),
    ("- about: program:more\n  type: Programme\n  label: {ko: 가, en: a}", "unknown class 'Programme'", "'Program'"),
    ("- about: org:more\n  type: Program\n  label: {ko: 가, en: a}", "a Program named 'org:more'", "'program:more'"),
    ("- about: program:More\n  type: Program\n  label: {ko: 가, en: a}", "the slug 'More'", "a-z"),
    ("- about: program:absent\n  label: {ko: 가, en: a}", "'program:absent' is declared nowhere", "declare it"),
]


@pytest.mark.parametrize(("block", "message", "hint"), DECLARATIONS)
def test_a_faulty_declaration_is_told(
    small: SmallProject, prefixes: PrefixMap, block: str, message: str, hint: str
) -> None:
    small.write("entities/wrong.yaml", f"facts:\n{block}\n")
    with pytest.raises(DataFaults) as caught:
        check(small.project, prefixes)
    (fault,) = caught.value.faults
    assert str(fault.where).startswith("data/entities/wrong.yaml:2:") or str(fault.where).startswith(
        "data/entities/wrong.yaml:3:"
    )
    assert message in str(fault)
    assert hint in str(fault)


def test_all_faults_of_all_files_come_in_one_run(small: SmallProject, prefixes: PrefixMap) -> None:
    small.write("entities/empty.yaml", "")
    small.write("context/tab.yaml", "facts:\n\t- x\n")
    wrong = "facts:\n- about: program:factories\n  hasSectr: x\n  nme: y\n- about: program:factories\n  colour: z\n"
    small.write("context/wrong.yaml", wrong)
    with pytest.raises(DataFaults) as caught:
        check(small.project, prefixes)
    assert [str(fault.where) for fault in caught.value.faults] == [
        "data/context/tab.yaml:2:1",
        "data/context/wrong.yaml:3:3",
        "data/context/wrong.yaml:4:3",
        "data/context/wrong.yaml:6:3",
        "data/entities/empty.yaml:1:1",
    ]


def test_a_named_file_is_checked_in_the_place_of_its_namesake(small: SmallProject, prefixes: PrefixMap) -> None:
    small.write("context/wrong.yaml", "facts:\n- about: program:factories\n  nme: y\n")
    copy = small.root / "small.yaml"
    copy.write_text(
        (small.root / "data/articles/small.yaml").read_text("utf-8").replace("deadline", "dedline"), "utf-8"
    )
    with pytest.raises(DataFaults) as caught:
        check(small.project, prefixes, [copy])
    (fault,) = caught.value.faults
    assert fault.where.path == "small.yaml"
    assert "did you mean 'deadline'" in fault.hint


def test_every_scalar_stays_text() -> None:
    tree = compose("a: 2018-09-21\nb: no\nc: 0x10\nd: 1_000\n", "x.yaml")
    assert isinstance(tree, Entries)
    values = [value.text for _, value in tree.pairs if isinstance(value, Scalar)]
    assert values == ["2018-09-21", "no", "0x10", "1_000"]
