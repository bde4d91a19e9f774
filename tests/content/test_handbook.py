"""The curator's handbook shows what stands in the data."""

from __future__ import annotations

import re

import pytest

from graph_builder.project import CHECKOUT

HANDBOOK = (CHECKOUT.data / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", HANDBOOK, re.MULTILINE | re.DOTALL)
NAMED = sorted(set(re.findall(r"^\|.*\| `([a-z-]+:[a-z0-9-]+)`", HANDBOOK, re.MULTILINE)))
DATA = "\n".join(path.read_text(encoding="utf-8") for path in CHECKOUT.data_files())


def test_the_handbook_has_examples() -> None:
    assert (len(EXAMPLES), len(NAMED)) >= (8, 15)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_stands_in_the_data(example: str) -> None:
    assert example in DATA


@pytest.mark.parametrize("name", NAMED)
def test_a_thing_that_is_named_is_declared(name: str) -> None:
    assert re.search(rf"^- about: {name}\n  type: ", DATA, re.MULTILINE)
