"""Measurements of the door, for Prometheus."""

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Histogram


class RestMetrics:
    """Requests by route, never by address: a path with identifiers would make a series of each."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "rapport_http_requests_total",
            "HTTP requests answered.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "rapport_http_request_duration_seconds",
            "Time to answer an HTTP request.",
            ("method", "route"),
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
            registry=registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        known = method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "OTHER"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(known, route).observe(seconds)


class WebhookMetrics:
    """Webhooks by what became of them at the door."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._received = Counter(
            "rapport_webhooks_total",
            "Webhooks received: stored, duplicate or bad_signature.",
            ("outcome",),
            registry=registry,
        )

    def count(self, outcome: Literal["stored", "duplicate", "bad_signature"]) -> None:
        """Count one."""
        self._received.labels(outcome).inc()
