"""Words for limits: their names and amounts, and the sentences about what a step costs or how much room is left."""

from __future__ import annotations

from dataclasses import dataclass

from model.formulation.levers import lever_named
from model.results.formatting import money
from model.results.limit_levels import NOTHING

NOUNS = {
    "china_limit": "China limit", "country_limit": "limit on any one country", "shortfall_limit": "shortfall limit",
    "premium_limit": "premium limit", "investment_limit": "investment limit", "home_limit": "made-in-India floor",
    "carbon_limit": "carbon limit", "concentration_limit": "limit on governance-weighted dependence",
    "vital_limit": "limit for defence and medical users", "reserve_days": "limit on the reserve",
    "magnet_budget": "magnet scheme's budget", "recycling_budget": "recycling scheme's budget",
    "mission_budget": "mission's budget", "aim": "aim",
}  # fmt: skip
"""What a sentence calls each limit lever, after 'the'."""


def amount(name: str, value: float) -> str:
    """A lever's value with its unit, as in a sentence: '57 %', 'INR 7,280 crore', '60 days'."""
    unit = lever_named(name).unit
    if name == "target_year":
        return f"{value:.0f}"
    if unit.startswith("%"):
        return f"{value:.4g} %"
    if unit == "INR crore":
        return f"INR {value:,.0f} crore"
    if unit.startswith("days"):
        return f"{value:.4g} days"
    return f"{value:.4g} {unit}" if unit.startswith("kg") else f"{value:.4g}"


@dataclass(frozen=True)
class Step:
    """A limit really moved one way. `change` is what the plan costs more (less when negative) in INR crore a year after one step,
    None when no mix is left; it is `bill` plus `harm`. Until `until` each step costs within 25 % of that, None when not even the
    first does throughout; beyond `twice` each costs more than twice that; at `none` no mix is left. In the lever's unit."""

    value: float
    change: float | None
    bill: float = 0.0
    harm: float = 0.0
    until: float | None = None
    twice: float | None = None
    none: float | None = None
    aim: float | None = None
    """With an aim other than cost: the aim's new value, as a share."""


@dataclass(frozen=True)
class LimitReport:
    """One limit lever that is on. `need` is the tightest value that this mix meets as it stands; `price` what one lever unit
    looser saves at the margin (from the reduced cost of the lever's column), INR crore a year; steps are None until asked for."""

    lever: str
    value: float
    need: float
    binding: bool
    price: float
    looser: Step | None
    tighter: Step | None
    sentence: str

    @property
    def detail(self) -> str:
        """How a step divides between the bill and the harm of shortage; empty without a step."""
        return " ".join(
            f"{way.capitalize()} by one step changes the bill by {money(step.bill, True)} and the harm of shortage by"
            f" {money(step.harm, True)} a year."
            for way, step in (("loosening", self.looser), ("tightening", self.tighter))
            if step is not None and step.change is not None
        )


def one_step(name: str) -> str:
    """One step of a lever in words: 'one point', '5 days'."""
    lever = lever_named(name)
    return "one point" if lever.unit.startswith("%") and lever.step == 1 else amount(name, lever.step)


def room_left(name: str, room: float) -> str:
    """How far a limit that does not bind could be tightened without cost."""
    verb, only = ("rise", "reaches") if name == "home_limit" else ("fall", "needs only")
    return f"Not binding: the mix {only} {amount(name, room)}, so the {NOUNS[name]} could {verb} to that without cost."


def _each(name: str) -> str:
    return "point" if lever_named(name).unit.startswith("%") else "step"


def loosening(name: str, step: Step | None) -> str:
    """What loosening a limit saves and how far; empty without a step."""
    if step is None or step.change is None:
        return ""
    moved = f"Loosening the {NOUNS[name]} by {one_step(name)}"
    if -step.change < NOTHING:
        return f"{moved} alone saves nothing."
    lasts = "and no more than that for each further one"
    if step.until is not None:
        lasts = f"about as much for each {_each(name)} until {amount(name, step.until)}"
        if step.until == step.value:
            lasts = "less after that"
    return f"{moved} saves {money(-step.change)} a year, {lasts}."


def tightening(name: str, step: Step | None) -> str:
    """What tightening a limit costs, how far, and what lies beyond; empty without a step."""
    if step is None:
        return ""
    moved = f"Tightening it by {one_step(name)}"
    if step.change is None:
        return f"{moved} leaves no mix."
    if step.change < NOTHING:
        return f"{moved} costs nothing."
    words = f"{moved} costs {money(step.change)} a year"
    if step.until is not None and step.until != step.value:
        words += f", about as much for each {_each(name)} until {amount(name, step.until)}"
    beyond = []
    if step.twice is not None:
        side = "below" if name != "home_limit" else "above"
        beyond.append(f"{side} {amount(name, step.twice)} it costs more than twice that")
    if step.none is not None:
        beyond.append(f"at {amount(name, step.none)} no mix is left")
    return f"{words}; {', and '.join(beyond)}." if beyond else f"{words}."
