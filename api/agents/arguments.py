"""Reading the arguments of a tool: JSON values of the right kind, or an error that says which and how.

JSON, https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.errors import UnprocessableValue
from api.naming.matching import LONGEST
from api.questions.cursors import Cursor

__all__ = ["Arguments"]

_LARGEST = 10**18


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call; every method raises UnprocessableValue. What is null is not said."""

    values: Mapping[str, Any]

    def only(self, known: Collection[str]) -> None:
        """Nothing but these may be said."""
        if unknown := [name for name in self.values if name not in known]:
            raise UnprocessableValue(f"{unknown[0][:LONGEST]}: there is no such argument.", nearest=sorted(known))

    def texts(self, without: Collection[str] = ()) -> dict[str, list[str]]:
        """Every argument as the texts that parameters are read from."""
        said = {name: value for name, value in self.values.items() if name not in without and value is not None}
        return {name: _texts(name, value) for name, value in said.items()}

    def text(self, name: str, most: int = 0) -> str:
        """A text that is not empty, of at most so many characters."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value.strip():
            raise UnprocessableValue(f"{name}: a text that is not empty is required.")
        if most and len(value) > most:
            raise UnprocessableValue(f"{name}: at most {most} characters are read; these are {len(value)}.")
        return value

    def several(self, name: str) -> Sequence[str]:
        """A list of texts, empty where it is not said."""
        return [] if self.values.get(name) is None else _texts(name, self.values[name])

    def whole(self, name: str, usual: int, most: int) -> int:
        """A whole number from 1 on."""
        value = self.values.get(name)
        if value is None:
            return usual
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise UnprocessableValue(f"{name}: a whole number from 1 to {most}, not {_said(value)}.")
        return value

    def seconds(self, name: str) -> float | None:
        """A time above 0."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
            raise UnprocessableValue(f"{name}: a number above 0, not {_said(value)}.")
        return float(value)

    def switch(self, name: str, usual: bool) -> bool:
        """True or false."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            raise UnprocessableValue(f"{name}: true or false, not {_said(value)}.")
        return usual if value is None else value

    def cursor(self, name: str, version: str, scope: str) -> Cursor | None:
        """A cursor of this release and question."""
        said = self.values.get(name)
        if said is None:
            return None
        try:
            cursor = Cursor.read(said) if isinstance(said, str) else None
        except ValueError:
            cursor = None
        if cursor is None or cursor.version != version or cursor.scope != scope:
            raise UnprocessableValue(f"{name}: take it from `next` of an answer of this release to this question.")
        return cursor


def _texts(name: str, value: Any) -> list[str]:
    several = value if isinstance(value, list) else [value]
    for each in several:
        if not isinstance(each, str | int | float) or (isinstance(each, int) and abs(each) > _LARGEST):
            raise UnprocessableValue(f"{name}: a text, a number, true or false, or a list of them, not {_said(each)}.")
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in several]


def _said(value: Any) -> str:
    """A value as an error shows it; a number of many thousand digits cannot be written."""
    if isinstance(value, str):
        return repr(value[:LONGEST])
    small = isinstance(value, float) or (isinstance(value, int) and abs(value) <= _LARGEST)
    return str(value) if small else f"this {type(value).__name__}"
