"""The headline: who supplies what, at what price and what risk, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from model.evidence.schema import MAGNETS, Route
from model.evidence.store import Evidence
from model.results.formatting import count, inr_crore, listed, percent, rounded
from model.results.mix import Mix

BINDING_TITLE = "What the limits cost"


WORTH_TITLE = "Where one more tonne is worth most"


MAGNETS_TITLE = "Where India's magnets come from"


NAMED_ROUTES = 3
"""How many routes a headline names before it says 'other routes'."""


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
