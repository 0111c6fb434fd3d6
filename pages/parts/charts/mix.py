"""Charts of a mix: each function returns the rows that are drawn and their Vega-Lite specification; no Streamlit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from model.evidence.schema import COMMODITIES, FEEDSTOCKS, MAGNETS
from model.evidence.store import Evidence
from model.results.mix import Mix

Spec = dict[str, Any]
Chart = tuple[pd.DataFrame, Spec]

SHORT = "Shortage"
RESERVE = "From the reserve"
SHORT_COLOUR = "#B3261E"
RESERVE_COLOUR = "#C9B458"
INK = "#1B2733"
COMMODITY_COLOURS = {
    "ndfeb": "#56B4E9", "ndfeb_hc": "#0072B2", "smco": "#CC79A7",
    "ndpr_oxide": "#E69F00", "dytb_oxide": "#8C510A", "sm_oxide": "#7F7F7F",
}  # fmt: skip
HEIGHT, TALL = 330, 470
VISIBLE_T = 0.05
"""Less than this many tonnes is not drawn."""
LEGEND_COLUMNS: Spec = {"expr": "width && containerSize()[0] < 500 ? 2 : containerSize()[0] < 650 ? 3 : 5"}
"""As many as have room; told by the width, so that it is asked again when the width changes."""
FONT = "explorer-sans, sans-serif"
"""The letters of charts and maps: a font that the app ships (`.streamlit/config.toml`), so that nothing runs over on machines with
other fonts."""
CONFIG: Spec = {
    "font": FONT,
    "axis": {"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal", "gridColor": "#E6EBF0"},
    "legend": {
        "labelFontSize": 13, "symbolSize": 140, "symbolStrokeWidth": 0, "orient": "bottom", "offset": 6,
        "columns": LEGEND_COLUMNS, "labelLimit": 130, "title": None,
    },
    "view": {"stroke": None},
}  # fmt: skip


# -- rows ----------------------------------------------------------------------------------------------------------


def colours(evidence: Evidence, shown: Iterable[str]) -> dict[str, str]:
    """The names shown to their colours, in the order of the evidence."""
    every = {route.short: route.colour for route in evidence.routes.values()} | {
        RESERVE: RESERVE_COLOUR,
        SHORT: SHORT_COLOUR,
    }
    wanted = set(shown)
    return {name: colour for name, colour in every.items() if name in wanted}


def by_route(mix: Mix, evidence: Evidence, commodities: Iterable[str], undisturbed: bool) -> pd.DataFrame:
    """One row for each route in use and each year: year, route, kind, planned_t, delivered_t, share (% of demand), cost_usd_per_kg,
    rank; expected or undisturbed deliveries of these commodities together."""
    places = [COMMODITIES.index(commodity) for commodity in commodities]
    planned, expected, unit_cost = (array[:, places] for array in (mix.plan, mix.expected, mix.unit_cost))
    delivered = (mix.deliver[..., 0][:, places] if undisturbed else expected).sum(axis=1)
    cost, weight = (unit_cost * expected).sum(axis=1), expected.sum(axis=1)
    unit = np.divide(cost, weight, out=np.full_like(cost, np.nan), where=weight > VISIBLE_T)
    used = np.flatnonzero(planned.sum(axis=(1, 2)) > VISIBLE_T)
    routes, years = [evidence.routes[mix.case.routes[place]] for place in used], mix.case.years
    return pd.DataFrame(
        {
            "year": np.tile(years, len(used)),
            "route": np.repeat([route.short for route in routes], len(years)),
            "kind": np.repeat([route.stage for route in routes], len(years)),
            "planned_t": planned.sum(axis=1)[used].ravel(),
            "delivered_t": delivered[used].ravel(),
            "share": 100 * (delivered / mix.case.total_demand)[used].ravel(),
            "cost_usd_per_kg": unit[used].ravel(),
            "rank": np.repeat(used, len(years)),
        }
    )


def gaps(mix: Mix, undisturbed: bool) -> pd.DataFrame:
    """Rows as in `by_route` for what the reserve gives and what goes short, magnets only, expected or undisturbed."""
    years, drawn = mix.years, mix.outcomes["draw_t"].to_numpy().reshape(len(mix.years), -1)
    short = years["undisturbed_shortfall_share" if undisturbed else "expected_shortfall_share"] * years["demand_t"]
    reserve = drawn[:, 0] if undisturbed else drawn @ mix.states["probability"].to_numpy()
    tables = [
        pd.DataFrame(
            {"year": years["year"].astype(int), "route": name, "kind": kind, "planned_t": 0.0, "delivered_t": tonnes}
            | {"share": 100 * tonnes / years["demand_t"], "cost_usd_per_kg": float("nan"), "rank": rank}
        )
        for name, kind, tonnes, rank in ((RESERVE, "reserve", reserve, 900), (SHORT, "short", short, 901))
        if tonnes.max() > VISIBLE_T
    ]
    return pd.concat(tables) if tables else pd.DataFrame()


# -- pieces of a specification -------------------------------------------------------------------------------------


def year_axis() -> Spec:
    """Years as whole numbers, one place each."""
    return {
        "field": "year", "type": "ordinal", "title": None, "scale": {"type": "band"},
        "axis": {"labelAngle": 0, "labelOverlap": True, "grid": False},
    }  # fmt: skip


def tonnes_axis(field: str, title: str) -> Spec:
    """An upright axis that starts at zero."""
    return {"field": field, "type": "quantitative", "title": title, "axis": {"format": ",.0f", "tickCount": 6}}


def colour(scale: dict[str, str], field: str = "route") -> Spec:
    """Colour by name with a fixed scale, so that a route looks the same everywhere."""
    return {"field": field, "type": "nominal", "scale": {"domain": list(scale), "range": list(scale.values())}}


def tip(field: str, title: str, form: str = "") -> Spec:
    """One line of a tooltip."""
    return {
        "field": field,
        "title": title,
        "type": "quantitative" if form else "nominal",
        **({"format": form} if form else {}),
    }


def stacked(scale: dict[str, str], title: str, tips: list[Spec], line: Spec | None = None) -> Spec:
    """Areas stacked by route, over them unseen bars that carry the tooltips, over all a line to compare with."""
    base = {
        "x": year_axis(),
        "y": tonnes_axis("delivered_t", title),
        "order": {"field": "rank", "type": "quantitative"},
    }
    light = "datum.kind == 'short' || datum.kind == 'substitute' || datum.kind == 'reserve'"
    areas = {
        "mark": {"type": "area", "line": False, "strokeWidth": 1.5},
        "encoding": {
            **base,
            "color": colour(scale),
            "stroke": colour(scale),
            "fillOpacity": {"condition": {"test": light, "value": 0.3}, "value": 0.92},
        },
    }
    bars = {
        "mark": {"type": "bar", "opacity": 0, "width": {"band": 1}},
        "encoding": {**base, "detail": {"field": "route"}, "tooltip": tips},
    }
    return {"height": TALL if line else HEIGHT, "layer": [areas, bars, *([line] if line else [])], "config": CONFIG}


def level_line(values: list[dict[str, Any]], name: str) -> Spec:
    """A dark line with points: what a stack is measured against. `values`: rows year, level."""
    return {
        "data": {"values": values},
        "layer": [
            {"mark": {"type": "line", "color": INK, "strokeWidth": 2.5}},
            {"mark": {"type": "point", "color": INK, "filled": True, "size": 45}},
        ],
        "encoding": {
            "x": year_axis(),
            "y": {"field": "level", "type": "quantitative"},
            "tooltip": [tip("year", "Year"), tip("level", f"{name}, t", ",.0f")],
        },
    }


# -- charts --------------------------------------------------------------------------------------------------------


def magnets(mix: Mix, evidence: Evidence, undisturbed: bool = False) -> Chart:
    """Where magnets come from by year, t: expected deliveries (or an undisturbed year's) by route, reserve, shortage; demand as a line."""
    rows = pd.concat([by_route(mix, evidence, MAGNETS, undisturbed), gaps(mix, undisturbed)], ignore_index=True)
    tips = [
        tip("route", "Route"), tip("year", "Year"), tip("delivered_t", "Tonnes", ",.0f"), tip("share", "% of demand", ".1f"),
        tip("planned_t", "Planned, t", ",.0f"), tip("cost_usd_per_kg", "Cost, USD/kg", ".1f"),
    ]  # fmt: skip
    demand = [
        {"year": int(y), "level": float(t)} for y, t in zip(mix.years["year"], mix.years["demand_t"], strict=True)
    ]
    return rows, stacked(colours(evidence, rows["route"]), "Magnets, t a year", tips, level_line(demand, "Demand"))


def oxide(mix: Mix, evidence: Evidence, undisturbed: bool = False) -> Chart:
    """Where the oxide behind Indian magnets comes from by year, t of oxide by route."""
    rows = by_route(mix, evidence, FEEDSTOCKS, undisturbed)
    tips = [
        tip("route", "Route"), tip("year", "Year"), tip("delivered_t", "Oxide, t", ",.0f"), tip("planned_t", "Planned, t", ",.0f"),
        tip("cost_usd_per_kg", "Cost, USD/kg", ".1f"),
    ]  # fmt: skip
    return rows, stacked(colours(evidence, rows["route"]), "Oxide, t a year", tips)


def built(mix: Mix, evidence: Evidence) -> Chart:
    """What comes on line in each year, t/y of new capacity by route."""
    rows = mix.capacity[mix.capacity["added_t"] > 0.05]
    rows = rows.assign(route=[evidence.routes[route].short for route in rows["route"]], year=rows["year"].astype(int))
    rows = rows[["year", "route", "added_t", "capacity_t", "capital_inr_crore"]].reset_index(drop=True)
    spec = {
        "height": HEIGHT,
        "mark": {"type": "bar", "width": {"band": 0.7}},
        "encoding": {
            "x": {**year_axis(), "scale": {"type": "band", "domain": list(mix.case.years)}},
            "y": tonnes_axis("added_t", "New capacity, t/y"),
            "color": colour(colours(evidence, rows["route"])),
            "tooltip": [
                tip("route", "Route"), tip("year", "Year"), tip("added_t", "Added, t/y", ",.0f"),
                tip("capacity_t", "Then in all, t/y", ",.0f"), tip("capital_inr_crore", "Capital, INR crore", ",.0f"),
            ],
        },
        "config": CONFIG,
    }  # fmt: skip
    return rows, spec


def reserve(mix: Mix, evidence: Evidence, days: bool = True) -> Chart:
    """The strategic reserve at the end of each year by product, in days of need or in tonnes."""
    rows = mix.reserve[mix.reserve.groupby("commodity")["stock_t"].transform("max") > 0.005]
    info = evidence.commodities
    scale = {info[c].short: COMMODITY_COLOURS[c] for c in info if c in set(rows["commodity"])}
    rows = rows.assign(commodity=rows["commodity"].map({c: info[c].short for c in info}), year=rows["year"].astype(int))
    rows = rows[["year", "commodity", "stock_t", "days", "filled_t"]].reset_index(drop=True)
    mark: Spec = {"type": "line", "strokeWidth": 3, "point": {"size": 60, "filled": True}} if days else {"type": "bar"}
    spec = {
        "height": HEIGHT,
        "mark": mark,
        "encoding": {
            "x": year_axis(),
            "y": tonnes_axis(*(("days", "Days of need") if days else ("stock_t", "In stock, t"))),
            "color": colour(scale, "commodity"),
            "tooltip": [
                tip("commodity", "Product"), tip("year", "Year"), tip("stock_t", "In stock, t", ",.0f"),
                tip("days", "Days of need", ".0f"), tip("filled_t", "Bought, t", ",.0f"),
            ],
        },
        "config": CONFIG,
    }  # fmt: skip
    return rows, spec


def shortage(mix: Mix, evidence: Evidence, year: int) -> Chart:
    """Share of each sector's demand that goes unserved in each state of the world in a year, worst states on top."""
    case, states = mix.case, mix.states.set_index("state")
    place = case.years.index(year)
    short, demand = mix.short[:, :, place].sum(axis=1), case.demand[:, :, place].sum(axis=1)
    users = np.flatnonzero(demand > 0)
    odds = states["probability"].map("{:.1%}".format).str.replace("%", " %")
    shown = odds + ": " + states["name"].str.replace(" and ", " + ", regex=False)
    names, count = [evidence.sectors[case.sectors[user]].name for user in users], len(case.states)
    table = pd.DataFrame(
        {
            "state": np.repeat([shown[state] for state in case.states], len(users)),
            "probability": np.repeat([100 * states["probability"][state] for state in case.states], len(users)),
            "sector": names * count,
            "share": (100 * short[users] / demand[users, None]).T.ravel(),
            "short_t": short[users].T.ravel(),
            "demand_t": np.tile(demand[users], count),
        }
    )
    table["short_in_state_t"] = table.groupby("state")["short_t"].transform("sum")
    sectors = [sector.name for sector in evidence.sectors.values()]
    x = {"field": "sector", "type": "nominal", "sort": sectors, "title": None, "axis": SECTOR_LABELS}
    worst = {
        "field": "short_in_state_t",
        "op": "max",
        "order": "descending",
    }  # in the rows: the chart is then not drawn anew
    y = {"field": "state", "type": "nominal", "sort": worst, "title": None, "axis": STATE_LABELS}
    tips = [
        tip("state", "State of the world"), tip("probability", "Probability, %", ".1f"), tip("sector", "Users"),
        tip("share", "Short, % of their demand", ".1f"), tip("short_t", "Short, t", ",.1f"), tip("demand_t", "Demand, t", ",.0f"),
    ]  # fmt: skip
    shade = {
        "field": "share", "type": "quantitative", "title": "Unserved, % of demand",
        "scale": {"domain": {"unionWith": [0, 10]}, "range": ["#F3F6F9", "#F6C667", "#D5572B", "#7A1020"], "interpolate": "rgb"},
        "legend": {"orient": "bottom", "title": "Unserved, % of demand", "gradientLength": 200},
    }  # fmt: skip
    label = {
        "text": {"field": "share", "format": ".0f"},
        "color": {"condition": {"test": "datum.share > 0.55 * domain('color')[1]", "value": "white"}, "value": INK},
        "opacity": {"condition": {"test": "datum.share < 0.5 || width < 380", "value": 0}, "value": 1},
    }
    spec = {
        "height": {"step": 26},
        "encoding": {"x": x, "y": y},
        "layer": [
            {"mark": {"type": "rect", "stroke": "white"}, "encoding": {"color": shade, "tooltip": tips}},
            {"mark": {"type": "text", "fontSize": 12}, "encoding": {**label, "tooltip": tips}},
        ],
        "config": CONFIG,
    }
    return table, spec


STATE_LABELS: Spec = {
    "labelLimit": {"expr": "containerSize()[0] < 500 ? 130 : 0.36 * containerSize()[0]"}, "labelFlush": False,
}  # fmt: skip
SECTOR_LABELS: Spec = {
    "labelAngle": {"expr": "containerSize()[0] < 500 ? -90 : -25"}, "labelAlign": "right", "labelOverlap": False, "labelLimit": 240,
    "labelBaseline": "middle",
}  # fmt: skip
"""Names of states and users, as long as a phone or a wide screen has room for."""


def wide(rows: pd.DataFrame, mix: Mix) -> pd.DataFrame:
    """Deliveries in whole t as a table with one line for each route and one column for each year; demand as the last line where it
    can be compared."""
    table = rows.pivot_table(index="route", columns="year", values="delivered_t", aggfunc="sum", sort=False)
    if (rows["kind"] != "oxide").any():
        table.loc["Demand"] = mix.years.set_index("year")["demand_t"]
    return table.sort_index(axis=1).round().astype(int).rename(columns=str)
