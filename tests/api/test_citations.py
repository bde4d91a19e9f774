"""Citations: what is written for reference managers is read again by readers that share nothing with the writers."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from api.descriptions.bibliography import Work, cited
from api.descriptions.citations import places_behind
from api.transport.formats import CITATIONS, Format
from tests.api.bibliographies import read_bibtex, read_ris
from tests.api.markup import find, links, read_html, text
from tests.api.site import BROWSER, get, site

BIBTEX, RIS, CSL = CITATIONS
ARTICLE = "article/2020-01-03-plan"
NASTY = r'{AI} & 100% "\LaTeX" #1_$x^2~ }{ 산업' + "\n둘째\t줄"
WORK = Work(
    "a", "article", NASTY, ("이 건오", "Kim, and Lee"), "A&B_뉴스", "2020-05-06", "https://e.org/?a=1&b={%7D}\\x", "ko"
)
PLAIN = " ".join(NASTY.split())


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


def test_bibtex_is_read_again_whatever_stands_in_a_title() -> None:
    (entry,) = read_bibtex(cited([WORK], BIBTEX).decode())
    assert (entry.type, entry.key) == ("article", "a")
    assert entry.fields["title"] == PLAIN
    assert entry.authors == ["이 건오", "Kim, and Lee"]
    assert entry.fields["journal"] == "A&B_뉴스"
    assert [entry.fields[name] for name in ("year", "month", "day")] == ["2020", "5", "6"]
    assert entry.fields["url"] == "https://e.org/?a=1&b=%7B%7D%7D%5Cx"
    assert "urldate" not in entry.fields


def test_ris_is_read_again_line_by_line() -> None:
    (record,) = read_ris(cited([WORK], RIS).decode())
    assert record["TY"] == ["NEWS"] and record["TI"] == [PLAIN] and record["AU"] == ["이 건오", "Kim, and Lee"]
    assert (record["PY"], record["DA"], record["T2"]) == (["2020"], ["2020/05/06/"], ["A&B_뉴스"])
    assert "Y2" not in record and list(record)[-1] == "ER"


def test_csl_has_names_as_they_are_and_dates_in_parts() -> None:
    (item,) = orjson.loads(cited([WORK], CSL))
    assert (item["type"], item["title"]) == ("article-newspaper", PLAIN)
    assert item["author"] == [{"literal": "이 건오"}, {"literal": "Kim, and Lee"}]
    assert item["issued"] == {"date-parts": [[2020, 5, 6]]} and "accessed" not in item


@pytest.mark.parametrize(("date", "parts"), [("2020", [2020]), ("2020-05", [2020, 5]), ("", None), ("soon", None)])
def test_of_a_date_no_more_is_written_than_is_known(date: str, parts: list[int] | None) -> None:
    work = Work("a", "page", "t", date=date)
    (item,) = orjson.loads(cited([work], CSL))
    assert item.get("issued") == (None if parts is None else {"date-parts": [parts]})
    (entry,) = read_bibtex(cited([work], BIBTEX).decode())
    assert len({"year", "month", "day"} & set(entry.fields)) == len(parts or [])


@given(st.lists(st.builds(Work, st.text(), st.just("page"), st.text(), st.tuples(st.text()), st.text()), max_size=4))
def test_every_work_comes_back_in_every_format(works: list[Work]) -> None:
    count = len(works)
    titles = [entry.fields["title"] for entry in read_bibtex(cited(works, BIBTEX).decode())]
    records = read_ris(cited(works, RIS).decode())
    items = orjson.loads(cited(works, CSL))
    assert len(titles) == len(records) == len(items) == count
    assert len({item["id"].lower() for item in items}) == count
    assert [item.get("title", "") for item in items] == titles


def test_the_places_behind_rows_are_gathered_by_source() -> None:
    first, other = {"value": "urn:a"}, {"value": "urn:b"}
    rows: list[list[dict[str, Any]]] = [
        [{"source": first, "start": 5, "end": 9}, {"source": other, "start": None, "end": None}],
        [{"source": first, "start": 0, "end": 2}, {"source": first, "start": 5, "end": 9}],
    ]
    assert places_behind(rows) == {"urn:a": [(0, 2), (5, 9)], "urn:b": []}


def test_an_article_is_cited_by_its_title_outlet_and_writer(app: FastAPI) -> None:
    (item,) = orjson.loads(get(app, f"/data/{ARTICLE}.csl").content)
    assert item["type"] == "article-newspaper" and item["container-title"] == "시험일보"
    assert item["title"][0] + item["title"][-1] == "[]", "it is no headline"
    assert f"https://w3id.org/kip/id/{ARTICLE}" in item["note"]


@pytest.mark.parametrize("row", CITATIONS, ids=lambda row: row.name)
def test_who_asks_a_thing_for_its_citation_is_led_to_it(app: FastAPI, row: Format) -> None:
    media_type, suffix = row.media_type, row.suffix
    led = get(app, f"/id/{ARTICLE}", accept=media_type)
    assert (led.status_code, led.headers["location"]) == (303, f"/data/{ARTICLE}.{suffix}")
    answer = get(app, f"/data/{ARTICLE}", accept=media_type)
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert answer.headers["content-location"] == f"/data/{ARTICLE}.{suffix}"
    assert get(app, f"/id/{ARTICLE}", accept=f"{BROWSER}, {media_type};q=0.5").headers["location"] == f"/page/{ARTICLE}"


def test_a_thing_is_cited_by_the_articles_that_state_it(app: FastAPI) -> None:
    items = orjson.loads(get(app, "/data/program/smart-factory-rollout.csl").content)
    assert ARTICLE.partition("/")[2] in {item["id"] for item in items}
    assert any("evidence: characters " in item["note"] for item in items)


def test_an_answer_is_cited_by_the_works_behind_its_rows(app: FastAPI) -> None:
    page = "/query/targets-of-programme?programme=program:smart-factory-rollout"
    root = read_html(get(app, page).text)
    (section,) = find(root, "section", **{"aria-labelledby": "bibliography"})
    assert set(links(section)) == {"BibTeX", "RIS", "CSL-JSON"}
    (code,) = find(section, "pre")
    shown = read_bibtex(text(code) + "\n")
    assert {"2020-01-03-plan"} <= {entry.key for entry in shown}
    assert not find(section, "script")


def test_the_page_of_an_article_has_its_entry(app: FastAPI) -> None:
    root = read_html(get(app, f"/page/{ARTICLE}").text)
    (section,) = find(root, "section", **{"aria-labelledby": "bibliography"})
    (entry,) = read_bibtex(text(find(section, "pre")[0]) + "\n")
    assert entry.key == "2020-01-03-plan" and links(section)["RIS"] == f"/data/{ARTICLE}.ris"
