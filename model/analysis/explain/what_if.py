"""Near a choice: trial solves with some levers set otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from model.caching import cached_property
from model.engine.engine import Cache, Engine, Worker, needs_cheapest
from model.formulation.case import BUDGETS, LIMITS, Case, crore
from model.formulation.constraints import NO_STEERING, Steering
from model.formulation.levers import Choice, Value, lever_named
from model.lp.persistent import Infeasible, Solution
from model.results.mix import Mix, limit_prices

NOTES_KEPT = 128
"""How many explanations are remembered for each engine."""


def loosest(name: str) -> Value:
    """The value of a limit lever at which it limits least: no limit, or the end of its range."""
    if name == "aim":
        return "cost"
    lever = lever_named(name)
    return lever.low if name == "home_limit" else lever.high


def looser(name: str) -> float:
    """+1 where a higher value is looser, -1 where a lower one is."""
    return -1.0 if name == "home_limit" else 1.0


def levers_on(choice: Choice) -> tuple[str, ...]:
    """Limit levers that could be looser, and the aim when it is not least cost, in the order of the screen, means last."""
    values = choice.values()
    return tuple(name for name in (*LIMITS, "aim", *BUDGETS) if values[name] != loosest(name))


def on_grid(name: str, value: float, part: float = 1.0) -> float:
    """The next value on the lever's steps (or on a part of a step) that is not tighter than this one."""
    lever, sign = lever_named(name), looser(name)
    step = lever.step * part
    places = math.ceil(sign * (value - lever.low) / step - 1e-6) * sign
    return round(min(lever.high, max(lever.low, lever.low + places * step)), 9) + 0.0


# -- trial solves -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """The cost of the best mix for a choice, in INR crore a year: the discounted total over the summed discount factors of the
    years from the first decision on, for comparing with other trials alone, since the years before are in it (`yearly` leaves
    them out). `bill` is purchases, plants and reserve, `harm` the expected harm of shortage."""

    choice: Choice
    case: Case
    solution: Solution
    worker: Worker
    total: float
    bill: float
    harm: float

    @cached_property
    def prices(self) -> dict[str, float]:
        """What one lever unit looser saves at the margin, INR crore a year, by limit lever."""
        found = limit_prices(self.case, self.worker.program.sheet.gradient(self.solution))
        return {name: price * a_year(self.case) for name, price in found.items()}


def a_year(case: Case) -> float:
    """INR crore a year for one kUSD discounted over the horizon."""
    return crore(1.0, case.rupee) / float(case.discount[~case.fixed].sum())


def yearly(mix: Mix, bill_kusd: float, harm_kusd: float) -> tuple[float, float, float]:
    """Total, bill and harm of a mix in INR crore a year, from its bill and harm discounted over the horizon: the discounted average
    of the years from the first decision on. The years before, which no plan changes, are taken out."""
    case, scale = mix.case, a_year(mix.case)
    early = np.where(case.fixed, case.discount, 0.0)
    bill = scale * (bill_kusd - float(early @ (mix.supply_year + mix.annuity_by_route.sum(axis=0) + mix.reserve_year)))
    harm = scale * (harm_kusd - float(early @ mix.shortage_year))
    return bill + harm, bill, harm


class Stopped(Exception):
    """Whoever asked has moved on; nothing is kept of what was begun."""


def unless(stop: Callable[[], bool] | None) -> None:
    """Raises `Stopped` when `stop` says so."""
    if stop is not None and stop():
        raise Stopped


@contextmanager
def trials(engine: Engine, choice: Choice, stop: Callable[[], bool] | None = None) -> Iterator[Trials]:
    """Trial solves around a choice on a live program of their own, which starts from the nearest answer. `stop` is asked
    before each."""
    with engine.worker() as worker:
        start_near(engine, worker, choice)
        yield Trials(engine, worker, stop)


def start_near(engine: Engine, worker: Worker, choice: Choice) -> None:
    """Let the next solve of a worker start from the answer nearest to a choice."""
    near = engine.basis_near(choice)
    if worker.live and near is not None:
        worker.live.start_from(near)


class Trials:
    """Solves for choices near each other on one live program, each choice once."""

    def __init__(self, engine: Engine, worker: Worker, stop: Callable[[], bool] | None = None) -> None:
        self.engine, self.worker, self.stop = engine, worker, stop
        self._found: dict[Choice, Trial | None] = {}
        self._home: Any = None

    def go_home(self) -> None:
        """Start the next solve where the first quick one ended: nearer than the far end of the last search."""
        if self.worker.live and self._home is not None:
            self.worker.live.start_from(self._home)

    def at(self, choice: Choice, **values: Value) -> Trial | None:
        """The cheapest mix within the limits of a choice with some levers set otherwise; None when there is none.

        The premium is not put to the solver: the least cost either keeps it or nothing does. Another aim counts by what it
        forbids, more shortage in an undisturbed year than the cheapest mix has. Raises `SolverFailed` or `Stopped`."""
        choice = choice.changed(**values)
        if choice not in self._found:
            unless(self.stop)
            self._found[choice] = self._solve(choice)
            if self._home is None and self.worker.live and self.worker.live.warm:
                self._home = self.worker.live.basis()
        return self._found[choice]

    def _solve(self, choice: Choice) -> Trial | None:
        case = self.engine.assembler.case(choice)
        cheapest = self.engine.cheapest(choice) if needs_cheapest(choice) else None
        steering = NO_STEERING
        if cheapest is not None and choice.aim != "cost":
            steering = Steering(undisturbed_t=cheapest.short[:, :, :, 0].sum(axis=(0, 1)))
        try:
            solution = self.worker.solve(case, steering)
        except Infeasible:
            return None
        places = self.worker.program.places
        total = float(solution.values[places["total_cost"][()]])
        most = case.limits["premium_limit"]
        if cheapest is not None and most is not None and total > cheapest.total_kusd * (1.0 + most / 100.0 + 1e-7):
            return None
        harm = float(sum(case.discount[t] * solution.values[i] for (t,), i in places["shortage_cost"].items()))
        scale = a_year(case)
        return Trial(choice, case, solution, self.worker, total * scale, (total - harm) * scale, harm * scale)

    def premium(self, trial: Trial) -> float:
        """Percent by which a trial costs more than the cheapest mix in the same world."""
        return 100.0 * (trial.total / (self.engine.cheapest(trial.choice).total_kusd * a_year(trial.case)) - 1.0)


_KEPT: WeakKeyDictionary[Engine, Cache[Any]] = WeakKeyDictionary()


def kept(engine: Engine, key: object, make: Callable[[], Any]) -> Any:
    """What was worked out before for an engine and a key, or what `make` works out now."""
    return _KEPT.setdefault(engine, Cache(NOTES_KEPT)).get(key, make)
