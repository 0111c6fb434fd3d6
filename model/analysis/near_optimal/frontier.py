"""What safety costs: the least expected cost at each worst-case shortfall, for several limits on dependence on China.

The limit on shortfall is one right-hand side of the linear program, so along a curve the least cost is convex and falls as the
limit loosens. Money is in INR crore a year: the discounted average of the years with decisions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from model.analysis.near_optimal.directions import Aim, least, lever_column, lever_value, loosened
from model.caching import cached_property
from model.engine.engine import Engine
from model.engine.worker import needs_cheapest, steering_by
from model.errors import Infeasible, InputError
from model.formulation.levers import Choice, lever_named
from model.formulation.parameters import NO_STEERING, Steering
from model.parallel.progress import Progress, Stop, never, silent
from model.results.annual import yearly
from model.results.formatting import money
from model.results.mix import Mix

CHINA_LIMITS = (100.0, 65.0, 50.0, 35.0)
"""Limits on dependence on China, % of demand, for which curves are drawn unless others are asked for."""
POINTS = 31
MOST_POINTS = 200
SHARP = 0.02
"""A knee stands out by at least this share of the chord's box; a curve that bends less is said to have none."""


@dataclass(frozen=True)
class Point:
    """The cheapest mix at one limit on shortfall, and the choice that adopts it. Cost in INR crore a year, discounted, bill and harm apart;
    `tail` is the shortfall that the mix really has; `magnets_t` and `oxide_t` are expected deliveries by route, t/y over the target
    years, motors without magnets among the magnets."""

    choice: Choice
    tail: float
    total_crore: float
    bill_crore: float
    harm_crore: float
    indicators: Mapping[str, float]
    magnets_t: Mapping[str, float]
    oxide_t: Mapping[str, float]
    demand_t: float

    @property
    def record(self) -> dict[str, float]:
        """The point as one row of a table."""
        limits = {"china_limit_pct": self.choice.china_limit, "shortfall_limit_pct": self.choice.shortfall_limit}
        costs = {"total_crore": self.total_crore, "bill_crore_discounted": self.bill_crore, "harm_crore_discounted": self.harm_crore}  # fmt: skip
        return {**limits, **costs, **self.indicators}


def point_of(mix: Mix) -> Point:
    """Where a mix stands beside the curves; for marking the mix on screen and the references."""
    focus = mix.focus
    total, bill, harm = yearly(mix, mix.total_kusd - mix.shortage_cost_kusd, mix.shortage_cost_kusd)
    supply = zip(
        mix.case.routes, mix.case.stages, mix.expected[:, :, focus].sum(axis=(1, 2)) / focus.sum(), strict=True
    )
    stages: dict[bool, dict[str, float]] = {False: {}, True: {}}
    for route, stage, tonnes in supply:
        stages[stage == "oxide"][route] = float(tonnes)
    return Point(
        mix.choice, mix.indicators["tail_shortfall"], total, bill, harm, mix.indicators, stages[False], stages[True],
        float(mix.case.total_demand[focus].mean()),
    )  # fmt: skip


@dataclass(frozen=True)
class Knee:
    """Where a curve bends most: the point furthest from the straight line between its ends, both axes taken as 0 to 1. Prices are
    INR crore a year for each point of shortfall avoided, on average before the knee and beyond it."""

    point: Point
    before_crore: float
    beyond_crore: float

    @property
    def sentence(self) -> str:
        """The knee in words."""
        return (
            f"Down to a worst-case shortfall of {self.point.choice.shortfall_limit:.3g} % each point of safety costs"
            f" {money(self.before_crore)} a year; beyond it {money(self.beyond_crore)}."
        )


@dataclass(frozen=True)
class Curve:
    """The frontier at one limit on China, safest point first; without points `reason` says why. `complete` is false when it was stopped.
    `asked` is what it was traced for: a choice, how many points, and the version of the evidence."""

    china_limit: float
    points: tuple[Point, ...]
    complete: bool = True
    reason: str = ""
    asked: tuple[Choice, int, str] | None = None

    @cached_property
    def knee(self) -> Knee | None:
        """The knee, None when the curve hardly bends, has too few points or is not complete."""
        if len(self.points) < 3 or not self.complete:
            return None
        x = np.array([p.choice.shortfall_limit for p in self.points])
        y = np.array([p.total_crore for p in self.points])
        if x[-1] - x[0] < 1e-9 or y[0] - y[-1] < 1e-9:
            return None
        under = 1.0 - (x - x[0]) / (x[-1] - x[0]) - (y - y[-1]) / (y[0] - y[-1])
        i = int(under.argmax())
        if under[i] < SHARP:
            return None
        return Knee(self.points[i], (y[i] - y[-1]) / (x[-1] - x[i]), (y[0] - y[i]) / (x[i] - x[0]))


@dataclass(frozen=True)
class Frontier:
    """Curves for several limits on China, with tables of what is drawn."""

    curves: tuple[Curve, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each point: the two limits (%), total, bill and harm (INR crore a year, discounted), every indicator, and
        whether it is the knee of its curve."""
        rows = [{**p.record, "knee": curve.knee is not None and p is curve.knee.point} for curve in self.curves for p in curve.points]  # fmt: skip
        return pd.DataFrame(rows)

    @property
    def shares(self) -> pd.DataFrame:
        """One row for each point and route: expected deliveries (t/y over the target years), and their share of magnet demand, or
        for oxide of all oxide delivered."""
        rows = []
        for p in (p for curve in self.curves for p in curve.points):
            limits = {"china_limit_pct": p.choice.china_limit, "shortfall_limit_pct": p.choice.shortfall_limit}
            for stage, supply, whole in (
                ("magnet", p.magnets_t, p.demand_t),
                ("oxide", p.oxide_t, sum(p.oxide_t.values())),
            ):
                for route, tonnes in supply.items():
                    share = tonnes / whole if whole > 0 else 0.0
                    rows.append({**limits, "route": route, "stage": stage, "supply_t_per_year": tonnes, "share": share})
        return pd.DataFrame(rows)

    @property
    def sentence(self) -> str:
        """The finding on the first curve, in words."""
        for curve in self.curves:
            if curve.knee is not None:
                return f"With at most {curve.china_limit:.3g} % from China: {curve.knee.sentence}"
        return "No curve has a knee: each point of safety costs about the same, or none is to be had."


def frontier(
    engine: Engine,
    choice: Choice,
    china_limits: Iterable[float] | None = None,
    points: int = POINTS,
    progress: Progress = silent,
    stop: Stop = never,
    before: Iterable[Curve] = (),
) -> Iterator[Curve]:
    """Curves of least expected cost against the limit on shortfall, one for each limit on China, as each is ready. All other
    levers stand as they are, the aim is cost. When stopped, the curve under way is the last and incomplete; given as `before`,
    such curves are gone on with, unless they were traced for another choice, number of points or evidence. Raises `InputError` for a number of points or a limit that cannot be, `SolverFailed`."""
    if not isinstance(points, int) or not 3 <= points <= MOST_POINTS:
        raise InputError(f"points: {points!r} is not a whole number from 3 to {MOST_POINTS}")
    given = tuple(dict.fromkeys(float(x) for x in (china_limits if china_limits is not None else CHINA_LIMITS)))
    if not given:
        raise InputError("china_limits: at least one limit on dependence on China is needed")
    choices = [choice.changed(china_limit=limit, aim="cost") for limit in given]
    cheapest, known = engine.cheapest(choice), {curve.asked: curve for curve in before}
    steering = steering_by(cheapest) if needs_cheapest(choices[0]) else NO_STEERING

    def trace() -> Iterator[Curve]:
        for i, base in enumerate(choices):
            earlier, total = i * points, len(choices) * points

            def done(count: int, earlier: int = earlier, total: int = total) -> None:
                progress(earlier + count, total)

            asked = base.changed(shortfall_limit=lever_named("shortfall_limit").off), points, engine.evidence.version
            curve = known.get(asked)
            if curve is None or not curve.complete:
                curve = replace(_Tracer(engine, base, steering, cheapest).curve(points, done, stop, curve), asked=asked)
            yield curve
            if not curve.complete:
                return

    return trace()


class _Tracer:
    """Traces one curve, from the loosest limit on shortfall to the tightest that can be kept."""

    def __init__(self, engine: Engine, base: Choice, steering: Steering, cheapest: Mix) -> None:
        self.engine, self.base, self.steering, self.cheapest = engine, base, steering, cheapest

    def curve(self, points: int, done: Callable[[int], None], stop: Stop, before: Curve | None = None) -> Curve:
        off = lever_named("shortfall_limit").off
        try:
            loose = self._mix(self.base.changed(shortfall_limit=off))
        except Infeasible:
            done(points)
            reason = f"No mix has at most {self.base.china_limit:.3g} % from China with the other limits as they are."
            return Curve(self.base.china_limit, (), reason=reason)
        high = 100.0 * loose.indicators["tail_shortfall"]
        low = self._least()
        digits = 2 if high - low >= 0.5 else 6
        low, high = (math.ceil(round(x * 10**digits, 6)) / 10**digits for x in (low, high))
        known = {p.choice.shortfall_limit: p for p in before.points} if before else {}
        found = [known.get(high) or point_of(self._mix(self.base.changed(shortfall_limit=high)))]
        done(1)
        for value in np.linspace(high, low, points)[1:] if high > low else ():
            if stop():
                return Curve(self.base.china_limit, tuple(reversed(found)), complete=False)
            limit = math.ceil(round(value * 10**digits, 6)) / 10**digits
            found.append(known.get(limit) or point_of(self._mix(self.base.changed(shortfall_limit=limit))))
            done(len(found))
        done(points)
        return Curve(self.base.china_limit, tuple(reversed(found)))

    def _mix(self, choice: Choice) -> Mix:
        case = self.engine.assembler.case(choice)
        with self.engine.worker() as worker:
            return worker.mix(case, choice, worker.solve(case, self.steering), self.cheapest.total_kusd)

    def _least(self) -> float:
        """The tightest limit on shortfall that can be kept, %, by pushing the lever's own column down."""
        loose = lever_named("shortfall_limit").high - lever_named("shortfall_limit").step
        case = self.engine.assembler.case(self.base.changed(shortfall_limit=loose))
        name = "shortfall_limit"
        with self.engine.worker() as worker:
            aim = Aim({lever_column(worker, name): 1.0}, loosened(worker, name, 0.0, 100.0), lever=True)
            return max(0.0, lever_value(worker, name, least(worker, case, {name: aim}, self.steering)[name]))
