"""What is said after the answer is on screen: begun last, worked out beside the page, dropped as soon as the visitor moves on."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any, TypeVar

import streamlit as st

from model.engine.engine import Answer, Engine
from model.formulation.levers import Choice

V = TypeVar("V")

AT_ONCE = 1
"""How many explanations the server works out at the same time; answers have the other cores for themselves."""
REST_S = 0.3
"""How long the levers must stand still before anything is worked out beside the page: time for the browser to paint the answer,
and nothing is begun for values that are only passed over."""
PAINT_S = 0.2
"""How long a page rests below its last chart: a browser that gets what follows at the same time paints the charts only with it."""
BREATH_S, LONG_BREATH_S = 0.05, 0.25
"""How often a waiting page looks whether its visitor has moved on, at first and when it has waited for long."""
WAITING_MOST = 3
"""When so many explanations wait, the server is busy."""
MANY, MANY_S = 20, 5.0
"""So many answers within so many seconds, and the server is busy."""
KEPT_S = 0.005
"""An answer that was there sooner had been kept and took no work."""
PAUSE_S = 2.0
"""How long work beside a page waits for answers before its next solve, at most: it holds a live program that others may want."""


class Busy(Exception):
    """Too many visitors ask at once; what is known without more work stands."""


@st.cache_resource(show_spinner=False)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="aside")


@st.cache_resource(show_spinner=False)
def _asked() -> set[Future[Any]]:
    """What visitors wait for at this moment."""
    return set()


@st.cache_resource(show_spinner=False)
def _answers() -> set[object]:
    """The answers that are being worked out at this moment."""
    return set()


@st.cache_resource(show_spinner=False)
def _lately() -> deque[float]:
    """When the last answers that took work were there, by the clock that only goes forward."""
    return deque(maxlen=MANY)


@contextmanager
def answering() -> Iterator[None]:
    """While an answer is worked out: what is done beside the pages waits meanwhile, between its solves."""
    mine, all_answers, begin = object(), _answers(), time.monotonic()
    all_answers.add(mine)
    try:
        yield
    finally:
        all_answers.discard(mine)
        end = time.monotonic()
        if end - begin > KEPT_S:
            _lately().append(end)


def answered(engine: Engine, choice: Choice) -> Answer:
    """An engine's answer to a choice, which goes before all that is done beside the pages. Raises `NoMix` or `SolverFailed`."""
    with answering():
        return engine.answer(choice)


def busy() -> bool:
    """Whether so many ask for answers that explanations are left out that can be left out: answers come first."""
    lately = _lately()
    many = len(lately) == MANY and time.monotonic() - lately[0] < MANY_S
    return many or len(_asked()) >= WAITING_MOST


def later(do: Callable[[], None]) -> None:
    """Keep something to be drawn for the end of this run, when all else stands on screen."""
    st.session_state["_later"].append(do)


def nothing_later() -> None:
    """Begin a run: forget what an interrupted one has left."""
    st.session_state["_later"] = []


def do_later() -> None:
    """Draw what was kept for the end, in order, when the levers have stood still for a moment."""
    if st.session_state["_later"]:
        _rest(REST_S)
    for do in st.session_state["_later"]:
        do()


def breathe() -> None:
    """Where Streamlit ends a run whose visitor has moved on, as at every look into the state. Nothing is sent, so the browser has nothing
    to draw."""
    st.session_state.get("_later")


def charts_first() -> None:
    """Called below the last chart: time for the browser to paint, unless others wait for this page to be through."""
    if not busy():
        _rest(PAINT_S)


def _rest(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(BREATH_S)
        breathe()


def aside(work: Callable[[Callable[[], bool]], V], must: bool = True) -> V:
    """The result of `work`, done in a thread of its own and called with a `stop` to ask, which blocks for a while as long as anybody
    waits for an answer. When the visitor moves on, this run ends, `stop` says so, and work that has not begun never begins.
    Raises what `work` raises, and without `must` `Busy`."""
    asked = _asked()
    if not must and busy():
        raise Busy
    stop, pause, answers = Event(), BREATH_S, _answers()

    def stopped() -> bool:
        end = time.monotonic() + PAUSE_S
        while answers and not stop.is_set() and time.monotonic() < end:
            stop.wait(BREATH_S)
        return stop.is_set()

    future = _threads().submit(work, stopped)
    asked.add(future)
    try:
        while True:
            try:
                return future.result(timeout=pause)
            except TimeoutError:
                breathe()
                pause = min(LONG_BREATH_S, 1.2 * pause)
    finally:
        stop.set()
        future.cancel()
        asked.discard(future)


def kept_for(name: str, about: Hashable, make: Callable[[], V]) -> V:
    """What `make` gives, kept for this visitor until `name` is asked about something else: opening a group or a table is no reason to
    work it out again."""
    if not told(name, about):
        st.session_state.setdefault("_told", {})[name] = (about, make())
    found: V = st.session_state["_told"][name][1]
    return found


def told(name: str, about: Hashable) -> bool:
    """Whether `kept_for` has it already."""
    kept = st.session_state.get("_told", {})
    return name in kept and kept[name][0] == about
