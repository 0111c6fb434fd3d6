"""Claims about disruptions: what a plan that stands does in any state, composed by hand, from events, or with one source gone."""

from __future__ import annotations

import numpy as np
import pytest

from model.analysis.stress.disruption import case_in, disrupt
from model.analysis.stress.recourse import Recourse, carried
from model.analysis.stress.shocks import Blow, SceneError, by_hand, from_events
from model.analysis.stress.source_loss import lose_each
from model.engine.engine import Engine
from model.errors import InputError
from model.evidence.store import Evidence
from model.formulation.case import M
from model.formulation.levers import Choice
from model.formulation.states import compose
from model.results.mix import Mix
from tests.support.paper import World, off_choice

CHOICE = Choice(china_limit=60, shortfall_limit=30)
HIT = ("china_magnets", "china_oxides", "joint_venture")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """100 t a year, 80 from China at 50 and 20 from Japan at 60; a cut of 60 t a year is likely enough to hold a reserve of at most
    36.5 days, 10 t, which Korea sells once, in 2028. Missing tonnes cost 300 and 2,000 kUSD."""
    world = (
        World().route("china", 50, 80, today="fills").route("japan", 60, 20, "Japan", today={2030: "japan_volume_2030"})
    )
    world.route("korea", 60, {2027: 0, 2028: 10, 2029: 0}, "Korea")
    world.sector("toys", 60, 300).sector("cars", 40, 2000).event("stop", 0.2, {"china": 0.75})
    return Engine(world.evidence(tmp_path_factory.mktemp("plain")), None)


def test_a_plan_held_in_its_own_states_gives_back_its_own_outcome(small: Engine) -> None:
    """The second stage alone and the whole program must agree; else every figure on these pages is of another model. Take-or-pay,
    feed, reserve, by-products and substitutes are all in the small world."""
    for values in ({}, {"china_limit": 45, "shortfall_limit": 40}, {"reserve_days": 180}, {"joint_venture": True}):
        answer = small.answer(CHOICE.changed(**values))
        for mix in (answer.mix, answer.cheapest, answer.today):
            out = Recourse(mix.case).hold(mix, mix.case)
            assert out.total_kusd == pytest.approx(mix.total_kusd, rel=1e-7)
            assert out.tail == pytest.approx(mix.indicators["tail_shortfall"], abs=1e-7)
            assert np.abs(out.mix.lost - mix.lost).max() < 1e-6
            assert out.unfilled.max() == 0.0


def test_a_disruption_of_the_evidence_is_what_the_mix_says_of_that_state(small: Engine) -> None:
    """Each kept state, composed anew from its events and solved alone, leaves the same shortage as in the mix."""
    answer = small.answer(CHOICE)
    for k, name in enumerate(answer.mix.case.states[1:], 1):
        scene = from_events(small.evidence, name.split("+"))
        out = disrupt(small, answer, scene).outcomes["mix"]
        assert out.mix.lost[:, -1] == pytest.approx(answer.mix.lost[:, k], abs=1e-6)
        assert out.mix.lost[:, 0] == pytest.approx(answer.mix.lost[:, 0], abs=1e-6)


def test_a_state_composed_by_hand_equals_the_same_state_from_the_events_file(evidence: Evidence) -> None:
    """The political cut-off of the evidence, typed in as two blows: same arrays, same length, so the same everything after."""
    event = evidence.events["political_cutoff"]
    months, times = evidence.value(event.months), evidence.value(event.prices[0].times)
    share = evidence.value(event.cuts[0].share)
    typed = by_hand(
        evidence,
        [
            Blow(event.cuts[0].routes, share=share, months=months),
            Blow(event.prices[0].routes, months=months, times=times),
        ],
    )
    filed = from_events(evidence, ["political_cutoff"])
    for name in ("cut", "cut_new", "multiplier", "multiplier_new"):
        np.testing.assert_allclose(getattr(typed.state, name), getattr(filed.state, name), atol=1e-12)
    assert typed.state.length == filed.state.length == months / 12
    assert typed.months == filed.months == months


def test_composed_by_hand_or_from_the_file_the_same_people_go_short(small: Engine) -> None:
    answer = small.answer(CHOICE)
    filed = disrupt(small, answer, from_events(small.evidence, ["embargo"]))
    blows = [Blow(("china", "china_oxide", "joint"), share=0.95, months=18), Blow(("japan",), months=18, times=1.6)]
    typed = disrupt(small, answer, by_hand(small.evidence, blows))
    assert np.allclose(typed.short["short_t"], filed.short["short_t"], atol=1e-6)
    numbers = list(filed.frame.columns[2:])
    assert np.allclose(typed.frame[numbers], filed.frame[numbers], atol=1e-6)


def test_blows_that_only_hit_new_plants_leave_old_ones_alone(small: Engine) -> None:
    scene = by_hand(small.evidence, [Blow(("plants",), share=0.5, only_new_plants=True)])
    assert scene.state.cut.max() == 0.0
    assert scene.state.cut_new.max() == 0.5


def test_who_goes_short_what_the_reserve_gives_and_how_long_it_lasts(plain: Engine) -> None:
    """China loses 75 % of 80 t for a year: 60 t are gone, the reserve of 10 t covers two months of the twelve, 50 t are short, all of
    them toys because cars are dearer to miss. Six months instead take 30 t, of which the same 10 t are two months again."""
    answer = plain.answer(off_choice(reserve_days=36.5))
    for months, gone, share in ((12, 60.0, 50 / 60), (6, 30.0, 20 / 60)):
        found = disrupt(plain, answer, by_hand(plain.evidence, [Blow(("china",), share=0.75, months=months)]))
        year = found.short[(found.short["plan"] == "mix") & (found.short["year"] == 2031)].set_index("sector")
        assert year.loc["toys", "short_share"] == pytest.approx(share)
        assert year.loc["cars", "short_t"] == pytest.approx(0.0, abs=1e-9)
        reserve = found.reserve[(found.reserve["plan"] == "mix") & (found.reserve["year"] == 2031)].iloc[0]
        assert reserve["stock_t"] == pytest.approx(10.0)
        assert reserve["draw_t"] == pytest.approx(10.0)
        assert reserve["gap_t"] == pytest.approx(gone)
        assert reserve["covers_months"] == pytest.approx(months * 10.0 / gone)


def test_what_a_disruption_costs_is_the_bill_and_the_harm_apart(plain: Engine) -> None:
    """60 t are not bought (-60 x 50), 10 t are drawn and bought again at 60, 50 t of toys missing harm 50 x 300 kUSD; 1 kUSD at 100
    rupees is 0.01 crore."""
    answer = plain.answer(off_choice(reserve_days=36.5))
    found = disrupt(plain, answer, by_hand(plain.evidence, [Blow(("china",), share=0.75)]))
    row = found.frame[(found.frame["plan"] == "mix") & (found.frame["year"] == 2031)].iloc[0]
    assert row["extra_bill_crore"] == pytest.approx((-60 * 50 + 10 * 60) / 100)
    assert row["extra_harm_crore"] == pytest.approx(50 * 300 / 100)


def test_a_price_alone_moves_the_bill_and_nobody_goes_short(plain: Engine) -> None:
    answer = plain.answer(off_choice())
    found = disrupt(plain, answer, by_hand(plain.evidence, [Blow(("china",), times=2.0, months=6)]))
    row = found.frame[(found.frame["plan"] == "mix") & (found.frame["year"] == 2031)].iloc[0]
    assert row["short_t"] == pytest.approx(0.0, abs=1e-9)
    assert row["extra_bill_crore"] == pytest.approx(80 * 50 * 0.5 / 100)


def test_the_loss_of_each_source_is_ranked_by_who_goes_short(plain: Engine) -> None:
    """Without China 80 t are gone, 10 t come from the reserve; without Japan 20 t are gone and half of that is covered."""
    mix = plain.mix(off_choice(reserve_days=36.5))
    first, second = lose_each(plain, mix).ranked(2031)
    assert (first.source, second.source) == ("china", "japan")
    assert (first.short_t, second.short_t) == (pytest.approx(70.0), pytest.approx(10.0))
    assert (first.supply_share, second.supply_share) == (pytest.approx(0.8), pytest.approx(0.2))
    assert (first.covered_share, second.covered_share) == (pytest.approx(10 / 80), pytest.approx(10 / 20))
    assert (first.sector, second.sector) == ("toys", "toys")
    assert second.extra_harm_crore == pytest.approx(10 * 300 / 100)
    assert second.extra_bill_crore == pytest.approx((-20 * 60 + 10 * 60) / 100)


def test_an_origin_of_several_routes_is_a_source_too(small: Engine) -> None:
    mix = small.mix(Choice(china_limit=100, shortfall_limit=100))
    found = lose_each(small, mix)
    origins = {loss.source: loss.routes for loss in found.losses if loss.kind == "origin"}
    assert origins["China"] == ("china", "china_oxide")
    assert found.years == tuple(range(2026, 2036))
    used = {mix.case.routes[r] for r in range(len(mix.case.routes)) if mix.plan[r].max() > 1e-3}
    assert {loss.source for loss in found.losses if loss.kind == "route"} <= used
    assert list(found.frame.columns[:4]) == ["source", "kind", "routes", "year"]


def test_losing_more_never_leaves_fewer_short(small: Engine) -> None:
    """A deeper cut of the same routes cannot help anybody, in any plan or year."""
    answer = small.answer(CHOICE)
    before = None
    for share in (0.01, 0.3, 0.7, 1.0):
        found = disrupt(small, answer, by_hand(small.evidence, [Blow(("china", "china_oxide"), share=share)]))
        harm = found.frame["extra_harm_crore"].to_numpy()
        assert before is None or (harm >= before - 1e-6).all()
        before = harm


def test_history_is_replayed_and_never_drawn(engine: Engine) -> None:
    """The four replays of the evidence run on the real case; today's course fares worst in those that cut China."""
    answer = engine.answer(Choice())
    found = {
        e.id: disrupt(engine, answer, from_events(engine.evidence, [e.id]))
        for e in engine.evidence.events.values()
        if e.group == "history"
    }
    assert len(found) >= 4
    assert not set(found) & {e for s in engine.states.states for e in s.events}
    for name in ("history_india_2025", "history_japan_2010"):
        rows = found[name].frame[found[name].frame["year"] == 2030].set_index("plan")
        assert rows.loc["today", "short_share"] > rows.loc["mix", "short_share"] >= 0.0
        assert "today's course" in found[name].sentence(2030)


def test_a_changed_length_or_cut_of_an_event_counts_for_this_time_only(evidence: Evidence) -> None:
    event = evidence.events["full_embargo"]
    half = from_events(evidence, ["full_embargo"], {event.cuts[0].share: 0.5, event.months: 12})
    assert half.state.cut.max() == pytest.approx(0.5)
    assert half.months == 12
    as_filed = from_events(evidence, ["full_embargo"])
    assert as_filed.state.cut.max() == pytest.approx(
        evidence.value(event.cuts[0].share) * min(evidence.value(event.months), 12) / 12
    )


def test_a_world_that_can_carry_less_cuts_the_plan_back(plain: Engine) -> None:
    """China makes 40 t there instead of 80; half of its plan is neither delivered nor paid, Japan's is whole."""
    mix = plain.mix(off_choice())
    case = case_in(plain, mix.choice, (compose(plain.evidence, ()),))
    poorer = case.__class__(**{**case.__dict__, "capacity": case.capacity * np.where(np.array(case.routes) == "china", 0.5, 1.0)[:, None]})  # fmt: skip
    plan, _ = carried(mix, poorer)
    china, japan = case.routes.index("china"), case.routes.index("japan")
    assert plan[china, 0] == pytest.approx(mix.plan[china, 0] / 2)
    assert plan[japan, 0] == pytest.approx(mix.plan[japan, 0])
    out = Recourse(case).hold(mix, poorer)
    assert out.mix.short[:, :M, 3, 0].sum() == pytest.approx(40.0)


def test_a_reserve_that_cannot_be_filled_is_filled_later(plain: Engine) -> None:
    """When nothing at all arrives in the year in which the reserve is bought, the second stage still has an outcome."""
    mix: Mix = plain.mix(off_choice(reserve_days=36.5))
    gone = by_hand(plain.evidence, [Blow(("china", "japan", "korea"), share=1.0)])
    case = case_in(plain, mix.choice, (gone.state,))
    out = Recourse(case).hold(mix, case)
    bought = mix.fill.sum(axis=0) > 1e-6
    assert bought.any()
    assert out.unfilled.sum(axis=(0, 2))[bought] == pytest.approx(mix.fill.sum(axis=0)[bought])
    assert out.later_kusd.sum() == pytest.approx(float((mix.fill * case.refill).sum()))


@pytest.mark.parametrize(
    ("blow", "word"),
    [
        (Blow(("china_magnets",), share=1.4), "a cut of 140 % is impossible"),
        (Blow(("china_magnets",), share=float("nan")), "impossible"),
        (Blow(("china_magnets",), share=-0.1), "impossible"),
        (Blow(("china_magnets",), months=0), "0 months"),
        (Blow(("china_magnets",), months=500), "500 months"),
        (Blow(("china_magnets",), times=-2), "times -2"),
        (Blow(("moon",), share=0.5), "no route 'moon'"),
        (Blow((), share=0.5), "choose at least one route"),
        (Blow(("china_magnets",), share=0.5, commodities=("gold",)), "no commodity 'gold'"),
    ],
)
def test_an_impossible_blow_is_refused_in_a_sentence(evidence: Evidence, blow: Blow, word: str) -> None:
    with pytest.raises(SceneError, match=word) as caught:
        by_hand(evidence, [blow])
    assert "\n" not in str(caught.value)


def test_impossible_choices_of_events_are_refused_in_a_sentence(evidence: Evidence) -> None:
    share = evidence.events["full_embargo"].cuts[0].share
    for names, changes, word in (
        ([], {}, "no event was selected, choose"),
        (["comet"], {}, "no such event"),
        (["full_embargo", "licence_squeeze"], {}, "Full embargo and Licence squeeze exclude each other"),
        (["full_embargo"], {share: 1.4}, "a cut of 140 % is impossible"),
        (["full_embargo"], {"iran_months": 3}, "none of these events uses it"),
    ):
        with pytest.raises(SceneError, match=word):
            from_events(evidence, names, changes)
    with pytest.raises(SceneError, match="nothing was composed"):
        by_hand(evidence, [])


def test_a_year_outside_the_horizon_is_refused_in_a_sentence(plain: Engine) -> None:
    found = disrupt(plain, plain.answer(off_choice()), by_hand(plain.evidence, [Blow(("china",), share=0.5)]))
    with pytest.raises(InputError, match="2040 is not a year of the horizon"):
        found.sentence(2040)
    with pytest.raises(InputError, match="2040 is not a year of the horizon"):
        lose_each(plain, plain.mix(off_choice())).sentence(plain.evidence, 2040)


def test_the_loss_of_a_part_never_leaves_more_short_than_the_loss_of_the_whole(engine: Engine) -> None:
    """A source that is lost opens the whole reserve; opened only for what is cut, oxide would lie idle when Chinese magnets alone are
    gone, and that would look worse than losing China."""
    for choice in (Choice(), Choice(china_limit=100, shortfall_limit=100), Choice(reserve_days=180)):
        found = lose_each(engine, engine.mix(choice))
        for year in found.years:
            losses = found.ranked(year)
            for whole in (loss for loss in losses if loss.kind == "origin"):
                parts = [loss for loss in losses if loss.kind == "route" and loss.source in whole.routes]
                assert all(part.short_t <= whole.short_t + 0.01 for part in parts), (whole.source, year)


def test_what_the_reserve_covers_is_short_without_it_and_not_with_it(plain: Engine) -> None:
    """60 t are gone and 10 t stand in the reserve; today's course has none."""
    answer = plain.answer(off_choice(reserve_days=36.5))
    found = disrupt(plain, answer, by_hand(plain.evidence, [Blow(("china",), share=0.75)]))
    rows = found.frame[found.frame["year"] == 2031].set_index("plan")
    assert (rows.loc["mix", "gap_t"], rows.loc["mix", "covered_t"]) == (pytest.approx(60.0), pytest.approx(10.0))
    assert rows.loc["today", "covered_t"] == pytest.approx(0.0, abs=1e-6)
    assert (rows["bill_crore"] - rows["quiet_bill_crore"] - rows["extra_bill_crore"]).abs().max() < 1e-9


def test_nothing_that_happens_is_refused(evidence: Evidence) -> None:
    with pytest.raises(SceneError, match="nothing happens"):
        by_hand(evidence, [Blow(("china_magnets",))])
