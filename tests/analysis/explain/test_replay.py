"""Claims about the replay of a move and about what one lever moves: real mixes, true reasons, nothing left out."""

from __future__ import annotations

from itertools import pairwise

import pytest

from model.analysis.explain.lever_effects import reach, values_tried
from model.analysis.explain.replay import MOVED_T, NAMED, STEPS_MOST, replay, way, why
from model.engine.engine import Engine
from model.evidence.store import Evidence
from model.formulation.levers import Choice, lever_named, levers
from model.results.comparison import supply
from model.results.indicators import INDICATORS
from pages.parts.text import common as words
from pages.parts.text import levers as lever_text


@pytest.mark.parametrize("lever", [lever for lever in levers() if lever.kind == "number"], ids=lambda lever: lever.id)
def test_a_slider_goes_its_way_in_few_steps_on_its_grid(lever: object) -> None:
    """From end to end: at most so many, in one direction, the last exactly where it stands."""
    name, low, high, step = lever.id, lever.low, lever.high, lever.step  # type: ignore[attr-defined]
    before, after = Choice.of({name: low}), Choice.of({name: high})
    values = [float(choice.values()[name]) for choice in way(before, after)]
    assert values[0] == low
    assert values[-1] == high
    assert values == sorted(values)
    assert 2 <= len(values) <= STEPS_MOST + 1
    assert all(((value - low) / step) % 1 == pytest.approx(0, abs=1e-6) or value == high for value in values)


def test_several_levers_go_one_after_another() -> None:
    after = Choice(china_limit=70, rupee=90, joint_venture=True)
    steps = way(Choice(), after)
    assert [b.differences(a) for a, b in pairwise(steps)] == [
        ("china_limit",),
        ("rupee",),
        ("joint_venture",),
    ]
    assert steps[-1] == after


def test_each_step_says_what_the_mixes_say(engine: Engine, evidence: Evidence) -> None:
    """Every route that changed is told, with both its amounts, and the changes add up to that of the whole move."""
    before, after = Choice(), Choice(china_price=140)
    steps = replay(engine, before, after)
    assert steps[-1].choice == after
    for step in steps:
        assert step.mix is not None
        assert step.before is not None
        old, new = supply(step.before), supply(step.mix)
        told = {moved.route: (moved.before_t, moved.after_t) for moved in step.moved}
        for r, route in enumerate(step.mix.case.routes):
            assert (route in told) == (abs(new[r] - old[r]) >= MOVED_T)
            if route in told:
                assert told[route] == pytest.approx((old[r], new[r]))
        assert why(step, evidence)
    whole = engine.mix(after).indicators["bill_crore"] - engine.mix(before).indicators["bill_crore"]
    assert sum(step.change("bill_crore") for step in steps) == pytest.approx(whole, abs=1e-6)
    assert any("Chinese magnets under licence: cost USD" in reason for step in steps for reason in why(step, evidence))


def test_a_limit_that_begins_to_bind_is_the_reason(engine: Engine, evidence: Evidence) -> None:
    steps = replay(engine, Choice(china_limit=100, shortfall_limit=100), Choice(china_limit=60, shortfall_limit=100))
    reasons = [reason for step in steps for reason in why(step, evidence)]
    assert any(reason.startswith("The China limit begins to bind at ") for reason in reasons)
    free = [step for step in steps if not step.moved]
    assert all("does not bind" in why(step, evidence)[0] for step in free)


def test_two_routes_are_named_as_reasons_at_most(engine: Engine, evidence: Evidence) -> None:
    """The price of oxide moves what many routes cost; a list of them all explains nothing."""
    steps = replay(engine, Choice(), Choice(oxide_price=200))
    named = [
        [reason for reason in why(step, evidence) if "a kg before" in reason or "can give" in reason] for step in steps
    ]
    assert max(map(len, named)) == NAMED


def test_a_step_without_a_mix_is_shown_with_its_limits(engine: Engine) -> None:
    """Nothing on the way is hidden, and the next step is measured against the last mix."""
    steps = replay(engine, Choice(), Choice(china_limit=30))
    gone = [step for step in steps if step.mix is None]
    assert gone
    assert all("china_limit" in step.limits for step in gone)
    assert all(step.before is not None for step in steps)


CLASH = Choice(china_limit=0, shortfall_limit=0)
"""Limits that no mix meets."""


def test_the_first_mix_after_a_clash_is_measured_against_nothing(engine: Engine, evidence: Evidence) -> None:
    """Its figures stand without a change, and nothing is said to have entered or left."""
    (clash, free) = replay(engine, CLASH, Choice(china_limit=80, shortfall_limit=40))
    assert clash.mix is None
    assert "last mix that there was" not in lever_text.no_mix(clash)
    assert free.mix is not None
    assert free.before is None
    told = lever_text.step_figures(free)
    assert [value for _, value, _ in told] == [
        words.indicator_value(i, free.mix.indicators[i.id]) for n in lever_text.FIGURES for i in INDICATORS if i.id == n
    ]
    assert {change for _, _, change in told} == {""}
    assert lever_text.step_routes(free, evidence).empty


def test_a_step_without_any_change_is_still_told_so(engine: Engine) -> None:
    """Not to be mixed up with a step that has nothing before it."""
    (step,) = replay(engine, Choice(), Choice(central_asia_volume=200))
    assert {change for _, _, change in lever_text.step_figures(step)} == {"same"}


def test_in_a_clash_a_lever_is_measured_where_it_has_a_mix(engine: Engine, evidence: Evidence) -> None:
    """The values that end the clash are named, and what moves is measured against that of them which is nearest."""
    found = reach(engine, Choice(china_limit=30), "china_limit")
    assert found is not None
    assert found.present is None
    having = [tried for tried in found.tried if tried.mix is not None]
    assert having
    assert found.base is having[0].mix
    assert found.strongest
    text = lever_text.reach_sentence(found, evidence)
    assert text.startswith(lever_text.CLASH)
    for tried in having:
        assert lever_text.value_in_words("china_limit", tried.value) in text
    table = lever_text.reach_table(found)
    assert len(table) == len(found.tried)
    assert (table == lever_text.NO_MIX_HERE).any(axis=1).sum() == len(found.tried) - len(having)


def test_a_lever_that_cannot_end_a_clash_says_so(engine: Engine, evidence: Evidence) -> None:
    """It does not say that the lever moves nothing: that cannot be seen here."""
    found = reach(engine, CLASH, "rupee")
    assert found is not None
    assert lever_text.reach_sentence(found, evidence) == lever_text.NEVER
    assert lever_text.reach_table(found).empty


def test_a_replay_stops_when_nobody_waits(engine: Engine) -> None:
    assert replay(engine, Choice(), Choice(rupee=90), stop=lambda: True) == ()


def test_every_value_tried_can_be_set() -> None:
    """Ends, halfway, one step: each within the lever's reach, the present one among them."""
    for lever in levers():
        tried = values_tried(lever.id, lever.default)
        assert lever.default in tried
        assert len(tried) == len(set(tried))
        for value in tried:
            Choice.of({lever.id: value})


def test_what_a_lever_moves_is_what_the_engine_says(engine: Engine) -> None:
    found = reach(engine, Choice(), "china_flow")
    assert found is not None
    assert found.present is not None
    assert found.present.indicators == engine.mix(Choice()).indicators
    for tried in found.tried:
        if tried.mix is not None:
            assert tried.mix.choice == Choice(china_flow=tried.value)
    best = found.strongest
    assert best
    assert set(best) <= set(INDICATORS)
    assert "china_magnets" in dict(found.routes)


def test_a_lever_that_moves_nothing_says_so(engine: Engine) -> None:
    """More Central Asian oxide is worth nothing at the default levers."""
    found = reach(engine, Choice(), "central_asia_volume")
    assert found is not None
    assert found.strongest == ()


def test_a_switch_is_tried_both_ways() -> None:
    assert values_tried("joint_venture", False) == (False, True)
    assert values_tried("aim", "cost") == lever_named("aim").options
