"""Charts and tables of what a disruption does to three plans that stand, for the Disruptions page; no Streamlit. Volume is t of magnets."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from model.analysis.stress.disruption import Disruption
from pages.parts.charts.mix import CONFIG, RESERVE_COLOUR, SHORT_COLOUR, Chart, Spec, colour, tip, year_axis
from pages.parts.disruptions.text import PLANS, lines

ONE_ON_PHONE: Spec = {"expr": "containerSize()[0] < 500 ? 1 : 4"}
MIX_COLOURS = {"This mix": "#0072B2", "Cheapest mix": "#E69F00", "Today's course": "#7F7F7F"}
MIX_SHAPES = {"This mix": "circle", "Cheapest mix": "square", "Today's course": "triangle-up"}
COVERED, SHORT = "Covered by the reserve", "Goes short"


def sectors_chart(found: Disruption, year: int) -> Chart:
    """Share of each sector's demand that goes unserved, three bars for each: the current mix, the cheapest, today's course."""
    names = [s.name for s in found.evidence.sectors.values()]
    rows = found.short[found.short["year"] == year]
    sums = rows.groupby(["sector", "plan"], as_index=False, sort=False)[["short_t", "demand_t"]].sum()
    table = pd.DataFrame(
        {
            "sector": [found.evidence.sectors[s].name for s in sums["sector"]], "mix": sums["plan"].map(PLANS),
            "share": 100 * sums["short_t"] / sums["demand_t"], "short_t": sums["short_t"], "demand_t": sums["demand_t"],
        }
    )  # fmt: skip
    plans = list(MIX_COLOURS)
    tips = [
        tip("sector", "Users"), tip("mix", "Plan"), tip("share", "Short, % of their demand", ".1f"), tip("short_t", "Short, t", ",.1f"),
        tip("demand_t", "Demand, t", ",.0f"),
    ]  # fmt: skip
    base: Spec = {
        "y": {"field": "sector", "type": "nominal", "sort": names, "title": None,
              "axis": {"labelLimit": {"expr": "containerSize()[0] < 500 ? 130 : 230"}}},
        "yOffset": {"field": "mix", "type": "nominal", "sort": plans, "scale": {"domain": plans}},
        "x": {"field": "share", "type": "quantitative", "title": "Unserved, % of their demand",
              "scale": {"domain": [0, min(100.0, max(10.0, 1.08 * float(table["share"].max())))]}},
        "tooltip": tips,
    }  # fmt: skip
    label = {
        "text": {"field": "share", "format": ".0f"},
        "opacity": {"condition": {"test": "datum.share < 0.5", "value": 0}, "value": 1},
    }
    bars = {
        "mark": {"type": "bar"},
        "encoding": {**base, "color": {**colour(MIX_COLOURS, "mix"), "legend": _legend()}},
    }
    texts = {"mark": {"type": "text", "align": "left", "dx": 3, "fontSize": 11}, "encoding": {**base, **label}}
    return table, {"height": {"step": 13}, "layer": [bars, texts], "config": CONFIG}


def _legend() -> Spec:
    return {"orient": "bottom", "title": None, "columns": ONE_ON_PHONE, "labelLimit": 240}


def years_chart(found: Disruption, year: int) -> Chart:
    """Share of demand that goes unserved if it happened in another year, a line for each plan; an upright at the year chosen."""
    rows = found.frame
    table = pd.DataFrame(
        {"year": rows["year"], "mix": rows["plan"].map(PLANS), "share": 100 * rows["short_share"], "short_t": rows["short_t"],
         "covered_t": rows["covered_t"]}
    )  # fmt: skip
    tips = [
        tip("year", "Year"), tip("mix", "Plan"), tip("share", "Short, % of demand", ".1f"), tip("short_t", "Short, t", ",.0f"),
        tip("covered_t", "Covered by the reserve, t", ",.0f"),
    ]  # fmt: skip
    shape = {
        "field": "mix",
        "type": "nominal",
        "scale": {"domain": list(MIX_SHAPES), "range": list(MIX_SHAPES.values())},
    }
    encoding: Spec = {
        "x": year_axis(), "color": {**colour(MIX_COLOURS, "mix"), "legend": _legend()},
        "y": {"field": "share", "type": "quantitative", "title": "% of demand", "axis": {"tickCount": 4}, "scale": {"domainMin": 0}},
    }  # fmt: skip
    layers = [
        {"data": {"values": [{"year": year}]}, "mark": {"type": "rule", "color": "#8895A3", "strokeWidth": 2, "strokeDash": [4, 3]},
         "encoding": {"x": year_axis()}},
        {"mark": {"type": "line", "strokeWidth": 2.5}, "encoding": encoding},
        {"mark": {"type": "point", "filled": True, "size": 60, "opacity": 1}, "encoding": {**encoding, "shape": {**shape, "legend": _legend()}, "tooltip": tips}},
    ]  # fmt: skip
    return table, {"height": 190, "layer": layers, "config": CONFIG}


def reserve_chart(found: Disruption, year: int) -> Chart:
    """What would be missing without a reserve, for each plan: covered by the reserve, and short all the same, t."""
    table = pd.DataFrame(
        {"mix": PLANS[plan], "part": part, "tonnes": line[column], "rank": rank}
        for plan, line in lines(found, year).items()
        for rank, (part, column) in enumerate(((COVERED, "covered_t"), (SHORT, "short_t")))
    )
    return table, stack("mix", list(MIX_COLOURS), "Plan", 34)


def stack(field: str, order: list[str], title: str, step: int) -> Spec:
    """Lying bars: what the reserve covers, then what goes short, t."""
    return {
        "height": {"step": step},
        "mark": {"type": "bar", "height": {"band": 0.75}},
        "encoding": {
            "y": {"field": field, "type": "nominal", "sort": order, "title": None, "axis": {"labelLimit": {"expr": "containerSize()[0] < 500 ? 130 : 220"}}},
            "x": {"field": "tonnes", "type": "quantitative", "title": "t of magnets", "axis": {"format": ",.0f", "tickCount": 5}, "stack": "zero"},
            "color": {**colour({COVERED: RESERVE_COLOUR, SHORT: SHORT_COLOUR}, "part"), "legend": _legend()},
            "order": {"field": "rank", "type": "quantitative"},
            "tooltip": [tip(field, title), tip("part", "Part"), tip("tonnes", "Tonnes", ",.0f")],
        },
        "config": CONFIG,
    }  # fmt: skip


TOLD: Mapping[str, str] = {
    "sector": "Users", "year": "Year", "mix": "Plan", "part": "Part", "tonnes": "t of magnets", "share": "Short, %",
    "short_t": "Short, t", "demand_t": "Demand, t", "covered_t": "Covered by the reserve, t",
}  # fmt: skip


def told(drawn: pd.DataFrame) -> pd.DataFrame:
    """The rows of a chart as people read them and as they are downloaded."""
    return clean(drawn[[name for name in TOLD if name in drawn]].rename(columns=dict(TOLD)))


MONEY: Mapping[str, str] = {
    "short_t": "Short, t", "short_share": "Short, % of demand", "covered_t": "Covered by the reserve, t",
    "stock_magnets_t": "Magnets in the reserve before, t", "quiet_bill_crore": "Bill in an undisturbed year, INR crore",
    "bill_crore": "Bill, INR crore", "extra_bill_crore": "Bill, change, INR crore", "extra_harm_crore": "Harm of shortage, change, INR crore",
    "cost": "Bill and harm, change, INR crore",
}  # fmt: skip


def cost_table(found: Disruption, year: int) -> pd.DataFrame:
    """Shortage, reserve and money in a year, as people read them: a line for each measure, a column for each plan."""
    rows = {
        PLANS[plan]: {
            **line, "short_share": 100 * line["short_share"], "cost": line["extra_bill_crore"] + line["extra_harm_crore"],
        }
        for plan, line in lines(found, year).items()
    }  # fmt: skip
    table = pd.DataFrame({plan: {label: line[name] for name, label in MONEY.items()} for plan, line in rows.items()})
    return clean(table.rename_axis(index="Measure").reset_index())


def clean(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers to one decimal, without negative zeros."""
    return table.assign(**{name: table[name].round(1) + 0.0 for name in table.select_dtypes("number").columns})
