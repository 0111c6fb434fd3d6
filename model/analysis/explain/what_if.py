"""Near a choice: trial solves with some levers set otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from model.caching import cached_property
from model.engine.cache import Cache
from model.engine.engine import Engine
from model.engine.worker import Worker, needs_cheapest
from model.errors import Infeasible
from model.formulation.case import Case
from model.formulation.levers import Choice, Value
from model.formulation.parameters import NO_STEERING, Steering
from model.lp.solution import Solution
from model.parallel.progress import unless
from model.results.annual import a_year
from model.results.shadow_prices import limit_prices

NOTES_KEPT = 128
"""How many explanations are remembered for each engine."""


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
