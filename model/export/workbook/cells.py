"""Cells of the workbook: values, formulas, columns with their units; and the heads of the cost sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlsxwriter.utility import xl_col_to_name

from model.results.mix import Mix


@dataclass(frozen=True)
class Formula:
    """A cell that is worked out: its formula, and its value as the model has it."""

    text: str
    value: float


Cell = str | float | Formula | None
Row = Sequence[Cell | tuple[Cell, str]]
"""Cells of a row; a pair is a value and its look (see `spreadsheet.LOOKS`), where that differs from its column's."""


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its head with the unit, its width in characters and how its numbers look."""

    head: str
    width: float = 12
    look: str = "text"


Sheet = tuple[str, Sequence[Column], Sequence[Row]]
INPUTS, ODDS, DISCOUNT, PRICES, PURCHASES, PLANTS, RESERVE, SHORTAGE, YEARLY, ROUTES, TOTAL = (
    "Cost inputs", "Odds", "Discount", "Prices", "Purchases", "Plant cost", "Reserve cost", "Shortage", "Cost by year",
    "Cost by route", "Cost total",
)  # fmt: skip


def column(place: int) -> str:
    """The letters of a column, counted from 0."""
    return str(xl_col_to_name(place))


_ROUTE = (Column("Route", 36), Column("Route id", 22))
INPUT_COLUMNS = (
    Column("Input", 44), Column("Id", 26), Column("Value", 14, "input"), Column("Unit", 18), Column("What it is", 80),
)  # fmt: skip
ROUTE_COLUMNS = (
    *_ROUTE, Column("Purchases, discounted (kUSD)", 16, "kusd"), Column("Plants, discounted (kUSD)", 16, "kusd"),
    Column("Both (kUSD)", 14, "kusd"), Column("Both (INR crore)", 14, "crore"),
)  # fmt: skip
TOTAL_COLUMNS = (
    Column("Item", 24), Column("kUSD, discounted", 18, "money"), Column("Million USD", 14, "money"), Column("INR crore", 16, "crore"),
    Column("What it is", 90),
)  # fmt: skip


def year_columns(mix: Mix, unit: str, look: str, width: float = 11) -> list[Column]:
    """One column for each year."""
    return [Column(f"{year}{unit and f' ({unit})'}", width, look) for year in mix.case.years]


def state_columns(mix: Mix, what: str, unit: str, look: str) -> list[Column]:
    """One column for each state of the world."""
    return [Column(f"{what}{name} ({unit})", 14, look) for name in mix.case.state_names]


def price_columns(mix: Mix) -> list[Column]:
    """Prices as stated, then in USD/kg."""
    stated = year_columns(mix, "as stated", "input")
    return [
        *_ROUTE,
        Column("Product", 18),
        Column("Stated in", 10),
        *stated,
        *year_columns(mix, "USD/kg", "money"),
    ]


def purchase_columns(mix: Mix) -> list[Column]:
    """A purchase, and what stands behind it in each state."""
    return [
        *_ROUTE, Column("Product", 18), Column("Year", 8, "whole"), Column("Paid even if not taken (share)", 12, "input_share"),
        Column("Planned (t)", 12, "tonnes"), Column("Price (USD/kg)", 11, "money"),
        Column("Tonnes paid for, expected, dearer states counted up (t)", 18, "tonnes"), Column("Purchases, expected (kUSD)", 14, "kusd"),
        Column("Discounted (kUSD)", 14, "kusd"), *state_columns(mix, "Delivered: ", "t", "tonnes"),
        *state_columns(mix, "Can arrive: ", "share of plan", "share"), *state_columns(mix, "Price times: ", "ratio", "money"),
    ]  # fmt: skip


def plant_columns(mix: Mix) -> list[Column]:
    """A route's capital, what is added, and its yearly charges."""
    return [
        *_ROUTE, Column("Capital (INR for each kg/y)", 14, "input"), Column("Life (years)", 8, "input"),
        Column("Yearly charge (share of capital)", 12, "share"), Column("Capital (USD per kg/y)", 12, "money"),
        *year_columns(mix, "t/y added", "tonnes"), *year_columns(mix, "charge, kUSD", "kusd"), Column("Discounted (kUSD)", 14, "kusd"),
    ]  # fmt: skip


def reserve_columns(mix: Mix) -> list[Column]:
    """A product's stock in a year, and what each state draws."""
    return [
        Column("Product", 18), Column("Id", 14), Column("Year", 8, "whole"), Column("Storage (USD/kg a year)", 11, "money"),
        Column("In stock (t)", 11, "tonnes"), Column("Refill price (USD/kg)", 11, "money"), Column("Drawn, expected (t)", 11, "tonnes"),
        Column("Cost (kUSD)", 12, "kusd"), Column("Discounted (kUSD)", 12, "kusd"), Column("Price at the end (USD/kg)", 11, "money"),
        Column("Worth at the end, discounted (kUSD)", 14, "kusd"), *state_columns(mix, "Drawn: ", "t", "tonnes"),
    ]  # fmt: skip


def shortage_columns(mix: Mix) -> list[Column]:
    """Users' shortage in a year, and in each state."""
    return [
        Column("Users", 32), Column("Product", 18), Column("Year", 8, "whole"), Column("Demand (t)", 12, "tonnes"),
        Column("Short, expected (t)", 12, "tonnes"), Column("Harm of a missing kg (USD/kg)", 12, "money"),
        Column("Harm, expected (kUSD)", 12, "kusd"), Column("Discounted (kUSD)", 12, "kusd"), *state_columns(mix, "", "t", "tonnes"),
    ]  # fmt: skip


_PARTS = ("Purchases", "Plants", "Reserve", "Harm of shortage")
YEARLY_COLUMNS = (
    Column("Year", 8, "whole"), *(Column(f"{name} (kUSD)", 14, "kusd") for name in _PARTS), Column("Bill: the first three (kUSD)", 14, "kusd"),
    Column("Bill (INR crore)", 14, "crore"), Column("Discount factor", 10, "factor"),
    *(Column(f"{name}, discounted (kUSD)", 14, "kusd") for name in _PARTS),
)  # fmt: skip
