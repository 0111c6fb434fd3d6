"""Claims about live answers: the same choice gives the same mix whatever was asked before, by whom, with which solver, and
whatever went wrong in between."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import model.engine.engine
import model.engine.worker
import model.formulation.reduction
from model.engine.active_limits import NoMix
from model.engine.cache import Cache
from model.engine.engine import TOLD, Engine, build_engine
from model.engine.warm_starts import Bases
from model.engine.worker import Worker, solve_for
from model.errors import Infeasible, InputError, SolverFailed
from model.evidence.store import Evidence
from model.formulation.levers import Choice
from model.formulation.parameters import Steering
from model.formulation.program import Program
from model.lp.persistent import Live
from model.lp.solution import Solution
from model.lp.solve import solve_once
from model.results.mix import Mix
from tests.formulation.test_levers import worlds
from tests.support.paper import World, off_choice, small_world

IMPOSSIBLE = {"home_limit": 100, "target_year": 2028}
"""All magnets made in India before any plant can exist."""


def same(one: Mix, other: Mix, tonnes: float = 1e-3) -> None:
    """Assert that two mixes are the same: cost to 1e-6, plan, additions, stock and deliveries to a kilogram."""
    assert one.objective_kusd == pytest.approx(other.objective_kusd, rel=1e-6)
    for name in ("plan", "add", "fill", "deliver", "draw", "short"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=tonnes, rtol=0, err_msg=name)


def from_scratch(engine: Engine, choice: Choice) -> Mix | None:
    """The mix of a program written down for this choice alone, or None when there is none."""
    case = engine.assembler.case(choice)
    worker, cheapest = Worker(case), engine.cheapest(choice)
    try:
        return worker.mix(case, choice, solve_for(worker, case, cheapest))
    except Infeasible:
        return None


def by_worker(engine: Engine, worker: Worker, choice: Choice) -> Mix | None:
    """The mix that a live worker finds from wherever it stands, or None when there is none."""
    case = engine.assembler.case(choice)
    try:
        return worker.mix(case, choice, solve_for(worker, case, engine.cheapest(choice)))
    except Infeasible:
        return None


# -- one live program, any path ---------------------------------------------------------------------------------------


@given(path=st.lists(worlds(), min_size=2, max_size=4), aim=st.sampled_from(("cost", "cost", "shortfall", "china")))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_re_solve_from_anywhere_is_a_build_from_scratch(small: Engine, path: list[Choice], aim: str) -> None:
    """Whatever was solved before, in whatever order, with or without a mix: cost to 1e-6, tonnes to a kilogram."""
    last = path[-1].changed(aim=aim, premium_limit=10 if aim != "cost" else path[-1].premium_limit)
    with small.worker() as worker:
        for choice in path[:-1]:
            by_worker(small, worker, choice)
        live = by_worker(small, worker, last)
    fresh = from_scratch(small, last)
    assert (live is None) == (fresh is None)
    if live is not None and fresh is not None:
        same(live, fresh)


PATH = (
    Choice(),
    off_choice(china_flow=20, reserve_days=180, likelihood=180, oxide_price=300, discount_rate=0, substitution=0),
    off_choice(**IMPOSSIBLE),
    Choice(
        aim="china",
        premium_limit=3,
        china_limit=100,
        shortfall_limit=100,
        target_year=2032,
        demand_scale=110,
        plants_delay=2,
    ),
    Choice(),
)
"""A rough ride over the shipped evidence and back."""


def test_a_rough_ride_over_the_shipped_evidence_ends_where_it_would_have_begun(engine: Engine) -> None:
    """Each stop of one live program equals a program written for it alone; the last stop equals the first."""
    with engine.worker() as worker:
        found = [by_worker(engine, worker, choice) for choice in PATH]
    first, *between, last = found
    assert first is not None
    assert last is not None
    same(first, last)
    for choice, live in zip(PATH[1:], [*between, last], strict=True):
        fresh = from_scratch(engine, choice)
        assert (live is None) == (fresh is None) == (choice.home_limit == 100)
        if live is not None and fresh is not None:
            same(live, fresh)


def test_a_live_program_takes_numbers_of_its_own_shape_only(engine: Engine, small: Engine) -> None:
    """Numbers of another data set are refused before anything is changed."""
    with engine.worker() as worker, pytest.raises((KeyError, ValueError)):
        worker.solve(small.assembler.case(Choice()))
    same(engine.answer(Choice()).mix, engine.answer(Choice()).mix)


def test_a_clone_leaves_its_original_alone(small: Engine) -> None:
    """Two programs that began as one answer for themselves."""
    one, other = small.assembler.case(off_choice()), small.assembler.case(off_choice(demand_scale=150, china_flow=50))
    first = Worker(one)
    alone = first.solve(one).objective
    second = first.clone()
    assert second.solve(other).objective > alone * 1.2
    assert first.solve(one).objective == pytest.approx(alone, rel=1e-9)


def test_a_basis_is_not_believed_feasible_under_other_bounds(small: Engine) -> None:
    """After an optimum the primal simplex goes on from a feasible point; bounds put on for an aim can make it none."""
    with small.worker() as worker:
        assert worker.live is not None
        worker.solve(small.assembler.case(off_choice()))
        with worker.live.aimed({0: 1.0}, {0: (0.0, 1.0)}):
            worker.live.solve()
            assert worker.live.highs.getOptionValue("simplex_strategy")[1] == 1


@pytest.mark.parametrize(
    ("levers", "strategy"),
    [({"china_price": 150.0}, 4), ({"likelihood": 60.0}, 4), ({"demand_scale": 130.0}, 1), ({"china_limit": 70.0}, 1)],
)
def test_where_no_bound_moves_the_point_stays_possible(small: Engine, levers: dict[str, float], strategy: int) -> None:
    """Prices and likelihoods move only what things cost and weigh: the primal simplex goes on from the point that it has, also one kept
    from another solve. Where a bound moves it is the dual simplex. The mix is that of a program solved from nothing."""
    before = off_choice(china_limit=60)
    start, end = small.assembler.case(before), small.assembler.case(before.changed(**levers))
    with small.worker() as worker:
        assert worker.live is not None
        worker.solve(start)
        basis = worker.live.basis()
        worker.solve(small.assembler.case(off_choice(demand_scale=150)))
        worker.live.start_from(basis)
        found = worker.solve(end).objective
        assert worker.live.highs.getOptionValue("simplex_strategy")[1] == strategy
        assert worker.live.warm
        worker.live.forget()
        assert worker.solve(end).objective == pytest.approx(found, rel=1e-9)


def test_the_time_limit_is_for_one_solve_and_not_for_a_lifetime(small: Engine) -> None:
    """A server's live program works for hours; its limit must not count what it did before."""
    with small.worker() as worker:
        assert worker.live is not None
        kept, worker.live.time_limit = worker.live.time_limit, 0.4
        try:
            case, end = small.assembler.case(off_choice()), time.monotonic() + 30
            while worker.live.highs.getRunTime() < 1.0 and time.monotonic() < end:
                worker.live.forget()
                assert worker.solve(case).objective > 0
            assert worker.live.highs.getRunTime() >= 1.0
        finally:
            worker.live.time_limit = kept


# -- engines ----------------------------------------------------------------------------------------------------------


def test_two_engines_give_the_same_mix(engine: Engine, evidence: Evidence) -> None:
    """Another server, another order of questions: the sender of a link and its reader see the same numbers."""
    other = Engine(evidence, workers=1, cache=1)
    choices = (
        off_choice(reserve_days=90, china_flow=55),
        Choice(),
        Choice(aim="shortfall", premium_limit=8, shortfall_limit=100),
    )
    for choice in choices:
        one, two = engine.answer(choice), other.answer(choice)
        same(one.mix, two.mix)
        same(one.cheapest, two.cheapest)
        same(one.today, two.today)
        for name, value in one.mix.indicators.items():
            assert value == pytest.approx(two.mix.indicators[name], rel=1e-6, abs=1e-6), name


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine on a world of three routes, which answers in a few milliseconds."""
    world = World().route(
        "china", 50, 100, pay=0.3, volume_lever="china_flow", price_lever="china_price", today="fills"
    )
    world.route("japan", 70, 30, "Japan", pay=0.7, volume_lever="partner_allocation", today="partner")
    world.route(
        "plant", 4_000, None, "India", build={"most": 50, "year": 2029, "capex": 9_000, "life": 20, "pace": (0.3,)}
    )
    world.sector("cars", {2026: 80, 2035: 120}, 900).event("cut", 0.1, {"china": 0.6}, {"japan": 1.4}, months=18)
    return Engine(world.evidence(tmp_path_factory.mktemp("tiny")), None)


def test_an_engine_is_built_or_refused_in_one_sentence(tiny: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers come from strangers: whatever the building trips over is bad input that names the facts, never a traceback."""
    assert build_engine(tiny.evidence, None).answer(off_choice()).mix.status == "optimal"
    moved = tiny.evidence.with_values({next(f.id for f in tiny.evidence.facts.values() if f.unit == "USD/kg"): 40.0})
    for room, name, error in (
        ("worker", "Program", SolverFailed("the solver stopped")),
        ("engine", "Assembler", ZeroDivisionError("division by zero")),
        ("engine", "StateSet", ValueError("states: too few")),
    ):

        def fails(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(f"model.engine.{room}.{name}", fails)
            with pytest.raises(InputError, match=str(error)) as said:
                build_engine(moved, None)
        assert next(iter(moved.edits)) in str(said.value)
        assert "\n" not in str(said.value)
    monkeypatch.setattr("model.engine.worker.Program", lambda *_: 1 / 0)
    many = {name: 40.0 for name, fact in tiny.evidence.facts.items() if fact.unit in ("USD/kg", "t/y")}
    assert len(many) > TOLD
    with pytest.raises(InputError, match=f"{list(many)[TOLD - 1]} and {len(many) - TOLD} more: "):
        build_engine(tiny.evidence.with_values(many), None)


def test_own_numbers_that_need_more_states_have_an_engine(evidence: Evidence) -> None:
    """One event at one chance in two: it was refused deep in the model."""
    engine = build_engine(evidence.with_values({"scenario_iran_corridor": 0.5}), workers=1)
    assert len(engine.states) > model.engine.engine.KEPT_STATES
    assert engine.mix(Choice()).status == "optimal"


def crowd(engine: Engine) -> dict[Choice, Mix | None]:
    """A handful of choices with the mix that an engine of its own gives to each."""
    quiet = Engine(engine.evidence, None, workers=1)
    choices = [
        off_choice(reserve_days=60), off_choice(china_limit=70, reserve_days=30), off_choice(demand_scale=140, likelihood=150),
        off_choice(aim="china", premium_limit=5, reserve_days=60), off_choice(shortfall_limit=10, reserve_days=90, target_year=2033),
        off_choice(**IMPOSSIBLE), off_choice(china_flow=60, premium_limit=3, reserve_days=60),
    ]  # fmt: skip
    found: dict[Choice, Mix | None] = {}
    for choice in choices:
        try:
            found[choice] = quiet.answer(choice).mix
        except NoMix:
            found[choice] = None
    assert sum(mix is None for mix in found.values()) == 1
    assert len({mix.objective_kusd for mix in found.values() if mix}) == len(choices) - 1
    return found


def test_two_threads_get_their_own_answers_a_thousand_times(tiny: Engine) -> None:
    """With a cache of one answer nearly every request is solved anew; nobody sees another's mix."""
    expected = crowd(tiny)
    shared = Engine(tiny.evidence, None, cache=1)
    wrong: list[str] = []

    def ask(seed: int) -> None:
        order = np.random.default_rng(seed)
        choices = list(expected)
        for _ in range(500):
            choice = choices[order.integers(len(choices))]
            wanted = expected[choice]
            try:
                answer = shared.answer(choice)
            except NoMix:
                if wanted is not None:
                    wrong.append(f"no mix for {choice}")
                continue
            if wanted is None or answer.mix.choice != choice or answer.today.choice != choice:
                wrong.append(f"a mix of another choice for {choice}")
            elif (
                abs(answer.mix.objective_kusd / wanted.objective_kusd - 1) > 1e-6
                or np.abs(answer.mix.plan - wanted.plan).max() > 1e-3
            ):
                wrong.append(f"another mix for {choice}")

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(ask, seed) for seed in (1, 2)]:
            done.result(timeout=300)
    assert not wrong, wrong[:3]


def test_many_visitors_at_once_wait_and_are_served(tiny: Engine) -> None:
    """Eight people share two live programs and nobody waits for ever."""
    expected = crowd(tiny)
    shared = Engine(tiny.evidence, None, workers=1, cache=1)
    with ThreadPoolExecutor(8) as pool:
        asked = [(choice, pool.submit(shared.mix, choice)) for choice in list(expected) * 6]
        for choice, answer in asked:
            wanted = expected[choice]
            if wanted is None:
                with pytest.raises(NoMix):
                    answer.result(timeout=120)
            else:
                same(answer.result(timeout=120), wanted)


class Counter:
    """Counts the solves of all live programs while a test runs; can be told to fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.solves, self.error = 0, None  # type: tuple[int, BaseException | None]
        kept = Live.solve

        def solve(live: Live, primal: bool = False) -> Solution:
            self.solves += 1
            if self.error is not None:
                raise self.error
            return kept(live, primal)

        monkeypatch.setattr(Live, "solve", solve)


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    """A counter of solves."""
    return Counter(monkeypatch)  # type: ignore[return-value]


def test_no_mix_is_said_kept_and_forgotten_by_the_next(small: Engine, counter: Counter) -> None:
    """The second visitor with the same clash is answered without a solve; the next choice is right; the message names the limits."""
    shared = Engine(small.evidence, None)
    impossible = off_choice(**IMPOSSIBLE)
    for _ in range(2):
        with pytest.raises(NoMix, match="Made in India") as caught:
            shared.answer(impossible)
        assert "home_limit" in caught.value.limits
    shared.answer(off_choice())
    before = counter.solves
    with pytest.raises(NoMix):
        shared.answer(impossible)
    assert counter.solves == before
    wanted = from_scratch(small, off_choice(demand_scale=120))
    assert wanted is not None
    same(shared.answer(off_choice(demand_scale=120)).mix, wanted)


def test_the_same_choice_is_solved_once(small: Engine, counter: Counter) -> None:
    """A second asker of the same choice, at once or later, costs no solve."""
    shared = Engine(small.evidence, None)
    shared.answer(off_choice())
    before = counter.solves
    again = shared.answer(Choice.of(off_choice().values()))
    assert counter.solves == before
    assert again.mix.choice == off_choice()


@pytest.mark.parametrize("role", ["mix", "cheapest", "today"])
@pytest.mark.parametrize(
    "error", [SolverFailed("stopped without an optimum"), RuntimeError("killed"), MemoryError()], ids=repr
)
def test_after_a_failure_the_next_answer_is_right(
    tiny: Engine, counter: Counter, role: str, error: BaseException
) -> None:
    """Whatever breaks while solving is raised, not shown as a mix and not remembered; no live program is lost."""
    choice = off_choice(demand_scale=130)
    shared, wanted = Engine(tiny.evidence, None, workers=1, cache=4), tiny.answer(choice)
    shared.answer(off_choice())
    for _ in range(3):
        counter.error = error
        with pytest.raises(type(error)):
            {"mix": shared.mix, "cheapest": shared.cheapest, "today": shared.today}[role](choice)
        counter.error = None
        answer = shared.answer(choice)
        same(answer.mix, wanted.mix)
        same(answer.today, wanted.today)
        shared.forget()


def test_a_change_that_is_broken_off_halfway_is_never_answered_from(
    small: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of one visitor's numbers in memory, half of another's: such a program must not answer a third."""
    shared = Engine(small.evidence, None, workers=1, cache=1)
    first, second = off_choice(), off_choice(china_price=200, demand_scale=150, china_flow=30, likelihood=180)
    wanted = shared.mix(first)

    def interrupted(live: Live, vector: np.ndarray) -> int:
        columns = np.flatnonzero(vector[: len(vector)] != live._vector)
        assert len(columns)
        everything = np.arange(live.highs.getNumCol(), dtype=np.int32)
        live.highs.changeColsCost(len(everything), everything, np.full(len(everything), 7.0))
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Live, "set", interrupted)
        with pytest.raises(MemoryError):
            shared.mix(second)
    same(shared.mix(first), wanted)
    shared.forget()
    same(shared.mix(first), wanted)


def test_a_solver_out_of_time_says_so_and_the_next_answer_is_right(engine: Engine) -> None:
    """A limit of no time at all stops the solver; the message is one sentence; the program that stopped is replaced."""
    choice = off_choice(reserve_days=45, likelihood=140, demand_scale=111)
    with pytest.raises(SolverFailed, match="without an optimum") as caught, engine.worker() as worker:  # noqa: PT012 - the worker is the subject
        assert worker.live is not None
        worker.live.time_limit = 0.0
        worker.live.forget()
        worker.solve(engine.assembler.case(choice))
    assert "\n" not in str(caught.value)
    with engine.worker() as worker:
        case = engine.assembler.case(choice)
        mix = worker.mix(case, choice, worker.solve(case))
    same(mix, engine.mix(choice))


# -- the cache --------------------------------------------------------------------------------------------------------


def test_the_cache_keeps_so_many_and_drops_the_least_used() -> None:
    """A server's memory is bounded however many sliders are moved."""
    cache: Cache[int] = Cache(3)
    made: list[int] = []

    def get(key: int) -> int:
        return cache.get(key, lambda: made.append(key) or key)  # type: ignore[func-returns-value]

    for key in (1, 2, 3, 1, 4):
        assert get(key) == key
    assert made == [1, 2, 3, 4]
    assert [get(key) for key in (1, 3, 4)] == [1, 3, 4]
    assert made == [1, 2, 3, 4]
    get(2)
    assert made == [1, 2, 3, 4, 2]


def test_an_error_is_not_kept_but_no_mix_is() -> None:
    """A passing failure is tried again; a clash is a fact."""
    cache: Cache[int] = Cache(3)
    calls: list[str] = []

    def fail(error: Exception) -> Any:
        calls.append(type(error).__name__)
        raise error

    for _ in range(2):
        with pytest.raises(SolverFailed):
            cache.get("a", lambda: fail(SolverFailed("x")))
        with pytest.raises(NoMix):
            cache.get("b", lambda: fail(NoMix(("china_limit",))))
    assert calls == ["SolverFailed", "NoMix", "SolverFailed"]
    assert cache.get("a", lambda: 5) == 5


def test_a_clash_that_is_kept_keeps_nothing_else_alive() -> None:
    """An error remembers where it was raised, with all that stood there; 256 cases in memory are not what the cache is for."""

    class Big:
        """Stands for a case."""

    cache: Cache[int] = Cache(3)
    seen: list[weakref.ref[Big]] = []

    def clash() -> int:
        big = Big()
        seen.append(weakref.ref(big))
        raise NoMix(("china_limit",))

    for _ in range(2):
        with pytest.raises(NoMix):
            cache.get("a", clash)
    gc.collect()
    assert [ref() for ref in seen] == [None]


def test_askers_of_one_key_wait_for_one_result_and_a_failure_frees_them() -> None:
    """Ten visitors with the default link cost one solve; if it fails, the next of them tries, and nobody hangs."""
    cache: Cache[int] = Cache(3)
    calls: list[int] = []
    gate = threading.Event()

    def slow() -> int:
        calls.append(1)
        gate.wait(10)
        if len(calls) == 1:
            raise SolverFailed("the first try fails")
        return 7

    with ThreadPoolExecutor(10) as pool:
        asked = [pool.submit(cache.get, "key", slow) for _ in range(10)]
        gate.set()
        outcomes = [a.exception(timeout=20) or a.result() for a in asked]
    assert sum(isinstance(outcome, SolverFailed) for outcome in outcomes) == 1
    assert outcomes.count(7) == 9
    assert len(calls) == 2


# -- aims -------------------------------------------------------------------------------------------------------------


def aimed(mix: Mix, aim: str) -> float:
    """What an aim pushes down: mean over the target years of the worst-case shortfall or of dependence on China."""
    share = (
        mix.tail_year if aim == "shortfall" else mix.dependence[mix.case.foreign.index("China")] / mix.case.total_demand
    )
    return float(share[mix.case.active].mean())


@pytest.mark.parametrize("aim", ["shortfall", "china"])
def test_an_aim_gets_lower_than_least_cost_does_and_lower_still_for_more_money(engine: Engine, aim: str) -> None:
    """Within the same premium the aim is never worse than under least cost; a larger premium never makes it worse; the money is kept to;
    and undisturbed years are no shorter than in the cheapest mix."""
    found = []
    for premium in (0, 8):
        choice = off_choice(aim=aim, premium_limit=premium, reserve_days=60, discount_rate=8, rupee=97)
        answer = engine.answer(choice)
        by_cost = engine.answer(choice.changed(aim="cost"))
        assert aimed(answer.mix, aim) <= aimed(by_cost.mix, aim) + 1e-5
        assert answer.mix.total_kusd <= answer.cheapest.total_kusd * (1 + premium / 100) * (1 + 1e-6)
        undisturbed = [mix.short[..., 0].sum(axis=(0, 1)) for mix in (answer.mix, answer.cheapest)]
        assert (undisturbed[0] <= undisturbed[1] + 1e-3).all()
        found.append(aimed(answer.mix, aim))
    assert found[1] < found[0] - 0.02


@pytest.mark.parametrize("aim", ["shortfall", "china"])
def test_an_aim_is_pushed_to_its_floor_and_then_cost_is_least(engine: Engine, aim: str) -> None:
    """The floor is the one that another solver finds on a program written anew, and no cheaper mix stands on it."""
    choice = off_choice(aim=aim, premium_limit=5, reserve_days=60, target_year=2032)
    answer = engine.answer(choice)
    case = engine.assembler.case(choice)
    cheapest = answer.cheapest
    steering = Steering(
        cheapest_kusd=cheapest.total_kusd, undisturbed_t=cheapest.short[..., 0].sum(axis=(0, 1)), push=True
    )
    program = Program(case, steering)
    pushed = solve_once(program.sheet, "CBC")
    floor = pushed.values[program.places["aim"][()]]
    assert aimed(answer.mix, aim) == pytest.approx(floor, abs=1e-5)
    assert answer.mix.total_kusd <= float(pushed.values[program.places["total_cost"][()]]) * (1 + 1e-6)


def test_no_premium_leaves_the_cheapest_cost(engine: Engine) -> None:
    """A premium of 0 % is no clash: the cheapest mix itself meets it."""
    answer = engine.answer(off_choice(premium_limit=0, reserve_days=60))
    assert answer.mix.total_kusd == pytest.approx(answer.cheapest.total_kusd, rel=1e-6)


def test_premiums_bind_in_order(engine: Engine) -> None:
    """A China limit within a premium: whoever accepts more pays no more than needed, and too little is a clash."""
    base = off_choice(china_limit=35, reserve_days=60, target_year=2032, plants_capacity=12000, partner_allocation=200)
    least = engine.answer(base).mix.indicators["premium"]
    assert least > 0.001
    with pytest.raises(NoMix):
        engine.answer(base.changed(premium_limit=0))
    enough = engine.answer(base.changed(premium_limit=float(np.ceil(least * 100))))
    assert enough.mix.indicators["premium"] == pytest.approx(least, abs=1e-6)


def test_target_years_look_at_the_reference_mixes_too(engine: Engine) -> None:
    """Indicators of the cheapest mix and of today's course are taken over the same years as the mix's own."""
    found = [engine.answer(off_choice(target_year=year, reserve_days=60)) for year in (2028, 2031, 2035)]
    for one, other in pairwise(found):
        np.testing.assert_allclose(one.today.plan, other.today.plan, atol=1e-3)
        assert one.today.indicators["tail_shortfall"] >= other.today.indicators["tail_shortfall"] - 1e-9
    assert found[0].cheapest.indicators["china_share"] != found[2].cheapest.indicators["china_share"]


# -- other solvers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "choice",
    [Choice(), off_choice(reserve_days=120, likelihood=150, china_flow=50, joint_venture=True)],
    ids=["default", "hostile"],
)
def test_a_second_solver_finds_the_same_mix(engine: Engine, choice: Choice) -> None:
    """CBC on the same sheet: cost to 1e-6, plan, additions and stock to a kilogram, because the tie-break leaves one optimum."""
    case = engine.assembler.case(choice)
    with engine.worker() as worker:
        mix = worker.mix(case, choice, worker.solve(case))
    worker = Worker(case)
    other = worker.mix(case, choice, solve_once(worker.program.sheet, "CBC", time_limit=120))
    assert other.objective_kusd == pytest.approx(mix.objective_kusd, rel=1e-6)
    for name in ("plan", "add", "fill"):
        np.testing.assert_allclose(getattr(other, name), getattr(mix, name), atol=1e-3, err_msg=name)


def test_a_second_solver_sees_a_clash_too(small: Engine) -> None:
    """Where HiGHS finds no mix, CBC finds none."""
    case = small.assembler.case(off_choice(**IMPOSSIBLE))
    for solver in ("CBC", "HiGHS"):
        with pytest.raises(Infeasible):
            solve_once(Program(case).sheet, solver)  # type: ignore[arg-type]


def test_a_solver_stopped_by_the_clock_is_not_believed(engine: Engine) -> None:
    """PuLP calls a stopped solve "not solved"; it must not become a mix."""
    sheet = Program(engine.assembler.case(Choice())).sheet
    for solver in ("CBC", "HiGHS"):
        with pytest.raises(SolverFailed):
            solve_once(sheet, solver, time_limit=1e-3)  # type: ignore[arg-type]


def test_everything_runs_without_highs(tiny: Engine, small: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where HiGHS is not installed CBC gives the same mixes, the same references and the same clash."""
    choice = off_choice(reserve_days=60, china_limit=70, shortfall_limit=20)
    expected = [(tiny, crowd(tiny)), (small, {choice: small.answer(choice).mix})]
    monkeypatch.setattr(model.engine.worker, "HAS_HIGHS", False)
    monkeypatch.setattr(model.formulation.reduction, "HAS_HIGHS", False)
    monkeypatch.setattr(Live, "solve", None)
    for engine, mixes in expected:
        slow = Engine(engine.evidence, None)
        for asked, wanted in mixes.items():
            if wanted is None:
                with pytest.raises(NoMix):
                    slow.answer(asked)
                continue
            answer = slow.answer(asked)
            assert answer.mix.objective_kusd == pytest.approx(wanted.objective_kusd, rel=1e-6)
            np.testing.assert_allclose(answer.mix.plan, wanted.plan, atol=1e-3)
            assert answer.mix.proof.solver == "CBC"
            assert answer.mix.proof.violation < 1e-6 * answer.mix.objective_kusd


def test_the_answer_does_not_depend_on_how_the_data_folder_lies(
    small: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same world read from another folder gives the same mix."""
    other = Engine(small_world().evidence(tmp_path_factory.mktemp("elsewhere")), None)
    choice = off_choice(reserve_days=60, china_limit=70)
    assert other.evidence.version == small.evidence.version
    same(other.answer(choice).mix, small.answer(choice).mix)


def test_a_case_is_not_changed_by_solving_it(small: Engine) -> None:
    """A case is a value: asked twice, and looked at from other target years, it stays what it was."""
    choice = off_choice(reserve_days=60)
    before = small.assembler.case(choice)
    small.answer(choice)
    small.answer(choice.changed(target_year=2034))
    after = small.assembler.case(choice)
    for name in ("demand", "capacity", "price", "availability", "today", "active", "probability"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name), err_msg=name)
    assert replace(before, aim="cost").limits == after.limits


# -- where a solve starts -------------------------------------------------------------------------------------------------


def test_a_solve_starts_from_the_nearest_of_what_was_solved(engine: Engine) -> None:
    """One lever moved is nearer than two, less is nearer than more, and the program in memory is left alone when it is as near."""
    bases, home = Bases(), Choice()
    assert bases.nearest(home) is None
    for name, choice in (
        ("home", home), ("one", home.changed(china_limit=80)), ("far", home.changed(china_limit=80, aim="china")),
        ("other", home.changed(joint_venture=True)),
    ):  # fmt: skip
        bases.keep(choice, name)
    assert bases.nearest(home.changed(china_limit=81)) == "one"
    assert bases.nearest(home.changed(china_limit=61)) == "home"
    assert bases.nearest(home.changed(china_limit=90, aim="china")) == "far"
    assert bases.nearest(home.changed(joint_venture=True, rupee=98)) == "other"
    assert bases.nearest(home.changed(china_limit=81), than=home.changed(china_limit=82)) is None
    assert bases.nearest(home.changed(china_limit=81), than=home.changed(rupee=98)) == "one"


def test_the_oldest_basis_goes_and_one_asked_for_again_stays() -> None:
    """Memory is bounded."""
    bases = Bases(2)
    for name, percent in (("a", 60), ("b", 70), ("a again", 60), ("c", 80)):
        bases.keep(Choice(china_limit=percent), name)
    assert bases.nearest(Choice(china_limit=70)) != "b"
    assert bases.nearest(Choice(china_limit=60)) == "a again"


def test_a_basis_kept_stays_what_it_was(engine: Engine) -> None:
    """The solver goes on from it and must not write into what others start from."""
    engine.answer(off_choice(reserve_days=60))
    kept = engine.basis_near(off_choice(reserve_days=60))
    before = list(kept.highs.col_status)
    for percent in (90, 70, 61):
        engine.forget()
        engine.answer(Choice(china_limit=percent, reserve_days=90))
    assert list(kept.highs.col_status) == before
    later = engine.basis_near(Choice(china_limit=61, reserve_days=90))
    assert list(later.highs.col_status) != before, (
        "the later solves ended elsewhere, or nothing could have been written over"
    )


def test_visitors_who_take_turns_do_not_pay_for_each_others_moves(evidence: Evidence) -> None:
    """Each goes on from his own mix. Steps of the simplex method, not seconds: they are the same on every machine."""
    steps = {}
    for kept in (True, False):
        engine = Engine(evidence, workers=1)
        if not kept:
            engine._bases = {role: Bases(0) for role in engine._bases}
        visitors = [off_choice(reserve_days=60), off_choice(likelihood=150), off_choice(china_price=140)]
        for visitor in visitors:
            engine.mix(visitor)
        steps[kept] = sum(
            engine.mix(visitor.changed(china_limit=85 - turn)).proof.iterations
            for turn in range(3)
            for visitor in visitors
        )
    assert steps[True] < 0.5 * steps[False]
