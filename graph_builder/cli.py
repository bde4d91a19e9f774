"""The commands that build and check: build, check, verify, coverage, locate, stamp, ...

Exit status 0 = done, 1 = the data is at fault, 2 = wrong use. Progress goes to standard error, results to standard
output.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat, Store, parse, serialize

from graph_builder.comparison import Change, compare
from graph_builder.drafting import draft
from graph_builder.errors import (
    DataFaults,
    EvidenceError,
    KnowledgeGraphError,
    ReleaseError,
    RuleError,
    SourceError,
)
from graph_builder.evidence import find_source, locate, read_source, stamped, verify
from graph_builder.pipeline import account, build, check, curate, graph_of, silent, validate_foreign, validated
from graph_builder.prefixes import prefix_map
from graph_builder.project import CHECKOUT
from graph_builder.release import current
from graph_builder.validation import Report, ValidationFailed

__all__ = ["add_commands", "main"]

DONE, AT_FAULT, WRONG_USE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one of the commands; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="python -m graph_builder", description=__doc__.splitlines()[0])
    add_commands(parser.add_subparsers(required=True, metavar="COMMAND"))
    options = parser.parse_args(arguments)
    status: int = options.handler(options)
    return status


def add_commands(commands: Any) -> None:
    """Adds the commands to the sub-parsers of a command line; each sets `handler`."""
    for handler in (_build, _check, _verify, _coverage, _locate, _stamp, _validate, _query, _diff, _draft):
        summary = (handler.__doc__ or "").splitlines()[0]
        parser = commands.add_parser(handler.__name__.strip("_"), help=summary, description=summary)
        _ARGUMENTS[handler](parser)
        parser.set_defaults(handler=_reporting(handler))


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _reporting(handler: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """The handler, with the project's own errors told on standard error and turned into an exit status."""

    def run(options: argparse.Namespace) -> int:
        try:
            return handler(options)
        except DataFaults as error:
            return _tell_faults(error, getattr(options, "json", False))
        except ValidationFailed as error:
            _say(f"{error}\n{len(error.violations)} violation(s); the former release is untouched")
            return AT_FAULT
        except (SourceError, RuleError) as error:
            _say(str(error))
            return AT_FAULT
        except KnowledgeGraphError as error:
            _say(str(error))
            return WRONG_USE

    return run


def _tell_faults(error: DataFaults, as_json: bool) -> int:
    if as_json:
        rows = [
            {"file": f.where.path, "line": f.where.line, "column": f.where.column, "message": f.message, "hint": f.hint}
            for f in error.faults
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _say(f"{error}\n{len(error.faults)} fault(s)")
    return AT_FAULT


def _build(options: argparse.Namespace) -> int:
    """Builds a release from ontology/, shapes/ and data/, and makes it the current one."""
    print(build(CHECKOUT, prefix_map(), options.out, options.sources, _say))
    return DONE


def _check(options: argparse.Namespace) -> int:
    """Checks data files: every fault with file, line and column. Without a path, the whole graph and its shapes."""
    prefixes = prefix_map()
    if options.paths:
        curated = check(CHECKOUT, prefixes, options.paths)
    else:
        curated, faults = curate(CHECKOUT, prefixes)
        _warn(validated(graph_of(curated, faults, CHECKOUT, silent), curated, CHECKOUT))
    print(f"{len(curated.documents)} files, {len(curated.names.register)} things: no fault")
    return DONE


def _warn(report: Report) -> None:
    for result in report.results:
        _say(str(result))


def _verify(options: argparse.Namespace) -> int:
    """Holds every span of evidence against the source texts in a folder."""
    curated, faults = curate(CHECKOUT, prefix_map())
    total = 0
    for document in curated.documents:
        number = verify(document, options.sources, faults)
        total += number
        if document.snapshot:
            print(f"{document.path}: {number} spans in {document.snapshot.file}")
    if faults:
        raise DataFaults(faults)
    print(f"{total} spans checked, all found")
    return DONE


def _coverage(options: argparse.Namespace) -> int:
    """Lists the sentences of each article that no fact was read from, each with the reason, and counts the facts."""
    accounts = list(account(CHECKOUT, prefix_map(), options.sources))
    if options.json:
        print(json.dumps([each.row() for each in accounts], ensure_ascii=False, indent=1))
    else:
        print("\n".join(line for each in accounts for line in each.lines()))
    return AT_FAULT if any(each.unaccounted for each in accounts) else DONE


def _locate(options: argparse.Namespace) -> int:
    """Finds a text in a source file: start-end, line and hash of each occurrence."""
    found = list(locate(read_source(options.source).text, options.text))
    for each in found:
        print(f"{each.start}-{each.end}\tline {each.line}\t{each.sha256}")
    if not found:
        _say(f"{options.source}: {options.text!r} does not occur; mind spaces, quotes and Unicode normal form")
    return DONE if found else AT_FAULT


def _stamp(options: argparse.Namespace) -> int:
    """Writes the hashes of the spans that article files name, from the source texts in a folder."""
    curated, faults = curate(CHECKOUT, prefix_map())
    for document in curated.documents:
        if document.snapshot:
            path = CHECKOUT.root / document.path
            source = find_source(options.sources, document.snapshot)
            path.write_text(stamped(path.read_text("utf-8"), document, source), "utf-8")
            print(document.path)
    others = [fault for fault in faults if not isinstance(fault, EvidenceError)]
    if others:
        raise DataFaults(others)
    return DONE


def _validate(options: argparse.Namespace) -> int:
    """Validates an RDF file, with the vocabulary and what follows from both, against the shapes."""
    try:
        triples = {quad.triple for quad in parse(path=str(options.file))}
    except (OSError, SyntaxError, ValueError) as error:
        raise KnowledgeGraphError(f"{options.file}: cannot be read as RDF: {error}") from error
    report = validate_foreign(triples, CHECKOUT, prefix_map())
    for result in report.results:
        print(result)
    print(f"{len(report.violations)} violation(s), {len(report.results) - len(report.violations)} other result(s)")
    return AT_FAULT if report.violations else DONE


def _query(options: argparse.Namespace) -> int:
    """Runs a SPARQL query file on the current release and prints the result."""
    release = options.release or current(CHECKOUT.build)
    if not (release / "store").is_dir():
        raise ReleaseError(f"{release}: no release (no store); name a folder below build/releases")
    prefixes = prefix_map()
    try:
        text = options.file.read_text("utf-8")
        results = Store.read_only(str(release / "store")).query(text, prefixes=dict(prefixes.prefixes))
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise KnowledgeGraphError(f"{options.file}: {error}") from error
    if isinstance(results, QueryTriples):
        data = serialize(results, format=RdfFormat.TURTLE, prefixes=dict(prefixes.prefixes))
    else:
        chosen = "json" if isinstance(results, QueryBoolean) or options.json else "tsv"
        data = results.serialize(format=QueryResultsFormat.from_extension(chosen))
    sys.stdout.buffer.write(data or b"")
    return DONE


def _diff(options: argparse.Namespace) -> int:
    """Lists what changed from one release to another, entity by entity."""
    changes = list(compare(options.old, options.new))
    if options.json:
        rows = [
            {"subject": c.subject.strip("<>"), "kind": c.kind, "added": c.added, "removed": c.removed} for c in changes
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for change in changes:
            _print_change(change)
    return DONE


def _print_change(change: Change) -> None:
    name = prefix_map().shrink(NamedNode(change.subject[1:-1]).value) if change.subject.startswith("<") else None
    print(f"{change.kind}\t{name or change.subject}")
    for sign, lines in (("+", change.added), ("-", change.removed)):
        for line in lines:
            print(f"\t{sign} {line}")


def _draft(options: argparse.Namespace) -> int:
    """Drafts the data file of a new article from its text."""
    print(draft(read_source(options.text)), end="")
    return DONE


def _json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")


def _sources_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sources", type=Path, required=True, metavar="DIR", help="the folder of the article texts")


def _build_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of releases (default build/releases)")
    parser.add_argument("--sources", type=Path, metavar="DIR", help="also hold the evidence against these texts")
    _json_option(parser)


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="data files (default: all, and the shapes)")
    _json_option(parser)


def _verify_arguments(parser: argparse.ArgumentParser) -> None:
    _sources_option(parser)
    _json_option(parser)


def _locate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="SOURCE", help="an article's text file")
    parser.add_argument("text", metavar="TEXT", help="the words to find")


def _validate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="an RDF file: .ttl, .nt, .nq, .trig, .rdf, .jsonld")


def _query_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a .rq file; the project's prefixes are known")
    parser.add_argument("--release", type=Path, metavar="DIR", help="a release (default: the current one)")
    _json_option(parser)


def _diff_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", type=Path, metavar="OLD", help="a release folder")
    parser.add_argument("new", type=Path, metavar="NEW", help="a release folder")
    _json_option(parser)


def _draft_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", type=Path, metavar="TEXT", help="an article's text file")


_ARGUMENTS: dict[Callable[[argparse.Namespace], int], Callable[[argparse.ArgumentParser], None]] = {
    _build: _build_arguments,
    _check: _check_arguments,
    _verify: _verify_arguments,
    _coverage: _verify_arguments,
    _locate: _locate_arguments,
    _stamp: _sources_option,
    _validate: _validate_arguments,
    _query: _query_arguments,
    _diff: _diff_arguments,
    _draft: _draft_arguments,
}
