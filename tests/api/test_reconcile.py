"""Reconciliation over HTTP: held against the standard's own schemas, hostile requests refused by name."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson
import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from api.limits import Limits
from api.reconciliation.questionnaires import BATCH
from graph_builder.project import CHECKOUT
from tests.api.markup import find, read_html
from tests.api.site import BROWSER, get, site

Json = dict[str, Any]
SCHEMAS = CHECKOUT.root.parent / "shared" / "w3c" / "reconciliation" / "0.2" / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
FORM = "application/x-www-form-urlencoded"
MSS, ROLLOUT, TARGET = "org:mss-2017", "program:smart-factory-rollout", "target:sf-30000-2022"
HOSTILE = [
    '"',
    "*",
    "'; DROP TABLE name; --",
    "%_%",
    "\0",
    "}}",
    "> } INSERT DATA {",
    "\\u0022",
    "😀" * 100,
    "ㄱ" * 200,
]


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


@cache
def _schema(name: str) -> Draft202012Validator:
    if not SCHEMAS.is_dir():
        pytest.skip(f"the schemas of the standard are not kept here; {SCHEMAS} is absent")
    schema, types = (orjson.loads((SCHEMAS / f"{each}.json").read_bytes()) for each in (name, "type"))
    schema["properties"] = {**schema.get("properties", {})}
    # A security definition of another standard, which this service has none of.
    schema["properties"].pop("authentication", None)
    registry = Registry().with_resource(types["$id"], Resource.from_contents(types, DRAFT202012))
    return Draft202012Validator({**schema, "$schema": DIALECT}, registry=registry)


def _asked(app: FastAPI, path: str = "", **parameters: object) -> httpx.Response:
    given = {
        name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in parameters.items()
    }
    return get(app, f"/reconcile{path}" + (f"?{urlencode(given)}" if given else ""), "application/json")


def _sent(app: FastAPI, body: bytes, media_type: str = FORM) -> httpx.Response:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.post("/reconcile", content=body, headers={"Content-Type": media_type})

    return asyncio.run(send())


def _results(answer: httpx.Response, key: str = "q") -> list[Json]:
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()[key]["result"]
    return found


def test_the_manifest_keeps_to_the_schema(app: FastAPI) -> None:
    answer = _asked(app)
    assert answer.headers["content-type"] == "application/json"
    _schema("manifest").validate(answer.json())


def test_the_manifest_names_addresses_that_answer(app: FastAPI) -> None:
    manifest = _asked(app).json()
    assert manifest["versions"] == ["0.2"] and manifest["batchSize"] == BATCH and "logo" not in manifest
    for service in manifest["suggest"].values():
        assert get(app, f"{service['service_path']}?prefix=a", "application/json").status_code == 200
    assert get(app, manifest["view"]["url"].replace("{{id}}", quote(MSS)), BROWSER).status_code == 303
    assert get(app, manifest["preview"]["url"].replace("{{id}}", quote(MSS)), BROWSER).status_code == 200
    proposed = get(app, manifest["extend"]["propose_properties"]["service_path"], "application/json")
    _schema("data-extension-property-proposal").validate(proposed.json())


@pytest.mark.parametrize("by", ["get", "post"])
def test_a_batch_is_answered_by_its_keys(app: FastAPI, by: str) -> None:
    batch = {"a": {"query": "중기부", "type": "kip:Ministry", "limit": 1}, "b": {"query": "no such thing"}}
    _schema("reconciliation-query-batch").validate(batch)
    encoded = urlencode({"queries": orjson.dumps(batch)})
    answer = _sent(app, encoded.encode()) if by == "post" else get(app, f"/reconcile?{encoded}", "application/json")
    _schema("reconciliation-result-batch").validate(answer.json())
    (found,) = _results(answer, "a")
    assert (found["id"], found["name"], found["match"], found["score"]) == (MSS, "중소벤처기업부", True, 100.0)
    assert found["type"][0]["id"] == "kip:Ministry"
    features = {each["id"]: each["value"] for each in found["features"]}
    assert features["name_exact"] is True and features["name_similarity"] == 100
    assert _results(answer, "b") == []


def test_names_are_in_the_language_of_the_text_or_the_one_that_is_asked(app: FastAPI) -> None:
    batch = {"q": {"query": "중기부", "type": "kip:Ministry"}}
    assert _results(_asked(app, queries=batch))[0]["name"] == "중소벤처기업부"
    assert _results(_asked(app, queries=batch, lang="en"))[0]["name"] == "Ministry of SMEs and Startups"


def test_only_things_of_the_types_that_are_asked(app: FastAPI) -> None:
    def types(**asked: object) -> list[set[str]]:
        found = _results(_asked(app, queries={"q": {"query": "스마트", "limit": 20, **asked}}))
        return [{each["id"] for each in candidate["type"]} for candidate in found]

    assert types() and all("kip:Program" in each for each in types(type="kip:Program"))
    several = types(type=["kip:Program", "kip:Target"])
    assert several and all(each & {"kip:Program", "kip:Target"} for each in several)
    assert types(type=["kip:Program", "kip:Target"], type_strict="all") == []
    preferred = types(type="kip:Program", type_strict="should")
    assert len(preferred) > len(types(type="kip:Program")) > 0
    assert all("kip:Program" in each for each in preferred[: len(types(type="kip:Program"))])


def test_what_else_is_known_tells_candidates_apart(app: FastAPI) -> None:
    def best(value: object) -> Json:
        query = {"query": "스마트공장 보급", "properties": [{"pid": "label@en", "v": value}]}
        return _results(_asked(app, queries={"q": query}))[0]

    right, wrong = best("Smart factory roll-out"), best("Something else")
    assert right["id"] == wrong["id"] == ROLLOUT
    assert right["match"] and not wrong["match"] and right["score"] > wrong["score"]
    values = {each["id"]: each["value"] for each in right["features"]}
    assert values["property_label@en"] == 100


def test_columns_have_typed_values(app: FastAPI) -> None:
    asked: Json = {
        "ids": [TARGET, ROLLOUT, "org:nix", "중기부"],
        "properties": [{"id": each} for each in ("label@en", "type", "kip:value", "kip:value/printed", "kip:deadline")],
    }
    _schema("data-extension-query").validate(asked)
    answer = _asked(app, extend=asked)
    _schema("data-extension-response").validate(answer.json())
    assert [each["id"] for each in answer.json()["meta"]] == [each["id"] for each in asked["properties"]]
    rows = answer.json()["rows"]
    assert list(rows) == asked["ids"] and not any(rows["org:nix"].values()) and not any(rows["중기부"].values())
    assert rows[TARGET]["kip:value"] == [{"float": 30000.0}] and "str" in rows[TARGET]["kip:value/printed"][0]
    assert rows[TARGET]["kip:deadline"] == [{"date": "2022-06-30T00:00:00Z"}]
    assert rows[TARGET]["type"][0]["id"] == "kip:Target"


def test_settings_of_a_column_are_obeyed(app: FastAPI) -> None:
    def cells(**settings: object) -> list[Json]:
        asked = {"ids": [TARGET], "properties": [{"id": "type", "settings": settings}]}
        found: list[Json] = _asked(app, extend=asked).json()["rows"][TARGET]["type"]
        return found

    assert "id" in cells()[0] and set(cells(content="name")[0]) == {"str"}
    asked = {"ids": [MSS], "properties": [{"id": "alternatives", "settings": {"limit": 1}}]}
    assert len(_asked(app, extend=asked).json()["rows"][MSS]["alternatives"]) == 1


def test_properties_of_a_type_are_proposed(app: FastAPI) -> None:
    answer = _asked(app, "/properties", type="kip:Target", limit="40")
    _schema("data-extension-property-proposal").validate(answer.json())
    names = [each["id"] for each in answer.json()["properties"]]
    assert {"iri", "kip:value", "kip:value/unit", "kip:deadline"} <= set(names) and "kip:evidence" not in names
    assert len(_asked(app, "/properties", type="kip:Target", limit="3").json()["properties"]) == 3


@pytest.mark.parametrize(("what", "schema"), [("entity", "entities"), ("property", "properties"), ("type", "types")])
def test_suggestions_keep_to_the_schemas(app: FastAPI, what: str, schema: str) -> None:
    for prefix in ("중", "스마트", "a", "값", "부처", "nothing of this name"):
        answer = _asked(app, f"/suggest/{what}", prefix=prefix)
        _schema(f"suggest-{schema}-response").validate(answer.json())
    first = {"entity": ("중소벤처", MSS), "property": ("kip:deadl", "kip:deadline"), "type": ("minis", "kip:Ministry")}
    prefix, expected = first[what]
    listed = [each["id"] for each in _asked(app, f"/suggest/{what}", prefix=prefix).json()["result"]]
    assert expected in listed
    skipped = _asked(app, f"/suggest/{what}", prefix=prefix, cursor="1").json()["result"]
    assert [each["id"] for each in skipped][: len(listed) - 1] == listed[1:]


def test_a_flyout_escapes_what_it_shows(app: FastAPI) -> None:
    for what, identifier in (("entity", MSS), ("property", "kip:value/unit"), ("type", "kip:Ministry")):
        answer = _asked(app, f"/flyout/{what}", id=identifier)
        assert answer.json()["id"] == identifier and answer.json()["html"].startswith("<p>")
    assert _asked(app, "/flyout/entity", id="<script>").status_code == 404


def test_a_preview_may_be_framed_and_runs_nothing(app: FastAPI) -> None:
    answer = get(app, f"/reconcile/preview?id={MSS}", BROWSER)
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    root = read_html(answer.text)
    assert "중소벤처기업부" in answer.text and not find(root, "script")
    assert find(root, "a")[0].get("href") == "http://test/page/org/mss-2017"
    for path in ("/", "/page/org/mss-2017"):
        assert "frame-ancestors 'none'" in get(app, path).headers["content-security-policy"]


def test_a_script_calls_only_what_is_a_name(app: FastAPI) -> None:
    answer = _asked(app, callback="jQuery_1.done")
    assert (
        answer.headers["content-type"].startswith("text/javascript")
        and answer.headers["x-content-type-options"] == "nosniff"
    )
    assert answer.text.startswith("/**/jQuery_1.done({") and answer.text.endswith("});")
    for name in ("", "a b", "alert(1)", "a;b", "<script>", "a.b.c.d.e.f", "é", "a" * 100):
        assert _asked(app, callback=name).status_code == 422, name


@pytest.mark.parametrize(
    ("parameters", "status", "word"),
    [
        ({"queries": "x"}, 400, "JSON"),
        ({"queries": []}, 400, "object"),
        ({"queries": {"q": "x"}}, 400, "q:"),
        ({"queries": {"q": {}}}, 400, "query"),
        ({"queries": {"q": {"query": 1}}}, 400, "query"),
        ({"queries": {"q": {"query": " "}}}, 400, "query"),
        ({"queries": {"q": {"query": "a", "nix": 1}}}, 422, "nix"),
        ({"queries": {"q": {"query": "a", "type": "kip:Minstry"}}}, 422, "kip:Ministry"),
        ({"queries": {"q": {"query": "a", "type": 1}}}, 422, "type"),
        ({"queries": {"q": {"query": "a", "limit": 0}}}, 422, "limit"),
        ({"queries": {"q": {"query": "a", "type_strict": "x"}}}, 422, "type_strict"),
        ({"queries": {"q": {"query": "a", "properties": {}}}}, 422, "properties"),
        ({"queries": {"q": {"query": "a", "properties": [{"pid": "kip:deadline"}]}}}, 400, "pid"),
        ({"queries": {"q": {"query": "a", "properties": [{"pid": "kip:deadlin", "v": 1}]}}}, 422, "kip:deadline"),
        ({"queries": {"q": {"query": "a", "properties": [{"pid": "asOf", "v": "soon"}]}}}, 422, "asOf"),
        ({"queries": {"q": {"query": "a", "properties": [{"pid": "iri", "v": [[]]}]}}}, 422, "value"),
        ({"queries": {"q": {"query": "a" * 500}}}, 413, "reconcile-query"),
        ({"queries": {str(each): {"query": "a"} for each in range(BATCH + 1)}}, 413, "reconcile-batch"),
        ({"extend": {"ids": "x", "properties": []}}, 400, "ids"),
        ({"extend": {"ids": [], "properties": [{}]}}, 400, "id"),
        ({"extend": {"ids": ["a:b"] * 201, "properties": [{"id": "iri"}]}}, 413, "reconcile-extend"),
        ({"extend": {"ids": [], "properties": [{"id": "kip:value/nix"}]}}, 422, "kip:value"),
        ({"extend": {"ids": [], "properties": [{"id": "qqqqqqqqqq"}]}}, 422, "/reconcile/properties lists all"),
        ({"query": "산업부"}, 400, "queries"),
        ({"lang": "de"}, 422, "lang"),
    ],
)
def test_what_cannot_be_used_is_told_by_name(app: FastAPI, parameters: Json, status: int, word: str) -> None:
    if parameters == {"lang": "de"}:
        parameters = {**parameters, "queries": {"q": {"query": "a"}}}
    answer = _asked(app, **parameters)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json" and word in answer.text


def test_only_a_form_is_read_and_only_so_much_of_it(app: FastAPI) -> None:
    assert _sent(app, b"{}", "application/json").status_code == 415
    assert _sent(app, b"").status_code == 400
    assert _sent(app, b"queries=%ff").status_code == 400
    too_long = _sent(app, b"queries=" + b"a" * 500_000)
    assert too_long.status_code == 413 and too_long.json()["limit"]["name"] == "request-bytes"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_taken_for_anything_but_text(app: FastAPI, text: str) -> None:
    query = {"query": text, "properties": [{"pid": "kip:deadline", "v": text}, {"pid": "type", "v": {"id": text}}]}
    assert _asked(app, queries={"q": query}).status_code == 200
    extended = _asked(app, extend={"ids": [text], "properties": [{"id": "kip:value"}]})
    assert extended.json()["rows"] == {text: {"kip:value": []}}
    for path in ("/preview", "/view"):
        assert _asked(app, path, id=text).status_code == 404
    assert _asked(app, "/suggest/entity", prefix=text).status_code in (200, 400)


def test_a_batch_ends_at_the_deadline(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.state.executor, "limits", Limits(seconds=0.0))
    answer = _asked(app, queries={str(each): {"query": "중기부"} for each in range(BATCH)})
    assert answer.status_code == 504 and answer.json()["limit"]["name"] == "query-seconds"


def test_openapi_has_the_operations(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    assert {"get", "post"} <= paths["/reconcile"].keys()
    assert {"/reconcile/preview", "/reconcile/suggest/{what}", "/reconcile/properties"} <= paths.keys()
    names = {each["name"] for each in paths["/reconcile"]["get"]["parameters"]}
    assert {"queries", "extend", "lang", "callback"} <= names
