"""HEAD, OPTIONS and the methods that there are not, on every route that the application has."""

from __future__ import annotations

import httpx
import pytest

PATHS = (
    "/",
    "/articles",
    "/query",
    "/about",
    "/id/org/kcci",
    "/data/org/kcci.ttl",
    "/page/org/kcci",
    "/def",
    "/shapes",
    "/dataset",
    "/.well-known/void",
    "/sparql",
    "/api/queries",
    "/api/queries/list-articles",
    "/static/pages.css",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
)


def methods_of(answer: httpx.Response) -> list[str]:
    return [each.strip() for each in answer.headers["allow"].split(",")]


@pytest.mark.parametrize("path", PATHS)
def test_options_answers_with_the_methods_that_there_are(server: httpx.Client, path: str) -> None:
    answer = server.options(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert {"GET", "HEAD", "OPTIONS"} <= set(methods_of(answer))
    assert methods_of(answer) == sorted(methods_of(answer))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_method_that_there_is_not_is_answered_with_those_that_there_are(
    server: httpx.Client, path: str, method: str
) -> None:
    answer = server.request(method, path)
    assert answer.status_code == 405
    assert methods_of(answer) == methods_of(server.options(path))
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 405


@pytest.mark.parametrize("path", PATHS)
def test_head_has_the_headers_of_get_and_no_body(server: httpx.Client, path: str) -> None:
    changing = {"date", "server-timing", "x-request-id"} | ({"content-length"} if path == "/metrics" else set())
    head, get = server.head(path), server.get(path)
    assert head.status_code == get.status_code
    assert head.content == b""
    told = [{name: value for name, value in each.headers.items() if name not in changing} for each in (head, get)]
    assert told[0] == told[1]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_elsewhere_may_ask_by_get_and_post_with_any_header(server: httpx.Client, path: str) -> None:
    asked = {
        "Origin": "https://e.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, prefer",
    }
    answer = server.options(path, headers=asked)
    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"GET", "HEAD", "POST"} <= {
        each.strip() for each in answer.headers["access-control-allow-methods"].split(",")
    }
    allowed = {each.strip().lower() for each in answer.headers["access-control-allow-headers"].split(",")}
    assert {"content-type", "prefer"} <= allowed


def test_what_does_not_exist_has_no_options(server: httpx.Client) -> None:
    assert server.options("/nothing").status_code == 404
    assert server.options("/api/queries/none").status_code in (204, 404)
