"""Answers as files and pages: what is written is opened again as what it claims to be."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import httpx
import openpyxl
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from api.engine.execution import Executor
from api.engine.results import Table, Term
from api.errors import UnprocessableValue
from api.limits import Limits
from api.naming.entities import EntityIndex
from api.questions.catalogue import Query, read_query
from api.questions.columnar import parquet_of
from api.questions.cursors import Cursor, Page, key_of, read_page
from api.questions.exports import write
from api.questions.spreadsheets import xlsx_of
from api.questions.tabular import EVIDENCE, About, Head, Sheet, csv_of, jsonld_of, sparql_json_of, sparql_xml_of, tsv_of
from api.transport.formats import ANSWERS
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from tests.api.conftest import serving
from tests.api.sample import A1, write_release

BASE = "https://w3id.org/kip/"
XSD = "http://www.w3.org/2001/XMLSchema#"
CSVW = "http://www.w3.org/ns/csvw#"
HOSTILE = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(write_release(tmp_path_factory.mktemp("sample")), KIP_WORKERS="2") as opened:
        yield opened


def term(value: str, datatype: str = "", lang: str = "") -> Term:
    return Term("literal", value, lang, f"{XSD}{datatype}" if datatype else "")


def iri(tail: str) -> Term:
    return Term("iri", f"{BASE}id/{tail}")


HEADS = tuple(
    Head(name, kind, {"ko": f"{name} 열", "en": name.capitalize()}, unit, many)
    for name, kind, unit, many in (
        ("thing", "program", "", False),
        ("note", "text", "", False),
        ("day", "date", "", False),
        ("amount", "decimal", "KRW", False),
        ("count", "integer", "", False),
        ("holds", "boolean", "", False),
        ("partners", "org", "", True),
    )
)
ROWS: tuple[Mapping[str, Term], ...] = (
    {
        "thing": iri("program/p"),
        "note": term(HOSTILE, lang="ko"),
        "day": term("2020-10-28", "date"),
        "amount": term("2900000000000.5", "decimal"),
        "count": term("7", "integer"),
        "holds": term("true", "boolean"),
        "partners": term(f"{BASE}id/org/a {BASE}id/org/b"),
    },
    {
        "thing": iri("program/q"),
        "note": term('+1\t"x"\n<&>'),
        "amount": term("0.123456789012345678", "decimal"),
        "partners": term(""),
    },
)
ENTRIES = (
    (
        {
            "node": f"{BASE}id/statement/s",
            "source": {"value": f"{BASE}id/article/a", "type": "article", "label": None},
            "outlet": {"ko": "전자신문", "en": "Electronic Times"},
            "date": "2020-10-28",
            "start": 10,
            "end": 20,
            "spanHash": "ab",
            "url": None,
        },
        {
            "node": f"{BASE}id/statement/s",
            "source": {"value": f"{BASE}id/source/w", "type": "source", "label": None},
            "outlet": None,
            "date": None,
            "start": None,
            "end": None,
            "spanHash": None,
            "url": "https://example.org/",
        },
    ),
    (),
)


@pytest.fixture(scope="module")
def query() -> Query:
    return read_query(CHECKOUT.queries / "source-issues.rq", prefix_map(BASE))


@pytest.fixture(scope="module")
def sheet(query: Query) -> Sheet:
    names = {"program/p": "산업 디지털 전환", "org/a": "가 은행", "org/b": "나 은행"}
    index = EntityIndex.from_records(
        {"iri": f"{BASE}id/{tail}", "kind": tail.partition("/")[0], "label": {"ko": name}}
        for tail, name in names.items()
    )
    url = f"{BASE}api/queries/source-issues"
    about = About(
        query, {"article": "x"}, "r-1", "2026-11-22", url, f"{url}.csv", truncated=True, next="/next?cursor=c"
    )
    return Sheet(HEADS, ROWS, about, index, "ko")


@pytest.fixture(scope="module")
def proven(sheet: Sheet) -> Sheet:
    return Sheet(sheet.own, sheet.rows, sheet.about, sheet.index, "en", ENTRIES)


def test_a_workbook_has_typed_cells_and_names_that_lead_to_their_iris(sheet: Sheet) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of(sheet)))
    rows = book.worksheets[0]
    assert [cell.value for cell in rows[1]][:4] == ["thing 열", "note 열", "day 열", "amount 열 (KRW)"]
    thing, note, day, amount, count, holds, partners = rows[2]
    assert (thing.value, thing.hyperlink.target) == ("산업 디지털 전환", f"{BASE}id/program/p")
    assert (day.value, day.is_date) == (datetime(2020, 10, 28), True)
    assert (amount.value, amount.data_type) == (2900000000000.5, "n")
    assert (count.value, holds.value, holds.data_type) == (7, True, "b")
    assert partners.value == "가 은행; 나 은행"
    assert (note.value, note.data_type) == (HOSTILE, "s")
    # a whole number has no trailing point
    assert (amount.number_format, count.number_format) == ("#,##0.###############", "#,##0")
    # more digits than Excel keeps stay text
    assert rows[3][3].value == "0.123456789012345678"
    assert (rows.freeze_panes, rows[3][0].value) == ("A2", f"{BASE}id/program/q")
    assert rows.column_dimensions["A"].width > 8


def test_a_heading_has_its_unit_unless_a_column_of_its_own_has_it(sheet: Sheet) -> None:
    assert sheet.title(Head("sum", "decimal", {"ko": "합", "en": "Sum"}, "percent")) == "합 (%)"
    assert sheet.title(Head("sum", "decimal", {"ko": "합", "en": "Sum"}, "thing")) == "합"


def test_no_cell_of_a_workbook_is_a_formula(sheet: Sheet) -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx_of(sheet))) as packed:
        parts = {name: packed.read(name) for name in packed.namelist() if name.startswith("xl/worksheets/sheet")}
    assert len(parts) == 2
    assert all(b"<f>" not in part and b"<f " not in part for part in parts.values())


def test_the_second_sheet_of_a_workbook_says_what_the_first_is(sheet: Sheet, query: Query) -> None:
    about = openpyxl.load_workbook(io.BytesIO(xlsx_of(sheet))).worksheets[1]
    said = {row[0].value: row[1].value for row in about.iter_rows()}
    assert said["질문"] == query.header.question.ko
    assert said["article ="] == "x"
    assert (said["릴리스"], said["빠진 행"]) == ("r-1", "/next?cursor=c")
    assert said["이용 허락"] == "https://creativecommons.org/licenses/by/4.0/"
    assert "release r-1" in said["인용"]
    assert said["SPARQL"].startswith("PREFIX")


def test_the_same_answer_is_the_same_workbook(sheet: Sheet) -> None:
    assert xlsx_of(sheet) == xlsx_of(sheet)


def test_parquet_has_the_types_of_its_columns_and_what_they_mean(sheet: Sheet) -> None:
    table = pq.read_table(io.BytesIO(parquet_of(sheet)))
    assert {field.name: field.type for field in table.schema} == {
        "thing": pa.string(),
        "thing_label": pa.string(),
        "note": pa.string(),
        "day": pa.date32(),
        "amount": pa.decimal128(38, 18),
        "count": pa.int64(),
        "holds": pa.bool_(),
        "partners": pa.list_(pa.string()),
        "partners_label": pa.list_(pa.string()),
    }
    first, second = table.to_pylist()
    assert first["day"] == date(2020, 10, 28)
    assert (first["amount"], second["amount"]) == (Decimal("2900000000000.5"), Decimal("0.123456789012345678"))
    assert (first["thing_label"], first["partners_label"]) == ("산업 디지털 전환", ["가 은행", "나 은행"])
    assert (second["count"], second["partners"]) == (None, [])
    amount = table.schema.field("amount").metadata
    assert (amount[b"unit"], amount[b"label_en"], amount[b"type"]) == (b"KRW", b"Amount", b"decimal")
    about = table.schema.metadata
    assert (about[b"query"], about[b"release"], about[b"truncated"]) == (b"source-issues", b"r-1", b"true")
    assert orjson.loads(about[b"parameters"]) == {"article": "x"}


def test_parquet_opens_in_pandas(sheet: Sheet) -> None:
    import pandas

    frame = pandas.read_parquet(io.BytesIO(parquet_of(sheet)))
    assert frame["amount"].tolist() == [Decimal("2900000000000.5"), Decimal("0.123456789012345678")]
    assert frame["day"].tolist()[0] == date(2020, 10, 28)
    assert frame["partners"].tolist()[0].tolist() == [f"{BASE}id/org/a", f"{BASE}id/org/b"]


def test_a_value_of_another_type_makes_its_column_text(sheet: Sheet) -> None:
    rows = ({"count": term("7", "integer"), "day": term("2020", "gYear")}, {"count": term("many")})
    table = pq.read_table(io.BytesIO(parquet_of(Sheet(HEADS, rows, sheet.about, sheet.index, "ko"))))
    assert table.column("count").to_pylist() == ["7", "many"]
    assert table.column("day").to_pylist() == ["2020", None]


def test_an_answer_without_rows_keeps_its_columns(sheet: Sheet) -> None:
    empty = Sheet(HEADS, (), sheet.about, sheet.index, "en", ())
    table = pq.read_table(io.BytesIO(parquet_of(empty)))
    assert (table.num_rows, table.schema.field("start_evidence").type) == (0, pa.list_(pa.int64()))
    assert openpyxl.load_workbook(io.BytesIO(xlsx_of(empty))).worksheets[0].max_row == 1
    assert csv_of(empty).decode().count("\r\n") == 1


def test_csv_and_tsv_keep_values_that_look_like_markup(sheet: Sheet) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(sheet).decode(), newline="")))
    assert [row["note"] for row in rows] == [HOSTILE, '+1\t"x"\n<&>']
    lines = tsv_of(sheet).decode().rstrip("\n").split("\n")
    assert lines[0].split("\t")[:2] == ["?thing", "?note"]
    cells = lines[2].split("\t")
    assert cells[:2] == [f"<{BASE}id/program/q>", '"+1\\t\\"x\\"\\n<&>"']
    assert lines[1].split("\t")[4] == f'"7"^^<{XSD}integer>'


def test_sparql_results_tell_where_the_next_page_is(sheet: Sheet) -> None:
    document = orjson.loads(sparql_json_of(sheet))
    assert document["head"]["link"] == ["/next?cursor=c"]
    assert document["results"]["bindings"][0]["note"] == {"type": "literal", "value": HOSTILE, "xml:lang": "ko"}
    space = {"s": "http://www.w3.org/2005/sparql-results#"}
    root = ElementTree.fromstring(sparql_xml_of(sheet))
    link = root.find("s:head/s:link", space)
    assert link is not None and link.get("href") == "/next?cursor=c"
    texts = [each.text for each in root.iterfind(".//s:binding[@name='note']/s:literal", space)]
    assert texts == [HOSTILE, '+1\t"x"\n<&>']


def test_json_ld_is_a_table_of_csv_on_the_web(sheet: Sheet) -> None:
    store = Store()
    store.load(jsonld_of(sheet), format=RdfFormat.JSON_LD)
    asked = f"""PREFIX csvw: <{CSVW}> SELECT ?number ?thing ?amount {{
      ?group a csvw:TableGroup ; csvw:table ?table . ?table csvw:url <{sheet.about.table}> ; csvw:row ?row .
      ?row csvw:rownum ?number ; csvw:describes ?node .
      ?node <{sheet.about.table}#thing> ?thing ; <{sheet.about.table}#amount> ?amount }} ORDER BY ?number"""
    solutions = list(store.query(asked))  # type: ignore[arg-type]
    assert [each["thing"] for each in solutions] == [NamedNode(f"{BASE}id/program/{slug}") for slug in "pq"]
    assert solutions[0]["amount"] == Literal("2900000000000.5", datatype=NamedNode(f"{XSD}decimal"))
    label = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    assert any(store.quads_for_pattern(NamedNode(f"{BASE}id/org/a"), label, Literal("가 은행", language="ko")))
    columns = list(store.query(f"PREFIX csvw: <{CSVW}> SELECT ?name {{ ?c a csvw:Column ; csvw:name ?name }}"))  # type: ignore[arg-type]
    assert {each["name"].value for each in columns} == {head.name for head in HEADS}


def test_evidence_stands_in_columns_of_its_own_entry_by_entry(proven: Sheet) -> None:
    first, second = csv.DictReader(io.StringIO(csv_of(proven).decode(), newline=""))
    assert set(first) - {head.name for head in HEADS} == {head.name for head in EVIDENCE.values()}
    assert first["article_evidence"] == f"{BASE}id/article/a | {BASE}id/source/w"
    assert (first["start_evidence"], first["end_evidence"], first["url_evidence"]) == (
        "10 | ",
        "20 | ",
        " | https://example.org/",
    )
    assert (first["outlet_evidence"], first["date_evidence"]) == ("Electronic Times | ", "2020-10-28 | ")
    assert {second[head.name] for head in EVIDENCE.values()} == {""}
    table = pq.read_table(io.BytesIO(parquet_of(proven)))
    assert table.column("start_evidence").to_pylist() == [[10, None], []]
    assert table.schema.field("date_evidence").type == pa.list_(pa.date32())
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of(proven))).worksheets[0]
    assert book.max_column == len(HEADS) + len(EVIDENCE)
    assert book.cell(2, len(HEADS) + 4).value == "10 | "


def test_a_place_alone_is_numbers_and_a_link_in_a_workbook(proven: Sheet) -> None:
    entry: dict[str, Any] = dict(ENTRIES[0][0])
    named = entry | {"source": entry["source"] | {"label": {"en": "An article"}}}
    alone = replace(proven, evidence=((named,), ()))
    cells = openpyxl.load_workbook(io.BytesIO(xlsx_of(alone))).worksheets[0][2][len(HEADS) :]
    article, day, outlet, start, end, *_ = cells
    assert (article.value, article.hyperlink.target) == ("An article", f"{BASE}id/article/a")
    assert (start.value, start.data_type, end.value) == (10, "n", 20)
    assert day.is_date and outlet.value == "Electronic Times"


def test_every_format_but_our_json_can_be_written(proven: Sheet) -> None:
    assert all(write(row, proven) for row in ANSWERS if row.name != "json")


def test_the_server_starts_without_the_libraries_of_files() -> None:
    code = "import api.app, sys; print([m for m in ('pyarrow', 'xlsxwriter', 'pandas') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT.root, capture_output=True, text=True, timeout=60)
    assert told.stdout.strip() == "[]", told.stderr


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row.name)
def test_each_answer_format_is_reached_by_suffix_name_and_accept(client: httpx.Client, row: Any) -> None:
    path = "/api/queries/targets-of-programme"
    asked = {"programme": "program:smart-factory-rollout", "lang": "en"}
    answers = [
        client.get(f"{path}.{row.suffix}", params=asked),
        client.get(path, params={**asked, "format": row.name}),
        client.get(path, params=asked, headers={"Accept": row.media_type}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.headers["content-type"]) == (200, row.content_type)
        assert answer.content == answers[0].content
        assert "Accept" in answer.headers["vary"]


def test_files_of_a_query_have_its_types(client: httpx.Client) -> None:
    asked = {"programme": "program:smart-factory-rollout", "evidence": "true"}
    answer = client.get("/api/queries/targets-of-programme.parquet", params=asked)
    assert answer.headers["content-disposition"] == 'attachment; filename="targets-of-programme.parquet"'
    rows = pq.read_table(io.BytesIO(answer.content)).to_pylist()
    assert [row["deadline"] for row in rows] == [date(2025, 12, 31), date(2022, 12, 31)]
    assert rows[1]["value"] == 30000
    assert rows[1]["article_evidence"][0].startswith(f"{BASE}id/article/")
    answer = client.get("/api/queries/targets-of-programme.xlsx", params=asked)
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert datetime(2022, 12, 31) in rows[2] and 30000 in rows[2]


def test_a_cut_is_told_in_every_format(client: httpx.Client) -> None:
    for row in ANSWERS:
        answer = client.get(f"/api/queries/statements-of-article.{row.suffix}", params={"article": A1, "limit": 3})
        assert answer.headers["x-kip-truncated"] == "rows", row.name
        assert 'rel="next"' in answer.headers["link"], row.name
    assert "x-kip-truncated" not in client.get("/api/queries/source-issues").headers


def linked(answer: httpx.Response) -> dict[str, str]:
    return {name: path for path, name in re.findall(r'<([^>]*)>; rel="([^"]*)"', answer.headers.get("link", ""))}


def test_pages_are_walked_forth_and_back_in_any_format(client: httpx.Client) -> None:
    path = "/api/queries/statements-of-article.csv"
    whole = list(csv.reader(io.StringIO(client.get(path, params={"article": A1}).text)))[1:]
    pages, answer = [], client.get(path, params={"article": A1, "limit": 4})
    assert "prev" not in linked(answer)
    while True:
        pages.append(list(csv.reader(io.StringIO(answer.text)))[1:])
        links = linked(answer)
        if "next" not in links:
            break
        answer = client.get(links["next"])
    assert [row for page in pages for row in page] == whole
    back = []
    while "prev" in (links := linked(answer)):
        answer = client.get(links["prev"])
        back.append(list(csv.reader(io.StringIO(answer.text)))[1:])
    assert [row for page in reversed(back) for row in page] == whole[: -len(pages[-1])]
    assert list(csv.reader(io.StringIO(client.get(linked(client.get(answer.url))["next"]).text)))


def test_every_query_is_paged_without_a_row_twice_or_left_out(client: httpx.Client) -> None:
    walked = 0
    for query in client.get("/api/queries").json()["queries"]:
        answer = client.get(query["href"], params=query["example"])
        whole = answer.json()["keys"] if answer.status_code == 200 else []
        assert len(set(whole)) == len(whole), query["id"]
        size = len(whole) // 2
        if not size:
            continue
        page = client.get(query["href"], params={**query["example"], "limit": size})
        keys = page.json()["keys"]
        while "next" in linked(page):
            page = client.get(linked(page)["next"])
            keys += page.json()["keys"]
        assert keys == whole, query["id"]
        walked += 1
    assert walked >= 8


def test_a_cursor_belongs_to_its_question(client: httpx.Client) -> None:
    answer = client.get("/api/queries/statements-of-article", params={"article": A1, "limit": 3}).json()
    cursor = re.search(r"cursor=([^&]*)", answer["next"])
    assert cursor is not None
    told = client.get("/api/queries/source-issues", params={"cursor": cursor[1]})
    assert (told.status_code, told.json()["faults"][0]["parameter"]) == (422, "cursor")


class Rows(Executor):
    """Answers with the rows that it is given, cut as the query asks."""

    def __init__(self, *values: str) -> None:
        self.limits = Limits()
        self.rows: tuple[Mapping[str, Term], ...] = tuple({"x": term(value)} for value in values)

    async def table(self, query: str, limits: Limits | None = None) -> Table:
        cut = re.search(r"LIMIT (\d+) OFFSET (\d+)", query)
        start, count = (int(cut[2]), int(cut[1])) if cut else (0, len(self.rows))
        return Table(("x",), self.rows[start : start + count])


def values(rows: tuple[Mapping[str, Term], ...]) -> str:
    return "".join(row["x"].value for row in rows)


def test_a_cursor_finds_its_row_where_it_has_moved() -> None:
    cursor = Cursor("v", "0" * 16, 2, key_of({"x": term("b")}))
    moved = asyncio.run(read_page(Rows(*"zabcde"), "", Page(2, cursor)))
    assert (values(moved.rows), moved.before, moved.more) == ("cd", 3, True)
    back = Cursor("v", "0" * 16, 3, key_of({"x": term("c")}), back=True)
    moved = asyncio.run(read_page(Rows(*"zzabcde"), "", Page(3, back)))
    assert values(moved.rows) == "zab"


def test_a_cursor_whose_row_is_gone_is_refused() -> None:
    cursor = Cursor("v", "0" * 16, 2, key_of({"x": term("q")}))
    with pytest.raises(UnprocessableValue):
        asyncio.run(read_page(Rows(*"abc"), "", Page(2, cursor)))


@pytest.mark.parametrize("forged", ["x", "", "AAAA", "한글", "MDo6", "9" * 4000])
def test_what_is_no_cursor_is_refused(forged: str) -> None:
    with pytest.raises(ValueError, match="no cursor"):
        Cursor.read(forged)


def test_no_rows_says_what_was_asked_and_what_is_covered(client: httpx.Client) -> None:
    asked = {"article": "article:2020-05-06-post-corona-strategy"}
    note = client.get("/api/queries/source-issues", params=asked).json()["note"]
    assert note["en"] == "No facts on Article 0 in 3 articles and 1 other sources; the newest is of 2025-12-17."
    assert note["ko"].startswith("‘기사 0’에 관한 사실은 기사 3건과 그 밖의 자료 1건에 없다.")
    assert (note["articles"], note["sources"], note["newest"]) == (3, 1, "2025-12-17")
    dated = client.get("/api/queries/officials-on-date", params={"date": "1999-05-06"}).json()["note"]
    assert dated["en"].startswith("No facts on 1999-05-06 in 3 articles")
    ranged = client.get("/api/queries/list-articles", params={"from": "2027-01-01"}).json()["note"]
    assert ranged["en"].startswith("No facts from 2027-01-01 on in 3 articles")
    assert ranged["ko"].startswith("2027-01-01부터의 사실은")


@pytest.mark.parametrize(
    ("query", "asked", "korean", "english"),
    [
        ("commitments-in-years", {"years": "1990"}, "1990년의 사실은", "No facts in 1990 in"),
        (
            "commitments-in-years",
            {"years": "1990..1992"},
            "1990년부터 1992년까지의 사실은",
            "No facts from 1990 to 1992 in",
        ),
        ("list-articles", {"to": "1999-01-01"}, "1999-01-01까지의 사실은", "No facts until 1999-01-01 in"),
        ("numbers-as-printed", {"printed": "없는 수"}, "조건에 맞는 사실은", ": “없는 수”."),
    ],
)
def test_no_rows_repeats_in_words_what_was_asked(
    client: httpx.Client, query: str, asked: dict[str, str], korean: str, english: str
) -> None:
    note = client.get(f"/api/queries/{query}", params=asked).json()["note"]
    assert korean in note["ko"]
    assert english in note["en"]


def test_names_come_in_the_language_that_is_asked_for(client: httpx.Client) -> None:
    path = "/api/queries/targets-of-programme"
    asked = {"programme": "program:smart-factory-rollout"}
    korean = client.get(path, params=asked, headers={"Accept-Language": "ko"})
    english = client.get(path, params={**asked, "lang": "en"}, headers={"Accept-Language": "ko"})
    assert (korean.headers["content-language"], english.headers["content-language"]) == ("ko", "en")
    assert "Accept-Language" in korean.headers["vary"]
    assert korean.json()["columns"][0]["title"] == korean.json()["columns"][0]["label"]["ko"]
    assert english.json()["columns"][0]["title"] == english.json()["columns"][0]["label"]["en"]
    cell = english.json()["rows"][0]["holder"]
    assert (cell["name"], set(cell["label"])) == ("Smart factory roll-out", {"ko", "en"})
