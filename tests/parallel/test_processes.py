"""Claims about the threads of one process."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from threadpoolctl import ThreadpoolController, threadpool_limits

from model.parallel.processes import COURTESY, share_out
from model.parallel.task import one_thread_each


def test_linear_algebra_keeps_to_one_thread_when_told() -> None:
    """A second thread takes half the processor time of an answer and gives nothing."""
    with threadpool_limits(2, user_api="blas"):  # and back to what it was afterwards
        one_thread_each()
        found = [pool["num_threads"] for pool in ThreadpoolController().info() if pool["user_api"] == "blas"]
        assert found
        assert set(found) == {1}


class Niceness:
    """How far back a process stands for others."""

    def ready(self) -> Callable[[object], int]:
        return lambda _: os.nice(0)


@pytest.mark.skipif(not hasattr(os, "nice"), reason="this system knows nothing of it")
def test_helpers_stand_back_for_answers() -> None:
    """One helper for each core would else slow down every visitor's answer while somebody's long work goes on."""
    found = dict(share_out(Niceness(), [0], 1))
    assert found == {0: min(19, os.nice(0) + COURTESY)}
