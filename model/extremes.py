"""How far something can be pushed in the program of a case: the least of a few columns, with the cost set aside or capped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

import numpy as np
import pulp

from model.case import Case
from model.live import Worker
from model.lp import Infeasible, Solution, SolverFailed, solve_once
from model.program import LEVER_COLUMNS, NO_STEERING, Program, Steering, lever_scale

Weights = Mapping[int, float]
"""Column numbers of the sheet and what a unit of each counts; the sum is made as small as possible."""
Bounds = Mapping[int, tuple[float, float]]


def least(
    worker: Worker,
    case: Case,
    aims: Mapping[str, tuple[Weights, Bounds]],
    steering: Steering = NO_STEERING,
    seen: Callable[[str, Solution], bool] = lambda *_: False,
) -> dict[str, Solution]:
    """For each name, the solution with the least weighted sum of columns when costs do not count and some bounds are moved.

    Every one starts from the optimum of the case, which is what makes it quick. `seen` is shown each solution as it is found and
    may say true to end there. Raises `Infeasible` when the case itself has no solution, `SolverFailed` when a solver gave up."""
    worker.solve(case, steering)
    found = {}
    for name, (weights, bounds) in aims.items():
        try:
            found[name] = _one(worker, case, steering, weights, bounds)
        except Infeasible:
            raise SolverFailed(f"{name}: nothing lies within the bounds, though the optimum should") from None
        if seen(name, found[name]):
            break
    return found


def _one(worker: Worker, case: Case, steering: Steering, weights: Weights, bounds: Bounds) -> Solution:
    if worker.live is not None:
        with worker.live.aimed(weights, bounds, _balances(worker.program)):
            return worker.live.solve(primal=True)
    program = Program(case, steering)
    sheet, variables = program.sheet, program.sheet.variables
    for row in _balances(program):
        sheet.problem.constraints[sheet.row_names[row]].sense = pulp.LpConstraintEQ
    for place, (low, high) in bounds.items():
        variables[place].bounds(None if np.isinf(low) else low, None if np.isinf(high) else high)
    sheet.problem.setObjective(pulp.lpSum(times * variables[place] for place, times in weights.items()))
    return solve_once(sheet, "CBC")


def _balances(program: Program) -> Iterator[int]:
    """Rows in which supply may exceed need. Here they hold exactly, for what nobody uses is no supply."""
    return chain(program.families["balances_magnets"], program.families["balances_feedstock"])


def cost_cap(worker: Worker, most_kusd: float) -> Bounds:
    """Bounds that keep the expected total cost at or below an amount, kUSD."""
    return {worker.program.places["total_cost"][()]: (-np.inf, most_kusd)}


def lever_column(worker: Worker, name: str) -> int:
    """The column of a limit lever."""
    return worker.program.places["limit"][(LEVER_COLUMNS.index(name),)]


def loosened(worker: Worker, name: str, low: float, high: float) -> Bounds:
    """Bounds that let the column of a limit lever move between two values in the lever's unit."""
    scale = lever_scale(name)
    return {lever_column(worker, name): (low * scale, high * scale)}


def lever_value(worker: Worker, name: str, solution: Solution) -> float:
    """Where the column of a limit lever ended, in the lever's unit."""
    return float(solution.values[lever_column(worker, name)]) / lever_scale(name)
