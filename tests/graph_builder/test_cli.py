"""The commands as a user calls them: status, standard output and standard error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graph_builder import cli
from graph_builder.pipeline import build
from graph_builder.prefixes import PrefixMap
from tests.graph_builder.conftest import TEXT, SmallProject

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def here(small: SmallProject, monkeypatch: pytest.MonkeyPatch) -> SmallProject:
    """The small project as the checkout that commands work on."""
    monkeypatch.setattr(cli, "CHECKOUT", small.project)
    return small


def test_check_counts_what_it_read(here: SmallProject, capsys: Capture) -> None:
    assert cli.main(["check"]) == 0
    assert capsys.readouterr().out == "2 files, 6 things: no fault\n"


def test_check_lists_faults_and_says_status_1(here: SmallProject, capsys: Capture) -> None:
    path = here.write("context/wrong.yaml", "facts:\n- about: program:factories\n  nme: y\n")
    assert cli.main(["check", str(path)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("data/context/wrong.yaml:3:3: unknown property 'nme'")
    assert told.err.endswith("1 fault(s)\n")


def test_check_gives_faults_to_machines(here: SmallProject, capsys: Capture) -> None:
    here.write("context/wrong.yaml", "facts:\n- about: program:factories\n  nme: y\n")
    assert cli.main(["check", "--json"]) == 1
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["file"], row["line"], row["column"]) == ("data/context/wrong.yaml", 3, 3)


def test_build_prints_the_release_and_its_progress(here: SmallProject, capsys: Capture) -> None:
    assert cli.main(["build", "--sources", str(here.sources)]) == 0
    told = capsys.readouterr()
    assert (Path(told.out.strip()) / "manifest.json").is_file()
    assert "holding the evidence against" in told.err
    assert "writing release" in told.err


def test_build_with_faults_leaves_no_release(here: SmallProject, capsys: Capture) -> None:
    here.write("context/wrong.yaml", "facts:\n- about: program:factories\n  nme: y\n")
    assert cli.main(["build"]) == 1
    assert not here.project.build.exists()


def test_verify_counts_the_spans(here: SmallProject, capsys: Capture) -> None:
    assert cli.main(["verify", "--sources", str(here.sources)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "data/articles/small.yaml: 3 spans in small.txt",
        "3 spans checked, all found",
    ]


def test_verify_tells_what_is_not_found(here: SmallProject, capsys: Capture) -> None:
    (here.sources / "small.txt").write_text(TEXT.replace("3만개", "4만개"), "utf-8")
    assert cli.main(["verify", "--sources", str(here.sources)]) == 1
    assert "small.txt is another text" in capsys.readouterr().err


def test_locate_prints_each_occurrence(here: SmallProject, capsys: Capture) -> None:
    assert cli.main(["locate", str(here.sources / "small.txt"), "3만개"]) == 0
    assert capsys.readouterr().out.startswith("16-19\tline 1\t")


def test_locate_says_when_there_is_none(here: SmallProject, capsys: Capture) -> None:
    assert cli.main(["locate", str(here.sources / "small.txt"), "5만개"]) == 1
    assert "'5만개' does not occur" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_wrong_use(here: SmallProject, capsys: Capture) -> None:
    assert cli.main(["locate", "nowhere.txt", "x"]) == 2
    assert "nowhere.txt: cannot be read" in capsys.readouterr().err


def test_stamp_restores_the_hashes(here: SmallProject, capsys: Capture) -> None:
    path = here.root / "data/articles/small.yaml"
    sound = path.read_text("utf-8")
    path.write_text(sound[: sound.index("spans:")], "utf-8")
    assert cli.main(["stamp", "--sources", str(here.sources)]) == 0
    assert path.read_text("utf-8") == sound


def test_draft_begins_a_file(here: SmallProject, capsys: Capture) -> None:
    assert cli.main(["draft", str(here.sources / "small.txt")]) == 0
    told = capsys.readouterr().out
    assert "characters: 45\n" in told
    assert "# 16-18 3만 = 30000\n" in told


def test_query_prints_rows_of_the_current_release(
    here: SmallProject, prefixes: PrefixMap, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    build(here.project, prefixes)
    query = here.root / "q.rq"
    query.write_text("SELECT ?s { program:factories kip:hasSector ?s }", "utf-8")
    assert cli.main(["query", str(query)]) == 0
    assert capsysbinary.readouterr().out == f"?s\n<{prefixes.expand('sector:manufacturing')}>\n".encode()
    query.write_text("ASK { program:factories kip:hasSector sector:manufacturing }", "utf-8")
    assert cli.main(["query", str(query)]) == 0
    assert json.loads(capsysbinary.readouterr().out)["boolean"] is True
    query.write_text("CONSTRUCT { ?s a ?t } { ?s a ?t FILTER(?s = program:factories) }", "utf-8")
    assert cli.main(["query", str(query)]) == 0
    assert b"program:factories a kip:" in capsysbinary.readouterr().out


def test_query_without_a_release_or_with_a_bad_query_is_wrong_use(
    here: SmallProject, prefixes: PrefixMap, capsys: Capture
) -> None:
    query = here.root / "q.rq"
    query.write_text("SELEC", "utf-8")
    assert cli.main(["query", str(query)]) == 2
    build(here.project, prefixes)
    assert cli.main(["query", str(query)]) == 2
    assert "q.rq: " in capsys.readouterr().err


def test_diff_names_what_changed(here: SmallProject, prefixes: PrefixMap, capsys: Capture) -> None:
    old = build(here.project, prefixes)
    path = here.root / "data/articles/small.yaml"
    path.write_text(path.read_text("utf-8").replace("confidence: 0.9", "confidence: 0.8"), "utf-8")
    new = build(here.project, prefixes)
    assert cli.main(["diff", str(old), str(new)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in lines if line[0] != "\t"] == ["changed"]
    assert sum("0.8" in line and line.startswith("\t+") for line in lines) == 1
    assert cli.main(["diff", "--json", str(old), str(new)]) == 0
    assert [row["kind"] for row in json.loads(capsys.readouterr().out)] == ["changed"]


def test_validate_tells_what_an_rdf_file_breaks(here: SmallProject, prefixes: PrefixMap, capsys: Capture) -> None:
    release = build(here.project, prefixes)
    assert cli.main(["validate", str(release / "kip.ttl")]) == 0
    bad = here.root / "bad.ttl"
    bad.write_text(f"<{prefixes.expand('program:x')}> a <{prefixes.expand('kip:Program')}> .", "utf-8")
    assert cli.main(["validate", str(bad)]) == 1
    assert "program:x" in capsys.readouterr().out


def test_validate_refuses_what_is_no_rdf(here: SmallProject, capsys: Capture) -> None:
    bad = here.root / "bad.ttl"
    bad.write_text("not turtle", "utf-8")
    assert cli.main(["validate", str(bad)]) == 2
    assert "cannot be read as RDF" in capsys.readouterr().err


def test_a_command_that_is_none_is_wrong_use(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["bild"])
    assert caught.value.code == 2
