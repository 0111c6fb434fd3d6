"""Lines, places and labels on the flat map: Mercator geometry without drawing. Positions are [longitude, latitude] in degrees."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

from model.evidence.store import Evidence

OUTLINE_FILE = Path(__file__).resolve().parents[3] / "static" / "world_overview.geojson"


def place(evidence: Evidence, site: str) -> list[float]:
    """Where a site stands."""
    return [float(evidence.sites[site].lon), float(evidence.sites[site].lat)]


def curve(source: list[float], target: list[float], bend: float, points: int = 33) -> list[list[float]]:
    """The line that an arc of this bend draws on the flat map: half an ellipse over the straight Mercator line, `bend` times its
    length high at most half of that, to the left of the way when positive."""
    (ax, ay), (bx, by) = mercator(source), mercator(target)
    line = []
    for step in range(points):
        along = (1 - math.cos(math.pi * step / (points - 1))) / 2
        off = bend * math.sqrt(max(along * (1 - along), 0.0))
        line.append(_degrees(ax + (bx - ax) * along - (by - ay) * off, ay + (by - ay) * along + (bx - ax) * off))
    return line


def mercator(place: list[float]) -> tuple[float, float]:
    """A place, [longitude, latitude] in degrees, on the Mercator plane, in radians."""
    return math.radians(place[0]), math.asinh(math.tan(math.radians(place[1])))


def _degrees(x: float, y: float) -> list[float]:
    return [round(math.degrees(x), 3), round(math.degrees(math.atan(math.sinh(y))), 3)]


@cache
def centroids() -> dict[str, tuple[float, float]]:
    """Country -> (longitude, latitude) of the middle of its largest piece, worked out from the outline."""
    found = {}
    for feature in json.loads(OUTLINE_FILE.read_text(encoding="utf-8"))["features"]:
        shape = feature["geometry"]
        if shape is None:
            continue
        parts = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        found[feature["properties"]["name"]] = max(_middle(part[0]) for part in parts)[1]
    return found


def _middle(ring: list[list[float]]) -> tuple[float, tuple[float, float]]:
    """(area in square degrees, centroid) of a closed ring."""
    area = x = y = 0.0
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = ax * by - bx * ay
        area, x, y = area + cross / 2, x + (ax + bx) * cross / 6, y + (ay + by) * cross / 6
    return (abs(area), (round(x / area, 2), round(y / area, 2))) if area else (0.0, (ring[0][0], ring[0][1]))


def clear(labels: list[dict[str, Any]], zoom: float) -> list[dict[str, Any]]:
    """The labels, moved up or down by whole lines until none lies on one before it; what finds no room is left to the tooltip."""
    scale = 512 * 2**zoom / (2 * math.pi)
    placed: list[tuple[float, float, float]] = []
    kept: list[dict[str, Any]] = []
    for label in labels:
        x, y = (scale * part for part in mercator(label["position"]))
        wide = 7.2 * len(label["text"])
        left = x + label["offset"][0] - {"start": 0, "middle": wide / 2, "end": wide}[label["anchor"]]
        for shift in (0, 18, -18, 36, -36):
            low = -y + label["offset"][1] + shift
            if not any(
                left < right and from_ < left + wide and abs(low - other) < 18 for from_, right, other in placed
            ):
                placed.append((left, left + wide, low))
                kept.append({**label, "offset": [label["offset"][0], label["offset"][1] + shift]})
                break
    return kept
