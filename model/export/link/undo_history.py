"""Undo and redo over whole moves: where the levers stood, stand and could stand again, as a frozen value.

Steps of one slider that follow each other closely are one move, so that undoing leads back to where the slider stood before.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from model.evidence.schema import Edit
from model.formulation.levers import Choice, Value

MOVES_KEPT = 100
"""So many moves can be undone."""
TOGETHER_S = 3.0
"""Steps of one lever within so many seconds of each other are one move."""


Own = tuple[str, tuple[Edit, ...]]
"""Own numbers, behind the version of the data that they are put into."""


@dataclass(frozen=True)
class Stand:
    """Where the levers stand, and the story that they started from. Beside them, and no move by itself: the step on stage, the own
    numbers in use with the version of the data under them, and whether these came with the move that led here."""

    story: str
    choice: Choice
    step: int = field(default=0, compare=False)
    own: Own = field(default=("", ()), compare=False)
    brought: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class History:
    """Moves of one visitor: stands before the present one, oldest first, and stands undone, nearest first. `lever` and `at`: the one
    lever that the last move was of, empty when it was more than one or has been undone, and when, in seconds."""

    present: Stand
    past: tuple[Stand, ...] = ()
    future: tuple[Stand, ...] = ()
    lever: str = ""
    at: float = 0.0

    def moved(self, to: Stand, at: float) -> History:
        """The history after a move at a time in seconds; the same when nothing moved. What was undone before is gone then."""
        if to == self.present:
            return replace(self, present=replace(self.present, step=to.step, own=to.own))
        to = replace(to, brought=to.own != self.present.own)
        changed = to.choice.differences(self.present.choice)
        lever = changed[0] if len(changed) == 1 and to.story == self.present.story else ""
        if lever and lever == self.lever and self.past and at - self.at <= TOGETHER_S:
            if to == self.past[-1]:
                return History(replace(to, brought=self.past[-1].brought), self.past[:-1])
            return History(replace(to, brought=to.brought or self.present.brought), self.past, (), lever, at)
        return History(to, (*self.past, self.present)[-MOVES_KEPT:], (), lever, at)

    def undone(self) -> History:
        """The history with the last move taken back; the same when there is none."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redone(self) -> History:
        """The history with the move undone last made again; the same when there is none."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present)[-MOVES_KEPT:], self.future[1:])

    def apart(self) -> History:
        """The same history; the next move is one of its own, however soon it comes."""
        return replace(self, lever="")

    def last_of(self, lever: str) -> tuple[Value, Value] | None:
        """Where one lever stood before its last move and where it stands now; None when it has not moved."""
        values = [stand.choice.values()[lever] for stand in (*self.past, self.present)]
        return next(((old, values[-1]) for old in reversed(values) if old != values[-1]), None)

    @property
    def last_move(self) -> tuple[Stand, Stand] | None:
        """Where the levers stood before the last move and where they stand now; None when nothing has moved."""
        return (self.past[-1], self.present) if self.past else None
