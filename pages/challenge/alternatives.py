"""Alternatives: how far each route can move while the plan costs hardly more, and clearly different mixes to adopt."""

from functools import partial

import streamlit as st

from model.alternatives import alternatives
from model.evidence import FEEDSTOCKS, MAGNETS
from model.ranges import MARGIN, ranges, ranges_by_year
from model.takeaway import mix_csv
from pages.parts import alternatives as parts
from pages.parts import bridge, challenge, panels

bridge.adopted_notice()
answer, evidence = bridge.answer(), bridge.evidence()
mix, choice = answer.mix, answer.mix.choice

head = st.empty()
challenge.head(head, parts.NO_FINDING)
margin = st.slider(
    parts.MARGIN_LABEL, 0.0, parts.MOST_MARGIN, MARGIN, 0.5, format="%g", key="margin", help=parts.MARGIN_HELP,
    persist_state="session", width=480,
)  # fmt: skip
found = bridge.worked_out(
    "ranges", (choice, margin), "Looking how far each route can move:", partial(ranges, choice=choice, margin=margin)
)
if found is not None:
    challenge.head(head, parts.finding(found, mix, evidence))
    rows = parts.horizon(found, mix, evidence)
    st.caption(parts.AIM_NOTE if choice.aim != "cost" else found.sentence)
    left, right = st.columns([3, 2], gap="medium", border=True)
    with left:
        panels.head(parts.RANGES_TITLE, parts.RANGES_NOTE)
        drawn = parts.bars(rows, "magnet")
        challenge.told("ranges", parts.RANGES_TITLE, drawn, parts.told(drawn[0]))
        st.caption(parts.KIND_NOTE)
        panels.fact_links("ranges", panels.route_facts(mix, evidence, MAGNETS))
    with right:
        panels.head(parts.OXIDE_TITLE, parts.OXIDE_NOTE)
        drawn = parts.bars(rows, "oxide")
        challenge.told("oxide_ranges", parts.OXIDE_TITLE, drawn, parts.told(drawn[0]))
        panels.fact_links("oxide_ranges", panels.route_facts(mix, evidence, FEEDSTOCKS))
    with st.container(border=True):
        panels.head(parts.YEAR_TITLE, parts.YEAR_NOTE)
        route = st.selectbox(
            "Route", list(rows["id"]), None, format_func=lambda name: evidence.routes[name].name, key="range_route",
            placeholder="Choose a route", persist_state="session", label_visibility="collapsed", width=480,
        )  # fmt: skip
        years = route and bridge.worked_out(
            "range_years", (choice, margin, route), "Looking at each year:",
            partial(ranges_by_year, choice=choice, route=route, margin=margin),
        )  # fmt: skip
        if route and years:
            drawn = parts.by_year(years, mix, evidence)
            challenge.told("range_years", parts.year_title(route, evidence), drawn, parts.told_by_year(drawn[0]))

panels.head(parts.MIXES_TITLE, parts.MIXES_NOTE)
mixes = bridge.worked_out(
    "different",
    (choice, margin),
    "Looking for clearly different mixes:",
    partial(alternatives, choice=choice, margin=margin),
)
if mixes is not None and not mixes.mixes:
    st.info(parts.NO_MIXES)
elif mixes is not None:
    with st.grid("auto", min_column_width=400, gap="small", key="mix_cards"):
        for place, other in enumerate(mixes.mixes, 1):
            with st.container(border=True):
                st.markdown(parts.card(place, other, mix))
                with st.container(horizontal=True):
                    if parts.can_adopt(other):
                        st.button("Adopt this mix", on_click=bridge.adopt, args=(other.choice,), key=f"adopt_{place}")
                    st.download_button(
                        "Mix (CSV)", bridge.download(mix_csv, other.mix), f"mix-{place}.csv", "text/csv", on_click="ignore",
                        key=f"take_mix_{place}", icon=":material/download:",
                    )  # fmt: skip
                st.caption(parts.set_to(other, bridge.choice()))
    with st.container(border=True):
        panels.head(parts.SUPPLY_TITLE, parts.SUPPLY_NOTE)
        drawn = parts.supply_chart(mixes, evidence)
        challenge.told("mix_supply", parts.SUPPLY_TITLE, drawn, parts.told_supply(drawn[0]))
