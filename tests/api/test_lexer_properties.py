"""The lexer against two engines and a canary: it misses no call to elsewhere and refuses nothing else.

Queries are drawn from a grammar (https://www.w3.org/TR/sparql11-query/#sparqlGrammar) in every spelling that it allows,
with the words that are refused in all the places where they are harmless. What a query holds is known from how it was
drawn; Oxigraph says whether it is one, rdflib's parser says what it holds as well, and a listener sees every request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from api.engine.lexer import read_query
from api.errors import QueryRefused, RequestError
from tests.canary import canary

WORDS = ("SERVICE", "service", "Service", "LOAD", "load", "INSERT", "delete", "CLEAR", "drop", "create", "ADD", "copy")
PROLOGUE = "PREFIX e: <http://127.0.0.1:9/> PREFIX service: <http://127.0.0.1:9/service#> PREFIX load: <urn:load/> "
PROLOGUE += "PREFIX : <urn:x/>\n"
# Whatever a query names is at a port of this machine where nobody listens.
ENDPOINT = "<http://127.0.0.1:9/>"
word = st.sampled_from(WORDS)
blank = st.sampled_from(
    [" ", "  ", "\n", "\t", "\r\n", " # SERVICE <http://127.0.0.1:9/> { ?s ?p ?o }\n", "#'''\n", '#"\n', "#<\n"]
)
glue = st.one_of(st.just(""), blank)


def cased(text: str) -> st.SearchStrategy[str]:
    """A keyword in upper and lower case."""
    return st.tuples(*(st.sampled_from([each.lower(), each.upper()]) for each in text)).map("".join)


variable = st.builds("{}{}".format, st.sampled_from("?$"), st.one_of(word, st.sampled_from(["s", "o", "x1"])))
iri = st.one_of(
    st.sampled_from(
        ["<http://127.0.0.1:9/a>", "<urn:x:SERVICE>", "<>", "<#SERVICE>", "<service/{}>".replace("{}", "LOAD")]
    ),
    word.map(lambda text: f"<http://127.0.0.1:9/{text}#{text}>"),
)
prefixed = st.one_of(
    st.builds(
        "{}:{}".format,
        st.sampled_from(["e", "service", "load", ""]),
        st.one_of(word, st.sampled_from(["a", "b.c", "1"])),
    ),
    word.map(lambda text: f"e:a.{text}"),
    word.map(lambda text: f"e:{text}-{text}"),
    word.map(lambda text: f"e:\\-{text}"),
    word.map(lambda text: f"e:%20{text}"),
)
inside = st.sampled_from(
    [
        "SERVICE <http://127.0.0.1:9/> { ?s ?p ?o }",
        "# no comment",
        "it\\'s",
        "\\\\",
        "\\u0053ERVICE",
        "LOAD <x>",
        "<",
        "{",
        "",
        "가",
    ]
)
string = st.one_of(
    inside.map(lambda text: f"'{text}'"),
    inside.map(lambda text: '"' + text.replace("\\'", '\\"') + '"'),
    inside.map(lambda text: f"'''{text}''a\n'''"),
    inside.map(lambda text: f'"""{text}"b\n"""'),
)
literal = st.one_of(
    string,
    st.builds("{}@{}".format, string, st.sampled_from(["ko", "service", "load-SERVICE"])),
    st.builds("{}^^{}".format, string, prefixed),
    st.sampled_from(["1", "-1.5", "1e0", "true", "FALSE"]),
)
blanknode = st.one_of(word.map(lambda text: f"_:{text}"), st.sampled_from(["[]", "_:b.SERVICE"]))
subject = st.one_of(variable, iri, prefixed, blanknode)
predicate = st.one_of(
    variable, iri, prefixed, st.just("a"), st.builds("{}/^{}".format, prefixed, iri), prefixed.map("{}*".format)
)
term = st.one_of(variable, iri, prefixed, literal, blanknode)
endpoint = st.one_of(st.just(ENDPOINT), variable, prefixed)


@st.composite
def triple(draw: st.DrawFn) -> str:
    parts = [draw(subject), draw(predicate), draw(term)]
    more = draw(st.sampled_from(["", "", ";", ","]))
    if more:
        parts += [more, *([draw(predicate)] if more == ";" else []), draw(term)]
    return draw(blank).join(parts) + draw(blank) + "."


comparison = st.builds(
    "{}{}{}{}{}".format,
    variable,
    glue,
    st.sampled_from(["<", ">", "<=", "=", "&&", "||"]),
    glue,
    st.one_of(variable, string, st.just("1")),
)


@st.composite
def clause(draw: st.DrawFn, depth: int) -> str:
    """A part of a group without a call to elsewhere."""
    kinds = ["triple", "triple", "filter", "bind", "values"]
    kind = draw(st.sampled_from(kinds + (["optional", "union", "graph", "exists", "group", "select"] if depth else [])))
    if kind == "triple":
        return draw(triple())
    if kind == "filter":
        return f"{draw(cased('FILTER'))}{draw(glue)}({draw(glue)}{draw(comparison)}{draw(glue)})"
    if kind == "bind":
        number = draw(st.integers(0, 10**9))
        return f"BIND({draw(st.one_of(string, prefixed, iri))} AS ?bound{number})"
    if kind == "values":
        return f"VALUES {draw(variable)} {{ {draw(st.one_of(string, prefixed, iri))} UNDEF }}"
    inner = draw(group(depth - 1))
    if kind == "union":
        return f"{inner}{draw(glue)}{draw(cased('UNION'))}{draw(glue)}{draw(group(depth - 1))}"
    if kind == "graph":
        return f"{draw(cased('GRAPH'))}{draw(blank)}{draw(st.one_of(prefixed, iri, variable))}{draw(glue)}{inner}"
    if kind == "exists":
        return f"FILTER{draw(blank)}{draw(st.sampled_from(['', 'NOT ']))}EXISTS{draw(glue)}{inner}"
    if kind == "select":
        return f"{{{draw(glue)}SELECT * {draw(glue)}{inner}{draw(glue)}}}"
    return f"{draw(st.sampled_from(['OPTIONAL', 'optional', 'MINUS', '']))}{draw(glue)}{inner}"


def group(depth: int) -> st.SearchStrategy[str]:
    parts = st.lists(clause(depth), min_size=0, max_size=3)
    return st.builds(lambda each, between: "{" + between + between.join(each) + between + "}", parts, blank)


@st.composite
def call(draw: st.DrawFn) -> str:
    silent = draw(st.sampled_from(["", "SILENT", "silent"]))
    where = draw(endpoint)
    # a variable or an IRI needs no blank before it
    apart = draw(glue) if where[0] in "?$<:" and not silent else draw(blank)
    parts = [draw(cased("SERVICE")), apart, silent, draw(blank) if silent else "", where, draw(glue), draw(group(1))]
    return "".join(parts)


heads = st.sampled_from(["SELECT * WHERE ", "select*", "ASK", "CONSTRUCT { ?s e:SERVICE ?o } WHERE ", "DESCRIBE ?s "])
tails = st.sampled_from(
    ["", " LIMIT 3", " ORDER BY ?service LIMIT 1", " # SERVICE", " VALUES ?load { 'SERVICE <x> {' }"]
)
innocent = st.builds("{}{}{}{}".format, st.just(PROLOGUE), heads, group(2), tails)


@st.composite
def calling(draw: st.DrawFn) -> str:
    """A query with a call to elsewhere in some depth."""
    text = draw(call())
    for _ in range(draw(st.integers(0, 2))):
        before, after = draw(clause(0)), draw(clause(0))
        around = draw(st.sampled_from(["{{{}}}", "OPTIONAL {{{}}}", "FILTER EXISTS{{{}}}", "{{ SELECT * {{{}}} }}"]))
        text = f"{before}{draw(glue)}{around.format(text)}{draw(glue)}{after}"
    last = draw(clause(0))
    return f"{PROLOGUE}{draw(heads)}{{{draw(glue)}{last}{draw(glue)}{text}{draw(glue)}}}{draw(tails)}"


def parses(query: str) -> bool:
    try:
        Store().query(query, base_iri="http://127.0.0.1:9/base")
    except SyntaxError:
        return False
    except (OSError, RuntimeError):  # evaluation began, so it was read
        return True
    return True


def calls_by_rdflib(query: str) -> bool | None:
    """Whether rdflib's parser finds SERVICE; None where it cannot read the query."""
    try:
        tree = parseQuery(query)
    except Exception:  # pyparsing raises much
        return None
    return any(each.name == "ServiceGraphPattern" for each in _components(tree))


def _components(tree: object) -> Iterator[CompValue]:
    if isinstance(tree, CompValue):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list | tuple) or type(tree).__name__ in ("ParseResults", "plist"):
        for each in tree:  # type: ignore[attr-defined]
            yield from _components(each)


MANY = settings(max_examples=150, suppress_health_check=list(HealthCheck))
# The one false refusal: `service:x` right before a group may be read as the keyword and an endpoint.
AMBIGUOUS = re.compile(r"service:\S*\s*(#[^\n]*\n\s*)*\{", re.IGNORECASE)


@MANY
@given(innocent)
def test_what_calls_nobody_is_never_refused(query: str) -> None:
    assume(parses(query))
    assume(not AMBIGUOUS.search(query))
    assert read_query(query).text == query


@MANY
@given(calling())
def test_what_calls_another_endpoint_is_always_refused(query: str) -> None:
    assume(parses(query))
    with pytest.raises(QueryRefused):
        read_query(query)


@settings(MANY, max_examples=20)
@given(st.one_of(innocent, calling()))
def test_another_parser_finds_the_same_calls(query: str) -> None:
    found = calls_by_rdflib(query)
    assume(found is not None and not AMBIGUOUS.search(query))
    assert _verdict(query) is found


@MANY
@given(st.one_of(innocent, calling()), st.data())
def test_what_is_written_in_code_points_is_read_as_it_is_meant(query: str, data: st.DataObject) -> None:
    r"""`\u0053ERVICE` is the keyword to an engine that decodes before it parses (section 19.2), so it is to us."""
    places = [index for index, each in enumerate(query) if each.isalpha() and query[index - 1 : index] != "\\"]
    chosen = set(data.draw(st.lists(st.sampled_from(places), max_size=30)))
    form = data.draw(st.sampled_from(["\\u{:04X}", "\\U{:08x}"]))
    written = "".join(form.format(ord(each)) if index in chosen else each for index, each in enumerate(query))
    assert _verdict(written) >= _verdict(query)


def _verdict(query: str) -> bool:
    try:
        read_query(query)
    except QueryRefused:
        return True
    except RequestError:
        return False
    return False


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[object]]]:
    """An address, and who called it."""
    with canary() as found:
        yield found


PIECES = [
    *(
        "SERVICE",
        "service",
        "SILENT",
        "<URL>",
        "?u",
        "e:u",
        ":u",
        "{",
        "}",
        "{}",
        "{ ?s ?p ?o }",
        "(",
        ")",
        ".",
        ";",
        ",",
    ),
    *(
        "?s",
        "?p",
        "?o",
        "a",
        "1",
        "'",
        '"',
        "'''",
        "\\",
        "#",
        "\n",
        " ",
        "<",
        ">",
        "<#",
        "&&",
        "=",
        "!",
        "@ko",
        "^^",
        "_:",
    ),
    *(
        "GRAPH",
        "OPTIONAL",
        "UNION",
        "FILTER",
        "BIND(<URL> AS ?u)",
        "VALUES ?u { <URL> }",
        "EXISTS",
        "true",
        "e:",
        ":",
        "\\u0053",
    ),
    *(
        "LOAD <URL>",
        "FROM <URL>",
        "FROM NAMED <URL>",
        "LIMIT",
        "1SERVICE",
        "trueSERVICE<URL>{}",
        "SERVICE:u{}",
        "service:x",
    ),
]
SAMPLE = Store()
SAMPLE.add(Quad(NamedNode("http://127.0.0.1:9/s"), NamedNode("http://127.0.0.1:9/p"), Literal(1)))


@settings(max_examples=1000, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(PIECES), min_size=2, max_size=14), st.sampled_from(["", " "]), st.booleans())
def test_what_is_let_pass_makes_no_request(
    listener: tuple[str, list[object]], pieces: list[str], between: str, called: bool
) -> None:
    """Whatever the engine understands of it: the listener hears of no query that was not refused."""
    url, seen = listener
    soup = between.join(pieces).replace("URL", url)
    clause = f"SERVICE <{url}> {{ ?s ?p ?o }}" if called else ""
    query = f"PREFIX e: <{url}> PREFIX : <{url}> PREFIX service: <{url}> SELECT * {{ {soup} {clause} }}"
    try:
        read_query(query)
    except RequestError:
        return
    try:
        for _ in SAMPLE.query(query):  # type: ignore[union-attr]
            pass
    except (SyntaxError, OSError, RuntimeError, ValueError):
        pass
    assert not seen, query


def test_the_listener_hears_what_is_not_refused(listener: tuple[str, list[object]]) -> None:
    """That the test above can fail."""
    url, seen = listener
    with pytest.raises(OSError):
        list(SAMPLE.query(f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}"))  # type: ignore[arg-type]
    assert seen
    seen.clear()


UPDATES = [
    "INSERT DATA { e:a e:b 1 }",
    "DELETE WHERE { ?s ?p ?o }",
    "LOAD <http://127.0.0.1:9/>",
    "CLEAR ALL",
    "DROP DEFAULT",
]
UPDATES += [
    "CREATE GRAPH e:g",
    "ADD e:a TO e:b",
    "MOVE e:a TO e:b",
    "COPY e:a TO e:b",
    "WITH e:g DELETE { ?s ?p ?o } WHERE {}",
]
UPDATES += ["DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }", "INSERT { ?s ?p 1 } WHERE {}"]


@MANY
@given(st.sampled_from(UPDATES), blank, st.sampled_from(["", "#SELECT * {}\n", "SELECT * {} ; ", "ASK {} "]), st.data())
def test_no_update_is_let_pass(update: str, between: str, before: str, data: st.DataObject) -> None:
    head, _, rest = update.partition(" ")
    query = f"{PROLOGUE}{before}{data.draw(cased(head))}{between}{rest}"
    with pytest.raises(RequestError) as caught:
        read_query(query)
    assert caught.value.status in (400, 403)
