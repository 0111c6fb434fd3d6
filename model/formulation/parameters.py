"""Every number of the program by name, as arrays; and what a case takes from other solves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model.arrays import Array
from model.formulation.case import LIMITS, C, Case
from model.lp.model import FREE

LEVER_COLUMNS = (*LIMITS, "reserve_days", "magnet_budget", "recycling_budget", "mission_budget")


SHARE_LEVERS = {"china_limit", "country_limit", "shortfall_limit", "premium_limit", "home_limit", "vital_limit"}


AIM_WEIGHT = 1e7
"""Weight of the aim against the preferences while the aim itself is pushed down."""


def lever_scale(name: str) -> float:
    """Model units for one unit of a limit lever (percent become shares)."""
    return 0.01 if name in SHARE_LEVERS else 1.0


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
