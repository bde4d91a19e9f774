"""The command joins building and serving, and imports what serves only when it is asked for."""

from __future__ import annotations

import argparse
import errno
import subprocess
import sys
from collections.abc import Callable

import pytest

import api.cli
import graph_builder.cli
import kip
from graph_builder.errors import KnowledgeGraphError


@pytest.mark.parametrize(
    ("command", "foreign"), [("check", "fastapi api"), ("serve", "rdflib pyshacl graph_builder.cli")]
)
def test_one_half_is_imported_without_the_other(command: str, foreign: str) -> None:
    program = f"""
import sys, kip
try:
    kip.main(["{command}", "--help"])
except SystemExit as end:
    assert end.code == 0
sys.exit(" ".join(set("{foreign}".split()) & set(sys.modules)) or 0)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_serving_commands_are_those_that_the_server_adds() -> None:
    commands = argparse.ArgumentParser().add_subparsers()
    api.cli.add_commands(commands)
    assert tuple(commands.choices) == kip.SERVING


def test_the_list_of_commands_has_both_halves(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        kip.main(["--help"])
    assert end.value.code == 0
    told = capsys.readouterr().out.split()
    assert {"build", "check", "verify", "locate", "validate", "query", "diff", "draft", "serve"} <= set(told)


@pytest.mark.parametrize("arguments", [[], ["bake"], ["build", "--no-such-option"]])
def test_wrong_use_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        kip.main(arguments)
    assert end.value.code == 2
    assert "usage: kip" in capsys.readouterr().err


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[argparse.Namespace], int]], None]:
    """Puts one command, `do`, in the place of the building ones."""

    def put(handler: Callable[[argparse.Namespace], int]) -> None:
        monkeypatch.setattr(
            graph_builder.cli, "add_commands", lambda commands: commands.add_parser("do").set_defaults(handler=handler)
        )

    return put


Command = Callable[[Callable[[argparse.Namespace], int]], None]


def test_the_status_of_the_command_is_the_status(command: Command) -> None:
    command(lambda called: 1)
    assert kip.main(["do"]) == 1


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KnowledgeGraphError("it is so"), 1, "kip: it is so\n"),
        (OSError(errno.ENOSPC, "No space left", "a.nq"), 1, "kip: The disk is full: a.nq could not be written."),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_an_error_ends_with_one_message(
    command: Command, error: BaseException, status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(called: argparse.Namespace) -> int:
        raise error

    command(fail)
    assert kip.main(["do"]) == status
    assert capsys.readouterr().err.startswith(message)


def test_other_errors_are_not_hidden(command: Command) -> None:
    def fail(called: argparse.Namespace) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", "a.nq")

    command(fail)
    with pytest.raises(PermissionError):
        kip.main(["do"])


def test_a_reader_that_leaves_early_is_no_error() -> None:
    pipe = f"{sys.executable} -c \"import kip, sys; sys.exit(kip.main(['locate', 'pyproject.toml', 'e']))\" | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", pipe], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1
