"""What a solve gives back: values, duals, reduced costs and the basis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from model.arrays import Array


@dataclass(frozen=True)
class Solution:
    """An optimal solution: columns, rows and duals in the order of the sheet, with how it was reached."""

    objective: float
    values: Array
    row_values: Array
    row_duals: Array
    reduced_costs: Array
    bounds: tuple[Array, Array, Array, Array]
    """Lower and upper bounds of columns, then of rows, as the solver had them."""
    iterations: int
    seconds: float
    solver: str


@dataclass(frozen=True)
class Basis:
    """Where a solve ended: the basis as HiGHS holds it, and the bounds for which it was optimal."""

    highs: Any
    bounds: int | None
