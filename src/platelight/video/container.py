"""Opening a container through PyAV, and what its header says of the video in it."""

from __future__ import annotations

import datetime
import errno
import time
from typing import Any

import av

from platelight.video.address import Address, what_it_is
from platelight.video.capture import Settings
from platelight.video.errors import VideoError, cause_of, is_hopeless, is_refusal

_CAMERA_MODES: tuple[dict[str, str], ...] = ({"input_format": "mjpeg", "video_size": "1920x1080"}, {"input_format": "mjpeg"}, {})
"""Of a USB camera: JPEG pictures, for raw ones of this size do not come through USB 2 fast enough; then whatever it has."""


def open_container(address: Address, settings: Settings, hardware: str | None) -> Any:
    """A container of PyAV. Raises `VideoError`; with `hardware` also what PyAV raises where that cannot decode."""
    accelerator = av.codec.hwaccel.HWAccel(hardware, allow_software_fallback=False) if hardware else None
    last: Exception | None = None
    began = time.monotonic()
    for options in _options(address, settings):
        try:
            return av.open(
                address.text,
                format="v4l2" if address.kind == "device" else None,
                options=options,
                timeout=(settings.open_timeout_s, settings.read_timeout_s),
                hwaccel=accelerator,
                metadata_errors="replace",
            )
        except av.error.FFmpegError as error:
            if address.kind == "stream" and time.monotonic() - began > 0.95 * settings.open_timeout_s:  # RTSP calls it invalid data
                raise VideoError(f"{address.name}: no answer within {settings.open_timeout_s:g} s") from None
            last = error
            if address.kind != "device" and not isinstance(error, av.error.HTTPOtherClientError):
                break
        except UnicodeError as error:
            last = error
    assert last is not None
    if isinstance(last, av.error.InvalidDataError):
        what = f"not a video, {what_it_is(address)}" if address.kind == "file" else "what it sends is no video that can be understood"
        raise VideoError(f"{address.name}: {what}") from None
    if address.kind == "stream" and last.args and last.args[0] == errno.EIO:
        raise VideoError(f"{address.name}: the connection broke off, or what it sends is no video") from None
    raise VideoError(f"{address.name}: {cause_of(last)}", refused=is_refusal(last), hopeless=is_hopeless(last)) from None


def promised_end_s(container: Any, stream: Any) -> float | None:
    """When the video should end by the header; None for kinds that find it from what is there."""
    if container.format.name == "avi":
        return seconds(stream.frames, stream.time_base)  # its duration is guessed from the length of the file
    if "matroska" not in container.format.name:
        return None
    try:
        hours, minutes, rest = stream.metadata["DURATION"].split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(rest)
    except (KeyError, ValueError):
        return container.duration / 1e6 if container.duration and len(container.streams) == 1 else None


def creation_time(container: Any, stream: Any) -> float | None:
    """UTC seconds at which the file says it was made; None where it does not, or from a clock that was never set."""
    text = container.metadata.get("creation_time") or stream.metadata.get("creation_time")
    try:
        when = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
    except ValueError:
        return None
    if when is None or when.year < 1990:  # cameras whose clock was never set
        return None
    return (when if when.tzinfo else when.replace(tzinfo=datetime.UTC)).timestamp()


def seconds(stamp: int | None, time_base: Any) -> float | None:
    """A time stamp in seconds; None where there is none."""
    return None if stamp is None or time_base is None else float(stamp * time_base)


def _options(address: Address, settings: Settings) -> list[dict[str, str]]:
    """What to try, in order."""
    if address.kind == "device":
        return [{**mode, **settings.options} for mode in _CAMERA_MODES]
    options: dict[str, str] = {}
    if address.kind == "file":
        options["protocol_whitelist"] = "file,crypto,data"  # a playlist in a file may not call anybody
    elif settings.live:
        options |= {"fpsprobesize": "1", "analyzeduration": "2000000", "live_start_index": "-1"}
    if address.scheme in ("rtsp", "rtsps"):
        options |= {"rtsp_transport": "tcp"}
        picture_only = {"allowed_media_types": "video"}  # spares the sound; a server that has nothing else then refuses
        return [options | picture_only | settings.options, options | settings.options]
    return [options | settings.options]
