"""How far each route can move near the best cost, as the Alternatives page says and draws it; no Streamlit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.analysis.near_optimal.ranges import TRACE, Ranges
from model.evidence.store import Evidence
from model.results.mix import Mix
from pages.parts.charts.mix import CONFIG, INK, Chart, Spec, tip, tonnes_axis, year_axis
from pages.parts.text import common as words

RANGES_TITLE = "How far each route can move"
RANGES_NOTE = (
    "Tonnes a year on average over the years with decisions. The bar runs from the least to the most that a route supplies in any plan"
    " within the margin; the dark upright mark is the mix on screen. All limits at the side hold. Click a bar to see that route year by year."
)
OXIDE_TITLE = "The same for the oxide behind Indian magnets"
OXIDE_NOTE = "Tonnes of oxide a year. Which oxide is used is a choice only as far as Indian plants are built."
YEAR_TITLE = "One route, year by year"
YEAR_NOTE = "The band is the least and the most in that year alone: two years cannot always be at their ends together."
AIM_NOTE = "The mix on screen has another aim than cost; here the limits hold and only cost counts, so it may lie outside a bar."
NOT_YET = "None of these routes was looked at yet."
NO_FINDING = "What else is nearly as good as the best plan?"
MOST_MARGIN = 25.0
"""The largest margin on the slider, %."""
MARGIN_LABEL = "How much more than the least cost a plan may cost, %"
MARGIN_HELP = (
    "Of the expected total cost over all years, discounted, harm of shortage included. At 0 only the best plan is left."
    " Costs ten years ahead are known far worse than to 5 %, so all these plans are as good as the best."
)
KINDS = {"must-have": "Must-have", "real choice": "Real choice", "never": "Never"}
KIND_COLOURS = {"Must-have": "#0072B2", "Real choice": "#E69F00", "Never": "#8A8A8A"}
KIND_SHAPES = {"Must-have": "square", "Real choice": "circle", "Never": "cross"}
KIND_NOTE = (
    "■ **Must-have**: part of every plan within the margin. ● **Real choice**: some plans go without it, or keep a trace of less than"
    f" {100 * TRACE:.0f} % of the most that it can give. ✚ **Never**: no plan within the margin uses it."
)
WORD_ROOM = 1.3
"""How much longer than the longest bar the axis is, so that the word of its class fits."""
SETTLED = 0.01
"""A route that can move by less than this share of demand is as good as settled."""


# -- ranges --------------------------------------------------------------------------------------------------------


def horizon(found: Ranges, mix: Mix, evidence: Evidence) -> pd.DataFrame:
    """One row for each route, widest supply first: id, route, stage, kind, least_t, now_t, most_t (t/y on average over the years with
    decisions), least and most as % of magnet demand (empty for oxide). `now_t` is the mix on screen."""
    decided = ~mix.case.fixed
    years, now = decided.sum(), mix.expected[:, :, decided].sum(axis=(1, 2))
    place = {route: r for r, route in enumerate(mix.case.routes)}
    rows = [
        {
            "id": r.route, "route": evidence.routes[r.route].short, "stage": evidence.routes[r.route].stage, "kind": KINDS[r.kind],
            "least_t": max(0.0, r.least_t) / years, "now_t": float(now[place[r.route]]) / years, "most_t": max(0.0, r.most_t) / years,
            "least_pct": _share(r.least_t, r.demand_t, evidence, r.route), "most_pct": _share(r.most_t, r.demand_t, evidence, r.route),
        }
        for r in found.ranges
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=HORIZON)
    return table.sort_values("most_t", ascending=False, kind="stable", ignore_index=True)


HORIZON = ("id", "route", "stage", "kind", "least_t", "now_t", "most_t", "least_pct", "most_pct")


def _share(tonnes: float, demand: float, evidence: Evidence, route: str) -> float:
    """Percent of magnet demand; not a number for oxide, which is not magnets."""
    return 100 * max(0.0, tonnes) / demand if evidence.routes[route].stage != "oxide" else float("nan")


def finding(found: Ranges, mix: Mix, evidence: Evidence) -> str:
    """What cannot be done without and what is open, in one sentence."""
    if not found.ranges:
        return NO_FINDING
    rows, margin = horizon(found, mix, evidence), found.margin
    years = np.array(mix.case.years)[~mix.case.fixed]
    demand = float(mix.case.total_demand[~mix.case.fixed].mean())
    supply = rows[rows["stage"] == "magnet"]
    needed = supply[supply["kind"] == KINDS["must-have"]].sort_values("least_t", ascending=False)
    within = f"Within {margin:g} % of the least cost" if margin else "At the least cost"
    if not found.complete:
        within = f"Of the {words.count(len(found.ranges), 'route')} looked at so far, {within[:1].lower()}{within[1:]}"
    first = "no route is needed in every plan"
    if len(needed):
        top = needed.iloc[0]
        first = (
            f"no plan for {years[0]} to {years[-1]} can do without {words.spoken(evidence.routes[top['id']])}"
            f" (at least {words.tonnes(words.rounded(top['least_t']))} of {words.tonnes(words.rounded(demand))} a year)"
        )
        supply = supply[supply["id"] != top["id"]]
    widest = supply.assign(room=supply["most_t"] - supply["least_t"]).sort_values("room", ascending=False).head(1)
    if widest.empty or widest["room"].iloc[0] < SETTLED * demand:
        return words.unbroken(f"{within}, {first}, and every other route is all but settled.")
    name = words.spoken(evidence.routes[widest["id"].iloc[0]])
    low, high = (words.number(words.rounded(widest[end].iloc[0])) for end in ("least_t", "most_t"))
    return words.unbroken(f"{within}, {first}, but {name} can supply anything from {low} to {high} t.")


def told(rows: pd.DataFrame) -> pd.DataFrame:
    """The ranges as a table for people."""
    names = {
        "route": "Route", "kind": "Class", "least_t": "Least, t a year", "now_t": "Mix on screen, t a year",
        "most_t": "Most, t a year", "least_pct": "Least, % of demand", "most_pct": "Most, % of demand",
    }  # fmt: skip
    table = rows[list(names)].round(1).rename(columns=names)
    return table.dropna(axis=1, how="all")


def bars(rows: pd.DataFrame, product: str) -> Chart:
    """Least and most of each route as a bar, t a year, its class by colour, shape and word; the mix on screen as an upright mark.
    `product`: 'oxide', or 'magnet' for routes to magnets and those that do without. The parameter `pick` gives the route clicked."""
    rows = rows[(rows["stage"] == "oxide") == (product == "oxide")].reset_index(drop=True)
    order, far = list(rows["route"]), max(1.0, float(rows[["most_t", "now_t"]].to_numpy().max(initial=0.0)))
    y = {
        "field": "route",
        "type": "nominal",
        "sort": order,
        "title": None,
        "axis": {"labelLimit": 140, "labelPadding": 8},
    }
    x = {**tonnes_axis("least_t", "t a year"), "scale": {"domain": [0, far * WORD_ROOM]}}
    x["axis"] = {**x["axis"], "tickCount": {"expr": "containerSize()[0] < 500 ? 3 : 6"}}
    kind: Spec = {
        "field": "kind", "type": "nominal", "scale": {"domain": list(KIND_COLOURS), "range": list(KIND_COLOURS.values())},
        "legend": None,
    }  # fmt: skip
    shape = {**kind, "scale": {"domain": list(KIND_SHAPES), "range": list(KIND_SHAPES.values())}}
    tips = [
        tip("route", "Route"), tip("kind", "Class"), tip("least_t", "Least, t a year", ",.0f"),
        tip("now_t", "Mix on screen, t a year", ",.0f"), tip("most_t", "Most, t a year", ",.0f"),
        tip("least_pct", "Least, % of demand", ".0f"), tip("most_pct", "Most, % of demand", ".0f"),
    ]  # fmt: skip
    word = {"type": "text", "align": "left", "dx": 10, "fontSize": 12, "color": INK}
    aim = {
        "mark": {"type": "bar", "opacity": 0},
        "name": "aim",
        "encoding": {"x": {"datum": 0, "type": "quantitative"}, "x2": {"datum": far * WORD_ROOM}},
    }
    pick = {"type": "point", "fields": ["id"], "on": "click", "toggle": False, "clear": False}
    spec = {
        "height": {"step": 30},
        "params": [{"name": "pick", "select": pick, "views": ["aim"]}],
        "encoding": {"y": y, "tooltip": tips},
        "layer": [
            {
                "mark": {"type": "bar", "height": 12, "opacity": 0.55, "cornerRadius": 3},
                "encoding": {"x": x, "x2": {"field": "most_t"}, "color": kind},
            },
            {"mark": {"type": "point", "filled": True, "size": 110, "opacity": 1}, "encoding": {"x": x, "color": kind, "shape": shape}},
            {
                "mark": {"type": "tick", "thickness": 3, "size": 22, "color": INK},
                "encoding": {"x": {"field": "now_t", "type": "quantitative"}},
            },
            {
                "transform": [{"calculate": "max(datum.most_t, datum.now_t)", "as": "end_t"}],
                "mark": word,
                "encoding": {"x": {"field": "end_t", "type": "quantitative"}, "text": {"field": "kind"}},
            },
            aim,
        ],
        "config": CONFIG,
    }  # fmt: skip
    return rows, spec


def by_year(found: Ranges, mix: Mix, evidence: Evidence) -> Chart:
    """The least and the most of one route in each year as a band, t, with the mix on screen as a line."""
    years = list(mix.case.years)
    rows = pd.DataFrame(
        {
            "year": r.year, "route": evidence.routes[r.route].short, "kind": KINDS[r.kind], "least_t": max(0.0, r.least_t),
            "now_t": float(mix.expected[mix.case.routes.index(r.route), :, years.index(int(r.year or 0))].sum()),
            "most_t": max(0.0, r.most_t), "demand_t": r.demand_t,
        }
        for r in found.ranges
    )  # fmt: skip
    tips = [
        tip("year", "Year"), tip("kind", "Class"), tip("least_t", "Least, t", ",.0f"), tip("now_t", "Mix on screen, t", ",.0f"),
        tip("most_t", "Most, t", ",.0f"),
    ]  # fmt: skip
    band = {**tonnes_axis("least_t", "t in the year")}
    colour = evidence.routes[found.ranges[0].route].colour if found.ranges else INK
    spec = {
        "height": 280,
        "encoding": {"x": year_axis()},
        "layer": [
            {
                "mark": {"type": "bar", "width": {"band": 0.55}, "opacity": 0.45, "color": colour, "cornerRadius": 3},
                "encoding": {"y": band, "y2": {"field": "most_t"}, "tooltip": tips},
            },
            {"mark": {"type": "line", "color": INK, "strokeWidth": 2}, "encoding": {"y": {"field": "now_t", "type": "quantitative"}}},
            {
                "mark": {"type": "point", "color": INK, "filled": True, "size": 60},
                "encoding": {"y": {"field": "now_t", "type": "quantitative"}, "tooltip": tips},
            },
        ],
        "config": CONFIG,
    }  # fmt: skip
    return rows, spec


def year_title(route: str, evidence: Evidence) -> str:
    """What stands over the years of one route."""
    return f"{YEAR_TITLE}: {evidence.routes[route].name}"


def told_by_year(rows: pd.DataFrame) -> pd.DataFrame:
    """The years of one route as a table for people."""
    names = {
        "year": "Year", "kind": "Class", "least_t": "Least, t", "now_t": "Mix on screen, t", "most_t": "Most, t",
        "demand_t": "Demand for magnets, t",
    }  # fmt: skip
    return rows[list(names)].round(1).rename(columns=names)


def year_finding(rows: pd.DataFrame, name: str) -> str:
    """Where the band of one route is widest, for those who cannot see it."""
    if rows.empty:
        return name
    widest = max(rows.to_dict("records"), key=lambda row: float(row["most_t"]) - float(row["least_t"]))
    return (
        f"{name}: widest in {widest['year']}, from {words.tonnes(widest['least_t'])} to {words.tonnes(widest['most_t'])}; the mix on screen"
        f" takes {words.tonnes(widest['now_t'])}."
    )


def bars_finding(rows: pd.DataFrame) -> str:
    """Routes by class, for those who cannot see the bars."""
    named = {kind: list(rows.loc[rows["kind"] == kind, "route"]) for kind in KIND_COLOURS}
    return "; ".join(f"{kind}: {words.listed(routes)}" for kind, routes in named.items() if routes) + "."
