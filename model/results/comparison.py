"""How far two mixes are apart, in tonnes by route."""

from __future__ import annotations

import numpy as np

from model.arrays import Array
from model.results.mix import Mix


def supply(mix: Mix) -> Array:
    """Expected deliveries by route, t/y on average over the years with decisions, shape (R,)."""
    return np.asarray(mix.expected[:, :, ~mix.case.fixed].sum(axis=1).mean(axis=1))


def demand(mix: Mix) -> float:
    """Magnet demand, t/y on average over the years with decisions."""
    return float(mix.case.total_demand[~mix.case.fixed].mean())


def apart(one: Mix, other: Mix) -> float:
    """How much of demand two mixes serve by different routes: half of what the routes' supplies differ by in sum, as a share."""
    return float(np.abs(supply(one) - supply(other)).sum() / 2.0 / demand(one))
