"""Cameras with made films and made models: what is reported, in whose turn, and what happens when something breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenes import HEIGHT, WIDTH, MadeFilm, Said, Silence, WhiteShapes, broken_after, drive, models, open_made, wait_for

from platelight.records import Frame
from platelight.watch import Camera, ConfigError, Event, Models, Settings, Watcher
from platelight.watch.config import EvidenceSettings

UA = ("ua",)


def watch(films: dict[str, Callable[[], MadeFilm]], tmp_path: Path, shared: Models | None = None, said: Said | None = None, **keys: Any) -> Watcher:
    cameras = tuple(Camera(name, f"{name}.mp4", countries=UA, **keys) for name in films)
    settings = Settings(cameras, EvidenceSettings(tmp_path / "evidence"), queue=tmp_path / "queue")
    return Watcher(settings, shared or models(), said or Said(), open_film=open_made(films))


def finish(watcher: Watcher, seconds: float = 20.0) -> list[Event]:
    """All events of files, each read to its end."""
    events, end = [], time.monotonic() + seconds
    try:
        watcher.start()
        while not watcher.done:
            assert time.monotonic() < end, "it hangs"
            event = watcher.next(0.05)
            if event is not None:
                events.append(event)
    finally:
        watcher.close()
    return events


def texts(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.fields["camera"], event.fields["text"]) for event in events]


def test_one_event_for_one_pass(tmp_path: Path) -> None:
    watcher = watch({"gate": lambda: MadeFilm(drive(6))}, tmp_path)
    (event,) = finish(watcher)
    fields = event.fields
    assert (fields["camera"], fields["text"], fields["country"], fields["direction"]) == ("gate", "AA1234BB", "ua", "right")
    assert 0.9 <= fields["first"]["stream_s"] <= 1.3
    assert 2.7 <= fields["last"]["stream_s"] <= 3.1
    assert fields["time"].startswith("2023-11-14T22:13:")
    frame = tmp_path / "evidence" / fields["evidence"]["frame"]
    assert frame.stat().st_size > 1000
    (stats,) = watcher.stats()
    assert (stats.state, stats.frames, stats.passes) == ("done", 60, 1)
    assert stats.looked_at < 50
    assert stats.plates >= 19
    assert stats.read < stats.plates


def test_the_saved_picture_is_the_one_that_was_read(tmp_path: Path) -> None:
    import cv2

    (event,) = finish(watch({"gate": lambda: MadeFilm(drive(6))}, tmp_path))
    picture = cv2.imread(str(tmp_path / "evidence" / event.fields["evidence"]["frame"]))
    x, y, width, height = event.fields["plate"]["box"]
    inside = picture[round(y) + 2 : round(y + height) - 2, round(x) + 2 : round(x + width) - 2]
    assert inside.min() > 200
    assert (picture > 200).all(axis=2).sum() < 1.3 * width * height


@pytest.mark.parametrize("gate", [True, False])
def test_the_gate_saves_looks_and_loses_no_pass(tmp_path: Path, gate: bool) -> None:
    shared = models()
    events = finish(watch({"gate": lambda: MadeFilm(drive(25, 15, 17))}, tmp_path, shared, gate=gate))
    assert len(events) == 1
    looks = len(shared.base.detector.shapes)  # type: ignore[attr-defined]
    assert looks < 75 if gate else looks == 250


def test_zones_cut_the_picture_and_decide(tmp_path: Path) -> None:
    upper, lower = (((0.0, 0.0), (1.0, 0.0), (1.0, 0.3), (0.0, 0.3)),), (((0.0, 0.3), (1.0, 0.3), (1.0, 0.7), (0.0, 0.7)),)
    shared = models()
    assert finish(watch({"gate": lambda: MadeFilm(drive(6))}, tmp_path / "a", shared, zones=upper)) == []
    assert {shape[0] for shape in shared.base.detector.shapes} == {round(0.36 * HEIGHT)}  # type: ignore[attr-defined]
    (event,) = finish(watch({"gate": lambda: MadeFilm(drive(6))}, tmp_path / "b", zones=lower))
    assert event.fields["plate"]["box"][1] == 80.0
    assert finish(watch({"gate": lambda: MadeFilm(drive(6))}, tmp_path / "c", zones=lower, exclude=lower)) == []


def test_small_and_unsure_plates_are_not_reported(tmp_path: Path) -> None:
    assert finish(watch({"gate": lambda: MadeFilm(drive(6))}, tmp_path / "a", min_width=63)) == []
    unsure = watch({"gate": lambda: MadeFilm(drive(6))}, tmp_path / "b", min_confidence=1.0)
    assert finish(unsure) == []
    assert unsure.stats()[0].unreported <= 1


def test_a_settled_plate_is_not_read_in_every_frame(tmp_path: Path) -> None:
    shared = models()
    (event,) = finish(watch({"gate": lambda: MadeFilm(drive(12, 1, 11))}, tmp_path, shared))
    read = shared.base.reader.count  # type: ignore[attr-defined]
    assert read < 45
    assert event.fields["last"]["stream_s"] > 10.5


def test_an_unknown_country_names_the_camera(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"camera 'gate': countries: no plate types for country 'xx'"):
        Watcher(Settings((Camera("gate", "x", countries=("xx",)),), queue=tmp_path), models(), Said())


def test_a_film_that_breaks_off_reports_what_it_showed_and_the_others_go_on(tmp_path: Path) -> None:
    said = Said()
    films = {"broken": lambda: MadeFilm(broken_after(drive(3.5), "broken.mp4: cut off at 3.4 s")), "whole": lambda: MadeFilm(drive(6))}
    watcher = watch(films, tmp_path, said=said)
    assert sorted(texts(finish(watcher))) == [("broken", "AA1234BB"), ("whole", "AA1234BB")]
    assert [lane.failed for lane in watcher.failed] == ["broken.mp4: cut off at 3.4 s"]
    assert "broken: broken.mp4: cut off at 3.4 s" in said.lines
    assert [stats.state for stats in watcher.stats()] == ["failed", "done"]


def test_a_camera_that_gives_nothing_holds_no_other_up_and_stops(tmp_path: Path) -> None:
    watcher = watch({"away": Silence, "gate": lambda: MadeFilm(drive(6))}, tmp_path)
    watcher.start()
    wait_for(lambda: watcher.next(0.05) is not None)
    wait_for(lambda: watcher.stats()[1].state == "done")  # the event comes a moment before the end of its film
    assert not watcher.done
    began = time.monotonic()
    watcher.stop()
    wait_for(lambda: watcher.done)
    assert watcher.close() == 0
    assert time.monotonic() - began < 3
    assert [stats.state for stats in watcher.stats()] == ["stopped", "done"]


def test_stopping_while_a_source_is_being_opened(tmp_path: Path) -> None:
    opening, go_on = threading.Event(), threading.Event()

    def slow() -> MadeFilm:
        opening.set()
        go_on.wait(10)
        return Silence()

    watcher = watch({"away": slow}, tmp_path)
    watcher.start()
    assert opening.wait(10)
    watcher.stop()
    go_on.set()
    wait_for(lambda: watcher.done)
    watcher.close()


def test_stopping_reports_what_is_going_on(tmp_path: Path) -> None:
    watcher = watch({"gate": lambda: MadeFilm(drive(60, 0.5, 4.5), live=True, pause_s=0.01)}, tmp_path)
    watcher.start()
    wait_for(lambda: watcher.stats()[0].plates > 20)
    watcher.stop()
    wait_for(lambda: watcher.done or not watcher.reporter.events.empty())
    event = watcher.next(1)
    assert event is not None
    assert event.fields["text"] == "AA1234BB"
    watcher.close()


def test_a_camera_that_stays_away_is_named_once(tmp_path: Path) -> None:
    said = Said()

    def opener(camera: Camera, on_state: Callable[[str, str], None]) -> MadeFilm:
        for wait_s in (1, 2, 4):
            on_state("connecting", camera.name)
            on_state("lost", f"nobody there, next try in {wait_s} s")
        on_state("connecting", camera.name)
        on_state("connected", "320x180")
        return MadeFilm(drive(1))

    settings = Settings((Camera("gate", "rtsp://x/"),), queue=tmp_path)
    finish(Watcher(settings, models(), said, open_film=opener))
    assert said.lines == ["gate: lost (nobody there, next try in 1 s)", "gate: connected (320x180)"]


def test_frames_that_something_is_wrong_with_are_left_out(tmp_path: Path) -> None:
    said, shared = Said(), models()
    detector, calls = shared.base.detector, iter(range(1000))

    def sometimes(images: Any) -> Any:
        if next(calls) % 7 == 3:
            raise RuntimeError("out of order")
        return detector(images)

    shared.base.detector = sometimes
    events = finish(watch({"gate": lambda: MadeFilm(drive(6))}, tmp_path, shared, said, gate=False))
    assert len(events) == 1
    assert said.lines == ["gate: a frame was left out: RuntimeError: out of order"]


def test_a_size_that_changes_midway_ends_what_was_followed(tmp_path: Path) -> None:
    said = Said()

    def frames() -> Any:
        yield from drive(2)
        for frame in drive(6, width=2 * WIDTH, height=2 * HEIGHT):
            yield replace(frame, time_s=frame.time_s + 20, epoch_s=frame.epoch_s + 20)

    events = finish(watch({"gate": lambda: MadeFilm(frames())}, tmp_path, said=said))
    assert [event.fields["frame"]["width"] for event in events] == [WIDTH, 2 * WIDTH]
    assert said.lines == [f"gate: the picture's size changed from {WIDTH}x{HEIGHT} to {2 * WIDTH}x{2 * HEIGHT}"]


def test_a_clock_that_stands_still_or_leaps_hangs_nothing(tmp_path: Path) -> None:
    def frames() -> Any:
        for frame in drive(6):
            leap = 0.0 if frame.index < 15 else 3600.0
            yield replace(frame, time_s=(1.2 if 12 <= frame.index < 15 else frame.time_s) + leap)

    assert len(finish(watch({"gate": lambda: MadeFilm(frames())}, tmp_path))) in (1, 2)


def test_cameras_take_turns(tmp_path: Path) -> None:
    """A fast film and a slow camera share one pair of hands; the camera is not starved."""
    shared = models()
    detector = shared.base.detector
    assert isinstance(detector, WhiteShapes)
    detector.wait_s = 0.004
    films = {"film": lambda: MadeFilm(drive(25)), "slow": lambda: MadeFilm(drive(4), live=True, pause_s=0.02)}
    watcher = watch(films, tmp_path, shared, gate=False)
    watcher.start()
    wait_for(lambda: watcher.stats()[1].state == "done")
    assert watcher.stats()[0].frames < 250
    watcher.close()


def test_several_frames_at_once(tmp_path: Path) -> None:
    shared, most, inside = models(threads=2), 0, 0
    detector, lock = shared.base.detector, threading.Lock()

    def counted(images: Any) -> Any:
        nonlocal most, inside
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.005)
        with lock:
            inside -= 1
        return detector(images)

    shared.base.detector = counted
    finish(watch({name: lambda: MadeFilm(drive(4)) for name in "abc"}, tmp_path, shared, gate=False))
    assert most == 2


def test_pictures_that_cannot_be_saved_cost_no_event(tmp_path: Path) -> None:
    said = Said()
    watcher = watch({"gate": lambda: MadeFilm(drive(6))}, tmp_path, said=said)
    evidence = watcher.receivers.evidence
    assert evidence is not None

    def full(passed: Any) -> Any:
        raise OSError(28, "No space left on device")

    evidence.save = full  # type: ignore[method-assign]
    (event,) = finish(watcher)
    assert event.fields["evidence"] is None
    assert said.lines == ["gate: the pictures of AA1234BB were not saved: [Errno 28] No space left on device"]


def test_what_was_seen_as_a_video(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="needs the extra `video`")
    from platelight.video import Video

    settings = Settings((Camera("gate", "gate.mp4", countries=UA),), queue=tmp_path / "queue")
    watcher = Watcher(settings, models(), Said(), draw=tmp_path / "drawn", open_film=open_made({"gate": lambda: MadeFilm(drive(4))}))
    assert len(finish(watcher)) == 1
    with Video(tmp_path / "drawn" / "gate.mp4") as film:
        frames: list[Frame] = list(film)
    assert len(frames) == 40
    green = [int(((frame.pixels[:, :, 1] > 170) & (frame.pixels[:, :, 0] < 120)).sum()) for frame in frames]
    assert np.array(green)[:8].max() == 0
    assert np.array(green)[12:28].min() > 50
