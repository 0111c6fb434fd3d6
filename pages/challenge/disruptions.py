"""Disruptions: what one state of the world does to the plan that stands, and what the loss of any one source would do."""

import streamlit as st

from pages.parts import bridge, challenge, disruptions, layers, maps, panels, words

answer, evidence = bridge.answer(), bridge.evidence()
mix, years = answer.mix, answer.mix.case.years
on_phone = "Mobi" in (st.context.headers.get("User-Agent") or "")
paint = layers.DARK if st.context.theme.type == "dark" else layers.LIGHT
view = (maps.PHONE_VIEWS if on_phone else maps.VIEWS)["Routes"]

top = st.container()
with st.container(border=True):
    year = st.slider("Year", years[0], years[-1], 2030, key="shock_year", width=420, persist_state="session")
    shock = challenge.asked_shock(evidence, answer)
    rows = challenge.struck(answer, shock) if shock else None
if shock is None or rows is None:
    challenge.head(top, disruptions.NOTHING)
else:
    challenge.head(top, disruptions.opening(rows, shock, evidence, year))
    st.markdown(words.plain_markdown(f"{disruptions.compared(rows, year)} {disruptions.chance(shock)}"))
    left, right = st.columns([11, 9], gap="medium", border=True)
    with left:
        panels.head(disruptions.SECTORS_TITLE, disruptions.SECTORS_NOTE)
        drawn = disruptions.sectors_chart(rows, evidence, year)
        challenge.told(
            "sectors", f"{disruptions.SECTORS_TITLE}: {shock.name} in {year}", drawn, disruptions.told(drawn[0])
        )
    with right:
        panels.head(disruptions.RESERVE_TITLE, disruptions.RESERVE_NOTE)
        drawn = disruptions.reserve_chart(rows, year)
        challenge.told(
            "cover", f"{disruptions.RESERVE_TITLE}: {shock.name} in {year}", drawn, disruptions.told(drawn[0])
        )
        panels.head(disruptions.COST_TITLE, disruptions.COST_NOTE)
        challenge.table("cost", f"{disruptions.COST_TITLE}: {shock.name} in {year}", disruptions.cost_table(rows, year))
    st.caption(disruptions.NOTE)

with st.container(border=True):
    panels.head(disruptions.LOSS_TITLE, disruptions.LOSS_NOTE)
    by = st.segmented_control(
        "Take away", ["route", "country"], default="route", required=True, key="loss_by", persist_state="session",
        format_func=lambda name: f"One {name} at a time",
    )  # fmt: skip
    taken = challenge.losses(answer, by)
    if taken is not None:
        losses = disruptions.loss_rows(taken, mix, evidence, year, by)
        finding = disruptions.lost_opening(losses, year)
        st.markdown(f"**{words.plain_markdown(finding)}**")
        left, right = st.columns(2, gap="medium")
        with left:
            st.vega_lite_chart(*disruptions.loss_chart(losses), key="loss", alt=finding)
        deck = disruptions.loss_map(losses, evidence, paint, view)
        right.pydeck_chart(deck, height=min(view.height, 420), key="loss_map", alt=finding)
        right.caption(f"{disruptions.MAP_READING} {maps.ATTRIBUTION}")
        challenge.table("losses", finding, disruptions.loss_table(losses), height="content")
        st.caption(disruptions.LOSS_READING)
