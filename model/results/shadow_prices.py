"""Shadow prices of limits and values of route capacity, from the duals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from model.arrays import Array
from model.formulation.case import Case
from model.formulation.parameters import LEVER_COLUMNS, lever_scale


def limit_prices(case: Case, slope: Mapping[str, Array]) -> dict[str, float]:
    """What one unit of each limit lever that is on saves when it is loosened, kUSD discounted, from the program's gradient.

    The reduced cost of the lever's column; the days of reserve stand in the rows of oxides as a coefficient too."""
    found = {}
    for name in LEVER_COLUMNS:
        if case.limits[name] is None:
            continue
        saved = -float(slope[f"lever_{name}"][0]) * lever_scale(name)
        if name == "reserve_days":
            saved -= float(np.sum(slope["reserve_feed"] * case.feed)) / 365.0
        found[name] = -saved if name == "home_limit" else saved
    return found


def route_prices(case: Case, slope: Mapping[str, Array]) -> dict[str, float]:
    """What the plan would save if each route could supply as much again from the first decision on, kUSD discounted, from the
    gradient: its capacity, what may be added in a year and the ceiling of additions, all in proportion."""
    decided = ~case.fixed
    usable = case.utilisation[:, None] * case.capacity
    moved = slope["usable_capacity"] * usable + slope["ceiling"] * case.ceiling + slope["add_high"] * case.addmax
    moved += slope["existing"] * case.capacity
    return {name: -float(moved[r, decided].sum()) for r, name in enumerate(case.routes)}
