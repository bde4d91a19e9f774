"""Settings come from the environment, once, and say what they refuse."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from api.limits import Limits
from api.settings import SETTINGS, Settings, SettingsError

VARIABLES = {
    "KIP_BASE": ("https://e.org/kg/", "base", "https://e.org/kg/"),
    "KIP_HOST": ("0.0.0.0", "host", "0.0.0.0"),
    "KIP_PORT": ("0", "port", 0),
    "KIP_RELEASE": ("build/releases/1", "release", Path("build/releases/1")),
    "KIP_STORE": ("disk", "store", "disk"),
    "KIP_REMOTE_URL": ("http://127.0.0.1:7878/query", "remote_url", "http://127.0.0.1:7878/query"),
    "KIP_REMOTE_USER": ("reader", "remote_user", "reader"),
    "KIP_REMOTE_PASSWORD": ("pass word", "remote_password", "pass word"),
    "KIP_WORKERS": ("3", "workers", 3),
    "KIP_QUERY_SECONDS": ("2.5", "query_seconds", 2.5),
    "KIP_QUERY_MEMORY_MB": ("128", "query_memory_mb", 128),
    "KIP_RESULT_ROWS": ("10", "result_rows", 10),
    "KIP_RESULT_MB": (" 5 ", "result_mb", 5),
    "KIP_CACHE_MB": ("0", "cache_mb", 0),
    "KIP_QUEUE": ("0", "queue", 0),
    "KIP_RESERVED": ("2", "reserved", 2),
    "KIP_CLIENT_SECONDS": ("60", "client_seconds", 60),
    "KIP_CLIENT_ERRORS": ("0", "client_errors", 0),
    "KIP_CLIENT_CONNECTIONS": ("9", "client_connections", 9),
    "KIP_PROXIES": ("10.0.0.0/8, ::1", "proxies", "10.0.0.0/8,::1/128"),
    "KIP_REQUEST_SECONDS": ("1", "request_seconds", 1),
    "KIP_STALL_SECONDS": ("1.5", "stall_seconds", 1.5),
    "KIP_STOP_SECONDS": ("3", "stop_seconds", 3),
    "KIP_WATCH_SECONDS": ("0", "watch_seconds", 0),
    "KIP_AGENT_HOSTS": ("Kip.example.org, [::1]", "agent_hosts", "kip.example.org,[::1]"),
    "KIP_OLD_RELEASES": ("5", "old_releases", 5),
    "KIP_PERMALINKS": ("/srv/links", "permalinks", "/srv/links"),
    "KIP_PERMALINKS_MB": ("0", "permalinks_mb", 0),
    "KIP_LOG": ("json", "log", "json"),
    "KIP_LOG_QUERIES": ("yes", "log_queries", True),
    "KIP_HSTS_SECONDS": ("600", "hsts_seconds", 600),
}


def test_the_table_lists_every_field_with_its_variable_and_meaning() -> None:
    assert [setting.name for setting in SETTINGS] == [field.name for field in fields(Settings)]
    assert {setting.variable for setting in SETTINGS} == set(VARIABLES)
    assert all(setting.meaning for setting in SETTINGS)


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_sets_its_field_and_no_other(variable: str) -> None:
    text, name, value = VARIABLES[variable]
    settings = Settings.from_environment({variable: text, "KIP_UNKNOWN": "x"})
    assert getattr(settings, name) == value
    others = [setting for setting in SETTINGS if setting.name != name]
    assert all(getattr(settings, setting.name) == setting.default for setting in others)


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_environment({"KIP_PORT": ""}).port == 8000


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("KIP_BASE", "e.org"),
        ("KIP_BASE", "https://e.org/kg"),
        ("KIP_PORT", "80a"),
        ("KIP_PORT", "65536"),
        ("KIP_PORT", "-1"),
        ("KIP_PORT", "８０"),
        ("KIP_STORE", "cloud"),
        ("KIP_WORKERS", "0"),
        ("KIP_QUERY_SECONDS", "0"),
        ("KIP_QUERY_SECONDS", "nan"),
        ("KIP_QUERY_MEMORY_MB", "1"),
        ("KIP_RESULT_ROWS", "1e3"),
        ("KIP_PROXIES", "*"),
        ("KIP_PROXIES", "10.0.0.1/8"),
        ("KIP_LOG", "yes"),
        ("KIP_LOG_QUERIES", "maybe"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_what_it_must_be(variable: str, text: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{variable} is .* it must be "):
        Settings.from_environment({variable: text})


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_the_limits_of_queries_come_from_the_settings_and_can_only_be_tightened() -> None:
    settings = Settings(query_seconds=3, query_memory_mb=64, result_rows=10, result_mb=2)
    limits = Limits.from_settings(settings)
    assert limits == Limits(3, 64, 10, 2 * 1024 * 1024)
    assert limits.within(seconds=1, rows=5) == Limits(1, 64, 5, 2 * 1024 * 1024)
    assert limits.within(seconds=9, rows=50) == limits
