"""A small project with the real ontology and shapes and its own data."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph_builder.identifiers import span_digest
from graph_builder.prefixes import PrefixMap, prefix_map
from graph_builder.project import CHECKOUT, Project

TEXT = "가나부는 2025년까지 공장 3만개를 짓는다.\n예산은 2조9000억원 이상이다.\n"

REGISTER = """\
facts:
- about: article:small
  type: Article
  label: {ko: 작은 기사, en: A small article}
- about: program:factories
  type: Program
  label: {ko: 공장 사업, en: Factory programme}
- about: org:gana
  type: Ministry
  label: {ko: 가나부, en: Ministry of Gana}
- about: indicator:factories
  type: Indicator
  label: {ko: 공장 수, en: Number of factories}
- about: source:other
  type: ContextSource
  label: {ko: 다른 출처, en: Another source}
  outletName: 가나일보
  dct:identifier: gana 1
  sourceDate: 2020-01-02
  dateRead: 2020-02-03
"""

HEADER = """\
article: article:small
number: 7
file: small.txt
sha256: {sha256}
characters: {characters}
"""

FACTS = """\
facts:
- about: program:factories
  leadMinistry: {is: org:gana, at: 0-3}
  hasSector: {is: sector:manufacturing, at: 13-15, claim: plan, confidence: 0.9}
- about: target:factories-30000-by-2025
  type: Target
  label: {ko: 2025년까지 3만개, en: "30,000 by 2025"}
  at: 5-19
  claim: plan
  targetOf: program:factories
  indicator: indicator:factories
  value: {number: 30000, text: 3만개, bound: exact, unit: NUM}
  deadline: 2025
  targetKind: target-kind:cumulative-stock
"""


class SmallProject:
    """A project below a temporary folder; files are written by name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("ontology", "shapes"):
            (root / name).symlink_to(getattr(CHECKOUT, name))
        for name in ("articles", "context", "entities"):
            (root / "data" / name).mkdir(parents=True)
        (root / "sources").mkdir()
        self.sources = root / "sources"
        self.project = Project(root)
        (root / "data" / "dataset.ttl").write_bytes((CHECKOUT.data / "dataset.ttl").read_bytes())
        (root / "sources" / "small.txt").write_text(TEXT, "utf-8")

    def write(self, name: str, content: str | bytes) -> Path:
        """Writes a data file."""
        path = self.root / "data" / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def article(self, facts: str = FACTS, *spans: str) -> Path:
        """Writes the article's file with the hashes of the spans."""
        import hashlib

        header = HEADER.format(sha256=hashlib.sha256(TEXT.encode()).hexdigest(), characters=len(TEXT))
        named = spans or ("0-3", "5-19", "13-15")
        rows = "".join(f"  {span}: {span_digest(TEXT[slice(*map(int, span.split('-')))])}\n" for span in named)
        return self.write("articles/small.yaml", f"{header}{facts}spans:\n{rows}")


@pytest.fixture
def small(tmp_path: Path) -> SmallProject:
    """A project with one article, one register file and no fault."""
    project = SmallProject(tmp_path)
    project.write("entities/things.yaml", REGISTER)
    project.article()
    return project


@pytest.fixture(scope="session")
def prefixes() -> PrefixMap:
    """The prefix map with the default base."""
    return prefix_map("https://w3id.org/kip/")
