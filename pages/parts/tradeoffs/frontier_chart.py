"""The frontier of cost against worst-case shortfall and the routes along it, as charts for the Trade-offs page; no Streamlit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from model.analysis.near_optimal.frontier import Curve, Point
from model.evidence.store import Evidence
from model.results.mix import SMALL_T
from pages.parts.charts.mix import CONFIG, INK, Chart, Spec, colour, colours, tip
from pages.parts.tradeoffs.parallel_coordinates import MEASURES
from pages.parts.tradeoffs.text import limit_name, look, name_of

SHAPES = {"This mix": "diamond", "Cheapest mix": "square", "Today's course": "triangle-up"}
LEFT_PX, RIGHT_PX = 58, 20


# -- the frontier -----------------------------------------------------------------------------------------------


def rows(curves: Iterable[Curve], marks: Mapping[str, Point]) -> pd.DataFrame:
    """One row for each point and for each marked mix: what is drawn in the frontier chart. Shortfall in %, money in INR crore a year."""
    found = [_row(p, limit_name(c.china_limit), _kind(c, p)) for c in curves for p in c.points]
    found += [_row(point, name, "mark") for name, point in marks.items()]
    return pd.DataFrame(found)


def _kind(curve: Curve, point: Point) -> str:
    return "bend" if curve.knee is not None and curve.knee.point is point else "point"


def _row(point: Point, line: str, kind: str) -> dict[str, object]:
    label = line.replace("at most ", "").replace("no limit on China", "no limit")
    return {
        "line": line, "label": label, "brief": label.replace(" from China", ""), "kind": kind, "point": name_of(point) if kind != "mark" else line,
        "shortfall_pct": 100 * point.tail, "total_crore": point.total_crore, "bill_crore": point.bill_crore, "harm_crore": point.harm_crore,
    } | {m.id: point.indicators[m.id] * m.times for m in MEASURES if m.id != "total_crore"}  # fmt: skip


def shown(table: pd.DataFrame, line: str = "") -> pd.DataFrame:
    """The rows to draw: all of them, or one line and the marked mixes beside it."""
    if not line:
        return table
    own = table[table["line"] == line]
    low, high = own["shortfall_pct"].min(), own["shortfall_pct"].max()
    room = 0.1 * (high - low)
    beside = (table["kind"] == "mark") & table["shortfall_pct"].between(low - room, high + room)
    return table[(table["line"] == line) | beside]


def domain(table: pd.DataFrame) -> list[float]:
    """Ends of the axis of shortfall, %, that both charts share."""
    low, high = float(table["shortfall_pct"].min()), float(table["shortfall_pct"].max())
    room = max(0.05 * (high - low), 0.05)
    return [max(0.0, low - room), high + room]


def _shortfall_axis(ends: list[float]) -> Spec:
    return {
        "field": "shortfall_pct", "type": "quantitative", "scale": {"domain": ends, "nice": False},
        "title": "Worst-case shortfall, % of demand", "axis": {"tickCount": 6, "grid": True},
    }  # fmt: skip


def _reach(table: pd.DataFrame) -> list[float]:
    """Ends of the axis of cost, INR crore a year, with room for names above and below."""
    low, high = float(table["total_crore"].min()), float(table["total_crore"].max())
    room = max(0.12 * (high - low), 1.0)
    return [low - room, high + room / 2]


def frontier_chart(table: pd.DataFrame, drawn: Sequence[float], chosen: str = "", clickable: bool = True) -> Chart:
    """Cost against worst-case shortfall: a line for each limit on China, bends as large dots, marked mixes by shape and name.
    `chosen`: the point with a ring around it. The parameter `pick` gives the point clicked."""
    style = look(drawn)
    names = [name for name in style if name in set(table["line"])]
    shade = {name: style[name][0] for name in names}
    x = _shortfall_axis(domain(table))
    y = {
        "field": "total_crore", "type": "quantitative", "title": "Cost, discounted, INR crore a year",
        "scale": {"zero": False, "nice": False, "domain": _reach(table)},
        "axis": {"format": ",.0f", "tickCount": 6, "minExtent": LEFT_PX, "maxExtent": LEFT_PX},
    }  # fmt: skip
    tips = [
        tip("line", "Limit or mix"), tip("shortfall_pct", "Worst-case shortfall, %", ".1f"), tip("total_crore", "Cost, discounted, INR crore a year", ",.0f"),
        tip("bill_crore", "of it the bill", ",.0f"), tip("harm_crore", "of it harm of shortage", ",.0f"), tip("china_share", "From China, %", ".0f"),
    ]  # fmt: skip
    dash = {
        "field": "line",
        "type": "nominal",
        "scale": {"domain": names, "range": [style[n][1] for n in names]},
        "legend": None,
    }
    hue = {**colour(shade, "line"), "legend": None}
    lines = "datum.kind !== 'mark'"
    ring = {"mark": {"type": "point", "size": 420, "stroke": INK, "strokeWidth": 2.5}, "encoding": {"x": x, "y": y}}
    layers: list[Spec] = [
        {"transform": [{"filter": lines}], "mark": {"type": "line", "strokeWidth": 3},
         "encoding": {"x": x, "y": y, "color": hue, "strokeDash": dash, "order": {"field": "shortfall_pct"}}},
        *([{"transform": [{"filter": f"datum.point === '{chosen}'"}], **ring}] if chosen else []),
        {"name": "dots", "transform": [{"filter": lines}], "mark": {"type": "point", "filled": True, "opacity": 1},
         "encoding": {"x": x, "y": y, "color": hue, "tooltip": tips,
                      "size": {"condition": {"test": "datum.kind === 'bend'", "value": 190}, "value": 34}}},
        {"transform": [{"filter": "datum.kind === 'mark'"}], "mark": {"type": "point", "filled": True, "size": 170, "opacity": 1, "color": INK},
         "encoding": {"x": x, "y": y, "tooltip": tips, "shape": {"field": "line", "type": "nominal", "legend": None,
                      "scale": {"domain": list(SHAPES), "range": list(SHAPES.values())}}}},
        _text(x, y, "datum.line === 'This mix'", INK, {"dx": 4, "dy": -20, "align": "left", "fontWeight": "bold"}),
        _text(x, y, "datum.line === 'Cheapest mix'", INK, {"dy": 18, "align": "center"}),
        _text(x, y, 'datum.line === "Today\'s course"', INK, {"dx": -10, "align": "right"}),
    ]  # fmt: skip
    ends = table[table["kind"] != "mark"].sort_values("shortfall_pct").groupby("line", sort=False).head(1)
    for end in ends.itertuples():
        test = f"datum.point === '{end.point}'"
        layers.append(_text(x, y, test, shade[str(end.line)], {"dy": -12, "align": "left", "fontWeight": "bold"}))
    spec: Spec = {
        "height": 400,
        "layer": layers,
        "config": CONFIG,
        "padding": {"right": RIGHT_PX, "top": 22, "left": 5, "bottom": 5},
    }
    if clickable:
        pick = {"type": "point", "fields": ["point"], "nearest": True, "on": "click", "toggle": False, "clear": False}
        spec["params"] = [{"name": "pick", "select": pick, "views": ["dots"]}]
    return table, spec


def _text(x: Spec, y: Spec, test: str, shade: str, mark: Spec) -> Spec:
    """Names beside points."""
    return {
        "transform": [{"filter": test}], "mark": {"type": "text", "fontSize": 13, "color": shade, **mark},
        "encoding": {"x": x, "y": y, "text": {"condition": {"test": "width < 330", "field": "brief"}, "field": "label"}},
    }  # fmt: skip


# -- routes along a line ----------------------------------------------------------------------------------------


def share_rows(curve: Curve, evidence: Evidence) -> pd.DataFrame:
    """Share of magnet demand by route at each point of a line, %, with t a year; routes that are never used are left out."""
    used = [r for r in evidence.routes if any(p.magnets_t.get(r, 0.0) > SMALL_T for p in curve.points)]
    return pd.DataFrame(
        {
            "shortfall_pct": 100 * p.tail,
            "route": evidence.routes[r].short,
            "share": 100 * p.magnets_t[r] / p.demand_t,
            "supply_t": p.magnets_t[r],
            "rank": rank,
        }
        for p in curve.points
        for rank, r in enumerate(used)
    )


def shares_chart(table: pd.DataFrame, evidence: Evidence, ends: list[float], at: float) -> Chart:
    """Stacked shares of routes along a line, under the same axis; an upright rule marks the point chosen, `at` % of shortfall."""
    x = _shortfall_axis(ends)
    y = {
        "field": "share", "type": "quantitative", "title": "% of magnet demand", "stack": "zero", "scale": {"domain": [0, 100], "clamp": True},
        "axis": {"tickCount": 5, "minExtent": LEFT_PX, "maxExtent": LEFT_PX},
    }  # fmt: skip
    order = {"field": "rank", "type": "quantitative"}
    tips = [
        tip("route", "Route"), tip("shortfall_pct", "Worst-case shortfall, %", ".1f"), tip("share", "% of magnet demand", ".1f"),
        tip("supply_t", "Tonnes a year", ",.0f"),
    ]  # fmt: skip
    shade = colours(evidence, table["route"])
    layers: list[Spec] = [
        {"mark": {"type": "area", "line": False}, "encoding": {"x": x, "y": y, "order": order, "color": colour(shade)}},
        {"mark": {"type": "bar", "opacity": 0, "size": 12},
         "encoding": {"x": x, "y": y, "order": order, "detail": {"field": "route"}, "tooltip": tips}},
        {"data": {"values": [{"shortfall_pct": at}]}, "mark": {"type": "rule", "color": INK, "strokeWidth": 2}, "encoding": {"x": x}},
    ]  # fmt: skip
    return table, {
        "height": 350,
        "layer": layers,
        "config": CONFIG,
        "padding": {"right": RIGHT_PX, "left": 5, "top": 5, "bottom": 5},
    }


# -- tables -----------------------------------------------------------------------------------------------------

COLUMNS: Mapping[str, str] = {
    "line": "Limit or mix", "kind": "Kind", "shortfall_pct": "Worst-case shortfall, %", "total_crore": "Cost, discounted, INR crore a year",
    "bill_crore": "Bill, discounted, INR crore a year", "harm_crore": "Harm of shortage, discounted, INR crore a year", "route": "Route", "share": "% of magnet demand",
    "supply_t": "Supply, t a year",
} | {m.id: m.title for m in MEASURES if m.id not in {"total_crore", "tail_shortfall"}}  # fmt: skip


def told(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a chart as people read them and as they are downloaded."""
    shown = table[[name for name in COLUMNS if name in table]]
    return shown.rename(columns=dict(COLUMNS)).round(2)
