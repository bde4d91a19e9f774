"""What a table tool shows of a thing in a small frame beside a cell.

Reconciliation Service API 0.2, section 5.1 (preview), https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from api.descriptions.neighbourhood import Name
from api.views.pages import Page

__all__ = ["HEIGHT", "WIDTH", "PreviewPage"]

WIDTH, HEIGHT = 430, 200
"""The size of the frame in pixels."""


@dataclass(frozen=True, slots=True)
class PreviewPage(Page):
    """A thing in brief: its names, types, days and definition; `address` is where all that is known of it stands."""

    template: ClassVar[str] = "preview.html"
    curie: str
    types: tuple[Name, ...]
    others: tuple[str, ...]
    dates: str
    note: Name
    address: str
