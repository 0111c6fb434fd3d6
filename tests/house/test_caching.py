"""Claims about properties that are worked out once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from model.caching import cached_property


class Slow:
    """An object whose value may have to wait."""

    def __init__(self, may: Event) -> None:
        self.may, self.made, self.begun = may, 0, Event()

    @cached_property
    def value(self) -> int:
        """Made once."""
        self.begun.set()
        assert self.may.wait(30)
        self.made += 1
        return self.made


def test_a_property_is_worked_out_once() -> None:
    may = Event()
    may.set()
    one = Slow(may)
    assert [one.value, one.value] == [1, 1]
    assert Slow.value.__doc__ == "Made once."


def test_no_object_waits_for_the_property_of_another() -> None:
    """With one lock for all, the indicators of one visitor's mix kept every other visitor waiting."""
    late, now = Slow(Event()), Slow(Event())
    now.may.set()
    with ThreadPoolExecutor(2) as threads:
        waiting = threads.submit(lambda: late.value)
        assert late.begun.wait(30)
        try:
            assert threads.submit(lambda: now.value).result(timeout=30) == 1
        finally:
            late.may.set()
        assert waiting.result(timeout=30) == 1
