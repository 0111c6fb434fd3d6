"""Fixed texts of the Mix page: titles, notes, column names, and what to look for behind each number; no Streamlit."""

from __future__ import annotations

from collections.abc import Mapping

from model.results.headline import MAGNETS_TITLE
from model.results.indicators import Indicator
from pages.parts.text import common as words

INDICATOR_FACTS: Mapping[str, str] = {
    "bill_crore": "route",
    "cost_usd_per_kg": "route",
    "premium": "lever premium_limit",
    "tail_shortfall": "event",
    "expected_shortfall": "probability",
    "china_share": "lever china_limit",
    "home_share": "lever home_limit",
    "largest_share": "lever country_limit",
    "hhi": "world_ree_production",
    "investment_crore": "capex",
    "public_crore": "subsidy",
    "reserve_t": "stockpile",
    "carbon": "footprint",
    "harm_crore": "penalty",
}
"""What to look for on the Evidence page for each indicator."""

MAGNETS_NOTE = (
    "Tonnes a year by route; the dark line is demand. Pale: motors that need no magnets, stock, shortage."
    " Above the line: bought for the reserve, or spare in good years."
)
WALL_NOTE = (
    "Small figures: change against today's course, the plan that is carried forward when nothing new is decided."
    " The yearly bill leaves out the harm of shortage, which is no bill."
)
OXIDE_TITLE = "The oxide behind Indian magnets"
OXIDE_NOTE = (
    "Tonnes of oxide a year that Indian plants turn into magnets. Oxide is worth nothing to India without those plants."
)
BUILT_TITLE = "What is built, and when"
BUILT_NOTE = "New capacity on Indian soil, of magnets and of oxide, by the year in which it comes on line."
RESERVE_TITLE = "The strategic reserve"
RESERVE_NOTE = "What lies in stock at the end of each year. The plan buys no more than is worth its price."
RESERVE_FACTS = {"Size": "stockpile_days", "Budget": "stockpile_budget", "Japan's stocks": "japan_stock_60_180"}
SHORTAGE_TITLE = "Who goes short, and when"
SHORTAGE_NOTE = "Percent of each user's demand that goes unserved, in each state of the world; the first figure is its probability in a year. Worst states on top."
SHORTAGE_FACTS = {
    "Cost of a missing kg": "penalty",
    "Licence squeeze": "scenario_licence_squeeze",
    "Embargo": "scenario_full_embargo",
}
UNDISTURBED_HELP = (
    "All figures here are expected deliveries: the average over all states of the world, disruptions weighted by their probability."
    " Switch on to see a year in which nothing goes wrong."
)

NOTHING = {
    "oxide": "No oxide is needed: no Indian plant makes magnets in this mix.",
    "built": "Nothing new is built in this mix.",
    "reserve": "This mix keeps no reserve.",
    "magnets": "No magnets reach India in this mix.",
    "shortage": "Nobody goes short in any state of the world.",
}
"""What stands in place of a chart that would be empty."""

COLUMNS: Mapping[str, str] = {
    "year": "Year",
    "route": "Route",
    "commodity": "Product",
    "sector": "Users",
    "state": "State of the world",
    "planned_t": "Planned, t",
    "delivered_t": "Delivered, t",
    "share": "Share of demand, %",
    "cost_usd_per_kg": "Cost, USD/kg",
    "added_t": "Added, t/y",
    "capacity_t": "Capacity, t/y",
    "capital_inr_crore": "Capital, INR crore",
    "filled_t": "Bought, t",
    "stock_t": "In stock, t",
    "days": "Days of demand",
    "short_t": "Short, t",
    "short_in_state_t": "Short in that state, t",
    "demand_t": "Demand, t",
    "probability": "Probability, %",
}
"""Column names of the tables that leave the screen, as people read them."""


LOOKS = (
    "Magnets", "Oxide", "Map", "New plants", "Reserve", "Who goes short", "Cost and risk", "What safety costs", "Disruptions",
    "Room to move", "Doubt",
)  # fmt: skip


def change(indicator: Indicator, before: float, after: float) -> str:
    """The change of an indicator in words; shares in points with one decimal, 'same' when the two read the same."""
    if words.indicator_value(indicator, before) == words.indicator_value(indicator, after):
        return "same"
    if indicator.unit.startswith("share"):
        return words.signed(100 * (after - before), lambda points: f"{words.number(points, 1)} points")
    return str(words.indicator_change(indicator, after - before) or "same")


__all__ = ["MAGNETS_TITLE"]
