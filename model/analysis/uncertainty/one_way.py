"""One fact at one value: the best mix there against the mix as it is, and the value at which the choice of routes changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from model.analysis.uncertainty.perturbation import Solver, Worlds, settled, span
from model.errors import EvidenceError, Infeasible
from model.evidence.schema import Fact
from model.evidence.store import Evidence
from model.formulation.levers import Choice
from model.formulation.reduction import StateSet
from model.results.annual import yearly
from model.results.comparison import apart, demand, supply
from model.results.mix import Mix

IN, OUT = 0.01, 0.002
"""A route comes in when it goes from less than OUT to at least IN of magnet demand, and goes out the other way."""
HALVINGS = 6
"""A switching value is found to this many halvings of the way to the end of the range."""


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
    refused: str = ""
    """Why the fact cannot have this value with all others as they are; nothing was solved then."""

    @property
    def switches(self) -> bool:
        """Whether the choice of routes is another one."""
        return not self.refused and (not self.possible or bool(self.came or self.went))

    @property
    def moves(self) -> bool:
        """Whether anything is other than with the fact as it is."""
        return self.switches or self.total_crore != 0.0 or self.moved_share != 0.0


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
    """Total, bill and harm of a mix, INR crore a year, discounted."""
    return yearly(mix, mix.total_kusd - mix.shortage_cost_kusd, mix.shortage_cost_kusd)


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
        """The best mix with a fact at a value."""
        value = settled(self.evidence.facts[fact], value)
        try:
            mix = self.solver.mix({fact: value})
        except Infeasible:
            return End(value, False)
        except EvidenceError as error:
            return End(value, False, refused=str(error))
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
class BarTask:
    """Bars worked out in a helper process (`crew.Task`): evidence, kept states and choice travel there once."""

    evidence: Evidence
    states: tuple[tuple[str, ...], ...]
    choice: Choice

    def ready(self) -> Callable[[str], Bar]:
        """Make an engine's worth of solver in this process."""
        worlds = Worlds(self.evidence, StateSet(self.evidence, kept=self.states))
        return Bench(Solver(worlds, self.choice)).bar
