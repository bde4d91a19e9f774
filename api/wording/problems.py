"""What a problem tells its reader in Korean and in English: what happened, what to do, and which limit was met.

The keys are the types of problem documents (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457#section-3.1.1) and the
names of limits; the technical detail of a problem is in English only and stands beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.wording.display import LANGUAGES, Language, number

__all__ = ["LIMITS", "PROBLEMS", "UNITS", "Said", "Telling", "telling"]

Said = Mapping[Language, str]
_Words = tuple[str, str]
_NARROW = ("조건을 더하거나 LIMIT을 써서 질의를 좁힌다.", "Narrow the query by conditions, or by LIMIT.")
_HOSTS = (
    "서버를 부르는 이름이 KIP_AGENT_HOSTS에 있는지 운영자에게 묻는다.",
    "Ask the operator whether KIP_AGENT_HOSTS has the name that the server is called by.",
)

PROBLEMS: Mapping[str, tuple[_Words, _Words]] = {
    "request-error": (
        ("요청에 답할 수 없다", "The request cannot be answered"),
        ("아래 설명을 보고 요청을 고친다.", "Change the request as the explanation below says."),
    ),
    "malformed-request": (
        ("요청을 읽을 수 없다", "The request cannot be read"),
        (
            "빠뜨렸거나, 두 번 썼거나, 잘못 쓴 조건이 없는지 살핀다.",
            "Look for a parameter that is missing, given twice or badly written.",
        ),
    ),
    "query-syntax": (
        ("질의가 SPARQL 문법에 맞지 않는다", "The query does not parse"),
        (
            "아래에 적힌 자리의 앞뒤에서 괄호, 마침표, 따옴표와 접두어를 살핀다.",
            "Look at brackets, full stops, quotation marks and prefixes near the place that is told below.",
        ),
    ),
    "query-too-complex": (
        ("질의의 괄호가 너무 깊다", "The query nests too deeply"),
        ("괄호를 줄이거나 질의를 여럿으로 나눈다.", "Nest fewer brackets, or split the query."),
    ),
    "query-refused": (
        ("허용되지 않는 질의이다", "The query is refused"),
        (
            "이 서버는 자기 데이터를 읽기만 한다. SERVICE, LOAD, 갱신을 빼고 다시 묻는다.",
            "This server only reads its own data: ask again without SERVICE, LOAD and updates.",
        ),
    ),
    "origin-refused": (
        ("이 출처의 페이지에서는 부를 수 없다", "Pages of this origin may not call"),
        _HOSTS,
    ),
    "not-found": (
        ("찾는 것이 없다", "Nothing here"),
        (
            "주소를 잘못 쓰지 않았는지 살피거나, 위의 칸에서 이름으로 찾는다.",
            "See whether the address is written as it should be, or look for the name in the box above.",
        ),
    ),
    "method-not-allowed": (
        ("이 주소에서 할 수 없는 일이다", "This cannot be done here"),
        (
            "할 수 있는 메서드는 응답의 Allow 헤더에 있다.",
            "The header Allow of the answer lists the methods that can be used.",
        ),
    ),
    "not-acceptable": (
        ("요청한 형식이 없다", "No acceptable representation"),
        ("아래에 있는 형식 가운데 하나를 고른다.", "Choose one of the formats below."),
    ),
    "moved-permanently": (
        ("다른 식별자로 옮겨 갔다", "Known under another identifier"),
        ("아래의 새 식별자를 쓴다.", "Use the new identifier, which is told below."),
    ),
    "gone": (
        ("더 쓰지 않는다", "No longer in use"),
        (
            "이어받은 것은 없다. 최신 릴리스에서 이름으로 찾는다.",
            "Nothing took its place. Look for the name in the latest release.",
        ),
    ),
    "precondition-failed": (
        ("그 사이에 바뀌었다", "It has changed meanwhile"),
        ("조건을 붙이지 않고 다시 받는다.", "Ask for it again without the condition."),
    ),
    "query-too-long": (
        ("보낸 것이 너무 길다", "What was sent is too long"),
        ("줄이거나 여러 번에 나누어 보낸다.", "Shorten it, or send it in parts."),
    ),
    "unsupported-media-type": (
        ("읽지 않는 형식으로 보냈다", "What was sent is of a type that is not read"),
        ("아래에 적힌 미디어 유형과 UTF-8로 보낸다.", "Send it as the media type that is told below, in UTF-8."),
    ),
    "misdirected": (
        ("이 서버의 이름이 아니다", "The server is not called by this name"),
        _HOSTS,
    ),
    "unprocessable-value": (
        ("쓸 수 없는 값이 있다", "A value cannot be used"),
        ("아래에 적힌 값을 고쳐 다시 묻는다.", "Mend the value that is told below, and ask again."),
    ),
    "share-spent": (
        ("쓸 수 있는 몫을 다 썼다", "Your share of the engine is used up"),
        (
            "몫은 저절로 다시 찬다. 조금 뒤에 다시 묻는다.",
            "The share fills up again by itself: ask again in a while.",
        ),
    ),
    "caller-gone": (
        ("답하기 전에 연결이 끊겼다", "The connection ended before the answer"),
        ("다시 묻는다.", "Ask again."),
    ),
    "query-failed": (
        ("질의를 계산하지 못했다", "The query failed"),
        ("질의를 좁히거나 달리 써서 다시 묻는다.", "Narrow the query or write it otherwise, and ask again."),
    ),
    "server-busy": (
        ("지금은 바쁘다", "The server is busy"),
        ("잠시 뒤에 다시 시도한다.", "Try again shortly."),
    ),
    "link-not-kept": (
        ("영구 링크를 만들 수 없다", "The link cannot be kept"),
        (
            "나중에 다시 시도하거나, 릴리스가 든 주소(/v/로 시작)를 적어 둔다.",
            "Try again later, or note the address that has the release in it, below /v/.",
        ),
    ),
    "release-unavailable": (
        ("이 릴리스를 열 수 없다", "The release cannot be opened"),
        ("최신 릴리스에서 보거나 나중에 다시 시도한다.", "Use the latest release, or try again later."),
    ),
    "search-unavailable": (
        ("이 릴리스에는 이름 색인이 없다", "The release has no index of names"),
        ("식별자로 찾거나 종류별 목록에서 고른다.", "Use identifiers, or choose from the lists by kind."),
    ),
    "query-timeout": (("질의가 너무 오래 걸렸다", "The query took too long"), _NARROW),
    "resource-exceeded": (("질의가 허용된 자원을 넘었다", "The query needs more than it may use"), _NARROW),
    "unexpected": (
        ("서버에 문제가 생겼다", "Something went wrong in the server"),
        (
            "다시 시도한다. 그래도 안 되면 아래의 식별자를 운영자에게 알린다.",
            "Try again. If it happens again, tell the operator the identifier below.",
        ),
    ),
}
# Of what the framework refuses, and of what has no words.
_BY_STATUS = {404: "not-found", 405: "method-not-allowed"}
_OTHER, _UNEXPECTED = "request-error", "unexpected"

LIMITS: Mapping[str, _Words] = {
    "query-seconds": ("질의 하나를 계산하는 시간", "time for a query"),
    "query-memory": ("질의 하나가 쓰는 메모리", "memory for a query"),
    "result-rows": ("답의 행", "rows of an answer"),
    "result-bytes": ("답의 크기", "size of an answer"),
    "workers": ("한꺼번에 계산하는 질의", "queries evaluated at a time"),
    "queue": ("차례를 기다리는 질의", "queries that wait their turn"),
    "client-seconds": ("한 주소가 5분 동안 쓰는 계산 시간", "time of the engine for one address in five minutes"),
    "client-errors": (
        "한 주소에서 5분 동안 한도에 걸려 끝난 질의",
        "queries of one address that ended by a limit in five minutes",
    ),
    "client-connections": ("한 주소의 연결", "connections of one address"),
    "request-seconds": ("요청을 보내는 시간", "time to send a request"),
    "query-bytes": ("질의의 길이", "length of a query"),
    "request-bytes": ("요청 본문의 길이", "length of the body of a request"),
    "address-bytes": ("주소의 길이", "length of an address"),
    "head-bytes": ("요청 머리의 길이", "length of the head of a request"),
    "request-fields": ("요청의 항목", "fields of a request"),
    "query-depth": ("겹친 괄호", "nested brackets"),
    "job-bytes": ("질의와 거기에 적은 그래프의 길이", "length of a query and the graphs that it names"),
    "explain-bytes": ("까닭을 찾는 질의의 길이", "length of a query that is explained"),
    "reconcile-batch": ("한 번에 맞추는 질의", "queries matched at once"),
    "reconcile-query": ("맞추는 이름의 길이", "length of a name that is matched"),
    "reconcile-extend": ("한 번에 덧붙이는 항목", "things extended at once"),
    "older-releases": ("이전 릴리스가 열리기를 기다리는 요청", "requests that wait for an older release"),
}
# In Korean a counter follows the number; in English what is counted is said by the name of the limit.
UNITS: Mapping[str, _Words] = {
    "s": ("초", " s"),
    "B": ("바이트", " bytes"),
    "MiB": (" MiB", " MiB"),
    "characters": ("자", " characters"),
    "rows": ("행", ""),
    "brackets": ("겹", ""),
    "queries": ("개", ""),
    "connections": ("개", ""),
    "requests": ("개", ""),
    "fields": ("개", ""),
    "things": ("개", ""),
}


@dataclass(frozen=True, slots=True)
class Telling:
    """A problem in both languages: what happened, what to do, and the limit that was met, empty where none was."""

    happened: Said
    advice: Said
    limit: Said


def telling(kind: str, status: int, limit: Mapping[str, Any] | None = None) -> Telling:
    """What to tell of a problem of this type and status, and of the limit as `api.limits.told` writes it.

    >>> met = {"name": "query-seconds", "value": 10.0, "unit": "s", "setting": "KIP_QUERY_SECONDS"}
    >>> told = telling("query-timeout", 504, met)
    >>> told.happened["ko"], told.limit["ko"], told.limit["en"]
    ('질의가 너무 오래 걸렸다', '한도: 질의 하나를 계산하는 시간 10초', 'Limit: time for a query, 10 s')
    """
    known = kind if kind in PROBLEMS else _BY_STATUS.get(status, _OTHER if status < 500 else _UNEXPECTED)
    happened, advice = PROBLEMS[known]
    return Telling(_by_language(happened), _by_language(advice), _limit(limit) if limit else {})


def _limit(limit: Mapping[str, Any]) -> Said:
    name, value = str(limit["name"]), number(str(limit["value"]))
    names, units = LIMITS.get(name, (name, name)), UNITS.get(str(limit["unit"]), (f" {limit['unit']}",) * 2)
    return {"ko": f"한도: {names[0]} {value}{units[0]}", "en": f"Limit: {names[1]}, {value}{units[1]}"}


def _by_language(words: _Words) -> Said:
    return dict(zip(LANGUAGES, words, strict=True))
