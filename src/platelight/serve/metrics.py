"""What `GET /metrics` tells Prometheus. No label ever holds anything that a client sent."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from platelight import __version__

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_BATCHES = (1, 2, 3, 4, 6, 8, 12, 16, 32)


class Metrics:
    """Counts of one service."""

    def __init__(self, waiting: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        common = {"namespace": "platelight", "registry": self._registry}
        self.requests = Counter("requests", "Answered requests.", ("route", "status"), **common)  # type: ignore[arg-type]
        self.request_s = Histogram("request_seconds", "From a request's head to its answer.", ("route",), buckets=_SECONDS, **common)  # type: ignore[arg-type]
        self.pictures = Counter("pictures", "Pictures taken in, by what became of them.", ("outcome",), **common)  # type: ignore[arg-type]
        self.plates = Counter("plates", "Plates found.", **common)  # type: ignore[arg-type]
        self.batches = Histogram("batch_pictures", "Pictures read together.", buckets=_BATCHES, **common)  # type: ignore[arg-type]
        self.batch_s = Histogram("batch_seconds", "Time a batch took.", buckets=_SECONDS, **common)  # type: ignore[arg-type]
        Gauge("waiting_pictures", "Pictures in the queue.", **common).set_function(waiting)  # type: ignore[arg-type]
        Gauge("build_info", "The running version.", ("version",), **common).labels(__version__).set(1)  # type: ignore[arg-type]

    def batch(self, pictures: int, seconds: float) -> None:
        self.batches.observe(pictures)
        self.batch_s.observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self._registry)
