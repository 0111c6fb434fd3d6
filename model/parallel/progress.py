"""Progress, stopping and what is raised when long work was stopped."""

from __future__ import annotations

from collections.abc import Callable


class Stopped(Exception):
    """Nobody waits for the rest any more; nothing is kept of what was begun."""


def unless(stop: Callable[[], bool] | None) -> None:
    """Raises `Stopped` when `stop` says so."""
    if stop is not None and stop():
        raise Stopped


Progress = Callable[[int, int], None]
"""Called with how many pieces are done and how many there are."""


Stop = Callable[[], bool]
"""Asked now and then; true means that nobody waits for the rest."""


def never() -> bool:
    """A stop that never comes."""
    return False


def silent(done: int, total: int) -> None:
    """A progress that nobody watches."""
