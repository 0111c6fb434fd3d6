"""The layers of the map as pydeck knows them: outline, arcs, dashed lines, circles, sites, cuts and labels; widths in pixels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pydeck as pdk
from pydeck.bindings.json_tools import default_serialize

from model.evidence.store import Evidence
from pages.parts.charts.geometry import place
from pages.parts.charts.mix import FONT

OUTLINE, FINE_OUTLINE = "app/static/world_overview.geojson", "app/static/world.geojson"
"""Addresses of the outlines, as the app itself serves them; the finer one where the map opens close."""

STAGES = {
    "mine": ("M", "mine", (122, 92, 62)),
    "separation": ("S", "separation into oxides", (75, 106, 136)),
    "metal-alloy": ("A", "metal and alloy", (107, 91, 149)),
    "magnet": ("G", "magnet plant", (31, 111, 84)),
    "recycling": ("R", "recycling", (154, 59, 106)),
    "port": ("P", "port", (68, 75, 84)),
}
"""Stage of a site -> letter on its dot, plain name, colour of the dot."""

RED = [196, 0, 40]

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Paint:
    """Colours of what lies behind the flows, for a light or a dark page."""

    land: list[int]
    india: list[int]
    border: list[int]
    text: list[int]
    paper: list[int]


LIGHT = Paint([221, 226, 231], [196, 208, 219], [255, 255, 255], [25, 30, 36], [255, 255, 255])
DARK = Paint([52, 59, 68], [80, 92, 107], [24, 28, 33], [240, 242, 245], [14, 17, 23])


class CompactDeck(pdk.Deck):  # type: ignore[misc]
    """A deck whose JSON carries no white space: a sixth of the size."""

    def to_json(self) -> str:
        """The deck as compact JSON."""
        return json.dumps(self, sort_keys=True, default=default_serialize, separators=(",", ":"))


TOOLTIP = {
    "html": "<b>{title}</b><br>{tip}<br>{more}<br>{basis}",
    "style": {"maxWidth": "360px", "fontSize": "14px", "fontFamily": FONT},
}


def hover(title: str, tip: str, more: str = "", basis: str = "") -> dict[str, str]:
    """What hovering says, line by line. The page escapes these texts; angle brackets are taken out all the same."""
    lines = {"title": title, "tip": tip, "more": more, "basis": basis}
    return {name: text.replace("<", "\u2039").replace(">", "\u203a") for name, text in lines.items()}


def land(paint: Paint, close: bool) -> pdk.Layer:
    """The outline of the world, by address and not to be picked, India a shade stronger."""
    india = f"properties.iso_n3 == '356' ? {paint.india} : {paint.land}"
    return pdk.Layer(
        "GeoJsonLayer", FINE_OUTLINE if close else OUTLINE, id="land", pickable=False, stroked=True, filled=True, get_fill_color=india,
        get_line_color=paint.border, line_width_units=_text("pixels"), get_line_width=0.8,
    )  # fmt: skip


def arcs(rows: Rows) -> pdk.Layer:
    """Solid arcs lying flat on the map, as wide as what arrives."""
    return pdk.Layer(
        "ArcLayer", rows, id="flows", pickable=True, auto_highlight=True, get_source_position="source",
        get_target_position="target", get_source_color="colour", get_target_color="colour", get_width="px",
        get_height="bend", get_tilt="tilt",
    )  # fmt: skip


def lines(name: str, rows: Rows, width: str, colour: str, dashes: list[float] | None = None) -> pdk.Layer:
    """Lines along the same curves, of the width and colour in these columns; `dashes`: dash and gap in widths of the line."""
    dashed: dict[str, Any] = {}
    if dashes:
        dashed = {"extensions": [{"@@type": "PathStyleExtension", "dash": True}], "get_dash_array": dashes}
    return pdk.Layer(
        "PathLayer", rows, id=name, pickable=True, get_path="line", get_width=width, width_units=_text("pixels"),
        get_color=colour, joint_rounded=True, **dashed,
    )  # fmt: skip


def circles(name: str, rows: Rows) -> pdk.Layer | None:
    """Circles of `radius` pixels; no layer where there is nothing to draw."""
    if not rows:
        return None
    return pdk.Layer(
        "ScatterplotLayer", rows, id=name, pickable=True, get_position="position", radius_units=_text("pixels"),
        get_radius="radius", get_fill_color="fill", get_line_color="edge", stroked=True,
        line_width_units=_text("pixels"), get_line_width=2,
    )  # fmt: skip


def sites(evidence: Evidence, paint: Paint, close: bool) -> list[pdk.Layer | None]:
    """A dot with a letter for each site; larger where the map opens close."""
    rows = []
    for site in evidence.sites.values():
        letter, stage, colour = STAGES[site.stage]
        rows.append(
            {
                "position": place(evidence, site.id), "radius": 9 if close else 6, "fill": [*colour, 235], "edge": paint.border,
                "letter": letter, **hover(site.name, f"{stage}, {site.country}", site.note),
            }
        )  # fmt: skip
    letters = pdk.Layer(
        "TextLayer", rows, id="letters", pickable=False, get_position="position", get_text="letter",
        get_size=13 if close else 9, get_color=[255, 255, 255], font_weight=700, font_family=_text(FONT),
    )  # fmt: skip
    return [circles("sites", rows), letters]


def breaks(rows: Rows, paint: Paint) -> list[pdk.Layer | None]:
    """What shows that a route is cut: a gap in the middle of its line with a cross in it; the label at its source says how much."""
    if not rows:
        return []
    gaps = [
        {**row, "position": row["middle"], "radius": 10, "fill": [*paint.paper, 255], "edge": RED, "cross": "\u2715"}
        for row in rows
    ]
    crosses = pdk.Layer(
        "TextLayer", gaps, id="crosses", pickable=False, get_position="position", get_text="cross", get_size=15,
        get_color=RED, font_weight=700, font_family=_text(FONT), character_set=_text("auto"),
    )  # fmt: skip
    return [circles("gaps", gaps), crosses]


def labels(name: str, rows: Rows, paint: Paint) -> pdk.Layer | None:
    """Text on a pale ground beside a position; no layer where there is nothing to write."""
    if not rows:
        return None
    return pdk.Layer(
        "TextLayer", rows, id=name, pickable=False, get_position="position", get_text="text", get_size=13,
        get_color=paint.text, get_text_anchor="anchor", get_pixel_offset="offset", background=True,
        get_background_color=[*paint.paper, 200], background_padding=[3, 1], character_set=_text("auto"), font_weight=600,
        font_family=_text(FONT),
    )  # fmt: skip


def _text(value: str) -> pdk.types.String:
    return pdk.types.String(value)
