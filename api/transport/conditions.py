"""Conditional requests: is it known already, and is it still what the caller takes it for?

RFC 9110, section 13, https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.types import Scope

from api.errors import PreconditionFailed

__all__ = ["http_date", "is_known", "strong_tag", "without_range"]

_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')
# With its mark where it is weak.
_TAG = re.compile(r'(?:W/)?"[^"]*"')


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


def http_date(moment: datetime | None, now: datetime | None = None) -> str:
    """A moment as HTTP writes it; "" for none, or one that lies ahead (section 8.8.2.1).

    >>> http_date(datetime(2020, 5, 6, tzinfo=UTC)), http_date(None), http_date(datetime(9999, 1, 1, tzinfo=UTC))
    ('Wed, 06 May 2020 00:00:00 GMT', '', '')
    """
    if moment is None or moment > (now or datetime.now(UTC)):
        return ""
    return format_datetime(moment, usegmt=True)


def is_known(headers: Mapping[str, str], tag: str, modified: str = "") -> bool:
    """Whether the caller of a GET or HEAD has the representation: 304 then (section 13.2.2).

    Raises PreconditionFailed where it is not the one that the caller asks for. To be asked for what would be answered
    with 200 only (section 13.2.1). Tags are compared weakly (section 13.1.2), in If-Match strongly (section 13.1.1);
    a date counts only where no tag was sent in its place (sections 13.1.3 and 13.1.4).

    >>> is_known({"if-none-match": 'W/"x,y", "z"'}, '"z"'), is_known({"if-none-match": '"a"'}, '"z"')
    (True, False)
    """
    _expect(headers, tag, modified)
    sent = headers.get("if-none-match")
    if sent is not None:
        return sent.strip() == "*" or tag.removeprefix("W/") in _ENTITY_TAG.findall(sent)
    since = _moment(headers.get("if-modified-since", ""))
    last = _moment(modified)
    return bool(since and last and last <= since)


def _expect(headers: Mapping[str, str], tag: str, modified: str) -> None:
    wanted = headers.get("if-match")
    if wanted is not None:
        if wanted.strip() != "*" and (tag.startswith("W/") or tag not in _TAG.findall(wanted)):
            weak = ", which is weak and never matches" if tag.startswith("W/") else ""
            raise PreconditionFailed(f"If-Match lacks the tag of this representation, {tag}{weak}.", tag=tag)
        return
    since = _moment(headers.get("if-unmodified-since", ""))
    last = _moment(modified)
    if since and last and last > since:
        raise PreconditionFailed(f"This is of {modified}, after the date of If-Unmodified-Since.", tag=tag)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def without_range(scope: Scope) -> Scope:
    """The request as if it had not asked for a range, which a server may pass over (section 14.2)."""
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"range"]}
