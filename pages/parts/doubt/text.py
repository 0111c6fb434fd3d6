"""What the Doubt page says: which doubtful number decides, and where the choice of routes changes; no Streamlit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from model.analysis.uncertainty.tornado import Bar, End, Switching, Tornado
from model.analysis.uncertainty.tornado import switching as model_switching
from model.engine.engine import Engine
from model.evidence.store import Evidence
from model.formulation.levers import Choice
from pages.parts.text import common as words

NO_FINDING = "Which doubtful number decides?"
SWITCH_TITLE = "Where the choice of routes changes"
SWITCH_NOTE = (
    "A route comes in when it goes from next to nothing to at least 1 % of demand, and goes out the other way."
    " Facts not listed here leave the choice of routes as it is over their whole range; amounts may still move."
)
SWITCH_LEAD = "The choice of routes changes only if ..."
NO_SWITCH = "No fact shown changes the choice of routes anywhere in its range."
FACT_LABEL = "Look at one fact further, beyond its range"
OPEN_FACT = "Open it on the Evidence page"
SHARES = {"share", "probability", "probability per year"}
"""Units in which nothing is above 1."""
FURTHER, YEARS = 3.0, 5.0
"""One fact is looked at from its value over this to its value times this, and a year so many years either way."""
NOTHING = 1e-9
FIRST = 6
"""How many switching values are listed before the rest is folded away."""


# -- the sentence ------------------------------------------------------------------------------------------------------


def finding(found: Tornado) -> str:
    """Which doubtful number decides most, in one sentence."""
    bars = [bar for bar in found.bars if any(end.possible for end in bar.ends)]
    swing = {bar.fact: max(abs(end.total_crore) for end in bar.ends if end.possible) for bar in bars}
    if not swing or max(swing.values()) < NOTHING:
        return "No doubtful number moves the cost of this mix."
    bar = max(bars, key=lambda b: swing[b.fact])
    first = "The doubtful number" if found.complete else f"Of the {len(found.bars):,} facts moved so far, the number"
    text = (
        f"{first} that weighs most is “{bar.what}”: anywhere in its range, {reach(bar)}, it moves the cost by up to"
        f" {words.inr_crore(words.rounded(swing[bar.fact]))} a year"
    )
    changing = [b for b in found.bars if b.switch is not None]
    stuck = sum(any(not end.possible and not end.refused for end in b.ends) for b in changing)
    if not changing:
        return words.unbroken(f"{text}; no fact can change the choice of routes.")
    number = f"{len(changing):,} of {len(found.bars):,} facts can change the choice of routes"
    rest = f", {words.count(stuck, 'of them', 'of them')} so far that no mix meets the limits" if stuck else ""
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


def more_switches(lines: Sequence[str]) -> str:
    """Further switching values as a list."""
    return "\n".join(f"- ... {line}" for line in lines)


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
    if end.refused:
        return "the number cannot be so"
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
    """One fact looked at beyond its range. Raises what `model.analysis.uncertainty.tornado.switching` raises."""
    low, high = further(bar)
    return model_switching(engine, choice, bar.fact, low, high)


def switching(bars: Sequence[Bar]) -> list[Bar]:
    """Facts with a switching value, those first whose switching value is nearest to their own, as a share of their range."""

    def near(bar: Bar) -> float:
        width = bar.high.value - bar.low.value
        return abs((bar.switch or bar.value) - bar.value) / width if width > 0 else math.inf

    return sorted((bar for bar in bars if bar.switch is not None), key=near)


def fact_card(evidence: Evidence, bar: Bar) -> str:
    """One fact in two lines: its value, range, year and source."""
    fact = evidence.facts[bar.fact]
    said = "assumption" in fact.source.body.lower()
    assumed = "; an analyst's assumption" if fact.assumption and not said else ""
    return words.plain_markdown(
        f"**{fact.what}**: {words.fact_value(bar.value, bar.unit)}, range {reach(bar)}.  \n{fact.year}; {fact.source.body}{assumed}."
    )
