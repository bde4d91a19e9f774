"""Fields as the query of an address and a form have them, decoded once.

https://url.spec.whatwg.org/#application/x-www-form-urlencoded
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from api.errors import MalformedRequest, QueryTooLong
from api.limits import told

__all__ = ["FORM", "MAX_FIELDS", "read_fields"]

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 1000


def read_fields(encoded: bytes) -> list[tuple[str, str]]:
    """The names and values, in their order. Raises QueryTooLong, and MalformedRequest for what is no UTF-8.

    >>> read_fields(b"query=ASK+%7B%7D&lang=")
    [('query', 'ASK {}'), ('lang', '')]
    """
    if encoded.count(b"&") >= MAX_FIELDS:
        raise QueryTooLong(
            f"A request has at most {MAX_FIELDS} fields.", limit=told("request-fields", MAX_FIELDS, "fields")
        )
    try:
        return parse_qsl(encoded.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise MalformedRequest(
            f"The parameters are not percent-encoded UTF-8: {error}.", hint="Encode the query once, as a form does."
        ) from error
