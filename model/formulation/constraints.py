"""Case to linear program: one function for each family of constraints, its formula in the docstring, its rows named.

Symbols: r route, c commodity (m magnet, f feedstock), t year, k state of the world, s sector, o origin.

| symbol | name in code | unit |
|---|---|---|
| plan, add, fill, reserve | the same | t/y, t/y, t, t |
| deliver, draw, short | the same | t |
| p_k | probability | share |
| a_rctk | availability | share |
| D_t, d_smt | total_demand, demand | t |
| L | limit columns, one fixed column for each lever | unit of the lever |

Every coefficient is a reference into the arrays of `numbers(case)`, so the same declaration serves building and re-solving.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pulp

from model.evidence.store import COMMODITIES
from model.formulation.case import LIMITS, SCHEMES, C, Case, M, preference
from model.lp.persistent import FREE, Array, Coefficient, Number, Sense, Sheet, Term

Row = tuple[str, list[Term], Sense, Coefficient]
Rows = Iterator[Row]
LEVER_COLUMNS = (*LIMITS, "reserve_days", "magnet_budget", "recycling_budget", "mission_budget")
SHARE_LEVERS = {"china_limit", "country_limit", "shortfall_limit", "premium_limit", "home_limit", "vital_limit"}
PREFERRED = ("plan", "add", "fill", "deliver", "draw", "short")
"""Columns that carry a tiny preference, so that the mix is unique."""
AIM_WEIGHT = 1e7
"""Weight of the aim against the preferences while the aim itself is pushed down."""


def lever_scale(name: str) -> float:
    """Model units for one unit of a limit lever (percent become shares)."""
    return 0.01 if name in SHARE_LEVERS else 1.0


@cache
def origin_labels(foreign: tuple[str, ...]) -> tuple[str, ...]:
    """A word for each origin that fits into a name: its first, or all of them where two begin alike."""
    whole = [re.sub(r"\W+", "_", origin, flags=re.ASCII).strip("_") for origin in foreign]
    first = [name.split("_")[0] for name in whole]
    return tuple(
        short if short and first.count(short) == 1 else f"{name}_{o}"
        for o, (short, name) in enumerate(zip(first, whole, strict=True))
    )


@dataclass(frozen=True)
class Steering:
    """What a case cannot know by itself: results of other solves, and what is held fixed.

    `cheapest_kusd` is the expected total cost of the cheapest mix; `undisturbed_t` its shortage in an undisturbed year (T,).
    With `push` the aim is minimised; `aim_at_most` holds it afterwards. `hold` fixes plan, add and fill to given arrays, or
    keeps them between two.
    """

    cheapest_kusd: float | None = None
    undisturbed_t: Array | None = None
    push: bool = False
    aim_at_most: float | None = None
    hold: Mapping[str, Array | tuple[Array, Array]] | None = None


NO_STEERING = Steering()


def numbers(case: Case, steering: Steering = NO_STEERING, foresight: bool = False) -> dict[str, Array]:
    """Every number of the program by name, each an array whose shape depends on the data set (and on `foresight`) alone."""
    t = len(case.years)
    n = len(case.routes)
    p = case.probability
    price = case.price[..., None] * case.multiplier
    owed = case.take_or_pay[:, None, None, None] * price * case.availability * p
    fixed_plan = np.where(case.fixed, case.today, 0.0)
    plan_high = np.where(case.fixed, case.today, FREE)
    found = {
        "available": case.availability,
        "pay_anyway": owed if foresight else owed.sum(axis=-1),
        "pay_if_delivered": (1.0 - case.take_or_pay)[:, None, None, None] * price * p,
        "probability": p,
        "penalty": case.penalty[:, None] * p[None, :],
        "usable": case.utilisation[:, None] * np.ones((1, t)),
        "usable_capacity": case.utilisation[:, None] * case.capacity,
        "existing": case.capacity,
        "feed": case.feed,
        "product_share": case.at_most[:, :, None] * case.utilisation[:, None, None] * np.ones((1, 1, t)),
        "add_high": np.where(case.fixed, 0.0, case.addmax),
        "add_low": np.zeros((n, t)),
        "ceiling": case.ceiling,
        "plan_low": fixed_plan,
        "plan_high": plan_high,
        "fill_low": np.zeros((C, t)),
        "fill_high": np.where(case.fixed, 0.0, FREE) * np.ones((C, 1)),
        "draw_high": np.where(case.drawable, FREE, 0.0),
        "demand": case.demand,
        "magnet_demand": case.demand.sum(axis=0),
        "substitutable_demand": case.demand[case.substitutable].sum(axis=0),
        "vital_demand": case.demand[case.vital].sum(axis=(0, 1)),
        "inverse_demand": 1.0 / case.total_demand,
        "total_demand": case.total_demand,
        "length": np.broadcast_to(case.length, (C, len(p))),
        "reserve_day": case.demand.sum(axis=0) / 365.0,
        "reserve_feed": (case.limits["reserve_days"] if case.limits["reserve_days"] is not None else 365.0)
        / 365.0
        * case.feed,
        "capital_charge": (case.capital * case.recovery)[:, None] * np.ones((1, t)),
        "capital_crore": case.capital * case.rupee / 1e4,
        "public": case.public,
        "holding": case.holding,
        "opening": case.opening,
        "refill": case.refill[:, :, None] * p,
        "stock_crore": case.stock_price * case.rupee / 1e4,
        "credit_now": case.final_credit * case.discount[-1],
        "discount": case.discount,
        "risk": case.risk_weight,
        "dependence_on_oxide": 1.0 / case.feed_ratio,
        "carbon": case.carbon,
    }
    for name in LEVER_COLUMNS:
        value = case.limits[name]
        found[f"lever_{name}"] = np.array([0.0 if value is None else value * lever_scale(name)])
        whole = name in (
            "investment_limit",
            "premium_limit",
            "magnet_budget",
            "recycling_budget",
            "mission_budget",
            "reserve_days",
        )
        on = np.full(t, value is not None) if whole else case.active & (value is not None)
        found[f"slack_{name}"] = np.where(on, 0.0, FREE)
    cheap = steering.cheapest_kusd
    found["cheapest"] = np.array([0.0 if cheap is None else cheap])
    found["cheapest_right"] = np.array(
        [FREE if cheap is None or case.limits["premium_limit"] is None else cheap * (1 + 1e-7)]
    )
    aim = case.aim if case.active.any() else "cost"
    weight = case.active / max(1, case.active.sum())
    found["aim_tail"] = weight * (aim == "shortfall")
    found["aim_china"] = weight * (aim == "china") / case.total_demand
    found["aim_high"] = np.array([FREE if steering.aim_at_most is None else steering.aim_at_most])
    found["aim_weight"] = np.array([AIM_WEIGHT if steering.push else 0.0])
    found["cost_weight"] = np.array([0.0 if steering.push else 1.0])
    careful = aim != "cost" and steering.undisturbed_t is not None
    found["undisturbed_right"] = (
        steering.undisturbed_t + 1e-6 if careful and steering.undisturbed_t is not None else np.full(t, FREE)
    )
    if steering.hold is not None:
        for key, held in steering.hold.items():
            found[f"{key}_low"], found[f"{key}_high"] = held if isinstance(held, tuple) else (held, held)
    return found


@dataclass
class Columns:
    """The columns of the program, by name and index; an index that has no column is not in the mapping."""

    by_name: dict[str, dict[tuple[int, ...], pulp.LpVariable]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> dict[tuple[int, ...], pulp.LpVariable]:
        try:
            return self.by_name[name]
        except KeyError:
            raise AttributeError(name) from None


class Program:
    """One linear program written down: its sheet, its columns and where they stand.

    `foresight` gives every state its own plan (for the value of knowing the year in advance)."""

    def __init__(self, case: Case, steering: Steering = NO_STEERING, foresight: bool = False) -> None:
        self.case, self.foresight = case, foresight
        values = numbers(case, steering, foresight)
        self.shapes = {key: array.shape for key, array in values.items()}
        self.sheet = Sheet("india_magnets", values)
        self.x = Columns()
        self._columns()
        self.families: dict[str, range] = {}
        for family in FAMILIES:
            first = len(self.sheet.row_names)
            for name, terms, sense, right in family(self):
                self.sheet.row(name, terms, sense, right)
            self.families[family.__name__] = range(first, len(self.sheet.row_names))
        self.sheet.finish()
        self.places = {
            name: {index: self.sheet.place(v) for index, v in table.items()} for name, table in self.x.by_name.items()
        }

        self.preferences = np.zeros(len(self.sheet.column_names))
        for name in PREFERRED:
            for place in self.places[name].values():
                self.preferences[place] = self._preference(name, self.sheet.column_names[place])
        self._index = {
            name: (
                tuple(np.array([i[d] for i in table], dtype=np.int64) for d in range(len(next(iter(table))))),
                np.array(list(table.values()), dtype=np.int64),
            )
            for name, table in self.places.items()
            if table and next(iter(table)) != ()
        }

    def index_arrays(self, name: str) -> tuple[tuple[Array, ...], Array]:
        """Where the columns of one name stand: index arrays into a dense array, and column numbers."""
        return self._index[name]

    def at(self, name: str, *index: int, times: float = 1.0) -> Number:
        """A reference to one element of an array of `numbers`."""
        shape = self.shapes[name]
        place = 0
        for i, size in zip(index, shape, strict=True):
            place = place * size + i
        return Number(name, place, times)

    def vector(self, case: Case, steering: Steering = NO_STEERING) -> Array:
        """All numbers of another case in the order of this program."""
        return self.sheet.flatten(numbers(case, steering, self.foresight))

    def _columns(self) -> None:
        case = self.case
        add = self._family
        routes, years, states = range(len(case.routes)), range(len(case.years)), range(len(case.states))
        self.pairs = [(r, c) for r in routes for c in range(C) if case.products[r, c]]
        self.builds = [r for r in routes if case.life[r] > 1]
        self.needs = [(s, m) for s in range(len(case.sectors)) for m in range(M) if case.demand[s, m].max() > 0]
        self.worlds = list(states) if self.foresight else [0]
        free: dict[str, Any] = {"preferred": False}
        add("plan", [(r, c, t, w) for r, c in self.pairs for t in years for w in self.worlds],
            lambda r, c, t, w: (self.at("plan_low", r, c, t), self.at("plan_high", r, c, t)))  # fmt: skip
        add("add", [(r, t) for r in self.builds for t in years],
            lambda r, t: (self.at("add_low", r, t), self.at("add_high", r, t)))  # fmt: skip
        add("fill", [(c, t) for c in range(C) for t in years],
            lambda c, t: (self.at("fill_low", c, t), self.at("fill_high", c, t)))  # fmt: skip
        add("deliver", [(r, c, t, k) for r, c in self.pairs for t in years for k in states], lambda *_: (0.0, None))
        add(
            "draw",
            [(c, t, k) for c in range(C) for t in years for k in states if case.cuts[c, k]],
            lambda c, t, k: (0.0, self.at("draw_high", c, t, k)),
        )
        add("short", [(s, m, t, k) for s, m in self.needs for t in years for k in states],
            lambda s, m, t, k: (0.0, self.at("demand", s, m, t)))  # fmt: skip
        add("capacity", [(r, t) for r in self.builds for t in years], lambda *_: (0.0, None), **free)
        add("reserve", [(c, t) for c in range(C) for t in years], lambda *_: (0.0, None), **free)
        add("lost", [(t, k) for t in years for k in states], lambda *_: (0.0, None), **free)
        add("eta", [(t,) for t in years], lambda *_: (0.0, 1.0), **free)
        add("excess", [(t, k) for t in years for k in states], lambda *_: (0.0, 1.0), **free)
        add("tail", [(t,) for t in years], lambda *_: (0.0, None), **free)
        add(
            "rest",
            [(o, t, w) for o in range(len(case.foreign)) for t in years for w in self.worlds],
            lambda *_: (0.0, None),
            **free,
        )
        add("dependence", [(o, t, w) for o in range(len(case.foreign)) for t in years for w in self.worlds],
            lambda *_: (0.0, None), **free)  # fmt: skip
        for name in ("supply_cost", "shortage_cost", "capital_cost", "reserve_cost"):
            add(name, [(t,) for t in years], lambda *_: (None, None), **free)
        add("limit", [(i,) for i in range(len(LEVER_COLUMNS))],
            lambda i: (self.at(f"lever_{LEVER_COLUMNS[i]}", 0), self.at(f"lever_{LEVER_COLUMNS[i]}", 0)),
            names=lambda i: LEVER_COLUMNS[i], **free)  # fmt: skip
        x = self.x.by_name
        x["total_cost"] = {(): self.sheet.column("total_cost", None, None, self.at("cost_weight", 0))}
        x["aim"] = {(): self.sheet.column("aim", 0.0, self.at("aim_high", 0), self.at("aim_weight", 0))}

    def _family(
        self, name: str, indices: list[tuple[int, ...]], bounds: Callable[..., tuple[Any, Any]], preferred: bool = True,
        names: Callable[..., str] | None = None,
    ) -> None:  # fmt: skip
        table = {}
        for index in indices:
            label = names(*index) if names else f"{name}_{self.label(name, index)}"
            low, high = bounds(*index)
            table[index] = self.sheet.column(label, low, high, self._preference(name, label) if preferred else 0.0)
        self.x.by_name[name] = table

    def _preference(self, name: str, label: str) -> float:
        """The tie-break of a column. With foresight the plans of all states share that of the one plan, so that they cost the
        same when they agree."""
        if name == "plan" and self.foresight:
            return preference(label.rpartition("_s")[0]) / len(self.worlds)
        return preference(label)

    def label(self, name: str, index: tuple[int, ...]) -> str:
        """The words of an index: 'china_magnets_ndfeb_2030_s3' for plan, deliver and the like."""
        case = self.case
        words = {
            "plan": (case.routes, COMMODITIES, case.years, self.worlds),
            "add": (case.routes, case.years),
            "capacity": (case.routes, case.years),
            "deliver": (case.routes, COMMODITIES, case.years, range(len(case.states))),
            "draw": (COMMODITIES, case.years, range(len(case.states))),
            "short": (case.sectors, COMMODITIES, case.years, range(len(case.states))),
            "fill": (COMMODITIES, case.years),
            "reserve": (COMMODITIES, case.years),
            "lost": (case.years, range(len(case.states))),
            "excess": (case.years, range(len(case.states))),
            "rest": (origin_labels(case.foreign), case.years, self.worlds),
            "dependence": (origin_labels(case.foreign), case.years, self.worlds),
        }.get(name, (case.years,))
        parts = [str(table[i]) for table, i in zip(words, index, strict=True)]
        if name in ("plan", "rest", "dependence") and not self.foresight:
            parts = parts[:-1]
        elif name in ("plan", "rest", "dependence", "deliver", "draw", "short", "lost", "excess"):
            parts[-1] = "s" + parts[-1]
        return "_".join(parts)

    def plan(self, r: int, c: int, t: int, k: int) -> pulp.LpVariable:
        """The plan that state k sees."""
        return self.x.plan[r, c, t, k if self.foresight else 0]

    def limit(self, name: str) -> pulp.LpVariable:
        """The fixed column of a limit lever."""
        return self.x.limit[(LEVER_COLUMNS.index(name),)]


# -- families of constraints ------------------------------------------------------------------------------------------


def stays_within_capacity(b: Program) -> Rows:
    """Σ_c plan_rct ≤ use_r · (capacity_rt)   for every route and year: no more is contracted than the route can make (t/y)."""
    for r, name in enumerate(b.case.routes):
        products = [c for q, c in b.pairs if q == r]
        for t, year in enumerate(b.case.years):
            for w in b.worlds:
                terms: list[Term] = [(b.x.plan[r, c, t, w], 1.0) for c in products]
                if r in b.builds:
                    terms.append((b.x.capacity[r, t], b.at("usable", r, t, times=-1.0)))
                right = 0.0 if r in b.builds else b.at("usable_capacity", r, t)
                yield f"capacity_{name}_{year}{_world(b, w)}", terms, "<=", right


def makes_by_products_in_proportion(b: Program) -> Rows:
    """plan_rct ≤ share_rc · use_r · capacity_rt   where a product is a by-product: samarium beside neodymium, heavy beside light."""
    for r, c in b.pairs:
        if b.case.at_most[r, c] >= 1.0:
            continue
        for t, year in enumerate(b.case.years):
            for w in b.worlds:
                yield (
                    f"by_product_{b.case.routes[r]}_{COMMODITIES[c]}_{year}{_world(b, w)}",
                    [(b.x.plan[r, c, t, w], 1.0), (b.x.capacity[r, t], b.at("product_share", r, c, t, times=-1.0))],
                    "<=",
                    0.0,
                )


def builds_up_capacity(b: Program) -> Rows:
    """capacity_rt = existing_rt + Σ_{τ≤t} add_rτ   for routes that can be built (t/y)."""
    for r in b.builds:
        for t, year in enumerate(b.case.years):
            terms: list[Term] = [(b.x.capacity[r, t], 1.0), (b.x.add[r, t], -1.0)]
            if t:
                terms += [(b.x.add[r, u], -1.0) for u in range(t)]
            yield f"build_{b.case.routes[r]}_{year}", terms, "==", b.at("existing", r, t)


def stays_under_the_ceiling(b: Program) -> Rows:
    """Σ_{τ≤t} add_rτ ≤ ceiling_rt   additions in all stay within the programme, the scrap or the agreement (t/y)."""
    for r in b.builds:
        for t, year in enumerate(b.case.years):
            yield (
                f"ceiling_{b.case.routes[r]}_{year}",
                [(b.x.add[r, u], 1.0) for u in range(t + 1)],
                "<=",
                b.at("ceiling", r, t),
            )


def delivers_what_arrives(b: Program) -> Rows:
    """deliver_rctk ≤ a_rctk · plan_rct   what a state cuts does not arrive (t)."""
    for (r, c, t, k), v in b.x.deliver.items():
        name = f"deliver_{b.case.routes[r]}_{COMMODITIES[c]}_{b.case.years[t]}_s{k}"
        yield name, [(v, 1.0), (b.plan(r, c, t, k), b.at("available", r, c, t, k, times=-1.0))], "<=", 0.0


def balances_magnets(b: Program) -> Rows:
    """Σ_r deliver_rmtk + draw_mtk + Σ_s short_smtk − fill_mt ≥ Σ_s d_smt   each magnet, in every year and state (t)."""
    for m in range(M):
        for t, year in enumerate(b.case.years):
            for k in range(len(b.case.states)):
                terms = _supply(b, m, t, k)
                terms += [(b.x.short[s, m, t, k], 1.0) for s, q in b.needs if q == m]
                yield f"balance_{COMMODITIES[m]}_{year}_s{k}", terms, ">=", b.at("magnet_demand", m, t)


def balances_feedstock(b: Program) -> Rows:
    """Σ_r deliver_rftk + draw_ftk − fill_ft ≥ Σ_rm feed_rmf · deliver_rmtk   plants make nothing without oxide (t)."""
    for f in range(C - M):
        for t, year in enumerate(b.case.years):
            for k in range(len(b.case.states)):
                terms = _supply(b, M + f, t, k)
                terms += [
                    (b.x.deliver[r, m, t, k], b.at("feed", r, m, f, times=-1.0))
                    for r, m in b.pairs
                    if m < M and b.case.feed[r, m, f] > 0
                ]
                yield f"balance_{COMMODITIES[M + f]}_{year}_s{k}", terms, ">=", 0.0


def _supply(b: Program, c: int, t: int, k: int) -> list[Term]:
    terms: list[Term] = [(b.x.deliver[r, c, t, k], 1.0) for r, q in b.pairs if q == c]
    if (c, t, k) in b.x.draw:
        terms.append((b.x.draw[c, t, k], 1.0))
    terms.append((b.x.fill[c, t], -1.0))
    return terms


def substitutes_only_where_possible(b: Program) -> Rows:
    """deliver_substitute,mtk + Σ_{s possible} short_smtk ≤ Σ_{s possible} d_smt   a motor without rare earths helps only its own users (t)."""
    users = [s for s in range(len(b.case.sectors)) if b.case.substitutable[s]]
    for r in (r for r, stage in enumerate(b.case.stages) if stage == "substitute"):
        for m in (c for q, c in b.pairs if q == r):
            for t, year in enumerate(b.case.years):
                for k in range(len(b.case.states)):
                    terms: list[Term] = [(b.x.deliver[r, m, t, k], 1.0)]
                    terms += [(b.x.short[s, m, t, k], 1.0) for s in users if (s, m) in b.needs]
                    yield (
                        f"substitute_{b.case.routes[r]}_{COMMODITIES[m]}_{year}_s{k}", terms, "<=",
                        b.at("substitutable_demand", m, t),
                    )  # fmt: skip


def fills_the_reserve(b: Program) -> Rows:
    """reserve_ct = reserve_c,t−1 + fill_ct   stock at the end of a year; what a bad year draws is bought again before the next (t)."""
    for c in range(C):
        for t, year in enumerate(b.case.years):
            terms: list[Term] = [(b.x.reserve[c, t], 1.0), (b.x.fill[c, t], -1.0)]
            if t:
                terms.append((b.x.reserve[c, t - 1], -1.0))
            yield f"reserve_{COMMODITIES[c]}_{year}", terms, "==", 0.0 if t else b.at("opening", c)


def draws_no_more_than_the_reserve(b: Program) -> Rows:
    """length_k · draw_ctk ≤ reserve_c,t−1   a cut that lasts two years may use half the stock a year; before the first year stands the opening stock (t)."""
    for (c, t, k), v in b.x.draw.items():
        name = f"draw_{COMMODITIES[c]}_{b.case.years[t]}_s{k}"
        before: list[Term] = [(b.x.reserve[c, t - 1], -1.0)] if t else []
        yield name, [(v, b.at("length", c, k)), *before], "<=", 0.0 if t else b.at("opening", c)


def keeps_the_reserve_within_its_days(b: Program) -> Rows:
    """reserve_mt ≤ L · D_mt / 365,   reserve_ft ≤ L / 365 · Σ_rm feed_rmf · plan_rmt   at most the lever's days of demand or of the plants' use (t)."""
    for c in range(C):
        for t, year in enumerate(b.case.years):
            name = f"reserve_days_{COMMODITIES[c]}_{year}"
            if c < M:
                terms: list[Term] = [
                    (b.x.reserve[c, t], 1.0),
                    (b.limit("reserve_days"), b.at("reserve_day", c, t, times=-1.0)),
                ]
                yield name, terms, "<=", b.at("slack_reserve_days", t)
                continue
            for w in b.worlds:
                terms = [(b.x.reserve[c, t], 1.0)]
                terms += [
                    (b.x.plan[r, m, t, w], b.at("reserve_feed", r, m, c - M, times=-1.0))
                    for r, m in b.pairs
                    if m < M and b.case.feed[r, m, c - M] > 0
                ]
                yield f"{name}{_world(b, w)}", terms, "<=", 0.0


def measures_the_loss(b: Program) -> Rows:
    """lost_tk = Σ_sm short_smtk / D_t   share of demand unserved in a year and state."""
    for (t, k), v in b.x.lost.items():
        terms: list[Term] = [(v, 1.0)]
        terms += [(b.x.short[s, m, t, k], b.at("inverse_demand", t, times=-1.0)) for s, m in b.needs]
        yield f"lost_{b.case.years[t]}_s{k}", terms, "==", 0.0


def averages_the_worst(b: Program) -> Rows:
    """excess_tk ≥ lost_tk − eta_t,   tail_t = eta_t + Σ_k p_k · excess_tk / (1 − α)   average of the worst outcomes (CVaR)."""
    for (t, k), v in b.x.excess.items():
        yield (
            f"excess_{b.case.years[t]}_s{k}", [(v, 1.0), (b.x.lost[t, k], -1.0), (b.x.eta[(t,)], 1.0)], ">=", 0.0,
        )  # fmt: skip
    for t, year in enumerate(b.case.years):
        terms: list[Term] = [(b.x.tail[(t,)], 1.0), (b.x.eta[(t,)], -1.0)]
        terms += [
            (b.x.excess[t, k], b.at("probability", k, times=-1.0 / b.case.tail)) for k in range(len(b.case.states))
        ]
        yield f"tail_{year}", terms, "==", 0.0


def counts_dependence(b: Program) -> Rows:
    """rest_ot ≥ Σ_{r of o} plan_rft / ratio_f for each f,   dependence_ot = Σ_{r of o} plan_rmt + rest_ot   magnets that rest on an origin (t/y).

    A little Chinese dysprosium makes a lot of Indian magnets dependent, so oxide counts by the magnets that it goes into."""
    labels = origin_labels(b.case.foreign)
    for o, origin in enumerate(b.case.foreign):
        label = labels[o]
        mine = [(r, c) for r, c in b.pairs if b.case.origins[r] == origin]
        for t, year in enumerate(b.case.years):
            for w in b.worlds:
                for f in range(C - M):
                    oxide = [r for r, c in mine if c == M + f]
                    if oxide:
                        terms: list[Term] = [(b.x.rest[o, t, w], 1.0)]
                        terms += [(b.x.plan[r, M + f, t, w], b.at("dependence_on_oxide", f, times=-1.0)) for r in oxide]
                        yield f"rest_{label}_{COMMODITIES[M + f]}_{year}{_world(b, w)}", terms, ">=", 0.0
                terms = [(b.x.dependence[o, t, w], 1.0), (b.x.rest[o, t, w], -1.0)]
                terms += [(b.x.plan[r, c, t, w], -1.0) for r, c in mine if c < M]
                yield f"dependence_{label}_{year}{_world(b, w)}", terms, "==", 0.0


def limits_dependence(b: Program) -> Rows:
    """dependence_China,t ≤ L · D_t;   dependence_ot ≤ L' · D_t for every foreign origin;   Σ_o risk_o · dependence_ot ≤ L'' · D_t."""
    for t, year in enumerate(b.case.years):
        for w in b.worlds:
            terms: list[Term] = [
                (b.x.dependence[o, t, w], 1.0) for o, name in enumerate(b.case.foreign) if name == "China"
            ]
            terms.append((b.limit("china_limit"), b.at("total_demand", t, times=-1.0)))
            yield f"china_limit_{year}{_world(b, w)}", terms, "<=", b.at("slack_china_limit", t)
            for o, label in enumerate(origin_labels(b.case.foreign)):
                demand: Term = (b.limit("country_limit"), b.at("total_demand", t, times=-1.0))
                terms = [(b.x.dependence[o, t, w], 1.0), demand]
                yield f"country_limit_{label}_{year}{_world(b, w)}", terms, "<=", b.at("slack_country_limit", t)
            terms = [(b.x.dependence[o, t, w], b.at("risk", o)) for o in range(len(b.case.foreign))]
            terms.append((b.limit("concentration_limit"), b.at("total_demand", t, times=-1.0)))
            yield f"concentration_limit_{year}{_world(b, w)}", terms, "<=", b.at("slack_concentration_limit", t)


def limits_the_shortfall(b: Program) -> Rows:
    """tail_t ≤ L   the average of the worst outcomes, from the target year on."""
    for t, year in enumerate(b.case.years):
        terms: list[Term] = [(b.x.tail[(t,)], 1.0), (b.limit("shortfall_limit"), -1.0)]
        yield f"shortfall_limit_{year}", terms, "<=", b.at("slack_shortfall_limit", t)


def protects_vital_users(b: Program) -> Rows:
    """Σ_{s vital, m} short_smtk ≤ L · Σ_{s vital, m} d_smt   defence and medical users, in every state."""
    users = [(s, m) for s, m in b.needs if b.case.vital[s]]
    for t, year in enumerate(b.case.years):
        for k in range(len(b.case.states)):
            terms: list[Term] = [(b.x.short[s, m, t, k], 1.0) for s, m in users]
            terms.append((b.limit("vital_limit"), b.at("vital_demand", t, times=-1.0)))
            yield f"vital_limit_{year}_s{k}", terms, "<=", b.at("slack_vital_limit", t)


def asks_for_home_made(b: Program) -> Rows:
    """Σ_k p_k Σ_{r in India} deliver_rmtk ≥ L · D_t   magnets made in India, on average over the states."""
    home = [(r, c) for r, c in b.pairs if b.case.made_in_india[r] and c < M]
    for t, year in enumerate(b.case.years):
        terms: list[Term] = [
            (b.x.deliver[r, c, t, k], b.at("probability", k, times=-1.0))
            for r, c in home
            for k in range(len(b.case.states))
        ]
        terms.append((b.limit("home_limit"), b.at("total_demand", t)))
        yield f"home_limit_{year}", terms, "<=", b.at("slack_home_limit", t)


def limits_carbon(b: Program) -> Rows:
    """Σ_rc carbon_rc · plan_rct ≤ L · D_t   greenhouse gases of contracted supply for each kg needed (kgCO2e)."""
    for t, year in enumerate(b.case.years):
        for w in b.worlds:
            terms: list[Term] = [(b.x.plan[r, c, t, w], b.at("carbon", r, c)) for r, c in b.pairs]
            terms.append((b.limit("carbon_limit"), b.at("total_demand", t, times=-1.0)))
            yield f"carbon_limit_{year}{_world(b, w)}", terms, "<=", b.at("slack_carbon_limit", t)


def limits_money(b: Program) -> Rows:
    """Σ_rt capital_r · add_rt ≤ L;   for each scheme: Σ_{r of scheme, t} public_r · add_rt (+ Σ_ct stock_price_ct · fill_ct, mission) ≤ L   (INR crore, not discounted)."""
    adds = list(b.x.add)
    terms: list[Term] = [(b.x.add[r, t], b.at("capital_crore", r)) for r, t in adds]
    terms.append((b.limit("investment_limit"), -1.0))
    yield "investment_limit", terms, "<=", b.at("slack_investment_limit", 0)
    for i, scheme in enumerate(SCHEMES):
        terms = [(b.x.add[r, t], b.at("public", r)) for r, t in adds if b.case.scheme[r] == i]
        if scheme == "mission":
            terms += [(v, b.at("stock_crore", c, t)) for (c, t), v in b.x.fill.items()]
        terms.append((b.limit(f"{scheme}_budget"), -1.0))
        yield f"{scheme}_budget", terms, "<=", b.at(f"slack_{scheme}_budget", 0)


def adds_up_costs(b: Program) -> Rows:
    """supply_t = Σ_rck p_k · price · multiplier · (top · a · plan + (1 − top) · deliver);   shortage_t = Σ_smk p_k · penalty_s · short;
    capital_t = Σ_r recovery_r · capital_r · Σ_{τ≤t<τ+life} add_rτ;   reserve_t = Σ_c holding · reserve + Σ_ck p_k · refill · draw   (kUSD of the year)."""
    case = b.case
    states = range(len(case.states))
    for t, year in enumerate(case.years):
        terms: list[Term] = [(b.x.supply_cost[(t,)], 1.0)]
        terms += [
            (b.x.plan[r, c, t, w], b.at("pay_anyway", r, c, t, *((w,) if b.foresight else ()), times=-1.0))
            for r, c in b.pairs
            for w in b.worlds
        ]
        terms += [
            (b.x.deliver[r, c, t, k], b.at("pay_if_delivered", r, c, t, k, times=-1.0))
            for r, c in b.pairs
            for k in states
        ]
        yield f"supply_cost_{year}", terms, "==", 0.0
        terms = [(b.x.shortage_cost[(t,)], 1.0)]
        terms += [(b.x.short[s, m, t, k], b.at("penalty", s, k, times=-1.0)) for s, m in b.needs for k in states]
        yield f"shortage_cost_{year}", terms, "==", 0.0
        terms = [(b.x.capital_cost[(t,)], 1.0)]
        terms += [
            (b.x.add[r, u], b.at("capital_charge", r, t, times=-1.0))
            for r in b.builds
            for u in range(t + 1)
            if case.years[t] - case.years[u] < case.life[r]
        ]
        yield f"capital_cost_{year}", terms, "==", 0.0
        terms = [(b.x.reserve_cost[(t,)], 1.0)]
        terms += [(b.x.reserve[c, t], b.at("holding", c, times=-1.0)) for c in range(C)]
        terms += [(v, b.at("refill", c, t, k, times=-1.0)) for (c, u, k), v in b.x.draw.items() if u == t]
        yield f"reserve_cost_{year}", terms, "==", 0.0


def discounts_the_total(b: Program) -> Rows:
    """total = Σ_t discount_t · (supply_t + shortage_t + capital_t + reserve_t) − discount_T · Σ_c credit_c · reserve_cT;
    total ≤ cheapest · (1 + L) when a premium is set   (kUSD)."""
    last = len(b.case.years) - 1
    terms: list[Term] = [(b.x.total_cost[()], 1.0)]
    for name in ("supply_cost", "shortage_cost", "capital_cost", "reserve_cost"):
        terms += [(b.x.by_name[name][(t,)], b.at("discount", t, times=-1.0)) for t in range(last + 1)]
    terms += [(b.x.reserve[c, last], b.at("credit_now", c)) for c in range(C)]
    yield "total_cost", terms, "==", 0.0
    yield (
        "premium_limit", [(b.x.total_cost[()], 1.0), (b.limit("premium_limit"), b.at("cheapest", 0, times=-1.0))], "<=",
        b.at("cheapest_right", 0),
    )  # fmt: skip


def follows_the_aim(b: Program) -> Rows:
    """aim = mean over target years of tail_t, or of dependence_China,t / D_t;   short in an undisturbed year ≤ that of the cheapest mix."""
    terms: list[Term] = [(b.x.aim[()], 1.0)]
    terms += [(b.x.tail[(t,)], b.at("aim_tail", t, times=-1.0)) for t in range(len(b.case.years))]
    china = b.case.foreign.index("China") if "China" in b.case.foreign else None
    if china is not None:
        terms += [
            (b.x.dependence[china, t, b.worlds[0]], b.at("aim_china", t, times=-1.0)) for t in range(len(b.case.years))
        ]
    yield "aim", terms, "==", 0.0
    for t, year in enumerate(b.case.years):
        terms = [(b.x.short[s, m, t, 0], 1.0) for s, m in b.needs]
        yield f"undisturbed_shortage_{year}", terms, "<=", b.at("undisturbed_right", t)


def _world(b: Program, w: int) -> str:
    return f"_s{w}" if b.foresight else ""


FAMILIES: tuple[Callable[[Program], Rows], ...] = (
    stays_within_capacity,
    makes_by_products_in_proportion,
    builds_up_capacity,
    stays_under_the_ceiling,
    delivers_what_arrives,
    balances_magnets,
    balances_feedstock,
    substitutes_only_where_possible,
    fills_the_reserve,
    draws_no_more_than_the_reserve,
    keeps_the_reserve_within_its_days,
    measures_the_loss,
    averages_the_worst,
    counts_dependence,
    limits_dependence,
    limits_the_shortfall,
    protects_vital_users,
    asks_for_home_made,
    limits_carbon,
    limits_money,
    adds_up_costs,
    discounts_the_total,
    follows_the_aim,
)
