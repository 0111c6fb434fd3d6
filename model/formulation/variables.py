"""The columns of the program, by name and index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

import pulp

from model.formulation.case import Case
from model.lp.model import Coefficient, Number, Sense, Term

Row = tuple[str, list[Term], Sense, Coefficient]


Rows = Iterator[Row]


PREFERRED = ("plan", "add", "fill", "deliver", "draw", "short")
"""Columns that carry a tiny preference, so that the mix is unique."""


@cache
def origin_labels(foreign: tuple[str, ...]) -> tuple[str, ...]:
    """A word for each origin that fits into a name: its first, or all of them where two begin alike."""
    whole = [re.sub(r"\W+", "_", origin, flags=re.ASCII).strip("_") for origin in foreign]
    first = [name.split("_")[0] for name in whole]
    return tuple(
        short if short and first.count(short) == 1 else f"{name}_{o}"
        for o, (short, name) in enumerate(zip(first, whole, strict=True))
    )


@dataclass
class Columns:
    """The columns of the program, by name and index; an index that has no column is not in the mapping."""

    by_name: dict[str, dict[tuple[int, ...], pulp.LpVariable]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> dict[tuple[int, ...], pulp.LpVariable]:
        try:
            return self.by_name[name]
        except KeyError:
            raise AttributeError(name) from None


class ProgramView(Protocol):
    """What a family of constraints sees of the program that is written down: the case, its columns, and references to its numbers."""

    case: Case
    x: Columns
    foresight: bool
    pairs: list[tuple[int, int]]
    builds: list[int]
    needs: list[tuple[int, int]]
    worlds: list[int]

    def at(self, name: str, *index: int, times: float = 1.0) -> Number:
        """A reference to one element of an array of `numbers`."""
        ...

    def plan(self, r: int, c: int, t: int, k: int) -> pulp.LpVariable:
        """The plan that state k sees."""
        ...

    def limit(self, name: str) -> pulp.LpVariable:
        """The fixed column of a limit lever."""
        ...
