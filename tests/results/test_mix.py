"""Claims about every mix: no tonne comes from nowhere, no limit is broken, and every number on screen can be worked out again from
the plan and the states alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from model.engine.active_limits import NoMix
from model.engine.engine import Answer, Engine
from model.evidence.schema import COMMODITIES
from model.evidence.store import Evidence
from model.formulation.case import BUDGETS, LIMITS, SCHEMES, C, Case, M
from model.formulation.levers import Choice, lever_named, levers
from model.formulation.program import Program
from model.results.indicators import INDICATORS, hhi
from model.results.mix import Mix
from tests.formulation.test_levers import worlds
from tests.support.paper import off_choice

SMALL = 1e-5
"""Tonnes that do not matter."""


def bound(choice: Choice) -> set[str]:
    """Limits and budgets that are not off."""
    return {name for name in (*LIMITS, *BUDGETS) if not lever_named(name).is_off(getattr(choice, name))}


STORIES: dict[str, Choice] = {
    "default": Choice(),
    "no limits": off_choice(reserve_days=60),
    "no reserve": off_choice(),
    "hostile": off_choice(reserve_days=120, likelihood=180, china_flow=60, partner_allocation=150),
    "calm": off_choice(reserve_days=60, likelihood=50),
    "made at home": off_choice(
        home_limit=70, target_year=2035, plants_capacity=12000, irel_capacity=2000, recycling=300, partner_allocation=300, reserve_days=60
    ),
    "late": off_choice(plants_delay=3, china_limit=75, target_year=2032, reserve_days=90),
    "joint venture": off_choice(joint_venture=True, smco_capacity=60, reserve_days=30, home_limit=20, target_year=2033),
    "everything": off_choice(
        central_asia_year=2028, central_asia_volume=1500, recycling=300, partner_allocation=400, irel_capacity=2000, substitution=60,
        shortfall_limit=3, vital_limit=0, country_limit=60, carbon_limit=28, concentration_limit=4, reserve_days=180, target_year=2031,
    ),
    "least china": Choice(aim="china", premium_limit=5, china_limit=100, shortfall_limit=100),
    "least shortfall": Choice(aim="shortfall", premium_limit=5, china_limit=100, shortfall_limit=100),
}  # fmt: skip
"""Settings far apart, on the shipped evidence."""


@pytest.fixture(scope="module")
def answers(engine: Engine) -> dict[str, Answer]:
    """The answer to each story and to each preset."""
    presets = {f"preset {p.id}": Choice.of(p.levers) for p in engine.evidence.presets.values()}
    return {name: engine.answer(choice) for name, choice in {**STORIES, **presets}.items()}


@pytest.fixture(scope="module")
def mixes(answers: dict[str, Answer]) -> dict[str, Mix]:
    """Every mix of every answer, by story and kind."""
    kinds = ("mix", "cheapest", "today")
    return {f"{name}, {kind}": getattr(answer, kind) for name, answer in answers.items() for kind in kinds}


def surplus(mix: Mix) -> np.ndarray:
    """Tonnes in less tonnes out of each commodity, year and state (C, T, K)."""
    c = mix.case
    found = mix.deliver.sum(axis=0) + mix.draw - mix.fill[..., None]
    found[:M] += mix.short.sum(axis=0) - c.demand.sum(axis=0)[..., None]
    found[M:] -= np.einsum("rmf,rmtk->ftk", c.feed, mix.deliver[:, :M])
    return found


def cut_somewhere(mix: Mix) -> np.ndarray:
    """Where a state cuts some route of a commodity in a year (C, T, K)."""
    return np.asarray(((mix.case.availability < 1) & mix.case.products[:, :, None, None]).any(axis=0))


# -- the presets and the default --------------------------------------------------------------------------------------


def test_the_default_and_every_preset_have_a_mix(engine: Engine) -> None:
    """A visitor's first click must not end in "no mix"."""
    for choice in (Choice(), *(Choice.of(p.levers) for p in engine.evidence.presets.values())):
        assert engine.answer(choice).mix.status == "optimal"


def test_every_story_is_proved(mixes: dict[str, Mix]) -> None:
    """Primal and dual objective agree and no row is broken by more than a gramme."""
    for name, mix in mixes.items():
        assert mix.proof.gap < 1e-8, name
        assert mix.proof.violation < 1e-6, name


# -- tonnes -----------------------------------------------------------------------------------------------------------


def test_tonnes_in_are_tonnes_out(mixes: dict[str, Mix]) -> None:
    """In every commodity, year and state: deliveries and draws are demand met, oxide used and stock filled, to a gramme."""
    for name, mix in mixes.items():
        assert np.abs(surplus(mix)).max() < SMALL, name


def test_made_in_india_is_not_met_by_making_more_than_is_needed(mixes: dict[str, Mix]) -> None:
    """A limit on the share made at home is no reason to make magnets that nobody uses."""
    mix = mixes["made at home, mix"]
    assert mix.indicators["home_share"] >= 0.7 - 1e-9
    assert surplus(mix).max() < SMALL


def test_nothing_is_negative(mixes: dict[str, Mix]) -> None:
    """No plan, addition, stock, delivery, draw or shortage below nothing, and no shortage above demand."""
    for name, mix in mixes.items():
        for array in (mix.plan, mix.add, mix.fill, mix.stock, mix.deliver, mix.draw, mix.short):
            assert array.min() >= 0, name
            assert np.isfinite(array).all(), name
        assert (mix.short <= mix.case.demand[..., None] + SMALL).all(), name


def test_no_more_arrives_than_is_planned_and_left_by_the_state(mixes: dict[str, Mix]) -> None:
    """Deliveries stay within availability times plan, and routes deliver only what they make."""
    for name, mix in mixes.items():
        assert (mix.deliver <= mix.case.availability * mix.plan[..., None] + SMALL).all(), name
        assert mix.plan[~mix.case.products].sum() == 0, name


def test_no_more_is_planned_than_can_be_made(mixes: dict[str, Mix]) -> None:
    """Plans stay within what exists and what was added, times its use; additions within their pace and their ceiling."""
    for name, mix in mixes.items():
        c = mix.case
        usable = (c.capacity + np.cumsum(mix.add, axis=1)) * c.utilisation[:, None]
        assert (mix.plan.sum(axis=1) <= usable + SMALL).all(), name
        assert (mix.plan <= c.at_most[..., None] * usable[:, None, :] + SMALL).all(), name
        assert (mix.add <= c.addmax + SMALL).all(), name
        assert (np.cumsum(mix.add, axis=1) <= c.ceiling + SMALL).all(), name


def test_plants_use_the_oxide_that_they_need(mixes: dict[str, Mix]) -> None:
    """Oxide delivered and drawn, less stock filled, covers the feed of every magnet made, in every state."""
    for name, mix in mixes.items():
        used = np.einsum("rmf,rmtk->ftk", mix.case.feed, mix.deliver[:, :M])
        got = mix.deliver[:, M:].sum(axis=0) + mix.draw[M:] - mix.fill[M:, :, None]
        assert (used <= got + SMALL).all(), name


def test_no_magnets_from_plants_that_cannot_exist(mixes: dict[str, Mix], evidence: Evidence) -> None:
    """The first Indian magnets of the scheme come in 2029 on today's evidence, and as many years later as the delay says."""
    for name, mix in mixes.items():
        years = np.array(mix.case.years)
        for route in evidence.routes.values():
            if route.build and not route.volume:
                late = mix.choice.plants_delay if route.build.scheme == "magnet" else 0
                early = years < evidence.value(route.build.first_year) + late
                i = mix.case.routes.index(route.id)
                assert mix.add[i, early].sum() == 0, f"{name}: {route.id}"
                assert mix.deliver[i][:, early].sum() == 0, f"{name}: {route.id}"


def test_nobody_builds_or_stocks_before_decisions_begin(mixes: dict[str, Mix]) -> None:
    """2026 is nearly over: its plan is today's course in every mix, and nothing is added or bought for the reserve."""
    for name, mix in mixes.items():
        assert mix.case.years[0] == 2026
        np.testing.assert_allclose(mix.plan[:, :, 0], mix.case.today[:, :, 0], atol=SMALL, err_msg=name)
        np.testing.assert_allclose(mix.plan[:, :, 0], mixes["default, today"].plan[:, :, 0], atol=SMALL, err_msg=name)
        assert mix.add[:, 0].sum() == 0, name
        assert mix.fill[:, 0].sum() == 0, name


def test_central_asian_oxide_lies_idle_without_plants(engine: Engine) -> None:
    """1,500 t/y from 2028 on, at any price: without Indian plants none of it is planned and nothing changes."""
    world = {"reserve_days": 60, "central_asia_year": 2028, "china_flow": 20, "plants_capacity": 12000}
    none = {**world, "plants_capacity": 0}
    with_oxide = engine.mix(off_choice(**none, central_asia_volume=1500))
    without = engine.mix(off_choice(**none, central_asia_volume=0))
    i = with_oxide.case.routes.index("central_asia_oxide")
    assert with_oxide.case.capacity[i].max() == 1500
    assert with_oxide.plan[i].sum() == pytest.approx(0, abs=SMALL)
    assert with_oxide.total_kusd == pytest.approx(without.total_kusd, rel=1e-9)
    assert engine.mix(off_choice(**world, central_asia_volume=1500)).plan[i].sum() > 100


# -- reserve ----------------------------------------------------------------------------------------------------------


def test_a_draw_is_no_more_than_the_stock_lasts_for(mixes: dict[str, Mix]) -> None:
    """Stock of the year before over the length of the state; none in an undisturbed year; none where the state cuts nothing."""
    for name, mix in mixes.items():
        before = np.concatenate([mix.case.opening[:, None], mix.stock[:, :-1]], axis=1)
        assert (mix.draw * mix.case.length <= before[..., None] + SMALL).all(), name
        assert mix.draw[:, :, 0].sum() == 0, name


def test_the_reserve_is_drawn_only_where_the_year_has_a_cut(mixes: dict[str, Mix]) -> None:
    """An event that hits new plants alone cuts nothing in years in which no plant is new; the reserve must then stay shut, or it is
    free supply."""
    for name, mix in mixes.items():
        idle = mix.draw[~cut_somewhere(mix)]
        assert idle.sum() < 0.01, f"{name}: {idle.sum():.1f} t drawn without a cut"


def test_the_reserve_stays_within_its_days(mixes: dict[str, Mix]) -> None:
    """At most the lever's days of each magnet's demand and of the plants' use of each oxide; none on today's course."""
    for name, mix in mixes.items():
        if name.endswith("today"):
            assert mix.stock.sum() == 0, name
            continue
        use = np.concatenate([mix.case.demand.sum(axis=0), np.einsum("rmf,rmt->ft", mix.case.feed, mix.plan[:, :M])])
        assert (mix.stock <= use * mix.choice.reserve_days / 365 + SMALL).all(), name
        np.testing.assert_allclose(mix.stock, np.cumsum(mix.fill, axis=1), atol=SMALL)


def test_nothing_is_bought_in_the_last_year_for_the_final_credit(mixes: dict[str, Mix]) -> None:
    """Stock bought in 2035 can never be drawn; buying it would only turn cheap home oxide into a dearer credit."""
    for name, mix in mixes.items():
        bought = dict(zip(COMMODITIES, mix.fill[:, -1].round(2), strict=True))
        assert mix.fill[:, -1].max() < 0.01, f"{name}: {bought}"


# -- money and risk, worked out again ---------------------------------------------------------------------------------


def worked_out(mix: Mix) -> dict[str, float]:
    """Every part of the cost by plain loops over the mix, kUSD discounted."""
    c = mix.case
    found = dict.fromkeys(("supply", "shortage", "investment", "reserve"), 0.0)
    for t in range(len(c.years)):
        for k, p in enumerate(c.probability):
            for r, route in enumerate(c.routes):
                for j in range(C):
                    if c.products[r, j]:
                        top = float(c.take_or_pay[r])
                        owed = (
                            top * c.availability[r, j, t, k] * mix.plan[r, j, t] + (1 - top) * mix.deliver[r, j, t, k]
                        )
                        found["supply"] += c.discount[t] * p * c.price[r, j, t] * c.multiplier[r, j, t, k] * owed
                assert route
            found["shortage"] += c.discount[t] * p * float(mix.short[:, :, t, k].sum(axis=1) @ c.penalty)
            found["reserve"] += c.discount[t] * p * float(c.refill[:, t] @ mix.draw[:, t, k])
        found["reserve"] += c.discount[t] * float(c.holding @ mix.fill[:, : t + 1].sum(axis=1))
        for r in range(len(c.routes)):
            running = sum(mix.add[r, u] for u in range(t + 1) if c.years[t] - c.years[u] < c.life[r])
            found["investment"] += c.discount[t] * c.capital[r] * c.recovery[r] * running
    found["reserve"] -= c.discount[-1] * float(c.final_credit @ mix.fill.sum(axis=1))
    return found


@pytest.mark.parametrize(
    "name", ["default, mix", "everything, mix", "hostile, today", "joint venture, mix", "calm, cheapest"]
)
def test_the_objective_is_the_sum_of_its_parts(mixes: dict[str, Mix], name: str) -> None:
    """Supply, shortage, investment, reserve and tie-break, worked out from the mix, are the solver's objective to 1e-6."""
    mix = mixes[name]
    parts = worked_out(mix)
    assert sum(parts.values()) + mix.preference_kusd == pytest.approx(mix.objective_kusd, rel=1e-6)
    assert mix.supply_cost_kusd == pytest.approx(parts["supply"], rel=1e-9)
    assert mix.shortage_cost_kusd == pytest.approx(parts["shortage"], rel=1e-9)
    assert mix.investment_kusd == pytest.approx(parts["investment"], rel=1e-9)
    assert mix.reserve_cost_kusd == pytest.approx(parts["reserve"], rel=1e-6, abs=1e-3)


def test_every_objective_is_the_sum_of_the_costs_shown(mixes: dict[str, Mix]) -> None:
    """What the screen shows apart adds up to what was minimised, in every mix."""
    for name, mix in mixes.items():
        parts = mix.supply_cost_kusd + mix.shortage_cost_kusd + mix.investment_kusd + mix.reserve_cost_kusd
        assert parts == pytest.approx(mix.total_kusd, rel=1e-12), name
        assert parts + mix.preference_kusd == pytest.approx(mix.objective_kusd, rel=1e-6), name


def tail_by_sorting(losses: np.ndarray, probability: np.ndarray, tail: float) -> float:
    """Average of the worst outcomes by filling a bucket of `tail` from the worst down."""
    room, found = tail, 0.0
    for loss, p in sorted(zip(losses, probability, strict=True), reverse=True):
        taken = min(room, p)
        found += taken * loss
        room -= taken
    return found / tail


def test_the_worst_case_shortfall_is_what_sorting_gives(mixes: dict[str, Mix]) -> None:
    """Worked out from the shortages of each state, in every year of every mix."""
    for name, mix in mixes.items():
        c = mix.case
        lost = mix.short.sum(axis=(0, 1)) / c.demand.sum(axis=(0, 1))[:, None]
        found = [tail_by_sorting(row, c.probability, c.tail) for row in lost]
        np.testing.assert_allclose(mix.tail_year, found, atol=1e-9, err_msg=name)
        assert mix.indicators["tail_shortfall"] == pytest.approx(max(np.array(found)[mix.focus]), abs=1e-9), name


@pytest.mark.parametrize("percent", [6, 4, 2])
def test_where_the_shortfall_limit_binds_the_worst_case_is_the_limit(engine: Engine, percent: float) -> None:
    """The program's own auxiliary columns and the sorted shortages agree at the limit, and never pass it."""
    choice = off_choice(
        shortfall_limit=percent, reserve_days=120, target_year=2031, partner_allocation=250, recycling=200
    )
    free = engine.answer(choice.changed(shortfall_limit=100)).mix
    assert free.tail_year[free.focus].max() > percent / 100
    mix = engine.answer(choice).mix
    assert mix.tail_year[mix.focus].max() == pytest.approx(percent / 100, abs=1e-7)


def test_no_shortfall_at_all_means_no_shortage_in_any_state_that_can_happen(engine: Engine) -> None:
    """0 % is a promise: in every kept state of every year from the target on, every sector has all its magnets."""
    choice = off_choice(
        shortfall_limit=0, target_year=2033, reserve_days=180, partner_allocation=400, recycling=300, plants_capacity=12000,
        irel_capacity=2000, central_asia_volume=1500, substitution=60, smco_capacity=150,
    )  # fmt: skip
    mix = engine.answer(choice).mix
    possible = mix.case.probability > 0
    assert mix.short[:, :, mix.focus][..., possible].max() < SMALL
    assert mix.tail_year[mix.focus].max() < 1e-9
    assert mix.lost[1:3].max() > 0


# -- limits -----------------------------------------------------------------------------------------------------------


def reached(mix: Mix) -> dict[str, float]:
    """What each limit bounds, in the unit of its lever, worked out from the plan and the shortages."""
    c, on = mix.case, mix.case.active
    demand = c.demand.sum(axis=(0, 1))
    depend = {}
    for origin in c.foreign:
        mine = [i for i, o in enumerate(c.origins) if o == origin]
        oxide = np.stack([mix.plan[mine, M + f].sum(axis=0) / c.feed_ratio[f] for f in range(C - M)])
        depend[origin] = (mix.plan[mine, :M].sum(axis=(0, 1)) + oxide.max(axis=0)) / demand
    made = np.einsum("rmtk,k->t", mix.deliver[c.made_in_india][:, :M], c.probability) / demand
    vital = mix.short[c.vital].sum(axis=(0, 1)) / c.demand[c.vital].sum(axis=(0, 1))[:, None]
    spent = {
        scheme: float(mix.add[c.scheme == i].sum(axis=1) @ c.public[c.scheme == i]) for i, scheme in enumerate(SCHEMES)
    }
    use = np.concatenate([c.demand.sum(axis=0), np.einsum("rmf,rmt->ft", c.feed, mix.plan[:, :M])])
    days = np.divide(365 * mix.stock, use, out=np.where(mix.stock > SMALL, np.inf, 0.0), where=use > SMALL)
    return {
        "reserve_days": days.max(),
        "china_limit": 100 * depend["China"][on].max(),
        "country_limit": 100 * max(share[on].max() for share in depend.values()),
        "shortfall_limit": 100 * max(tail_by_sorting(row, c.probability, c.tail) for row in mix.lost[on]),
        "investment_limit": float((c.capital @ mix.add).sum() * c.rupee / 1e4),
        "home_limit": -100 * made[on].min(),
        "carbon_limit": (np.einsum("rc,rct->t", c.carbon, mix.plan) / demand)[on].max(),
        "concentration_limit": sum(w * depend[o] for w, o in zip(c.risk_weight, c.foreign, strict=True))[on].max(),
        "vital_limit": 100 * vital[on].max(),
        "magnet_budget": spent["magnet"],
        "recycling_budget": spent["recycling"],
        "mission_budget": spent["mission"] + float((stock_price(c) * mix.fill).sum() * c.rupee / 1e4),
    }  # fmt: skip


def stock_price(case: Case) -> np.ndarray:
    """What a kg costs when it is put aside, USD/kg (C, T): the dearest undisturbed price abroad of the same year, not discounted."""
    abroad = np.array([origin != "India" for origin in case.origins])[:, None] & case.products
    return np.where(abroad[:, :, None], case.price, 0.0).max(axis=0)


def test_every_limit_holds_in_every_mix(answers: dict[str, Answer]) -> None:
    """Worked out again from the plan: no limit that is on is passed, budgets hold in the cheapest mix too."""
    for name, answer in answers.items():
        found = reached(answer.mix)
        for lever in bound(answer.mix.choice):
            if lever == "premium_limit":
                most = answer.cheapest.total_kusd * (1 + answer.mix.choice.premium_limit / 100)
                assert answer.mix.total_kusd <= most * (1 + 1e-6), name
                continue
            limit = float(getattr(answer.mix.choice, lever)) * (-1 if lever == "home_limit" else 1)
            assert found[lever] <= limit + 1e-5 * max(1, abs(limit)), f"{name}: {lever} {found[lever]} > {limit}"
        cheapest = reached(answer.cheapest)
        for lever in bound(answer.mix.choice) & set(BUDGETS):
            assert cheapest[lever] <= float(getattr(answer.mix.choice, lever)) * (1 + 1e-6), (
                f"{name}: {lever} in the cheapest"
            )


def cost(engine: Engine, choice: Choice) -> float:
    """Least cost with the tie-break, kUSD; infinite where no mix meets the limits."""
    try:
        return engine.mix(choice).objective_kusd
    except NoMix:
        return np.inf


LOOSER = {
    "china_limit": (30, 55, 70, 100), "country_limit": (45, 65, 100), "shortfall_limit": (2, 8, 15, 100), "premium_limit": (1, 3, 100),
    "investment_limit": (1000, 3000, 30000), "home_limit": (50, 35, 0), "carbon_limit": (27, 31, 60), "concentration_limit": (3.5, 4.5, 10),
    "vital_limit": (0, 20, 100), "reserve_days": (0, 30, 90, 180), "magnet_budget": (0, 3000, 7280, 20000), "recycling_budget": (0, 100, 3000),
    "mission_budget": (0, 500, 16300, 20000), "target_year": (2030, 2032, 2035),
}  # fmt: skip
"""Each limit from tight to loose."""

MORE = {
    "plants_capacity": (0, 1500, 6000, 12000), "plants_delay": (5, 2, 0), "smco_capacity": (3, 60, 150), "irel_capacity": (500, 900, 2000),
    "recycling": (0, 100, 300), "central_asia_year": (2036, 2032, 2028), "central_asia_volume": (0, 150, 1500),
    "partner_allocation": (0, 100, 250, 400), "substitution": (0, 30, 60), "joint_venture": (False, True), "china_flow": (0, 20, 60, 120),
}  # fmt: skip
"""Each programme, and the flow of licences, from less to more."""


@pytest.mark.parametrize("lever", {**LOOSER, **MORE})
def test_looser_limits_and_more_supply_never_cost_more(engine: Engine, lever: str) -> None:
    """Whoever may do more need not do worse: along each lever the least cost only falls."""
    base = Choice().changed(
        china_limit=70, shortfall_limit=25, target_year=2031, premium_limit=100, mission_budget=20000
    )
    if lever in MORE:
        base = base.changed(
            china_limit=100, shortfall_limit=100, china_flow=20, plants_capacity=12000, central_asia_volume=500
        )
    costs = [cost(engine, base.changed(**{lever: value})) for value in {**LOOSER, **MORE}[lever]]
    assert np.isfinite(costs[-1])
    assert all(looser <= tighter * (1 + 1e-7) for tighter, looser in pairwise(costs)), costs
    if lever not in (
        "premium_limit",
        "vital_limit",
        "smco_capacity",
    ):  # vital users come first anyway, and the plant is dear
        assert costs[-1] < costs[0], "the lever does nothing at all"


@given(choice=worlds(), other=worlds())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_looser_never_costs_more_anywhere(small: Engine, choice: Choice, other: Choice) -> None:
    """In the small world, whatever else is set: take the looser of two values of every limit, or the larger of every programme."""
    looser = {}
    for lever in levers():
        mine, theirs = getattr(choice, lever.id), getattr(other, lever.id)
        values = {**LOOSER, **MORE}.get(lever.id)
        if values is not None and lever.id not in ("premium_limit", "plants_delay"):
            looser[lever.id] = max(mine, theirs) if values[-1] > values[0] else min(mine, theirs)
    tight = choice.changed(premium_limit=100)
    assert cost(small, tight.changed(**looser)) <= cost(small, tight) * (1 + 1e-7)


@pytest.mark.parametrize("name", [lever.id for lever in levers() if lever.off is not None])
def test_a_limit_at_its_off_value_changes_nothing(engine: Engine, name: str) -> None:
    """Put into the program as a number, not only left out: at its off value a limit costs nothing, even where all programmes run at
    full and all demand is at its highest. (Dependence may pass 100 % of demand where more is contracted than needed, so limits
    on it are left out at 100 instead.)"""
    off = {lever.id: lever.off for lever in levers() if lever.off is not None}
    full = off_choice(
        reserve_days=180, demand_scale=175, plants_capacity=12000, irel_capacity=2000, smco_capacity=150, recycling=300, joint_venture=True,
        likelihood=180, rupee=130,
    )  # fmt: skip
    for choice in (off_choice(reserve_days=60), full):
        case = engine.assembler.case(choice)
        assert case.limits[name] is None
        with engine.worker() as worker:
            without = worker.solve(case).objective
            if name in ("china_limit", "country_limit", "premium_limit"):
                continue
            with_it = worker.solve(replace(case, limits={**case.limits, name: off[name]})).objective
        assert with_it == pytest.approx(without, rel=1e-9)


def test_home_and_reserve_at_nothing_ask_for_nothing(engine: Engine) -> None:
    """0 % made in India is no limit; 0 days is no reserve and no reason to fail."""
    with engine.worker() as worker:
        case = engine.assembler.case(off_choice(reserve_days=60))
        without = worker.solve(replace(case, limits={**case.limits, "home_limit": None})).objective
        assert worker.solve(case).objective == pytest.approx(without, rel=1e-9)
    assert engine.answer(off_choice(reserve_days=0)).mix.stock.sum() == 0


def test_switched_off_the_limits_leave_the_cheapest_mix(engine: Engine) -> None:
    """With every limit off the mix is the cheapest mix, tonne by tonne."""
    answer = engine.answer(off_choice(reserve_days=60, discount_rate=8, rupee=97))
    np.testing.assert_allclose(answer.mix.plan, answer.cheapest.plan, atol=1e-3)
    assert answer.mix.indicators["premium"] == pytest.approx(0, abs=1e-6)


def test_no_mix_is_cheaper_than_the_cheapest(answers: dict[str, Answer]) -> None:
    """Limits, aims and today's course can only cost more."""
    for name, answer in answers.items():
        assert answer.mix.total_kusd >= answer.cheapest.total_kusd * (1 - 1e-6), name
        assert answer.mix.indicators["premium"] >= -1e-6, name
        if not bound(answer.mix.choice) & {"magnet_budget", "recycling_budget", "mission_budget"}:
            assert answer.today.total_kusd >= answer.cheapest.total_kusd * (1 - 1e-6), name


def test_todays_course_is_held(answers: dict[str, Answer]) -> None:
    """Its plan is the one of the case, its limits do not matter, and it keeps no reserve."""
    for name, answer in answers.items():
        np.testing.assert_allclose(answer.today.plan, answer.today.case.today, atol=SMALL, err_msg=name)
        assert answer.today.stock.sum() == 0, name
    one, other = answers["default"].today, answers["preset cheapest"].today
    np.testing.assert_allclose(one.deliver, other.deliver, atol=SMALL)


# -- what is shown ----------------------------------------------------------------------------------------------------


def test_indicators_lie_within_their_bounds(mixes: dict[str, Mix]) -> None:
    """Shares between nothing and all, an index up to 10,000, money and tonnes not below nothing, every one of them finite."""
    assert len({i.id for i in INDICATORS}) == len(INDICATORS)
    for name, mix in mixes.items():
        found = mix.indicators
        assert set(found) == {i.id for i in INDICATORS}
        assert all(np.isfinite(value) for value in found.values()), name
        for share in ("tail_shortfall", "expected_shortfall"):
            assert -1e-12 <= found[share] <= 1 + 1e-9, f"{name}: {share} {found[share]}"
        assert found["expected_shortfall"] <= found["tail_shortfall"] + 1e-9, name
        assert 0 <= found["home_share"] <= 1.3, name
        assert 0 <= found["china_share"] <= found["largest_share"] + 1e-12, name
        assert found["largest_share"] < 1.3, name
        assert 0 < found["hhi"] <= 10_000, name
        assert 20 < found["cost_usd_per_kg"] < 300, name
        for money in ("bill_crore", "investment_crore", "public_crore", "harm_crore", "reserve_t", "carbon"):
            assert found[money] >= 0, f"{name}: {money}"


@pytest.mark.parametrize(
    "name", ["default, mix", "default, today", "late, mix", "everything, mix", "least china, mix", "made at home, mix"]
)
def test_every_indicator_is_what_its_tables_add_up_to(mixes: dict[str, Mix], evidence: Evidence, name: str) -> None:
    """Added up row by row from tables and facts, by another road than the model's: a wrong year, a mean for a maximum or a wrong rate
    would show."""
    mix, routes = mixes[name], evidence.routes
    c, found, choice = mix.case, mix.indicators, mix.choice
    demand = {year: float(tonnes) for year, tonnes in zip(c.years, mix.years["demand_t"], strict=True)}
    from_target = [year for year in c.years if year >= max(choice.target_year, 2027)]
    magnets = mix.table[mix.table["commodity"].isin(["ndfeb", "ndfeb_hc", "smco"])]
    at_home = (
        magnets[[routes[r].origin == "India" and routes[r].stage == "magnet" for r in magnets["route"]]]
        .groupby("year")["delivered_expected_t"]
        .sum()
    )
    assert found["home_share"] == pytest.approx(min(at_home.get(year, 0.0) / demand[year] for year in from_target))

    def kg_per_magnet(oxide: str) -> float:
        """The least of it in a kg of any magnet, so that it counts by the most magnets that could rest on it."""
        feeds = [each[oxide] for route in routes.values() for each in route.feed.values() if oxide in each]
        return min(evidence.value(fact) for fact in feeds)

    def dependence(origin: str, year: int) -> float:
        rows = mix.table[mix.table["route"].map(lambda r: routes[r].origin == origin) & (mix.table["year"] == year)]
        tonnes = rows.groupby("commodity")["planned_t"].sum()
        oxide = [tonnes.get(name, 0.0) / kg_per_magnet(name) for name in COMMODITIES[M:]]
        return float(sum(tonnes.get(name, 0.0) for name in COMMODITIES[:M]) + max(oxide)) / demand[year]

    assert found["china_share"] == pytest.approx(max(dependence("China", year) for year in from_target))
    abroad = {route.origin for route in routes.values()} - {"India"}
    assert found["largest_share"] == pytest.approx(
        max(dependence(origin, year) for origin in abroad for year in from_target)
    )
    built = mix.capacity[mix.capacity["added_t"] > 0]
    spent = sum(
        evidence.value(routes[r].build.capex) * 1e3 * tonnes / 1e7  # type: ignore[union-attr]  # INR/kg and t/y to INR crore
        for r, tonnes in zip(built["route"], built["added_t"], strict=True)
    )
    assert found["investment_crore"] == pytest.approx(spent)
    assert found["reserve_t"] == pytest.approx(mix.reserve.groupby("year")["stock_t"].sum().max())
    short = mix.shortage.merge(mix.states[["state", "probability"]], on="state")
    lost = (short["short_t"] * short["probability"]).groupby(short["year"]).sum()
    assert found["expected_shortfall"] == pytest.approx(
        np.mean([lost.get(year, 0.0) / demand[year] for year in from_target]), abs=1e-9
    )
    price = {sector.id: evidence.value(sector.penalty) for sector in evidence.sectors.values()}
    harm = (short["short_t"] * short["probability"] * short["sector"].map(price))[short["year"] >= 2027].sum()
    assert found["harm_crore"] == pytest.approx(harm / sum(year >= 2027 for year in c.years) * choice.rupee / 1e4)


@pytest.mark.parametrize("name", ["default, mix", "late, mix", "everything, mix", "made at home, mix"])
def test_carbon_public_money_and_concentration_follow_from_facts_and_tables(
    mixes: dict[str, Mix], evidence: Evidence, name: str
) -> None:
    """Each fact is looked up by its id and each row counted once."""
    mix, routes, value = mixes[name], evidence.routes, evidence.value
    c, found = mix.case, mix.indicators
    first = min(year for year in c.years if year >= max(mix.choice.target_year, 2027))
    demand = float(mix.years.set_index("year")["demand_t"][first])
    rows = mix.table[mix.table["year"] == first]
    footprint = [routes[r.route].carbon for r in rows.itertuples()]
    kg = [
        value(each.get(row.commodity) or each["average"])
        for each, row in zip(footprint, rows.itertuples(), strict=True)
    ]
    assert found["carbon"] == pytest.approx(float((rows["planned_t"] * kg).sum()) / demand)
    magnets = rows[rows["commodity"].isin(COMMODITIES[:M])]
    shares = magnets.groupby(magnets["route"].map(lambda r: routes[r].origin))["delivered_expected_t"].sum()
    assert found["hhi"] == pytest.approx(1e4 * float(((shares / shares.sum()) ** 2).sum()))

    def a_tonne(route: str) -> float:
        build = routes[route].build
        assert build is not None
        if build.scheme == "magnet":
            years = value("magnet_incentive_years") * (value(build.utilisation) if build.utilisation else 1.0)
            return (years * value("repm_incentive_inr") + value("repm_subsidy_inr")) / 1e4
        share = {"recycling": value("recycling_subsidy_share"), "mission": 1.0}.get(str(build.scheme), 0.0)
        return share * value(build.capex) / 1e4

    built = mix.capacity[mix.capacity["added_t"] > 0]
    schemes = sum(a_tonne(row.route) * row.added_t for row in built.itertuples())
    stock = sum(
        row.filled_t * stock_price(c)[COMMODITIES.index(row.commodity), c.years.index(row.year)] * c.rupee / 1e4
        for row in mix.reserve.itertuples()
    )
    assert schemes > 0
    assert found["public_crore"] == pytest.approx(schemes + stock)


def test_the_tables_say_what_the_arrays_say(mixes: dict[str, Mix]) -> None:
    """Totals of every table equal the totals of the mix, with no row lost and no negative entry."""
    for name in ("default, mix", "everything, mix", "no limits, today"):
        mix = mixes[name]
        table = mix.table
        assert table["planned_t"].sum() == pytest.approx(mix.plan.sum(), rel=1e-9)
        assert table["delivered_expected_t"].sum() == pytest.approx(
            (mix.deliver @ mix.case.probability).sum(), rel=1e-9
        )
        assert table["delivered_undisturbed_t"].sum() == pytest.approx(mix.deliver[..., 0].sum(), rel=1e-9)
        assert (table[["planned_t", "delivered_expected_t", "cost_usd_per_kg"]] >= 0).all().all()
        assert mix.shortage["short_t"].sum() == pytest.approx(mix.short.sum(), rel=1e-9, abs=1e-9)
        assert mix.reserve["stock_t"].sum() == pytest.approx(mix.stock.sum(), rel=1e-9, abs=1e-9)
        assert mix.capacity["added_t"].sum() == pytest.approx(mix.add.sum(), rel=1e-9)
        assert mix.states["probability"].sum() == pytest.approx(1.0)
        assert mix.years["supply_kusd"].to_numpy() @ mix.case.discount == pytest.approx(mix.supply_cost_kusd)
        assert mix.outcomes.groupby("year")["supply_kusd"].apply(
            lambda paid, p=mix.case.probability: paid.to_numpy() @ p
        ).to_numpy() == pytest.approx(mix.supply_year)  # fmt: skip
        for state in mix.case.states:
            in_state = mix.delivered(state)
            k = mix.case.states.index(state)
            assert in_state["delivered_t"].sum() == pytest.approx(mix.deliver[..., k].sum(), rel=1e-9)


def test_an_unknown_state_is_refused(mixes: dict[str, Mix]) -> None:
    """A wrong name must not show another state's numbers."""
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is the claim
        mixes["default, mix"].delivered("nowhere")


def test_the_index_of_concentration_is_the_published_one() -> None:
    """2024 mine output of the eight producers of the USGS list gives 5,013."""
    assert hhi(np.array([270_000, 45_000, 31_000, 13_000, 13_000, 13_000, 2_900, 2_500])) == pytest.approx(5_013, abs=1)
    assert hhi(np.array([7.0])) == 10_000
    assert hhi(np.zeros(3)) == 0
    assert hhi(np.ones(4)) == pytest.approx(2_500)


def test_the_money_of_a_mix_moves_with_the_rupee_only_where_it_should(engine: Engine) -> None:
    """The same plan in other rupees: capital in crore stays, because Indian costs are facts in rupees."""
    dear, cheap = (engine.assembler.case(off_choice(rupee=rupee)) for rupee in (75, 130))
    np.testing.assert_allclose(dear.capital * dear.rupee, cheap.capital * cheap.rupee, rtol=1e-12)
    home = [r in ("indian_plants", "irel_oxide", "substitution") for r in dear.routes]
    np.testing.assert_allclose(dear.price[home] * dear.rupee, cheap.price[home] * cheap.rupee, rtol=1e-12)
    abroad = [o != "India" for o in dear.origins]
    np.testing.assert_allclose(dear.price[abroad], cheap.price[abroad], rtol=1e-12)


def test_a_mix_meets_every_row_of_a_program_written_anew(engine: Engine) -> None:
    """The proof comes from the solver's own memory; so the rows are written again from nothing and each is checked at the mix."""
    choice = STORIES["everything"].changed(home_limit=10)
    case = engine.assembler.case(choice)
    with engine.worker() as worker:
        values = worker.solve(case).values
    fresh = Program(case)
    for variable, value in zip(fresh.sheet.variables, values, strict=True):
        variable.varValue = float(value)
        assert variable.lowBound is None or value >= variable.lowBound - 1e-6, variable.name
        assert variable.upBound is None or value <= variable.upBound + 1e-6, variable.name
    for name in fresh.sheet.row_names:
        row = fresh.sheet.problem.constraints[name]
        size = max((abs(x) for x in row.values()), default=1.0)
        assert row.valid(1e-6 * max(1.0, size, abs(row.constant))), name
    cost_of = sum(x * v.varValue for v, x in fresh.sheet.problem.objective.items())
    assert cost_of == pytest.approx(engine.mix(choice).objective_kusd, rel=1e-9)


def test_every_limit_lever_is_one_column(engine: Engine) -> None:
    """The price of a limit is its column's reduced cost, so each has one, held at the lever's value."""
    program = Program(engine.assembler.case(Choice()))
    for name in (*LIMITS, *BUDGETS):
        column = program.limit(name)
        assert column.name == name
        assert column.lowBound == column.upBound
