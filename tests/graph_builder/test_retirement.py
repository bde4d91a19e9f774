"""The register of retired identifiers: what it refuses, and how it reaches the manifest."""

from __future__ import annotations

import json

import pytest

from graph_builder.errors import DataFaults
from graph_builder.pipeline import build, check
from graph_builder.prefixes import PrefixMap
from tests.graph_builder.conftest import SmallProject

REASON = "reason: {ko: 합침, en: merged}"


def faults(small: SmallProject, prefixes: PrefixMap, text: str) -> list[str]:
    small.write("retired.yaml", text)
    with pytest.raises(DataFaults) as caught:
        check(small.project, prefixes)
    return [str(each) for each in caught.value.faults]


def test_what_was_retired_stands_in_the_manifest(small: SmallProject, prefixes: PrefixMap) -> None:
    small.write(
        "retired.yaml",
        f"retired:\n- {{id: org:old, replacedBy: org:gana, on: 2026-12-01, {REASON}}}\n"
        f"- {{id: sector:mills, on: 2026-12-02, {REASON}}}\n",
    )
    manifest = json.loads((build(small.project, prefixes) / "manifest.json").read_text("utf-8"))
    reason = {"ko": "합침", "en": "merged"}
    assert manifest["retired"] == {
        f"{prefixes.base}id/org/old": {
            "on": "2026-12-01",
            "reason": reason,
            "replacedBy": f"{prefixes.base}id/org/gana",
        },
        f"{prefixes.base}scheme/sector/mills": {"on": "2026-12-02", "reason": reason},
    }


def test_another_register_makes_another_release(small: SmallProject, prefixes: PrefixMap) -> None:
    first = build(small.project, prefixes)
    small.write("retired.yaml", f"retired:\n- {{id: org:old, on: 2026-12-01, {REASON}}}\n")
    assert build(small.project, prefixes) != first


@pytest.mark.parametrize(
    ("entry", "place", "message"),
    [
        (f"{{id: org:gana, on: 2026-12-01, {REASON}}}", "2:8", "still declared"),
        (f"{{id: sector:manufacturing, on: 2026-12-01, {REASON}}}", "2:8", "still declared"),
        (f"{{id: nix:old, on: 2026-12-01, {REASON}}}", "2:8", "no known kind"),
        (f"{{id: skos:old, on: 2026-12-01, {REASON}}}", "2:8", "no identifier of ours"),
        (f"{{id: org:Old, on: 2026-12-01, {REASON}}}", "2:8", "no identifier of ours"),
        (f"{{id: org:old, on: last week, {REASON}}}", "2:21", "is no day"),
        ("{id: org:old, on: 2026-12-01}", "2:3", "both languages"),
        ("{id: org:old, on: 2026-12-01, reason: {ko: 합침}}", "2:41", "both languages"),
        (f"{{id: org:old, on: 2026-12-01, {REASON}, replacedBy: org:nobody}}", "2:75", "declared nowhere"),
        (f"{{id: org:old, on: 2026-12-01, {REASON}, replaced: org:gana}}", "2:63", "unknown key"),
        (f"{{on: 2026-12-01, {REASON}}}", "2:3", "'id' is missing"),
        ("org:old", "2:3", "not a mapping"),
    ],
)
def test_a_wrong_entry_is_refused(
    small: SmallProject, prefixes: PrefixMap, entry: str, place: str, message: str
) -> None:
    (fault,) = faults(small, prefixes, f"retired:\n- {entry}\n")
    assert fault.startswith(f"data/retired.yaml:{place}: ") and message in fault, fault


@pytest.mark.parametrize("text", ["facts: []\n", "retired: org:old\n", "- org:old\n", "retired: []\nmore: []\n", "\n"])
def test_a_file_that_is_no_register_is_refused(small: SmallProject, prefixes: PrefixMap, text: str) -> None:
    assert len(faults(small, prefixes, text)) == 1


def test_an_identifier_is_retired_once(small: SmallProject, prefixes: PrefixMap) -> None:
    entry = f"- {{id: org:old, on: 2026-12-01, {REASON}}}\n"
    (fault,) = faults(small, prefixes, f"retired:\n{entry}{entry}")
    assert "retired twice" in fault


def test_a_chain_ends_at_what_lives(small: SmallProject, prefixes: PrefixMap) -> None:
    text = f"retired:\n- {{id: org:a, replacedBy: org:b, on: 2026-12-01, {REASON}}}\n"
    text += f"- {{id: org:b, replacedBy: org:gana, on: 2026-12-01, {REASON}}}\n"
    (fault,) = faults(small, prefixes, text)
    assert "'org:b' is declared nowhere" in fault


def test_the_register_alone_can_be_checked(small: SmallProject, prefixes: PrefixMap) -> None:
    path = small.write("retired.yaml", f"retired:\n- {{id: org:old, on: 2026-12-01, {REASON}}}\n")
    assert check(small.project, prefixes, [path]).retired[0].on == "2026-12-01"
    path.write_text("retired:\n- {id: org:gana, on: 2026-12-01}\n", "utf-8")
    with pytest.raises(DataFaults):
        check(small.project, prefixes, [path])
