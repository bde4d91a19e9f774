"""The server keeps to its OpenAPI document, whatever is generated from it (https://schemathesis.readthedocs.io/)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from graph_builder.project import CHECKOUT
from tests.api.conftest import UNTRACED, serving

# The ready-made questions are made alike; these few have parameters of every type.
_ASKED = ("facts-about-entity", "money-by-year", "statements-by-confidence")
_OTHERS = rf"^/api/queries/(?!{'|'.join(_ASKED)}|\{{name\}})"
_LEAST = 500


@pytest.mark.slow
def test_generated_requests_find_nothing_that_the_document_does_not_say(release: Path, tmp_path: Path) -> None:
    with serving(release, **UNTRACED, KIP_CLIENT_SECONDS="0", KIP_CLIENT_ERRORS="0") as client:
        command = [
            str(Path(sys.executable).with_name("schemathesis")),
            "--config-file",
            str(CHECKOUT.root / "tests" / "hostile" / "schemathesis.toml"),
        ]
        command += ["run", str(client.base_url.join("/openapi.json")), "--checks", "all", "--continue-on-failure"]
        command += ["--seed", "1", "--max-examples", "3", "--phases", "examples,coverage,fuzzing", "--no-color"]
        command += ["--exclude-path-regex", _OTHERS]
        done = subprocess.run(
            command,
            cwd=tmp_path,  # where it leaves what it keeps
            env={
                **{name: value for name, value in os.environ.items() if name not in UNTRACED},
                "PYTHONPATH": str(CHECKOUT.root),
                "SCHEMATHESIS_HOOKS": "tests.hostile.generation",
                "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path),
            },
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    generated = re.search(r"(\d+) generated", done.stdout)
    assert generated and int(generated[1]) >= _LEAST, done.stdout[-2000:]
