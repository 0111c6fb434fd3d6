"""Claims about colours: whoever sees no red, no green or no blue can still tell apart what lies side by side in a chart or its legend."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from model.evidence.store import Evidence
from model.export.workbook import charts as diagrams
from pages.parts.alternatives import ranges as ranges_parts
from pages.parts.charts import mix as charts
from pages.parts.compare import attribution
from pages.parts.disruptions import charts as disruption_charts
from pages.parts.doubt import sampled_worlds, tornado
from pages.parts.tradeoffs import text as tradeoffs_text

Colour = npt.NDArray[np.float64]
"""Red, green and blue between 0 and 1."""

EYES = {
    "all colours": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
"""Linear red, green and blue as seen by those who lack one kind of cone: Machado, Oliveira and Fernandes, A physiologically-based model
for simulation of color vision deficiency, IEEE Transactions on Visualization and Computer Graphics 15 (2009), severity 1.0."""
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""Linear sRGB to CIE XYZ under D65 (IEC 61966-2-1)."""
APART = 12.0
"""How far two colours must lie apart in CIELAB (1976). Of two large fields side by side a difference of 2.3 is just noticed (Mahy, Van
Eycken and Oosterlinck, Color Research and Application 19, 1994); five of them, because bands may be thin, dots in a legend are small,
and projectors pale."""


def read(code: str, opacity: float = 1.0) -> Colour:
    """'#009E73', drawn on white with an opacity."""
    full = np.array([int(code[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return opacity * full + (1 - opacity)


def seen(colour: Colour, eyes: str) -> Colour:
    """A colour in CIELAB as these eyes see it."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.asarray(EYES[eyes]) @ linear, 0, 1) / TO_XYZ.sum(axis=1)
    root = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def apart(one: Colour, other: Colour, eyes: str) -> float:
    """How far these eyes see two colours apart."""
    return float(np.linalg.norm(seen(one, eyes) - seen(other, eyes)))


def alike(family: Mapping[str, Colour], eyes: str) -> list[str]:
    """Pairs of a family that these eyes could take for each other."""
    every = ((apart(family[a], family[b], eyes), f"{a} and {b}") for a, b in combinations(family, 2))
    return [f"{pair}: {far:.1f}" for far, pair in sorted(every) if far < APART]


def routes(evidence: Evidence, *stages: str) -> dict[str, str]:
    """Colours of the routes of these stages, by the names that charts give them."""
    return {route.short: route.colour for route in evidence.routes.values() if route.stage in stages}


def painted(evidence: Evidence) -> dict[str, dict[str, Colour]]:
    """Everything that can lie side by side in a stack of a chart, or stand in one legend, as it is painted. Any two routes of a stack can
    touch, because those between them need not be in use."""
    magnets = routes(evidence, "magnet", "substitute") | {
        charts.RESERVE: charts.RESERVE_COLOUR,
        charts.SHORT: charts.SHORT_COLOUR,
    }
    pale = {charts.RESERVE, charts.SHORT, *routes(evidence, "substitute")}
    oxide = routes(evidence, "oxide")
    opacity = charts.stacked(magnets, "", [])["layer"][0]["encoding"]["fillOpacity"]
    full, light = opacity["value"], opacity["condition"]["value"]
    plain = {
        "legend of magnets": magnets,
        "legend of oxide": oxide,
        "what is built": {route.short: route.colour for route in evidence.routes.values() if route.build},
        "products": charts.COMMODITY_COLOURS,
        "parts of the cost": diagrams.PARTS,
        "mixes struck": disruption_charts.MIX_COLOURS,
        "mixes in sampled worlds": sampled_worlds.COLOURS,
        "lines of the trade-off": dict(enumerate(tradeoffs_text.LINE_COLOURS)),
        "ends of a range": tornado.END_COLOURS,
        "kinds of levers": attribution.KIND_COLOURS,
        "kinds of routes": ranges_parts.KIND_COLOURS,
    }
    stacks = {
        "stack of magnets": {name: read(code, light if name in pale else full) for name, code in magnets.items()},
        "stack of oxide": {name: read(code, full) for name, code in oxide.items()},
    }
    return stacks | {name: {str(each): read(code) for each, code in codes.items()} for name, codes in plain.items()}


@pytest.mark.parametrize("eyes", EYES)
def test_what_lies_side_by_side_can_be_told_apart(evidence: Evidence, eyes: str) -> None:
    """Every pair of every family, for those who see all colours and for each kind of colour blindness."""
    families = painted(evidence)
    assert len(families["stack of magnets"]) >= 12
    found = {name: alike(family, eyes) for name, family in families.items()}
    assert not any(found.values()), {name: pairs for name, pairs in found.items() if pairs}


def test_the_test_sees_what_it_should() -> None:
    """White stays white and black black; a red and a green far apart are nearly one colour without the cones for green, and a blue and
    a green without those for blue."""
    white, black = read("#FFFFFF"), read("#000000")
    for eyes in EYES:
        assert seen(white, eyes) == pytest.approx([100, 0, 0], abs=0.1)
        assert seen(black, eyes) == pytest.approx([0, 0, 0], abs=0.1)
        assert apart(white, black, eyes) == pytest.approx(100, abs=0.1)
    for one, other, eyes in (("#B3261E", "#6B6B12", "deuteranopia"), ("#009E73", "#2CA25F", "tritanopia")):
        assert apart(read(one), read(other), eyes) < APART < apart(read(one), read(other), "all colours")
