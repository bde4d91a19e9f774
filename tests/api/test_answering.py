"""What the engine writes of a ready-made question, or under a permanent link, can be validated like everything else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import running
from tests.api.test_versions import SECOND, point, write

_SUFFIXES = ("csv", "tsv", "srj", "srx")
_DATE = "Wed, 06 May 2020 00:00:01 GMT"


@pytest.fixture(scope="module")
def client(small_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("answering")
    write(small_release, folder, SECOND)
    point(folder, SECOND)
    settings = {"KIP_WORKERS": "1", "KIP_LOG": "off", "KIP_PERMALINKS": str(folder / "permalinks")}
    with running(folder / "current", **settings) as (client, _):
        yield client


@pytest.fixture(scope="module")
def paths(client: httpx.Client) -> list[str]:
    """Every ready-made question that needs no parameter, and permanent links to some."""
    listed = client.get("/api/queries").json()["queries"]
    asked = [each["id"] for each in listed if not any(one["required"] for one in each["parameters"])]
    kept = [client.post(f"/r/{name}").json()["href"] for name in asked[:3]]
    kept.append(client.post("/r", data={"query": "SELECT ?o { ?s kip:position ?o } LIMIT 3"}).json()["href"])
    return [*(f"/api/queries/{name}" for name in asked), *kept]


def test_every_answer_of_the_engine_can_be_validated(client: httpx.Client, paths: list[str]) -> None:
    assert len(paths) > 20
    for path in (f"{path}.{suffix}" for path in paths for suffix in _SUFFIXES):
        answer = client.get(path)
        assert answer.status_code == 200, path
        tag = answer.headers["etag"]
        assert answer.headers["last-modified"] == _DATE
        for known in (tag, tag.removeprefix("W/")):
            again = client.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path


def test_other_conditions_of_such_answers_are_heeded(client: httpx.Client, paths: list[str]) -> None:
    for path in (f"{paths[0]}.srj", f"{paths[-1]}.csv"):
        tag = client.get(path).headers["etag"]
        for sent, status in (
            ({"If-Modified-Since": _DATE}, 304),
            ({"If-Modified-Since": "Wed, 06 May 2020 00:00:00 GMT"}, 200),
            ({"If-None-Match": "*"}, 304),
            ({"If-None-Match": '"other"', "If-Modified-Since": _DATE}, 200),
            ({"If-Unmodified-Since": "Wed, 06 May 2020 00:00:00 GMT"}, 412),
            ({"If-Match": tag}, 412),
            ({"If-Match": "*"}, 200),
        ):
            assert client.get(path, headers=sent).status_code == status, (path, sent)


def test_formats_and_languages_have_tags_of_their_own(client: httpx.Client, paths: list[str]) -> None:
    for path in (paths[0], paths[-1]):
        tags = [client.get(f"{path}.{suffix}").headers["etag"] for suffix in _SUFFIXES]
        tags.append(client.get(f"{path}.csv?bom=true").headers["etag"])
        assert len(set(tags)) == len(tags)


def test_an_answer_of_a_release_lasts(client: httpx.Client, paths: list[str]) -> None:
    answer = client.get(f"/v/{SECOND}{paths[0]}.csv")
    assert "immutable" in answer.headers["cache-control"]


def test_a_strong_tag_of_csv_is_expected_as_it_was_given(client: httpx.Client, paths: list[str]) -> None:
    """Csv in pages is written by the server, with a strong tag that says whether a byte-order mark stands before it."""
    for mark in ("true", "false"):
        path = f"{paths[0]}.csv?limit=5&bom={mark}"
        tag = client.get(path).headers["etag"]
        assert client.get(path, headers={"If-Match": tag}).status_code == 200
        assert client.get(path, headers={"If-Match": '"other"'}).status_code == 412
