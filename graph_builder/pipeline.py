"""The way of the data: files -> documents -> claims -> quads -> rules -> shapes -> a release."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple

from graph_builder.coverage import Coverage, count_facts, cover
from graph_builder.dataset import Description
from graph_builder.errors import DataFaults, ReleaseError
from graph_builder.evidence import check_spans, find_source, verify
from graph_builder.executables import read_executables
from graph_builder.facts import Document
from graph_builder.identifiers import graph_iri
from graph_builder.inference import Rule, derive, infer, read_rules
from graph_builder.labels import label_index, term_names
from graph_builder.mapping import Claim, map_document, register_of
from graph_builder.nanopublications import NANOPUBLICATIONS, nanopublications
from graph_builder.prefixes import PrefixMap
from graph_builder.project import Project
from graph_builder.provenance import quads_of
from graph_builder.query_files import query_files
from graph_builder.reading import Faults, read_file
from graph_builder.release import find, fingerprint, publish, switch
from graph_builder.retirement import Retirement, retired_in
from graph_builder.search_index import search_index
from graph_builder.serialization import canonical, sorted_nquads
from graph_builder.terms import TYPE, in_graph
from graph_builder.validation import Report, ValidationFailed, read_shapes, validate
from graph_builder.values import Names
from graph_builder.vocabulary import Vocabulary, read_turtle, read_vocabulary

__all__ = [
    "Curated",
    "Graph",
    "Progress",
    "account",
    "build",
    "check",
    "curate",
    "graph_of",
    "silent",
    "validate_foreign",
    "validated",
]

Progress = Callable[[str], None]
"""Told what is being done."""


def silent(_: str) -> None:
    """No progress."""


@dataclass(frozen=True)
class Curated:
    """The documents of one run with all names that they may use."""

    documents: tuple[Document, ...]
    names: Names
    retired: tuple[Retirement, ...] = ()

    @property
    def prefixes(self) -> PrefixMap:
        """The prefix map."""
        return self.names.vocabulary.prefixes


@dataclass(frozen=True)
class Graph:
    """All quads of a release; `triples` are those of the default graph, asserted, inferred and of the vocabulary."""

    quads: frozenset[Quad]
    triples: frozenset[Triple]
    inferred: frozenset[Triple]
    rules: tuple[Rule, ...] = ()


def curate(project: Project, prefixes: PrefixMap, files: Sequence[Path] | None = None) -> tuple[Curated, Faults]:
    """Reads the vocabulary and the data files, with every fault that can be seen without their values."""
    faults: Faults = []
    vocabulary = read_vocabulary(project.vocabulary_files(), prefixes, project.root)
    paths = project.data_files() if files is None else files
    documents = [read_file(path, project.relative(path), faults) for path in paths]
    found = tuple(document for document in documents if document)
    for document in found:
        check_spans(document, faults)
    register = register_of(found, vocabulary, faults)
    names = Names(vocabulary, register)
    return Curated(found, names, retired_in(project.retired, project.relative(project.retired), names, faults)), faults


def _mapped(curated: Curated, faults: Faults) -> list[tuple[Document, list[Claim]]]:
    """The claims of each document; every fault is added to `faults`."""
    return [(document, list(map_document(document, curated.names, faults))) for document in curated.documents]


def _sound(curated: Curated, faults: Faults) -> list[tuple[Document, list[Claim]]]:
    """The claims of each document. Raises DataFaults."""
    claims = _mapped(curated, faults)
    if faults:
        raise DataFaults(faults)
    return claims


def check(project: Project, prefixes: PrefixMap, files: Sequence[Path] | None = None) -> Curated:
    """Reads and maps all; with `files`, a file stands in for the project's file of the same name.

    Raises DataFaults with every fault of the run, or of the named files.
    """
    chosen = None if files is None else _standing_in(project, files)
    curated, faults = curate(project, prefixes, chosen)
    _mapped(curated, faults)
    named = None if files is None else {project.relative(path) for path in files}
    shown = [fault for fault in faults if named is None or fault.where.path in named]
    if shown:
        raise DataFaults(shown)
    return curated


def _standing_in(project: Project, files: Sequence[Path]) -> list[Path]:
    """The data files, with each given file from elsewhere in the place of its namesake."""
    own = project.data_files()
    files = [path for path in files if path.absolute() != project.retired]  # which is read at all events
    given = {path.absolute() for path in files}
    namesakes = {path.name for path in given - set(own)}
    return [*(path for path in own if path not in given and path.name not in namesakes), *files]


def account(project: Project, prefixes: PrefixMap, sources: Path) -> Iterator[Coverage]:
    """The account of each article, in the order of their numbers. Raises DataFaults, or EvidenceError for a text."""
    curated, faults = curate(project, prefixes)
    types = {thing.iri: thing.type.rpartition("/")[2] for thing in curated.names.register.values()}
    articles = [(d.snapshot, d, claims) for d, claims in _sound(curated, faults) if d.snapshot]
    for snapshot, document, claims in sorted(articles, key=lambda article: article[0].number):
        yield cover(document, find_source(sources, snapshot), count_facts(claims, types))


def graph_of(curated: Curated, faults: Faults, project: Project, progress: Progress = silent) -> Graph:
    """All quads of the documents, with what follows from them. Raises DataFaults."""
    base = curated.prefixes.base
    names = curated.names
    claimed = {quad for document, claims in _sound(curated, faults) for quad in quads_of(document, claims, names)}
    vocabulary = canonical(curated.names.vocabulary.triples)
    meta = canonical(_meta(project, curated.prefixes))
    asserted = {quad.triple for quad in claimed if isinstance(quad.graph_name, DefaultGraph)}
    progress(f"inferring from {len(asserted) + len(vocabulary):,} triples")
    rules = tuple(read_rules(project.rules, curated.prefixes))
    derived = derive([*asserted, *vocabulary], rules)
    inferred = frozenset[Triple]().union(*derived.values())
    by_rule = {f"inferred/{name}": triples for name, triples in derived.items()}
    quads = _only_context(claimed, base)
    queries = set(read_executables(project.queries, curated.prefixes).statements())
    graphs = {"vocab": vocabulary, "meta": meta, "queries": queries, "inferred": inferred, **by_rule}
    for name, triples in graphs.items():
        graph = NamedNode(graph_iri(base, name))
        quads.update(in_graph(triple, graph) for triple in triples)
    default = asserted | vocabulary | meta | queries | inferred
    quads.update(in_graph(triple) for triple in default)
    return Graph(frozenset(quads), frozenset(default), inferred, rules)


def _only_context(quads: set[Quad], base: str) -> set[Quad]:
    """The quads without those of the context graph whose triple an article states too."""
    context = NamedNode(graph_iri(base, "context"))
    articles = graph_iri(base, "article/")
    stated = {
        quad.triple
        for quad in quads
        if isinstance(quad.graph_name, NamedNode) and quad.graph_name.value.startswith(articles)
    }
    return {quad for quad in quads if quad.graph_name != context or quad.triple not in stated}


def validated(graph: Graph, curated: Curated, project: Project) -> Report:
    """The report of the shapes about the vocabulary and of those about the data. Raises ValidationFailed."""
    reports = []
    for triples, shapes in (
        (curated.names.vocabulary.triples, [project.ontology_shapes]),
        (graph.triples, project.shape_files()),
    ):
        shape_graph = read_shapes(shapes, curated.prefixes, project.root)
        reports.append(validate(triples, shape_graph, curated.prefixes, curated.names.register))
    report = Report(
        tuple(result for each in reports for result in each.results),
        frozenset(triple for each in reports for triple in each.triples),
    )
    if report.violations:
        raise ValidationFailed(report.violations)
    return report


def validate_foreign(triples: Set[Triple], project: Project, prefixes: PrefixMap) -> Report:
    """The report on triples from elsewhere, with the vocabulary and what follows from both."""
    vocabulary = read_vocabulary(project.vocabulary_files(), prefixes, project.root)
    known = triples | canonical(vocabulary.triples)
    everything = known | infer(known, read_rules(project.rules, prefixes))
    return validate(everything, read_shapes(project.shape_files(), prefixes, project.root), prefixes)


def build(
    project: Project,
    prefixes: PrefixMap,
    out: Path | None = None,
    sources: Path | None = None,
    progress: Progress = silent,
) -> Path:
    """Builds a release below `out` (default `build/releases`) and makes it the current one; the result is its folder.

    A release of the same inputs is not built again. Raises DataFaults, ValidationFailed and ReleaseError; the release
    that was there then stays as it is.
    """
    folder = out or project.build / "releases"
    issued = _issued(project, prefixes)
    key, inputs = _inputs(project, prefixes)
    version = f"{issued}-{key}"
    if sources is None and find(folder, version):
        progress(f"release {version} is already built")
        return switch(folder, version)
    progress("reading the vocabulary and the data")
    curated, faults = curate(project, prefixes)
    if sources is not None:
        progress(f"holding the evidence against {sources}")
        for document in curated.documents:
            verify(document, sources, faults)
    graph = graph_of(curated, faults, project, progress)
    progress(f"validating {len(graph.triples):,} triples")
    report = validated(graph, curated, project)
    progress(f"writing release {version}")
    documents = _documents(graph, report, prefixes)
    if project.nanopublication.is_file():
        documents[NANOPUBLICATIONS] = nanopublications(project.nanopublication, graph.triples, version, prefixes)
    facts = {"issued": issued, "inputs": inputs, **_facts(graph, report, curated)}
    listed = read_executables(project.queries, prefixes).listed()
    described = Description(version, [*_meta(project, prefixes), *listed], graph.triples, facts, prefixes)
    return publish(folder, version, graph.quads, documents, facts, prefixes, described.turtle)


def _inputs(project: Project, prefixes: PrefixMap) -> tuple[str, dict[str, str]]:
    """The key of all that a release is made from, and the hash of each file."""
    files = [
        *project.vocabulary_files(),
        project.prefixes,
        *project.rules.glob("*.rq"),
        *project.shapes.glob("*.ttl"),
        *query_files(project.queries),
        project.data / "dataset.ttl",
        *(path for path in (project.retired, project.nanopublication) if path.is_file()),
        *project.data_files(),
        *Path(__file__).parent.glob("*.py"),
    ]
    named = {project.relative(path) if path.is_relative_to(project.root) else path.name: path for path in files}
    return fingerprint(named, prefixes.base)


def _issued(project: Project, prefixes: PrefixMap) -> str:
    """The date of issue that the data states; it begins the version. Raises ReleaseError."""
    issued = NamedNode("http://purl.org/dc/terms/issued")
    triples = _meta(project, prefixes)
    dates = [t.object.value for t in triples if t.predicate == issued and isinstance(t.object, Literal)]
    if len(dates) != 1:
        raise ReleaseError(f"data/dataset.ttl: {len(dates)} dates of issue; state one dct:issued")
    return dates[0]


def _meta(project: Project, prefixes: PrefixMap) -> list[Triple]:
    """What the data says of itself."""
    return read_turtle(project.data / "dataset.ttl", prefixes.base, "data/dataset.ttl")


def _documents(graph: Graph, report: Report, prefixes: PrefixMap) -> dict[str, bytes]:
    """The further files of a release."""
    labels = label_index(graph.triples, prefixes)
    shacl = sorted_nquads(in_graph(triple) for triple in canonical(report.triples))
    return {
        "labels.json": _json(labels),
        "rules.json": _json([asdict(rule) for rule in graph.rules]),
        "search.sqlite": search_index(graph.triples, labels, prefixes),
        "shacl-report.ttl": shacl,
        "terms.json": _json(term_names(graph.triples, prefixes)),
    }


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=0, sort_keys=True).encode() + b"\n"


def _facts(graph: Graph, report: Report, curated: Curated) -> dict[str, Any]:
    """What the manifest says of the graph."""
    snapshots = [document.snapshot for document in curated.documents if document.snapshot]
    return {
        "inferred": len(graph.inferred),
        "statements": _members(graph, curated.names.vocabulary, "Statement"),
        "things": len(curated.names.register),
        "retired": {each.iri: each.as_json() for each in curated.retired},
        "shacl": {"conforms": not report.violations, "results": report.counts()},
        "sources": [
            {"article": each.article.text, "number": each.number, "file": each.file, "sha256": each.sha256}
            for each in sorted(snapshots, key=lambda each: each.number)
        ],
    }


def _members(graph: Graph, vocabulary: Vocabulary, name: str) -> int:
    class_ = NamedNode(vocabulary.classes[name])
    return sum(triple.predicate == TYPE and triple.object == class_ for triple in graph.triples)
