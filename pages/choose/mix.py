"""The mix: the answer in a sentence, its indicators, and where magnets come from, year by year."""

from functools import partial

import streamlit as st

from model.evidence import FEEDSTOCKS, MAGNETS
from pages.parts import bridge, charts, comparing, explained, labels, panels, screen, words

answer, evidence = bridge.answer(), bridge.evidence()
mix, year = answer.mix, int(answer.mix.choice.target_year)
told_as = partial(charts.wide, mix=mix)

screen.headline(words.headline(mix, answer.today, evidence, year), marks="##")
bridge.others_first()

left, right = st.columns([5, 6], gap="medium")
with left, st.container(border=True):
    panels.head(labels.MAGNETS_TITLE, labels.MAGNETS_NOTE)
    undisturbed = st.toggle(
        words.undisturbed_label(mix), key="undisturbed", persist_state="session", help=labels.UNDISTURBED_HELP
    )
    drawn, other = comparing.beside(charts.magnets(mix, evidence, undisturbed), evidence, undisturbed)
    panels.chart("magnets", labels.MAGNETS_TITLE, drawn, panels.route_facts(mix, evidence, MAGNETS), told_as)
with right:
    if other:
        comparing.draw_beside(*other)
    panels.indicators(answer)

left, middle, right = st.columns(3, gap="medium", border=True)
with left:
    panels.head(labels.OXIDE_TITLE, labels.OXIDE_NOTE)
    drawn = charts.oxide(mix, evidence, undisturbed)
    panels.chart("oxide", labels.OXIDE_TITLE, drawn, panels.route_facts(mix, evidence, FEEDSTOCKS), told_as)
with middle:
    panels.head(labels.BUILT_TITLE, labels.BUILT_NOTE)
    panels.chart("built", labels.BUILT_TITLE, charts.built(mix, evidence), panels.built_facts(mix, evidence))
with right:
    panels.head(labels.RESERVE_TITLE, labels.RESERVE_NOTE)
    unit = st.segmented_control(
        "Show the reserve in", ["days", "tonnes"], default="days", required=True, key="reserve_unit", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    panels.chart("reserve", labels.RESERVE_TITLE, charts.reserve(mix, evidence, unit == "days"), labels.RESERVE_FACTS)

with st.container(border=True):
    panels.head(labels.SHORTAGE_TITLE, labels.SHORTAGE_NOTE)
    shown = st.select_slider("Year", mix.case.years, year, key="shortage_year", persist_state="session", width=420)
    panels.chart(
        "shortage", f"{labels.SHORTAGE_TITLE}: {shown}", charts.shortage(mix, evidence, shown), labels.SHORTAGE_FACTS
    )

bridge.charts_first()
explained.proof(answer)
explained.binding()
st.markdown("#### Take it away")
panels.downloads(answer, evidence)
