"""The commands that serve: `kip serve`."""

from __future__ import annotations

import argparse
import errno
import logging
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.connections import JoiningProtocol
from api.releases import ReleaseMissing
from api.settings import Settings, SettingsError
from graph_builder.errors import KnowledgeGraphError

__all__ = ["add_commands", "listen", "main"]

DONE, AT_FAULT, WRONG_USE = 0, 1, 2
_BACKLOG = 2048


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the commands; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="python -m api", description=(__doc__ or "").splitlines()[0])
    add_commands(parser.add_subparsers(required=True, metavar="COMMAND"))
    options = parser.parse_args(arguments)
    status: int = options.handler(options)
    return status


def add_commands(commands: Any) -> None:
    """Add the commands to the sub-parsers of a command line; each sets `handler`."""
    summary = "Serve a release over HTTP."
    parser = commands.add_parser(
        "serve", help=summary, description=f"{summary} What is not given is taken from the KIP_ settings."
    )
    parser.add_argument("--host", help="address to listen on")
    parser.add_argument("--port", type=_port, help="port to listen on; 0 takes a free one")
    parser.add_argument("--release", type=Path, help="folder of the release")
    parser.set_defaults(handler=serve)


def serve(options: argparse.Namespace) -> int:
    """Serve until interrupted: 0, 1 where the release is damaged, 2 where it is missing or the port is taken."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    try:
        settings = _settings(options)
        app = create_app(settings)
        with listen(settings.host, settings.port) as listener:
            _Server(app, listener).run(sockets=[listener])
    except KeyboardInterrupt:
        return DONE
    except (SettingsError, ReleaseMissing, _NotListening) as error:
        return _fail(error, WRONG_USE)
    except KnowledgeGraphError as error:
        return _fail(error, AT_FAULT)
    return DONE


class _Server(uvicorn.Server):
    """Uvicorn, but the application starts before it: what it then raises is told by us, without a trace of the code."""

    def __init__(self, app: FastAPI, listener: socket.socket) -> None:
        super().__init__(
            uvicorn.Config(app, http=JoiningProtocol, lifespan="off", log_level="warning", timeout_graceful_shutdown=5)
        )
        self._app = app
        self._listener = listener

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve on the sockets as long as the application lives."""
        host, port = self._listener.getsockname()[:2]
        async with self._app.router.lifespan_context(self._app):
            shown = f"[{host}]" if ":" in host else host
            print(f"Release {self._app.version} at http://{shown}:{port}/", file=sys.stderr, flush=True)
            await super().serve(sockets)


class _NotListening(KnowledgeGraphError):
    """The address cannot be listened on."""


def _settings(options: argparse.Namespace) -> Settings:
    given = {name: value for name in ("host", "port", "release") if (value := getattr(options, name)) is not None}
    return replace(Settings.from_environment(), **given)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, made before anything is started. Raises _NotListening with what to do."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
        listener = socket.socket(family, kind, socket.IPPROTO_TCP)
    except OSError as error:
        raise _NotListening(_advice(host, port, error)) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Every connection inherits it; else a small answer waits 40 ms for the acknowledgement of its head.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _NotListening(_advice(host, port, error)) from error
    return listener


def _advice(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is taken: stop what listens there, or choose another with --port (0: any free one)"
        )
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights than this user has: choose one above 1023 with --port"
    why = error.strerror or error
    return f"{host}:{port} cannot be listened on ({why}): name an address of this machine with --host, as 127.0.0.1"


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; it must be a number from 0 to 65535")
    return int(text)


def _fail(error: Exception, status: int) -> int:
    print(f"kip serve: {error}", file=sys.stderr)
    return status
