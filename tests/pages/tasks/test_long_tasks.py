"""Claims about long work: what was reached is kept and gone on with, several may wait for one result, and nobody's work ends by itself."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import pytest
from streamlit.testing.v1 import AppTest

from model.parallel.progress import Progress, Stop
from pages.parts import session
from pages.parts.tasks import jobs
from pages.parts.tasks.jobs import Jobs


@dataclass(frozen=True)
class Count:
    """A result that can be gone on with."""

    reached: int
    complete: bool


class Counting:
    """Work that counts to ten, one step for each turn that it is given."""

    def __init__(self) -> None:
        self.turns = threading.Semaphore(0)
        self.steps: list[int] = []

    def __call__(self, progress: Progress, stop: Stop, before: Count | None) -> Count:
        done = before.reached if before else 0
        while done < 10:
            if self.turns.acquire(timeout=0.02):
                done += 1
                self.steps.append(done)
                progress(done, 10)
            elif stop():
                return Count(done, False)
        return Count(done, True)

    def give(self, turns: int) -> None:
        """Let it make so many steps."""
        for _ in range(turns):
            self.turns.release()


def test_stopped_work_keeps_what_it_reached_and_goes_on_from_there() -> None:
    """Four steps, a stop, six steps: ten in all and none of them twice."""
    work, kept = Counting(), Jobs(4)
    job = kept.start("question", "me", work)
    work.give(4)
    while job.at != (4, 10):
        assert not job.wait("me", 0.01)
    job.leave("me")
    assert job.ended.wait(5)
    part = kept.result("question")
    assert part is not None
    assert (part.value, part.at, part.complete) == (Count(4, False), (4, 10), False)
    work.give(6)
    again = kept.start("question", "me", work)
    while not again.wait("me", 0.01):
        pass
    assert again.result.complete
    assert work.steps == list(range(1, 11))


def test_one_visitor_who_stops_takes_nothing_from_another() -> None:
    """Two wait for one work; it goes on as long as one of them does."""
    work, kept = Counting(), Jobs(4)
    job = kept.start("question", "one", work)
    assert kept.start("question", "other", work) is job
    job.leave("one")
    assert job.wanted
    work.give(10)
    while not job.wait("other", 0.01):
        pass
    assert job.result.complete


def test_work_that_nobody_waits_for_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever closes the window asks for no stop."""
    monkeypatch.setattr(jobs, "PATIENCE_S", 0.05)
    work, kept = Counting(), Jobs(4)
    job = kept.start("question", "gone", work)
    assert job.ended.wait(5)
    assert not job.result.complete


def test_an_error_is_told_to_whoever_asks_and_is_not_kept() -> None:
    """The next visitor gets another try."""

    def fails(*_: object) -> None:
        raise ValueError("no such thing")

    kept = Jobs(4)
    job = kept.start("question", "me", fails)
    assert job.ended.wait(5)
    with pytest.raises(ValueError, match="no such thing"):
        _ = job.result
    assert kept.result("question") is None


def test_who_comes_while_work_is_stopping_gets_the_whole_of_it() -> None:
    """One visitor stops and nobody else waits; before the work has seen to it, another asks. He must not be handed the part."""
    reached, on = threading.Event(), threading.Event()

    def work(progress: Progress, stop: Stop, before: Count | None) -> Count:
        done = before.reached if before else 0
        while done < 10:
            if done == 4 and before is None:
                while not stop():
                    reached.set()
                on.wait(5)  # it knows that it is to stop, and tidies up
                return Count(done, False)
            done += 1
            progress(done, 10)
        return Count(done, True)

    kept = Jobs(4)
    first = kept.start("question", "one", work)
    assert reached.wait(5)
    first.leave("one")
    while not first._stopped:
        pass
    second = kept.start("question", "other", work)
    assert second is not first
    on.set()
    while not second.wait("other", 0.01):
        pass
    assert second.result.complete
    assert second.result.value == Count(10, True)


def test_a_page_that_was_handed_a_part_takes_the_work_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work may end early although a page still shows its bar, when the page was held up for long: no second bar, no crash."""

    def page() -> None:
        import streamlit as st

        from pages.parts import session
        from tests.pages.tasks.test_long_tasks import Twice

        found = session.worked_out("twice", "question", "Counting:", Twice())
        st.write(f"reached {found.reached}")

    session._results.clear()
    monkeypatch.setattr(jobs, "PATIENCE_S", 0.0)
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert app.markdown[0].value == "reached 10"


class Twice:
    """Work that looks whether it may stop only in its first half, long enough for a bar to be drawn in each."""

    def __call__(self, engine: object, *, progress: Progress, stop: Stop, before: Count | None = None) -> Count:
        time.sleep(0.5)
        if before is None:
            progress(5, 10)
            return Count(5, not stop())
        progress(10, 10)
        return Count(10, True)
