"""Runs the examples of README.md and, asked to, writes what they print: `python -m tests.project.readme`.

An example is a fenced block of kind `console`: lines of a command after `$ `, then its output. The commands are `curl`
(as far as the examples use it: -s, -G, -H, --data-urlencode) against a server of the checkout's own release, and `kip`.
Or it is a block of kind `python`, a whole program, and directly below it a block of kind `text` with its output.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from graph_builder.pipeline import build
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT

__all__ = ["README", "Example", "examples", "output_of", "rewritten", "served"]

README = CHECKOUT.root / "README.md"
ADDRESS = "http://127.0.0.1:8000"
_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PYTHON = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Example:
    """A command or a Python program, the output that stands below it, and where that stands in the text."""

    command: str
    output: str
    span: tuple[int, int]
    python: bool = False


def examples(text: str) -> Iterator[Example]:
    """The examples of a Markdown text, in its order; a command goes on until its quotes are closed."""
    programs = (Example(each[1], each[2], each.span(2), python=True) for each in _PYTHON.finditer(text))
    yield from sorted([*_commands(text), *programs], key=lambda each: each.span)


def _commands(text: str) -> Iterator[Example]:
    for block in _CONSOLE.finditer(text):
        lines = block.group(1).splitlines(keepends=True)
        count = next(n for n in range(1, len(lines) + 1) if _whole("".join(lines[:n])))
        command = "".join(lines[:count]).removeprefix("$ ")
        yield Example(command, "".join(lines[count:]), (block.start(1) + len("$ ") + len(command), block.end(1)))


def _whole(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def rewritten(text: str, run: Callable[[Example], str]) -> str:
    """The text with the output that each example prints now."""
    for example in reversed(list(examples(text))):
        start, end = example.span
        text = text[:start] + run(example) + text[end:]
    return text


def output_of(example: Example, address: str) -> str:
    """What an example prints, with the server at `address`."""
    command = example.command.replace(ADDRESS, address)
    if example.python:
        program = [sys.executable, "-c", command]
        return subprocess.run(program, capture_output=True, text=True, check=True, timeout=60).stdout
    words = shlex.split(command)
    if words[0] == "curl":
        return _curl(words[1:]).replace("\r\n", "\n").replace(address, ADDRESS)
    module = [sys.executable, "-m", *words]
    return subprocess.run(module, cwd=CHECKOUT.root, capture_output=True, text=True, check=True).stdout


def _curl(words: list[str]) -> str:
    headers, fields, url = {}, [], ""
    rest = iter(words)
    for word in rest:
        if word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word == "--data-urlencode":
            name, _, value = next(rest).partition("=")
            fields.append((name, value))
        elif not word.startswith("-"):
            url = word
    request = Request(f"{url}?{urlencode(fields)}" if fields else url, headers=headers)
    with urlopen(request, timeout=30) as answer:
        body: bytes = answer.read()
    return body.decode("utf-8")


@contextmanager
def served(release: Path) -> Iterator[str]:
    """A server of a release in a process of its own; the value is its address."""
    command = [sys.executable, "-m", "kip", "serve", "--port", "0", "--release", str(release)]
    server = subprocess.Popen(command, cwd=CHECKOUT.root, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        line = server.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line
        yield found.group()
    finally:
        server.terminate()
        server.wait(timeout=30)
        assert server.stderr is not None
        server.stderr.close()


def main() -> None:
    """Writes the output of every example into README.md."""
    with served(build(CHECKOUT, prefix_map())) as address:
        text = rewritten(README.read_text("utf-8"), lambda example: output_of(example, address))
    README.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
