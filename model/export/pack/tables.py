"""Tidy tables of an answer: one row a fact, units in the column names (or in a column `unit` where rows differ), texts that no
spreadsheet takes for a formula."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from model.engine.active_limits import holding
from model.engine.engine import Answer
from model.evidence.schema import COMMODITIES, OwnFact
from model.evidence.store import Evidence
from model.formulation.levers import levers
from model.results.annual import a_year
from model.results.indicators import INDICATORS
from model.results.limit_levels import needs
from model.results.mix import SMALL_T, Mix

DIGITS = 12
"""Significant digits of a number in a table."""
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes a cell for a formula by."""

Tables = Mapping[str, tuple[str, pd.DataFrame]]


def tables(answer: Answer, evidence: Evidence) -> Tables:
    """Every table by its name, with what it holds in a sentence."""
    mix = answer.mix
    states = mix.states.rename(columns={"probability": "probability_per_year"})
    reserve = mix.reserve.rename(columns={"days": "stock_days"})
    found = {
        "mix": ("Plan and deliveries by route, commodity and year, with the full cost of a delivered kg.", mix.table),
        "deliveries": ("Deliveries in each state of the world, where anything is planned.", deliveries(mix)),
        "years": ("One row a year: demand, shortfall, shares, footprint and money of that year, not discounted.", mix.years),
        "outcomes": ("One row a year and state of the world: what is lost, drawn and paid.", mix.outcomes),
        "plants": ("Capacity, additions and capital by route and year.", mix.capacity),
        "reserve": ("The strategic reserve by commodity and year.", reserve),
        "shortage": ("Shortage by sector, commodity, year and state of the world.", mix.shortage),
        "states": ("States of the world with their probability in a year.", states),
        "costs": ("Parts of the objective, discounted to the first year.", costs(mix)),
        "indicators": ("Indicators beside today's course and the cheapest mix.", indicators(answer)),
        "levers": ("Every lever with its value and its default.", lever_values(mix)),
        "limits": ("Every limit: where it is set, where the mix stands, and its shadow price.", limits(mix)),
        "facts": ("Every fact with its value, range, source and use.", facts(evidence)),
    }  # fmt: skip
    return {name: (what, neutral(frame)) for name, (what, frame) in found.items()}


def neutral(frame: pd.DataFrame) -> pd.DataFrame:
    """The same table with an apostrophe before each text that a spreadsheet would run, and numbers cut to `DIGITS` digits."""
    found = frame.copy()
    for name in found.columns:
        if found[name].dtype.kind == "f":
            found[name] = [float(f"{value:.{DIGITS}g}") + 0.0 for value in found[name]]
        elif found[name].dtype.kind not in "iub":
            found[name] = [safe(value) if isinstance(value, str) else value for value in found[name]]
    return found


def safe(text: str) -> str:
    """A text as a cell: one line, and with an apostrophe in front where a spreadsheet would run it."""
    line = " ".join(text.split()) if text.strip() else ""
    return f"'{line}" if line.startswith(FORMULA_MARKS) or text.startswith(FORMULA_MARKS) else line


def csv(frame: pd.DataFrame) -> bytes:
    """A table as UTF-8 CSV."""
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text.encode()


# -- tables ----------------------------------------------------------------------------------------------------------


def deliveries(mix: Mix) -> pd.DataFrame:
    """Deliveries by route, commodity, year and state: delivered_t and available_share of the plan."""
    case = mix.case
    r, c, t = np.nonzero(mix.plan > SMALL_T)
    states = len(case.states)
    return pd.DataFrame(
        {
            "route": np.repeat(np.array(case.routes)[r], states),
            "commodity": np.repeat(np.array(COMMODITIES)[c], states),
            "year": np.repeat(np.array(case.years)[t], states),
            "state": np.tile(case.states, len(r)),
            "delivered_t": mix.deliver[r, c, t].ravel(),
            "available_share": case.availability[r, c, t].ravel(),
        }
    )


def costs(mix: Mix) -> pd.DataFrame:
    """The objective and its parts in kUSD, discounted."""
    parts = {
        "purchases": mix.supply_cost_kusd, "plants": mix.investment_kusd, "reserve": mix.reserve_cost_kusd,
        "harm_of_shortage": mix.shortage_cost_kusd, "tie_break": mix.preference_kusd, "objective": mix.objective_kusd,
    }  # fmt: skip
    return pd.DataFrame({"part": list(parts), "cost_kusd_discounted": list(parts.values())})


def indicators(answer: Answer) -> pd.DataFrame:
    """Every indicator with its unit, for this mix and both yardsticks."""
    rows = [
        (i.id, i.label, i.unit, *(mix.indicators[i.id] for mix in (answer.mix, answer.today, answer.cheapest)))
        for i in INDICATORS
    ]
    return pd.DataFrame(rows, columns=["indicator", "label", "unit", "this_mix", "today", "cheapest"])


def lever_values(mix: Mix) -> pd.DataFrame:
    """Every lever; values as text, because some are words."""
    values = mix.choice.values()
    rows = [(v.id, v.label, str(values[v.id]), v.unit, str(v.default), values[v.id] != v.default) for v in levers()]
    return pd.DataFrame(rows, columns=["lever", "label", "value", "unit", "default", "changed"])


def limits(mix: Mix) -> pd.DataFrame:
    """Every limit in the unit of its lever; the shadow price is what one unit looser saves, INR crore a year."""
    on, values, unit = holding(mix.case), mix.choice.values(), {v.id: v.unit for v in levers()}
    rows = [
        (name, unit[name], name in on, float(values[name]), found, mix.limit_prices.get(name, 0.0) * a_year(mix.case))
        for name, found in needs(mix).items()
    ]
    names = ["limit", "unit", "on", "set_at", "reached", "shadow_price_inr_crore_per_unit_per_year"]
    return pd.DataFrame(rows, columns=names)


def facts(evidence: Evidence) -> pd.DataFrame:
    """Every fact; value, low, high and published_value in the unit beside them. An own number says so in own_number, with what the evidence
    has and the reason beside it."""
    rows = [
        (
            name, fact.what, float(fact.value), *(np.nan if x is None else float(x) for x in (fact.low, fact.high)), fact.unit,
            str(fact.year), fact.assumption, fact.confidence, "own number of a visitor" if name in evidence.own else fact.source.body, fact.source.title, fact.source.url or "",
            ", ".join(evidence.uses.get(name, ())), name in evidence.own,
            float(fact.published) if isinstance(fact, OwnFact) else np.nan,
            fact.reason if isinstance(fact, OwnFact) else "",
        )
        for name, fact in evidence.facts.items()
    ]  # fmt: skip
    names = [
        "fact", "what", "value", "low", "high", "unit", "year", "assumption", "confidence", "source", "title", "link", "used_in",
        "own_number", "published_value", "own_reason",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)
