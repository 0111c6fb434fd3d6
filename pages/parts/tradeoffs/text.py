"""What safety costs, for the Trade-offs page: which lines are traced, and sentences and tables about them; no Streamlit.

Money is INR crore a year, bill and expected harm of shortage together; shortfall is the average of the worst outcomes, % of demand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from model.analysis.near_optimal.frontier import CHINA_LIMITS, Curve, Point
from model.evidence.store import Evidence
from model.formulation.levers import Choice, lever_named, on_grid
from model.results.indicators import INDICATORS
from pages.parts.text import common as words

TITLE = "What safety costs"
NOTE = (
    "Each line: the cheapest mixes at one limit on China, from the safest (left) to the cheapest (right). Cost is bill and expected harm of"
    " shortage together, discounted: an average over the years with decisions in which a later year counts less. Click near a point to see its mix, or use the two controls under the chart."
)
SHARES_TITLE = "Which routes come in and go out along the line"
SHARES_NOTE = (
    "Share of magnet demand that each route brings on average, over the target years, along the line chosen; the same axis as above."
    " What is missing up to 100 % comes from the reserve or goes short."
)
LINE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#A1388A")
DASHES = ([1, 0], [9, 4], [3, 3], [9, 3, 2, 3])
UNFINISHED = "The line of these levers was not traced to its end."
ABOVE = 0.005
"""A mix that costs this share more than the line at its own shortfall lies clearly above it, because its aim is not cost."""


# -- which lines, which point -----------------------------------------------------------------------------------


def limits(choice: Choice) -> tuple[float, ...]:
    """Limits on China to draw, %: that of the levers first, then the usual ones less the one nearest to it."""
    mine = choice.china_limit
    nearest = min(CHINA_LIMITS, key=lambda limit: abs(limit - mine))
    return (mine, *(limit for limit in CHINA_LIMITS if limit != nearest))


def world(choice: Choice) -> Choice:
    """A choice without what differs along and between the lines: both limits off, aim at cost. It names a set of lines."""
    off = {name: lever_named(name).off or 0.0 for name in ("china_limit", "shortfall_limit")}
    return choice.changed(**off, aim="cost")


def limit_name(limit: float) -> str:
    """A limit on China in words: 'at most 60 % from China'."""
    if limit <= 0:
        return "nothing from China"
    return "no limit on China" if limit >= 100 else f"at most {limit:.3g} % from China"


def look(drawn: Sequence[float]) -> dict[str, tuple[str, list[int]]]:
    """Colour and dash of each line by its name, the loosest limit first. `drawn`: limits on China, %."""
    order = sorted(drawn, reverse=True)
    return {limit_name(x): (c, d) for x, c, d in zip(order, LINE_COLOURS, DASHES, strict=False)}


def missing(curves: Iterable[Curve]) -> str:
    """Why some lines have no points, as sentences."""
    return " ".join(curve.reason for curve in curves if not curve.points)


def name_of(point: Point) -> str:
    """What a click on a point gives back: '60-17.6'."""
    return f"{point.choice.china_limit:g}-{point.choice.shortfall_limit:g}"


def nearest(curve: Curve, tail: float) -> Point:
    """The point of a line whose shortfall is nearest to a share of demand."""
    return min(curve.points, key=lambda point: abs(point.tail - tail))


def spot(point: Point) -> str:
    """A point along its line: '17.64 %'."""
    return words.percent(point.tail, 2)


def short_percent(share: float) -> str:
    """A share with one decimal where it says something: 0.176 -> '17.6 %', 0.2 -> '20 %'."""
    return words.percent(share, 0 if abs(100 * share - round(100 * share)) < 0.05 else 1)


def adopted(point: Point, now: Choice) -> Choice:
    """The levers with the limits of a point, that on shortfall on the slider's next looser step; the aim is cost."""
    most = on_grid("shortfall_limit", float(point.choice.shortfall_limit))
    return now.changed(china_limit=point.choice.china_limit, shortfall_limit=most, aim="cost")


def adopt_label(point: Point, now: Choice) -> str:
    """What the button says that adopts a point."""
    wanted = adopted(point, now)
    return f"Adopt: {limit_name(wanted.china_limit)}, at most {wanted.shortfall_limit:g} % unserved in bad years"


# -- sentences --------------------------------------------------------------------------------------------------


def opening(curve: Curve, here: Point) -> str:
    """The finding for the levers as they stand: what it costs to make bad years half as bad, or as good as they can get, and the bend;
    first of all, where the mix lies clearly above the line."""
    if not curve.points:
        return curve.reason or UNFINISHED
    low, high = curve.points[0].tail, curve.points[-1].tail
    start = min(here.tail, high)
    above = here.total_crore - _cost(curve, here.tail)
    first = ""
    if above > ABOVE * here.total_crore:
        first = (
            f"This mix costs {words.inr_crore(words.rounded(above))} a year more than the cheapest that is as safe; "
        )
    if not curve.complete and start - low < 0.005:
        return words.unbroken(
            f"The line of these levers was traced only from {short_percent(high)} down to {short_percent(low)} unserved."
        )
    text = first + (
        _safest(curve, low, start, high) if start - low < 0.005 else _safer(curve, start, max(low, start / 2))
    )
    return words.unbroken(words.sentence_case(text))


def _safest(curve: Curve, low: float, start: float, high: float) -> str:
    """What letting go of safety would save, where no more can be had."""
    saved = words.inr_crore(words.rounded(_cost(curve, start) - _cost(curve, high)))
    more = f"letting it rise to {short_percent(high)} would save {saved} a year"
    rest = more if high - low >= 0.005 else "nothing is to be traded"
    return (
        f"with {limit_name(curve.china_limit)}, bad years cannot be made safer than {short_percent(low)} unserved, where this mix stands;"
        f" {rest}."
    )


def _safer(curve: Curve, start: float, goal: float) -> str:
    """What it costs to come from one shortfall to another."""
    more = _cost(curve, goal) - _cost(curve, start)
    price = f"{words.inr_crore(words.rounded(more))} a year more" if more >= 0.5 else "next to nothing"
    text = f"getting from {short_percent(start)} to {short_percent(goal)} unserved in bad years"
    if not curve.complete:
        return f"{text} costs {price}; the line was traced no further than {short_percent(curve.points[0].tail)}."
    least = f", the least with {limit_name(curve.china_limit)}," if goal == curve.points[0].tail else ""
    bend = f"the bend is at {short_percent(curve.knee.point.tail)}" if curve.knee else "the line hardly bends"
    return f"{text}{least} costs {price}; {bend}."


def lines_finding(curves: Iterable[Curve]) -> str:
    """What each line does between its ends, as a sentence for those who cannot see the chart."""
    parts = [
        f"{limit_name(c.china_limit)} from {short_percent(c.points[0].tail)} unserved at {words.inr_crore(c.points[0].total_crore)} a year to"
        f" {short_percent(c.points[-1].tail)} at {words.inr_crore(c.points[-1].total_crore)}"
        for c in curves
        if c.points
    ]
    return f"Cost against worst-case shortfall: {'; '.join(parts)}."


def shares_finding(curve: Curve, evidence: Evidence) -> str:
    """Which routes bring most more and most less at the safe end of a line than at the cheap one, in points of demand."""
    safe, cheap = curve.points[0], curve.points[-1]
    apart = {r: safe.magnets_t[r] / safe.demand_t - cheap.magnets_t[r] / cheap.demand_t for r in safe.magnets_t}
    more, less = max(apart, key=lambda r: apart[r]), min(apart, key=lambda r: apart[r])
    parts = [
        f"{way} from {evidence.routes[r].short} ({words.points(abs(apart[r]))} of demand)"
        for r, way in ((more, "more comes"), (less, "less"))
        if abs(apart[r]) >= 0.005
    ]
    where = (
        f"From {short_percent(cheap.tail)} to {short_percent(safe.tail)} unserved with {limit_name(curve.china_limit)}"
    )
    return f"{where} {words.listed(parts) or 'the routes hardly change'}."


def knee_sentence(curve: Curve) -> str:
    """What the bend of a line is and what a point of safety costs on either side of it."""
    if not curve.points:
        return curve.reason
    if not curve.complete:
        return "Where this line bends is not known before it is traced to its end."
    if len(curve.points) < 2:
        return f"With {limit_name(curve.china_limit)} the line is a single point: there is no safety to buy or to sell."
    if curve.knee is None:
        return f"With {limit_name(curve.china_limit)} the line hardly bends: each point of safety costs about the same."
    bend = curve.knee
    before, beyond = (words.inr_crore(words.rounded(x)) for x in (bend.before_crore, bend.beyond_crore))
    return words.unbroken(
        f"The bend with {limit_name(curve.china_limit)} is at {short_percent(bend.point.tail)} unserved: coming down to it, each point of"
        f" safety costs {before} a year; going further, each costs {beyond}. To the right of the bend safety is cheap, to the left dear."
    )


def _cost(curve: Curve, tail: float) -> float:
    """Cost on a line at a shortfall, INR crore a year, straight between points."""
    return float(np.interp(tail, [p.tail for p in curve.points], [p.total_crore for p in curve.points]))


# -- one point --------------------------------------------------------------------------------------------------


def compared(point: Point, here: Point) -> pd.DataFrame:
    """A point against the mix that the levers give: one row for each measure, in words."""
    table = [("Cost, discounted", *(words.inr_crore(p.total_crore) + " a year" for p in (point, here)))]
    for indicator in INDICATORS:
        table.append(
            (indicator.label, *(words.indicator_value(indicator, p.indicators[indicator.id]) for p in (point, here)))
        )
    return pd.DataFrame(table, columns=["Measure", "This point", "The levers now"])
