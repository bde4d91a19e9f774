"""Permanent links: the same question to the same release is the same link, which answers long after a switch."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest
from pyoxigraph import RdfFormat, Store

from api.errors import LinkNotKept
from api.transport.formats import ANSWERS, CITATIONS
from api.versions.permalinks import Permalinks, Record
from tests.api.bibliographies import read_bibtex, read_ris
from tests.api.conftest import running, until
from tests.api.markup import find, links, read_html, text
from tests.api.sample import write_release
from tests.api.site import BROWSER
from tests.api.test_versions import point

OLD, NEW = "2020-01-01-old", "2020-05-06-new"
FACT = "<http://e.org/thing> <http://e.org/name>"
QUERY = f"SELECT ?name {{ {FACT} ?name }}"
CANNED = "/r/targets-of-programme?programme=program:smart-factory-rollout"


def make(folder: Path, version: str) -> None:
    path = folder / "releases" / version
    path.mkdir(parents=True)
    write_release(path)
    with (path / "dataset.nq").open("a") as file:
        file.write(f'{FACT} "{version}" .\n')
    shutil.rmtree(path / "store", ignore_errors=True)
    store = Store(str(path / "store"))
    store.bulk_load(path=str(path / "dataset.nq"), format=RdfFormat.N_QUADS)
    store.flush()
    manifest = orjson.loads((path / "manifest.json").read_bytes())
    counts = {"quads": manifest["quads"] + 1} if "quads" in manifest else {}
    said = {**manifest, **counts, "version": version, "issued": version[:10]}
    (path / "manifest.json").write_bytes(orjson.dumps(said))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("links")
    make(folder, OLD)
    make(folder, NEW)
    point(folder, OLD)
    return folder


@pytest.fixture(scope="module")
def made(folder: Path) -> Iterator[tuple[httpx.Client, str, str]]:
    """A server that has gone on to a new release, and the links that were made of the old one."""
    with running(folder / "current", KIP_WORKERS="1", KIP_WATCH_SECONDS="0") as (client, process):
        first = client.post("/r", data={"query": QUERY})
        assert first.status_code == 201, first.text
        assert client.post("/r", data={"query": QUERY}).status_code == 200
        second = client.post(CANNED)
        assert second.status_code == 201, second.text
        point(folder, NEW)
        process.send_signal(signal.SIGHUP)
        until(lambda: client.get("/readyz").json()["release"] == NEW)
        yield client, first.headers["location"], second.headers["location"]


def test_the_link_of_a_query_answers_from_the_release_that_was_asked(made: tuple[httpx.Client, str, str]) -> None:
    client, link, _ = made
    (row,) = client.get("/sparql", params={"query": QUERY}).json()["results"]["bindings"]
    assert row["name"]["value"] == NEW
    led = client.get(link)
    assert (led.status_code, led.headers["location"]) == (307, f"/v/{OLD}{link}")
    answer = client.get(link, follow_redirects=True)
    said = answer.json()
    assert (said["release"], said["sparql"], said["href"]) == (OLD, QUERY, f"/v/{OLD}{link}")
    assert said["result"]["results"]["bindings"] == [{"name": {"type": "literal", "value": OLD}}]
    table = client.get(f"{link}.csv", follow_redirects=True)
    assert table.headers["content-type"].startswith("text/csv") and table.text.split() == ["name", OLD]
    assert answer.headers["x-kip-release"] == OLD


def test_the_same_question_has_another_link_in_another_release(made: tuple[httpx.Client, str, str]) -> None:
    client, link, canned = made
    again = client.post("/r", data={"query": QUERY})
    assert again.status_code == 201 and again.headers["location"] != link
    direct = client.post(
        f"/v/{OLD}/r", content=QUERY, headers={"Content-Type": "application/sparql-query", "Accept": "*/*"}
    )
    assert (direct.status_code, direct.headers["location"]) == (200, link)
    named = client.post(f"/v/{OLD}/r/targets-of-programme", params={"programme": "smart-factory-rollout"})
    assert (named.status_code, named.headers["location"]) == (200, canned), "whatever names the value"


def test_a_link_is_cited_with_its_release_and_the_articles_behind_it(made: tuple[httpx.Client, str, str]) -> None:
    client, _, link = made
    entries = read_bibtex(client.get(f"{link}.bib", follow_redirects=True).text)
    assert entries[0].key == f"kip-{OLD}" and entries[0].fields["version"] == OLD
    assert entries[0].fields["url"] == f"https://w3id.org/kip{link}"
    assert (entries[0].fields["year"], entries[0].fields["month"]) == ("2020", "1")
    records = read_ris(client.get(f"{link}.ris", follow_redirects=True).content.decode())
    assert records[0]["TY"] == ["DATA"]
    items = client.get(f"{link}.csl", follow_redirects=True).json()
    assert items[0]["type"] == "dataset" and len(items) == len(entries) == len(records) > 1
    assert {item["type"] for item in items[1:]} <= {"article-newspaper", "webpage"}


def test_the_works_behind_an_answer_come_by_suffix_parameter_and_accept(made: tuple[httpx.Client, str, str]) -> None:
    client, _, _ = made
    path, given = "/api/queries/targets-of-programme", {"programme": "smart-factory-rollout"}
    answers = [
        client.get(f"{path}.bib", params=given),
        client.get(path, params={**given, "cite": "bibtex"}),
        client.get(path, params=given, headers={"Accept": "application/x-bibtex"}),
    ]
    assert len({answer.text for answer in answers}) == 1 and read_bibtex(answers[0].text)
    assert all(answer.headers["content-type"] == "application/x-bibtex" for answer in answers)
    assert client.get(path, params={**given, "cite": "endnote"}).status_code == 422


def test_the_page_shows_question_release_answer_and_citation(made: tuple[httpx.Client, str, str]) -> None:
    client, _, link = made
    answer = client.get(link, headers={"Accept": BROWSER}, follow_redirects=True)
    root = read_html(answer.text)
    assert OLD in text(root) and not find(root, "script")
    (table,) = find(root, "table", cls="answer")
    assert {"발표일", "목표", "근거"} <= {text(each) for each in find(table, "th")}
    assert text(find(root, "h1")[0]) == "목표의 변천" and "스마트공장 보급" in text(find(root, "dl")[0])
    english = read_html(
        client.get(link, params={"lang": "en"}, headers={"Accept": BROWSER}, follow_redirects=True).text
    )
    assert text(find(english, "h1")[0]) == "Targets over time" and find(english, "a", cls="why")
    offered = {each.get("type", ""): each.get("href", "") for each in find(english, "a") if each.get("type")}
    assert {row.media_type for row in (*ANSWERS, *CITATIONS)} == set(offered)
    for media_type, href in offered.items():
        assert client.get(href).headers["content-type"].partition(";")[0] == media_type, href
    assert links(root)["BibTeX"] == f"/v/{OLD}{link}.bib"
    page = client.get("/query/targets-of-programme?programme=smart-factory-rollout", headers={"Accept": BROWSER})
    forms = [form for form in find(read_html(page.text), "form") if form.get("method") == "post"]
    assert [str(form.get("action")).partition("?")[0] for form in forms] == ["/r/targets-of-programme"]
    led = client.post(str(forms[0].get("action")), headers={"Accept": BROWSER})
    assert (led.status_code, led.headers["location"][:3]) == (303, "/r/")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", 403),
        ("SELECT (RAND() AS ?x) {}", 422),
        ("SELECT nonsense", 400),
        ("", 400),
    ],
)
def test_what_has_no_lasting_answer_gets_no_link(made: tuple[httpx.Client, str, str], query: str, status: int) -> None:
    assert made[0].post("/r", data={"query": query}).status_code == status


def test_what_is_no_link_is_404(made: tuple[httpx.Client, str, str]) -> None:
    for name in ("0" * 32, "nix", "..%2fcurrent%2fmanifest.json", "0" * 32 + ".csv"):
        assert made[0].get(f"/r/{name}").status_code == 404, name


def test_links_outlast_a_restart_and_a_release_that_is_gone_is_410(
    made: tuple[httpx.Client, str, str], folder: Path
) -> None:
    _, link, _ = made
    gone = Record("2019-01-01-gone", "ASK {}")
    Permalinks(folder / "permalinks", 1 << 20).keep(gone)
    with running(folder / "current", KIP_WORKERS="1", KIP_WATCH_SECONDS="0") as (client, _process):
        assert client.get(link, follow_redirects=True).json()["release"] == OLD
        answer = client.get(f"/r/{gone.name}", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["sparql"]) == (410, "ASK {}")


def test_the_folder_is_bounded_and_what_was_asked_for_least_lately_goes_first(tmp_path: Path) -> None:
    kept = Permalinks(tmp_path / "links", 3 * 4096)
    records = [Record("r", f"ASK {{ # {number}\n}}") for number in range(4)]
    for age, record in enumerate(records[:3]):
        assert kept.keep(record)
        os.utime(tmp_path / "links" / record.name, (age, age))
    assert kept.find(records[0].name) == records[0]
    assert kept.keep(records[3])
    assert [kept.find(each.name) is not None for each in records] == [True, False, True, True]
    assert sorted(path.name for path in (tmp_path / "links").iterdir()) == sorted(
        each.name for each in (records[0], *records[2:])
    )


def test_a_record_that_was_damaged_is_none(tmp_path: Path) -> None:
    kept, record = Permalinks(tmp_path, 1 << 20), Record("r", "ASK {}")
    kept.keep(record)
    (tmp_path / record.name).write_bytes(Record("r", "ASK { ?s ?p ?o }").body)
    assert kept.find(record.name) is None
    (tmp_path / record.name).write_bytes(b'{"release": ')
    assert kept.find(record.name) is None
    assert kept.keep(record) and kept.find(record.name) == record


def test_without_room_or_a_folder_no_link_is_made(tmp_path: Path) -> None:
    with pytest.raises(LinkNotKept):
        Permalinks(tmp_path, 0).keep(Record("r", "ASK {}"))
    (tmp_path / "file").write_text("")
    with pytest.raises(LinkNotKept):
        Permalinks(tmp_path / "file", 1 << 20).keep(Record("r", "ASK {}"))


def test_many_may_keep_the_same_at_once(tmp_path: Path) -> None:
    record, kept = Record("r", "ASK {}"), Permalinks(tmp_path, 1 << 20)
    threads = [threading.Thread(target=kept.keep, args=(record,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.name for path in tmp_path.iterdir()] == [record.name]
