"""Compares YAML files with their one form on disk, or writes them in it, so that a difference shows meaning only.

The form: UTF-8 in NFC, line feeds, one final newline, no tabs, two spaces for a mapping, the dash of a list below its
key, a scalar on one line. Comments, the order of keys, the kind of quotes and the choice of flow or block style stay.
"""

from __future__ import annotations

import argparse
import io
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import Node, ScalarNode
from ruamel.yaml.resolver import VersionedResolver

__all__ = ["canonical", "main"]

NEVER = 2**20
"""The column at which a line is broken: it is not, so that a changed value is one changed line."""


class Strings(VersionedResolver):
    """Takes every scalar for a string, as the builder does, so that it is written back as it stood."""

    def resolve(self, kind: type[Node], value: str | None, implicit: tuple[bool, bool]) -> object:
        """The tag of a node."""
        return self.DEFAULT_SCALAR_TAG if kind is ScalarNode else super().resolve(kind, value, implicit)


def canonical(text: str) -> str:
    """The one form of a YAML document.

    >>> canonical("a:\\n    - 1\\n    - {b:   2}  # why")
    'a:\\n- 1\\n- {b: 2} # why\\n'

    Raises ValueError where the text is not YAML or where its form could not be changed without its meaning.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    if not text.strip():
        return ""
    try:
        written = _dump(_dump(text))
        same = _shape(yaml.compose(written)) == _shape(yaml.compose(text))
    except (YAMLError, yaml.YAMLError) as error:
        raise ValueError(" ".join(str(error).split())) from None
    if not same:
        raise ValueError(
            "writing it in the one form would change what it says; quote the value that YAML reads in two ways"
        )
    return written


def _dump(text: str) -> str:
    form = YAML(typ="rt")
    form.Resolver = Strings
    form.indent(mapping=2, sequence=2, offset=0)
    form.width = NEVER
    form.preserve_quotes = True
    form.allow_unicode = True
    written = io.StringIO()
    form.dump(form.load(text), written)
    return written.getvalue()


def _shape(node: yaml.Node | None) -> object:
    """What a document says, apart from its form; every scalar is its text, as the builder reads it."""
    match node:
        case yaml.MappingNode():
            return [(_shape(key), _shape(value)) for key, value in node.value]
        case yaml.SequenceNode():
            return [_shape(item) for item in node.value]
        case yaml.ScalarNode():
            return node.value
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Check or rewrite the YAML files below the given folders; 1 where one is not in the form."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true", help="rewrite the files")
    called = parser.parse_args(arguments)
    faults = [fault for path in _files(called.paths) for fault in _visit(path, called.write)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.yaml")) if path.is_dir() else [path]


def _visit(path: Path, write: bool) -> Iterator[str]:
    """Say what is wrong with one file, after mending it where asked."""
    try:
        text = path.read_bytes().decode("utf-8")
        form = canonical(text)
    except ValueError as error:
        yield f"{path}: {error}"
        return
    if form == text:
        return
    if write:
        path.write_text(form, encoding="utf-8", newline="\n")
    else:
        line = next(
            (n for n, (a, b) in enumerate(zip(text.split("\n"), form.split("\n"), strict=False), 1) if a != b), 1
        )
        yield f"{path}:{line}: not in the one form of the data; make format rewrites it"


if __name__ == "__main__":
    sys.exit(main())
