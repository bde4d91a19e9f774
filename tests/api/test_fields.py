"""The fields of a request over real connections: several lines are one list, and a request says which host it asks."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.transport.fields import combined, fault_of_host
from tests.hostile.wire import Address, Said, exchange, get, post, sparql

_NAMES = "SELECT ?o { ?s kip:position ?o } ORDER BY ?o LIMIT 3"
_WRONG_HOSTS = (
    'a>; rel="x", <b',
    "a b",
    "",
    "a/b",
    "a@b",
    "http://e.org",
    "e.org:port",
    "e.org:999999",
    "[::1",
    "[1::2]x",
    "%zz",
    "가".encode().decode("latin-1"),
    'e.org"',
)


@pytest.fixture(scope="module")
def address(server: httpx.Client) -> Address:
    return str(server.base_url.host), int(server.base_url.port or 0)


def asked(address: Address, request: bytes) -> Said:
    (said,) = exchange(address, request)
    return said


@pytest.mark.parametrize(
    ("fields", "media_type"),
    [
        (("Accept: image/png", "Accept: text/csv"), "text/csv"),
        (("Accept: text/csv;q=0.1", "ACCEPT: text/tab-separated-values"), "text/tab-separated-values"),
        (("Accept:", "Accept: application/sparql-results+xml", "X-Between: 1"), "application/sparql-results+xml"),
    ],
)
def test_the_lines_of_accept_are_one_list_however_often_they_come(
    address: Address, fields: tuple[str, ...], media_type: str
) -> None:
    """From the third time on the same bytes are answered before anything reads them."""
    request = sparql(_NAMES, *fields).replace(b"Connection: close\r\n", b"")
    said = exchange(address, *[request] * 4, sparql("ASK {}"), pause=0.2)
    assert [each.status for each in said] == [200] * 5
    assert [each.headers["content-type"].partition(";")[0] for each in said[:4]] == [media_type] * 4
    assert len({each.body for each in said[:4]}) == 1


def test_what_stands_in_another_line_makes_another_answer(address: Address) -> None:
    for _ in range(4):
        table = asked(address, sparql(_NAMES, "Accept: text/csv", "Accept: text/html"))
        other = asked(address, sparql(_NAMES, "Accept: text/html", "Accept: application/json"))
        none = asked(address, sparql(_NAMES, "Accept: image/png", "Accept: text/html"))
        assert (table.headers["content-type"].partition(";")[0], none.status) == ("text/csv", 406)
        assert json.loads(other.body)["head"]["vars"] == ["o"]


def test_the_second_line_of_other_lists_counts_too(address: Address) -> None:
    tag = asked(address, sparql(_NAMES)).headers["etag"]
    assert asked(address, sparql(_NAMES, 'If-None-Match: "other"', f"If-None-Match: {tag}")).status == 304
    page = asked(address, get("/", "Accept: text/html", "Accept-Language: fr", "Accept-Language: ko"))
    assert page.headers["content-language"] == "ko"
    waited = asked(address, sparql("ASK {}", "Prefer: respond-async", "Prefer: wait=3"))
    assert waited.headers["preference-applied"] == "wait=3"


def test_two_media_types_of_a_body_are_none(address: Address) -> None:
    assert (
        asked(address, post("/sparql", b"ASK {}", "application/sparql-query", "Content-Type: text/csv")).status == 415
    )


def test_of_very_many_preferences_the_first_count_and_nobody_waits(address: Address) -> None:
    """Read from each mark anew, they would take longer than the connection is waited for."""
    many = ", ".join(f"a/b{number};q=0.{number % 10}" for number in range(14_000))
    for value in (
        f"text/csv, {many}",
        "text/csv, " + '"' + '\\"' * 100_000,
        "text/csv" + ";" * 4000 + ", " + ";" * 200_000,
    ):
        said = asked(address, sparql(_NAMES, f"Accept: {value}", f"Accept-Language: {value}"))
        assert (said.status, said.headers["content-type"].partition(";")[0]) == (200, "text/csv")
    assert asked(address, sparql(_NAMES, f"Accept: {many}, text/csv")).status == 406


@pytest.mark.parametrize("path", ["/sparql?query=ASK%7B%7D", "/id/org/kcci", "/healthz", "/nothing"])
def test_a_host_that_is_none_is_refused_and_stands_in_no_answer(address: Address, path: str) -> None:
    for host in _WRONG_HOSTS:
        said = asked(address, get(path, f"Host: {host}"))
        assert said.status == 400, host
        assert said.problem["type"].endswith("problem/malformed-request")
        assert "rel=" not in said.headers.get("link", "") + said.headers.get("location", "")
    assert asked(address, get(path, "Host: e.org", "Host: e.org")).status == 400
    assert asked(address, get(path).replace(b"Host: e.org\r\n", b"")).status == 400


def test_who_gets_a_ready_answer_has_a_host_too(address: Address) -> None:
    wrong = sparql(_NAMES, "Host: e.org", "Host: f.org").replace(b"Connection: close\r\n", b"")
    right = sparql(_NAMES).replace(b"Connection: close\r\n", b"")
    said = exchange(address, right, right, right, wrong, right, wrong, sparql("ASK {}"), pause=0.2)
    assert [each.status for each in said] == [200, 200, 200, 400, 200, 400, 200]


@pytest.mark.parametrize("host", ["e.org", "e.org:8000", "127.0.0.1:1", "[::1]:80", "xn--o39a.kr", "a_b.%41", "e.org:"])
def test_a_host_that_is_one_is_answered(address: Address, host: str) -> None:
    assert asked(address, get("/id/org/kcci", f"Host: {host}")).status == 303


def test_a_caller_of_the_first_version_needs_no_host(address: Address) -> None:
    said = asked(address, b"GET /sparql?query=ASK%7B%7D HTTP/1.0\r\n\r\n")
    assert (said.status, json.loads(said.body)["boolean"]) == (200, True)
    assert asked(address, b"GET /healthz HTTP/1.0\r\nHost: a b\r\n\r\n").status == 400


headers = st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.binary(max_size=3)), max_size=8)


@given(headers)
def test_nothing_is_lost_and_no_name_comes_twice(given: list[tuple[bytes, bytes]]) -> None:
    found = dict(combined(given))
    assert len(found) == len(combined(given)) == len({name for name, _ in given})
    assert all(value == b", ".join(each for name, each in given if name == key) for key, value in found.items())


@given(st.binary(max_size=30))
def test_a_host_has_nothing_in_it_that_ends_a_link(host: bytes) -> None:
    fault = fault_of_host([(b"host", host)], "1.1")
    assert fault or not set(host) & set(b'<>"\\ /?#@\r\n\0')
