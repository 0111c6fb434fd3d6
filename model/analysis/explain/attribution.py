"""What made the difference between two settings of the levers: the change of each result split over the levers that differ.

Changed one after another, levers bring about changes that depend on the order. The share of a lever here is its average over
all orders (Shapley, A value for n-person games, 1953):

    share_i = sum over sets S without i of |S|! (n - |S| - 1)! / n! * (result(S and i) - result(S))

where result(S) is that of the mix with the levers in S set as in the second setting and the others as in the first. The shares
add up to the whole difference exactly. Where some sets of levers have no mix, only orders that keep a mix all the way count,
each the same (Faigle and Kern, The Shapley value for cooperative games under precedence constraints, 1992); how many are left
out is told. When no order keeps a mix, policy and assumptions are each changed in one go, and if that has no mix either, all at once.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from model.arrays import Array
from model.engine.active_limits import NoMix
from model.engine.engine import Engine
from model.engine.worker import needs_cheapest, solve_for
from model.errors import Infeasible
from model.formulation.levers import Choice, lever_named
from model.parallel.progress import Progress, Stop, Stopped, never, silent
from model.results.indicators import INDICATORS
from model.results.mix import Mix

EXACT_MOST = 10
"""With more levers than this, orders are sampled: 2^10 mixes are worked out in seconds, 2^33 never."""
SOLVES_ABOUT = 900
"""A sample takes about so many solves."""
PAIRS_LEAST, PAIRS_MOST = 8, 64
"""Pairs of an order and its reverse in a sample."""
TRIES = 4
"""So many times as many pairs are drawn at most when orders fall out for want of a mix."""
SEED = 20_26
"""Where sampling starts, so that the same question has the same answer."""
POLICY, ASSUMPTION, BOTH = "policy", "assumption", "both"
MEASURES = tuple(indicator.id for indicator in INDICATORS if indicator.id != "premium")
"""Results that are split; the premium is left out, because it compares with another mix that changes too."""

Worth = Callable[[int], Array | None]
"""The results of a set of players, given as bits; None when that set has no mix."""


@dataclass(frozen=True)
class Shares:
    """The split of a difference over players: `share` (players, results), `error` its standard error, zero when exact. `orders` is how
    many orders stand behind it, `left_out` the share of orders that fell out because a set on the way has no mix."""

    share: Array
    error: Array
    orders: int
    left_out: float


@dataclass(frozen=True)
class Part:
    """What one lever, or several changed in one go, made: `change` and its standard error `error` by result, in the units of the
    indicators. `kind`: policy, assumption, or both."""

    levers: tuple[str, ...]
    kind: str
    change: Mapping[str, float]
    error: Mapping[str, float]


@dataclass(frozen=True)
class Difference:
    """The difference between two settings of the levers. `whole` by result; `parts` add up to it. `exact`: over all orders, else over a
    sample of `orders`. `one_by_one`: levers were changed one at a time; where not, none of the `orders` looked at keeps a mix. `solved`
    is kept to go on after a stop."""

    before: Choice
    after: Choice
    whole: Mapping[str, float]
    parts: tuple[Part, ...]
    exact: bool
    one_by_one: bool
    orders: int
    left_out: float
    complete: bool = True
    solved: Mapping[int, Array | None] = field(default_factory=dict, repr=False)

    def of_kind(self, kind: str, measure: str) -> float:
        """What all levers of a kind made together of one result."""
        return sum(part.change[measure] for part in self.parts if part.kind == kind)


# -- the split itself --------------------------------------------------------------------------------------------------


def exact(players: int, worth: Worth) -> Shares | None:
    """The split over all orders that keep a mix; None when there is none. Neighbouring sets are asked for one after another."""
    full = (1 << players) - 1
    found = {mask: worth(mask) for mask in (i ^ (i >> 1) for i in range(full + 1))}
    up, down = _ways(players, found, up=True), _ways(players, found, up=False)
    orders = up[full]
    if not orders:
        return None
    share = np.zeros((players, _size(found)))
    for mask, value in found.items():
        if value is None or not up[mask]:
            continue
        for i in range(players):
            bigger = mask | 1 << i
            after = found[bigger]
            if bigger != mask and after is not None and down[bigger]:
                share[i] += float(Fraction(up[mask] * down[bigger], orders)) * (after - value)
    return Shares(share, np.zeros_like(share), orders, 1.0 - float(Fraction(orders, math.factorial(players))))


def _ways(players: int, found: Mapping[int, Array | None], up: bool) -> list[int]:
    """In how many orders each set can be reached from none (`up`), or all from it, by sets that have a mix."""
    full = (1 << players) - 1
    ways = [0] * (full + 1)
    ways[0 if up else full] = int(found[0 if up else full] is not None)
    for mask in range(1, full + 1) if up else range(full - 1, -1, -1):
        if found[mask] is not None:
            steps = ((mask ^ 1 << i) for i in range(players) if bool(mask >> i & 1) == up)
            ways[mask] = sum(ways[step] for step in steps)
    return ways


def _size(found: Mapping[int, Array | None]) -> int:
    return next(len(value) for value in found.values() if value is not None)


def sampled(players: int, worth: Worth, pairs: int, seed: int = SEED) -> Shares | None:
    """The split over a sample of orders, each drawn together with its reverse; None when no order drawn keeps a mix. Every order that
    keeps one counts the same; the error is that of their mean, with the two of a pair as one draw:

        share = sum of sums / orders,  error^2 = P / (P - 1) * sum over pairs of (sum - number * share)^2 / orders^2
    """
    draw = random.Random(seed)  # noqa: S311 - orders, no secrets
    sums: list[Array] = []
    numbers: list[int] = []
    drawn = 0
    while len(sums) < pairs and drawn < TRIES * pairs:
        order = draw.sample(range(players), players)
        both = [made for way in (order, order[::-1]) if (made := _along(way, worth)) is not None]
        drawn += 1
        if both:
            sums.append(np.sum(both, axis=0))
            numbers.append(len(both))
    if not sums:
        return None
    orders, found = sum(numbers), len(sums)
    share = np.sum(sums, axis=0) / orders
    off = np.array(sums) - np.array(numbers)[:, None, None] * share
    again = found / (found - 1) if found > 1 else math.nan
    error = np.sqrt(again * (off**2).sum(axis=0)) / orders
    return Shares(share, error, orders, 1.0 - orders / (2 * drawn))


def _along(order: Sequence[int], worth: Worth) -> Array | None:
    """What each player adds in one order; None when a set on the way has no mix."""
    now, mask = worth(0), 0
    if now is None:
        return None
    share = np.zeros((len(order), len(now)))
    for player in order:
        mask |= 1 << player
        then = worth(mask)
        if then is None:
            return None
        share[player], now = then - now, then
    return share


# -- two settings of the levers ----------------------------------------------------------------------------------------


def kind_of(lever: str) -> str:
    """Whether a lever is policy, which India decides, or an assumption about the world."""
    return lever_named(lever).nature


def difference(
    engine: Engine, before: Choice, after: Choice, progress: Progress = silent, stop: Stop = never,
    earlier: Difference | None = None,
) -> Difference:  # fmt: skip
    """What made the difference from one setting to the other. `earlier`: an unfinished result to go on from. When stopped, a result
    without parts that is not complete. Raises `NoMix` when one of the two has no mix, `SolverFailed`."""
    names = before.differences(after)
    first, last = _results(engine.mix(before)), _results(engine.mix(after))
    whole = dict(zip(MEASURES, (last - first).tolist(), strict=True))
    solved: dict[int, Array | None] = dict(earlier.solved) if earlier else {}
    solved |= {0: first, (1 << len(names)) - 1: last}
    pairs = max(PAIRS_LEAST, min(PAIRS_MOST, SOLVES_ABOUT // (2 * max(1, len(names) - 1))))
    total = 1 << len(names) if len(names) <= EXACT_MOST else 2 * pairs * (len(names) - 1)

    def worth(mask: int) -> Array | None:
        if mask not in solved:
            if stop():
                raise Stopped
            solved[mask] = _solve(engine, mixed(before, after, names, mask))
        progress(min(len(solved), total), total)
        return solved[mask]

    small = len(names) <= EXACT_MOST
    try:
        shares = (exact(len(names), worth) if small else sampled(len(names), worth, pairs)) if names else None
        players = [1 << i for i in range(len(names))]
        if shares is None and names:
            shares, players = _blocks(names, worth)
    except Stopped:
        return Difference(before, after, whole, (), small, True, 0, 0.0, False, solved)
    progress(total, total)
    parts = tuple(
        Part(
            chosen, _kind(chosen), dict(zip(MEASURES, share.tolist(), strict=True)),
            dict(zip(MEASURES, error.tolist(), strict=True)),
        )
        for chosen, share, error in (
            (tuple(name for i, name in enumerate(names) if mask >> i & 1), shares.share[p], shares.error[p])
            for p, mask in enumerate(players)
        )
    ) if shares else ()  # fmt: skip
    orders = shares.orders if shares else 0
    one_by_one = all(len(part.levers) == 1 for part in parts)
    if not one_by_one:
        orders = math.factorial(len(names)) if small else 2 * TRIES * pairs
    return Difference(
        before, after, whole, parts, small, one_by_one, orders, shares.left_out if shares and one_by_one else 0.0
    )


def _blocks(names: Sequence[str], worth: Worth) -> tuple[Shares, list[int]]:
    """The split over policy and assumptions, each changed in one go; over one block when that has no mix either. Also the levers of each
    block, as bits."""
    masks = [sum(1 << i for i, name in enumerate(names) if kind_of(name) == kind) for kind in (POLICY, ASSUMPTION)]
    if all(masks):
        shares = exact(2, lambda mask: worth(sum(block for i, block in enumerate(masks) if mask >> i & 1)))
        if shares is not None:
            return shares, masks
    full = (1 << len(names)) - 1
    one = exact(1, lambda mask: worth(full if mask else 0))
    if one is None:
        raise RuntimeError("both settings have a mix, so the whole difference can be told")
    return one, [full]


def _kind(names: Sequence[str]) -> str:
    kinds = {kind_of(name) for name in names}
    return kinds.pop() if len(kinds) == 1 else BOTH


def mixed(before: Choice, after: Choice, names: Sequence[str], mask: int) -> Choice:
    """The first setting with those of the named levers that `mask` has as in the second."""
    values: dict[str, Any] = after.values()
    return before.changed(**{name: values[name] for i, name in enumerate(names) if mask >> i & 1})


def _solve(engine: Engine, choice: Choice) -> Array | None:
    """The results of a choice, outside of the answers kept for visitors; None when it has no mix. Raises `SolverFailed`."""
    case = engine.assembler.case(choice)
    cheapest = engine.cheapest(choice) if needs_cheapest(choice) else None
    with engine.worker() as worker:
        try:
            return _results(worker.mix(case, choice, solve_for(worker, case, cheapest)))
        except (Infeasible, NoMix):
            return None


def _results(mix: Mix) -> Array:
    return np.array([mix.indicators[name] for name in MEASURES])
