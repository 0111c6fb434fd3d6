"""Claims about what made the difference: the shares of a paper game, the axioms that define them, and real levers."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.analysis.explain.attribution import (
    ASSUMPTION,
    EXACT_MOST,
    MEASURES,
    POLICY,
    Difference,
    Worth,
    _blocks,
    difference,
    exact,
    kind_of,
    mixed,
    sampled,
)
from model.arrays import Array
from model.engine.active_limits import NoMix
from model.engine.engine import Engine
from model.formulation.levers import Choice, levers
from pages.parts.compare import attribution

games = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.floats(-100, 100), min_size=2**n, max_size=2**n).map(lambda worths: (n, np.array(worths)))
)


def game(worths: Array) -> Worth:
    """A game from the worth of each set of players."""
    return lambda mask: np.array([worths[mask]])


def paper(mask: int) -> Array:
    """The glove game: one left glove (player 0), two right ones (players 1 and 2); a pair is worth 1."""
    return np.array([float(bool(mask & 1) and bool(mask & 6))])


# -- the split itself --------------------------------------------------------------------------------------------------


def test_the_glove_game_is_split_as_in_the_books() -> None:
    """Two thirds to the rare glove, a sixth to each of the others."""
    found = exact(3, paper)
    assert found is not None
    assert found.share[:, 0].tolist() == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert found.orders == 6


@given(games)
def test_the_shares_are_the_average_over_all_orders(made: tuple[int, Array]) -> None:
    """The definition, order by order."""
    players, worths = made
    wanted = np.zeros(players)
    for order in permutations(range(players)):
        mask = 0
        for player in order:
            wanted[player] += worths[mask | 1 << player] - worths[mask]
            mask |= 1 << player
    found = exact(players, game(worths))
    assert found is not None
    assert found.share[:, 0] == pytest.approx(wanted / factorial(players), abs=1e-9)


@given(games)
def test_the_shares_add_up(made: tuple[int, Array]) -> None:
    """Efficiency: exact or sampled, nothing is left over."""
    players, worths = made
    for found in (exact(players, game(worths)), sampled(players, game(worths), 8)):
        assert found is not None
        assert found.share.sum() == pytest.approx(worths[-1] - worths[0], abs=1e-9)


@given(st.integers(2, 5), st.data())
def test_equal_players_get_equal_shares(players: int, data: st.DataObject) -> None:
    """Symmetry: when only the number of players counts, all get the same."""
    by_size = data.draw(st.lists(st.floats(-100, 100), min_size=players + 1, max_size=players + 1))
    found = exact(players, lambda mask: np.array([by_size[mask.bit_count()]]))
    assert found is not None
    assert found.share[:, 0] == pytest.approx(np.full(players, (by_size[-1] - by_size[0]) / players), abs=1e-9)


@given(games, st.floats(-50, 50))
def test_who_only_adds_his_own_gets_just_that(made: tuple[int, Array], own: float) -> None:
    """Dummy: a player who adds the same to every set gets it, one who adds nothing gets nothing."""
    players, worths = made
    found = exact(players + 1, lambda mask: np.array([worths[mask % 2**players] + own * (mask >> players)]))
    assert found is not None
    assert found.share[-1, 0] == pytest.approx(own, abs=1e-9)


@given(games, games)
def test_shares_of_a_sum_are_sums_of_shares(one: tuple[int, Array], other: tuple[int, Array]) -> None:
    """Additivity: cost and harm may be split apart or together."""
    players = min(one[0], other[0])
    a, b = one[1][: 2**players], other[1][: 2**players]
    parts = [exact(players, game(worths)) for worths in (a, b, a + b)]
    assert all(parts)
    assert parts[2].share == pytest.approx(parts[0].share + parts[1].share, abs=1e-8)  # type: ignore[union-attr]


def test_only_orders_that_keep_a_mix_count() -> None:
    """Player 1 before player 0 has no mix: one order of two is left, and half of the orders are said to be left out."""
    worths = {0: 0.0, 1: 3.0, 2: None, 3: 10.0}
    found = exact(2, lambda mask: None if worths[mask] is None else np.array([worths[mask]]))
    assert found is not None
    assert found.share[:, 0].tolist() == [3.0, 7.0]
    assert (found.orders, found.left_out) == (1, 0.5)
    drawn = sampled(2, lambda mask: None if worths[mask] is None else np.array([worths[mask]]), 16)
    assert drawn is not None
    assert drawn.share[:, 0].tolist() == [3.0, 7.0]
    assert drawn.left_out == 0.5


def lame(mask: int) -> Array | None:
    """Three players of whom player 0 cannot be first: of two pairs only one order keeps a mix, of the third both do."""
    worths = {0: 0.0, 1: None, 2: 1.0, 4: 2.0, 3: 9.0, 5: 4.0, 6: 3.5, 7: 12.0}
    return None if worths[mask] is None else np.array([worths[mask]])


def test_every_order_drawn_counts_the_same() -> None:
    """An order whose reverse has no mix counts no more than one of a whole pair, so that a large sample comes to the exact shares."""
    true, drawn = exact(3, lame), sampled(3, lame, 4000)
    assert true is not None
    assert drawn is not None
    assert true.orders == 4
    assert (drawn.error < 0.05).all()
    assert (np.abs(drawn.share - true.share) <= 4 * drawn.error + 1e-12).all()


def test_the_error_of_a_sample_with_gaps_is_that_which_it_makes() -> None:
    """Over many seeds the true errors spread as the standard error says, not less and not more."""
    true = exact(3, lame)
    assert true is not None
    drawn = [sampled(3, lame, 40, seed) for seed in range(300)]
    off = np.array([(each.share - true.share) / each.error for each in drawn if each is not None])
    assert len(off) == 300
    assert np.sqrt((off**2).mean(axis=0)) == pytest.approx(np.ones((3, 1)), abs=0.2)


def test_a_sample_of_orders_none_of_which_works_is_not_called_all_orders(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More levers than can be exact and no mix on the way: what was looked at is a number of orders, and nothing more is claimed."""
    after = Choice(
        china_limit=90, shortfall_limit=90, china_price=110, likelihood=110, rupee=90, discount_rate=7, oxide_price=110, reserve_days=30,
        demand_scale=105, recycling=90, substitution=25,
    )  # fmt: skip
    monkeypatch.setattr("model.analysis.explain.attribution._solve", lambda engine, choice: None)
    monkeypatch.setattr("model.analysis.explain.attribution.PAIRS_LEAST", 3)
    monkeypatch.setattr("model.analysis.explain.attribution.SOLVES_ABOUT", 1)
    found = difference(engine, Choice(), after)
    assert not found.one_by_one
    assert not found.exact
    assert found.orders == 24
    assert attribution.method(found, "bill_crore").startswith("None of the 24 orders drawn")
    few = difference(engine, Choice(), Choice(china_limit=70, china_price=110))
    assert few.exact
    assert attribution.method(few, "bill_crore").startswith("No order ")


def test_without_any_order_nothing_is_pretended() -> None:
    ends = {0: np.array([0.0]), 3: np.array([1.0])}
    assert exact(2, ends.get) is None
    assert sampled(2, ends.get, 8) is None


def test_then_policy_and_world_are_changed_in_one_go_or_all_at_once() -> None:
    """Bits 0 and 1 are limits, bit 2 is the world."""
    names = ("china_limit", "shortfall_limit", "china_price")
    apart = {0: 0.0, 3: 5.0, 7: 9.0}
    shares, players = _blocks(names, lambda mask: np.array([apart[mask]]) if mask in apart else None)
    assert players == [3, 4]
    assert shares.share[:, 0].tolist() == [5.0, 4.0]
    shares, players = _blocks(names, lambda mask: np.array([apart[mask]]) if mask in (0, 7) else None)
    assert players == [7]
    assert shares.share[:, 0].tolist() == [9.0]


def test_a_sample_says_how_wrong_it_may_be() -> None:
    """Its true error is within four of its standard errors, and the same question has the same answer."""
    draw = np.random.default_rng(3)
    worths = draw.normal(size=2**8)
    true, drawn, again = exact(8, game(worths)), sampled(8, game(worths), 64), sampled(8, game(worths), 64)
    assert true is not None
    assert drawn is not None
    assert again is not None
    assert (np.abs(drawn.share - true.share) <= 4 * drawn.error + 1e-12).all()
    assert (drawn.share == again.share).all()


# -- real levers -------------------------------------------------------------------------------------------------------

AFTER = Choice(china_limit=70, shortfall_limit=40, china_price=130, likelihood=120)


@pytest.fixture(scope="module")
def found(engine: Engine) -> Difference:
    return difference(engine, Choice(), AFTER)


def test_the_parts_are_the_whole_difference_to_a_millionth(found: Difference, engine: Engine) -> None:
    before, after = engine.mix(Choice()), engine.mix(AFTER)
    for name in MEASURES:
        whole = after.indicators[name] - before.indicators[name]
        assert sum(part.change[name] for part in found.parts) == pytest.approx(whole, rel=1e-6, abs=1e-9), name
        assert found.of_kind(POLICY, name) + found.of_kind(ASSUMPTION, name) == pytest.approx(whole, rel=1e-6, abs=1e-9)


def test_policy_and_the_world_are_told_apart(found: Difference) -> None:
    kinds = {part.levers[0]: part.kind for part in found.parts}
    assert kinds == {
        "china_limit": POLICY,
        "shortfall_limit": POLICY,
        "china_price": ASSUMPTION,
        "likelihood": ASSUMPTION,
    }
    assert found.exact
    assert found.orders == 24


def test_what_partners_makers_and_misfortune_do_is_no_policy() -> None:
    """India is credited with what India decides; others' oxide, a slipped tender or a story's squeeze are the world's."""
    assumed = {lever.id for lever in levers() if kind_of(lever.id) == ASSUMPTION}
    assert assumed == {
        "demand_scale", "china_flow", "china_price", "likelihood", "rupee", "oxide_price", "discount_rate", "plants_delay",
        "central_asia_year", "central_asia_volume", "partner_allocation", "substitution",
    }  # fmt: skip
    assert {kind_of(lever.id) for lever in levers() if lever.group == "limits"} == {POLICY}


def test_a_promise_of_partners_is_told_as_the_world(engine: Engine) -> None:
    """The prepared story's squeeze moves what China licenses and what partners spare: none of its difference is policy's."""
    free = {"china_limit": 100, "shortfall_limit": 100}
    found = difference(engine, Choice.of(free), Choice.of(engine.evidence.presets["squeezed"].levers))
    assert {part.levers[0] for part in found.parts} == {"china_flow", "partner_allocation"}
    assert found.of_kind(ASSUMPTION, "bill_crore") == pytest.approx(found.whole["bill_crore"], rel=1e-6)


def test_turned_round_every_share_changes_its_sign(engine: Engine) -> None:
    """What made it dearer one way makes it cheaper the other way."""
    one, other = (
        difference(engine, *pair)
        for pair in ((Choice(), Choice(china_limit=70, rupee=90)), (Choice(china_limit=70, rupee=90), Choice()))
    )
    for mine, theirs in zip(one.parts, other.parts, strict=True):
        assert mine.change["bill_crore"] == pytest.approx(-theirs.change["bill_crore"], abs=1e-3)


def test_two_equal_settings_have_nothing_to_split(engine: Engine) -> None:
    found = difference(engine, Choice(), Choice())
    assert found.complete
    assert found.parts == ()


def test_more_levers_than_can_be_exact_are_sampled_and_say_so(small: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few orders, to be quick."""
    monkeypatch.setattr("model.analysis.explain.attribution.SOLVES_ABOUT", 1)
    monkeypatch.setattr("model.analysis.explain.attribution.PAIRS_LEAST", 3)
    after = Choice(
        china_limit=90, shortfall_limit=90, china_price=110, likelihood=110, rupee=90, discount_rate=7, oxide_price=110, reserve_days=30,
        demand_scale=105, recycling=90, substitution=25,
    )  # fmt: skip
    before = Choice(china_limit=100, shortfall_limit=100)
    assert len(before.differences(after)) > EXACT_MOST
    found = difference(small, before, after)
    assert not found.exact
    assert found.orders > 1
    whole = found.whole["bill_crore"]
    assert sum(part.change["bill_crore"] for part in found.parts) == pytest.approx(whole, rel=1e-6, abs=1e-9)
    assert any(part.error["bill_crore"] > 0 for part in found.parts)


def test_stopped_work_is_not_lost(engine: Engine) -> None:
    """What was solved by then is gone on from."""
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    half = difference(engine, Choice(), AFTER, stop=stop)
    assert not half.complete
    assert half.parts == ()
    solved = len(half.solved)
    assert 5 <= solved < 16
    rest = []
    whole = difference(engine, Choice(), AFTER, stop=lambda: bool(rest.append(0)), earlier=half)
    assert whole.complete
    assert len(rest) == 16 - solved


def test_a_setting_without_a_mix_cannot_be_compared(engine: Engine) -> None:
    with pytest.raises(NoMix):
        difference(engine, Choice(), Choice(china_limit=0, shortfall_limit=0))


def test_sets_of_levers_are_the_settings_that_they_say() -> None:
    names = Choice().differences(AFTER)
    assert mixed(Choice(), AFTER, names, 0) == Choice()
    assert mixed(Choice(), AFTER, names, 15) == AFTER
    assert mixed(Choice(), AFTER, names, 1) == Choice(china_limit=70)
