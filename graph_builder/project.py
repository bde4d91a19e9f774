"""Where the folders of a checkout are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["CHECKOUT", "Project"]


@dataclass(frozen=True, slots=True)
class Project:
    """The folders of a checkout; what is built from them goes to `build`."""

    root: Path

    @property
    def ontology(self) -> Path:
        """Classes, properties, concept schemes and rules."""
        return self.root / "ontology"

    @property
    def rules(self) -> Path:
        """The inference rules."""
        return self.ontology / "rules"

    @property
    def prefixes(self) -> Path:
        """The one list of prefixes."""
        return self.ontology / "prefixes.ttl"

    @property
    def shapes(self) -> Path:
        """The SHACL shapes."""
        return self.root / "shapes"

    @property
    def data(self) -> Path:
        """The curated facts."""
        return self.root / "data"

    @property
    def queries(self) -> Path:
        """The canned queries."""
        return self.root / "queries"

    @property
    def build(self) -> Path:
        """Releases and other products."""
        return self.root / "build"

    def vocabulary_files(self) -> list[Path]:
        """The Turtle files of the ontology and its schemes, sorted, without the list of prefixes."""
        files = [*self.ontology.glob("*.ttl"), *self.ontology.glob("schemes/*.ttl")]
        return sorted(path for path in files if path != self.prefixes)

    @property
    def ontology_shapes(self) -> Path:
        """The shapes about the ontology itself."""
        return self.shapes / "ontology.ttl"

    def shape_files(self) -> list[Path]:
        """The shapes about the data, sorted."""
        return sorted(path for path in self.shapes.glob("*.ttl") if path != self.ontology_shapes)

    def data_files(self) -> list[Path]:
        """The YAML files of curated facts, sorted by their path below `data`."""
        return sorted(
            (path for folder in ("articles", "context", "entities") for path in (self.data / folder).glob("*.yaml")),
            key=lambda path: path.relative_to(self.data).as_posix(),
        )

    @property
    def nanopublication(self) -> Path:
        """The query that says what the nanopublication of a statement holds."""
        return self.queries / "pages" / "nanopublication.rq"

    @property
    def retired(self) -> Path:
        """The register of retired identifiers."""
        return self.data / "retired.yaml"

    def relative(self, path: Path) -> str:
        """The path as messages and manifests name it: below the root with slashes, or as it is."""
        absolute = path.absolute()
        return absolute.relative_to(self.root).as_posix() if absolute.is_relative_to(self.root) else path.as_posix()


CHECKOUT = Project(Path(__file__).resolve().parent.parent)
