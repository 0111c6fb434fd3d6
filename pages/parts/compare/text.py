"""What the Compare page says and draws of two mixes: one sentence, tables of what differs, and charts on one scale; no Streamlit."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from model.evidence.store import Evidence
from model.formulation.levers import Choice, lever_named
from model.results.comparison import supply
from model.results.indicators import INDICATORS
from model.results.mix import Mix
from pages.parts.charts import mix as charts
from pages.parts.charts.mix import CONFIG, INK, Chart, Spec, tip
from pages.parts.text import common as words
from pages.parts.text.levers import value_in_words
from pages.parts.text.mix import change

NO_FINDING = "How do two mixes differ, and what made the difference?"
LEFT, RIGHT = "Left", "Right"
INTRO = (
    "Pick any two: the levers as they stand, mixes that you pinned (button Pin at the side), the stories, today's course. Both charts have"
    " one scale; under Room to move and Doubt each has its own."
)
REFERENCE_NOTE = (
    "Today's course and the cheapest mix stand for the world of the levers as they are; limits do not shape them."
)
NO_MIX = "No mix meets the limits of {}, so there is nothing to compare it by."
MOVED_SINCE = (
    "{} has other numbers now than when it was pinned. A pin holds the levers; its mix is worked out on the numbers in force now, own"
    " numbers included. Own numbers, the data or the model have changed since."
)
SAME_LEVERS = "Both stand for the same setting of the levers."
TABLE_TITLE, TABLE_NOTE = "The difference in numbers", "Change: right against left."
ROUTES_TITLE = "Routes in {}"
ROUTES_NOTE = (
    "Expected deliveries, t; the change is right against left. Oxide is no magnet yet, so the two must not be added."
)
LEVERS_TITLE, LEVERS_NOTE = "Levers that differ", "All other levers stand alike."
RISK_TITLE = "Yearly bill against worst-case shortfall"
RISK_NOTE = "All pinned mixes and stories, each in its own world. The two that are compared are filled. Lower and further left is better."
LOOKS_LABEL = "Show side by side"
BESIDE, BESIDE_NONE = "Compare with a pinned mix", "Choose a pinned mix"
BESIDE_NOTE = "Pinned; on the same scale as the mix on screen. More on the Compare page."
EMPTY = "Nothing to draw for this mix."
REFERENCE_ONLY = "This mix is no setting of the levers, so this cannot be worked out for it."
LEAST_T = 0.5


# -- the sentence ------------------------------------------------------------------------------------------------------


def finding(left: str, right: str, a: Mix, b: Mix) -> str:
    """How the right mix differs from the left in what matters most. Names are put in as they are: escape the sentence, not the name."""
    bill = b.indicators["bill_crore"] - a.indicators["bill_crore"]
    money = f"{words.inr_crore(words.rounded(abs(bill)))} a year {'more' if bill > 0 else 'less'} than"
    if abs(bill) <= 0.0005 * abs(a.indicators["bill_crore"]):
        money = "as much as"
    short, china = (
        _instead(a.indicators[name], b.indicators[name], digits)
        for name, digits in (("tail_shortfall", 1), ("china_share", 0))
    )
    return words.unbroken(
        f"“{right}” costs {money} “{left}”, leaves {short} of demand unserved in the worst years and rests on China for {china}."
    )


def _instead(before: float, after: float, digits: int) -> str:
    old, new = words.percent(before, digits), words.percent(after, digits)
    return f"{new}, as before," if old == new else f"{new} instead of {old}"


# -- tables ------------------------------------------------------------------------------------------------------------


def indicators(left: str, right: str, a: Mix, b: Mix) -> pd.DataFrame:
    """Every indicator of both mixes in words with its unit, and the change."""
    return pd.DataFrame(
        {
            "Indicator": i.label,
            f"{LEFT}: {left}": words.indicator_value(i, a.indicators[i.id]),
            f"{RIGHT}: {right}": words.indicator_value(i, b.indicators[i.id]),
            "Change": change(i, a.indicators[i.id], b.indicators[i.id]),
        }
        for i in INDICATORS
    )


def routes(left: str, right: str, a: Mix, b: Mix, year: int, evidence: Evidence) -> pd.DataFrame:
    """Expected deliveries of each route in a year in both mixes, t, and the change, t; the largest change first."""
    found = []
    place = a.case.years.index(year)
    pairs = zip(a.case.routes, a.expected[:, :, place].sum(axis=1), b.expected[:, :, place].sum(axis=1), strict=True)
    for route, old, new in pairs:
        if max(old, new) >= LEAST_T:
            info = evidence.routes[route]
            what = {"magnet": "magnets", "oxide": "oxide", "substitute": "magnets saved"}[info.stage]
            found.append((info.name, what, float(old), float(new), float(new - old)))
    found.sort(key=lambda row: -abs(row[-1]))
    names = ["Route", "What", f"{LEFT}: {left}, t", f"{RIGHT}: {right}, t", "Change, t"]
    table = pd.DataFrame(found, columns=names).round(1)
    return table.assign(**{name: table[name] + 0.0 for name in names[2:]})  # no negative zero


def levers(left: str, right: str, a: Choice, b: Choice) -> pd.DataFrame:
    """Levers that differ, with both values in words."""
    mine, theirs = a.values(), b.values()
    return pd.DataFrame(
        [(lever_named(n).label, value_in_words(n, mine[n]), value_in_words(n, theirs[n])) for n in a.differences(b)],
        columns=["Lever", f"{LEFT}: {left}", f"{RIGHT}: {right}"],
    )


# -- charts on one scale -----------------------------------------------------------------------------------------------


def alike(left: Chart, right: Chart, field: str, by: Sequence[str]) -> tuple[Chart, Chart]:
    """Two charts with the same upright axis, as high as the higher of them. `field`: what is drawn upright, stacked over `by`."""
    tops = [float(rows.groupby(list(by))[field].sum().max()) if len(rows) else 0.0 for rows, _ in (left, right)]
    tops += [float(level) for chart in (left, right) for level in _levels(chart[1])]
    top = max([*tops, 1.0]) * 1.02
    found = []
    for rows, spec in (left, right):
        fixed = copy.deepcopy(spec)
        for encoding in _encodings(fixed):
            if encoding.get("y", {}).get("type") == "quantitative":
                encoding["y"]["scale"] = {"domain": [0, top]}
        found.append((rows, fixed))
    return found[0], found[1]


def _encodings(spec: Any) -> Iterator[Spec]:
    """Every encoding in a specification."""
    if isinstance(spec, dict):
        if isinstance(spec.get("encoding"), dict):
            yield spec["encoding"]
        for inner in spec.values():
            yield from _encodings(inner)
    elif isinstance(spec, list):
        for inner in spec:
            yield from _encodings(inner)


def _levels(spec: Any) -> Iterator[float]:
    """What the lines to compare with reach."""
    for layer in spec.get("layer", []):
        yield from (row["level"] for row in layer.get("data", {}).get("values", []))


def pair(look: str, a: Mix, b: Mix, evidence: Evidence, year: int) -> tuple[Chart, Chart]:
    """Both mixes' charts of one kind on one scale."""
    if look == "Oxide":
        return alike(charts.oxide(a, evidence), charts.oxide(b, evidence), "delivered_t", ["year"])
    if look == "New plants":
        return alike(charts.built(a, evidence), charts.built(b, evidence), "added_t", ["year"])
    if look == "Reserve":
        return alike(charts.reserve(a, evidence, False), charts.reserve(b, evidence, False), "stock_t", ["year"])
    if look == "Who goes short":
        return _same_shade(charts.shortage(a, evidence, year), charts.shortage(b, evidence, year))
    return alike(charts.magnets(a, evidence), charts.magnets(b, evidence), "delivered_t", ["year"])


def _same_shade(left: Chart, right: Chart) -> tuple[Chart, Chart]:
    """Two heat maps whose colours mean the same."""
    top = max([10.0, *(float(rows["share"].max()) for rows, _ in (left, right) if len(rows))])
    found = []
    for rows, spec in (left, right):
        fixed = copy.deepcopy(spec)
        for encoding in _encodings(fixed):
            if "scale" in encoding.get("color", {}):
                encoding["color"]["scale"]["domain"] = [0, top]
        found.append((rows, fixed))
    return found[0], found[1]


def picture(name: str, look: str, mix: Mix, evidence: Evidence) -> str:
    """What one of the two charts shows, as a sentence."""
    given = supply(mix)
    best = sorted(zip(mix.case.routes, given.tolist(), strict=True), key=lambda pair: -pair[1])[:3]
    parts = [f"{evidence.routes[route].short} {words.tonnes(tonnes)}" for route, tonnes in best]
    return f"{look} of {name}; on average over the years with decisions most comes from {words.listed(parts)} a year."


def risk_rows(mixes: Mapping[str, Mix | None], left: str, right: str) -> pd.DataFrame:
    """One row for each scenario with a mix: name, tail (%), bill (INR crore a year), china (%), role (Left, Right or Other)."""
    role = {left: LEFT, right: RIGHT}
    return pd.DataFrame(
        [
            (
                name, 100 * mix.indicators["tail_shortfall"], mix.indicators["bill_crore"],
                100 * mix.indicators["china_share"], role.get(name, "Other"),
            )
            for name, mix in mixes.items()
            if mix is not None
        ],
        columns=["name", "tail", "bill", "china", "role"],
    )  # fmt: skip


def risk_chart(rows: pd.DataFrame) -> Chart:
    """Every scenario as a point: worst-case shortfall across, yearly bill upright; the two compared by shape, colour and name."""
    tips = [
        tip("name", "Mix"), tip("bill", "Yearly bill, INR crore", ",.0f"), tip("tail", "Worst-case shortfall, %", ".1f"),
        tip("china", "Dependence on China, %", ".0f"),
    ]  # fmt: skip
    looks = {LEFT: ("#0072B2", "circle"), RIGHT: ("#D55E00", "square"), "Other": ("#8A8A8A", "diamond")}
    x = {
        "field": "tail",
        "type": "quantitative",
        "title": "Worst-case shortfall, % of demand",
        "scale": {"zero": False, "padding": 20},
    }
    y = {
        "field": "bill", "type": "quantitative", "title": "Yearly bill, INR crore", "axis": {"format": ",.0f", "tickCount": 6},
        "scale": {"zero": False, "padding": 20},
    }  # fmt: skip
    names = {"field": "role", "type": "nominal", "title": None}
    colour = {**names, "scale": {"domain": list(looks), "range": [look[0] for look in looks.values()]}}
    shape = {**names, "scale": {"domain": list(looks), "range": [look[1] for look in looks.values()]}}
    filled = {"condition": {"test": "datum.role != 'Other'", "value": 0.9}, "value": 0.0}
    spec = {
        "height": 420,
        "encoding": {"x": x, "y": y, "tooltip": tips},
        "layer": [
            {
                "mark": {"type": "point", "size": 150, "strokeWidth": 2},
                "encoding": {"color": colour, "fill": colour, "shape": shape, "fillOpacity": filled},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 11, "fontSize": 12, "color": INK, "limit": 180},
                "encoding": {"text": {"field": "name"}},
            },
        ],
        "config": CONFIG,
    }
    return rows, spec


def told_risk(rows: pd.DataFrame) -> pd.DataFrame:
    """The points as a table."""
    names = {
        "name": "Mix", "bill": "Yearly bill, INR crore", "tail": "Worst-case shortfall, %", "china": "Dependence on China, %",
    }  # fmt: skip
    return rows[list(names)].round(1).rename(columns=names)
