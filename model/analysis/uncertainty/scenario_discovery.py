"""When the adopted plan fails: what counts as failing, and the few conditions under which it mostly does, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.analysis.uncertainty.prim import Box, Condition, find_box
from model.analysis.uncertainty.robustness import ADOPTED, MEASURES, Sample, units
from model.arrays import Array
from model.errors import InputError
from model.results.formatting import percent

WORST = 0.25
"""Share of the worlds that count as failing when no line is drawn."""
LABELS = {
    "total_crore": "a discounted cost above INR {:,.0f} crore a year", "bill_crore": "a discounted bill above INR {:,.0f} crore a year",
    "harm_crore": "discounted harm of shortage above INR {:,.0f} crore a year", "tail_shortfall": "a worst-case shortfall above {}",
    "expected_shortfall": "an expected shortfall above {}", "regret_crore": "a discounted regret above INR {:,.0f} crore a year",
}  # fmt: skip
SHARES = ("tail_shortfall", "expected_shortfall")


class FailureError(InputError):
    """A line that cannot be drawn; the message says which field and why."""


@dataclass(frozen=True)
class Failure:
    """What counts as failing: a measure of the adopted plan, or its regret, above a line."""

    measure: str
    above: float

    @property
    def words(self) -> str:
        """As in: it fails by ..."""
        line = (
            percent(self.above, 0 if self.measure == "tail_shortfall" else 1) if self.measure in SHARES else self.above
        )
        return LABELS[self.measure].format(line)

    def mask(self, sample: Sample) -> Array:
        """In which worlds the adopted plan fails, mask (worlds,)."""
        return np.asarray(_measured(sample, self.measure) > self.above)


def _measured(sample: Sample, measure: str) -> Array:
    if measure == "regret_crore":
        return np.asarray(sample.regret[:, sample.plans.index(ADOPTED)])
    return sample.of(measure)


def failure(sample: Sample, measure: str = "tail_shortfall", above: float | None = None) -> Failure:
    """A line for a measure; by default one that the worst quarter of the worlds crosses, at a round figure. Raises `FailureError`."""
    if measure not in LABELS:
        raise FailureError(f"measure: {measure!r} is none of {', '.join(LABELS)}")
    if above is None:
        values = _measured(sample, measure)
        if not len(values):
            raise FailureError("worlds: none was drawn, so nothing can fail")
        line = float(np.quantile(values, 1.0 - WORST))
        return Failure(measure, round(line, 2) if measure in SHARES else float(f"{line:.3g}"))
    if isinstance(above, bool) or not isinstance(above, int | float) or not np.isfinite(above):
        raise FailureError(f"above: {above!r} is not a number")
    return Failure(measure, float(above))


@dataclass(frozen=True)
class Conditions:
    """The conditions under which the adopted plan mostly fails. Coverage and density come from worlds not used to find them."""

    failure: Failure
    box: Box
    columns: tuple[str, ...]
    labels: dict[str, tuple[str, str]]

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each condition: input, what, unit, low and high (nothing where open), and for the box as a whole
        fails_share, box_share, density and coverage."""
        box = self.box
        whole = {"fails_share": box.base, "box_share": box.share, "density": box.density, "coverage": box.coverage}
        rows = []
        for condition in box.conditions:
            name = self.columns[condition.input]
            what, unit = self.labels[name]
            rows.append(
                {"input": name, "what": what, "unit": unit, "low": condition.low, "high": condition.high, **whole}
            )
        return pd.DataFrame(rows, columns=["input", "what", "unit", "low", "high", *whole])

    @property
    def sentence(self) -> str:
        """The conditions in words, with how well they separate."""
        box, words = self.box, self.failure.words
        if not box.conditions:
            return f"The adopted plan has {words} in {percent(box.base)} of the sampled worlds; no few conditions tell them apart."
        listed = " and ".join(self.lines)
        return (
            f"The adopted plan has {words} in {percent(box.base)} of the sampled worlds, and more often where {listed}. That holds in"
            f" {percent(box.share)} of worlds; {percent(box.coverage)} of all failures lie there (coverage), and there the plan fails in"
            f" {percent(box.density)} of worlds (density)."
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """Each condition in words: '“what” is at least 42 USD/kg'."""
        return tuple(self._words(condition) for condition in self.box.conditions)

    def _words(self, condition: Condition) -> str:
        what, unit = self.labels[self.columns[condition.input]]
        ends = [
            f"{word} {_value(value, unit)}"
            for word, value in (("at least", condition.low), ("at most", condition.high))
            if value is not None
        ]
        return f"“{what}” is {' and '.join(ends)}"


def _value(value: float, unit: str) -> str:
    """A value to three figures in its unit; a share as percent, a calendar year as it is."""
    if unit in ("share", "probability"):
        return percent(value, 0 if value >= 0.1 else 1)
    return f"{value:.0f}" if unit == "calendar year" else f"{float(f'{value:.3g}'):,g} {unit}"


def conditions(sample: Sample, line: Failure | None = None) -> Conditions:
    """Under which conditions the adopted plan fails in a sample. Raises `FailureError` when no world was drawn."""
    line = line or failure(sample)
    inputs = sample.inputs
    box = find_box(inputs.to_numpy(), line.mask(sample))
    return Conditions(line, box, tuple(inputs.columns), dict(units(sample)))


__all__ = ["MEASURES", "Conditions", "Failure", "FailureError", "conditions", "failure"]
