"""Frames of the Alternatives page: how far each route can move, one route year by year, and clearly different mixes to adopt."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from model.analysis.near_optimal.alternatives import Alternatives, alternatives
from model.analysis.near_optimal.ranges import Ranges, ranges, ranges_by_year
from model.evidence.schema import FEEDSTOCKS, MAGNETS
from model.evidence.store import Evidence
from model.export.files import mix_csv
from model.formulation.levers import Choice
from model.results.mix import Mix
from pages.parts import session
from pages.parts.alternatives import ranges as ranges_parts
from pages.parts.alternatives import text as alternatives_text
from pages.parts.charts.mix import Chart
from pages.parts.components import panels
from pages.parts.components.result import told


def looked(choice: Choice, margin: float, place: str = "") -> Ranges | None:
    """How far each route can move within a margin (%); None when nothing of that was worked out. `place`: see `worked_out`."""
    return session.worked_out(
        "ranges", (choice, margin), "Looking how far each route can move:", partial(ranges, choice=choice, margin=margin), "routes",
        place,
    )  # fmt: skip


def both_products(rows: pd.DataFrame, mix: Mix, evidence: Evidence) -> None:
    """The ranges of routes to magnets, and of routes to oxide; a click on a bar leads to the years of its route."""
    left, right = st.columns([3, 2], gap="medium", border=True)
    with left:
        panels.head(ranges_parts.RANGES_TITLE, ranges_parts.RANGES_NOTE)
        _bars("ranges", ranges_parts.bars(rows, "magnet"), ranges_parts.RANGES_TITLE)
        st.caption(ranges_parts.KIND_NOTE)
        panels.fact_links("ranges", panels.route_facts(mix, evidence, MAGNETS))
    with right:
        panels.head(ranges_parts.OXIDE_TITLE, ranges_parts.OXIDE_NOTE)
        _bars("oxide_ranges", ranges_parts.bars(rows, "oxide"), ranges_parts.OXIDE_TITLE)
        panels.fact_links("oxide_ranges", panels.route_facts(mix, evidence, FEEDSTOCKS))


def _bars(key: str, drawn: Chart, title: str) -> None:
    if drawn[0].empty:
        st.info(ranges_parts.NOT_YET)
    else:
        told(
            key,
            f"{title}. {ranges_parts.bars_finding(drawn[0])}",
            drawn,
            ranges_parts.told(drawn[0]),
            partial(_clickable, key),
        )


def _clickable(key: str, drawn: Chart, alt: str) -> None:
    st.vega_lite_chart(*drawn, key=key, alt=alt, on_select=partial(_clicked, key), selection_mode="pick")


def _clicked(key: str) -> None:
    """Callback of the charts: look at the route clicked year by year."""
    route = session.clicked(key, "pick", "id")
    if route:
        session.put({"range_route": route})


def one_route(rows: pd.DataFrame, choice: Choice, margin: float, mix: Mix, evidence: Evidence) -> None:
    """The least and the most of one route in each year, on request."""
    panels.head(ranges_parts.YEAR_TITLE, ranges_parts.YEAR_NOTE)
    session.keep_among("range_route", {None, *rows["id"]}, None)
    route = st.selectbox(
        "Route", list(rows["id"]), None, format_func=lambda name: evidence.routes[name].name, key="range_route",
        placeholder="Click a bar above, or choose a route", persist_state="session", label_visibility="collapsed", width=480,
    )  # fmt: skip
    if not route:
        return
    years = session.worked_out(
        "range_years", (choice, margin, route), "Looking at each year:",
        partial(ranges_by_year, choice=choice, route=route, margin=margin), "years",
    )  # fmt: skip
    if years is not None and years.ranges:
        drawn = ranges_parts.by_year(years, mix, evidence)
        title = ranges_parts.year_title(route, evidence)
        st.markdown(f"##### {evidence.routes[route].name}")
        told("range_years", ranges_parts.year_finding(drawn[0], title), drawn, ranges_parts.told_by_year(drawn[0]))


# -- different mixes --------------------------------------------------------------------------------------------------


def different(choice: Choice, margin: float) -> Alternatives | None:
    """Clearly different mixes within a margin (%); None when nothing of that was worked out."""
    return session.worked_out(
        "different", (choice, margin), "Looking for clearly different mixes:",
        partial(alternatives, choice=choice, margin=margin), "ways",
    )  # fmt: skip


def cards(found: Alternatives, mix: Mix, evidence: Evidence) -> None:
    """Each mix as a card with its button to adopt it and its file, and who supplies the magnets in all of them."""
    if not found.mixes:
        st.info(alternatives_text.NO_MIXES if found.complete else alternatives_text.NONE_YET)
        return
    with st.grid("auto", min_column_width=400, gap="small", key="mix_cards"):
        for place, other in enumerate(found.mixes, 1):
            with st.container(border=True):
                st.markdown(alternatives_text.card(place, other, mix))
                with st.container(horizontal=True):
                    if alternatives_text.can_adopt(other):
                        st.button("Adopt this mix", on_click=session.adopt, args=(other.choice,), key=f"adopt_{place}")
                    st.download_button(
                        "Mix (CSV)", session.download(mix_csv, other.mix), f"mix-{place}.csv", "text/csv", on_click="ignore",
                        key=f"take_mix_{place}", icon=":material/download:",
                    )  # fmt: skip
                st.caption(alternatives_text.set_to(other, session.choice()))
    with st.container(border=True):
        panels.head(alternatives_text.SUPPLY_TITLE, alternatives_text.SUPPLY_NOTE)
        drawn = alternatives_text.supply_chart(found, evidence)
        told(
            "mix_supply",
            f"{alternatives_text.SUPPLY_TITLE}. {found.sentence}",
            drawn,
            alternatives_text.told_supply(drawn[0]),
        )
