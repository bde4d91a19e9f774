"""Code samples: each runs as it stands wherever its language is at hand, and a value stays a value in all of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from api.questions.samples import SAMPLES, samples

BIN = Path(sys.executable).parent
COMMANDS: Mapping[str, Sequence[str]] = {
    "shell": ("bash", "-c"),
    "python": (sys.executable, "-c"),
    "r": ("Rscript", "-e"),
    "javascript": (str(BIN / "node"), "--input-type=module", "-e"),
}
# What the command itself runs.
PROGRAMS = {"shell": "curl"}
GIVEN = {
    "name": ["스마트공장 보급"],
    "many": ["a, b", "c&d=e+f%20g"],
    "hostile": ['it\'s "$(touch x)" `y` \\ ${z} \u2028\x7f\n\'\'\'""" </script>'],
}


class _Echo(BaseHTTPRequestHandler):
    """Answers any query with its parameters, in CSV or in the form of a canned query's JSON."""

    asked: ClassVar[list[dict[str, list[str]]]] = []

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.asked.append(parse_qs(parts.query, strict_parsing=True) if parts.query else {})
        table = parts.path.endswith(".csv")
        body = (
            "what\n여기\n"
            if table
            else '{"columns": [{"name": "what"}], "rows": [{"what": {"value": "여기", "label": null}}]}'
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/csv; charset=utf-8" if table else "application/json")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api/queries/ask"
    server.shutdown()
    thread.join()
    server.server_close()


def run(language: str, code: str) -> str:
    command = COMMANDS[language]
    for program in (command[0], PROGRAMS.get(language, command[0])):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed here")
    done = subprocess.run([*command, code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("given", [GIVEN, {}], ids=["with values", "without"])
@pytest.mark.parametrize("language", SAMPLES)
def test_a_sample_runs_as_it_stands_and_asks_for_what_was_given(
    echo: str, language: str, given: Mapping[str, Sequence[str]]
) -> None:
    (sample,) = (each for each in samples(echo, given) if each.language == language)
    _Echo.asked.clear()
    assert "여기" in run(language, sample.code)
    assert _Echo.asked == [given]


def test_no_sample_takes_more_than_a_dozen_lines() -> None:
    assert all(
        len(each.code.splitlines()) < 13 for each in samples("http://127.0.0.1/q", {"name": ["a"], "other": ["b"]})
    )
