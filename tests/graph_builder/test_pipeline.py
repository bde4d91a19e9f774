"""From YAML to a release: what stands in the graph, and that a fault leaves the former release alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse

from graph_builder.errors import DataFaults, ReleaseError
from graph_builder.pipeline import build
from graph_builder.prefixes import PrefixMap
from graph_builder.project import CHECKOUT
from graph_builder.release import current
from graph_builder.validation import ValidationFailed
from tests.graph_builder.conftest import SmallProject


def _select(release: Path, query: str, prefixes: PrefixMap) -> list[tuple[str, ...]]:
    solutions = Store.read_only(str(release / "store")).query(query, prefixes=dict(prefixes.prefixes))
    assert isinstance(solutions, QuerySolutions)
    return [tuple(term.value if term is not None else "" for term in row) for row in solutions]


def _quads(release: Path) -> set[Quad]:
    return set(parse(path=str(release / "dataset.nq"), format=RdfFormat.N_QUADS))


@pytest.fixture
def built(small: SmallProject, prefixes: PrefixMap) -> Path:
    return build(small.project, prefixes)


def test_a_statement_carries_its_evidence_and_modality(built: Path, prefixes: PrefixMap) -> None:
    rows = _select(
        built,
        """SELECT ?claim ?confidence ?start ?end ?article WHERE {
          program:factories kip:hasSector sector:manufacturing .
          ?st rdf:subject program:factories ; rdf:predicate kip:hasSector ; rdf:object sector:manufacturing ;
            a kip:Statement ; kip:claimType ?claim ; kip:confidence ?confidence ; kip:evidence ?e .
          ?e oa:hasSource/kip:snapshotOf/kip:articleNumber ?article ; oa:hasSelector ?sel .
          ?sel oa:start ?start ; oa:end ?end }""",
        prefixes,
    )
    assert rows == [(prefixes.expand("claim:plan"), "0.9", "13", "15", "7")]


def test_a_node_of_several_parts_carries_the_evidence_itself(built: Path, prefixes: PrefixMap) -> None:
    rows = _select(
        built,
        """SELECT ?number ?text ?bound ?due ?precision ?start WHERE {
          target:factories-30000-by-2025 kip:targetOf program:factories ; kip:deadline ?due ;
            kip:deadlinePrecision ?precision ; kip:value ?v ; kip:evidence/oa:hasSelector/oa:start ?start .
          ?v a kip:QuantityValue ; kip:numericValue ?number ; kip:statedText ?text ; kip:bound ?bound }""",
        prefixes,
    )
    assert rows == [
        ("30000", "3만개", prefixes.expand("bound:exact"), "2025-12-31", prefixes.expand("precision:year"), "5")
    ]


def test_the_other_side_is_inferred_and_listed_as_inferred(built: Path, prefixes: PrefixMap) -> None:
    subject, predicate = (NamedNode(prefixes.expand(curie)) for curie in ("program:factories", "kip:hasTarget"))
    target = NamedNode(prefixes.expand("target:factories-30000-by-2025"))
    quads = _quads(built)
    assert Quad(subject, predicate, target, DefaultGraph()) in quads
    assert Quad(subject, predicate, target, NamedNode(prefixes.expand("graph:inferred"))) in quads


def test_what_was_inferred_stands_in_the_graph_of_its_rule_too(built: Path) -> None:
    graphs: dict[str, set[object]] = {}
    for quad in _quads(built):
        if isinstance(quad.graph_name, NamedNode):
            graphs.setdefault(quad.graph_name.value.partition("/graph/")[2], set()).add(quad.triple)
    by_rule = {name: triples for name, triples in graphs.items() if name.startswith("inferred/")}
    assert set().union(*by_rule.values()) == graphs["inferred"]
    rules = {rule["name"]: rule for rule in json.loads((built / "rules.json").read_text("utf-8"))}
    assert {f"inferred/{name}" for name in rules} >= set(by_rule)
    assert all("CONSTRUCT" in rule["query"] and rule["meaning"] for rule in rules.values())


def test_the_graph_of_an_article_lists_what_it_supports(built: Path, prefixes: PrefixMap) -> None:
    rows = _select(
        built,
        "SELECT ?p WHERE { GRAPH graph:article/small { program:factories ?p ?o } }".replace(
            "graph:article/small", f"<{prefixes.base}graph/article/small>"
        ),
        prefixes,
    )
    assert {row[0] for row in rows} == {prefixes.expand("kip:leadMinistry"), prefixes.expand("kip:hasSector")}


def test_a_second_source_adds_evidence_not_a_second_statement(small: SmallProject, prefixes: PrefixMap) -> None:
    small.write(
        "context/other.yaml",
        "source: source:other\nfacts:\n"
        "- about: program:factories\n  leadMinistry: org:gana\n  usesTechnology: technology:ai\n",
    )
    release = build(small.project, prefixes)
    rows = _select(
        release,
        """SELECT ?st (COUNT(?e) AS ?n) WHERE {
          ?st rdf:subject program:factories ; rdf:predicate kip:leadMinistry ; kip:evidence ?e } GROUP BY ?st""",
        prefixes,
    )
    assert [row[1] for row in rows] == ["2"]
    context = _select(release, f"SELECT ?p WHERE {{ GRAPH <{prefixes.base}graph/context> {{ ?s ?p ?o }} }}", prefixes)
    assert context == [(prefixes.expand("kip:usesTechnology"),)]


def test_a_period_has_bounds_and_a_name(small: SmallProject, prefixes: PrefixMap) -> None:
    small.write(
        "context/other.yaml",
        "source: source:other\nfacts:\n- about: program:factories\n  coversPeriod: {start: 2026-H2, end: 2034}\n",
    )
    rows = _select(
        build(small.project, prefixes),
        "SELECT ?a ?b ?l { program:factories kip:coversPeriod ?p . ?p kip:startDate ?a ; kip:endDate ?b ; rdfs:label ?l"
        " FILTER(LANG(?l) = 'en') }",
        prefixes,
    )
    assert rows == [("2026-07-01", "2034-12-31", "2026-H2–2034")]


def test_the_default_graph_holds_each_triple_once_and_no_graph_is_alone(built: Path) -> None:
    quads = _quads(built)
    default = {quad.triple for quad in quads if quad.graph_name == DefaultGraph()}
    assert {quad.triple for quad in quads} == default


def test_the_store_holds_the_very_quads_of_the_dump(release: Path) -> None:
    stored = set(Store.read_only(str(release / "store")))
    assert {quad for quad in _quads(release) if "_:" not in str(quad)} <= stored
    assert len(stored) == len(_quads(release))


def test_the_manifest_tells_what_the_release_holds(built: Path) -> None:
    manifest = json.loads((built / "manifest.json").read_text("utf-8"))
    assert manifest["version"] == built.name
    assert manifest["quads"] == len(_quads(built))
    assert manifest["issued"] == built.name[:10]
    assert manifest["shacl"]["conforms"] is True
    assert manifest["sources"][0]["article"] == "article:small"
    assert set(manifest["files"]) >= {
        "dataset.nq",
        "kip.ttl",
        "kip.jsonld",
        "kip.nt.gz",
        "labels.json",
        "rules.json",
        "search.sqlite",
        "shacl-report.ttl",
        "terms.json",
    }
    import hashlib

    for name, described in manifest["files"].items():
        data = (built / name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (described["bytes"], described["sha256"])


def test_the_dumps_say_the_same(built: Path) -> None:
    import gzip

    default = {quad.triple for quad in _quads(built) if quad.graph_name == DefaultGraph()}
    turtle = {quad.triple for quad in parse(path=str(built / "kip.ttl"), format=RdfFormat.TURTLE)}
    ntriples = gzip.decompress((built / "kip.nt.gz").read_bytes())
    named = {triple for triple in default if "_:" not in f"{triple.subject} {triple.object}"}
    assert {quad.triple for quad in parse(ntriples, format=RdfFormat.N_TRIPLES)} == default
    assert named <= turtle
    assert len(turtle) == len(default)
    assert len({quad.triple for quad in parse(path=str(built / "kip.jsonld"), format=RdfFormat.JSON_LD)}) == len(
        default
    )


def test_a_fault_leaves_the_former_release_alone(small: SmallProject, prefixes: PrefixMap, built: Path) -> None:
    before = sorted(path.name for path in built.parent.iterdir())
    small.write("context/wrong.yaml", "facts:\n- about: program:factories\n  nme: y\n")
    with pytest.raises(DataFaults):
        build(small.project, prefixes)
    assert current(small.project.build) == built.resolve()
    assert sorted(path.name for path in built.parent.iterdir()) == before


def test_a_graph_that_breaks_a_shape_is_no_release(small: SmallProject, prefixes: PrefixMap, built: Path) -> None:
    wrong = "facts:\n- about: program:bare\n  type: Program\n  label: {ko: 이름뿐}\n"
    small.write("entities/wrong.yaml", wrong)
    with pytest.raises(ValidationFailed) as caught:
        build(small.project, prefixes)
    assert any(violation.focus == "program:bare" for violation in caught.value.violations)
    assert "data/entities/wrong.yaml:2:" in str(caught.value)
    assert current(small.project.build) == built.resolve()


def test_the_same_inputs_are_not_built_twice(small: SmallProject, prefixes: PrefixMap, built: Path) -> None:
    told: list[str] = []
    assert build(small.project, prefixes, progress=told.append) == built
    assert told == [f"release {built.name} is already built"]


def test_a_full_disk_is_told_and_leaves_nothing(
    small: SmallProject, prefixes: PrefixMap, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    small.write(
        "context/more.yaml",
        "source: source:other\nfacts:\n- about: program:factories\n  usesTechnology: technology:ai\n",
    )
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ReleaseError, match="the disk is full"):
        build(small.project, prefixes)
    monkeypatch.undo()
    assert [path.name for path in built.parent.iterdir()] == [built.name]
    assert current(small.project.build) == built.resolve()


def test_a_release_that_was_never_finished_is_built_again(
    small: SmallProject, prefixes: PrefixMap, built: Path
) -> None:
    (built / "manifest.json").unlink()
    assert (build(small.project, prefixes) / "manifest.json").is_file()


def test_no_release_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="kip build"):
        current(tmp_path)


SCRIPT = """
import sys
from pathlib import Path
from graph_builder.pipeline import build
from graph_builder.prefixes import prefix_map
from graph_builder.project import Project
print(build(Project(Path.cwd()), prefix_map(), out=Path(sys.argv[1])))
"""


@pytest.mark.parametrize(
    ("name", "environment"),
    [("seeded", {"PYTHONHASHSEED": "1"}), ("other", {"PYTHONHASHSEED": "2", "LC_ALL": "C", "TZ": "Asia/Seoul"})],
)
def test_the_same_inputs_give_the_same_bytes(
    small: SmallProject, built: Path, tmp_path: Path, name: str, environment: dict[str, str]
) -> None:
    elsewhere = tmp_path / name
    elsewhere.mkdir()
    for part in ("data", "ontology", "shapes"):
        (elsewhere / part).symlink_to(small.root / part)
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(elsewhere / "out" / "releases")],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT.root), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    again = Path(run.stdout.strip())
    files = sorted(path.name for path in built.iterdir() if path.is_file())
    assert [(again / file).read_bytes() for file in files] == [(built / file).read_bytes() for file in files]
