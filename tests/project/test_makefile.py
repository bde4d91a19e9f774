"""The verbs of the Makefile are those that it and the documents name."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.project.conftest import ROOT

VERBS = ("run", "test", "check", "build", "bench", "setup", "format", "clean", "lock")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make as a user does, not as part of the make that may be running these tests."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "TESTS"))}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_can_be_made(verb: str) -> None:
    done = make("--dry-run", verb)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_make_alone_tells_the_verbs_and_does_nothing() -> None:
    told = re.findall(r"(?m)\bmake (\w+)", make().stdout)
    assert sorted(told) == sorted(VERBS)


def test_documents_name_only_verbs_that_there_are() -> None:
    documents = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("*.md"))]
    named = {verb for text in documents for verb in re.findall(r"(?m)(?:^|`)make ([a-z]+)", text)}
    assert {"check", "test", "format", "lock"} <= named <= set(VERBS)


def test_port_and_tests_are_passed_on() -> None:
    assert "--port 8123" in make("--dry-run", "run", "PORT=8123").stdout
    assert "pytest tests/api -k x" in make("--dry-run", "test", "TESTS=tests/api -k x").stdout


def test_all_tests_are_run_with_coverage_unless_some_are_named() -> None:
    assert "--cov" in make("--dry-run", "test").stdout
    assert "--cov" not in make("--dry-run", "test", "TESTS=tests/api").stdout
