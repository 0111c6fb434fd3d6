"""Clearly different mixes that cost hardly more, as the Alternatives page says and draws them; no Streamlit."""

from __future__ import annotations

import pandas as pd

from model.analysis.near_optimal.alternatives import Alternative, Alternatives
from model.evidence.store import Evidence
from model.formulation.levers import AIMS, Choice, Lever, Value, lever_named
from model.results.comparison import demand, supply
from model.results.indicators import INDICATORS
from model.results.mix import Mix
from pages.parts.charts.mix import CONFIG, VISIBLE_T, Chart, tip, tonnes_axis
from pages.parts.text import common as words

MIXES_TITLE = "Clearly different mixes that cost hardly more"
MIXES_NOTE = (
    "Each pushes one thing as far as the margin allows, all limits kept. Last column: change against the mix on screen."
    " Adopting sets the levers named and can be undone."
)
SUPPLY_TITLE = "Who supplies the magnets in each of these mixes"
SUPPLY_NOTE = "Percent of demand on average over the years with decisions; what is missing to 100 goes short or comes from the reserve."
NONE_YET = "No clearly different mix was found before the search was stopped."
LEAST_COST = "Least cost"
NO_MIXES = "Within this margin there is no clearly different mix. Widen the margin, or loosen a limit at the side."
NEAR, SAME = 0.05, 0.005
"""Levers that lead to a mix that serves no more than this share of demand otherwise adopt it, or give the very mix."""
CARD = ("bill_crore", "tail_shortfall", "china_share", "home_share", "investment_crore")
"""Indicators shown for each mix."""


def over(alternative: Alternative) -> str:
    """What a mix costs over the least, in words."""
    if alternative.over_pct < 0.05:
        return "costs as much as the best"
    return (
        f"{words.number(alternative.over_pct, 1)} % over the least cost"
        f" ({words.inr_crore(words.rounded(alternative.over_crore))} a year)"
    )


def moved(alternative: Alternative) -> str:
    """How different a mix is, in words."""
    return f"{words.percent(alternative.moved_share)} of demand served by other routes"


def card(place: int, other: Alternative, mix: Mix) -> str:
    """One mix in a few lines: what is special, what it costs more, and key numbers with their change against the mix on screen."""
    lines = ["| | | |", "|:--|--:|--:|"]
    for indicator in (i for name in CARD for i in INDICATORS if i.id == name):
        value = other.mix.indicators[indicator.id]
        change = words.indicator_change(indicator, value - mix.indicators[indicator.id]) or "same"
        lines.append(
            f"| {indicator.label} | **{words.indicator_value(indicator, value)}** | {change} |".replace(
                "INR ", "INR\u00a0"
            )
        )
    title = f"##### {place}. {other.name}\n\n{words.sentence_case(over(other))}; {moved(other)}.\n\n"
    return title + words.plain_markdown("\n".join(lines))


def can_adopt(other: Alternative) -> bool:
    """Whether a setting of the levers leads to this mix, or near enough to it."""
    return other.gap_share <= min(NEAR, other.moved_share / 2)


def set_to(other: Alternative, now: Choice) -> str:
    """The levers that adopting a mix sets and how near they come to it, in words."""
    if not can_adopt(other):
        return (
            "No setting of the levers leads to this mix by itself, so it can be taken away as a file but not adopted."
        )
    levers = [lever_named(name) for name in other.choice.differences(now)]
    values = other.choice.values()
    parts = [f"{lever.label}: {_short(lever, values[lever.id])}" for lever in levers]
    near = f" That comes within {words.percent(other.gap_share)} of demand of it." if other.gap_share >= SAME else ""
    return words.plain_markdown(f"Adopting sets {'; '.join(parts)}.{near}" if parts else "No lever changes.")


def _short(lever: Lever, value: Value) -> str:
    """A lever's value in few figures; an option by its words."""
    if lever.kind == "option":
        label = AIMS[str(value)]
        return label[:1].lower() + label[1:]
    return words.lever_value(lever, words.rounded(value, 4) if isinstance(value, float) else value)


def supply_chart(found: Alternatives, evidence: Evidence) -> Chart:
    """Magnets by route in each mix as stacked bars, % of demand on average over the years with decisions, the least costly first."""
    named = [(LEAST_COST, found.optimum), *((f"{n}. {a.name}", a.mix) for n, a in enumerate(found.mixes, 1))]
    rows = pd.DataFrame(
        {"mix": name, "route": evidence.routes[route].short, "supply_t": t, "share": 100 * t / demand(mix), "rank": r}
        for name, mix in named
        for r, (route, t) in enumerate(zip(mix.case.routes, supply(mix).tolist(), strict=True))
        if evidence.routes[route].stage != "oxide" and t > VISIBLE_T
    )
    shown = [(route.short, route.colour) for route in evidence.routes.values() if route.stage != "oxide"]
    scale = {name: colour for name, colour in shown if name in set(rows["route"])}
    tips = [
        tip("mix", "Mix"),
        tip("route", "Route"),
        tip("supply_t", "t a year", ",.0f"),
        tip("share", "% of demand", ".1f"),
    ]
    spec = {
        "height": {"step": 40},
        "mark": {"type": "bar", "height": {"band": 0.7}, "stroke": "white", "strokeWidth": 0.5},
        "encoding": {
            "y": {
                "field": "mix", "type": "nominal", "sort": [name for name, _ in named], "title": None,
                "axis": {"labelLimit": {"expr": "containerSize()[0] < 500 ? 120 : 0.4 * containerSize()[0]"}},
            },
            "x": {**tonnes_axis("share", "% of demand"), "stack": "zero"},
            "order": {"field": "rank", "type": "quantitative"},
            "color": {"field": "route", "type": "nominal", "scale": {"domain": list(scale), "range": list(scale.values())}},
            "tooltip": tips,
        },
        "config": CONFIG,
    }  # fmt: skip
    return rows, spec


def told_supply(rows: pd.DataFrame) -> pd.DataFrame:
    """Supply by mix and route as a table: one line for each mix, one column for each route, % of demand."""
    table = rows.pivot_table(index="mix", columns="route", values="share", aggfunc="sum", sort=False, fill_value=0.0)
    return table.round(1).rename_axis(columns=None).reset_index().rename(columns={"mix": "Mix, % of demand by route"})
