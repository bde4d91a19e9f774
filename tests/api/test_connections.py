"""Callers who send slowly, read slowly, leave, or open many connections, take nothing from the others."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from api.engine.connections import Bounds
from tests.api.conftest import figures, serving, until
from tests.api.test_hosting import HUGE, begun, length_of
from tests.api.test_workers import ENDLESS
from tests.hostile.wire import Address, Said, exchange, get, post


@pytest.fixture(scope="module")
def hasty(small_release: Path) -> Iterator[httpx.Client]:
    """A client of a server with one worker and little patience for those who send or read slowly."""
    bounds = {"KIP_REQUEST_SECONDS": "1", "KIP_STALL_SECONDS": "1", "KIP_CLIENT_CONNECTIONS": "20"}
    with serving(small_release, KIP_WORKERS="1", KIP_RESERVED="0", KIP_QUERY_SECONDS="50", **bounds) as client:
        yield client


def connected(client: httpx.Client) -> socket.socket:
    return socket.create_connection(address_of(client), timeout=30)


def address_of(client: httpx.Client) -> Address:
    return str(client.base_url.host), int(client.base_url.port or 0)


def read_until_closed(connection: socket.socket) -> bytes:
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionError:
        pass
    return received


def dribble(connection: socket.socket, rest: bytes) -> bytes:
    """Send byte after byte until the other end has had enough; what it said."""
    over = threading.Event()

    def send() -> None:
        for number in rest:
            if over.wait(0.05):
                return
            try:
                connection.sendall(bytes([number]))
            except OSError:
                return

    sending = threading.Thread(target=send)
    sending.start()
    received = read_until_closed(connection)
    over.set()
    sending.join()
    return received


def problem_of(received: bytes) -> tuple[int, dict[str, object]]:
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    assert length_of(head) == len(body)
    return int(head.split()[1]), json.loads(body)


def test_a_head_that_comes_drop_by_drop_is_not_waited_for(hasty: httpx.Client) -> None:
    with connected(hasty) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: e.org\r\n")
        status, document = problem_of(dribble(connection, b"X-Filler: " + b"x" * 2000))
    limit = {"name": "request-seconds", "value": 1.0, "unit": "s", "setting": "KIP_REQUEST_SECONDS"}
    assert (status, document["limit"]) == (408, limit)


def test_a_caller_who_says_nothing_is_not_waited_for(hasty: httpx.Client) -> None:
    with connected(hasty) as connection:
        assert problem_of(read_until_closed(connection))[0] == 408


def test_the_second_request_of_a_connection_must_come_in_time_too(hasty: httpx.Client) -> None:
    with connected(hasty) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: e.org\r\n\r\nGET /healthz HTTP/1.1\r\nHo")
        received = dribble(connection, b"st: " + b"e" * 2000)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert received.count(b"HTTP/1.1 ") <= 2


def test_a_body_that_comes_drop_by_drop_is_cut(hasty: httpx.Client) -> None:
    with connected(hasty) as connection:
        head = b"POST /sparql HTTP/1.1\r\nHost: e.org\r\nContent-Type: application/sparql-query\r\n"
        connection.sendall(head + b"Content-Length: 2000\r\n\r\n")
        received = dribble(connection, b"ASK {}" + b" " * 2000)
    assert not received.startswith(b"HTTP/1.1 2")
    assert hasty.get("/healthz").status_code == 200


def test_a_head_without_end_is_not_kept(hasty: httpx.Client) -> None:
    with connected(hasty) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: e.org\r\n")
        with contextlib.suppress(OSError):
            for number in range(100):
                connection.sendall(b"X-%d: " % number + b"x" * 32_000 + b"\r\n")
        received = read_until_closed(connection)
    assert received == b"" or problem_of(received)[0] == 431
    assert hasty.get("/healthz").status_code == 200


_MOST_ADDRESS, _MOST_HEAD = 65_535, 512 * 1024


def limit_of(said: Said) -> tuple[int, object]:
    limit = said.problem["limit"]
    assert limit["unit"] == "B" and limit["setting"] is None
    return said.status, (limit["name"], limit["value"])


def test_an_address_is_read_up_to_its_limit(hasty: httpx.Client) -> None:
    path = "/sparql?query=ASK%7B%7D%23"
    for method, status in (("GET", 200), ("HEAD", 200)):
        whole = get(path + "x" * (_MOST_ADDRESS - len(path)), method=method)
        assert [each.status for each in exchange(address_of(hasty), whole)] == [status]
    for more in (1, 1000, 1_000_000, 5_000_000):
        (said,) = exchange(address_of(hasty), get(path + "x" * (_MOST_ADDRESS - len(path) + more)))
        assert limit_of(said) == (414, ("address-bytes", _MOST_ADDRESS)), more
        assert "POST" in said.problem["detail"]


def headed(length: int) -> bytes:
    """A request whose head has this length."""
    request = get("/healthz", "X-Large: ")
    return get("/healthz", "X-Large: " + "x" * (length - len(request)))


def test_a_head_is_read_up_to_its_limit_however_it_comes(hasty: httpx.Client) -> None:
    for cut in (1, 1000, 300_000, _MOST_HEAD - 2, _MOST_HEAD):
        pieces = [headed(_MOST_HEAD)[:cut], headed(_MOST_HEAD)[cut:]]
        assert [each.status for each in exchange(address_of(hasty), *pieces, pause=0.05)] == [200], cut
    for length in (_MOST_HEAD + 1, 600_000, 700_000, 780_000, 3_000_000):
        (said,) = exchange(address_of(hasty), headed(length))
        assert limit_of(said) == (431, ("head-bytes", _MOST_HEAD)), length


def test_what_comes_after_a_head_is_not_of_it(hasty: httpx.Client) -> None:
    body = b"ASK {} #" + b"x" * 120_000
    first = post("/sparql", body, "application/sparql-query").replace(b"Connection: close\r\n", b"")
    for cut in (len(first) - 60_000, len(first) + 400_000):
        sent = first + headed(_MOST_HEAD)
        said = exchange(address_of(hasty), sent[:cut], sent[cut:], pause=0.3)
        assert [each.status for each in said] == [200, 200], cut


def test_a_head_that_comes_while_another_request_is_answered_is_bounded_too(hasty: httpx.Client) -> None:
    """A request under way does not give the next one room without end."""
    with connected(hasty) as connection:
        connection.sendall(f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\r\nHost: e.org\r\n\r\n".encode())
        until(lambda: figures(hasty)["kip_workers[busy]"] == 1)
        began = time.monotonic()
        with pytest.raises(OSError):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: e.org\r\nX: ")
            while time.monotonic() - began < 40:
                connection.sendall(b"x" * 65_536)
                time.sleep(0.05)
    until(lambda: figures(hasty)["kip_workers[busy]"] == 0, 40)


def test_who_goes_on_sending_is_not_listened_to_for_long(hasty: httpx.Client) -> None:
    with connected(hasty) as connection:
        connection.sendall(b"no http\r\n\r\n")
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < 60:
                connection.sendall(b"x")
                time.sleep(0.1)


def test_what_is_no_http_is_told_so(hasty: httpx.Client) -> None:
    with connected(hasty) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\r\n\r\n")
        assert problem_of(read_until_closed(connection))[0] == 400


def test_a_connection_is_used_again_as_long_as_requests_come_whole(hasty: httpx.Client) -> None:
    with connected(hasty) as connection:
        for _ in range(6):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: e.org\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
            time.sleep(0.3)


def test_a_slow_reader_holds_no_worker_and_is_cut_off(hasty: httpx.Client) -> None:
    with begun(str(hasty.base_url.host), int(hasty.base_url.port or 0), HUGE) as slow:
        head, _, body = slow.recv(4096).partition(b"\r\n\r\n")
        assert hasty.get("/sparql", params={"query": "ASK { ?s ?p 3 }"}).json()["boolean"] is True
        assert figures(hasty)["kip_workers[busy]"] == 0
        # nothing is read for longer than the server is patient, then all that is there
        time.sleep(2)
        received = len(body) + len(read_until_closed(slow))
    assert head.startswith(b"HTTP/1.1 200 ")
    assert received < length_of(head)


def test_the_worker_is_free_as_soon_as_its_caller_is_gone(hasty: httpx.Client) -> None:
    with connected(hasty) as connection:
        connection.sendall(f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\r\nHost: e.org\r\n\r\n".encode())
        until(lambda: figures(hasty)["kip_workers[busy]"] == 1)
    until(lambda: figures(hasty)["kip_workers[busy]"] == 0, 40)
    assert figures(hasty)["kip_query_seconds_count[caller-gone]"] >= 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_goes_away_while_queued_is_not_evaluated(hasty: httpx.Client, method: str) -> None:
    form = f"query={quote(ENDLESS)}"
    asked = {
        "GET": f"GET /sparql?{form} HTTP/1.1\r\nHost: e.org\r\n\r\n",
        "POST": "POST /sparql HTTP/1.1\r\nHost: e.org\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(form)}\r\n\r\n{form}",
    }[method].encode()
    with connected(hasty) as first:
        first.sendall(asked)
        until(lambda: figures(hasty)["kip_workers[busy]"] == 1)
        with connected(hasty) as second:
            second.sendall(asked)
            until(lambda: figures(hasty)["kip_queue_length"] == 1)
        until(lambda: figures(hasty)["kip_queue_length"] == 0, 40)
        assert figures(hasty)["kip_workers[busy]"] == 1
    until(lambda: figures(hasty)["kip_workers[busy]"] == 0, 40)


def test_one_address_has_no_more_connections_than_it_may(hasty: httpx.Client) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connected(hasty))
        with connected(hasty) as refused:
            status, document = problem_of(read_until_closed(refused))
        assert status == 429
        assert document["limit"] == {
            "name": "client-connections",
            "value": 20,
            "unit": "connections",
            "setting": "KIP_CLIENT_CONNECTIONS",
        }

    def admitted() -> bool:
        try:
            return httpx.get(f"{hasty.base_url}healthz").status_code == 200
        except httpx.HTTPError:
            return False

    until(admitted)


def test_proxies_bring_many_clients_and_are_not_counted() -> None:
    bounds = Bounds(connections=1, trusted="10.0.0.0/8,::1/128")
    assert all(bounds.admit(address) for address in ("10.1.2.3", "10.1.2.3", "::1", "::1"))
    assert [bounds.admit("192.0.2.1") for _ in range(2)] == [True, False]
    bounds.release("192.0.2.1")
    assert bounds.admit("192.0.2.1")
    assert dict(bounds.open) == {"192.0.2.1": 1}
    bounds.release("192.0.2.1")
    assert not bounds.open
