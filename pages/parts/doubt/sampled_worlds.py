"""What the Doubt page says and draws of sampled worlds: how three plans fare, and when the adopted one fails; no Streamlit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.analysis.uncertainty.robustness import ADOPTED, CHEAPEST, SAFEST, WORLDS, Sample
from model.analysis.uncertainty.scenario_discovery import Conditions, conditions
from pages.parts.charts.mix import CONFIG, Chart, Spec, tip
from pages.parts.text import common as words

TITLE = "All doubtful numbers at once"
NOTE = (
    f"{WORLDS:,} worlds. Each fact is drawn from a triangle from its low over its value to its high (Latin hypercube, independent of each"
    " other, the seed is shown). Plan, plants and reserve are held; what arrives and who goes short is worked out anew in each world. Money is"
    " discounted: an average over the years with decisions in which a later year counts less, so the bill here is not the yearly bill"
    " beside the mix."
)
DRAW = f"Draw {WORLDS:,} worlds (takes a minute or more)"
READING = "Thin line: nine worlds of ten. Thick bar: the middle half of them. Upright and figure: the middle world."
SUMMARY_TITLE = "The three plans in numbers"
FAILS_TITLE = "When does the mix on screen fail?"
REGRET_NOTE = "Regret: what a plan costs more than the best of the three in the same world."
PLANS = {ADOPTED: "Mix on screen", CHEAPEST: "Cheapest mix", SAFEST: "Safest mix"}
COLOURS = {"Mix on screen": "#1B2733", "Cheapest mix": "#E69F00", "Safest mix": "#0072B2"}
MEASURES = {
    "total_crore": ("Total cost, discounted, INR crore a year", 1.0, 0), "bill_crore": ("Bill, discounted, INR crore a year", 1.0, 0),
    "harm_crore": ("Harm of shortage, discounted, INR crore a year", 1.0, 0), "tail_shortfall": ("Worst-case shortfall, % of demand", 100.0, 1),
    "expected_shortfall": ("Expected shortfall, % of demand", 100.0, 1), "regret_crore": ("Regret, discounted, INR crore a year", 1.0, 0),
}  # fmt: skip
DRAWN = {
    "total_crore": "Cost of each plan", "tail_shortfall": "Worst-case shortfall of each plan", "regret_crore": "Regret of each plan",
}  # fmt: skip
"""Measures that are drawn, with their titles."""
QUANTILES = {"low": 5, "lower": 25, "middle": 50, "upper": 75, "high": 95}


def values(found: Sample, measure: str, plan: str) -> np.ndarray:
    """A measure of a plan in every world, in the unit that it is shown in, shape (worlds,)."""
    _, scale, _ = MEASURES[measure]
    of = found.regret[:, found.plans.index(plan)] if measure == "regret_crore" else found.of(measure, plan)
    return np.asarray(of * scale)


def spread(found: Sample, measure: str) -> Chart:
    """How a measure spreads over the worlds, a line for each plan: nine worlds of ten, the middle half, and the middle world."""
    title, _, digits = MEASURES[measure]
    rows = pd.DataFrame(
        {
            "plan": PLANS[plan], "mean": float(values(found, measure, plan).mean()),
            **{name: float(np.percentile(values(found, measure, plan), q)) for name, q in QUANTILES.items()},
        }
        for plan in found.plans
    )  # fmt: skip
    form = f",.{digits}f"
    y: Spec = {"field": "plan", "type": "nominal", "sort": list(COLOURS), "title": None}
    x: Spec = {
        "field": "low", "type": "quantitative", "title": title, "scale": {"zero": measure != "total_crore", "nice": True},
        "axis": {"format": form, "tickCount": 5},
    }  # fmt: skip
    colour = {
        "field": "plan", "type": "nominal", "legend": None,
        "scale": {"domain": list(COLOURS), "range": list(COLOURS.values())},
    }  # fmt: skip
    names = {"low": "1 world in 20 below", "middle": "Middle world", "mean": "Mean", "high": "1 world in 20 above"}
    tips = [tip("plan", "Plan"), *(tip(name, label, form) for name, label in names.items())]
    base: Spec = {"y": y, "color": colour, "tooltip": tips}
    middle = {"field": "middle", "type": "quantitative"}
    spec = {
        "height": {"step": 46},
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 3}, "encoding": {**base, "x": x, "x2": {"field": "high"}}},
            {"mark": {"type": "bar", "height": 14, "opacity": 0.55}, "encoding": {**base, "x": {**x, "field": "lower"}, "x2": {"field": "upper"}}},
            {"mark": {"type": "tick", "thickness": 4, "size": 26}, "encoding": {**base, "x": middle}},
            {"mark": {"type": "text", "dy": -20, "fontSize": 13, "fontWeight": "bold"},
             "encoding": {"y": y, "x": middle, "color": colour, "text": {"field": "middle", "type": "quantitative", "format": form}}},
        ],
        "config": CONFIG,
    }  # fmt: skip
    return rows, spec


def told(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The same as a table for people."""
    title, _, digits = MEASURES[measure]
    names = {
        "plan": "Plan", "low": "1 in 20 below", "lower": "1 in 4 below", "middle": "Middle world", "upper": "1 in 4 above",
        "high": "1 in 20 above", "mean": "Mean",
    }  # fmt: skip
    table = rows[list(names)].round(digits).rename(columns=names)
    return table.rename(columns={"Plan": title})


def spread_finding(rows: pd.DataFrame, measure: str) -> str:
    """The middle world and nine worlds of ten of each plan, for those who cannot see the lines."""
    title, _, digits = MEASURES[measure]
    parts = [
        f"{row['plan']} {words.number(row['middle'], digits)} in the middle world,"
        f" {words.number(row['low'], digits)} to {words.number(row['high'], digits)} in nine of ten"
        for row in rows.to_dict("records")
    ]
    return f"{title}: {'; '.join(parts)}."


def opening(found: Sample) -> str:
    """How the mix on screen fares against the cheapest and the safest, in one sentence."""
    best = {plan: float((found.regret[:, j] <= 0.5).mean()) for j, plan in enumerate(found.plans)}
    cost = {plan: float(np.median(values(found, "total_crore", plan))) for plan in found.plans}
    tail = {plan: float(np.median(found.of("tail_shortfall", plan))) for plan in found.plans}
    worst = float(np.percentile(found.of("tail_shortfall"), 95))
    apart = cost[ADOPTED] - cost[CHEAPEST]
    against = (
        "about as much as"
        if abs(apart) < 0.005 * cost[CHEAPEST]
        else f"{words.inr_crore(words.rounded(abs(apart)))} a year {'more' if apart > 0 else 'less'} than"
    )
    text = (
        f"Held through {words.number(len(found.measures))} drawn worlds, the mix on screen costs {against} the mix that is cheapest with all facts"
        f" as they are, and in the middle world leaves"
        f" {words.percent(tail[ADOPTED])} unserved in bad years{_as_it_is(found, tail[ADOPTED])}, against {words.percent(tail[CHEAPEST])} with the cheapest mix and"
        f" {words.percent(tail[SAFEST])} with the safest; in one world of twenty it leaves more than {words.percent(worst)}. It costs"
        f" the least of the three in {words.percent(best[ADOPTED])} of worlds, the cheapest mix in {words.percent(best[CHEAPEST])}, the safest in"
        f" {words.percent(best[SAFEST])}."
    )
    return words.unbroken(text)


def _as_it_is(found: Sample, tail: float) -> str:
    """What the shortfall would be with all facts as they are, where that is another figure."""
    rows = {(row["plan"], row["measure"]): row["as_it_is"] for row in found.summary.to_dict("records")}
    plain = float(rows[(ADOPTED, "tail_shortfall")])
    return (
        f" ({words.percent(plain)} with all facts as they are)" if words.percent(plain) != words.percent(tail) else ""
    )


def summary(found: Sample) -> pd.DataFrame:
    """Each plan and measure: mean, the middle world, nine worlds of ten, and with all facts as they are."""
    rows = []
    for row in found.summary.to_dict("records"):
        title, scale, digits = MEASURES[str(row["measure"])]
        numbers = {
            "Mean": "mean", "1 in 20 below": "p05", "Middle": "p50", "1 in 20 above": "p95", "Facts as they are": "as_it_is",
        }  # fmt: skip
        shown = {name: round(float(row[column]) * scale, digits) + 0.0 for name, column in numbers.items()}
        rows.append({"Measure": title, "Plan": PLANS[str(row["plan"])], **shown})
    return pd.DataFrame(rows)


def failing(found: Sample) -> str:
    """When the mix on screen fails, in words (Markdown); only conditions that really separate are named."""
    when = conditions(found)
    first = f"It counts as failing here with {when.failure.words}: that is so in {words.percent(when.box.base)} of the worlds."
    if not when.box.separates:
        return f"{first} No short list of conditions tells these worlds from the others."
    listed = "\n".join(f"- {line}" for line in when.lines)
    return (
        f"{first} It fails in **{_of_ten(when)}** in which all of this holds:\n\n{listed}\n\n{words.percent(when.box.share)} of all worlds are"
        f" such, and {words.percent(when.box.coverage)} of all failures lie among them (coverage; the share that fails there,"
        f" {words.percent(when.box.density)}, is the density). Both are counted in worlds that were not used to find the conditions."
    )


def _of_ten(when: Conditions) -> str:
    """The density of the box: 'nine of ten worlds'."""
    ten = round(10 * when.box.density)
    return "all worlds" if ten == 10 else f"{words.count(ten, 'of ten worlds', 'of ten worlds')}"


def failing_table(found: Sample) -> pd.DataFrame:
    """The conditions as a table for people: one line for each, with how well they separate together."""
    names = {
        "what": "Number", "unit": "Unit", "low": "At least", "high": "At most", "fails_share": "Fails in all worlds, %",
        "box_share": "Worlds in which all hold, %", "density": "Fails there (density), %", "coverage": "Failures that lie there (coverage), %",
    }  # fmt: skip
    frame = conditions(found).frame
    shares = ["fails_share", "box_share", "density", "coverage"]
    return frame[list(names)].assign(**{name: (100 * frame[name]).round(0) for name in shares}).rename(columns=names)


def drawn_as(found: Sample) -> str:
    """How the worlds were drawn, with the seed."""
    left_out = f"; {found.impossible:,} that cannot be were left out" if found.impossible else ""
    return (
        f"{words.number(len(found.measures))} worlds over {len(found.facts):,} facts, triangular distributions, seed {found.seed}"
        f"{left_out}. {REGRET_NOTE}"
    )
