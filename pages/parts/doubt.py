"""What the Doubt page says and draws: which doubtful number decides, and where the choice of routes changes; no Streamlit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from model.doubt import Bar, End, Switching, Tornado
from model.doubt import switching as model_switching
from model.evidence import Evidence
from model.levers import Choice
from model.live import Engine
from pages.parts import facts, words
from pages.parts.charts import CONFIG, INK, Chart, tip, tonnes_axis

NO_FINDING = "Which doubtful number decides?"
TORNADO_TITLE = "Each doubtful number moved from its low to its high"
TORNADO_NOTE = (
    "One fact at a time at the low and at the high end of its range, as the evidence gives it, and the best mix found anew with all"
    " limits kept. ✕ No mix: at that end no mix meets the limits; such facts come first, then the widest. The table has all."
)
SWITCH_TITLE = "Where the choice of routes changes"
SWITCH_NOTE = (
    "A route comes in when it goes from next to nothing to at least 1 % of demand, and goes out the other way."
    " Facts not listed here leave the choice of routes as it is over their whole range; amounts may still move."
)
SWITCH_LEAD = "The choice of routes changes only if ..."
NO_SWITCH = "No fact shown changes the choice of routes anywhere in its range."
TOPICS_LABEL = "Only facts about"
NONE_LEFT = "No fact is selected, so nothing is drawn. Choose at least one topic."
NOTHING_MOVES = "None of these facts moves this by as much as can be shown."
FACT_LABEL = "Look at one fact further, beyond its range"
OPEN_FACT = "Open it on the Evidence page"
SHARES = {"share", "probability", "probability per year"}
"""Units in which nothing is above 1."""
FURTHER, YEARS = 3.0, 5.0
"""One fact is looked at from its value over this to its value times this, and a year so many years either way."""
DRAWN = 18
"""How many facts a chart shows, widest first."""
ENDS = {"low": "At its low", "high": "At its high"}
END_COLOURS = {"At its low": "#0072B2", "At its high": "#E69F00"}
NO_MIX = "✕ No mix"
NOTHING = 1e-9


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
                    "Bill and harm of shortage together, on average over the years with decisions."),
    "Shortfall": Measure("tail", "Change of the worst-case shortfall, points of demand", "points of demand", 100.0, 2,
                         "Where the limit on shortfall binds it is kept, so the shortfall cannot rise: the mix costs more, or there is none."),
    "Mix": Measure("moved_share", "Demand served by other routes, %", "% of demand", 100.0, 1,
                   "How much of demand the best mix serves by other routes than now."),
}  # fmt: skip


# -- the sentence ------------------------------------------------------------------------------------------------------


def finding(found: Tornado) -> str:
    """Which doubtful number decides most, in one sentence."""
    bars = [bar for bar in found.bars if any(end.possible for end in bar.ends)]
    swing = {bar.fact: max(abs(end.total_crore) for end in bar.ends if end.possible) for bar in bars}
    if not swing or max(swing.values()) < NOTHING:
        return "No doubtful number moves the cost of this mix."
    bar = max(bars, key=lambda b: swing[b.fact])
    text = (
        f"The doubtful number that weighs most is “{bar.what}”: anywhere in its range, {reach(bar)}, it moves the cost by up to"
        f" {words.inr_crore(words.rounded(swing[bar.fact]))} a year"
    )
    changing = [b for b in found.bars if b.switch is not None]
    stuck = sum(not all(end.possible for end in b.ends) for b in changing)
    if not changing:
        return words.unbroken(f"{text}; no fact can change the choice of routes.")
    number = f"{len(changing):,} of {len(found.bars):,} facts can change the choice of routes"
    rest = (
        f", {words.count(stuck, 'of them')} so far that no mix meets the limits".replace("of thems", "of them")
        if stuck
        else ""
    )
    return words.unbroken(f"{text}; {number}{rest}.")


def reach(bar: Bar) -> str:
    """The range of a fact with its unit: '42 to 85 USD/kg'."""
    low, high = words.fact_value(bar.low.value, bar.unit), words.fact_value(bar.high.value, bar.unit)
    return f"{low.removesuffix(' ' + bar.unit)} to {high}"


def switch_sentence(bar: Bar, evidence: Evidence) -> str:
    """At which value of a fact the choice of routes changes, and what happens then; the end of a sentence that `SWITCH_LEAD` begins."""
    if bar.switch is None:
        return f"“{bar.what}” does not change the choice of routes between {reach(bar)}."
    up = bar.switch > bar.value
    now, there = (words.fact_value(x, bar.unit) for x in (bar.value, shown(bar.switch, bar.unit)))
    place = f"{'above' if up else 'below'} {there}"
    if bar.unit == "calendar year":
        place = f"{there} or {'later' if up else 'earlier'}"
    return (
        f"**“{bar.what}” is {place}** (now {now}, range {reach(bar)}): then"
        f" {consequence(bar.high if up else bar.low, evidence)}."
    )


def switches(lines: Sequence[str]) -> str:
    """All switching values as a list."""
    return "\n".join([SWITCH_LEAD, "", *(f"- {line}" for line in lines)]) if lines else NO_SWITCH


def shown(value: float, unit: str) -> float:
    """A switching value to three figures; a year as it is."""
    return value if unit == "calendar year" else words.rounded(value, 3)


def further_sentence(found: Switching, evidence: Evidence) -> str:
    """The same for one fact looked at beyond its range."""
    low, high = (words.fact_value(x, found.unit) for x in found.looked)
    if found.value is None or found.there is None:
        return f"Anywhere between {low} and {high} “{found.what}” leaves the choice of routes as it is."
    there, then = words.fact_value(shown(found.value, found.unit), found.unit), consequence(found.there, evidence)
    way = ("or later" if found.unit == "calendar year" else "and above") if found.value > found.fact_value else (
        "or earlier" if found.unit == "calendar year" else "and below"
    )  # fmt: skip
    return (
        f"“{found.what}” changes the choice of routes at {there} {way} (looked at from {low} to {high}): then {then}."
    )


def consequence(end: End, evidence: Evidence) -> str:
    """What happens to the routes at an end, in words."""
    if not end.possible:
        return "no mix meets the limits"
    ways = {"takes up": end.came, "gives up": end.went}
    parts = [f"{verb} {words.listed(evidence.routes[r].name for r in moved)}" for verb, moved in ways.items() if moved]
    return f"the mix {words.listed(parts)}" if parts else "the same routes in other amounts"


def further(bar: Bar) -> tuple[float, float]:
    """Values, in the fact's unit, between which one fact is looked at: well beyond its range, as far as the unit allows."""
    ends = (
        (bar.value / FURTHER, bar.value * FURTHER)
        if bar.unit != "calendar year"
        else (bar.value - YEARS, bar.value + YEARS)
    )
    low, high = min(*ends, bar.low.value), max(*ends, bar.high.value)
    return low, min(high, 1.0) if bar.unit in SHARES else high


def looked_at(engine: Engine, choice: Choice, bar: Bar, **_: object) -> Switching:
    """One fact looked at beyond its range. Raises what `model.doubt.switching` raises."""
    low, high = further(bar)
    return model_switching(engine, choice, bar.fact, low, high)


def switching(bars: Sequence[Bar]) -> list[Bar]:
    """Facts with a switching value, those first whose switching value is nearest to their own, as a share of their range."""

    def near(bar: Bar) -> float:
        width = bar.high.value - bar.low.value
        return abs((bar.switch or bar.value) - bar.value) / width if width > 0 else math.inf

    return sorted((bar for bar in bars if bar.switch is not None), key=near)


# -- the chart and its table -------------------------------------------------------------------------------------------


def topics(found: Tornado, evidence: Evidence) -> list[str]:
    """What the facts moved are about, in alphabetical order."""
    return sorted({facts.about(evidence.facts[bar.fact].about) for bar in found.bars})


def narrowed(found: Tornado, evidence: Evidence, wanted: Sequence[str]) -> tuple[Bar, ...]:
    """Bars of facts about these topics."""
    return tuple(bar for bar in found.bars if facts.about(evidence.facts[bar.fact].about) in wanted)


def rows(found: Tornado, bars: Sequence[Bar], measure: Measure, most: int | None = None) -> pd.DataFrame:
    """One row for each fact and end, widest swing first: fact, what, end, at (the value with its unit), change (in the measure's unit;
    not a number without a mix), possible, switch, rank."""
    base = found.tail if measure.by == "tail" else 0.0

    def change(end: End) -> float:
        return (float(getattr(end, measure.by)) - base) * measure.scale if end.possible else math.nan

    def width(bar: Bar) -> tuple[int, float]:
        swings = [abs(change(end)) for end in bar.ends if end.possible]
        return sum(not end.possible for end in bar.ends), max(swings, default=0.0)

    ranked = [bar for bar in sorted(bars, key=width, reverse=True) if width(bar) > (0, 10.0**-measure.digits / 2)]
    return pd.DataFrame(
        [
            {
                "fact": bar.fact, "what": bar.what, "end": ENDS[name], "at": words.fact_value(end.value, bar.unit),
                "now": words.fact_value(bar.value, bar.unit), "change": change(end) + 0.0, "possible": end.possible,
                "switch": words.fact_value(shown(bar.switch, bar.unit), bar.unit) if bar.switch is not None else "none", "rank": rank,
            }
            for rank, bar in enumerate(ranked[:most])
            for name, end in zip(ENDS, bar.ends, strict=True)
        ],
        columns=["fact", "what", "end", "at", "now", "change", "possible", "switch", "rank"],
    )  # fmt: skip


def chart(table: pd.DataFrame, measure: Measure) -> Chart:
    """A tornado: bars from the mix as it is to the low and the high end of each fact; an end without a mix is a cross with words."""
    order = list(dict.fromkeys(table["what"]))
    drawn = table.assign(zero=0.0, said=NO_MIX)
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
    spec = {
        "height": {"step": 16, "for": "offset"},
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
        Mix=table["possible"].map({True: "found", False: "no mix meets the limits"})
    )
