"""Videos through PyAV, the only place that imports it (extra `video`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import av
from av.stream import Disposition
from av.video.reformatter import VideoReformatter

from platelight.images import MAX_PIXELS
from platelight.records import Image
from platelight.video.address import Address, what_it_is
from platelight.video.capture import Admit, Picture, Settings
from platelight.video.container import creation_time, open_container, promised_end_s, seconds
from platelight.video.errors import BrokenPictureError, VideoError, cause_of, is_refusal
from platelight.video.rgb import from_av

_INTRA_ONLY = frozenset({"mjpeg", "rawvideo"})
"""Codecs of which every packet is a whole picture, so that one not wanted need not be decoded."""

_PLAIN_CONTAINERS = frozenset({"avi", "mpjpeg", "mjpeg", "rtsp", "video4linux2,v4l2"})  # none of them turns its pictures
_WITHOUT_CLOCK = frozenset({"mpjpeg", "mjpeg", "h264", "hevc", "m4v", "obu", "ivf", "image2", "jpeg_pipe", "png_pipe"})
_PICTURES = frozenset({"image2", "tty"})
_FEW = 5
"""Times the wanted frames a second: a video of as many has enough without those that no other one is made from."""

_BROKEN_IN_A_ROW_S = 3.0
"""Times the read timeout: a live stream that sends so long without one picture that can be decoded is opened anew."""


def open_capture(address: Address, settings: Settings) -> PyAVCapture:
    """Raises `VideoError`. With `hardware`, one picture is decoded to see whether it really runs; if not, the processor decodes."""
    reasons: list[str] = []
    for kind in _kinds(settings.hardware):
        reason = _missing_device(kind)
        if reason is None:
            capture, reason = _on_hardware(address, settings, kind)
            if capture is not None:
                return capture
        reasons.append(f"{kind}: {reason}")
    capture = PyAVCapture(address, settings, None)
    capture.hardware_error = "; ".join(reasons) or None
    return capture


def _kinds(hardware: str | None) -> list[str]:
    return [] if hardware is None else av.codec.hwaccel.hwdevices_available() or ["none"] if hardware == "auto" else [hardware]


def _missing_device(kind: str) -> str | None:
    """Why this machine has no such hardware; None if it has."""
    available = av.codec.hwaccel.hwdevices_available()
    if kind not in available:
        return f"not among those of this build ({', '.join(available) or 'none'})"
    try:
        av.codec.hwaccel.HWAccel(kind).create(av.Codec("h264", "r"))
    except av.error.FFmpegError as error:
        return f"no such device works here ({error.strerror})"
    except (RuntimeError, NotImplementedError):
        return "PyAV cannot decode with it"
    return None


def _on_hardware(address: Address, settings: Settings, kind: str) -> tuple[PyAVCapture | None, str]:
    """The video decoded by this hardware, or why that cannot decode it."""
    capture = None
    try:
        capture = PyAVCapture(address, settings, kind)
        capture.prove_hardware()
    except (av.error.FFmpegError, RuntimeError, NotImplementedError, ValueError) as error:
        if capture is not None:
            capture.close()
        return None, cause_of(error) if isinstance(error, av.error.FFmpegError) else str(error)
    except VideoError:
        if capture is not None:
            capture.close()
        raise
    return capture, ""


class PyAVCapture:
    """An open video; see `Capture`."""

    def __init__(self, address: Address, settings: Settings, hardware: str | None) -> None:
        self._address, self._settings = address, settings
        self.hardware = hardware
        self.hardware_error: str | None = None
        self.admit: Admit | None = None
        self.broken = 0
        self._container = open_container(address, settings, hardware)
        try:
            self._stream = self._video_stream()
            self._begin()
        except BaseException:
            self._container.close()
            raise

    def _begin(self) -> None:
        context, name = self._stream.codec_context, self._container.format.name
        if context is None:
            raise VideoError(f"{self._address.name}: no decoder for its kind of video here", hopeless=True)
        if self.hardware and not context.is_hwaccel:
            raise NotImplementedError(f"cannot decode {context.name}")
        context.thread_count = self._settings.threads
        context.thread_type = "AUTO" if self._settings.threads != 1 else "SLICE"
        if self._settings.live:
            context.flags |= av.codec.context.Flags.low_delay
        self.timed = name not in _WITHOUT_CLOCK
        self.size = (context.width, context.height) if context.width and context.height else None
        rate = self._stream.average_rate or context.framerate or self._stream.guessed_rate
        self.fps = float(rate) if rate and 0 < rate < 1000 and self.timed else None
        self.duration_s = self._container.duration / 1e6 if self._address.kind == "file" and self._container.duration else None
        wanted = self._settings.wanted_fps
        if wanted and self.fps and wanted * _FEW <= self.fps:
            context.skip_frame = "NONREF"  # pictures that no other one is made from
        self.start_epoch_s = creation_time(self._container, self._stream)
        self._lazy = context.name in _INTRA_ONLY and name in _PLAIN_CONTAINERS and not self.hardware
        self._reformatter = VideoReformatter()
        self._early: list[tuple[Any, float]] = []
        self._packets = self._demux()
        if self._lazy:
            self._decoder = av.CodecContext.create(context.name, "r")  # of its own: used by the thread that wants the pixels
            self._decoder.extradata = context.extradata
            self._decoder.width, self._decoder.height, self._decoder.pix_fmt = context.width, context.height, context.pix_fmt

    def prove_hardware(self) -> None:
        """Decode until the first picture, which is kept for `pictures`. Raises what the decoder raises."""
        for packet, waited in self._packets:
            frames = self._stream.codec_context.decode(packet)
            self._early += [(frame, waited) for frame in frames]
            if frames:
                return
        raise VideoError(f"{self._address.name}: holds no picture that can be decoded")

    def pictures(self) -> Iterator[Picture]:
        seen, since = 0, time.monotonic()
        for frame, _ in self._early:
            seen += 1
            yield self._picture(frame)
        self._early = []
        for picture in self._lazily() if self._lazy else self._decoded():
            if picture is None:
                if self._settings.live and time.monotonic() - since > _BROKEN_IN_A_ROW_S * self._settings.read_timeout_s:
                    raise VideoError(f"{self._address.name}: sends data, but no picture that can be decoded")
                continue
            seen, since = seen + 1, time.monotonic()
            yield picture
        if not seen:
            raise VideoError(f"{self._address.name}: holds no picture that can be decoded")

    def close(self) -> None:
        self._packets.close()
        self._early = []
        self._container.close()

    def _demux(self) -> Generator[tuple[Any, float]]:
        """Packets of the video and how long each was waited for; the last, empty one empties the decoder."""
        packets, count, last = self._container.demux(), 0, 0.0
        asked = heard = time.monotonic()
        try:
            for packet in packets:
                now = time.monotonic()
                if self._settings.live and packet.size and now - heard > 0.98 * self._settings.read_timeout_s:
                    raise self._silent()  # sound alone goes on, or this is a rest that the parser held back until the timeout
                if packet.stream_index != self._stream.index:
                    continue
                if packet.size:
                    count += 1
                    last = max(last, seconds(packet.pts, packet.time_base) or 0.0)
                yield packet, now - asked
                asked = heard = time.monotonic()
        except av.error.ExitError:
            raise self._silent() from None
        except av.error.FFmpegError as error:
            if self._address.kind != "file":
                raise VideoError(f"{self._address.name}: {cause_of(error)}", refused=is_refusal(error)) from None
            raise VideoError(f"{self._address.name}: broken after {self._clock(last)} ({cause_of(error)})") from None
        finally:
            packets.close()
        self._check_whole(count, last)

    def _silent(self) -> VideoError:
        return VideoError(f"{self._address.name}: no data for {self._settings.read_timeout_s:g} s")

    def _check_whole(self, packets: int, last_s: float) -> None:
        """A file's header says how much it holds; what is missing at the end was cut off."""
        promised = self._stream.frames if "mp4" in self._container.format.name else 0  # AVI counts pictures left out, too
        if self._address.kind == "file" and packets < promised - 2:
            raise VideoError(f"{self._address.name}: truncated after {self._clock(last_s)}: {packets} of {promised} pictures are there")
        end = promised_end_s(self._container, self._stream)
        if self._address.kind == "file" and packets and end and end - last_s > 1.0 + 3 / (self.fps or 25):
            raise VideoError(f"{self._address.name}: truncated after {self._clock(last_s)} of {self._clock(end)}")

    def _clock(self, stamp_s: float) -> str:
        start = self._stream.start_time
        return f"{max(stamp_s - (seconds(start, self._stream.time_base) or 0.0), 0.0):.2f} s"

    def _decoded(self) -> Iterator[Picture | None]:
        """Every picture in order, None where a packet gave none; packets that `admit` refuses are left out undecoded."""
        context, skipped, failure = self._stream.codec_context, False, None
        while True:
            try:
                packet, waited = next(self._packets)
            except StopIteration:
                return
            except VideoError as error:
                failure, packet, waited = error, None, 0.0
            if packet is not None and packet.size and self.admit and not self.admit(self._stamp(packet, True), packet.is_keyframe, waited):
                skipped = True
                continue
            if skipped and packet is not None and packet.size:
                context.flush_buffers()
                skipped = False
            frames = self._decode(context, packet)
            yield from (self._picture(frame) for frame in frames)
            if failure:
                raise failure
            if not frames:
                yield None

    def _decode(self, context: Any, packet: Any) -> list[Any]:
        try:
            return list(context.decode(packet))
        except av.error.EOFError:
            return []
        except av.error.FFmpegError:
            self.broken += 1
            return []

    def _lazily(self) -> Iterator[Picture | None]:
        for packet, waited in self._packets:
            if packet.size and (self.admit is None or self.admit(self._stamp(packet, True), True, waited)):
                yield Picture(self._stamp(packet), self.size, self._decoding(packet))

    def _decoding(self, packet: Any) -> Callable[[], Image]:
        def to_rgb() -> Image:
            frames = self._decode(self._decoder, packet)
            if not frames:
                raise BrokenPictureError
            self.size = (frames[0].width, frames[0].height)
            return self._to_rgb(frames[0])

        return to_rgb

    def _picture(self, frame: Any) -> Picture:
        self.size = _upright_size(frame)
        return Picture(self._stamp(frame), self.size, lambda: self._to_rgb(frame))

    def _to_rgb(self, frame: Any) -> Image:
        if frame.width * frame.height > MAX_PIXELS:
            raise VideoError(f"{self._address.name}: too large, {frame.width} x {frame.height} and the limit is {MAX_PIXELS / 1e6:.0f} million pixels")
        try:
            return from_av(frame, self._reformatter)
        except av.error.FFmpegError as error:
            raise BrokenPictureError(cause_of(error)) from None

    def _stamp(self, what: Any, decoding: bool = False) -> float | None:
        """Seconds on the stream's clock; `decoding`: in the order of decoding, in which packets come."""
        if not self.timed and self._settings.live:
            return None
        stamp = what.dts if decoding and what.dts is not None else what.pts
        return seconds(what.dts if stamp is None else stamp, what.time_base)

    def _video_stream(self) -> Any:
        found = [stream for stream in self._container.streams.video if not stream.disposition & Disposition.attached_pic]
        name = self._container.format.name
        if self._address.kind == "file" and (name in _PICTURES or name.endswith("_pipe")):
            kind = what_it_is(self._address) if name == "tty" else "it is a picture"
            raise VideoError(f"{self._address.name}: not a video, {kind}")
        if not found:
            other = sorted({stream.type for stream in self._container.streams})
            raise VideoError(f"{self._address.name}: holds no video stream" + (f", only {', '.join(other)}" if other else ""))
        best = max(found, key=lambda stream: (bool(stream.disposition & Disposition.default), stream.width * stream.height if stream.codec_context else 0))
        for stream in self._container.streams:
            if stream is not best:
                stream.discard = "all"
        return best


def _upright_size(frame: Any) -> tuple[int, int]:
    return (frame.height, frame.width) if round(frame.rotation / 90) % 2 else (frame.width, frame.height)
