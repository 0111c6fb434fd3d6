"""When no mix exists: which limits clash, and the smallest ways out.

Nothing is relaxed silently: a way out is a lever and a value for a person to accept, solved for before it is offered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from model.analysis.explain.limit_sentences import NOUNS, amount
from model.analysis.explain.what_if import Trials, kept, trials
from model.engine.engine import Engine
from model.formulation.levers import Choice, Value, lever_named, levers_on, looser, loosest, on_grid

LEAST_WITHIN = 0.008
"""The least loosening is found to this share of the lever's value."""
STRETCHES = 32
"""Fineness of a joint loosening, as parts of the way to no limit at all."""

WAYS = {
    "china_limit": "allow {} from China",
    "country_limit": "allow {} from any one country",
    "shortfall_limit": "accept {} worst-case shortfall",
    "premium_limit": "raise the premium to {}",
    "investment_limit": "allow {} of investment",
    "home_limit": "ask for {} made in India",
    "carbon_limit": "accept {}",
    "concentration_limit": "accept a governance-weighted dependence of {}",
    "vital_limit": "accept {} shortage of defence and medical users",
    "reserve_days": "let the reserve hold {}",
    "magnet_budget": "raise the magnet scheme's budget to {}",
    "recycling_budget": "raise the recycling scheme's budget to {}",
    "mission_budget": "raise the mission's budget to {}",
    "target_year": "let the limits hold from {}",
}


@dataclass(frozen=True)
class Way:
    """One lever set otherwise: `value` on the lever's steps, `least` the smallest loosening itself (found to within 0.4 % of the
    value, and met), both in the lever's unit. The sentence is a button: 'allow 57 % from China'."""

    lever: str
    value: Value
    least: Value
    sentence: str


@dataclass(frozen=True)
class Clash:
    """Why a choice has no mix. `levers` is a smallest set of limits that cannot hold together: without any one of them the rest of
    the set can. Each of `ways` alone is enough, everything else as it stands; when no limit alone is, all of `joint` together are."""

    choice: Choice
    levers: tuple[str, ...]
    ways: tuple[Way, ...]
    joint: tuple[Way, ...]

    @property
    def sentence(self) -> str:
        """Which limits clash, in words."""
        values = self.choice.values()
        names = [
            f"the {NOUNS[name]}" + ("" if isinstance(values[name], str) else f" of {amount(name, float(values[name]))}")
            for name in self.levers
        ]
        if len(names) == 1:
            return f"No mix meets {names[0]}."
        return f"No mix exists: {', '.join(names[:-1])} and {names[-1]} cannot hold together."

    @property
    def joint_sentence(self) -> str:
        """The joint way out in words; empty when one lever is enough."""
        words = [way.sentence for way in self.joint]
        return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def explain_clash(engine: Engine, choice: Choice, stop: Callable[[], bool] | None = None) -> Clash:
    """Why a choice has no mix, and the smallest ways out; `stop` is asked before each solve. Raises `ValueError` when
    it has one, `SolverFailed` like a solve, `Stopped`."""

    def make() -> Clash:
        with trials(engine, choice, stop) as near:
            return _explain(near, choice)

    found: Clash = kept(engine, ("clash", choice), make)
    return found


def _explain(near: Trials, choice: Choice) -> Clash:
    if near.at(choice):
        raise ValueError("this choice has a mix, so nothing clashes")
    on = levers_on(choice)
    ways = tuple(found for name in on if (found := least_way(near, choice, name)))
    alone = tuple(found.lever for found in ways)
    return Clash(
        choice,
        smallest_clash(near, choice, on, alone),
        (*ways, *_later_year(near, choice)),
        () if alone else _joint(near, choice, on),
    )


def smallest_clash(
    near: Trials, choice: Choice, on: tuple[str, ...], needed: tuple[str, ...]
) -> tuple[str, ...]:  # fmt: skip
    """A smallest set of limits that have no mix together, found by dropping one at a time. A limit whose absence alone makes a
    mix possible (`needed`) is in every such set, so often the set is known at once."""

    def clash(names: tuple[str, ...]) -> bool:
        return near.at(choice, **{name: loosest(name) for name in on if name not in names}) is None

    if needed and clash(needed):
        return needed
    names = on
    for name in reversed(on):
        fewer = tuple(other for other in names if other != name)
        if name not in needed and clash(fewer):
            names = fewer
    return names


def way(name: str, value: Value, least: Value | None = None) -> Way:
    """A way out in words. `least` is the smallest loosening where it differs from the value on the lever's steps."""
    least = value if least is None else least
    if name == "aim":
        return Way(name, value, least, "aim for least cost")
    if value == loosest(name) and name not in ("reserve_days", "target_year"):
        return Way(name, value, least, f"drop the {NOUNS[name]}")
    return Way(name, value, least, WAYS[name].format(amount(name, float(value))))


def least_way(near: Trials, choice: Choice, name: str) -> Way | None:
    """The smallest loosening of one limit that makes a mix possible, the others as they stand; None when dropping it is not enough."""
    if name == "aim":
        return way(name, "cost") if near.at(choice, aim="cost") else None
    lever, now = lever_named(name), float(choice.values()[name])
    if name == "premium_limit":
        free = near.at(choice, premium_limit=lever.high)
        return way(name, on_grid(name, near.premium(free)), near.premium(free)) if free else None
    between = _bracket(near, choice, name, now)
    if between is None:
        return None
    good = least = _first_good(near, choice, name, *between)
    tight = good - looser(name) * lever.step
    tight = max(tight, now) if looser(name) > 0 else min(tight, now)
    while abs(least - tight) > max(LEAST_WITHIN * abs(least), 1e-6):
        middle = (least + tight) / 2
        if near.at(choice, **{name: middle}):
            least = middle
        else:
            tight = middle
    return way(name, good, least)


def _bracket(near: Trials, choice: Choice, name: str, now: float) -> tuple[float, float] | None:
    """A value without a mix and a looser one with a mix, by ever longer steps from where the limit stands; None when no value has
    one. A budget is rarely what clashes, so it is first tried without."""
    near.go_home()
    step, end = lever_named(name).step, float(loosest(name))
    if name.endswith("_budget") and not near.at(choice, **{name: end}):
        return None
    bad, length = now, 1
    while bad != end:
        good = on_grid(name, now + looser(name) * length * step)
        if near.at(choice, **{name: good}):
            return bad, good
        bad, length = good, 2 * length
    return None


def _first_good(near: Trials, choice: Choice, name: str, bad: float, good: float) -> float:
    """The tightest value on the lever's steps that has a mix, between one that has none and one that has."""
    step = lever_named(name).step
    while abs(good - bad) > step * 1.000001:
        middle = on_grid(name, (good + bad) / 2)
        if middle == good:
            middle = round(good - looser(name) * step, 9)
        if near.at(choice, **{name: middle}):
            good = middle
        else:
            bad = middle
    return good


def _later_year(near: Trials, choice: Choice) -> tuple[Way, ...]:
    """The first later year from which all limits can hold, if there is one."""
    now, last = float(choice.target_year), lever_named("target_year").high
    near.go_home()
    if now >= last or not near.at(choice, target_year=last):
        return ()
    return (way("target_year", _first_good(near, choice, "target_year", now, last)),)


def _joint(near: Trials, choice: Choice, on: tuple[str, ...]) -> tuple[Way, ...]:
    """The smallest joint loosening: the clashing limits, and those that clash once these are gone, all moved by the same share of
    their way to no limit, as little as possible; then each of them back again as far as the others allow."""
    involved: tuple[str, ...] = ()
    while not near.at(choice, **{name: loosest(name) for name in involved}):
        rest = tuple(name for name in on if name not in involved)
        involved += smallest_clash(near, choice.changed(**{n: loosest(n) for n in involved}), rest, ())
    now = choice.values()

    def stretched(part: int) -> dict[str, Value]:
        return {name: _between(name, now[name], part / STRETCHES) for name in involved}

    low, high = 0, STRETCHES
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if near.at(choice, **stretched(middle)) else (middle, high)
    values: dict[str, Value] = stretched(high)
    for name in sorted(involved, key=on.index, reverse=True):
        if near.at(choice, **{**values, name: now[name]}):
            values[name] = now[name]
        elif name != "aim":
            others = choice.changed(**{key: value for key, value in values.items() if key != name})
            values[name] = _first_good(near, others, name, float(now[name]), float(values[name]))
    return tuple(way(name, values[name]) for name in on if name in involved and values[name] != now[name])


def _between(name: str, value: Value, part: float) -> Value:
    """A limit moved by a part of its way to no limit, on its steps."""
    if name == "aim":
        return "cost"
    return on_grid(name, float(value) + part * (float(loosest(name)) - float(value)))


def applied(choice: Choice, ways: Way | tuple[Way, ...]) -> Choice:
    """A choice after pressing one way out, or all of a joint one."""
    pressed = {w.lever: w.value for w in (ways if isinstance(ways, tuple) else (ways,))}
    return choice.changed(**pressed)
