"""What the Doubt page says and draws of sampled worlds: how three plans fare, and when the adopted one fails; no Streamlit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.fails import conditions
from model.sample import ADOPTED, CHEAPEST, SAFEST, WORLDS, Sample
from pages.parts import words
from pages.parts.charts import CONFIG, Chart, tip, tonnes_axis

TITLE = "All doubtful numbers at once"
NOTE = (
    f"{WORLDS:,} worlds. Each fact is drawn from a triangle from its low over its value to its high (Latin hypercube, independent of each"
    " other, the seed is shown). Plan, plants and reserve are held; what arrives and who goes short is worked out anew in each world."
)
DRAW = f"Draw {WORLDS:,} worlds (takes a minute or more)"
COST_TITLE, TAIL_TITLE = "Cost of each plan", "Worst-case shortfall of each plan"
SUMMARY_TITLE = "The three plans in numbers"
REGRET_NOTE = "Regret: what a plan costs more than the best of the three in the same world."
PLANS = {ADOPTED: "Mix on screen", CHEAPEST: "Cheapest mix", SAFEST: "Safest mix"}
COLOURS = {"Mix on screen": "#1B2733", "Cheapest mix": "#E69F00", "Safest mix": "#0072B2"}
DASHES = {"Mix on screen": [1, 0], "Cheapest mix": [6, 4], "Safest mix": [2, 3]}
MEASURES = {
    "total_crore": ("Total cost, INR crore a year", 1.0, 0), "bill_crore": ("Bill, INR crore a year", 1.0, 0),
    "harm_crore": ("Harm of shortage, INR crore a year", 1.0, 0), "tail_shortfall": ("Worst-case shortfall, % of demand", 100.0, 1),
    "expected_shortfall": ("Expected shortfall, % of demand", 100.0, 1), "regret_crore": ("Regret, INR crore a year", 1.0, 0),
}  # fmt: skip
BINS = 24


def histogram(found: Sample, measure: str) -> Chart:
    """How often each plan falls into each class of a measure, % of worlds: a line for each plan, told apart by colour and dashes."""
    title, scale, digits = MEASURES[measure]
    values = {PLANS[plan]: found.of(measure, plan) * scale for plan in found.plans}
    every = np.concatenate(list(values.values()))
    edges = np.linspace(float(every.min()), float(every.max()) + 1e-9, BINS + 1)
    rows = pd.DataFrame(
        {"plan": plan, "low": low, "high": high, "middle": (low + high) / 2, "share": 100.0 * number / len(x)}
        for plan, x in values.items()
        for low, high, number in zip(edges[:-1], edges[1:], np.histogram(x, edges)[0], strict=True)
    )
    form = f",.{digits}f"
    scales = {"domain": list(COLOURS), "range": list(COLOURS.values())}
    spec = {
        "height": 280,
        "mark": {"type": "line", "strokeWidth": 3, "point": {"size": 35, "opacity": 0.6}},
        "encoding": {
            "x": {"field": "middle", "type": "quantitative", "title": title, "axis": {"format": form, "tickCount": 5}},
            "y": tonnes_axis("share", "% of worlds"),
            "color": {"field": "plan", "type": "nominal", "scale": scales},
            "strokeDash": {"field": "plan", "type": "nominal", "scale": {"domain": list(DASHES), "range": list(DASHES.values())}},
            "tooltip": [tip("plan", "Plan"), tip("low", "From", form), tip("high", "To", form), tip("share", "% of worlds", ".1f")],
        },
        "config": CONFIG,
    }  # fmt: skip
    return rows, spec


def told(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The classes as a table for people."""
    title, _, digits = MEASURES[measure]
    table = rows.assign(low=rows["low"].round(digits), high=rows["high"].round(digits), share=rows["share"].round(1))
    names = {"plan": "Plan", "low": f"{title}: from", "high": "to", "share": "% of worlds"}
    return table[list(names)].rename(columns=names)


def summary(found: Sample) -> pd.DataFrame:
    """Each plan and measure: mean, the middle world, nine worlds of ten, and with all facts as they are."""
    rows = []
    for row in found.summary.to_dict("records"):
        title, scale, digits = MEASURES[str(row["measure"])]
        numbers = {
            "Mean": "mean",
            "1 in 20 below": "p05",
            "Middle": "p50",
            "1 in 20 above": "p95",
            "Facts as they are": "as_it_is",
        }
        shown = {name: round(float(row[column]) * scale, digits) + 0.0 for name, column in numbers.items()}
        rows.append({"Measure": title, "Plan": PLANS[str(row["plan"])], **shown})
    return pd.DataFrame(rows)


def failing(found: Sample) -> str:
    """When the mix on screen fails, in words; only conditions that really separate are named."""
    when = conditions(found)
    if when.box.conditions and not when.box.separates:
        return (
            f"The adopted plan has {when.failure.words} in {words.percent(when.box.base)} of the sampled worlds;"
            " no short list of conditions tells these worlds from the others."
        )
    return when.sentence


def drawn_as(found: Sample) -> str:
    """How the worlds were drawn, with the seed."""
    left_out = f"; {found.impossible:,} that cannot be were left out" if found.impossible else ""
    return (
        f"{words.number(len(found.measures))} worlds over {len(found.facts):,} facts, triangular distributions, seed {found.seed}"
        f"{left_out}. {REGRET_NOTE}"
    )
