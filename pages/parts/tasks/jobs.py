"""Long work in threads of its own: it lives on while a page is drawn anew, several visitors may wait for one result, and what was reached
when nobody waits any more is kept, to go on from; and the lines in which heavy work waits for a place. No Streamlit."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from model.engine.active_limits import NoMix
from model.errors import InputError
from model.parallel.progress import Progress, Stop
from pages.parts.tasks import log

AT_ONCE = 3
"""How many pieces of long work a server does at the same time, one for each browser; others wait for their turn."""
HEAVY_AT_ONCE = 2
"""How many heavy files and second opinions a server makes at the same time, one for each browser."""
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


class Asks(Protocol):
    """What stands in a line."""

    @property
    def owners(self) -> set[str]:
        """For whom it is done: marks of browsers."""


@dataclass(frozen=True, eq=False)
class Ask:
    """Work done for one browser alone."""

    owner: str

    @property
    def owners(self) -> set[str]:
        """That browser."""
        return {self.owner}


class Line:
    """Places for work: first come, first served, but whoever has work under way waits until it ends."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._changed = threading.Condition()
        self._waiting: list[Asks] = []
        self._inside: list[Asks] = []

    def enter(self, who: Asks, gone: Callable[[], bool] = lambda: False) -> bool:
        """Wait for a place; whether there came one before it was `gone`, which is asked now and then."""
        with self._changed:
            self._waiting.append(who)
        try:
            while True:
                with self._changed:
                    if self._next() is who:
                        self._inside.append(who)
                        return True
                if gone():
                    return False
                with self._changed:
                    self._changed.wait(LOOK_S)
        finally:
            with self._changed:
                self._waiting.remove(who)
                self._changed.notify_all()

    def leave(self, who: Asks) -> None:
        """Give the place to the next."""
        with self._changed:
            self._inside.remove(who)
            self._changed.notify_all()

    def _next(self) -> Asks | None:
        if len(self._inside) >= self._at_once:
            return None
        served = {owner for each in self._inside for owner in each.owners}
        return next((each for each in self._waiting if each.owners - served), None)


HEAVY = Line(HEAVY_AT_ONCE)
"""The line for heavy files and second opinions."""


def browser_of(cookie: str) -> str:
    """What stays the same in the cookie that guards against forgery, which is masked anew with each page; empty when it is none."""
    try:
        mask, token = (bytes.fromhex(part) for part in cookie.split("|")[1:3])
        return bytes(byte ^ mask[place % len(mask)] for place, byte in enumerate(token)).hex()
    except (ValueError, ZeroDivisionError):
        return ""


class Job:
    """One piece of long work under way."""

    def __init__(self, work: Work) -> None:
        self.at: tuple[int, int] = (0, 0)
        self.begun = False
        self.ended = threading.Event()
        self._work = work
        self._seen: dict[str, float] = {}
        self._owners: dict[str, str] = {}
        self._stopped = False
        self._lock = threading.Lock()
        self._result: Result | BaseException | None = None

    def wait(self, visitor: str, seconds: float) -> bool:
        """Wait for a short while; whether the work has ended. Work that nobody waits for ends."""
        self._seen[visitor] = time.monotonic()
        return self.ended.wait(seconds)

    def join(self, visitor: str, owner: str) -> bool:
        """Wait for it from now on; whether that can still be: work that has begun to stop takes nobody in."""
        with self._lock:
            if not self._stopped:
                self._owners[visitor] = owner
                self._seen[visitor] = time.monotonic()
            return not self._stopped

    def leave(self, visitor: str) -> None:
        """This visitor waits no longer."""
        self._seen.pop(visitor, None)

    @property
    def owners(self) -> set[str]:
        """The browsers of those who wait for it."""
        return {self._owners.get(visitor, visitor) for visitor in list(self._seen)}

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
        self.begun = True
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
        self._places = Line(at_once)
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

    def start(self, key: Hashable, visitor: str, work: Work, owner: str = "") -> Job:
        """The work on a question: that which is under way, or new work that goes on from what is kept, and from what work that is
        just stopping will have reached. `owner`: the visitor's browser, of which one piece of work is done at a time."""
        owner = owner or visitor
        with self._lock:
            last = self._under_way.get(key)
            if last is not None and last.join(visitor, owner):
                return last
            job = self._under_way[key] = Job(work)
            job.join(visitor, owner)
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
        if isinstance(job._result, BaseException) and not isinstance(job._result, InputError | NoMix):
            log.failed("long_work")
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
        if not self._places.enter(job, job.stopping):
            return job.end(Result(None, job.at, False))
        try:
            return job.run(before.value if before else None)
        finally:
            self._places.leave(job)
