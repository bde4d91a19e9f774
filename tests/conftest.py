"""What every test may use: a release of the checkout's own data, and where the source texts are."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph_builder.pipeline import build
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT

SOURCES = CHECKOUT.root.parent / "shared" / "sources"


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release built from the checkout."""
    return build(CHECKOUT, prefix_map(), out=tmp_path_factory.mktemp("build") / "releases")


@pytest.fixture(scope="session")
def sources() -> Path:
    """The folder of the article texts, which only the maintainers hold."""
    if not SOURCES.is_dir():
        pytest.skip(f"the article texts are not published; {SOURCES} is absent here")
    return SOURCES
