"""The settings of the server: read once from the environment, frozen, and passed to `create_app`."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from graph_builder.errors import KnowledgeGraphError
from graph_builder.prefixes import DEFAULT_BASE
from graph_builder.project import CHECKOUT

__all__ = ["SETTINGS", "LogKind", "Setting", "Settings", "SettingsError", "StoreKind"]

StoreKind = Literal["memory", "disk", "remote"]
LogKind = Literal["auto", "text", "json", "off"]
_STORES: tuple[StoreKind, ...] = get_args(StoreKind)
_LOGS: tuple[LogKind, ...] = get_args(LogKind)
_SWITCH = {"0": False, "1": True, "false": False, "true": True, "off": False, "on": True, "no": False, "yes": True}


class SettingsError(KnowledgeGraphError):
    """An environment variable that cannot be used."""


def _base(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"{}|^`\\]+/", text):
        raise ValueError("an http or https IRI that ends in '/'")
    return text


def _store(text: str) -> StoreKind:
    for kind in _STORES:
        if text == kind:
            return kind
    raise ValueError(f"one of {', '.join(_STORES)}")


def _log(text: str) -> LogKind:
    for kind in _LOGS:
        if text == kind:
            return kind
    raise ValueError(f"one of {', '.join(_LOGS)}")


def _switch(text: str) -> bool:
    if text.lower() not in _SWITCH:
        raise ValueError("true or false")
    return _SWITCH[text.lower()]


def _networks(text: str) -> str:
    """Addresses and networks, in their one form."""
    try:
        found = [ipaddress.ip_network(each.strip()) for each in text.split(",") if each.strip()]
    except ValueError as error:
        raise ValueError("addresses or networks between commas, as 10.0.0.0/8, 127.0.0.1") from error
    return ",".join(map(str, found))


def _hosts(text: str) -> str:
    found = [each.strip().lower() for each in text.split(",") if each.strip()]
    if not found or not all(re.fullmatch(r"\*|[a-z0-9.-]+|\[[0-9a-f:.]+\]", each) for each in found):
        raise ValueError("names of hosts between commas, as kip.example.org, or *")
    return ",".join(found)


def _whole(least: int, most: int = 2**31) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,10}", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text) or float(text) <= 0:
        raise ValueError("a number of seconds above 0")
    return float(text)


def _processors() -> int:
    return max(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default; `SETTINGS` says which variable gives it and what it means.

    >>> Settings.from_environment({"KIP_PORT": "8001"}).port
    8001
    """

    base: str = DEFAULT_BASE
    host: str = "127.0.0.1"
    port: int = 8000
    release: Path = field(default_factory=lambda: CHECKOUT.build / "current")
    store: StoreKind = "memory"
    remote_url: str = ""
    remote_user: str = ""
    remote_password: str = field(default="", repr=False)
    workers: int = field(default_factory=_processors)
    query_seconds: float = 10.0
    query_memory_mb: int = 1024
    result_rows: int = 100_000
    result_mb: int = 64
    cache_mb: int = 64
    queue: int = 256
    reserved: int = 1
    client_seconds: int = 300
    client_errors: int = 300
    client_connections: int = 512
    proxies: str = ""
    agent_hosts: str = "localhost,127.0.0.1,[::1]"
    request_seconds: float = 20.0
    stall_seconds: float = 30.0
    stop_seconds: float = 15.0
    watch_seconds: int = 2
    old_releases: int = 3
    permalinks: str = ""
    permalinks_mb: int = 64
    log: LogKind = "auto"
    log_queries: bool = False
    hsts_seconds: int = 0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings that the environment gives. Raises SettingsError for a value that cannot be used."""
        given = os.environ if environment is None else environment
        return cls(**{setting.name: setting.value(given) for setting in SETTINGS if given.get(setting.variable)})


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the table of settings: a field of Settings, its variable, how it is read and what it means."""

    name: str
    variable: str
    read: Callable[[str], Any]
    meaning: str

    @property
    def default(self) -> Any:
        """What holds where the variable is not set."""
        return getattr(Settings(), self.name)

    def value(self, environment: Mapping[str, str]) -> Any:
        """What the environment says, read. Raises SettingsError."""
        text = environment[self.variable].strip()
        try:
            return self.read(text)
        except ValueError as error:
            raise SettingsError(f"{self.variable} is {text!r}; it must be {error}") from error


SETTINGS = (
    Setting("base", "KIP_BASE", _base, "base IRI of the data"),
    Setting("host", "KIP_HOST", str, "address to listen on"),
    Setting("port", "KIP_PORT", _whole(0, 65535), "port to listen on; 0 takes a free one"),
    Setting("release", "KIP_RELEASE", Path, "folder of the release to serve"),
    Setting("store", "KIP_STORE", _store, "where the release is queried: memory, disk or remote"),
    Setting("remote_url", "KIP_REMOTE_URL", str, "SPARQL endpoint of the remote store"),
    Setting("remote_user", "KIP_REMOTE_USER", str, "who asks there, and loads"),
    Setting("remote_password", "KIP_REMOTE_PASSWORD", str, "password of that user; it is shown nowhere"),
    Setting(
        "workers", "KIP_WORKERS", _whole(1, 1024), "queries evaluated at one time (default: the processors, at least 2)"
    ),
    Setting("query_seconds", "KIP_QUERY_SECONDS", _seconds, "deadline of a query in seconds"),
    Setting("query_memory_mb", "KIP_QUERY_MEMORY_MB", _whole(16), "memory of a query beside the store, MiB"),
    Setting("result_rows", "KIP_RESULT_ROWS", _whole(1), "rows, or triples, of an answer"),
    Setting("result_mb", "KIP_RESULT_MB", _whole(1, 4096), "size of an answer, MiB"),
    Setting("cache_mb", "KIP_CACHE_MB", _whole(0, 65536), "answers kept for who asks again, MiB; 0 keeps none"),
    Setting("queue", "KIP_QUEUE", _whole(0, 65536), "queries that may wait for a worker"),
    Setting("reserved", "KIP_RESERVED", _whole(0, 1024), "more workers, for pages and ready-made questions only"),
    Setting(
        "client_seconds", "KIP_CLIENT_SECONDS", _whole(0), "engine seconds of one client in five minutes; 0: no bound"
    ),
    Setting(
        "client_errors",
        "KIP_CLIENT_ERRORS",
        _whole(0),
        "queries of one client ended by a limit in five minutes; 0: no bound",
    ),
    Setting("client_connections", "KIP_CLIENT_CONNECTIONS", _whole(0), "open connections of one address; 0: no bound"),
    Setting("proxies", "KIP_PROXIES", _networks, "addresses or networks whose X-Forwarded-For is believed"),
    Setting("agent_hosts", "KIP_AGENT_HOSTS", _hosts, "names under which agents may call /mcp; *: any"),
    Setting("request_seconds", "KIP_REQUEST_SECONDS", _seconds, "seconds for head and body of a request to arrive"),
    Setting(
        "stall_seconds", "KIP_STALL_SECONDS", _seconds, "seconds after which who takes nothing of an answer is cut"
    ),
    Setting(
        "stop_seconds", "KIP_STOP_SECONDS", _seconds, "seconds for running answers to end when the server is stopped"
    ),
    Setting(
        "watch_seconds",
        "KIP_WATCH_SECONDS",
        _whole(0, 86400),
        "seconds between looks for a new release; 0: on SIGHUP only",
    ),
    Setting("old_releases", "KIP_OLD_RELEASES", _whole(0, 64), "older releases open at one time, for /v/; 0: none"),
    Setting("permalinks", "KIP_PERMALINKS", str, "folder of permanent links (default: beside that of the releases)"),
    Setting("permalinks_mb", "KIP_PERMALINKS_MB", _whole(0, 65536), "what it may hold, MiB; 0: no permanent links"),
    Setting("log", "KIP_LOG", _log, "a line for each request: auto (text on a terminal, else json), text, json or off"),
    Setting("log_queries", "KIP_LOG_QUERIES", _switch, "whether the log has the texts of queries"),
    Setting(
        "hsts_seconds", "KIP_HSTS_SECONDS", _whole(0), "Strict-Transport-Security for so long; 0 where HTTP is served"
    ),
)
