"""A thousand worlds drawn over all ranges of the evidence at once: how a plan that stands fares in them, beside two others.

Each uncertain fact is drawn from a triangle from its low over its value to its high, by Latin hypercube, independent of the
others, with a seed that is shown. Plan, plants and reserve are held; what happens in each state is worked out anew (`recourse`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from model.analysis.stress.recourse import Recourse
from model.analysis.uncertainty.perturbation import Worlds
from model.analysis.uncertainty.sampling import SEED, draw
from model.analysis.uncertainty.tornado import checked_facts
from model.arrays import Array
from model.caching import cached_property
from model.engine.engine import Engine
from model.errors import EvidenceError, InputError
from model.evidence.schema import Fact
from model.evidence.store import Evidence
from model.formulation.case import LIMITS
from model.formulation.levers import Choice, loosest
from model.formulation.reduction import StateSet
from model.parallel.processes import share_out
from model.parallel.progress import Progress, Stop, never, silent
from model.results.annual import yearly
from model.results.formatting import money, percent
from model.results.mix import Mix

WORLDS = 1000
MOST_WORLDS = 10_000
ADOPTED, CHEAPEST, SAFEST = "adopted", "cheapest", "safest"
MEASURES = ("total_crore", "bill_crore", "harm_crore", "tail_shortfall", "expected_shortfall")
"""What is kept of each plan in each world: expected cost, INR crore a year (the discounted average of the years with decisions), bill
and harm apart, and shortfalls as shares of demand."""
DRIVERS = ("demand_t_per_year", "disturbed_probability")
"""What many facts together make of a world: magnet demand on average over the years with decisions, and the chance that a year is
not undisturbed."""
PIECE = 10
"""Worlds handed to a helper at a time."""


class SampleError(InputError):
    """A sample that cannot be drawn; the message says which field and why."""


@dataclass(frozen=True)
class SampleTask:
    """Worlds worked out in a helper process (`crew.Task`)."""

    evidence: Evidence
    states: tuple[tuple[str, ...], ...]
    choice: Choice
    facts: tuple[str, ...]
    plans: tuple[Mix, ...]

    def ready(self) -> Callable[[Array], tuple[Array, Array]]:
        """The function from values (worlds, facts) to measures (worlds, plans, measures) and drivers (worlds, drivers); a world
        whose facts cannot be together is not a number."""
        worlds = Worlds(self.evidence, StateSet(self.evidence, kept=self.states))
        recourse = Recourse(self.plans[0].case)

        def work(values: Array) -> tuple[Array, Array]:
            measures = np.full((len(values), len(self.plans), len(MEASURES)), np.nan)
            drivers = np.full((len(values), len(DRIVERS)), np.nan)
            for i, row in enumerate(values):
                try:
                    assembler = worlds.assembler(dict(zip(self.facts, row.tolist(), strict=True)))
                except EvidenceError:
                    continue
                case = assembler.case(self.choice, limits=False)
                drivers[i] = case.total_demand[~case.fixed].mean(), 1.0 - case.probability[0]
                for j, plan in enumerate(self.plans):
                    out = recourse.hold(plan, case)
                    focus = out.mix.focus
                    expected = float((out.mix.lost @ case.probability)[focus].mean())
                    measures[i, j] = *yearly(out.mix, out.bill_kusd, out.harm_kusd), out.tail, expected
            return measures, drivers

        return work


@dataclass(frozen=True)
class Sample:
    """What plans did in sampled worlds of the evidence of this `version`. `values` (worlds, facts) are what was drawn, `measures` (worlds, plans, measures) what came
    of it, `drivers` (worlds, drivers); worlds that could not be are left out and counted. `base` are the measures with all facts
    as they are. `complete` is false when it was stopped."""

    choice: Choice
    seed: int
    facts: tuple[Fact, ...]
    plans: tuple[str, ...]
    values: Array
    measures: Array
    drivers: Array
    base: Array
    impossible: int
    complete: bool = True
    version: str = ""

    def of(self, measure: str, plan: str = ADOPTED) -> Array:
        """One measure of one plan in every world, shape (worlds,)."""
        return np.asarray(self.measures[:, self.plans.index(plan), MEASURES.index(measure)])

    @cached_property
    def regret(self) -> Array:
        """What each plan cost more than the best of them in the same world, INR crore a year, shape (worlds, plans)."""
        total = self.measures[:, :, 0]
        return np.asarray(total - total.min(axis=1, keepdims=True))

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each world and plan: world, plan, the measures, and regret_crore."""
        n, p = self.regret.shape
        table = pd.DataFrame(self.measures.reshape(n * p, -1), columns=list(MEASURES))
        table.insert(0, "world", np.repeat(np.arange(1, n + 1), p))
        table.insert(1, "plan", np.tile(np.array(self.plans), n))
        return table.assign(regret_crore=self.regret.ravel())

    @property
    def inputs(self) -> pd.DataFrame:
        """One row for each world: the value of each fact in its own unit, then the drivers."""
        names = [fact.id for fact in self.facts]
        return pd.DataFrame(np.hstack([self.values, self.drivers]), columns=[*names, *DRIVERS])

    @property
    def summary(self) -> pd.DataFrame:
        """One row for each plan and measure, and for its regret: mean, p05, p50, p95 and the value with all facts as they are."""
        rows = []
        for j, plan in enumerate(self.plans):
            for m, name in enumerate((*MEASURES, "regret_crore")):
                x = self.measures[:, j, m] if m < len(MEASURES) else self.regret[:, j]
                as_it_is = self.base[j, m] if m < len(MEASURES) else self.base[j, 0] - self.base[:, 0].min()
                low, middle, high = np.percentile(x, [5, 50, 95]) if len(x) else [np.nan] * 3
                mean = float(x.mean()) if len(x) else np.nan
                rows.append({"plan": plan, "measure": name, "mean": mean, "p05": low, "p50": middle, "p95": high, "as_it_is": as_it_is})  # fmt: skip
        return pd.DataFrame(rows)

    @property
    def sentence(self) -> str:
        """How the adopted plan fares, in words."""
        cost, tail, regret = (
            self.of("total_crore"),
            self.of("tail_shortfall"),
            self.regret[:, self.plans.index(ADOPTED)],
        )
        if not len(cost):
            return "No world was drawn."
        low, high = np.percentile(cost, [5, 95])
        best = float((regret <= 1e-6 * np.abs(cost)).mean())
        return (
            f"In {len(cost):,} sampled worlds (seed {self.seed}) the adopted plan costs, discounted, {money(float(cost.mean()))} a year on average,"
            f" {money(float(low))} to {money(float(high))} in nine worlds of ten; its worst-case shortfall is {percent(float(np.median(tail)))} in"
            f" the middle world and {percent(float(np.percentile(tail, 95)))} in one of twenty; it is the best of the {len(self.plans)} plans in {percent(best)} of worlds."
        )


def safest(engine: Engine, choice: Choice) -> Mix:
    """The mix with the least worst-case shortfall in the world of a choice, whatever it costs and whatever the limits are."""
    return engine.mix(choice.changed(**{name: loosest(name) for name in LIMITS}, aim="shortfall"))


def sample(
    engine: Engine,
    choice: Choice,
    worlds: int = WORLDS,
    seed: int = SEED,
    facts: tuple[str, ...] | None = None,
    shrink: float = 1.0,
    processes: int | None = None,
    progress: Progress = silent,
    stop: Stop = never,
    before: Sample | None = None,
) -> Sample:
    """The adopted, the cheapest and the safest plan in sampled worlds. `progress` counts worlds. When stopped, the worlds
    ready by then; `before` is such a part, whose worlds are not worked out again where they are of this sample: one of another
    choice, other facts or other evidence is of no use and is left aside. Raises `SampleError`, `DoubtError`, `NoMix`,
    `SolverFailed`."""
    for name, value, low, high in (("worlds", worlds, 1, MOST_WORLDS), ("seed", seed, 0, 2**32 - 1)):
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise SampleError(f"{name}: {value!r} is not a whole number from {low} to {high:,}")
    if not 0.0 <= shrink <= 1.0:
        raise SampleError(f"shrink: {shrink!r} is not between 0 and 1")
    chosen = tuple(engine.evidence.facts[name] for name in checked_facts(engine.evidence, facts))
    plans = {ADOPTED: engine.mix(choice), CHEAPEST: engine.cheapest(choice), SAFEST: safest(engine, choice)}
    held = tuple(replace(mix, limit_prices={}, route_prices={}) for mix in plans.values())
    states = tuple(state.events for state in engine.states.states)
    names = tuple(fact.id for fact in chosen)
    task = SampleTask(engine.evidence, states, choice, names, held)
    values = draw(chosen, worlds, seed, shrink)
    version = engine.evidence.version
    if before is not None and (before.choice, before.facts, before.version) != (choice, chosen, version):
        before = None
    base = np.full((len(plans), len(MEASURES)), np.nan) if before is None else before.base
    as_it_is = [np.array([[fact.value for fact in chosen]], dtype=float)] if np.isnan(base).any() else []
    first = len(as_it_is)
    known = {} if before is None else {row.tobytes(): place for place, row in enumerate(before.values)}
    places = [known.get(row.tobytes()) for row in values]
    left = [world for world, place in enumerate(places) if place is None]
    pieces = [*as_it_is, *(values[left[i : i + PIECE]] for i in range(0, len(left), PIECE))]

    def done(number: int, _: int) -> None:
        progress(min(worlds, worlds - len(left) + max(0, number - first) * PIECE), worlds)

    found = dict(share_out(task, pieces, processes, done, stop))
    if as_it_is and 0 in found:
        base = found.pop(0)[0][0]
    measures = np.full((worlds, len(plans), len(MEASURES)), np.nan)
    drivers, ready = np.full((worlds, len(DRIVERS)), np.nan), np.zeros(worlds, dtype=bool)
    if before is not None:
        old = [world for world, place in enumerate(places) if place is not None]
        rows = [place for place in places if place is not None]
        measures[old], drivers[old], ready[old] = before.measures[rows], before.drivers[rows], True
    for piece, (measured, driven) in found.items():
        at = left[(piece - first) * PIECE : (piece - first + 1) * PIECE]
        measures[at], drivers[at], ready[at] = measured, driven, True
    good = ready & ~np.isnan(measures).any(axis=(1, 2))
    return Sample(
        choice, seed, chosen, tuple(plans), values[good], measures[good], drivers[good], base, int((ready & ~good).sum()),
        bool(ready.all()), version,
    )  # fmt: skip


def units(result: Sample) -> Mapping[str, tuple[str, str]]:
    """What each column of `Sample.inputs` is, in words, and its unit."""
    known = {fact.id: (fact.what, fact.unit) for fact in result.facts}
    return known | {
        DRIVERS[0]: ("Magnet demand, average of the years with decisions", "t/y"),
        DRIVERS[1]: ("Chance that something disturbs a year", "share"),
    }
