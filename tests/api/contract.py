"""The contract of stores in cases: what each asks, and the lines of TSV that every store answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph_builder.project import CHECKOUT

__all__ = ["CANNOT", "CASES", "README", "STORES", "Case", "matrix"]

STORES = ("memory", "disk", "remote oxigraph", "remote virtuoso")
README = CHECKOUT.root / "api" / "engine" / "stores" / "README.md"


@dataclass(frozen=True, slots=True)
class Case:
    """A query and its rows, in any order."""

    name: str
    query: str
    rows: tuple[str, ...]


CASES: tuple[Case, ...] = (
    Case("prefixes of the release and relative IRIs", "SELECT ?o { <id/case/b> kip:integer ?o }", ("3",)),
    Case(
        "Hangul in an IRI",
        "SELECT ?o { <https://w3id.org/kip/id/case/한글> kip:part ?o }",
        ("<https://w3id.org/kip/id/case/b>",),
    ),
    Case(
        "Hangul, escapes and white space in a literal",
        "SELECT ?o { <id/case/a> kip:text ?o FILTER(LANG(?o) = 'ko') }",
        ('"산업 \\"x\\" \\\\ \\n2\\t"@ko',),
    ),
    Case(
        "language tags",
        "SELECT ?o { <id/case/a> kip:text ?o FILTER(LANGMATCHES(LANG(?o), 'en')) }",
        ('"industry"@en-gb',),
    ),
    Case("empty and padded strings", "SELECT ?o { <id/case/a> kip:empty|kip:spaced ?o }", ('" spaced \\n"', '""')),
    Case(
        "characters beyond the first plane", "SELECT ?o (STRLEN(?o) AS ?n) { <id/case/a> kip:beyond ?o }", ('"𐐷"\t1',)
    ),
    Case("xsd:integer", "SELECT ?o { <id/case/a> kip:integer ?o }", ("7",)),
    Case("xsd:integer beyond 32 bits", "SELECT ?o { <id/case/a> kip:large ?o }", ("2940000000000",)),
    Case("xsd:decimal", "SELECT ?o { <id/case/a> kip:decimal ?o }", ("1.5",)),
    Case(
        "xsd:double", "SELECT ?o { <id/case/a> kip:double ?o }", ('"1500"^^<http://www.w3.org/2001/XMLSchema#double>',)
    ),
    Case("xsd:boolean", "SELECT ?o { <id/case/a> kip:truth ?o }", ("true",)),
    Case(
        "xsd:date", "SELECT ?o { <id/case/a> kip:date ?o }", ('"2020-01-03"^^<http://www.w3.org/2001/XMLSchema#date>',)
    ),
    Case(
        "xsd:dateTime",
        "SELECT ?o { <id/case/a> kip:time ?o }",
        ('"2020-01-03T10:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>',),
    ),
    Case("xsd:gYear", "SELECT ?o { <id/case/a> kip:year ?o }", ('"2020"^^<http://www.w3.org/2001/XMLSchema#gYear>',)),
    Case("blank nodes stay blank", "SELECT (COUNT(?o) AS ?n) { <id/case/a> kip:node ?o FILTER(ISBLANK(?o)) }", ("1",)),
    Case(
        "comparing dates",
        "SELECT ?s { ?s kip:date ?d FILTER(?d > '2020-06-01'^^xsd:date) }",
        ("<https://w3id.org/kip/id/case/c>",),
    ),
    Case(
        "numbers of two types are equal by value",
        "SELECT ?s { ?s kip:integer ?n FILTER(?n = 7.0) }",
        ("<https://w3id.org/kip/id/case/a>",),
    ),
    Case(
        "exact decimal arithmetic",
        "SELECT (?d * 3 AS ?x) (?n / 2 AS ?y) { <id/case/a> kip:decimal ?d ; kip:integer ?n }",
        ("4.5\t3.5",),
    ),
    Case(
        "YEAR and MONTH of a date",
        "SELECT (YEAR(?d) AS ?y) (MONTH(?d) AS ?m) { <id/case/a> kip:date ?d }",
        ("2020\t1",),
    ),
    Case(
        "property path with *",
        "SELECT ?o { <id/case/b> kip:part* ?o }",
        ("<https://w3id.org/kip/id/case/b>", "<https://w3id.org/kip/id/case/c>"),
    ),
    Case(
        "property path with + through a circle",
        "SELECT ?o { <id/case/b> kip:part+ ?o }",
        ("<https://w3id.org/kip/id/case/b>", "<https://w3id.org/kip/id/case/c>"),
    ),
    Case(
        "property path with + between two variables",
        "SELECT ?s ?o { ?s kip:part+ ?o FILTER(?s != ?o) }",
        (
            "<https://w3id.org/kip/id/case/b>\t<https://w3id.org/kip/id/case/c>",
            "<https://w3id.org/kip/id/case/c>\t<https://w3id.org/kip/id/case/b>",
            "<https://w3id.org/kip/id/case/한글>\t<https://w3id.org/kip/id/case/b>",
            "<https://w3id.org/kip/id/case/한글>\t<https://w3id.org/kip/id/case/c>",
        ),
    ),
    Case(
        "VALUES for a graph, after the query",
        "SELECT ?g ?o { GRAPH ?g { <id/org/kcci> rdfs:label ?o } } VALUES ?g { <graph/article/a> }",
        ('<https://w3id.org/kip/graph/article/a>\t"대한상공회의소"@ko',),
    ),
    Case(
        "property paths ^, / and |",
        "SELECT ?o { <id/case/b> ^kip:part/(kip:none|kip:part) ?o }",
        ("<https://w3id.org/kip/id/case/b>", "<https://w3id.org/kip/id/case/b>"),
    ),
    Case(
        "property path with !",
        "SELECT ?o { <id/case/c> !(kip:part) ?o }",
        ('"2021-12-31"^^<http://www.w3.org/2001/XMLSchema#date>',),
    ),
    Case(
        "property path with ? and a start that is not in the data",
        "SELECT ?o { <id/case/nowhere> kip:part? ?o }",
        ("<https://w3id.org/kip/id/case/nowhere>",),
    ),
    Case(
        "OPTIONAL with a filter inside",
        "SELECT ?s ?n { ?s kip:part ?o OPTIONAL { ?s kip:integer ?n FILTER(?n > 2) } }",
        (
            "<https://w3id.org/kip/id/case/b>\t3",
            "<https://w3id.org/kip/id/case/c>\t",
            "<https://w3id.org/kip/id/case/한글>\t",
        ),
    ),
    Case(
        "UNION and MINUS",
        "SELECT ?s { { ?s kip:part ?o } UNION { ?s kip:integer ?o } MINUS { ?s kip:decimal ?d } "
        "FILTER(ISIRI(?s) && !CONTAINS(STR(?s), 'genid')) }",
        (
            "<https://w3id.org/kip/id/case/b>",
            "<https://w3id.org/kip/id/case/b>",
            "<https://w3id.org/kip/id/case/c>",
            "<https://w3id.org/kip/id/case/한글>",
        ),
    ),
    Case(
        "FILTER NOT EXISTS",
        "SELECT ?s { ?s kip:part ?o FILTER NOT EXISTS { ?s kip:integer ?n } }",
        ("<https://w3id.org/kip/id/case/c>", "<https://w3id.org/kip/id/case/한글>"),
    ),
    Case(
        "VALUES with UNDEF",
        "SELECT ?s ?o { VALUES (?s ?o) { (<id/case/b> UNDEF) (UNDEF <id/case/b>) } ?s kip:part ?o }",
        (
            "<https://w3id.org/kip/id/case/b>\t<https://w3id.org/kip/id/case/c>",
            "<https://w3id.org/kip/id/case/c>\t<https://w3id.org/kip/id/case/b>",
            "<https://w3id.org/kip/id/case/한글>\t<https://w3id.org/kip/id/case/b>",
        ),
    ),
    Case(
        "VALUES after the query",
        "SELECT ?s ?o { ?s kip:part ?o } VALUES ?s { <id/case/c> }",
        ("<https://w3id.org/kip/id/case/c>\t<https://w3id.org/kip/id/case/b>",),
    ),
    Case(
        "BIND, IF, COALESCE and an error",
        "SELECT ?x ?y { <id/case/a> kip:integer ?n BIND(IF(?n > 3, 'more', 'less') AS ?x) "
        "BIND(COALESCE(1/0, ?none, 5) AS ?y) }",
        ('"more"\t5',),
    ),
    Case(
        "an error leaves its variable unbound", "SELECT ?x { <id/case/a> kip:integer ?n BIND(?n + 'x' AS ?x) }", ("",)
    ),
    Case(
        "COUNT, SUM, MIN, MAX, AVG",
        "SELECT (COUNT(*) AS ?c) (SUM(?n) AS ?s) (MIN(?n) AS ?i) (MAX(?n) AS ?a) (AVG(?n) AS ?v) "
        "{ VALUES ?n { 1 2 6 } }",
        ('3\t9\t1\t6\t"3"^^<http://www.w3.org/2001/XMLSchema#decimal>',),
    ),
    Case(
        "GROUP BY with HAVING",
        "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o FILTER(STRSTARTS(STR(?s), "
        "'https://w3id.org/kip/id/case/')) } GROUP BY ?p HAVING(COUNT(*) > 1)",
        (
            "<https://w3id.org/kip/def/date>\t2",
            "<https://w3id.org/kip/def/integer>\t2",
            "<https://w3id.org/kip/def/part>\t3",
            "<https://w3id.org/kip/def/text>\t2",
        ),
    ),
    Case(
        "GROUP_CONCAT with a separator",
        "SELECT (GROUP_CONCAT(?x; separator=' / ') AS ?all) { SELECT ?x { VALUES ?x { '가' '나' } } ORDER BY ?x }",
        ('"가 / 나"',),
    ),
    Case("COUNT of nothing is 0", "SELECT (COUNT(*) AS ?n) { ?s kip:none ?o }", ("0",)),
    Case(
        "a sub-query with its own LIMIT",
        "SELECT ?s ?d { { SELECT ?s ?d { ?s kip:date ?d } ORDER BY DESC(?d) LIMIT 1 } ?s kip:part ?o }",
        ('<https://w3id.org/kip/id/case/c>\t"2021-12-31"^^<http://www.w3.org/2001/XMLSchema#date>',),
    ),
    Case(
        "ORDER BY Hangul, OFFSET and LIMIT",
        "SELECT ?x { VALUES ?x { '나' '다' '가' } } ORDER BY ?x OFFSET 1 LIMIT 1",
        ('"나"',),
    ),
    Case("DISTINCT", "SELECT DISTINCT ?p { ?s ?p ?o . ?o kip:part ?s }", ("<https://w3id.org/kip/def/part>",)),
    Case(
        "string functions on Hangul",
        "SELECT (SUBSTR('반도체산업', 2, 3) AS ?a) (STRLEN('반도체') AS ?b) (STRBEFORE('가-나', '-') AS ?c)"
        " (CONCAT('가', '나'@ko) AS ?d) {}",
        ('"도체산"\t3\t"가"\t"가나"',),
    ),
    Case(
        "REGEX and REPLACE with groups",
        "SELECT (REGEX('반도체 산업', '^반.*업$') AS ?a) (REPLACE('2020-01', '([0-9]+)-([0-9]+)', '$2/$1') AS ?b) {}",
        ('true\t"01/2020"',),
    ),
    Case(
        "UCASE, CONTAINS and ENCODE_FOR_URI",
        "SELECT (UCASE('kip') AS ?a) (CONTAINS('반도체', '도') AS ?b) (ENCODE_FOR_URI('가 나') AS ?c) {}",
        ('"KIP"\ttrue\t"%EA%B0%80%20%EB%82%98"',),
    ),
    Case(
        "STRDT, STRLANG and DATATYPE",
        "SELECT (STRDT('5', xsd:integer) AS ?a) (STRLANG('가', 'ko') AS ?b) (DATATYPE(?d) AS ?c) {"
        " <id/case/a> kip:decimal ?d }",
        ('5\t"가"@ko\t<http://www.w3.org/2001/XMLSchema#decimal>',),
    ),
    Case(
        "casts",
        "SELECT (xsd:integer('12') AS ?a) (xsd:decimal('1.5') AS ?b) (xsd:date('2020-01-03') AS "
        "?c) (STR(xsd:boolean('true')) AS ?d) {}",
        ('12\t1.5\t"2020-01-03"^^<http://www.w3.org/2001/XMLSchema#date>\t"true"',),
    ),
    Case(
        "hashes",
        "SELECT (SHA256('반도체') AS ?a) (MD5('kip') AS ?b) {}",
        ('"40f5c8093251f77dd4a5ca8c527821c478313a22a359c683b0666800bf31484f"\t"1ae727a3a8cc819aba24c3d8807e4ccb"',),
    ),
    Case(
        "IN and NOT IN",
        "SELECT ?s { ?s kip:integer ?n FILTER(?n IN (7, 9) && ?n NOT IN (8)) }",
        ("<https://w3id.org/kip/id/case/a>",),
    ),
    Case(
        "FROM names the default graph",
        "SELECT ?o FROM <graph/article/b> { <id/org/only-in-b> rdfs:label ?o }",
        ('"b, \\"quoted\\""@en',),
    ),
    Case(
        "FROM NAMED names the named graphs",
        "SELECT ?g FROM NAMED <graph/article/a> { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
        ("<https://w3id.org/kip/graph/article/a>",),
    ),
    Case("FROM names a graph that is not there", "SELECT ?o FROM <graph/article/zzz> { ?s ?p ?o }", ()),
    Case(
        "GRAPH with a name",
        "SELECT ?o { GRAPH <graph/article/b> { <id/org/only-in-b> rdfs:label ?o } }",
        ('"b, \\"quoted\\""@en',),
    ),
    Case("the default graph is not the union of all", "SELECT ?o { <id/org/only-in-b> rdfs:label ?o }", ()),
    Case(
        "no other graphs than the release's",
        "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }",
        ("<https://w3id.org/kip/graph/article/a>", "<https://w3id.org/kip/graph/article/b>"),
    ),
)

_MULTISET = "several default graphs are joined as a multiset: a triple of two of them counts twice"
_SKOLEM = "blank nodes are given IRIs when a release is loaded, because chunks cannot share a blank node"
_START = "a path of length 0 does not match a term that is not in the data"
_GRAPHS = "a name after GRAPH reaches every graph that the user may read: name a user who may read the release only"
_VIRTUOSO = "remote virtuoso"

CANNOT: dict[tuple[str, str], str] = {
    ("memory", "property path with ? and a start that is not in the data"): _START,
    ("disk", "property path with ? and a start that is not in the data"): _START,
    ("remote oxigraph", "property path with ? and a start that is not in the data"): _START,
    ("remote oxigraph", "several default graphs are a set of triples"): _MULTISET,
    ("remote oxigraph", "blank nodes stay blank"): _SKOLEM,
    (_VIRTUOSO, "several default graphs are a set of triples"): _MULTISET,
    (_VIRTUOSO, "blank nodes stay blank"): _SKOLEM,
    (_VIRTUOSO, "other graphs of the engine are out of reach"): _GRAPHS,
    (_VIRTUOSO, "property path with + between two variables"): "must begin or end with a constant there",
    (_VIRTUOSO, "ASK takes a LIMIT"): "a syntax error there",
    (_VIRTUOSO, "xsd:integer beyond 32 bits"): "comes back as xsd:decimal, of the same value",
    (_VIRTUOSO, "xsd:double"): "is written 1500.0, of the same value",
    (_VIRTUOSO, "exact decimal arithmetic"): "integers are divided as integers: 7 / 2 is 3",
    (_VIRTUOSO, "property path with + through a circle"): "does not come back to where it began",
    (_VIRTUOSO, "BIND, IF, COALESCE and an error"): "a division by 0 ends the query instead of leaving a value out",
    (_VIRTUOSO, "string functions on Hangul"): "CONCAT breaks what has Hangul with and without a language tag",
    (_VIRTUOSO, "REGEX and REPLACE with groups"): "truth values of expressions come back as the integers 1 and 0",
    (_VIRTUOSO, "UCASE, CONTAINS and ENCODE_FOR_URI"): "truth values are integers, and %00 stands at the end",
}
"""By store and row of the contract, what it cannot do and why; what begins to work has to be taken out."""


def matrix(rows: Sequence[str]) -> str:
    """The contract as a table of Markdown: a row for each promise, a column for each store, and the reasons below."""
    reasons = list(dict.fromkeys(CANNOT.values()))
    lines = [f"| what | {' | '.join(STORES)} |", f"| --- |{' --- |' * len(STORES)}"]
    for row in rows:
        known = [CANNOT.get((store, row)) for store in STORES]
        cells = ["yes" if reason is None else f"no ({reasons.index(reason) + 1})" for reason in known]
        lines.append(f"| {row.replace('|', '&#124;')} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"{number}. {reason}" for number, reason in enumerate(reasons, 1)), ""])
