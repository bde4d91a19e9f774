"""No tracked file holds what only one machine knows, or what was left behind; all text is in one encoding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.conftest import ROOT, made_by_a_tool

TOP = {
    *(".ci", ".dockerignore", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "Dockerfile", "LICENSE", "Makefile"),
    *("README.md", "kip.py", "pyproject.toml", "requirements.lock", "requirements-dev.lock", "requirements-bench.lock"),
    *("api", "data", "graph_builder", "ontology", "queries", "shapes", "tests"),
}
FORBIDDEN = {
    "registry host": re.compile(r"(?:py[p]i|python[h]osted|npm[j]s|deb\.debia[n])\.(?:org|com)|registry\.np[m]", re.I),
    "folder of one machine": re.compile(r"(?<![\w.])/(?:wor[k]|far[m]|roo[t]|hom[e])/[\w.]"),
}
LEFT_BEHIND = re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X|H[A]CK)\b|Not[I]mplementedError|assert Tru[e]\b|breakpoin[t]\(\)")
FIXTURES = "tests/fixtures/"  # some are damaged on purpose
CODE = (".py", ".ts", ".js")


@pytest.fixture(scope="module")
def texts(tracked: tuple[Path, ...]) -> dict[str, str]:
    small = (path for path in tracked if path.stat().st_size < 4 << 20)
    found = {str(path.relative_to(ROOT)): path.read_bytes() for path in small}
    return {
        name: content.decode("utf-8", errors="replace" if name.startswith(FIXTURES) else "strict")
        for name, content in found.items()
        if b"\0" not in content
    }


def lines(texts: dict[str, str], pattern: re.Pattern[str], *suffixes: str) -> Iterator[str]:
    for name, text in texts.items():
        if name.endswith(suffixes or ""):
            yield from (f"{name}:{n}" for n, line in enumerate(text.splitlines(), 1) if pattern.search(line))


def test_the_project_is_there(texts: dict[str, str]) -> None:
    assert {"pyproject.toml", "Makefile", "ontology/prefixes.ttl", "graph_builder/cli.py"} <= texts.keys()


def test_nothing_new_stands_at_the_top(tracked: tuple[Path, ...]) -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked} <= TOP


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names_a(what: str, texts: dict[str, str]) -> None:
    assert list(lines(texts, FORBIDDEN[what])) == []


def test_nothing_was_left_behind_in_code(texts: dict[str, str]) -> None:
    assert list(lines(texts, LEFT_BEHIND, *CODE)) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (FORBIDDEN["registry host"], "https://files.python" + "hosted.org/x"),
        (FORBIDDEN["folder of one machine"], "cd /ro" + "ot/x"),
        (LEFT_BEHIND, "# TO" + "DO later"),
    ],
)
def test_the_patterns_find_what_they_name(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)


def test_text_is_composed_hangul_with_line_feeds_and_a_final_newline(texts: dict[str, str]) -> None:
    def in_form(text: str) -> bool:
        ends = not text or text.endswith("\n")
        return ends and "\r" not in text and unicodedata.is_normalized("NFC", text) and "\N{BOM}" not in text

    checked = {name: text for name, text in texts.items() if not name.startswith(FIXTURES)}
    assert [name for name, text in checked.items() if not in_form(text)] == []


def test_every_test_folder_is_a_package(tracked: tuple[Path, ...]) -> None:
    folders = {path.parent for path in tracked if path.name.startswith("test_") and path.suffix == ".py"}
    parents = {parent for folder in folders for parent in [folder, *folder.parents] if ROOT in parent.parents}
    assert [str(folder) for folder in parents if not (folder / "__init__.py").exists()] == []


@pytest.mark.parametrize(
    "name", [".hypothesis/constants/0a1b", ".coverage.host.1", "api/__pycache__/x.pyc", "kip.egg-info/x"]
)
def test_what_a_tool_makes_is_no_file_of_the_project(name: str) -> None:
    assert made_by_a_tool(Path(name))
