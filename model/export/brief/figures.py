"""Figures of the brief as vectors: the map of a mix, who supplies what by year, and how bad the bad years are. One drawing serves the
PDF and, as SVG, the HTML page. Lengths are in points (1/72 inch)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import reportlab

from reportlab.graphics.shapes import Circle, Drawing, Line, Path as Curve, Polygon, PolyLine, Rect, String  # isort: skip
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from model.engine.engine import Answer, Engine
from model.evidence.loading import DATA
from model.evidence.store import Evidence
from model.export.workbook.sheets import supply
from model.results.formatting import number, tonnes
from model.results.mix import Mix

OUTLINE = DATA / "outline" / "world_overview.geojson"
INDIA = "356"
"""India's number in the outline (ISO 3166)."""
PLAIN, BOLD = "Vera", "VeraBd"
INK, GREY, PALE = HexColor("#1B2733"), HexColor("#5B6873"), HexColor("#E6EBF0")
LAND, HOME, SEA = HexColor("#DDE2E7"), HexColor("#B9C9D8"), HexColor("#F6F9FB")
WEST, EAST, SOUTH, NORTH = 18.0, 150.0, -33.0, 61.0
"""The piece of the world that the map shows, degrees."""
THICKEST = 11.0
"""Points of width of the largest flow."""
YEAR_WIDTH = 24
"""Points that the label of a year needs."""
LEAST_T = 0.5
"""Less than so many tonnes is not drawn."""
Point = tuple[float, float]


@cache
def fonts() -> None:
    """Make the fonts known that come with reportlab, so that a PDF carries its own letters."""
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)


def text(
    x: float, y: float, words: str, size: float = 6.5, anchor: str = "start", bold: bool = False, ink: Color = INK
) -> String:
    """A line of words."""
    return String(x, y, words, fontName=BOLD if bold else PLAIN, fontSize=size, textAnchor=anchor, fillColor=ink)


# -- the map -----------------------------------------------------------------------------------------------------------


def _mercator(lon: float, lat: float) -> Point:
    return math.radians(lon), math.asinh(math.tan(math.radians(lat)))


class Window:
    """Degrees to points, for a map of a width; the height follows from the piece of the world shown."""

    def __init__(self, wide: float) -> None:
        (self.left, self.low), (right, top) = _mercator(WEST, SOUTH), _mercator(EAST, NORTH)
        self.scale = wide / (right - self.left)
        self.wide, self.high = wide, (top - self.low) * self.scale

    def at(self, lon: float, lat: float) -> Point:
        """Where a place lies on the page."""
        x, y = _mercator(lon, lat)
        return (x - self.left) * self.scale, (y - self.low) * self.scale

    def cut(self, ring: list[Point]) -> list[Point]:
        """The part of a closed ring that lies in the window (Sutherland and Hodgman, 1974)."""
        for axis, edge, keep in ((0, 0.0, 1), (0, self.wide, -1), (1, 0.0, 1), (1, self.high, -1)):
            found: list[Point] = []
            for a, b in zip(ring[-1:] + ring[:-1], ring, strict=True):
                ins = [keep * (p[axis] - edge) >= 0 for p in (a, b)]
                if ins[0] != ins[1]:
                    part = (edge - a[axis]) / (b[axis] - a[axis])
                    found.append((a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])))
                if ins[1]:
                    found.append(b)
            ring = found
            if not ring:
                break
        return ring


def _land(window: Window) -> Iterable[Polygon]:
    """The outline of the world, India a shade stronger and on top."""
    world = json.loads(OUTLINE.read_text(encoding="utf-8"))["features"]
    for feature in sorted(world, key=lambda f: f["properties"]["iso_n3"] == INDIA):
        shape = feature["geometry"]
        if shape is None:
            continue
        fill = HOME if feature["properties"]["iso_n3"] == INDIA else LAND
        for part in [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]:
            ring = window.cut([window.at(lon, max(-80.0, min(80.0, lat))) for lon, lat in part[0]])
            if len(ring) > 2:
                points = [round(x, 2) for point in ring for x in point]
                yield Polygon(points, fillColor=fill, strokeColor=white, strokeWidth=0.4)


def route_map(mix: Mix, evidence: Evidence, year: int, wide: float) -> Drawing:
    """Expected deliveries of a year by route: lines as wide as what arrives (oxide dashed), circles for what is made in India."""
    window, t = Window(wide), mix.case.years.index(year)
    drawing = Drawing(window.wide, window.high)
    drawing.add(Rect(0, 0, window.wide, window.high, fillColor=SEA, strokeColor=None))
    for shape in _land(window):
        drawing.add(shape)
    amounts = mix.expected[:, :, t].sum(axis=1)
    routes = [(float(amounts[r]), evidence.routes[name]) for r, name in enumerate(mix.case.routes)]
    routes = [found for found in routes if found[0] >= LEAST_T and found[1].stage != "substitute"]
    most = max([amount for amount, _ in routes], default=1.0)
    labels, home = [], 0.0
    for amount, route in sorted(routes, key=lambda found: -found[0]):
        site, port = evidence.sites[route.site], evidence.sites[route.port]
        here, there = window.at(float(site.lon), float(site.lat)), window.at(float(port.lon), float(port.lat))
        oxide, colour = route.stage == "oxide", HexColor(route.colour)
        name = route.short if not oxide or "oxide" in route.short else f"{route.short} oxide"
        if site.country == "India":
            drawing.add(
                Circle(
                    *here,
                    max(2.0, 14 * math.sqrt(amount / most)),
                    fillColor=_faint(colour),
                    strokeColor=colour,
                    strokeWidth=1,
                )
            )
            home += 0.0 if oxide else amount
            continue
        drawing.add(_arc(here, there, max(0.8, THICKEST * amount / most), colour, oxide))
        drawing.add(Circle(*here, 2, fillColor=INK, strokeColor=white, strokeWidth=0.5))
        labels.append((here, f"{name} {tonnes(amount)}"))
    if home:
        labels.append((window.at(58.0, 1.0), f"Made in India {tonnes(home)}"))
    for shape in _labels(labels, window):
        drawing.add(shape)
    return drawing


def _faint(colour: Color) -> Color:
    return Color(colour.red, colour.green, colour.blue, alpha=0.45)


def _arc(here: Point, there: Point, wide: float, colour: Color, dashed: bool) -> Curve:
    """A bent line from a place to a port; oxide swings the other way, so that the two do not lie on each other."""
    swing = 0.22 if dashed else -0.16
    dx, dy = there[0] - here[0], there[1] - here[1]
    one, two = ((here[0] + dx * along - dy * swing, here[1] + dy * along + dx * swing) for along in (0.3, 0.7))
    line = Curve(strokeColor=colour, strokeWidth=round(wide, 2), fillColor=None, strokeLineCap=0 if dashed else 1)
    if dashed:
        line.strokeDashArray = [4, 2.2]
    line.moveTo(*here)
    line.curveTo(*one, *two, *there)
    return line


def _labels(wanted: Sequence[tuple[Point, str]], window: Window) -> Iterable[Any]:
    """Names with tonnes on a pale ground, moved up or down until none lies on another."""
    size, high = 6.5, 9.0
    taken: list[tuple[float, float, float]] = []
    for (x, y), words in wanted:
        wide = pdfmetrics.stringWidth(words, BOLD, size)
        left = min(max(2.0, x + 5), window.wide - wide - 3)
        for shift in (0, -1, 1, -2, 2, -3, 3):
            low = min(max(2.0, y + shift * high - 2), window.high - high)
            if all(right < left or left + wide < start or abs(low - other) >= high for start, right, other in taken):
                break
        taken.append((left, left + wide, low))
        yield Rect(left - 1.5, low - 1.8, wide + 3, high - 0.6, fillColor=Color(1, 1, 1, alpha=0.8), strokeColor=None)
        yield text(left, low, words, size, bold=True)


# -- charts ------------------------------------------------------------------------------------------------------------


def _ticks(most: float) -> list[float]:
    """About five round marks from 0 to at least `most`."""
    rough = max(most, 1e-9) / 4
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * n for n in (1, 2, 2.5, 5, 10) if size * n >= rough)
    return [step * i for i in range(math.ceil(most / step - 1e-9) + 1)]


class Frame:
    """An upright chart over years, with its axes drawn. `most` is the largest value; `unit` turns a value into an axis label."""

    def __init__(
        self, wide: float, high: float, years: Sequence[int], most: float, percent: bool, below: float = 14
    ) -> None:
        self.drawing, self.years = Drawing(wide, high), years
        self.left, self.low, self.top, self.wide = 30.0, below, high - 8, wide - 34
        marks = _ticks(most)
        self.most = marks[-1]
        for mark in marks:
            y = self.y(mark)
            self.drawing.add(Line(self.left, y, self.left + self.wide, y, strokeColor=PALE, strokeWidth=0.6))
            label = f"{number(100 * mark)} %" if percent else number(mark)
            self.drawing.add(text(self.left - 3, y - 2.2, label, 6, "end", ink=GREY))
        every = 1 if self.step >= YEAR_WIDTH else 2
        for i, year in enumerate(years):
            if i % every == 0:
                self.drawing.add(text(self.x(i), self.low - 9, str(year), 6, "middle", ink=GREY))

    @property
    def step(self) -> float:
        """Width of a year."""
        return self.wide / len(self.years)

    def x(self, i: int) -> float:
        """The middle of a year."""
        return self.left + (i + 0.5) * self.step

    def y(self, value: float) -> float:
        """The height of a value."""
        return self.low + (self.top - self.low) * value / self.most

    def line(self, values: Iterable[float], colour: Color, dashed: bool = False) -> None:
        """A line with points through a value for each year."""
        points = [(self.x(i), self.y(float(value))) for i, value in enumerate(values)]
        drawn = PolyLine([x for point in points for x in point], strokeColor=colour, strokeWidth=1.6)
        if dashed:
            drawn.strokeDashArray = [3, 2]
        self.drawing.add(drawn)
        for point in points:
            self.drawing.add(Circle(*point, 1.6, fillColor=colour, strokeColor=None))


def mix_chart(mix: Mix, evidence: Evidence, wide: float, high: float) -> Drawing:
    """Where magnets come from by year, t, expected: stacked by route, with the reserve, shortage, and demand as a line."""
    rows, need = supply(mix, evidence), mix.case.total_demand
    stacked = np.sum([values for _, _, values in rows], axis=0) if rows else need
    most = max(float(need.max()), float(np.max(stacked)))
    names = [(name, HexColor(colour)) for name, colour, _ in rows]
    lines = _rows_of([*names, ("Demand (line)", INK)], wide)
    chart = Frame(wide, high, mix.case.years, most, percent=False, below=18 + 9 * len(lines))
    base = [0.0] * len(need)
    for (_, colour), (_, _, values) in zip(names, rows, strict=True):
        for i, value in enumerate(values.tolist()):
            low, top = chart.y(base[i]), chart.y(base[i] + value)
            base[i] += value
            if top - low > 0.05:
                bar = chart.step * 0.78
                chart.drawing.add(
                    Rect(
                        chart.x(i) - bar / 2, low, bar, top - low, fillColor=colour, strokeColor=white, strokeWidth=0.3
                    )
                )
    chart.line(need.tolist(), INK)
    for row, names_of in enumerate(lines):
        for x, name, colour in names_of:
            y = 2 + 9.0 * (len(lines) - 1 - row)
            chart.drawing.add(Rect(x, y, 6, 6, fillColor=colour, strokeColor=None))
            chart.drawing.add(text(x + 8, y + 0.6, name, 6.2))
    return chart.drawing


def _rows_of(names: Sequence[tuple[str, Color]], wide: float) -> list[list[tuple[float, str, Color]]]:
    """The entries of a legend in as many rows as they need, each with its place."""
    rows: list[list[tuple[float, str, Color]]] = [[]]
    x = 4.0
    for name, colour in names:
        size = pdfmetrics.stringWidth(name, PLAIN, 6.2) + 16
        if x + size > wide and rows[-1]:
            rows.append([])
            x = 4.0
        rows[-1].append((x, name, colour))
        x += size
    return rows


def risk_chart(mix: Mix, today: Mix, wide: float, high: float) -> Drawing:
    """Average of the worst 5 % of outcomes by year, share of demand: this mix against today's course."""
    most = max(float(mix.tail_year.max()), float(today.tail_year.max()), 0.05)
    chart = Frame(wide, high, mix.case.years, most, percent=True, below=26)
    chart.line(today.tail_year.tolist(), GREY, dashed=True)
    chart.line(mix.tail_year.tolist(), HexColor("#0072B2"))
    for x, name, colour in ((34.0, "This mix", HexColor("#0072B2")), (84.0, "Today's course (dashed)", GREY)):
        chart.drawing.add(Rect(x, 3, 9, 2.4, fillColor=colour, strokeColor=None))
        chart.drawing.add(text(x + 12, 2, name, 6.2))
    return chart.drawing


EDGE = 13 * mm


GAP = 5 * mm


FIGURES = {
    "map": "Map of the routes by which magnets and oxide reach India, lines as wide as what arrives",
    "mix": "Magnets by year and route against demand, tonnes",
    "risk": "Share of demand unserved in the worst 5 per cent of outcomes by year, this mix against today's course",
}
"""What each figure shows, for those who cannot see it."""


def _figures(engine: Engine, answer: Answer) -> dict[str, Drawing]:
    fonts()
    mix, evidence = answer.mix, engine.evidence
    wide = A4[0] - 2 * EDGE
    left = 0.55 * wide
    return {
        "map": route_map(mix, evidence, int(mix.choice.target_year), left),
        "mix": mix_chart(mix, evidence, left, 150),
        "risk": risk_chart(mix, answer.today, wide - left - GAP, 150),
    }


__all__ = ["fonts", "mix_chart", "risk_chart", "route_map"]
