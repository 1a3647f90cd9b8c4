"""Which of a photo's metadata goes along when its plates are hidden.

Whatever may hold a second picture of the plate never does, whatever is asked for: thumbnails and previews in EXIF, the
makers' own notes (many hold a preview), Photoshop's resources, pictures in XMP, further pictures or a video behind a JPEG.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from PIL import ExifTags
from PIL import Image as Pillow

Metadata = Literal["keep-safe", "none", "all"]

LONGEST_SAFE, LONGEST = 200, 60_000
"""Bytes or characters of one entry; longer ones stay behind."""

_Base, _Ifd = ExifTags.Base, ExifTags.IFD
_SAFE = frozenset((
    _Base.Make, _Base.Model, _Base.XResolution, _Base.YResolution, _Base.ResolutionUnit, _Base.Software, _Base.DateTime, _Base.Copyright,
))  # fmt: skip
_DESCRIBING = _SAFE | frozenset((
    _Base.ImageDescription, _Base.Artist, _Base.HostComputer, _Base.Rating, _Base.XPTitle, _Base.XPComment, _Base.XPAuthor, _Base.XPKeywords, _Base.XPSubject,
))  # fmt: skip
_SAFE_PHOTO = frozenset((
    _Base.ExposureTime, _Base.FNumber, _Base.ExposureProgram, _Base.ISOSpeedRatings, _Base.SensitivityType, _Base.DateTimeOriginal, _Base.DateTimeDigitized,
    _Base.OffsetTime, _Base.OffsetTimeOriginal, _Base.OffsetTimeDigitized, _Base.ShutterSpeedValue, _Base.ApertureValue, _Base.BrightnessValue,
    _Base.ExposureBiasValue, _Base.MaxApertureValue, _Base.MeteringMode, _Base.LightSource, _Base.Flash, _Base.FocalLength, _Base.SubsecTime,
    _Base.SubsecTimeOriginal, _Base.SubsecTimeDigitized, _Base.ColorSpace, _Base.SensingMethod, _Base.CustomRendered, _Base.ExposureMode, _Base.WhiteBalance,
    _Base.DigitalZoomRatio, _Base.FocalLengthIn35mmFilm, _Base.SceneCaptureType, _Base.GainControl, _Base.Contrast, _Base.Saturation, _Base.Sharpness,
    _Base.LensSpecification, _Base.LensMake, _Base.LensModel,
))  # fmt: skip
_PICTURES_IN_XMP = (b"humbnail", b"GImage", b"GDepth", b"xmpGImg", b"Data=", b"base64")


@dataclass(frozen=True, slots=True)
class Kept:
    """What goes along: EXIF, XMP, comment, PNG texts; None or empty where there is nothing."""

    exif: Pillow.Exif | None = None
    xmp: bytes | None = None
    comment: bytes | None = None
    texts: tuple[tuple[str, str], ...] = ()


def kept(original: Pillow.Image, choice: Metadata) -> Kept:
    """What of the metadata of an opened picture may go into a copy that stands upright and holds no plates.

    `keep-safe`: camera, exposure, date and copyright. `all`: also place, texts, names and serial numbers. `none`: nothing.
    Raises ValueError for another choice.
    """
    if choice not in get_args(Metadata):
        raise ValueError(f"metadata must be one of {', '.join(get_args(Metadata))}, got {choice!r}")
    if choice == "none":
        return Kept()
    exif = _exif(original, everything=choice == "all")
    if choice == "keep-safe":
        return Kept(exif)
    xmp = original.info.get("xmp")
    comment = original.info.get("comment")
    texts = getattr(original, "text", {})
    return Kept(
        exif,
        xmp if isinstance(xmp, bytes) and len(xmp) <= LONGEST and not any(word in xmp for word in _PICTURES_IN_XMP) else None,
        comment if isinstance(comment, bytes) and len(comment) <= LONGEST else None,
        tuple((str(key), str(value)) for key, value in texts.items() if key != "XML:com.adobe.xmp" and len(value) <= LONGEST),
    )


def _exif(original: Pillow.Image, everything: bool) -> Pillow.Exif | None:
    copy = Pillow.Exif()
    try:
        found = original.getexif()
        photo, place = dict(found.get_ifd(_Ifd.Exif)), dict(found.get_ifd(_Ifd.GPSInfo))
        _take(copy, dict(found), _DESCRIBING if everything else _SAFE, LONGEST if everything else LONGEST_SAFE)
        wanted = frozenset(photo) - {_Base.MakerNote, _Base.ExifImageWidth, _Base.ExifImageHeight, _Ifd.Interop} if everything else _SAFE_PHOTO
        _take(copy.get_ifd(_Ifd.Exif), photo, wanted, LONGEST if everything else LONGEST_SAFE)
        if everything:
            _take(copy.get_ifd(_Ifd.GPSInfo), place, frozenset(place), LONGEST)
        copy.tobytes()
    except Exception:  # a damaged EXIF block trips Pillow in many ways, and what it holds cannot be judged
        return None
    return copy if len(copy) or copy.get_ifd(_Ifd.Exif) or copy.get_ifd(_Ifd.GPSInfo) else None


def _take(target: Any, source: dict[int, Any], wanted: frozenset[int], longest: int) -> None:
    for tag, value in source.items():
        if tag in wanted and not (isinstance(value, (str, bytes)) and len(value) > longest) and not isinstance(value, dict):
            target[tag] = value
