"""How far something can be pushed in the program of a case: the least of a few columns, with the cost set aside or capped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pulp

from model.engine.worker import Worker
from model.errors import Infeasible, SolverFailed
from model.formulation.case import Case
from model.formulation.parameters import LEVER_COLUMNS, NO_STEERING, Steering, lever_scale
from model.formulation.program import Program
from model.lp.solution import Solution
from model.lp.solve import solve_once

Weights = Mapping[int, float]
"""Column numbers of the sheet and what a unit of each counts; the sum is made as small as possible."""
Bounds = Mapping[int, tuple[float, float]]
PATIENCE = 10_000
"""Steps from the optimum after which it is quicker to start from nothing."""


@dataclass(frozen=True)
class Aim:
    """A weighted sum of columns that is pushed down, within moved bounds. With `used` supply must meet need exactly, for what nobody
    uses is no supply; without it more may be bought, which changes nothing where supply is not what is pushed up."""

    weights: Weights
    bounds: Bounds
    used: bool = False
    lever: bool = False
    """Whether what is pushed is the column of a lever: the dual simplex is quicker there, the primal for anything else."""


def least(
    worker: Worker,
    case: Case,
    aims: Mapping[str, Aim],
    steering: Steering = NO_STEERING,
) -> dict[str, Solution]:
    """For each name, the solution that goes furthest towards its aim, whatever it costs within the bounds.

    Every one starts from the optimum of the case, which is what makes it quick. Raises `Infeasible` when the case itself has no
    solution, `SolverFailed` when a solver gave up."""
    worker.solve(case, steering)
    found = {}
    for name, aim in aims.items():
        try:
            found[name] = _one(worker, case, steering, aim)
        except Infeasible:
            raise SolverFailed(f"{name}: nothing lies within the bounds, though the optimum should") from None
    return found


def _one(worker: Worker, case: Case, steering: Steering, aim: Aim) -> Solution:
    if worker.live is not None:
        with worker.live.aimed(aim.weights, aim.bounds, _balances(worker.program) if aim.used else ()):
            return worker.live.solve(primal=not aim.lever, iterations=PATIENCE)
    program = Program(case, steering)
    sheet, variables = program.sheet, program.sheet.variables
    for row in _balances(program) if aim.used else ():
        sheet.problem.constraints[sheet.row_names[row]].sense = pulp.LpConstraintEQ
    for place, (low, high) in aim.bounds.items():
        variables[place].bounds(None if np.isinf(low) else low, None if np.isinf(high) else high)
    sheet.problem.setObjective(pulp.lpSum(times * variables[place] for place, times in aim.weights.items()))
    return solve_once(sheet, "CBC")


def _balances(program: Program) -> Iterator[int]:
    """Rows in which supply may exceed need."""
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
