"""The commands that serve: `kip serve`, `kip load`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import logging
import math
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from api.engine.connections import Bounds, bounded
from api.hosting import Host
from api.releases import ReleaseMissing
from api.settings import Settings, SettingsError
from api.transfer.load_command import add_load_command
from api.transport.logs import JsonFormatter, RequestLog, chosen
from graph_builder.errors import KnowledgeGraphError

__all__ = ["add_commands", "listen", "main"]

DONE, AT_FAULT, WRONG_USE = 0, 1, 2
_BACKLOG = 2048
_log = logging.getLogger("api.cli")


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
    add_load_command(commands)


def serve(options: argparse.Namespace) -> int:
    """Serve until interrupted: 0, 1 where the release is damaged, 2 where it is missing or the port is taken."""
    try:
        settings = _settings(options)
        _log_to_stderr(settings)
        _allow_many_files()
        with listen(settings.host, settings.port) as listener, contextlib.closing(_request_log(settings)) as log:
            _Server(settings, log, listener).run(sockets=[listener])
    except KeyboardInterrupt:
        return DONE
    except (SettingsError, ReleaseMissing, _NotListening) as error:
        return _fail(error, WRONG_USE)
    except KnowledgeGraphError as error:
        return _fail(error, AT_FAULT)
    return DONE


class _Server(uvicorn.Server):
    """Uvicorn, but the host starts before it: what it then raises is told by us, without a trace of the code."""

    def __init__(self, settings: Settings, log: RequestLog, listener: socket.socket) -> None:
        self._settings = settings
        self._host = Host(settings, log)
        self._listener = listener
        self._switches: list[asyncio.Task[bool]] = []
        bounds = Bounds(settings.request_seconds, settings.stall_seconds, settings.client_connections, settings.proxies)
        super().__init__(
            uvicorn.Config(
                self._host,
                http=bounded(bounds, self._host),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                h11_max_incomplete_event_size=512 * 1024,
                proxy_headers=bool(settings.proxies),
                forwarded_allow_ips=settings.proxies,
                timeout_graceful_shutdown=math.ceil(settings.stop_seconds),
            )
        )

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve on the sockets as long as the host lives."""
        host, port = self._listener.getsockname()[:2]
        async with self._host.living():
            shown = f"[{host}]" if ":" in host else host
            print(f"Release {self._host.version} at http://{shown}:{port}/", file=sys.stderr, flush=True)
            if os.geteuid() == 0:
                _log.warning("the server runs as root; an ordinary user is enough, and safer")
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGHUP, lambda: self._switches.append(loop.create_task(self._host.switch())))
            await super().serve(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle the signals that end a server; they are not raised again after it, as the host and the log end too."""
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End when the answers under way have been given; nobody shall send new ones."""
        self._host.leave()
        super().handle_exit(sig, frame)


def _log_to_stderr(settings: Settings) -> None:
    """What the server has to say of itself, in the form of the log of requests."""
    handler = logging.StreamHandler()
    json = chosen(settings.log, sys.stderr) == "json"
    handler.setFormatter(JsonFormatter() if json else logging.Formatter("%(levelname)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # A request that is no HTTP is the caller's fault, and one that a stop cuts is told by its connection.
    logging.getLogger("uvicorn.error").addFilter(_is_ours)


def _is_ours(record: logging.LogRecord) -> bool:
    cut = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
    return record.levelno >= logging.ERROR and not cut


def _request_log(settings: Settings) -> RequestLog:
    return RequestLog(settings.log, settings.log_queries)


def _allow_many_files() -> None:
    """As many open files as this user may have: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and (hard == resource.RLIM_INFINITY or soft < hard):
        most = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


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
