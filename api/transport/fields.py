"""The fields of a request as everything behind reads them: one line for each name, and a Host that is one.

RFC 9110, section 5.3 (https://www.rfc-editor.org/rfc/rfc9110#section-5.3): lines of one name are one list. RFC 9112,
section 3.2 (https://www.rfc-editor.org/rfc/rfc9112#section-3.2): 400 where Host lacks, comes twice or is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import MalformedRequest
from api.transport.handlers import refusal
from api.transport.security import Header

__all__ = ["Fields", "combined", "fault_of_host", "shortened"]

_HOST = b"host"
# Of what a caller likes, so much is read: nobody means more, and it is looked through for each answer.
_MOST_PREFERRED = 8192
# RFC 3986, section 3.2.2; an empty name is none for http (RFC 9110, section 4.2.1).
_AUTHORITY = re.compile(
    rb"(?:\[(?:[0-9A-Fa-f:.]+|v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\]"
    rb"|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)(?::[0-9]{0,5})?"
)


class Fields:
    """Wraps an application whose problems have types below `base`."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Join the lines of each field; refuse a request that does not say which host it asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fault = fault_of_host(scope["headers"], scope["http_version"])
        if fault:
            hostless = [header for header in scope["headers"] if header[0] != _HOST]
            request = Request({**scope, "headers": shortened(combined(hostless))}, receive)
            await refusal(request, MalformedRequest(fault), self._base)(request.scope, receive, send)
            return
        await self._app({**scope, "headers": shortened(combined(scope["headers"]))}, receive, send)


def combined(headers: Sequence[Header]) -> Sequence[Header]:
    """One line for each name, in the order of the first ones; names are in lower case.

    >>> combined([(b"accept", b"image/png"), (b"range", b"x"), (b"accept", b"text/csv")])
    [(b'accept', b'image/png, text/csv'), (b'range', b'x')]
    """
    if len({name for name, _ in headers}) == len(headers):
        return headers
    lines: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        lines.setdefault(name, []).append(value)
    return [(name, b", ".join(values)) for name, values in lines.items()]


def shortened(headers: Sequence[Header]) -> Sequence[Header]:
    """The headers with the first of very many elements of Accept and its like (RFC 9110, section 12.1: a hint)."""
    if not any(len(value) > _MOST_PREFERRED for _, value in headers):
        return headers
    return [(name, _first_elements(value) if name.startswith(b"accept") else value) for name, value in headers]


def _first_elements(value: bytes) -> bytes:
    return value if len(value) <= _MOST_PREFERRED else value[:_MOST_PREFERRED].rpartition(b",")[0]


def fault_of_host(headers: Sequence[Header], http_version: str) -> str:
    """What is wrong with the Host of a request, "" for nothing; HTTP/1.0 knows none.

    >>> fault_of_host([(b"host", b"[::1]:8000")], "1.1"), fault_of_host([], "1.0")
    ('', '')
    >>> fault_of_host([(b"host", b'a>; rel="x')], "1.1")
    'The field Host is no name of a host.'
    """
    hosts = [value for name, value in headers if name == _HOST]
    if len(hosts) > 1:
        return f"The field Host stands there {len(hosts)} times."
    if not hosts:
        return "" if http_version == "1.0" else "The field Host is missing."
    return "" if _AUTHORITY.fullmatch(hosts[0]) else "The field Host is no name of a host."
