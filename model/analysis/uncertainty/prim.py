"""Under which conditions something fails: a box in the space of what was drawn, found by peeling (PRIM, Friedman and Fisher 1999).

From all worlds a thin slice is peeled away again and again, at whichever end of whichever input leaves the largest share of
failures. The box is found in one half of the worlds; how well it separates is told from the other half.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.arrays import Array

SLICE = 0.05
"""Share of the worlds left that one peel takes away."""
SMALLEST = 0.05
"""Share of all worlds that a box must hold."""
MOST_CONDITIONS = 3
DENSE = 4.0
CANDIDATES = 8
CLEARLY = 3.0
"""An input is looked at when it differs between failures and others by more than so many standard errors."""


@dataclass(frozen=True)
class Condition:
    """An input (its place among the columns) at least `low` or at most `high`, either of which may be None."""

    input: int
    low: float | None
    high: float | None

    def holds(self, inputs: Array) -> Array:
        """In which worlds it holds, mask (worlds,)."""
        x = inputs[:, self.input]
        return (x >= (-np.inf if self.low is None else self.low)) & (x <= (np.inf if self.high is None else self.high))


@dataclass(frozen=True)
class Box:
    """Conditions that hold together. `base` is the share of all worlds that fail; `share` how many worlds lie inside; `density` the
    share of those that fail; `coverage` the share of all failures that lie inside. All from worlds not used to find it."""

    conditions: tuple[Condition, ...]
    base: float
    share: float
    density: float
    coverage: float

    @property
    def separates(self) -> bool:
        """Whether failing is clearly likelier inside than in all worlds."""
        return bool(self.conditions) and self.density > self.base


def find_box(inputs: Array, fails: Array, most: int = MOST_CONDITIONS) -> Box:
    """The box of at most `most` conditions that best separates failures: inputs (worlds, inputs), fails (worlds,) as a mask.
    Without conditions when nothing or everything fails."""
    train = np.arange(len(fails)) % 2 == 0
    conditions: tuple[Condition, ...] = ()
    if fails[train].any() and not fails[train].all():
        first = _peeled(inputs[train], fails[train], _telling(inputs[train], fails[train]))
        kept = _weightiest(first, inputs[train], fails[train], most)
        conditions = _merged(_peeled(inputs[train], fails[train], kept))
    return measured(conditions, inputs[~train], fails[~train])


def measured(conditions: tuple[Condition, ...], inputs: Array, fails: Array) -> Box:
    """How well conditions separate failures in these worlds."""
    inside = np.ones(len(fails), dtype=bool)
    for condition in conditions:
        inside &= condition.holds(inputs)
    failed = int(fails.sum())
    caught = int((inside & fails).sum())
    return Box(
        conditions,
        base=failed / len(fails) if len(fails) else 0.0,
        share=float(inside.mean()) if len(fails) else 0.0,
        density=caught / int(inside.sum()) if inside.any() else 0.0,
        coverage=caught / failed if failed else 0.0,
    )


def _peeled(inputs: Array, fails: Array, among: tuple[int, ...]) -> list[Condition]:
    """Peel one slice after another; the conditions of the box on the way with the best balance of coverage and density."""
    inside = np.ones(len(fails), dtype=bool)
    cuts: list[Condition] = []
    best: tuple[float, list[Condition]] = (_balance(inside, fails), [])
    while inside.sum() > max(2, SMALLEST * len(fails)):
        choice: tuple[float, Condition, Array] | None = None
        for i in among:
            x = inputs[inside, i]
            low, high = np.quantile(x, [SLICE, 1.0 - SLICE])
            for condition in (Condition(i, float(low), None), Condition(i, None, float(high))):
                left = inside & condition.holds(inputs)
                if not left.any() or left.sum() == inside.sum():
                    continue
                density = float(fails[left].mean())
                if choice is None or density > choice[0]:
                    choice = density, condition, left
        if choice is None:
            break
        cuts.append(choice[1])
        inside = choice[2]
        balance = _balance(inside, fails)
        if balance > best[0]:
            best = balance, list(cuts)
    return best[1]


def _balance(inside: Array, fails: Array) -> float:
    """Harmonic mean of coverage and density, density counted DENSE times as much (the F-measure of retrieval)."""
    caught = float((inside & fails).sum())
    return (1.0 + DENSE) * caught / float(DENSE * inside.sum() + fails.sum()) if caught else 0.0


def _merged(cuts: list[Condition]) -> tuple[Condition, ...]:
    """One condition for each input, from all cuts made at it, in the order in which inputs were first cut."""
    found: dict[int, Condition] = {}
    for cut in cuts:
        old = found.get(cut.input, Condition(cut.input, None, None))
        low = old.low if cut.low is None else cut.low
        high = old.high if cut.high is None else cut.high
        found[cut.input] = Condition(cut.input, low, high)
    return tuple(found.values())


def _telling(inputs: Array, fails: Array) -> tuple[int, ...]:
    """The inputs that differ most between worlds that fail and others: Welch's t of their ranks, largest first. Among hundreds of
    inputs a slice of one that does not matter often looks good by chance; so only the most telling are cut at all."""
    ranks = inputs.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable").astype(float)
    bad, good = ranks[fails], ranks[~fails]
    error = np.sqrt(bad.var(axis=0) / len(bad) + good.var(axis=0) / len(good))
    apart = np.abs(bad.mean(axis=0) - good.mean(axis=0))
    worth = np.divide(apart, error, out=np.where(apart > 0, np.inf, 0.0), where=error > 0)
    order = np.argsort(-worth, kind="stable")[:CANDIDATES]
    return tuple(int(i) for i in order if worth[i] > CLEARLY)


def _weightiest(cuts: list[Condition], inputs: Array, fails: Array, most: int) -> tuple[int, ...]:
    """The inputs whose conditions, left out, cost the most density."""
    conditions = _merged(cuts)

    def loss(left_out: Condition) -> float:
        rest = tuple(c for c in conditions if c is not left_out)
        return measured(conditions, inputs, fails).density - measured(rest, inputs, fails).density

    return tuple(c.input for c in sorted(conditions, key=loss, reverse=True)[:most])
