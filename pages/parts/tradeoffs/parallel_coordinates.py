"""All mixes that were worked out as lines over uprights, one for each measure, with ranges to keep only some; no Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pages.parts.charts.mix import CONFIG, INK, Chart, Spec, colour, tip
from pages.parts.text import common as words
from pages.parts.tradeoffs.text import look

MIXES_TITLE = "All mixes that were worked out, side by side"
MIXES_NOTE = (
    "One line for each mix, one upright for each measure, lowest value at the foot. The dark line is the mix that the levers give. Drag along an"
    " upright to keep only the mixes that pass there, then along another; the rest turn grey. Click a line that is left to adopt its mix."
)
GREY = "#C9D1D9"
PICK_LABEL, PICK_HINT = "Adopt one of the mixes that are left", "Click a line, or choose here"


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


def narrowed(
    table: pd.DataFrame, ranks: tuple[float, float], places: tuple[float, float]
) -> dict[str, tuple[float, float]]:
    """Ranges, by measure, that a box dragged over the chart asks for: of each upright that it crosses, the part that it covers. `ranks`:
    its left and right end in uprights, `places`: its foot and top between 0 and 1."""
    found = {}
    for rank, measure in enumerate(MEASURES):
        if min(ranks) <= rank <= max(ranks):
            low, high = reach(table, measure)
            ends = (low + (high - low) * min(1.0, max(0.0, place)) for place in (min(places), max(places)))
            least, most = (round(end, measure.digits) for end in ends)
            found[measure.id] = (max(low, least), min(high, most))
    return found


def left(table: pd.DataFrame, kept: pd.Series) -> dict[str, str]:
    """The mixes on the lines that are left, cheapest first: the name of the point -> what it is in words."""
    rows = table[kept & (table["kind"] != "mark")].sort_values("total_crore")
    return {
        str(row["point"]): (
            f"{words.inr_crore(float(row['total_crore']))} a year, {words.number(float(row['shortfall_pct']), 1)} % unserved in bad years,"
            f" {row['line']}"
        )
        for row in rows.to_dict("records")
    }


def folded(
    table: pd.DataFrame, kept: pd.Series, wanted: Mapping[str, tuple[float, float]], chosen: str
) -> pd.DataFrame:
    """One row for each mix and measure: its place between the lowest (0) and highest (1) value, and the value in words; and one row for
    each narrowed range, from `place` to `place2`."""
    parts = []
    for rank, m in enumerate(MEASURES):
        low, high = reach(table, m)
        rows = pd.DataFrame(
            {
                "kind": "mix", "mix": table["point"], "line": table["line"], "title": m.label, "rank": rank, "kept": kept,
                "chosen": table["point"] == chosen, "place": (table[m.id] - low) / (high - low), "place2": 0.0,
                "value": [f"{words.number(x, m.digits)} {m.unit}" for x in table[m.id]],
            }
        )  # fmt: skip
        ends = [(end - low) / (high - low) for end in wanted.get(m.id, (low, high))]
        span = {
            "kind": "range", "mix": "", "line": "", "title": m.label, "rank": rank, "kept": True, "chosen": False, "place": ends[0],
            "place2": ends[1], "value": "",
        }  # fmt: skip
        parts += [rows, pd.DataFrame([span] if ends != [0.0, 1.0] else [], columns=list(span))]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def chart(
    table: pd.DataFrame,
    kept: pd.Series,
    drawn: Sequence[float],
    wanted: Mapping[str, tuple[float, float]] | None = None,
    chosen: str = "",
) -> Chart:
    """All mixes as lines over uprights; those outside the ranges grey and behind, the mix of the levers dark. The parameter `brush`
    gives a box that was dragged, `pick` the line that was clicked; what is kept and chosen is in the rows, so the drawing stays."""
    shade = {name: hue for name, (hue, _) in look(drawn).items()}
    names = "[" + ",".join(f"[{m.label!r},{m.unit!r}]" for m in MEASURES) + "]"
    x = {
        "field": "rank", "type": "quantitative", "title": None, "scale": {"domain": [-0.4, len(MEASURES) - 0.6], "nice": False},
        "axis": {
            "values": list(range(len(MEASURES))), "labelExpr": f"width < 500 ? {names}[datum.value][0] : {names}[datum.value]", "grid": True, "gridColor": "#8895A3", "ticks": False,
            "domain": False, "labelAngle": {"expr": "containerSize()[0] < 900 ? -40 : 0"}, "labelLimit": 150, "labelOverlap": False,
            "labelAlign": {"expr": "containerSize()[0] < 900 ? 'right' : 'center'"},
        },
    }  # fmt: skip
    y = {"field": "place", "type": "quantitative", "axis": None, "scale": {"domain": [-0.08, 1.08], "nice": False}}
    tips = [tip("line", "Limit or mix"), tip("title", "Measure"), tip("value", "Value")]
    base = {"x": x, "y": y, "detail": {"field": "mix"}, "order": {"field": "rank"}}
    line = "datum.kind == 'mix' && indexof(['This mix', 'Cheapest mix', \"Today's course\"], datum.line) < 0"

    def lines(test: str, mark: Spec, **more: Spec) -> Spec:
        return {"transform": [{"filter": test}], "mark": {"type": "line", **mark}, "encoding": {**base, **more}}

    hue = {**colour(shade, "line"), "legend": LINE_LEGEND}
    layers: list[Spec] = [
        lines("datum.kind == 'mix' && !datum.kept", {"color": GREY, "opacity": 0.6}),
        lines(f"datum.kept && {line}", {"opacity": 0.75, "strokeWidth": 1.8}, color=hue),
        lines(f"datum.chosen && {line}", {"strokeWidth": 6, "opacity": 0.9}, color={**colour(shade, "line"), "legend": None}),
        lines("datum.line == 'This mix'", {"color": INK, "strokeWidth": 4, "point": {"color": INK, "size": 70}}),
        {"transform": [{"filter": "datum.kind == 'range'"}], "mark": {"type": "rule", "strokeWidth": 14, "opacity": 0.35, "color": INK},
         "encoding": {"x": x, "y": y, "y2": {"field": "place2"}}},
        {**lines(f"datum.kept && {line}", {"opacity": 0, "strokeWidth": 12}), "name": "lines"},
        {"transform": [{"filter": f"datum.kept && {line}"}], "mark": {"type": "point", "opacity": 0, "size": 90},
         "encoding": {"x": x, "y": y, "tooltip": tips}},
    ]  # fmt: skip
    for end, foot, dy in ((1, False, -9), (0, True, 12)):
        values = [
            {"rank": rank, "place": end, "text": words.number(reach(table, m)[0 if foot else 1], m.digits)}
            for rank, m in enumerate(MEASURES)
        ]
        layers.append({
            "data": {"values": values}, "mark": {"type": "text", "dy": dy, "fontSize": 12, "color": "#4A5866"},
            "encoding": {"x": x, "y": y, "text": {"field": "text"}},
        })  # fmt: skip
    box = {"fill": INK, "fillOpacity": 0.08, "stroke": INK, "strokeOpacity": 0.5}
    params = [
        {"name": "brush", "select": {"type": "interval", "encodings": ["x", "y"], "zoom": False, "mark": box}, "views": ["lines"]},
        {"name": "pick", "select": {"type": "point", "fields": ["mix"], "on": "click", "toggle": False, "clear": False}, "views": ["lines"]},
    ]  # fmt: skip
    spec = {"height": 400, "params": params, "layer": layers, "config": CONFIG}
    return folded(table, kept, wanted or {}, chosen), spec
