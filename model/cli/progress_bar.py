"""One progress bar for long work on the command line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

BAR = 30
"""Characters of a progress bar."""


def bar(done: int, total: int) -> None:
    """How far long work is, on a terminal only, so that files and pipes stay clean."""
    if sys.stderr.isatty():
        full = BAR * done // max(1, total)
        text = f"\r[{'#' * full}{'.' * (BAR - full)}] {done} of {total}"
        sys.stderr.write(text + ("\n" if done >= total else ""))
        sys.stderr.flush()


def pace() -> Callable[[int, int], None]:
    """A progress that says on a terminal how many worlds are ready, how quick they come and how long the rest will take."""
    begin, first = time.monotonic(), -1

    def said(done: int, total: int) -> None:
        nonlocal first
        first = done if first < 0 else first
        if not sys.stderr.isatty():
            return
        seconds = time.monotonic() - begin
        text = f"\r{done:,} of {total:,} worlds"
        if done > first:
            a_second = (done - first) / seconds
            text += f", {a_second:,.1f} a second, {_left((total - done) / a_second)} left"
        sys.stderr.write(f"{text:<78}" + ("\n" if done >= total else ""))
        sys.stderr.flush()

    return said


def _left(seconds: float) -> str:
    return (
        f"{seconds:.0f} s"
        if seconds < 90
        else f"{seconds / 60:.0f} min"
        if seconds < 90 * 60
        else f"{seconds / 60 / 60:.1f} h"
    )
