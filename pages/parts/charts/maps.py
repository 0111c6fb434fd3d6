"""The map: where each tonne of a mix comes from, drawn on the world outline without a request to any other server.

Magnets from abroad run as solid arcs and oxide as dashed ones, as wide as what arrives; what is made in India stands as a circle of that
area. Positions are [longitude, latitude] in degrees, widths and radii in pixels, so that zooming keeps the flows readable.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pydeck as pdk

from model.evidence.store import Evidence
from pages.parts.charts import layers
from pages.parts.charts.flows import Flow, price_fact
from pages.parts.charts.geometry import centroids, clear, curve, place
from pages.parts.text import common as words

ATTRIBUTION = "Outlines: Natural Earth; DataMeet India community. India's boundary as the Survey of India draws it."

WIDEST_PX, THINNEST_PX = 34.0, 2.0
MADE_HERE = [72.0, 10.0]
BEND, VENTURE_BEND, OXIDE_BEND, WEST_COAST = 0.16, 0.27, 0.36, 77.0
COUNTRIES = {"USA": "United States of America"}
"""Countries that facts and outline call differently."""


@dataclass(frozen=True)
class View:
    """Where the map opens: centre in degrees, zoom (the whole world is 512 x 2^zoom pixels wide), height and radius of the largest circle
    in pixels. `close`: what is made in India is labelled one by one."""

    lat: float
    lon: float
    zoom: float
    height: int
    circle: float = 30.0
    close: bool = False


VIEWS = {
    "Routes": View(19, 84, 1.83, 610),
    "World": View(20, 18, 1.2, 560),
    "India": View(21.5, 81, 3.85, 610, 62, close=True),
}
PHONE_VIEWS = {
    "Routes": View(17, 93, 0.6, 320, 20),
    "World": View(20, 25, 0.02, 280, 14),
    "India": View(21.5, 81, 3.0, 420, 40, close=True),
}


# -- the whole map -----------------------------------------------------------------------------------------------------


def deck(
    shown: list[Flow],
    evidence: Evidence,
    year: int,
    widest_t: float,
    view: View,
    paint: layers.Paint,
    context: layers.Rows | None = None,
) -> layers.CompactDeck:
    """The map of some flows. `widest_t` tonnes make the widest arc, so that widths compare over years and states."""
    rows = drawn(shown, evidence, year, widest_t, view.circle)
    abroad, home, cut = ([row for row in rows if row[name]] for name in ("abroad", "home", "cut"))
    parts = [
        layers.land(paint, view.close),
        layers.circles("world", context or []),
        layers.lines("planned", [row for row in abroad if row["cut"]], "planned_px", "ghost"),
        layers.arcs([row for row in abroad if row["kind"] != "oxide"]),
        layers.lines("oxide", [row for row in abroad if row["kind"] == "oxide"], "px", "colour", dashes=[3, 1.6]),
        layers.circles("home", home),
        *layers.sites(evidence, paint, view.close),
        *layers.breaks(cut, paint),
        layers.labels(
            "names", clear(context if context else _names(rows, view.close, view.zoom < 1), view.zoom), paint
        ),
    ]
    return layers.CompactDeck(
        map_provider=None,
        initial_view_state=pdk.ViewState(latitude=view.lat, longitude=view.lon, zoom=view.zoom, min_zoom=0, max_zoom=9),
        layers=[layer for layer in parts if layer is not None],
        tooltip=layers.TOOLTIP,
    )


def drawn(shown: list[Flow], evidence: Evidence, year: int, widest_t: float, circle: float = 30.0) -> layers.Rows:
    """The flows as records to draw: ends, line, width of what arrives and of the plan in pixels, colours, words."""
    rows = []
    for flow in shown:
        route = flow.route
        source, target = (place(evidence, name) for name in (route.site, route.port))
        bend = _bend(source, target, flow)
        line = [target] if flow.home else curve(source, target, bend)
        colour, scale = layers.RED if flow.cut else rgb(route.colour), max(flow.arrives_t, 0.0) / widest_t
        rows.append(
            {
                "id": route.id, "kind": route.stage, "home": flow.home, "abroad": not flow.home, "cut": flow.cut,
                "source": source, "target": target, "position": source, "line": line, "middle": line[len(line) // 2],
                "bend": abs(bend), "tilt": math.copysign(90, bend), "px": max(THINNEST_PX, round(WIDEST_PX * scale, 1)),
                "planned_px": max(THINNEST_PX, round(WIDEST_PX * flow.planned_t / widest_t, 1)),
                "radius": max(5.0, round(circle * math.sqrt(scale), 1)), "arrives_t": flow.arrives_t,
                "colour": colour, "ghost": [130, 130, 130, 90], "fill": [*colour, 50 if route.stage == "oxide" else 215],
                "edge": colour, **_hover(flow, evidence, year), "amount": _amount(flow),
                "lost": f"-{words.percent(1 - flow.left)}", "short": route.short,
            }
        )  # fmt: skip
    return rows


def country_circles(facts: Iterable[Mapping[str, Any]], unit: str) -> layers.Rows:
    """World context as circles: rows with `country`, `value` and `what` become records to draw, area in proportion to value."""
    found, middles = [], centroids()
    shown = [row for row in facts if row["value"] > 0 and COUNTRIES.get(row["country"], row["country"]) in middles]
    most = max((row["value"] for row in shown), default=1.0)
    for row in sorted(shown, key=lambda row: -row["value"]):
        text = f"{row['value']:,.4g} {unit}" if row["value"] < 1000 else f"{words.number(row['value'])} {unit}"
        found.append(
            {
                "position": list(middles[COUNTRIES.get(row["country"], row["country"])]),
                "radius": max(3.0, round(46 * math.sqrt(row["value"] / most), 1)),
                "fill": [214, 158, 0, 90], "edge": [120, 88, 0, 220],
                **layers.hover(str(row["country"]), f"{row['what']}: {text}"), "text": f"{row['country']} {text}", "anchor": "middle",
                "offset": [0, 14],
            }
        )  # fmt: skip
    return found


def _bend(source: list[float], target: list[float], flow: Flow) -> float:
    """Lines to the west coast swing north and lines to the east coast south, oxide wider than magnets, so that few cross."""
    north = 1 if source[0] < target[0] else -1
    swing = OXIDE_BEND if flow.route.stage == "oxide" else VENTURE_BEND if flow.route.made_in_india else BEND
    return swing * (north if target[0] < WEST_COAST else -north)


def legend(widest_t: float) -> tuple[str, ...]:
    """How to read the map, line by line."""
    sites = ", ".join(f"**{letter}** {name}" for letter, name, _ in layers.STAGES.values())
    flows = (
        "\u2501\u2501 magnets from abroad \u00b7 \u254d\u254d oxide from abroad (dashed) \u00b7 \u25cf made in India, area for tonnes"
        f" (pale: oxide) \u00b7 the widest arc stands for {words.tonnes(widest_t)} \u00b7 **\u2715 CUT** route cut in the state"
        " shown: red is what still arrives, the grey band what was planned."
    )
    return flows, f"Dots with letters are sites: {sites}.", ATTRIBUTION


def _amount(flow: Flow) -> str:
    """What stands on the map beside a flow: 'Australia oxide 538 t'."""
    short = flow.route.short
    name = f"{short} oxide" if flow.route.stage == "oxide" and "oxide" not in short else short
    return f"{name} {words.tonnes(flow.arrives_t)}"


def rgb(colour: str) -> list[int]:
    """'#009E73' -> [0, 158, 115]."""
    return [int(colour.lstrip("#")[place : place + 2], 16) for place in (0, 2, 4)]


def _hover(flow: Flow, evidence: Evidence, year: int) -> dict[str, str]:
    """What hovering over a flow says: tonnes, share, cost and the source of the price."""
    fact = price_fact(flow.route, evidence, year)
    of = "of the oxide" if flow.route.stage == "oxide" else "of magnet demand"
    return layers.hover(
        flow.route.name,
        f"{words.tonnes(flow.arrives_t)} of {words.tonnes(flow.planned_t)} planned in {year} ({flow.status})",
        f"{words.percent(flow.share, 1)} {of}; {words.usd_kg(flow.usd_per_kg)}; origin {flow.route.origin}",
        f"Source of the price: {fact.what}, {fact.year} ({fact.source.body}: {fact.source.title})",
    )


def _names(rows: layers.Rows, close: bool, brief: bool) -> layers.Rows:
    """Labels with tonnes, and CUT where a route is cut, at each source abroad; for what is made in India one sum and whatever is cut, or each
    circle by itself when close. `brief`: no room for the word CUT, the crosses and the table say it."""
    labels: layers.Rows = [
        {
            "position": row["position"],
            "text": row["amount"] + (f" CUT {row['lost']}" if row["cut"] and not brief else ""),
            "anchor": "start",
            "offset": [14, 0],
        }
        for row in rows
        if row["abroad"] or close
    ]
    made = sum(row["arrives_t"] for row in rows if row["home"] and row["kind"] == "magnet")
    if made >= 0.05 and not close:
        cuts = [f"{row['short']} CUT {row['lost']}" for row in rows if row["home"] and row["cut"] and not brief]
        for line, text in enumerate([f"Made in India {words.tonnes(made)}", *cuts]):
            labels.append({"position": MADE_HERE, "text": text, "anchor": "end", "offset": [0, 18 * line]})
    return labels
