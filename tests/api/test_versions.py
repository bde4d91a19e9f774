"""Releases side by side: each answers below its own path for good, and a moment leads to the one that stood then."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson
import pytest
from pyoxigraph import RdfFormat, Store, parse

from api.releases import open_release
from api.versions.mementos import at, versions
from tests.api.conftest import figures, running, until
from tests.api.markup import links, read_html
from tests.api.site import BROWSER

THING = "program/smart-factory-rollout"
IRI = f"https://w3id.org/kip/id/{THING}"
LATER = "org/later"
KEY = "2fa126668feebb97"
NAME = f"SELECT ?name {{ <{IRI}> <http://e.org/name> ?name }}"
DAYS = {"2020-01-01-aaaa": "2020-01-01", "2020-05-06-zzzz": "2020-05-06", "2020-05-06-bbbb": "2020-05-06"}
FIRST, SECOND, THIRD = DAYS
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[a-z]+="[^"]*")*)')


@dataclass(frozen=True)
class Kept:
    client: httpx.Client
    process: object
    folder: Path

    def switch(self, version: str) -> None:
        point(self.folder, version)
        self.process.send_signal(signal.SIGHUP)  # type: ignore[attr-defined]
        until(lambda: self.client.get("/readyz").json()["release"] == version)


def point(folder: Path, version: str) -> None:
    beside = folder / ".beside"
    beside.symlink_to(folder / "releases" / version)
    beside.replace(folder / "current")


def _statement() -> list[str]:
    """A statement that every release has."""
    said = {"type": "<https://w3id.org/kip/def/Statement>", "subject": f"<{IRI}>"}
    said |= {"predicate": "<http://e.org/name>", "object": '"n"'}
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    return [f"<https://w3id.org/kip/id/statement/{KEY}> <{rdf}{name}> {value} ." for name, value in said.items()]


# A thing and a class that are not in the first release.
_LATER = [
    f'<https://w3id.org/kip/{tail}> <http://www.w3.org/2000/01/rdf-schema#label> "Later"@en .'
    for tail in (f"id/{LATER}", "def/Later")
]


def write(small_release: Path, folder: Path, version: str) -> None:
    """A release in which a thing has the version for its name."""
    path = folder / "releases" / version
    shutil.copytree(small_release, path, ignore=shutil.ignore_patterns("store"))
    before = (path / "dataset.nq").read_text("utf-8").splitlines()
    more = [f'<{IRI}> <http://e.org/name> "{version}" .', *_statement(), *([] if version == FIRST else _LATER)]
    lines = sorted([*before, *more])
    (path / "dataset.nq").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    store = Store(str(path / "store"))
    store.bulk_load(path=str(path / "dataset.nq"), format=RdfFormat.N_QUADS)
    store.flush()
    manifest = orjson.loads((path / "manifest.json").read_bytes())
    counts = {name: manifest[name] + len(more) for name in ("quads", "triples")}
    said = {**manifest, **counts, "version": version, "issued": DAYS[version]}
    (path / "manifest.json").write_bytes(orjson.dumps(said))
    record = {"iri": IRI, "kind": "program", "label": {"ko": "스마트공장 보급"}}
    later = {"iri": f"https://w3id.org/kip/id/{LATER}", "kind": "org", "label": {"en": "Later"}}
    (path / "labels.json").write_bytes(orjson.dumps([record, *([] if version == FIRST else [later])]))
    (path / "dataset.ttl").write_text('<https://w3id.org/kip/dataset> <http://purl.org/dc/terms/title> "t"@en .\n')
    with (folder / "releases.txt").open("a") as file:
        file.write(f"{version}\n")


@pytest.fixture(scope="module")
def folder(small_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    for version in DAYS:
        write(small_release, folder, version)
    (folder / "releases" / "broken").mkdir()
    point(folder, THIRD)
    return folder


@pytest.fixture(scope="module")
def kept(folder: Path) -> Iterator[Kept]:
    settings = {"KIP_WORKERS": "1", "KIP_WATCH_SECONDS": "0", "KIP_OLD_RELEASES": "1"}
    with running(folder / "current", **settings) as (client, process):
        yield Kept(client, process, folder)


def named(answer: httpx.Response) -> str:
    (row,) = answer.json()["results"]["bindings"]
    return str(row["name"]["value"])


def related(text: str) -> dict[str, list[tuple[str, str]]]:
    """The targets of Link, or of a TimeMap, by relation, each with its datetime."""
    found: dict[str, list[tuple[str, str]]] = {}
    for target, parameters in _LINK.findall(text):
        given = dict(re.findall(r'([a-z]+)="([^"]*)"', parameters))
        for relation in given.get("rel", "").split():
            found.setdefault(relation, []).append((target, given.get("datetime", "")))
    return found


def test_releases_of_one_day_are_told_apart_by_the_order_in_which_they_became_current(folder: Path) -> None:
    listed = versions(open_release(folder / "current"))
    assert [each.version for each in listed] == [FIRST, SECOND, THIRD]
    assert [each.date for each in listed] == [
        "Wed, 01 Jan 2020 00:00:01 GMT",
        "Wed, 06 May 2020 00:00:01 GMT",
        "Wed, 06 May 2020 00:00:02 GMT",
    ]


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        (datetime(2010, 1, 1, tzinfo=UTC), FIRST),
        (datetime(2020, 5, 5, 23, 59, 59, tzinfo=UTC), FIRST),
        (datetime(2020, 5, 6, 0, 0, 1, tzinfo=UTC), SECOND),
        (datetime(2030, 1, 1, tzinfo=UTC), THIRD),
    ],
)
def test_a_moment_leads_to_the_last_release_before_it_or_the_first(
    folder: Path, moment: datetime, version: str
) -> None:
    assert at(versions(open_release(folder / "current")), moment).version == version


def test_each_release_answers_queries_below_its_path(kept: Kept) -> None:
    for version in (*DAYS, FIRST):
        answer = kept.client.get(f"/v/{version}/sparql", params={"query": NAME})
        assert (answer.headers["x-kip-release"], named(answer)) == (version, version)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        posted = kept.client.post(f"/v/{version}/sparql", data={"query": NAME})
        assert named(posted) == version and "immutable" not in posted.headers["cache-control"]
    assert named(kept.client.get("/sparql", params={"query": NAME})) == THIRD


def test_links_of_a_release_stay_in_it_and_name_the_latest_as_canonical(kept: Kept) -> None:
    led = kept.client.get(f"/v/{FIRST}/id/{THING}", headers={"Accept": "text/turtle"})
    assert (led.status_code, led.headers["location"]) == (303, f"/v/{FIRST}/data/{THING}.ttl")
    answer = kept.client.get(led.headers["location"])
    graph = Store()
    graph.extend(parse(answer.content, format=RdfFormat.TURTLE))
    assert answer.status_code == 200 and len(graph)
    assert [target for target, _ in related(answer.headers["link"])["canonical"]] == [f"/data/{THING}.ttl"]
    page = kept.client.get(f"/v/{FIRST}/page/{THING}", headers={"Accept": BROWSER})
    hrefs = [href for href in links(read_html(page.text)).values() if href.startswith("/")]
    inside = [href for href in hrefs if href.startswith(f"/v/{FIRST}/")]
    assert inside and set(hrefs) - set(inside) == {f"/page/{THING}"}, "but for the way to the latest"
    assert kept.client.get(f"/v/{FIRST}/static/pages.css").status_code == 200
    assert kept.client.get(f"/v/{FIRST}/api/queries").status_code == 200


def test_the_answer_of_a_release_says_when_it_was_and_what_came_before_and_after(kept: Kept) -> None:
    answer = kept.client.get(f"/v/{SECOND}/data/{THING}.ttl")
    assert answer.headers["memento-datetime"] == "Wed, 06 May 2020 00:00:01 GMT"
    origin = str(kept.client.base_url).rstrip("/")
    found = related(answer.headers["link"])
    assert found["original"] == found["timegate"] == [(f"{origin}/data/{THING}.ttl", "")]
    assert (
        found["first"] == found["prev"] == [(f"{origin}/v/{FIRST}/data/{THING}.ttl", "Wed, 01 Jan 2020 00:00:01 GMT")]
    )
    assert found["next"] == found["last"] == [(f"{origin}/v/{THIRD}/data/{THING}.ttl", "Wed, 06 May 2020 00:00:02 GMT")]
    assert [target for target, _ in found["latest-version"]] == [f"{origin}/data/{THING}.ttl"]


@pytest.mark.parametrize("path", [f"/id/{THING}", f"/data/{THING}.nt?limit=7", f"/page/{THING}", "/dataset", "/def"])
def test_accept_datetime_leads_to_the_release_of_then(kept: Kept, path: str) -> None:
    answer = kept.client.get(path, headers={"Accept-Datetime": "Tue, 05 May 2020 12:00:00 GMT"})
    assert answer.status_code == 302
    assert answer.headers["location"].endswith(f"/v/{FIRST}{path}")
    assert "accept-datetime" in answer.headers["vary"].lower()
    assert {"original", "timegate", "timemap", "first", "last", "memento"} <= set(related(answer.headers["link"]))
    assert "memento-datetime" not in answer.headers
    now = kept.client.get(path, headers={"Accept": "*/*"})
    assert now.status_code in (200, 303) and "accept-datetime" in now.headers["vary"].lower()
    assert "timegate" in related(now.headers["link"])


def test_a_query_has_moments_too(kept: Kept) -> None:
    headers = {"Accept-Datetime": "Wed, 06 May 2020 00:00:01 GMT"}
    answer = kept.client.get("/sparql", params={"query": NAME}, headers=headers, follow_redirects=True)
    assert named(answer) == SECOND
    assert answer.headers["memento-datetime"] == headers["Accept-Datetime"]


def test_a_moment_that_cannot_be_read_is_400(kept: Kept) -> None:
    answer = kept.client.get(f"/id/{THING}", headers={"Accept-Datetime": "last spring"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "GMT" in answer.json()["hint"]
    assert "accept-datetime" in answer.headers["vary"].lower()
    assert "timemap" in related(answer.headers["link"])


@pytest.mark.parametrize(
    ("path", "released"),
    [
        (f"/id/{THING}", [FIRST, SECOND, THIRD]),
        (f"/id/{LATER}", [SECOND, THIRD]),
        (f"/data/{LATER}.ttl", [SECOND, THIRD]),
        ("/def/Later", [SECOND, THIRD]),
        ("/def/Later.nt", [SECOND, THIRD]),
        (f"/np/{KEY}", [FIRST, SECOND, THIRD]),
        ("/graph/article/a", [FIRST, SECOND, THIRD]),
        ("/data/graph/article/b.nq", [FIRST, SECOND, THIRD]),
        ("/", [FIRST, SECOND, THIRD]),
        ("/def.ttl", [FIRST, SECOND, THIRD]),
        ("/api/queries/list-articles.csv", [FIRST, SECOND, THIRD]),
        ("/list/program", [FIRST, SECOND, THIRD]),
    ],
)
def test_the_timemap_lists_the_releases_that_have_it(kept: Kept, path: str, released: list[str]) -> None:
    answer = kept.client.get(f"/timemap{path}")
    assert answer.headers["content-type"].startswith("application/link-format")
    found = related(answer.text)
    assert [target.partition("/v/")[2] for target, _ in found["memento"]] == [f"{each}{path}" for each in released]
    assert found["original"][0][0].endswith(path) and found["self"][0][0].endswith(f"/timemap{path}")
    listed = kept.client.get(f"/timemap{path}", headers={"Accept": "application/json"}).json()
    assert [each["release"] for each in listed["mementos"]["list"]] == released
    assert listed["timegate_uri"].endswith(path)


@pytest.mark.parametrize(
    "path",
    [
        "/id/org/nope",
        "/page/org/nope",
        "/data/org/nope.ttl",
        "/def/Nope",
        "/scheme/nope/nope",
        "/graph/nope",
        "/np/0000000000000000",
        "/query/nope",
        "/api/queries/nope.csv",
        "/list/nope",
        "/id/nope",
        "/foo/bar",
        "/healthz",
        "/timemap/",
        f"/v/{FIRST}/dataset",
        f"/np/{FIRST}/{KEY}",
    ],
)
def test_what_no_release_has_has_no_timemap_and_no_moment_leads_to_it(kept: Kept, path: str) -> None:
    answer = kept.client.get(f"/timemap{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    led = kept.client.get(path, headers={"Accept-Datetime": "Tue, 05 May 2020 12:00:00 GMT", "Accept": "*/*"})
    assert led.status_code != 302


def test_a_moment_before_it_was_there_leads_to_the_first_release_that_has_it(kept: Kept) -> None:
    answer = kept.client.get(f"/id/{LATER}", headers={"Accept-Datetime": "Wed, 01 Jan 2020 00:00:01 GMT"})
    assert answer.headers["location"].endswith(f"/v/{SECOND}/id/{LATER}")


@pytest.mark.parametrize(
    ("path", "timed"),
    [
        ("/def.ttl", True),
        ("/context.jsonld", True),
        ("/graph/article/a", True),
        ("/data/graph/article/a.nq", True),
        ("/api/search?q=kcci", True),
        ("/api/suggest?q=kcci", True),
        (f"/api/neighbourhood?of=program:{THING.partition('/')[2]}", True),
        (f"/np/{KEY}", True),
        (f"/np/{THIRD}/{KEY}", False),
    ],
)
def test_what_a_release_answers_lasts(kept: Kept, path: str, timed: bool) -> None:
    answer = kept.client.get(f"/v/{THIRD}{path}")
    assert answer.status_code in (200, 303)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers.get("memento-datetime") == ("Wed, 06 May 2020 00:00:02 GMT" if timed else None)


def test_an_unknown_release_is_404_with_those_that_there_are(kept: Kept) -> None:
    for version in ("nix", "broken", "...", "%2e%2e%2freleases", "current"):
        answer = kept.client.get(f"/v/{version}/id/{THING}", headers={"Accept": "application/json"})
        assert answer.status_code == 404, version
    assert kept.client.get("/v/nix/sparql").json()["releases"] == list(DAYS)


def test_a_nanopublication_of_an_older_release_is_answered_by_that_release(kept: Kept) -> None:
    for mount in ("", f"/v/{SECOND}"):
        led = kept.client.get(f"{mount}/np/{FIRST}/{KEY}.trig?format=trig")
        assert (led.status_code, led.headers["location"]) == (307, f"/v/{FIRST}/np/{FIRST}/{KEY}.trig?format=trig")
    answer = kept.client.get(led.headers["location"])
    assert (answer.status_code, answer.headers["x-kip-release"]) == (200, FIRST)
    assert f"https://w3id.org/kip/np/{FIRST}/{KEY}#assertion" in {
        str(quad.graph_name.value) for quad in parse(answer.content, format=RdfFormat.TRIG)
    }
    unknown = kept.client.get(f"/np/2010-01-01-aaaa/{KEY}")
    assert (unknown.status_code, unknown.json()["releases"]) == (404, list(DAYS))


def test_the_releases_are_listed_as_json_as_a_page_and_as_a_series(kept: Kept) -> None:
    listed = kept.client.get("/v/").json()
    assert listed["current"] == THIRD
    assert [each["version"] for each in listed["releases"]] == [THIRD, SECOND, FIRST]
    page = kept.client.get("/v/", headers={"Accept": BROWSER})
    assert page.headers["content-type"].startswith("text/html")
    assert links(read_html(page.text))[SECOND] == f"/v/{SECOND}/"
    for path in ("/v/", "/dataset"):
        answer = kept.client.get(path, headers={"Accept": "application/n-triples"})
        store = Store()
        store.extend(parse(answer.content, format=RdfFormat.N_TRIPLES))
        query = """PREFIX dcat: <http://www.w3.org/ns/dcat#> SELECT ?version {
          ?set dcat:hasVersion ?node . ?node dcat:version ?version ; dcat:inSeries ?series ; dcat:prev ?before
        } ORDER BY DESC(?version)"""
        found = [row["version"].value for row in store.query(query)]  # type: ignore[union-attr]
        assert found == [SECOND, THIRD]


def test_an_older_release_goes_on_when_the_current_one_changes(kept: Kept) -> None:
    before = kept.client.get(f"/v/{SECOND}/sparql", params={"query": NAME})
    kept.switch(SECOND)
    try:
        after = kept.client.get(f"/v/{SECOND}/sparql", params={"query": NAME})
        assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
        assert named(kept.client.get(f"/v/{THIRD}/sparql", params={"query": NAME})) == THIRD
        assert named(kept.client.get("/sparql", params={"query": NAME})) == SECOND
    finally:
        kept.switch(THIRD)
    assert figures(kept.client)["kip_release_info[2020-05-06-bbbb]"] == 1


def test_openapi_has_the_routes_of_releases(kept: Kept) -> None:
    paths = kept.client.get("/openapi.json").json()["paths"]
    assert {"/v/", "/v/{version}/{rest}", "/timemap/{path}"} <= set(paths)


def test_without_room_for_older_releases_only_the_latest_answers(folder: Path) -> None:
    with running(folder / "current", KIP_WORKERS="1", KIP_OLD_RELEASES="0") as (client, _):
        assert client.get(f"/v/{FIRST}/sparql", params={"query": NAME}).status_code == 404
        assert named(client.get(f"/v/{THIRD}/sparql", params={"query": NAME})) == THIRD
