"""Where earlier solves ended: each next one starts from the nearest, whoever asked in between."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

import numpy as np

from model.arrays import Array
from model.formulation.levers import Choice, levers

MOST = 256
"""How many are kept; some 20 kB each."""


class Bases:
    """The simplex bases of optima by the choice that they belong to, all of one program. Thread-safe."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Choice, tuple[Array, Any]] = OrderedDict()

    def keep(self, choice: Choice, basis: Any) -> None:
        """Keep the basis of an optimum; the one kept longest goes."""
        with self._lock:
            self._kept[choice] = (place(choice), basis)
            self._kept.move_to_end(choice)
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)

    def nearest(self, choice: Choice, than: Choice | None = None) -> Any | None:
        """The basis of the choice that differs in fewest levers, then by least, from this one; None when nothing is kept or when
        `than` is as near."""
        wanted = place(choice)
        with self._lock:
            kept = list(self._kept.values())
        if not kept:
            return None
        far = apart(np.array([each for each, _ in kept]), wanted)
        best = int(far.argmin())
        if than is not None and apart(place(than)[None], wanted)[0] <= far[best]:
            return None
        return kept[best][1]


def place(choice: Choice) -> Array:
    """A choice as one number for each lever, 0 to 1 over its range."""
    values, found = choice.values(), []
    for lever in levers():
        value = values[lever.id]
        if lever.kind == "option":
            found.append(lever.options.index(str(value)) / max(1, len(lever.options) - 1))
        elif lever.kind == "switch":
            found.append(float(bool(value)))
        else:
            found.append((float(value) - lever.low) / (lever.high - lever.low))
    return np.array(found)


def apart(places: Array, wanted: Array) -> Array:
    """How far choices (n, levers) lie from another (levers,): the number of levers that differ, and below one for by how much."""
    gap = np.abs(places - wanted)
    return np.asarray((gap > 1e-12).sum(axis=1) + gap.sum(axis=1) / (2 * len(wanted)))
