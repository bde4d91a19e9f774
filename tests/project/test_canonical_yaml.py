"""YAML has one form on disk; what it says, and how its author wrote comments and quotes, stays."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

FORMS = [
    pytest.param("a:\n    - 1\n    - {b:   2}\n", "a:\n- 1\n- {b: 2}\n", id="indentation"),
    pytest.param("# why\na: 1 # because\n", "# why\na: 1 # because\n", id="comments"),
    pytest.param("a: \"x\"\nb: 'y'\nc: z\n", "a: \"x\"\nb: 'y'\nc: z\n", id="quotes"),
    pytest.param(
        "a: 0012\nb: yes\nc: 1_000\nd: 12:30\ne: 2020-01-03\nf: ~\ng: 1.50\n", None, id="scalars as they stand"
    ),
    pytest.param("a: 2조9000억원 이상\n", None, id="Hangul unescaped"),
    pytest.param("a: \u1112\u1161\u11ab\n", "a: 한\n", id="decomposed Hangul"),
    pytest.param("a: 1\r\nb: 2", "a: 1\nb: 2\n", id="line ends"),
    pytest.param("a: one\n  two\n", "a: one two\n", id="a scalar on one line"),
    pytest.param("a: " + "long " * 60 + "end\n", None, id="no line is broken"),
    pytest.param("{a: {b: 1}}\n", None, id="flow style"),
    pytest.param("", "", id="empty"),
]


@pytest.mark.parametrize(("text", "form"), FORMS)
def test_form(canonical_yaml: ModuleType, text: str, form: str | None) -> None:
    assert canonical_yaml.canonical(text) == (text if form is None else form)


@pytest.mark.parametrize(("text", "form"), FORMS)
def test_the_form_is_its_own_form(canonical_yaml: ModuleType, text: str, form: str | None) -> None:
    once = canonical_yaml.canonical(text)
    assert canonical_yaml.canonical(once) == once


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "a:\n\t- 1\n", "a: [1\n", "a: &x 1\nb: *y\n"])
def test_what_is_not_yaml_is_refused(canonical_yaml: ModuleType, text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        canonical_yaml.canonical(text)


def test_a_file_is_named_with_its_line_and_mended_on_request(
    canonical_yaml: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\nb:\n  - 2\n")
    assert canonical_yaml.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"{path}:3: ")
    assert canonical_yaml.main(["--write", str(tmp_path)]) == 0
    assert canonical_yaml.main([str(tmp_path)]) == 0
    assert path.read_text() == "a: 1\nb:\n- 2\n"


def test_a_file_that_is_not_utf_8_is_named_and_left(
    canonical_yaml: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: \xb0\xa1\n")
    assert canonical_yaml.main(["--write", str(tmp_path)]) == 1
    assert str(path) in capsys.readouterr().err
    assert path.read_bytes() == b"a: \xb0\xa1\n"
