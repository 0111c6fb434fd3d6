"""Claims about work beside a page: it is dropped as soon as nobody waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from pages.parts.bridge import aside


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
    monkeypatch.setattr(aside, "breathe", Breath())
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
        aside.aside(work)
    assert ended.wait(30)
    assert told.is_set()
    assert not aside._asked()


def test_work_that_has_not_begun_never_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Explanations for values that were only passed over do not hold up those that somebody waits for."""
    monkeypatch.setattr(aside, "breathe", Breath())
    busy, begun = Event(), Event()
    first = aside._threads().submit(busy.wait, 30)
    with pytest.raises(Gone):
        aside.aside(lambda stop: begun.set())
    busy.set()
    first.result()
    aside._threads().submit(lambda: None).result()
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
        with aside.answering():
            waiting = visitors.submit(aside.aside, work)
            assert begun.wait(30)
            time.sleep(0.3)
            answered.set()
        assert waiting.result(timeout=30) == "done"
    assert steps == [("before", False), ("after", True)]


def test_a_server_is_busy_when_many_ask_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Explanations that can be left out wait for a quieter moment, and come again when it is there."""
    aside._lately().clear()
    monkeypatch.setattr(aside, "MANY_S", 5.0)
    for _ in range(3 * aside.MANY):
        with aside.answering():
            pass  # an answer that was kept takes no work
    assert not aside.busy()
    monkeypatch.setattr(aside, "KEPT_S", -1.0)
    for _ in range(aside.MANY):
        assert not aside.busy()
        with aside.answering():
            pass
    assert aside.busy()
    with pytest.raises(aside.Busy):
        aside.aside(lambda stop: None, must=False)
    now = time.monotonic()
    monkeypatch.setattr(aside.time, "monotonic", lambda: now + 6)
    assert not aside.busy()
    aside._lately().clear()
