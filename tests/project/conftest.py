"""What the tests of the set-up share: the checkout, its tracked files, and the tools below .ci."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNTRACKED = {".git", ".venv", "build", "__pycache__", "node_modules"}


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"ci_{name}", ROOT / ".ci" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def environment() -> ModuleType:
    return _load("environment")


@pytest.fixture(scope="session")
def canonical_yaml() -> ModuleType:
    return _load("canonical_yaml")


@pytest.fixture(scope="session")
def tracked() -> tuple[Path, ...]:
    """The files of the project: what git tracks, or in an unpacked archive whatever is not made by a tool."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
        found = [ROOT / name for name in names.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not made_by_a_tool(path.relative_to(ROOT))]
    return tuple(sorted(path for path in found if path.is_file()))


def made_by_a_tool(path: Path) -> bool:
    return any(
        part in UNTRACKED or part.endswith((".egg-info", "_cache")) or part.startswith((".coverage", ".hypothesis"))
        for part in path.parts
    )
