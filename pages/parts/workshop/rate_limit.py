"""Too many tries: what visitors did of late, counted in memory alone."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

MOST_PLACES = 5_000
"""Of how many places what was tried from there is remembered."""


class Tries:
    """What visitors did of late, counted by where they come from, so that nobody shuts others out: too many are `most` in `span_s`
    seconds from one place. A whole workshop, or all behind a proxy, may be one place. Kept in memory alone and forgotten after."""

    def __init__(self, most: int, span_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._lately: OrderedDict[str, deque[float]] = OrderedDict()
        self._most, self._span_s, self._now = most, span_s, now
        self._lock = threading.Lock()

    def note(self, place: str) -> None:
        """One more from a place."""
        with self._lock:
            self._lately.setdefault(place, deque(maxlen=self._most)).append(self._now())
            self._lately.move_to_end(place)
            if len(self._lately) > MOST_PLACES:
                self._lately.popitem(last=False)

    def too_many(self, place: str) -> bool:
        """Whether there were too many from a place."""
        with self._lock:
            while self._lately and self._now() - next(iter(self._lately.values()))[-1] >= self._span_s:
                self._lately.popitem(last=False)
            times = self._lately.get(place)
            return times is not None and len(times) == self._most and self._now() - times[0] < self._span_s
