"""What arrives: the flows of a mix in one year and one state of the world, as the map and the table beside it show them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from model.evidence.schema import Fact, Route
from model.evidence.store import Evidence
from model.results.mix import Mix
from pages.parts.text import common as words

EXPECTED = "expected"
"""The average over all states of the world, weighted by probability; the other states carry the model's ids."""
UNDISTURBED = "undisturbed"

KINDS = {"magnet": "magnets", "substitute": "saved", "oxide": "oxide"}
"""Stage of a route -> what flows on it, in the order of the table."""
KEPT = 0.995
"""A route counts as cut, or as below plan, when less than this share of the plan is left."""
NAMED = 3
"""How many routes a headline names before it says 'other routes'."""
LEAST_T = 0.5
"""What is less than half a tonne is not worth a word."""


@dataclass(frozen=True)
class Flow:
    """One route in one year and state. Tonnes a year; `left`: share of the plan that the state leaves possible; `share`: of the year's magnet
    demand, or of all oxide that arrives; `home`: nothing crosses the border."""

    route: Route
    home: bool
    planned_t: float
    arrives_t: float
    left: float
    usd_per_kg: float
    share: float

    @property
    def cut(self) -> bool:
        """Whether the state takes away part of the plan."""
        return self.left < KEPT

    @property
    def status(self) -> str:
        """Cut or not, in words."""
        if self.cut:
            return f"CUT, {words.percent(1 - self.left)} lost"
        kept = self.arrives_t / self.planned_t
        return "as planned" if kept >= KEPT else f"{words.percent(1 - kept)} below plan"


def states(mix: Mix) -> dict[str, str]:
    """State id -> label with its probability, the average of all states first."""
    named = {EXPECTED: "Expected (average of all states)"}
    for state, name, chance in mix.states[["state", "name", "probability"]].to_numpy():
        named[str(state)] = f"{name} ({words.percent(chance, 1)} of years)"
    return named


def widest(mix: Mix) -> float:
    """The largest plan of any route in any year, t/y: the tonnes that the widest arc stands for."""
    return max(float(mix.table.groupby(["route", "year"])["planned_t"].sum().max()), 1.0)


def flows(mix: Mix, evidence: Evidence, year: int, state: str) -> list[Flow]:
    """One flow per route with a plan in `year`: magnets, magnets saved, oxide; the largest first in each."""
    table = _arriving(mix, year, state)
    table["money"] = table["cost_usd_per_kg"] * table["planned_t"]
    sums = table.groupby("route")[["planned_t", "arrives_t", "possible_t", "money"]].sum()
    stages = {name: evidence.routes[str(name)].stage for name in sums.index}
    oxide = float(sums.loc[[stages[name] == "oxide" for name in sums.index], "arrives_t"].sum())
    demand = words.yearly(mix, year, "demand_t")
    found = []
    for name, (planned, arrives, possible, money) in zip(sums.index, sums.to_numpy(float), strict=True):
        route = evidence.routes[str(name)]
        whole = oxide if route.stage == "oxide" else demand
        share = arrives / whole if whole > 0 else 0.0
        home = evidence.sites[route.site].country == "India"
        found.append(Flow(route, home, planned, arrives, possible / planned, money / planned, share))
    return sorted(found, key=lambda flow: (list(KINDS).index(flow.route.stage), -flow.arrives_t, flow.route.id))


def _arriving(mix: Mix, year: int, state: str) -> pd.DataFrame:
    """The plan of a year with arrives_t and possible_t (what the state leaves possible), by route and commodity."""
    plan = mix.table.loc[mix.table["year"] == year]
    if state == EXPECTED:
        return plan.assign(arrives_t=plan["delivered_expected_t"], possible_t=plan["planned_t"])
    table = mix.delivered(state)
    got = table.loc[table["year"] == year, ["route", "commodity", "delivered_t", "available_share"]]
    part = plan.merge(got, on=["route", "commodity"], how="left", validate="one_to_one")
    return part.assign(arrives_t=part["delivered_t"], possible_t=part["planned_t"] * part["available_share"])


def balance(mix: Mix, year: int, state: str) -> tuple[float, float]:
    """(magnets missing, magnets drawn from the reserve) in t in a year and state, or on the average of all states."""
    rows = mix.outcomes.loc[mix.outcomes["year"] == year].set_index("state")
    weights = {str(name): float(chance) for name, chance in mix.states[["state", "probability"]].to_numpy()}
    if state != EXPECTED:
        weights = {state: 1.0}
    lost = sum(float(rows["lost_share"][name]) * weight for name, weight in weights.items())
    drawn = sum(float(rows["draw_t"][name]) * weight for name, weight in weights.items())
    return lost * words.yearly(mix, year, "demand_t"), drawn


def headline(mix: Mix, evidence: Evidence, shown: list[Flow], year: int, state: str) -> str:
    """One sentence on what is shown: how much of the need arrives, from where, what is missing and what is cut."""
    magnets = [flow for flow in shown if flow.route.stage == "magnet" and flow.arrives_t >= LEAST_T]
    named = magnets[: NAMED if len(magnets) > NAMED + 1 else NAMED + 1]
    rest = magnets[len(named) :]
    parts = [f"{flow.route.short.replace(', ', '/')} {words.tonnes(flow.arrives_t)}" for flow in named]
    if rest:
        parts.append(f"{words.count(len(rest), 'other route')} {words.tonnes(_sum(rest))}")
    total, need = words.tonnes(_sum(magnets)), words.tonnes(words.yearly(mix, year, "demand_t"))
    clauses = [_opening(evidence, year, state, total, need) + (f": {words.listed(parts)}" if parts else "")]
    saved = _sum([flow for flow in shown if flow.route.stage == "substitute"])
    missing, drawn = balance(mix, year, state)
    others = [
        text.format(words.tonnes(tonnes))
        for text, tonnes in (
            ("motors without rare earths save {}", saved), ("the reserve gives {}", drawn), ("{} are missing", missing),
        )
        if tonnes >= LEAST_T
    ]  # fmt: skip
    clauses += [words.listed(others)] if others else []
    cut = sum(flow.cut for flow in shown)
    clauses += [f"{words.count(cut, 'route')} {'is' if cut == 1 else 'are'} cut"] if cut else []
    return "; ".join(clauses) + "."


def _sum(some: list[Flow]) -> float:
    return sum(flow.arrives_t for flow in some)


def _opening(evidence: Evidence, year: int, state: str, total: str, need: str) -> str:
    if state == EXPECTED:
        return f"In {year}, {total} of the {need} of magnets needed can be expected to arrive"
    if state == UNDISTURBED:
        return f"In {year}, if nothing goes wrong, {total} of the {need} of magnets needed arrive"
    first, *more = state.split("+")
    name = evidence.events[first].name if first in evidence.events else first
    also = f" and {words.count(len(more), 'other disruption')}" if more else ""
    return f"If \u201c{name}\u201d{also} hit{'' if more else 's'} in {year}, {total} of the {need} of magnets needed arrive"


def display(shown: list[Flow]) -> pd.DataFrame:
    """The flows as the table beside the map shows them: the same numbers, with units in the headings."""
    return pd.DataFrame(
        [
            {
                "Route": flow.route.name,
                "Arrives, t": _short(flow.arrives_t),
                "Share, %": round(100 * flow.share, 1),
                "USD/kg": round(flow.usd_per_kg, 1),
                "Cut or not": flow.status,
                "Planned, t": _short(flow.planned_t),
                "What": KINDS[flow.route.stage],
                "Origin": flow.route.origin,
            }
            for flow in shown
        ]
    )


def _short(tonnes: float) -> float:
    """Whole tonnes, one decimal below ten."""
    return round(tonnes, 1 if abs(tonnes) < 9.95 else 0) + 0.0


READING = (
    "Share: of the year's magnet demand; for oxide, of all oxide that arrives. USD/kg: planned cost in the unit of the route,"
    " a kg of magnet or a kg of oxide. Below plan: lost in some states, not needed, or its oxide is missing. Oxide is no magnet yet:"
    " Indian plants turn it into magnets, so the two must not be added."
)


def price_fact(route: Route, evidence: Evidence, year: int) -> Fact:
    """The fact behind a route's price, at the anchor year nearest to `year`."""
    path = route.price.get("average") or next(iter(route.price.values()))
    return evidence.facts[path[min(path, key=lambda anchor: abs(anchor - year))]]
