"""Connections on which head and body of a small answer leave in one piece: one system call, one packet, one wake-up.

asyncio's transports (https://docs.python.org/3/library/asyncio-protocol.html#transports) send what is written at once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from asyncio import Protocol as FastestProtocol
else:
    from uvicorn.protocols.http.auto import AutoHTTPProtocol as FastestProtocol

__all__ = ["JoiningProtocol", "JoiningTransport"]

# More than that is not held back.
_MOST = 64 * 1024


class JoiningTransport(asyncio.Transport):
    """A transport that sends together what is written in one turn of the event loop."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._held: list[bytes | bytearray | memoryview[Any]] = []

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send the data at the end of this turn; what is large, at once."""
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

    def close(self) -> None:
        """Send what is held, then close."""
        self._send()
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._held.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether the transport is closing."""
        return self._transport.is_closing()

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
    """The fastest HTTP protocol of uvicorn's that is installed, over such transports."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a new connection."""
        super().connection_made(JoiningTransport(cast(asyncio.Transport, transport)))
