"""What the Disruptions page says and draws of the loss of any one source (`model.analysis.stress.source_loss`): a ranking, a table and a map; no Streamlit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pydeck as pdk

from model.analysis.stress.source_loss import Loss, Losses
from model.evidence.store import Evidence
from pages.parts.charts import layers, maps
from pages.parts.charts.geometry import clear, place
from pages.parts.charts.mix import Chart
from pages.parts.disruptions.charts import COVERED, SHORT, clean, stack
from pages.parts.text import common as words

TITLE = "Loss of any one source"
NOTE = "Each source of the current mix gone for twelve months, one at a time, everything else as planned. The worst loss on top."
MAP_READING = (
    "Each circle stands where a source stands; its area is what would go short without it. Grey: nobody would."
)
READING = (
    "A lost source is taken as an emergency that opens the whole reserve: magnets when oxide is missing, and oxide for Indian plants when"
    " magnets are. Where the bill falls, nothing is paid for what does not come."
)
STAGES = {"magnet": "magnets", "oxide": "oxide"}
HURTS_T = 0.5
"""Less than half a tonne short is nobody."""


def rows(found: Losses, evidence: Evidence, year: int, by: str) -> pd.DataFrame:
    """One row for each source, the worst loss first: source, origin, kind, planned magnets and oxide, short_t, share (% of demand),
    hardest hit users, covered_t, change of bill and harm and both together (INR crore), and where it stands: site, short_name."""
    return pd.DataFrame(
        [_row(loss, evidence, by) for loss in found.ranked(year, by)],
        columns=[*LOSSES, "origin", "kind", "short_name", "site"],
    )


def _row(loss: Loss, evidence: Evidence, by: str) -> dict[str, object]:
    routes = [evidence.routes[r] for r in loss.routes]
    largest, country = routes[0], routes[0].origin
    hit = f"{evidence.sectors[loss.sector].name} ({words.percent(loss.sector_share)})" if loss.sector else "nobody"
    return {
        "source": country if by == "country" else largest.name, "origin": country,
        "kind": words.listed(dict.fromkeys(STAGES[r.stage] for r in routes)), "magnets_t": loss.planned_magnets_t,
        "oxide_t": loss.planned_oxide_t, "short_t": loss.short_t, "share": 100 * loss.short_share, "hit": hit,
        "covered_t": loss.covered_t, "more_bill": loss.extra_bill_crore, "more_harm": loss.extra_harm_crore,
        "cost": loss.cost_crore, "short_name": country if by == "country" else largest.short, "site": largest.site,
    }  # fmt: skip


def opening(table: pd.DataFrame, year: int) -> str:
    """The loss that hurts most, and whether any other leaves somebody short."""
    hurt = table[table["short_t"] >= HURTS_T]
    if hurt.empty:
        return f"In {year} no single loss leaves anybody short."
    worst = hurt.iloc[0]
    rest = words.count(len(hurt) - 1, "other loss leaves", "other losses leave")
    others = (
        f" {words.sentence_case(rest)} somebody short." if len(hurt) > 1 else " No other loss leaves anybody short."
    )
    cost = f", at a cost of {words.inr_crore(words.rounded(worst['cost']))}" if worst["cost"] >= 0.5 else ""
    share = f"{words.number(worst['share'])} %" if worst["share"] >= 0.5 else "less than 1 %"
    return words.unbroken(
        f"In {year} the loss of {worst['source']} would hurt most: {words.tonnes(worst['short_t'])} of magnets short, {share} of"
        f" demand{cost}.{others}"
    )


LOSSES: Mapping[str, str] = {
    "source": "Source", "magnets_t": "Planned magnets, t", "oxide_t": "Planned oxide, t", "short_t": "Short, t", "share": "Short, %",
    "hit": "Hardest hit (% of their need)", "covered_t": "Reserve covers, t", "more_bill": "Bill, INR crore more",
    "more_harm": "Harm, INR crore more", "cost": "Both, INR crore more",
}  # fmt: skip


def table_of(table: pd.DataFrame) -> pd.DataFrame:
    """The ranked losses as people read them."""
    return clean(table[list(LOSSES)].rename(columns=dict(LOSSES)))


def chart(table: pd.DataFrame) -> Chart:
    """Ranked bars: for each source what the reserve would cover of its loss and what would go short, t."""
    drawn = pd.DataFrame(
        [
            {"source": str(line["source"]), "part": part, "tonnes": float(line[column]), "rank": rank}
            for line in table.to_dict("records")
            for rank, (part, column) in enumerate(((COVERED, "covered_t"), (SHORT, "short_t")))
        ],
        columns=["source", "part", "tonnes", "rank"],
    )
    return drawn, stack("source", list(table["source"]), "Source", 26)


def deck(table: pd.DataFrame, evidence: Evidence, paint: layers.Paint, view: maps.View) -> layers.CompactDeck:
    """Where each source stands, as a circle whose area is what goes short without it; grey where nobody would."""
    most = max([1.0, *table["short_t"]])
    circles = [_circle(line, evidence, most, view) for line in table.iloc[::-1].to_dict("records")]
    labels = clear([row for row in circles[::-1] if row["text"]], view.zoom)
    parts = [layers.land(paint, False), layers.circles("losses", circles), layers.labels("names", labels, paint)]
    return layers.CompactDeck(
        map_provider=None, tooltip=layers.TOOLTIP, layers=[part for part in parts if part is not None],
        initial_view_state=pdk.ViewState(latitude=view.lat, longitude=view.lon, zoom=view.zoom, min_zoom=0, max_zoom=9),
    )  # fmt: skip


def _circle(line: Mapping[Any, Any], evidence: Evidence, most: float, view: maps.View) -> dict[str, object]:
    """One source on the map."""
    short, hurts = float(line["short_t"]), line["short_t"] >= HURTS_T
    planned: Sequence[str] = [
        f"{words.tonnes(float(line[column]))} of {kind}"
        for column, kind in (("magnets_t", "magnets"), ("oxide_t", "oxide"))
        if float(line[column]) >= HURTS_T
    ]
    text = f"{line['short_name']} {words.tonnes(short)} short" if hurts else ""
    more = f"{words.listed(planned)} planned; cost of its loss {words.inr_crore(float(line['cost']))}"
    at = place(evidence, str(line["site"]))
    left = view.zoom < 1 and at[0] > view.lon  # no room beside it on a phone
    return {
        "position": at,
        "radius": max(5.0, 1.25 * view.circle * math.sqrt(short / most)) if hurts else 5.0,
        "fill": [*layers.RED, 150] if hurts else [120, 130, 140, 150],
        "edge": layers.RED if hurts else [90, 98, 106], "text": text, "anchor": "end" if left else "start", "offset": [-12 if left else 12, 0],
        **layers.hover(f"Without {line['source']}", f"{words.tonnes(short)} short", more),
    }  # fmt: skip
