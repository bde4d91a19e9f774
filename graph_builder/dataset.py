"""Describes a release: what is in it, which files it has, how it came about.

DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/) extends what `data/dataset.ttl` says, VoID counts, PROV-O
(https://www.w3.org/TR/prov-o/) names the texts that the build used and what validation found. The description stands
beside the dumps, whose sizes and hashes it gives, in a file of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from graph_builder.identifiers import entity_iri
from graph_builder.nanopublications import NANOPUBLICATIONS
from graph_builder.prefixes import PrefixMap
from graph_builder.serialization import DUMPS, REIFIED, turtle
from graph_builder.void import Census, number

__all__ = ["Description"]

_IANA = "https://www.iana.org/assignments/media-types/"
_W3C = "http://www.w3.org/ns/formats/"
# The syntaxes in which each thing of the data set is described (https://www.w3.org/TR/void/#features).
_FEATURES = ("Turtle", "JSON-LD", "N-Triples", "RDF_XML", "TriG", "N-Quads", "N3")
_PREFIXES = (
    "dcat",
    "dct",
    "foaf",
    "kip",
    "owl",
    "prov",
    "rdf",
    "rdfs",
    "sh",
    "skos",
    "snapshot",
    "spdx",
    "void",
    "xsd",
)
_TYPES = {"dataset.nq": RdfFormat.N_QUADS, **DUMPS, NANOPUBLICATIONS: RdfFormat.TRIG}
# What a file conforms to beyond its format.
_CONFORMS = {
    REIFIED: "https://www.w3.org/TR/rdf12-turtle/",
    NANOPUBLICATIONS: "https://nanopub.net/guidelines/working_draft/",
}


@dataclass(frozen=True)
class Description:
    """Describes one release.

    `curated` is what `data/dataset.ttl` says, `graph` the default graph, `facts` what the manifest says too: `issued`,
    `sources` and `shacl`.
    """

    version: str
    curated: Collection[Triple]
    graph: Collection[Triple]
    facts: Mapping[str, Any]
    prefixes: PrefixMap

    def turtle(self, files: Mapping[str, Mapping[str, Any]]) -> bytes:
        """The description as Turtle; `files` has the `bytes` and the `sha256` of each file of the release."""
        parts = (
            self.curated,
            self._of_release(files),
            self._of_service(),
            self._of_build(),
            Census(self.dataset, self.graph, self.prefixes).statements(),
        )
        return turtle((triple for part in parts for triple in part), self.prefixes, _PREFIXES)

    @cached_property
    def dataset(self) -> NamedNode:
        """The data set, whatever the release."""
        return NamedNode(f"{self.prefixes.base}dataset")

    @cached_property
    def build(self) -> NamedNode:
        """The activity that made the release."""
        return self._part(f"build-{self.version}")

    def _part(self, name: str) -> NamedNode:
        return NamedNode(f"{self.dataset.value}#{name}")

    def _file(self, name: str) -> NamedNode:
        return NamedNode(f"{self.prefixes.base}dumps/{self.version}/{name}")

    def _node(self, curie: str) -> NamedNode:
        return NamedNode(self.prefixes.expand(curie))

    def _all(self, subject: NamedNode, pairs: Iterable[tuple[str, NamedNode | Literal]]) -> Iterator[Triple]:
        for predicate, value in pairs:
            yield Triple(subject, self._node(predicate), value)

    def _of_release(self, files: Mapping[str, Mapping[str, Any]]) -> Iterator[Triple]:
        document = NamedNode(f"{self.dataset.value}.ttl")
        yield from self._all(
            self.dataset,
            [
                ("rdf:type", self._node("dcat:Dataset")),
                ("dcat:version", Literal(self.version)),
                ("prov:wasGeneratedBy", self.build),
                ("void:sparqlEndpoint", self._endpoint),
                ("dct:identifier", Literal(self.dataset.value)),
                ("dcat:landingPage", self.dataset),
                ("foaf:homepage", NamedNode(self.prefixes.base)),
                *(("void:feature", NamedNode(_W3C + name)) for name in _FEATURES),
            ],
        )
        yield from self._all(
            document, [("rdf:type", self._node("void:DatasetDescription")), ("foaf:primaryTopic", self.dataset)]
        )
        for name, described in files.items():
            if name in _TYPES:
                yield from self._distribution(name, described)

    def _distribution(self, name: str, described: Mapping[str, Any]) -> Iterator[Triple]:
        node, file = self._part(name), self._file(name)
        media_type = NamedNode(_IANA + _TYPES[name].media_type)
        yield from self._all(self.dataset, [("dcat:distribution", node), ("void:dataDump", file)])
        yield from self._all(
            node,
            [
                ("rdf:type", self._node("dcat:Distribution")),
                ("dct:title", Literal(name)),
                ("dct:issued", Literal(str(self.facts["issued"]), datatype=self._node("xsd:date"))),
                ("dcat:mediaType", media_type),
                ("dcat:accessURL", self.dataset),
                ("dcat:downloadURL", file),
                ("dcat:byteSize", number(described["bytes"], "nonNegativeInteger")),
                *((("dct:conformsTo", NamedNode(_CONFORMS[name])),) if name in _CONFORMS else ()),
                *((("dcat:compressFormat", NamedNode(_IANA + "application/gzip")),) if name.endswith(".gz") else ()),
                *(("dct:license", licence) for licence in self._licences),
            ],
        )
        yield from self._checksum(node, name, described["sha256"])

    @cached_property
    def _licences(self) -> list[NamedNode]:
        licence = self._node("dct:license")
        stated = [t.object for t in self.curated if t.subject == self.dataset and t.predicate == licence]
        return [each for each in stated if isinstance(each, NamedNode)]

    def _checksum(self, node: NamedNode, name: str, sha256: str) -> Iterator[Triple]:
        checksum = self._part(f"{name}-sha256")
        yield from self._all(node, [("spdx:checksum", checksum)])
        yield from self._all(
            checksum,
            [
                ("rdf:type", self._node("spdx:Checksum")),
                ("spdx:algorithm", self._node("spdx:checksumAlgorithm_sha256")),
                ("spdx:checksumValue", Literal(sha256, datatype=self._node("xsd:hexBinary"))),
            ],
        )

    @cached_property
    def _endpoint(self) -> NamedNode:
        return NamedNode(f"{self.prefixes.base}sparql")

    def _of_service(self) -> Iterator[Triple]:
        yield from self._all(
            self._part("sparql"),
            [
                ("rdf:type", self._node("dcat:DataService")),
                ("dct:title", Literal("SPARQL 1.1 endpoint", language="en")),
                ("dct:title", Literal("SPARQL 1.1 접점", language="ko")),
                ("dct:conformsTo", NamedNode("https://www.w3.org/TR/sparql11-protocol/")),
                ("dcat:endpointURL", self._endpoint),
                ("dcat:endpointDescription", self._endpoint),
                ("dcat:servesDataset", self.dataset),
                *(("dct:license", licence) for licence in self._licences),
            ],
        )

    def _of_build(self) -> Iterator[Triple]:
        """The build activity, the texts that it used by their hashes, and what validation said of the graph."""
        report = self._file("shacl-report.ttl")
        conforms = "true" if self.facts["shacl"]["conforms"] else "false"
        yield from self._all(
            self.build,
            [("rdf:type", self._node("prov:Activity")), ("prov:generated", self.dataset), ("prov:generated", report)],
        )
        yield from self._all(
            report,
            [
                ("rdf:type", self._node("sh:ValidationReport")),
                ("sh:conforms", Literal(conforms, datatype=self._node("xsd:boolean"))),
            ],
        )
        for source in self.facts["sources"]:
            snapshot = NamedNode(entity_iri(self.prefixes.base, "snapshot", source["sha256"][:12]))
            yield from self._all(self.build, [("prov:used", snapshot)])
            yield from self._all(snapshot, [("kip:sha256", Literal(source["sha256"]))])
