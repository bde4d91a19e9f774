"""README says what is true: its examples, settings, commands and links."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from api.settings import SETTINGS
from graph_builder.cli import add_commands
from graph_builder.project import CHECKOUT
from kip import SERVING
from tests.project.readme import README, examples, output_of, rewritten, served

TEXT = README.read_text("utf-8")
DOCUMENTS = [
    README,
    CHECKOUT.root / "CONTRIBUTING.md",
    *sorted(CHECKOUT.root.glob("[a-z]*/README.md")),
    CHECKOUT.root / "api" / "engine" / "stores" / "README.md",
]


def test_every_example_prints_what_stands_below_it(release: Path) -> None:
    found = list(examples(TEXT))
    assert len(found) >= 3 and any(example.python for example in found)
    with served(release) as address:
        for example in found:
            assert output_of(example, address) == example.output, "run: python -m tests.project.readme"


def test_a_notebook_needs_less_than_ten_lines() -> None:
    assert all(example.command.count("\n") < 10 for example in examples(TEXT) if example.python)


def test_rewriting_replaces_only_the_output() -> None:
    python = "```python\nprint(1)\n```\n\n```text\n{}```\n"
    old = python.format("old\n")
    text = f"a\n```console\n$ echo 'x\n  y'\nold\n```\nb\n{old}```console\n$ echo z\n```\n"
    told = rewritten(text, lambda example: f"<{example.command.split()[0]}>\n")
    new = python.format("<print(1)>\n")
    assert told == f"a\n```console\n$ echo 'x\n  y'\n<echo>\n```\nb\n{new}```console\n$ echo z\n<echo>\n```\n"


def _first_column(heading: str) -> list[str]:
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [row.split("|")[1].strip().strip("`") for row in section.splitlines() if row.startswith("| `")]


def test_every_command_is_listed() -> None:
    commands = argparse.ArgumentParser().add_subparsers()
    add_commands(commands)
    listed = {name.split()[1] for name in _first_column("Commands")}
    assert listed == {*commands.choices, *SERVING}


def test_every_setting_of_the_server_is_listed() -> None:
    section = TEXT.split("\n## Settings\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in section.splitlines() if row.startswith("| `")]
    assert [(row[0], row[2]) for row in rows] == [(f"`{each.variable}`", each.meaning) for each in SETTINGS]
    fixed = [each for each in SETTINGS if each.name not in ("release", "workers") and each.default != ""]
    defaults = {row[0]: row[1] for row in rows}
    assert {f"`{each.variable}`": f"`{each.default}`" for each in fixed}.items() <= defaults.items()


def test_every_limit_that_the_code_tells_is_listed() -> None:
    told = {
        name
        for path in (CHECKOUT.root / "api").rglob("*.py")
        for name in re.findall(r'\btold\(\s*"([a-z-]+)"', path.read_text("utf-8"))
    }
    rows = re.findall(r"^\| (`.*?) \|", (CHECKOUT.root / "api" / "README.md").read_text("utf-8"), re.MULTILINE)
    assert "query-seconds" in told
    assert told <= {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", path.read_text("utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_every_named_module_is_found_from_the_top_or_from_the_folder_that_names_it() -> None:
    named = {
        (path.parent, name) for path in DOCUMENTS for name in re.findall(r"`([\w/]+\.py)`", path.read_text("utf-8"))
    }
    assert len(named) >= 20
    assert [name for folder, name in named if not any((top / name).exists() for top in (folder, CHECKOUT.root))] == []


@pytest.mark.parametrize("heading", ["Where is ...?", "To add a ..."])
def test_every_named_path_exists(heading: str) -> None:
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    names = {name for name in re.findall(r"`([\w./-]+)`", section) if "/" in name and "<" not in name}
    absent = [name for name in names if not name.startswith(("/", "build/")) and not (CHECKOUT.root / name).exists()]
    assert absent == []
