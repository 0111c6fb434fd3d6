"""What a plan that stands does in given states of the world: the second stage alone, each year and state for itself.

Plan, plants and reserve are held; what arrives, what the reserve gives and who goes short is decided at the least cost of that
year and state. Limits on outcomes are not forced here: a plan that stands cannot be made to keep them. The columns, their
prices and their tie-break are those of `program`, so for the states that a mix was made for this gives back its own outcome.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from model.arrays import Array, Numbers
from model.caching import cached_property
from model.errors import Infeasible, SolverFailed
from model.evidence.schema import COMMODITIES
from model.formulation.case import C, Case, M, crore, preference
from model.lp.model import Number, Sheet, Term
from model.lp.persistent import Live
from model.lp.solve import HAS_HIGHS, solve_once
from model.results.mix import Mix

LAST_RESORT = 10.0
"""What is planned for the reserve is left out only when nothing else can be done: its price as a multiple of the highest penalty."""
ROUNDING_T = 1e-6
"""Fewer tonnes than this are rounding."""
MANY_STEPS = 1_000_000
"""No limit in practice on the steps of one solve."""
COLUMNS = ("deliver", "draw", "short", "unfilled")


@dataclass(frozen=True)
class Outcome:
    """A mix whose plan is held in other states or another world. `mix` has the plan as far as that world can carry it, and its
    deliveries, draws and shortages there; `unfilled` (C, T, K) is what could not be put aside, t, bought later at the refill price."""

    mix: Mix
    unfilled: Array

    @cached_property
    def later_kusd(self) -> Array:
        """What it costs to put aside later what could not be put aside, by year and state, kUSD (T, K)."""
        return np.asarray(np.einsum("ctk,ct->tk", self.unfilled, self.mix.case.refill))

    @cached_property
    def bill(self) -> Array:
        """Purchases, plants and reserve by year and state, kUSD of that year (T, K), before the credit for the last stock."""
        m, c = self.mix, self.mix.case
        fixed = m.annuity_by_route.sum(axis=0) + c.holding @ m.stock
        return np.asarray(m.supply_by_state.sum(axis=(0, 1)) + np.einsum("ctk,ct->tk", m.draw, c.refill) + self.later_kusd + fixed[:, None])  # fmt: skip

    @cached_property
    def harm(self) -> Array:
        """Harm of shortage by year and state, kUSD of that year (T, K)."""
        return np.asarray(np.einsum("smtk,s->tk", self.mix.short, self.mix.case.penalty))

    @property
    def bill_kusd(self) -> float:
        """Expected bill, discounted over the horizon, less the credit for the last stock."""
        c = self.mix.case
        return float(c.discount @ self.bill @ c.probability) - self.mix.credit_kusd

    @property
    def harm_kusd(self) -> float:
        """Expected harm of shortage, discounted over the horizon."""
        return float(self.mix.case.discount @ self.harm @ self.mix.case.probability)

    @property
    def total_kusd(self) -> float:
        """Expected total cost, discounted over the horizon; the same as the mix's own in its own world."""
        return self.bill_kusd + self.harm_kusd

    @property
    def tail(self) -> float:
        """Worst-case shortfall: average of the worst outcomes in the worst year from the target year on, share of demand."""
        return float(self.mix.tail_year[self.mix.focus].max())

    def crore(self, kusd: float) -> float:
        """INR crore of an amount in kUSD, at the rupee of the case."""
        return crore(kusd, self.mix.case.rupee)


def carried(mix: Mix, case: Case) -> tuple[Array, Array]:
    """The plan (R, C, T) and the additions (R, T) of a mix as far as the world of `case` can carry them, t/y.

    Additions are cut back to what may be added by each year there, a route's plan to what it can then make, all its products
    alike, and a by-product to its share of that. What a route cannot make is neither delivered nor paid."""
    allowed = np.maximum.accumulate(np.minimum(np.cumsum(case.addmax, axis=1), case.ceiling), axis=1)
    built = np.minimum(np.cumsum(mix.add, axis=1), allowed)
    add = np.diff(built, axis=1, prepend=0.0)
    most = case.utilisation[:, None] * (case.capacity + built)
    plan = mix.plan * _part(mix.plan.sum(axis=1), most)[:, None, :]
    plan = plan * _part(plan, case.at_most[:, :, None] * most[:, None, :])
    return plan, np.where(np.abs(add - mix.add) < ROUNDING_T, mix.add, add)


def _part(wanted: Array, most: Array) -> Array:
    """The share of what is wanted that can be had; 1 where it falls short by no more than rounding."""
    share = np.divide(most, wanted, out=np.ones_like(wanted), where=wanted > 0)
    return np.where(wanted <= most + ROUNDING_T, 1.0, np.clip(share, 0.0, 1.0))


class Recourse:
    """The second stage of all cases of one shape (years, states, routes), written down once and re-solved. Not thread-safe.

    Every solve starts from where the first one ended, so that what was asked in between leaves no trace, and takes as many
    steps as it needs: the second stage falls apart into years and states, and from there it is two to three times as quick as
    from nothing."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._sheet: Sheet | None = None
        self._live: Live | None = None
        self._first: Any = None
        self._places: dict[str, list[tuple[tuple[int, ...], int]]] = {}
        self._where: dict[str, tuple[tuple[Array, ...], Array]] = {}
        self._ties = self._preferences()

    def hold(self, mix: Mix, case: Case) -> Outcome:
        """What the plan of a mix does in the world and states of a case. Raises `SolverFailed`."""
        plan, add = carried(mix, case)
        stock = case.opening[:, None] + np.cumsum(mix.fill, axis=1)
        held = replace(mix, case=case, plan=plan, add=add, stock=stock, limit_prices={}, route_prices={})
        values = self._solve(self._numbers(held))
        deliver, draw, short, unfilled = (self._dense(name, values) for name in COLUMNS)
        return Outcome(replace(held, deliver=deliver, draw=draw, short=short), unfilled)

    def fresh(self) -> Recourse:
        """Another that starts where the first solve of this one ended."""
        other = copy.copy(self)
        other._live = self._live.clone() if self._live else None
        return other

    def _numbers(self, mix: Mix) -> dict[str, Array]:
        """The numbers of the program for a plan that is held."""
        case = mix.case
        before = np.concatenate([case.opening[:, None], mix.stock[:, :-1]], axis=1)
        length = np.broadcast_to(case.length, (C, len(case.states)))
        need = mix.fill.copy()
        need[:M] += case.demand.sum(axis=0)
        owed = (1.0 - case.take_or_pay)[:, None, None, None] * case.price[..., None] * case.multiplier
        return {
            "arrive": case.availability * mix.plan[..., None],
            "pay": owed + self._ties["deliver"],
            "draw_most": np.where(case.drawable, before[:, :, None] / length[:, None, :], 0.0),
            "refill": case.refill[:, :, None] + self._ties["draw"],
            "demand": case.demand,
            "penalty": case.penalty[:, None, None, None] + self._ties["short"],
            "fill": mix.fill,
            "last_resort": np.array([LAST_RESORT * case.penalty.max()]),
            "need": need,
            "feed": case.feed,
            "substitutable": case.demand[case.substitutable].sum(axis=0),
        }

    def _solve(self, numbers: Numbers) -> Array:
        """The values of all columns. Raises `SolverFailed`."""
        if self._sheet is None or not HAS_HIGHS:
            self._sheet = self._write(numbers)
            self._live = Live(self._sheet) if HAS_HIGHS else None
        try:
            if self._live is None:
                return solve_once(self._sheet, "CBC").values
            self._live.set(self._sheet.flatten(numbers))
            if self._first is not None:
                self._live.start_from(self._first)
            values = self._live.solve(iterations=MANY_STEPS).values
            self._first = self._first or self._live.basis()
            return values
        except Infeasible:
            raise SolverFailed(
                "a plan that stands has no outcome, which its shortages should make impossible"
            ) from None

    def _write(self, numbers: Numbers) -> Sheet:
        """min Σ pay · deliver + refill · draw + penalty · short,  with  Σ deliver + draw + short + unfilled ≥ demand + fill  for each
        magnet and  Σ deliver + draw + unfilled ≥ fill + Σ feed · deliver  for each oxide, in every year and state."""
        sheet = Sheet("recourse", numbers)
        self._places = {name: [] for name in COLUMNS}
        for t in range(len(self.case.years)):
            for k in range(len(self.case.states)):
                self._block(sheet, numbers, t, k)
        sheet.finish()
        for name, places in self._places.items():
            index, columns = zip(*places, strict=True)
            self._where[name] = tuple(np.array(index).T), np.array(columns)
        return sheet

    def _block(self, sheet: Sheet, numbers: Numbers, t: int, k: int) -> None:
        """Columns and rows of one year and state."""
        case = self.case
        balance: list[list[Term]] = [[] for _ in range(C)]
        users: list[list[Term]] = [[] for _ in range(M)]

        def at(name: str, *index: int, times: float = 1.0) -> Number:
            return Number(name, int(np.ravel_multi_index(index, numbers[name].shape)), times)

        def column(name: str, index: tuple[int, ...], high: Number, cost: Number) -> Term:
            variable = sheet.column(f"{name}_{'_'.join(map(str, index))}", 0.0, high, cost)
            self._places[name].append((index, sheet.place(variable)))
            return variable, 1.0

        for s in range(len(case.sectors)):
            for m in range(M):
                index = (s, m, t, k)
                term = column("short", index, at("demand", s, m, t), at("penalty", *index))
                balance[m].append(term)
                if case.substitutable[s]:
                    users[m].append(term)
        for r, c in zip(*np.nonzero(case.products), strict=True):
            index = (int(r), int(c), t, k)
            term = column("deliver", index, at("arrive", *index), at("pay", *index))
            balance[c].append(term)
            for f in np.flatnonzero(case.feed[r, c]) if c < M else ():
                balance[M + f].append((term[0], at("feed", int(r), int(c), int(f), times=-1.0)))
            if case.stages[r] == "substitute":
                sheet.row(f"substitute_{r}_{c}_{t}_{k}", [term, *users[c]], "<=", at("substitutable", int(c), t))
        for c in range(C):
            balance[c].append(column("draw", (c, t, k), at("draw_most", c, t, k), at("refill", c, t, k)))
            balance[c].append(column("unfilled", (c, t, k), at("fill", c, t), at("last_resort", 0)))
            sheet.row(f"balance_{c}_{t}_{k}", balance[c], ">=", at("need", c, t))

    def _preferences(self) -> dict[str, Array]:
        """The tie-break of `program` for each column by its name there, kUSD/t, shape of the columns."""
        case = self.case
        years, states = case.years, range(len(case.states))
        sets: dict[str, tuple[Sequence[object], ...]] = {
            "deliver": (case.routes, COMMODITIES, years, states),
            "draw": (COMMODITIES, years, states),
            "short": (case.sectors, COMMODITIES[:M], years, states),
        }
        return {
            name: np.array([
                preference("_".join([name, *map(str, words[:-1]), f"s{words[-1]}"])) for words in product(*axes)
            ]).reshape([len(axis) for axis in axes])
            for name, axes in sets.items()
        }  # fmt: skip

    def _dense(self, name: str, values: Array) -> Array:
        """Values of the columns of one name as an array over their indices."""
        case = self.case
        t, k = len(case.years), len(case.states)
        shape = {"deliver": (len(case.routes), C, t, k), "short": (len(case.sectors), M, t, k)}.get(name, (C, t, k))
        found = np.zeros(shape)
        index, columns = self._where[name]
        found[index] = values[columns]
        found[np.abs(found) < ROUNDING_T] = 0.0
        return found


__all__ = ["Outcome", "Recourse", "carried"]
