"""Certificate of optimality: both objectives, the gap between them and the largest violation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.formulation.program import Program
from model.lp.solution import Solution


@dataclass(frozen=True)
class Proof:
    """How far the optimum can be trusted: both objectives in kUSD, largest violation of any row or bound, and the solver."""

    primal_kusd: float
    dual_kusd: float
    violation: float
    solver: str
    seconds: float
    iterations: int
    states_kept: int
    rows: int
    columns: int

    @property
    def gap(self) -> float:
        """Relative distance between primal and dual objective."""
        return abs(self.primal_kusd - self.dual_kusd) / max(1.0, abs(self.primal_kusd))


def proof_of(program: Program, solution: Solution) -> Proof:
    """Primal against dual objective and the largest violation, from the numbers that the solver was given."""
    low, high, row_low, row_high = solution.bounds
    x, d = solution.values, solution.reduced_costs
    at_bound = np.where(d > 0, low, high)
    dual = float(np.sum(np.where(np.abs(d) > 1e-9, d * np.where(np.isfinite(at_bound), at_bound, x), 0.0)))
    y = solution.row_duals
    at_row = np.where(y > 0, row_low, row_high)
    dual += float(
        np.sum(np.where(np.abs(y) > 1e-12, y * np.where(np.isfinite(at_row), at_row, solution.row_values), 0.0))
    )
    violation = max(
        float(np.max(np.maximum(low - x, 0.0))), float(np.max(np.maximum(x - high, 0.0))),
        float(np.max(np.maximum(row_low - solution.row_values, 0.0))),
        float(np.max(np.maximum(solution.row_values - row_high, 0.0))),
    )  # fmt: skip
    return Proof(
        primal_kusd=solution.objective, dual_kusd=dual, violation=violation, solver=solution.solver, seconds=solution.seconds,
        iterations=solution.iterations, states_kept=len(program.case.states), rows=len(y), columns=len(x),
    )  # fmt: skip
