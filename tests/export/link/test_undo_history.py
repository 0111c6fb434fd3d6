"""Claims about undo and redo: whole moves, nothing lost, nothing invented."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from model.evidence.schema import Edit
from model.export.link.undo_history import MOVES_KEPT, TOGETHER_S, History, Stand
from model.formulation.levers import Choice

START = Stand("balanced", Choice())
EDIT = Edit(fact="a", value=1.0, reason="a test")


def stand(**values: object) -> Stand:
    return Stand("balanced", Choice.of(values))


def test_a_move_can_be_undone_and_made_again() -> None:
    moved = History(START).moved(stand(china_limit=40), 0.0)
    assert moved.undone().present == START
    assert moved.undone().redone().present == stand(china_limit=40)
    assert moved.last_move == (START, stand(china_limit=40))


def test_nothing_to_undo_changes_nothing() -> None:
    assert History(START).undone() == History(START).redone() == History(START).moved(START, 5.0) == History(START)


def test_steps_of_one_slider_are_one_move() -> None:
    """Four presses of an arrow key are undone at once."""
    moves = History(START)
    for press in range(1, 5):
        moves = moves.moved(stand(china_limit=60 + press), 0.5 * press)
    assert moves.undone().present == START
    assert moves.last_move == (START, stand(china_limit=64))


def test_a_pause_or_another_lever_begins_another_move() -> None:
    moves = History(START).moved(stand(china_limit=61), 0.0).moved(stand(china_limit=62), TOGETHER_S + 0.1)
    assert moves.undone().present == stand(china_limit=61)
    other = History(START).moved(stand(china_limit=61), 0.0).moved(stand(china_limit=61, rupee=90), 0.1)
    assert other.undone().present == stand(china_limit=61)


def test_a_slider_that_comes_back_has_not_moved() -> None:
    moves = History(START).moved(stand(china_limit=61), 0.0).moved(START, 1.0)
    assert moves.past == ()


def test_a_story_is_one_move_and_comes_back_with_its_name() -> None:
    story = Stand("eu_65", Choice(china_limit=65, country_limit=65))
    moves = History(START).moved(story, 0.0)
    assert moves.undone().present.story == "balanced"
    assert moves.undone().redone().present == story


def test_a_new_move_ends_what_could_be_redone() -> None:
    moves = History(START).moved(stand(china_limit=40), 0.0).undone().moved(stand(rupee=90), 9.0)
    assert moves.future == ()
    assert moves.redone() == moves


class Moves(RuleBasedStateMachine):
    """Against the plainest history that there is: a list and a place in it. Moves are far apart in time, so none are joined."""

    def __init__(self) -> None:
        super().__init__()
        self.history, self.list, self.place, self.clock = History(START), [START], 0, 0.0

    @rule(china=st.integers(0, 100), rupee=st.integers(75, 130), story=st.sampled_from(["balanced", "eu_65"]))
    def move(self, china: int, rupee: int, story: str) -> None:
        self.clock += 2 * TOGETHER_S
        to = Stand(story, Choice(china_limit=china, rupee=rupee))
        self.history = self.history.moved(to, self.clock)
        if to != self.list[self.place]:
            self.list = [*self.list[: self.place + 1], to]
            self.place += 1

    @rule(times=st.integers(1, 5))
    def undo(self, times: int) -> None:
        for _ in range(times):
            self.history = self.history.undone()
        self.place = max(0, self.place - times)

    @rule(times=st.integers(1, 5))
    def redo(self, times: int) -> None:
        for _ in range(times):
            self.history = self.history.redone()
        self.place = min(len(self.list) - 1, self.place + times)

    @invariant()
    def both_stand_alike(self) -> None:
        assert self.history.present == self.list[self.place]
        assert list(self.history.past) == self.list[: self.place][-MOVES_KEPT:]
        assert list(self.history.future) == self.list[self.place + 1 :]
        assert len(self.history.past) <= MOVES_KEPT


TestMoves = Moves.TestCase


def test_the_last_move_of_one_lever_is_found_behind_those_of_others() -> None:
    """And it leads to where that lever stood before it, not further."""
    moves = History(START)
    for place, to in enumerate(({"china_limit": 40}, {"china_limit": 50}, {"china_limit": 50, "rupee": 90})):
        moves = moves.moved(stand(**to), 2 * place * TOGETHER_S)
    assert moves.last_of("china_limit") == (40.0, 50.0)
    assert moves.last_of("rupee") == (97.0, 90.0)
    assert moves.last_of("china_flow") is None
    assert moves.undone().undone().last_of("china_limit") == (60.0, 40.0)


def test_a_move_told_apart_is_not_joined_to_the_one_before() -> None:
    """A lever put back at once would otherwise be no move at all, and could not be undone."""
    moved = History(START).moved(stand(china_limit=40), 0.0)
    assert moved.moved(START, 0.1).past == ()
    assert moved.apart().moved(START, 0.1).undone().present == stand(china_limit=40)


def test_a_step_on_stage_and_own_numbers_are_noted_and_are_no_move() -> None:
    """What is noted is what stood last before the levers moved on."""
    later = Stand("balanced", Choice(), 3, ("", (EDIT,)))
    noted = History(START).moved(later, 0.0)
    assert noted.past == ()
    assert (noted.present.step, noted.present.own) == (3, ("", (EDIT,)))
    assert not noted.present.brought
    moved = noted.moved(replace(stand(china_limit=40), own=later.own), 1.0)
    assert not moved.present.brought
    assert (moved.undone().present.step, moved.undone().present.own) == (3, later.own)


def test_own_numbers_that_come_with_a_move_go_with_it() -> None:
    """Also when the lever moves on at once, which is still the same move."""
    brought = replace(stand(china_limit=40), own=("", (EDIT,)))
    moves = History(START).moved(brought, 0.0)
    assert moves.present.brought
    assert moves.moved(replace(stand(china_limit=41), own=brought.own), 0.5).present.brought
    assert moves.moved(brought, 9.0).present.brought
    assert moves.undone().redone().present.brought


def test_no_more_moves_are_kept_than_said() -> None:
    moves = History(START)
    for i in range(3 * MOVES_KEPT):
        moves = moves.moved(stand(rupee=75 + i % 50), i * 2 * TOGETHER_S)
    assert len(moves.past) == MOVES_KEPT
