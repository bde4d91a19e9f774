"""What Schemathesis is told about generated requests, before it judges the answers.

https://schemathesis.readthedocs.io/en/stable/guides/extending/
"""

from __future__ import annotations

from collections.abc import Mapping

import schemathesis

__all__ = ["filter_query"]


@schemathesis.hook
def filter_query(context: schemathesis.HookContext, query: Mapping[str, object] | None) -> bool:
    """Leave out empty values: a field of a form that nobody filled in is as good as none (allowEmptyValue)."""
    return not any(
        value in ("", [""], None) or (isinstance(value, str) and not value.strip()) for value in (query or {}).values()
    )
