"""The W3C's suites on our server and on its peers, side by side: `python -m tests.conformance`.

Ours refuses updates by design, so the protocol's update tests are left out; tests/conformance holds it to the refusal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from pyoxigraph import Quad

from tests.benchmarks.servers import Server, our_server, oxigraph_server, rdflib_server
from tests.conformance.conftest import protocol_quads, quads_of, write_release
from tests.conformance.judging import RESULT_SUITES, check_case, check_result
from tests.conformance.suites import SUITES, Case, ResultCase, cases, local, result_cases

Check = Callable[[httpx.Client, str], object]


def main() -> int:
    """Print the table; 0 when it was made, 1 where the suites are absent."""
    if not SUITES.is_dir():
        print(f"the W3C test suites are not part of the project; {SUITES} is absent here", file=sys.stderr)
        return 1
    print("| suite | tests | server | passed | failed |\n| --- | --- | --- | --- | --- |")
    queries = [case for case in cases() if not case.updates]
    _compare("protocol, queries", {"": list(protocol_quads())}, [("", each.iri, _of_case(each)) for each in queries])
    for suite in RESULT_SUITES:
        asked = result_cases(suite)
        data = {str(case.data): list(quads_of(case.data)) for case in asked}
        _compare(suite, data, [(str(each.data), each.iri, _of_result(each)) for each in asked])
    return 0


def _of_case(case: Case) -> Check:
    return lambda client, endpoint: check_case(client, endpoint, case)


def _of_result(case: ResultCase) -> Check:
    return lambda client, endpoint: check_result(client, endpoint, case)


def _compare(suite: str, datasets: dict[str, list[Quad]], tests: list[tuple[str, str, Check]]) -> None:
    failed: dict[str, list[str]] = {}
    for name, quads in datasets.items():
        chosen = [(iri, check) for data, iri, check in tests if data == name]
        for server, failures in _outcomes(quads, chosen):
            failed.setdefault(server, []).extend(failures)
    for server, failures in failed.items():
        print(f"| {suite} | {len(tests)} | {server} | {len(tests) - len(failures)} | {', '.join(failures) or '–'} |")


def _outcomes(quads: Iterable[Quad], tests: list[tuple[str, Check]]) -> list[tuple[str, list[str]]]:
    """Each server's name with the names of the tests that it fails."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        release = write_release(Path(folder), quads)
        dump = release / "dataset.nq"
        servers = (our_server(release), rdflib_server(dump), oxigraph_server(dump))
        return [_failures(stack.enter_context(server), tests) for server in servers]


def _failures(server: Server, tests: list[tuple[str, Check]]) -> tuple[str, list[str]]:
    with httpx.Client(timeout=30) as client:
        return server.name, [local(iri) for iri, check in tests if not _passes(client, server.endpoint, check)]


def _passes(client: httpx.Client, endpoint: str, check: Check) -> bool:
    try:
        check(client, endpoint)
    except (AssertionError, ValueError, SyntaxError, KeyError, httpx.HTTPError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
