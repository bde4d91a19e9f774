"""The one way out: pages, descriptions, redirects and problems with the headers that say which representation it is.

RFC 9110, section 8.8 (validators) and section 12.5.5 (Vary), https://www.rfc-editor.org/rfc/rfc9110; RFC 8288 (Link).
Every representation may be kept and is asked for again with its validators: which release is served may change at any
moment, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import time
from typing import Any

from fastapi import Request
from markupsafe import Markup
from starlette.responses import Response

from api.descriptions.neighbourhood import Name
from api.descriptions.representations import HTML
from api.errors import Problem, problem_json
from api.releases import Release
from api.transport.conditions import http_date, is_known, strong_tag
from api.transport.formats import Format
from api.transport.negotiation import prefers
from api.versions.mementos import versions
from api.views.pages import Frame, Page, ProblemPage, render
from api.wording.problems import telling

__all__ = [
    "HTML",
    "alternates",
    "data",
    "html",
    "last_modified",
    "problem_page",
    "see_other",
    "validators",
    "wants_page",
]

# No script, no frame, nothing from elsewhere: https://www.w3.org/TR/CSP3/
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Of the few pages that offer names while one is typed.
_SCRIPTED = f"{_POLICY}; script-src 'self'; connect-src 'self'"
_GUARDS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def wants_page(request: Request, rows: Iterable[Format]) -> bool:
    """Whether the caller asks for HTML by name, and likes it as much as any of the data formats."""
    return prefers(request.headers.get("accept"), HTML, tuple(rows))


def html(
    request: Request,
    page: Page,
    frame: Frame,
    links: Iterable[str] = (),
    status: int = 200,
    vary: str = "Accept-Language",
    structured: str = "",
) -> Response:
    """A page, with its language, its validators and the guards that a browser obeys.

    `structured` says the same for machines, as JSON-LD that may stand in a page.
    """
    body = render(page, replace(frame, structured=Markup(structured))).encode()
    policy = _SCRIPTED if page.scripted else _POLICY
    headers = {**_GUARDS, "Content-Security-Policy": policy, "Content-Language": frame.language, "Vary": vary}
    return _validated(request, body, f"{HTML}; charset=utf-8", headers, links, status)


def data(
    request: Request,
    body: bytes,
    row: Format,
    links: Iterable[str] = (),
    location: str = "",
    profile: str = "",
    vary: str = "",
) -> Response:
    """A description in an RDF format, of the profile with this IRI.

    `location` is its own path where Accept chose it and not the request's path; `vary` is what else chose it.
    """
    headers = {"X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": "*"}
    if location:
        headers["Content-Location"] = location
    if profile:
        headers["Content-Profile"] = f"<{profile}>"
    chosen = [*(["Accept"] if location else []), *(name.strip() for name in vary.split(",") if name.strip())]
    if chosen:
        headers["Vary"] = ", ".join(dict.fromkeys(chosen))
    return _validated(request, body, row.content_type, headers, links, 200)


def see_other(path: str, links: Iterable[str] = (), vary: str = "Accept") -> Response:
    """303: the thing is not a document, and what is said of it stands elsewhere."""
    headers = {"Location": path, "Vary": vary, "Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
    return Response(status_code=303, headers=_linked(headers, links))


def alternates(
    paths: Mapping[str, str], canonical: str = "", describes: str = "", languages: Mapping[str, str] | None = None
) -> list[str]:
    """The values of Link: the canonical path, the IRI described (RFC 6892), each media type and each language.

    >>> alternates({"text/turtle": "/data/org/kcci.ttl"}, describes="https://w3id.org/kip/id/org/kcci")[0]
    '<https://w3id.org/kip/id/org/kcci>; rel="describes"'
    """
    values = [
        f'<{target}>; rel="{name}"' for name, target in (("canonical", canonical), ("describes", describes)) if target
    ]
    values += [f'<{path}>; rel="alternate"; type="{media_type}"' for media_type, path in paths.items()]
    return values + [f'<{path}>; rel="alternate"; hreflang="{tag}"' for tag, path in (languages or {}).items()]


def problem_page(request: Request, problem: Problem, frame: Frame) -> Response:
    """The problem as a page where the caller asks for HTML, else as `application/problem+json`."""
    if not wants_page(request, ()):
        response = problem_json(request, problem)
        response.headers["Vary"] = _also(response.headers.get("Vary", ""), "Accept")
        return response
    alternatives = tuple(str(each["media_type"]) for each in problem.members.get("alternatives", ()))
    nearest = _nearest(problem, frame)
    hint = "" if nearest else problem.hint
    told = telling(problem.type.rpartition("/")[2], problem.status, problem.members.get("limit"))
    page = ProblemPage(
        Name(told.happened["ko"], told.happened["en"]),
        problem.status,
        told,
        problem.detail,
        hint,
        problem.members.get("reason", {}),
        tuple(fault for fault in problem.members.get("faults", ()) if "said" in fault),
        nearest,
        alternatives,
    )
    headers = {**_GUARDS, **problem.headers, "Content-Language": frame.language, "Cache-Control": "no-store"}
    headers["Vary"] = _also(problem.headers.get("Vary", ""), "Accept", "Accept-Language")
    return Response(render(page, frame), problem.status, headers, f"{HTML}; charset=utf-8")


def _nearest(problem: Problem, frame: Frame) -> tuple[tuple[str, str], ...]:
    faults = problem.members.get("faults", ())
    named = [*problem.members.get("nearest", ()), *(each for fault in faults for each in fault.get("nearest", ()))]
    return tuple(_suggestion(each, frame) for each in named)


def _suggestion(each: Any, frame: Frame) -> tuple[str, str]:
    if not isinstance(each, Mapping):
        return str(each), ""
    label = Name(each["label"].get("ko", ""), each["label"].get("en", "")).first(frame.language)
    return label or each["curie"], frame.links.href(each["iri"])


def validators(request: Request, *parts: str | bytes) -> dict[str, str]:
    """The headers by which a representation made of these parts is known again: ETag, Last-Modified, Cache-Control."""
    release: Release = request.app.state.release
    return {"ETag": strong_tag(*parts), **last_modified(release, release.version), "Cache-Control": "no-cache"}


def last_modified(release: Release, version: str) -> dict[str, str]:
    """Last-Modified for what is of a release beside this one: its moment.

    None where that is only a day, which releases may have in common (RFC 9110, section 8.8.2.1).
    """
    moment = next((each.moment for each in versions(release) if each.version == version), None)
    date = http_date(moment if moment and moment.time() != time.min else None)
    return {"Last-Modified": date} if date else {}


def _validated(
    request: Request, body: bytes, content_type: str, headers: Mapping[str, str], links: Iterable[str], status: int
) -> Response:
    """The body with its validators, or 304 where the caller has it already."""
    variant = [headers.get(name, "") for name in ("Content-Language", "Content-Profile")]
    known = validators(request, content_type, *variant, body)
    given = _linked({**headers, **known}, links)
    if status == 200 and is_known(request.headers, known["ETag"], known.get("Last-Modified", "")):
        return Response(status_code=304, headers=given)
    return Response(body, status, {**given, "Content-Type": content_type})


def _linked(headers: Mapping[str, str], links: Iterable[str]) -> dict[str, str]:
    value = ", ".join(links)
    return {**headers, "Link": value} if value else dict(headers)


def _also(vary: str, *names: str) -> str:
    present = [each.strip() for each in vary.split(",") if each.strip()]
    return ", ".join([*present, *(name for name in names if name not in present)])
