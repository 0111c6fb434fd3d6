"""When no mix exists: which limits clash, and the smallest ways out.

Nothing is relaxed silently: a way out is a lever and a value for a person to accept, solved for before it is offered.
"""

from __future__ import annotations

from dataclasses import dataclass

from model.levers import Choice, Value, lever_named
from model.live import Engine
from model.trials import NOUNS, Trials, amount, kept, levers_on, looser, loosest, on_grid

LEAST_WITHIN = 0.008
"""The least loosening is found to this share of the lever's value."""
FAR = 8
"""After a limit was loosened by less than this many steps in vain, it is tried without."""
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
        names = [f"the {NOUNS[name]}" for name in self.levers]
        if len(names) == 1:
            return f"No mix meets {names[0]}."
        listed = f"{', '.join(names[:-1])} and {names[-1]}"
        return f"{listed[0].upper()}{listed[1:]} cannot hold together."

    @property
    def joint_sentence(self) -> str:
        """The joint way out in words; empty when one lever is enough."""
        words = [way.sentence for way in self.joint]
        return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def explain_clash(engine: Engine, choice: Choice) -> Clash:
    """Why a choice has no mix, and the smallest ways out. Raises `ValueError` when it has one, `SolverFailed` like a solve."""

    def make() -> Clash:
        with engine.worker() as worker:
            return _explain(Trials(engine, worker), choice)

    found: Clash = kept(engine, ("clash", choice), make)
    return found


def _explain(trials: Trials, choice: Choice) -> Clash:
    if trials.at(choice):
        raise ValueError("this choice has a mix, so nothing clashes")
    on = levers_on(choice)
    ways = tuple(found for name in on if (found := least_way(trials, choice, name)))
    alone = tuple(found.lever for found in ways)
    return Clash(
        choice,
        smallest_clash(trials, choice, on, alone),
        (*ways, *_later_year(trials, choice)),
        () if alone else _joint(trials, choice, on),
    )


def smallest_clash(
    trials: Trials, choice: Choice, on: tuple[str, ...], needed: tuple[str, ...]
) -> tuple[str, ...]:  # fmt: skip
    """A smallest set of limits that have no mix together, found by dropping one at a time. A limit whose absence alone makes a
    mix possible (`needed`) is in every such set, so often the set is known at once."""

    def clash(names: tuple[str, ...]) -> bool:
        return trials.at(choice, **{name: loosest(name) for name in on if name not in names}) is None

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


def least_way(trials: Trials, choice: Choice, name: str) -> Way | None:
    """The smallest loosening of one limit that makes a mix possible, the others as they stand; None when dropping it is not enough."""
    if name == "aim":
        return way(name, "cost") if trials.at(choice, aim="cost") else None
    lever, now = lever_named(name), float(choice.values()[name])
    if name == "premium_limit":
        free = trials.at(choice, premium_limit=lever.high)
        return way(name, on_grid(name, trials.premium(free)), trials.premium(free)) if free else None
    between = _bracket(trials, choice, name, now)
    if between is None:
        return None
    good = least = _first_good(trials, choice, name, *between)
    tight = good - looser(name) * lever.step
    tight = max(tight, now) if looser(name) > 0 else min(tight, now)
    while abs(least - tight) > max(LEAST_WITHIN * abs(least), 1e-6):
        middle = (least + tight) / 2
        if trials.at(choice, **{name: middle}):
            least = middle
        else:
            tight = middle
    return way(name, good, least)


def _bracket(trials: Trials, choice: Choice, name: str, now: float) -> tuple[float, float] | None:
    """A value without a mix and a looser one with a mix, by ever longer steps from where the limit stands; None when no value has
    one, which is asked outright after a few steps, and at once for a budget, which is rarely what clashes."""
    step, end = lever_named(name).step, float(loosest(name))
    bad, length = now, FAR if name.endswith("_budget") else 1
    while bad != end:
        if length >= FAR and not trials.at(choice, **{name: end}):
            return None
        good = on_grid(name, now + looser(name) * length * step)
        if trials.at(choice, **{name: good}):
            return bad, good
        bad, length = good, 2 * length
    return None


def _first_good(trials: Trials, choice: Choice, name: str, bad: float, good: float) -> float:
    """The tightest value on the lever's steps that has a mix, between one that has none and one that has."""
    step = lever_named(name).step
    while abs(good - bad) > step * 1.000001:
        middle = on_grid(name, (good + bad) / 2)
        if middle == good:
            middle = round(good - looser(name) * step, 9)
        if trials.at(choice, **{name: middle}):
            good = middle
        else:
            bad = middle
    return good


def _later_year(trials: Trials, choice: Choice) -> tuple[Way, ...]:
    """The first later year from which all limits can hold, if there is one."""
    last = int(lever_named("target_year").high)
    years = range(int(choice.target_year) + 1, last + 1)
    first = next((year for year in years if trials.at(choice, target_year=year)), None)
    return () if first is None else (way("target_year", float(first)),)


def _joint(trials: Trials, choice: Choice, on: tuple[str, ...]) -> tuple[Way, ...]:
    """The smallest joint loosening: the clashing limits, and those that clash once these are gone, all moved by the same share of
    their way to no limit, as little as possible; then each of them back again as far as the others allow."""
    involved: tuple[str, ...] = ()
    while not trials.at(choice, **{name: loosest(name) for name in involved}):
        rest = tuple(name for name in on if name not in involved)
        involved += smallest_clash(trials, choice.changed(**{n: loosest(n) for n in involved}), rest, ())
    now = choice.values()

    def stretched(part: int) -> dict[str, Value]:
        return {name: _between(name, now[name], part / STRETCHES) for name in involved}

    low, high = 0, STRETCHES
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if trials.at(choice, **stretched(middle)) else (middle, high)
    values: dict[str, Value] = stretched(high)
    for name in sorted(involved, key=on.index, reverse=True):
        if trials.at(choice, **{**values, name: now[name]}):
            values[name] = now[name]
        elif name != "aim":
            others = choice.changed(**{key: value for key, value in values.items() if key != name})
            values[name] = _first_good(trials, others, name, float(now[name]), float(values[name]))
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
