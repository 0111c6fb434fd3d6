"""Claims about turns: on a busy server one page at a time is drawn below its headline, and no turn is ever lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from pages.parts.tasks import admission


class Gone(BaseException):
    """As Streamlit ends a run whose visitor has moved on."""


@pytest.fixture(autouse=True)
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that many ask."""
    monkeypatch.setattr(admission, "busy", lambda: True)


@pytest.fixture
def drawing() -> Iterator[Event]:
    """Somebody else draws below the headline until the event is set, or the test ends."""
    begun, over = Event(), Event()

    def draw() -> None:
        with admission.in_turn():
            admission.others_first()
            begun.set()
            over.wait(30)

    with ThreadPoolExecutor(1) as others:
        done = others.submit(draw)
        assert begun.wait(30)
        yield over
        over.set()
        done.result(30)
    assert admission._turns().acquire(blocking=False), "a turn was lost"
    admission._turns().release()


def draw() -> float:
    """Seconds until a page may be drawn below its headline."""
    begin = time.monotonic()
    with admission.in_turn():
        admission.others_first()
        return time.monotonic() - begin


def test_a_page_waits_for_its_turn_and_no_longer(drawing: Event) -> None:
    with ThreadPoolExecutor(1) as visitors:
        waiting = visitors.submit(draw)
        time.sleep(0.3)
        assert not waiting.done()
        drawing.set()
        assert 0.2 < waiting.result(30) < admission.WAIT_S


def test_a_page_does_not_wait_for_ever(drawing: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's page may take long; what stands below the headline then comes all the same, and takes nobody's turn away."""
    monkeypatch.setattr(admission, "WAIT_S", 0.3)
    assert 0.3 <= draw() < 5
    assert not drawing.is_set()


def test_nobody_waits_on_a_quiet_server(drawing: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "busy", lambda: False)
    assert draw() < 0.1
    assert not drawing.is_set()


@pytest.mark.parametrize("error", [ValueError, Gone])
def test_a_turn_ends_with_its_page_however_it_ends(error: type[BaseException]) -> None:

    def ends() -> None:
        with admission.in_turn():
            admission.others_first()
            admission.others_first()  # a page has one turn, however often it asks
            raise error

    with pytest.raises(error):
        ends()
    assert draw() < 0.1


def test_who_moves_on_while_waiting_takes_no_turn(drawing: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run of the same visitor must not find a turn that nobody gives back."""

    class Session:
        def get(self, _: str) -> None:
            raise Gone

    monkeypatch.setattr(admission.st, "session_state", Session())
    with pytest.raises(Gone):
        draw()
    drawing.set()
