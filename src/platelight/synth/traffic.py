"""Who drives through a drawn film, when and how. Lengths are metres, see `route`."""

from __future__ import annotations

import math

import numpy as np

from platelight.synth import nonplates, plate, vehicle
from platelight.synth.actor import ActorParams
from platelight.synth.generate import Options, choose_plate
from platelight.synth.route import Camera, Route

LANES = (-1.8, 1.8)
NEAR, PLATE_M = 1.8, 0.52
SMALLEST_PX = 22.0
"""A vehicle comes into a film where its plate is this wide."""

WAYS = ("towards", "away", "across", "turning")
SHARES = (0.4, 0.25, 0.2, 0.15)
DRIVES_ALONE, FOLLOWED = 0.6, 0.22
"""Shares of vehicles that come alone and that have another behind them; the others have one beside them."""

SIDE_LETTERING = ("slogan", "shop_sign", "badge")


def sample(rng: np.random.Generator, camera: Camera, width: int, seconds: float, passes: int | None, options: Options) -> tuple[ActorParams, ...]:
    """Vehicles for a film: with plates at most `passes` (None: as many as come), with 0 all are without."""
    plated = passes != 0
    actors: list[ActorParams] = []
    if rng.random() < 0.35:
        actors.append(_actor(rng, _parked(rng, camera, width, seconds), options, plated))
    time_s = rng.uniform(-1.0, 0.5)
    while time_s < seconds - 1.5 and (not plated or passes is None or len(actors) < passes):
        group = _group(rng, camera, width, time_s, seconds)
        room = len(group) if not plated or passes is None else passes - len(actors)
        actors += [_actor(rng, (route, kinds), options, plated) for route, kinds in group[:room]]
        time_s += max(_leaves_after_s(route, camera, width) for route, _ in group) + group[-1][0].begin_s - group[0][0].begin_s + rng.uniform(0.3, 1.5)
    if rng.random() < (0.2 if plated else 0.5):
        actors.append(_crossing(rng, camera, seconds, options))
    return tuple(actors)


def _group(rng: np.random.Generator, camera: Camera, width: int, time_s: float, seconds: float) -> list[tuple[Route, tuple[str, ...]]]:
    """One vehicle, two one after another, or two side by side."""
    way = str(rng.choice(WAYS, p=SHARES))
    far = camera.focal * PLATE_M / SMALLEST_PX
    speed = rng.uniform(3.5, 11.0) if way in ("towards", "away") else rng.uniform(3.0, 7.0)
    first = _way(rng, way, time_s, far, speed)
    kinds = ("rear", "van", "motorcycle") if way == "away" else ("front",)
    chance = rng.random()
    if way not in ("towards", "away") or chance < DRIVES_ALONE:
        return [(first, kinds)]
    if chance < DRIVES_ALONE + FOLLOWED:
        return [(first, kinds), (_again(first, time_s + rng.uniform(7.0, 14.0) / speed, first.x), kinds)]
    lane = LANES[0] if first.x > 0 else LANES[1]
    return [(first, kinds), (_again(first, time_s + rng.uniform(0.0, 0.5), lane), kinds)]


def _way(rng: np.random.Generator, way: str, time_s: float, far: float, speed: float) -> Route:
    lane = float(rng.choice(LANES)) + rng.normal(0, 0.15)
    stop = (rng.uniform(1.0, 2.5) * 8 / speed, rng.uniform(1.0, 4.0)) if rng.random() < 0.12 else None
    if way == "towards":
        return Route(time_s, lane, min(far, 38.0), rng.normal(0, 1.5), speed, stop=stop)
    if way == "away":
        return Route(time_s, lane, NEAR, 180 + rng.normal(0, 1.5), speed, stop=stop)
    side = -1 if rng.random() < 0.5 else 1
    if way == "across":
        angle, middle = rng.uniform(25, 48), rng.uniform(7.5, 11.0)
        run = rng.uniform(9, 13)
        return Route(time_s, side * -run * math.sin(math.radians(angle)), middle + run * math.cos(math.radians(angle)), side * angle, speed, stop=stop)
    angle, length = rng.uniform(45, 70), rng.uniform(7, 12)
    return Route(time_s, side * -rng.uniform(8, 10), rng.uniform(17, 21), side * angle, speed, (rng.uniform(2, 5), length, -side * angle / length))


def _again(route: Route, begin_s: float, x: float) -> Route:
    """The same drive at another time or in another lane."""
    return Route(begin_s, x, route.z, route.heading, route.speed, route.turn, route.stop)


def _parked(rng: np.random.Generator, camera: Camera, width: int, seconds: float) -> tuple[Route, tuple[str, ...]]:
    """Beside the road for the whole film."""
    z = rng.uniform(9.0, 15.0)
    most = z * width / 2 / camera.focal - 1.1
    x = float(rng.choice((-1, 1))) * min(rng.uniform(3.8, 5.0), most)
    front = rng.random() < 0.5
    return Route(-1.0, x, z, rng.normal(0, 7) + (0 if front else 180), 0.0, length_s=seconds + 3), (("front",) if front else ("rear", "van"))


def _crossing(rng: np.random.Generator, camera: Camera, seconds: float, options: Options) -> ActorParams:
    """A van that crosses close to the camera and hides what is behind it."""
    side = -1 if rng.random() < 0.5 else 1
    speed = rng.uniform(4, 9)
    route = Route(rng.uniform(0, max(seconds - 3, 0.5)), side * -11.0, rng.uniform(6.5, 8.5), side * 90.0, speed, length_s=22 / speed)
    return _actor(rng, (route, ("van",)), options, plated=False)


def _leaves_after_s(route: Route, camera: Camera, width: int) -> float:
    """Until a vehicle has been seen well enough for others to come."""
    for step in range(1, 120):
        place = route.at(route.begin_s + step * 0.2)
        if place is None or place[1] < 3.0 or (abs(place[0]) > place[1] * width / 2 / camera.focal + 1 and step > 15):
            return step * 0.2
        if place[1] > 24 and math.cos(math.radians(route.heading)) < 0:
            return step * 0.2
    return 24.0


def _actor(rng: np.random.Generator, drive: tuple[Route, tuple[str, ...]], options: Options, plated: bool) -> ActorParams:
    route, kinds = drive
    what = vehicle.sample(rng)
    while what.kind not in kinds:
        what = vehicle.sample(rng)
    worn = _plate_for(rng, what, options) if plated else None
    count = int(rng.choice((0, 1, 2), p=(0.35, 0.35, 0.3))) if what.kind == "van" else int(rng.random() < 0.08)
    lettering = tuple(nonplates.sample(rng, str(rng.choice(SIDE_LETTERING))) for _ in range(count))
    return ActorParams(what, route, worn, rng.uniform(175, 245), lettering)


def _plate_for(rng: np.random.Generator, what: vehicle.VehicleParams, options: Options) -> plate.PlateParams:
    """A plate as wide for its height as such a vehicle's may be: cars wear long or square ones, motorcycles square ones."""
    for _ in range(20):
        params = choose_plate(rng, options)
        if (params.aspect < 2.2) if what.kind == "motorcycle" else (params.aspect > 1.4):
            break
    return params
