"""The mix: the answer in a sentence, its indicators, and where magnets come from, year by year."""

from functools import partial

import streamlit as st

from model.evidence.schema import FEEDSTOCKS, MAGNETS
from pages.parts import session, tasks
from pages.parts.charts import mix as charts
from pages.parts.compare import view as compare_view
from pages.parts.components import explanation, panels, screen
from pages.parts.text import common as words
from pages.parts.text import mix as mix_text

answer, evidence = session.answer(), session.evidence()
mix, year = answer.mix, int(answer.mix.choice.target_year)
told_as = partial(charts.wide, mix=mix)

screen.headline(words.headline(mix, answer.today, evidence, year), marks="##")
tasks.others_first()

left, right = st.columns([5, 6], gap="medium")
with left, st.container(border=True):
    panels.head(mix_text.MAGNETS_TITLE, mix_text.MAGNETS_NOTE)
    undisturbed = st.toggle(
        words.undisturbed_label(mix), key="undisturbed", persist_state="session", help=mix_text.UNDISTURBED_HELP
    )
    drawn, other = compare_view.beside(charts.magnets(mix, evidence, undisturbed), evidence, undisturbed)
    panels.chart("magnets", mix_text.MAGNETS_TITLE, drawn, panels.route_facts(mix, evidence, MAGNETS), told_as)
with right:
    if other:
        compare_view.draw_beside(*other)
    panels.indicators(answer)

left, middle, right = st.columns(3, gap="medium", border=True)
with left:
    panels.head(mix_text.OXIDE_TITLE, mix_text.OXIDE_NOTE)
    drawn = charts.oxide(mix, evidence, undisturbed)
    panels.chart("oxide", mix_text.OXIDE_TITLE, drawn, panels.route_facts(mix, evidence, FEEDSTOCKS), told_as)
with middle:
    panels.head(mix_text.BUILT_TITLE, mix_text.BUILT_NOTE)
    panels.chart("built", mix_text.BUILT_TITLE, charts.built(mix, evidence), panels.built_facts(mix, evidence))
with right:
    panels.head(mix_text.RESERVE_TITLE, mix_text.RESERVE_NOTE)
    unit = st.segmented_control(
        "Show the reserve in", ["days", "tonnes"], default="days", required=True, key="reserve_unit", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    panels.chart(
        "reserve", mix_text.RESERVE_TITLE, charts.reserve(mix, evidence, unit == "days"), mix_text.RESERVE_FACTS
    )

with st.container(border=True):
    panels.head(mix_text.SHORTAGE_TITLE, mix_text.SHORTAGE_NOTE)
    shown = st.select_slider("Year", mix.case.years, year, key="shortage_year", persist_state="session", width=420)
    panels.chart(
        "shortage",
        f"{mix_text.SHORTAGE_TITLE}: {shown}",
        charts.shortage(mix, evidence, shown),
        mix_text.SHORTAGE_FACTS,
    )

tasks.charts_first()
explanation.proof(answer)
explanation.binding()
st.markdown("#### Take it away")
panels.downloads(answer, evidence)
