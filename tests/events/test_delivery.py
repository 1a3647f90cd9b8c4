from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from passes import passed
from receivers import Got, Handler, Receiver, free_port, in_turn, status, until

from platelight.events import Delivery, Entry, EventsError, Evidence, Outbox, Webhook, event_dict, is_genuine
from platelight.events import delivery as module

QUICK = {"first_wait_s": 0.02, "longest_wait_s": 0.1}
KILLED = Path(__file__).parent / "killed.py"


@pytest.fixture
def deliver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes deliveries out of one outbox, and ends them."""
    monkeypatch.setattr(module, "LOOK_S", 0.1)
    made: list[Delivery] = []

    def make(*targets: Any, **settings: Any) -> Delivery:
        made.append(Delivery(Outbox(tmp_path / "outbox"), targets, **QUICK | settings))
        return made[-1]

    yield make
    for delivery in made:
        delivery.close(0)


def put(delivery: Delivery, *numbers: int) -> None:
    for number in numbers:
        assert delivery.put(event_dict(passed(id=f"id-{number}"), None, None, ""))


def ids(*numbers: int) -> list[str]:
    return [f"id-{number}" for number in numbers]


def test_events_arrive_in_order_once_each(receiver: Receiver, deliver: Any) -> None:
    delivery = deliver(Webhook(receiver.url, name="a"))
    put(delivery, *range(20))
    assert delivery.close(10)
    assert receiver.ids() == ids(*range(20))


def test_a_receiver_that_is_down_gets_all_when_it_comes_back(deliver: Any, caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    delivery = deliver(Webhook(f"http://127.0.0.1:{port}/", name="a"))
    put(delivery, *range(5))
    until(lambda: delivery.stats["a"]["tries"] > 3)
    stats = delivery.stats["a"]
    assert (stats["waiting"], stats["delivered"], stats["last_error"]) == (5, 0, "Connection refused")
    assert stats["failing_s"] > 0
    with Receiver(port) as receiver:
        until(lambda: delivery.stats["a"]["delivered"] == 5)
        assert receiver.ids() == ids(*range(5))
    stats = delivery.stats["a"]
    assert (stats["waiting"], stats["last_error"], stats["failing_s"]) == (0, None, 0.0)
    assert caplog.messages[0].partition(";")[0] == "a: Connection refused"
    assert "a: takes events again after 0 s" in caplog.messages
    assert len(caplog.messages) == 2  # not one line a try


def test_a_receiver_with_every_kind_of_trouble_gets_every_event(receiver: Receiver, deliver: Any) -> None:
    def hang_up(handler: Handler, _: Got) -> None:
        handler.connection.close()

    def slow(handler: Handler, _: Got) -> None:
        time.sleep(0.4)

    receiver.answer = in_turn(status(500), hang_up, slow, status(429, Retry_After="0"), status(200), status(503), status(400), status(200))
    delivery = deliver(Webhook(receiver.url, name="a", timeout_s=0.2))
    put(delivery, *range(4))
    until(lambda: delivery.stats["a"]["delivered"] == 3)
    assert receiver.ids() == ids(0, 0, 0, 0, 0, 1, 1, 2, 3)
    assert [got.headers["platelight-attempt"] for got in receiver.got] == ["1", "2", "3", "4", "5", "1", "2", "1", "1"]
    assert delivery.stats["a"]["refused"] == 1


def test_one_receiver_does_not_wait_for_another(receiver: Receiver, deliver: Any) -> None:
    release = threading.Event()
    with Receiver() as slow:
        slow.answer = lambda handler, got: (release.wait(20), handler.reply(200))[1]
        dead = Webhook(f"http://127.0.0.1:{free_port()}/", name="dead")
        delivery = deliver(Webhook(slow.url, name="slow", timeout_s=30), dead, Webhook(receiver.url, name="good"))
        start = time.monotonic()
        put(delivery, *range(10))
        putting_s = time.monotonic() - start
        until(lambda: delivery.stats["good"]["delivered"] == 10)
        assert (len(slow.got), delivery.stats["slow"]["waiting"], delivery.stats["dead"]["waiting"]) == (1, 10, 10)
        assert putting_s < 3
        release.set()
        until(lambda: delivery.stats["slow"]["delivered"] == 10)
    assert slow.ids() == ids(*range(10))


def test_what_is_refused_blocks_nothing_and_can_be_sent_again(receiver: Receiver, deliver: Any, caplog: pytest.LogCaptureFixture) -> None:
    receiver.answer = lambda handler, got: handler.reply(422 if got.headers["idempotency-key"] == "id-1" else 200)
    delivery = deliver(Webhook(receiver.url, name="a"))
    put(delivery, 0, 1, 2)
    until(lambda: delivery.stats["a"]["delivered"] == 2)
    assert (receiver.ids(), delivery.stats["a"]["refused"]) == (ids(0, 1, 2), 1)
    assert any("a: refused the event id-1: it answers 422" in message for message in caplog.messages)
    (refused,) = delivery.outbox.refused()
    assert (refused.id, refused.error) == ("id-1", "it answers 422 Unprocessable Entity")
    receiver.answer = status(200)
    assert delivery.outbox.requeue("id-1") == 1
    until(lambda: delivery.stats["a"]["delivered"] == 3)


def test_an_event_that_a_receiver_stumbles_over_is_overtaken(receiver: Receiver, deliver: Any) -> None:
    receiver.answer = lambda handler, got: handler.reply(500 if got.headers["idempotency-key"] == "id-0" else 200)
    delivery = deliver(Webhook(receiver.url, name="a"))
    put(delivery, *range(4))
    until(lambda: delivery.stats["a"]["delivered"] == 3)
    assert [one for one in receiver.ids() if one != "id-0"] == ids(1, 2, 3)
    assert receiver.ids()[:5] == ids(0, 0, 0, 0, 0)
    assert delivery.stats["a"]["waiting"] == 1
    receiver.answer = status(200)
    until(lambda: delivery.stats["a"]["delivered"] == 4)


def test_the_asked_wait_is_kept_and_waits_grow(receiver: Receiver, deliver: Any) -> None:
    times: list[float] = []

    def answer(handler: Handler, got: Got) -> None:
        times.append(time.monotonic())
        handler.reply(429 if len(times) == 1 else 500 if len(times) < 5 else 200, **({"Retry-After": "1"} if len(times) == 1 else {}))

    receiver.answer = answer
    delivery = deliver(Webhook(receiver.url, name="a"), first_wait_s=0.05, longest_wait_s=5)
    put(delivery, 0)
    until(lambda: delivery.stats["a"]["delivered"] == 1)
    waits = [after - before for before, after in pairwise(times)]
    assert waits[0] >= 1
    assert waits[1] >= 0.05
    assert waits[2] >= 0.1
    assert waits[3] >= 0.2


def test_a_restart_goes_on_where_it_ended(receiver: Receiver, deliver: Any) -> None:
    receiver.answer = status(503)
    first = deliver(Webhook(receiver.url, name="a"))
    put(first, 0, 1, 2)
    assert not first.close(0.2)
    receiver.answer = status(200)
    receiver.got.clear()
    second = deliver(Webhook(receiver.url, name="a"))
    put(second, 3)
    assert second.close(10)
    assert receiver.ids() == ids(0, 1, 2, 3)


def test_events_of_a_receiver_that_was_taken_away_are_said(deliver: Any, caplog: pytest.LogCaptureFixture) -> None:
    first = deliver(Webhook(f"http://127.0.0.1:{free_port()}/", name="old"))
    put(first, 0, 1)
    first.close(0)
    deliver()
    assert "outbox: 2 events wait for old, which is no receiver now; they are dropped when they are too old" in caplog.messages


def test_a_kill_loses_nothing_that_was_acknowledged(receiver: Receiver, deliver: Any, tmp_path: Path) -> None:
    """A process that is killed while it puts and delivers; every event it said it had kept arrives, some perhaps twice."""
    receiver.answer = lambda handler, got: (time.sleep(0.01), handler.reply(200))[1]
    command = [sys.executable, str(KILLED), str(tmp_path / "outbox"), receiver.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(0.5)
        process.send_signal(signal.SIGKILL)
        kept = [*first.split(), *process.stdout.read().split()]
    assert process.returncode == -signal.SIGKILL
    acknowledged = [one.decode() for one in kept if one.endswith(b".")]
    before = len(receiver.got)
    delivery = deliver(Webhook(receiver.url, name="a"))
    assert delivery.close(20)
    arrived = [one + "." for one in receiver.ids()]
    assert len(acknowledged) > 5
    assert set(acknowledged) <= set(arrived)
    assert len(arrived) - len(set(arrived)) <= 1  # at most the one that was on its way
    assert list(dict.fromkeys(arrived)) == sorted(set(arrived))
    assert before > 0
    assert all(is_genuine("secret", got.headers, got.body) for got in receiver.got[:before])


def test_evidence_waits_for_its_delivery(receiver: Receiver, deliver: Any, tmp_path: Path) -> None:
    receiver.answer = status(503)
    delivery = deliver(Webhook(receiver.url, "platerecognizer", name="a"))
    evidence = Evidence(tmp_path / "evidence", keep_days=1, keep_mb=0.001, needed=delivery.outbox.needed)
    one = passed(picture=True)
    saved = evidence.save(one)
    assert saved is not None
    assert saved.frame is not None
    delivery.put(event_dict(one, None, saved, ""), one)
    other = evidence.save(passed(picture=True))
    evidence.sweep(time.time() + 10 * 86400)
    assert saved.frame.exists()
    assert other is not None
    assert other.frame is not None
    assert not other.frame.exists()
    picture = saved.frame.read_bytes()
    receiver.answer = status(200)
    until(lambda: delivery.stats["a"]["delivered"] == 1)
    assert picture in receiver.got[-1].body
    evidence.sweep(time.time() + 10 * 86400)
    assert not saved.frame.exists()


def test_pictures_are_kept_for_a_delivery_without_an_evidence_folder(receiver: Receiver, deliver: Any, tmp_path: Path) -> None:
    receiver.answer = status(503)
    delivery = deliver(Webhook(receiver.url, "openalpr", name="a"), Webhook(receiver.url, name="b"))
    one = passed(picture=True)
    delivery.put(event_dict(one, None, None, ""), one)
    kept = tmp_path / "outbox/pictures"
    assert sorted(path.name for path in kept.iterdir()) == [f"{one.id}-frame.jpg", f"{one.id}-plate.jpg"]
    receiver.answer = status(200)
    assert delivery.close(10)
    group = next(got.event for got in reversed(receiver.got) if "data_type" in got.event)
    assert group["vehicle_crop_jpeg"]
    assert group["best_plate"]["plate_crop_jpeg"]
    assert list(kept.iterdir()) == []


def test_what_goes_wrong_in_a_receivers_own_code_stops_neither_it_nor_others(receiver: Receiver, deliver: Any) -> None:
    class Clumsy:
        name, wants_pictures = "clumsy", False
        left = 3

        def send(self, entry: Entry) -> None:
            self.left -= 1
            if self.left >= 0:
                raise KeyError("nobody thought of this")

        def close(self) -> None: ...

    delivery = deliver(Clumsy(), Webhook(receiver.url, name="a"))
    put(delivery, 0, 1)
    until(lambda: delivery.stats["clumsy"]["delivered"] == delivery.stats["a"]["delivered"] == 2)


def test_a_full_disk_stops_neither_the_watching_nor_the_delivery(receiver: Receiver, deliver: Any) -> None:
    delivery = deliver(Webhook(receiver.url, name="a"))
    delivery.outbox._disk._store._db.execute("PRAGMA query_only=1")
    assert [delivery.put(event_dict(passed(id=f"id-{number}"), None, None, "")) for number in range(3)] == [False] * 3
    until(lambda: delivery.stats["a"]["delivered"] == 3)
    assert receiver.ids() == ids(0, 1, 2)


def test_changes_of_state_are_told(receiver: Receiver, deliver: Any) -> None:
    said: list[tuple[str, str]] = []
    receiver.answer = in_turn(status(500), status(500), status(200), status(404), status(200))
    delivery = deliver(Webhook(receiver.url, name="a"), on_state=lambda state, detail: said.append((state, detail)))
    put(delivery, 0, 1, 2)
    until(lambda: delivery.stats["a"]["delivered"] == 2)
    assert [state for state, _ in said] == ["fails", "works", "refuses"]
    assert said[0][1].startswith("a: it answers 500 Internal Server Error; events wait, next try in 0.0 s")


def test_many_threads_may_put_at_once(receiver: Receiver, deliver: Any) -> None:
    delivery = deliver(Webhook(receiver.url, name="a"))
    threads = [threading.Thread(target=put, args=(delivery, *range(start, start + 5))) for start in range(0, 20, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert delivery.close(10)
    assert sorted(receiver.ids()) == sorted(ids(*range(20)))


def closed(delivery: Delivery, timeout_s: float) -> float:
    start = time.monotonic()
    delivery.close(timeout_s)
    return time.monotonic() - start


def test_the_end_does_not_wait_for_a_receiver_that_hangs(receiver: Receiver, deliver: Any) -> None:
    receiver.answer = lambda handler, got: time.sleep(3)
    delivery = deliver(Webhook(receiver.url, name="a", timeout_s=30))
    put(delivery, 0)
    until(lambda: len(receiver.got) == 1)
    assert closed(delivery, 0.3) < 1.5


def test_an_event_may_be_for_some_receivers_only(receiver: Receiver, deliver: Any) -> None:
    with Receiver() as other:
        delivery = deliver(Webhook(receiver.url, name="a"), Webhook(other.url, name="b"))
        delivery.put(event_dict(passed(id="id-0"), None, None, ""), None, ["a"])
        delivery.put(event_dict(passed(id="id-1"), None, None, ""), None, [])
        put(delivery, 2)
        assert delivery.close(10)
        assert (receiver.ids(), other.ids()) == (ids(0, 2), ids(2))


def test_statistics_can_be_asked_for_after_the_end(deliver: Any) -> None:
    delivery = deliver(Webhook(f"http://127.0.0.1:{free_port()}/", name="a"))
    put(delivery, 0, 1)
    assert not delivery.close(0.1)
    assert delivery.stats["a"]["waiting"] == 2


@pytest.mark.parametrize("names", [("a", "a"), ("b", "a", "b")])
def test_receivers_need_names_of_their_own(tmp_path: Path, names: Sequence[str]) -> None:
    with pytest.raises(EventsError, match="two receivers have the name"):
        Delivery(Outbox(tmp_path), [Webhook("http://host/", name=name) for name in names])


def test_a_second_delivery_from_the_same_folder_is_refused(deliver: Any) -> None:
    deliver()
    with pytest.raises(EventsError, match="another platelight delivers from this folder"):
        deliver()


def test_statistics_are_plain_json(receiver: Receiver, deliver: Any) -> None:
    delivery = deliver(Webhook(receiver.url, name="a"))
    put(delivery, 0)
    until(lambda: delivery.stats["a"]["delivered"] == 1)
    stats = json.loads(json.dumps(delivery.stats))["a"]
    assert set(stats) == {"waiting", "delivered", "refused", "dropped", "expired", "tries", "failing_s", "last_error", "last_delivered"}
