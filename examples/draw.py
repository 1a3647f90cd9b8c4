"""Draw the example pictures and their labels: python examples/draw.py [FOLDER]. The same pictures every time."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from platelight.dataset import LabelledImage, PlateLabel, write_labels
from platelight.geometry import FloatArray, Quad, apply_homography
from platelight.records import Image
from platelight.synth import backdrop, compose, light, optics, pixels, plate, pose, sketch, vehicle
from platelight.synth.degrade import Effect
from platelight.synth.generate import LEVELS, all_templates, label
from platelight.synth.pixels import Colour
from platelight.synth.sketch import Lettering, Patch, Sketch, Stroke, rectangle

WIDTH, HEIGHT = 1280, 960
FINER = 2  # drawn at twice the size and shrunk, which gives clean edges


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate by type and text (marks included); the seed decides its wear, screws and frame."""

    template: str
    lines: tuple[str, ...]
    seed: int = 1
    white: float = 236.0


@dataclass(frozen=True, slots=True)
class Car:
    """A vehicle of the picture: `x`, `ground` and `width` as shares of the picture, `yaw` in degrees, `form` seeds its shape."""

    kind: str
    paint: Colour
    x: float
    ground: float
    width: float
    form: int
    plate: Plate | None
    yaw: float = 0.0
    on_bumper: bool = False
    lit: bool = False
    sky: Colour = (205.0, 218.0, 232.0)


@dataclass(frozen=True, slots=True)
class Board:
    """A sign or lettering: `x`, `y` its middle and `height` as shares of the picture; a `post` reaches down to that share."""

    sketch: Sketch
    x: float
    y: float
    height: float
    yaw: float = 0.0
    post: float | None = None


@dataclass(frozen=True, slots=True)
class Lamp:
    """Light on a dark picture: an elliptic pool, places and sizes as shares of the picture."""

    x: float
    y: float
    wide: float
    high: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Picture:
    """One example. `ambient` and `lamps` multiply the colours; `roll` turns the camera by degrees."""

    name: str
    place: backdrop.BackdropParams
    cars: tuple[Car, ...]
    boards: tuple[Board, ...] = ()
    ambient: Colour = (1.0, 1.0, 1.0)
    lamps: tuple[Lamp, ...] = ()
    effects: tuple[Effect, ...] = ()
    roll: float = 0.0
    quality: int = 88


def main(folder: Path) -> None:
    records = []
    for picture in PICTURES:
        image, labels = draw(picture)
        path = folder / f"{picture.name}.jpg"
        _, data = cv2.imencode(".jpg", image[..., ::-1], optics.jpeg_options(picture.quality))
        path.write_bytes(data.tobytes())
        records.append(LabelledImage(path, WIDTH, HEIGHT, "platelight examples", tuple(labels)))
    write_labels(folder / "labels.jsonl", records)


def draw(picture: Picture) -> tuple[Image, list[PlateLabel]]:
    """The picture (HEIGHT, WIDTH, 3) and the labels of its plates."""
    canvas, _ = backdrop.render(replace(picture.place, vehicles=()), HEIGHT * FINER, WIDTH * FINER)
    canvas = far_soft(canvas, picture.place.horizon)
    for board in picture.boards:
        canvas = hang(canvas, board) if board.post is not None else canvas
    labels = []
    for car in picture.cars:
        canvas, found = park(canvas, car, picture.place.light)
        labels += found
    for board in picture.boards:
        canvas = hang(canvas, board) if board.post is None else canvas
    turn = turned(picture.roll)
    canvas = np.asarray(cv2.warpPerspective(canvas, turn, canvas.shape[1::-1], flags=cv2.INTER_CUBIC), dtype=np.uint8)
    canvas = np.asarray(cv2.resize(canvas, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    canvas = lit(canvas, picture)
    for effect in picture.effects:
        canvas = effect.apply(canvas)
    return canvas, [moved(found, turn) for found in labels]


def far_soft(canvas: Image, horizon: float) -> Image:
    """What lies far away a little out of focus."""
    soft = np.asarray(cv2.GaussianBlur(canvas, (0, 0), 1.6 * FINER), dtype=np.uint8)
    down = np.linspace(0, 1, canvas.shape[0], dtype=np.float32)[:, None]
    far = np.clip(1 - (down - horizon) / 0.12, 0, 1)
    return pixels.blend(canvas, soft, np.ascontiguousarray(np.broadcast_to(far, canvas.shape[:2])))


def park(canvas: Image, car: Car, brightness: float) -> tuple[Image, list[PlateLabel]]:
    """Set a vehicle into the picture and hang its plate."""
    kind = next((known for known in all_templates() if car.plate and known.id == car.plate.template), None)
    aspect = kind.size_mm[0] / kind.size_mm[1] if kind else 4.6
    form = tuple(np.random.default_rng(car.form).random(16).tolist())
    look = vehicle.VehicleParams(car.kind, car.paint, car.sky, form, car.on_bumper, aspect, car.lit)
    standing = backdrop.Standing(look, car.x, car.ground, car.width, pose.PoseParams(0.0, car.yaw, 1.0, 4.0))
    canvas, slot, _ = backdrop.stand(canvas, standing, brightness)
    if kind is None or car.plate is None:
        return canvas, []
    params = plate.sample(kind, np.random.default_rng(car.plate.seed), lines=car.plate.lines)
    quad = slot.hold(params.aspect)
    art = plate.render(params, round(quad.height_px * 1.25))
    toned = pixels.looked_up(art.image, 14 + (car.plate.white * brightness - 14) * LEVELS)
    return compose.place(canvas, toned, art.mask, quad, shadow=0.5), [label(art, quad)]


def hang(canvas: Image, board: Board) -> Image:
    """Put up a sign, or letter a vehicle."""
    height, width = canvas.shape[:2]
    high = board.height * height
    quad = pose.project(pose.PoseParams(0.0, board.yaw, 0.0, 8.0), board.sketch.aspect, high * board.sketch.aspect).moved(board.x * width, board.y * height)
    if board.post is not None:
        left, right = (board.x - 0.0035) * width, (board.x + 0.0035) * width
        foot = Quad(((left, board.y * height), (right, board.y * height), (right, board.post * height), (left, board.post * height)))
        steel = np.linspace(95, 150, 12, dtype=np.uint8)[None, :, None].repeat(80, 0).repeat(3, 2)
        canvas = compose.place(canvas, steel, np.full((80, 12), 255, np.uint8), foot)
    art, mask = sketch.render(board.sketch, round(high))
    return compose.place(canvas, art, mask, quad, shadow=0.25 if board.post is not None else 0.0)


def lit(canvas: Image, picture: Picture) -> Image:
    """The picture under its ambient light and lamps."""
    if not picture.lamps and picture.ambient == (1.0, 1.0, 1.0):
        return canvas
    x, y = np.arange(WIDTH, dtype=np.float32)[None, :] / WIDTH, np.arange(HEIGHT, dtype=np.float32)[:, None] / HEIGHT
    factor = np.full(canvas.shape, picture.ambient, np.float32)
    for lamp in picture.lamps:
        pool = np.exp(-(((x - lamp.x) / lamp.wide) ** 2) - ((y - lamp.y) / lamp.high) ** 2)
        factor += pool[..., None] * np.array(lamp.colour, np.float32)
    return pixels.lit(canvas, factor)


def turned(roll: float) -> FloatArray:
    """The map of a camera turned by `roll` degrees, closer so that no corner stays empty; pixels of the large picture."""
    width, height = WIDTH * FINER, HEIGHT * FINER
    zoom = np.cos(np.radians(roll)) + width / height * abs(np.sin(np.radians(roll)))
    affine = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -roll, float(zoom))
    return np.asarray(np.vstack([affine, [0, 0, 1]]), dtype=np.float64)


def moved(found: PlateLabel, turn: FloatArray) -> PlateLabel:
    """The label in the finished picture."""
    assert found.corners is not None
    corners = Quad.from_array((apply_homography(turn, found.corners.array() - 0.5) + 0.5) / FINER)
    return replace(found, corners=corners, box=corners.box)


def face(name: str) -> int:
    """The number of a shipped font."""
    return next(number for number, path in enumerate(sketch.faces()) if path.stem.startswith(name))


def sign(rows: tuple[str, ...], ground: Colour, ink: Colour, font: str = "overpass-latin-700") -> Sketch:
    """A panel with a rim, its rows centred."""
    size = 0.6 / len(rows)
    width = max(sketch.text_width(row, size, face(font)) for row in rows) + 0.5
    text = tuple(Lettering(row, width / 2, 0.07 + 0.86 * (n + 0.5) / len(rows), size, ink, face(font)) for n, row in enumerate(rows))
    rim = Stroke(rectangle(0.035, 0.035, width - 0.035, 0.965, 0.07), ink, 0.025, closed=True)
    return Sketch("sign", width, (Patch(rectangle(0, 0, width, 1, 0.09), ground), rim, *text))


def lettering(text: str, ink: Colour, font: str) -> Sketch:
    """Letters without a ground."""
    width = sketch.text_width(text, 0.62, face(font)) + 0.2
    return Sketch("lettering", width, (Lettering(text, width / 2, 0.5, 0.62, ink, face(font)),))


DAY = (light.Tone(1.06, 1.0, 1.12, 0.0, (1.02, 1.0, 0.97), 1.08), light.Vignette(0.22), optics.SensorNoise(1.3, 0.7, 0.5, 2, 5), optics.Sharpen(0.35, 1.0))
GREY = (light.Tone(1.02, 1.0, 1.05, 0.02, (0.98, 1.0, 1.03), 0.88), light.Vignette(0.18), optics.SensorNoise(1.5, 0.8, 0.5, 2, 9), optics.Sharpen(0.35, 1.0))
RAIN = tuple((float(x), float(y)) for x, y in np.random.default_rng(3).uniform(-0.05, 1, (130, 2)))
GREEN, WHITE, BLUE, BLACK = (18.0, 96.0, 62.0), (242.0, 242.0, 240.0), (20.0, 60.0, 150.0), (18.0, 18.0, 20.0)

PICTURES = (
    Picture(
        "ukraine-yard",
        backdrop.BackdropParams("wall", 0.46, (200, 214, 228), (168, 96, 72), (128, 125, 120), 1.0, (), 11),
        (
            Car("rear", (120, 24, 28), 0.26, 0.9, 0.5, 3, Plate("ua-2015", ("KA 4182 MX",), 19), yaw=-9),
            Car("rear", (208, 211, 214), 0.76, 0.98, 0.56, 8, Plate("ua-2015-two-line", ("BC IT", "7306"), 2), yaw=7),
        ),
        effects=DAY,
    ),
    Picture(
        "germany-night",
        backdrop.BackdropParams("road", 0.4, (40, 48, 84), (120, 110, 100), (86, 86, 90), 0.95, (), 31),
        (Car("rear", (38, 62, 118), 0.5, 0.93, 0.62, 12, Plate("de-car", ("HB*KN 2714",), 4), yaw=5, lit=True, sky=(150, 160, 190)),),
        ambient=(0.36, 0.38, 0.5),
        lamps=(
            Lamp(0.5, 0.62, 0.12, 0.05, (0.62, 0.58, 0.5)), Lamp(0.5, 0.95, 0.5, 0.2, (0.3, 0.12, 0.08)), Lamp(0.14, 0.3, 0.22, 0.3, (0.75, 0.55, 0.28)),
            Lamp(0.9, 0.34, 0.16, 0.2, (0.6, 0.45, 0.24)), Lamp(0.26, 0.52, 0.1, 0.1, (0.6, 0.1, 0.05)), Lamp(0.74, 0.52, 0.1, 0.1, (0.6, 0.1, 0.05)),
        ),
        effects=(
            light.Glow(0.12, 0.1, 0.05, 0.06, 1.0, (1.0, 0.85, 0.55)), light.Glow(0.12, 0.1, 0.2, 0.22, 0.35, (1.0, 0.7, 0.35)),
            light.Glow(0.9, 0.2, 0.025, 0.03, 1.0, (1.0, 0.85, 0.55)), light.Glow(0.9, 0.2, 0.12, 0.13, 0.35, (1.0, 0.7, 0.35)),
            light.Glow(0.27, 0.52, 0.1, 0.12, 0.4, (1.0, 0.15, 0.1)), light.Glow(0.73, 0.52, 0.1, 0.12, 0.4, (1.0, 0.15, 0.1)),
            light.Bloom(170, 0.02, 0.4), optics.SensorNoise(3.5, 2.0, 0.3, 2, 77),
        ),
        quality=85,
    ),
    Picture(
        "britain-front-rear",
        backdrop.BackdropParams("hedge", 0.46, (206, 214, 222), (150, 150, 150), (122, 119, 113), 0.98, (), 33),
        (
            Car("front", (30, 74, 52), 0.28, 0.89, 0.48, 5, Plate("gb-current", ("LD68 XWK",), 3), yaw=8),
            Car("rear", (92, 110, 140), 0.76, 0.97, 0.5, 6, Plate("gb-current-rear", ("YK19 BZO",), 4), yaw=-8),
        ),
        effects=GREY,
    ),
    Picture(
        "france-close",
        backdrop.BackdropParams("wall", 0.3, (200, 214, 228), (205, 200, 188), (120, 117, 112), 1.0, (), 41),
        (Car("front", (150, 24, 30), 0.5, 1.22, 1.35, 9, Plate("fr-siv", ("FK-483-TD",), 11), yaw=-12),),
        effects=DAY,
        roll=3.0,
    ),
    Picture(
        "california-sun",
        backdrop.BackdropParams("road", 0.42, (120, 178, 232), (222, 205, 170), (150, 146, 140), 1.05, (), 60),
        (Car("rear", (205, 90, 30), 0.47, 0.93, 0.66, 14, Plate("us-ca-1987", ("7KDX482",), 2), yaw=10),),
        effects=(light.Shadow(((-0.1, 0.6), (0.5, 1.1), (-0.1, 1.1)), 0.4, 0.01), *DAY),
    ),
    Picture(
        "vietnam-motorbikes",
        backdrop.BackdropParams("wall", 0.42, (214, 220, 224), (222, 205, 160), (134, 130, 122), 1.0, (), 61),
        (
            Car("motorcycle", (28, 50, 110), 0.3, 0.86, 0.34, 2, Plate("vn-moto5", ("59-X3", "482.67"), 7), yaw=-6),
            Car("motorcycle", (190, 30, 34), 0.68, 0.97, 0.42, 5, Plate("vn-moto5", ("43-D1", "905.18"), 3), yaw=9),
        ),
        effects=DAY,
        roll=-6.0,
    ),
    Picture(
        "brazil-rain",
        backdrop.BackdropParams("road", 0.4, (176, 184, 192), (170, 160, 150), (84, 85, 88), 0.9, (), 82),
        (
            Car("front", (190, 193, 197), 0.17, 0.7, 0.31, 4, Plate("br-2018", ("QNB7D21",), 2), yaw=4, lit=True),
            Car("van", (235, 236, 238), 0.83, 0.82, 0.33, 9, Plate("br-2018", ("FZT3H56",), 4), yaw=-6, lit=True),
            Car("rear", (44, 60, 92), 0.46, 0.95, 0.46, 7, Plate("br-2018", ("RKC5A83",), 3), yaw=2, lit=True),
        ),
        effects=(light.Rain(RAIN, 0.08, 0.25, 0.22), *GREY),
    ),
    Picture(
        "van-without-plate",
        backdrop.BackdropParams("road", 0.44, (190, 210, 230), (200, 180, 150), (104, 104, 106), 1.0, (), 91),
        (Car("van", (240, 240, 232), 0.6, 0.97, 0.6, 3, None, yaw=-5),),
        (
            Board(sign(("Ahrenfeld 68", "Neustadt 12"), BLUE, WHITE), 0.155, 0.33, 0.1, 6, post=0.68),
            Board(lettering("Blumen Sommer", GREEN, "lobster"), 0.605, 0.47, 0.07, -5),
            Board(lettering("0800 555 0142", GREEN, "barlow-condensed-latin-700"), 0.605, 0.555, 0.055, -5),
            Board(lettering("www.blumen-sommer.example", GREEN, "barlow-condensed-latin-600"), 0.605, 0.615, 0.04, -5),
        ),
        effects=DAY,
    ),
)  # fmt: skip

if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
