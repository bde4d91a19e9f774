"""Writing graphs of another engine: SPARQL 1.1 Graph Store HTTP Protocol, https://www.w3.org/TR/sparql11-http-rdf-update/.

Only POST (merge into a graph) and DELETE are used, of which a repetition does no harm; so what a broken connection
leaves open is sent again.
"""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Callable
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request

from api.engine.stores.connection import Endpoint, Line, opener
from graph_builder.errors import KnowledgeGraphError

__all__ = ["ConnectionLost", "GraphStore", "RemoteRefused", "RemoteUnusable"]

_PAUSES = (0.5, 1.0, 2.0, 4.0)
_BROKEN = (URLError, http.client.HTTPException, OSError)
_FULL = re.compile(r"no space|disk full|disk is full|out of disk|ENOSPC|storage full", re.IGNORECASE)
_WRONG = {
    401: "it wants to know who writes, or does not believe it: set KIP_REMOTE_USER and KIP_REMOTE_PASSWORD",
    403: "this user may not write there: name another with KIP_REMOTE_USER and KIP_REMOTE_PASSWORD",
    404: "nothing is there: name the engine's graph store with --graph-store",
    405: "it takes no graphs: name the engine's graph store with --graph-store",
    415: "it takes no N-Triples, so it is no graph store",
    501: "it takes no graphs: name the engine's graph store with --graph-store",
}


class RemoteUnusable(KnowledgeGraphError):
    """The URL or the user is wrong: nothing can be written there."""


class RemoteRefused(KnowledgeGraphError):
    """The engine refuses or fails."""


class ConnectionLost(KnowledgeGraphError):
    """The engine does not answer, not even after some pauses."""


class GraphStore:
    """The graphs of an engine behind one URL, by their names."""

    def __init__(self, endpoint: Endpoint, wait: Callable[[float], None] = time.sleep) -> None:
        self._url = endpoint.url
        self._line = Line(endpoint, endpoint.dial)
        self._opener = opener(endpoint, self._line)
        self._wait = wait

    def close(self) -> None:
        """End the connection."""
        self._line.hang_up()

    def add(self, graph: str, ntriples: str) -> None:
        """Merge triples into a graph. Raises RemoteUnusable, RemoteRefused, ConnectionLost."""
        headers = {"Content-Type": "application/n-triples"}
        self._send(Request(self._place(graph), ntriples.encode(), headers, method="POST"))

    def remove(self, graph: str) -> None:
        """Remove a graph, or find that there is none. Raises RemoteUnusable, RemoteRefused, ConnectionLost."""
        self._send(Request(self._place(graph), method="DELETE"), absent=True)

    def _place(self, graph: str) -> str:
        return f"{self._url}{'&' if '?' in self._url else '?'}graph={quote(graph, safe='')}"

    def _send(self, request: Request, absent: bool = False) -> None:
        for pause in (*_PAUSES, None):
            try:
                self._opener.open(request).read()
                return
            except HTTPError as error:
                with error:
                    # "" where urllib gave up by itself, in Python before 3.11.4
                    said = str(error.read(4096) or b"", "utf-8", "replace")
                if absent and error.code == 404:
                    return
                if pause is None or error.code not in (429, 502, 503, 504):
                    raise self._refusal(error.code, said) from error
            except _BROKEN as error:
                if pause is None:
                    raise ConnectionLost(f"{self._url} does not answer: {error}") from error
            self._wait(pause)

    def _refusal(self, status: int, said: str) -> KnowledgeGraphError:
        line = next((line.strip() for line in said.splitlines() if line.strip()), "")[:200]
        if status == 507 or _FULL.search(said):
            return RemoteRefused(f"{self._url}: the disk of the engine is full ({line or status}); make room there")
        if status in _WRONG:
            return RemoteUnusable(f"{self._url}: {_WRONG[status]}")
        return RemoteRefused(f"{self._url} answers {status}: {line or 'without a word'}")
