"""Disruptions: what one state of the world does to the plan that stands, and what the loss of any one source would do."""

import streamlit as st

from pages.parts import bridge, challenge, disruptions, losses, maps, panels, screen, shocks, struck, words

answer, evidence = bridge.answer(), bridge.evidence()
years = answer.mix.case.years
paint, view = screen.paint(), screen.views()["Routes"]

top = st.container()
with st.container(border=True):
    asked = shocks.asked(evidence, answer)
    year = st.slider("Year", years[0], years[-1], 2030, key="shock_year", width=420, persist_state="session")
    found = shocks.struck(answer, asked[0]) if asked else None
if asked is None or found is None:
    challenge.head(top, disruptions.NOTHING)
else:
    finding, beside = disruptions.opening(found, year), disruptions.compared(found, year)
    challenge.head(top, finding)
    st.markdown(words.plain_markdown(f"{beside} {disruptions.chance(asked[1])}"))
    left, right = st.columns([11, 9], gap="medium", border=True)
    with left:
        panels.head(disruptions.SECTORS_TITLE, disruptions.SECTORS_NOTE)
        drawn = struck.sectors_chart(found, year)
        challenge.told("sectors", f"{disruptions.SECTORS_TITLE}. {finding} {beside}", drawn, struck.told(drawn[0]))
        panels.head(disruptions.YEARS_TITLE, disruptions.YEARS_NOTE)
        drawn = struck.years_chart(found, year)
        challenge.told("shock_years", disruptions.years_finding(found), drawn, struck.told(drawn[0]))
    with right:
        panels.head(disruptions.RESERVE_TITLE, disruptions.RESERVE_NOTE)
        drawn = struck.reserve_chart(found, year)
        challenge.told("cover", f"{disruptions.RESERVE_TITLE}. {finding}", drawn, struck.told(drawn[0]))
        panels.head(disruptions.COST_TITLE, disruptions.COST_NOTE)
        challenge.table(
            "cost", f"{disruptions.COST_TITLE}. {finding}", struck.cost_table(found, year), height="content"
        )
    st.caption(disruptions.NOTE)

with st.container(border=True):
    panels.head(losses.TITLE, losses.NOTE)
    by = st.segmented_control(
        "Take away", ["route", "country"], default="route", required=True, key="loss_by", persist_state="session",
        format_func=lambda name: f"One {name} at a time",
    )  # fmt: skip
    taken = shocks.lost(answer)
    if taken is not None:
        rows = losses.rows(taken, evidence, year, by)
        finding = losses.opening(rows, year)
        st.markdown(f"**{words.plain_markdown(finding)}**")
        left, right = st.columns(2, gap="medium")
        left.vega_lite_chart(*challenge.fitted(losses.chart(rows)), key="loss", alt=finding)
        right.pydeck_chart(
            losses.deck(rows, evidence, paint, view), height=min(view.height, 420), key="loss_map", alt=finding
        )
        right.caption(f"{losses.MAP_READING} {maps.ATTRIBUTION}")
        challenge.table("losses", finding, losses.table_of(rows), height="content")
        st.caption(losses.READING)
