"""An answer as a sheet of typed columns, and the text formats that are written from it.

SPARQL 1.1 Query Results CSV and TSV (https://www.w3.org/TR/sparql11-results-csv-tsv/), JSON
(https://www.w3.org/TR/sparql11-results-json/) and XML (https://www.w3.org/TR/rdf-sparql-XMLres/); JSON-LD as CSV on the
Web has it (Generating RDF from Tabular Data, standard mode, https://www.w3.org/TR/csv2rdf/).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson
from pyoxigraph import Literal, NamedNode

from api.engine.results import Term
from api.naming.entities import EntityIndex
from api.questions.catalogue import Column, Query
from api.wording.display import LANGUAGES, Language
from api.wording.strings import say

__all__ = [
    "BETWEEN",
    "EVIDENCE",
    "About",
    "Head",
    "Sheet",
    "csv_of",
    "heading",
    "jsonld_of",
    "label_of",
    "names_of",
    "sparql_json_of",
    "sparql_xml_of",
    "tsv_of",
    "unit_said",
]

Json = dict[str, Any]
Row = Mapping[str, Term]
BETWEEN = " | "
XSD = "http://www.w3.org/2001/XMLSchema#"
_UNITS = {"percent": "unit-percent", "code point": "unit-code-point", "year": "unit-year"}
_XSD_TYPES = {"date": "date", "integer": "integer", "decimal": "decimal", "boolean": "boolean", "year": "integer"}


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: `type` is that of its values, "entity" where they are of several kinds."""

    name: str
    type: str
    label: Mapping[str, str]
    unit: str = ""
    many: bool = False
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, column: Column) -> Head:
        """The head of a column of a canned query."""
        shown = column.as_json()
        label, values = shown["label"], shown["values"]
        return cls(column.name, shown["type"], label, column.unit or "", column.many, values)

    @property
    def datatype(self) -> str:
        """The local name of its XML Schema datatype, "" for IRIs and text."""
        return "" if self.many else _XSD_TYPES.get(self.type, "")

    @property
    def evidential(self) -> bool:
        """Whether it is one of the columns of evidence."""
        return self.name.endswith("_evidence")


# What `?evidence=true` adds: in each row one list for each column, entry by entry in the same order.
EVIDENCE: Mapping[str, Head] = {
    head.name.partition("_")[0]: head
    for head in (
        Head("article_evidence", "iri", {"ko": "근거: 기사 또는 자료", "en": "Evidence: article or source"}, many=True),
        Head("date_evidence", "date", {"ko": "근거: 날짜", "en": "Evidence: date"}, many=True),
        Head("outlet_evidence", "text", {"ko": "근거: 매체", "en": "Evidence: outlet"}, many=True),
        Head("start_evidence", "integer", {"ko": "근거: 처음", "en": "Evidence: start"}, "code point", many=True),
        Head("end_evidence", "integer", {"ko": "근거: 끝", "en": "Evidence: end"}, "code point", many=True),
        Head("hash_evidence", "text", {"ko": "근거: 구간 해시", "en": "Evidence: hash of the span"}, many=True),
        Head("url_evidence", "text", {"ko": "근거: 주소", "en": "Evidence: address"}, many=True),
        Head("node_evidence", "iri", {"ko": "근거: 진술", "en": "Evidence: statement or node"}, many=True),
    )
}


@dataclass(frozen=True, slots=True)
class About:
    """What an answer says of itself: the question, what was asked, of which release, and where it stands.

    `truncated` says that rows are left out, and `next` is the path of the next page.
    """

    query: Query
    parameters: Mapping[str, str]
    release: str
    issued: str
    url: str
    table: str
    licence: str = "https://creativecommons.org/licenses/by/4.0/"
    truncated: bool = False
    next: str = ""

    @property
    def citation(self) -> str:
        """How to cite the answer; each row's own source is in its evidence."""
        title = self.query.header.title
        return f"KIP: a knowledge graph of Korean industrial policy, release {self.release}. {title.en}. {self.url}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of an answer with typed columns; `evidence` has the entries of each row where they were asked for."""

    own: tuple[Head, ...]
    rows: Sequence[Row]
    about: About
    index: EntityIndex
    language: Language
    evidence: Sequence[Sequence[Json]] | None = None

    @property
    def heads(self) -> tuple[Head, ...]:
        """All columns, those of the evidence last."""
        return self.own if self.evidence is None else (*self.own, *EVIDENCE.values())

    def title(self, head: Head) -> str:
        """The heading of a column, with its unit where no other column has that."""
        return heading(head.label, head.unit, {each.name for each in self.own}, self.language)

    def evidence_lists(self, row: int) -> dict[str, list[Any]]:
        """The values of a row's columns of evidence, by the name of the column; what is not known is None."""
        entries = self.evidence[row] if self.evidence is not None else ()
        return {head.name: [_part(entry, part, self.language) for entry in entries] for part, head in EVIDENCE.items()}

    def terms(self) -> Iterator[Row]:
        """Each row as terms, its evidence as texts with a bar between the entries."""
        for number, row in enumerate(self.rows):
            yield {**row, **self._joined(number)} if self.evidence is not None else row

    def _joined(self, number: int) -> dict[str, Term]:
        lists = self.evidence_lists(number)
        texts = {name: ["" if each is None else str(each) for each in values] for name, values in lists.items()}
        return {name: Term("literal", BETWEEN.join(each)) for name, each in texts.items() if any(each)}


def _part(entry: Json, part: str, language: Language) -> Any:
    match part:
        case "article":
            return entry["source"]["value"]
        case "outlet":
            return label_of(entry["outlet"], language) or None
        case "hash":
            return entry["spanHash"]
        case _:
            return entry[part]


def heading(label: Mapping[str, str], unit: str | None, columns: Collection[str], language: Language) -> str:
    """A heading with its unit, unless that is the name of another column, which has it row by row.

    >>> heading({"ko": "비중"}, "percent", ["share"], "ko"), heading({"en": "Sum"}, "currency", ["currency"], "en")
    ('비중 (%)', 'Sum')
    """
    if said := unit_said(unit, language):
        return f"{label[language]} ({said})"
    return f"{label[language]} ({unit})" if unit and unit not in columns else label[language]


def unit_said(unit: str | None, language: Language) -> str:
    """The words for a unit that all numbers of a column have, "" where another column has it row by row."""
    return say(_UNITS[unit], language) if unit in _UNITS else ""


def label_of(label: Mapping[str, str] | None, language: Language) -> str:
    """A label in a language, or in the other one where it has none, or "".

    >>> label_of({"en": "Foundry"}, "ko")
    'Foundry'
    """
    known = label or {}
    return next((known[each] for each in (language, *LANGUAGES) if known.get(each)), "")


def names_of(head: Head, term: Term, index: EntityIndex, language: Language) -> list[str]:
    """The names of what a cell holds: of each IRI, of a code, or of a text that is a name itself; "" where none is."""
    if head.many:
        return [_name(iri, index, language) for iri in term.value.split()]
    if term.kind == "iri":
        return [_name(term.value, index, language)]
    return [label_of(head.values.get(term.value), language)]


def _name(iri: str, index: EntityIndex, language: Language) -> str:
    return label_of(index.label(iri), language)


def csv_of(sheet: Sheet) -> bytes:
    """Comma-separated values, as SPARQL 1.1 has them: plain values, CRLF at the end of a line."""
    out = io.StringIO()
    writer = csv.writer(out)
    names = [head.name for head in sheet.heads]
    writer.writerow(names)
    for row in sheet.terms():
        writer.writerow([_plain(row.get(name)) for name in names])
    return out.getvalue().encode()


def _plain(term: Term | None) -> str:
    return "" if term is None else f"_:{term.value}" if term.kind == "bnode" else term.value


def tsv_of(sheet: Sheet) -> bytes:
    """Tab-separated values: terms as in Turtle."""
    names = [head.name for head in sheet.heads]
    lines = ["\t".join(f"?{name}" for name in names)]
    lines += ["\t".join(_turtle(row.get(name)) for name in names) for row in sheet.terms()]
    return "".join(f"{line}\n" for line in lines).encode()


def _turtle(term: Term | None) -> str:
    if term is None:
        return ""
    if term.kind == "iri":
        return str(NamedNode(term.value))
    if term.kind == "bnode":
        return f"_:{term.value}"
    if term.lang:
        return str(Literal(term.value, language=term.lang)).replace("\t", "\\t")
    typed = Literal(term.value, datatype=NamedNode(term.datatype)) if term.datatype else Literal(term.value)
    return str(typed).replace("\t", "\\t")


def sparql_json_of(sheet: Sheet) -> bytes:
    """SPARQL 1.1 Query Results JSON; where rows are left out, `head` links the next page."""
    head: Json = {"vars": [each.name for each in sheet.heads]}
    if sheet.about.next:
        head["link"] = [sheet.about.next]
    bindings = [{name: _binding(term) for name, term in row.items()} for row in sheet.terms()]
    return orjson.dumps({"head": head, "results": {"bindings": bindings}})


def _binding(term: Term) -> Json:
    kind = {"iri": "uri", "bnode": "bnode", "literal": "literal"}[term.kind]
    shown: Json = {"type": kind, "value": term.value}
    return shown | ({"xml:lang": term.lang} if term.lang else {"datatype": term.datatype} if term.datatype else {})


def sparql_xml_of(sheet: Sheet) -> bytes:
    """SPARQL Query Results XML; where rows are left out, `head` links the next page."""
    names = [head.name for head in sheet.heads]
    head = "".join(f"<variable name={quoteattr(name)}/>" for name in names)
    link = f"<link href={quoteattr(sheet.about.next)}/>" if sheet.about.next else ""
    rows = "".join(
        "<result>" + "".join(_element(name, row[name]) for name in names if name in row) + "</result>"
        for row in sheet.terms()
    )
    space = "http://www.w3.org/2005/sparql-results#"
    body = f'<sparql xmlns="{space}"><head>{head}{link}</head><results>{rows}</results></sparql>'
    return f'<?xml version="1.0" encoding="UTF-8"?>{body}'.encode()


def _element(name: str, term: Term) -> str:
    tag = {"iri": "uri", "bnode": "bnode", "literal": "literal"}[term.kind]
    typed = f" datatype={quoteattr(term.datatype)}" if term.datatype else ""
    attribute = f" xml:lang={quoteattr(term.lang)}" if term.lang else typed
    return f"<binding name={quoteattr(name)}><{tag}{attribute}>{escape(term.value)}</{tag}></binding>"


_CONTEXT: Json = {
    "csvw": "http://www.w3.org/ns/csvw#",
    "dct": "http://purl.org/dc/terms/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": XSD,
    "label": {"@id": "rdfs:label", "@container": "@language"},
    "title": {"@id": "csvw:title", "@container": "@language"},
    "url": {"@id": "csvw:url", "@type": "@id"},
    "propertyUrl": {"@id": "csvw:propertyUrl", "@type": "xsd:anyURI"},
    "datatype": {"@id": "csvw:datatype", "@type": "@id"},
    "license": {"@id": "dct:license", "@type": "@id"},
    "column": {"@id": "csvw:column", "@container": "@list"},
}


def jsonld_of(sheet: Sheet) -> bytes:
    """A csvw:Table with a row for each row, which describes a node by one property for each column; names beside it."""
    about = sheet.about
    names = {head.name for head in sheet.heads}
    table = {
        "@type": "csvw:Table",
        "url": about.table,
        "title": about.query.header.title.model_dump(),
        "license": about.licence,
        "dct:source": {"@id": about.url},
        "dct:hasVersion": about.release,
        "dct:bibliographicCitation": about.citation,
        "csvw:tableSchema": {"@type": "csvw:Schema", "column": [_column(head, about) for head in sheet.heads]},
        "csvw:row": [_row(number, row, names, sheet) for number, row in enumerate(sheet.terms(), 1)],
    }
    if about.truncated:
        table["csvw:note"] = f"Rows are left out. Next: {about.next}"
    context = {**_CONTEXT, "col": f"{about.table}#"}
    graph = [{"@type": "csvw:TableGroup", "csvw:table": table}, *_named(sheet)]
    return orjson.dumps({"@context": context, "@graph": graph})


def _column(head: Head, about: About) -> Json:
    shown: Json = {"@type": "csvw:Column", "csvw:name": head.name, "title": dict(head.label)}
    typed = {"datatype": f"xsd:{head.datatype}"} if head.datatype else {}
    unit = {"dct:description": f"unit: {head.unit}"} if head.unit else {}
    return shown | {"propertyUrl": f"{about.table}#{head.name}"} | typed | unit


def _row(number: int, row: Row, names: set[str], sheet: Sheet) -> Json:
    # row 1 of the file is its header
    place = f"{sheet.about.table}#row={number + 1}"
    many = {head.name for head in sheet.own if head.many}
    cells = {f"col:{name}": _value(term, name in many) for name, term in row.items() if name in names}
    return {"@type": "csvw:Row", "csvw:rownum": number, "url": place, "csvw:describes": cells}


def _value(term: Term, many: bool) -> Any:
    if many:
        return [{"@id": iri} for iri in term.value.split()]
    if term.kind == "iri":
        return {"@id": term.value}
    if term.kind == "bnode":
        return {"@id": f"_:{term.value}"}
    typed = {"@type": term.datatype} if term.datatype else {}
    return {"@value": term.value} | ({"@language": term.lang} if term.lang else typed)


def _named(sheet: Sheet) -> list[Json]:
    """The names of the things in the rows."""
    many = {head.name for head in sheet.own if head.many}
    held = ((term, name in many) for row in sheet.rows for name, term in row.items())
    iris = {iri for term, several in held if several or term.kind == "iri" for iri in term.value.split()}
    return [{"@id": iri, "label": dict(label)} for iri in sorted(iris) if (label := sheet.index.label(iri))]
