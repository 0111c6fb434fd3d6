"""Numbers and sentences as people read them, on screen and in every file that is taken away."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial

from model.formulation.levers import Lever
from model.results.indicators import Indicator

UNKNOWN = "not defined"


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


def money(crore: float, signed: bool = False) -> str:
    """An amount in INR crore for a sentence: 'INR 1,240 crore', 'INR 6.7 crore'."""
    digits = 0 if abs(crore) >= 9.95 else 1 if abs(crore) >= 0.95 else 2
    text = f"{abs(crore):,.{digits}f}"
    mark = ("−" if crore < 0 else "+") if signed and float(text.replace(",", "")) else ""
    return f"INR {mark}{text} crore"
