"""A handful of clearly different mixes that cost hardly more than the best, each named for what sets it apart most.

Each goes as far one way as the margin allows (`pushes`), with all limits of the choice kept. It comes with the setting of
levers that leads nearest to it, and with how near that is: a mix in the middle of the room is the optimum of no setting.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from model.analysis.near_optimal.mga import Pushed, pushes, with_levers
from model.analysis.near_optimal.ranges import MARGIN, Room
from model.engine.engine import Engine
from model.errors import InputError
from model.formulation.levers import Choice
from model.parallel.progress import Progress, Stop, never, silent
from model.results.annual import a_year
from model.results.comparison import apart, demand, supply
from model.results.mix import Mix

DIFFERENT = 0.03
"""Mixes that move less than this share of demand to other routes are the same for a reader."""
COUNT = 6
LEAST_COST = "Least cost"


@dataclass(frozen=True)
class Alternative:
    """A near-optimal mix: its name, what it costs over the least (%, and INR crore a year), and how much of demand it serves by
    other routes than the optimum (share). `choice` is the setting of levers that comes nearest, `adopted` the mix it gives, and
    `gap_share` how much of demand that serves by other routes than this one: 0 when it is the very mix."""

    name: str
    mix: Mix
    over_pct: float
    over_crore: float
    moved_share: float
    choice: Choice
    adopted: Mix
    gap_share: float


@dataclass(frozen=True)
class Alternatives:
    """The optimum at least cost and clearly different mixes within a margin (%) of it. `complete` is false when it was stopped;
    `tried` is what came of each push made by then, on the evidence of this `version`."""

    choice: Choice
    margin: float
    optimum: Mix
    mixes: tuple[Alternative, ...]
    complete: bool = True
    tried: tuple[Pushed | None, ...] = ()
    version: str = ""

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each mix: name, over_pct, over_crore (INR crore a year), moved_share, gap_share and every indicator."""
        keys = ("name", "over_pct", "over_crore", "moved_share", "gap_share")
        first = {**dict.fromkeys(keys, 0.0), "name": LEAST_COST, **self.optimum.indicators}
        rest = ({key: getattr(a, key) for key in keys} | dict(a.mix.indicators) for a in self.mixes)
        return pd.DataFrame([first, *rest])

    @property
    def sentence(self) -> str:
        """The names of the mixes."""
        names = "; ".join(a.name for a in self.mixes)
        return f"Clearly different mixes within {self.margin:g} % of the least cost: {names}." if names else (
            f"Within {self.margin:g} % of the least cost no mix is clearly different."
        )  # fmt: skip

    @property
    def supply(self) -> pd.DataFrame:
        """Expected deliveries by mix and route: name, route, supply_t_per_year and share_of_demand, over the years with decisions."""
        named = [(LEAST_COST, self.optimum), *((a.name, a.mix) for a in self.mixes)]
        return pd.DataFrame(
            {"name": name, "route": route, "supply_t_per_year": t, "share_of_demand": t / demand(mix)}
            for name, mix in named
            for route, t in zip(mix.case.routes, supply(mix).tolist(), strict=True)
        )


def alternatives(
    engine: Engine,
    choice: Choice,
    margin: float = MARGIN,
    count: int = COUNT,
    progress: Progress = silent,
    stop: Stop = never,
    before: Alternatives | None = None,
) -> Alternatives:
    """At most `count` clearly different mixes within a margin (%) of the least cost, the most different first. When stopped,
    those of the pushes made so far; given as `before`, they are gone on with, unless they are of another choice, margin or
    evidence. Raises `InputError` for a count that cannot be, `MarginError`, `NoMix`, `SolverFailed`."""
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise InputError(f"count: {count!r} is not a whole number from 1 up")
    room, version = Room(engine, choice, margin), engine.evidence.version
    if before is not None and (before.choice, before.margin, before.version) != (room.choice, room.margin, version):
        before = None
    ways, tried = pushes(room), list(before.tried) if before else []
    for push in ways[len(tried) :]:
        if stop():
            break
        tried.append(push())
        progress(len(tried), len(ways))
    chosen = _most_different(room.optimum, [pushed for pushed in tried if pushed is not None], count)
    names = _names(engine, room.optimum, [p.mix for p in chosen])
    mixes = tuple(_alternative(room, name, p) for name, p in zip(names, chosen, strict=True))
    complete = len(tried) == len(ways)
    return Alternatives(room.choice, room.margin, room.optimum, mixes, complete, tuple(tried), version)


def _alternative(room: Room, name: str, pushed: Pushed) -> Alternative:
    mix = replace(pushed.mix, cheapest_kusd=room.optimum.cheapest_kusd)
    over = mix.total_kusd - room.optimum.total_kusd
    choice, found = with_levers(room, pushed)
    adopted = mix if found is pushed.mix else found
    return Alternative(
        name, mix, 100.0 * over / room.optimum.total_kusd, over * a_year(mix.case), apart(mix, room.optimum), choice, adopted,
        apart(mix, adopted),
    )  # fmt: skip


def _most_different(optimum: Mix, found: list[Pushed], count: int) -> list[Pushed]:
    """Mixes picked one at a time, each the furthest from the optimum and all picked so far, as long as it is clearly different. One
    that a setting of levers gives as it is counts twice as far."""
    chosen: list[Pushed] = []
    left = [p for p in found if apart(p.mix, optimum) >= DIFFERENT]
    while left and len(chosen) < count:
        far = [min(apart(p.mix, other) for other in (optimum, *(q.mix for q in chosen))) for p in left]
        left, far = [p for p, x in zip(left, far, strict=True) if x >= DIFFERENT], [x for x in far if x >= DIFFERENT]
        if left:
            best = int(np.argmax([x * (2 if p.choice is not None else 1) for p, x in zip(left, far, strict=True)]))
            chosen.append(left.pop(best))
    return chosen


def _features(engine: Engine, mix: Mix) -> dict[str, float]:
    """What can set a mix apart, as shares of demand: supply by route, and some indicators."""
    routes, indicators = engine.evidence.routes, mix.indicators
    found = {
        f"from {routes[r].short}": float(t) / demand(mix) for r, t in zip(mix.case.routes, supply(mix), strict=True)
    }
    return found | {
        "dependence on China": indicators["china_share"],
        "worst-case shortfall": indicators["tail_shortfall"],
        "made in India": indicators["home_share"],
    }


def _names(engine: Engine, optimum: Mix, mixes: list[Mix]) -> list[str]:
    """A name for each mix from its largest difference to the optimum that no mix before it is named for."""
    base = _features(engine, optimum)
    taken: set[tuple[str, bool]] = set()
    names = []
    for mix in mixes:
        features = _features(engine, mix)
        ranked = sorted(base, key=lambda key: -abs(features[key] - base[key]))
        key = next((k for k in ranked if (k, features[k] > base[k]) not in taken), ranked[0])
        more = features[key] > base[key]
        taken.add((key, more))
        ends = (f"{100 * share:.0f} %" for share in (features[key], base[key]))
        names.append(f"{'More' if more else 'Less'} {key}: {' of demand instead of '.join(ends)}")
    return names
