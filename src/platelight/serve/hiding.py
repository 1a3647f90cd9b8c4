"""What a worker does to hide plates."""

from __future__ import annotations

import time

from platelight import images
from platelight.images import ImageError
from platelight.pipeline import Platelight
from platelight.records import Photo
from platelight.redact import RedactError, redact_bytes
from platelight.serve.reading import HideWork, Outcome, Task


def hide(reader: Platelight, task: Task, work: HideWork, max_pixels: int) -> Outcome:
    """The picture of `task` without readable plates, found by `reader`; what cannot be done is the outcome's error."""
    start = time.perf_counter()
    try:
        images.load(task.data, max_pixels=max_pixels)  # our limit of pixels may be lower than the library's
        hidden = redact_bytes(task.data, reader, work.method)
    except (ImageError, RedactError) as error:
        return Outcome(Photo(task.name, 0, 0, 0, error=str(error).removeprefix("bytes: ")), time.perf_counter() - start)
    except MemoryError:
        return Outcome(Photo(task.name, 0, 0, 0, error="not enough memory"), time.perf_counter() - start)
    photo = Photo(task.name, 0, hidden.width, hidden.height, hidden.plates)
    return Outcome(photo, time.perf_counter() - start, hidden=hidden.data, media_type=hidden.media_type)
