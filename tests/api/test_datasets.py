"""The data set over HTTP: each body parsed as what its header claims, each file held against its hash."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest
from fastapi import FastAPI
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from api.dependencies import render_problem
from api.descriptions.dumps import published
from api.releases import open_release
from api.routes import datasets
from api.transport.formats import Format, of_kind
from api.transport.handlers import install_handlers
from graph_builder.dataset import Description
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.release import publish
from graph_builder.vocabulary import read_turtle
from tests.api.conftest import FIXTURE, serving
from tests.api.markup import find, links, read_html, rows, text
from tests.api.site import BROWSER, get

NAMES = prefix_map()
OLD, NEW = "2026-01-01-0000000000", "2026-02-02-1111111111"
TYPES = {
    "dataset.nq": "application/n-quads",
    "dataset.ttl": "text/turtle",
    "kip.jsonld": "application/ld+json",
    "kip.nt.gz": "application/gzip",
    "kip.rdf.gz": "application/gzip",
    "kip.ttl": "text/turtle",
    "kip.turtle12.gz": "application/gzip",
    "labels.json": "application/json",
}


def written(folder: Path, version: str, quads: set[Quad]) -> Path:
    facts = {
        "issued": version[:10],
        "sources": [{"sha256": "ab" * 32}],
        "shacl": {"conforms": True},
    }
    curated = read_turtle(CHECKOUT.data / "dataset.ttl", NAMES.base, "data/dataset.ttl")
    graph = {quad.triple for quad in quads if quad.graph_name == DefaultGraph()}
    about = Description(version, curated, graph, facts, NAMES)
    return publish(folder, version, quads, {"labels.json": b"[]"}, facts, NAMES, about.turtle)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with an older one beside it, and a folder that is none."""
    folder = tmp_path_factory.mktemp("build") / "releases"
    quads = set(parse(path=str(FIXTURE), format=RdfFormat.N_QUADS))
    written(folder, OLD, set(list(quads)[:3]))
    (folder / "secret").mkdir()
    (folder / "secret" / "manifest.json").write_bytes(orjson.dumps({"version": "other", "base": NAMES.base}))
    (folder / "secret" / "kip.ttl").write_text("", "utf-8")
    return written(folder, NEW, quads)


@pytest.fixture(scope="module")
def app(release: Path) -> FastAPI:
    app = FastAPI()
    install_handlers(app, NAMES.base)
    app.state.problem_renderer = render_problem
    app.include_router(datasets.router)
    app.state.release = open_release(release)
    return app


def graph(answer: httpx.Response) -> Store:
    kind = RdfFormat.from_media_type(answer.headers["content-type"])
    assert kind is not None
    store = Store()
    store.load(answer.content, kind)
    return store


def asked(store: Store, query: str) -> bool:
    return bool(store.query(query, prefixes={"kb": NAMES.base, **NAMES.prefixes}))


@pytest.mark.parametrize("accept", ["text/turtle", "application/ld+json", "application/rdf+xml", "*/*", None])
def test_the_data_set_is_described_in_the_format_that_is_asked(app: FastAPI, accept: str | None) -> None:
    answer = get(app, "/dataset", accept)
    assert answer.status_code == 200
    assert accept in ("*/*", None, answer.headers["content-type"].split(";")[0])
    assert "Accept" in answer.headers["vary"] and answer.headers["content-location"].startswith("/dataset.")
    described = (
        "ASK { kb:dataset a dcat:Dataset, void:Dataset ; dcat:distribution/spdx:checksum ?sum ; void:triples ?n }"
    )
    assert asked(graph(answer), described)
    assert get(app, "/dataset", accept, if_none_match=answer.headers["etag"]).status_code == 304


@pytest.mark.parametrize("row", of_kind("graph"), ids=lambda row: row.suffix)
def test_each_suffix_gives_its_format_and_the_same_triples(app: FastAPI, release: Path, row: Format) -> None:
    answer = get(app, f"/dataset.{row.suffix}", None)
    assert answer.headers["content-type"].split(";")[0] == row.media_type
    kind = RdfFormat.from_media_type(row.media_type)
    assert kind is not None
    described = {quad.triple for quad in parse(path=str(release / "dataset.ttl"))}
    answered = {quad.triple for quad in parse(answer.content, format=kind)}
    assert described <= answered
    # beside it, only the releases that there are
    assert all("https://w3id.org/kip/v/" in str(triple) for triple in answered - described)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_lists_figures_files_and_formats(app: FastAPI, release: Path, language: str) -> None:
    answer = get(app, f"/dataset?lang={language}")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    root = read_html(answer.text)
    assert root.get("lang") == answer.headers["content-language"] == language
    assert "KIP" in text(find(root, "h1")[0])
    manifest = orjson.loads((release / "manifest.json").read_bytes())
    figures = {text(find(each, "dt")[0]): text(find(each, "dd")[0]) for each in find(root, "dl", cls="figures")[0]}
    assert figures[{"ko": "트리플", "en": "Triples"}[language]] == f"{manifest['triples']:,}"
    assert all(text(find(table, "caption")[0]) for table in find(root, "table"))
    listed = {name: (kind, size, sha) for name, kind, size, sha in rows(find(find(root, "table")[0], "tbody")[0])}
    assert {name: each[0] for name, each in listed.items()} == TYPES
    for name, (_, size, sha256) in listed.items():
        assert (size, sha256) == (f"{manifest['files'][name]['bytes']:,}", manifest["files"][name]["sha256"])
        assert get(app, links(root)[name], None).status_code == 200
    offered = {each.get("href") for each in find(root, "a") if each.get("type")}
    assert offered == {f"/dataset.{row.suffix}" for row in of_kind("graph")}


def test_the_well_known_address_leads_to_the_description(app: FastAPI) -> None:
    answer = get(app, "/.well-known/void", "text/turtle")
    assert (answer.status_code, answer.headers["location"]) == (303, "/dataset")


def test_the_list_has_every_release_and_what_it_says_is_so(app: FastAPI) -> None:
    answer = get(app, "/dumps/", "application/json")
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert document["current"] == NEW and [each["version"] for each in document["releases"]] == [NEW, OLD]
    for each in (file for release in document["releases"] for file in release["files"]):
        fetched = get(app, each["href"], None)
        assert fetched.status_code == 200
        assert fetched.headers["content-type"].split(";")[0] == each["media_type"] == TYPES[each["name"]]
        assert fetched.headers["content-length"] == str(each["bytes"]) == str(len(fetched.content))
        assert hashlib.sha256(fetched.content).hexdigest() == each["sha256"]
        assert fetched.headers["etag"] == f'"{each["sha256"]}"'
        assert "immutable" in fetched.headers["cache-control"]
    assert get(app, "/dumps/", BROWSER).headers["location"] == "/dataset"
    assert get(app, "/dumps/", "image/png").status_code == 406


def test_the_addresses_in_the_description_are_answered(app: FastAPI) -> None:
    store = graph(get(app, "/dataset", "text/turtle"))
    download = NamedNode(NAMES.expand("dcat:downloadURL"))
    urls = {quad.object.value for quad in store.quads_for_pattern(None, download, None)}  # type: ignore[union-attr]
    assert len(urls) == 6
    for url in urls:
        assert url.startswith(NAMES.base)
        assert get(app, url.replace(NAMES.base, "/"), None).status_code == 200


def test_the_dumps_are_what_they_are_called(app: FastAPI, release: Path) -> None:
    whole = set(parse(path=str(release / "dataset.nq"), format=RdfFormat.N_QUADS))
    assert set(parse(get(app, f"/dumps/{NEW}/dataset.nq").content, format=RdfFormat.N_QUADS)) == whole
    default = {quad for quad in whole if quad.graph_name == DefaultGraph()}
    for name, kind in (("kip.nt.gz", RdfFormat.N_TRIPLES), ("kip.rdf.gz", RdfFormat.RDF_XML)):
        unpacked = gzip.decompress(get(app, f"/dumps/{NEW}/{name}").content)
        assert set(parse(unpacked, format=kind)) == default


def test_a_known_file_is_not_sent_again(app: FastAPI) -> None:
    first = get(app, f"/dumps/{NEW}/kip.ttl", None)
    again = get(app, f"/dumps/{NEW}/kip.ttl", None, if_none_match=f'"x", {first.headers["etag"]}')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


@pytest.mark.parametrize(
    ("given", "cut"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=5-", slice(5, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=3-99999999", slice(3, None)),
    ],
)
def test_a_range_is_followed(app: FastAPI, release: Path, given: str, cut: slice) -> None:
    body = (release / "kip.ttl").read_bytes()
    answer = get(app, f"/dumps/{NEW}/kip.ttl", None, range=given)
    assert (answer.status_code, answer.content) == (206, body[cut])
    begin, end, _ = cut.indices(len(body))
    assert answer.headers["content-range"] == f"bytes {begin}-{end - 1}/{len(body)}"


@pytest.mark.parametrize("given", ["items=0-9", "bytes=", "bytes=9-3", "bytes=0-1,4-5", "bytes=x-y", "nonsense"])
def test_what_is_no_single_range_gives_the_whole_file(app: FastAPI, release: Path, given: str) -> None:
    answer = get(app, f"/dumps/{NEW}/kip.ttl", None, range=given)
    assert (answer.status_code, answer.content) == (200, (release / "kip.ttl").read_bytes())


def test_a_range_of_another_version_of_the_file_gives_the_whole_file(app: FastAPI) -> None:
    tag = get(app, f"/dumps/{NEW}/kip.ttl", None).headers["etag"]
    assert get(app, f"/dumps/{NEW}/kip.ttl", None, range="bytes=0-9", if_range='"other"').status_code == 200
    assert get(app, f"/dumps/{NEW}/kip.ttl", None, range="bytes=0-9", if_range=tag).status_code == 206


@pytest.mark.parametrize("given", ["bytes=99999999-", "bytes=-0"])
def test_a_range_beyond_the_file_is_a_problem(app: FastAPI, release: Path, given: str) -> None:
    answer = get(app, f"/dumps/{NEW}/kip.ttl", None, range=given)
    assert answer.status_code == answer.json()["status"] == 416
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-range"] == f"bytes */{(release / 'kip.ttl').stat().st_size}"


@pytest.mark.parametrize(
    "path",
    [
        f"/dumps/{NEW}/manifest.json",
        f"/dumps/{NEW}/store",
        f"/dumps/{NEW}/nix.ttl",
        f"/dumps/{NEW}/%2e%2e%2f{OLD}%2fkip.ttl",
        f"/dumps/{NEW}/..%5ckip.ttl",
        "/dumps/2020-01-01-0000000000/kip.ttl",
        "/dumps/secret/kip.ttl",
        "/dumps/%2e%2e/kip.ttl",
        "/dumps/%2e%2e%2freleases/kip.ttl",
        "/dumps/%00/kip.ttl",
        f"/dumps/{NEW}/kip.ttl%00",
        f"/dumps/{'a' * 5000}/kip.ttl",
    ],
)
def test_only_what_a_manifest_lists_is_sent(app: FastAPI, path: str) -> None:
    answer = get(app, path, None)
    assert answer.status_code == answer.json()["status"] == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_release_that_lists_what_is_not_there_is_404(app: FastAPI, release: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(release, tmp_path / "release")
    other = FastAPI()
    install_handlers(other, NAMES.base)
    other.include_router(datasets.router)
    other.state.release = open_release(folder)
    for name in ("kip.ttl", "dataset.ttl"):
        (folder / name).unlink()
    assert get(other, f"/dumps/{NEW}/kip.ttl", None).status_code == 404
    missing = get(other, "/dataset", "text/turtle")
    assert missing.status_code == 404 and "again" in missing.json()["hint"]


def test_releases_beside_are_only_finished_ones_of_this_base(release: Path) -> None:
    assert [each.version for each in published(open_release(release))] == [NEW, OLD]


@pytest.fixture(scope="module")
def client(release: Path) -> Iterator[httpx.Client]:
    with serving(release, KIP_WORKERS="1") as client:
        yield client


def test_a_server_answers_all_of_it(client: httpx.Client, release: Path) -> None:
    head = client.head(f"/dumps/{NEW}/dataset.nq")
    size = (release / "dataset.nq").stat().st_size
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(size))
    part = client.get(f"/dumps/{NEW}/dataset.nq", headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.content)) == (206, 100)
    assert client.get("/dumps", follow_redirects=True).json()["current"] == NEW
    found = client.get("/.well-known/void", headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert asked(graph(found), "ASK { kb:dataset a void:Dataset }")
    assert client.get("/openapi.json").json()["paths"]["/dumps/{version}/{file}"]["get"]["operationId"] == "fetch_dump"


@pytest.mark.parametrize("given", ["bytes=0-99", "bytes=999999999-"])
def test_a_range_is_of_get_only(client: httpx.Client, release: Path, given: str) -> None:
    for path, size in (
        (f"/dumps/{NEW}/dataset.nq", (release / "dataset.nq").stat().st_size),
        ("/static/pages.css", len(client.get("/static/pages.css").content)),
    ):
        head = client.head(path, headers={"Range": given})
        assert (head.status_code, head.headers["content-length"]) == (200, str(size))
        assert "content-range" not in head.headers


def test_a_part_is_sent_of_the_expected_file_only(client: httpx.Client) -> None:
    path = f"/dumps/{NEW}/dataset.nq"
    tag = client.head(path).headers["etag"]
    for method, given, status in (
        ("GET", {"If-Match": tag, "Range": "bytes=0-9"}, 206),
        ("GET", {"If-Match": f'"other", {tag}'}, 200),
        ("GET", {"If-Match": '"other"', "Range": "bytes=0-9"}, 412),
        ("GET", {"If-Match": '"other"', "Range": "bytes=999999999-"}, 412),
        ("HEAD", {"If-Match": f"W/{tag}"}, 412),
    ):
        answer = client.request(method, path, headers=given)
        assert answer.status_code == status, given
        if status == 412 and method == "GET":
            assert answer.json()["tag"] == tag
