"""The room around the optimum: the least and the most that each route can supply while the whole plan costs hardly more.

Every limit stays; the expected total cost, harm of shortage included, may exceed the least by a margin. Supply is expected
deliveries from the first decision on. A route that supplies more than a trace in every such mix is a must-have, one that cannot
supply anything is never in, and between the two lies a real choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from model.analysis.near_optimal.directions import Aim, Bounds, Weights, cost_cap, least
from model.arrays import Array
from model.engine.engine import Engine
from model.engine.worker import Worker, needs_cheapest, steering_by
from model.errors import InputError
from model.formulation.case import Case
from model.formulation.levers import Choice
from model.formulation.parameters import NO_STEERING
from model.parallel.progress import Progress, Stop, never, silent
from model.results.mix import Mix

MARGIN = 5.0
"""Percent of the least cost that near-optimal mixes may cost more, unless another margin is asked for."""
MOST_MARGIN = 100.0
NOTHING = 1e-4
"""Supply of less than this share of magnet demand over the same years is nothing."""
TRACE = 0.01
"""Supply of less than this share of the most that the route can give is a trace: nobody would miss it."""

Kind = Literal["must-have", "real choice", "never"]


class MarginError(InputError):
    """A margin that cannot be; the message says which and why."""


def checked_margin(margin: object) -> float:
    """A margin in percent. Raises `MarginError`."""
    if isinstance(margin, bool) or not isinstance(margin, int | float) or not 0 <= margin <= MOST_MARGIN:
        raise MarginError(f"margin: {margin!r} is not between 0 and {MOST_MARGIN:g} % of the least cost")
    return float(margin)


@dataclass(frozen=True)
class Range:
    """The least and the most that a route can supply, t, with what it supplies at the optimum: over all years with decisions, or
    in one `year`."""

    route: str
    year: int | None
    least_t: float
    optimum_t: float
    most_t: float
    demand_t: float

    @property
    def kind(self) -> Kind:
        """Must-have, real choice or never."""
        nothing = NOTHING * self.demand_t
        if self.most_t < nothing:
            return "never"
        return "must-have" if self.least_t >= max(nothing, TRACE * self.most_t) else "real choice"


@dataclass(frozen=True)
class Ranges:
    """Ranges of routes within a margin (%) of the least cost, on the evidence of this `version`. `complete` is false when it was
    stopped."""

    choice: Choice
    margin: float
    ranges: tuple[Range, ...]
    complete: bool = True
    version: str = ""

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each range: route, year (missing for the whole horizon), least_t, optimum_t, most_t, demand_t and kind."""
        rows = pd.DataFrame(
            {
                "route": r.route, "year": r.year, "least_t": r.least_t, "optimum_t": r.optimum_t, "most_t": r.most_t,
                "demand_t": r.demand_t, "kind": r.kind,
            }
            for r in self.ranges
        )  # fmt: skip
        return rows.astype({"year": "Int64"}) if len(rows) else rows

    def of_kind(self, kind: Kind) -> tuple[str, ...]:
        """Routes of one kind, in the order of the data."""
        return tuple(r.route for r in self.ranges if r.kind == kind)

    @property
    def sentence(self) -> str:
        """How many routes are settled and how many are a choice."""
        must, choice, never_in = (len(self.of_kind(kind)) for kind in ("must-have", "real choice", "never"))
        return (
            f"Within {self.margin:g} % of the least cost {must} of {len(self.ranges)} routes are in every mix with more than a trace,"
            f" {never_in} in none, and {choice} are a real choice."
        )


class Room:
    """The near-optimal mixes of a choice: its optimum at least cost, and what may be spent. Raises `NoMix` when there is none."""

    def __init__(self, engine: Engine, choice: Choice, margin: float) -> None:
        self.engine, self.margin = engine, checked_margin(margin)
        self.choice = choice.changed(aim="cost")
        self.optimum: Mix = replace(engine.mix(self.choice), cheapest_kusd=engine.cheapest(self.choice).total_kusd)
        self.case: Case = self.optimum.case
        self.most_kusd = self.optimum.total_kusd + abs(self.optimum.total_kusd) * self.margin / 100.0
        self.steering = steering_by(engine.cheapest(choice)) if needs_cheapest(self.choice) else NO_STEERING

    def bounds(self, worker: Worker) -> Bounds:
        """The cap on cost, with room for rounding so that a margin of 0 leaves the optimum itself."""
        return cost_cap(worker, self.most_kusd * (1 + 1e-9) + 1e-6)

    def supply(self, worker: Worker, route: int, years: Array) -> Weights:
        """The columns that make up a route's expected deliveries in some years, with the probability of each."""
        chosen, probability = set(np.flatnonzero(years).tolist()), self.case.probability
        places = worker.program.places["deliver"]
        return {p: float(probability[k]) for (r, _, t, k), p in places.items() if r == route and t in chosen}


def ranges(
    engine: Engine,
    choice: Choice,
    margin: float = MARGIN,
    progress: Progress = silent,
    stop: Stop = never,
    before: Ranges | None = None,
) -> Ranges:
    """The range of every route over the whole horizon. When stopped, the routes looked at so far; given as `before`, they are gone
    on with, unless they are of another choice, margin or evidence. Raises `MarginError`, `NoMix`, `SolverFailed`."""
    room = Room(engine, choice, margin)
    decided = ~room.case.fixed
    asked = [(r, None, decided) for r in range(len(room.case.routes))]
    return _ranges(room, asked, progress, stop, before)


def ranges_by_year(
    engine: Engine,
    choice: Choice,
    route: str,
    margin: float = MARGIN,
    progress: Progress = silent,
    stop: Stop = never,
    before: Ranges | None = None,
) -> Ranges:
    """The range of one route in each year with decisions. Raises `InputError` for an unknown route, and like `ranges`."""
    room = Room(engine, choice, margin)
    if route not in room.case.routes:
        raise InputError(f"route: there is no route {route!r}")
    r, years = room.case.routes.index(route), np.array(room.case.years)
    asked = [(r, int(year), years == year) for year in years[~room.case.fixed]]
    return _ranges(room, asked, progress, stop, before)


def _ranges(
    room: Room, asked: Sequence[tuple[int, int | None, Array]], progress: Progress, stop: Stop, before: Ranges | None
) -> Ranges:
    version, routes = room.engine.evidence.version, room.case.routes
    same = before is not None and (before.choice, before.margin, before.version) == (room.choice, room.margin, version)
    found = list(before.ranges) if before is not None and same else []
    if [(one.route, one.year) for one in found] != [(routes[r], year) for r, year, _ in asked[: len(found)]]:
        found = []
    for r, year, years in asked[len(found) :]:
        if stop():
            break
        found.append(_range(room, r, year, years))
        progress(len(found), len(asked))
    return Ranges(room.choice, room.margin, tuple(found), len(found) == len(asked), version)


def _range(room: Room, r: int, year: int | None, years: Array) -> Range:
    optimum = float(room.optimum.expected[r][:, years].sum())
    with room.engine.worker() as worker:
        weights = room.supply(worker, r, years)
        bounds = room.bounds(worker)
        aims = {
            "least": Aim(weights, bounds),
            "most": Aim({place: -times for place, times in weights.items()}, bounds, used=True),
        }
        found = least(worker, room.case, aims, room.steering)
    low, high = found["least"].objective, -found["most"].objective
    demand = float(room.case.total_demand[years].sum())
    return Range(room.case.routes[r], year, max(0.0, min(low, optimum)), optimum, max(high, optimum, 0.0) + 0.0, demand)
