"""What safety costs, for the Trade-offs page: rows, charts and sentences about frontiers and the mixes on them; no Streamlit.

Money is INR crore a year, bill and expected harm of shortage together; shortfall is the average of the worst outcomes, % of demand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.evidence import Evidence
from model.frontier import CHINA_LIMITS, Curve, Point
from model.levers import Choice, lever_named
from model.mix import INDICATORS, SMALL_T
from model.trials import on_grid
from pages.parts import words
from pages.parts.charts import CONFIG, INK, Chart, Spec, colour, colours, tip

TITLE = "What safety costs"
NOTE = (
    "Each line: the cheapest mixes at one limit on China, from the safest (left) to the cheapest (right). Cost is bill and expected harm of"
    " shortage together. Click near a point to see its mix, or use the two controls under the chart."
)
SHARES_TITLE = "Which routes come in and go out along the line"
SHARES_NOTE = (
    "Share of magnet demand that each route brings on average, over the target years, along the line chosen; the same axis as above."
    " What is missing up to 100 % comes from the reserve or goes short."
)
MIXES_TITLE = "All mixes that were worked out, side by side"
MIXES_NOTE = (
    "One line for each mix, one upright for each measure, lowest value at the foot. The dark line is the mix that the levers give. Narrow the"
    " ranges to keep only the mixes that you could live with; the others turn grey."
)
UNFINISHED = "The line of these levers was not traced to its end."
LINE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#AA4499")
DASHES = ([1, 0], [9, 4], [3, 3], [9, 3, 2, 3])
SHAPES = {"This mix": "diamond", "Cheapest mix": "square", "Today's course": "triangle-up"}
LEFT_PX, RIGHT_PX = 58, 20
GREY = "#C9D1D9"


@dataclass(frozen=True)
class Measure:
    """One upright of the side-by-side view: a column of the rows, its label, unit, digits, and the factor to that unit."""

    id: str
    label: str
    unit: str
    times: float = 1.0
    digits: int = 0

    @property
    def title(self) -> str:
        """Label with unit: 'Made in India, %'."""
        return f"{self.label}, {self.unit}" if self.unit else self.label


MEASURES = (
    Measure("total_crore", "Cost", "INR crore a year"),
    Measure("tail_shortfall", "Worst-case shortfall", "% of demand", 100, 1),
    Measure("china_share", "Dependence on China", "% of demand", 100, 1),
    Measure("investment_crore", "Investment", "INR crore"),
    Measure("home_share", "Made in India", "% of demand", 100, 1),
    Measure("carbon", "Carbon", "kgCO2e/kg", 1, 1),
    Measure("hhi", "Concentration (HHI)", "0-10,000"),
)


ONE_ON_PHONE: Spec = {"expr": "containerSize()[0] < 500 ? 1 : 4"}
LINE_LEGEND: Spec = {
    "title": None,
    "orient": "bottom",
    "symbolType": "stroke",
    "symbolStrokeWidth": 3,
    "labelLimit": 240,
    "columns": ONE_ON_PHONE,
}


# -- which lines, which point -----------------------------------------------------------------------------------


def limits(choice: Choice) -> tuple[float, ...]:
    """Limits on China to draw, %: that of the levers first, then the usual ones less the one nearest to it."""
    mine = choice.china_limit
    nearest = min(CHINA_LIMITS, key=lambda limit: abs(limit - mine))
    return (mine, *(limit for limit in CHINA_LIMITS if limit != nearest))


def world(choice: Choice) -> Choice:
    """A choice without what differs along and between the lines: both limits off, aim at cost. It names a set of lines."""
    off = {name: lever_named(name).off or 0.0 for name in ("china_limit", "shortfall_limit")}
    return choice.changed(**off, aim="cost")


def limit_name(limit: float) -> str:
    """A limit on China in words: 'at most 60 % from China'."""
    if limit <= 0:
        return "nothing from China"
    return "no limit on China" if limit >= 100 else f"at most {limit:.3g} % from China"


def missing(curves: Iterable[Curve]) -> str:
    """Why some lines have no points, as sentences."""
    return " ".join(curve.reason for curve in curves if not curve.points)


def name_of(point: Point) -> str:
    """What a click on a point gives back: '60-17.6'."""
    return f"{point.choice.china_limit:g}-{point.choice.shortfall_limit:g}"


def nearest(curve: Curve, tail: float) -> Point:
    """The point of a line whose shortfall is nearest to a share of demand."""
    return min(curve.points, key=lambda point: abs(point.tail - tail))


def spot(point: Point) -> str:
    """A point along its line: '17.64 %'."""
    return words.percent(point.tail, 2)


def short_percent(share: float) -> str:
    """A share with one decimal where it says something: 0.176 -> '17.6 %', 0.2 -> '20 %'."""
    return words.percent(share, 0 if abs(100 * share - round(100 * share)) < 0.05 else 1)


def adopted(point: Point, now: Choice) -> Choice:
    """The levers with the limits of a point, that on shortfall on the slider's next looser step; the aim is cost."""
    most = on_grid("shortfall_limit", float(point.choice.shortfall_limit))
    return now.changed(china_limit=point.choice.china_limit, shortfall_limit=most, aim="cost")


def adopt_label(point: Point, now: Choice) -> str:
    """What the button says that adopts a point."""
    wanted = adopted(point, now)
    return f"Adopt: {limit_name(wanted.china_limit)}, at most {wanted.shortfall_limit:g} % unserved in bad years"


# -- sentences --------------------------------------------------------------------------------------------------


def opening(curve: Curve, here: Point) -> str:
    """The finding for the levers as they stand: what it costs to make bad years half as bad, or as good as they can get, and the bend."""
    if not curve.points:
        return curve.reason
    low, high = curve.points[0].tail, curve.points[-1].tail
    start, where = min(here.tail, high), limit_name(curve.china_limit)
    if start - low < 0.005:
        saved = words.inr_crore(words.rounded(_cost(curve, low) - _cost(curve, high)))
        rest = (
            f"letting it rise to {short_percent(high)} would save {saved} a year"
            if high - low >= 0.005
            else "nothing is to be traded"
        )
        text = f"With {where}, bad years cannot be made safer than {short_percent(low)} unserved, where this mix stands; {rest}."
        return words.unbroken(text)
    goal = max(low, start / 2)
    more = words.inr_crore(words.rounded(_cost(curve, goal) - _cost(curve, start)))
    least = f", the least with {where}," if goal == low else ""
    text = f"Getting from {short_percent(start)} to {short_percent(goal)} unserved in bad years{least} costs {more} a year more"
    bend = curve.knee
    return words.unbroken(
        text + (f"; the bend is at {short_percent(bend.point.tail)}." if bend else "; the line hardly bends.")
    )


def knee_sentence(curve: Curve) -> str:
    """What the bend of a line is and what a point of safety costs on either side of it."""
    if not curve.points:
        return curve.reason
    if curve.knee is None:
        return f"With {limit_name(curve.china_limit)} the line hardly bends: each point of safety costs about the same."
    bend = curve.knee
    before, beyond = (words.inr_crore(words.rounded(x)) for x in (bend.before_crore, bend.beyond_crore))
    return words.unbroken(
        f"The bend with {limit_name(curve.china_limit)} is at {short_percent(bend.point.tail)} unserved: coming down to it, each point of"
        f" safety costs {before} a year; going further, each costs {beyond}. To the right of the bend safety is cheap, to the left dear."
    )


def _cost(curve: Curve, tail: float) -> float:
    """Cost on a line at a shortfall, INR crore a year, straight between points."""
    return float(np.interp(tail, [p.tail for p in curve.points], [p.total_crore for p in curve.points]))


# -- the frontier -----------------------------------------------------------------------------------------------


def rows(curves: Iterable[Curve], marks: Mapping[str, Point]) -> pd.DataFrame:
    """One row for each point and for each marked mix: what is drawn in the frontier chart. Shortfall in %, money in INR crore a year."""
    found = [_row(p, limit_name(c.china_limit), _kind(c, p)) for c in curves for p in c.points]
    found += [_row(point, name, "mark") for name, point in marks.items()]
    return pd.DataFrame(found)


def _kind(curve: Curve, point: Point) -> str:
    return "bend" if curve.knee is not None and curve.knee.point is point else "point"


def _row(point: Point, line: str, kind: str) -> dict[str, object]:
    return {
        "line": line, "label": line.replace("at most ", "").replace("no limit on China", "no limit"), "kind": kind, "point": name_of(point) if kind != "mark" else line,
        "shortfall_pct": 100 * point.tail, "total_crore": point.total_crore, "bill_crore": point.bill_crore, "harm_crore": point.harm_crore,
    } | {m.id: point.indicators[m.id] * m.times for m in MEASURES if m.id != "total_crore"}  # fmt: skip


def look(drawn: Sequence[float]) -> dict[str, tuple[str, list[int]]]:
    """Colour and dash of each line by its name, the loosest limit first. `drawn`: limits on China, %."""
    order = sorted(drawn, reverse=True)
    return {limit_name(x): (c, d) for x, c, d in zip(order, LINE_COLOURS, DASHES, strict=False)}


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


def frontier_chart(table: pd.DataFrame, drawn: Sequence[float], chosen: str = "", clickable: bool = True) -> Chart:
    """Cost against worst-case shortfall: a line for each limit on China, bends as large dots, marked mixes by shape and name.
    `chosen`: the point with a ring around it. The parameter `pick` gives the point clicked."""
    style = look(drawn)
    names = [name for name in style if name in set(table["line"])]
    shade = {name: style[name][0] for name in names}
    x = _shortfall_axis(domain(table))
    y = {
        "field": "total_crore", "type": "quantitative", "title": "Cost, INR crore a year", "scale": {"zero": False},
        "axis": {"format": ",.0f", "tickCount": 6, "minExtent": LEFT_PX, "maxExtent": LEFT_PX},
    }  # fmt: skip
    tips = [
        tip("line", "Limit or mix"), tip("shortfall_pct", "Worst-case shortfall, %", ".1f"), tip("total_crore", "Cost, INR crore a year", ",.0f"),
        tip("bill_crore", "of it the bill", ",.0f"), tip("harm_crore", "of it harm of shortage", ",.0f"), tip("china_share", "From China, %", ".0f"),
    ]  # fmt: skip
    dash = {
        "field": "line",
        "type": "nominal",
        "scale": {"domain": names, "range": [style[n][1] for n in names]},
        "legend": None,
    }
    hue = {**colour(shade, "line"), "legend": None}
    lines = {"datum": "datum.kind !== 'mark'"}["datum"]
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
        "encoding": {"x": x, "y": y, "text": {"field": "label"}},
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


# -- one point --------------------------------------------------------------------------------------------------


def compared(point: Point, here: Point) -> pd.DataFrame:
    """A point against the mix that the levers give: one row for each measure, in words."""
    table = [("Cost", *(words.inr_crore(p.total_crore) + " a year" for p in (point, here)))]
    for indicator in INDICATORS:
        table.append(
            (indicator.label, *(words.indicator_value(indicator, p.indicators[indicator.id]) for p in (point, here)))
        )
    return pd.DataFrame(table, columns=["Measure", "This point", "The levers now"])


# -- all mixes side by side -------------------------------------------------------------------------------------


def reach(table: pd.DataFrame, measure: Measure) -> tuple[float, float]:
    """Least and most of a measure over all rows, opened to its digits, for a slider."""
    scale = 10**measure.digits
    low, high = (
        float(np.floor(table[measure.id].min() * scale)) / scale,
        float(np.ceil(table[measure.id].max() * scale)) / scale,
    )
    return low, high if high > low else low + 1 / scale


def within(table: pd.DataFrame, wanted: Mapping[str, tuple[float, float]]) -> pd.Series:
    """Which rows lie within all ranges, by measure."""
    kept = pd.Series(True, index=table.index)
    for name, (low, high) in wanted.items():
        kept &= table[name].between(low - 1e-9, high + 1e-9)
    return kept


def kept_sentence(table: pd.DataFrame, kept: pd.Series) -> str:
    """How many mixes are left, and the cheapest of them."""
    left = table[kept & (table["kind"] != "mark")]
    total = int((table["kind"] != "mark").sum())
    if left.empty:
        return f"None of the {total} mixes lies within all ranges. Open one of them."
    best = left.sort_values("total_crore").iloc[0]
    return (
        f"{len(left)} of {total} mixes are left; the cheapest costs {words.inr_crore(float(best['total_crore']))} a year with"
        f" {words.number(float(best['shortfall_pct']), 1)} % unserved in bad years ({best['line']})."
    )


def folded(table: pd.DataFrame, kept: pd.Series) -> pd.DataFrame:
    """One row for each mix and measure: its place between the lowest (0) and highest (1) value, and the value in words."""
    parts = []
    for rank, m in enumerate(MEASURES):
        low, high = reach(table, m)
        parts.append(
            pd.DataFrame(
                {
                    "mix": table["point"],
                    "line": table["line"],
                    "measure": f"{m.label}|{m.unit}",
                    "title": m.label,
                    "rank": rank,
                    "kept": kept,
                    "place": (table[m.id] - low) / (high - low),
                    "value": [f"{words.number(x, m.digits)} {m.unit}" for x in table[m.id]],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def parallel_chart(table: pd.DataFrame, kept: pd.Series, drawn: Sequence[float]) -> Chart:
    """All mixes as lines over uprights; those outside the ranges grey and behind, the mix of the levers dark."""
    style = look(drawn)
    shade = {name: hue for name, (hue, _) in style.items()}
    x = {"field": "measure", "type": "nominal", "sort": [f"{m.label}|{m.unit}" for m in MEASURES], "title": None, "scale": {"type": "point"},
         "axis": {"labelAngle": {"expr": "containerSize()[0] < 900 ? -40 : 0"}, "labelLimit": 150, "labelExpr": "split(datum.label, '|')", "grid": True, "gridColor": "#8895A3",
                  "labelOverlap": False}}  # fmt: skip
    y = {"field": "place", "type": "quantitative", "axis": None, "scale": {"domain": [-0.08, 1.08], "nice": False}}
    tips = [tip("line", "Limit or mix"), tip("title", "Measure"), tip("value", "Value")]
    base = {"x": x, "y": y, "detail": {"field": "mix"}, "order": {"field": "rank"}, "tooltip": tips}
    lines = "indexof(['This mix', 'Cheapest mix', \"Today's course\"], datum.line) < 0"
    layers: list[Spec] = [
        {"transform": [{"filter": "!datum.kept"}], "mark": {"type": "line", "color": GREY, "opacity": 0.6}, "encoding": base},
        {"transform": [{"filter": f"datum.kept && {lines}"}], "mark": {"type": "line", "opacity": 0.75, "strokeWidth": 1.8},
         "encoding": {**base, "color": {**colour(shade, "line"), "legend": LINE_LEGEND}}},
        {"transform": [{"filter": "datum.line === 'This mix'"}], "mark": {"type": "line", "color": INK, "strokeWidth": 4, "point": {"color": INK, "size": 70}},
         "encoding": base},
    ]  # fmt: skip
    for end, foot, dy in ((1, False, -9), (0, True, 12)):
        values = [
            {
                "measure": f"{m.label}|{m.unit}",
                "place": end,
                "text": words.number(reach(table, m)[0 if foot else 1], m.digits),
            }
            for m in MEASURES
        ]
        layers.append({
            "data": {"values": values}, "mark": {"type": "text", "dy": dy, "fontSize": 12, "color": "#4A5866"},
            "encoding": {"x": x, "y": y, "text": {"field": "text"}},
        })  # fmt: skip
    return folded(table, kept), {"height": 380, "layer": layers, "config": CONFIG}


# -- tables -----------------------------------------------------------------------------------------------------

COLUMNS: Mapping[str, str] = {
    "line": "Limit or mix", "kind": "Kind", "shortfall_pct": "Worst-case shortfall, %", "total_crore": "Cost, INR crore a year",
    "bill_crore": "Bill, INR crore a year", "harm_crore": "Harm of shortage, INR crore a year", "route": "Route", "share": "% of magnet demand",
    "supply_t": "Supply, t a year",
} | {m.id: m.title for m in MEASURES if m.id not in {"total_crore", "tail_shortfall"}}  # fmt: skip


def told(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a chart as people read them and as they are downloaded."""
    shown = table[[name for name in COLUMNS if name in table]]
    return shown.rename(columns=dict(COLUMNS)).round(2)
