"""Evidence and choice to a case: the only place that converts units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

import numpy as np

from model.arrays import Array
from model.errors import EvidenceError
from model.evidence.schema import COMMODITIES, MAGNETS, Route
from model.evidence.store import Evidence
from model.formulation.case import BUDGETS, LIMITS, SCHEMES, YEARS, C, Case, M
from model.formulation.levers import Choice, lever_named
from model.formulation.states import State

YEAR_SLACK = 1e-9
"""Months over twelve may miss a whole year by this much."""


SHARE_SLACK = 2e-9
"""Shares of magnets may sum to this much more than 1, a little more than the evidence lets through."""


def path(evidence: Evidence, anchors: Mapping[int, str] | str, years: tuple[int, ...]) -> Array:
    """A fact or a path of facts by year, in the facts' unit, shape (years,). Straight between anchors, level outside."""
    if isinstance(anchors, str):
        return np.full(len(years), evidence.value(anchors))
    known = sorted(anchors)
    return np.interp(years, known, [evidence.value(anchors[year]) for year in known])


class World(Protocol):
    """States of the world with their probabilities, shape (states,)."""

    states: tuple[State, ...]

    def probability(self, likelihood: float = 1.0) -> Array:
        """Probability of each state at a likelihood; sums to 1."""


class Assembler:
    """Evidence and states turned into arrays once, so that a case for a new choice takes a few milliseconds."""

    def __init__(self, evidence: Evidence, states: World, years: tuple[int, ...] = YEARS) -> None:
        self.evidence, self.states, self.years = evidence, states, years
        self.decided = np.array(years) >= evidence.value("first_decision_year")
        routes = list(evidence.routes.values())
        self.routes, self.sectors = routes, list(evidence.sectors.values())
        n, t = len(routes), len(years)
        self.products = np.array([[c in r.products for c in COMMODITIES] for r in routes])
        self.inr = np.array(
            [evidence.facts[next(iter(next(iter(r.price.values())).values()))].unit == "INR/kg" for r in routes]
        )
        self.price = np.zeros((n, C, t))
        self.feed = np.zeros((n, M, C - M))
        self.carbon = np.zeros((n, C))
        for i, r in enumerate(routes):
            for c in r.products:
                j = COMMODITIES.index(c)
                self.price[i, j] = self._price(r, c)
                self.carbon[i, j] = evidence.value(r.carbon.get(c) or r.carbon["average"])
            for c, feeds in r.feed.items():
                for f, fact in feeds.items():
                    self.feed[i, COMMODITIES.index(c), COMMODITIES.index(f) - M] = evidence.value(fact)
        self.volume = np.array([path(evidence, r.volume, years) if r.volume else np.zeros(t) for r in routes])
        self.demand = self._demand()
        world = states.states
        self.cut, self.cut_new = (np.stack([getattr(s, k) for s in world], axis=-1) for k in ("cut", "cut_new"))
        self.multiplier, self.multiplier_new = (
            np.stack([getattr(s, k) for s in world], axis=-1) for k in ("multiplier", "multiplier_new")
        )
        hit = (self.cut + self.cut_new > 0) & self.products[:, :, None]
        self.cuts = hit.any(axis=0)
        self.length = np.array([s.length for s in world])
        self.foreign = tuple(dict.fromkeys(r.origin for r in routes if r.origin != "India"))

    def _price(self, route: Route, commodity: str) -> Array:
        """USD/kg or INR/kg by year: the product's own path, or the average magnet's moved by grade."""
        own = route.price.get(commodity)
        if own:
            return path(self.evidence, own, self.years)
        average = path(self.evidence, route.price["average"], self.years)
        info = self.evidence.commodities[commodity]
        if not route.graded or info.grade is None:
            return average
        grade = self.evidence.value(info.grade)
        return average + grade if info.grade_is == "added" else average * grade

    def _demand(self) -> Array:
        """Demand by sector, magnet and year, t/y, shape (S, M, T). Raises `EvidenceError` when the magnets of a sector are more than all."""
        found = np.zeros((len(self.sectors), M, len(self.years)))
        for i, s in enumerate(self.sectors):
            total, rest = path(self.evidence, s.demand, self.years), np.ones(len(self.years))
            for c, anchors in s.split.items():
                share = path(self.evidence, anchors, self.years)
                found[i, MAGNETS.index(c)] = total * share
                rest = rest - share
            if rest.min() < -SHARE_SLACK:
                raise EvidenceError(
                    f"sectors.yaml, entry {s.id}, split: {100 * (1 - rest.min()):.4g} % of its magnets in a year"
                )
            found[i, 0] += total * np.maximum(rest, 0.0)
        return found

    def _since_decision(self, factor: float) -> Array:
        """1 before decisions begin, the lever's factor from then on, shape (T,)."""
        return np.where(self.decided, factor, 1.0)

    def case(self, choice: Choice, limits: bool = True) -> Case:
        """The case of a choice; without `limits` the case of the cheapest mix in the same world."""
        value = self.evidence.value
        levers = choice.values()
        years = np.array(self.years)
        n, t = len(self.routes), len(self.years)
        rupee = float(choice.rupee)
        rate = choice.discount_rate / 100.0
        demand = self.demand * self._since_decision(choice.demand_scale / 100.0)
        capacity, addmax, ceiling = self._volumes(choice, demand)
        first = np.array([self._first_year(r, choice) for r in self.routes])
        new = (years[None, :] >= first[:, None]) & (years[None, :] <= first[:, None] + 1)
        keeps = (1 - self.cut)[:, :, None, :] * np.where(new[:, None, :, None], (1 - self.cut_new)[:, :, None, :], 1.0)
        multiplier = self.multiplier[:, :, None, :] * np.where(
            new[:, None, :, None], self.multiplier_new[:, :, None, :], 1.0
        )
        price = self._prices(choice, rupee)
        life = np.array([value(r.build.life) if r.build else 1.0 for r in self.routes])
        capital = np.array([value(r.build.capex) / rupee if r.build else 0.0 for r in self.routes])
        recovery = rate / (1 - (1 + rate) ** -life) if rate > 0 else 1 / life
        market = np.array([r.origin != "India" for r in self.routes])[:, None] & self.products
        offered = market | (
            self.products & ~market.any(axis=0)
        )  # what nobody abroad sells is priced by its Indian makers
        dearest = np.where(offered[:, :, None], price, 0.0).max(axis=0)
        whole = np.array([not r.feed and r.stage != "substitute" for r in self.routes])[:, None] & self.products
        least = np.where(whole[:, :, None], price, np.inf).min(axis=0)
        cheapest = np.where(np.isfinite(least), least, 0.0)
        schemes = np.array([SCHEMES.index(r.build.scheme) if r.build and r.build.scheme else -1 for r in self.routes])
        ratio = np.array([min((x for x in self.feed[:, :, f].ravel() if x > 0), default=1.0) for f in range(C - M)])
        case = Case(
            years=self.years,
            routes=tuple(r.id for r in self.routes),
            origins=tuple(r.origin for r in self.routes),
            foreign=self.foreign,
            stages=tuple(r.stage for r in self.routes),
            sectors=tuple(s.id for s in self.sectors),
            states=tuple(s.id for s in self.states.states),
            state_names=tuple(s.name for s in self.states.states),
            products=self.products,
            made_in_india=np.array([r.made_in_india for r in self.routes]),
            substitutable=np.array([s.substitutable for s in self.sectors]),
            vital=np.array([s.vital for s in self.sectors]),
            cuts=self.cuts,
            probability=self.states.probability(choice.likelihood / 100.0),
            length=self.length,
            demand=demand,
            capacity=capacity,
            addmax=addmax,
            ceiling=ceiling,
            utilisation=np.array(
                [value(r.build.utilisation) if r.build and r.build.utilisation else 1.0 for r in self.routes]
            ),
            price=price,
            multiplier=multiplier,
            availability=keeps,
            feed=self.feed,
            feed_ratio=ratio,
            at_most=np.array(
                [[value(r.at_most[c]) if c in r.at_most else 1.0 for c in COMMODITIES] for r in self.routes]
            ),
            take_or_pay=np.array([value(r.take_or_pay) for r in self.routes]),
            penalty=np.array([value(s.penalty) for s in self.sectors]),
            capital=capital,
            recovery=recovery,
            life=life,
            holding=np.full(C, value("reserve_holding_cost")),
            opening=np.zeros(C),
            stock_price=dearest,
            refill=dearest / (1 + rate),
            final_credit=cheapest[:, -1],
            discount=(1 + rate) ** -(years - self.years[0]).astype(float),
            tail=value("tail_share"),
            carbon=self.carbon,
            risk_weight=np.array([self._risk(o) for o in self.foreign]),
            public=self._public(schemes),
            scheme=schemes,
            rupee=rupee,
            limits={
                name: None
                if lever_named(name).is_off(levers[name]) or (not limits and name in LIMITS)
                else float(levers[name])
                for name in (*LIMITS, *BUDGETS)
            },
            active=self.decided & (years >= choice.target_year),
            aim=choice.aim if limits else "cost",
            fixed=~self.decided,
            today=np.zeros((n, C, t)),
        )
        object.__setattr__(case, "today", self._today(case))
        return case

    def _first_year(self, route: Route, choice: Choice) -> int:
        """First whole year in which new capacity of a route can run, never before its time; 0 for a route without building."""
        if route.build is None:
            return 0
        late = choice.plants_delay if route.build.scheme == "magnet" else 0.0
        return math.ceil(self.evidence.value(route.build.first_year) + late - YEAR_SLACK)

    def _volumes(self, choice: Choice, demand: Array) -> tuple[Array, Array, Array]:
        """Capacity without additions, most that can be added in a year, and in all up to a year, t/y, each (R, T)."""
        levers, years = choice.values(), np.array(self.years)
        capacity = self.volume.copy()
        addmax, ceiling = np.zeros_like(capacity), np.zeros_like(capacity)
        for i, r in enumerate(self.routes):
            if r.volume_lever == "central_asia_volume":
                capacity[i] = np.where(years >= choice.central_asia_year, choice.central_asia_volume, 0.0)
            elif r.volume_lever == "substitution":
                start = self.evidence.value("substitution_start")
                share = np.interp(years, [2026, 2030], [start, choice.substitution / 100.0]) * (years >= 2026)
                capacity[i] = share * demand[[s.substitutable for s in self.sectors]].sum(axis=(0, 1))
            elif r.volume_lever:
                capacity[i] *= self._since_decision(float(levers[r.volume_lever]) / 100.0)
            if r.build is None:
                continue
            ceiling[i] = path(self.evidence, r.build.ceiling, self.years)
            if r.build.lever_is == "capacity" and r.build.lever:
                ceiling[i] = max(0.0, float(levers[r.build.lever]) - capacity[i].max())
            elif r.build.lever_is == "percent" and r.build.lever:
                ceiling[i] *= float(levers[r.build.lever]) / 100.0
            elif r.build.lever_is == "switch" and r.build.lever:
                ceiling[i] *= 1.0 if levers[r.build.lever] else 0.0
            since = years - self._first_year(r, choice)
            ramp = np.array([self.evidence.value(f) for f in r.build.ramp])
            speed = np.where(since >= 0, ramp[np.clip(since, 0, len(ramp) - 1)], 0.0) * self.decided
            addmax[i] = speed * ceiling[i].max()
            ceiling[i] = np.where(since >= 0, ceiling[i], 0.0)
        return capacity, addmax, ceiling

    def _prices(self, choice: Choice, rupee: float) -> Array:
        """Undisturbed prices in USD/kg, shape (R, C, T), with the price levers and the rupee."""
        levers = choice.values()
        price = np.where(self.inr[:, None, None], self.price / rupee, self.price)
        oxide = choice.oxide_price / 100.0
        per_magnet = (
            self.evidence.value("oxide_per_magnet_model") * self.evidence.value("ndpr_oxide_2030") * (oxide - 1.0)
        )
        for i, r in enumerate(self.routes):
            if r.follows_oxide and r.stage == "oxide":
                price[i] *= self._since_decision(oxide)
            elif r.follows_oxide:
                price[i, :2] += np.where(self.decided, per_magnet, 0.0) * self.products[i, :2, None]
            if r.price_lever:
                price[i] *= self._since_decision(float(levers[r.price_lever]) / 100.0)
        return np.maximum(price, 0.0)

    def _risk(self, origin: str) -> float:
        """Governance risk of an origin, 0 best to 10 worst, from the political stability score (mean over its countries)."""
        scores = [self.evidence.value(f) for f in ORIGIN_SCORES.get(origin, ("wgi_russia",))]
        return float(np.clip((2.5 - np.mean(scores)) / 5.0 * 10.0, 0.0, 10.0))

    def _public(self, schemes: Array) -> Array:
        """Public money in INR crore for a t/y of new capacity, by route (R,): five years of incentive and the capital
        subsidy for magnet plants, the subsidy share of capital for recycling, all capital under the mission."""
        value = self.evidence.value
        found = np.zeros(len(self.routes))
        for i, r in enumerate(self.routes):
            if r.build is None or schemes[i] < 0:
                continue
            capital = value(r.build.capex) * 1e-4
            if SCHEMES[schemes[i]] == "magnet":
                use = value(r.build.utilisation) if r.build.utilisation else 1.0
                incentive = value("repm_incentive_inr") * use * value("magnet_incentive_years")
                found[i] = (incentive + value("repm_subsidy_inr")) * 1e-4
            else:
                found[i] = capital * (value("recycling_subsidy_share") if SCHEMES[schemes[i]] == "recycling" else 1.0)
        return found

    def _today(self, case: Case) -> Array:
        """Plan of today's course, t/y, shape (R, C, T): paths and partners as the evidence has them, plants fed from Indian
        oxide first and Chinese oxide last, Chinese magnets for the rest; nothing beyond what capacity allows."""
        total = np.minimum(np.cumsum(case.addmax, axis=1), np.maximum.accumulate(case.ceiling, axis=1))
        most = (case.capacity + total) * case.utilisation[:, None]
        need = case.demand.sum(axis=0)
        plan = np.zeros((len(case.routes), C, len(case.years)))
        partner_share = self.evidence.value("base_other_partners_avail_2025") / self.evidence.value(
            "india_repm_demand_2025"
        )
        partners = [i for i, r in enumerate(self.routes) if r.today == "partner"]
        offered = most[partners].sum(axis=0)
        for i, r in enumerate(self.routes):
            if r.stage == "oxide" or r.today in ("fills", "none"):
                continue
            if isinstance(r.today, dict):
                volume = np.minimum(path(self.evidence, r.today, self.years), most[i])
            else:
                share = np.divide(most[i], offered, out=np.zeros_like(offered), where=offered > 0)
                volume = np.minimum(partner_share * need.sum(axis=0) * share, most[i])
            mask = self.products[i, :M, None]
            pool = need * mask
            split = np.divide(pool, pool.sum(axis=0), out=np.zeros_like(pool), where=pool.sum(axis=0) > 0)
            plan[i, :M] = volume * split
        for i, r in enumerate(self.routes):
            if r.today == "fills":
                gap = np.maximum(0.0, need - plan[:, :M].sum(axis=0)) * self.products[i, :M, None]
                scale = np.minimum(
                    1.0, np.divide(most[i], gap.sum(axis=0), out=np.ones(len(case.years)), where=gap.sum(axis=0) > 0)
                )
                plan[i, :M] = gap * scale
        wanted = np.einsum("rmf,rmt->ft", case.feed, plan[:, :M])
        for i, r in enumerate(self.routes):
            if r.stage != "oxide" or r.today == "none":
                continue
            volume = (
                np.minimum(path(self.evidence, r.today, self.years), most[i])
                if isinstance(r.today, dict)
                else case.capacity[i]
            )
            take = np.minimum(wanted * self.products[i, M:, None], case.at_most[i, M:, None] * volume)
            total = take.sum(axis=0)
            plan[i, M:] = take * np.minimum(1.0, np.divide(volume, total, out=np.ones_like(total), where=total > 0))
            wanted = wanted - plan[i, M:]
        return plan


ORIGIN_SCORES: dict[str, tuple[str, ...]] = {
    "China": ("wgi_china",),
    "Japan": ("wgi_japan",),
    "Vietnam and Korea": ("wgi_vietnam",),
    "Malaysia": ("wgi_malaysia",),
    "USA and Europe": ("wgi_usa",),
    "Australia": ("wgi_australia",),
    "Kazakhstan and neighbours": ("wgi_kazakhstan", "wgi_uzbekistan"),
}
"""Facts behind the governance score of each origin; an origin not listed counts like the worst of them."""
