"""Claims about the states of the world: they sum to one, no event loses its probability, and the reduction is honest."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.analysis.uncertainty import perturbation
from model.analysis.uncertainty.perturbation import Weights
from model.engine.engine import KEPT_STATES
from model.engine.worker import Worker
from model.errors import InputError, SolverFailed
from model.evidence.schema import COMMODITIES
from model.evidence.store import Evidence
from model.formulation import reduction
from model.formulation import reduction as module
from model.formulation.assembler import Assembler
from model.formulation.levers import lever_named
from model.formulation.reduction import ALL_MOST, MORE_KEPT, MOST_LIKELY, StateSet
from model.formulation.states import UNDISTURBED, all_states, compose, event_probabilities, groups, probabilities
from model.lp import persistent
from tests.support.paper import World, off_choice

LIKELIHOODS = [round(0.1 * n, 1) for n in range(19)]


@pytest.fixture(scope="module")
def kept(evidence: Evidence) -> StateSet:
    """The states that the engine works with."""
    return StateSet(evidence, KEPT_STATES)


def test_all_states_are_one_choice_from_each_group(evidence: Evidence) -> None:
    """Their number is the product of the groups' sizes plus one each; none stands twice; the first is undisturbed."""
    states = all_states(evidence)
    assert len(states) == np.prod([len(group) + 1 for group in groups(evidence)])
    assert len({state.id for state in states}) == len(states) >= 64
    assert states[0].id == UNDISTURBED
    assert states[0].events == ()
    for state in states:
        for group in groups(evidence):
            assert len({e.id for e in group} & set(state.events)) <= 1


def test_history_is_never_drawn(evidence: Evidence) -> None:
    """What has happened is replayed on request and has no probability."""
    history = {e.id for e in evidence.events.values() if e.group == "history"}
    assert history
    assert not any(history & set(state.events) for state in all_states(evidence))


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_probability_of_a_state_is_a_product(evidence: Evidence, likelihood: float) -> None:
    """Groups are independent, events of a group exclude each other: worked out here from the facts alone."""
    states = all_states(evidence)
    found = probabilities(evidence, states, likelihood)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    chance = {e.id: evidence.value(e.probability) * likelihood for g in groups(evidence) for e in g if e.probability}
    for state, probability in zip(states, found, strict=True):
        expected = 1.0
        for group in groups(evidence):
            happening = [e.id for e in group if e.id in state.events]
            expected *= chance[happening[0]] if happening else 1.0 - sum(chance[e.id] for e in group)
        assert probability == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_every_event_keeps_its_own_probability_exactly(evidence: Evidence, kept: StateSet, likelihood: float) -> None:
    """An embargo of 4 % must not shrink because few states are kept; neither may the undisturbed year."""
    weights = kept.probability(likelihood)
    assert weights.min() >= 0.0
    assert weights.sum() == pytest.approx(1.0, abs=1e-9)
    for group in groups(evidence):
        for event in group:
            mine = sum(w for w, state in zip(weights, kept.states, strict=True) if event.id in state.events)
            assert event.probability
            assert mine == pytest.approx(evidence.value(event.probability) * likelihood, abs=1e-9), event.id
    every = all_states(evidence)
    assert weights[0] == pytest.approx(probabilities(evidence, every, likelihood)[0], abs=1e-9)
    assert kept.states[0].id == UNDISTURBED


def test_the_likelihood_lever_never_meets_the_ceiling_of_a_group(evidence: Evidence) -> None:
    """A group's events may not be scaled beyond certainty; if they were, the lever would silently stop working."""
    most = lever_named("likelihood").high / 100
    assert most == MOST_LIKELY
    for group in groups(evidence):
        assert sum(evidence.value(e.probability) for e in group if e.probability) * most <= 0.98


def test_the_kept_states_are_undisturbed_every_single_event_and_joint_ones(kept: StateSet, evidence: Evidence) -> None:
    """A reader finds each event alone among them; the rest are bad years in which several come together."""
    assert len(kept) == KEPT_STATES
    singles = {e.id for group in groups(evidence) for e in group}
    assert {state.events[0] for state in kept.states if len(state.events) == 1} == singles
    assert sum(len(state.events) > 1 for state in kept.states) == KEPT_STATES - 1 - len(singles)


def test_the_kept_states_do_not_depend_on_likelihood_or_on_what_was_asked_before(
    evidence: Evidence, kept: StateSet
) -> None:
    """The lever moves weights only; asking in another order, of a fresh set, gives the same states and weights."""
    for likelihood in (1.8, 0.0, 0.7, 1.0, 0.3):
        kept.probability(likelihood)
    other = StateSet(evidence, KEPT_STATES)
    assert [s.id for s in other.states] == [s.id for s in kept.states]
    for likelihood in (0.3, 1.0, 1.8):
        np.testing.assert_allclose(other.probability(likelihood), kept.probability(likelihood), atol=1e-7)


def test_a_weight_does_not_depend_on_what_was_asked_before_to_the_last_bit(evidence: Evidence) -> None:
    """A pack made after the likelihood lever was moved is the pack of a server that has just started, byte for byte."""
    fresh = {likelihood: StateSet(evidence, KEPT_STATES).probability(likelihood) for likelihood in (0.35, 1.0, 1.45)}
    asked = StateSet(evidence, KEPT_STATES)
    for likelihood in (*LIKELIHOODS, *reversed(LIKELIHOODS), 0.33, 1.8, 0.01):
        asked.probability(likelihood)
        for other, weights in fresh.items():
            asked._weigh.cache_clear()
            assert asked.probability(other).tobytes() == weights.tobytes(), (likelihood, other)


def test_a_weight_handed_out_cannot_be_spoilt_for_the_next(kept: StateSet) -> None:
    """Weights are cached and shared by all visitors; writing into them must fail or not matter."""
    before = kept.probability(0.9).copy()
    with contextlib.suppress(ValueError):
        kept.probability(0.9)[:] = 0.0
    np.testing.assert_array_equal(kept.probability(0.9), before)


def test_without_likelihood_every_year_is_undisturbed(kept: StateSet) -> None:
    """At 0 % nothing happens, and at all likelihoods in between nothing is negative."""
    weights = kept.probability(0.0)
    assert weights[0] == pytest.approx(1.0)
    np.testing.assert_allclose(weights[1:], 0.0, atol=1e-12)


def test_too_few_states_are_refused(evidence: Evidence) -> None:
    """A set that cannot hold every event is no set."""
    with pytest.raises(ValueError, match="states"):
        StateSet(evidence, 5)


@pytest.mark.parametrize("chance", [0.5, 0.9])
def test_more_states_are_kept_where_likelihoods_need_more(evidence: Evidence, chance: float) -> None:
    """A likelier event asks for more joint states: an own number that can be is never refused for the number of states kept."""
    likely = evidence.with_values({"scenario_iran_corridor": chance})
    states = StateSet(likely, KEPT_STATES)
    assert KEPT_STATES < len(states) < 2 * KEPT_STATES
    for likelihood in (1.0, MOST_LIKELY):
        weights = states.probability(likelihood)
        for name, own in event_probabilities(likely, likelihood).items():
            mine = sum(w for w, state in zip(weights, states.states, strict=True) if name in state.events)
            assert mine == pytest.approx(own, abs=1e-9), name


def test_more_states_than_can_be_handled_are_refused_by_name(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups multiply: a folder of a dozen events in groups of their own would hold the machine for minutes."""
    monkeypatch.setattr(module, "ALL_MOST", len(all_states(evidence)) - 1)
    with pytest.raises(InputError, match=r"events\.yaml.*states"):
        StateSet(evidence, KEPT_STATES)


def alike(events: int, folder: Path) -> Evidence:
    """A small world with so many events, each in a group of its own."""
    world = World().route("china", 50, 100).route("japan", 60, 100).sector("users", 100, 500)
    for i in range(events):
        world.event(f"event_{i}", 0.05, {("china", "japan")[i % 2]: 0.2 + 0.05 * i})
    return world.evidence(folder)


def test_the_bound_on_states_keeps_a_folder_from_holding_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the bound the states are chosen in few rounds of a small program; one event more is refused before any work, naming events."""
    events = int(np.log2(ALL_MOST))
    rounds: list[int] = []
    solve = reduction._solve
    monkeypatch.setattr(module, "_solve", lambda sheet: (rounds.append(len(sheet.column_names)), solve(sheet))[1])
    states = StateSet(alike(events, tmp_path / "most"), KEPT_STATES)
    assert len(states.all) == 2**events <= ALL_MOST
    assert len(states) >= KEPT_STATES
    assert 0 < len(rounds) <= KEPT_STATES + MORE_KEPT
    monkeypatch.setattr(module, "all_states", lambda *_: pytest.fail("work was done"))
    with pytest.raises(InputError, match=r"^events\.yaml, entries .*event_0, event_1.* 1,024 states") as said:
        StateSet(alike(events + 1, tmp_path / "more"), KEPT_STATES)
    assert str(said.value).count(". ") == 0


def test_the_choice_of_states_ends(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were every state worth a little for ever, it would stop where it is and say what cannot be carried."""
    monkeypatch.setattr(module, "MORE_KEPT", 0)
    with pytest.raises(InputError, match="no few states can carry"):
        StateSet(evidence.with_values({"scenario_iran_corridor": 0.9}), KEPT_STATES)


def test_a_solver_that_fails_once_is_asked_again(
    evidence: Evidence, kept: StateSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bad moment must not spoil the set for all who come later."""
    states = StateSet(evidence, kept=tuple(state.events for state in kept.states))

    def fails(*_: object) -> None:
        raise SolverFailed("the solver stopped")

    with monkeypatch.context() as patch:
        patch.setattr(persistent.Live, "solve", fails)
        for _ in range(2):
            with pytest.raises(SolverFailed, match="the solver stopped"):
                states.probability(1.0)
    np.testing.assert_allclose(states.probability(1.0), kept.probability(1.0), atol=1e-9)


def test_all_states_are_used_when_there_are_no_more(evidence: Evidence) -> None:
    """Asked for as many as there are, or for all, the weights are the exact products."""
    for keep in (None, len(all_states(evidence)), 10_000):
        every = StateSet(evidence, keep)
        assert every.exact
        np.testing.assert_allclose(every.probability(1.0), probabilities(evidence, every.all), atol=0)


def test_weights_under_other_facts_are_the_same_without_highs(
    evidence: Evidence, kept: StateSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The distances between states stay as they are when what events do has moved, whoever solves."""
    other = evidence.with_values({"scenario_iran_corridor": 0.3, "iran_months": 2.0, "scenario_licence_squeeze": 0.3})
    quick = Weights(kept).at(other, 1.0)
    monkeypatch.setattr(perturbation, "HAS_HIGHS", False)
    asked: list[Evidence] = []
    distance = StateSet._distance
    monkeypatch.setattr(
        StateSet, "_distance", lambda self, states: (asked.append(self.evidence), distance(self, states))[1]
    )
    np.testing.assert_allclose(Weights(kept).at(other, 1.0), quick, atol=1e-6)
    assert asked == [evidence]


@given(data=st.data())
@settings(max_examples=40)
def test_a_state_composed_by_hand_equals_the_one_from_the_product(evidence: Evidence, data: st.DataObject) -> None:
    """Cuts of an event of m months cost min(m, 12)/12 of their share; cuts and multipliers of several events multiply."""
    state = data.draw(st.sampled_from(all_states(evidence)))
    routes = list(evidence.routes)
    length = 1.0
    keeps = {new: np.ones((len(routes), len(COMMODITIES))) for new in (False, True)}
    dearer = {new: np.ones((len(routes), len(COMMODITIES))) for new in (False, True)}
    for name in data.draw(st.permutations(state.events)):
        event = evidence.events[name]
        months = evidence.facts[event.months].value
        length = max(length, months / 12)
        part = min(months, 12) / 12
        for i, route in enumerate(routes):
            for j, commodity in enumerate(COMMODITIES):
                for cut in event.cuts:
                    if route in cut.routes and commodity in cut.commodities:
                        keeps[cut.only_new_plants][i, j] *= 1 - part * evidence.facts[cut.share].value
                for surge in event.prices:
                    if route in surge.routes and commodity in surge.commodities:
                        dearer[surge.only_new_plants][i, j] *= 1 + part * (evidence.facts[surge.times].value - 1)
    np.testing.assert_allclose(state.cut, 1 - keeps[False], atol=1e-12)
    np.testing.assert_allclose(state.cut_new, 1 - keeps[True], atol=1e-12)
    np.testing.assert_allclose(state.multiplier, dearer[False], atol=1e-12)
    np.testing.assert_allclose(state.multiplier_new, dearer[True], atol=1e-12)
    assert state.length == pytest.approx(length)
    again = compose(evidence, tuple(evidence.events[name] for name in state.events))
    np.testing.assert_array_equal(again.cut, state.cut)


def test_shares_and_multipliers_of_all_states_are_possible(evidence: Evidence) -> None:
    """No state delivers less than nothing or more than all, and none has a price below nothing."""
    for state in all_states(evidence):
        for cut in (state.cut, state.cut_new):
            assert cut.min() >= -1e-12
            assert cut.max() <= 1.0 + 1e-12
        assert min(state.multiplier.min(), state.multiplier_new.min()) > 0.0
        assert state.length >= 1.0


def test_half_a_year_costs_half_the_cut_and_two_years_last_longer(tmp_path_factory: pytest.TempPathFactory) -> None:
    """By hand: 60 % for six months is 30 % of a year; 60 % for 24 months is 60 % of each year, and the reserve must last two."""
    world = World().route("china", 50, 100).sector("users", 100, 500)
    world.event("short", 0.1, {"china": 0.6}, {"china": 3.0}, months=6).event(
        "long", 0.1, {"china": 0.6}, {"china": 3.0}, months=24
    )
    evidence = world.evidence(tmp_path_factory.mktemp("lengths"))
    place = list(evidence.routes).index("china"), 0
    short, long, both = (
        compose(evidence, tuple(evidence.events[e] for e in names))
        for names in (("short",), ("long",), ("short", "long"))
    )
    assert short.cut[place] == pytest.approx(0.3)
    assert short.multiplier[place] == pytest.approx(2.0)
    assert short.length == 1.0
    assert long.cut[place] == pytest.approx(0.6)
    assert long.multiplier[place] == pytest.approx(3.0)
    assert long.length == 2.0
    assert both.cut[place] == pytest.approx(1 - 0.7 * 0.4)
    assert both.multiplier[place] == pytest.approx(6.0)
    assert both.length == 2.0


def test_the_reduction_stays_near_all_states(evidence: Evidence, kept: StateSet, record_property: Any) -> None:
    """Over three years, 16 of 160 states give the cost of all within 1.5 % and the worst-case shortfall within 4 points; 32
    come nearer. The differences are recorded with the test."""
    choice, years = off_choice(discount_rate=8), (2029, 2030, 2031)
    found = {}
    for states in (kept, StateSet(evidence, 2 * KEPT_STATES), StateSet(evidence, None)):
        case = Assembler(evidence, states, years).case(choice)
        worker = Worker(case)
        found[len(states)] = worker.mix(case, choice, worker.solve(case))
    exact = found.pop(len(kept.all))
    off: dict[int, tuple[float, float]] = {}
    for keep, mix in found.items():
        off[keep] = abs(mix.total_kusd / exact.total_kusd - 1), float(np.abs(mix.tail_year - exact.tail_year).max())
        record_property(f"{keep} states: cost off by %, tail off by points", [round(100 * x, 2) for x in off[keep]])
    assert off[KEPT_STATES][0] < 0.015
    assert off[KEPT_STATES][1] < 0.04
    assert off[2 * KEPT_STATES][0] <= off[KEPT_STATES][0]
    assert off[2 * KEPT_STATES][1] <= off[KEPT_STATES][1]


def test_states_are_weighed_the_same_without_highs(
    evidence: Evidence, kept: StateSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where HiGHS is missing, CBC keeps the same states and weights."""
    monkeypatch.setattr(module, "HAS_HIGHS", False)
    other = StateSet(evidence, KEPT_STATES)
    assert [s.id for s in other.states] == [s.id for s in kept.states]
    for likelihood in (0.0, 1.0, 1.8):
        np.testing.assert_allclose(other.probability(likelihood), kept.probability(likelihood), atol=1e-7)


def test_event_probabilities_never_leave_room_for_less_than_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    """In a data folder with a very likely group the lever stops where the group is nearly certain instead of going negative."""
    world = World().route("china", 50, 100).sector("users", 100, 500)
    world.event("one", 0.5, {"china": 0.6}, group="regime").event("two", 0.3, {"china": 0.3}, group="regime")
    evidence = world.evidence(tmp_path_factory.mktemp("likely"))
    single = event_probabilities(evidence, 1.8)
    assert sum(single.values()) <= 1.0
    assert single["one"] / single["two"] == pytest.approx(5 / 3)
    assert probabilities(evidence, all_states(evidence), 1.8).min() >= 0.0
