from __future__ import annotations

import threading
import time

import pytest

from platelight.watch import Turns


def test_turns_come_in_the_order_they_were_asked_for() -> None:
    turns, order, threads = Turns(), [], []
    with turns:
        for number in range(5):
            thread = threading.Thread(target=lambda number=number: take(turns, order, number))
            thread.start()
            threads.append(thread)
            wait_for(lambda number=number: turns.waiting == number + 1)
    for thread in threads:
        thread.join(5)
    assert order == [0, 1, 2, 3, 4]
    assert turns.waiting == 0


def take(turns: Turns, order: list[int], number: int) -> None:
    with turns:
        order.append(number)


def test_who_asks_again_at_once_goes_behind_who_waits() -> None:
    """A plain lock lets a fast thread take it again and again."""
    turns, order, ready = Turns(), [], threading.Event()

    def waits() -> None:
        ready.set()
        with turns:
            order.append("slow")

    with turns:
        thread = threading.Thread(target=waits)
        thread.start()
        wait_for(lambda: turns.waiting == 1)
    with turns:
        order.append("fast")
    thread.join(5)
    assert order == ["slow", "fast"]


def test_as_many_at_once_as_allowed() -> None:
    turns, inside, most, lock = Turns(2), 0, 0, threading.Lock()

    def work() -> None:
        nonlocal inside, most
        with turns:
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.01)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert most == 2


def test_an_error_passes_the_turn_on() -> None:
    turns = Turns()
    with pytest.raises(RuntimeError), turns:
        raise RuntimeError
    with turns:
        pass


def test_nobody_at_once_is_wrong() -> None:
    with pytest.raises(ValueError, match="1 or more, got 0"):
        Turns(0)


def wait_for(condition: object, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.002)
