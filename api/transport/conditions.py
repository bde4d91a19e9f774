"""Conditional requests: is it known already? (RFC 9110, section 13, https://www.rfc-editor.org/rfc/rfc9110#section-13)"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.types import Scope

__all__ = ["http_date", "is_known", "strong_tag", "without_range"]

_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')


def strong_tag(*parts: str | bytes) -> str:
    """A strong validator of a representation: equal for equal parts only.

    >>> strong_tag("text/turtle", b"") != strong_tag("text/turtle", "ko", b"")
    True
    """
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return f'"{digest.hexdigest()[:32]}"'


def http_date(day: str, now: datetime | None = None) -> str:
    """The first second of an ISO day as HTTP writes it; "" for what is no day, or lies ahead (section 8.8.2.1).

    >>> http_date("2020-05-06"), http_date(""), http_date("9999-01-01")
    ('Wed, 06 May 2020 00:00:00 GMT', '', '')
    """
    try:
        moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    except ValueError:
        return ""
    return format_datetime(moment, usegmt=True) if moment <= (now or datetime.now(UTC)) else ""


def is_known(headers: Mapping[str, str], tag: str, modified: str = "") -> bool:
    """Whether the caller of a GET or HEAD has the representation: 304 then (section 13.2.2).

    Entity tags are compared weakly (section 13.1.2); the date counts only where no tag was sent (section 13.1.3).

    >>> is_known({"if-none-match": 'W/"x,y", "z"'}, '"z"'), is_known({"if-none-match": '"a"'}, '"z"')
    (True, False)
    """
    sent = headers.get("if-none-match")
    if sent is not None:
        return sent.strip() == "*" or tag.removeprefix("W/") in _ENTITY_TAG.findall(sent)
    since = _moment(headers.get("if-modified-since", ""))
    last = _moment(modified)
    return bool(since and last and last <= since)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def without_range(scope: Scope) -> Scope:
    """The request as if it had not asked for a range, which a server may pass over (section 14.2)."""
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"range"]}
