"""Alternatives: how far each route can move while the plan costs hardly more, and clearly different mixes to adopt."""

import streamlit as st

from model.analysis.near_optimal.ranges import MARGIN
from pages.parts import session
from pages.parts.alternatives import ranges as ranges_parts
from pages.parts.alternatives import text as alternatives_text
from pages.parts.alternatives import view as alternatives_view
from pages.parts.components import panels, result

session.adopted_notice()
answer, evidence = session.answer(), session.evidence()
mix, choice = answer.mix, answer.mix.choice

head = st.empty()
result.head(head, ranges_parts.NO_FINDING)
margin = st.slider(
    ranges_parts.MARGIN_LABEL, 0.0, ranges_parts.MOST_MARGIN, MARGIN, 0.5, format="%g", key="margin", help=ranges_parts.MARGIN_HELP,
    persist_state="session", width=480,
)  # fmt: skip
found = alternatives_view.looked(choice, margin)
if found is not None:
    result.head(head, ranges_parts.finding(found, mix, evidence))
    rows = ranges_parts.horizon(found, mix, evidence)
    st.caption(ranges_parts.AIM_NOTE if choice.aim != "cost" else found.sentence)
    alternatives_view.both_products(rows, mix, evidence)
    with st.container(border=True):
        alternatives_view.one_route(rows, choice, margin, mix, evidence)

panels.head(alternatives_text.MIXES_TITLE, alternatives_text.MIXES_NOTE)
others = alternatives_view.different(choice, margin)
if others is not None:
    alternatives_view.cards(others, mix, evidence)
