"""Suggestions while a name is typed: a convenience of its own server, on the pages that need it and on no others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from fastapi import FastAPI

import api
from tests.api.markup import find, read_html
from tests.api.site import get, site

SCRIPT = Path(api.__file__).parent / "static" / "suggest.js"
NODE = Path(sys.executable).parent / "node"
# As much of a page as the script touches.
PAGE = """
const made = () => ({ children: [], replaceChildren(...given) { this.children = given; } });
const box = {
  id: "p-thing", value: "", dataset: { suggest: "org,person", address: "/api/suggest" }, attributes: {}, listeners: {},
  after(list) { this.list = list; },
  setAttribute(name, value) { this.attributes[name] = value; },
  addEventListener(name, listener) { this.listeners[name] = listener; },
};
globalThis.document = {
  baseURI: "http://e.org/query/ask", documentElement: { lang: "ko" },
  querySelectorAll: () => [box], createElement: made,
};
const asked = [];
globalThis.fetch = async (address) => {
  asked.push(String(address));
  const shinhan = { curie: "org:shinhan-bank", label: { ko: "신한은행" }, matched: { name: "Shinhan" } };
  return { ok: asked.length < 2, json: async () => ({ suggestions: [shinhan] }) };
};
"""
TYPED = """
const type = async (text) => {
  box.value = text;
  box.listeners.input();
  await new Promise((done) => setTimeout(done, 250));
};
await type("person:kim, 신한");
const first = box.list.children.map(({ value, label }) => [value, label]);
await type("  ");
await type("<&>");
const kept = box.list.children.length;
console.log(JSON.stringify({ asked, first, list: box.attributes.list, id: box.list.id, kept }));
"""


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return site()


def test_names_are_offered_for_the_last_of_several_and_a_refusal_changes_nothing() -> None:
    code = PAGE + SCRIPT.read_text("utf-8") + TYPED
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", code], capture_output=True, text=True, timeout=60, check=True
    )
    found = orjson.loads(done.stdout)
    assert found["asked"] == [
        "http://e.org/api/suggest?q=%EC%8B%A0%ED%95%9C&kind=org%2Cperson",
        "http://e.org/api/suggest?q=%3C%26%3E&kind=org%2Cperson",
    ]
    assert found["first"] == [["person:kim,org:shinhan-bank", "신한은행 · Shinhan · org:shinhan-bank"]]
    assert found["list"] == found["id"] == "l-p-thing" and found["kept"] == 1


def test_only_a_form_with_too_many_names_to_list_has_the_script(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.questions.forms.SUGGESTED", 3)
    answer = get(app, "/query/facts-about-entity")
    (box,) = find(read_html(answer.text), "input", name="entity")
    assert (box.get("data-suggest"), box.get("data-address")) == ("", "/api/suggest")
    (script,) = find(read_html(answer.text), "script", type="module")
    assert get(app, script.get("src", ""), "*/*").headers["content-type"].startswith("text/javascript")
    assert "script-src 'self'; connect-src 'self'" in answer.headers["content-security-policy"]
    assert "script-src" not in get(app, "/query/list-articles").headers["content-security-policy"]


def test_the_script_asks_nobody_else_and_writes_no_markup() -> None:
    text = SCRIPT.read_text("utf-8")
    assert "http" not in text and "innerHTML" not in text and "import " not in text
