"""What a room wants: how its answers spread, and the limits that everybody, most or half of the people accept; no Streamlit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from model.results.mix import Mix
from pages.parts.charts.mix import CONFIG, INK, Chart, Spec, tip
from pages.parts.workshop.room import LEVERS, Limits

SHARES = {"everybody": 1.0, "three in four": 0.75, "half": 0.5}
"""Parts of a room, from the strictest common ground to the median, by their names."""
NAMES = {"premium_limit": "Extra cost", "china_limit": "From China", "shortfall_limit": "Shortfall"}
UNITS = {
    "premium_limit": "% over the cheapest mix", "china_limit": "% of demand", "shortfall_limit": "% of demand",
}  # fmt: skip
INDICATOR_OF = {"premium_limit": "premium", "china_limit": "china_share", "shortfall_limit": "tail_shortfall"}
"""The indicator of a mix, a share, that each limit bounds, a percentage."""
MARGIN = 1e-3
"""A mix meets a limit that it passes by no more than so many percentage points: as exact as a solver is, and less than is shown."""
BANDS = {"everybody": "#5E97BD", "three in four": "#9CC3DC", "half": "#D6E6F1"}
LINES = {name: line for line, name in enumerate(reversed(LEVERS))}
"""Where each limit is drawn, from below."""


def accepted_by(answers: Sequence[Limits], share: float) -> Limits:
    """For each limit by itself, the highest value that at least this share of people accept: for everybody the strictest answer, for
    half of them the median (of two middle answers the looser). Raises `ValueError` for an empty room."""
    if not answers:
        raise ValueError("nobody has answered")
    place = max(1, math.ceil(share * len(answers) - 1e-9)) - 1
    return Limits(*(sorted((getattr(a, name) for a in answers), reverse=True)[place] for name in LEVERS))


def satisfied(answers: Sequence[Limits], mix: Mix) -> int:
    """How many people's three limits a mix meets, all three at once."""
    found = {name: 100 * mix.indicators[indicator] for name, indicator in INDICATOR_OF.items()}
    return sum(all(found[name] <= getattr(a, name) + MARGIN for name in LEVERS) for a in answers)


def table(answers: Sequence[Limits]) -> pd.DataFrame:
    """One line for each limit: the strictest answer, the middle half, the loosest, and what each part of the room accepts, in %."""
    rows = []
    for name in LEVERS:
        values = sorted(getattr(a, name) for a in answers)
        common = {f"{who} accept": getattr(accepted_by(answers, share), name) for who, share in SHARES.items()}
        rows.append({"limit": f"{NAMES[name]}, {UNITS[name]}", **common, "strictest": values[0], "loosest": values[-1]})
    return pd.DataFrame(rows)


def strips(answers: Sequence[Limits], large: bool = False) -> Chart:
    """Each answer as a dot on its limit's line, equal ones stacked; bars up to what everybody, three in four and half accept."""
    rows = _dots(answers)
    step = 0.7 / max(6.0, float(rows["equal"].max()) + 1 if len(rows) else 0.0)
    rows["height"] = rows["line"] + 0.1 + step / 2 + step * rows["equal"]
    names = " : ".join(f"datum.value == {line + 0.45} ? '{NAMES[name]}'" for name, line in LINES.items())
    y: Spec = {
        "type": "quantitative", "scale": {"domain": [0, len(LINES)], "nice": False}, "title": None,
        "axis": {
            "values": [line + 0.45 for line in LINES.values()], "labelExpr": f"{names} : ''", "ticks": False, "domain": False,
            "grid": False, "labelPadding": 8,
        },
    }  # fmt: skip
    x: Spec = {
        "type": "quantitative", "scale": {"domain": [0, 100], "nice": False}, "title": "At most, %",
        "axis": {"tickCount": 10},
    }  # fmt: skip
    bars: Spec = {
        "data": {"values": _bars(answers)},
        "mark": {"type": "rect"},
        "encoding": {
            "x": {"field": "begin", **x}, "x2": {"field": "end"}, "y": {"field": "low", **y}, "y2": {"field": "high"},
            "color": {
                "field": "who", "type": "nominal", "scale": {"domain": list(BANDS), "range": list(BANDS.values())},
                "legend": {"title": "Accepted by", "orient": "bottom"},
            },
            "tooltip": [tip("limit", "Limit"), tip("who", "Accepted by"), tip("end", "At most, %", ",.0f")],
        },
    }  # fmt: skip
    dots: Spec = {
        "mark": {"type": "point", "filled": True, "size": 260 if large else 110, "color": "#F0B429", "stroke": INK, "opacity": 1},
        "encoding": {
            "x": {"field": "value", **x}, "y": {"field": "height", **y},
            "tooltip": [tip("limit", "Limit"), tip("value", "At most, %", ",.0f"), tip("unit", "Of what")],
        },
    }  # fmt: skip
    legend = {**CONFIG["legend"], "columns": 3, "title": "Accepted by"}
    return rows, {"height": 480 if large else 340, "layer": [bars, dots], "config": {**CONFIG, "legend": legend}}


def _dots(answers: Sequence[Limits]) -> pd.DataFrame:
    """One row for each answer and limit: limit, value, unit, line, and how many equal answers lie below."""
    seen: Counter[tuple[str, float]] = Counter()
    found = []
    for answer in answers:
        for name, line in LINES.items():
            value = float(getattr(answer, name))
            found.append((NAMES[name], value, UNITS[name], line, seen[name, value]))
            seen[name, value] += 1
    return pd.DataFrame(found, columns=["limit", "value", "unit", "line", "equal"])


def _bars(answers: Sequence[Limits]) -> list[dict[str, object]]:
    """From where to where each part of the room, but no smaller part, accepts a limit."""
    found: list[dict[str, object]] = []
    for name, line in LINES.items():
        begin = 0.0
        for who, share in SHARES.items() if answers else ():
            end = float(getattr(accepted_by(answers, share), name))
            found.append(
                {"limit": NAMES[name], "who": who, "begin": begin, "end": end, "low": line + 0.1, "high": line + 0.8}
            )
            begin = end
    return found
