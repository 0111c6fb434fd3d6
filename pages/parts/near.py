"""Frames of the Alternatives page: how far each route can move, one route year by year, and clearly different mixes to adopt."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from model.alternatives import Alternatives, alternatives
from model.evidence import FEEDSTOCKS, MAGNETS, Evidence
from model.levers import Choice
from model.mix import Mix
from model.ranges import Ranges, ranges, ranges_by_year
from model.takeaway import mix_csv
from pages.parts import alternatives as mixes
from pages.parts import bridge, panels
from pages.parts import ranges as parts
from pages.parts.challenge import told
from pages.parts.charts import Chart


def looked(choice: Choice, margin: float, place: str = "") -> Ranges | None:
    """How far each route can move within a margin (%); None when nothing of that was worked out. `place`: see `worked_out`."""
    return bridge.worked_out(
        "ranges", (choice, margin), "Looking how far each route can move:", partial(ranges, choice=choice, margin=margin), "routes",
        place,
    )  # fmt: skip


def both_products(rows: pd.DataFrame, mix: Mix, evidence: Evidence) -> None:
    """The ranges of routes to magnets, and of routes to oxide; a click on a bar leads to the years of its route."""
    left, right = st.columns([3, 2], gap="medium", border=True)
    with left:
        panels.head(parts.RANGES_TITLE, parts.RANGES_NOTE)
        _bars("ranges", parts.bars(rows, "magnet"), parts.RANGES_TITLE)
        st.caption(parts.KIND_NOTE)
        panels.fact_links("ranges", panels.route_facts(mix, evidence, MAGNETS))
    with right:
        panels.head(parts.OXIDE_TITLE, parts.OXIDE_NOTE)
        _bars("oxide_ranges", parts.bars(rows, "oxide"), parts.OXIDE_TITLE)
        panels.fact_links("oxide_ranges", panels.route_facts(mix, evidence, FEEDSTOCKS))


def _bars(key: str, drawn: Chart, title: str) -> None:
    if drawn[0].empty:
        st.info(parts.NOT_YET)
    else:
        told(key, f"{title}. {parts.bars_finding(drawn[0])}", drawn, parts.told(drawn[0]), partial(_clickable, key))


def _clickable(key: str, drawn: Chart, alt: str) -> None:
    st.vega_lite_chart(*drawn, key=key, alt=alt, on_select=partial(_clicked, key), selection_mode="pick")


def _clicked(key: str) -> None:
    """Callback of the charts: look at the route clicked year by year."""
    route = bridge.clicked(key, "pick", "id")
    if route:
        bridge.put({"range_route": route})


def one_route(rows: pd.DataFrame, choice: Choice, margin: float, mix: Mix, evidence: Evidence) -> None:
    """The least and the most of one route in each year, on request."""
    panels.head(parts.YEAR_TITLE, parts.YEAR_NOTE)
    bridge.keep_among("range_route", {None, *rows["id"]}, None)
    route = st.selectbox(
        "Route", list(rows["id"]), None, format_func=lambda name: evidence.routes[name].name, key="range_route",
        placeholder="Click a bar above, or choose a route", persist_state="session", label_visibility="collapsed", width=480,
    )  # fmt: skip
    if not route:
        return
    years = bridge.worked_out(
        "range_years", (choice, margin, route), "Looking at each year:",
        partial(ranges_by_year, choice=choice, route=route, margin=margin), "years",
    )  # fmt: skip
    if years is not None and years.ranges:
        drawn = parts.by_year(years, mix, evidence)
        title = parts.year_title(route, evidence)
        st.markdown(f"##### {evidence.routes[route].name}")
        told("range_years", parts.year_finding(drawn[0], title), drawn, parts.told_by_year(drawn[0]))


# -- different mixes --------------------------------------------------------------------------------------------------


def different(choice: Choice, margin: float) -> Alternatives | None:
    """Clearly different mixes within a margin (%); None when nothing of that was worked out."""
    return bridge.worked_out(
        "different", (choice, margin), "Looking for clearly different mixes:",
        partial(alternatives, choice=choice, margin=margin), "ways",
    )  # fmt: skip


def cards(found: Alternatives, mix: Mix, evidence: Evidence) -> None:
    """Each mix as a card with its button to adopt it and its file, and who supplies the magnets in all of them."""
    if not found.mixes:
        st.info(mixes.NO_MIXES if found.complete else mixes.NONE_YET)
        return
    with st.grid("auto", min_column_width=400, gap="small", key="mix_cards"):
        for place, other in enumerate(found.mixes, 1):
            with st.container(border=True):
                st.markdown(mixes.card(place, other, mix))
                with st.container(horizontal=True):
                    if mixes.can_adopt(other):
                        st.button("Adopt this mix", on_click=bridge.adopt, args=(other.choice,), key=f"adopt_{place}")
                    st.download_button(
                        "Mix (CSV)", bridge.download(mix_csv, other.mix), f"mix-{place}.csv", "text/csv", on_click="ignore",
                        key=f"take_mix_{place}", icon=":material/download:",
                    )  # fmt: skip
                st.caption(mixes.set_to(other, bridge.choice()))
    with st.container(border=True):
        panels.head(mixes.SUPPLY_TITLE, mixes.SUPPLY_NOTE)
        drawn = mixes.supply_chart(found, evidence)
        told("mix_supply", f"{mixes.SUPPLY_TITLE}. {found.sentence}", drawn, mixes.told_supply(drawn[0]))
