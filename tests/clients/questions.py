"""What every client asks, and what it must be told."""

from __future__ import annotations

import pytest

__all__ = ["ALWAYS", "ASK", "CONSTRUCT", "NAMES", "NEVER", "SELECT", "skip_unless"]

_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
_BANK = "<https://w3id.org/kip/id/org/shinhan-bank>"
SELECT = f"SELECT ?name WHERE {{ <https://w3id.org/kip/id/org/kcci> {_LABEL} ?name }}"
NAMES = {"대한상공회의소", "Korea Chamber of Commerce and Industry"}
# The IRI has Hangul too, percent-encoded on the way.
ASK = f"ASK {{ <https://w3id.org/kip/id/org/신한은행> <http://www.w3.org/2002/07/owl#sameAs> [ {_LABEL} ?name ] }}"
_WHERE = f"{{ {_BANK} {_LABEL} ?name FILTER(LANG(?name) = 'ko') }}"
CONSTRUCT = f"CONSTRUCT {{ {_BANK} <http://e.org/은행명> ?name }} WHERE {_WHERE}"
ALWAYS = '<https://w3id.org/kip/id/org/shinhan-bank> <http://e.org/은행명> "신한은행"@ko .'
NEVER = "ASK { <http://e.org/nobody> ?p ?o }"


def skip_unless(there: bool, what: str) -> None:
    """Skip a test that needs what is not there."""
    if not there:
        pytest.skip(f"{what} is not there; the set-up of the tests installs it where it can")
