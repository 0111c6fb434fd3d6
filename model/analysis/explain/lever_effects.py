"""What one lever moves: the mix worked out anew with the lever one step away and at both ends, all others as they stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.engine.active_limits import NoMix
from model.engine.engine import Engine
from model.formulation.levers import Choice, Value, lever_named
from model.parallel.progress import Progress, Stop, never, silent
from model.results.comparison import demand, supply
from model.results.indicators import INDICATORS, Indicator
from model.results.mix import Mix

LITTLE = 0.001
"""A change by less than this share of demand, or of the present value, is none."""
SCALES = {"share": 0.1, "kgCO2e/kg": 30.0, "index": 1000.0}
"""What counts as a large change of an indicator, by the beginning of its unit, where the present value is no measure."""


@dataclass(frozen=True)
class Reached:
    """The lever at one value, with its mix; None when it has none."""

    value: Value
    mix: Mix | None


@dataclass(frozen=True)
class Reach:
    """A lever at the values tried, the present one among them."""

    lever: str
    now: Value
    tried: tuple[Reached, ...]

    @property
    def present(self) -> Mix | None:
        """The mix at the present value."""
        return next(r.mix for r in self.tried if r.value == self.now)

    @property
    def base(self) -> Mix | None:
        """The mix that changes are measured against: the present one or, when the levers as they stand have none, that of the nearest
        value tried that has one."""
        number = lever_named(self.lever).kind == "number"
        found = [
            (abs(float(r.value) - float(self.now)) if number else r.value != self.now, r.mix)
            for r in self.tried
            if r.mix
        ]
        return min(found, key=lambda pair: pair[0])[1] if found else None

    @property
    def strongest(self) -> tuple[Indicator, ...]:
        """The indicators that the lever moves, that which it moves most first, measured against their value in `base`."""
        mix = self.base
        if mix is None:
            return ()
        found = []
        for indicator in INDICATORS:
            now = mix.indicators[indicator.id]
            far = max((abs(r.mix.indicators[indicator.id] - now) for r in self.tried if r.mix), default=0.0)
            scale = next((s for unit, s in SCALES.items() if indicator.unit.startswith(unit)), max(abs(now), 1.0))
            if far / scale > LITTLE:
                found.append((far / scale, indicator))
        return tuple(indicator for _, indicator in sorted(found, key=lambda pair: -pair[0]))

    @property
    def routes(self) -> tuple[tuple[str, float], ...]:
        """Routes that the lever moves and by how much of demand between the values tried, the largest first."""
        mixes = [r.mix for r in self.tried if r.mix]
        if not mixes:
            return ()
        given = np.array([supply(mix) / demand(mix) for mix in mixes])
        spans = zip(mixes[0].case.routes, np.ptp(given, axis=0).tolist(), strict=True)
        return tuple(sorted(((r, s) for r, s in spans if s > LITTLE), key=lambda pair: -pair[1]))


def values_tried(lever_id: str, now: Value) -> tuple[Value, ...]:
    """Both ends, one step to each side, halfway to each end, and the present value, in order; all values of a switch or an option."""
    lever = lever_named(lever_id)
    if lever.kind == "switch":
        return (False, True)
    if lever.kind == "option":
        return lever.options
    here, step = float(now), lever.step
    halfway = (lever.low + round(((end + here) / 2 - lever.low) / step) * step for end in (lever.low, lever.high))
    near = (round(value, 9) for value in (here - step, here + step, *halfway) if lever.low < value < lever.high)
    return tuple(sorted({float(lever.low), *near, here, float(lever.high)}))


def reach(
    engine: Engine, choice: Choice, lever_id: str, progress: Progress = silent, stop: Stop = never
) -> Reach | None:
    """What a lever moves from where it stands; None when stopped. Raises `LeverError`, `SolverFailed`."""
    now = choice.values()[lever_named(lever_id).id]
    tried = []
    values = values_tried(lever_id, now)
    for done, value in enumerate(values, 1):
        if stop():
            return None
        try:
            tried.append(Reached(value, engine.mix(choice.changed(**{lever_id: value}))))
        except NoMix:
            tried.append(Reached(value, None))
        progress(done, len(values))
    return Reach(lever_id, now, tuple(tried))
