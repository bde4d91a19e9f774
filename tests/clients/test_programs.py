"""Clients that are programs: Comunica (https://comunica.dev), roqet (https://librdf.org/rasqal/) and curl."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlencode

import pytest
from rdflib import Graph

from tests.clients.questions import ALWAYS, ASK, CONSTRUCT, NAMES, NEVER, SELECT, skip_unless

Run = Callable[..., str]
EXPECTED = set(Graph().parse(data=ALWAYS, format="turtle"))


def _output(command: Sequence[str], statuses: Sequence[int] = (0,)) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in statuses, done.stderr
    return done.stdout


@pytest.fixture
def comunica(endpoint: str) -> Run:
    beside = Path(sys.prefix)
    script = beside / "clients" / "node_modules" / ".bin" / "comunica-sparql"
    skip_unless(script.exists() and (beside / "bin" / "node").exists(), "Comunica (npm)")
    node = [str(beside / "bin" / "node"), str(script), f"sparql@{endpoint}"]
    return lambda query, returned: _output([*node, "-q", query, "-t", returned])


def test_comunica_reads_a_table(comunica: Run) -> None:
    table = json.loads(comunica(SELECT, "application/sparql-results+json"))
    assert {row["name"]["value"] for row in table["results"]["bindings"]} == NAMES


def test_comunica_reads_truth_values(comunica: Run) -> None:
    answers = [json.loads(comunica(query, "application/sparql-results+json"))["boolean"] for query in (ASK, NEVER)]
    assert answers == [True, False]


def test_comunica_reads_a_graph(comunica: Run) -> None:
    assert set(Graph().parse(data=comunica(CONSTRUCT, "text/turtle"), format="turtle")) == EXPECTED


@pytest.fixture
def roqet(endpoint: str) -> Run:
    program = shutil.which("roqet")
    skip_unless(program is not None, "roqet (Debian's rasqal-utils)")
    return lambda query, returned: _output([str(program), "-q", "-r", returned, "-p", endpoint, "-e", query])


def test_roqet_reads_a_table(roqet: Run) -> None:
    rows = list(csv.reader(io.StringIO(roqet(SELECT, "csv"))))
    assert {row[-1] for row in rows[1:]} == NAMES


def test_roqet_reads_a_graph_and_asks_us_in_a_federated_query(endpoint: str, roqet: Run) -> None:
    """Its protocol mode reads tables only. (Status 2 says that it has warned.)"""
    graph = f"{endpoint}?{urlencode({'query': CONSTRUCT})}"
    command = [str(shutil.which("roqet")), "-q", "-i", "sparql", "-r", "csv"]
    assert "신한은행" in _output(
        [*command, "-D", graph, "-e", "SELECT ?name { ?thing <http://e.org/은행명> ?name }"], (0, 2)
    )
    federated = SELECT.replace("{", f"{{ SERVICE <{endpoint}> {{") + " }"
    assert {row[-1] for row in list(csv.reader(io.StringIO(_output([*command, "-e", federated], (0, 2)))))[1:]} == NAMES


@pytest.fixture
def curl(endpoint: str) -> Run:
    program = shutil.which("curl")
    skip_unless(program is not None, "curl")
    return lambda *options: _output([str(program), "--silent", "--show-error", "--fail-with-body", endpoint, *options])


@pytest.mark.parametrize(
    "how",
    [
        ["--get", "--data-urlencode", f"query={SELECT}"],
        ["--data-urlencode", f"query={SELECT}"],
        ["--data-binary", SELECT, "--header", "Content-Type: application/sparql-query"],
    ],
    ids=["get", "form", "direct"],
)
def test_curl_reads_a_table(curl: Run, how: list[str]) -> None:
    assert set(curl(*how, "--header", "Accept: text/csv").splitlines()) == {"name", *NAMES}


def test_curl_reads_truth_values_and_a_graph(curl: Run) -> None:
    answers = [curl("--get", "--data-urlencode", f"query={query}", "--data", "format=csv") for query in (ASK, NEVER)]
    assert answers == ["true", "false"]
    text = curl("--get", "--data-urlencode", f"query={CONSTRUCT}", "--header", "Accept: text/turtle")
    assert set(Graph().parse(data=text, format="turtle")) == EXPECTED


def test_curl_sees_the_head_only(curl: Run) -> None:
    told = curl("--head", "--get", "--data-urlencode", f"query={SELECT}", "--header", "Accept: text/csv").splitlines()
    assert told[0].split()[1] == "200"
    assert "content-type: text/csv; charset=utf-8" in [line.strip().lower() for line in told]
