"""Choices whose mixes go as far one way as a margin of cost allows: a limit as tight, or some programmes as small, as can be.

Each is a setting of levers, so what it gives can be adopted just as it is. As much as can be from some routes means here: as
little as can be from the programmes of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from model.extremes import Bounds, least, lever_value, loosened
from model.levers import Choice, Value, lever_named
from model.live import NoMix
from model.lp import Array
from model.mix import Mix
from model.ranges import Room
from model.trials import Trials, a_year, looser, on_grid

TIGHTENED = ("china_limit", "shortfall_limit", "home_limit", "country_limit", "investment_limit", "carbon_limit")
"""Limit levers that are pushed as tight as the margin allows, one at a time."""
SHRUNK = (
    ("partner_allocation", "substitution", "recycling"),
    ("plants_capacity", "substitution", "recycling"),
    ("plants_capacity", "partner_allocation"),
    ("plants_capacity",), ("partner_allocation",), ("substitution",), ("recycling",), ("reserve_days",),
)  # fmt: skip
"""Programmes that are shrunk together, by the same share of the way to nothing: what then carries the mix are plants, partners,
motors without magnets and scrap, or all others."""
FINE = 0.01
"""Limits found by pushing are set to this part of their step, towards what can be kept."""
STRETCHES = 32
"""Fineness of shrinking, as parts of the way to nothing."""


def supply(mix: Mix) -> Array:
    """Expected deliveries by route, t/y on average over the years with decisions, shape (R,)."""
    return np.asarray(mix.expected[:, :, ~mix.case.fixed].sum(axis=1).mean(axis=1))


def demand(mix: Mix) -> float:
    """Magnet demand, t/y on average over the years with decisions."""
    return float(mix.case.total_demand[~mix.case.fixed].mean())


def apart(one: Mix, other: Mix) -> float:
    """How much of demand two mixes serve by different routes: half of what the routes' supplies differ by in sum, as a share."""
    return float(np.abs(supply(one) - supply(other)).sum() / 2.0 / demand(one))


def pushes(room: Room) -> tuple[Callable[[], tuple[Choice, Mix] | None], ...]:
    """Every push, to be made when called: the choice and its mix, or None when it leads nowhere within the margin."""
    return (
        *(lambda name=name: _mix(room, _tightened(room, name)) for name in TIGHTENED),
        *(lambda names=names: _mix(room, _shrunk(room, names)) for names in SHRUNK),
    )


def _mix(room: Room, choice: Choice | None) -> tuple[Choice, Mix] | None:
    """A choice with its mix, None when it has none or one that costs more than the margin."""
    if choice is None or choice == room.choice:
        return None
    try:
        mix = room.engine.mix(choice)
    except NoMix:
        return None
    if mix.total_kusd > room.most_kusd * (1 + 1e-7):
        return None
    return choice, replace(mix, cheapest_kusd=room.engine.cheapest(room.choice).total_kusd)


def _tightened(room: Room, name: str) -> Choice | None:
    """The choice with one limit as tight as the margin allows, by pushing the lever's own column."""
    lever, sign = lever_named(name), looser(name)
    start = float(room.choice.values()[name])
    loosest = start == (lever.high if sign > 0 else lever.low)
    case = room.engine.assembler.case(room.choice.changed(**{name: start - sign * lever.step if loosest else start}))
    with room.engine.worker() as worker:
        column = loosened(worker, name, lever.low, lever.high)
        bounds: Bounds = {**room.bounds(worker), **column}
        value = lever_value(worker, name, least(worker, case, {name: (dict.fromkeys(column, sign), bounds)}, room.steering)[name])  # fmt: skip
    pushed = on_grid(name, value, FINE)
    return room.choice.changed(**{name: pushed}) if sign * (start - pushed) > 0 else None


def _shrunk(room: Room, names: tuple[str, ...]) -> Choice | None:
    """The choice with some programmes shrunk together as far as the margin allows."""

    def choice(part: int) -> Choice:
        return room.choice.changed(**{name: _between(room.choice, name, part / STRETCHES) for name in names})

    with room.engine.worker() as worker:
        trials = Trials(room.engine, worker)

        def fits(part: int) -> bool:
            trial = trials.at(choice(part))
            return trial is not None and trial.total <= room.most_kusd * a_year(trial.case)

        good, bad = (STRETCHES, STRETCHES + 1) if fits(STRETCHES) else (0, STRETCHES)
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if fits(middle) else (good, middle)
    return choice(good) if good else None


def _between(choice: Choice, name: str, part: float) -> Value:
    """A programme lever moved by a part of its way to its least."""
    lever, now = lever_named(name), float(choice.values()[name])
    return round(now + (lever.low - now) * part, 6)
