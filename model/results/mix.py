"""Solution to `Mix`: who supplies what, what it costs and how bad the bad years are, as tables and indicators.

Risk is worked out from the shortages of each state, never from the program's auxiliary columns, which are undetermined
where no limit binds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from model.arrays import Array
from model.caching import cached_property
from model.evidence.schema import COMMODITIES, MAGNETS
from model.formulation.case import C, Case, M
from model.formulation.levers import Choice
from model.formulation.program import Program
from model.lp.solution import Solution
from model.results.certificate import Proof, proof_of
from model.results.indicators import hhi, tail_average
from model.results.shadow_prices import limit_prices, route_prices

SMALL_T = 1e-6
"""Less than this many tonnes is nothing."""


def arrays_of(program: Program, values: Array) -> dict[str, Array]:
    """Dense arrays of the columns: plan (R,C,T), add (R,T), fill (C,T), reserve (C,T), deliver (R,C,T,K), draw (C,T,K), short (S,M,T,K)."""
    case = program.case
    r, t, k, s = len(case.routes), len(case.years), len(case.states), len(case.sectors)
    shapes = {
        "plan": (r, C, t, len(program.worlds)), "add": (r, t), "fill": (C, t), "reserve": (C, t), "deliver": (r, C, t, k),
        "draw": (C, t, k), "short": (s, M, t, k),
    }  # fmt: skip
    found = {}
    for name, shape in shapes.items():
        array = np.zeros(shape)
        if program.places[name]:
            where, columns = program.index_arrays(name)
            array[where] = values[columns]
        array[np.abs(array) < 1e-9] = 0.0
        found[name] = array
    if not program.foresight:
        found["plan"] = found["plan"][..., 0]
    return found


@dataclass(frozen=True, repr=False)
class Mix:
    """One mix of routes over the years, with the case that it answers. Money in kUSD unless a name says otherwise."""

    choice: Choice
    case: Case
    plan: Array  # (R, C, T)
    add: Array  # (R, T)
    fill: Array  # (C, T)
    stock: Array  # (C, T)
    deliver: Array  # (R, C, T, K)
    draw: Array  # (C, T, K)
    short: Array  # (S, M, T, K)
    objective_kusd: float
    preference_kusd: float
    proof: Proof
    cheapest_kusd: float | None = None
    status: str = "optimal"
    limit_prices: Mapping[str, float] = field(default_factory=dict)
    """What the plan saves for each unit that a limit lever is loosened, kUSD discounted over the horizon, from the duals."""
    route_prices: Mapping[str, float] = field(default_factory=dict)
    """What the plan saves for as much again of what a route may supply from the first decision on, kUSD discounted, from the duals."""

    def __repr__(self) -> str:
        """A few lines: the levers that differ from their defaults, and four numbers."""
        return (
            "\n".join(
                [f"<Mix {self.status}: {', '.join(self._changed) or 'all levers at their defaults'}", *self._numbers]
            )
            + ">"
        )

    def _repr_html_(self) -> str:
        """The same as a paragraph and a list, and the table of the target year, for notebooks."""
        head = escape(", ".join(self._changed) or "all levers at their defaults")
        items = "".join(f"<li>{escape(line.strip())}</li>" for line in self._numbers)
        rows = self.table[self.table["year"] == int(self.choice.target_year)]
        return f"<p><b>Mix</b>, {head}</p><ul>{items}</ul>{rows.round(1).to_html(index=False)}"

    @property
    def _changed(self) -> list[str]:
        values = self.choice.values()
        return [f"{name}={values[name]}" for name in self.choice.differences(Choice())]

    @property
    def _numbers(self) -> list[str]:
        found = self.indicators
        return [
            f"  bill {found['bill_crore']:,.0f} INR crore a year, harm of shortage {found['harm_crore']:,.0f}",
            f"  dependence on China {100 * found['china_share']:.1f} % of demand",
            f"  worst-case shortfall {100 * found['tail_shortfall']:.1f} % of demand",
            f"  made in India {100 * found['home_share']:.1f} % of demand",
        ]

    def to_xarray(self) -> Any:
        """The arrays of the mix as an `xarray.Dataset` with named axes and `units` in the attributes. Raises `ImportError` that says what to
        install when xarray is missing."""
        try:
            xarray = import_module("xarray")
        except ImportError:
            raise ImportError("mix.to_xarray() needs xarray: pip install xarray") from None
        c = self.case
        axes = {
            "route": c.routes,
            "commodity": COMMODITIES,
            "year": c.years,
            "state": c.states,
            "sector": c.sectors,
            "magnet": MAGNETS,
        }
        names = {
            "plan": ("route", "commodity", "year"), "add": ("route", "year"), "stock": ("commodity", "year"), "fill": ("commodity", "year"),
            "deliver": ("route", "commodity", "year", "state"), "draw": ("commodity", "year", "state"), "short": ("sector", "magnet", "year", "state"),
        }  # fmt: skip
        arrays = {
            name: (axis, getattr(self, name), {"units": "t/y" if name in ("plan", "add") else "t"})
            for name, axis in names.items()
        }
        probability = {"probability": (("state",), c.probability, {"units": "share"})}
        return xarray.Dataset(
            {**arrays, **probability}, {name: list(labels) for name, labels in axes.items()}, {"status": self.status}
        )

    # -- money ----------------------------------------------------------------------------------------------------

    @cached_property
    def supply_by_state(self) -> Array:
        """Purchases by route, commodity, year and state, kUSD of that state (R, C, T, K)."""
        c = self.case
        top = c.take_or_pay[:, None, None, None]
        volume = top * c.availability * self.plan[..., None] + (1 - top) * self.deliver
        return np.asarray(c.price[..., None] * c.multiplier * volume)

    @cached_property
    def supply_year(self) -> Array:
        """Expected purchases by year, kUSD (T,)."""
        return np.asarray(self.supply_by_state.sum(axis=(0, 1)) @ self.case.probability)

    @cached_property
    def shortage_year(self) -> Array:
        """Expected harm of shortage by year, kUSD (T,)."""
        return np.asarray(np.einsum("smtk,s,k->t", self.short, self.case.penalty, self.case.probability))

    @cached_property
    def annuity_by_route(self) -> Array:
        """Yearly charge for capital by route and year, kUSD (R, T)."""
        c = self.case
        years = np.array(c.years)
        charged = np.zeros_like(self.add)
        for u in range(len(years)):
            runs = (years >= years[u]) & (years[None, :] - years[u] < c.life[:, None])
            charged += self.add[:, u, None] * runs
        return np.asarray(charged * (c.capital * c.recovery)[:, None])

    @cached_property
    def reserve_year(self) -> Array:
        """Storage and refill of the reserve by year, kUSD (T,), before the final credit."""
        c = self.case
        refill = np.einsum("ctk,ct,k->t", self.draw, c.refill, c.probability)
        return np.asarray(c.holding @ self.stock + refill)

    @cached_property
    def credit_kusd(self) -> float:
        """Worth of the stock left at the end, discounted, kUSD."""
        return float(self.case.final_credit @ self.stock[:, -1] * self.case.discount[-1])

    @property
    def supply_cost_kusd(self) -> float:
        """Purchases, discounted over the horizon."""
        return float(self.case.discount @ self.supply_year)

    @property
    def shortage_cost_kusd(self) -> float:
        """Harm of expected shortage, discounted over the horizon."""
        return float(self.case.discount @ self.shortage_year)

    @property
    def investment_kusd(self) -> float:
        """Yearly charges for capital, discounted over the horizon."""
        return float(self.case.discount @ self.annuity_by_route.sum(axis=0))

    @property
    def reserve_cost_kusd(self) -> float:
        """Storage and refill less the final credit, discounted over the horizon."""
        return float(self.case.discount @ self.reserve_year) - self.credit_kusd

    @property
    def total_kusd(self) -> float:
        """Expected total cost, discounted, without the tie-break."""
        return self.supply_cost_kusd + self.shortage_cost_kusd + self.investment_kusd + self.reserve_cost_kusd

    # -- volumes and risk ---------------------------------------------------------------------------------------------

    @cached_property
    def expected(self) -> Array:
        """Expected deliveries, t (R, C, T)."""
        return np.asarray(self.deliver @ self.case.probability)

    @cached_property
    def lost(self) -> Array:
        """Share of demand unserved by year and state (T, K)."""
        return np.asarray(self.short.sum(axis=(0, 1)) / self.case.total_demand[:, None])

    @cached_property
    def tail_year(self) -> Array:
        """Average of the worst outcomes by year, share of demand (T,)."""
        return np.array([tail_average(row, self.case.probability, self.case.tail) for row in self.lost])

    @cached_property
    def dependence(self) -> Array:
        """Magnets that rest on each foreign origin, t/y (foreign origins, T): its magnets, and the most that its oxide carries."""
        c = self.case
        found = np.zeros((len(c.foreign), len(c.years)))
        for o, origin in enumerate(c.foreign):
            mine = np.array([x == origin for x in c.origins])
            oxide = self.plan[mine, M:].sum(axis=0) / c.feed_ratio[:, None]
            found[o] = self.plan[mine, :M].sum(axis=(0, 1)) + oxide.max(axis=0)
        return found

    @cached_property
    def focus(self) -> Array:
        """Years from the target year on, as a mask (T,); all years when none are."""
        return self.case.active if self.case.active.any() else np.ones(len(self.case.years), dtype=bool)

    @cached_property
    def capital_crore_year(self) -> Array:
        """Capital spent on plants by year, INR crore (T,)."""
        return np.asarray((self.case.capital @ self.add) * self.case.rupee / 1e4)

    @cached_property
    def public_crore_year(self) -> Array:
        """Public money committed by year, INR crore of that year (T,): schemes' incentives for what is built, and stock bought."""
        stock = (self.case.stock_price * self.fill).sum(axis=0) * self.case.rupee / 1e4
        return np.asarray(self.case.public @ self.add + stock)

    # -- tables -------------------------------------------------------------------------------------------------------

    @cached_property
    def unit_cost(self) -> Array:
        """Full expected cost of a delivered kg by route, commodity and year, USD/kg (R, C, T): price, feed and capital."""
        c = self.case
        spent = self.supply_by_state @ c.probability
        made = self.expected.sum(axis=1)
        share = np.divide(
            self.expected, made[:, None, :], out=np.zeros_like(self.expected), where=made[:, None, :] > SMALL_T
        )
        spent = spent + self.annuity_by_route[:, None, :] * share
        oxide_t, oxide_kusd = self.expected[:, M:].sum(axis=0), spent[:, M:].sum(axis=0)
        oxide = np.divide(oxide_kusd, oxide_t, out=np.zeros_like(oxide_t), where=oxide_t > SMALL_T)
        spent[:, :M] += np.einsum("rmf,ft,rmt->rmt", c.feed, oxide, self.expected[:, :M])
        kg = self.expected > SMALL_T
        return np.asarray(np.divide(spent, self.expected, out=np.zeros_like(spent), where=kg))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each route, commodity and year with a plan: planned_t, delivered_expected_t, delivered_undisturbed_t
        (t/y) and cost_usd_per_kg (price, feed and capital of a delivered kg)."""
        c = self.case
        r, p, t = np.nonzero(self.plan > SMALL_T)
        return pd.DataFrame(
            {
                "route": np.array(c.routes)[r],
                "commodity": np.array(COMMODITIES)[p],
                "year": np.array(c.years)[t],
                "planned_t": self.plan[r, p, t],
                "delivered_expected_t": self.expected[r, p, t],
                "delivered_undisturbed_t": self.deliver[r, p, t, 0],
                "cost_usd_per_kg": self.unit_cost[r, p, t],
            }
        )

    def delivered(self, state: str) -> pd.DataFrame:
        """Deliveries in one state: route, commodity, year, planned_t, delivered_t, available_share. Raises `ValueError` for an unknown state."""
        c = self.case
        k = c.states.index(state)
        r, p, t = np.nonzero(self.plan > SMALL_T)
        return pd.DataFrame(
            {
                "route": np.array(c.routes)[r],
                "commodity": np.array(COMMODITIES)[p],
                "year": np.array(c.years)[t],
                "planned_t": self.plan[r, p, t],
                "delivered_t": self.deliver[r, p, t, k],
                "available_share": c.availability[r, p, t, k],
            }
        )

    @cached_property
    def capacity(self) -> pd.DataFrame:
        """Routes where something can be built, by year: capacity_t (t/y), added_t (t/y) and capital_inr_crore."""
        c = self.case
        builds = np.flatnonzero(c.life > 1)
        total = c.capacity + np.cumsum(self.add, axis=1)
        r, t = np.repeat(builds, len(c.years)), np.tile(np.arange(len(c.years)), len(builds))
        return pd.DataFrame(
            {
                "route": np.array(c.routes)[r],
                "year": np.array(c.years)[t],
                "capacity_t": total[r, t],
                "added_t": self.add[r, t],
                "capital_inr_crore": c.capital[r] * self.add[r, t] * c.rupee / 1e4,
            }
        )

    @cached_property
    def reserve(self) -> pd.DataFrame:
        """Strategic reserve by commodity and year: filled_t, stock_t, and days of demand (magnets) or of the plants' use (oxide)."""
        c = self.case
        use = np.concatenate([c.demand.sum(axis=0), np.einsum("rmf,rmt->ft", c.feed, self.plan[:, :M])])
        days = np.divide(365.0 * self.stock, use, out=np.zeros_like(self.stock), where=use > SMALL_T)
        p, t = np.divmod(np.arange(C * len(c.years)), len(c.years))
        return pd.DataFrame(
            {
                "commodity": np.array(COMMODITIES)[p],
                "year": np.array(c.years)[t],
                "filled_t": self.fill[p, t],
                "stock_t": self.stock[p, t],
                "days": days[p, t],
            }
        )

    @cached_property
    def shortage(self) -> pd.DataFrame:
        """Shortage by sector, commodity, year and state: short_t and demand_t (t)."""
        c = self.case
        s, m, t, k = np.nonzero(np.broadcast_to(c.demand[..., None] > 0, self.short.shape))
        return pd.DataFrame(
            {
                "sector": np.array(c.sectors)[s],
                "commodity": np.array(MAGNETS)[m],
                "year": np.array(c.years)[t],
                "state": np.array(c.states)[k],
                "short_t": self.short[s, m, t, k],
                "demand_t": c.demand[s, m, t],
            }
        )

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """By year and state: lost_share of demand, draw_t of magnets from the reserve, supply_kusd and shortage_kusd."""
        c = self.case
        t, k = np.divmod(np.arange(self.lost.size), len(c.states))
        return pd.DataFrame(
            {
                "year": np.array(c.years)[t],
                "state": np.array(c.states)[k],
                "lost_share": self.lost[t, k],
                "draw_t": self.draw[:M].sum(axis=0)[t, k],
                "supply_kusd": self.supply_by_state.sum(axis=(0, 1))[t, k],
                "shortage_kusd": np.einsum("smtk,s->tk", self.short, c.penalty)[t, k],
            }
        )

    @cached_property
    def years(self) -> pd.DataFrame:
        """One row a year: demand, shortfalls, dependence, shares, footprint and money of that year (not discounted)."""
        c = self.case
        demand = c.total_demand
        home = self.expected[c.made_in_india][:, :M].sum(axis=(0, 1))
        by_origin = {
            o: self.expected[[x == o for x in c.origins]][:, :M].sum(axis=(0, 1)) for o in dict.fromkeys(c.origins)
        }
        shares = np.array(list(by_origin.values()))
        largest = self.dependence.argmax(axis=0)
        china = c.foreign.index("China") if "China" in c.foreign else None
        return pd.DataFrame(
            {
                "year": c.years,
                "demand_t": demand,
                "tail_shortfall_share": self.tail_year,
                "expected_shortfall_share": self.lost @ c.probability,
                "undisturbed_shortfall_share": self.lost[:, 0],
                "china_share": self.dependence[china] / demand if china is not None else 0.0,
                "largest_country": np.array(c.foreign)[largest],
                "largest_share": self.dependence.max(axis=0) / demand,
                "home_share": home / demand,
                "carbon_kg_per_kg": np.einsum("rc,rct->t", c.carbon, self.plan) / demand,
                "hhi": [hhi(shares[:, t]) for t in range(len(c.years))],
                "concentration": c.risk_weight @ self.dependence / demand,
                "supply_kusd": self.supply_year,
                "shortage_kusd": self.shortage_year,
                "annuity_kusd": self.annuity_by_route.sum(axis=0),
                "reserve_kusd": self.reserve_year,
                "capital_inr_crore": self.capital_crore_year,
                "public_inr_crore": self.public_crore_year,
            }
        )

    @cached_property
    def indicators(self) -> Mapping[str, float]:
        """Every indicator by its id, in the unit of its declaration (`INDICATORS`)."""
        c, y = self.case, self.years
        decided = ~c.fixed if (~c.fixed).any() else np.ones(len(c.years), dtype=bool)
        focus = self.focus
        first = int(np.flatnonzero(focus)[0])
        bill = (y["supply_kusd"] + y["annuity_kusd"] + y["reserve_kusd"]).to_numpy()[decided]
        magnets = self.expected[:, :M].sum(axis=(0, 1))[decided] + (self.draw[:M].sum(axis=0) @ c.probability)[decided]
        return {
            "bill_crore": float(bill.mean() * c.rupee / 1e4),
            "cost_usd_per_kg": float(bill.sum() / magnets.sum()) if magnets.sum() > 0 else 0.0,
            "premium": self.total_kusd / self.cheapest_kusd - 1.0 if self.cheapest_kusd else 0.0,
            "tail_shortfall": float(self.tail_year[focus].max()),
            "expected_shortfall": float((self.lost @ c.probability)[focus].mean()),
            "china_share": float(y["china_share"][focus].max()),
            "home_share": float(y["home_share"][focus].min()),
            "largest_share": float(y["largest_share"][focus].max()),
            "hhi": float(y["hhi"][first]),
            "investment_crore": float(self.capital_crore_year.sum()),
            "public_crore": float(self.public_crore_year.sum()),
            "reserve_t": float(self.stock.sum(axis=0).max()),
            "carbon": float(y["carbon_kg_per_kg"][first]),
            "harm_crore": float(self.shortage_year[decided].mean() * c.rupee / 1e4),
        }

    @cached_property
    def states(self) -> pd.DataFrame:
        """States of the world: state, name, probability, length_years. The first is undisturbed."""
        return pd.DataFrame(
            {
                "state": self.case.states,
                "name": self.case.state_names,
                "probability": self.case.probability,
                "length_years": self.case.length,
            }
        )


def read_mix(
    program: Program, case: Case, choice: Choice, solution: Solution, cheapest_kusd: float | None = None
) -> Mix:
    """The mix that a solution of a program stands for."""
    found = arrays_of(program, solution.values)
    preferred = float(program.preferences @ solution.values)
    slope = program.sheet.gradient(solution)
    return Mix(
        choice=choice,
        case=case,
        plan=found["plan"],
        add=found["add"],
        fill=found["fill"],
        stock=case.opening[:, None] + np.cumsum(found["fill"], axis=1),
        deliver=found["deliver"],
        draw=found["draw"],
        short=found["short"],
        objective_kusd=solution.objective,
        preference_kusd=preferred,
        proof=proof_of(program, solution),
        cheapest_kusd=cheapest_kusd,
        limit_prices=limit_prices(case, slope),
        route_prices=route_prices(case, slope),
    )
