"""Standard output as the command line's own: results go there, and nothing that a library prints."""

from __future__ import annotations

import os
import sys
from typing import TextIO

OUTPUT, ERRORS = 1, 2
"""Descriptors of standard output and standard error."""


def keep_for_results() -> None:
    """From now on only `sys.stdout` reaches standard output; what C code writes to its descriptor goes to standard error.

    `sys.stdout` moves to a copy of the descriptor, which no child process inherits. This lasts until the process ends, because
    C libraries may write what they hold back as late as that. A stream that was closed from the start leads nowhere."""
    while (spare := os.open(os.devnull, os.O_RDWR)) <= ERRORS:
        continue  # it took the place of a closed stream
    os.close(spare)
    if sys.stdout is not None:
        sys.stdout.flush()
    sys.stdout = _copy(OUTPUT, sys.stdout)
    if sys.stderr is None:
        sys.stderr = _copy(ERRORS, None)
    os.dup2(ERRORS, OUTPUT)


def _copy(descriptor: int, before: TextIO | None) -> TextIO:
    encoding = before.encoding if before is not None else "utf-8"
    return open(os.dup(descriptor), "w", encoding=encoding, errors="backslashreplace")


__all__ = ["keep_for_results"]
