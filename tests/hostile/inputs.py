"""The hostile inputs: what is sent, and which statuses are right (0: the connection is closed without an answer)."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, cycle, islice
from urllib.parse import quote

from tests.api.conftest import CROSS_PRODUCT
from tests.api.test_workers import ENDLESS, growing
from tests.hostile.wire import Address, Said, dribbled, exchange, form, get, post, sparql

__all__ = ["INPUTS", "Input", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """A server, and the address of a listener that must hear nothing."""

    address: Address
    canary: str


Send = Callable[[Target], Sequence[Said]]


@dataclass(frozen=True, slots=True)
class Input:
    """A hostile input; every status must be one of `right`."""

    name: str
    send: Send
    right: frozenset[int]

    def __str__(self) -> str:
        return self.name


_QUERY = "application/sparql-query"
_FORM = "application/x-www-form-urlencoded"


def _each(requests: Sequence[bytes], target: Target) -> list[Said]:
    """Each request on a connection of its own."""
    return [said for request in requests for said in exchange(target.address, request)]


def _sent(name: str, right: str, *requests: bytes) -> Input:
    return Input(name, partial(_each, requests), _statuses(right))


def _with_canary(name: str, right: str, write: Callable[[str], Sequence[bytes]]) -> Input:
    return Input(name, lambda target: _each(write(target.canary), target), _statuses(right))


def _statuses(text: str) -> frozenset[int]:
    return frozenset(map(int, text.split()))


def _all(name: str, right: str, *queries: str) -> Input:
    """Queries; what fits no address is sent as the body."""
    return _sent(
        name, right, *(sparql(each) if len(each) < 8000 else post("/sparql", each.encode(), _QUERY) for each in queries)
    )


DEEP = 20_000
MEGABYTES = b"ASK { } #" + b"x" * 5_000_000


def _chunked(body: bytes, size: int = 65_536) -> bytes:
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    head = get("/sparql", f"Content-Type: {_QUERY}", "Transfer-Encoding: chunked", method="POST")
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


COSTLY = (
    _all("cross product of three patterns", "504 507", CROSS_PRODUCT),
    _all("cross product, sorted", "504 507", f"{CROSS_PRODUCT} ORDER BY ?a ?d ?g"),
    _all(
        "cross product, counted and grouped",
        "504 507",
        CROSS_PRODUCT.replace("*", "?a (COUNT(*) AS ?n)") + " GROUP BY ?a",
    ),
    _all("cross product, joined into one text", "504 507", CROSS_PRODUCT.replace("*", "(GROUP_CONCAT(?a) AS ?n)")),
    _all(
        "cross product of DISTINCT subqueries", "504 507", "SELECT * { { SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f } } }"
    ),
    _all("sort of every object, of all datatypes", "200 500", "SELECT ?o { ?s ?p ?o } ORDER BY ?o"),
    _all("sort of every object as text", "200", "SELECT ?o { ?s ?p ?o } ORDER BY STR(?o)"),
    _all("doubling concatenation, 30 and 60 times", "507", growing(30), growing(60)),
    _all(
        "catastrophic regular expressions",
        "200 500 504 507",
        *(
            f"SELECT ?o {{ ?s ?p ?o FILTER {call} }} LIMIT 1"
            for call in (
                'REGEX(STR(?o), "^(([a-z])+.)+[A-Z]([a-z])+$")',
                'REGEX(CONCAT(STR(?o), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"), "(a|a|aa)+$")',
                'REGEX(STR(?o), "((((a{1,100}){1,100}){1,100}){1,100})")',
                'REGEX(STR(?o), "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)=")',
                'REGEX(REPLACE(STR(?o), "", STR(?o)), "x{900}{900}")',
            )
        ),
    ),
    _all(
        "paths of any length over everything",
        "504 507",
        "SELECT (COUNT(*) AS ?n) { ?s (!<x:x>|^!<x:x>)* ?o . ?o (!<x:x>)+ ?z }",
    ),
    _all("path of 10,000 steps", "200 400 500 504", f"ASK {{ ?s {'/'.join(['<x:a>'] * 10_000)} ?o }}"),
    _all(
        "path of 10,000 alternatives, starred", "200 400 500 504", f"ASK {{ ?s ({'|'.join(['<x:a>'] * 10_000)})* ?o }}"
    ),
    _all("nested stars", "200 400 500 504", f"ASK {{ ?s {'(' * 150}<x:a>{')*' * 150} ?o }}"),
    _all(
        "OFFSET and LIMIT without measure",
        "200 400 504",
        "SELECT * { ?s ?p ?o } OFFSET 99999999999999999999 LIMIT 99999999999999999999",
    ),
    _all(
        "VALUES of 10,000 rows, squared",
        "200 504 507",
        f"SELECT * {{ VALUES ?a {{ {'1 ' * 10_000} }} VALUES ?b {{ {'1 ' * 10_000} }} }}",
    ),
)

DEEP_TEXTS = (
    _all(
        "20,000 nested brackets of each kind",
        "400",
        *(f"ASK {{ {o * DEEP}{c * DEEP} }}" for o, c in ("{}", "()", "[]")),
    ),
    _all(
        "20,000 brackets that nobody closes",
        "400",
        "ASK " + "{" * DEEP,
        "ASK { FILTER" + "(" * DEEP,
        "ASK { ?s ?p " + "[" * DEEP,
    ),
    _all("20,000 brackets in a string and a comment", "200", f"ASK {{ ?s ?p '{'{' * DEEP}' }} # {'(' * DEEP}"),
    _all(
        "20,000 signs before a number",
        "200 400 500 504",
        *(f"ASK {{ FILTER({sign * DEEP} 1) }}" for sign in ("!", "- ", "+ ")),
    ),
    _all(
        "20,000 sums, products, conditions",
        "200 400 500 504",
        *(f"ASK {{ FILTER(1{(op + '1') * DEEP}) }}" for op in ("+", "*", "||", "&&")),
    ),
    _all("chain of 9,000 UNIONs", "200 400 500 504", "ASK { {} " + "UNION {} " * 9000 + "}"),
    _all("chain of 9,000 OPTIONALs", "200 400 500 504", "ASK { " + "OPTIONAL {} " * 9000 + "}"),
    _all(
        "chain of 5,000 BINDs", "200 400 500 504", "ASK { " + " ".join(f"BIND(1 AS ?v{n})" for n in range(5000)) + "}"
    ),
    _all(
        "chain of 5,000 triple patterns",
        "200 400 500 504",
        "ASK { " + " ".join(f"?a{n} ?b ?a{n + 1} ." for n in range(5000)) + "}",
    ),
    _all("list of 30,000 in IN", "200 400 500 504", "ASK { ?s ?p ?o FILTER(?o IN (" + "1," * 30_000 + "2)) }"),
    _all("180 nested subqueries", "200 400 500 504", "ASK { " + "{ SELECT * { " * 90 + "} }" * 90 + "}"),
)

LARGE = (
    _sent(
        "5 MB in the address",
        "414",
        b"GET /sparql?query=" + b"x" * 5_000_000 + b" HTTP/1.1\r\nHost: e.org\r\n\r\n",
    ),
    _sent("5 MB as the body", "413", post("/sparql", MEGABYTES, _QUERY), post("/api/explain", MEGABYTES, _QUERY)),
    _sent(
        "5 MB in a form",
        "413",
        form("/sparql", query=MEGABYTES.decode()),
        form("/api/explain", query=MEGABYTES.decode()),
    ),
    _sent("5 MB in chunks, without a length", "413", _chunked(MEGABYTES)),
    _sent("5 MB in chunks of one byte, badly framed", "0 400 413", _chunked(MEGABYTES[:70_000], 1)[:-9] + b"zz\r\n"),
    _sent("a form of 100,000 fields", "413", post("/sparql", b"&".join([b"a=1"] * 100_000), _FORM)),
    _sent("a packed body", "400 415", post("/sparql", b"\x1f\x8b" + b"\0" * 1000, _QUERY, "Content-Encoding: gzip")),
    _sent("a body in parts", "415", post("/sparql", b"--x\r\n\r\nASK{}\r\n--x--", "multipart/form-data; boundary=x")),
    _sent("a body of no length at all", "200 400 411 415", get("/sparql", f"Content-Type: {_QUERY}", method="POST")),
)

_NO_XML = (
    'SELECT ("a\\u0001b" AS ?x) {}',
    'SELECT ("\\uFFFF" AS ?x) {}',
    "CONSTRUCT { <x:s> <http://e.org/> 1 } {}",
    "CONSTRUCT { <x:s> <http://e.org/1> 1 } {}",
    f"CONSTRUCT {{ <x:s> <http://e.org/{'a' * 3000}/> 1 }} {{}}",
    "CONSTRUCT { <x:s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#li> 1 } {}",
    'CONSTRUCT { <x:s> <x:p> "\\u0000" } {}',
)

UPDATES = (
    "INSERT DATA { <x:a> <x:b> 1 }",
    "delete where { ?s ?p ?o }",
    "LoAd <http://127.0.0.1:9/>",
    "CLEAR ALL",
    "#ASK {}\nDROP ALL",
    "PREFIX x: <x:> INSERT#{}\n{ x:a x:b 1 } WHERE {}",
    "\\u0049NSERT DATA { <x:a> <x:b> 1 }",
    "INS\\u0045RT DATA { <x:a> <x:b> 1 }",
    "ASK {} ; INSERT DATA { <x:a> <x:b> 1 }",
    "WITH <x:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "MOVE <x:a> TO <x:b>",
    "CREATE GRAPH <x:g>",
)

REFUSED = (
    _sent(
        "updates in all clothes",
        "400 403",
        *map(sparql, UPDATES),
        *(post("/sparql", each.encode(), _QUERY) for each in UPDATES),
    ),
    _sent(
        "updates by the update operation",
        "400 403 405 415",
        *(post("/sparql", each.encode(), "application/sparql-update") for each in UPDATES),
        *(form("/sparql", update=each) for each in UPDATES),
        *(get("/sparql", method=each) for each in ("PUT", "DELETE", "PATCH")),
    ),
    _all("several queries in one", "400", "ASK {} ASK {}", "ASK {} ; ASK {}", "SELECT * {} ASK {}", "ASK {}\0ASK {}"),
    _sent("what no XML can hold", "406", *(sparql(each, format="xml") for each in _NO_XML)),
    _sent("several queries in parameters", "400", get("/sparql?query=ASK%7B%7D&query=ASK%7B%7D")),
)


def _calls(url: str) -> list[str]:
    return [
        f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ sErViCe#\n SILENT <{url}> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ \\u0053ERVICE <{url}> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ BIND(<{url}> AS ?u) SERVICE ?u {{ ?s ?p ?o }} }}",
        f"PREFIX service: <{url}> SELECT * {{ SERVICE service: {{ ?s ?p ?o }} }}",
        f"SELECT * {{ ?s ?p 1SERVICE<{url}>{{}} }}",
        f"LOAD <{url}>",
    ]


def _sources(url: str) -> list[str]:
    return [
        f"SELECT * FROM <{url}> {{ ?s ?p ?o }}",
        f"SELECT * FROM NAMED <{url}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        f"DESCRIBE <{url}>",
    ]


def _through_parameters(url: str) -> list[bytes]:
    call = f"x> }} SERVICE <{url}> {{ ?s ?p ?o"
    given = [quote(each, safe="") for each in (url, call, f'" }} {call}')]
    names = ("facts-about-entity?entity", "evidence-of-node?node", "who-said-what?speaker", "names-in-sources?name")
    paths = [f"/api/queries/{name}={value}" for name in names for value in given]
    paths += [
        f"{path}={value}" for path in ("/api/paths?from", "/api/search?q", "/api/neighbourhood?of") for value in given
    ]
    return [get(path) for path in paths]


def _reconciled(url: str) -> list[bytes]:
    queries = json.dumps({"q0": {"query": url, "type": url, "properties": [{"pid": url, "v": {"id": url}}]}})
    fetch = {"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": url}}
    called = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "sparql", "arguments": {"query": _calls(url)[0]}},
    }
    head = ("Accept: application/json, text/event-stream", "Host: 127.0.0.1")
    return [
        form("/reconcile", queries=queries),
        form("/reconcile", extend=json.dumps({"ids": [url], "properties": [{"id": url}]})),
        get(f"/reconcile?callback={quote(url)}"),
        *(post("/mcp", json.dumps(each).encode(), "application/json", *head) for each in (fetch, called)),
    ]


FETCHING = (
    _with_canary(
        "SERVICE and LOAD of a listener",
        "400 403",
        lambda url: [*map(sparql, _calls(url)), *(form("/sparql", query=each) for each in _calls(url))],
    ),
    _with_canary(
        "SERVICE in a query to explain",
        "400 403",
        lambda url: [form("/api/explain", query=each) for each in _calls(url)],
    ),
    _with_canary("FROM of a listener", "200", lambda url: [sparql(each) for each in _sources(url)]),
    _with_canary(
        "graphs of a listener in the protocol",
        "200",
        lambda url: [sparql("ASK { ?s ?p ?o }", **{name: url}) for name in ("default-graph-uri", "named-graph-uri")],
    ),
    _with_canary(
        "FROM of files",
        "200 400",
        lambda _: [
            sparql(each)
            for iri in ("file:///etc/passwd", "/etc/passwd", "../../etc/passwd", "jar:file:///x!/y")
            for each in _sources(iri)
        ],
    ),
    _with_canary("a listener in parameters of ready-made questions", "200 400 404 422", _through_parameters),
    _with_canary("a listener in reconciliation and tools", "200 202 400 403 404 405 406 415 422", _reconciled),
    _with_canary(
        "a listener in the head",
        "200",
        lambda url: [
            get("/sparql?query=ASK%7B%7D", f"{name}: {url}")
            for name in ("Referer", "Origin", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Accept-Profile")
        ],
    ),
    _with_canary(
        "a listener as the target",
        "200 303 400 404 405",
        lambda url: [get(url), get(f"{url}id/org/kcci"), get(url[7:-1], method="CONNECT")],
    ),
)

_BREAKS = (
    "%0d%0aX-Injected:%20yes",
    "%0d%0a%0d%0aHTTP/1.1%20200%20OK",
    "%E5%98%8A%E5%98%8DX-Injected:yes",
    "%00",
    "%22%3b%20x=%22",
)
_PLACES = (
    "/id/program/{}",
    "/page/program/smart-factory-rollout?lang=ko{}",
    "/id/program/smart-factory-rollout?x={}",
    "/ko/{}",
    "/np/{}",
    "/.well-known/void?x={}",
    "/sparql?query=ASK%7B%7D&format=json{}",
    "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Cx:{}%3E%201%20%7D",
    "/api/queries/list-articles?format=xlsx{}",
    "/api/queries/list-articles.csv?limit=1&lang=ko{}",
    "/api/queries/list-articles{}",
    "/data/program/smart-factory-rollout.ttl{}",
    "/dumps/?lang={}",
)
_UP = (
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%252f",
    "%252e%252e%252f",
    "....//",
    "..\\",
    "..%5c",
    "..%c0%af",
    "%00../",
    "..;/",
)
_ROOTS = (
    "/dumps/",
    "/dumps/2026-11-22/",
    "/static/",
    "/v/",
    "/data/",
    "/data/program/",
    "/np/",
    "/def/",
    "/scheme/",
    "/problem/",
    "/",
)
_FILES = ("etc/passwd", "proc/self/environ", "manifest.json", "dataset.nq", "app.py")

WORDS = (
    _sent(
        "CR, LF and NUL in what becomes a header",
        "200 206 301 303 304 400 404 406 410 422",
        *(get(place.format(each)) for place in _PLACES for each in _BREAKS),
    ),
    _sent(
        "ways up to other folders",
        "301 303 307 400 404 405 406",
        *(get(f"{root}{up * 6}{_FILES[(n + m) % 5]}") for n, root in enumerate(_ROOTS) for m, up in enumerate(_UP)),
    ),
    _sent(
        "absolute paths and very long ones",
        "303 307 400 404 406",
        *(
            get(root + tail)
            for root in _ROOTS
            for tail in ("/etc/passwd", "%2fetc%2fpasswd", "a" * 60_000, "%2e" * 20_000, "a/" * 20_000)
        ),
    ),
    _sent(
        "malformed UTF-8",
        "200 303 400 404 406 422",
        *(get(place.format(each)) for place in _PLACES for each in ("%FF", "%C3%28", "%ED%A0%80", "%F4%90%80%80")),
        post("/sparql", b"ASK { ?s ?p '\xff\xfe' }", _QUERY),
        post("/sparql", b"query=ASK%7B%3Fs%20%3Fp%20%27%FF%27%7D", _FORM),
    ),
    _sent(
        "percent-encodings that are none",
        "200 303 400 404 406 422",
        *(get(place.format(each)) for place in _PLACES for each in ("%", "%0", "%zz", "%u0041", "%%%")),
    ),
    _sent(
        "bytes above ASCII in the request line",
        "0 200 400 404 422",
        *(
            b"GET " + place.replace("{}", "").encode() + each + b" HTTP/1.1\r\nHost: e.org\r\nConnection: close\r\n\r\n"
            for place in _PLACES
            for each in (b"\xff\xfe", "스마트".encode(), b"\x00", b"\x7f", b"\x1b[2J")
        ),
    ),
    _sent(
        "hostile cursors",
        "422",
        *(
            get(f"/api/{path}cursor={each}")
            for path in ("queries/list-articles?", "search?q=a&")
            for each in (
                "x",
                "%00",
                "9" * 5000,
                "eyJ" * 3000,
                "..%2f..%2fetc",
                "MSwxLDEsMQ",
                "-1",
                "AAAA%27%20OR%201=1",
            )
        ),
    ),
    _sent(
        "search of 10 kB, of operators and of patterns",
        "200 400 422",
        *(
            get(f"/{path}?q={quote(each)}")
            for path in ("api/search", "api/suggest")
            for each in (
                "a" * 10_000,
                "가" * 180,
                'a" OR "b',
                "a* NEAR(b, 9)",
                "col:a",
                "' OR 1=1 --",
                "%_%_%",
                "(((((",
                "a\0b",
                "^$.*+?",
                "ㄱ" * 180,
                "1" * 190,
                " ",
                "\u202e\ufeff",
                "\U0001f1f0" * 90,
            )
        ),
    ),
    _sent(
        "paths and neighbourhoods without measure",
        "200 404 406 422 503 504",
        *(
            get(f"/api/{each}")
            for each in (
                "paths?from=org:kcci&to=org:kcci&k=1000000000&length=1000000000",
                "paths?from=org:kcci&to=org:motie&k=20&length=6",
                "paths?from=org:kcci&to=org:motie&k=-1",
                "neighbourhood?of=org:motie&depth=99999999999999999999",
                "neighbourhood?of=org:motie&depth=3&limit=1000000",
                "shared?a=org:kcci&b=org:motie&limit=0",
                "paths?from=" + "a" * 20_000,
            )
        ),
    ),
    _sent(
        "pages and limits that are none",
        "200 400 404 422",
        *(
            get(f"/{path}{number}")
            for path in (
                "data/program/smart-factory-rollout.ttl?page=",
                "api/queries/list-articles?limit=",
                "page/program/smart-factory-rollout?page=",
                "sparql?query=ASK%7B%7D&timeout=",
                "sparql?query=ASK%7B%7D&maxrows=",
            )
            for number in ("-1", "0", "1e9", "9" * 40, "NaN", "inf", "0x10", "%D9%A3", "1_000", "")
        ),
    ),
)

_MANY = 10_000
_LONG_TAGS = ", ".join(f'"{number}"' for number in range(_MANY))
_LONG_ACCEPT = ", ".join(f"a/b{number};q=0.{number % 10}" for number in range(_MANY))
_LONG_LANGUAGES = ", ".join(f"x-{number};q=0.{number % 10}" for number in range(_MANY))
_UNCLOSED = "text/turtle, */*, " + '"' + '\\"' * 100_000
_LONG_RANGES = "bytes=" + ", ".join(f"{number}-{number}" for number in range(_MANY))
_THING, _DUMPED = "/data/program/smart-factory-rollout.ttl", "/static/pages.css"

HEADS = (
    _sent(
        "10,000 elements in each header",
        "200 206 304 406 416",
        *(
            get(path, f"{name}: {value}")
            for path in (_THING, _DUMPED, "/sparql?query=ASK%7B%7D")
            for name, value in (
                ("If-None-Match", _LONG_TAGS),
                ("Range", _LONG_RANGES),
                ("Accept", _LONG_ACCEPT),
                ("Accept-Language", _LONG_LANGUAGES),
                ("Accept-Profile", _LONG_ACCEPT),
                ("Accept", _UNCLOSED),
                ("Accept-Profile", _UNCLOSED),
                ("Prefer", _UNCLOSED),
            )
        ),
    ),
    _sent(
        "headers that say nonsense",
        "200 206 304 400 406 412 416",
        *(
            get(path, each)
            for path in (_THING, _DUMPED, "/sparql?query=ASK%7B%7D", "/dataset")
            for each in (
                'If-None-Match: "',
                "If-Modified-Since: never",
                "Range: bytes=9-1",
                "Range: bytes=-0",
                "Range: bytes=99999999999999999999-",
                "Range: lines=1-2",
                "Accept: ///;;q=q",
                "Accept: */*;q=1e400",
                "Accept: text/turtle;q=-1",
                "Accept-Language: *;q=",
                "Accept-Datetime: yesterday",
                "Accept-Profile: <",
                "Prefer: wait=-1",
                "Prefer: wait=1e999",
                "Cookie: \x01",
                'Accept-Encoding: gzip;q="',
                "If-Range: ,",
            )
        ),
    ),
    _sent(
        "a Host that is none, twice or absent",
        "400",
        *(
            get(path, *(f"Host: {each}" for each in hosts))
            for path in ("/id/org/motie-2013", "/sparql?query=ASK%7B%7D", "/mcp", "/")
            for hosts in (
                ('a>; rel="x", <b',),
                ("e.org", "f.org"),
                ("e.org:80:80",),
                ("[::1",),
                ("",),
                ("a" * 9000 + "@",),
            )
        ),
        *(get(path).replace(b"Host: e.org\r\n", b"") for path in ("/id/org/motie-2013", "/v/", "/mcp")),
    ),
    _sent(
        "10,000 lines of one name",
        "200 304 406",
        *(
            get("/sparql?query=ASK%7B%7D", *(f"{name}: {value}" for _ in range(_MANY)))
            for name, value in (
                ("Accept", "a/b"),
                ("If-None-Match", '"a"'),
                ("Prefer", "wait=1"),
                ("Accept-Language", "x"),
            )
        ),
    ),
    _sent(
        "a head of 600 kB and more",
        "431",
        *(get("/healthz", "X-Large: " + "x" * length) for length in (600_000, 700_000, 780_000, 5_000_000)),
        get("/healthz", *(f"X-{n}: {'x' * 1000}" for n in range(600))),
    ),
    _sent(
        "5,000 cookies, 20,000 headers",
        "0 200 400 431",
        get("/healthz", "Cookie: " + "; ".join(f"c{n}={n}" for n in range(5000))),
        get("/healthz", *(f"X-{n}: 1" for n in range(20_000))),
    ),
    _sent(
        "20,000 parameters",
        "414",
        *(
            get(f"{path}?" + "&".join(f"p{n}={n}" for n in range(20_000)))
            for path in (
                "/sparql",
                "/api/queries/list-articles",
                "/api/search",
                "/page/program/smart-factory-rollout",
                "/data/program/smart-factory-rollout",
            )
        ),
    ),
    _sent(
        "unknown methods and versions",
        "0 200 400 404 405 501",
        get("/", method="TRACE"),
        get("/sparql", method="PROPFIND"),
        get("/healthz", method="A" * 5000),
        b"GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET /healthz\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ),
    _sent(
        "an upgrade to another protocol",
        "200 400 426",
        get(
            "/healthz", "Upgrade: websocket", "Sec-WebSocket-Key: eA==", "Sec-WebSocket-Version: 13", close=False
        ).replace(b"\r\n\r\n", b"\r\nConnection: Upgrade, close\r\n\r\n"),
        get("/healthz", "Upgrade: h2c"),
    ),
)

_INSIDE = b"GET /metrics HTTP/1.1\r\nHost: e.org\r\nX-Smuggled: 1\r\n\r\n"
_TWICE = b"POST /sparql HTTP/1.1\r\nHost: e.org\r\nContent-Type: application/sparql-query\r\nConnection: close\r\n"
SMUGGLED = (
    _sent(
        "two framings at once",
        "0 400 411 413 415 501",
        _TWICE + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + _INSIDE,
        _TWICE + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + _INSIDE,
        _TWICE + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + _INSIDE,
        _TWICE + b"Content-Length: +6\r\n\r\nASK {}",
        _TWICE + b"Content-Length: 6, 6\r\n\r\nASK {}",
        _TWICE + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        _TWICE + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        _TWICE + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        _TWICE + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        _TWICE + b"Content-Length: 99999999999999999999999\r\n\r\nASK {}",
        b"GET /healthz HTTP/1.1\r\n Host: e.org\r\n\r\n",
        b"GET /healthz HTTP/1.1\rHost: e.org\r\r",
    ),
    _sent("200 requests in one piece", "200", get("/healthz", close=False) * 199 + get("/healthz")),
    _sent(
        "100 queries in one piece",
        "200",
        b"".join(sparql("ASK {}").replace(b"Connection: close\r\n", b"") for _ in range(99)) + sparql("ASK {}"),
    ),
)


def _slow_heads(target: Target) -> list[Said]:
    filler = (b"X: y\r\n" for _ in range(1000))
    return dribbled(target.address, b"GET /healthz HTTP/1.1\r\nHost: e.org\r\n", filler, 0.1)


def _slow_bodies(target: Target) -> list[Said]:
    head = get("/sparql", f"Content-Type: {_QUERY}", "Content-Length: 9999", method="POST")
    return dribbled(target.address, head, (b" " for _ in range(1000)), 0.1)


def _slow_readers(target: Target) -> list[Said]:
    """Twenty who ask for much and read nothing; meanwhile somebody else gets an answer."""
    asked = sparql("SELECT * { ?s ?p ?o } LIMIT 30000")
    readers = []
    try:
        for _ in range(20):
            reader = socket.socket()
            readers.append(reader)
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(target.address)
            reader.sendall(asked)
        asked = sparql("ASK { ?s ?p ?o }")
        # while their answers are made, the workers have enough to do; then nobody waits for the readers
        said = (exchange(target.address, asked, seconds=60) for _ in range(5))
        return next((each for each in said if each[0].status != 503), [Said(503)])
    finally:
        for reader in readers:
            reader.close()


def _leavers(target: Target) -> list[Said]:
    """A hundred who ask for what has no end and go away, one by one in the middle of a request."""
    asked = sparql(ENDLESS)
    for number in range(100):
        with socket.create_connection(target.address, timeout=30) as caller:
            caller.sendall(asked if number % 2 else asked[: len(asked) * number // 100])
    return exchange(target.address, sparql("ASK { ?s ?p ?o }"), seconds=60)


def _crowd(target: Target) -> list[Said]:
    """Two hundred at once, of every kind."""
    kinds = cycle(
        (
            sparql(ENDLESS),
            sparql("SELECT * { ?s ?p ?o } LIMIT 5"),
            get("/healthz"),
            get("/api/queries/list-articles"),
            sparql("ASK {"),
            get("/api/search?q=a"),
        )
    )
    start = threading.Barrier(200)

    def ask(request: bytes) -> list[Said]:
        start.wait(60)
        return exchange(target.address, request, seconds=60)

    with ThreadPoolExecutor(200) as people:
        return list(chain.from_iterable(people.map(ask, islice(kinds, 200))))


def _idle(target: Target) -> list[Said]:
    """Three hundred connections that say nothing; meanwhile somebody else gets an answer."""
    connections = [socket.create_connection(target.address, timeout=30) for _ in range(300)]
    try:
        return exchange(target.address, get("/healthz"))
    finally:
        for connection in connections:
            connection.close()


CALLERS = (
    Input("a head that comes drop by drop", _slow_heads, _statuses("408")),
    Input("a body that comes drop by drop", _slow_bodies, _statuses("0 408")),
    Input("twenty who do not read what they asked for", _slow_readers, _statuses("200")),
    Input("a hundred who go away", _leavers, _statuses("200")),
    Input("two hundred at once", _crowd, _statuses("200 400 503 504")),
    Input("three hundred who say nothing", _idle, _statuses("200")),
)

INPUTS: tuple[Input, ...] = (*COSTLY, *DEEP_TEXTS, *LARGE, *REFUSED, *FETCHING, *WORDS, *HEADS, *SMUGGLED, *CALLERS)


def named(name: str) -> Iterator[Input]:
    """The inputs in whose names a text stands."""
    return (each for each in INPUTS if name in each.name)
