"""Long work in threads of its own: it lives on while a page is drawn anew, several visitors may wait for one result, and what was reached
when nobody waits any more is kept, to go on from. No Streamlit."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from model.crew import Progress, Stop
from pages.parts import log

AT_ONCE = 3
"""How many pieces of long work a server does at the same time, whoever asks; others wait for their turn."""
LOOK_S = 0.1
"""How often waiting work looks whether anybody still wants it."""
PATIENCE_S = 3.0
"""Work goes on for so long after it was last waited for: a page that is drawn anew waits again within a second or two."""

Work = Callable[[Progress, Stop, Any], Any]
"""Called with progress, stop, and the unfinished result of an earlier run or None."""


@dataclass(frozen=True)
class Result:
    """What long work came to: its value, how far it got (pieces done, pieces in all), and whether that is all."""

    value: Any
    at: tuple[int, int]
    complete: bool


class Job:
    """One piece of long work under way."""

    def __init__(self, work: Work) -> None:
        self.at: tuple[int, int] = (0, 0)
        self.ended = threading.Event()
        self._work = work
        self._seen: dict[str, float] = {}
        self._stopped = False
        self._lock = threading.Lock()
        self._result: Result | BaseException | None = None

    def wait(self, visitor: str, seconds: float) -> bool:
        """Wait for a short while; whether the work has ended. Work that nobody waits for ends."""
        self._seen[visitor] = time.monotonic()
        return self.ended.wait(seconds)

    def join(self, visitor: str) -> bool:
        """Wait for it from now on; whether that can still be: work that has begun to stop takes nobody in."""
        with self._lock:
            if not self._stopped:
                self._seen[visitor] = time.monotonic()
            return not self._stopped

    def leave(self, visitor: str) -> None:
        """This visitor waits no longer."""
        self._seen.pop(visitor, None)

    @property
    def wanted(self) -> bool:
        """Whether anybody has waited for it lately."""
        return time.monotonic() - max(list(self._seen.values()), default=float("-inf")) < PATIENCE_S

    @property
    def result(self) -> Result:
        """What it came to, once it has ended. Raises what the work raised."""
        if isinstance(self._result, Result):
            return self._result
        raise self._result or RuntimeError("this work has not ended")

    def run(self, before: Any = None) -> None:
        """Do the work, going on from an unfinished result where there is one; called once, in the thread of the job."""
        try:
            value = self._work(self._progress, self.stopping, before)
            self._result = Result(value, self.at, not self._stopped or finished(value))
        except Exception as error:  # raised again where the result is asked for
            self._result = error

    def end(self, result: Result) -> None:
        """End without having begun, with this."""
        self._result = result

    def _progress(self, done: int, total: int) -> None:
        self.at = (done, total)

    def stopping(self) -> bool:
        """Whether it is to stop; once so, always so."""
        with self._lock:
            self._stopped = self._stopped or not self.wanted
            return self._stopped


def finished(value: Any) -> bool:
    """Whether a result says of itself that it is complete; several in a tuple must all be."""
    parts = value if isinstance(value, tuple) else (value,)
    return bool(parts) and all(getattr(part, "complete", False) for part in parts)


class Jobs:
    """All long work by its question: what is under way, and a bounded number of results, the least used dropped first."""

    def __init__(self, size: int, at_once: int = AT_ONCE) -> None:
        self.size = size
        self._places = threading.Semaphore(at_once)
        self._lock = threading.Lock()
        self._under_way: dict[Hashable, Job] = {}
        self._results: OrderedDict[Hashable, Result] = OrderedDict()

    def result(self, key: Hashable) -> Result | None:
        """What is kept of a question, finished or not."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
            return self._results.get(key)

    def under_way(self, key: Hashable) -> Job | None:
        """The work on a question while it lasts."""
        with self._lock:
            return self._under_way.get(key)

    def start(self, key: Hashable, visitor: str, work: Work) -> Job:
        """The work on a question: that which is under way, or new work that goes on from what is kept, and from what work that is
        just stopping will have reached."""
        with self._lock:
            last = self._under_way.get(key)
            if last is not None and last.join(visitor):
                return last
            job = self._under_way[key] = Job(work)
            job.join(visitor)
            threading.Thread(target=self._run, args=(key, job, last), daemon=True, name="long work").start()
            return job

    def clear(self) -> None:
        """Forget every result."""
        with self._lock:
            self._results.clear()

    def _run(self, key: Hashable, job: Job, last: Job | None) -> None:
        if last is not None:
            last.ended.wait()
        begin = time.monotonic()
        self._do(job, self.result(key))
        log.note(
            "long_work", ms=1000 * (time.monotonic() - begin), complete=bool(getattr(job._result, "complete", False))
        )
        with self._lock:
            if isinstance(job._result, Result) and job._result.value is not None:
                self._results[key] = job._result
                while len(self._results) > self.size:
                    self._results.popitem(last=False)
            if self._under_way.get(key) is job:
                del self._under_way[key]
        job.ended.set()

    def _do(self, job: Job, before: Result | None) -> None:
        """Wait for a place and do the work; work that nobody waits for any more when its turn comes never begins, and what is complete
        already is not done again."""
        if before is not None and before.complete:
            return job.end(before)
        while not self._places.acquire(timeout=LOOK_S):
            if job.stopping():
                return job.end(Result(None, job.at, False))
        try:
            return job.run(before.value if before else None)
        finally:
            self._places.release()
