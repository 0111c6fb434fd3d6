"""Which doubtful number decides: every uncertain fact moved to its low and its high, one at a time, and the question solved anew.

A tornado shows what each does to cost, to the worst-case shortfall and to the mix; the switching value of a fact is where a
route comes in or goes out. Facts that a lever stands for in the case change nothing and are said so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.binding import money
from model.crew import Progress, Stop, never, share_out, silent
from model.evidence import Evidence, Fact, InputError
from model.levers import Choice
from model.live import Engine
from model.lp import Infeasible
from model.mix import Mix
from model.moved import Solver, Worlds, settled, span, uncertain
from model.pushes import apart, demand, supply
from model.trials import a_year

IN, OUT = 0.01, 0.002
"""A route comes in when it goes from less than OUT to at least IN of magnet demand, and goes out the other way."""
HALVINGS = 6
"""A switching value is found to this many halvings of the way to the end of the range."""
STATES_KEY = tuple[tuple[str, ...], ...]


class DoubtError(InputError):
    """Facts that cannot be moved; the message says which and why."""


@dataclass(frozen=True)
class End:
    """The best mix with one fact at one value. `possible` is false when no mix meets the limits there; the rest is then empty. Costs
    are INR crore a year more than with the fact as it is, bill and harm apart; `tail` is the worst-case shortfall (share);
    `moved_share` how much of demand is served by other routes; `came` and `went` are routes."""

    value: float
    possible: bool = True
    total_crore: float = 0.0
    bill_crore: float = 0.0
    harm_crore: float = 0.0
    tail: float = 0.0
    moved_share: float = 0.0
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()

    @property
    def switches(self) -> bool:
        """Whether the choice of routes is another one."""
        return not self.possible or bool(self.came or self.went)


@dataclass(frozen=True)
class Bar:
    """One fact of a tornado with both ends of its range, and the value nearest to its own at which the choice of routes changes."""

    fact: str
    what: str
    unit: str
    value: float
    low: End
    high: End
    switch: float | None = None

    @property
    def ends(self) -> tuple[End, End]:
        """Low and high."""
        return self.low, self.high


def measure(mix: Mix) -> tuple[float, float, float]:
    """Total, bill and harm of a mix, INR crore a year."""
    scale = a_year(mix.case)
    return mix.total_kusd * scale, (mix.total_kusd - mix.shortage_cost_kusd) * scale, mix.shortage_cost_kusd * scale


def tail_of(mix: Mix) -> float:
    """Worst-case shortfall: average of the worst outcomes in the worst year from the target year on, share of demand."""
    return float(mix.tail_year[mix.focus].max())


def routes_changed(base: Mix, mix: Mix) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Routes that come in and that go out between two mixes."""
    before, after = supply(base) / demand(base), supply(mix) / demand(mix)
    came = tuple(r for r, x, y in zip(base.case.routes, before, after, strict=True) if x < OUT and y >= IN)
    return came, tuple(r for r, x, y in zip(base.case.routes, before, after, strict=True) if x >= IN and y < OUT)


class Bench:
    """One choice with its facts moved one at a time."""

    def __init__(self, solver: Solver) -> None:
        self.solver, self.base = solver, solver.base
        self.evidence = solver.worlds.evidence

    def end(self, fact: str, value: float) -> End:
        """The best mix with a fact at a value. Raises `EvidenceError` when the fact cannot have it."""
        value = settled(self.evidence.facts[fact], value)
        try:
            mix = self.solver.mix({fact: value})
        except Infeasible:
            return End(value, False)
        total, bill, harm = (now - before for now, before in zip(measure(mix), measure(self.base), strict=True))
        came, went = routes_changed(self.base, mix)
        return End(value, True, total, bill, harm, tail_of(mix), apart(mix, self.base), came, went)

    def bar(self, name: str) -> Bar:
        """A fact at both ends of its range, with its switching value."""
        fact = self.evidence.facts[name]
        low, high = (self.end(name, x) if x != fact.value else self._as_it_is(fact) for x in span(fact))
        switch = self.switch(fact, [end for end in (low, high) if end.switches])
        return Bar(name, fact.what, fact.unit, float(fact.value), low, high, switch)

    def _as_it_is(self, fact: Fact) -> End:
        return End(float(fact.value), tail=tail_of(self.base))

    def switch(self, fact: Fact, ends: list[End]) -> float | None:
        """The value nearest to the fact's own, on the way to these ends, at which the choice of routes is another one."""
        found = []
        for end in ends:
            same, other = float(fact.value), end.value
            for _ in range(HALVINGS):
                middle = settled(fact, (same + other) / 2.0)
                if middle in (same, other):
                    break
                same, other = (same, middle) if self.end(fact.id, middle).switches else (middle, other)
            found.append(other)
        return min(found, key=lambda x: abs(x - fact.value), default=None)


@dataclass(frozen=True)
class Tornado:
    """Bars of all facts moved. `base` is total, bill and harm with all facts as they are, INR crore a year, `tail` its worst-case
    shortfall. `complete` is false when it was stopped."""

    choice: Choice
    total_crore: float
    tail: float
    bars: tuple[Bar, ...]
    complete: bool = True

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each fact and end: fact, what, unit, fact_value, end (low or high), end_value, possible, total_crore, bill_crore
        and harm_crore (INR crore a year over the base), tail_shortfall, moved_share, came_in, went_out and switch_value."""
        return pd.DataFrame(
            {
                "fact": bar.fact, "what": bar.what, "unit": bar.unit, "fact_value": bar.value, "end": name,
                "end_value": end.value, "possible": end.possible, **_numbers(end),
                "came_in": ", ".join(end.came), "went_out": ", ".join(end.went), "switch_value": bar.switch,
            }
            for bar in self.bars
            for name, end in zip(("low", "high"), bar.ends, strict=True)
        )  # fmt: skip

    def ranked(self, by: str = "total_crore") -> tuple[Bar, ...]:
        """Bars by the width of their swing in `total_crore`, `tail` or `moved_share`, widest first; an end without a mix is widest."""

        def width(bar: Bar) -> float:
            base = self.tail if by == "tail" else 0.0
            return max(abs(getattr(end, by) - base) if end.possible else np.inf for end in bar.ends)

        return tuple(sorted(self.bars, key=width, reverse=True))

    @property
    def sentence(self) -> str:
        """Which number decides most."""
        swings = [(max(abs(end.total_crore) for end in bar.ends if end.possible), bar) for bar in self.bars if any(e.possible for e in bar.ends)]  # fmt: skip
        if not swings:
            return "No uncertain fact was moved."
        swing, bar = max(swings, key=lambda found: found[0])
        switching = sum(bar.switch is not None for bar in self.bars)
        return (
            f"The doubtful number that weighs most is “{bar.what}”: within its range the cost moves by up to {money(swing)} a year;"
            f" {switching} of {len(self.bars)} facts change the choice of routes somewhere in their range."
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


@dataclass(frozen=True)
class BarTask:
    """Bars worked out in a helper process (`crew.Task`): evidence, kept states and choice travel there once."""

    evidence: Evidence
    states: STATES_KEY
    choice: Choice

    def ready(self) -> Callable[[str], Bar]:
        """Make an engine's worth of solver in this process."""
        from model.states import StateSet

        worlds = Worlds(self.evidence, StateSet(self.evidence, kept=self.states))
        return Bench(Solver(worlds, self.choice)).bar


def tornado(
    engine: Engine,
    choice: Choice,
    facts: tuple[str, ...] | None = None,
    processes: int | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> Tornado:
    """Every uncertain fact (or those named) moved to its low and its high. When stopped, the bars ready by then. Raises
    `DoubtError`, `NoMix`, `SolverFailed`."""
    names = checked_facts(engine.evidence, facts)
    base = engine.mix(choice)
    task = BarTask(engine.evidence, tuple(s.events for s in engine.states.states), choice)
    found = dict(share_out(task, names, processes, progress, stop))
    bars = tuple(found[i] for i in sorted(found))
    return Tornado(choice, measure(base)[0], tail_of(base), bars, len(bars) == len(names))


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
