"""The tornado of the Doubt page: each doubtful number at both ends of its range, as bars and as a table; no Streamlit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from model.analysis.uncertainty.tornado import Bar, End, Tornado
from model.evidence.store import Evidence
from pages.parts.charts.mix import CONFIG, INK, Chart, Spec, tip, tonnes_axis
from pages.parts.doubt.text import shown
from pages.parts.text import common as words
from pages.parts.text import facts as facts_text

TORNADO_TITLE = "Each doubtful number moved from its low to its high"
TORNADO_NOTE = (
    "One fact at a time at the low and at the high end of its range, as the evidence gives it, and the best mix found anew with all"
    " limits kept. ✕ No mix: at that end no mix meets the limits; such facts come first, then the widest. The table has all. Click a bar for its fact."
)
TOPICS_LABEL = "Only facts about"
NONE_LEFT = "No fact is selected, so nothing is drawn. Choose at least one topic."
NOTHING_MOVES = "None of these facts moves this by as much as can be shown."
DRAWN = 18
"""How many facts a chart shows, widest first."""
ENDS = {"low": "At its low", "high": "At its high"}
END_COLOURS = {"At its low": "#0072B2", "At its high": "#E69F00"}
NO_MIX, CANNOT_BE = "✕ No mix", "– Cannot be so"


@dataclass(frozen=True)
class Measure:
    """One way to look at a tornado: the field of `End` that is drawn, its title, the unit on the axis, scale, digits, and a note."""

    by: str
    title: str
    axis: str
    scale: float
    digits: int
    note: str


MEASURES = {
    "Cost": Measure("total_crore", "Change of the total cost, INR crore a year", "INR crore a year", 1.0, 0,
                    "Bill and harm of shortage together, on average over the years with decisions, a later year counting less (discounted)."),
    "Shortfall": Measure("tail", "Change of the worst-case shortfall, points of demand", "points of demand", 100.0, 2,
                         "Where the limit on shortfall binds it is kept, so the shortfall cannot rise: the mix costs more, or there is none."),
    "Mix": Measure("moved_share", "Demand served by other routes, %", "% of demand", 100.0, 1,
                   "How much of demand the best mix serves by other routes than now."),
}  # fmt: skip


def topics(found: Tornado, evidence: Evidence) -> list[str]:
    """What the facts moved are about, in alphabetical order."""
    return sorted({facts_text.about(evidence.facts[bar.fact].about) for bar in found.bars})


def narrowed(found: Tornado, evidence: Evidence, wanted: Sequence[str]) -> tuple[Bar, ...]:
    """Bars of facts about these topics."""
    return tuple(bar for bar in found.bars if facts_text.about(evidence.facts[bar.fact].about) in wanted)


def rows(found: Tornado, bars: Sequence[Bar], measure: Measure, most: int | None = None) -> pd.DataFrame:
    """One row for each fact and end, widest swing first: fact, what, end, at (the value with its unit), change (in the measure's unit;
    not a number without a mix), possible, switch, rank."""
    base = found.tail if measure.by == "tail" else 0.0

    def change(end: End) -> float:
        return (float(getattr(end, measure.by)) - base) * measure.scale if end.possible else math.nan

    def width(bar: Bar) -> tuple[int, float]:
        swings = [abs(change(end)) for end in bar.ends if end.possible]
        return sum(not end.possible and not end.refused for end in bar.ends), max(swings, default=0.0)

    ranked = [bar for bar in sorted(bars, key=width, reverse=True) if width(bar) > (0, 10.0**-measure.digits / 2)]
    return pd.DataFrame(
        [
            {
                "fact": bar.fact, "what": bar.what, "end": ENDS[name], "at": words.fact_value(end.value, bar.unit),
                "now": words.fact_value(bar.value, bar.unit), "change": change(end) + 0.0, "possible": end.possible,
                "said": "" if end.possible else CANNOT_BE if end.refused else NO_MIX,
                "switch": words.fact_value(shown(bar.switch, bar.unit), bar.unit) if bar.switch is not None else "none", "rank": rank,
            }
            for rank, bar in enumerate(ranked[:most])
            for name, end in zip(ENDS, bar.ends, strict=True)
        ],
        columns=["fact", "what", "end", "at", "now", "change", "possible", "said", "switch", "rank"],
    )  # fmt: skip


def chart(table: pd.DataFrame, measure: Measure) -> Chart:
    """A tornado: bars from the mix as it is to the low and the high end of each fact; an end without a mix is a cross with words. The
    parameter `pick` gives the fact clicked."""
    order = list(dict.fromkeys(table["what"]))
    drawn = table.assign(zero=0.0)
    y = {
        "field": "what", "type": "nominal", "sort": order, "title": None,
        "axis": {"labelLimit": {"expr": "containerSize()[0] < 500 ? 150 : 0.42 * containerSize()[0]"}},
    }  # fmt: skip
    colour = {
        "field": "end", "type": "nominal", "title": None,
        "scale": {"domain": list(END_COLOURS), "range": list(END_COLOURS.values())},
    }  # fmt: skip
    x = tonnes_axis("change", measure.axis)
    x["axis"] = {"format": f",.{measure.digits}f", "tickCount": {"expr": "containerSize()[0] < 500 ? 3 : 7"}}
    tips = [
        tip("what", "Fact"), tip("end", "End"), tip("at", "Value there"), tip("now", "Value now"),
        tip("change", measure.title, f",.{measure.digits}f"), tip("switch", "Routes change at"),
    ]  # fmt: skip
    offset = {"field": "end", "type": "nominal", "sort": list(END_COLOURS)}
    pick = {"type": "point", "fields": ["fact"], "on": "click", "toggle": False, "clear": False}
    aim: Spec = {
        "name": "aim", "mark": {"type": "bar", "opacity": 0},
        "encoding": {"x": {"value": 0}, "x2": {"value": "width"}, "yOffset": None},
    }  # fmt: skip
    spec = {
        "height": {"step": 16, "for": "offset"},
        "params": [{"name": "pick", "select": pick, "views": ["aim"]}],
        "encoding": {"y": y, "yOffset": offset, "tooltip": tips},
        "layer": [
            {
                "transform": [{"filter": "datum.possible"}],
                "mark": {"type": "bar", "cornerRadius": 2},
                "encoding": {"x": x, "x2": {"field": "zero"}, "color": colour},
            },
            {
                "transform": [{"filter": "!datum.possible"}],
                "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 12, "fontWeight": "bold", "color": "#B3261E"},
                "encoding": {"x": {"field": "zero", "type": "quantitative"}, "text": {"field": "said"}},
            },
            {"mark": {"type": "rule", "color": INK}, "encoding": {"x": {"datum": 0, "type": "quantitative"}, "y": None, "yOffset": None}},
            aim,
        ],
        "config": CONFIG,
    }  # fmt: skip
    return drawn, spec


def told(table: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """The tornado as a table for people."""
    names = {
        "what": "Fact",
        "end": "End",
        "at": "Value there",
        "now": "Value now",
        "change": measure.title,
        "switch": "Routes change at",
    }
    people = table[list(names)].assign(change=table["change"].round(measure.digits))
    return people.rename(columns=names).assign(
        Mix=table["said"].map({"": "found", NO_MIX: "no mix meets the limits", CANNOT_BE: "the number cannot be so"})
    )


def bars_finding(table: pd.DataFrame, measure: Measure) -> str:
    """The three widest bars, for those who cannot see them."""
    parts = []
    for what in list(dict.fromkeys(table["what"]))[:3]:
        ends = table[table["what"] == what].to_dict("records")
        said = [
            f"{words.number(end['change'], measure.digits)} at {end['at']}"
            if end["possible"]
            else f"no mix at {end['at']}"
            for end in ends
        ]
        parts.append(f"{what}: {words.listed(said)}")
    return f"{measure.title}. Widest: {'; '.join(parts)}."
