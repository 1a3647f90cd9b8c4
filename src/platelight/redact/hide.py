"""Hide plates in a picture: `redact` gives the picture, `hide` also what was covered and how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args
from zlib import crc32

import numpy as np

from platelight.geometry import Quad
from platelight.records import Image, Plate
from platelight.redact.methods import Blur, Fill, Pixelate
from platelight.redact.patch import Patch, spread
from platelight.redact.swap import Swap

MARGIN = 0.25
"""Share of a plate's height that is covered beyond its corners on every side."""

MethodName = Literal["blur", "pixelate", "fill", "logo", "swap"]


class Method(Protocol):
    """Makes what goes over the plate. `place` is the plate's quad with the margin; None where it lies outside the picture.

    A patch covers all of `place`, and no pixel of it may let the plate be read.
    """

    @property
    def name(self) -> str: ...

    def __call__(self, picture: Image, plate: Plate, place: Quad, rng: np.random.Generator, /) -> Patch | None: ...


METHODS: dict[str, Callable[[], Method]] = {"blur": Blur, "pixelate": Pixelate, "fill": Fill, "swap": Swap}
"""Methods that need nothing else; a `Logo` needs its picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Hidden:
    """A picture (H, W, 3) with its plates hidden, `mask` (H, W) 255 where anything may have changed, and for each plate, in
    the order given, the place covered and the name of the method that covered it (`swap` blurs what it cannot draw)."""

    picture: Image
    mask: Image
    places: tuple[Quad, ...]
    methods: tuple[str, ...]


def redact(
    picture: Image, plates: Sequence[Plate], method: Method | MethodName = "blur", margin: float = MARGIN, seed: int | None = None
) -> Image:  # fmt: skip
    """A copy of `picture` (H, W, 3) RGB with `plates` hidden; arguments as for `hide`."""
    return hide(picture, plates, method, margin, seed).picture


def hide(
    picture: Image, plates: Sequence[Plate], method: Method | MethodName = "blur", margin: float = MARGIN, seed: int | None = None
) -> Hidden:  # fmt: skip
    """Hide `plates` in a copy of `picture` (H, W, 3) RGB.

    `margin` is the share of a plate's height covered beyond its corners. With `seed` the result is the same every time, and
    `swap` gives the same text the same made-up number in every picture; keep it to yourself, for whoever knows it can take
    away the noise of `blur` and `pixelate`. Raises ValueError for a wrong method or margin.
    """
    chosen = method_of(method)
    if not 0 <= margin <= 2:
        raise ValueError(f"margin must be from 0 to 2 (shares of the plate's height), got {margin!r}")
    result, mask = picture.copy(), np.zeros(picture.shape[:2], np.uint8)
    places = [spread(plate.detection.quad, margin) for plate in plates]
    patches = [chosen(picture, plate, place, _rng(seed, plate, index)) for index, (plate, place) in enumerate(zip(plates, places, strict=True))]
    for index in sorted(range(len(plates)), key=lambda index: plates[index].detection.score):  # the surest last, whole
        patch = patches[index]
        if patch is not None:
            patch.lay(result, mask)
    return Hidden(result, mask, tuple(places), tuple("" if patch is None else patch.method for patch in patches))


def method_of(method: Method | str) -> Method:
    """The method of that name, or the one given. Raises ValueError."""
    if not isinstance(method, str):
        return method
    if method == "logo":
        raise ValueError("the method logo needs its picture: Logo.open(path)")
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(get_args(MethodName))}, got {method!r}")
    return METHODS[method]()


def _rng(seed: int | None, plate: Plate, index: int) -> np.random.Generator:
    if seed is None:
        return np.random.default_rng()
    return np.random.default_rng([seed, crc32(plate.text.encode())] if plate.text else [seed, 0, index])
