"""Claims about the frontier of cost against worst-case shortfall."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model.analysis.near_optimal.frontier import Curve, Frontier, Knee, Point, frontier, point_of
from model.engine.active_limits import NoMix
from model.engine.engine import Engine
from model.errors import InputError
from model.formulation.levers import Choice
from tests.support.paper import World, off_choice, solved, yearly_crore

CHOICE = Choice(china_limit=70, shortfall_limit=100, reserve_days=0)


@pytest.fixture(scope="module")
def curves(small: Engine) -> tuple[Curve, ...]:
    """Three limits on China in the small world, 13 points each."""
    return tuple(frontier(small, CHOICE, (100, 70, 55), 13))


def axes(curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.array([p.choice.shortfall_limit for p in curve.points]),
        np.array([p.total_crore for p in curve.points]),
    )


def test_more_safety_never_costs_less(curves: tuple[Curve, ...]) -> None:
    for curve in curves:
        limit, cost = axes(curve)
        assert len(curve.points) == 13
        assert (np.diff(limit) > 0).all()
        assert (np.diff(cost) <= 1e-6 * cost[1:]).all()


def test_each_further_point_of_safety_costs_at_least_as_much(curves: tuple[Curve, ...]) -> None:
    """The limit is one right-hand side, so the least cost is convex in it; only rounding of the solver may bend it back."""
    for curve in curves:
        limit, cost = axes(curve)
        slopes = np.diff(cost) / np.diff(limit)
        assert (np.diff(slopes) >= -1e-5 * np.abs(slopes).max()).all()


def test_a_tighter_limit_on_china_never_costs_less(curves: tuple[Curve, ...]) -> None:
    """Compared at limits on shortfall that both curves have: by the convexity of each, between their points."""
    loose, tight = curves[0], curves[2]
    x, y = axes(loose)
    for p in tight.points:
        if x[0] <= p.choice.shortfall_limit <= x[-1]:
            assert p.total_crore >= np.interp(p.choice.shortfall_limit, x, y) - 1e-6 * p.total_crore - 0.02 * np.ptp(y)


def test_every_point_solved_from_scratch_agrees(small: Engine, curves: tuple[Curve, ...]) -> None:
    """The choice of a point, given to an engine that has solved nothing before, gives the numbers of the point."""
    fresh = Engine(small.evidence, None)
    for curve in curves[:2]:
        for p in curve.points[::4]:
            mix = fresh.mix(p.choice)
            assert (p.total_crore, p.bill_crore, p.harm_crore) == pytest.approx(yearly_crore(mix), rel=1e-6)
            assert mix.indicators["tail_shortfall"] <= p.choice.shortfall_limit / 100 + 1e-7
            assert mix.indicators["investment_crore"] == pytest.approx(p.indicators["investment_crore"], abs=1e-3)
            assert p.magnets_t == pytest.approx(point_of(mix).magnets_t, abs=1e-3)


def test_a_curve_begins_where_no_safer_mix_exists(small: Engine, curves: tuple[Curve, ...]) -> None:
    """A limit 0.02 points tighter than the first has no mix, unless the first is none unserved at all."""
    firsts = [curve.points[0].choice for curve in curves]
    risky = [first for first in firsts if first.shortfall_limit > 0.02]
    assert risky
    assert all(first.shortfall_limit == 0 for first in firsts if first not in risky)
    for first in risky:
        with pytest.raises(NoMix):
            small.mix(first.changed(shortfall_limit=first.shortfall_limit - 0.02))


def test_a_curve_ends_where_the_limit_no_longer_matters(small: Engine, curves: tuple[Curve, ...]) -> None:
    for curve in curves:
        last = curve.points[-1]
        free = small.mix(last.choice.changed(shortfall_limit=100))
        assert last.total_crore == pytest.approx(yearly_crore(free)[0], rel=1e-6)


def test_curves_of_another_question_are_left_aside(small: Engine) -> None:
    """Other levers, other evidence or another number of points: not a point of such a curve may slip in. A limit on shortfall is no other
    question, since every curve runs over all of them."""
    moved = Engine(small.evidence.with_values({"china_price_ndfeb_2030": 90.0}), None)
    (alone,) = frontier(small, CHOICE, (70,), 3)
    others = {
        "levers": frontier(small, CHOICE.changed(reserve_days=60), (70,), 3),
        "evidence": frontier(moved, CHOICE, (70,), 3),
        "points": frontier(small, CHOICE, (70,), 4),
    }
    for what, curves in others.items():
        (found,) = frontier(small, CHOICE, (70,), 3, before=tuple(curves))
        assert [p.total_crore for p in found.points] == pytest.approx([p.total_crore for p in alone.points]), what
    (same,) = frontier(small, CHOICE.changed(shortfall_limit=30), (70,), 3, before=(alone,))
    assert same is alone


@pytest.mark.parametrize("rate", [0, 8])
def test_a_cost_that_is_the_same_every_year_is_that_cost_a_year(rate: float, tmp_path: Path) -> None:
    """90 t at 50 USD/kg and 10 t short at 500, at 100 rupees: 45 crore and 50 crore a year, whatever the rate and however many years."""
    world = World().route("china", 50, 90, today="fills").sector("users", 100, 500)
    mix = solved(world.evidence(tmp_path), off_choice(discount_rate=rate), tuple(range(2026, 2036)))
    point = point_of(mix)
    assert (point.total_crore, point.bill_crore, point.harm_crore) == pytest.approx((95, 45, 50), rel=1e-6)


def test_bill_and_harm_add_up_to_the_total(curves: tuple[Curve, ...]) -> None:
    frame = Frontier(curves).frame
    assert len(frame) == 39
    assert np.allclose(frame["bill_crore_discounted"] + frame["harm_crore_discounted"], frame["total_crore"])
    assert {"china_limit_pct", "shortfall_limit_pct", "tail_shortfall", "hhi", "carbon", "knee"} <= set(frame.columns)


def test_shares_of_magnet_routes_and_shortage_add_up_to_demand(curves: tuple[Curve, ...]) -> None:
    """What is drawn stacked must not leave a gap that nobody explains: what is not delivered or drawn from the reserve is short."""
    shares = Frontier(curves).shares
    magnets = shares[shares["stage"] == "magnet"].groupby(["china_limit_pct", "shortfall_limit_pct"])["share"].sum()
    short = Frontier(curves).frame.set_index(["china_limit_pct", "shortfall_limit_pct"])["expected_shortfall"]
    assert (magnets <= 1.05).all()
    assert (magnets + short >= 0.93).all()


def pictured(limit: float, cost: float) -> Point:
    return Point(Choice(shortfall_limit=limit), limit / 100, cost, cost, 0.0, {}, {}, {}, 1.0)


def test_the_knee_is_the_point_furthest_from_the_chord() -> None:
    """From 0 to 10 %: 100, 40, 20, 10, 0 at 0, 2, 4, 7, 10. Chord y = 1 - x: at 2 % the curve lies 1 - 0.2 - 0.4 = 0.4 under it, at 4 %
    also 0.4, at 7 % 0.2; so the first of the two is named; coming from the loose end each point costs 40 / 8 = 5 up to it and
    60 / 2 = 30 beyond."""
    curve = Curve(65.0, tuple(pictured(x, y) for x, y in ((0, 100), (2, 40), (4, 20), (7, 10), (10, 0))))
    knee = curve.knee
    assert isinstance(knee, Knee)
    assert knee.point.choice.shortfall_limit == 2
    assert (knee.before_crore, knee.beyond_crore) == (pytest.approx(5.0), pytest.approx(30.0))
    assert knee.sentence == (
        "Down to a worst-case shortfall of 2 % each point of safety costs INR 5.0 crore a year; beyond it INR 30 crore."
    )


def test_a_straight_curve_has_no_knee() -> None:
    curve = Curve(65.0, tuple(pictured(x, 100 - 10 * x) for x in (0, 2, 5, 10)))
    assert curve.knee is None
    assert Frontier((curve,)).sentence.startswith("No curve has a knee")


def test_the_first_curve_is_there_before_the_second_is_begun(small: Engine) -> None:
    """People see something at once: nothing of the second curve has been worked out when the first is handed over."""
    seen: list[tuple[int, int]] = []
    found = frontier(small, CHOICE, (100, 70), 5, lambda done, total: seen.append((done, total)))
    assert next(found).china_limit == 100
    assert seen[-1] == (5, 10)
    assert next(found).china_limit == 70
    assert seen[-1] == (10, 10)


def test_a_limit_that_nothing_meets_gives_a_reason_and_no_points(small: Engine) -> None:
    (curve,) = frontier(small, CHOICE.changed(home_limit=100), (10,), 5)
    assert curve.points == ()
    assert curve.complete
    assert "10 % from China" in curve.reason
    assert Frontier((curve,)).frame.empty


def test_stopped_early_the_last_curve_is_marked_incomplete(small: Engine) -> None:
    seen: list[int] = []
    found = tuple(frontier(small, CHOICE, (100, 70), 9, lambda done, _: seen.append(done), lambda: len(seen) >= 3))
    assert [curve.complete for curve in found] == [False]
    assert 1 <= len(found[0].points) < 9


@pytest.mark.parametrize("points", [2, 201, 3.5, "many", True])
def test_an_impossible_number_of_points_is_refused_in_a_sentence(small: Engine, points: object) -> None:
    with pytest.raises(InputError, match="^points: "):
        frontier(small, CHOICE, (100,), points)  # type: ignore[arg-type]


@pytest.mark.parametrize(("limits", "field"), [((), "china_limits"), ((140,), "china_limit"), ((-1,), "china_limit")])
def test_an_impossible_limit_on_china_is_refused_in_a_sentence(
    small: Engine, limits: tuple[float, ...], field: str
) -> None:
    with pytest.raises(InputError, match=field):
        frontier(small, CHOICE, limits, 5)
