"""A handful of clearly different mixes that cost hardly more than the best, each with a name that says what is special about it.

Each is found by pushing one thing as far as the margin allows, and then set as levers: what is listed is the mix that those
levers give, so that adopting it gives just these numbers. All limits of the choice hold in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.crew import Progress, Stop, never, silent
from model.levers import Choice, Value
from model.live import Engine
from model.mix import Mix
from model.pushes import apart, demand, pushes, supply
from model.ranges import MARGIN, Room
from model.trials import a_year

DIFFERENT = 0.03
"""Mixes that move less than this share of demand to other routes are the same for a reader."""
SPREAD = 0.02
"""A share that differs by less than this over all mixes is not what is special about any."""
COUNT = 6


@dataclass(frozen=True)
class Alternative:
    """A near-optimal mix: its name, the choice that adopts it, what it costs over the least (%, and INR crore a year), and how
    much of demand it serves by other routes than the optimum (share)."""

    name: str
    choice: Choice
    mix: Mix
    over_pct: float
    over_crore: float
    moved_share: float
    set_levers: Mapping[str, Value]


@dataclass(frozen=True)
class Alternatives:
    """The optimum at least cost and clearly different mixes within a margin (%) of it."""

    choice: Choice
    margin: float
    optimum: Mix
    mixes: tuple[Alternative, ...]
    complete: bool = True

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each mix: name, over_pct, over_crore (INR crore a year), moved_share and every indicator."""
        first = {
            "name": "Least cost",
            "over_pct": 0.0,
            "over_crore": 0.0,
            "moved_share": 0.0,
            **self.optimum.indicators,
        }
        rest = (
            {
                "name": a.name,
                "over_pct": a.over_pct,
                "over_crore": a.over_crore,
                "moved_share": a.moved_share,
                **a.mix.indicators,
            }
            for a in self.mixes
        )
        return pd.DataFrame([first, *rest])

    @property
    def supply(self) -> pd.DataFrame:
        """Expected deliveries by mix and route: name, route, supply_t_per_year and share_of_demand, over the years with decisions."""
        named = [("Least cost", self.optimum), *((a.name, a.mix) for a in self.mixes)]
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
) -> Alternatives:
    """At most `count` clearly different mixes within a margin (%) of the least cost. When stopped, those of the pushes made so
    far. Raises `MarginError`, `NoMix`, `SolverFailed`."""
    room = Room(engine, choice, margin)
    ways, made = pushes(room), 0
    found: list[tuple[Choice, Mix]] = []
    for push in ways:
        if stop():
            break
        pushed = push()
        found += [pushed] if pushed is not None else []
        made += 1
        progress(made, len(ways))
    chosen = _most_different(room.optimum, found, count)
    names = _names(engine, room.optimum, [mix for _, mix in chosen])
    mixes = tuple(_alternative(room, name, *pair) for name, pair in zip(names, chosen, strict=True))
    return Alternatives(room.choice, room.margin, room.optimum, mixes, made == len(ways))


def _alternative(room: Room, name: str, choice: Choice, mix: Mix) -> Alternative:
    over = mix.total_kusd - room.optimum.total_kusd
    values = choice.values()
    levers = {lever: values[lever] for lever in choice.differences(room.choice)}
    return Alternative(
        name,
        choice,
        mix,
        100.0 * over / room.optimum.total_kusd,
        over * a_year(mix.case),
        apart(mix, room.optimum),
        levers,
    )


# -- choosing and naming ----------------------------------------------------------------------------------------------


def _most_different(optimum: Mix, found: list[tuple[Choice, Mix]], count: int) -> list[tuple[Choice, Mix]]:
    """Mixes picked one at a time, each the furthest from the optimum and all picked so far, as long as it is clearly different."""
    chosen: list[tuple[Choice, Mix]] = []
    left = list(found)
    while left and len(chosen) < count:
        far = [min(apart(mix, other) for other in (optimum, *(m for _, m in chosen))) for _, mix in left]
        best = int(np.argmax(far))
        if far[best] < DIFFERENT:
            break
        chosen.append(left.pop(best))
    return chosen


def _features(engine: Engine, mix: Mix) -> dict[tuple[str, str], float]:
    """What can be special about a mix, as shares: supply by route against demand, and some indicators."""
    found = {
        (f"from {engine.evidence.routes[route].short}", "of demand"): float(t) / demand(mix)
        for route, t in zip(mix.case.routes, supply(mix), strict=True)
    }
    indicators = mix.indicators
    return found | {
        ("dependence on China", "of demand"): indicators["china_share"],
        ("worst-case shortfall", "of demand"): indicators["tail_shortfall"],
        ("made in India", "of demand"): indicators["home_share"],
        ("reliance on one country", "of demand"): indicators["largest_share"],
    }


def _names(engine: Engine, optimum: Mix, mixes: list[Mix]) -> list[str]:
    """A name for each mix from what sets it apart most: where it lies furthest from the optimum, measured by how far the listed
    mixes spread. No two mixes are named for the same thing."""
    base = _features(engine, optimum)
    table = [_features(engine, mix) for mix in mixes]
    spread = {key: max(t[key] for t in (base, *table)) - min(t[key] for t in (base, *table)) for key in base}
    taken: set[tuple[tuple[str, str], bool]] = set()
    names = []
    for features in table:
        ranked = sorted(
            (key for key in base if spread[key] >= SPREAD),
            key=lambda key: -abs(features[key] - base[key]) / spread[key],
        )
        free = [key for key in ranked if (key, features[key] > base[key]) not in taken] or ranked
        if not free:
            names.append("Another mix")
            continue
        key = free[0]
        taken.add((key, features[key] > base[key]))
        word = "More" if features[key] > base[key] else "Less"
        names.append(f"{word} {key[0]}: {features[key]:.0%} {key[1]} instead of {base[key]:.0%}")
    return names
