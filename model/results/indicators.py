"""The indicators that sum up a mix, declared once with unit and meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from model.arrays import Array


@dataclass(frozen=True)
class Indicator:
    """One number that sums up a mix. `better` says which way is an improvement, if either."""

    id: str
    label: str
    unit: str
    plain: str
    better: Literal["lower", "higher", ""]


INDICATORS = (
    Indicator("bill_crore", "Yearly bill", "INR crore a year",
              "Purchases, plants and the reserve, average of 2027 to 2035, before any shortage.", "lower"),
    Indicator("cost_usd_per_kg", "Cost of a magnet", "USD/kg",
              "The yearly bill over the magnets delivered, 2027 to 2035.", "lower"),
    Indicator("premium", "Over the cheapest mix", "share",
              "Whole plan against the cheapest mix in the same world, harm of expected shortage included.", "lower"),
    Indicator("tail_shortfall", "Worst-case shortfall", "share of demand",
              "Average of the worst 5 % of outcomes, in the worst year from the target year on.", "lower"),
    Indicator("expected_shortfall", "Expected shortfall", "share of demand",
              "Average over all states of the world, from the target year on.", "lower"),
    Indicator("china_share", "Dependence on China", "share of demand",
              "Chinese magnets, joint-venture magnets and Indian magnets that need Chinese oxide; highest from the target year on.",
              "lower"),
    Indicator("home_share", "Made in India", "share of demand",
              "Magnets made in India on average over the states; lowest from the target year on.", "higher"),
    Indicator("largest_share", "Largest single country", "share of demand",
              "Dependence on the foreign country that India leans on most; highest from the target year on.", "lower"),
    Indicator("hhi", "Concentration (HHI)", "index 0-10,000",
              "Sum of squared shares of origins in the target year: 10,000 is one supplier only.", "lower"),
    Indicator("investment_crore", "Investment in plants", "INR crore", "Capital for new plants in India, 2027 to 2035.", ""),
    Indicator("public_crore", "Public money", "INR crore",
              "Incentives and subsidies that the schemes would pay, and stocks bought; a transfer, not a cost.", "lower"),
    Indicator("reserve_t", "Strategic reserve", "t", "Largest stock of magnets and oxide together.", ""),
    Indicator("carbon", "Carbon footprint", "kgCO2e/kg", "Of contracted supply for each kg needed, in the target year.", "lower"),
    Indicator("harm_crore", "Harm of shortage", "INR crore a year",
              "Expected loss of Indian value added when magnets are missing, average of 2027 to 2035. A harm, not a bill.", "lower"),
)  # fmt: skip


def tail_average(losses: Array, probability: Array, tail: float) -> float:
    """Average of the worst `tail` share of outcomes (conditional value at risk), from losses (K,) and probabilities (K,)."""
    order = np.argsort(-losses, kind="stable")
    taken = np.diff(np.minimum(np.concatenate([[0.0], np.cumsum(probability[order])]), tail))
    return float(losses[order] @ taken / tail)


def hhi(shares: Array) -> float:
    """Herfindahl-Hirschman index, 0 to 10,000, of shares or volumes (normalised to their sum)."""
    total = float(np.sum(shares))
    return float(np.sum((np.asarray(shares) / total) ** 2) * 1e4) if total > 0 else 0.0
