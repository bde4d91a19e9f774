"""The lock files hold what pyproject.toml asks for, with hashes, and name neither a host nor a folder."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.project.conftest import ROOT

LOCKS = {"requirements.lock": [], "requirements-dev.lock": ["dev"], "requirements-bench.lock": ["bench"]}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {canonicalize_name(package): version for package, version in re.findall(r"(?m)^(\S+)==(\S+)", text)}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_is_asked_for(name: str) -> None:
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    asked += [line for extra in LOCKS[name] for line in PROJECT["project"]["optional-dependencies"][extra]]
    versions = locked(name)
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes(name: str) -> None:
    entries = re.split(r"(?m)^(?=\S+==)", (ROOT / name).read_text(encoding="utf-8"))[1:]
    assert len(entries) == len(locked(name)) >= 30
    assert [entry.split()[0] for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_packages_hashes_and_comments_only(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    form = re.compile(r"|#.*|    # .*|[\w.-]+==[\w.]+( ; [\w ='\"<>.]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not form.fullmatch(line)] == []


@pytest.mark.parametrize("name", ["requirements-dev.lock", "requirements-bench.lock"])
def test_one_environment_can_hold_all_locks(name: str) -> None:
    first, later = locked("requirements.lock"), locked(name)
    assert later.items() >= first.items()
    shared = later.keys() & locked("requirements-dev.lock").keys()
    assert {each: later[each] for each in shared} == {each: locked("requirements-dev.lock")[each] for each in shared}


def test_what_runs_is_what_is_locked() -> None:
    versions = locked("requirements-dev.lock")
    assert {name: importlib.metadata.version(name) for name in versions} == versions


def test_no_dependency_is_left_out_of_the_environment() -> None:
    missing = [
        f"{distribution.name}: {line}"
        for distribution in importlib.metadata.distributions()
        for line in distribution.requires or ()
        if (requirement := Requirement(line)).marker is None or requirement.marker.evaluate({"extra": ""})
        if not list(importlib.metadata.distributions(name=requirement.name))
    ]
    assert missing == []
