"""Evidence and choice to a `Case`: the numbers of one linear program in model units, the only place that converts units.

Model units are tonnes, years and thousand USD (1 t x 1 USD/kg = 1 kUSD). Indian costs are facts in rupees and are turned at
the rupee lever. INR crore = kUSD x rupee / 10,000.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model.arrays import Array
from model.evidence.schema import COMMODITIES, MAGNETS

YEARS = tuple(range(2026, 2036))
M, C = len(MAGNETS), len(COMMODITIES)
LIMITS = (
    "china_limit", "country_limit", "shortfall_limit", "premium_limit", "investment_limit", "home_limit", "carbon_limit",
    "concentration_limit", "vital_limit",
)  # fmt: skip
"""Levers that the cheapest mix does without."""
BUDGETS = ("reserve_days", "magnet_budget", "recycling_budget", "mission_budget")
"""Limits on means, which hold in the cheapest mix too."""
SCHEMES = ("magnet", "recycling", "mission")


def crore(kusd: float, rupee: float) -> float:
    """INR crore (10^7 rupees) of an amount in thousand USD."""
    return kusd * rupee / 1e4


@dataclass(frozen=True)
class Case:
    """Every set and number of one linear program. R routes, C commodities (magnets first), T years, K states, S sectors,
    M magnets, F feedstocks. Money in kUSD, volume in t or t/y, prices in kUSD/t (= USD/kg)."""

    years: tuple[int, ...]
    routes: tuple[str, ...]
    origins: tuple[str, ...]  # one for each route
    foreign: tuple[str, ...]  # origins outside India
    stages: tuple[str, ...]
    sectors: tuple[str, ...]
    states: tuple[str, ...]
    state_names: tuple[str, ...]
    products: Array  # (R, C) bool
    made_in_india: Array  # (R,) bool
    substitutable: Array  # (S,) bool
    vital: Array  # (S,) bool
    cuts: Array  # (C, K) bool: the state cuts the commodity, so the reserve may be drawn
    probability: Array  # (K,)
    length: Array  # (K,) years that a reserve must last
    demand: Array  # (S, M, T)
    capacity: Array  # (R, T) without additions
    addmax: Array  # (R, T)
    ceiling: Array  # (R, T) additions in all up to a year
    utilisation: Array  # (R,) plan per capacity
    price: Array  # (R, C, T)
    multiplier: Array  # (R, C, T, K)
    availability: Array  # (R, C, T, K)
    feed: Array  # (R, M, F)
    feed_ratio: Array  # (F,) least oxide per magnet that depends on it
    at_most: Array  # (R, C) largest share of capacity that a product can take
    take_or_pay: Array  # (R,)
    penalty: Array  # (S,)
    capital: Array  # (R,) kUSD per t/y
    recovery: Array  # (R,) share of capital charged a year (capital recovery factor)
    life: Array  # (R,)
    holding: Array  # (C,)
    opening: Array  # (C,) stock at the start, t
    stock_price: Array  # (C, T) dearest undisturbed price, at which stock is bought
    refill: Array  # (C, T) the same paid a year later
    final_credit: Array  # (C,)
    discount: Array  # (T,)
    tail: float
    carbon: Array  # (R, C) kgCO2e/kg
    risk_weight: Array  # (foreign origins,) 0-10
    public: Array  # (R,) INR crore of public money per t/y added
    scheme: Array  # (R,) index into SCHEMES, -1 none
    rupee: float
    limits: Mapping[str, float | None]
    active: Array  # (T,) bool: limits hold
    aim: str
    fixed: Array  # (T,) bool: the plan is held at today's course
    today: Array  # (R, C, T) plan of today's course

    @property
    def drawable(self) -> Array:
        """Where the reserve may be drawn: the state cuts the commodity in that year, on some route that makes it (C, T, K)."""
        hit = ((self.availability < 1.0) & self.products[:, :, None, None]).any(axis=0)
        return np.asarray(hit & self.cuts[:, None, :])

    @property
    def total_demand(self) -> Array:
        """Demand of all sectors and magnets by year, t/y, shape (T,)."""
        return np.asarray(self.demand.sum(axis=(0, 1)))


def preference(name: str) -> float:
    """A tiny fixed cost in kUSD/t, 2.5e-5 to 7.5e-5, that makes the mix unique without moving what people see."""
    return 2.5e-5 + 5e-5 * int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big") / 2**48


__all__ = ["BUDGETS", "LIMITS", "Case", "crore", "preference"]
