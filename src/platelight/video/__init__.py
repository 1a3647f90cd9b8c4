"""Timed frames in (files, cameras, streams) and out (H.264 files)."""

from platelight.video.address import masked
from platelight.video.errors import VideoError
from platelight.video.source import Video
from platelight.video.stats import Stats
from platelight.video.writing import write_video

__all__ = ["Stats", "Video", "VideoError", "masked", "write_video"]
