"""Published cases with known answers, stated with the building blocks of the product.

The programs are written on `lp.Sheet`, their uncertain numbers are `lp.Number`s that a re-solve pushes into memory, the value of
information comes from `worth.worth`, tail risk from `mix.tail_average` and from the rows of `program.averages_the_worst`,
concentration from `mix.hhi`, and a price from the reduced cost of a limit's own fixed column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from types import SimpleNamespace
from typing import cast

import numpy as np
import pulp

from model.analysis.uncertainty.value_of_information import worth
from model.arrays import Array
from model.evidence.loading import load_evidence
from model.evidence.store import Evidence
from model.formulation.constraints import averages_the_worst
from model.formulation.program import Program
from model.formulation.variables import Columns
from model.lp.model import Coefficient, Number, Sense, Sheet, Term
from model.lp.persistent import Live
from model.lp.solution import Solution
from model.lp.solve import HAS_HIGHS, solve_once
from model.results.indicators import hhi, tail_average

Plan = Mapping[str, pulp.LpVariable]


@dataclass(frozen=True)
class InState:
    """One state of a program being written: its decisions, and references to the numbers that hold in it."""

    sheet: Sheet
    state: int
    plan: Plan
    sizes: Mapping[str, int]
    sign: float

    def data(self, name: str, at: int, times: float = 1.0) -> Number:
        """A number of this state."""
        return Number(name, self.state * self.sizes[name] + at, times)

    def column(self, name: str, cost: float, high: float | None = None) -> pulp.LpVariable:
        """A decision made in this state; its cost counts with the state's probability."""
        return self.sheet.column(
            f"{name}_s{self.state}", 0.0, high, Number("probability", self.state, self.sign * cost)
        )

    def row(self, name: str, terms: list[Term], sense: Sense, right: Coefficient) -> None:
        """A row that holds in this state."""
        self.sheet.row(f"{name}_s{self.state}", terms, sense, right)


@dataclass(frozen=True)
class Recourse:
    """A two-stage linear program (`worth.TwoStage`): a plan with low, high and cost of each column; rows on the plan alone;
    what is decided in each state; probabilities (K,) and the uncertain numbers, arrays of shape (K, n). Where more is better
    (`maximise`) costs are gains; the sheet is then written with costs below zero, for the product only ever minimises."""

    plan: Mapping[str, tuple[float, float, float]]
    first: Callable[[Sheet, Plan], None]
    then: Callable[[InState], None]
    probability: Array
    data: Mapping[str, Array]
    maximise: bool = False

    def here_and_now(self) -> float:
        """Optimum with one plan for all states."""
        return self._sign * self._together({}).objective

    def best_plan(self) -> dict[str, float]:
        """The plan at that optimum."""
        return self._plan_of(self._together({}))

    def with_foresight(self) -> float:
        """Probability-weighted sum of the optima of the states, each re-solved in memory from the one before."""
        return self._sign * sum(
            float(p) * s.objective for p, s in zip(self.probability, self._alone(self.data), strict=True)
        )

    def averaged(self) -> tuple[float, dict[str, float]]:
        """Optimum and plan of the one state whose numbers are the averages."""
        (solution,) = self._alone({name: (self.probability @ array)[None, :] for name, array in self.data.items()})
        return self._sign * solution.objective, self._plan_of(solution)

    def holding(self, plan: Mapping[str, float]) -> float:
        """Expected optimum with the plan held."""
        return self._sign * self._together(plan).objective

    @property
    def _sign(self) -> float:
        return -1.0 if self.maximise else 1.0

    def _plan_of(self, solution: Solution) -> dict[str, float]:
        return dict(zip(self.plan, solution.values[: len(self.plan)].tolist(), strict=True))

    def _together(self, held: Mapping[str, float]) -> Solution:
        sheet = self._sheet(self._numbers(self.probability, self.data, held), rows_on_plan=not held)
        return Live(sheet).solve() if HAS_HIGHS else solve_once(sheet, "CBC")

    def _alone(self, data: Mapping[str, Array]) -> list[Solution]:
        """Each state by itself: written down once, re-solved for the others."""
        count = len(next(iter(data.values())))
        worlds = [self._numbers(np.ones(1), {n: a[k : k + 1] for n, a in data.items()}, {}) for k in range(count)]
        if not HAS_HIGHS:
            return [solve_once(self._sheet(numbers), "CBC") for numbers in worlds]
        live, found = Live(self._sheet(worlds[0])), []
        for numbers in worlds:
            live.set(live.sheet.flatten(numbers))
            found.append(live.solve())
        return found

    def _numbers(self, probability: Array, data: Mapping[str, Array], held: Mapping[str, float]) -> dict[str, Array]:
        low, high = (np.array([held.get(name, column[i]) for name, column in self.plan.items()]) for i in (0, 1))
        return {"probability": probability, "low": low, "high": high, **data}

    def _sheet(self, numbers: Mapping[str, Array], rows_on_plan: bool = True) -> Sheet:
        """The program for these numbers. A held plan met the rows on the plan where it was made; they are not asked again."""
        sheet, plan = Sheet("two_stage", numbers), {}
        for i, (name, (_, _, cost)) in enumerate(self.plan.items()):
            plan[name] = sheet.column(name, Number("low", i), Number("high", i), self._sign * cost)
        if rows_on_plan:
            self.first(sheet, plan)
        sizes = {name: array.shape[1] for name, array in numbers.items() if name in self.data}
        for k in range(len(numbers["probability"])):
            self.then(InState(sheet, k, plan, sizes, self._sign))
        sheet.finish()
        return sheet


# -- the cases --------------------------------------------------------------------------------------------------------


def farmer() -> Recourse:
    """500 acres for wheat, corn and beet before the weather is known; USD. Yields a fifth higher or lower, a third each."""

    def land(sheet: Sheet, plan: Plan) -> None:
        sheet.row("land", [(column, 1.0) for column in plan.values()], "<=", 500.0)

    def harvest(s: InState) -> None:
        for i, (crop, need, sells, buys) in enumerate((("wheat", 200.0, 170.0, 238.0), ("corn", 240.0, 150.0, 210.0))):
            terms: list[Term] = [(s.plan[crop], s.data("yields", i)), (s.column(f"buy_{crop}", -buys), 1.0)]
            s.row(crop, [*terms, (s.column(f"sell_{crop}", sells), -1.0)], ">=", need)
        sold: list[Term] = [(s.column("quota", 36.0, 6000.0), -1.0), (s.column("beyond_quota", 10.0), -1.0)]
        s.row("beet", [(s.plan["beet"], s.data("yields", 2)), *sold], ">=", 0.0)

    yields = np.outer([1.2, 1.0, 0.8], [2.5, 3.0, 20.0])
    costs = {"wheat": 150.0, "corn": 230.0, "beet": 260.0}
    columns = {crop: (0.0, 500.0, -cost) for crop, cost in costs.items()}
    return Recourse(columns, land, harvest, np.full(3, 1 / 3), {"yields": yields}, maximise=True)


def lands() -> Recourse:
    """LandS: four kinds of power plant for three modes of a load curve, the first of which is uncertain."""
    invest = {"plant_1": 10.0, "plant_2": 7.0, "plant_3": 16.0, "plant_4": 6.0}
    operate = ((40.0, 24.0, 4.0), (45.0, 27.0, 4.5), (32.0, 19.2, 3.2), (55.0, 33.0, 5.5))

    def means(sheet: Sheet, plan: Plan) -> None:
        sheet.row("capacity", [(column, 1.0) for column in plan.values()], ">=", 12.0)
        sheet.row("budget", [(column, invest[name]) for name, column in plan.items()], "<=", 120.0)

    def run(s: InState) -> None:
        output = [[s.column(f"run_{i}_{j}", cost) for j, cost in enumerate(costs)] for i, costs in enumerate(operate)]
        for i, column in enumerate(s.plan.values()):
            s.row(f"capacity_{i}", [*((y, 1.0) for y in output[i]), (column, -1.0)], "<=", 0.0)
        for j in range(3):
            s.row(f"demand_{j}", [(row[j], 1.0) for row in output], ">=", s.data("demand", j))

    columns = {name: (0.0, 1e3, cost) for name, cost in invest.items()}
    demand = np.array([[d, 3.0, 2.0] for d in (3.0, 5.0, 7.0)])
    return Recourse(columns, means, run, np.array([0.3, 0.4, 0.3]), {"demand": demand})


def apl1p() -> Recourse:
    """APL1P: two generators for three demands; five independent uncertain numbers make 1,280 states."""
    operate, unserved = ((4.3, 2.0, 0.5), (8.7, 4.0, 1.0)), 10.0
    demands = tuple(zip((900.0, 1000.0, 1100.0, 1200.0), (0.15, 0.45, 0.25, 0.15), strict=True))
    groups = (
        tuple(zip((1.0, 0.9, 0.5, 0.1), (0.2, 0.3, 0.4, 0.1), strict=True)),
        tuple(zip((1.0, 0.9, 0.7, 0.1, 0.0), (0.1, 0.2, 0.5, 0.1, 0.1), strict=True)),
        *(demands,) * 3,
    )
    outcomes = np.array(list(product(*groups)))  # (1280, 5, 2): value and probability

    def run(s: InState) -> None:
        output = [[s.column(f"run_{i}_{j}", cost) for j, cost in enumerate(costs)] for i, costs in enumerate(operate)]
        for i, column in enumerate(s.plan.values()):
            s.row(f"works_{i}", [*((y, 1.0) for y in output[i]), (column, s.data("works", i, -1.0))], "<=", 0.0)
        for j in range(3):
            missing = s.column(f"unserved_{j}", unserved)
            s.row(f"demand_{j}", [*((row[j], 1.0) for row in output), (missing, 1.0)], ">=", s.data("demand", j))

    columns = {"generator_1": (1e3, 1e4, 4.0), "generator_2": (1e3, 1e4, 2.5)}
    data = {"works": outcomes[:, :2, 0], "demand": outcomes[:, 2:, 0]}
    return Recourse(columns, lambda sheet, plan: None, run, outcomes[:, :, 1].prod(axis=1), data)


def least_tail(probability: Array, tail: float, loss_of: Callable[[Sheet], list[list[Term]]]) -> tuple[float, Array]:
    """The least average of the worst `tail` share of losses, through the very rows that limit the shortfall of a mix.

    `loss_of` writes the columns of a program and gives each state's loss, a share, as terms. The average, and the losses (K,)."""
    sheet, states = Sheet("tail", {"probability": probability}), range(len(probability))
    losses = loss_of(sheet)
    x = Columns()
    x.by_name["lost"] = {(0, k): sheet.column(f"lost_{k}") for k in states}
    x.by_name["excess"] = {(0, k): sheet.column(f"excess_{k}", 0.0, 1.0) for k in states}
    x.by_name["eta"], x.by_name["tail"] = {(0,): sheet.column("eta", 0.0, 1.0)}, {(0,): sheet.column("tail", cost=1.0)}
    for k in states:
        sheet.row(f"loss_{k}", [(x.lost[0, k], -1.0), *losses[k]], "==", 0.0)
    case = SimpleNamespace(years=("only",), states=states, tail=tail)
    program = cast(Program, SimpleNamespace(x=x, case=case, at=lambda name, k, times: Number(name, k, times)))
    for name, terms, sense, right in averages_the_worst(program):
        sheet.row(name, terms, sense, right)
    sheet.finish()
    solution = Live(sheet).solve() if HAS_HIGHS else solve_once(sheet, "CBC")
    return solution.objective, np.array([solution.values[sheet.place(x.lost[0, k])] for k in states])


def _farmer() -> tuple[float, ...]:
    problem = farmer()
    plan, found = problem.best_plan(), worth(problem)
    return (
        found.here_and_now, plan["wheat"], plan["corn"], plan["beet"], found.average_problem, found.average_plan, found.vss,
        found.evpi,
    )  # fmt: skip


def _lands() -> tuple[float, ...]:
    found = worth(lands())
    return found.here_and_now, found.evpi, found.vss


def _given_losses() -> tuple[float, ...]:
    losses, probability, tail = np.array([0.0, 0.2, 0.6, 1.0]), np.array([0.90, 0.06, 0.03, 0.01]), 0.05

    def fixed(sheet: Sheet) -> list[list[Term]]:
        return [[(sheet.column(f"given_{k}", 1.0, 1.0), float(loss))] for k, loss in enumerate(losses)]

    return tail_average(losses, probability, tail), least_tail(probability, tail, fixed)[0]


def _two_suppliers() -> tuple[float, ...]:
    probability, tail = np.array([0.94, 0.03, 0.03]), 0.05

    def split(sheet: Sheet) -> list[list[Term]]:
        first, second = sheet.column("first"), sheet.column("second")
        sheet.row("all", [(first, 1.0), (second, 1.0)], "==", 1.0)
        return [[], [(first, 1.0)], [(second, 1.0)]]

    least, losses = least_tail(probability, tail, split)
    return least, tail_average(losses, probability, tail), tail_average(np.array([0.0, 1.0, 0.0]), probability, tail)


def _wyndor() -> tuple[float, ...]:
    hours = np.array([4.0, 12.0, 18.0])
    sheet = Sheet("wyndor", {"hours": hours})
    doors, windows = sheet.column("doors", cost=-3.0), sheet.column("windows", cost=-5.0)
    uses: tuple[list[Term], ...] = ([(doors, 1.0)], [(windows, 2.0)], [(doors, 3.0), (windows, 2.0)])
    limits = [sheet.column(f"hours_{i}", Number("hours", i), Number("hours", i)) for i in range(len(hours))]
    for i, use in enumerate(uses):
        sheet.row(f"plant_{i}", [*use, (limits[i], -1.0)], "<=", 0.0)
    sheet.finish()
    solution = Live(sheet).solve() if HAS_HIGHS else solve_once(sheet, "CBC")
    made = [float(solution.values[sheet.place(v)]) for v in (doors, windows)]
    prices = [0.0 - float(solution.reduced_costs[sheet.place(v)]) for v in limits]
    return -solution.objective, *made, *prices


MINES_2024 = ("china", "usa", "myanmar", "australia", "nigeria", "thailand", "india", "russia")
"""Countries of the listed sum; their output is in the facts `world_ree_production_...`."""


def _mines(evidence: Evidence) -> tuple[float, ...]:
    return (hhi(np.array([evidence.value(f"world_ree_production_{country}") for country in MINES_2024])),)


# -- the table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PublishedValue:
    """One published number and the decimals that it is printed with."""

    what: str
    unit: str
    value: float
    decimals: int = 0

    def agrees(self, obtained: float) -> bool:
        """Whether a number, rounded as the published one is, is the same."""
        return abs(obtained - self.value) <= 0.5 * 10.0**-self.decimals * (1 + 1e-6)


@dataclass(frozen=True)
class PublishedCase:
    """A case with a known answer: where it is printed, what is compared, the published values and how to work them out."""

    id: str
    name: str
    source: str
    compares: str
    published: tuple[PublishedValue, ...]
    work_out: Callable[..., tuple[float, ...]]
    over_facts: bool = False

    def obtained(self, evidence: Evidence | None = None) -> tuple[float, ...]:
        """The same values worked out here, in the order of `published`. Only a case over facts looks at the evidence."""
        return self.work_out(evidence or load_evidence()) if self.over_facts else _once(self.work_out)


@cache
def _once(work_out: Callable[[], tuple[float, ...]]) -> tuple[float, ...]:
    """A case without facts gives the same numbers always, so a process works it out once."""
    return work_out()


_V = PublishedValue
CASES: tuple[PublishedCase, ...] = (
    PublishedCase(
        "farmer", "The farmer", "Birge and Louveaux, Introduction to Stochastic Programming, 2nd ed. 2011, section 1.1",
        "Optimum, plan, and value of information of a plan made before the weather is known.",
        (
            _V("Expected profit", "USD", 108_390), _V("Wheat", "acres", 170), _V("Corn", "acres", 80), _V("Beet", "acres", 250),
            _V("Profit of the averaged problem", "USD", 118_600), _V("Expected profit of its plan", "USD", 107_240),
            _V("Value of planning for uncertainty (VSS)", "USD", 1_150),
            _V("Value of perfect information (EVPI)", "USD", 7_015.56, 2),
        ),
        _farmer,
    ),
    PublishedCase(
        "lands", "Power plants (LandS)", "Louveaux and Smeers 1988, in Numerical Techniques for Stochastic Optimization",
        "Optimum and value of information with demand known only afterwards.",
        (
            _V("Expected cost", "cost", 381.8533, 4), _V("Value of perfect information (EVPI)", "cost", 1.68667, 5),
            _V("Value of planning for uncertainty (VSS)", "cost", 2.13333, 5),
        ),
        _lands,
    ),
    PublishedCase(
        "apl1p", "Power supply (APL1P), 1,280 states", "Infanger 1992, Annals of Operations Research 39",
        "Optimum over all states: five independent uncertain numbers, as the groups of events make the states here.",
        (_V("Expected cost", "cost", 24_642.32, 2),),
        lambda: (apl1p().here_and_now(),),
    ),
    PublishedCase(
        "tail_given", "Worst 5 % of given losses", "On paper, by the definition of Rockafellar and Uryasev 2002, which splits an outcome"
        " at the edge of the tail: (1 % x 100 % + 3 % x 60 % + 1 % x 20 %) / 5 %",
        "The formula that reports the worst-case shortfall, and the rows that limit it in the program.",
        (_V("By the formula", "share", 0.6, 6), _V("By the rows of the program", "share", 0.6, 6)),
        _given_losses,
    ),
    PublishedCase(
        "tail_split", "Two equal suppliers", "On paper: each fails alone in 3 % of years; with halves (3 % + 2 %) x 1/2 / 5 %, with all from one 3 % / 5 %",
        "The split of purchases with the least worst-case shortfall.",
        (
            _V("Least average of the worst 5 %", "share", 0.5, 6), _V("The same, from the losses of each state", "share", 0.5, 6),
            _V("With all from one supplier", "share", 0.6, 6),
        ),
        _two_suppliers,
    ),
    PublishedCase(
        "wyndor", "Prices of limits (Wyndor Glass)", "Hillier and Lieberman, Introduction to Operations Research, chapters 3 and 4",
        "Shadow prices, read as here from the fixed column of each limit.",
        (
            _V("Profit", "thousand USD a week", 36, 2), _V("Doors", "batches a week", 2, 2), _V("Windows", "batches a week", 6, 2),
            _V("Price of an hour in plant 1", "thousand USD", 0, 2), _V("Price of an hour in plant 2", "thousand USD", 1.5, 2),
            _V("Price of an hour in plant 3", "thousand USD", 1, 2),
        ),
        _wyndor,
    ),
    PublishedCase(
        "hhi", "Concentration of mine output in 2024", "Volumes: US Geological Survey, Mineral Commodity Summaries, rare earths; shares of the listed sum",
        "The index of concentration.",
        (_V("HHI", "index 0-10,000", 5_013),),
        _mines, over_facts=True,
    ),
)  # fmt: skip
