"""What the hostile meet: the small release, and a server over the real one, watched all the time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import written_release
from tests.hostile.trial import Trial, trial


@pytest.fixture(scope="session")
def small_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release with a dozen facts and some thousands of fillers, in memory and on disk."""
    return written_release(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def tried(release: Path) -> Iterator[Trial]:
    """A server over the release of the checkout, under trial."""
    with trial(release) as running:
        yield running
