"""The search over HTTP and its page, on the small graph of the pages."""

from __future__ import annotations

import sqlite3
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import httpx
import orjson
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pyoxigraph import Literal, NamedNode, Triple

from api.errors import SearchUnavailable
from api.naming.search import SearchIndex
from graph_builder.labels import label_index
from graph_builder.prefixes import prefix_map
from graph_builder.search_index import search_index
from graph_builder.terms import XSD
from tests.api.markup import find, links, read_html, rows
from tests.api.site import BROWSER, get, site

MSS = "https://w3id.org/kip/id/org/mss-2017"
HOSTILE = [
    '"',
    "*",
    "스마트*",
    'NEAR("스마트" "공장")',
    "a OR b",
    "스마트 AND NOT 공장",
    "name:스마트",
    "'; DROP TABLE name; --",
    "%_%",
    "\0",
    "스마트\0공장",
    "(((((",
    "\\",
    "{}[]^$|",
    "\u202e\u200b\ufeff",
    "ᄀ" * 150,
    "😀",
    "a" * 200,
    "가" * 200,
    "1" * 200,
    "9조" * 60,
]


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


@pytest.fixture(scope="module")
def index(app: FastAPI) -> SearchIndex:
    found: SearchIndex = app.state.served.search
    return found


def _search(app: FastAPI, query: str, further: str = "", path: str = "/api/search") -> httpx.Response:
    return get(app, f"{path}?q={quote(query)}{further}", "application/json")


def _curies(answer: httpx.Response) -> list[str]:
    return [hit["curie"] for hit in answer.json()["hits"]]


def test_a_hit_says_which_name_was_found_and_how(app: FastAPI) -> None:
    hit = _search(app, "중기부").json()["hits"][0]
    assert (hit["iri"], hit["curie"], hit["kind"], hit["href"]) == (MSS, "org:mss-2017", "org", "/page/org/mss-2017")
    assert hit["matched"] == {"name": "중기부", "lang": "ko", "how": "exact"}
    assert hit["label"]["ko"] == "중소벤처기업부" and 0.9 < hit["score"] <= 1


@pytest.mark.parametrize(
    ("query", "how"),
    [
        ("중소벤처기업부", "exact"),
        (unicodedata.normalize("NFD", "중소벤처기업부"), "exact"),
        ("중소벤처기업부에서", "exact"),
        ("중소 벤처 기업부", "exact"),
        ("ㅈㅅㅂㅊㄱㅇㅂ", "chosung"),
        ("中小벤처企業部", "hanja"),
        ("jungso bencheo gieopbu", "romanised"),
        ("중소벤쳐기업부", "typo"),
        ("중소벤처기", "prefix"),
    ],
)
def test_a_name_is_found_in_any_spelling(app: FastAPI, query: str, how: str) -> None:
    hit = _search(app, query, "&kind=org").json()["hits"][0]
    assert (hit["curie"], hit["matched"]["how"]) == ("org:mss-2017", how)


def test_only_the_kind_class_and_language_that_are_asked(app: FastAPI) -> None:
    everything = _search(app, "스마트", "&limit=100").json()
    assert sum(everything["kinds"].values()) == everything["total"] > 1
    for kind in everything["kinds"]:
        found = _search(app, "스마트", f"&kind={kind}&limit=100").json()
        assert {hit["kind"] for hit in found["hits"]} == {kind} and found["total"] == everything["kinds"][kind]
    for name in ("Ministry", "kip:Ministry", quote("https://w3id.org/kip/def/Ministry")):
        assert _curies(_search(app, "중기부", f"&class={name}")) == ["org:mss-2017"]
    assert _curies(_search(app, "중기부", "&lang=en")) == []
    assert _search(app, "중기부", "&lang=ko").json()["hits"][0]["matched"]["lang"] == "ko"


def test_pages_follow_one_another_by_their_links(app: FastAPI) -> None:
    whole = _curies(_search(app, "스마트", "&limit=100"))
    answer, paged = _search(app, "스마트", "&limit=1"), []
    for _ in whole:
        paged += _curies(answer)
        following = answer.json()["next"]
        assert answer.headers.get("link") == (f'<{following}>; rel="next"' if following else None)
        if following:
            answer = get(app, following, "application/json")
    assert paged == whole and following is None


def test_suggestions_complete_a_name_also_within_a_syllable(app: FastAPI) -> None:
    for typed in ("중소", "중솝", "ㅈㅅㅂ", "minis"):
        found = _search(app, typed, "&kind=org", "/api/suggest").json()["suggestions"]
        assert "org:mss-2017" in [each["curie"] for each in found], typed
        assert set(found[0]) == {"iri", "curie", "kind", "label", "matched"}


@pytest.mark.parametrize(
    ("parameters", "status", "word"),
    [
        ("", 400, "q:"),
        ("q=", 400, "q:"),
        ("q=%20", 400, "q:"),
        ("q=a&q=b", 400, "q:"),
        ("q=a&kind=nix", 422, "org"),
        ("q=a&class=Nix", 422, "class"),
        ("q=a&lang=de", 422, "lang"),
        ("q=a&limit=0", 422, "limit"),
        ("q=a&limit=101", 422, "limit"),
        ("q=a&limit=x", 422, "limit"),
        ("q=a&cursor=x", 422, "cursor"),
        ("q=a&what=x", 422, "what"),
        ("q=" + "a" * 10_000, 422, "200"),
    ],
)
def test_what_cannot_be_used_is_a_problem_that_says_so(app: FastAPI, parameters: str, status: int, word: str) -> None:
    answer = get(app, f"/api/search?{parameters}", "application/json")
    assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"
    assert word in answer.text and answer.json()["status"] == status


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_taken_for_anything_but_text(app: FastAPI, text: str) -> None:
    for path in ("/api/search", "/api/suggest"):
        answer = _search(app, text, path=path)
        assert answer.status_code in (200, 400), (answer.status_code, answer.text)
    assert get(app, f"/search?q={quote(text)}").status_code in (200, 303)
    assert _curies(_search(app, "중기부"))[:1] == ["org:mss-2017"]


@settings(max_examples=60)
@given(text=st.text(max_size=80))
def test_any_text_can_be_searched(index: SearchIndex, text: str) -> None:
    found = index.search(text, limit=5)
    assert len(found) <= 5 and found.total >= len(found)
    assert all(0 <= hit.score <= 1 for hit in found)


def test_the_index_cannot_be_written(index: SearchIndex) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        index._connection.execute("DELETE FROM name")


def test_threads_may_share_the_index(index: SearchIndex) -> None:
    names = ["중기부", "ㅅㅁㅌ", "sanup bu", "3만개", "스마트공쟝"] * 8
    alone = [index.search(name) for name in names]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(index.search, names)) == alone


def test_a_number_finds_what_has_it_however_it_is_written() -> None:
    names, value = prefix_map(), NamedNode("https://w3id.org/kip/id/value/v1")
    thing = NamedNode("https://w3id.org/kip/id/commitment/fund")
    printed, number = (NamedNode(f"https://w3id.org/kip/def/{name}") for name in ("statedText", "numericValue"))
    triples = [
        Triple(thing, NamedNode("http://www.w3.org/2000/01/rdf-schema#label"), Literal("펀드", language="ko")),
        Triple(thing, NamedNode("https://w3id.org/kip/def/value"), value),
        Triple(value, number, Literal("1200000000000", datatype=NamedNode(XSD + "decimal"))),
        Triple(value, printed, Literal("1조2000억원", language="ko")),
    ]
    index = SearchIndex(search_index(triples, label_index(triples, names), names))
    for text in ("1조 2천억", "1.2조", "1조2000억원", "1,200,000,000,000", "1.2 trillion", "펀드 1.2조"):
        (hit,) = index.search(text)
        assert (hit.curie, hit.matched.name, hit.matched.how) == ("commitment:fund", "1조2000억원", "number"), text
    assert not len(index.search("1조 3천억"))


def test_only_json_is_answered(app: FastAPI) -> None:
    answer = get(app, "/api/search?q=a", "image/png")
    assert answer.status_code == 406 and answer.headers["content-type"] == "application/problem+json"


def test_answers_are_validated_and_known_again(app: FastAPI) -> None:
    answer = _search(app, "중기부")
    assert (
        answer.headers["content-type"] == "application/json" and answer.headers["x-content-type-options"] == "nosniff"
    )
    again = get(app, "/api/search?q=" + quote("중기부"), "application/json", If_None_Match=answer.headers["etag"])
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/api/search", "/api/suggest"])
def test_an_answer_is_what_openapi_says(app: FastAPI, path: str) -> None:
    operation = app.openapi()["paths"][path]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator.check_schema(schema)
    for query in ("스마트", "중기부", "3만개", "nothing-of-this-name"):
        document = orjson.loads(_search(app, query, path=path).content)
        Draft202012Validator(schema).validate(document)
    assert {"q", "kind", "limit"} <= {each["name"] for each in operation["parameters"]}


def test_a_release_without_an_index_says_what_to_do(tmp_path: Path) -> None:
    other = sqlite3.connect(":memory:")
    other.execute("CREATE TABLE other (name TEXT)")
    for content in (None, b"no database", other.serialize()):
        if content is not None:
            (tmp_path / "search.sqlite").write_bytes(content)
        with pytest.raises(SearchUnavailable, match="no index of names") as caught:
            SearchIndex.open(tmp_path)
        assert caught.value.status == 503 and "kip build" in caught.value.hint


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_says_why_and_filters_by_kind(app: FastAPI, language: str) -> None:
    root = read_html(get(app, f"/search?lang={language}&q=" + quote("스마트"), BROWSER).text)
    found = list(rows(find(root, "tbody")[0]))
    assert len(found) > 1 and all(each[3] for each in found)
    kinds = [path for path in links(root).values() if "kind=" in path and path.startswith("/search")]
    assert len(kinds) > 1
    filtered = read_html(get(app, kinds[1], BROWSER).text)
    assert 0 < len(list(rows(find(filtered, "tbody")[0]))) < len(found)
    assert not find(root, "script")


def test_the_list_of_a_name_that_is_one_thing_can_be_had(app: FastAPI) -> None:
    path = "/search?q=" + quote("중기부")
    assert get(app, path).status_code == 303
    assert "/page/org/mss-2017" in links(read_html(get(app, path + "&kind=all").text)).values()
