"""Opens connections to one address for processes that may open none.

A worker's filter of system calls refuses sockets, and cannot tell one address from another. So a small process beside
the zygote, `python -m api.engine.connector FD HOST PORT`, connects to the address that the settings name, and to no
other, and passes each open connection to the worker that asked (SCM_RIGHTS, unix(7)). Nothing that a worker sends
chooses the address.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

from api.engine import sandbox

__all__ = ["Connector", "Dial", "connected", "main"]

Dial = Callable[[], socket.socket]
"""Gives an open connection to an address that is settled. Raises OSError."""

_CONNECT_SECONDS = 5.0
_MESSAGE = 4096


class Connector:
    """The process that connects, as the zygote and its workers see it."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._desk, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lines: list[socket.socket] = []
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno()), *map(str, address)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.process = self._process.pid

    def subscribe(self) -> Dial:
        """What a worker calls before it is sandboxed, to be given connections after that."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self._desk, [b"subscribe"], [theirs.fileno()])
        self._lines.append(ours)
        return lambda: _receive(ours)

    def close(self) -> None:
        """End the process; what is subscribed gets no further connection."""
        for line in (self._desk, *self._lines):
            line.close()
        self._process.kill()
        self._process.wait()


def _receive(line: socket.socket) -> socket.socket:
    line.send(b"connect")
    message, descriptors, _, _ = socket.recv_fds(line, _MESSAGE, 1)
    if not descriptors:
        raise ConnectionError(message.decode() or "nothing opens connections any more")
    return socket.socket(fileno=descriptors[0])


def connected(address: tuple[str, int]) -> socket.socket:
    """A new connection, as HTTP likes it. Raises OSError."""
    connection = socket.create_connection(address, _CONNECT_SECONDS)
    connection.settimeout(None)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def main(arguments: list[str]) -> int:
    """Serve whoever is subscribed until the zygote ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sandbox.die_with_parent()
    desk = socket.socket(fileno=int(arguments[0]))
    address = (arguments[1], int(arguments[2]))
    while True:
        message, descriptors, _, _ = socket.recv_fds(desk, _MESSAGE, 1)
        if not message:
            return 0
        line = socket.socket(fileno=descriptors[0])
        threading.Thread(target=_serve, args=(line, address), daemon=True).start()


def _serve(line: socket.socket, address: tuple[str, int]) -> None:
    with line, contextlib.suppress(ConnectionError):
        while line.recv(_MESSAGE):
            _pass_on(line, address)


def _pass_on(line: socket.socket, address: tuple[str, int]) -> None:
    try:
        connection = connected(address)
    except OSError as error:
        line.send((error.strerror or str(error) or type(error).__name__).encode()[:_MESSAGE])
        return
    with connection:
        socket.send_fds(line, [b"connected"], [connection.fileno()])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
