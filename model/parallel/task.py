"""A piece of long work and how many cores it may use."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Protocol

from threadpoolctl import threadpool_limits

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Helpers are as many as cores; threads of the linear algebra below them would only get in each other's way."""


def one_thread_each() -> None:
    """Let the linear algebra of this process, which is loaded by now, use one thread: the arrays here are small, and a second
    thread does nothing between them but keep a core busy (half the processor time of an answer on two cores)."""
    threadpool_limits(1, user_api="blas")


class Task(Protocol):
    """What helpers do: made ready once in each, then asked for one piece after another. It must be possible to pickle it."""

    def ready(self) -> Callable[[Any], Any]:
        """Make ready; the function that works on one piece."""


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
