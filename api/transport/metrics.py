"""What the server counts, in a registry of its own, for Prometheus (https://prometheus.io/docs/concepts/metric_types/)."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder

__all__ = ["Metrics", "State"]

_REQUEST_SECONDS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
_QUERY_SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 5.0, 10.0, 30.0)
_POOL = ("alive", "busy", "replaced")


@dataclass(frozen=True, slots=True)
class State:
    """What holds at the moment of asking: the pool, its queue, the cache, the accounts, the release."""

    release: str
    workers: int
    busy: int
    replaced: int
    waiting: int
    cached_answers: int
    cached_bytes: int
    clients: int


class Metrics:
    """The counters of one server; they go on when another release is switched in."""

    def __init__(self) -> None:
        # The labels of what was answered before, as finding them takes longer than counting.
        self._kept: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter("kip_requests", "Requests answered", ["method", "route", "status"], registry=registry)
        self._seconds = Histogram(
            "kip_request_seconds",
            "From head to end of the answer",
            ["route"],
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._bytes = Counter("kip_response_bytes", "Bytes of bodies sent", registry=registry)
        self._queries = Histogram(
            "kip_query_seconds", "Engine seconds of queries", ["outcome"], buckets=_QUERY_SECONDS, registry=registry
        )
        self._hits = Counter("kip_cache_hits", "Answers given again without a worker", registry=registry)
        self._refusals = Counter("kip_refusals", "Requests refused or cut by a limit", ["limit"], registry=registry)
        self._dropped = Counter("kip_log_lines_dropped", "Lines of the log that nobody took in time", registry=registry)
        self._release = Gauge("kip_release_info", "The release that is served", ["version"], registry=registry)
        self._workers = Gauge(
            "kip_workers", "Workers by state; replaced counts from the start", ["state"], registry=registry
        )
        self._waiting = Gauge("kip_queue_length", "Queries that wait for a worker", registry=registry)
        self._cache = Gauge("kip_cache_bytes", "Size of the answers kept", registry=registry)
        self._answers = Gauge("kip_cache_answers", "Number of the answers kept", registry=registry)
        self._clients = Gauge("kip_accounts", "Clients with an account", registry=registry)

    def answered(self, method: str, route: str, status: int, seconds: float, size: int) -> None:
        """Count an answer; `route` is the template of its path."""
        kept = self._kept.get((method, route, status))
        if kept is None:
            kept = self._requests.labels(method, route, str(status)), self._seconds.labels(route)
            self._kept[method, route, status] = kept
        kept[0].inc()
        kept[1].observe(seconds)
        self._bytes.inc(size)

    def evaluated(self, outcome: str, seconds: float) -> None:
        """Count a query by what became of it."""
        if outcome == "cached":
            self._hits.inc()
        else:
            self._queries.labels(outcome).observe(seconds)

    def refused(self, limit: str) -> None:
        """Count a refusal by the limit that was met."""
        self._refusals.labels(limit).inc()

    def dropped(self, lines: int) -> None:
        """Count lines of the log that could not be written."""
        self._dropped.inc(lines)

    def exposition(self, state: State, accept: str) -> tuple[bytes, str]:
        """All figures in the format that a scraper accepts, and its media type."""
        self._release.clear()
        self._release.labels(state.release).set(1)
        for name, value in zip(_POOL, (state.workers, state.busy, state.replaced), strict=True):
            self._workers.labels(name).set(value)
        self._waiting.set(state.waiting)
        self._cache.set(state.cached_bytes)
        self._answers.set(state.cached_answers)
        self._clients.set(state.clients)
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type
