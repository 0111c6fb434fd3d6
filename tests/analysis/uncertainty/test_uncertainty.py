"""Claims about doubt: facts moved to the ends of their ranges, switching values, sampled worlds, and when a plan fails."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from model.analysis.uncertainty import robustness
from model.analysis.uncertainty.perturbation import MONEY, Solver, Weights, Worlds, span, uncertain
from model.analysis.uncertainty.prim import Condition, find_box, measured
from model.analysis.uncertainty.robustness import ADOPTED, CHEAPEST, MEASURES, SAFEST, Sample, SampleError, sample
from model.analysis.uncertainty.sampling import draw, triangle
from model.analysis.uncertainty.scenario_discovery import FailureError, conditions, failure
from model.analysis.uncertainty.tornado import DoubtError, checked_facts, switching, tornado
from model.engine.engine import Engine
from model.errors import EvidenceError, InputError, SolverFailed
from model.evidence.loading import load_evidence
from model.evidence.schema import METHOD
from model.evidence.store import Evidence
from model.formulation.levers import Choice
from model.formulation.program import Program
from model.formulation.states import UNDISTURBED, event_probabilities
from model.parallel.processes import share_out
from tests.support.paper import World, off_choice, small_world, yearly_crore

CHOICE = Choice(china_limit=60, shortfall_limit=40)
RANGES = {
    "china_price_ndfeb_2030": (40, 90), "japan_volume_2030": (60, 200), "squeeze_chance": (0.1, 0.3), "embargo_months": (6, 24),
    "cars_demand_2035": (300, 800), "plants_first": (2028, 2031), "plants_use": (0.6, 0.95),
    "plants_ndpr_oxide_per_ndfeb": (0.3, 0.5), "tail_share": (0.01, 0.2), "china_carbon": (20, 40),
}  # fmt: skip


def ranged(world: World, folder: Path, ranges: dict[str, tuple[float, float]]) -> Evidence:
    """A world in which some facts have ranges."""
    world.write(folder)
    for fact in world.facts:
        if fact["id"] in ranges:
            fact["low"], fact["high"] = ranges[fact["id"]]
    (folder / "facts" / "paper.yaml").write_text(yaml.safe_dump(world.facts, sort_keys=False), encoding="utf-8")
    return load_evidence(folder)


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The small world with ranges for some of its facts, and all its states."""
    return Engine(ranged(small_world(), tmp_path_factory.mktemp("doubtful"), RANGES), None)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """100 t a year from China at 50 or Japan at 80 USD/kg; the Chinese price may be 40 to 120, the demand 90 to 130 t."""
    world = World().route("china", 50, 100, today="fills").route("japan", 80, 100, "Japan").sector("users", 100, 1000)
    ranges = {"china_price_average_2030": (40, 120), "users_demand_2030": (90, 130), "japan_carbon": (0, 5)}
    return Engine(ranged(world, tmp_path_factory.mktemp("two"), ranges), None)


@pytest.fixture(scope="module")
def drawn(doubtful: Engine) -> Sample:
    """A hundred sampled worlds of the small world."""
    return sample(doubtful, CHOICE, 100, seed=7, processes=0)


# -- facts moved one at a time ----------------------------------------------------------------------------------------


def test_only_facts_with_a_range_that_the_case_can_depend_on_are_doubtful(evidence: Evidence) -> None:
    """Left out: facts without a range, facts of the method, and facts that only replays of history use."""
    names = {fact.id for fact in uncertain(evidence)}
    assert all(span(evidence.facts[name])[0] < span(evidence.facts[name])[1] for name in names)
    assert not names & set(METHOD)
    assert "indian_conversion_cost" in names, "it enters through a derived fact"
    assert "history_2011_ndpr" not in names
    assert len(names) > 100


def test_an_end_of_a_bar_is_the_answer_of_an_engine_built_on_that_evidence(doubtful: Engine) -> None:
    """The live program with numbers pushed must agree with the whole model built anew: also where feed, use of plants, demand,
    probabilities and the first year of plants move, which are not levers."""
    found = tornado(doubtful, CHOICE, processes=0)
    assert {bar.fact for bar in found.bars} == set(RANGES) - {"tail_share"}
    base = doubtful.mix(CHOICE)
    assert found.total_crore == pytest.approx(yearly_crore(base)[0], rel=1e-6)
    for bar in found.bars:
        for end in bar.ends:
            fresh = Engine(doubtful.evidence.with_values({bar.fact: end.value}), None)
            if not end.possible:
                continue
            mix = fresh.mix(CHOICE)
            change = np.subtract(yearly_crore(mix), yearly_crore(base))
            assert (end.total_crore, end.bill_crore, end.harm_crore) == pytest.approx(
                change.tolist(), abs=1e-5 * found.total_crore
            )
            assert end.tail == pytest.approx(mix.indicators["tail_shortfall"], abs=1e-5)


def test_a_fact_that_the_limits_do_not_use_changes_nothing(doubtful: Engine) -> None:
    """The footprint of Chinese magnets is worth nothing without a limit on carbon; the mix is then the very same."""
    (bar,) = tornado(doubtful, CHOICE, ("china_carbon",), processes=0).bars
    assert all(end.total_crore == 0.0 and end.moved_share == 0.0 and not end.switches for end in bar.ends)
    assert bar.switch is None


def test_the_tornado_works_with_a_premium_and_another_aim(doubtful: Engine) -> None:
    """Both lean on the cheapest mix of the moved world, not of the world as it is."""
    choice = CHOICE.changed(premium_limit=20, aim="shortfall")
    (bar,) = tornado(doubtful, choice, ("china_price_ndfeb_2030",), processes=0).bars
    for end in bar.ends:
        mix = Engine(doubtful.evidence.with_values({bar.fact: end.value}), None).mix(choice)
        assert end.tail == pytest.approx(mix.indicators["tail_shortfall"], abs=1e-4)


def test_an_end_where_no_mix_meets_the_limits_is_said_to_be_impossible(two: Engine) -> None:
    """At 130 t of demand two routes of 100 t with at most half from China are enough; at 10 % from China they are not even at 90 t
    without shortage, so the limit on shortfall cannot be kept where demand is high."""
    choice = off_choice(china_limit=10, shortfall_limit=5)
    (bar,) = tornado(two, choice, ("users_demand_2030",), processes=0).bars
    assert bar.low.possible
    assert not bar.high.possible
    assert bar.high.switches
    assert bar.switch is not None
    assert 100 < bar.switch <= 130
    row = tornado(two, choice, ("users_demand_2030",), processes=0).frame.iloc[1]
    assert not row["possible"]
    assert np.isnan(row["total_crore"])


def test_a_value_that_a_fact_cannot_have_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    """Two shares that would sum to more than 1: no mix was looked for there, so it counts neither as a clash nor as a switch."""
    world = World().route("china", 50, 200, products=("ndfeb", "ndfeb_hc", "smco"), today="fills")
    world.sector("users", 100, 1000, {"ndfeb_hc": 0.5, "smco": 0.4})
    ranges = {"users_share_ndfeb_hc_2030": (0.1, 0.9), "china_price_average_2030": (40, 60)}
    found = tornado(Engine(ranged(world, tmp_path, ranges), None), off_choice(), processes=0)
    share = next(bar for bar in found.bars if bar.fact == "users_share_ndfeb_hc_2030")
    assert share.low.possible
    assert "users" in share.high.refused
    assert not share.high.switches
    assert share.switch is None
    assert found.ranked()[0].fact == "china_price_average_2030"
    assert "because no mix meets" not in found.sentence


def test_bars_of_another_choice_or_evidence_are_left_aside(two: Engine) -> None:
    """Bars given as ready are of use only where the question is the same; the very same are not worked out again."""
    price = "china_price_average_2030"
    moved = Engine(two.evidence.with_values({"japan_price_average_2030": 100.0}), None)
    alone = tornado(two, off_choice(), (price,), processes=0)
    for engine, choice in ((two, off_choice(china_limit=40)), (moved, off_choice())):
        other = tornado(engine, choice, (price,), processes=0)
        assert other.bars != alone.bars
        found = tornado(two, off_choice(), (price,), processes=0, before=other)
        assert found == alone
    seen: list[int] = []
    assert tornado(two, off_choice(), (price,), processes=0, progress=lambda *x: seen.append(1), before=alone) == alone
    assert not seen


def test_the_switching_value_is_where_the_dearer_route_becomes_the_cheaper(two: Engine) -> None:
    """Japan costs 80: below that all comes from China, above it from Japan. Found to 1/64 of the way from 50 to 120."""
    found = switching(two, off_choice(), "china_price_average_2030")
    assert found.value is not None
    assert 80 <= found.value <= 80 + 70 / 64 + 1e-6
    assert found.there is not None
    assert (found.there.came, found.there.went) == (("japan",), ("china",))
    words = found.sentence({"china": "Chinese magnets", "japan": "Japanese magnets"})
    assert "only if “china price average 2030” is above" in words
    assert "Japanese magnets" in words


def test_looked_for_in_a_narrower_range_there_is_no_switching_value(two: Engine) -> None:
    found = switching(two, off_choice(), "china_price_average_2030", 45, 75)
    assert found.value is None
    assert "does not change the choice of routes" in found.sentence({})


def test_bars_are_ranked_by_their_swing(doubtful: Engine) -> None:
    found = tornado(doubtful, CHOICE, processes=0)
    for by in ("total_crore", "moved_share"):
        widths = [max(abs(getattr(e, by)) if e.possible else np.inf for e in bar.ends) for bar in found.ranked(by)]
        assert widths == sorted(widths, reverse=True)
    assert len(found.frame) == 2 * len(found.bars)
    assert {"total_crore", "tail_shortfall", "moved_share", "switch_value"} <= set(found.frame.columns)


def test_a_helper_process_finds_the_same_as_this_one(doubtful: Engine) -> None:
    """Evidence and choice travel to another process whole."""
    facts = ("china_price_ndfeb_2030", "plants_first")
    here, there = (tornado(doubtful, CHOICE, facts, processes=n) for n in (0, 1))
    for one, other in zip(here.bars, there.bars, strict=True):
        assert one.fact == other.fact
        for mine, theirs in zip(one.ends, other.ends, strict=True):
            assert theirs == replace(mine, **{
                name: pytest.approx(getattr(mine, name), abs=1e-6)
                for name in ("total_crore", "bill_crore", "harm_crore", "tail", "moved_share")
            })  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "word"),
    [((), "no fact was selected"), (("moon",), "no such fact"), (("tail_share",), "no range that the model uses")],
)
def test_facts_that_cannot_be_moved_are_refused_in_a_sentence(
    doubtful: Engine, facts: tuple[str, ...], word: str
) -> None:
    with pytest.raises(DoubtError, match=word):
        tornado(doubtful, CHOICE, facts, processes=0)
    with pytest.raises(DoubtError, match=word):
        sample(doubtful, CHOICE, 10, facts=facts, processes=0)


def test_switching_refuses_a_range_without_the_fact_itself(two: Engine) -> None:
    with pytest.raises(InputError, match="50 does not lie between 60 and 70"):
        switching(two, off_choice(), "china_price_average_2030", 60, 70)


def test_a_value_that_cannot_be_is_refused_with_the_name_of_the_fact(doubtful: Engine) -> None:
    worlds = Worlds(doubtful.evidence, doubtful.states)
    for values in ({"moon": 1.0}, {"squeeze_chance": 1.7}, {"cars_share_ndfeb_hc_2030": -0.5}):
        with pytest.raises(EvidenceError, match=next(iter(values))):
            worlds.assembler(values)


# -- states under other facts -----------------------------------------------------------------------------------------


def test_the_kept_states_keep_their_weights_when_no_fact_moves(engine: Engine) -> None:
    for likelihood in (0.5, 1.0, 1.8):
        weights = Weights(engine.states).at(engine.evidence, likelihood)
        assert weights == pytest.approx(engine.states.probability(likelihood), abs=1e-6)


def test_every_event_keeps_its_own_probability_when_it_is_moved(engine: Engine) -> None:
    """An embargo of 8 % instead of 4 % has 8 % among the kept states too; all others stay as they were."""
    moved = engine.evidence.with_values({"scenario_full_embargo": 0.08, "partner_shock_probability": 0.2})
    weights = Weights(engine.states).at(moved, 1.0)
    assert weights.sum() == pytest.approx(1.0)
    for name, probability in event_probabilities(moved).items():
        mine = sum(w for w, s in zip(weights, engine.states.states, strict=True) if name in s.events)
        assert mine == pytest.approx(probability, abs=1e-9)
    assert engine.states.states[0].id == UNDISTURBED


def test_what_only_says_what_things_cost_stands_in_no_other_row_than_the_costs(doubtful: Engine) -> None:
    """Neither a budget nor any other limit has such a coefficient, so a plan that was possible stays so when these numbers move."""
    program = Program(doubtful.assembler.case(Choice(mission_budget=900)))
    sheet = program.sheet
    costs = {row for family in ("adds_up_costs", "discounts_the_total") for row in program.families[family]}
    places = [at for row, _, at, _ in sheet.matrix_slots if row not in costs]
    places += [at for row, at, _ in sheet.row_slots if row not in costs]
    places += [at for key in ("low", "high") for _, at, _ in sheet.column_slots[key]]
    names, starts = list(sheet.offsets), list(sheet.offsets.values())
    used = {names[bisect_right(starts, at) - 1] for at in places}
    assert {"stock_crore", "public", "feed", "demand", "lever_mission_budget"} <= used
    assert not used & MONEY


def test_the_solver_of_moved_facts_comes_back_to_where_it_was(doubtful: Engine) -> None:
    """After any number of moves the world as it is has the same mix: nothing of a moved world is left in the program."""
    solver = Solver(Worlds(doubtful.evidence, doubtful.states), CHOICE)
    for name in ("plants_use", "cars_demand_2035", "plants_ndpr_oxide_per_ndfeb"):
        solver.mix({name: RANGES[name][0]})
    again = solver.mix({"china_price_ndfeb_2030": doubtful.evidence.value("china_price_ndfeb_2030") + 1e-9})
    assert again.total_kusd == pytest.approx(solver.base.total_kusd, rel=1e-8)
    assert np.abs(again.plan - solver.base.plan).max() < 1e-2


# -- sampled worlds ---------------------------------------------------------------------------------------------------


def test_with_ranges_shrunk_to_points_every_world_costs_what_the_plan_costs(doubtful: Engine) -> None:
    """The mean of the sample is then the deterministic cost, for each of the three plans."""
    found = sample(doubtful, CHOICE, 5, shrink=0.0, processes=0)
    answer = doubtful.answer(CHOICE)
    for plan, mix in ((ADOPTED, answer.mix), (CHEAPEST, answer.cheapest)):
        cost = found.of("total_crore", plan)
        assert cost.mean() == pytest.approx(yearly_crore(mix)[0], rel=1e-7)
        assert np.ptp(cost) < 1e-6 * cost.mean()
        assert found.of("tail_shortfall", plan).mean() == pytest.approx(mix.indicators["tail_shortfall"], abs=1e-6)
    assert found.base[0, 0] == pytest.approx(found.of("total_crore").mean())


def test_with_ranges_shrunk_to_points_the_real_plan_costs_what_it_costs(engine: Engine) -> None:
    """The same on the shipped evidence and its kept states."""
    found = sample(engine, Choice(), 1, shrink=0.0, processes=0)
    for plan, mix in zip(found.plans, (engine.mix(Choice()), engine.cheapest(Choice())), strict=False):
        parts = [found.of(name, plan)[0] for name in ("total_crore", "bill_crore", "harm_crore")]
        assert parts == pytest.approx(yearly_crore(mix), rel=1e-7)


def test_the_same_seed_draws_the_same_worlds_and_another_does_not(doubtful: Engine, drawn: Sample) -> None:
    again = sample(doubtful, CHOICE, 100, seed=7, processes=0)
    assert np.array_equal(again.values, drawn.values)
    assert np.allclose(again.measures, drawn.measures, rtol=1e-6, atol=1e-6)
    facts = uncertain(doubtful.evidence)
    assert not np.array_equal(draw(facts, 100, 7), draw(facts, 100, 8))
    assert "seed 7" in drawn.sentence


def test_each_fact_is_drawn_once_from_each_slice_of_its_triangle(evidence: Evidence) -> None:
    """Latin hypercube: of 200 worlds just one lies in each 200th of every distribution; and all lie within the range."""
    facts = [f for f in uncertain(evidence) if f.unit != "calendar year"][:40]
    values = draw(tuple(facts), 200, 1)
    for i, fact in enumerate(facts):
        low, high = span(fact)
        assert low <= values[:, i].min() <= values[:, i].max() <= high
        edges = triangle(np.linspace(0, 1, 201), low, float(fact.value), high)
        counts, _ = np.histogram(values[:, i], edges)
        assert counts.sum() == 200
        assert (counts == 1).mean() > 0.99


def test_the_triangle_has_its_mode_at_the_value_and_its_mean_where_it_belongs() -> None:
    """Mean of a triangle: (low + mode + high) / 3; the share below the mode: (mode - low) / (high - low)."""
    x = triangle((np.arange(100_000) + 0.5) / 100_000, 2.0, 3.0, 8.0)
    assert x.mean() == pytest.approx(13 / 3, abs=1e-3)
    assert (x < 3.0).mean() == pytest.approx(1 / 6, abs=1e-3)
    assert np.all(triangle(np.linspace(0, 1, 5), 4.0, 4.0, 4.0) == 4.0)


def test_calendar_years_are_drawn_as_whole_years(drawn: Sample) -> None:
    years = drawn.inputs["plants_first"]
    assert set(years) <= {2028.0, 2029.0, 2030.0, 2031.0}
    assert years.nunique() > 2


def test_regret_is_against_the_best_of_the_three_in_the_same_world(drawn: Sample) -> None:
    assert drawn.plans == (ADOPTED, CHEAPEST, SAFEST)
    assert drawn.regret.min() >= 0.0
    assert np.all(drawn.regret.min(axis=1) == 0.0)
    frame = drawn.frame
    assert len(frame) == 300
    best = frame.groupby("world")["total_crore"].transform("min")
    assert np.allclose(frame["total_crore"] - best, frame["regret_crore"])


def test_as_it_is_no_plan_is_cheaper_than_the_cheapest_nor_safer_than_the_safest(drawn: Sample) -> None:
    total, tail = drawn.base[:, 0], drawn.base[:, MEASURES.index("tail_shortfall")]
    assert total.argmin() == drawn.plans.index(CHEAPEST)
    assert tail[drawn.plans.index(SAFEST)] <= tail.min() + 1e-6


def test_bill_and_harm_add_up_in_every_world(drawn: Sample) -> None:
    assert np.allclose(drawn.of("bill_crore") + drawn.of("harm_crore"), drawn.of("total_crore"))
    summary = drawn.summary.set_index(["plan", "measure"])
    assert summary.loc[(ADOPTED, "total_crore"), "mean"] == pytest.approx(drawn.of("total_crore").mean())
    assert summary.loc[(ADOPTED, "total_crore"), "p05"] <= summary.loc[(ADOPTED, "total_crore"), "p95"]


def test_worlds_that_cannot_be_are_left_out_and_counted(tmp_path: Path) -> None:
    """Two shares that may sum to more than 1 do so in some worlds."""
    world = World().route("china", 50, 200, products=("ndfeb", "ndfeb_hc", "smco"), today="fills")
    world.sector("users", 100, 1000, {"ndfeb_hc": 0.5, "smco": 0.4})
    ranges = {"users_share_ndfeb_hc_2030": (0.1, 0.9), "users_share_smco_2030": (0.1, 0.6)}
    found = sample(Engine(ranged(world, tmp_path, ranges), None), off_choice(), 50, processes=0)
    assert 0 < found.impossible < 50
    assert len(found.measures) == 50 - found.impossible
    assert not np.isnan(found.measures).any()


def test_stopped_early_it_keeps_the_worlds_that_are_ready(doubtful: Engine) -> None:
    seen: list[tuple[int, int]] = []
    found = sample(doubtful, CHOICE, 60, processes=0, progress=lambda *x: seen.append(x), stop=lambda: len(seen) >= 3)
    assert not found.complete
    assert len(found.measures) == 20
    assert seen == [(0, 60), (10, 60), (20, 60)]


def test_a_stopped_sample_goes_on_and_ends_as_if_it_had_never_been_stopped(doubtful: Engine) -> None:
    """What was ready is not worked out again, so progress begins where it had ended; the worlds are the same."""
    seen: list[tuple[int, int]] = []
    part = sample(doubtful, CHOICE, 60, processes=0, progress=lambda *x: seen.append(x), stop=lambda: len(seen) >= 3)
    assert 0 < len(part.measures) < 60
    assert not part.complete
    seen.clear()
    found = sample(doubtful, CHOICE, 60, processes=0, progress=lambda *x: seen.append(x), before=part)
    whole = sample(doubtful, CHOICE, 60, processes=0)
    assert found.complete
    assert min(done for done, _ in seen) >= len(part.measures)
    for name in ("values", "measures", "drivers", "base"):
        assert getattr(found, name) == pytest.approx(getattr(whole, name), rel=1e-6, abs=1e-6), name
    assert found.impossible == whole.impossible


def test_part_of_another_sample_is_left_aside(doubtful: Engine) -> None:
    """The same draws under other levers or other evidence are other worlds; their numbers must not slip in."""
    elsewhere = next(
        name for name, fact in doubtful.evidence.facts.items() if not fact.formula and fact.unit == "USD/kg"
    )
    moved = Engine(doubtful.evidence.with_values({elsewhere: 3 * doubtful.evidence.value(elsewhere)}), None)
    names = checked_facts(doubtful.evidence, None)
    others = {
        "levers": sample(doubtful, CHOICE.changed(reserve_days=60), 20, facts=names[:1], processes=0),
        "evidence": sample(moved, CHOICE, 20, facts=names[:1], processes=0),
    }
    alone = sample(doubtful, CHOICE, 20, facts=names[:1], processes=0)
    for what, part in others.items():
        found = sample(doubtful, CHOICE, 20, facts=names[:1], processes=0, before=part)
        np.testing.assert_allclose(found.measures, alone.measures, err_msg=what)
        np.testing.assert_allclose(found.base, alone.base, err_msg=what)


def test_part_of_a_sample_over_other_facts_is_left_aside(tmp_path: Path) -> None:
    """Two prices with the same range are drawn alike, number for number, and yet mean other worlds."""
    world = World().route("china", 50, 80, today="fills").route("japan", 50, 40, "Japan").sector("users", 100, 1000)
    china, japan = "china_price_average_2030", "japan_price_average_2030"
    same = Engine(ranged(world, tmp_path, {china: (40, 120), japan: (40, 120)}), None)
    other = sample(same, off_choice(), 20, facts=(japan,), processes=0)
    alone = sample(same, off_choice(), 20, facts=(china,), processes=0)
    np.testing.assert_array_equal(other.values, alone.values)
    assert not np.allclose(other.measures, alone.measures)
    found = sample(same, off_choice(), 20, facts=(china,), processes=0, before=other)
    np.testing.assert_allclose(found.measures, alone.measures)


def test_a_sample_that_is_whole_already_asks_for_no_world(doubtful: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even for the facts as they are, which the part before has."""
    whole = sample(doubtful, CHOICE, 20, processes=0)
    asked: list[int] = []
    monkeypatch.setattr(
        robustness,
        "share_out",
        lambda task, pieces, *more: (asked.append(len(pieces)), share_out(task, pieces, *more))[1],
    )
    again = sample(doubtful, CHOICE, 20, processes=0, before=whole)
    assert asked == [0]
    np.testing.assert_array_equal(again.base, whole.base)
    np.testing.assert_array_equal(again.measures, whole.measures)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"worlds": 0}, "worlds"), ({"worlds": 10**6}, "worlds"), ({"worlds": 2.5}, "worlds"), ({"seed": -1}, "seed"),
     ({"seed": "x"}, "seed"), ({"shrink": 1.4}, "shrink")],
)  # fmt: skip
def test_an_impossible_sample_is_refused_in_a_sentence(doubtful: Engine, values: dict[str, object], field: str) -> None:
    with pytest.raises(SampleError, match=f"^{field}: "):
        sample(doubtful, CHOICE, **{"worlds": 10, "processes": 0, **values})  # type: ignore[arg-type]


# -- when a plan fails ------------------------------------------------------------------------------------------------


def planted(worlds: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Worlds of 60 inputs between 0 and 1, of which the first above 0.6 and the second below 0.5 together make it fail, in 19 of 20
    cases, and anything else in 1 of 20."""
    random = np.random.default_rng(seed)
    inputs = random.random((worlds, 60))
    inside = (inputs[:, 0] > 0.6) & (inputs[:, 1] < 0.5)
    return inputs, np.where(inside, random.random(worlds) < 0.95, random.random(worlds) < 0.05)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_planted_box_is_found_with_its_edges(seed: int) -> None:
    """Among 60 inputs just the two that matter are named, within 0.1 of where the edge was planted, and they separate in worlds that
    were not used to find them."""
    box = find_box(*planted(1000, seed))
    found = {c.input: c for c in box.conditions}
    assert {0, 1} <= set(found)
    assert found[0].low == pytest.approx(0.6, abs=0.1)
    assert found[1].high == pytest.approx(0.5, abs=0.1)
    assert box.density > 0.75
    assert box.coverage > 0.55
    assert box.separates


def test_the_stated_coverage_and_density_hold_in_fresh_worlds() -> None:
    """What is said of the box is about as true of worlds that nobody has looked at."""
    box = find_box(*planted(2000, 1))
    fresh = measured(box.conditions, *planted(20_000, 99))
    assert fresh.density == pytest.approx(box.density, abs=0.06)
    assert fresh.coverage == pytest.approx(box.coverage, abs=0.08)


def test_where_failing_is_chance_no_condition_is_claimed() -> None:
    """Of five samples of pure chance at most one may give a box."""
    boxes = []
    for seed in range(5):
        random = np.random.default_rng(seed)
        boxes.append(find_box(random.random((1000, 60)), random.random(1000) < 0.3))
    assert sum(bool(box.conditions) for box in boxes) <= 1


@pytest.mark.parametrize("fails", [np.zeros(100, bool), np.ones(100, bool)])
def test_where_nothing_or_everything_fails_there_is_no_box(fails: np.ndarray) -> None:
    box = find_box(np.random.default_rng(1).random((100, 5)), fails)
    assert box.conditions == ()
    assert box.base == fails.mean()


def test_coverage_and_density_are_counted_by_hand() -> None:
    """Three of ten worlds have x >= 7 and all fail; of five failures three lie there: density 3/3, coverage 3/5."""
    x = np.arange(10, dtype=float)[:, None]
    fails = np.isin(np.arange(10), [1, 2, 7, 8, 9])
    box = measured((Condition(0, 7.0, None),), x, fails)
    assert (box.base, box.share, box.density, box.coverage) == (0.5, 0.3, 1.0, 0.6)


def test_the_conditions_of_a_sample_are_told_with_how_well_they_separate(drawn: Sample) -> None:
    line = failure(drawn)
    assert 0.1 <= line.mask(drawn).mean() <= 0.4
    told = conditions(drawn, line)
    assert line.words in told.sentence
    if told.box.conditions:
        assert "(coverage)" in told.sentence
        assert "(density)" in told.sentence
        assert set(told.frame["input"]) <= set(drawn.inputs.columns)


def test_a_line_can_be_drawn_by_hand_and_a_bad_one_is_refused(drawn: Sample) -> None:
    line = failure(drawn, "total_crore", 10.0)
    assert line.mask(drawn).all()
    assert "INR 10 crore" in conditions(drawn, line).sentence
    for measure, above, word in (
        ("luck", None, "measure"),
        ("tail_shortfall", "much", "above"),
        ("tail_shortfall", float("inf"), "above"),
    ):
        with pytest.raises(FailureError, match=f"^{word}: "):
            failure(drawn, measure, above)  # type: ignore[arg-type]


# -- helpers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Doubling:
    """A task for helpers: twice the piece; the piece 13 kills the helper, the piece -1 raises."""

    def ready(self) -> Callable[[int], int]:
        def work(piece: int) -> int:
            if piece == 13:
                os._exit(1)
            if piece < 0:
                raise EvidenceError("a negative piece")
            return 2 * piece

        return work


@pytest.mark.parametrize("processes", [0, 2])
def test_results_come_back_with_their_places(processes: int) -> None:
    found = dict(share_out(Doubling(), list(range(12)), processes))
    assert found == {i: 2 * i for i in range(12)}


@pytest.mark.parametrize("processes", [-1, True, 1.5, "2"])
def test_helpers_that_cannot_be_counted_are_refused_and_not_waited_for(processes: object) -> None:
    with pytest.raises(InputError, match="^processes: "):
        list(share_out(Doubling(), [1, 2], processes, stop=lambda: True))  # type: ignore[arg-type]


def test_a_helper_that_dies_is_a_sentence_and_not_a_hang() -> None:
    with pytest.raises(SolverFailed, match="a helper process ended before its work was done"):
        dict(share_out(Doubling(), [1, 13, 2], 1))


@pytest.mark.parametrize("processes", [0, 1])
def test_what_a_piece_raises_is_raised_here(processes: int) -> None:
    with pytest.raises(EvidenceError, match="a negative piece"):
        dict(share_out(Doubling(), [1, -1], processes))


def test_asked_to_stop_the_helpers_end() -> None:
    done: list[int] = []
    found = list(share_out(Doubling(), list(range(50)), 1, lambda n, _: done.append(n), lambda: len(done) >= 3))
    assert len(found) == 3
