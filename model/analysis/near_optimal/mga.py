"""Mixes that go as far one way as a margin of cost allows: a limit as tight as can be, or as much or as little from some routes.

A limit is a lever by itself. As much as can be from a group of routes is none: there the mix is found first, and then the
setting of levers whose own mix comes nearest to it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from model.analysis.near_optimal.directions import Aim, Bounds, least, lever_value, loosened
from model.analysis.near_optimal.ranges import Room
from model.engine.active_limits import NoMix
from model.errors import Infeasible
from model.evidence.schema import Route
from model.formulation.levers import AIMS, Choice, Value, lever_named, looser, on_grid
from model.results.comparison import apart
from model.results.limit_levels import needs
from model.results.mix import Mix, read_mix

TIGHTENED = ("china_limit", "shortfall_limit", "investment_limit", "carbon_limit", "country_limit")
"""Limit levers that are pushed as tight as the margin allows, one at a time."""
GROUPS: dict[str, Callable[[Route], bool]] = {
    "plants": lambda r: r.build is not None and r.build.scheme == "magnet",
    "partners": lambda r: r.origin not in ("India", "China") and r.stage == "magnet",
    "substitutes and scrap": lambda r: (
        r.stage == "substitute" or (r.build is not None and r.build.scheme == "recycling")
    ),
    "Chinese magnets": lambda r: r.origin == "China" and r.stage == "magnet",
    "partners' oxide": lambda r: r.origin not in ("India", "China") and r.stage == "oxide",
}
"""Groups of routes from which as much and as little as can be is taken."""
HELD = (
    "china_limit",
    "home_limit",
    "investment_limit",
    "magnet_budget",
    "recycling_budget",
    "mission_budget",
    "reserve_days",
)
"""Limits that are set to what a mix needs, so that the levers lead towards it."""
FINE = 0.01
"""Levers found here are set to this part of their step, towards what can be kept."""
FIRST = 1e5
"""What is pushed counts so many kUSD a tonne, so that cost and tie-break only decide between mixes that go equally far."""


@dataclass(frozen=True)
class Pushed:
    """A mix within the margin, and the setting of levers that gives it when what was pushed is a lever."""

    mix: Mix
    choice: Choice | None = None


def pushes(room: Room) -> tuple[Callable[[], Pushed | None], ...]:
    """Every push, to be made when called; None when it leads nowhere within the margin."""
    return (
        *(lambda aim=aim: _aimed(room, aim) for aim in AIMS if aim != "cost"),
        *(lambda name=name: _tightened(room, name) for name in TIGHTENED),
        *(lambda name=name, sign=sign: _group(room, name, sign) for name in GROUPS for sign in (1.0, -1.0)),
    )


def _seen(room: Room, choice: Choice) -> Mix | None:
    """The mix of a choice seen from the choice that is asked about, None when it has none or one that costs more than the margin."""
    try:
        mix = room.engine.mix(choice)
    except NoMix:
        return None
    if mix.total_kusd > room.most_kusd * (1 + 1e-7) + 1e-6:
        return None
    return replace(mix, cheapest_kusd=room.engine.cheapest(room.choice).total_kusd)


def _aimed(room: Room, aim: str) -> Pushed | None:
    """The aim pushed as far as the margin, said as a premium over the cheapest mix, allows."""
    premium = 100.0 * (room.most_kusd / room.engine.cheapest(room.choice).total_kusd - 1.0)
    lever = lever_named("premium_limit")
    if not lever.low <= premium < lever.high:
        return None
    choice = room.choice.changed(aim=aim, premium_limit=math.floor(premium * 1e6) / 1e6)
    mix = _seen(room, choice)
    return None if mix is None else Pushed(mix, choice)


def _tightened(room: Room, name: str) -> Pushed | None:
    """One limit as tight as the margin allows, by pushing the lever's own column."""
    lever, sign = lever_named(name), looser(name)
    start = float(room.choice.values()[name])
    nearly = start - lever.step if start == lever.high else start
    case = room.engine.assembler.case(room.choice.changed(**{name: nearly}))
    with room.engine.worker() as worker:
        column = loosened(worker, name, lever.low, lever.high)
        bounds: Bounds = {**room.bounds(worker), **column}
        try:
            found = least(worker, case, {name: Aim(dict.fromkeys(column, sign), bounds, lever=True)}, room.steering)
        except Infeasible:
            return None
        value = on_grid(name, lever_value(worker, name, found[name]), FINE)
    choice = room.choice.changed(**{name: value})
    mix = _seen(room, choice) if value < start else None
    return None if mix is None else Pushed(mix, choice)


def _group(room: Room, name: str, sign: float) -> Pushed | None:
    """As much (sign 1) or as little (-1) as can be from a group of routes."""
    routes = room.engine.evidence.routes
    members = [i for i, route in enumerate(room.case.routes) if GROUPS[name](routes[route])]
    with room.engine.worker() as worker:
        program = worker.program
        costs = {program.places["total_cost"][()]: 1.0}
        costs |= {int(place): float(program.preferences[place]) for place in np.flatnonzero(program.preferences)}
        for r in members:
            for place, share in room.supply(worker, r, ~room.case.fixed).items():
                costs[place] -= sign * FIRST * share
        found = least(worker, room.case, {name: Aim(costs, room.bounds(worker), used=True)}, room.steering)[name]
        mix = read_mix(program, room.case, room.choice, found, room.engine.cheapest(room.choice).total_kusd)
    mix = replace(
        mix,
        objective_kusd=mix.total_kusd + mix.preference_kusd,
        status="near the optimum",
        limit_prices={},
        route_prices={},
    )
    return Pushed(mix)


def with_levers(room: Room, pushed: Pushed) -> tuple[Choice, Mix]:
    """The setting of levers that comes nearest to a mix, and the mix that this setting gives."""
    if pushed.choice is not None:
        return pushed.choice, pushed.mix
    near = [(choice, other) for choice in _towards(room, pushed.mix) if (other := _seen(room, choice)) is not None]
    return min(near, key=lambda pair: apart(pair[1], pushed.mix), default=(room.choice, room.optimum))


def _towards(room: Room, wanted: Mix) -> Iterator[Choice]:
    """Settings that lead towards a mix: its needs as limits, and its use of each programme as well. All else, the world above all,
    stays as it is asked about."""
    now, need = room.choice.values(), needs(wanted)
    values: dict[str, Value] = {}
    for name in HELD:
        value = on_grid(name, need[name], FINE)
        values[name] = min(value, float(now[name])) if looser(name) > 0 else max(value, float(now[name]))
    yield room.choice.changed(**values)
    yield room.choice.changed(**values, **_programmes(room, wanted))


def _programmes(room: Room, wanted: Mix) -> dict[str, Value]:
    """Levers of policy that say how much of a route there may be, set to no more than a mix uses, by the route and the year in which it
    uses most. What partners or makers can spare is no such lever, though a mix may take less of it."""
    case, now = wanted.case, room.choice.values()
    built, decided = np.cumsum(wanted.add, axis=1), ~case.fixed
    used: dict[str, float] = {}
    for i, name in enumerate(case.routes):
        route = room.engine.evidence.routes[name]
        lever, most, use = "", case.capacity[i] * case.utilisation[i], wanted.plan[i].sum(axis=0)
        if route.volume_lever:
            lever = route.volume_lever
        elif route.build is not None and route.build.lever and route.build.lever_is != "switch":
            lever, most, use = route.build.lever, case.capacity[i] + case.ceiling[i], case.capacity[i] + built[i]
        if lever and lever_named(lever).nature == "policy":
            part = np.divide(use, most, out=np.zeros_like(most), where=most > 0)[decided].max()
            used[lever] = max(used.get(lever, 0.0), float(now[lever]) * float(part))
    return {name: min(on_grid(name, value, FINE), float(now[name])) for name, value in used.items()}
