"""Connections: quick for who asks and reads, short for who does neither.

Head and body of a small answer leave in one piece: one system call, one packet, one wake-up, where asyncio's transports
(https://docs.python.org/3/library/asyncio-protocol.html#transports) send what is written at once. A request must arrive
in time as a whole, an answer must be taken, and one address has a bounded number of connections.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

import orjson

from api.engine.fairness import client_of
from api.limits import told

if TYPE_CHECKING:

    class FastestProtocol(asyncio.Protocol):
        """What both of uvicorn's protocols have."""

        loop: asyncio.AbstractEventLoop
        transport: asyncio.Transport
        cycle: Any
        url: bytes
        flow: Any
        server_state: Any
        timeout_keep_alive: float
        timeout_keep_alive_task: asyncio.TimerHandle | None

        def __init__(self, *arguments: Any, **named: Any) -> None: ...

        def on_message_begin(self) -> None: ...

        def on_url(self, url: bytes) -> None: ...

        def on_headers_complete(self) -> None: ...

        def on_body(self, body: bytes) -> None: ...

        def on_message_complete(self) -> None: ...

        def timeout_keep_alive_handler(self) -> None: ...

        def _unset_keepalive_if_required(self) -> None: ...

else:
    from uvicorn.protocols.http.auto import AutoHTTPProtocol as FastestProtocol

__all__ = ["Bounds", "Front", "JoiningProtocol", "JoiningTransport", "bounded"]

# More than that is not held back.
_MOST = 64 * 1024
# What parses addresses counts in 16 bits.
_MOST_ADDRESS = 65_535
_MOST_HEAD = 512 * 1024
# So long a closed connection may take to hand over what is still to be sent.
_LINGER_SECONDS = 30.0
# So long what a refused caller goes on sending is thrown away: closed at once, he might never read why.
_DRAIN_SECONDS = 2.0
_END_OF_HEAD = b"\r\n\r\n"

_HEAD_LIMIT = told("head-bytes", _MOST_HEAD, "B")
_ADDRESS_LIMIT = told("address-bytes", _MOST_ADDRESS, "B")

# Requests that may be answered from memory begin like this, and are no longer.
_HOT = b"GET /sparql?"
_MOST_HOT = 8192


class Front(Protocol):
    """What has answers ready."""

    def again(self, key: tuple[str, bytes], client: str) -> bytes | None:
        """The answer, without status line and date, to a request that came before; the key is its proxy and bytes."""


@dataclass(slots=True)
class Bounds:
    """What connections may take: seconds for a request to arrive, for an answer to be taken on; how many of an address.

    `trusted` are the networks of proxies, which bring many clients; `open` counts the connections of each address.
    """

    request_seconds: float = 20.0
    stall_seconds: float = 30.0
    connections: int = 0
    trusted: str = ""
    open: Counter[str] = field(default_factory=Counter)

    def admit(self, address: str) -> bool:
        """Count a connection, unless it is one too many."""
        if not self.connections or _inside(address, self.trusted):
            return True
        if self.open[address] >= self.connections:
            return False
        self.open[address] += 1
        return True

    def release(self, address: str) -> None:
        """A connection that was admitted has ended."""
        if address in self.open:
            self.open[address] -= 1
            if self.open[address] <= 0:
                del self.open[address]


@lru_cache(maxsize=4096)
def _inside(address: str, networks: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(each) for each in networks.split(",") if each)


class JoiningTransport(asyncio.Transport):
    """A transport that sends together what is written in one turn of the event loop."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._held: list[bytes | bytearray | memoryview[Any]] = []
        self._over = False

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send the data at the end of this turn; what is large, at once."""
        if self._over:
            return
        if len(data) > _MOST:
            self._send()
            self._transport.write(data)
            return
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)

    def _send(self) -> None:
        held, self._held = self._held, []
        if held:
            self._transport.write(held[0] if len(held) == 1 else b"".join(held))

    def write_now(self, data: bytes) -> None:
        """Send the data at once, after what is held."""
        if self._held:
            self._send()
        self._transport.write(data)

    def close(self) -> None:
        """Send what is held, then close; who does not take it is cut off after a while."""
        self._send()
        self._transport.close()
        if self._transport.get_write_buffer_size():
            self._loop.call_later(_LINGER_SECONDS, self._transport.abort)

    def half_close(self) -> None:
        """Send what is held, and no more after it; what still comes is read."""
        self._send()
        self._over = True
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def abort(self) -> None:
        """Close at once."""
        self._held.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether nothing more is sent."""
        return self._over or self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What the transport knows of itself."""
        return self._transport.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand the connection to another protocol."""
        self._transport.set_protocol(protocol)

    def pause_reading(self) -> None:
        """Read no more for now."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._transport.resume_reading()


class JoiningProtocol(FastestProtocol):
    """The fastest HTTP protocol of uvicorn's that is installed, over such transports and within bounds."""

    bounds: ClassVar[Bounds] = Bounds()
    front: ClassVar[Front | None] = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._address = ""
        self._refused = self._ended = False
        # Whether the head of a request is being read, how many bytes of it came before, and the last three of them.
        self._in_head = False
        self._head, self._tail = 0, b""
        # How many bytes of a body came since the last head, in what is being read.
        self._body = 0
        self._arriving: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._draining: asyncio.TimerHandle | None = None
        self._proxy = self._client = ""
        # How many requests have begun; whether the next byte begins another. The other parser does not tell.
        self._begun = 0
        self._between = hasattr(self, "parser")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a new connection, or send it away."""
        joining = JoiningTransport(cast(asyncio.Transport, transport))
        address = str((transport.get_extra_info("peername") or ("",))[0])
        if not self.bounds.admit(address):
            self._refused = True
            detail = f"Your address has {self.bounds.connections} open connections, as many as it may."
            limit = told("client-connections", self.bounds.connections, "connections", "KIP_CLIENT_CONNECTIONS")
            joining.write(_problem(HTTPStatus.TOO_MANY_REQUESTS, detail, limit))
            joining.close()
            return
        self._address = address
        self._client = client_of(address)
        self._proxy = address if _inside(address, self.bounds.trusted) else ""
        super().connection_made(joining)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        for timer in (self._arriving, self._stalled, self._draining):
            if timer is not None:
                timer.cancel()
        if not self._refused:
            self.bounds.release(self._address)
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; the time runs until head and body of a request are there."""
        if self._refused or self._ended:
            return
        if self._in_head and self._is_too_much(data):
            self._end(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The head of the request is too large.", _HEAD_LIMIT)
            return
        before, between, count, self._body = self.cycle, self._between, self._begun, 0
        if between and self.front is not None and self._answered_again(self.front, data):
            return
        super().data_received(data)
        cycle = self.cycle
        if between and self._between and self._begun == count + 1 and cycle is not before:
            self._offer(data)
        if self._in_head:
            if self._begun != count:
                self._head, self._tail = -self._body, b""
                data = data.rpartition(_END_OF_HEAD)[2]
            self._head += len(data)
            self._tail = (self._tail + data[-3:])[-3:]
        begun = cycle is not None and (cycle is not before or not cycle.response_complete)
        if not begun or cycle.more_body:
            self._await_request()
        elif self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._begun += 1
        self._between = False
        self._in_head = True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        super().on_url(url)
        if len(self.url) > _MOST_ADDRESS:
            raise ValueError("the address is too long")  # ends the parsing

    def on_headers_complete(self) -> None:
        """The last byte of a head."""
        self._in_head, self._body = False, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        self._between = True
        super().on_message_complete()

    def _is_too_much(self, data: bytes) -> bool:
        """Whether the head is longer than it may be, with what of the data belongs to it."""
        if self._head + len(data) <= _MOST_HEAD:
            return False
        end = (self._tail + data).find(_END_OF_HEAD)
        return end < 0 or self._head - len(self._tail) + end + len(_END_OF_HEAD) > _MOST_HEAD

    def _offer(self, data: bytes) -> None:
        """Tell the application the bytes of a request that is here whole and alone: the same may come again."""
        if data.startswith(_HOT) and len(data) <= _MOST_HOT and self.cycle.keep_alive:
            self.cycle.scope["state"]["arrived"] = (self._proxy, bytes(data))

    def _answered_again(self, front: Front, data: bytes) -> bool:
        """Whether these bytes were a request that is answered already; nobody must wait for an answer before it."""
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        if self.flow.write_paused or self.transport.is_closing():
            return False
        answer = front.again((self._proxy, data), self._client)
        if answer is None:
            return False
        dated = [b"%b: %b\r\n" % header for header in self.server_state.default_headers]
        self._unset_keepalive_if_required()
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None
        cast(JoiningTransport, self.transport).write_now(b"".join((b"HTTP/1.1 200 OK\r\n", *dated, answer)))
        self.server_state.total_requests += 1
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        return True

    def pause_writing(self) -> None:
        """The caller does not keep up: wait for it, but not for ever."""
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.bounds.stall_seconds, self.transport.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        """The caller has taken enough."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or is too much of it."""
        if len(getattr(self, "url", b"")) > _MOST_ADDRESS:
            detail = "The address is too long; a long query can be sent by POST."
            self._end(HTTPStatus.REQUEST_URI_TOO_LONG, detail, _ADDRESS_LIMIT)
        else:
            self._end(HTTPStatus.BAD_REQUEST, msg)

    def _end(self, status: HTTPStatus, detail: str, limit: Mapping[str, Any] | None = None) -> None:
        """Answer with a problem, and close when the caller has had the time to read it (RFC 9112, section 9.6)."""
        if self._ended or self.transport.is_closing():
            return
        self._ended = True
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None
        self.transport.write(_problem(status, detail, limit))
        cast(JoiningTransport, self.transport).half_close()
        self._draining = self.loop.call_later(_DRAIN_SECONDS, self.transport.close)

    def _await_request(self) -> None:
        if self._arriving is None and not self._ended:
            self._arriving = self.loop.call_later(self.bounds.request_seconds, self._late)

    def _late(self) -> None:
        """End a connection whose request did not arrive; where the application waits for the body, it is told so."""
        self._arriving = None
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.abort()
            return
        seconds = self.bounds.request_seconds
        limit = told("request-seconds", seconds, "s", "KIP_REQUEST_SECONDS")
        self._end(HTTPStatus.REQUEST_TIMEOUT, f"The request did not arrive within {seconds:g} s.", limit)


def bounded(bounds: Bounds, front: Front | None = None) -> type[JoiningProtocol]:
    """The protocol with its bounds, and what has answers ready."""
    return type("BoundedProtocol", (JoiningProtocol,), {"bounds": bounds, "front": front})


def _problem(status: HTTPStatus, detail: str, limit: Mapping[str, Any] | None = None) -> bytes:
    """A problem document for what reaches no application, as it goes over the wire."""
    document: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    document |= {"limit": limit} if limit else {}
    body = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    fields = [
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
        *(["Retry-After: 1"] if status == HTTPStatus.TOO_MANY_REQUESTS else []),
    ]
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status.value} {status.phrase}", *fields, ""))
    return head.encode("ascii") + body
