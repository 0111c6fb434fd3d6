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

V = TypeVar("V")

AT_ONCE = 1
"""How many explanations the server works out at the same time; answers have the other cores for themselves."""
REST_S = 0.3
"""How long the levers must stand still before anything is worked out beside the page: time for the browser to paint the answer,
and nothing is begun for values that are only passed over."""
BREATH_S, LONG_BREATH_S = 0.05, 0.25
"""How often a waiting page looks whether its visitor has moved on, at first and when it has waited for long."""
WAITING_MOST = 3
"""When so many explanations wait, the server is busy."""
MANY, MANY_S = 20, 5.0
"""So many answers within so many seconds, and the server is busy: about one visitor a second on a small machine is left over."""


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
    """When the last answers were asked for, by the clock that only goes forward."""
    return deque(maxlen=MANY + 1)


@contextmanager
def answering() -> Iterator[None]:
    """While an answer is worked out: what is done beside the pages waits meanwhile, between its solves."""
    mine, all_answers = object(), _answers()
    all_answers.add(mine)
    _lately().append(time.monotonic())
    try:
        yield
    finally:
        all_answers.discard(mine)


def busy() -> bool:
    """Whether so many ask for answers that explanations are left out that can be left out: answers come first."""
    lately = _lately()
    many = len(lately) > MANY and time.monotonic() - lately[0] < MANY_S
    return many or len(_asked()) > WAITING_MOST


def later(do: Callable[[], None]) -> None:
    """Keep something to be drawn for the end of this run, when all else stands on screen."""
    st.session_state["_later"].append(do)


def nothing_later() -> None:
    """Begin a run: forget what an interrupted one has left."""
    st.session_state["_later"] = []


def do_later() -> None:
    """Draw what was kept for the end, in order, when the levers have stood still for a moment."""
    if st.session_state["_later"]:
        _rest()
    for do in st.session_state["_later"]:
        do()


def _rest() -> None:
    breath, end = st.empty(), time.monotonic() + REST_S
    while time.monotonic() < end:
        time.sleep(BREATH_S)
        breath.empty()  # where Streamlit ends a run whose visitor has moved on


def aside(work: Callable[[Callable[[], bool]], V], must: bool = True) -> V:
    """The result of `work`, which is called with a `stop` to ask, in a thread of its own; `stop` is slow to say as long as anybody
    waits for an answer. When the visitor moves on, this run ends, `stop` says so, and work that has not begun never begins. Raises what `work` raises, and without `must` `Busy`."""
    asked = _asked()
    if not must and busy():
        raise Busy
    stop, breath, pause, answers = Event(), st.empty(), BREATH_S, _answers()

    def stopped() -> bool:
        while answers and not stop.is_set():
            stop.wait(BREATH_S)
        return stop.is_set()

    future = _threads().submit(work, stopped)
    asked.add(future)
    try:
        while True:
            try:
                return future.result(timeout=pause)
            except TimeoutError:
                breath.empty()  # where Streamlit ends a run whose visitor has moved on
                pause = min(LONG_BREATH_S, 1.2 * pause)
    finally:
        stop.set()
        future.cancel()
        asked.discard(future)


def once(name: str, about: Hashable, work: Callable[[Callable[[], bool]], V], must: bool = True) -> V:
    """The same, kept for this visitor until `name` is asked about something else: opening a group or a table is no reason to work it
    out again."""
    if not told(name, about):
        st.session_state.setdefault("_told", {})[name] = (about, aside(work, must))
    found: V = st.session_state["_told"][name][1]
    return found


def told(name: str, about: Hashable) -> bool:
    """Whether `once` has the answer already."""
    kept = st.session_state.get("_told", {})
    return name in kept and kept[name][0] == about
