"""The last move again, step by step: what entered and left the mix at each step, what that changed, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from model.analysis.explain.bottlenecks import allowed
from model.analysis.explain.limit_sentences import NOUNS, amount, one_step
from model.arrays import Array
from model.caching import cached_property
from model.engine.active_limits import NoMix, limits_on
from model.engine.engine import Engine
from model.evidence.store import Evidence
from model.formulation.case import BUDGETS, LIMITS
from model.formulation.levers import Choice, Value, lever_named, levers
from model.parallel.progress import Progress, Stop, never, silent
from model.results.annual import a_year
from model.results.comparison import supply
from model.results.formatting import money
from model.results.limit_levels import NOTHING
from model.results.mix import Mix

STEPS_MOST = 6
"""A slider's way is shown in at most so many steps."""
MOVED_T = 1.0
"""Less than this many t/y is no change of the mix."""
NOTED = 0.005
"""A price or an amount that changes by less than this share is not given as a reason."""
NAMED = 2
"""So many routes are named as reasons: of those whose price or most changed, those that moved most."""


@dataclass(frozen=True)
class Moved:
    """A route whose supply changed: t/y on average over the years with decisions, before and after."""

    route: str
    before_t: float
    after_t: float

    @property
    def what(self) -> str:
        """Whether it entered, left, or gives more or less."""
        if self.before_t < MOVED_T <= self.after_t:
            return "enters"
        if self.after_t < MOVED_T <= self.before_t:
            return "leaves"
        return "more" if self.after_t > self.before_t else "less"


@dataclass(frozen=True)
class Step:
    """One step of a move: the levers that it set, the choice after it, its mix (None when it has none, with the limits that are on),
    and the last mix before it."""

    levers: tuple[str, ...]
    choice: Choice
    mix: Mix | None
    before: Mix | None
    limits: tuple[str, ...] = ()

    @cached_property
    def moved(self) -> tuple[Moved, ...]:
        """Routes whose supply changed, the largest change first."""
        if self.mix is None or self.before is None:
            return ()
        old, new = supply(self.before).tolist(), supply(self.mix).tolist()
        pairs = zip(self.mix.case.routes, old, new, strict=True)
        found = [Moved(route, a, b) for route, a, b in pairs if abs(b - a) >= MOVED_T]
        return tuple(sorted(found, key=lambda m: -abs(m.after_t - m.before_t)))

    def change(self, indicator: str) -> float:
        """Change of an indicator in its own unit; 0 without a mix."""
        if self.mix is None or self.before is None:
            return 0.0
        return float(self.mix.indicators[indicator] - self.before.indicators[indicator])


def way(before: Choice, after: Choice) -> tuple[Choice, ...]:
    """The settings that a move is shown in, from the first to the last: a slider in a few of its steps, several levers one after another
    in the order of the screen."""
    names = before.differences(after)
    if len(names) == 1 and lever_named(names[0]).kind == "number":
        return (before, *(before.changed(**{names[0]: value}) for value in _values(names[0], before, after)))
    found = [before]
    for name in names:
        found.append(found[-1].changed(**{name: after.values()[name]}))
    return tuple(found)


def _values(name: str, before: Choice, after: Choice) -> list[Value]:
    """Values of a slider on its way, on its steps, the last exactly where it ends."""
    lever, start, end = lever_named(name), float(before.values()[name]), float(after.values()[name])
    number = max(1, min(STEPS_MOST, round(abs(end - start) / lever.step)))
    parts = [start + (end - start) * i / number for i in range(1, number)]
    on_steps = [round(lever.low + round((value - lever.low) / lever.step) * lever.step, 9) for value in parts]
    between = [value for value in dict.fromkeys(on_steps) if min(start, end) < value < max(start, end)]
    return [*between, end]


def replay(
    engine: Engine, before: Choice, after: Choice, progress: Progress = silent, stop: Stop = never
) -> tuple[Step, ...]:
    """The steps of a move; those without a mix are among them. Ends early when stopped. Raises `SolverFailed`."""
    choices, found = way(before, after), []
    last = _mix(engine, before)
    for done, (here, there) in enumerate(pairwise(choices), 1):
        if stop():
            break
        mix = _mix(engine, there)
        found.append(Step(here.differences(there), there, mix, last, () if mix else limits_on(there)))
        last = mix or last
        progress(done, len(choices) - 1)
    return tuple(found)


def _mix(engine: Engine, choice: Choice) -> Mix | None:
    try:
        return engine.mix(choice)
    except NoMix:
        return None


# -- why ---------------------------------------------------------------------------------------------------------------


def why(step: Step, evidence: Evidence) -> tuple[str, ...]:
    """Why the mix changed in a step, in sentences: limits that begin or cease to bind, then what the routes that moved most cost and
    can give. One sentence that nothing moved where nothing did."""
    if step.mix is None or step.before is None:
        return ()
    reasons = [*_limits(step.before, step.mix), *_routes(step, evidence)]
    if not step.moved:
        return (_still(step), *reasons)
    return tuple(reasons) or (
        "No limit began or ceased to bind and no price of these routes changed: the lever shifts what is worth buying"
        " against the harm of shortage.",
    )


def _still(step: Step) -> str:
    """That nothing moved, and for a limit why."""
    name = step.levers[0] if len(step.levers) == 1 else ""
    if (
        name in LIMITS
        and step.mix is not None
        and step.mix.limit_prices.get(name, 0.0) * a_year(step.mix.case) < NOTHING
    ):
        return f"No route changes: the {NOUNS[name]} does not bind."
    return "No route changes by a tonne a year."


def _limits(before: Mix, after: Mix) -> Iterator[str]:
    """Limits that bind in one of two mixes, with what one more unit is worth."""
    prices = [{n: p * a_year(mix.case) for n, p in mix.limit_prices.items()} for mix in (before, after)]
    old, new = (mix.choice.values() for mix in (before, after))
    for lever in (lever for lever in levers() if lever.id in (*LIMITS, *BUDGETS)):
        name = lever.id
        was, now = (price.get(name, 0.0) >= NOTHING for price in prices)
        saves = f"{one_step(name)} looser would save about {money(prices[1].get(name, 0.0) * lever.step)} a year"
        if now and not was:
            yield f"The {NOUNS[name]} begins to bind at {_at(name, new)}: {saves}."
        elif was and not now:
            yield f"The {NOUNS[name]} " + (
                "is gone." if lever.is_off(new[name]) else f"no longer binds at {_at(name, new)}."
            )
        elif was and now and old[name] != new[name]:
            yield f"The {NOUNS[name]} binds at {_at(name, old)} and at {_at(name, new)}; {saves} there."


def _at(name: str, values: dict[str, Value]) -> str:
    return amount(name, float(values[name]))


def _routes(step: Step, evidence: Evidence) -> Iterator[str]:
    """What the routes that changed most cost and can give, where that changed."""
    if step.mix is None or step.before is None:
        return
    old, new = step.before.case, step.mix.case
    dear = [_price(case_mix) for case_mix in (step.before, step.mix)]
    most = [allowed(case) for case in (old, new)]
    named = 0
    for moved in step.moved:
        if named == NAMED:
            return
        r, name = new.routes.index(moved.route), evidence.routes[moved.route].name
        (cost, costs), (could, can) = ((float(pair[0][r]), float(pair[1][r])) for pair in (dear, most))
        told = []
        if abs(costs - cost) > NOTED * max(cost, 1e-9):
            told.append(f"cost USD {costs:,.1f} instead of {cost:,.1f} a kg before feed and plants")
        if abs(can - could) > NOTED * max(could, 1.0):
            told.append(f"can give {can:,.0f} instead of {could:,.0f} t a year")
        if told:
            named += 1
            yield f"{name}: {' and '.join(told)}."


def _price(mix: Mix) -> Array:
    """What each route asks on average over products, states and years with decisions, USD/kg (R,)."""
    case = mix.case
    expected = (case.price[..., None] * case.multiplier) @ case.probability
    made = np.broadcast_to(case.products[:, :, None], expected.shape) & ~case.fixed
    return np.asarray(np.where(made, expected, 0.0).sum(axis=(1, 2)) / np.maximum(1, made.sum(axis=(1, 2))))
