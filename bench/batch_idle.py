"""The run of `batch_rate` whose workers do not look at the photos: what lists, pipes, pieces and shards cost by themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from platelight.batch import list_paths, run

CANDIDATE = {"text": "AC4921CB", "confidence": 0.981, "country": "ua", "template": "ua-2015"}
PLATE = {
    "text": "AC4921CB", "raw_text": "AC4921CB", "confidence": 0.981, "country": "ua", "template": "ua-2015", "region": None, "lines": 1,
    "reason": "AS_READ", "flags": [], "corners": [[512.1, 640.0], [701.3, 642.2], [700.8, 683.0], [511.7, 680.9]],
    "box": [511.7, 640.0, 189.6, 43.0], "score": 0.97, "char_confidences": [0.99] * 8, "candidates": [CANDIDATE] * 3,
}  # fmt: skip


class IdleJob:
    """Every photo has two plates."""

    def identity(self) -> dict[str, Any]:
        return {"version": "idle", "models": {}}

    def open(self) -> Any:
        return self.read

    def read(self, places: Iterable[str]) -> Iterator[dict[str, Any]]:
        for _ in places:
            yield {"width": 1280, "height": 960, "error": None, "plates": [PLATE, PLATE]}


def start(count: int, out: str, workers: int) -> None:
    run(list_paths(lambda: (f"{number:06d}.jpg" for number in range(count))), out, IdleJob(), workers)


if __name__ == "__main__":
    from batch_idle import start as start_as_module  # workers find the job by the name of its module

    start_as_module(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
