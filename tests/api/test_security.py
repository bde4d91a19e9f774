"""What every answer tells a browser, what no answer tells anybody, and whom the server runs as."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from api.transport.security import completed, guards
from graph_builder.project import CHECKOUT
from tests.api.conftest import running
from tests.api.site import BROWSER

PATHS = (
    ("/", BROWSER, 200),
    ("/articles", BROWSER, 200),
    ("/static/pages.css", "*/*", 200),
    ("/sparql?query=ASK%7B%7D", "*/*", 200),
    ("/sparql?query=ASK%7B", "*/*", 400),
    ("/sparql", "text/turtle", 200),
    ("/api/queries", "*/*", 200),
    ("/api/queries/none", "*/*", 404),
    ("/id/org/kcci", "text/turtle", 303),
    ("/data/org/kcci.ttl", "*/*", 200),
    ("/page/org/none", BROWSER, 404),
    ("/nothing", BROWSER, 404),
    ("/nothing", "*/*", 404),
    ("/healthz", "*/*", 200),
    ("/metrics", "*/*", 200),
    ("/openapi.json", "*/*", 200),
    ("/dataset", "text/turtle", 404),
)


def directives(policy: str) -> dict[str, str]:
    return {each.strip().partition(" ")[0]: each.strip().partition(" ")[2] for each in policy.split(";")}


@pytest.mark.parametrize(("path", "accept", "status"), PATHS)
def test_every_answer_has_the_headers_that_a_browser_obeys(
    server: httpx.Client, path: str, accept: str, status: int
) -> None:
    answer = server.get(path, headers={"Accept": accept})
    assert answer.status_code == status
    policy = directives(answer.headers["content-security-policy"])
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "strict-transport-security" not in answer.headers
    assert answer.headers["x-kip-release"] == "test-1"
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
    names = [name for name, _ in answer.headers.raw]
    assert len({name.lower() for name in names}) == len(names), "no header stands twice"
    assert "server" not in answer.headers
    assert "Traceback" not in answer.text
    assert answer.headers.get("content-type", "").startswith("text/html") == (accept == BROWSER)


def test_two_requests_never_have_one_identifier(server: httpx.Client) -> None:
    assert len({server.get("/healthz").headers["x-request-id"] for _ in range(20)}) == 20


def test_any_page_elsewhere_may_read_the_data(server: httpx.Client) -> None:
    answer = server.get("/sparql", params={"query": "ASK {}"}, headers={"Origin": "https://e.org"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    exposed = {name.strip() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert {"X-KIP-Release", "X-KIP-Truncated", "Retry-After", "RateLimit", "X-Request-ID"} <= exposed


def test_transport_security_is_demanded_where_it_is_set() -> None:
    assert (b"strict-transport-security", b"max-age=600") in guards(600)
    assert all(name != b"strict-transport-security" for name, _ in guards())


def test_a_policy_of_its_own_stays() -> None:
    own = (b"Content-Security-Policy", b"default-src 'self'")
    headers = completed([own], guards())
    assert [value for name, value in headers if name.lower() == b"content-security-policy"] == [own[1]]


def test_what_goes_wrong_at_the_end_of_a_caller_is_a_problem_without_a_trace(server: httpx.Client) -> None:
    for path in (
        "/id/%00",
        "/page/%ff/%fe",
        "/data/..%2f..%2fetc%2fpasswd",
        "/static/..%2fapp.py",
        "/dumps/%0d%0aX: 1",
    ):
        answer = server.get(path)
        assert 400 <= answer.status_code < 500
        assert "Traceback" not in answer.text
        assert "x" not in answer.headers


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_can_run_it(small_release: Path, tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    # It may read what root may, as the interpreter can be in root's home, and nothing else.
    caps = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search")
    becoming = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", *caps]
    tried = shutil.which("setpriv") and subprocess.run([*becoming, sys.executable, "-c", ""], check=False)
    if not tried or tried.returncode:
        pytest.skip("this machine lets nobody become an ordinary user")
    process = subprocess.Popen(
        [*becoming, sys.executable, "-m", "api", "serve", "--port", "0", "--release", str(small_release)],
        cwd=CHECKOUT.root,
        env={"PATH": os.environ["PATH"], "KIP_WORKERS": "1", "KIP_LOG": "off", "PYTHONDONTWRITEBYTECODE": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        address = re.search(r"http://\S+", process.stderr.readline())
        assert address
        answer = httpx.get(f"{address.group()}sparql", params={"query": "ASK { ?s kip:position 3 }"}, timeout=30)
        assert answer.json()["boolean"] is True
        assert f"Uid:\t{nobody.pw_uid}\t" in Path(f"/proc/{process.pid}/status").read_text()
    finally:
        process.terminate()
        said = process.stderr.read()
        process.wait(30)
        process.stderr.close()
    assert "root" not in said


def test_root_is_told_that_it_need_not_be(small_release: Path) -> None:
    with running(small_release, KIP_WORKERS="1") as (_, process):
        process.terminate()
        assert process.stderr is not None
        assert ("runs as root" in process.stderr.read()) is (os.geteuid() == 0)
