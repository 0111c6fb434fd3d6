"""One program kept live in the solver, and how a choice with an aim is solved with it."""

from __future__ import annotations

import copy
from dataclasses import replace

from model.errors import Infeasible, SolverFailed
from model.formulation.case import Case
from model.formulation.levers import Choice, lever_named
from model.formulation.parameters import NO_STEERING, Steering
from model.formulation.program import Program
from model.lp.persistent import Live
from model.lp.solution import Solution
from model.lp.solve import HAS_HIGHS, solve_once
from model.results.mix import Mix, read_mix

AIM_TOLERANCE = 1e-6


class Worker:
    """One program with its live copy in HiGHS, or without HiGHS the way to write and solve it anew with CBC."""

    def __init__(self, case: Case) -> None:
        self.program = Program(case)
        self.live = Live(self.program.sheet) if HAS_HIGHS else None
        self.at: Choice | None = None
        """The choice at whose optimum it stands, as far as its engine knows."""

    def clone(self) -> Worker:
        """Another worker that starts from this one's numbers and basis."""
        other = copy.copy(self)
        other.live = self.live.clone() if self.live else None
        return other

    def solve(self, case: Case, steering: Steering = NO_STEERING, primal: bool = False) -> Solution:
        """Solve for another case of the same data set. Raises `Infeasible` or `SolverFailed`."""
        self.at = None
        if self.live is None:
            self.program = Program(case, steering)
            return solve_once(self.program.sheet, "CBC")
        vector = self.program.vector(case, steering)
        self.live.set(vector)
        return self.live.solve(primal)

    def mix(self, case: Case, choice: Choice, solution: Solution, cheapest_kusd: float | None = None) -> Mix:
        """The mix of the last solution."""
        return read_mix(self.program, case, choice, solution, cheapest_kusd)


def needs_cheapest(choice: Choice) -> bool:
    """Whether the program of a choice leans on the cheapest mix: for a premium limit and for aims other than cost."""
    return choice.aim != "cost" or not lever_named("premium_limit").is_off(choice.premium_limit)


def steering_by(cheapest: Mix | None) -> Steering:
    """What a case takes from the cheapest mix (see `needs_cheapest`): its cost and its shortage in undisturbed years."""
    if cheapest is None:
        return NO_STEERING
    return Steering(cheapest_kusd=cheapest.total_kusd, undisturbed_t=cheapest.short[:, :, :, 0].sum(axis=(0, 1)))


def steering_for(worker: Worker, case: Case, cheapest: Mix | None) -> Steering:
    """The same, and for an aim other than cost how low it can be pushed. Raises `Infeasible`."""
    steering = steering_by(cheapest)
    if cheapest is not None and case.aim != "cost" and case.active.any():
        pushed = worker.solve(case, replace(steering, push=True))
        aim = float(pushed.values[worker.program.places["aim"][()]])
        steering = replace(steering, aim_at_most=aim * (1 + AIM_TOLERANCE) + AIM_TOLERANCE)
    return steering


def solve_for(worker: Worker, case: Case, cheapest: Mix | None) -> Solution:
    """Solve a case with its aim; `cheapest` is needed for a premium limit and for aims other than cost. Raises `Infeasible`."""
    return worker.solve(case, steering_for(worker, case, cheapest))


def _always(worker: Worker, case: Case, steering: Steering = NO_STEERING) -> Solution:
    try:
        return worker.solve(case, steering)
    except Infeasible:
        raise SolverFailed(
            "the program without limits has no solution, which its shortages should make impossible"
        ) from None
