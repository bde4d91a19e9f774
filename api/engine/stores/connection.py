"""HTTP/1.1 (RFC 9112) with the one endpoint of a remote store, over TLS where it has it, on one kept connection."""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit
from urllib.request import (
    BaseHandler,
    HTTPBasicAuthHandler,
    HTTPDefaultErrorHandler,
    HTTPDigestAuthHandler,
    HTTPErrorProcessor,
    HTTPPasswordMgrWithDefaultRealm,
    OpenerDirector,
    Request,
)

from api.engine.connector import Dial, connected
from graph_builder.errors import ReleaseError

__all__ = ["Endpoint", "Line", "opener"]

_STALE = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A SPARQL endpoint: its URL, who asks, and where it listens."""

    url: str
    user: str = ""
    password: str = ""

    @property
    def parts(self) -> SplitResult:
        """The URL in its parts."""
        return urlsplit(self.url)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return self.parts.hostname or "", self.parts.port or (443 if self.parts.scheme == "https" else 80)

    def checked(self) -> Endpoint:
        """This endpoint. Raises ReleaseError where its URL cannot be asked."""
        try:
            usable = self.parts.scheme in ("http", "https") and all(self.address)
        except ValueError:
            usable = False
        if not usable or self.parts.username is not None or self.parts.fragment:
            raise ReleaseError(
                "KIP_REMOTE_URL must be the http or https URL of a SPARQL endpoint, as http://127.0.0.1:7878/query; "
                "a user and a password are given as KIP_REMOTE_USER and KIP_REMOTE_PASSWORD"
            )
        return self

    def dial(self) -> socket.socket:
        """A new connection, opened by this process."""
        return connected(self.address)


def opener(endpoint: Endpoint, line: Line) -> OpenerDirector:
    """What opens requests of `urllib` on a line to the endpoint; it follows no redirection, uses no proxy."""
    made = OpenerDirector()
    for handler in (line, HTTPErrorProcessor(), HTTPDefaultErrorHandler()):
        made.add_handler(handler)
    if endpoint.user:
        passwords = HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, endpoint.url, endpoint.user, endpoint.password)
        made.add_handler(_Digest(passwords))
        made.add_handler(HTTPBasicAuthHandler(passwords))
    return made


class _Digest(HTTPDigestAuthHandler):
    """Digest authentication (RFC 7616); its count of tries ends with the request, even where that ends in an error."""

    def http_error_401(self, req: Request, fp: Any, code: int, msg: str, headers: Any) -> Any:
        """The request again, with credentials."""
        try:
            return super().http_error_401(req, fp, code, msg, headers)
        finally:
            self.reset_retry_count()


class _Connection(http.client.HTTPConnection):
    """HTTP on a connection that somebody else opened."""

    def __init__(self, endpoint: Endpoint, dial: Dial, context: ssl.SSLContext | None) -> None:
        super().__init__(*endpoint.address)
        self._dial = dial
        self._context = context

    def connect(self) -> None:
        """Ask for a connection, and secure it where the endpoint is."""
        opened = self._dial()
        self.sock = opened if self._context is None else self._context.wrap_socket(opened, server_hostname=self.host)


class Line(BaseHandler):
    """The one connection that is used again as long as both ends keep it."""

    def __init__(self, endpoint: Endpoint, dial: Dial) -> None:
        context = ssl.create_default_context() if endpoint.parts.scheme == "https" else None
        self._connection = _Connection(endpoint, dial, context)
        self._origin = endpoint.parts[:2]
        self._last: http.client.HTTPResponse | None = None

    def http_open(self, request: Request) -> http.client.HTTPResponse:
        """The response to a request; sent a second time where a kept connection turns out to be closed."""
        if urlsplit(request.full_url)[:2] != self._origin:
            raise ConnectionError(f"{request.full_url} is not of the endpoint")
        if self._last is not None and not self._last.isclosed():
            self._last.close()
            self._connection.close()
        kept = self._connection.sock is not None
        try:
            return self._exchange(request)
        except _STALE:
            if not kept:
                raise
            return self._exchange(request)

    https_open = http_open

    def hang_up(self) -> None:
        """Close the connection."""
        if self._last is not None:
            self._last.close()
        self._connection.close()

    def _exchange(self, request: Request) -> http.client.HTTPResponse:
        headers = {**request.headers, **request.unredirected_hdrs}
        try:
            self._connection.request(request.get_method(), request.selector, request.data, headers)
            response = self._connection.getresponse()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        # What urllib expects of a response.
        vars(response).update(url=request.full_url, msg=response.reason)
        self._last = response
        return response
