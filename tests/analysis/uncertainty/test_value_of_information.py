"""Claims about the value of information of the case on screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from model.analysis.uncertainty import value_of_information
from model.analysis.uncertainty.value_of_information import (
    HELD,
    Sourcing,
    Worth,
    _bench,
    averaged_case,
    case_worth,
    worth,
    worth_sentence,
)
from model.engine import worker as live
from model.engine.engine import Engine
from model.engine.worker import Worker
from model.errors import Infeasible
from model.evidence.loading import load_evidence
from model.formulation import reduction
from model.formulation.case import C, Case, M
from model.formulation.levers import Choice
from model.formulation.parameters import Steering
from model.formulation.program import Program
from model.lp.persistent import Live
from model.lp.solution import Solution
from model.results.mix import arrays_of

SAME = 1e-6
"""Relative to the whole cost: the size of the tie-break, which is part of every total."""
OPEN = {"shortfall_limit": 100.0, "vital_limit": 100.0, "home_limit": 0.0, "premium_limit": 100.0}
CHOICES = {
    "defaults": {},
    "no limits, no reserve": {"china_limit": 100.0, "reserve_days": 0.0},
    "half as likely": {"likelihood": 50.0},
    "licences squeezed": {"china_flow": 42.0, "china_limit": 100.0},
    "tight": {"china_limit": 35.0, "country_limit": 40.0, "carbon_limit": 30.0, "investment_limit": 3000.0},
    "outcomes limited": {"vital_limit": 0.0, "home_limit": 30.0, "shortfall_limit": 5.0, "aim": "china"},
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_evidence())


@pytest.fixture(scope="module")
def worker(engine: Engine) -> Iterator[Worker]:
    with engine.worker() as worker:
        yield worker.clone()


def case_of(engine: Engine, **levers: object) -> Case:
    """The case that is compared: the limits on outcomes are off."""
    return engine.assembler.case(Choice().changed(**{**OPEN, **levers}))


@cache
def foresight(engine: Engine) -> tuple[Case, Program, Solution, dict[str, np.ndarray]]:
    """The default case with foresight, written and solved from nothing."""
    case = case_of(engine)
    program = Program(case, foresight=True)
    solution = Live(program.sheet).solve()
    return case, program, solution, arrays_of(program, solution.values)


def in_state(case: Case, k: int) -> Case:
    """The case in which this state is certain."""
    return replace(
        case, states=("certain",), state_names=("Certain",), probability=np.ones(1),
        cuts=np.ones((C, 1), dtype=bool), length=np.where(case.cuts[:, [k]], case.length[k], 1e6),
        multiplier=case.multiplier[..., [k]], availability=case.availability[..., [k]],
    )  # fmt: skip


def without_tie_break(program: Program, solution: Solution) -> float:
    return solution.objective - float(program.preferences @ solution.values)


@pytest.mark.parametrize("levers", CHOICES.values(), ids=CHOICES.keys())
def test_knowing_and_planning_never_cost_anything(engine: Engine, levers: dict[str, object]) -> None:
    """Foresight can always sign the same contracts, and the optimum can always take the averaged plan."""
    found = case_worth(engine, Choice().changed(**levers))
    slack = SAME * found.here_and_now
    assert found.evpi >= -slack
    assert found.vss >= -slack


def test_without_disruptions_there_is_nothing_to_know_and_nothing_to_plan_for(engine: Engine) -> None:
    """At likelihood 0 every year is undisturbed: foresight and averages say what the plan knows already."""
    found = case_worth(engine, Choice(likelihood=0.0))
    assert abs(found.evpi) <= 2 * SAME * found.here_and_now
    assert abs(found.vss) <= 2 * SAME * found.here_and_now


def test_the_likelier_disruptions_are_the_more_it_is_worth_to_know_them(engine: Engine) -> None:
    """From never over half as likely to the evidence."""
    known = [case_worth(engine, Choice(likelihood=x)).evpi for x in (0.0, 50.0, 100.0)]
    assert known == sorted(known)
    assert known[2] > known[0] + 1000.0


def test_a_tighter_limit_is_never_cheaper_with_or_without_foresight(engine: Engine) -> None:
    """Every mix within a tighter limit lies within the looser one too."""
    found = [case_worth(engine, Choice(china_limit=x)) for x in (100.0, 65.0, 50.0, 35.0)]
    for loose, tight in pairwise(found):
        for name in ("here_and_now", "foresight", "average_problem"):
            assert getattr(tight, name) >= getattr(loose, name) * (1 - SAME), name


def test_here_and_now_is_the_mix_on_screen_when_outcomes_are_not_limited(engine: Engine) -> None:
    """The sentence must speak of the mix that people see."""
    choice = Choice().changed(**OPEN)
    assert case_worth(engine, choice).here_and_now == pytest.approx(engine.answer(choice).mix.objective_kusd, rel=1e-7)


def test_limits_on_outcomes_and_the_aim_are_set_aside(engine: Engine) -> None:
    """A plan for the average may not be able to keep them, so all problems that are compared go without."""
    strict = Choice(shortfall_limit=5.0, vital_limit=0.0, home_limit=10.0, premium_limit=15.0, aim="shortfall")
    assert case_worth(engine, strict) == case_worth(engine, Choice())


def test_with_foresight_each_state_is_a_problem_of_its_own(engine: Engine) -> None:
    """Once plants and reserve are given, knowing the state splits the program: pay-anyway, dependence and limits of a state
    depend on that state's plan alone. So the total is the sum of sixteen one-state programs by their probabilities."""
    case, program, solution, found = foresight(engine)
    total, objective = 0.0, without_tie_break(program, solution)
    held = Steering(hold={"add": found["add"], "fill": found["fill"]})
    alone = [in_state(case, k) for k in range(len(case.states))]
    one = Program(alone[0])
    live_one = Live(one.sheet)
    for chance, state in zip(case.probability, alone, strict=True):
        live_one.set(one.vector(state, held))
        total += chance * without_tie_break(one, live_one.solve())
    assert total == pytest.approx(objective, rel=SAME)


def test_with_foresight_every_state_keeps_the_limit_on_china(engine: Engine) -> None:
    """The limit holds in each state, on that state's own plan; counted here by hand from the plan."""
    case, _, _, found = foresight(engine)
    china = np.array([origin == "China" for origin in case.origins])
    plan = found["plan"][china]
    oxide = (plan[:, M:].sum(axis=0) / case.feed_ratio[:, None, None]).max(axis=0)
    share = (plan[:, :M].sum(axis=(0, 1)) + oxide) / case.total_demand[:, None]
    assert share[case.active].max() <= 0.65 + 1e-6
    assert share[case.active].max() > share[case.active].min() + 0.01, "contracts differ between states"


def test_foresight_about_states_that_are_all_alike_is_worth_nothing(engine: Engine, worker: Worker) -> None:
    """With the average in every state and no reserve there is nothing to know, and the tie-break of sixteen equal plans is that
    of one."""
    case = case_of(engine, reserve_days=0.0)
    alike = replace(
        case,
        availability=np.broadcast_to((case.availability @ case.probability)[..., None], case.availability.shape),
        multiplier=np.broadcast_to((case.multiplier @ case.probability)[..., None], case.multiplier.shape),
    )
    one, many = Sourcing(worker, _bench(engine), alike).here_and_now(), _bench(engine).solve(alike, True)[1].objective
    assert many <= one * (1 + 1e-9)
    assert one - many <= SAME * one


def test_a_resolve_with_foresight_equals_one_from_nothing(engine: Engine) -> None:
    """The program with foresight is kept in memory; what was solved before must not show."""
    case, _, fresh, _ = foresight(engine)
    bench = _bench(engine)
    bench.solve(
        case_of(engine, china_limit=40.0, china_flow=61.0, rupee=110.0, likelihood=150.0, reserve_days=0.0), True
    )
    assert bench.solve(case, True)[1].objective == pytest.approx(fresh.objective, rel=1e-7)


def test_the_averaged_year_has_the_average_of_everything_uncertain(engine: Engine) -> None:
    """Availability, prices and what the reserve may give; one state with probability 1."""
    case = case_of(engine)
    mean = averaged_case(case)
    k = range(len(case.states))
    r, c, t = case.routes.index("china_magnets"), 0, 5
    assert mean.availability.shape == (*case.availability.shape[:3], 1)
    assert mean.availability[r, c, t, 0] == pytest.approx(
        sum(case.probability[i] * case.availability[r, c, t, i] for i in k)
    )
    assert mean.multiplier[r, c, t, 0] == pytest.approx(
        sum(case.probability[i] * case.multiplier[r, c, t, i] for i in k)
    )
    gives = sum(case.probability[i] / case.length[i] for i in k if case.cuts[c, i])
    assert 1 / mean.length[c, 0] == pytest.approx(gives)
    assert mean.probability.tolist() == [1.0]


def test_a_reserve_that_a_bad_state_cannot_fill_is_filled_less(engine: Engine, worker: Worker) -> None:
    """The averaged year may put aside what never arrives in a bad one; the plan is then held with less, not given up."""
    problem = Sourcing(worker, _bench(engine), case_of(engine))
    _, plan = problem.averaged()
    greedy = {**plan, "fill": plan["fill"].copy()}
    greedy["fill"][3, 4] = 0.9 * plan["plan"][:, 3, 4].sum()
    with pytest.raises(Infeasible):
        worker.solve(problem.case, Steering(hold=greedy))
    assert set(plan) == set(HELD)
    assert problem.holding(greedy) >= problem.here_and_now()


def test_the_sentence_gives_rupees_a_year() -> None:
    """1,000,000 kUSD over 5 discounted years at 100 INR per USD is INR 2,000 crore a year."""
    found = Worth(6_000_000.0, 5_000_000.0, 4_900_000.0, 6_049_000.0, years=5.0)
    assert worth_sentence(found, 100.0) == (
        "Knowing each year in advance would be worth INR 2,000 crore a year; "
        "planning for disruptions instead of for the average saves INR 98 crore a year."
    )
    nothing = Worth(1.0, 1.0, 1.0, 1.0)
    assert worth_sentence(nothing, 97.0).count("less than INR 1 crore a year") == 2


def test_years_are_the_discount_factors_of_the_years_with_decisions(engine: Engine) -> None:
    """2027 to 2035 at 8 %: the annuity factor for nine years."""
    assert case_worth(engine, Choice()).years == pytest.approx((1 - 1.08**-9) / 0.08)


def test_gains_and_costs_are_measured_the_right_way_round() -> None:
    """More is better for a farmer, less for a buyer; the value of information is positive for both."""

    class Fixed:
        def __init__(self, maximise: bool, sign: float) -> None:
            self.maximise, self.sign = maximise, sign

        def here_and_now(self) -> float:
            return 100.0

        def with_foresight(self) -> float:
            return 100.0 + self.sign * 7

        def averaged(self) -> tuple[float, str]:
            return 0.0, "plan"

        def holding(self, plan: str) -> float:
            assert plan == "plan"
            return 100.0 - self.sign * 3

    for maximise, sign in ((True, 1.0), (False, -1.0)):
        found = worth(Fixed(maximise, sign))
        assert (found.evpi, found.vss) == (7.0, 3.0)


def test_without_highs_the_worth_is_the_same(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """CBC prints its numbers to eight digits; a plan held from it must not miss its own rows."""
    quick = case_worth(engine, Choice())
    for room in (live, reduction, value_of_information):
        monkeypatch.setattr(room, "HAS_HIGHS", False)
    slow = case_worth(Engine(engine.evidence), Choice())
    for name in ("here_and_now", "foresight", "average_problem", "average_plan"):
        assert getattr(slow, name) == pytest.approx(getattr(quick, name), rel=SAME), name
