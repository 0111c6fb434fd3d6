"""What a mix needs of each limit, and whether a limit binds."""

from __future__ import annotations

import numpy as np

from model.formulation.case import SCHEMES
from model.formulation.levers import lever_named, looser
from model.results.annual import a_year
from model.results.mix import Mix

NOTHING = 0.005
"""Less than this many INR crore a year is nothing."""


ROOM = 1e-5
"""Less room than this share of a lever's range is none."""


def needs(mix: Mix) -> dict[str, float]:
    """The tightest value of each limit lever that this mix meets, in the lever's unit."""
    case, years, focus = mix.case, mix.years[mix.focus], mix.focus
    users = case.demand[case.vital].sum(axis=(0, 1))
    vital = mix.short[case.vital].sum(axis=(0, 1)).max(axis=-1) / np.maximum(users, 1e-12)
    spent = {
        name: float((case.public @ (mix.add * (case.scheme == i)[:, None])).sum()) for i, name in enumerate(SCHEMES)
    }
    stock = float((case.stock_price * mix.fill).sum() * case.rupee / 1e4)
    return {
        "china_limit": 100 * float(years["china_share"].max()),
        "country_limit": 100 * float(years["largest_share"].max()),
        "shortfall_limit": 100 * float(years["tail_shortfall_share"].max()),
        "premium_limit": 100 * (mix.total_kusd / mix.cheapest_kusd - 1.0) if mix.cheapest_kusd else 0.0,
        "investment_limit": float(mix.capital_crore_year.sum()),
        "home_limit": 100 * float(years["home_share"].min()),
        "carbon_limit": float(years["carbon_kg_per_kg"].max()),
        "concentration_limit": float(years["concentration"].max()),
        "vital_limit": 100 * float(vital[focus].max()),
        "reserve_days": float(mix.reserve["days"].max()),
        **{f"{name}_budget": worth + stock * (name == "mission") for name, worth in spent.items()},
    }


def binds(mix: Mix, name: str, need: float) -> bool:
    """Whether a limit that holds stands in the way of a mix, which needs `need` of it: no room is left, or loosening it would
    pay."""
    lever = lever_named(name)
    room = looser(name) * (float(mix.choice.values()[name]) - need)
    return room <= ROOM * (lever.high - lever.low) or mix.limit_prices.get(name, 0.0) * a_year(mix.case) > NOTHING
