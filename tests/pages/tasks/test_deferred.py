"""Claims about work beside a page: it is dropped as soon as nobody waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from pages.parts.tasks import deferred


class Gone(Exception):
    """As Streamlit ends a run whose visitor has moved on."""


class Breath:
    """Looks whether a visitor has moved on, who does at the second look."""

    looks = 0

    def __call__(self) -> None:
        self.looks += 1
        if self.looks > 1:
            raise Gone


def test_work_hears_that_its_visitor_has_moved_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the one thread would go on for nobody while the next visitor waits."""
    monkeypatch.setattr(deferred, "breathe", Breath())
    told, ended = Event(), Event()

    def work(stop: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if stop():
                told.set()
                break
            time.sleep(0.01)
        ended.set()

    with pytest.raises(Gone):
        deferred.aside(work)
    assert ended.wait(30)
    assert told.is_set()
    assert not deferred._asked()


def test_work_that_has_not_begun_never_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Explanations for values that were only passed over do not hold up those that somebody waits for."""
    monkeypatch.setattr(deferred, "breathe", Breath())
    busy, begun = Event(), Event()
    first = deferred._threads().submit(busy.wait, 30)
    with pytest.raises(Gone):
        deferred.aside(lambda stop: begun.set())
    busy.set()
    first.result()
    deferred._threads().submit(lambda: None).result()
    assert not begun.is_set()


def test_work_waits_while_anybody_waits_for_an_answer() -> None:
    """Prices beside the levers must not slow down the answer of the next visitor, and go on when it is there."""
    steps, begun, answered = [], Event(), Event()

    def work(stop: Callable[[], bool]) -> str:
        begun.set()
        steps.append(("before", answered.is_set()))
        assert not stop()
        steps.append(("after", answered.is_set()))
        return "done"

    with ThreadPoolExecutor(1) as visitors:
        with deferred.answering():
            waiting = visitors.submit(deferred.aside, work)
            assert begun.wait(30)
            time.sleep(0.3)
            answered.set()
        assert waiting.result(timeout=30) == "done"
    assert steps == [("before", False), ("after", True)]


def test_a_server_is_busy_when_many_ask_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Explanations that can be left out wait for a quieter moment, and come again when it is there."""
    deferred._lately().clear()
    monkeypatch.setattr(deferred, "MANY_S", 5.0)
    for _ in range(3 * deferred.MANY):
        with deferred.answering():
            pass  # an answer that was kept takes no work
    assert not deferred.busy()
    monkeypatch.setattr(deferred, "KEPT_S", -1.0)
    for _ in range(deferred.MANY):
        assert not deferred.busy()
        with deferred.answering():
            pass
    assert deferred.busy()
    with pytest.raises(deferred.Busy):
        deferred.aside(lambda stop: None, must=False)
    now = time.monotonic()
    monkeypatch.setattr(deferred.time, "monotonic", lambda: now + 6)
    assert not deferred.busy()
    deferred._lately().clear()
