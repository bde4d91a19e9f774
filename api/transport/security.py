"""What a browser is told to obey with every answer, and what nobody is told.

Content Security Policy 3 (https://www.w3.org/TR/CSP3/), Fetch (https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header),
RFC 6797 (Strict-Transport-Security).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["Header", "completed", "guards"]

Header = tuple[bytes, bytes]

# An answer that is shown by itself shows nothing and is shown in nothing; pages bring a policy of their own.
_ALWAYS: dict[str, str] = {
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    # The data is open: any page may use it.
    "cross-origin-resource-policy": "cross-origin",
}


def guards(hsts_seconds: int = 0) -> tuple[Header, ...]:
    """The headers for every answer; Strict-Transport-Security only where the server is reached by HTTPS."""
    extra = {"strict-transport-security": f"max-age={hsts_seconds}"} if hsts_seconds else {}
    return tuple((name.encode(), value.encode()) for name, value in {**_ALWAYS, **extra}.items())


def completed(headers: Iterable[Header], wanted: Sequence[Header]) -> list[Header]:
    """The headers with those that are wanted and not there yet.

    >>> completed([(b"X-Frame", b"1")], [(b"x-frame", b"2"), (b"server", b"")])
    [(b'X-Frame', b'1'), (b'server', b'')]
    """
    given = list(headers)
    names = {name.lower() for name, _ in given}
    given += [header for header in wanted if header[0] not in names]
    return given
