"""A listener that nobody has a reason to call: whoever does was made to by what it was sent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["canary"]


@contextmanager
def canary() -> Iterator[tuple[str, list[object]]]:
    """A URL, and the addresses of those who called it so far."""
    heard: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            while True:
                try:
                    connection, address = listener.accept()
                except OSError:
                    return
                heard.append(address)
                connection.close()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", heard
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
