"""Alternatives: how far each route can move while the plan costs hardly more, and clearly different mixes to adopt."""

import streamlit as st

from model.ranges import MARGIN
from pages.parts import alternatives as mixes
from pages.parts import bridge, challenge, near, panels
from pages.parts import ranges as parts

bridge.adopted_notice()
answer, evidence = bridge.answer(), bridge.evidence()
mix, choice = answer.mix, answer.mix.choice

head = st.empty()
challenge.head(head, parts.NO_FINDING)
margin = st.slider(
    parts.MARGIN_LABEL, 0.0, parts.MOST_MARGIN, MARGIN, 0.5, format="%g", key="margin", help=parts.MARGIN_HELP,
    persist_state="session", width=480,
)  # fmt: skip
found = near.looked(choice, margin)
if found is not None:
    challenge.head(head, parts.finding(found, mix, evidence))
    rows = parts.horizon(found, mix, evidence)
    st.caption(parts.AIM_NOTE if choice.aim != "cost" else found.sentence)
    near.both_products(rows, mix, evidence)
    with st.container(border=True):
        near.one_route(rows, choice, margin, mix, evidence)

panels.head(mixes.MIXES_TITLE, mixes.MIXES_NOTE)
others = near.different(choice, margin)
if others is not None:
    near.cards(others, mix, evidence)
