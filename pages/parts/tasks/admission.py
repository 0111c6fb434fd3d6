"""Whose turn it is on a busy server: the headlines of all visitors go before what stands below any of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pages.parts.tasks.deferred import breathe, busy

AT_ONCE = 1
"""How many pages are drawn below their headline at the same time; more would only slow down each other and every answer."""
WAIT_S = 2.0
"""How long a page waits for its turn, at most."""
LOOK_S = 0.2
"""How often a waiting page looks whether its visitor has moved on."""

_mine = threading.local()
"""Whether this run has a turn. Every run has a thread for itself."""


@st.cache_resource(show_spinner=False)
def _turns() -> threading.Semaphore:
    return threading.Semaphore(AT_ONCE)


@contextmanager
def in_turn() -> Iterator[None]:
    """A page: the turn that it takes by `others_first` ends with it, however it ends."""
    try:
        yield
    finally:
        if getattr(_mine, "turn", False):
            _mine.turn = False
            _turns().release()


def others_first() -> None:
    """Called when the headline stands: on a busy server what follows waits for its turn, so that it slows down no other headline."""
    if not busy() or getattr(_mine, "turn", False):
        return
    turns, end = _turns(), time.monotonic() + WAIT_S
    while not (got := turns.acquire(timeout=LOOK_S)) and time.monotonic() < end:
        breathe()
    _mine.turn = got
