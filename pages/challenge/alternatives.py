"""Alternatives: how far each route can move while the plan costs hardly more, and clearly different mixes to adopt."""

from functools import partial

import streamlit as st

from model.alternatives import alternatives
from model.evidence import FEEDSTOCKS, MAGNETS
from model.ranges import MARGIN, ranges, ranges_by_year
from pages.parts import alternatives as parts
from pages.parts import bridge, panels

bridge.adopted_notice()
answer, evidence = bridge.answer(), bridge.evidence()
mix, choice = answer.mix, answer.mix.choice

head = st.container()
margin = st.slider(
    parts.MARGIN_LABEL, 0.0, parts.MOST_MARGIN, MARGIN, 0.5, format="%g", key="margin", help=parts.MARGIN_HELP,
    persist_state="session", width=480,
)  # fmt: skip
found = bridge.worked_out(
    "ranges", (choice, margin), "Looking how far each route can move:",
    partial(ranges, choice=choice, margin=margin),
)  # fmt: skip
head.markdown(f"## {parts.NO_FINDING}" if found is None else f"## {parts.finding(found, mix, evidence)}")
if found is not None:
    rows = parts.horizon(found, mix, evidence)
    st.caption(parts.AIM_NOTE if choice.aim != "cost" else found.sentence)
    left, right = st.columns([3, 2], gap="medium", border=True)
    with left:
        panels.head(parts.RANGES_TITLE, parts.RANGES_NOTE)
        panels.chart(
            "ranges",
            parts.RANGES_TITLE,
            parts.bars(rows, "magnet"),
            panels.route_facts(mix, evidence, MAGNETS),
            parts.told,
        )
        st.caption(parts.KIND_NOTE)
    with right:
        panels.head(parts.OXIDE_TITLE, parts.OXIDE_NOTE)
        panels.chart(
            "oxide_ranges", parts.OXIDE_TITLE, parts.bars(rows, "oxide"), panels.route_facts(mix, evidence, FEEDSTOCKS),
            parts.told,
        )  # fmt: skip
        panels.head(parts.YEAR_TITLE, parts.YEAR_NOTE)
        route = st.selectbox(
            "Route", list(rows["id"]), None, format_func=lambda name: evidence.routes[name].name, key="range_route",
            placeholder="Choose a route", persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
        years = route and bridge.worked_out(
            "range_years", (choice, margin, route), "Looking at each year:",
            partial(ranges_by_year, choice=choice, route=route, margin=margin),
        )  # fmt: skip
        if route and years:
            panels.chart(
                "range_years", f"{parts.YEAR_TITLE}: {evidence.routes[route].name}", parts.by_year(years, mix, evidence),
                {evidence.routes[route].short: f"route {route}"}, parts.told_by_year,
            )  # fmt: skip

panels.head(parts.MIXES_TITLE, parts.MIXES_NOTE)
mixes = bridge.worked_out(
    "mixes", (choice, margin), "Looking for clearly different mixes:",
    partial(alternatives, choice=choice, margin=margin),
)  # fmt: skip
if mixes is not None and not mixes.mixes:
    st.info(parts.NO_MIXES)
elif mixes is not None:
    with st.grid("auto", min_column_width=330, gap="small", key="mixes"):
        for place, other in enumerate(mixes.mixes, 1):
            with st.container(border=True):
                st.markdown(parts.card(place, other, mix))
                st.button(
                    "Adopt this mix",
                    on_click=bridge.adopt,
                    args=(other.choice,),
                    key=f"adopt_{place}",
                    help=parts.set_to(other),
                )
    panels.chart(
        "mix_supply", parts.SUPPLY_TITLE, parts.supply_chart(mixes, evidence), panels.route_facts(mix, evidence, MAGNETS),
        parts.told_supply,
    )  # fmt: skip
