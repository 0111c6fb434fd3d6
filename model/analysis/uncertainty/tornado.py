"""Which doubtful number decides: every uncertain fact moved to its low and its high, one at a time, and the question solved anew.

A tornado shows what each does to cost, to the worst-case shortfall and to the mix; the switching value of a fact is where a
route comes in or goes out. Facts that a lever stands for in the case change nothing and are said so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.analysis.uncertainty.one_way import Bar, BarTask, Bench, End, measure, tail_of
from model.analysis.uncertainty.perturbation import Solver, Worlds, span, uncertain
from model.engine.engine import Engine
from model.errors import InputError
from model.evidence.store import Evidence
from model.formulation.levers import Choice
from model.parallel.processes import share_out
from model.parallel.progress import Progress, Stop, never, silent
from model.results.formatting import money


class DoubtError(InputError):
    """Facts that cannot be moved; the message says which and why."""


@dataclass(frozen=True)
class Tornado:
    """Bars of all facts moved. `total_crore` is the cost with all facts as they are, INR crore a year, discounted, `tail` its worst-case
    shortfall, on the evidence of this `version`. `complete` is false when it was stopped."""

    choice: Choice
    total_crore: float
    tail: float
    bars: tuple[Bar, ...]
    complete: bool = True
    version: str = ""

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each fact and end: fact, what, unit, fact_value, end (low or high), end_value, possible, total_crore, bill_crore
        and harm_crore (INR crore a year over the base), tail_shortfall, moved_share, came_in, went_out, switch_value and
        refused (why the fact cannot have this value)."""
        return pd.DataFrame(
            {
                "fact": bar.fact, "what": bar.what, "unit": bar.unit, "fact_value": bar.value, "end": name,
                "end_value": end.value, "possible": end.possible, **_numbers(end),
                "came_in": ", ".join(end.came), "went_out": ", ".join(end.went), "switch_value": bar.switch,
                "refused": end.refused,
            }
            for bar in self.bars
            for name, end in zip(("low", "high"), bar.ends, strict=True)
        )  # fmt: skip

    def ranked(self, by: str = "total_crore") -> tuple[Bar, ...]:
        """Bars by the width of their swing in `total_crore`, `tail` or `moved_share`, widest first; an end without a mix is widest."""

        def width(bar: Bar) -> float:
            base = self.tail if by == "tail" else 0.0
            return max(
                abs(getattr(end, by) - base) if end.possible else 0.0 if end.refused else np.inf for end in bar.ends
            )

        return tuple(sorted(self.bars, key=width, reverse=True))

    @property
    def still(self) -> tuple[str, ...]:
        """Facts that change nothing here: a lever stands for them, or no limit uses them."""
        return tuple(bar.fact for bar in self.bars if not any(end.moves for end in bar.ends))

    @property
    def sentence(self) -> str:
        """Which number decides most."""
        ends = [(abs(end.total_crore), bar.what) for bar in self.bars for end in bar.ends if end.possible]
        if not ends:
            return (
                "No uncertain fact was moved."
                if not self.bars
                else "No mix meets the limits at either end of any range."
            )
        swing, what = max(ends)
        switching = sum(bar.switch is not None for bar in self.bars)
        broken = sum(any(not end.possible and not end.refused for end in bar.ends) for bar in self.bars)
        return (
            f"The doubtful number that weighs most on cost is “{what}”: within its range the cost moves by up to {money(swing)} a year."
            f" {switching} of {len(self.bars)} facts change the choice of routes somewhere in their range"
            + (f", {broken} of them because no mix meets the limits there." if broken else ".")
        )


def _numbers(end: End) -> dict[str, float]:
    names = {"total_crore": end.total_crore, "bill_crore": end.bill_crore, "harm_crore": end.harm_crore, "tail_shortfall": end.tail, "moved_share": end.moved_share}  # fmt: skip
    return names if end.possible else dict.fromkeys(names, float("nan"))


def checked_facts(evidence: Evidence, facts: tuple[str, ...] | None) -> tuple[str, ...]:
    """Facts to move, all uncertain ones when none are named. Raises `DoubtError`."""
    known = {fact.id for fact in uncertain(evidence)}
    if facts is None:
        return tuple(fact.id for fact in uncertain(evidence))
    if not facts:
        raise DoubtError("facts: no fact was selected")
    for name in facts:
        if name not in known:
            reason = "it has no range that the model uses" if name in evidence.facts else "there is no such fact"
            raise DoubtError(f"fact {name!r}: {reason}")
    return tuple(dict.fromkeys(facts))


def tornado(
    engine: Engine,
    choice: Choice,
    facts: tuple[str, ...] | None = None,
    processes: int | None = None,
    progress: Progress = silent,
    stop: Stop = never,
    before: Tornado | None = None,
) -> Tornado:
    """Every uncertain fact (or those named) moved to its low and its high. When stopped, the bars ready by then; given as `before`,
    they are gone on with, unless they are of another choice or evidence. Raises `InputError`, `DoubtError`, `NoMix`, `SolverFailed`."""
    names, version = checked_facts(engine.evidence, facts), engine.evidence.version
    base = engine.mix(choice)
    task = BarTask(engine.evidence, tuple(s.events for s in engine.states.states), choice)
    same = before is not None and (before.choice, before.version) == (choice, version)
    known = {bar.fact: bar for bar in before.bars} if before is not None and same else {}
    left = tuple(name for name in names if name not in known)

    def done(number: int, _: int) -> None:
        progress(len(known) + number, len(names))

    found = share_out(task, left, processes, done, stop) if left else ()
    known |= {left[place]: bar for place, bar in found}
    bars = tuple(known[name] for name in names if name in known)
    return Tornado(choice, measure(base)[0], tail_of(base), bars, len(bars) == len(names), version)


def switching(
    engine: Engine, choice: Choice, name: str, low: float | None = None, high: float | None = None
) -> Switching:
    """The value of one fact at which the choice of routes changes, looked for between two values, by default its own range.
    Raises `DoubtError`, `NoMix`, `SolverFailed`."""
    fact = engine.evidence.facts[checked_facts(engine.evidence, (name,))[0]]
    ends = (span(fact)[0] if low is None else float(low), span(fact)[1] if high is None else float(high))
    if not ends[0] <= fact.value <= ends[1]:
        raise DoubtError(f"fact {name!r}: its value {fact.value:g} does not lie between {ends[0]:g} and {ends[1]:g}")
    engine.mix(choice)
    with engine.worker() as worker:
        made = Bench(Solver(Worlds(engine.evidence, engine.states), choice, worker))
        tried = [made.end(name, end) for end in ends if end != fact.value]
        value = made.switch(fact, [end for end in tried if end.switches])
        there = None if value is None else made.end(name, value)
    return Switching(name, fact.what, fact.unit, float(fact.value), ends, value, there)


@dataclass(frozen=True)
class Switching:
    """The value of a fact, within `looked`, at which the choice of routes changes, and what happens there; None when nowhere."""

    fact: str
    what: str
    unit: str
    fact_value: float
    looked: tuple[float, float]
    value: float | None
    there: End | None

    def sentence(self, names: Mapping[str, str]) -> str:
        """The finding in words; `names` are the routes' names by id."""
        if self.value is None or self.there is None:
            return f"Between {self.looked[0]:g} and {self.looked[1]:g} {self.unit} “{self.what}” does not change the choice of routes."
        way = "above" if self.value > self.fact_value else "below"
        then = [f"{names[r]} come in" for r in self.there.came] + [f"{names[r]} go out" for r in self.there.went]
        what = " and ".join(then) if self.there.possible else "no mix meets the limits"
        return f"The choice of routes changes only if “{self.what}” is {way} {self.value:.3g} {self.unit} (now {self.fact_value:.3g}): then {what}."


__all__ = ["Bar", "DoubtError", "End", "Switching", "Tornado", "checked_facts", "switching", "tornado"]
