"""The table of formats agrees with itself and with the engine."""

from __future__ import annotations

import re

import pyoxigraph
import pytest

from api.transport.formats import FORMATS, Format, Kind, by_name, of_kind

KINDS: tuple[Kind, ...] = ("table", "boolean", "graph")


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
def test_the_engine_knows_the_format_by_the_same_media_type(row: Format) -> None:
    family = pyoxigraph.RdfFormat if "graph" in row.kinds else pyoxigraph.QueryResultsFormat
    assert getattr(family, row.engine).media_type.partition(";")[0] == row.media_type


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_formats_of_a_kind_share_a_name(kind: Kind) -> None:
    names = [name for row in of_kind(kind) for name in row.names]
    assert len(names) == len(set(names))
    assert len(of_kind(kind)) >= 4


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
def test_a_format_is_found_by_each_of_its_names(row: Format) -> None:
    for kind in row.kinds:
        assert all(by_name(name, of_kind(kind)) is row for name in row.names)
        assert by_name(f".{row.suffix.upper()}", of_kind(kind)) is row


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
def test_media_types_and_identifiers_are_well_formed(row: Format) -> None:
    assert all(re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", name) for name in row.media_types)
    assert row.iri.startswith("http://www.w3.org/ns/formats/")
    assert row.content_type.endswith("charset=utf-8") is row.media_type.startswith("text/")


def test_an_unknown_name_is_none() -> None:
    assert by_name("banana") is None
    assert by_name("csv", of_kind("graph")) is None
