"""A remote engine behind a SPARQL 1.1 endpoint, asked through SPARQLWrapper as if it were embedded.

SPARQL 1.1 Protocol, https://www.w3.org/TR/sparql11-protocol/. Answers are read as they arrive: tables as SPARQL JSON,
graphs as N-Triples or Turtle; the embedded library parses them. (It trims the literals of SPARQL XML.)
"""

from __future__ import annotations

import ast
import http.client
import io
import re
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, cast
from urllib.error import HTTPError, URLError

from pyoxigraph import (
    Literal,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)
from SPARQLWrapper import POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from api.engine.connector import Dial
from api.engine.jobs import Fault
from api.engine.stores.connection import Endpoint, Line, opener

__all__ = ["Engine", "RemoteFault"]

_TABLE = "application/sparql-results+json"
_GRAPH = "application/n-triples, text/turtle;q=0.5"
_TRUTHS = {True: b'{"head":{},"boolean":true}', False: b'{"head":{},"boolean":false}'}
_LONGEST = 300
_STATUS: dict[int, Fault] = {408: "timeout", 429: "unreachable", 502: "unreachable", 503: "unreachable", 504: "timeout"}
# What Virtuoso 7 writes that is no SPARQL JSON, or not as others write it. A row stands on a line; quotes in values are
# escaped, so what is looked for never stands inside a value.
_MENDED = (
    (re.compile(rb'(#boolean", "value": ")1(" })'), rb"\1true\2"),
    (re.compile(rb'(#boolean", "value": ")0(" })'), rb"\1false\2"),
    (re.compile(rb'("type": "bnode", "value": ")nodeID://'), rb"\1"),
)
_LINE = 64 * 1024
_OVERDUE = re.compile(r"time ?out|timed out|S1TAT|estimated execution time", re.IGNORECASE)


class RemoteFault(Exception):
    """What the engine did not answer."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message


class Engine:
    """One endpoint on one connection; where it says that it is Virtuoso, it is given a deadline too."""

    def __init__(self, endpoint: Endpoint, dial: Dial) -> None:
        self._endpoint = endpoint
        self.name = ""
        self.most_rows = 0
        self._line = Line(endpoint, dial)
        self._opener = opener(endpoint, self._line)

    def close(self) -> None:
        """End the connection."""
        self._line.hang_up()

    def ask(
        self,
        text: str,
        form: str,
        default: Sequence[str] = (),
        named: Sequence[str] = (),
        seconds: float | None = None,
    ) -> Any:
        """The solutions, the truth value or an iterator of triples. Raises RemoteFault, OSError."""
        graph = form in ("CONSTRUCT", "DESCRIBE")
        wrapper = SPARQLWrapper(self._endpoint.url, agent="KIP")
        wrapper.queryString, wrapper.queryType = text, form  # setQuery() would guess the form again
        wrapper.setMethod(POST)
        wrapper.setOnlyConneg(True)
        wrapper.addCustomHttpHeader("Accept", _GRAPH if graph else _TABLE)
        for name, values in (("default-graph-uri", default), ("named-graph-uri", named)):
            for value in values:
                wrapper.addParameter(name, value)
        if seconds is not None and self.name == "Virtuoso":
            wrapper.addParameter("timeout", str(int((seconds + 1) * 1000)))
        response = self._response(wrapper)
        return _triples(response) if graph else _results(response, form)

    @contextmanager
    def _installed(self) -> Iterator[None]:
        """The library takes the opener of the whole process; what else this process opens takes its own again."""
        urllib.request.install_opener(self._opener)
        try:
            yield
        finally:
            urllib.request.install_opener(None)

    def _response(self, wrapper: SPARQLWrapper) -> http.client.HTTPResponse:
        try:
            with self._installed():
                response: http.client.HTTPResponse = wrapper.query().response
        except SPARQLWrapperException as error:
            raise _fault(0, _told(error)) from error
        except HTTPError as error:
            with error:
                raise _fault(error.code, error.read(4096).decode("utf-8", "replace")) from error
        except (URLError, http.client.HTTPException, OSError) as error:
            raise RemoteFault("unreachable", f"it cannot be reached: {error}") from error
        self.name = _name(response)
        self.most_rows = int(response.headers.get("X-SPARQL-MaxRows") or 0)
        if response.headers.get("X-SQL-State", "").strip() == "S1TAT":
            raise RemoteFault("timeout", "it stopped before the answer was whole")
        return response


def _fault(status: int, text: str) -> RemoteFault:
    """The fault that an error response is; of what it says, the first line, without our own text."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), f"status {status}")
    if _OVERDUE.search(line):
        return RemoteFault("timeout", line[:_LONGEST])
    return RemoteFault(_STATUS.get(status, "evaluation"), line[:_LONGEST])


def _name(response: http.client.HTTPResponse) -> str:
    """What the engine calls itself."""
    return (response.headers.get("Server") or "").partition("/")[0]


def _told(error: SPARQLWrapperException) -> str:
    """What the engine said; the library keeps it as the literal of its bytes only."""
    found = re.search(r"Response:\n(b['\"].*)", str(error), re.DOTALL)
    return ast.literal_eval(found[1]).decode("utf-8", "replace") if found else str(error)


class _Body:
    """The body of a response as a file whose broken connection is an OSError, like every other."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response

    def read(self, size: int = -1) -> bytes:
        try:
            return self._response.read(None if size < 0 else size)
        except http.client.HTTPException as error:
            raise ConnectionError(f"the answer broke off: {error!r}") from error


class _MendedBody(_Body):
    """The lines of a table that Virtuoso wrote, as SPARQL JSON."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        super().__init__(response)
        self._rest = b""
        self._lines = io.BytesIO()

    def read(self, size: int = -1) -> bytes:
        while not (taken := self._lines.read(size)) and (chunk := super().read(_LINE)):
            lines, feed, self._rest = (self._rest + chunk).rpartition(b"\n")
            self._lines = io.BytesIO(_mended(lines + feed))
        if not taken and self._rest:
            self._lines, self._rest = io.BytesIO(_mended(self._rest)), b""
            taken = self._lines.read(size)
        return taken


def _mended(text: bytes) -> bytes:
    for pattern, written in _MENDED:
        text = pattern.sub(written, text)
    return text


def _results(response: http.client.HTTPResponse, form: str) -> QuerySolutions | QueryBoolean:
    _check(response, "sparql-results+json", "application/json")
    body = _MendedBody(response) if _name(response) == "Virtuoso" else _Body(response)
    results = parse_query_results(cast(IO[bytes], body), QueryResultsFormat.JSON)
    if form != "ASK" or isinstance(results, QueryBoolean):
        return results
    # Virtuoso answers ASK with a table of one number.
    cell = next(iter(next(results, ())), None)
    truth = isinstance(cell, Literal) and cell.value in ("1", "true")
    return parse_query_results(_TRUTHS[truth], QueryResultsFormat.JSON)


def _triples(response: http.client.HTTPResponse) -> Iterator[Triple]:
    _check(response, "n-triples", "turtle", "text/plain", "text/rdf+n3")
    said = response.headers.get("Content-Type", "")
    fmt = RdfFormat.TURTLE if "turtle" in said or "n3" in said else RdfFormat.N_TRIPLES
    return (quad.triple for quad in parse(cast(IO[bytes], _Body(response)), format=fmt))


def _check(response: http.client.HTTPResponse, *types: str) -> None:
    said = response.headers.get("Content-Type", "")
    if not any(each in said for each in types):
        response.close()
        raise RemoteFault("unreachable", f"it answers with {said or 'no media type'}, so it is no SPARQL endpoint")
