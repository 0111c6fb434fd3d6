"""Money of the whole plan turned into money a year."""

from __future__ import annotations

import numpy as np

from model.formulation.case import Case, crore
from model.results.mix import Mix


def a_year(case: Case) -> float:
    """INR crore a year for one kUSD discounted over the horizon."""
    return crore(1.0, case.rupee) / float(case.discount[~case.fixed].sum())


def yearly(mix: Mix, bill_kusd: float, harm_kusd: float) -> tuple[float, float, float]:
    """Total, bill and harm of a mix in INR crore a year, from its bill and harm discounted over the horizon: the discounted average
    of the years from the first decision on. The years before, which no plan changes, are taken out."""
    case, scale = mix.case, a_year(mix.case)
    early = np.where(case.fixed, case.discount, 0.0)
    bill = scale * (bill_kusd - float(early @ (mix.supply_year + mix.annuity_by_route.sum(axis=0) + mix.reserve_year)))
    harm = scale * (harm_kusd - float(early @ mix.shortage_year))
    return bill + harm, bill, harm
