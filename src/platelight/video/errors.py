"""Why a video cannot be used, in one line that names it and holds no password."""

from __future__ import annotations

import errno

CAUSES = {
    "ConnectionRefusedError": "connection refused, nothing listens on that port",
    "ConnectionResetError": "the other side closed the connection",
    "ConnectionAbortedError": "the other side closed the connection",
    "BrokenPipeError": "the other side closed the connection",
    "HTTPUnauthorizedError": "not authorized: the user or the password is missing or wrong",
    "HTTPForbiddenError": "access refused by the server (403)",
    "HTTPNotFoundError": "the server knows no such path (404)",
    "HTTPBadRequestError": "the server did not understand the request (400)",
    "HTTPTooManyRequestsError": "the server says that it is asked too often (429)",
    "HTTPOtherClientError": "the server refused the request (4xx)",
    "HTTPServerError": "the server failed (5xx)",
    "HTTPError": "the server refused the request",
    "FileNotFoundError": "no such file",
    "PermissionError": "no permission to read it",
    "IsADirectoryError": "is a folder, not a video",
    "ProtocolNotFoundError": "addresses of this kind cannot be opened here",
    "DecoderNotFoundError": "no decoder for its kind of video here",
    "DemuxerNotFoundError": "no reader for its kind of file here",
    "InvalidDataError": "not a video, or broken",
    "MemoryError": "not enough memory",
}
_BY_NUMBER = {
    errno.EHOSTUNREACH: "no route to that host",
    errno.ENETUNREACH: "that network cannot be reached",
    errno.ENODEV: "no such device",
    errno.ENXIO: "no such device",
    errno.EBUSY: "in use by another program",
    errno.ENOENT: "no such file",
    errno.EIO: "reading failed (input/output error)",
}


class VideoError(Exception):
    """A video that cannot be used; the message names the masked source and the cause. `refused`: the server wants another
    password, so asking again soon may lock the account; `hopeless`: no later try can do better."""

    def __init__(self, message: str, *, refused: bool = False, hopeless: bool = False) -> None:
        super().__init__(message)
        self.refused, self.hopeless = refused, hopeless


class BrokenPictureError(Exception):
    """One picture of a video that cannot be decoded; those after it may be."""


def cause_of(error: BaseException) -> str:
    """One clause for an error of FFmpeg or the system; never its own text, which holds the whole address."""
    name = type(error).__name__
    if name in CAUSES:
        return CAUSES[name]
    number = getattr(error, "errno", None)
    if number in _BY_NUMBER:
        return _BY_NUMBER[number]
    return str(getattr(error, "strerror", None) or name).lower()


def is_hopeless(error: BaseException) -> bool:
    """Whether it lies in what is installed here."""
    return type(error).__name__ in ("ProtocolNotFoundError", "DecoderNotFoundError", "DemuxerNotFoundError")


def is_refusal(error: BaseException) -> bool:
    """Whether the server rejected the password."""
    return type(error).__name__ in ("HTTPUnauthorizedError", "HTTPForbiddenError")
