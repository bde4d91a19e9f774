"""How to ask a canned query from elsewhere: whole programs with the values that its form was filled in with."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

__all__ = ["SAMPLES", "Sample", "samples"]

Pairs = Sequence[tuple[str, str]]
"""The names and values of the parameters."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A whole program in one language; `language` is its name in MIME-like form, `label` the one that readers know."""

    language: str
    label: str
    code: str


def _quoted(text: str) -> str:
    # The escapes of JSON mean the same in Python, R and JavaScript
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _curl(address: str, pairs: Pairs) -> str:
    fields = "".join(f" \\\n  --data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in pairs)
    return f"curl -sSfG {shlex.quote(address + '.csv')}{fields}\n"


def _python(address: str, pairs: Pairs) -> str:
    given = "".join(f"    ({_quoted(name)}, {_quoted(value)}),\n" for name, value in pairs)
    return (
        "import io\n\nimport httpx\nimport pandas as pd\n\n"
        f"parameters = [{chr(10) + given if given else ''}]\n"
        f"answer = httpx.get({_quoted(address + '.csv')}, params=parameters).raise_for_status()\n"
        "print(pd.read_csv(io.BytesIO(answer.content)))\n"
    )


def _r(address: str, pairs: Pairs) -> str:
    query = f"?{urlencode(pairs)}" if pairs else ""
    return f'answer <- read.csv({_quoted(f"{address}.csv{query}")}, fileEncoding = "UTF-8-BOM")\nprint(answer)\n'


def _javascript(address: str, pairs: Pairs) -> str:
    given = "".join(f"  [{_quoted(name)}, {_quoted(value)}],\n" for name, value in pairs)
    return (
        f"const url = new URL({_quoted(address)});\n"
        f"url.search = new URLSearchParams([{chr(10) + given if given else ''}]);\n"
        'const answer = await fetch(url, { headers: { Accept: "application/json" } });\n'
        "if (!answer.ok) throw new Error(await answer.text());\n"
        "const { columns, rows } = await answer.json();\n"
        "for (const row of rows) {\n"
        '  console.log(columns.map(({ name }) => row[name]?.label?.ko ?? row[name]?.value ?? "").join("\\t"));\n'
        "}\n"
    )


SAMPLES: Mapping[str, tuple[str, Callable[[str, Pairs], str]]] = {
    "shell": ("curl", _curl),
    "python": ("Python", _python),
    "r": ("R", _r),
    "javascript": ("JavaScript", _javascript),
}


def samples(address: str, given: Mapping[str, Sequence[str]]) -> tuple[Sample, ...]:
    """The programs that ask the query at an address for these values.

    >>> print(samples("http://e.org/api/queries/q", {"name": ["it's"]})[0].code)
    curl -sSfG http://e.org/api/queries/q.csv \\
      --data-urlencode 'name=it'"'"'s'
    <BLANKLINE>
    """
    pairs = [(name, value) for name, values in given.items() for value in values]
    return tuple(Sample(name, label, write(address, pairs)) for name, (label, write) in SAMPLES.items())
