"""What two mixes are compared by beyond what each consists of: one disruption in both, and what safety costs in both; no Streamlit."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

import pandas as pd

from model.analysis.near_optimal.frontier import Curve, point_of
from model.analysis.stress.disruption import Disruption
from model.results.mix import Mix
from pages.parts.charts.mix import CONFIG, INK, SHORT_COLOUR, Chart, Spec, tip
from pages.parts.disruptions.text import lines
from pages.parts.text import common as words
from pages.parts.tradeoffs import frontier_chart
from pages.parts.tradeoffs.text import spot

CURVE_ASK = "Trace what safety costs (some seconds)"
CURVE_NOTE = (
    "Each at its own limit on China, from the safest mix (left) to the cheapest (right); the diamond is the mix that is compared. The axes"
    " are the same for both."
)
SHOCK_NOTE = (
    "Both plans stand when it happens; percent of each user's demand that goes unserved in that year, on one scale."
)


def shock(found: Disruption, plan: str, year: int) -> Chart:
    """Share of each sector's demand that goes unserved in one plan, %. `plan`: mix, cheapest or today."""
    names = [sector.name for sector in found.evidence.sectors.values()]
    rows = found.short[(found.short["year"] == year) & (found.short["plan"] == plan)]
    sums = rows.groupby("sector", as_index=False, sort=False)[["short_t", "demand_t"]].sum()
    table = pd.DataFrame(
        {
            "sector": [found.evidence.sectors[str(s)].name for s in sums["sector"]],
            "share": 100 * sums["short_t"] / sums["demand_t"], "short_t": sums["short_t"], "demand_t": sums["demand_t"],
        }
    )  # fmt: skip
    tips = [
        tip("sector", "Users"), tip("share", "Short, % of their demand", ".1f"), tip("short_t", "Short, t", ",.1f"),
        tip("demand_t", "Demand, t", ",.0f"),
    ]  # fmt: skip
    label = {
        "text": {"field": "share", "format": ".0f"},
        "opacity": {"condition": {"test": "datum.share < 0.5", "value": 0}, "value": 1},
    }
    spec: Spec = {
        "height": {"step": 26},
        "encoding": {
            "y": {"field": "sector", "type": "nominal", "sort": names, "title": None,
                  "axis": {"labelLimit": {"expr": "containerSize()[0] < 500 ? 130 : 230"}}},
            "x": {"field": "share", "type": "quantitative", "title": "Unserved, % of their demand",
                  "scale": {"domain": [0, min(100.0, max(10.0, 1.08 * float(table["share"].max())))]}},
            "tooltip": tips,
        },
        "layer": [
            {"mark": {"type": "bar", "height": {"band": 0.65}, "color": SHORT_COLOUR}},
            {"mark": {"type": "text", "align": "left", "dx": 3, "fontSize": 12, "color": INK}, "encoding": label},
        ],
        "config": CONFIG,
    }  # fmt: skip
    return table, spec


def shock_sentence(found: Disruption, plan: str, year: int) -> str:
    """How much goes short in one plan, what its reserve covers, and what it costs."""
    now = lines(found, year)[plan]
    short = f"{words.tonnes(now['short_t'])} of magnets go short, {words.percent(now['short_share'], 1)} of demand"
    covered = f"the reserve covers {words.tonnes(now['covered_t'])}"
    costs = words.inr_crore(words.rounded(max(0.0, now["extra_harm_crore"])))
    bill = words.signed(now["extra_bill_crore"], lambda crore: words.inr_crore(words.rounded(crore)))
    return words.unbroken(
        f"{found.scene.name} in {year}: {short}; {covered}; harm of shortage {costs} more, bill {bill}."
    )


def curve(found: Curve, mix: Mix) -> Chart:
    """What safety costs at the mix's own limit on China, and where the mix stands."""
    table = frontier_chart.rows([found], {"This mix": point_of(mix)})
    return frontier_chart.frontier_chart(table, [found.china_limit], clickable=False)


def curve_sentence(found: Curve) -> str:
    """From where to where the line leads, and what that costs."""
    safest, cheapest = found.points[0], found.points[-1]
    more = words.inr_crore(words.rounded(max(0.0, safest.total_crore - cheapest.total_crore)))
    return words.unbroken(
        f"From {spot(cheapest)} unserved in the worst years down to {spot(safest)} costs {more} a year more, bill and harm together."
    )


def one_scale(charts: Sequence[Chart]) -> tuple[Chart, ...]:
    """The same charts, each upright and each lying axis with the reach of all of them."""
    every = [(axis, scale["domain"]) for _, spec in charts for axis, scale in _scales(spec)]
    reach = {
        axis: [
            min(ends[0] for name, ends in every if name == axis),
            max(ends[1] for name, ends in every if name == axis),
        ]
        for axis, _ in every
    }
    found = []
    for rows, spec in charts:
        fixed = copy.deepcopy(spec)
        for axis, scale in _scales(fixed):
            scale["domain"] = reach[axis]
        found.append((rows, fixed))
    return tuple(found)


def _scales(part: object) -> Iterator[tuple[str, Spec]]:
    """Every scale of an axis of numbers whose reach is given."""
    if isinstance(part, dict):
        for axis in ("x", "y"):
            channel = part.get(axis)
            if (
                isinstance(channel, dict)
                and channel.get("type") == "quantitative"
                and "domain" in channel.get("scale", {})
            ):
                yield axis, channel["scale"]
        for name, inner in part.items():
            if name not in ("data", "x", "y"):
                yield from _scales(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _scales(inner)
