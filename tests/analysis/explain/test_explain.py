"""Claims about what binds, what clashes, where capacity is worth most, and the proof of the optimum."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from model.analysis.explain.binding_limits import limits_in_words
from model.analysis.explain.bottlenecks import bottlenecks, more_of
from model.analysis.explain.infeasibility import Clash, applied, explain_clash
from model.analysis.explain.limit_sentences import LimitReport, Step
from model.analysis.explain.what_if import Trials
from model.analysis.validation.second_solver import proof_in_words, second_opinion
from model.engine.active_limits import NoMix
from model.engine.engine import Engine
from model.engine.worker import Worker
from model.errors import Infeasible
from model.formulation.levers import Choice, lever_named, looser, loosest
from model.results.mix import Mix

BASE = Choice(
    china_limit=70, shortfall_limit=20, target_year=2030, premium_limit=100, country_limit=100, investment_limit=30000,
    home_limit=0, carbon_limit=60, concentration_limit=10, vital_limit=100, reserve_days=60, aim="cost",
)  # fmt: skip
POSSIBLE = {
    "china": {"china_limit": 62, "shortfall_limit": 100},
    "china and shortfall": {"china_limit": 75, "shortfall_limit": 15, "reserve_days": 90},
    "one country and no shortage of vital users": {"china_limit": 100, "country_limit": 65, "vital_limit": 0, "premium_limit": 5},
    "investment and carbon": {"investment_limit": 3000, "carbon_limit": 29, "shortfall_limit": 100},
    "made in India": {"china_limit": 80, "home_limit": 19, "shortfall_limit": 100, "magnet_budget": 3000},
}  # fmt: skip
CLASHES = {
    "little China and little shortfall": {"china_limit": 45, "shortfall_limit": 6},
    "more made in India than India can make": {"home_limit": 55, "china_limit": 90, "shortfall_limit": 100},
    "hardly any premium": {"china_limit": 52, "premium_limit": 0.5, "shortfall_limit": 100},
    "clean and safe": {"carbon_limit": 22, "shortfall_limit": 12},
    "two clashes at once": {"china_limit": 40, "shortfall_limit": 8, "home_limit": 55, "premium_limit": 30},
    "no reserve": {"reserve_days": 0, "shortfall_limit": 4, "china_limit": 90},
    "an aim with a rule of its own": {"china_limit": 25, "shortfall_limit": 100, "aim": "shortfall", "premium_limit": 40},
}  # fmt: skip

possible = pytest.mark.parametrize("name", POSSIBLE)
clashing = pytest.mark.parametrize("name", CLASHES)


@pytest.fixture(scope="module")
def reports(engine: Engine) -> Callable[[str], tuple[Choice, tuple[LimitReport, ...]]]:
    """The choice of a possible case with its reports."""

    def found(name: str) -> tuple[Choice, tuple[LimitReport, ...]]:
        choice = BASE.changed(**POSSIBLE[name])
        return choice, limits_in_words(engine, engine.answer(choice))

    return found


@pytest.fixture(scope="module")
def clash(engine: Engine) -> Callable[[str], tuple[Choice, Clash]]:
    """The choice of a clashing case with its explanation."""

    def found(name: str) -> tuple[Choice, Clash]:
        choice = BASE.changed(**CLASHES[name])
        return choice, explain_clash(engine, choice)

    return found


def crore_a_year(mix: Mix) -> float:
    """Discounted total cost in INR crore over the summed discount factors of the years with decisions."""
    case = mix.case
    return mix.total_kusd * case.rupee / 1e4 / float(case.discount[~case.fixed].sum())


def cost(engine: Engine, choice: Choice, **values: object) -> float:
    """Cost of the mix, INR crore a year, by the way that answers a visitor; infinite when there is no mix."""
    try:
        return crore_a_year(engine.mix(choice.changed(**values)))
    except NoMix:
        return float("inf")


def has_mix(engine: Engine, choice: Choice, **values: object) -> bool:
    return cost(engine, choice, **values) < float("inf")


def moved(reports: tuple[LimitReport, ...]) -> list[tuple[LimitReport, Step]]:
    return [(r, s) for r in reports for s in (r.looser, r.tighter) if s is not None]


# -- what binds -------------------------------------------------------------------------------------------------------


@possible
def test_each_price_holds_in_its_range(engine: Engine, reports: Callable, name: str) -> None:
    """A sentence says 'about as much for each point until 56 %': finite differences anywhere inside must agree to 25 %."""
    choice, found = reports(name)
    draw = np.random.default_rng(3)
    for report, step in moved(found):
        if step.until is None:
            continue
        size = lever_named(report.lever).step
        way = np.sign(step.until - report.value)
        length = abs(step.until - report.value)
        fine = size if report.lever == "reserve_days" else size / 4
        for _ in range(2):
            start = report.value + way * (draw.integers(0, round((length - fine) / fine) + 1) * fine)
            pieces = cost(engine, choice, **{report.lever: start + way * fine}) - cost(
                engine, choice, **{report.lever: start}
            )
            price = pieces * size / fine
            assert step.change is not None
            assert abs(price - step.change) <= 0.25 * abs(step.change) + 1e-3, (report.sentence, start)


@possible
def test_one_step_costs_what_it_says(engine: Engine, reports: Callable, name: str) -> None:
    """The step is really taken: another way of asking for the same choice gives the same difference, bill and harm apart."""
    choice, found = reports(name)
    here = engine.mix(choice)
    assert any(r.binding for r in found), "the case is meant to have a limit that binds"
    for report, step in moved(found):
        there = cost(engine, choice, **{report.lever: step.value})
        if step.change is None:
            assert there == float("inf"), report.sentence
            continue
        assert there - crore_a_year(here) == pytest.approx(step.change, abs=1e-3)
        assert step.bill + step.harm == pytest.approx(step.change, abs=1e-6)


@possible
def test_loosening_never_costs_and_tightening_never_saves(reports: Callable, name: str) -> None:
    """A price with the wrong sign would be a bug in the program."""
    _, found = reports(name)
    for report in found:
        assert report.price >= -1e-6, report
        assert report.looser is None or report.looser.change is None or report.looser.change <= 1e-3
        assert report.tighter is None or report.tighter.change is None or report.tighter.change >= -1e-3


@possible
def test_beyond_the_named_value_a_step_costs_twice_or_nothing_is_left(
    engine: Engine, reports: Callable, name: str
) -> None:
    """'Below 41 % it costs more than twice that' and 'at 38 % no mix is left' are checked by solving there."""
    choice, found = reports(name)
    for report in found:
        step = report.tighter
        if step is None or step.change is None:
            continue
        size = lever_named(report.lever).step
        if step.none is not None:
            assert not has_mix(engine, choice, **{report.lever: step.none}), report.sentence
        if step.twice is not None:
            further = step.twice - looser(report.lever) * size
            price = cost(engine, choice, **{report.lever: further}) - cost(engine, choice, **{report.lever: step.twice})
            assert price > 2 * step.change, report.sentence


@possible
def test_the_room_that_is_left_is_free(engine: Engine, reports: Callable, name: str) -> None:
    """'Could fall to 52 % without cost': set there, the cost is the same; and the mix needs all of it."""
    choice, found = reports(name)
    for report in found:
        if report.binding:
            continue
        tight = float(re.findall(r"\d[\d,]*\.?\d*", report.sentence)[-1].replace(",", ""))
        assert cost(engine, choice, **{report.lever: tight}) == pytest.approx(cost(engine, choice), abs=1e-3), (
            report.sentence
        )
        sign = looser(report.lever)
        assert sign * tight >= sign * report.need - 1e-6
        assert sign * tight <= sign * report.need + max(1.0, 0.011 * report.need), "rounded away by more than a trifle"


@pytest.mark.parametrize(
    ("name", "lever"),
    [("china", "china_limit"), ("china and shortfall", "reserve_days"), ("investment and carbon", "carbon_limit"),
     ("made in India", "home_limit"), ("made in India", "magnet_budget")],
)  # fmt: skip
def test_the_price_at_the_margin_lies_between_the_slopes_on_both_sides(engine: Engine, name: str, lever: str) -> None:
    """The reduced cost of the lever's column is a slope of the cost: not more than a hair tighter costs, not less than a hair
    looser saves. For the days of reserve it must count the oxide rows, where the lever is a coefficient."""
    choice = BASE.changed(**POSSIBLE[name])
    mix = engine.mix(choice)
    unit = crore_a_year(mix) / mix.total_kusd
    price = mix.limit_prices[lever] * unit
    hair = 1e-3 * lever_named(lever).step * looser(lever)
    value = float(choice.values()[lever])
    saved = (cost(engine, choice) - cost(engine, choice, **{lever: value + hair})) / abs(hair)
    costs = (cost(engine, choice, **{lever: value - hair}) - cost(engine, choice)) / abs(hair)
    assert price > 0, "the case is meant to have this limit bind"
    assert saved * 0.999 - 1e-4 <= price <= costs * 1.001 + 1e-4


def test_two_limits_in_the_same_place_are_said_to_save_nothing_alone(engine: Engine) -> None:
    """China at 65 % and any country at 65 %: the duals split one price between them, so only re-solving tells the truth."""
    choice = BASE.changed(china_limit=65, country_limit=65, shortfall_limit=100)
    found = {r.lever: r for r in limits_in_words(engine, engine.answer(choice))}
    for lever in ("china_limit", "country_limit"):
        assert found[lever].binding
        assert "alone saves nothing" in found[lever].sentence
        assert "Tightening it by one point costs INR" in found[lever].sentence


def test_the_quick_reports_need_no_solve(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """They stand beside the sliders at once; the full ones may follow, and are remembered."""
    choice = BASE.changed(**POSSIBLE["china and shortfall"])
    answer = engine.answer(choice)
    full = limits_in_words(engine, answer)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a solve was asked for")

    monkeypatch.setattr(Worker, "solve", refuse)
    quick = limits_in_words(engine, answer, full=False)
    assert [(r.lever, r.binding, r.price) for r in quick] == [(r.lever, r.binding, r.price) for r in full]
    assert any("at the margin" in r.sentence for r in quick)
    assert limits_in_words(engine, answer) is full


def test_with_another_aim_a_step_is_told_by_what_it_does_to_the_aim(engine: Engine) -> None:
    """Under 'least shortfall' a looser premium buys safety: the aim gets no worse when a limit is loosened, no better when tightened."""
    choice = BASE.changed(aim="shortfall", china_limit=100, shortfall_limit=100, premium_limit=2)
    answer = engine.answer(choice)
    found = {r.lever: r for r in limits_in_words(engine, answer)}["premium_limit"]
    now = float(answer.mix.tail_year[answer.mix.focus].mean())
    assert found.binding
    assert "average worst-case shortfall" in found.sentence
    assert found.looser is not None and found.looser.aim is not None and found.looser.aim < now - 1e-5  # noqa: PT018
    assert found.tighter is not None and found.tighter.aim is not None and found.tighter.aim > now + 1e-5  # noqa: PT018


# -- when no mix exists -----------------------------------------------------------------------------------------------


@clashing
def test_the_clashing_set_clashes_and_no_member_can_be_spared(engine: Engine, clash: Callable, name: str) -> None:
    """A smallest set: alone it has no mix; without any one of its members it has."""
    choice, found = clash(name)
    on = set(choice.values()) & {*POSSIBLE_LEVERS}
    alone = choice.changed(**{lever: loosest(lever) for lever in on if lever not in found.levers})
    assert found.levers
    assert not has_mix(engine, alone)
    for lever in found.levers:
        assert has_mix(engine, alone, **{lever: loosest(lever)}), f"{lever} could be left out of {found.levers}"


POSSIBLE_LEVERS = (
    "china_limit", "shortfall_limit", "premium_limit", "country_limit", "investment_limit", "home_limit", "carbon_limit",
    "concentration_limit", "vital_limit", "reserve_days", "magnet_budget", "recycling_budget", "mission_budget", "aim",
)  # fmt: skip


@clashing
def test_each_way_out_is_one_and_a_step_less_is_none(engine: Engine, clash: Callable, name: str) -> None:
    """A button that does not work, or that asks for more than needed, would be worse than none. 1 % less of the smallest
    loosening is impossible too."""
    choice, found = clash(name)
    assert found.ways or found.joint
    for way in found.ways:
        pressed = applied(choice, way)
        assert pressed.differences(choice) == (way.lever,), "nothing else is relaxed"
        assert has_mix(engine, pressed), way.sentence
        if way.lever == "aim":
            continue
        less = float(way.value) - looser(way.lever) * lever_named(way.lever).step
        tighter = max if looser(way.lever) > 0 else min
        assert not has_mix(engine, choice, **{way.lever: tighter(less, float(choice.values()[way.lever]))}), (
            way.sentence
        )
        if way.lever != "target_year":
            least = float(way.least)
            assert has_mix(engine, choice, **{way.lever: least + looser(way.lever) * 1e-6 * max(1.0, least)})
            assert not has_mix(
                engine,
                choice,
                **{way.lever: tighter(least * (1 - 0.01 * looser(way.lever)), float(choice.values()[way.lever]))},
            )


@clashing
def test_what_is_not_offered_would_not_help(engine: Engine, clash: Callable, name: str) -> None:
    """Every limit whose loosening alone is enough is offered; dropping any other one, the rest as they stand, leaves no mix."""
    choice, found = clash(name)
    offered = {way.lever for way in found.ways}
    for lever in POSSIBLE_LEVERS:
        if lever not in offered and choice.values()[lever] != loosest(lever):
            assert not has_mix(engine, choice, **{lever: loosest(lever)}), lever


def test_a_joint_way_out_is_offered_when_no_single_one_is_enough(engine: Engine, clash: Callable) -> None:
    """Two clashes at once: all parts together make a mix, and none of them could be a step smaller."""
    choice, found = clash("two clashes at once")
    assert not {way.lever for way in found.ways} - {"target_year"}
    assert len(found.joint) > 1
    pressed = applied(choice, found.joint)
    assert has_mix(engine, pressed)
    assert set(pressed.differences(choice)) == {way.lever for way in found.joint}
    for way in found.joint:
        less = float(way.value) - looser(way.lever) * lever_named(way.lever).step
        assert not has_mix(engine, pressed, **{way.lever: less}), way.sentence
        assert way.sentence in found.joint_sentence


def test_ways_out_read_like_buttons(clash: Callable) -> None:
    """The words of a button name the limit and the value: 'allow 57 % from China'."""
    _, first = clash("hardly any premium")
    _, second = clash("clean and safe")
    said = {way.lever: (way.sentence, way.value) for way in (*first.ways, *second.ways)}
    for lever, words in {
        "china_limit": "allow {:g} % from China",
        "premium_limit": "raise the premium to {:g} %",
        "shortfall_limit": "accept {:g} % worst-case shortfall",
        "carbon_limit": "accept {:g} kgCO2e per kg",
    }.items():
        sentence, value = said[lever]
        assert sentence == words.format(value)
    assert first.sentence.startswith("No mix exists: the China limit of ")
    assert re.search(r"the premium limit of [\d.]+ % cannot hold together\.$", first.sentence)


def test_a_premium_too_small_is_raised_to_what_is_needed(engine: Engine, clash: Callable) -> None:
    """The premium way out is the premium of the cheapest mix within the other limits."""
    choice, found = clash("hardly any premium")
    way = next(way for way in found.ways if way.lever == "premium_limit")
    needed = 100 * engine.answer(choice.changed(premium_limit=100)).mix.indicators["premium"]
    assert way.least == pytest.approx(needed, rel=1e-5)
    assert way.sentence == f"raise the premium to {way.value:g} %"


def test_a_choice_with_a_mix_has_no_clash(engine: Engine) -> None:
    """Asking why a choice has no mix when it has one is a mistake of the caller."""
    with pytest.raises(ValueError, match="has a mix"):
        explain_clash(engine, BASE.changed(china_limit=100, shortfall_limit=100))


def test_after_a_search_the_next_answer_is_that_of_a_fresh_engine(engine: Engine) -> None:
    """The search tries dozens of limits on a live program; it must leave nothing behind."""
    choice = BASE.changed(china_limit=68, shortfall_limit=25)
    with engine.worker() as worker:
        trials = Trials(engine, worker)
        for limit in (30, 60, 90):
            trials.at(choice, china_limit=limit, shortfall_limit=5, home_limit=50)
    explain_clash(engine, BASE.changed(china_limit=41, shortfall_limit=6))
    fresh = Engine(engine.evidence, workers=1)
    with engine.worker() as used, fresh.worker() as new:
        case = engine.assembler.case(choice)
        first, second = used.mix(case, choice, used.solve(case)), new.mix(case, choice, new.solve(case))
    assert first.objective_kusd == pytest.approx(second.objective_kusd, rel=1e-9)
    assert np.abs(first.plan - second.plan).max() < 1e-3


# -- where capacity is worth most --------------------------------------------------------------------------------------


def test_a_bottleneck_is_worth_what_one_percent_more_really_saves(engine: Engine) -> None:
    """The shadow price against a re-solve with one percent more of the route: never less (the cost is convex), and close."""
    choice = BASE.changed(**POSSIBLE["china and shortfall"])
    answer = engine.answer(choice)
    quick = {b.route: b for b in bottlenecks(engine, answer, n=20)}
    case = answer.mix.case
    scale = crore_a_year(answer.mix) / answer.mix.total_kusd
    assert len(quick) >= 5
    with engine.worker() as worker:
        here = worker.solve(case).objective
        for r, route in enumerate(case.routes):
            saved = (here - worker.solve(more_of(case, r, 0.01)).objective) * scale
            said = quick[route].crore_per_percent if route in quick else 0.0
            assert saved <= said + 2e-4, route
            assert saved >= 0.75 * said - 2e-4, route
    for solved in bottlenecks(engine, answer, n=4, full=True):
        assert solved.solved
        assert solved.crore_per_percent == pytest.approx(quick[solved.route].crore_per_percent, rel=0.25)


def test_bottlenecks_are_ranked_and_named(engine: Engine) -> None:
    """The first one is where one more tonne helps most; every one names its route and its worth."""
    found = bottlenecks(engine, engine.answer(BASE), n=6)
    worth = [b.usd_per_kg for b in found]
    assert worth == sorted(worth, reverse=True)
    assert min(worth) > 0
    for b in found:
        assert engine.evidence.routes[b.route].name in b.sentence
        assert b.lakh_per_t == pytest.approx(b.usd_per_kg * BASE.rupee / 100)
        assert b.crore_per_percent == pytest.approx(b.lakh_per_t * b.tonnes * 0.01 / 100)


# -- proof ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["CBC", "HiGHS interior point"])
def test_another_solver_finds_the_same_optimum(engine: Engine, solver: str) -> None:
    """The case written down anew and solved by another method: the same objective to a millionth."""
    answer = engine.answer(BASE.changed(**POSSIBLE["one country and no shortage of vital users"]))
    found = second_opinion(engine, answer, solver)  # type: ignore[arg-type]
    assert found.difference < 1e-6
    assert found.own_kusd == answer.mix.objective_kusd
    assert found.plan_t < 1.0
    assert f"{solver} agrees" in found.sentence


def test_the_proof_shows_both_objectives_and_the_solver(engine: Engine) -> None:
    """A reader can check the claim of optimality: primal equals dual, and no row is violated."""
    mix = engine.answer(BASE).mix
    line = proof_in_words(mix)
    assert mix.proof.gap < 1e-9
    assert mix.proof.violation < 1e-6
    assert line.count(f"{mix.proof.primal_kusd:,.1f}") == 2
    assert "HiGHS 1." in line
    assert f"{len(mix.case.states)} states" in line


# -- what the search asks of a live program ---------------------------------------------------------------------------


def test_the_time_limit_is_for_each_solve_not_for_a_lifetime(engine: Engine) -> None:
    """HiGHS's clock runs on over all solves of a program, so a limit taken literally would stop a server after a minute of work."""
    with engine.worker() as worker:
        assert worker.live is not None
        live = worker.live.clone()
        live.time_limit = 2.0
        cases = [engine.assembler.case(BASE.changed(china_limit=limit)) for limit in (75, 85, 95)]
        while live.highs.getRunTime() < 2.5:
            for case in cases:
                live.set(worker.program.vector(case))
                live.forget()
                assert live.solve().objective > 0


def test_what_was_reached_before_presolve_found_a_clash_is_kept(engine: Engine) -> None:
    """Presolve finds some clashes and leaves no basis; the one reached before is kept, so the next solve goes on from there: here
    two halves of the steps that neither could do alone."""
    impossible = engine.assembler.case(BASE.changed(china_limit=0, shortfall_limit=0))
    with engine.worker() as worker:
        live = worker.live
        assert live is not None
        worker.solve(engine.assembler.case(BASE))
        start = live.basis()
        live.set(worker.program.vector(impossible))
        with pytest.raises(Infeasible):
            live.solve(iterations=100_000)
        enough = int(live.highs.getInfo().simplex_iteration_count) * 2 // 3
        live.start_from(start)
        for goes_on in (False, True):
            with pytest.raises(Infeasible):
                live.solve(iterations=enough)
            assert live.warm == goes_on
