"""The one place where an IRI of the data becomes a path of this server, whatever host it runs on, and back.

Cool URIs for the Semantic Web, 303 URIs: https://www.w3.org/TR/cooluris/#r303gendocument
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

__all__ = ["Links", "Parameters", "normalise"]

Parameters = Mapping[str, str | int | tuple[str, ...] | None]
_SAFE = "/:@!$'()*,;=~+"
_WEB = ("http://", "https://")


def normalise(text: str) -> str:
    """A name in a path as the data would write it: Unicode normal form C (macOS sends form D), no blanks around.

    >>> normalise(unicodedata.normalize("NFD", "산업부 ")) == "산업부"
    True
    """
    return unicodedata.normalize("NFC", text).strip()


@dataclass(frozen=True, slots=True)
class Links:
    """Paths of this server; `base` is the base IRI of the data, `root` where the server is mounted ("" at the top).

    >>> links = Links("https://w3id.org/kip/")
    >>> links.page("https://w3id.org/kip/id/program/ai-factory")
    '/page/program/ai-factory'
    >>> links.data("https://w3id.org/kip/id/program/ai-factory", "ttl")
    '/data/program/ai-factory.ttl'
    """

    base: str
    root: str = ""

    def unversioned(self, version: str) -> Links:
        """The same where the server itself is mounted, rather than the release below `/v/<version>`.

        >>> Links("https://w3id.org/kip/", "/kip/v/2020-05-06").unversioned("2020-05-06").path("r/0")
        '/kip/r/0'
        """
        return replace(self, root=self.root.removesuffix(f"/v/{version}"))

    def ours(self, iri: str) -> bool:
        """Whether this server answers for the IRI."""
        return iri.startswith(self.base)

    def tail(self, iri: str) -> str:
        """The part of an IRI of ours after the base, "" for any other."""
        return iri[len(self.base) :] if self.ours(iri) else ""

    def iri(self, tail: str) -> str:
        """The IRI of the data with this part after the base."""
        return self.base + tail

    def path(self, tail: str, parameters: Parameters | None = None) -> str:
        """A path of this server, percent-encoded, with the parameters that are not None.

        >>> Links("https://w3id.org/kip/").path("ko/산업부", {"lang": "en", "page": None})
        '/ko/%EC%82%B0%EC%97%85%EB%B6%80?lang=en'
        """
        given = {name: value for name, value in (parameters or {}).items() if value is not None}
        return f"{self.root}/{quote(tail, safe=_SAFE)}" + (f"?{urlencode(given, doseq=True)}" if given else "")

    def identifier(self, iri: str) -> str:
        """The path that stands for the thing itself: `/id/...` (303), `/def/...`, `/scheme/...`."""
        return self.path(self.tail(iri))

    def page(self, iri: str) -> str:
        """The path of the HTML page about an IRI of ours."""
        tail = self.tail(iri)
        return self.path("page/" + tail.removeprefix("id/") if tail.startswith("id/") else tail)

    def data(self, iri: str, suffix: str, parameters: Parameters | None = None) -> str:
        """The path of the description of an IRI of ours in the format of the suffix."""
        tail = self.tail(iri)
        stem = "data/" + tail.removeprefix("id/") if tail.startswith("id/") else tail
        return self.path(f"{stem}.{suffix}" if suffix else stem, parameters)

    def href(self, iri: str) -> str:
        """Where a reader is led: the page here, the web address elsewhere, "" for anything that is no web address."""
        if self.ours(iri):
            return self.page(iri)
        return iri if iri.startswith(_WEB) else ""

    def listing(self, kind: str, page: int | None = None) -> str:
        """The path of the list of all things of a kind."""
        return self.path(f"list/{kind}", {"page": page})

    def linked(self, iri: str, direction: str, property_: str) -> str:
        """The path of everything that one property links with a thing; `direction` is in or out."""
        return f"{self.page(iri)}?{urlencode({'direction': direction, 'property': property_})}"

    def canned(self, query: str, parameters: Parameters | None = None) -> str:
        """The path of a canned query as JSON and the other result formats."""
        return self.path(f"api/queries/{query}", parameters)

    def form(self, query: str = "", parameters: Parameters | None = None) -> str:
        """The path of the HTML form of a canned query, or of the plain SPARQL form."""
        return self.path(f"query/{query}" if query else "query", parameters)

    def static(self, name: str) -> str:
        """The path of a file of the server's own."""
        return self.path(f"static/{name}")
