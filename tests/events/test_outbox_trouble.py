"""Disks that are full, read-only or damaged: events are kept, and what happened is said."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from outboxes import database, event, fill, ids
from passes import passed

from platelight.events import EventsError, Evidence, Outbox
from platelight.events import disk as disk_module
from platelight.events import outbox as module


def test_a_disk_that_does_not_say_what_is_needed_removes_nothing(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")
    saved = Evidence(tmp_path / "evidence").save(passed(picture=True))
    disk = outbox._disk._store
    assert disk is not None
    disk._db.close()
    with pytest.raises(EventsError, match="closed database"):
        outbox.needed()
    evidence = Evidence(tmp_path / "evidence", keep_days=1, needed=outbox.needed)
    assert evidence.sweep(time.time() + 9 * 86400) == 0
    assert saved is not None
    assert saved.frame is not None
    assert saved.frame.exists()


@pytest.mark.parametrize("damage", [lambda data: b"no database at all, but a text" * 100, lambda data: data[:4096] + b"\xff" * (len(data) - 4096)])
def test_a_damaged_database_is_set_aside_and_a_new_one_begun(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[bytes], bytes]
) -> None:  # fmt: skip
    outbox = Outbox(tmp_path)
    fill(outbox, 5)
    outbox.close()
    damaged = damage((tmp_path / "outbox.db").read_bytes())
    (tmp_path / "outbox.db").write_bytes(damaged)
    new = Outbox(tmp_path)
    assert new.put(event(77), ["a"])
    assert ids(new) == ["id-77"]
    (aside,) = tmp_path.glob("outbox-damaged-*.db")
    assert aside.read_bytes() == damaged
    assert any("the database is damaged" in message and aside.name in message for message in caplog.messages)


def test_a_database_that_is_damaged_while_in_use(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    for number in range(40):
        outbox.put(event(number, filler="x" * 10_000), ["a"])
    with database(tmp_path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (tmp_path / "outbox.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 400_000)
    for number in range(1000, 1010):
        outbox.put(event(number), ["a"])
    assert "id-1009" in ids(outbox)
    assert len(list(tmp_path.glob("outbox-damaged-*.db"))) == 1


def test_a_database_of_another_program_or_a_newer_version(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with database(tmp_path) as other:
        other.execute("PRAGMA user_version=9")
    outbox = Outbox(tmp_path)
    assert not outbox.put(event(1), ["a"])
    assert ids(outbox) == ["id-1"]
    assert any("written by a newer platelight" in message for message in caplog.messages)


def test_a_full_disk_keeps_events_in_memory_and_takes_them_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """SQLite itself says that the disk is full, because it may not have more pages."""
    monkeypatch.setattr(disk_module, "TRY_AGAIN_S", 0.0)
    outbox = Outbox(tmp_path)
    fill(outbox, 3, "a", "b")
    disk = outbox._disk._store
    assert disk is not None
    pages = disk._db.execute("PRAGMA page_count").fetchone()[0]
    disk._db.execute(f"PRAGMA max_page_count={pages}")
    put = [outbox.put(event(number, filler="x" * 9000), ["a"]) for number in range(10, 14)]
    assert put == [False] * 4
    assert len([message for message in caplog.messages if "database or disk is full; events are kept in memory meanwhile" in message]) == 1
    first = outbox.head("a")
    assert first is not None
    assert first.id == "id-0"
    outbox.tend()
    assert outbox.error is not None
    disk._db.execute("PRAGMA max_page_count=100000")
    outbox.tend()
    assert outbox.error is None
    outbox.close()
    assert ids(Outbox(tmp_path)) == ["id-0", "id-1", "id-2", "id-10", "id-11", "id-12", "id-13"]
    assert any("works again" in message for message in caplog.messages)


def test_what_a_disk_could_not_be_told_is_not_done_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = Outbox(tmp_path)
    fill(outbox, 3)
    disk = outbox._disk._store
    assert disk is not None
    disk._db.execute("PRAGMA query_only=1")  # as a disk that has become read-only
    delivered, refused = outbox.head("a"), None
    assert delivered is not None
    outbox.done(delivered)
    refused = outbox.head("a")
    assert refused is not None
    outbox.failed(refused, "400", refused=True)
    third = outbox.head("a")
    assert third is not None
    assert [delivered.id, refused.id, third.id] == ["id-0", "id-1", "id-2"]
    disk._db.execute("PRAGMA query_only=0")
    outbox.close()
    later = Outbox(tmp_path)
    assert ids(later) == ["id-2"]
    assert [entry.id for entry in later.refused()] == ["id-1"]


def test_a_folder_that_cannot_be_made_leaves_the_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_IN_MEMORY", 4)
    (tmp_path / "file").write_text("")
    outbox = Outbox(tmp_path / "file" / "outbox")
    assert [outbox.put(event(number), ["a"]) for number in range(6)] == [False] * 6
    assert outbox.keep_picture("x.jpg", b"x") is None
    assert outbox.dropped == {"a": 2}
    assert ids(outbox) == ["id-2", "id-3", "id-4", "id-5"]
    assert any("the folder cannot be used (Not a directory)" in message for message in caplog.messages)
    outbox.put(event(9), ["a"])
    outbox.close()
    assert "outbox: 1 events that were in memory only are lost" in caplog.messages
