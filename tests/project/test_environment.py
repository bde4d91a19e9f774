"""The set-up does each step once, needs no network when nothing is missing, and says plainly why it cannot go on."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.project.conftest import ROOT

NO_NETWORK = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_FIND_LINKS": "",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_RETRIES": "0",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the set-up reads, with no environment yet."""
    for path in [*ROOT.glob("requirements*.lock"), ROOT / "pyproject.toml"]:
        shutil.copy(path, tmp_path)
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def set_up(checkout: Path, purpose: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", ".ci/setup", purpose],
        cwd=checkout,
        env=os.environ | {"PYTHON": sys.executable} | variables,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def mark_done(environment: ModuleType, checkout: Path, *steps: str) -> None:
    (checkout / ".venv").mkdir()
    for step in steps:
        environment.stamp(checkout / ".venv", step, environment.wanted(checkout)[step])


def test_nothing_is_done_where_all_is_done(environment: ModuleType, checkout: Path) -> None:
    mark_done(environment, checkout, "environment", "run", "project")
    done = set_up(checkout, "run", **NO_NETWORK)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_network_the_first_set_up_says_so_and_leaves_no_stamp(checkout: Path) -> None:
    done = set_up(checkout, "run", **NO_NETWORK)
    assert done.returncode == 1
    assert "The package index cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
    assert (checkout / ".venv" / "environment.stamp").exists()
    assert not (checkout / ".venv" / "run.stamp").exists()


def test_a_python_that_is_too_old_is_named(checkout: Path) -> None:
    old = checkout / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    done = set_up(checkout, "run", PYTHON=str(old))
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; this machine has Python 3.9.2" in done.stderr


def test_a_python_that_is_not_there_is_named(checkout: Path) -> None:
    done = set_up(checkout, "run", PYTHON="python0.1")
    assert done.returncode == 1
    assert "no python0.1" in done.stderr


def test_a_second_set_up_waits_for_the_first(environment: ModuleType, checkout: Path) -> None:
    mark_done(environment, checkout, "environment", "run", "project")
    handle = os.open(checkout, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    command = [sys.executable, ".ci/environment.py", "run"]
    with subprocess.Popen(command, cwd=checkout, stderr=subprocess.PIPE, text=True) as second:
        assert second.stderr is not None
        assert "waiting" in second.stderr.readline()
        assert second.poll() is None
        os.close(handle)
        assert second.wait(timeout=60) == 0


@pytest.mark.parametrize(
    ("file", "step"), [("requirements.lock", "run"), ("requirements-dev.lock", "test"), ("pyproject.toml", "project")]
)
def test_a_changed_file_undoes_its_step_only(environment: ModuleType, checkout: Path, file: str, step: str) -> None:
    before = environment.wanted(checkout)
    with (checkout / file).open("a") as lines:
        lines.write("\n")
    after = environment.wanted(checkout)
    assert {name for name in before if before[name] != after[name]} == {step}


def test_an_environment_that_was_moved_is_made_anew(environment: ModuleType, checkout: Path) -> None:
    elsewhere = shutil.copytree(checkout, checkout.parent / f"{checkout.name}-moved")
    assert environment.wanted(checkout)["environment"] != environment.wanted(elsewhere)["environment"]


def test_a_stamp_that_cannot_be_read_does_not_fit(environment: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "run.stamp").write_bytes(b"\xff\xfe")
    assert not environment.fits(tmp_path, "run", "0" * 64)
    assert not environment.fits(tmp_path, "test", "0" * 64)


def test_a_disk_without_room_is_refused_before_anything_is_written(environment: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(environment.SetupError, match=r"The disk has \d+ MB left .* needs 1000000000 MB"):
        environment.check_room(tmp_path, needed=10**9)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n",
            "The disk is full",
        ),
        ("WARNING: Retrying after connection broken by 'NewConnectionError'\n", "The package index cannot be reached"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n",
            "not the one that a.lock names",
        ),
        ("ERROR: No matching distribution found for x==1\n", "has no build for this Python"),
        ("[Errno 13] Permission denied: '.venv'\n", "cannot be written"),
        ("something new\n", "The set-up failed."),
    ],
)
def test_a_failure_is_explained(environment: ModuleType, output: str, message: str) -> None:
    told = environment.explain(output, lock="a.lock")
    assert message in told
    assert told.endswith(f"  {output.strip()}")


def test_of_a_long_output_the_errors_are_shown(environment: ModuleType) -> None:
    output = "Collecting a\nERROR: it broke\n" + "  noise\n" * 20
    assert environment.tail(output).strip() == "ERROR: it broke"


def test_progress_counts_every_way_in_which_pip_names_a_package(
    environment: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    progress = environment.Progress(3)
    for line in ("Collecting a==1 (from -r x)", "  Downloading a", "Processing ./wheels/b-2.whl", "Collecting c==3"):
        progress(line + "\n")
    assert capsys.readouterr().err.splitlines()[-1] == "  3/3 fetched"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is served by apt-get, others are told what to install")
def test_without_ensurepip_and_apt_the_missing_package_is_named(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(environment.SetupError, match=rf"apt-get install python3\.{sys.version_info.minor}-venv"):
        environment.install_ensurepip()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is served by apt-get")
def test_a_program_that_cannot_be_had_stops_nothing(
    environment: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = tmp_path / "apt-get"
    command.write_text('#!/bin/sh\necho "E: Unable to locate package" >&2\nexit 100\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    environment.install_programs()
    told = capsys.readouterr().err
    assert told.count("apt-get could not install") == len(environment.PROGRAMS) >= 3
    assert told.count("tests that need it will be skipped") == len(environment.PROGRAMS)


def test_clients_that_cannot_be_had_stop_nothing(
    environment: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = tmp_path / "bin" / "npm"
    command.parent.mkdir()
    command.write_text('#!/bin/sh\necho "npm error network request failed"\nexit 1\n')
    command.chmod(0o755)
    environment.install_clients(tmp_path, ROOT / environment.CLIENTS)
    told = capsys.readouterr().err
    assert "the tests that need them will be skipped" in told
    assert "network request failed" in told


def test_only_tests_need_programs_and_clients(
    environment: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(environment, "install_programs", lambda: asked.append("programs"))
    monkeypatch.setattr(environment, "install_clients", lambda *_: asked.append("clients"))
    mark_done(environment, checkout, "environment", "run", "test", "project")
    for purpose in ("run", "test", "test"):
        environment.set_up(checkout, purpose)
    assert asked == ["programs", "clients"]
