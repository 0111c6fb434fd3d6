"""Values by exact key, bounded in number; two askers of one key wait for one result."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from model.engine.active_limits import NoMix

V = TypeVar("V")


class Cache(Generic[V]):
    """Values by exact key, at most `size` of them, the least used dropped first. Two askers of one key wait for one result."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[object, V | BaseException] = OrderedDict()
        self._under_way: dict[object, threading.Event] = {}

    def get(self, key: object, make: Callable[[], V]) -> V:
        """The value for a key, made if need be. `NoMix` is kept like a value; any other error is not."""
        while True:
            with self._lock:
                if key in self._values:
                    self._values.move_to_end(key)
                    found = self._values[key]
                    if isinstance(found, BaseException):
                        raise NoMix(found.limits) if isinstance(found, NoMix) else found
                    return found
                waiting = self._under_way.get(key)
                if waiting is None:
                    mine = self._under_way[key] = threading.Event()
                    break
            waiting.wait()
        try:
            try:
                value = make()
            except NoMix as error:
                self._keep(key, NoMix(error.limits))  # without the frames that the traceback of this one holds
                raise
            self._keep(key, value)
            return value
        finally:
            with self._lock:
                del self._under_way[key]
            mine.set()

    def clear(self) -> None:
        """Forget every value."""
        with self._lock:
            self._values.clear()

    def _keep(self, key: object, value: V | BaseException) -> None:
        with self._lock:
            self._values[key] = value
            while len(self._values) > self.size:
                self._values.popitem(last=False)
