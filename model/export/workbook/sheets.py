"""What stands on each sheet of the workbook: columns with their units and rows of plain values, nothing about the file itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import numpy as np

from model import __version__
from model.arrays import Array
from model.engine.active_limits import holding
from model.engine.engine import Answer
from model.evidence.schema import COMMODITIES, MAGNETS
from model.evidence.store import Evidence
from model.export.workbook.cells import Column, Row
from model.export.workbook.cost_sheets import Ledger
from model.formulation.case import M
from model.formulation.levers import AIMS, Choice, Lever, Value, lever_named, levers
from model.provenance import digest
from model.results.annual import a_year
from model.results.indicators import INDICATORS
from model.results.limit_levels import binds, needs
from model.results.mix import Mix


def sheets(answer: Answer, evidence: Evidence, made_on: date) -> Iterator[tuple[str, Sequence[Column], Iterable[Row]]]:
    """Every sheet as its name, columns and rows."""
    mix, year = answer.mix, int(answer.mix.choice.target_year)
    years = [Column(f"{y} (t)", 10, "tonnes") for y in mix.case.years]
    route, product = (Column("Route", 36), Column("Route id", 22)), Column("Product", 18)
    yield "Read me", (Column("Subject", 24), Column("Text", 110)), _read_me(answer, evidence, made_on)
    yield (
        "Levers",
        (Column("Lever", 42), Column("Id", 22), Column("Value", 12, "number"), Column("Unit", 26), Column("Default", 12, "number"),
         Column("Changed", 10), Column("From", 10, "number"), Column("To", 10, "number"), Column("What is sensible", 80)),
        _levers(mix.choice),
    )  # fmt: skip
    yield (
        "Indicators",
        (Column("Indicator", 28), Column("Id", 20), Column("Unit", 20), Column("This mix", 14, "number"),
         Column("Today's course", 14, "number"), Column("Cheapest mix", 14, "number"), Column("What it says", 90)),
        _indicators(answer),
    )  # fmt: skip
    yield "Charts", _chart_columns(answer), list(_charted(answer, evidence))
    yield (
        "Mix",
        (*route, product, Column("Year", 8, "whole"), Column("Planned (t/y)", 12, "tonnes"),
         Column("Delivered, expected (t/y)", 14, "tonnes"), Column("Delivered, undisturbed (t/y)", 14, "tonnes"),
         Column("Full cost (USD/kg)", 12, "money")),
        _mix(mix, evidence),
    )  # fmt: skip
    yield "Route by year", (*route, product, *years), _by_year(mix, evidence)
    yield "Years", _year_columns(mix), mix.years.to_numpy().tolist()
    yield (
        "Plants",
        (*route, Column("Year", 8, "whole"), Column("Capacity (t/y)", 12, "tonnes"), Column("Added (t/y)", 12, "tonnes"),
         Column("Capital (INR crore)", 14, "crore")),
        ([evidence.routes[r].name, r, *more] for r, *more in mix.capacity.to_numpy().tolist()),
    )  # fmt: skip
    yield (
        "Reserve",
        (product, Column("Year", 8, "whole"), Column("Bought (t)", 12, "tonnes"), Column("In stock (t)", 12, "tonnes"),
         Column("Days of demand or of the plants' use", 18, "tonnes")),
        ([evidence.commodities[c].short, *more] for c, *more in mix.reserve.to_numpy().tolist()),
    )  # fmt: skip
    yield (
        "States",
        (Column("State of the world", 60), Column("Id", 36), Column("Probability in a year", 12, "input_share"),
         Column("Length (years)", 10, "money"), Column(f"Unserved in {year} (share of demand)", 16, "share"),
         Column(f"Magnets drawn from the reserve in {year} (t)", 18, "tonnes")),
        _states(mix, year),
    )  # fmt: skip
    yield from Ledger(mix, evidence).sheets()
    yield (
        "Limits",
        (Column("Limit", 42), Column("Id", 22), Column("On", 8), Column("Set at", 12, "number"), Column("This mix", 12, "number"),
         Column("Unit", 26), Column("Binds", 8), Column("Shadow price: one unit looser saves (INR crore a year)", 18, "crore"),
         Column("The same over all years, discounted (kUSD)", 18, "money")),
        _limits(mix),
    )  # fmt: skip
    yield (
        "Facts",
        (Column("Fact", 60), Column("Id", 30), Column("Value", 12, "number"), Column("Low", 12, "number"),
         Column("High", 12, "number"), Column("Unit", 18), Column("Year", 12), Column("Analyst assumption", 12),
         Column("Confidence", 12), Column("Source", 40), Column("Title or formula", 50), Column("Date", 12),
         Column("Link", 50), Column("Used in", 40), Column("Note", 80)),
        _facts(evidence),
    )  # fmt: skip


FROM_RESERVE, SHORT = "From the reserve", "Shortage"
RESERVE_COLOUR, SHORT_COLOUR = "#C9B458", "#B3261E"
VISIBLE_T = 0.05
"""Less than this many tonnes is not drawn."""

# -- rows ------------------------------------------------------------------------------------------------------------


def _read_me(answer: Answer, evidence: Evidence, made_on: date) -> Iterator[Row]:
    choice, today = answer.mix.choice, made_on.isoformat()
    mark = digest(evidence, choice)
    changed = [lever_named(name) for name in choice.differences(Choice())]
    said = [f"{lever.label}: {_said(lever, choice)} (default {_said(lever, Choice())})" for lever in changed]
    yield (
        "Question",
        (
            "India needs rare-earth magnets in eight sectors, 2026 to 2035. Which mix of routes should it contract, build and stock, year by"
            " year, at the least expected cost, so that the limits set on cost and risk still hold when a supplier fails?"
        ),
    )
    yield "Made on", today
    yield "Data version", evidence.version
    yield "Model version", __version__
    yield "Digest of the inputs", mark
    yield "Levers changed", "\n".join(said) or "None: every lever stands at its default."
    if evidence.own:
        yield (
            "Own numbers",
            "\n".join(
                f"{evidence.facts[name].what}: {edit.value:g} {evidence.facts[name].unit} in place of the evidence's, because: {edit.reason}"
                for name, edit in evidence.own.items()
            ),
        )
    yield (
        "Units",
        (
            "Tonnes and years; money in real terms of the base year, USD/kg, thousand USD (kUSD) or INR crore (10 million rupees) at the"
            f" rupee lever, INR {choice.rupee:g} per USD. Shares are shares of demand."
        ),
    )
    yield (
        "Expected, undisturbed",
        (
            "Expected is the average over the states of the world with their probabilities; undisturbed is a year in which nothing goes"
            f" wrong, probability {100 * answer.mix.case.probability[0]:.0f} %."
        ),
    )
    yield (
        "Bill and harm",
        "The harm of a shortage is lost value, not a bill. It is always shown apart from what has to be paid.",
    )
    yield (
        "Live formulas",
        (
            "The sheet Cost total adds up the cost of this mix from the sheets after it. Yellow cells are inputs: prices, the rupee, the discount"
            " rate, plants' capital, storage, the harm of a missing kg and the odds of each state. Change one and the cost of this same mix follows."
            " The mix itself does not: what would be best at other prices has to be solved anew."
        ),
    )
    yield (
        "Analyst assumption",
        (
            "A number that no source publishes and that the makers of the model therefore judged themselves. It is marked on the sheet"
            " Facts; treat it as a question to ask, and change it where you know better."
        ),
    )
    yield (
        "Proof",
        (
            f"{answer.mix.proof.solver}: least cost and its bound differ by {answer.mix.proof.gap:.1e}, largest violation of a row"
            f" {answer.mix.proof.violation:.1e}, {answer.mix.proof.states_kept} states of the world."
        ),
    )
    yield (
        "How to cite",
        f"India magnet explorer, model {__version__}, data {evidence.version}, inputs {mark[:12]}, {today}.",
    )
    yield (
        "Licence",
        (
            "Model and workbook: MIT licence. Each figure on the sheet Facts belongs to the body named beside it; quote that body."
        ),
    )


def _said(lever: Lever, choice: Choice) -> str:
    value = _shown(lever, choice.values()[lever.id])
    return f"{value:g} {lever.unit}".rstrip() if isinstance(value, float) else value


def _shown(lever: Lever, value: Value) -> str | float:
    if lever.kind == "switch":
        return "on" if value else "off"
    return AIMS.get(str(value), str(value)) if lever.kind == "option" else float(value)


def _look(unit: str) -> str:
    """How a number in this unit looks."""
    return "crore" if unit.startswith("INR crore") else "number"


def _levers(choice: Choice) -> Iterator[Row]:
    changed = choice.differences(Choice())
    for lever in levers():
        reach = (lever.low, lever.high) if lever.kind == "number" else (None, None)
        value, default, low, high = (
            (number, _look(lever.unit)) for number in (_shown(lever, choice.values()[lever.id]), _shown(lever, lever.default), *reach)
        )  # fmt: skip
        yield (
            lever.label, lever.id, value, lever.unit, default, "yes" if lever.id in changed else "", low, high, lever.sensible,
        )  # fmt: skip


def _indicators(answer: Answer) -> Iterator[Row]:
    mixes = (answer.mix, answer.today, answer.cheapest)
    for indicator in INDICATORS:
        look = "share" if indicator.unit.startswith("share") else "crore" if "crore" in indicator.unit else "tonnes"
        values = [(mix.indicators[indicator.id], look) for mix in mixes]
        yield indicator.label, indicator.id, indicator.unit, *values, indicator.plain


def _chart_columns(answer: Answer) -> list[Column]:
    """The numbers behind the charts: who supplies magnets, and the worst cases."""
    return [
        Column("What", 30),
        Column("Unit", 16),
        *(Column(str(year), 10, "tonnes") for year in answer.mix.case.years),
    ]


def supply(mix: Mix, evidence: Evidence) -> list[tuple[str, str, Array]]:
    """Expected magnets by route, from the reserve and short, as (name, colour, t by year); what is nothing throughout is left out."""
    case = mix.case
    routes = [evidence.routes[name] for name in case.routes]
    found = [(route.short, route.colour, mix.expected[r, :M].sum(axis=0)) for r, route in enumerate(routes)]
    found.append((FROM_RESERVE, RESERVE_COLOUR, mix.draw[:M].sum(axis=0) @ case.probability))
    found.append((SHORT, SHORT_COLOUR, mix.short.sum(axis=(0, 1)) @ case.probability))
    return [row for row in found if row[2].max() > VISIBLE_T]


def _charted(answer: Answer, evidence: Evidence) -> Iterator[Row]:
    for name, _, tonnes in supply(answer.mix, evidence):
        yield name, "t, expected", *tonnes.tolist()
    yield "Demand", "t", *answer.mix.case.total_demand.tolist()
    for name, mix in (("This mix", answer.mix), ("Today's course", answer.today)):
        yield f"Worst-case shortfall: {name}", "share of demand", *((float(x), "share") for x in mix.tail_year)


def _mix(mix: Mix, evidence: Evidence) -> Iterator[Row]:
    for route, commodity, *more in mix.table.to_numpy().tolist():
        yield evidence.routes[route].name, route, evidence.commodities[commodity].short, *more


def _by_year(mix: Mix, evidence: Evidence) -> Iterator[Row]:
    for r, c in np.argwhere(mix.plan.max(axis=2) > 0).tolist():
        route, product = evidence.routes[mix.case.routes[r]], evidence.commodities[COMMODITIES[c]]
        yield route.name, route.id, product.short, *mix.expected[r, c].tolist()


ENDINGS = {"share": "share", "crore": "crore", "kusd": "kusd", "_t": "tonnes", "hhi": "kusd", "_kg_per_kg": "money"}
"""How the numbers of a column look, by the unit at the end of its name."""


def _year_columns(mix: Mix) -> list[Column]:
    """Columns of `mix.years`, by the unit at the end of their names."""
    found = []
    for name in mix.years.columns:
        look = next((look for end, look in ENDINGS.items() if name.endswith(end)), "number")
        found.append(Column(name, 16, look))
    return found


def _states(mix: Mix, year: int) -> Iterator[Row]:
    t = mix.case.years.index(year)
    drawn = mix.draw[: len(MAGNETS), t].sum(axis=0)
    for k, (state, name, probability, length) in enumerate(mix.states.to_numpy().tolist()):
        yield name, state, probability, length, float(mix.lost[t, k]), float(drawn[k])


def _limits(mix: Mix) -> Iterator[Row]:
    on, values = holding(mix.case), mix.choice.values()
    for name, found in needs(mix).items():
        lever, value, holds = lever_named(name), float(values[name]), name in on
        look, saved = _look(lever.unit), mix.limit_prices.get(name, 0.0)
        yield (
            lever.label,
            name,
            "on" if holds else "off",
            (value, look),
            (found, look),
            lever.unit,
            "yes" if holds and binds(mix, name, found) else "",
            saved * a_year(mix.case) if holds else None,
            saved if holds else None,
        )


def _facts(evidence: Evidence) -> Iterator[Row]:
    """Every fact that the model uses, with its source and the places that use it."""
    for name, places in evidence.uses.items():
        if not places:
            continue
        fact, source = evidence.facts[name], evidence.facts[name].source
        yield (
            fact.what, fact.id, *((None if x is None else float(x), _look(fact.unit)) for x in (fact.value, fact.low, fact.high)), fact.unit,
            str(fact.year), "analyst assumption" if fact.assumption else "", fact.confidence, source.body, source.title,
            "" if source.date is None else str(source.date), source.url or "", ", ".join(places), fact.note,
        )  # fmt: skip
