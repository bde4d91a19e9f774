"""Drafts the data file of a new article: its header, and the numbers that wait to be read."""

from __future__ import annotations

from collections.abc import Iterator

from graph_builder.evidence import SourceText
from graph_builder.numerals import NUMERAL, read_numeral

__all__ = ["draft"]


def draft(source: SourceText) -> str:
    """YAML of a new article's file; each printed number stands in it as a comment with its span and reading."""
    return "".join(
        [
            "article: article:yyyy-mm-dd-slug\n",
            "number: 0\n",
            f"file: {source.path.name}\n",
            f"sha256: {source.sha256}\n",
            f"characters: {len(source.text)}\n",
            *(f"# {line}\n" for line in _numbers(source.text)),
            "facts:\n",
            "- about: article:yyyy-mm-dd-slug\n",
            "  type: Article\n",
            "  label: {ko: , en: }\n",
        ]
    )


def _numbers(text: str) -> Iterator[str]:
    for found in NUMERAL.finditer(text):
        reading = read_numeral(found.group())
        if reading:
            yield f"{found.start()}-{found.end()} {found.group()} = {reading.number:f}"
