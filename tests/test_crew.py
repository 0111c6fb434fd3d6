"""Claims about the threads of one process."""

from __future__ import annotations

from threadpoolctl import ThreadpoolController, threadpool_limits

from model.crew import one_thread_each


def test_linear_algebra_keeps_to_one_thread_when_told() -> None:
    """A second thread takes half the processor time of an answer and gives nothing."""
    with threadpool_limits(2, user_api="blas"):  # and back to what it was afterwards
        one_thread_each()
        found = [pool["num_threads"] for pool in ThreadpoolController().info() if pool["user_api"] == "blas"]
        assert found
        assert set(found) == {1}
