"""Numbers and sentences as people read them, on screen and in every file that is taken away."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from model.evidence.store import MAGNETS, Evidence, Route
from model.formulation.levers import Lever
from model.results.mix import Indicator, Mix

UNKNOWN = "not defined"
BINDING_TITLE = "What the limits cost"
WORTH_TITLE = "Where one more tonne is worth most"
MAGNETS_TITLE = "Where India's magnets come from"
NAMED_ROUTES = 3
"""How many routes a headline names before it says 'other routes'."""


# -- numbers -----------------------------------------------------------------------------------------------------


def number(value: float, digits: int = 0) -> str:
    """A number with thousands separators and never a negative zero: 8220.4 -> '8,220'."""
    if not math.isfinite(value):
        return UNKNOWN
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if not text.strip("-0.,") else text


def indian(value: float, digits: int = 0) -> str:
    """A number grouped as in India, thousands and then pairs: 1234567 -> '12,34,567'."""
    if not math.isfinite(value):
        return UNKNOWN
    whole, _, fraction = number(abs(value), digits).replace(",", "").partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    text = ",".join([*groups, tail]) + (f".{fraction}" if fraction else "")
    return f"-{text}" if value < 0 and text.strip("0.,") else text


def tonnes(value: float) -> str:
    """Tonnes: 8220.4 -> '8,220 t'; below 10 t with one decimal where it says something: 2.4 -> '2.4 t'."""
    short = abs(value) < 9.95 and abs(value - round(value)) >= 0.05
    return f"{number(value, 1 if short else 0)} t" if math.isfinite(value) else UNKNOWN


def percent(share: float, digits: int = 0) -> str:
    """A share as percent: 0.374 -> '37 %'."""
    return f"{number(100 * share, digits)} %" if math.isfinite(share) else UNKNOWN


def usd_kg(value: float) -> str:
    """A price or cost per kg: 62.41 -> 'USD 62.4/kg'."""
    return f"USD {number(value, 1)}/kg" if math.isfinite(value) else UNKNOWN


def million_usd(kusd: float) -> str:
    """Thousand USD as million USD: 412345 -> 'USD 412 million'."""
    millions = kusd / 1e3
    return f"USD {number(millions, 1 if abs(millions) < 9.95 else 0)} million" if math.isfinite(kusd) else UNKNOWN


def crore(kusd: float, rupee: float) -> str:
    """Thousand USD as INR crore (10 million rupees) at `rupee` INR per USD: 412000, 97 -> 'INR 3,996 crore'."""
    return inr_crore(kusd * 1e3 * rupee / 1e7)


def inr_crore(value: float) -> str:
    """INR crore with Indian grouping: 123456 -> 'INR 1,23,456 crore'."""
    return f"INR {indian(value, 1 if 0.05 <= abs(value) < 9.95 else 0)} crore" if math.isfinite(value) else UNKNOWN


def rounded(value: float, figures: int = 2) -> float:
    """A number to so many significant figures, for sentences that must not pretend precision: 1243 -> 1200."""
    return float(f"{value:.{figures}g}") if math.isfinite(value) else value


def signed(value: float, show: Callable[[float], str]) -> str:
    """A change as `show` writes it, the sign in front: 3.2 -> '+3 points', -310 -> '-INR 310 crore', 0.001 -> '0 points'."""
    text = show(abs(value))
    return text if text in {show(0.0), UNKNOWN} else ("+" if value > 0 else "-") + text


def points(share: float) -> str:
    """A difference of two shares: 0.03 -> '3 points', 0.01 -> '1 point'."""
    text = number(100 * share)
    return f"{text} point" if text in {"1", "-1"} else f"{text} points"


SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count(amount: int, one: str, many: str = "") -> str:
    """A count with its noun in the right number: 1, 'route' -> 'one route'; 14 -> '14 routes'."""
    shown = SMALL[amount] if 0 <= amount < len(SMALL) else f"{amount:,}"
    return f"{shown} {one if amount == 1 else many or one + 's'}"


def listed(parts: Iterable[str], last: str = "and") -> str:
    """Parts as a list in a sentence: 'a, b and c'."""
    parts = list(parts)
    return f" {last} ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


# -- the headline ------------------------------------------------------------------------------------------------


def route_shares(mix: Mix, year: int, commodities: Sequence[str] = MAGNETS) -> dict[str, float]:
    """Expected deliveries of each route in a year as a share of that year's magnet demand, largest first."""
    table = mix.table
    rows = table[(table["year"] == year) & table["commodity"].isin(list(commodities))]
    tonnes_of = rows.groupby("route")["delivered_expected_t"].sum().sort_values(ascending=False)
    demand = yearly(mix, year, "demand_t")
    return {str(route): float(t) / demand for route, t in tonnes_of.items() if demand > 0 and t > 0}


def yearly(mix: Mix, year: int, column: str) -> float:
    """One number of `mix.years` in its own unit."""
    return float(mix.years.loc[mix.years["year"] == year, column].iloc[0])


def headline(mix: Mix, today: Mix, evidence: Evidence, year: int) -> str:
    """The answer in one sentence: who supplies what in `year`, what it costs against today's course, how bad the worst years are."""
    text = f"{sources_sentence(mix, evidence, year)}; {cost_clause(mix, today)}, and {worst_clause(mix, today)}."
    return unbroken(text)


def unbroken(text: str) -> str:
    """A sentence in which no line ends between a number and its unit."""
    return (
        text.replace(" %", "\u00a0%")
        .replace(" t ", "\u00a0t ")
        .replace(" t,", "\u00a0t,")
        .replace("INR ", "INR\u00a0")
        .replace(" crore", "\u00a0crore")
    )


def sources_sentence(mix: Mix, evidence: Evidence, year: int) -> str:
    """Who supplies what: 'In 2030, 45 % of the magnets India needs come from China, 23 % from Indian plants and ...'."""
    shares = {route: share for route, share in route_shares(mix, year).items() if share >= 0.005}
    supply = {r: s for r, s in shares.items() if evidence.routes[r].stage != "substitute"}
    if not supply:
        return f"In {year}, no magnets reach India"
    named = dict(list(supply.items())[: NAMED_ROUTES if len(supply) != NAMED_ROUTES + 1 else NAMED_ROUTES + 1])
    rest = [share for route, share in supply.items() if route not in named]
    parts = [f"{percent(share)} from {spoken(evidence.routes[route])}" for route, share in named.items()]
    parts[0] = parts[0].replace(" % from ", " % of the magnets India needs come from ", 1)
    if rest:
        parts.append(f"{percent(sum(rest))} from {count(len(rest), 'other route')}")
    saved = sum(share for route, share in shares.items() if route not in supply)
    spared = f", while motors without rare earths spare {percent(saved)}" if saved >= 0.005 else ""
    return f"In {year}, {listed(parts)}{spared}"


SPOKEN = {
    "recycled_magnets": "recycled magnets",
    "joint_venture": "a Chinese-Indian joint venture",
    "irel_smco": "IREL's samarium-cobalt plant",
    "USA and Europe": "the USA and Europe",
}
"""How a route or an origin is called in a sentence, where that is not just its name."""


def spoken(route: Route) -> str:
    """How a route is called in a sentence: foreign ones by their origin."""
    plain = route.short if route.made_in_india else SPOKEN.get(route.origin, route.origin)
    return SPOKEN.get(route.id, plain)


def cost_clause(mix: Mix, today: Mix) -> str:
    """What the plan costs a year against today's course, to two figures; the harm of shortage is not in it."""
    mine, theirs = mix.indicators["bill_crore"], today.indicators["bill_crore"]
    if abs(mine - theirs) <= 0.005 * abs(theirs):
        return "the plan costs about as much as today's course"
    return f"the plan costs {inr_crore(rounded(abs(mine - theirs)))} a year {'more' if mine > theirs else 'less'} than today's course"


def worst_clause(mix: Mix, today: Mix) -> str:
    """How much of demand goes unserved on the average of the worst 5 % of outcomes, against today's course."""
    mine, theirs = (percent(m.indicators["tail_shortfall"]) for m in (mix, today))
    if mine == "0 %":
        return "even in the worst years hardly any demand goes unserved" + (
            "" if theirs == mine else f" instead of {theirs}"
        )
    if mine == theirs:
        return f"in the worst years {mine} of demand goes unserved, as on today's course"
    return f"in the worst years {mine} of demand goes unserved instead of {theirs}"


# -- levers and indicators ---------------------------------------------------------------------------------------------


def lever_value(lever: Lever, value: float | bool | str) -> str:
    """A lever's value with its unit: '60 % of demand', '2030', 'on'."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return value
    if lever.unit == "INR crore":
        return inr_crore(value)
    shown = f"{value:g}" if lever.unit == "year" or value != round(value) else number(value)
    return shown if lever.unit in {"", "year"} else f"{shown} {lever.unit}"


def indicator_value(indicator: Indicator, value: float) -> str:
    """An indicator's value in the unit that it is shown in."""
    if indicator.unit.startswith("share"):
        return percent(value, 1 if 0.0005 <= abs(value) < 0.0995 else 0)
    return in_unit(value, indicator.unit)


def indicator_change(indicator: Indicator, change: float) -> str | int:
    """The change of an indicator against today's course, the sign in front; 0 when it is too small to show."""
    show = points if indicator.unit.startswith("share") else partial(in_unit, unit=indicator.unit)
    text = signed(change, show)
    return text if text[:1] in {"+", "-"} else 0


def in_unit(value: float, unit: str) -> str:
    """A number in its unit, as short as it can be; 'a year' is left to the label."""
    if unit.startswith("INR crore"):
        return inr_crore(value)
    if unit == "USD/kg":
        return usd_kg(value)
    if unit == "t":
        return tonnes(value)
    return number(value) if unit.startswith("index") else f"{number(value, 1)} {unit}"


def fact_value(value: float, unit: str) -> str:
    """A fact's value in its own unit: '6,000 t/y', '65 %', '2029'."""
    if unit == "share":
        return percent(value, 0 if abs(value) >= 0.1 or value == 0 else 1)
    if unit == "calendar year":
        return f"{value:.0f}"
    shown = number(value) if abs(value) >= 1000 else f"{value:.4g}"
    return shown if unit in {"ratio", "index", "count"} else f"{shown} {unit}"
