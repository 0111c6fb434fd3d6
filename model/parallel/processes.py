"""Long work shared among helper processes: pieces are handed out one at a time and results come back as they are ready.

A helper is this module run as a program, so a web server with many threads need not be copied. What travels between the two
is pickled by this project's own processes alone, over their private pipes.

Why not `concurrent.futures.ProcessPoolExecutor`: its helpers import the main module again, which under Streamlit is the page, so
that each helper runs `app.py` (tried with Streamlit 1.67 and the start method spawn; fork copies a server's threads with
their locks held). It also cannot end a helper in the middle of a piece, which a visitor who moves on asks for.
"""

from __future__ import annotations

import importlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from queue import Empty, Full, Queue
from typing import Any

from model.errors import InputError, SolverFailed
from model.parallel.progress import Progress, Stop, never, silent
from model.parallel.task import ONE_THREAD, Task, cores

LOOK_SECONDS = 0.25
"""How often a waiting parent asks whether to stop."""
COURTESY = 10
"""By how much helpers stand back for other processes, answers to visitors among them, where the system knows of that (POSIX)."""
AHEAD = 2
"""Results that may wait for the parent, for each helper; then helpers wait too, so that memory stays bounded."""


def share_out(
    task: Task, pieces: Sequence[Any], processes: int | None = None, progress: Progress = silent, stop: Stop = never
) -> Generator[tuple[int, Any], None, None]:
    """The place and the result of each piece as it is ready, worked out in so many helper processes (by default one for each
    core), or here when `processes` is 0. Ends early when asked to stop. Raises `InputError` for a number of processes that cannot
    be, what a piece raises, and `SolverFailed` when a helper ends before its work is done."""
    if processes is not None and (isinstance(processes, bool) or not isinstance(processes, int) or processes < 0):
        raise InputError(f"processes: {processes!r} is not a whole number from 0 up")
    number = min(cores() if processes is None else processes, len(pieces))
    found = _here(task, pieces) if number == 0 else _helped(task, pieces, number, stop)
    with closing(found):
        for done, pair in enumerate(found, 1):
            yield pair
            progress(done, len(pieces))
            if stop():
                return


def _here(task: Task, pieces: Sequence[Any]) -> Generator[tuple[int, Any], None, None]:
    work = task.ready()
    for place, piece in enumerate(pieces):
        yield place, work(piece)


def _helped(task: Task, pieces: Sequence[Any], number: int, stop: Stop) -> Generator[tuple[int, Any], None, None]:
    waiting: Queue[int] = Queue()
    for place in range(len(pieces)):
        waiting.put(place)
    ready: Queue[tuple[int, Any]] = Queue(maxsize=AHEAD * number)
    helpers = [_Helper(task, pieces, waiting, ready) for _ in range(number)]
    try:
        for _ in pieces:
            pair = None
            while pair is None:
                try:
                    pair = ready.get(timeout=LOOK_SECONDS)
                except Empty:
                    if stop():
                        return
            if isinstance(pair[1], BaseException):
                raise pair[1]
            yield pair
    finally:
        for helper in helpers:
            helper.end()


class _Helper:
    """One helper process and the thread that feeds it."""

    def __init__(self, task: Task, pieces: Sequence[Any], waiting: Queue[int], ready: Queue[tuple[int, Any]]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "model.parallel.processes"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=Path(__file__).resolve().parents[2], env={**os.environ, **ONE_THREAD},
        )  # fmt: skip
        self._ended = False
        self._thread = threading.Thread(target=self._feed, args=(task, pieces, waiting, ready), daemon=True)
        self._thread.start()

    def _feed(self, task: Task, pieces: Sequence[Any], waiting: Queue[int], ready: Queue[tuple[int, Any]]) -> None:
        place = -1
        try:
            self._send(task)
            while True:
                try:
                    place = waiting.get_nowait()
                except Empty:
                    return
                self._send(pieces[place])
                self._hand_over(ready, (place, pickle.load(self.process.stdout)))  # type: ignore[arg-type]  # noqa: S301
        except (OSError, EOFError, pickle.UnpicklingError, ValueError):
            self._hand_over(ready, (place, SolverFailed("a helper process ended before its work was done")))

    def _hand_over(self, ready: Queue[tuple[int, Any]], pair: tuple[int, Any]) -> None:
        """Wait for room among the results, unless nobody wants them any more."""
        while not self._ended:
            try:
                ready.put(pair, timeout=LOOK_SECONDS)
            except Full:
                continue
            return

    def _send(self, value: Any) -> None:
        stream = self.process.stdin
        if stream is None:
            raise OSError
        pickle.dump(value, stream, protocol=pickle.HIGHEST_PROTOCOL)
        stream.flush()

    def end(self) -> None:
        """End the process, finished or not."""
        self._ended = True
        self.process.kill()
        self.process.wait()
        self._thread.join()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue


def _serve() -> None:
    """Be a helper: read a task and pieces from the parent, write results, until the parent closes the pipe."""
    if hasattr(os, "nice"):
        os.nice(COURTESY)
    source = sys.stdin.buffer
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the results
    task: Task = pickle.load(source)  # noqa: S301
    work: Callable[[Any], Any] | None = None
    while True:
        try:
            piece = pickle.load(source)  # noqa: S301
        except EOFError:
            return
        try:
            work = work or task.ready()
            result = work(piece)
        except Exception as error:  # the parent raises it again
            result = error
        pickle.dump(result, target, protocol=pickle.HIGHEST_PROTOCOL)
        target.flush()


if __name__ == "__main__":
    importlib.import_module("model.parallel.processes")._serve()
