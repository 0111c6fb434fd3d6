"""What made the difference, in words and as a chart: one bar for each lever, from one mix to the other; no Streamlit."""

from __future__ import annotations

import pandas as pd

from model.analysis.explain.attribution import ASSUMPTION, BOTH, EXACT_MOST, POLICY, Difference, Part, difference
from model.engine.engine import Engine
from model.formulation.levers import Choice, lever_named
from model.parallel.progress import Progress, Stop
from model.results.indicators import INDICATORS, Indicator
from pages.parts.charts.mix import CONFIG, INK, Chart, Spec, tip
from pages.parts.text import common as words

TITLE = "What made the difference"
NOTE = (
    "Each lever's share, averaged over every order in which the levers could be changed one after another (Shapley), so that no order is"
    " favoured. The shares add up to the whole difference."
)
LABEL = "Working out mixes between the two:"
MEASURES = (
    "bill_crore",
    "tail_shortfall",
    "china_share",
    "harm_crore",
    "home_share",
    "investment_crore",
    "public_crore",
    "carbon",
)
"""Results offered, what matters most first."""
KINDS = {POLICY: "Policy", ASSUMPTION: "The world", BOTH: "Policy and world"}
KIND_COLOURS = {"Policy": "#0072B2", "The world": "#E69F00", "Policy and world": "#7F7F7F", "Together": "#1B2733"}
KIND_NOTE = (
    "Policy: limits, budgets and programmes, which India decides. The world: assumptions, also about partners, makers of motors and delays,"
    " which it does not. Together: the whole difference."
)
NO_DIFFERENCE = "No lever differs, so there is nothing to split."
NO_LEVERS = "Today's course and the cheapest mix are no settings of the levers, so their difference cannot be split over levers."
ROOM = 0.2
"""Free room at the right of the longest bar, as a share of all bars, for its words."""


def ask(number: int, exact_most: int) -> str:
    """What stands on the button that starts the split."""
    solves = (
        f"{words.number(2**number)} mixes" if number <= exact_most else "a sample of orders, about a thousand mixes"
    )
    return f"Split the difference over {words.count(number, 'lever')} ({solves})"


def worked_out(
    engine: Engine, progress: Progress, stop: Stop, left: Choice, right: Choice, before: Difference | None = None
) -> Difference:
    """The split, as long work calls for it: `before` is an unfinished one to go on from."""
    return difference(engine, left, right, progress, stop, before)


def indicator(name: str) -> Indicator:
    """An indicator by its id."""
    return next(i for i in INDICATORS if i.id == name)


def label(part: Part) -> str:
    """What a part is called: its lever, or its levers together."""
    if len(part.levers) == 1:
        return lever_named(part.levers[0]).label
    return f"{words.sentence_case(words.count(len(part.levers), 'lever'))} together: {KINDS[part.kind].lower()}"


def rows(found: Difference, measure: str) -> pd.DataFrame:
    """One row for each part and one for the whole: label, kind, change, error, start, end, shown. Shares are in points of percent, the
    others in the unit of the indicator. Policy first, then the world; the largest change first in each."""
    scale = 100.0 if indicator(measure).unit.startswith("share") else 1.0
    order = {POLICY: 0, ASSUMPTION: 1, BOTH: 2}
    parts = sorted(found.parts, key=lambda p: (order[p.kind], -abs(p.change[measure])))
    at, table = 0.0, []
    for part in parts:
        change = scale * part.change[measure]
        table.append(
            (
                label(part),
                KINDS[part.kind],
                change,
                scale * part.error[measure],
                at,
                at + change,
                in_words(measure, part.change[measure]),
            )
        )
        at += change
    whole = found.whole[measure]
    table.append(("Together", "Together", scale * whole, 0.0, 0.0, scale * whole, in_words(measure, whole)))
    return pd.DataFrame(table, columns=["label", "kind", "change", "error", "start", "end", "shown"])


def in_words(measure: str, change: float) -> str:
    """A change with its unit: '+INR 120 crore', '-3 points'."""
    text = words.indicator_change(indicator(measure), change)
    return str(text) if text else "0"


def unit(measure: str) -> str:
    """The unit of the changes drawn."""
    return "points" if indicator(measure).unit.startswith("share") else indicator(measure).unit


def chart(table: pd.DataFrame, measure: str) -> Chart:
    """Bars that follow each other from the left mix (0) to the right one, below them the whole."""
    ends = [0.0, *table["start"], *table["end"]]
    span = max(max(ends) - min(ends), 1e-9)
    title = f"Change of {indicator(measure).label.lower()}, {unit(measure)}"
    domain = [min(ends) - 0.02 * span, max(ends) + ROOM * span]
    x = {"field": "start", "type": "quantitative", "title": title, "scale": {"domain": domain, "nice": False}}
    y = {
        "field": "label",
        "type": "nominal",
        "sort": list(table["label"]),
        "title": None,
        "axis": {"labelLimit": {"expr": "containerSize()[0] < 500 ? 140 : 300"}},
    }
    colour = {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": list(KIND_COLOURS), "range": list(KIND_COLOURS.values())},
        "legend": {"orient": "bottom", "title": None},
    }
    tips = [tip("label", "Lever"), tip("kind", "Kind"), tip("shown", "Change"), tip("error", "Standard error", ",.3f")]
    spec: Spec = {
        "height": {"step": 30},
        "transform": [{"calculate": "max(datum.start, datum.end)", "as": "far"}],
        "encoding": {"y": y, "tooltip": tips},
        "layer": [
            {"mark": {"type": "rule", "color": INK, "strokeWidth": 1}, "encoding": {"x": {"datum": 0}, "y": {"value": {"expr": "0"}}, "y2": {"value": {"expr": "height"}}}},
            {"mark": {"type": "bar", "height": {"band": 0.6}}, "encoding": {"x": x, "x2": {"field": "end"}, "color": colour}},
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 12, "color": INK},
                "encoding": {"x": {"field": "far", "type": "quantitative"}, "text": {"field": "shown"}},
            },
        ],
        "config": CONFIG,
    }  # fmt: skip
    return table, spec


def told(table: pd.DataFrame, measure: str, exact: bool) -> pd.DataFrame:
    """The parts as a table for people; the standard error only for a sample."""
    names = {"label": "Lever", "kind": "Kind", "change": f"Change, {unit(measure)}"} | (
        {} if exact else {"error": "Standard error"}
    )
    return table[list(names)].round(3).rename(columns=names)


def sentence(found: Difference, measure: str) -> str:
    """What policy and what the world made of the difference, and which lever made most of it."""
    name, whole = indicator(measure).label, in_words(measure, found.whole[measure])
    kinds = [
        (kind, found.of_kind(kind, measure))
        for kind in (POLICY, ASSUMPTION, BOTH)
        if any(p.kind == kind for p in found.parts)
    ]
    most = max(found.parts, key=lambda p: abs(p.change[measure]))
    parts = [
        f"{KINDS[kind].lower() if kind != POLICY else 'policy'} made {in_words(measure, change)}"
        for kind, change in kinds
    ]
    return f"{name}: {whole} in all. Of that {words.listed(parts)}; most came from “{label(most)}” ({in_words(measure, most.change[measure])})."


def method(found: Difference, measure: str) -> str:
    """How the split was made: over all orders or a sample, with its error, and what was left out."""
    number = len({lever for part in found.parts for lever in part.levers})
    if not found.one_by_one:
        none = (
            "No order of changing these levers one at a time keeps"
            if found.exact
            else f"None of the {words.number(found.orders)} orders drawn, of changing these levers one at a time, keeps"
        )
        return f"{none} a mix all the way, so they were changed in one go, policy and world apart where that has a mix."
    if found.exact:
        how = f"Exact, over all {words.number(found.orders)} orders of {words.count(number, 'lever')}."
        how = how if number > 1 else "Exact: only one lever differs."
    else:
        scale = 100.0 if indicator(measure).unit.startswith("share") else 1.0
        error = scale * max(part.error[measure] for part in found.parts)
        how = (
            f"A sample: more than {EXACT_MOST} levers differ, so {words.number(found.orders)} orders were drawn, always the same ones;"
            f" largest standard error {words.number(error, 2)} {unit(measure)}."
        )
    if found.left_out <= 0:
        return how
    return (
        f"{how} {words.percent(found.left_out)} of the orders were left out, because they pass a setting that no mix meets: limits must"
        " then be loosened before the world turns harsher, and the shares only speak of orders that do so."
    )
