from __future__ import annotations

import json
import logging
import os
import time
from pathlib import Path

import pytest
from outboxes import database, event, fill, ids

from platelight.events import EventsError, Outbox
from platelight.events import outbox as module


def test_events_come_in_order_and_for_each_receiver_by_itself(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    fill(outbox, 3, "a", "b")
    assert ids(outbox, "a") == ["id-0", "id-1", "id-2"]
    assert outbox.counts() == {"b": {"waiting": 3, "refused": 0}}
    assert ids(outbox, "b") == ["id-0", "id-1", "id-2"]
    assert database(tmp_path).execute("SELECT COUNT(*) FROM event").fetchone() == (0,)


def test_an_event_is_given_as_it_was_put(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    put = event(7, text="ÄÖ1")
    outbox.put(put, ["a"], tmp_path / "frame.jpg", None)
    entry = outbox.head("a")
    assert entry is not None
    assert (entry.event, entry.id, entry.frame, entry.plate, entry.tries) == (put, "id-7", tmp_path / "frame.jpg", None, 0)
    outbox.failed(entry, "no")
    again = outbox.head("a")
    assert again is not None
    assert (again.tries, again.error) == (1, "no")


def test_events_survive_a_restart_and_one_put_twice_is_one(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    fill(outbox, 3)
    fill(outbox, 3)
    outbox.close()
    assert ids(Outbox(tmp_path)) == ["id-0", "id-1", "id-2"]


def test_an_event_is_on_the_disk_before_put_returns(tmp_path: Path) -> None:
    """Somebody else reads it there, while the outbox is open."""
    outbox = Outbox(tmp_path)
    outbox.put(event(1), ["a"])
    assert database(tmp_path).execute("SELECT e.id, d.target FROM event e JOIN delivery d USING (seq)").fetchall() == [("id-1", "a")]
    assert database(tmp_path).execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_was_refused_is_kept_aside_seen_and_requeued_by_another_process(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    fill(outbox, 3)
    for _ in range(2):
        entry = outbox.head("a")
        assert entry is not None
        outbox.failed(entry, "it answers 400 Bad Request", refused=True)
    other = Outbox(tmp_path)
    assert [(entry.id, entry.target, entry.error) for entry in other.refused()] == [(f"id-{n}", "a", "it answers 400 Bad Request") for n in (0, 1)]
    assert (other.refused("b"), other.requeue("id-7"), other.requeue(target="b")) == ([], 0, 0)
    assert outbox.counts() == {"a": {"waiting": 1, "refused": 2}}
    assert other.requeue("id-1") == 1
    assert ids(outbox) == ["id-1", "id-2"]
    assert other.requeue() == 1
    assert ids(outbox) == ["id-0"]


def test_the_oldest_are_dropped_counted_and_said_where_there_are_too_many(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    outbox = Outbox(tmp_path, most_events=5)
    fill(outbox, 17, "a", "b")
    assert outbox.dropped == {"a": 12, "b": 12}
    assert ids(outbox) == [f"id-{number}" for number in range(12, 17)]
    assert [record.message for record in caplog.records if " a " in record.message] == [
        "outbox: 1 of the oldest events for a dropped, because the outbox is full",
        "outbox: 10 of the oldest events for a dropped, because the outbox is full",
    ]


def test_pictures_count_for_the_size_and_go_with_their_events(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, most_mb=0.05)
    for number in range(6):
        picture = outbox.keep_picture(f"{number}.jpg", bytes(10_000))
        assert outbox.put(event(number), ["a"], picture)
    left = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    assert left == ["2.jpg", "3.jpg", "4.jpg", "5.jpg"]
    assert ids(outbox) == ["id-2", "id-3", "id-4", "id-5"]
    assert list((tmp_path / "pictures").iterdir()) == []


def test_after_the_end_it_says_what_was_left_and_takes_nothing(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    fill(outbox, 2)
    outbox.put(event(5), ["a"], tmp_path / "frame.jpg")
    entry = outbox.head("a")
    assert entry is not None
    outbox.close()
    outbox.close()
    assert (outbox.counts(), outbox.needed()) == ({"a": {"waiting": 3, "refused": 0}}, {str(tmp_path / "frame.jpg")})
    assert not outbox.put(event(6), ["a"])
    assert outbox.head("a") is None
    outbox.done(entry)
    outbox.failed(entry, "late", refused=True)
    outbox.tend()
    assert ids(Outbox(tmp_path)) == ["id-0", "id-1", "id-5"]


def test_a_picture_stays_until_the_last_receiver_has_it(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    picture, evidence = outbox.keep_picture("1.jpg", b"x"), tmp_path / "evidence.jpg"
    evidence.write_bytes(b"x")
    assert picture is not None
    outbox.put(event(1), ["a", "b"], picture, evidence)
    assert outbox.needed() == {str(picture), str(evidence)}
    ids(outbox, "a")
    assert picture.exists()
    ids(outbox, "b")
    assert (outbox.needed(), picture.exists(), evidence.exists()) == (set(), False, True)


def test_pictures_whose_event_was_never_put_go_at_the_next_start(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    old, young, used = (outbox.keep_picture(name, b"x") for name in ("old.jpg", "young.jpg", "used.jpg"))
    assert old is not None
    assert used is not None
    for path in (old, used):
        os.utime(path, (0, 0))
    outbox.put(event(1), ["a"], used)
    outbox.close()
    Outbox(tmp_path)
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == ["used.jpg", "young.jpg"]
    assert young is not None


def test_what_is_too_old_expires(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    outbox = Outbox(tmp_path, keep_days=2)
    fill(outbox, 2)
    picture = outbox.keep_picture("x.jpg", b"x")
    outbox.put(event(8), ["a"], picture)
    now = time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + 1.9 * 86400)
    outbox.tend()
    assert outbox.counts()["a"]["waiting"] == 3
    outbox.put(event(9), ["a"])
    monkeypatch.setattr(module.time, "time", lambda: now + 2.1 * 86400)
    outbox.tend()
    assert outbox.expired == {"a": 3}
    assert ids(outbox) == ["id-9"]
    assert picture is not None
    assert not picture.exists()
    assert "outbox: 1 of the oldest events for a expired, because they waited 2 days" in caplog.messages


def test_two_do_not_deliver_from_one_folder(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.lock()
    with pytest.raises(EventsError, match="another platelight delivers from this folder"):
        Outbox(tmp_path).lock()
    outbox.close()
    Outbox(tmp_path).lock()


def test_passes_are_counted_by_camera_and_day_over_restarts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    today, tomorrow = time.time(), time.time() + 86400
    outbox = Outbox(tmp_path)
    for number, (camera, epoch_s) in enumerate([("a", today), ("a", today), ("b", today)]):
        outbox.put(event(number, camera, epoch_ms=round(epoch_s * 1000)), ["t"])
    outbox.close()
    outbox = Outbox(tmp_path)
    outbox.put(event(4, "a", epoch_ms=round(today * 1000)), ["t"])
    outbox.put(event(5, "a", epoch_ms=round(tomorrow * 1000)), ["t"])
    ids(outbox, "t")
    assert [outbox.passes_on(*one) for one in (("a", today), ("b", today), ("a", tomorrow), ("c", today))] == [3, 1, 1, 0]
    names = [name for (name,) in database(tmp_path).execute("SELECT name FROM counter WHERE name LIKE 'today/%/a'")]
    assert len(names) == 2
    assert outbox.passes_on("a", today) == 3
    monkeypatch.setattr(module.time, "time", lambda: tomorrow + 86400)
    outbox.tend()
    assert (outbox.passes_on("a", today), outbox.passes_on("a", tomorrow)) == (0, 1)


def test_without_a_folder_or_receivers_there_is_nothing_to_keep(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    outbox = Outbox(None)
    assert not outbox.put(event(1), ["a"])
    assert ids(outbox) == ["id-1"]
    assert Outbox(tmp_path).put(event(1), [])
    assert Outbox(tmp_path).counts() == {}
    assert caplog.record_tuples == []


def test_the_file_shrinks_when_events_go(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    for number in range(60):
        outbox.put(event(number, filler="x" * 40000), ["a"])
    ids(outbox)
    full = database(tmp_path).execute("PRAGMA page_count").fetchone()[0]
    outbox.tend()
    assert database(tmp_path).execute("PRAGMA page_count").fetchone()[0] < full / 4


@pytest.mark.parametrize("name", ["most_events", "most_mb", "keep_days"])
def test_limits_that_cannot_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(EventsError, match=f"{name} of the outbox must be more than 0, got 0"):
        Outbox(tmp_path, **{name: 0})


def test_events_are_plain_json_in_the_file(tmp_path: Path) -> None:
    Outbox(tmp_path).put(event(3), ["a"])
    (body,) = database(tmp_path).execute("SELECT body FROM event").fetchone()
    assert json.loads(body)["id"] == "id-3"
    assert logging.getLogger("platelight.events").name
