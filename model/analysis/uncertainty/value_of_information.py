"""Value of information: what knowing the future is worth (EVPI), and what planning for it instead of for the average saves (VSS).

Both are defined once, for any two-stage problem (Birge and Louveaux, chapter 4), and used for the case on screen and for the
published cases. With RP the here-and-now optimum, WS the optimum with foresight and EEV the optimum with the plan of the
averaged problem held: EVPI = RP - WS and VSS = EEV - RP for costs, the other way round for gains. Neither can be negative.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from model.arrays import Array
from model.engine.cache import Cache
from model.engine.engine import Engine
from model.engine.worker import Worker
from model.errors import Infeasible, SolverFailed
from model.formulation.case import Case, crore
from model.formulation.levers import Choice, lever_named
from model.formulation.parameters import NO_STEERING, Steering
from model.formulation.program import Program
from model.lp.persistent import Live
from model.lp.solution import Solution
from model.lp.solve import HAS_HIGHS, solve_once
from model.results.mix import arrays_of

SET_ASIDE = ("shortfall_limit", "vital_limit", "home_limit", "premium_limit")
"""Limits on what comes out, which a plan made for the average may not be able to keep. They are set aside in all problems that
are compared; limits on the plan itself, on investment, budgets and the reserve hold in all of them."""
HELD = ("plan", "add", "fill")
"""What is decided here and now, and so what is held of the averaged problem's plan."""
KEPT_ANSWERS = 64
RARE = 1e-6
"""Least share of the reserve that the averaged year may draw; keeps its row finite when no state cuts a commodity."""

ROUNDING = 1e-6
"""How far, in t and as a share, a held plan may move: solvers print and meet numbers to about this, so a plan held to the last
digit may just miss a row that it was made to meet."""

P = TypeVar("P")


class TwoStage(Protocol[P]):
    """A problem with decisions before the state of the world is known and others after it."""

    @property
    def maximise(self) -> bool:
        """Whether more is better."""

    def here_and_now(self) -> float:
        """Optimum when the first decisions are the same in every state (RP)."""

    def with_foresight(self) -> float:
        """Expected optimum when the state is known beforehand (wait and see, WS)."""

    def averaged(self) -> tuple[float, P]:
        """Optimum (EV) and first decisions of the problem whose uncertain numbers are replaced by their averages."""

    def holding(self, plan: P) -> float:
        """Expected optimum when these first decisions are held and the rest is decided in each state (EEV)."""


@dataclass(frozen=True)
class Worth:
    """What information is worth, in the unit of the problem. `years` is what the totals are divided by for a yearly figure:
    the sum of the discount factors of the years with decisions, 1 for a problem without years."""

    here_and_now: float
    foresight: float
    average_problem: float
    average_plan: float
    maximise: bool = False
    years: float = 1.0

    @property
    def evpi(self) -> float:
        """Expected value of perfect information, >= 0."""
        return self._better(self.foresight, self.here_and_now)

    @property
    def vss(self) -> float:
        """Value of the stochastic solution, >= 0: what the plan of the averaged problem would lose."""
        return self._better(self.here_and_now, self.average_plan)

    def _better(self, good: float, bad: float) -> float:
        return good - bad if self.maximise else bad - good


def worth(problem: TwoStage[P], years: float = 1.0) -> Worth:
    """What information is worth in a two-stage problem. Raises what the problem's solves raise."""
    now, foresight = problem.here_and_now(), problem.with_foresight()
    average, plan = problem.averaged()
    return Worth(now, foresight, average, problem.holding(plan), problem.maximise, years)


def averaged_case(case: Case) -> Case:
    """The case with one state in which availability, prices and what the reserve may draw are their averages over the states.

    A state lets the reserve give 1 / length of itself where it cuts a commodity, and nothing elsewhere; the average of that
    over the states is what the averaged year lets it give."""

    def mean(array: Array) -> Array:
        return np.asarray((array @ case.probability)[..., None])

    return replace(
        case, states=("average",), state_names=("Average year",), probability=np.ones(1),
        availability=mean(case.availability), multiplier=mean(case.multiplier),
        cuts=np.asarray(case.cuts.any(axis=1))[:, None], length=1.0 / np.maximum(mean(case.cuts / case.length), RARE),
    )  # fmt: skip


class _Bench:
    """The live programs that only this room needs, kept for one engine: with foresight and of the averaged year. Locked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.answers: Cache[Worth] = Cache(KEPT_ANSWERS)
        self._live: dict[bool, tuple[Program, Live]] = {}

    def solve(self, case: Case, foresight: bool) -> tuple[Program, Solution]:
        """The optimum of a case with foresight, or of an averaged case, and the program that it belongs to."""
        if not HAS_HIGHS:
            program = Program(case, foresight=foresight)
            return program, solve_once(program.sheet, "CBC")
        with self.lock:
            if foresight not in self._live:
                program = Program(case, foresight=foresight)
                self._live[foresight] = program, Live(program.sheet)
            program, live = self._live[foresight]
            live.set(program.vector(case))
            try:
                return program, live.solve()
            except SolverFailed:
                del self._live[foresight]
                raise


_BENCHES: WeakKeyDictionary[Engine, _Bench] = WeakKeyDictionary()
_MAKING = threading.Lock()


def _bench(engine: Engine) -> _Bench:
    with _MAKING:
        return _BENCHES.setdefault(engine, _Bench())


class Sourcing:
    """The sourcing problem of one case as a two-stage problem, in kUSD over the horizon, discounted, tie-break included.

    Here and now: plan, add and fill. With foresight `plan` is chosen for each state, with its limits held in each state;
    plants and reserve (`add`, `fill`) stay common, for nobody builds a plant for one year."""

    maximise = False

    def __init__(self, worker: Worker, bench: _Bench, case: Case) -> None:
        self.worker, self.bench, self.case = worker, bench, case

    def here_and_now(self) -> float:
        """The least expected cost."""
        return self._solve(NO_STEERING)

    def with_foresight(self) -> float:
        """The least expected cost when each year's state is known before contracts are signed."""
        return self.bench.solve(self.case, foresight=True)[1].objective

    def averaged(self) -> tuple[float, Mapping[str, Array]]:
        """The least cost in the averaged year, and its plan, add and fill."""
        program, solution = self.bench.solve(averaged_case(self.case), foresight=False)
        arrays = arrays_of(program, solution.values)
        return solution.objective, {name: arrays[name] for name in HELD}

    def holding(self, plan: Mapping[str, Array]) -> float:
        """The least expected cost with plan, add and fill held. Where a state leaves too little to put aside what was planned,
        which the averaged year cannot see, less is put aside: `fill` is then at most the plan's."""
        held = {name: (np.maximum(0.0, x - ROUNDING * (1 + x)), x + ROUNDING * (1 + x)) for name, x in plan.items()}
        try:
            return self._solve(Steering(hold=held))
        except Infeasible:
            return self._solve(Steering(hold={**held, "fill": (np.zeros_like(plan["fill"]), held["fill"][1])}))

    def _solve(self, steering: Steering) -> float:
        return self.worker.solve(self.case, steering).objective


def case_worth(engine: Engine, choice: Choice) -> Worth:
    """EVPI and VSS of a choice in kUSD, at least cost and without the limits of `SET_ASIDE`. Answers are kept for each engine.

    The other limits bound what is bought, so buying nothing meets them and there is always an answer. Raises `SolverFailed`
    when the solver gave up."""
    bench = _bench(engine)
    asked = choice.changed(**{name: lever_named(name).off or 0.0 for name in SET_ASIDE}, aim="cost")
    return bench.answers.get(asked, partial(_work_out, engine, bench, asked))


def _work_out(engine: Engine, bench: _Bench, choice: Choice) -> Worth:
    case = engine.assembler.case(choice)
    years = float(case.discount[~case.fixed].sum())
    with engine.worker() as worker:
        try:
            return worth(Sourcing(worker, bench, case), years)
        except Infeasible:
            raise SolverFailed(
                "the value of information has no solution, which buying nothing should make impossible"
            ) from None


def worth_sentence(worth: Worth, rupee: float) -> str:
    """EVPI and VSS in words, as INR crore a year at `rupee` INR per USD: discounted totals over the sum of the discount factors."""
    knowing, planning = (_crore_in_words(crore(kusd / worth.years, rupee)) for kusd in (worth.evpi, worth.vss))
    return (
        f"Knowing each year in advance would be worth {knowing} a year; "
        f"planning for disruptions instead of for the average saves {planning} a year."
    )


def _crore_in_words(amount: float) -> str:
    """An amount in INR crore to two figures, which is as much as such a number can bear."""
    if amount < 1.0:
        return "less than INR 1 crore"
    return f"INR {float(f'{amount:.2g}'):,.0f} crore"
