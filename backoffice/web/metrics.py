"""Counters for operators. Every label has few values: a client cannot fill the memory of whoever collects them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from backoffice.services.outbox import Depth

_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
OTHER = "other"


class Metrics:
    """The counters of one process. They hold no personal data, but belong behind the operator's own network."""

    def __init__(self, *, known_operations: Collection[str]) -> None:
        self.registry = CollectorRegistry()
        self._known_operations = frozenset(known_operations)
        self._requests = Counter(
            "backoffice_http_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._durations = Histogram(
            "backoffice_http_request_seconds",
            "Time from the first byte of a request to the last of its answer",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._operations = Counter(
            "backoffice_graphql_operations",
            "GraphQL operations",
            ["contract", "operation", "outcome"],
            registry=self.registry,
        )
        self._sign_ins = Counter(
            "backoffice_sign_ins", "Attempts of the staff to sign in", ["outcome"], registry=self.registry
        )
        self._outbox = Gauge(
            "backoffice_outbox_messages",
            "Messages that wait for the outside world, or were given up",
            ["kind", "state"],
            registry=self.registry,
        )
        self._outbox_age = Gauge(
            "backoffice_outbox_oldest_seconds",
            "Age of the oldest of these messages",
            ["kind", "state"],
            registry=self.registry,
        )

    def request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(method if method in _METHODS else OTHER, route, str(status)).inc()
        self._durations.labels(route).observe(seconds)

    def operation(self, *, contract: str, name: str | None, outcome: str) -> None:
        """Count one GraphQL operation."""
        self._operations.labels(contract, self.known(name), outcome).inc()

    def sign_in(self, *, outcome: str) -> None:
        """Count one attempt to sign in."""
        self._sign_ins.labels(outcome).inc()

    def outbox(self, depths: Sequence[Depth], *, at: datetime) -> None:
        """Tell how much waits in the outbox now; what is not among `depths` does not wait."""
        self._outbox.clear()
        self._outbox_age.clear()
        for depth in depths:
            labels = depth.kind.value, depth.state.value
            self._outbox.labels(*labels).set(depth.count)
            self._outbox_age.labels(*labels).set(max(0, (at - depth.oldest_at).total_seconds()))

    def known(self, name: str | None) -> str:
        """The name of an operation that we publish; clients may choose any other, so those are all one."""
        return name if name is not None and name in self._known_operations else OTHER

    def text(self) -> bytes:
        """All counters in the text format of Prometheus."""
        return generate_latest(self.registry)
