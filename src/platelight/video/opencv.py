"""Videos through OpenCV, which platelight has anyway: the fallback without the extra `video`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import cast

import cv2

from platelight.images import MAX_PIXELS
from platelight.records import Image
from platelight.video.address import Address, what_it_is
from platelight.video.capture import Admit, Picture, Settings
from platelight.video.errors import BrokenPictureError, VideoError

_PICTURE_FORMATS = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")


def open_capture(address: Address, settings: Settings) -> OpenCVCapture:
    """Raises `VideoError`."""
    return OpenCVCapture(address, settings)


class OpenCVCapture:
    """An open video; see `Capture`. Knows neither why something failed, nor which packets could be left out."""

    def __init__(self, address: Address, settings: Settings) -> None:
        if address.kind == "file" and address.text.lower().endswith(_PICTURE_FORMATS):
            raise VideoError(f"{address.name}: not a video, it is a picture")
        self._address, self._settings = address, settings
        self.hardware: str | None = None
        self.hardware_error: str | None = "needs the extra `video` (PyAV)" if settings.hardware else None
        self.admit: Admit | None = None
        self.broken, self.timed = 0, address.kind == "file"
        self.start_epoch_s: float | None = None
        self._capture = _open(address, settings)
        if not self._capture.isOpened():
            reason = f"not a video, {what_it_is(address)}" if address.kind == "file" else "cannot be opened (OpenCV does not say why; PyAV does)"
            raise VideoError(f"{address.name}: {reason}")
        width, height = (int(self._capture.get(number)) for number in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        self.size: tuple[int, int] | None = (width, height) if width and height else None
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps: float | None = rate if 0 < rate < 1000 else None
        count = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.duration_s = count / rate if self.fps and count > 0 and address.kind == "file" else None

    def pictures(self) -> Iterator[Picture]:
        count = 0
        promised = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)) if self._address.kind == "file" else 0
        while self._capture.grab():
            count += 1
            stamp = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000 if self.timed else None
            if self._settings.live:  # the next grab comes before anybody wants the pixels
                pixels = self._retrieve()
                if pixels is not None:
                    yield Picture(stamp, self.size, lambda pixels=pixels: cast(Image, cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)))  # type: ignore[misc]
            else:
                yield Picture(stamp, self.size, self._to_rgb)
        if self._address.kind != "file":
            raise VideoError(f"{self._address.name}: no data for {self._settings.read_timeout_s:g} s, or the stream ended")
        if not count:
            raise VideoError(f"{self._address.name}: holds no picture that can be decoded")
        if count < promised - 2 and count < 0.98 * promised:  # the count is a guess for some kinds of file
            at = count / self.fps if self.fps else 0.0
            raise VideoError(f"{self._address.name}: truncated after {at:.2f} s: {count} of {promised} pictures are there")

    def close(self) -> None:
        self._capture.release()

    def _retrieve(self) -> Image | None:
        good, pixels = self._capture.retrieve()
        if not good or pixels is None:
            self.broken += 1
            return None
        if pixels.shape[0] * pixels.shape[1] > MAX_PIXELS:
            raise VideoError(f"{self._address.name}: too large, {pixels.shape[1]} x {pixels.shape[0]}")
        self.size = pixels.shape[1], pixels.shape[0]
        return cast(Image, pixels)

    def _to_rgb(self) -> Image:
        pixels = self._retrieve()
        if pixels is None:
            raise BrokenPictureError
        return cast(Image, cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels))


def _open(address: Address, settings: Settings) -> cv2.VideoCapture:
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # it prints addresses with their passwords
    try:
        if address.kind == "device":
            number = address.text.removeprefix("/dev/video")
            capture = cv2.VideoCapture(int(number) if number.isdigit() else address.text, cv2.CAP_V4L2 if sys.platform.startswith("linux") else cv2.CAP_ANY)
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, 1920)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, 1080)
            return capture
        timeouts = [
            *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(settings.open_timeout_s * 1000)),
            *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(settings.read_timeout_s * 1000)),
            *(cv2.CAP_PROP_N_THREADS, settings.threads),
        ]
        return cv2.VideoCapture(address.text, cv2.CAP_FFMPEG, timeouts)
    finally:
        cv2.utils.logging.setLogLevel(level)
