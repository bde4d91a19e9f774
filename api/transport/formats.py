"""The one table of formats: Accept, suffixes, `?format=`, OpenAPI, links and the service description all read it.

SPARQL 1.1 results formats and RDF syntaxes; identifiers from https://www.w3.org/ns/formats/. Answers of canned queries
come in further formats, which no engine writes: `ANSWERS` are theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

__all__ = ["ANSWERS", "CITATIONS", "FILES", "FORMATS", "RECORDS", "Format", "Kind", "by_name", "of_kind"]

Kind = Literal["table", "boolean", "graph"]
_RESULTS: tuple[Kind, ...] = ("table", "boolean")
_GRAPH: tuple[Kind, ...] = ("graph",)
_TABLE: tuple[Kind, ...] = ("table",)


@dataclass(frozen=True, slots=True)
class Format:
    """A row of the table.

    `kinds` are the answers that it can write; `aliases` other names that clients send in `?format=`; `accepts` other
    media types that it satisfies; `engine` the engine's name for it, "" where we write it ourselves; `iri` its
    identifier in the service description.
    """

    name: str
    label: str
    media_type: str
    suffix: str
    kinds: tuple[Kind, ...]
    engine: str
    iri: str
    aliases: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The value of Content-Type: the media type, with the charset where the type is text."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type

    @property
    def media_types(self) -> tuple[str, ...]:
        """Every media type that asks for this format, its own first."""
        return (self.media_type, *self.accepts)

    @property
    def names(self) -> frozenset[str]:
        """Everything that `?format=` may say for it."""
        return frozenset({self.name, self.suffix, *self.aliases, *self.media_types})


def _w3c(name: str) -> str:
    return f"http://www.w3.org/ns/formats/{name}"


# The order is our preference where the caller has none.
FORMATS: tuple[Format, ...] = (
    Format(
        "json",
        "SPARQL JSON",
        "application/sparql-results+json",
        "srj",
        _RESULTS,
        "JSON",
        _w3c("SPARQL_Results_JSON"),
        ("sparql-json",),
        ("application/json", "text/json"),
    ),
    Format(
        "xml",
        "SPARQL XML",
        "application/sparql-results+xml",
        "srx",
        _RESULTS,
        "XML",
        _w3c("SPARQL_Results_XML"),
        ("sparql-xml",),
        ("application/xml", "text/xml"),
    ),
    Format("csv", "CSV", "text/csv", "csv", _RESULTS, "CSV", _w3c("SPARQL_Results_CSV")),
    Format("tsv", "TSV", "text/tab-separated-values", "tsv", _RESULTS, "TSV", _w3c("SPARQL_Results_TSV")),
    Format(
        "turtle",
        "Turtle",
        "text/turtle",
        "ttl",
        _GRAPH,
        "TURTLE",
        _w3c("Turtle"),
        (),
        ("application/x-turtle", "application/turtle"),
    ),
    Format(
        "jsonld",
        "JSON-LD",
        "application/ld+json",
        "jsonld",
        _GRAPH,
        "JSON_LD",
        _w3c("JSON-LD"),
        ("json", "json-ld"),
        ("application/json",),
    ),
    Format(
        "ntriples",
        "N-Triples",
        "application/n-triples",
        "nt",
        _GRAPH,
        "N_TRIPLES",
        _w3c("N-Triples"),
        ("n-triples",),
        ("text/plain",),
    ),
    Format(
        "rdfxml",
        "RDF/XML",
        "application/rdf+xml",
        "rdf",
        _GRAPH,
        "RDF_XML",
        _w3c("RDF_XML"),
        ("xml", "rdf+xml", "rdf-xml"),
        ("application/xml", "text/xml"),
    ),
    Format("trig", "TriG", "application/trig", "trig", _GRAPH, "TRIG", _w3c("TriG"), (), ("application/x-trig",)),
    Format(
        "nquads",
        "N-Quads",
        "application/n-quads",
        "nq",
        _GRAPH,
        "N_QUADS",
        _w3c("N-Quads"),
        ("n-quads",),
        ("text/x-nquads",),
    ),
    Format("n3", "Notation3", "text/n3", "n3", _GRAPH, "N3", _w3c("N3"), (), ("text/rdf+n3",)),
)


def of_kind(kind: Kind, rows: Iterable[Format] = FORMATS) -> tuple[Format, ...]:
    """The formats that can write such an answer, in our order of preference.

    >>> [row.name for row in of_kind("table")]
    ['json', 'xml', 'csv', 'tsv']
    """
    return tuple(row for row in rows if kind in row.kinds)


def by_name(name: str, rows: Iterable[Format] = FORMATS) -> Format | None:
    """The first format that has this name, suffix, alias or media type.

    >>> by_name("json", of_kind("graph")).media_type
    'application/ld+json'
    """
    wanted = name.strip().lower().removeprefix(".")
    ordered = tuple(rows)
    exact = (row for row in ordered if wanted in (row.name, row.suffix, row.media_type))
    return next(exact, None) or next((row for row in ordered if wanted in row.names), None)


RECORDS = Format("json", "JSON", "application/json", "json", _TABLE, "", "")
# Our own JSON first: what `json` means for a query of the caller's has its full name here.
ANSWERS: tuple[Format, ...] = (
    RECORDS,
    *(replace(row, name="sparql-json", accepts=()) if row.name == "json" else row for row in of_kind("table")),
    Format(
        "xlsx",
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
        _TABLE,
        "",
        "",
        ("excel",),
    ),
    # https://www.iana.org/assignments/media-types/application/vnd.apache.parquet
    Format("parquet", "Parquet", "application/vnd.apache.parquet", "parquet", _TABLE, "", ""),
    Format("jsonld", "JSON-LD (CSV on the Web)", "application/ld+json", "jsonld", _TABLE, "", "", ("json-ld", "csvw")),
)
# Those that no engine writes, beside our own JSON.
FILES = tuple(row for row in ANSWERS if not row.engine and row is not RECORDS)
# What reference managers read, about the works behind an answer or a thing rather than about itself.
CITATIONS: tuple[Format, ...] = (
    Format("bibtex", "BibTeX", "application/x-bibtex", "bib", _TABLE, "", "", (), ("text/x-bibtex",)),
    Format("ris", "RIS", "application/x-research-info-systems", "ris", _TABLE, "", ""),
    # https://citationstyles.org/developers/#csl-json
    Format(
        "csl", "CSL-JSON", "application/vnd.citationstyles.csl+json", "csl", _TABLE, "", "", ("csl-json", "csljson")
    ),
)
