"""Disruptions: what one state of the world does to the plan that stands, and what the loss of any one source would do."""

import streamlit as st

from pages.parts import session
from pages.parts.charts import maps
from pages.parts.components import panels, result, screen
from pages.parts.disruptions import charts as disruption_charts
from pages.parts.disruptions import source_loss
from pages.parts.disruptions import text as disruption_text
from pages.parts.disruptions import view as disruptions_view
from pages.parts.text import common as words

answer, evidence = session.answer(), session.evidence()
years = answer.mix.case.years
paint, view = screen.paint(), screen.views()["Routes"]

top = st.container()
with st.container(border=True):
    asked = disruptions_view.asked(evidence, answer)
    year = st.slider("Year", years[0], years[-1], 2030, key="shock_year", width=420, persist_state="session")
    found = disruptions_view.struck(answer, asked[0]) if asked else None
if asked is None or found is None:
    result.head(top, disruption_text.NOTHING)
else:
    finding, beside = disruption_text.opening(found, year), disruption_text.compared(found, year)
    result.head(top, finding)
    st.markdown(words.plain_markdown(f"{beside} {disruption_text.chance(asked[1])}"))
    left, right = st.columns([11, 9], gap="medium", border=True)
    with left:
        panels.head(disruption_text.SECTORS_TITLE, disruption_text.SECTORS_NOTE)
        drawn = disruption_charts.sectors_chart(found, year)
        result.told(
            "sectors", f"{disruption_text.SECTORS_TITLE}. {finding} {beside}", drawn, disruption_charts.told(drawn[0])
        )
        panels.head(disruption_text.YEARS_TITLE, disruption_text.YEARS_NOTE)
        drawn = disruption_charts.years_chart(found, year)
        result.told("shock_years", disruption_text.years_finding(found), drawn, disruption_charts.told(drawn[0]))
    with right:
        panels.head(disruption_text.RESERVE_TITLE, disruption_text.RESERVE_NOTE)
        drawn = disruption_charts.reserve_chart(found, year)
        result.told("cover", f"{disruption_text.RESERVE_TITLE}. {finding}", drawn, disruption_charts.told(drawn[0]))
        panels.head(disruption_text.COST_TITLE, disruption_text.COST_NOTE)
        result.table(
            "cost",
            f"{disruption_text.COST_TITLE}. {finding}",
            disruption_charts.cost_table(found, year),
            height="content",
        )
    st.caption(disruption_text.NOTE)

with st.container(border=True):
    panels.head(source_loss.TITLE, source_loss.NOTE)
    by = st.segmented_control(
        "Take away", ["route", "country"], default="route", required=True, key="loss_by", persist_state="session",
        format_func=lambda name: f"One {name} at a time",
    )  # fmt: skip
    taken = disruptions_view.lost(answer)
    if taken is not None:
        rows = source_loss.rows(taken, evidence, year, by)
        finding = source_loss.opening(rows, year)
        st.markdown(f"**{words.plain_markdown(finding)}**")
        left, right = st.columns(2, gap="medium")
        left.vega_lite_chart(*result.fitted(source_loss.chart(rows)), key="loss", alt=finding)
        right.pydeck_chart(
            source_loss.deck(rows, evidence, paint, view), height=min(view.height, 420), key="loss_map", alt=finding
        )
        right.caption(f"{source_loss.MAP_READING} {maps.ATTRIBUTION}")
        result.table("losses", finding, source_loss.table_of(rows), height="content")
        st.caption(source_loss.READING)
