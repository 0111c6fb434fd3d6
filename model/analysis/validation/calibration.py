"""The calibration year: with the situation of 2025 as input, the program must give back what was observed.

Inputs: the demand of 2025, what China would have shipped had licences not been needed, the fall of 58 % for the 6.9 months
until the first Indian licences, what all other makers shipped, and the stock that makers held when it began. None of the
observed outcomes goes in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from model.engine.worker import Worker
from model.evidence.store import Evidence
from model.formulation.assembler import Assembler
from model.formulation.case import BUDGETS, LIMITS, C, M
from model.formulation.levers import Choice
from model.formulation.states import Certain, compose
from model.results.mix import Mix

YEAR = 2025
EVENT = "history_india_2025"
NO_IMPORTS_T = 1e-6
"""Imports of a gram, in t, or less are none."""


@dataclass(frozen=True)
class Check:
    """One observed number of 2025 against the model's, with the range of the evidence."""

    what: str
    unit: str
    model: float
    observed: float
    low: float
    high: float
    facts: tuple[str, ...]

    @property
    def within(self) -> bool:
        """Whether the model's number lies within the range of the evidence."""
        return self.low <= self.model <= self.high


def calibration_mix(evidence: Evidence) -> Mix:
    """The cheapest mix of 2025 with that year's supply, its event and the makers' own stock."""
    state = compose(evidence, (evidence.events[EVENT],))
    assembler = Assembler(evidence, Certain((state,)), (YEAR,))
    case = assembler.case(Choice(), limits=False)
    days = evidence.value("india_inventory_weeks")
    opening = np.concatenate([case.demand.sum(axis=0)[:, 0] * days / 365.0, np.zeros(C - M)])
    nothing = np.zeros(len(case.years), dtype=bool)
    case = replace(case, limits=dict.fromkeys((*LIMITS, *BUDGETS)), opening=opening, fixed=nothing)
    worker = Worker(case)
    return worker.mix(case, Choice(), worker.solve(case))


def calibration(evidence: Evidence) -> tuple[Check, ...]:
    """Model against observed for 2025: Chinese and other imports in t, China's share, and the share of demand unserved."""
    mix = calibration_mix(evidence)
    china = np.array([r == "china_magnets" for r in mix.case.routes])
    foreign = np.array([o != "India" for o in mix.case.origins])
    arrived = mix.expected[:, :M].sum(axis=(1, 2))
    from_china, from_others = float(arrived[china].sum()), float(arrived[foreign & ~china].sum())
    imports = from_china + from_others
    of_imports = from_china / imports if imports > NO_IMPORTS_T else 0.0  # of no imports China has no share
    lost = float(mix.lost[0, 0])

    def check(what: str, unit: str, model: float, fact: str, *more: str) -> Check:
        known = evidence.facts[fact]
        low = known.value if known.low is None else known.low
        high = known.value if known.high is None else known.high
        return Check(what, unit, model, known.value, low, high, (fact, *more))

    return (
        check("Chinese magnets that reached India", "t", from_china, "base_china_avail_2025",
              "china_normal_2025", "fall_58pct", "india_licence_lag"),
        check("Magnets from all other makers", "t", from_others, "base_other_partners_avail_2025"),
        check("China's share of imported magnets", "share", of_imports,
              "metal_pm_china_share_quantity"),
        check("Demand unserved over the year", "share", lost, "observed_shortage_2025", "india_inventory_weeks"),
    )  # fmt: skip
